//! What happens to the program: everything that `update` is told.

use opsdash_pack::{keymap::Key, pack::SourceId};

use crate::{
    action::{ActionReport, Outcome, TextRow},
    contract::{Address, Answer, Failure, LinkState, Ticket, VerifyResult},
    effect::RunId,
    history::{History, RecordedWrite},
    model::{HandTicks, StartTarget, TargetId},
    scope::ScopeList,
    time::Clock,
};

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// The clocks, read before every batch of messages and at every wake-up.
    Tick(Clock),
    /// A key that no text field takes.
    Key(Key),
    /// The text field's new content; the cursor counts characters.
    Edited {
        /// All of it.
        text: String,
        /// Characters before the cursor.
        cursor: usize,
    },
    /// The terminal's new size in cells: columns, rows.
    Resize(u16, u16),
    /// The program goes on after it was stopped: what is on screen is as old as that.
    Resumed,
    /// The system asks the program to leave.
    Terminate,
    /// A source answered, or could not.
    Loaded {
        /// Whose target asked.
        target: TargetId,
        /// Which of its panels.
        to: Address,
        /// The number of the question.
        ticket: Ticket,
        /// The answer.
        result: Result<Box<Answer>, Failure>,
    },
    /// The state of a source's link changed.
    Link {
        /// Whose source.
        target: TargetId,
        /// Which one.
        source: SourceId,
        /// What is known now.
        link: LinkState,
    },
    /// What can be chosen of a target's scope, or why it cannot be listed.
    Scopes {
        /// Of which target.
        target: TargetId,
        /// The number of the question.
        ticket: Ticket,
        /// The list.
        result: Result<Box<ScopeList>, Failure>,
    },
    /// An action's rows were looked at, or could not be.
    Previewed {
        /// The number of the preview.
        ticket: Ticket,
        /// The rows as they are now.
        result: Result<Vec<TextRow>, Outcome>,
    },
    /// Some batches of a write are done.
    Progress {
        /// The number of the write.
        ticket: Ticket,
        /// Rows that are written.
        done: usize,
    },
    /// A write ended.
    Written {
        /// The number of the write.
        ticket: Ticket,
        /// What came of it.
        report: Box<ActionReport>,
    },
    /// Bytes of the file that is being read have come.
    Moving {
        /// Which reading.
        ticket: Ticket,
        /// How many of this file.
        bytes: u64,
    },
    /// A file was read to its end.
    Verified {
        /// Which reading.
        ticket: Ticket,
        /// The file's id in its store.
        id: String,
        /// What it found.
        checked: VerifyResult,
    },
    /// Reading files ended: with a sentence, empty when all is said, or with what stopped it.
    Transferred {
        /// Which reading.
        ticket: Ticket,
        /// What came of it.
        result: Result<String, Failure>,
    },
    /// The pack of a target was read again.
    PackRead {
        /// Whose pack.
        target: TargetId,
        /// The target with it, or what is wrong with it, in one line.
        result: Result<Box<StartTarget>, String>,
    },
    /// The ticks that people have set on the checklists of a target.
    Ticks {
        /// Whose.
        target: TargetId,
        /// All of them, or why they cannot be read or kept.
        result: Result<HandTicks, String>,
    },
    /// Writes of earlier runs whose outcome nobody heard.
    Unsettled(Vec<UnknownWrite>),
    /// What earlier runs did that can still be taken back, oldest first.
    Recorded(Vec<RecordedWrite>),
    /// What was done on the targets, as the record has it.
    History {
        /// The number of the question.
        ticket: Ticket,
        /// What it tells, or why it cannot be read.
        result: Result<History, String>,
    },
    /// An effect that is not a read ended. The text says what came of it, or what went wrong.
    Done {
        /// Which one.
        run: RunId,
        /// A sentence for the user.
        result: Result<String, String>,
    },
}

/// A write of an earlier run whose outcome nobody heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWrite {
    /// When it began, as the record has it: RFC 3339 in UTC.
    pub at: String,
    /// The target.
    pub target: String,
    /// `view.action`.
    pub action: String,
    /// How many rows it was of.
    pub rows: usize,
    /// The first of them, in words.
    pub first: String,
    /// What the record says of it.
    pub said: String,
}
