//! The screen as it is drawn, text and styles, in every state that a user meets.
//!
//! After a wanted change: `INSTA_UPDATE=always cargo test --test it screens`, then read the difference.

#[expect(dead_code, reason = "it is for the tests of the core; this uses its part of it")]
#[path = "../../../crates/core/tests/it/support/mod.rs"]
mod support;

mod acting;
mod scenes;

use std::fmt::Write as _;

use opsdash::tui::{
    draw::{self, theme::Theme},
    editor::Editor,
};
use opsdash_core::{
    contract::Part,
    geometry,
    model::{Model, Route},
    msg::Msg,
    view::{self, Line},
};
use opsdash_pack::config::ThemeName;
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use scenes::{SCENES, Scene, detail, list, no_data, orders, overview, palette, stale};
use support::Harness;

const SIZES: [(u16, u16); 6] = [(40, 10), (80, 24), (100, 30), (120, 30), (160, 45), (200, 60)];

/// What the terminal would show.
fn drawn(model: &Model, theme: ThemeName) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    let theme = Theme::named(theme, model.appearance.ascii);
    let mut editor = Editor::default();
    editor.follow(model);
    terminal.draw(|frame| draw::screen(frame, model, &theme, &editor)).unwrap();
    terminal.backend().buffer().clone()
}

fn rows(buffer: &Buffer) -> Vec<&[Cell]> {
    let columns = usize::from(buffer.area.width);
    if columns == 0 { Vec::new() } else { buffer.content().chunks(columns).collect() }
}

/// The text of a row; the second half of a wide character is part of the first.
fn text(row: &[Cell]) -> String {
    let mut text = String::new();
    let mut covered = 0;
    for cell in row {
        if covered > 0 {
            covered -= 1;
            continue;
        }
        text.push_str(cell.symbol());
        covered = opsdash_core::text::width(cell.symbol()).saturating_sub(1);
    }
    text.trim_end().to_owned()
}

/// Foreground, `/` background, modifiers: `red`, `#0d1117`, `cyan+bold`, `-+reversed`; empty for the plain one.
fn style(cell: &Cell, ground: (Color, Color)) -> String {
    let color = |color: Color, plain: Color| match color {
        color if color == plain => String::new(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        color => color.to_string().to_lowercase(),
    };
    let mut style = color(cell.fg, ground.0);
    let back = color(cell.bg, ground.1);
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
fn runs(row: &[Cell], ground: (Color, Color)) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < row.len() {
        let here = style(&row[at], ground);
        let end = (at..row.len()).find(|next| style(&row[*next], ground) != here).unwrap_or(row.len());
        // Blanks show modifiers and backgrounds, no foreground.
        let shows = row[at..end].iter().any(|cell| cell.symbol() != " ") || here.contains(['/', '+']);
        if !here.is_empty() && shows {
            let _ = write!(out, " {at}-{} {here},", end - 1);
        }
        at = end;
    }
    out.trim_end_matches(',').to_owned()
}

/// The whole screen as text, then the styles of each row that has some.
fn shot(model: &Model, theme: ThemeName) -> String {
    let buffer = drawn(model, theme);
    let ground = Theme::named(theme, false).ground();
    let ground = (ground.fg.unwrap_or(Color::Reset), ground.bg.unwrap_or(Color::Reset));
    let (columns, height) = model.size;
    let mut out = format!("{columns}x{height} {theme:?}{}\n", if model.appearance.ascii { " ascii" } else { "" });
    for row in rows(&buffer) {
        let _ = writeln!(out, "│{}", text(row));
    }
    for (y, row) in rows(&buffer).into_iter().enumerate() {
        let runs = runs(row, ground);
        if !runs.is_empty() {
            let _ = writeln!(out, "{y:>2}:{runs}");
        }
    }
    out
}

#[test]
fn every_scene_looks_as_it_did_at_every_size() {
    for (name, scene) in SCENES {
        let shots: Vec<String> = SIZES.iter().map(|size| shot(&scene(*size).model, ThemeName::Terminal)).collect();
        insta::assert_snapshot!(*name, shots.join("\n"));
    }
}

#[test]
fn every_theme_looks_as_it_did() {
    let themes = [ThemeName::Terminal, ThemeName::Dark, ThemeName::Light, ThemeName::Mono];
    for (name, scene) in
        [("themes_detail", detail as Scene), ("themes_palette", palette), ("themes_action", acting::one)]
    {
        let mut shots: Vec<String> = themes.iter().map(|theme| shot(&scene((120, 30)).model, *theme)).collect();
        let mut ascii = scene((120, 30));
        ascii.model.appearance.ascii = true;
        shots.push(shot(&ascii.model, ThemeName::Terminal));
        insta::assert_snapshot!(name, shots.join("\n"));
    }
}

/// Every scene, made once and then resized, as a user does it.
fn resized(mut each: impl FnMut(&str, &Model)) {
    let columns = (1..=24).chain([33, 40, 41, 59, 60, 79, 80, 99, 100, 119, 120, 121, 159, 201, 250]);
    let sizes: Vec<(u16, u16)> =
        columns.flat_map(|columns| [1, 2, 3, 4, 5, 7, 10, 11, 24, 45, 80].map(|rows| (columns, rows))).collect();
    for (name, scene) in SCENES {
        let mut harness = scene((120, 30));
        for (columns, rows) in &sizes {
            harness.tell(Msg::Resize(*columns, *rows));
            each(name, &harness.model);
        }
    }
}

#[test]
fn no_size_is_too_small_or_too_large() {
    resized(|_, model| {
        drawn(model, ThemeName::Terminal);
    });
    for (_, scene) in SCENES {
        let mut harness = scene((120, 30));
        harness.tell(Msg::Resize(0, 0));
        drawn(&harness.model, ThemeName::Mono);
    }
}

#[test]
fn every_line_fits_where_it_is_drawn() {
    resized(|name, model| {
        let size = model.size;
        let fits = |what: &str, lines: &[Line], columns: u16| {
            for line in lines {
                let wide = view::width_of(line);
                assert!(wide <= usize::from(columns), "{name} at {size:?}: {what} takes {wide}: {line:?}");
            }
        };
        fits("header", &[view::header::line(model)], size.0);
        fits("tabs", &[view::header::tabs(model)], size.0);
        fits("footer", &[view::footer::line(model)], size.0);
        match model.target().route {
            Route::Overview => fits("overview", &view::overview::lines(model), size.0),
            Route::View(_) => {
                fits("list", &view::list::lines(model).unwrap(), geometry::list_columns(model));
                fits("detail", &view::detail::lines(model), geometry::detail_columns(model));
            }
        }
    });
}

#[test]
fn in_ascii_every_character_of_ours_is_ascii() {
    for (name, scene) in SCENES {
        for size in SIZES {
            let mut harness = scene(size);
            harness.model.appearance.ascii = true;
            let model = &harness.model;
            let mut lines = vec![view::header::line(model), view::header::tabs(model), view::header::rule(model)];
            lines.extend(view::list::lines(model).unwrap_or_else(|| view::overview::lines(model)));
            lines.extend(view::detail::lines(model));
            lines.extend(view::overlay::popup(model).into_iter().flat_map(|sheet| sheet.lines));
            lines.push(view::footer::line(model));
            // What the database holds is theirs.
            let theirs = "日本語のメモ␛\u{fffd}";
            for span in lines.iter().flatten() {
                let is_fine = span.text.chars().all(|c| c.is_ascii() || theirs.contains(c));
                assert!(is_fine, "{name} at {size:?} says {:?}", span.text);
            }
        }
    }
}

#[test]
fn in_ascii_nothing_else_reaches_the_terminal() {
    for (name, scene) in SCENES {
        let mut harness = scene((120, 30));
        harness.model.appearance.ascii = true;
        for cell in drawn(&harness.model, ThemeName::Terminal).content() {
            assert!(cell.symbol().is_ascii(), "{name} draws {:?}", cell.symbol());
        }
    }
}

#[test]
fn a_severity_reads_without_color() {
    for (ascii, signs) in [(false, ["✖", "▲", "?", "●"]), (true, ["x", "!", "?", "."])] {
        for size in [(40, 10), (80, 24), (160, 45)] {
            let mut harness = Harness::sized(size.0, size.1);
            harness.model.appearance.ascii = ascii;
            harness.press("2");
            harness.answer("orders", Part::List, orders());
            let buffer = drawn(&harness.model, ThemeName::Mono);
            for (id, sign) in [("A-1041", signs[0]), ("A-1038", signs[0]), ("A-1029", signs[2]), ("A-1007", signs[1])] {
                let line = rows(&buffer).into_iter().map(text).find(|line| line.contains(id));
                let line = line.unwrap_or_else(|| panic!("{id} is on screen at {size:?}"));
                let margin: String = line.chars().take_while(|c| *c != 'A').collect();
                assert!(margin.contains(sign), "{id}: {line}");
            }
        }
        let mut harness = overview((100, 30));
        harness.model.appearance.ascii = ascii;
        let shown = shot(&harness.model, ThemeName::Mono);
        for sign in &signs[..2] {
            assert!(shown.contains(&format!("{sign} ")), "{shown}");
        }
    }
}

#[test]
fn the_mono_theme_uses_no_color_and_marks_the_cursor_with_a_character() {
    for (name, scene) in SCENES {
        let buffer = drawn(&scene((120, 30)).model, ThemeName::Mono);
        for cell in buffer.content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}");
        }
    }
    let buffer = drawn(&list((120, 30)).model, ThemeName::Mono);
    let marked = rows(&buffer).into_iter().map(text).filter(|line| line.starts_with('▌')).count();
    assert_eq!(marked, 1);
}

#[test]
fn what_is_old_says_so_on_every_screen_that_can_show_a_line() {
    for size in SIZES {
        let shown = shot(&stale(size).model, ThemeName::Terminal);
        assert!(shown.contains("STALE 15s"), "{shown}");
        let shown = shot(&no_data(size).model, ThemeName::Terminal);
        assert!(shown.contains("NO DATA"), "{shown}");
    }
}

#[test]
fn the_name_of_the_target_is_on_every_screen() {
    for (name, scene) in SCENES {
        for size in SIZES {
            let buffer = drawn(&scene(size).model, ThemeName::Terminal);
            let first = text(rows(&buffer)[0]);
            assert!(first.contains("floor-1"), "{name} at {size:?}: {first}");
        }
    }
}

#[test]
fn what_the_database_says_cannot_act_on_the_terminal() {
    for (name, scene) in SCENES {
        let buffer = drawn(&scene((160, 45)).model, ThemeName::Terminal);
        for cell in buffer.content() {
            assert!(cell.symbol().chars().all(opsdash_core::text::is_inert), "{name}: {:?}", cell.symbol());
            assert!(!cell.symbol().contains(['\n', '\t']), "{name}");
        }
    }
}

#[test]
fn the_chosen_item_of_a_picker_and_the_end_of_the_help_can_be_reached_on_every_screen() {
    for size in SIZES {
        let mut harness = list(size);
        harness.press(": Up");
        let screen = shot(&harness.model, ThemeName::Mono);
        assert!(screen.contains("▌leave"), "{screen}");
        harness.press("Esc ? G");
        let screen = shot(&harness.model, ThemeName::Mono);
        assert!(screen.contains("old: the last asking failed"), "{screen}");
    }
}

#[test]
fn a_name_stays_beside_a_long_text_on_a_narrow_screen() {
    for columns in 40..120 {
        let mut harness = list((120, 30));
        harness.tell(Msg::Resize(columns, 24));
        let screen = shot(&harness.model, ThemeName::Mono);
        assert!(screen.contains("A-1007") && screen.contains("a note"), "{screen}");
    }
}
