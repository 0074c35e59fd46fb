//! What a system's document tells people to do and to tick. Nothing of it is ever run.

use std::collections::BTreeMap;

use super::ViewId;

/// The entries and checklists of a pack, from its `runbook.toml`. Placeholders that are filled stand in its texts as
/// what they are filled with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runbook {
    /// In the order of the file. Entries of one section follow each other.
    pub entries: Vec<RunbookEntry>,
    /// In the order of the file.
    pub checklists: Vec<Checklist>,
    /// Placeholders by name, each with the text for it; empty while nobody has filled it.
    pub placeholders: BTreeMap<String, String>,
}

impl Runbook {
    /// Whether it has nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.checklists.is_empty()
    }

    /// The place of the entry of that id; `None` when there is none.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id == id)
    }

    /// The placeholders that nobody has filled, without their brackets.
    pub fn unfilled(&self) -> impl Iterator<Item = &str> {
        self.placeholders.iter().filter(|(_, text)| text.is_empty()).map(|(name, _)| name.as_str())
    }

    /// The views whose rows decide ticks; a view may be among them several times.
    pub fn judges(&self) -> impl Iterator<Item = ViewId> + '_ {
        let ticks = self.checklists.iter().flat_map(|list| &list.ticks);
        ticks.filter_map(|tick| match tick.decided {
            TickedBy::View { view, .. } => Some(view),
            TickedBy::Hand => None,
        })
    }
}

/// One thing to do: when, and in which steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunbookEntry {
    /// What reasons, checklists and the command line call it.
    pub id: String,
    /// The heading that it stands under; may be empty.
    pub section: String,
    /// What it does.
    pub title: String,
    /// When it is to be done; may be empty.
    pub when: String,
    /// What there is to know before; may be empty, may have paragraphs.
    pub text: String,
    /// In their order.
    pub steps: Vec<RunbookStep>,
}

impl RunbookEntry {
    /// The worst of what its commands do; `None` without a command.
    #[must_use]
    pub fn hazard(&self) -> Option<&Hazard> {
        self.steps.iter().filter_map(RunbookStep::hazard).max_by_key(|hazard| hazard.rank())
    }
}

/// One step of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunbookStep {
    /// What the step does, in words.
    pub says: String,
    /// What may be copied for it; `None` when there is nothing to copy.
    pub copy: Option<ToCopy>,
}

impl RunbookStep {
    /// What its command does; `None` without a command.
    #[must_use]
    pub fn hazard(&self) -> Option<&Hazard> {
        match &self.copy {
            Some(ToCopy::Command { hazard, .. }) => Some(hazard),
            Some(ToCopy::Url(_)) | None => None,
        }
    }
}

/// A text of a step that is there to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToCopy {
    /// For a shell or a database's own client.
    Command {
        /// The command, perhaps of several lines.
        command: String,
        /// What it does to those who work with the system.
        hazard: Hazard,
    },
    /// For a browser.
    Url(String),
}

impl ToCopy {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Command { command: text, .. } | Self::Url(text) => text,
        }
    }
}

/// What a command does to those who work with the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hazard {
    /// Nothing: it reads, or what it changes hurts nobody.
    Safe,
    /// While it runs, others wait: for what this text says.
    Locking(String),
    /// Something is gone afterwards: what this text says.
    Destructive(String),
}

impl Hazard {
    /// The words of `label`, in order of what they do.
    pub const LABELS: [&'static str; 3] = ["SAFE", "LOCKING", "DESTRUCTIVE"];

    /// Its word.
    #[must_use]
    pub fn label(&self) -> &'static str {
        Self::LABELS[self.rank()]
    }

    /// The sentence about it; `None` where nothing happens.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::Safe => None,
            Self::Locking(what) => Some(format!("locks {what}")),
            Self::Destructive(what) => Some(format!("loses {what}")),
        }
    }

    fn rank(&self) -> usize {
        match self {
            Self::Safe => 0,
            Self::Locking(_) => 1,
            Self::Destructive(_) => 2,
        }
    }
}

/// Things that must all be so, to be ticked one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checklist {
    /// What the command line and the state directory call it.
    pub id: String,
    /// The heading.
    pub title: String,
    /// In their order. Those of one phase follow each other.
    pub ticks: Vec<Tick>,
}

/// One thing that must be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// What the command line and the state directory call it, within its checklist.
    pub id: String,
    /// The phase that it belongs to; may be empty.
    pub phase: String,
    /// What must be so.
    pub says: String,
    /// Who says whether it is.
    pub decided: TickedBy,
    /// Place of the runbook's entry that tells how to get there; `None` when none does.
    pub runbook: Option<usize>,
}

/// Who says whether something is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TickedBy {
    /// Somebody who has looked: by name, with the time.
    Hand,
    /// The rows of a view under its default choices: so when none of them is warn, crit or unknown.
    View {
        /// The view.
        view: ViewId,
        /// Only the row with this key decides, and must be there. `None` when all rows do.
        row: Option<String>,
    },
}
