//! What boxes with a list or a text share: how keys move in them, and how their search is typed.

use opsdash_pack::{
    command::Command,
    keymap::{Key, KeyCode},
};

use crate::model::Search;

/// How far a key moves.
#[derive(Debug, Clone, Copy)]
pub(super) enum Movement {
    Lines(isize),
    Pages(isize),
}

impl Movement {
    /// What a key means by itself or as a command; `None` when it moves nothing.
    pub(super) fn of(command: Option<Command>, key: Key) -> Option<Self> {
        match command {
            Some(Command::Down) => Some(Self::Lines(1)),
            Some(Command::Up) => Some(Self::Lines(-1)),
            Some(Command::PageDown) => Some(Self::Pages(1)),
            Some(Command::PageUp) => Some(Self::Pages(-1)),
            Some(Command::Bottom) => Some(Self::Lines(isize::MAX)),
            Some(Command::Top) => Some(Self::Lines(isize::MIN)),
            _ => (key.code == KeyCode::Home).then_some(Self::Lines(isize::MIN)),
        }
    }

    /// Where a place is then, of places from 0 to `last`.
    pub(super) fn from(self, at: usize, page: usize, last: usize) -> usize {
        let by = match self {
            Self::Lines(by) => by,
            Self::Pages(by) => by * isize::try_from(page.max(1)).unwrap_or(1),
        };
        at.saturating_add_signed(by).min(last)
    }
}

/// What a key means in a list that can be searched.
pub(super) enum Pressed {
    Movement(Movement),
    /// A command for the box.
    Command(Command),
    /// It was for the search, or means nothing.
    Done,
}

/// A key in a list that can be searched. While the search is typed, Esc gives it up, Enter ends it, and arrows move in what
/// was found.
pub(super) fn press(search: &mut Search, key: Key, command: Option<Command>) -> Pressed {
    if search.input.is_some() {
        match key.code {
            KeyCode::Down => return Pressed::Movement(Movement::Lines(1)),
            KeyCode::Up => return Pressed::Movement(Movement::Lines(-1)),
            KeyCode::Esc => search.clear(),
            KeyCode::Enter => search.input = None,
            _ => {}
        }
        return Pressed::Done;
    }
    if let Some(movement) = Movement::of(command, key) {
        return Pressed::Movement(movement);
    }
    match command {
        Some(Command::Filter) => search.begin(),
        Some(Command::Back) if !search.text.is_empty() => search.clear(),
        Some(command) => return Pressed::Command(command),
        None => {}
    }
    Pressed::Done
}
