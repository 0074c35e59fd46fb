//! The commands of the dashboard, which a key or the palette gives. One table serves help, hints, docs and the check
//! for conflicting keys.

/// A command of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// To the n-th tab, the overview being 0.
    Tab(u8),
    /// To the next tab, around.
    NextTab,
    /// To the previous tab, around.
    PreviousTab,
    /// One row or line down.
    Down,
    /// One row or line up.
    Up,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// The column to the left becomes the chosen one.
    ColumnLeft,
    /// The column to the right becomes the chosen one.
    ColumnRight,
    /// Open what the cursor is on.
    Open,
    /// Close what is on top, clear the filter, or go back.
    Back,
    /// Narrow the list by text.
    Filter,
    /// Sort by the chosen column: ascending, descending, then the query's own order.
    Sort,
    /// Choose among the view's facets.
    Facets,
    /// Mark the row.
    Mark,
    /// Mark every row of the list, and unmark those that are.
    InvertMarks,
    /// To the next crit row.
    NextCrit,
    /// To the previous crit row.
    PreviousCrit,
    /// Hide the row for some time.
    Snooze,
    /// List the rows of a line that stands for many, or fold them again.
    Unfold,
    /// Undo the last action.
    Undo,
    /// Read the file of the row and compare its SHA-256 with the catalog's.
    Verify,
    /// Verify every file of the view.
    VerifyAll,
    /// Fetch the file of the row.
    Fetch,
    /// Arm a protected target, so that it can be written to, or disarm it.
    Unlock,
    /// Stop refreshing, or go on.
    Pause,
    /// Refresh now.
    Reload,
    /// Choose another target.
    Targets,
    /// Choose whose rows are seen.
    Scope,
    /// Switch between UTC and the local zone.
    Zone,
    /// Show the charts over the next of their windows.
    Window,
    /// Copy the chosen cell.
    CopyCell,
    /// Copy the row, or the marked ones.
    CopyRow,
    /// Copy the command that opens the place on screen.
    CopyPlace,
    /// Write the rows on screen to a file.
    Export,
    /// Show the runbook and the checklists.
    Runbook,
    /// Show what was done on the targets.
    History,
    /// Show all keys.
    Help,
    /// Find a view, a row, a command or an entry of the runbook by name.
    Palette,
    /// Draw the whole screen anew.
    Redraw,
    /// Give the terminal to the shell until it brings the program back.
    Suspend,
    /// Leave the program.
    Quit,
}

/// The sections of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommandGroup {
    /// Moving between tabs, rows and details.
    Move,
    /// Filtering, sorting and marking rows.
    Narrow,
    /// Writes and what guards them, snoozes, and work on files.
    Act,
    /// Copy and export.
    Take,
    /// Refresh, targets, help.
    Program,
}

impl CommandGroup {
    /// The heading in help and docs.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Narrow => "Narrow and order",
            Self::Act => "Act",
            Self::Take => "Take away",
            Self::Program => "Program",
        }
    }

    /// Every group, in the order of the help.
    pub const ALL: [Self; 5] = [Self::Move, Self::Narrow, Self::Act, Self::Take, Self::Program];
}

/// One row of the table of commands.
#[derive(Debug, Clone, Copy)]
pub struct CommandEntry {
    /// The command.
    pub command: Command,
    /// The name in the config's `[keys]`, in the palette and in docs.
    pub name: &'static str,
    /// The default keys, as [`crate::keymap::KeySequence`] reads them.
    pub keys: &'static [&'static str],
    /// What the command does, for help and docs.
    pub help: &'static str,
    /// One or two words for the footer. Empty when the footer never shows the command.
    pub hint: &'static str,
    /// The section of the help.
    pub group: CommandGroup,
    /// What people also call it, lower case: the palette finds it by these too.
    pub also: &'static [&'static str],
}

impl CommandEntry {
    const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }
}

const fn entry(
    command: Command,
    name: &'static str,
    keys: &'static [&'static str],
    help: &'static str,
    hint: &'static str,
    group: CommandGroup,
) -> CommandEntry {
    CommandEntry { command, name, keys, help, hint, group, also: &[] }
}

/// Every command. The keys of links and actions are not here: packs define them.
pub const TABLE: &[CommandEntry] = &[
    entry(Command::Tab(0), "overview", &["1"], "Overview", "", CommandGroup::Move),
    entry(
        Command::Tab(1),
        "tab_2",
        &["2"],
        "second tab; again: its next view, where it has several",
        "",
        CommandGroup::Move,
    ),
    entry(Command::Tab(2), "tab_3", &["3"], "third tab", "", CommandGroup::Move),
    entry(Command::Tab(3), "tab_4", &["4"], "fourth tab", "", CommandGroup::Move),
    entry(Command::Tab(4), "tab_5", &["5"], "fifth tab", "", CommandGroup::Move),
    entry(Command::Tab(5), "tab_6", &["6"], "sixth tab", "", CommandGroup::Move),
    entry(Command::Tab(6), "tab_7", &["7"], "seventh tab", "", CommandGroup::Move),
    entry(Command::Tab(7), "tab_8", &["8"], "eighth tab", "", CommandGroup::Move),
    entry(Command::Tab(8), "tab_9", &["9"], "ninth tab", "", CommandGroup::Move),
    entry(Command::Tab(9), "tab_10", &["0"], "tenth tab", "", CommandGroup::Move),
    entry(Command::NextTab, "next_tab", &["Tab"], "next tab", "tabs", CommandGroup::Move),
    entry(Command::PreviousTab, "previous_tab", &["BackTab"], "previous tab", "", CommandGroup::Move),
    entry(Command::Down, "down", &["j", "Down"], "one row or line down", "", CommandGroup::Move),
    entry(Command::Up, "up", &["k", "Up"], "one row or line up", "", CommandGroup::Move),
    entry(Command::PageDown, "page_down", &["PageDown", "Ctrl-f", "Ctrl-d"], "one page down", "", CommandGroup::Move),
    entry(Command::PageUp, "page_up", &["PageUp", "Ctrl-b", "Ctrl-u"], "one page up", "", CommandGroup::Move),
    entry(Command::Top, "top", &["g g", "Home"], "first row", "", CommandGroup::Move),
    entry(Command::Bottom, "bottom", &["G", "End"], "last row", "", CommandGroup::Move),
    entry(Command::ColumnLeft, "column_left", &["Left", "h"], "choose the column to the left", "", CommandGroup::Move),
    entry(
        Command::ColumnRight,
        "column_right",
        &["Right", "l"],
        "choose the column to the right",
        "",
        CommandGroup::Move,
    ),
    entry(
        Command::Open,
        "open",
        &["Enter"],
        "open the row; again: step into the detail beside the list",
        "open",
        CommandGroup::Move,
    ),
    entry(Command::Back, "back", &["Esc"], "close, clear the filter, go back", "back", CommandGroup::Move)
        .also(&["close", "cancel", "return"]),
    entry(Command::NextCrit, "next_crit", &["n"], "next crit row", "next crit", CommandGroup::Move),
    entry(Command::PreviousCrit, "previous_crit", &["N"], "previous crit row", "", CommandGroup::Move),
    entry(
        Command::Filter,
        "filter",
        &["/"],
        "filter: text, /regex/, !not, column:value, column>=value; Enter asks the server where the view can search",
        "filter",
        CommandGroup::Narrow,
    )
    .also(&["find", "grep", "narrow"]),
    entry(Command::Facets, "facets", &["f"], "choose what the list holds", "facets", CommandGroup::Narrow)
        .also(&["choices", "narrow"]),
    entry(
        Command::Sort,
        "sort",
        &["s"],
        "sort by the chosen column: one way, the other, the view's own order",
        "sort",
        CommandGroup::Narrow,
    )
    .also(&["order"]),
    entry(Command::Mark, "mark", &["Space"], "mark the row", "mark", CommandGroup::Narrow).also(&["select", "tag"]),
    entry(
        Command::InvertMarks,
        "invert_marks",
        &["*"],
        "mark every row of the list, and take the marks of those that have one",
        "",
        CommandGroup::Narrow,
    ),
    entry(
        Command::Unfold,
        "unfold",
        &["+"],
        "on the overview: list the rows that a line stands for, or fold them again",
        "",
        CommandGroup::Narrow,
    )
    .also(&["expand", "fold", "collapse", "echoes"]),
    entry(Command::Window, "window", &["c"], "next window of the charts", "window", CommandGroup::Narrow),
    entry(
        Command::Undo,
        "undo",
        &["u"],
        "take the last action on this target back, for 15 minutes",
        "undo",
        CommandGroup::Act,
    )
    .also(&["take back", "revert"]),
    entry(
        Command::Snooze,
        "snooze",
        &["S"],
        "hide the row, or the marked ones, for some time; show those that are hidden",
        "snooze",
        CommandGroup::Act,
    )
    .also(&["hide", "mute", "silence", "acknowledge"]),
    entry(
        Command::Verify,
        "verify",
        &["v"],
        "read the file of the row, or those of the marked ones, and compare its SHA-256; Esc stops",
        "verify",
        CommandGroup::Act,
    )
    .also(&["check", "checksum", "sha256"]),
    entry(Command::VerifyAll, "verify_all", &["V"], "verify every file of the view", "verify all", CommandGroup::Act),
    entry(
        Command::Fetch,
        "download",
        &["d"],
        "fetch the file of the row into the working directory; Esc stops",
        "download",
        CommandGroup::Act,
    )
    .also(&["fetch", "get", "save file"]),
    entry(
        Command::Unlock,
        "arm",
        &["w"],
        "let a protected target be written to, by typing its name; again: no longer",
        "arm",
        CommandGroup::Act,
    )
    .also(&["unlock", "lock", "write", "protected"]),
    entry(
        Command::CopyCell,
        "copy_cell",
        &["y"],
        "copy the cell of the chosen column (OSC 52)",
        "copy",
        CommandGroup::Take,
    )
    .also(&["yank", "clipboard"]),
    entry(
        Command::CopyRow,
        "copy_row",
        &["Y"],
        "copy the row, or the marked ones, as tab-separated text",
        "copy row",
        CommandGroup::Take,
    )
    .also(&["yank row", "clipboard"]),
    entry(
        Command::CopyPlace,
        "copy_place",
        &["g y"],
        "copy the command that opens what is on the screen, for a colleague or a ticket",
        "",
        CommandGroup::Take,
    )
    .also(&["link", "url", "share", "bookmark"]),
    entry(
        Command::Export,
        "export",
        &["e"],
        "write the rows to a file: CSV, JSON or Markdown",
        "export",
        CommandGroup::Take,
    )
    .also(&["save", "write", "csv", "json", "markdown"]),
    entry(Command::Pause, "pause", &["p"], "stop refreshing, or go on", "pause", CommandGroup::Program)
        .also(&["stop", "freeze", "hold", "resume"]),
    entry(
        Command::Reload,
        "reload",
        &["R"],
        "ask the servers now, and read packs again",
        "reload",
        CommandGroup::Program,
    )
    .also(&["refresh", "retry", "update now"]),
    entry(Command::Targets, "targets", &["T"], "choose another target", "targets", CommandGroup::Program)
        .also(&["target", "switch", "database", "server"]),
    entry(Command::Scope, "scope", &["C"], "choose whose rows are seen", "scope", CommandGroup::Program)
        .also(&["client", "whose", "context"]),
    entry(Command::Zone, "zone", &["z"], "times in UTC or in the local zone", "", CommandGroup::Program).also(&[
        "utc",
        "local time",
        "timezone",
    ]),
    entry(
        Command::Runbook,
        "runbook",
        &["b"],
        "runbook and checklists: what to do and to tick, commands to copy; nothing is run from it",
        "runbook",
        CommandGroup::Program,
    )
    .also(&["checklist", "procedure", "playbook"]),
    entry(
        Command::History,
        "history",
        &["g h"],
        "what was done on the targets, by whom, and taking it back",
        "history",
        CommandGroup::Program,
    )
    .also(&["audit", "record", "handover", "what was done", "changes", "actions"]),
    entry(Command::Help, "help", &["?"], "all keys", "help", CommandGroup::Program).also(&["keys", "shortcuts", "?"]),
    entry(
        Command::Palette,
        "palette",
        &[":"],
        "find anything by name: views and rows of all targets, commands, the runbook",
        "",
        CommandGroup::Program,
    ),
    entry(
        Command::Redraw,
        "redraw",
        &["Ctrl-l"],
        "draw the whole screen anew, over what other programs wrote on it",
        "",
        CommandGroup::Program,
    )
    .also(&["clear", "repaint"]),
    entry(
        Command::Suspend,
        "suspend",
        &["Ctrl-z"],
        "give the terminal to the shell; `fg` comes back",
        "",
        CommandGroup::Program,
    )
    .also(&["background", "shell"]),
    entry(Command::Quit, "quit", &["q", "Ctrl-c"], "leave", "quit", CommandGroup::Program)
        .also(&["q", "q!", "wq", "exit", "leave", "bye"]),
];

impl Command {
    /// The command's row in the table.
    ///
    /// # Panics
    /// Never: a test of the keys looks every command up.
    #[must_use]
    pub fn entry(self) -> &'static CommandEntry {
        TABLE.iter().find(|entry| entry.command == self).expect("the table has every command")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_no_key_is_given_twice() {
        let names: BTreeSet<_> = TABLE.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), TABLE.len());
        let mut keys = BTreeSet::new();
        for key in TABLE.iter().flat_map(|entry| entry.keys) {
            assert!(keys.insert(key), "{key} is bound twice");
        }
    }
}
