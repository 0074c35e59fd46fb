//! A small pack and a hand that presses keys and answers questions: what the tests of the core are written with.
mod shop;

use std::{collections::BTreeMap, sync::Arc};

use opsdash_core::{
    action::{ActionRequest, TextRow, WriteKind},
    contract::{Address, Answer, Content, Failure, FailureKind, Listing, Part, RawRow, Read, Table, Ticket},
    days::DayMemory,
    effect::Effect,
    model::{Appearance, Choices, Demand, Panel, Remembered, Start, StartTarget, TargetId},
    msg::Msg,
    time::{Clock, Monotonic, Time, Zone},
    update::LiveModel,
    value::{Counts, RowKey, Severity, Value},
};
use opsdash_pack::{
    config::ThemeName,
    keymap::{Key, Keymap},
    pack::{Pack, ViewId},
};

pub use shop::*;

/// 2026-11-20 14:02:00 UTC, in µs.
pub const NOON: i64 = 1_795_183_320_000_000;

pub const OK: Severity = Severity::Ok;
pub const WARN: Severity = Severity::Warn;
pub const CRIT: Severity = Severity::Crit;
pub const UNKNOWN: Severity = Severity::Unknown;

/// For so long the target on screen is asked alone, at the most.
pub const HEAD_START_MS: u64 = 250;

/// A model, what it asks, and a clock that only moves when told.
pub struct Harness {
    pub model: LiveModel,
    pub asked: Vec<Read>,
    /// Which target each question was for.
    pub targets: BTreeMap<Ticket, TargetId>,
    pub cancelled: Vec<Ticket>,
    pub other: Vec<Effect>,
    /// The other operators that answers tell of.
    pub others: Option<Vec<String>>,
}

/// The usual targets, of which the first one alone is watched.
pub const FLOORS: [(&str, bool); 2] = [("floor-1", true), ("floor-2", false)];

/// What a model of these targets starts with.
pub fn start(pack: &Arc<Pack>, targets: &[(&str, bool)], size: (u16, u16)) -> Start {
    let target = |(name, watched): &(&str, bool)| StartTarget {
        name: (*name).into(),
        pack: pack.clone(),
        protected: false,
        read_only: false,
        watched: *watched,
        scope: None,
        timeouts_ms: vec![3_000; pack.sources.len()],
        zones: vec![jiff::tz::TimeZone::UTC; pack.sources.len()],
        days: Ok(DayMemory::default()),
    };
    Start {
        demand: Demand::Screen,
        targets: targets.iter().map(target).collect(),
        at: TargetId(0),
        operator: "alice".into(),
        folder: "~/incident".into(),
        read_only: false,
        appearance: Appearance {
            theme: ThemeName::Terminal,
            ascii: false,
            zone: Zone::Utc,
            local: Zone::Utc,
            bell: true,
        },
        keymap: Keymap::default(),
        remembered: Remembered::default(),
        size,
        clock: clock(0),
    }
}

impl Harness {
    /// At 120 x 30, nothing asked yet.
    pub fn new() -> Self {
        Self::sized(120, 30)
    }

    /// Two targets, of which the first one opens and is alone watched.
    pub fn sized(columns: u16, rows: u16) -> Self {
        Self::with_targets(&FLOORS, (columns, rows))
    }

    /// Targets and whether each is watched from the start.
    pub fn with_targets(targets: &[(&str, bool)], size: (u16, u16)) -> Self {
        Self::of(&shop(), targets, size)
    }

    /// The same on another pack.
    pub fn of(pack: &Arc<Pack>, targets: &[(&str, bool)], size: (u16, u16)) -> Self {
        Self::remembering(pack, targets, size, Remembered::default())
    }

    /// The same after a run that kept this.
    pub fn remembering(pack: &Arc<Pack>, targets: &[(&str, bool)], size: (u16, u16), remembered: Remembered) -> Self {
        Self::changed(pack, targets, size, |start| start.remembered = remembered)
    }

    /// The same with something else to start with.
    pub fn changed(
        pack: &Arc<Pack>,
        targets: &[(&str, bool)],
        size: (u16, u16),
        change: impl FnOnce(&mut Start),
    ) -> Self {
        let mut start = start(pack, targets, size);
        change(&mut start);
        let mut harness = Self::starting(start);
        harness.tell(Msg::Tick(clock(0)));
        if harness.model.watches_several() {
            harness.wait(HEAD_START_MS);
        }
        harness
    }

    /// A model that has asked nothing yet.
    pub fn starting(start: Start) -> Self {
        Self {
            model: LiveModel::new(start),
            asked: Vec::new(),
            targets: BTreeMap::new(),
            cancelled: Vec::new(),
            other: Vec::new(),
            others: None,
        }
    }

    /// A model without a screen that has asked what is demanded.
    pub fn headless(demand: Demand, targets: &[(&str, bool)]) -> Self {
        let mut harness = Self::starting(Start { demand, ..start(&shop(), targets, (120, 30)) });
        harness.begin();
        harness
    }

    /// Asks what is demanded.
    pub fn begin(&mut self) {
        let effects = self.model.begin();
        self.take_in(effects);
    }

    /// At the list of orders, which holds these.
    pub fn at_orders(pack: &Arc<Pack>, rows: &[(&str, Severity)]) -> Self {
        Self::of(pack, &FLOORS, (120, 30)).open_orders(rows)
    }

    /// Opens the list of orders, which holds these.
    pub fn open_orders(mut self, rows: &[(&str, Severity)]) -> Self {
        self.press("2");
        self.answer("orders", Part::List, orders(rows));
        self
    }

    pub fn tell(&mut self, msg: Msg) {
        let effects = self.model.update(msg);
        self.take_in(effects);
    }

    /// Opens a view as the command line asks for.
    pub fn open_view(&mut self, view: ViewId, choices: Choices) {
        let effects = self.model.open_view(view, choices);
        self.take_in(effects);
    }

    fn take_in(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Query { target, read } => {
                    self.targets.insert(read.ticket, target);
                    self.asked.push(*read);
                }
                Effect::Cancel(ticket) => self.cancelled.push(ticket),
                other => self.other.push(other),
            }
        }
    }

    /// Presses keys as they are written, apart by spaces.
    pub fn press(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.tell(Msg::Key(key.parse::<Key>().unwrap()));
        }
    }

    /// Presses keys as somebody does who means each of them: with time between them.
    pub fn mean(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.wait(200);
            self.press(key);
        }
        self.wait(200);
    }

    /// Has the list of orders asked anew and answered with these.
    pub fn answer_list(&mut self, ids: &[&str]) {
        self.press("R");
        let rows: Vec<(&str, Severity)> = ids.iter().map(|id| (*id, Severity::Crit)).collect();
        self.answer("orders", Part::List, orders(&rows));
    }

    /// Answers the look of an action with rows: id, state, note.
    pub fn looked(&mut self, rows: &[(&str, &str, &str)]) {
        let (ticket, _) = self.preview();
        let text = |text: &str| Some(text.to_owned());
        let record = |(key, state, note): &(&str, &str, &str)| {
            TextRow(vec![("key".into(), text(key)), ("state".into(), text(state)), ("note".into(), text(note))])
        };
        self.tell(Msg::Previewed { ticket, result: Ok(rows.iter().map(record).collect()) });
    }

    /// The look that was asked for last, and what for.
    pub fn preview(&self) -> (Ticket, ActionRequest) {
        let preview = self.other.iter().rev().find_map(|effect| match effect {
            Effect::Preview { ticket, request, .. } => Some((*ticket, (**request).clone())),
            _ => None,
        });
        preview.expect("an action was wanted")
    }

    /// Every write that was asked for.
    pub fn writes(&self) -> Vec<(Ticket, ActionRequest, WriteKind)> {
        let write = |effect: &Effect| match effect {
            Effect::Execute { ticket, request, write, .. } => Some((*ticket, (**request).clone(), (**write).clone())),
            _ => None,
        };
        self.other.iter().filter_map(write).collect()
    }

    /// Types into the open text field.
    pub fn type_in(&mut self, text: &str) {
        assert!(self.model.input().is_some(), "no text field is open");
        self.tell(Msg::Edited { text: text.into(), cursor: text.chars().count() });
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: u64) {
        let now = self.model.clock.mono.0 + ms;
        self.tell(Msg::Tick(clock(now)));
    }

    pub fn at(&self, view: &str, part: Part) -> Address {
        Address { view: self.model.pack().find(view).unwrap(), part }
    }

    pub fn panel(&self, view: &str) -> &Panel {
        self.model.target().panel(self.model.pack().find(view).unwrap())
    }

    /// Takes the newest question of a panel of the target on screen.
    pub fn take(&mut self, view: &str, part: Part) -> Read {
        self.take_of(self.model.at, view, part)
    }

    /// Takes the newest question of a panel of any target.
    pub fn take_of(&mut self, target: TargetId, view: &str, part: Part) -> Read {
        let to = self.at(view, part);
        let place = self.asked.iter().rposition(|read| read.to == to && self.target_of(read) == target);
        let place = place.unwrap_or_else(|| panic!("{view} {part:?} was not asked; asked: {:?}", self.parts()));
        self.asked.remove(place)
    }

    /// Whose question it is.
    pub fn target_of(&self, read: &Read) -> TargetId {
        self.targets.get(&read.ticket).copied().unwrap_or(TargetId(0))
    }

    pub fn parts(&self) -> Vec<(String, Part)> {
        self.asked.iter().map(|read| (self.model.pack().view(read.to.view).id.clone(), read.to.part)).collect()
    }

    pub fn has_asked(&self, view: &str, part: Part) -> bool {
        let to = self.at(view, part);
        self.asked.iter().any(|read| read.to == to)
    }

    /// Answers the newest question of a panel with rows.
    pub fn answer(&mut self, view: &str, part: Part, table: Table) {
        let read = self.take(view, part);
        self.reply(&read, Ok(Content::Table(table)));
    }

    pub fn fail(&mut self, view: &str, part: Part, kind: FailureKind) {
        let read = self.take(view, part);
        self.reply(&read, Err(Failure::new(kind, "it did not answer")));
    }

    pub fn list_store(&mut self, view: &str, listing: Listing) {
        let read = self.take(view, Part::Store);
        self.reply(&read, Ok(Content::Listing(listing)));
    }

    pub fn reply(&mut self, read: &Read, result: Result<Content, Failure>) {
        let answer = |content| {
            Box::new(Answer {
                content,
                server_now: Some(self.model.clock.utc),
                operators: self.others.clone(),
                took_ms: 4,
                rtt_ms: 1,
                coverage: None,
            })
        };
        let result = result.map(answer);
        let target = self.target_of(read);
        self.tell(Msg::Loaded { target, to: read.to, ticket: read.ticket, result });
    }

    /// Keys of the rows in the list on screen, in their order.
    pub fn keys(&self, view: &str) -> Vec<String> {
        let panel = self.panel(view);
        let rows = &panel.list_snapshot().unwrap().rows;
        panel.list.order.iter().map(|at| rows[*at as usize].key.as_str().to_owned()).collect()
    }

    /// The key under the cursor.
    pub fn current(&self, view: &str) -> String {
        self.panel(view).current().map_or_else(String::new, |row| row.key.as_str().to_owned())
    }
}

pub fn clock(ms: u64) -> Clock {
    Clock { mono: Monotonic(ms), utc: Time(NOON).plus_ms(i64::try_from(ms).unwrap()) }
}

/// Rows of a view: key, severity, why, then cells in the order of the columns.
pub fn table(columns: &[&str], rows: Vec<(&str, Severity, &str, Vec<Value>)>) -> Table {
    let mut counts = Counts::default();
    for (_, severity, ..) in &rows {
        counts.add(*severity, 1);
    }
    let row = |(key, severity, why, cells): (&str, Severity, &str, Vec<Value>)| RawRow {
        key: RowKey(key.into()),
        severity,
        why: why.into(),
        cells,
        ..RawRow::default()
    };
    Table {
        columns: columns.iter().map(ToString::to_string).collect(),
        rows: rows.into_iter().map(row).collect(),
        counts,
        ..Table::default()
    }
}

/// Orders with these ids and severities.
pub fn orders(rows: &[(&str, Severity)]) -> Table {
    let row = |(id, severity): &(&'static str, Severity)| {
        let cells = vec![
            Value::text(id),
            Value::text("c1"),
            Value::Int(40),
            Value::Time(Time(NOON).plus_ms(-120_000)),
            Value::text(&format!("note of {id}")),
        ];
        (*id, *severity, if *severity == Severity::Ok { "" } else { "payment failed" }, cells)
    };
    let rows: Vec<(&'static str, Severity)> = rows.iter().map(|(id, severity)| (leak(id), *severity)).collect();
    table(&["id", "customer_id", "total", "placed_at", "note"], rows.iter().map(row).collect())
}

pub fn customers(ids: &[&str]) -> Table {
    let row = |id: &&str| (leak(id), Severity::Ok, "", vec![Value::text(id), Value::text(&format!("Customer {id}"))]);
    table(&["id", "name"], ids.iter().map(row).collect())
}

pub fn lateness(rows: &[(&str, i64)]) -> Table {
    let row =
        |(id, late): &(&str, i64)| (leak(id), Severity::Crit, "late orders", vec![Value::text(id), Value::Int(*late)]);
    table(&["id", "late"], rows.iter().map(row).collect())
}

fn leak(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// What the program says below the list.
pub fn notice(harness: &Harness) -> &str {
    harness.model.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

/// The text of lines, without tones.
pub fn plain(lines: &[opsdash_core::view::Line]) -> Vec<String> {
    lines
        .iter()
        .map(|line| line.iter().map(|span| span.text.as_str()).collect::<String>().trim_end().to_owned())
        .collect()
}

pub fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
