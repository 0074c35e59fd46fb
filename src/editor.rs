//! The text field. The widget edits; the model holds what stands in it.

use crossterm::event::KeyEvent;
use opsdash_core::{model::Model, msg::Msg};
use ratatui::{Frame, layout::Rect, style::Style};
use ratatui_textarea::{CursorMove, TextArea};

/// The widget of the text field that is open.
#[derive(Default)]
pub struct Editor {
    area: TextArea<'static>,
}

impl Editor {
    /// Takes over what the model's text field holds, where it differs: a field that opened, one that was replaced.
    pub fn follow(&mut self, model: &Model) {
        let Some(input) = model.input() else { return };
        if self.text() != input.text {
            self.area = TextArea::new(vec![input.text.clone()]);
            self.area.move_cursor(CursorMove::End);
        }
    }

    /// A key for the field; the message when it changed something.
    pub fn key(&mut self, key: KeyEvent) -> Msg {
        self.area.input(key);
        self.edited()
    }

    /// A paste for the field, on one line and inert.
    pub fn paste(&mut self, text: &str) -> Msg {
        let text = opsdash_core::text::inert(text);
        self.area.insert_str(opsdash_core::text::one_line(&text));
        self.edited()
    }

    /// Draws the field.
    pub fn draw(&self, frame: &mut Frame, area: Rect, style: Style, cursor: Style) {
        let mut field = self.area.clone();
        field.set_style(style);
        field.set_cursor_line_style(style);
        field.set_cursor_style(cursor);
        frame.render_widget(&field, area);
    }

    fn text(&self) -> String {
        self.area.lines().join(" ")
    }

    fn edited(&self) -> Msg {
        Msg::Edited { text: self.text(), cursor: self.area.cursor().1 }
    }
}
