//! A terminal's screen as an SVG picture: text stays text, and no font is fetched.

use std::fmt::Write;

use vt100::{Cell, Color, Screen};

/// Pixels of a cell. Every run of text is stretched to its cells, so that the reader's font does not matter.
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 18.0;
/// From the top of a cell to the text's baseline.
const BASELINE: f32 = 13.5;
const MARGIN: f32 = 12.0;

const FOREGROUND: &str = "#d0d4dc";
const BACKGROUND: &str = "#14171f";
const PALETTE: [&str; 16] = [
    "#1c202b", "#e5534b", "#57ab5a", "#d4a72c", "#539bf5", "#b083f0", "#39c5cf", "#adbac7", "#6b7686", "#ff6a61",
    "#6bc46d", "#e9bf4b", "#6cb6ff", "#dcbdfb", "#56d4dd", "#f5f7fa",
];

#[derive(Debug, Clone, PartialEq)]
struct Style {
    /// None for the picture's own.
    background: Option<String>,
    underline: bool,
    /// As SVG has them.
    attributes: String,
}

/// Neighboring cells of one row and one style.
#[derive(Debug)]
struct Run {
    row: u16,
    column: u16,
    cells: u16,
    text: String,
    style: Style,
    /// One cell whose text is not one narrow character: stretched with others it would take from them.
    alone: bool,
    /// The cells are drawn as this, not as text.
    block: Option<Block>,
}

/// The inked part of a cell, in parts of it. Drawn, because fonts leave gaps between the lines of a bar.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Block {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
    opacity: f32,
}

impl Block {
    /// None for what is text.
    fn of(cell: &str) -> Option<Self> {
        let eighths =
            |from: char, to: char| f32::from(u8::try_from(u32::from(to) - u32::from(from)).unwrap_or(8)) / 8.0;
        let whole = Self { left: 0.0, top: 0.0, width: 1.0, height: 1.0, opacity: 1.0 };
        match cell.chars().next()? {
            bar @ '▁'..='█' => {
                let height = eighths('\u{2580}', bar);
                Some(Self { top: 1.0 - height, height, ..whole })
            }
            bar @ '▉'..='▏' => Some(Self { width: eighths(bar, '\u{2590}'), ..whole }),
            '│' => Some(Self { left: 0.42, width: 0.16, ..whole }),
            '░' => Some(Self { opacity: 0.2, ..whole }),
            _ => None,
        }
    }
}

/// Draws the screen, without its cursor.
pub(super) fn svg(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let width = f32::from(columns.get()) * WIDTH + 2.0 * MARGIN;
    let height = f32::from(rows.get()) * HEIGHT + 2.0 * MARGIN;
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, \
         monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    let runs: Vec<Run> = (0..rows.get()).flat_map(|row| runs(screen, row, columns.get())).collect();
    for run in &runs {
        draw_background(&mut picture, run);
    }
    for run in &runs {
        match run.block {
            Some(block) => draw_block(&mut picture, run, block),
            None => draw_text(&mut picture, run),
        }
    }
    picture.push_str("</svg>\n");
    picture
}

fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else {
            continue;
        };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let block = Block::of(text);
        let is_narrow = block.is_some_and(|block| block.width < 1.0);
        let alone = cell.is_wide() || text.chars().nth(1).is_some() || is_narrow;
        let style = style(cell);
        match runs.last_mut() {
            Some(run) if run.style == style && run.block == block && !run.alone && !alone => {
                run.text.push_str(text);
                run.cells += 1;
            }
            _ => {
                let cells = 1 + u16::from(cell.is_wide());
                runs.push(Run { row, column, cells, text: text.to_owned(), style, alone, block });
            }
        }
    }
    runs
}

fn style(cell: &Cell) -> Style {
    let mut foreground = color(cell.fgcolor()).unwrap_or_else(|| FOREGROUND.to_owned());
    let mut background = color(cell.bgcolor());
    if cell.inverse() {
        let under = background.unwrap_or_else(|| BACKGROUND.to_owned());
        background = Some(std::mem::replace(&mut foreground, under));
    }
    let mut attributes = format!("fill=\"{foreground}\"");
    for (on, attribute) in [
        (cell.bold(), " font-weight=\"bold\""),
        (cell.dim(), " opacity=\"0.6\""),
        (cell.italic(), " font-style=\"italic\""),
        (cell.underline(), " text-decoration=\"underline\""),
    ] {
        if on {
            attributes.push_str(attribute);
        }
    }
    Style { background, underline: cell.underline(), attributes }
}

/// None for the terminal's default.
fn color(color: Color) -> Option<String> {
    match color {
        Color::Default => None,
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Idx(index) => Some(match index {
            0..16 => PALETTE[usize::from(index)].to_owned(),
            16..232 => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let cube = index - 16;
                let (red, green, blue) = (level(cube / 36), level(cube / 6 % 6), level(cube % 6));
                format!("#{red:02x}{green:02x}{blue:02x}")
            }
            232.. => {
                let gray = 8 + 10 * (index - 232);
                format!("#{gray:02x}{gray:02x}{gray:02x}")
            }
        }),
    }
}

fn draw_background(picture: &mut String, run: &Run) {
    let Some(background) = &run.style.background else { return };
    let (x, y) = (left(run), top(run));
    let width = f32::from(run.cells) * WIDTH;
    let _ = writeln!(
        picture,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{HEIGHT:.1}\" fill=\"{background}\"/>"
    );
}

fn draw_block(picture: &mut String, run: &Run, block: Block) {
    let (x, y) = (left(run) + block.left * WIDTH, top(run) + block.top * HEIGHT);
    let (width, height) = (f32::from(run.cells) * block.width * WIDTH, block.height * HEIGHT);
    let shade = if block.opacity < 1.0 { format!(" fill-opacity=\"{}\"", block.opacity) } else { String::new() };
    let _ = writeln!(
        picture,
        "<rect x=\"{x:.1}\" y=\"{y:.2}\" width=\"{width:.1}\" height=\"{height:.2}\" \
         shape-rendering=\"crispEdges\" {}{shade}/>",
        run.style.attributes
    );
}

fn draw_text(picture: &mut String, run: &Run) {
    // Blanks at either end need no ink, unless they are underlined.
    let inked = if run.style.underline { run.text.as_str() } else { run.text.trim_matches(' ') };
    if inked.is_empty() {
        return;
    }
    let blanks = |text: &str| u16::try_from(text.len()).unwrap_or(0);
    let before = blanks(run.text.split(inked).next().unwrap_or(""));
    let after = blanks(&run.text[usize::from(before) + inked.len()..]);
    let x = left(run) + f32::from(before) * WIDTH;
    let y = top(run) + BASELINE;
    let length = f32::from(run.cells - before - after) * WIDTH;
    let text = inked.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let attributes = &run.style.attributes;
    let _ = writeln!(
        picture,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
         xml:space=\"preserve\" {attributes}>{text}</text>"
    );
}

fn left(run: &Run) -> f32 {
    MARGIN + f32::from(run.column) * WIDTH
}

fn top(run: &Run) -> f32 {
    MARGIN + f32::from(run.row) * HEIGHT
}
