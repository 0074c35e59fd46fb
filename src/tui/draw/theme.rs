//! Tones become colors here and nowhere else.

use opsdash_core::view::Emphasis;
use opsdash_pack::{config::ThemeName, pack::Tone};
use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

/// Colors for tones.
#[derive(Debug, Clone)]
pub struct Theme {
    ascii: bool,
    ground: Style,
    /// In the order of [`Theme::place`].
    tones: [Style; 8],
}

impl Theme {
    /// A theme by its name. `ascii` draws boxes without line characters.
    #[must_use]
    pub fn named(name: ThemeName, ascii: bool) -> Self {
        let (ground, tones) = match name {
            ThemeName::Terminal => (Style::new(), terminal()),
            ThemeName::Dark => (Style::new().fg(Color::Rgb(201, 209, 217)).bg(Color::Rgb(13, 17, 23)), dark()),
            ThemeName::Light => (Style::new().fg(Color::Rgb(36, 41, 47)).bg(Color::Rgb(255, 255, 255)), light()),
            // Reset, not nothing: a terminal whose default is colored keeps its own.
            ThemeName::Mono => (Style::new().fg(Color::Reset).bg(Color::Reset), mono()),
        };
        Self { ascii, ground, tones }
    }

    /// What lies under everything.
    #[must_use]
    pub fn ground(&self) -> Style {
        self.ground
    }

    /// Body text.
    #[must_use]
    pub fn plain(&self) -> Style {
        self.tone(Tone::Normal)
    }

    /// Headings.
    #[must_use]
    pub fn strong(&self) -> Style {
        self.tone(Tone::Strong).add_modifier(Modifier::BOLD)
    }

    /// Lines of boxes.
    #[must_use]
    pub fn rule(&self) -> Style {
        self.tone(Tone::Dim)
    }

    /// The cursor of a text field.
    #[must_use]
    pub fn cursor(&self) -> Style {
        self.plain().add_modifier(Modifier::REVERSED)
    }

    /// The characters of a box.
    #[must_use]
    pub fn border(&self) -> border::Set<'static> {
        const ASCII: border::Set<'static> = border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        };
        if self.ascii { ASCII } else { border::ROUNDED }
    }

    /// A tone, standing out as it should.
    #[must_use]
    pub fn style(&self, tone: Tone, emphasis: Emphasis) -> Style {
        let style = self.tone(tone);
        match emphasis {
            Emphasis::None => style,
            Emphasis::Bold => style.add_modifier(Modifier::BOLD),
            Emphasis::Underline => style.add_modifier(Modifier::UNDERLINED),
            Emphasis::Reverse => style.add_modifier(Modifier::REVERSED),
        }
    }

    fn tone(&self, tone: Tone) -> Style {
        self.ground.patch(self.tones[Self::place(tone)])
    }

    fn place(tone: Tone) -> usize {
        match tone {
            Tone::Normal => 0,
            Tone::Dim => 1,
            Tone::Strong => 2,
            Tone::Ok => 3,
            Tone::Warn => 4,
            Tone::Crit => 5,
            Tone::Unknown => 6,
            Tone::Accent => 7,
        }
    }
}

/// The terminal's own colors: they fit whatever background its owner chose.
fn terminal() -> [Style; 8] {
    let color = |color| Style::new().fg(color);
    [
        Style::new(),
        color(Color::DarkGray),
        Style::new(),
        color(Color::Green),
        color(Color::Yellow),
        color(Color::Red),
        color(Color::Magenta),
        color(Color::Cyan),
    ]
}

fn dark() -> [Style; 8] {
    let color = |r, g, b| Style::new().fg(Color::Rgb(r, g, b));
    [
        Style::new(),
        color(125, 133, 144),
        color(240, 246, 252),
        color(63, 185, 80),
        color(210, 153, 34),
        color(248, 81, 73),
        color(188, 140, 255),
        color(88, 166, 255),
    ]
}

fn light() -> [Style; 8] {
    let color = |r, g, b| Style::new().fg(Color::Rgb(r, g, b));
    [
        Style::new(),
        color(101, 109, 118),
        color(1, 4, 9),
        color(26, 127, 55),
        color(154, 103, 0),
        color(207, 34, 46),
        color(130, 80, 223),
        color(9, 105, 218),
    ]
}

/// Glyphs and words say it all; modifiers only help the eye.
fn mono() -> [Style; 8] {
    let plain = Style::new();
    let with = |modifier| plain.add_modifier(modifier);
    [
        plain,
        with(Modifier::DIM),
        plain,
        plain,
        with(Modifier::BOLD),
        with(Modifier::BOLD),
        with(Modifier::BOLD),
        with(Modifier::BOLD),
    ]
}
