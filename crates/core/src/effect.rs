//! What the program is asked to do: the only way out of `update`.

use std::sync::Arc;

use opsdash_pack::pack::{Pack, ViewId};

use crate::{
    action::{ActionRequest, Refusal, WriteKind},
    catalog::FetchRequest,
    contract::{Read, StoredFile, Ticket},
    days::DayValue,
    export::{Document, FileFormat},
    model::{Remembered, TargetId},
};

/// Something to do. Each one is a task of its own and ends as a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask a source.
    Query {
        /// For whose target.
        target: TargetId,
        /// What.
        read: Box<Read>,
    },
    /// List what can be chosen of a target's scope, and whether its server holds to what is chosen.
    ListScopes {
        /// Of which target.
        target: TargetId,
        /// The number of the question, which comes back with the list.
        ticket: Ticket,
        /// How long the server may work on a statement, in ms.
        statement_ms: u32,
    },
    /// Nobody waits for this answer any more: stop it.
    Cancel(Ticket),
    /// Look, on the primary, at what an action would write, and whether the login may.
    Preview {
        /// On whose target.
        target: TargetId,
        /// The number of the preview, which comes back with the answer.
        ticket: Ticket,
        /// What is wanted.
        request: Box<ActionRequest>,
    },
    /// Write what was confirmed, recorded before and after.
    Execute {
        /// On whose target.
        target: TargetId,
        /// The number of the write, which comes back with its reports.
        ticket: Ticket,
        /// What was wanted.
        request: Box<ActionRequest>,
        /// What was confirmed.
        write: Box<WriteKind>,
    },
    /// Read these files of a view to their end, one after the other, to learn their checksums.
    Verify {
        /// On whose target.
        target: TargetId,
        /// Which reading.
        ticket: Ticket,
        /// The files view.
        view: ViewId,
        /// The files.
        files: Vec<StoredFile>,
    },
    /// Fetch a file of a view into the working directory.
    Fetch {
        /// On whose target.
        target: TargetId,
        /// Which reading.
        ticket: Ticket,
        /// The files view.
        view: ViewId,
        /// The file.
        file: Box<FetchRequest>,
    },
    /// Record that an action was wanted on rows to which it does not apply.
    Record {
        /// On whose target.
        target: TargetId,
        /// What was wanted.
        request: Box<ActionRequest>,
        /// Why not.
        refused: Vec<Refusal>,
    },
    /// Read the pack of a target again, and let logins be tried again that its sources refused.
    ReadPack(TargetId),
    /// Serve a target by this pack from now on.
    ServePack {
        /// Whose pack.
        target: TargetId,
        /// The pack, as the model has it.
        pack: Arc<Pack>,
    },
    /// Read the ticks that people have set on the checklists of a target.
    ReadTicks(TargetId),
    /// Set or take back a tick of a target's checklists, by name and time of who sits here. The ticks come back.
    Tick {
        /// On whose target.
        target: TargetId,
        /// Which one: `<checklist>.<tick>`.
        tick: String,
        /// Whether it is set.
        set: bool,
    },
    /// Read what was done on the targets from the record.
    ReadHistory(Ticket),
    /// Keep what rows of a target are on this day, for the days to come.
    KeepDays {
        /// Of which target.
        target: TargetId,
        /// What they are.
        values: Vec<DayValue>,
    },
    /// Put text on the user's clipboard.
    Copy(String),
    /// Write rows to a new file in the working directory.
    Export {
        /// In which format.
        format: FileFormat,
        /// What.
        document: Box<Document>,
        /// How many rows there are, where these are not all of them and nobody has chosen them.
        of: Option<String>,
    },
    /// Keep the user's choices for the next start.
    Remember(Remembered),
    /// Ring the terminal's bell.
    Bell,
    /// Draw every cell of the screen again.
    Redraw,
    /// Give the terminal back and stop, until the shell lets the program go on.
    Suspend,
    /// Leave.
    Quit,
}

/// An effect other than a read, for its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunId {
    /// [`Effect::Copy`].
    Copy,
    /// [`Effect::Export`].
    Export,
    /// [`Effect::Remember`].
    Remember,
    /// [`Effect::Record`].
    Record,
    /// [`Effect::KeepDays`].
    KeepDays,
}
