//! The text field. The widget edits; the model holds what stands in it.

use crossterm::event::KeyEvent;
use opsdash_core::{
    model::{Model, Overlay},
    msg::Msg,
};
use ratatui::{Frame, layout::Rect, style::Style};
use ratatui_textarea::{CursorMove, DataCursor, TextArea};

/// Characters of a paste at most.
const PASTE: usize = 16_384;

/// The widget of the text field that is open.
#[derive(Default)]
pub struct Editor {
    area: TextArea<'static>,
}

impl Editor {
    /// Takes over what the model's text field holds, where it differs: a field that opened, one that was replaced.
    pub fn follow(&mut self, model: &Model) {
        let Some(input) = model.input() else { return };
        let has_lines = model.overlays.last().is_some_and(Overlay::has_lines);
        if self.text(has_lines) != input.text {
            self.area = TextArea::new(input.text.split('\n').map(str::to_owned).collect());
            self.area.move_cursor(CursorMove::Bottom);
            self.area.move_cursor(CursorMove::End);
        }
    }

    /// A key for the field, which has one line or several.
    pub fn key(&mut self, key: KeyEvent, has_lines: bool) -> Msg {
        self.area.input(key);
        self.edited(has_lines)
    }

    /// A paste for the field, inert, and on one line where the field has one.
    pub fn paste(&mut self, text: &str, has_lines: bool) -> Msg {
        // What is longer is refused anyway, and drawing all of it would hold the screen.
        let text: String = text.chars().take(PASTE).collect();
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = opsdash_core::text::inert(&text);
        if has_lines {
            self.area.insert_str(text);
        } else {
            self.area.insert_str(opsdash_core::text::one_line(&text));
        }
        self.edited(has_lines)
    }

    /// Draws the field.
    pub fn draw(&self, frame: &mut Frame, area: Rect, style: Style, cursor: Style) {
        let mut field = self.area.clone();
        field.set_style(style);
        field.set_cursor_line_style(style);
        field.set_cursor_style(cursor);
        frame.render_widget(&field, area);
    }

    fn text(&self, has_lines: bool) -> String {
        self.area.lines().join(if has_lines { "\n" } else { " " })
    }

    /// What stands in it; the cursor counts characters from its start.
    fn edited(&self, has_lines: bool) -> Msg {
        let DataCursor(row, column) = self.area.cursor();
        let above: usize = self.area.lines().iter().take(row).map(|line| line.chars().count() + 1).sum();
        Msg::Edited { text: self.text(has_lines), cursor: above + column }
    }
}
