//! Themes, and terminals without color or without UTF-8.

use opsdash_core::{contract::Part, text, view};
use opsdash_pack::config::ThemeName;
use ratatui::{buffer::Cell, style::Color};

use super::{
    SIZES,
    drawn::{Drawn, in_ascii},
    scenes::{SCENES, list, orders, overview},
    support::{FLOORS, Harness, shop},
};

#[test]
fn every_colored_theme_tells_severities_and_the_cursor_apart() {
    for theme in [ThemeName::Terminal, ThemeName::Dark, ThemeName::Light] {
        let screen = Drawn::with(&list((80, 24)).model, theme);
        let signs = ["✖ A-1041", "▲ A-1007", "? A-1029", "● A-1001", "A-1038"];
        for (at, sign) in signs.iter().enumerate() {
            for other in &signs[at + 1..] {
                assert_ne!(screen.style(sign).fg, screen.style(other).fg, "{theme:?}: {sign} and {other}");
            }
        }
        assert_ne!(screen.style("A-1041"), screen.style("A-1038"), "{theme:?}: the row with the cursor and another");
    }
}

#[test]
fn themes_with_a_background_of_their_own_leave_no_cell_to_the_terminal() {
    for theme in [ThemeName::Dark, ThemeName::Light] {
        for (name, scene) in SCENES {
            let screen = Drawn::with(&scene((80, 24)).model, theme);
            // The second half of a wide character is not drawn.
            let is_bare = |cell: &&Cell| cell.symbol() != " " && (cell.bg == Color::Reset || cell.fg == Color::Reset);
            assert_eq!(screen.cells().iter().find(is_bare), None, "{name} in {theme:?}");
        }
    }
}

#[test]
fn in_ascii_every_character_of_ours_is_ascii() {
    for (name, scene) in SCENES {
        for size in SIZES {
            let model = &in_ascii(&scene(size));
            let mut lines = vec![view::header::line(model), view::header::tabs(model), view::header::rule(model)];
            lines.extend(view::list::lines(model).unwrap_or_else(|| view::overview::lines(model)));
            lines.extend(view::detail::lines(model));
            lines.extend(view::overlay::popup(model).into_iter().flat_map(|popup| popup.lines));
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
        for cell in Drawn::of(&in_ascii(&scene((120, 30)))).cells() {
            assert!(cell.symbol().is_ascii(), "{name} draws {:?}", cell.symbol());
        }
    }
}

#[test]
fn a_severity_reads_without_color() {
    for (ascii, signs) in [(false, ["✖", "▲", "?", "●"]), (true, ["x", "!", "?", "."])] {
        for size in [(40, 10), (80, 24), (160, 45)] {
            let mut harness = Harness::changed(&shop(), &FLOORS, size, |start| start.appearance.ascii = ascii);
            harness.press("2");
            harness.answer("orders", Part::List, orders());
            let screen = Drawn::with(&harness.model, ThemeName::Mono);
            for (id, sign) in [("A-1041", signs[0]), ("A-1038", signs[0]), ("A-1029", signs[2]), ("A-1007", signs[1])] {
                let line = screen.line(id);
                let margin: String = line.chars().take_while(|c| *c != 'A').collect();
                assert!(margin.contains(sign), "{id} at {size:?}: {line}");
            }
        }
        let harness = overview((100, 30));
        let model = if ascii { in_ascii(&harness) } else { harness.model.clone().into_model() };
        let screen = Drawn::with(&model, ThemeName::Mono);
        for sign in &signs[..2] {
            screen.shows(&[&format!("{sign} ")]);
        }
    }
}

#[test]
fn the_mono_theme_uses_no_color_and_marks_the_cursor_with_a_character() {
    for (name, scene) in SCENES {
        for cell in Drawn::with(&scene((120, 30)).model, ThemeName::Mono).cells() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}");
        }
    }
    let lines = Drawn::with(&list((120, 30)).model, ThemeName::Mono).lines();
    assert_eq!(lines.iter().filter(|line| line.starts_with('▌')).count(), 1, "{lines:#?}");
}

#[test]
fn what_the_database_says_cannot_act_on_the_terminal() {
    for (name, scene) in SCENES {
        for cell in Drawn::of(&scene((160, 45)).model).cells() {
            assert!(cell.symbol().chars().all(text::is_inert), "{name}: {:?}", cell.symbol());
            assert!(!cell.symbol().contains(['\n', '\t']), "{name}");
        }
    }
}
