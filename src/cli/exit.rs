//! How a run ends, for scripts: the only table of exit codes.
//!
//! `crates/xtask` includes this file: the manual page tells the exit codes too.

use std::process::ExitCode;

use opsdash_core::value::Severity;

/// What came of a run. The order is that of several targets together: the worst comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// What was asked for is printed.
    Done,
    /// Found, and nothing speaks against it.
    Usable,
    /// Found, and something speaks against it.
    Unusable,
    /// Nothing matches.
    NotFound,
    /// A row is not as the action wants it, or not as it was seen.
    Changed,
    /// A file is not as it should be.
    Bad,
    /// A test of a pack failed.
    Failed,
    /// Something blocks: a finding of severity crit.
    Blocked,
    /// Several match.
    Ambiguous,
    /// The command line, the config or a pack is wrong.
    Usage,
    /// A source did not answer.
    SourceDown,
    /// What `check` found; monitoring gives its own meaning to each code.
    Judged(Severity),
    /// The same as [`Exit::Usage`], of `check`: to monitoring 2 would be a critical row.
    CheckUsage,
}

impl Exit {
    /// Every end, its code and what it means.
    pub const ALL: [(Self, u8, &'static str); 16] = [
        (Self::Done, 0, "all that was asked for is printed"),
        (Self::Usable, 0, "found, and usable"),
        (Self::Unusable, 1, "found, but not usable; the reasons are printed"),
        (
            Self::Changed,
            1,
            "a row had changed, or the action does not apply to it; it is named, and nothing of its batch is written",
        ),
        (Self::Bad, 1, "a file is not as it should be; it is named"),
        (Self::Failed, 1, "a test failed; what is not as it says is printed"),
        (Self::Blocked, 1, "something blocks; the findings say what, and how to mend it"),
        (Self::Ambiguous, 2, "several match; they are listed"),
        (
            Self::Usage,
            2,
            "the command line, the config or a pack is wrong, or this machine refuses (a full disk); nothing is written",
        ),
        (Self::SourceDown, 3, "a source did not answer: nothing is printed, or not all of it"),
        (Self::NotFound, 4, "nothing matches"),
        (Self::Judged(Severity::Ok), 0, "check: every view is ok"),
        (Self::Judged(Severity::Warn), 1, "check: a view has warn rows, and none is worse"),
        (Self::Judged(Severity::Crit), 2, "check: a view has crit rows"),
        (Self::Judged(Severity::Unknown), 3, "check: something is not known, and nothing is crit"),
        (Self::CheckUsage, 3, "check: the command line, the config or a pack is wrong; nothing was asked"),
    ];

    /// The code that the shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        let known = Self::ALL.iter().find(|(exit, ..)| *exit == self);
        known.map_or(2, |(_, code, _)| *code)
    }

    /// The section of a help text for a command that can end in these ways.
    #[must_use]
    pub fn help(exits: &[Self]) -> String {
        let known = Self::ALL.iter().filter(|(exit, ..)| exits.contains(exit));
        let lines: Vec<String> = known.map(|(_, code, meaning)| format!("  {code}  {meaning}")).collect();
        format!("Exit codes:\n{}", lines.join("\n"))
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
