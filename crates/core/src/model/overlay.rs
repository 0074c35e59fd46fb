use crate::{command::Command, model::Place, present::document::FileFormat};

/// What lies over the board. Exactly one, the topmost, receives the keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Overlay {
    /// Every key; the first line on screen.
    Help {
        /// First line on screen.
        scroll: usize,
    },
    /// The filter line.
    Filter {
        /// What is typed.
        input: Input,
        /// What stood there before, for Esc.
        before: String,
    },
    /// A list to choose from by typing.
    Picker(Picker),
    /// The facets of the view: up and down choose one, left and right its choice.
    Facets {
        /// Place of the chosen facet.
        at: usize,
    },
}

impl Overlay {
    /// Its text field.
    #[must_use]
    pub fn input(&self) -> Option<&Input> {
        match self {
            Self::Filter { input, .. } => Some(input),
            Self::Picker(picker) => Some(&picker.input),
            Self::Help { .. } | Self::Facets { .. } => None,
        }
    }
}

/// A text field. The widget that edits it lives with the terminal and reports every change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Input {
    /// All of it, one line.
    pub text: String,
    /// Characters before the cursor.
    pub cursor: usize,
}

/// A list to choose from by typing.
#[derive(Debug, Clone, PartialEq)]
pub struct Picker {
    /// The heading.
    pub title: &'static str,
    /// What is typed.
    pub input: Input,
    /// Everything there is.
    pub items: Vec<Item>,
    /// Places in `items` of what fits the text, best first.
    pub fits: Vec<usize>,
    /// Place in `fits`.
    pub at: usize,
}

/// One line of a picker.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it is called.
    pub label: String,
    /// What stands dim beside it.
    pub note: String,
    /// What choosing it does.
    pub pick: Pick,
}

/// What choosing an item does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// Gives a command.
    Command(Command),
    /// Opens a tab.
    Place(Place),
    /// Opens a target.
    Board(super::BoardId),
    /// Follows a link of the view, by its place.
    Link(usize),
    /// Writes the rows to a file.
    Export(FileFormat),
}
