//! What was done, as the record has it: an action a line, for the screen, the shell and whoever takes over.

use opsdash_pack::pack::Format;

use crate::{
    action::TextRow,
    export::{Document, ExportColumn, ExportRow},
    format,
    scope::ScopeChoice,
    text,
    time::{Time, Zone},
    value::{RowKey, Value},
};

/// An action that somebody did, took back, or did not get done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistoryEntry {
    /// By which the record knows it.
    pub id: String,
    /// When it was begun; `None` where the record does not say.
    pub at: Option<Time>,
    /// The target.
    pub target: String,
    /// The view's id.
    pub view: String,
    /// The action's id, of an undo that of what it took back.
    pub action: String,
    /// What the action was called; empty in lines of earlier versions.
    pub title: String,
    /// Whether it took an action back.
    pub is_undo: bool,
    /// Whose rows they are; `None` where they are of no scope.
    pub scope: Option<ScopeChoice>,
    /// The login, with the name that a config gives it.
    pub who: String,
    /// How many rows it was of.
    pub rows: usize,
    /// What the first of them was called in the box that asked, else its key.
    pub name: String,
    /// Its key in the view; `None` where it was of no row.
    pub row: Option<String>,
    /// What was asked, by name; the note as `note`.
    pub asked: Vec<(String, String)>,
    /// One word for what came of it: `done`, `changed`, `refused`, `failed`, `unknown`.
    pub word: String,
    /// What follows that word, with the mark before it: `: a row had changed (after 1 of 2 batches)`.
    pub said: String,
    /// When it was taken back, or some of its rows were; `None` when none was.
    pub taken_back: Option<Time>,
    /// Rows that are written and were not taken back.
    pub standing: usize,
    /// Until when it can be taken back, or could; `None` where it never could, or nothing of it stands.
    pub until: Option<Time>,
    /// What takes it back; `None` where nothing does any more.
    pub undo: Option<RecordedWrite>,
}

/// What the record tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// Newest first.
    pub entries: Vec<HistoryEntry>,
    /// Whether there are older ones, which were not read.
    pub is_cut: bool,
}

/// An action that can still be taken back, as the record has it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedWrite {
    /// The target.
    pub target: String,
    /// The target's system then.
    pub system: String,
    /// The view's id.
    pub view: String,
    /// The action's id.
    pub action: String,
    /// Whose rows they are; `None` where they are of no scope.
    pub scope: Option<ScopeChoice>,
    /// Keys of the view's rows.
    pub rows: Vec<String>,
    /// What the writes returned of the rows that were not taken back.
    pub written: Vec<TextRow>,
    /// The same rows as they were seen before.
    pub seen: Vec<TextRow>,
    /// Until when it can be taken back.
    pub until: Time,
}

impl HistoryEntry {
    /// `Resolve`, `Undo of Resolve`; in lines of earlier versions the ids.
    #[must_use]
    pub fn what(&self) -> String {
        let title = if self.title.is_empty() { format!("{}.{}", self.view, self.action) } else { self.title.clone() };
        let what = if self.is_undo { format!("Undo of {title}") } else { title };
        match &self.scope {
            Some(scope) => format!("{what} ({})", text::inert(scope.label())),
            None => what,
        }
    }

    /// `"server unreachable…" and 6 901 more`.
    #[must_use]
    pub fn which(&self) -> String {
        match self.rows {
            0 | 1 => self.name.clone(),
            rows => format!("{} and {} more", self.name, format::thousands(rows - 1)),
        }
    }

    /// What was asked: the note in quotes, other answers after their names.
    #[must_use]
    pub fn answers(&self) -> String {
        let answer = |(name, value): &(String, String)| match name.as_str() {
            "note" => format!("\"{value}\""),
            name => format!("{} {value}", name.replace('_', " ")),
        };
        self.asked.iter().map(answer).collect::<Vec<_>>().join(", ")
    }

    /// What came of it, and when it was taken back.
    #[must_use]
    pub fn outcome(&self, zone: &Zone) -> String {
        let mut outcome = format!("{}{}", self.word, self.said);
        if let Some(at) = self.taken_back {
            outcome = format!("{outcome}, taken back {}", format::clock(at, zone, false));
            if self.standing > 0 {
                outcome = format!("{outcome} but for {}", format::rows(self.standing));
            }
        }
        outcome
    }

    /// Until when it can be taken back; `None` when it cannot, or not any more.
    #[must_use]
    pub fn undo_until(&self, now: Time) -> Option<Time> {
        self.until.filter(|until| self.undo.is_some() && *until > now)
    }

    /// Whether every word is in it, in whatever case.
    #[must_use]
    pub fn has_words(&self, words: &str, zone: &Zone) -> bool {
        let at = self.at.map(|at| format::time(at, zone)).unwrap_or_default();
        let all = [
            &at,
            &self.target,
            &self.view,
            &self.what(),
            &self.which(),
            &self.who,
            &self.answers(),
            &self.outcome(zone),
        ];
        let all = all.map(|text| text.to_lowercase()).join("\n");
        words.to_lowercase().split_whitespace().all(|word| all.contains(word))
    }

    /// One line of a list in Markdown.
    fn bullet(&self, zone: &Zone, now: Time) -> String {
        let at = self.at.map(|at| format::clock(at, zone, true)).unwrap_or_default();
        let mut parts = vec![
            format!("{at} **{}**: {}", text::markdown(&self.target), text::markdown(&self.what())),
            text::markdown(&self.which()),
            format!("by {}", text::markdown(&self.who)),
        ];
        parts.extend(Some(text::markdown(&self.answers())).filter(|answers| !answers.is_empty()));
        parts.push(text::markdown(&self.outcome(zone)));
        let until = self.undo_until(now).map(|until| {
            format!("can be taken back until {}: `opsdash act --undo {}`", format::clock(until, zone, false), self.id)
        });
        parts.extend(until);
        format!("- {}\n", parts.join(", "))
    }
}

/// A list for a ticket, a line for each action.
#[must_use]
pub fn markdown<'e>(entries: impl Iterator<Item = &'e HistoryEntry>, zone: &Zone, now: Time) -> String {
    entries.map(|entry| entry.bullet(zone, now)).collect()
}

/// The columns of a history in a file.
const COLUMNS: [(&str, Format); 12] = [
    ("at", Format::Time),
    ("target", Format::Text),
    ("action", Format::Text),
    ("title", Format::Text),
    ("first_row", Format::Text),
    ("rows", Format::Int),
    ("operator", Format::Text),
    ("answers", Format::Text),
    ("outcome", Format::Text),
    ("taken_back", Format::Time),
    ("undo_until", Format::Time),
    ("id", Format::Text),
];

/// The same as rows for a file.
#[must_use]
pub fn document<'e>(target: &str, entries: impl Iterator<Item = &'e HistoryEntry>) -> Document {
    let time = |time: Option<Time>| time.map_or(Value::Null, Value::Time);
    let cells = |entry: &HistoryEntry| {
        let undo = if entry.is_undo { "undo of " } else { "" };
        vec![
            time(entry.at),
            Value::text(&entry.target),
            Value::text(&format!("{undo}{}.{}", entry.view, entry.action)),
            Value::text(&entry.what()),
            Value::text(&entry.name),
            Value::Int(i64::try_from(entry.rows).unwrap_or(i64::MAX)),
            Value::text(&entry.who),
            Value::text(&entry.answers()),
            Value::text(&format!("{}{}", entry.word, entry.said)),
            time(entry.taken_back),
            time(entry.until),
            Value::text(&entry.id),
        ]
    };
    let row = |entry: &HistoryEntry| ExportRow {
        key: RowKey(entry.id.as_str().into()),
        cells: cells(entry),
        ..ExportRow::default()
    };
    Document {
        target: target.to_owned(),
        view: "history".to_owned(),
        columns: COLUMNS.map(|(name, format)| ExportColumn { name: name.to_owned(), format, null: None }).to_vec(),
        has_reasons: false,
        is_chosen: true,
        has_header: true,
        rows: entries.map(row).collect(),
        scope: None,
    }
}
