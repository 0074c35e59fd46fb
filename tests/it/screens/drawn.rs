//! What the terminal would show, as text and as styles.

use std::fmt::Write as _;

use opsdash::tui::{
    draw::{self, theme::Theme},
    editor::Editor,
};
use opsdash_core::{
    model::Model,
    text,
    view::{Emphasis, Line},
};
use opsdash_pack::{config::ThemeName, pack::Tone};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    style::{Color, Modifier, Style},
};

use super::support::Harness;

/// A screen.
pub struct Drawn {
    buffer: Buffer,
    theme: Theme,
}

impl Drawn {
    /// In the terminal's own colors.
    pub fn of(model: &Model) -> Self {
        Self::with(model, ThemeName::Terminal)
    }

    pub fn with(model: &Model, theme: ThemeName) -> Self {
        let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
        let theme = Theme::named(theme, model.appearance.ascii);
        let mut editor = Editor::default();
        editor.follow(model);
        terminal.draw(|frame| draw::screen(frame, model, &theme, &editor)).unwrap();
        Self { buffer: terminal.backend().buffer().clone(), theme }
    }

    pub fn cells(&self) -> &[Cell] {
        self.buffer.content()
    }

    fn rows(&self) -> impl DoubleEndedIterator<Item = &[Cell]> {
        self.cells().chunks(usize::from(self.buffer.area.width).max(1))
    }

    /// The text of every row.
    pub fn lines(&self) -> Vec<String> {
        self.rows().map(text_of).collect()
    }

    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// The first line that holds this text.
    #[track_caller]
    pub fn line(&self, text: &str) -> String {
        let found = self.lines().into_iter().find(|line| line.contains(text));
        found.unwrap_or_else(|| panic!("no {text:?} in\n{}", self.text()))
    }

    /// All of these texts are there, each within one line.
    #[track_caller]
    pub fn shows(&self, texts: &[&str]) {
        for text in texts {
            self.line(text);
        }
    }

    #[track_caller]
    pub fn hides(&self, texts: &[&str]) {
        for text in texts {
            assert!(!self.text().contains(text), "{text:?} is in\n{}", self.text());
        }
    }

    /// What stands in the first line.
    pub fn header(&self) -> String {
        self.rows().next().map(text_of).unwrap_or_default()
    }

    /// What stands in the last line.
    pub fn footer(&self) -> String {
        self.rows().next_back().map(text_of).unwrap_or_default()
    }

    /// The style of the first cell of this text.
    #[track_caller]
    pub fn style(&self, text: &str) -> Style {
        let starts =
            |row: &[Cell]| (0..row.len()).find(|at| text_of(&row[*at..]).starts_with(text)).map(|at| row[at].style());
        self.rows().find_map(starts).unwrap_or_else(|| panic!("no {text:?} in\n{}", self.text()))
    }

    /// This text is drawn in this tone.
    #[track_caller]
    pub fn is_toned(&self, text: &str, tone: Tone) {
        let wanted = self.theme.style(tone, Emphasis::None);
        assert_eq!(self.style(text).fg, wanted.fg.or(Some(Color::Reset)), "{text:?} is {tone:?} in\n{}", self.text());
    }

    /// The whole screen as text.
    pub fn shot(&self) -> String {
        let mut out = format!("{}x{}\n", self.buffer.area.width, self.buffer.area.height);
        for line in self.lines() {
            let _ = writeln!(out, "│{line}");
        }
        out
    }

    /// The styles of each row that has some.
    pub fn styles(&self) -> String {
        let mut out = String::new();
        for (y, row) in self.rows().enumerate() {
            let runs = runs(row, self.theme.ground());
            if !runs.is_empty() {
                let _ = writeln!(out, "{y:>2}:{runs}");
            }
        }
        out
    }
}

/// The text of a line, without tones.
pub fn plain(line: &Line) -> String {
    line.iter().map(|span| span.text.as_str()).collect::<String>().trim_end().to_owned()
}

/// The text of a row; the second half of a wide character is part of the first.
fn text_of(row: &[Cell]) -> String {
    let mut text = String::new();
    let mut covered = 0;
    for cell in row {
        if covered > 0 {
            covered -= 1;
            continue;
        }
        text.push_str(cell.symbol());
        covered = text::width(cell.symbol()).saturating_sub(1);
    }
    text.trim_end().to_owned()
}

/// Foreground, `/` background, modifiers: `red`, `#0d1117`, `cyan+bold`, `-+reversed`; empty for the plain one.
fn style_of(cell: &Cell, ground: Style) -> String {
    let color = |color: Color, plain: Option<Color>| match color {
        color if color == plain.unwrap_or(Color::Reset) => String::new(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        color => color.to_string().to_lowercase(),
    };
    let mut style = color(cell.fg, ground.fg);
    let back = color(cell.bg, ground.bg);
    if !back.is_empty() {
        style = format!("{style}/{back}");
    }
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
    ] {
        if cell.modifier.contains(modifier) {
            style = format!("{style}+{word}");
        }
    }
    style
}

/// The runs of a row that are not plain: first cell, last cell, style.
fn runs(row: &[Cell], ground: Style) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < row.len() {
        let here = style_of(&row[at], ground);
        let end = (at..row.len()).find(|next| style_of(&row[*next], ground) != here).unwrap_or(row.len());
        // Blanks show modifiers and backgrounds, no foreground.
        let shows = row[at..end].iter().any(|cell| cell.symbol() != " ") || here.contains(['/', '+']);
        if !here.is_empty() && shows {
            let _ = write!(out, " {at}-{} {here},", end - 1);
        }
        at = end;
    }
    out.trim_end_matches(',').to_owned()
}

/// The model as it is drawn by a terminal that knows ASCII alone.
pub fn in_ascii(harness: &Harness) -> Model {
    let mut model = harness.model.clone().into_model();
    model.appearance.ascii = true;
    model
}
