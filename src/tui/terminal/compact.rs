//! Writes cells in few bytes, for slow lines. With ratatui's own backend the largest change of a tab takes 16.6 KB at 160 by
//! 45 cells, half of it moves of the cursor and changes of color; with this one it takes 9.8 KB. The budget is 10 KB.
//!
//! Three things make the difference: a small gap between two changed cells is written again rather than jumped over,
//! what only differs in the color of blanks is no difference, and one sequence changes all of a style.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
    style::{Color, Modifier},
};

/// Columns and rows of a terminal that does not tell its size.
pub const UNKNOWN_SIZE: (u16, u16) = (80, 24);

/// Cells that are written again rather than jumped over: a jump takes four bytes at least.
const SMALL_GAP: u16 = 4;

/// What shows on a blank, too.
const SHOWS_ON_BLANKS: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

/// Modifiers: what turns each on, and what off.
const SWITCHES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// A backend that writes little.
pub struct Compact<W: Write> {
    inner: CrosstermBackend<W>,
    /// What the terminal shows, row by row, as far as it was written since it was cleared.
    shown: Vec<Vec<Shown>>,
}

/// What is remembered of a cell: a screen of whole cells would be half a megabyte.
#[derive(Debug, Clone, Copy)]
struct Shown {
    /// `None` for what is not plain, or covered by what may not be.
    letter: Option<u8>,
    pen: Pen,
}

impl Shown {
    const BLANK: Self = Self { letter: Some(b' '), pen: Pen::PLAIN };
}

impl<W: Write> Compact<W> {
    /// Writes there.
    pub fn new(writer: W) -> Self {
        Self { inner: CrosstermBackend::new(writer), shown: Vec::new() }
    }

    fn remember(&mut self, x: u16, y: u16, cell: &Cell) {
        let (x, y) = (usize::from(x), usize::from(y));
        if self.shown.len() <= y {
            self.shown.resize(y + 1, Vec::new());
        }
        let row = &mut self.shown[y];
        if row.len() < x + 2 {
            row.resize(x + 2, Shown::BLANK);
        }
        row[x] = Shown { letter: letter(cell), pen: Pen::of(cell) };
        if row[x].letter.is_none() {
            // It may cover its neighbor, of which then nothing is known.
            row[x + 1].letter = None;
        }
    }

    /// The text of the cells between, when it is plain and in the pen's style.
    fn between(&self, from: u16, to: u16, y: u16, pen: Pen) -> Option<String> {
        let row = self.shown.get(usize::from(y));
        let shown = |x: u16| row.and_then(|row| row.get(usize::from(x))).copied().unwrap_or(Shown::BLANK);
        let letter = |shown: Shown| shown.letter.filter(|letter| pen.suits(*letter == b' ', shown.pen)).map(char::from);
        (from..to).map(|x| letter(shown(x))).collect()
    }
}

/// What every terminal makes one column of. What is beyond ASCII, some draw wider than we count.
fn letter(cell: &Cell) -> Option<u8> {
    match cell.symbol().as_bytes() {
        [letter] => Some(*letter),
        _ => None,
    }
}

/// Whether every terminal moves by one column for it. Of emoji, of joined characters and of what newer versions of Unicode
/// have made wide, each has its own opinion: where it is after those, it is told.
fn is_one_column(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let (Some(first), None) = (chars.next(), chars.next()) else { return false };
    matches!(
        first,
        ' '..='~'
            | '\u{a1}'..='\u{ac}'
            | '\u{ae}'..='\u{24f}'
            | '\u{391}'..='\u{3c9}'
            | '\u{410}'..='\u{451}'
            // Dashes, quotes, the ellipsis; simple arrows; what lines, bars and gauges are drawn with.
            | '\u{2010}'..='\u{2027}'
            | '\u{2190}'..='\u{2193}'
            | '\u{2500}'..='\u{259f}'
    )
}

/// A size of 0 is one that nobody knows, as over a serial line: then it is that of the first terminals.
fn known(size: Size) -> Size {
    if size.width == 0 || size.height == 0 { Size::new(UNKNOWN_SIZE.0, UNKNOWN_SIZE.1) } else { size }
}

/// How the terminal writes what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Whether a cell of the other pen looks the same when this pen writes it.
    fn suits(self, is_blank: bool, other: Self) -> bool {
        let has_no_ink = is_blank && !(self.modifier | other.modifier).intersects(SHOWS_ON_BLANKS);
        self == other || (has_no_ink && self.bg == other.bg)
    }

    /// What makes it the other, as one sequence; empty when it is.
    fn change(self, to: Self) -> String {
        let mut codes = String::new();
        let removed = self.modifier - to.modifier;
        let mut kept = self.modifier - removed;
        for (modifier, _, off) in SWITCHES.iter().filter(|(modifier, ..)| removed.contains(*modifier)) {
            let _never = write!(codes, "{off};");
            // One code takes both away.
            if (Modifier::BOLD | Modifier::DIM).contains(*modifier) {
                kept -= Modifier::BOLD | Modifier::DIM;
            }
        }
        for (_, on, _) in SWITCHES.iter().filter(|(modifier, ..)| (to.modifier - kept).contains(*modifier)) {
            let _never = write!(codes, "{on};");
        }
        let is_bold = to.modifier.contains(Modifier::BOLD);
        // Some terminals brighten what is bold, but for the long form.
        if self.fg != to.fg || (is_bold != self.modifier.contains(Modifier::BOLD)) {
            let _never = write!(codes, "{};", color(to.fg, 30, is_bold));
        }
        if self.bg != to.bg {
            let _never = write!(codes, "{};", color(to.bg, 40, false));
        }
        match codes.strip_suffix(';') {
            Some(codes) => format!("\x1b[{codes}m"),
            None => codes,
        }
    }
}

/// The code of a color; `base` is 30 for what is written and 40 for what is behind it.
fn color(color: Color, base: u8, long: bool) -> String {
    let place = match color {
        Color::Reset => return (base + 9).to_string(),
        Color::Rgb(r, g, b) => return format!("{};2;{r};{g};{b}", base + 8),
        Color::Indexed(place) => return format!("{};5;{place}", base + 8),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    match place {
        8.. => (base + 60 + place - 8).to_string(),
        _ if long => format!("{};5;{place}", base + 8),
        _ => (base + place).to_string(),
    }
}

impl<W: Write> Backend for Compact<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut pen = Pen::PLAIN;
        // Where the cursor is, and whether every terminal agrees.
        let mut at: Option<(u16, u16, bool)> = None;
        for (x, y, cell) in content {
            let sure = match at {
                Some((next, row, true)) if row == y && next == x => true,
                Some((next, row, true)) if row == y && next < x => {
                    match self.between(next, x, y, pen).filter(|_| x - next <= SMALL_GAP) {
                        Some(text) => write!(self.inner, "{text}")?,
                        None if x - next == 1 => write!(self.inner, "\x1b[C")?,
                        None => write!(self.inner, "\x1b[{}C", x - next)?,
                    }
                    true
                }
                _ => {
                    write!(self.inner, "\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1)?;
                    true
                }
            };
            if !pen.suits(cell.symbol() == " ", Pen::of(cell)) {
                write!(self.inner, "{}", pen.change(Pen::of(cell)))?;
                pen = Pen::of(cell);
            }
            write!(self.inner, "{}", cell.symbol())?;
            self.remember(x, y, cell);
            at = Some((x + 1, y, sure && is_one_column(cell.symbol())));
        }
        if pen == Pen::PLAIN { Ok(()) } else { write!(self.inner, "\x1b[m") }
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        // Of a part, nothing is known any more either way: what is not known is taken for blank, so all of it goes.
        self.shown.clear();
        self.inner.clear_region(region)
    }

    fn append_lines(&mut self, lines: u16) -> io::Result<()> {
        self.shown.clear();
        self.inner.append_lines(lines)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        // ratatui tells a failure on stderr while it is dropped, and panics when that is the terminal that has gone.
        let _gone = self.inner.show_cursor();
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // A terminal answers among the keys, and some do not; who clears the screen puts the cursor there again, hidden.
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size().map(known)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

/// For what is no cell: sequences that stand between frames.
impl<W: Write> Write for Compact<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use ratatui::{buffer::Buffer, layout::Rect, style::Style};

    use super::*;

    const AREA: Rect = Rect { x: 0, y: 0, width: 60, height: 12 };

    /// The same numbers every time.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: u64) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((self.0 >> 33) % sides).expect("it is below the sides")
        }
    }

    /// Words, glyphs and wide characters in every style that a theme has and some that none has.
    fn frame(dice: &mut Dice) -> Buffer {
        let colors =
            [Color::Reset, Color::DarkGray, Color::Red, Color::White, Color::Rgb(1, 20, 250), Color::Indexed(99)];
        let modifiers = [
            Modifier::empty(),
            Modifier::empty(),
            Modifier::BOLD,
            Modifier::DIM,
            Modifier::BOLD | Modifier::DIM,
            Modifier::REVERSED,
            Modifier::UNDERLINED | Modifier::ITALIC,
        ];
        let words = ["a", "word ", "    ", " ", "▁▂▃", "日本", "✖ 3", "x  y", "            "];
        let mut buffer = Buffer::empty(AREA);
        for y in 0..AREA.height {
            let mut x = 0;
            while x < AREA.width {
                let style = Style::new().fg(colors[dice.roll(6)]).add_modifier(modifiers[dice.roll(7)]);
                let style = if dice.roll(6) == 0 { style.bg(colors[dice.roll(6)]) } else { style };
                let (end, _) = buffer.set_stringn(x, y, words[dice.roll(9)], usize::from(AREA.width - x), style);
                x = end.max(x + 1);
            }
        }
        buffer
    }

    /// What can be seen of a cell. The color of a blank's text cannot.
    fn seen(screen: &vt100::Screen, x: u16, y: u16) -> impl PartialEq + std::fmt::Debug + use<> {
        let cell = screen.cell(y, x).expect("it is on the screen");
        let text = cell.contents().trim_end().to_owned();
        let (inverse, underline) = (cell.inverse(), cell.underline());
        let has_ink = !text.is_empty() || inverse || underline;
        let ink = has_ink.then(|| (cell.fgcolor(), cell.bold(), cell.dim(), cell.italic()));
        (text, ink, cell.bgcolor(), inverse, underline)
    }

    #[test]
    fn it_shows_what_crossterms_backend_shows_in_fewer_bytes() {
        let mut dice = Dice(7);
        let mut bytes = [Vec::new(), Vec::new()];
        let [few, many] = &mut bytes;
        let (mut ours, mut theirs) = (Compact::new(few), CrosstermBackend::new(many));
        let mut before = Buffer::empty(AREA);
        for _ in 0..40 {
            let after = frame(&mut dice);
            // Half of it stays, so that there are gaps of every size.
            let mut next = after.clone();
            for (place, cell) in before.content().iter().enumerate() {
                if dice.roll(2) == 0 && cell.symbol().is_ascii() && after.content()[place].symbol().is_ascii() {
                    next.content[place] = cell.clone();
                }
            }
            let changed = before.diff(&next);
            ours.draw(changed.iter().copied()).unwrap();
            theirs.draw(changed.iter().copied()).unwrap();
            before = next;
        }
        let screens = bytes.each_ref().map(|bytes| {
            let size = [AREA.height, AREA.width].map(|cells| NonZeroU16::new(cells).unwrap());
            let mut parser = vt100::Parser::new(size[0], size[1], 0);
            parser.process(bytes);
            parser.screen().clone()
        });
        for (x, y) in (0..AREA.height).flat_map(|y| (0..AREA.width).map(move |x| (x, y))) {
            assert_eq!(seen(&screens[0], x, y), seen(&screens[1], x, y), "column {x}, row {y}");
        }
        assert!(bytes[0].len() * 10 < bytes[1].len() * 8, "{} and {} bytes", bytes[0].len(), bytes[1].len());
    }

    #[test]
    fn after_what_terminals_draw_in_different_widths_the_next_cell_is_told_where_it_is() {
        let written = |text: &str| {
            let (mut bytes, line) = (Vec::new(), Buffer::with_lines([text]));
            Compact::new(&mut bytes).draw(Buffer::empty(line.area).diff(&line).into_iter()).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        assert!(written("a\u{26a0}\u{fe0f}b").ends_with("a\u{26a0}\u{fe0f}\x1b[1;4Hb"));
        assert!(written("\u{2716}3").ends_with("\u{2716}\x1b[1;2H3"));
        assert!(written("e\u{301}x").contains("e\u{301}\x1b[1;2Hx"));
        assert!(written("ab│é─▁…x").ends_with("ab│é─▁…x"));
    }

    #[test]
    fn a_size_that_nobody_knows_is_the_usual_one() {
        assert_eq!(known(Size::new(0, 0)), Size::new(80, 24));
        assert_eq!(known(Size::new(100, 30)), Size::new(100, 30));
    }

    #[test]
    fn after_a_clear_nothing_old_is_written_again() {
        let mut bytes = Vec::new();
        let mut ours = Compact::new(&mut bytes);
        let full = Buffer::with_lines(["abcdefgh"]);
        let signals = Buffer::with_lines(["x  z    "]);
        ours.draw(Buffer::empty(full.area).diff(&full).into_iter()).unwrap();
        ours.clear().unwrap();
        ours.draw(Buffer::empty(full.area).diff(&signals).into_iter()).unwrap();
        let written = String::from_utf8(bytes).unwrap();
        assert!(written.ends_with("x  z"), "{written:?}");
    }
}
