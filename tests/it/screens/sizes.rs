//! What holds at every size.

use opsdash_core::{
    geometry,
    model::{Model, Overlay, Route},
    msg::Msg,
    text,
    view::{self, Line},
};
use opsdash_pack::config::ThemeName;

use super::{
    SIZES,
    drawn::{Drawn, plain},
    scenes::{SCENES, list, no_data, stale},
};

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
    resized(|name, model| {
        let screen = Drawn::of(model);
        let (columns, rows) = model.size;
        // On fewer rows the keys stand over what else there is.
        if rows >= 4 {
            assert_eq!(screen.header(), plain(&view::header::line(model)), "{name} at {columns}x{rows}");
            let footer = screen.footer();
            match model.overlays.last() {
                Some(Overlay::Filter { .. }) => {
                    assert!(columns < 3 || footer.starts_with(" /"), "{columns}x{rows}: {footer}");
                }
                _ => assert_eq!(footer, plain(&view::footer::line(model)), "{name} at {columns}x{rows}"),
            }
        }
        if rows >= 2 && columns >= 40 {
            assert!(screen.header().starts_with(" floor-1 "), "{name} at {columns}x{rows}: {}", screen.header());
        }
    });
    for (_, scene) in SCENES {
        let mut harness = scene((120, 30));
        harness.tell(Msg::Resize(0, 0));
        Drawn::with(&harness.model, ThemeName::Mono);
    }
}

/// Boxes of actions, and from how many rows on what is to be written can be read: the summary, and at least one of the
/// rows. On lower screens what stands above the fields goes, though Enter still does it.
const BOXES: [(&str, &str, u16); 5] = [
    ("action", "1 row.", 10),
    ("action_choice", "1 row.", 9),
    ("action_typed", "1 row.", 11),
    ("action_many", "250 rows.", 15),
    ("undo", "1 row.", 7),
];

/// From this width on the summary is not cut.
const READABLE: u16 = 29;

#[test]
fn a_box_that_can_be_confirmed_shows_what_is_written() {
    let mut boxes = 0;
    resized(|name, model| {
        let (columns, rows) = model.size;
        let Some(Overlay::Act(_)) = model.overlays.last() else { return };
        let (_, summary, lowest) = BOXES.iter().find(|(scene, ..)| *scene == name).expect("every box is listed");
        if columns >= READABLE && rows >= *lowest {
            boxes += 1;
            let text = Drawn::of(model).text();
            // The first column of a row, or one that changes.
            let is_shown = ["日本 Inc.", "state  "].iter().any(|row| text.contains(row));
            assert!(text.contains(summary) && is_shown, "{name} at {columns}x{rows}:\n{text}");
        }
    });
    assert!(boxes > 300, "{boxes}");
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
        // On narrower screens the questions of some boxes are cut.
        if let Some(popup) = view::overlay::popup(model).filter(|_| size.0 >= 59) {
            for line in popup.lines.iter().map(plain) {
                assert!(text::width(&line) + 4 <= usize::from(size.0), "{name} at {size:?}: in a box {line:?}");
            }
        }
    });
}

#[test]
fn what_is_old_says_so_on_every_screen_that_can_show_a_line() {
    for size in SIZES {
        Drawn::of(&stale(size).model).shows(&["STALE 15s"]);
        Drawn::of(&no_data(size).model).shows(&["NO DATA"]);
    }
}

#[test]
fn the_name_of_the_target_is_on_every_screen() {
    for (name, scene) in SCENES {
        for size in SIZES {
            let first = Drawn::of(&scene(size).model).header();
            assert!(first.contains("floor-1"), "{name} at {size:?}: {first}");
        }
    }
}

#[test]
fn the_chosen_item_of_a_picker_and_the_end_of_the_help_can_be_reached_on_every_screen() {
    for size in SIZES {
        let mut harness = list(size);
        harness.press(": Up");
        Drawn::with(&harness.model, ThemeName::Mono).shows(&["▌quit"]);
        harness.press("Esc ? G");
        Drawn::with(&harness.model, ThemeName::Mono).shows(&["old: the last asking failed"]);
    }
}

#[test]
fn a_name_stays_beside_a_long_text_on_a_narrow_screen() {
    for columns in 40..120 {
        let mut harness = list((120, 30));
        harness.tell(Msg::Resize(columns, 24));
        Drawn::with(&harness.model, ThemeName::Mono).shows(&["A-1007", "a note"]);
    }
}
