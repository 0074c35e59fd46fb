//! The words of `runbook.toml`.

use std::collections::BTreeMap;

use crate::{
    document::{Name, vocabulary},
    pack::Hazard,
};

vocabulary! {
    /// What the system's document tells people to do and to tick. It is shown and copied; nothing of it is ever run.
    #[derive(Default)]
    struct RawRunbookFile: "runbook.toml" {
        /// What to do, and when.
        optional runbook: Vec<RawRunbook>,
        /// What must be so, and is ticked.
        optional checklist: Vec<RawChecklist>,
        /// Texts that the document leaves open, by the name that stands for each in brackets: `"on call" = ""` stands for
        /// `[on call]`. An empty one is unfilled, which doctor tells; an upper layer fills it.
        optional placeholder: BTreeMap<Name, String>,
    }

    /// One thing to do.
    struct RawRunbook: "[[runbook]]", by ["id"] {
        /// What reasons, ticks and `opsdash runbook` call it.
        required id: Name,
        /// What it does.
        required title: Name,
        /// The heading that it stands under. Entries of one section follow the first of them. Default: none.
        optional section: Option<Name>,
        /// When it is to be done.
        optional when: Option<Name>,
        /// What there is to know before; an empty line parts paragraphs.
        optional text: Option<Name>,
        /// The steps, in order.
        optional step: Vec<RawStep>,
        disabled,
    }

    /// One step of a runbook's entry.
    struct RawStep: "[[runbook.step]]", by ["says"] {
        /// What the step does.
        required says: Name,
        /// What to type, for a shell or a database's own client. It wants a `label`.
        optional command: Option<Name>,
        /// What to open in a browser.
        optional url: Option<Name>,
        /// What the command does to those who work with the system.
        optional label: Option<Name> where one_of(&Hazard::LABELS),
        /// With `LOCKING`: who or what waits while the command runs.
        optional locks: Option<Name>,
        /// With `DESTRUCTIVE`: what is gone afterwards.
        optional loses: Option<Name>,
        disabled,
    }

    /// Things that must all be so. Each target has its own ticks.
    struct RawChecklist: "[[checklist]]", by ["id"] {
        /// What `opsdash runbook` and the state directory call it.
        required id: Name,
        /// The heading.
        required title: Name,
        /// The things, in order.
        optional tick: Vec<RawTick>,
        disabled,
    }

    /// One thing that must be so. Without a `view` somebody ticks it, by name and with the time.
    struct RawTick: "[[checklist.tick]]", by ["id"] {
        /// What `opsdash runbook` and the state directory call it.
        required id: Name,
        /// The phase that it belongs to. Ticks of one phase follow the first of them. Default: none.
        optional phase: Option<Name>,
        /// What must be so.
        required says: Name,
        /// The view whose rows tell: it is so when none of them is warn, crit or unknown.
        optional view: Option<Name>,
        /// The key of the one row that tells, of a hidden view: it is so when that row is there and ok.
        optional row: Option<Name>,
        /// The entry of the runbook that tells how to get there.
        optional runbook: Option<Name>,
        disabled,
    }
}

impl RawRunbookFile {
    /// Every text in which a placeholder may stand, with its location.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Name> {
        let entries = self.runbook.iter().flat_map(|entry| {
            let steps = entry.step.iter().flat_map(RawStep::texts);
            let RawRunbook { title, section, when, text, .. } = entry;
            [Some(title), section.as_ref(), when.as_ref(), text.as_ref()].into_iter().flatten().chain(steps)
        });
        let lists = self.checklist.iter();
        let ticks = lists.flat_map(|list| {
            let ticks = list.tick.iter().flat_map(|tick| tick.phase.iter().chain([&tick.says]));
            std::iter::once(&list.title).chain(ticks)
        });
        entries.chain(ticks)
    }
}

impl RawStep {
    fn texts(&self) -> impl Iterator<Item = &Name> {
        let Self { says, command, url, locks, loses, .. } = self;
        std::iter::once(says).chain([command, url, locks, loses].into_iter().flatten())
    }
}
