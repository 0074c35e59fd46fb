//! Two hundred changes at random while rows load: nothing of one branch is ever seen, exported or written under another.

use std::collections::BTreeMap;

use opsdash_core::{
    action::{ActionReport, Outcome, TextRow, WriteKind},
    contract::{Content, Part, Question, Read, Table, Ticket},
    effect::Effect,
    model::Overlay,
    msg::Msg,
    scope::ScopeChoice,
    value::{Row, Value},
    view::{detail, list, overview},
};
use opsdash_pack::pack::SCOPE;
use proptest::{collection::vec, prelude::*, strategy::ValueTree};

use super::{
    scope::{branches, list_scopes, listing, one},
    support::*,
};

/// What somebody, or a server, does next. The number says which of several.
#[derive(Debug, Clone)]
enum Step {
    Choose(usize),
    Answer(usize),
    AnswerLate(usize),
    List,
    Wait(u64),
    Key(&'static str),
    Act,
    Look(usize),
    Confirm,
    Settle,
    Read,
    Undo,
    Written(usize),
    Export,
}

fn step() -> impl Strategy<Value = Step> {
    let keys = ["1", "2", "3", "Enter", "Esc", "j", "Space", "S", "u", "R", "+", "g c", "p", "Tab"];
    prop_oneof![
        9 => (0..3_usize).prop_map(Step::Choose),
        8 => any::<usize>().prop_map(Step::Answer),
        3 => any::<usize>().prop_map(Step::AnswerLate),
        1 => Just(Step::List),
        3 => prop_oneof![Just(200), Just(1_000), Just(16_000), Just(61_000)].prop_map(Step::Wait),
        6 => prop::sample::select(keys.to_vec()).prop_map(Step::Key),
        2 => Just(Step::Act),
        2 => (0..9_usize).prop_map(Step::Look),
        2 => Just(Step::Confirm),
        3 => Just(Step::Settle),
        3 => Just(Step::Read),
        1 => Just(Step::Undo),
        1 => any::<usize>().prop_map(Step::Written),
        1 => Just(Step::Export),
    ]
}

/// The screen, and what the servers still owe.
struct Play {
    harness: Harness,
    /// Every question that was ever asked, answered or not.
    asked: Vec<Read>,
    /// Under whose rows each look and each write was wanted.
    looks: BTreeMap<Ticket, String>,
    writes: BTreeMap<Ticket, String>,
    seen_effects: usize,
}

/// Rows of a branch say so, in their keys and in every cell that can.
fn rows_of(harness: &Harness, read: &Read) -> Table {
    let view = &harness.model.pack().view(read.to.view).id;
    let id = read.within.scope.as_ref().map_or("nobody", |scope| &*scope.value);
    let key = |n: usize| format!("{id}-{n}");
    match (view.as_str(), read.to.part) {
        ("orders", Part::List | Part::Summary | Part::Counts) => {
            let keys: Vec<String> = (1..4).map(key).collect();
            orders(&keys.iter().map(|key| (key.as_str(), CRIT)).collect::<Vec<_>>())
        }
        ("customers", Part::List | Part::Summary) => customers(&["1", "2"]),
        // How late a customer is in the branch tells which branch it is.
        ("lateness", Part::List | Part::Summary) => lateness(&[("1", number(id)), ("2", number(id))]),
        (_, Part::Detail | Part::DetailList(_) | Part::Chart(_)) => {
            table(&["of"], vec![("x", OK, "", vec![Value::text(&key(0))])])
        }
        _ => Table::default(),
    }
}

fn number(id: &str) -> i64 {
    ["a", "b", "c"].iter().position(|known| *known == id).map_or(0, |at| 1_000 + i64::try_from(at).unwrap())
}

impl Play {
    fn new() -> Self {
        let mut harness = Harness::of(&scoped_shop(), &FLOORS, (100, 30));
        list_scopes(&mut harness, Ok(branches()));
        Self { harness, asked: Vec::new(), looks: BTreeMap::new(), writes: BTreeMap::new(), seen_effects: 0 }
    }

    fn chosen(&self) -> Option<&str> {
        self.harness.model.target().scope.as_ref().unwrap().id()
    }

    /// Presses a key, and looks at what is asked before anything else happens.
    fn press(&mut self, key: &str) {
        self.note();
        self.harness.press(key);
    }

    fn reply(&mut self, read: &Read) {
        let table = rows_of(&self.harness, read);
        self.harness.reply(read, Ok(Content::Table(table)));
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Choose(at) => {
                self.press("Esc");
                if self.harness.model.overlays.is_empty() {
                    self.press("C");
                    self.harness.type_in(["Harbor", "Market", "c"][*at]);
                    self.press("Enter");
                }
            }
            Step::Answer(at) if !self.harness.asked.is_empty() => {
                let read = self.harness.asked.remove(at % self.harness.asked.len());
                self.reply(&read);
            }
            Step::AnswerLate(at) if !self.asked.is_empty() => {
                let read = self.asked[at % self.asked.len()].clone();
                self.reply(&read);
            }
            Step::List if listing(&self.harness).is_some() => list_scopes(&mut self.harness, Ok(branches())),
            Step::Wait(ms) => self.harness.wait(*ms),
            Step::Key(key) => self.harness.press(key),
            Step::Act => self.harness.mean("r"),
            Step::Look(at) => self.look(*at),
            Step::Confirm => self.confirm(),
            Step::Settle => {
                self.harness.mean("Esc 2 r");
                self.note();
                self.look(usize::MAX);
                self.confirm();
            }
            // Opens the detail of a row; what it asks is answered now or later.
            Step::Read => {
                self.harness.mean("Esc 2");
                self.answer_all();
                self.press("Enter");
                self.harness.wait(1_000);
                self.note();
                if self.asked.len().is_multiple_of(2) {
                    self.answer_all();
                }
            }
            Step::Undo => {
                self.harness.mean("Esc u");
                self.confirm();
            }
            Step::Written(at) => self.end_write(*at),
            Step::Export => self.harness.press("e Enter"),
            _ => {}
        }
        self.note();
    }

    /// Answers all that is asked at the moment.
    fn answer_all(&mut self) {
        self.note();
        for read in std::mem::take(&mut self.harness.asked) {
            self.reply(&read);
        }
    }

    fn confirm(&mut self) {
        self.harness.wait(200);
        let is_box = matches!(self.harness.model.overlays.last(), Some(Overlay::Act(_)));
        if is_box && self.harness.model.input().is_some() {
            self.harness.type_in("note");
        }
        self.harness.mean("BackTab Enter");
    }

    /// A look answers with the rows that it was asked for.
    fn look(&mut self, at: usize) {
        let at = at.min(self.looks.len().saturating_sub(1));
        let Some(ticket) = self.looks.keys().nth(at).copied() else { return };
        let row = |key: &String| {
            let text = |text: &str| Some(text.to_owned());
            TextRow(vec![("key".into(), Some(key.clone())), ("state".into(), text("open")), ("note".into(), text(""))])
        };
        let request = self.harness.other.iter().find_map(|effect| match effect {
            Effect::Preview { ticket: of, request, .. } if *of == ticket => Some(request.clone()),
            _ => None,
        });
        let rows = request.unwrap().rows.iter().map(row).collect();
        self.harness.tell(Msg::Previewed { ticket, result: Ok(rows) });
    }

    fn end_write(&mut self, at: usize) {
        let Some((ticket, _, write)) = self.harness.writes().into_iter().next_back() else { return };
        let done = match write {
            WriteKind::Do(plan) => plan.seen,
            WriteKind::Undo(written) => written,
        };
        let failed = at.is_multiple_of(4).then(|| Outcome::Refused("not now".into()));
        let done = if failed.is_some() { Vec::new() } else { done };
        self.harness
            .tell(Msg::Written { ticket, report: Box::new(ActionReport { done, failed, ..ActionReport::default() }) });
    }

    /// Takes in what the program has asked for since.
    fn note(&mut self) {
        let id = self.chosen().map(str::to_owned);
        for read in &self.harness.asked {
            if self.asked.iter().any(|known| known.ticket == read.ticket) {
                continue;
            }
            if let Question::Statement { bind, .. } = &read.question {
                let id = id.as_deref().filter(|_| self.harness.model.pack().view(read.to.view).scoped);
                assert_eq!(read.within.scope.as_ref().map(|scope| &*scope.value), id);
                assert_eq!(bind.values.get(SCOPE).map(String::as_str), id);
            }
            self.asked.push(read.clone());
        }
        let new: Vec<Effect> = self.harness.other[self.seen_effects..].to_vec();
        self.seen_effects = self.harness.other.len();
        for effect in new {
            match effect {
                Effect::Preview { ticket, request, .. } => {
                    let id = request.scope.as_ref().and_then(ScopeChoice::id).expect("somebody's rows").to_owned();
                    assert!(request.rows.iter().all(|row| is_of(row, &id)), "{request:?}");
                    self.looks.insert(ticket, id);
                }
                Effect::Execute { ticket, request, write, .. } => {
                    let id = request.scope.as_ref().and_then(ScopeChoice::id).expect("somebody's rows").to_owned();
                    let rows: Vec<&TextRow> = match &*write {
                        WriteKind::Do(plan) => plan.seen.iter().collect(),
                        WriteKind::Undo(written) => written.iter().collect(),
                    };
                    assert!(rows.iter().all(|row| is_of(row.key(), &id)), "{request:?} writes {rows:?}");
                    assert_eq!(request.scope, Some(one(&id)));
                    self.writes.insert(ticket, id);
                }
                Effect::Export { document, .. } if document.view == "orders" => {
                    let id = self.chosen().unwrap_or_default();
                    assert!(document.rows.iter().all(|row| is_of(row.key.as_str(), id)), "exported under {id}");
                }
                _ => {}
            }
        }
    }

    /// Nothing of another branch is known or on screen.
    fn check(&self) {
        let target = self.harness.model.target();
        let id = self.chosen();
        for panel in target.panels.iter().filter(|panel| target.pack.view(panel.view).id == "orders") {
            let all = panel.snapshot.iter().chain(&panel.summary);
            let is_mine = |row: &Row| id.is_some_and(|id| is_of(row.key.as_str(), id));
            assert!(all.flat_map(|snapshot| &snapshot.rows).all(is_mine), "rows under {id:?}");
        }
        let shown = self.screen();
        for other in ["a", "b", "c"].into_iter().filter(|other| Some(*other) != id) {
            let trace = [format!("{other}-"), number(other).to_string()];
            let found = trace.iter().find(|trace| shown.iter().any(|line| has(line, trace)));
            assert_eq!(found, None, "on screen under {id:?}:\n{}", shown.join("\n"));
        }
    }

    /// The list or the overview, and the detail; boxes of actions name their own branch.
    fn screen(&self) -> Vec<String> {
        let model = &self.harness.model;
        let body = list::lines(model).unwrap_or_else(|| overview::lines(model));
        [plain(&body), plain(&detail::lines(model))].concat()
    }
}

fn is_of(key: &str, id: &str) -> bool {
    key.strip_prefix(id).is_some_and(|rest| rest.starts_with('-'))
}

/// Whether a line has a word that begins so.
fn has(line: &str, start: &str) -> bool {
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word.starts_with(start) && word != start)
        || line.split_whitespace().any(|word| word == start)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, ..ProptestConfig::default() })]

    #[test]
    fn nothing_of_one_branch_is_seen_exported_or_written_under_another(steps in vec(step(), 900..1_000)) {
        let mut play = Play::new();
        for step in &steps {
            play.take(step);
            play.check();
        }
    }
}

/// What the property rests on: the play does choose, show, look, write and take back.
#[test]
fn the_play_gets_as_far_as_writing_and_taking_back_under_several_branches() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut shown, mut opened, mut written, mut undone, mut exported) = (0, 0, 0, 0, 0);
    for _ in 0..4 {
        let steps = vec(step(), 900..1_000).new_tree(&mut runner).unwrap().current();
        let mut play = Play::new();
        for step in &steps {
            play.take(step);
            let model = &play.harness.model;
            opened += usize::from(plain(&detail::lines(model)).iter().any(|line| line.contains("-0")));
            shown += usize::from(play.screen().iter().any(|line| line.contains("-1") && model.overlays.is_empty()));
        }
        let writes = play.harness.writes();
        undone += writes.iter().filter(|(.., write)| matches!(write, WriteKind::Undo(_))).count();
        written += writes.len();
        exported += play.harness.other.iter().filter(|effect| matches!(effect, Effect::Export { .. })).count();
    }
    assert!(
        shown > 50 && opened > 10 && written > 5 && undone > 0 && exported > 0,
        "{shown} {opened} {written} {undone} {exported}"
    );
}
