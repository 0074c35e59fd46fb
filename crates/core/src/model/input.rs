//! A text field.

/// A text field. The widget that edits it lives with the terminal and reports every change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Input {
    /// All of it; several lines only where the field has several.
    pub text: String,
    /// Characters before the cursor.
    pub cursor: usize,
}

/// What the list of a box is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// The text field, while it is typed into.
    pub input: Option<Input>,
    /// What is looked for; empty for everything.
    pub text: String,
}

impl Search {
    /// Opens the text field on what is looked for.
    pub(crate) fn begin(&mut self) {
        let text = self.text.clone();
        self.input = Some(Input { cursor: text.chars().count(), text });
    }

    /// The text field changed. What it finds is shown while it is typed.
    pub(crate) fn edited(&mut self, text: String, cursor: usize) {
        self.text.clone_from(&text);
        self.input = Some(Input { text, cursor });
    }

    /// Looks for nothing any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}
