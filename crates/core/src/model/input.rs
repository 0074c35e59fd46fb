//! A text field.

/// A text field. The widget that edits it lives with the terminal and reports every change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Input {
    /// All of it; several lines only where the field has several.
    pub text: String,
    /// Characters before the cursor.
    pub cursor: usize,
}
