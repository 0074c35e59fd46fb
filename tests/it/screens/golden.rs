//! Whole screens, few enough to be read when they change.
//!
//! After a wanted change: `INSTA_UPDATE=always cargo test --test it screens::golden`, then read the difference.

use opsdash_pack::config::ThemeName;

use super::{
    acting,
    drawn::{Drawn, in_ascii},
    scenes::{Scene, detail, help, list, overview, palette, stale, targets},
};

/// The size that everybody has.
const USUAL: (u16, u16) = (80, 24);
/// A large window.
const LARGE: (u16, u16) = (160, 45);
/// A split of a terminal multiplexer.
const SMALL: (u16, u16) = (40, 10);

#[test]
fn the_screens_that_people_look_at_are_as_they_were() {
    for (name, scene, sizes) in [
        ("overview", overview as Scene, &[USUAL, LARGE][..]),
        ("list", list, &[USUAL]),
        ("detail", detail, &[LARGE]),
        ("action", acting::one, &[USUAL, SMALL]),
        ("action_typed", acting::typed, &[USUAL]),
        ("targets", targets, &[LARGE]),
        ("stale", stale, &[USUAL]),
        ("palette", palette, &[USUAL]),
        ("help", help, &[LARGE]),
    ] {
        let shots: Vec<String> = sizes.iter().map(|size| Drawn::of(&scene(*size).model).shot()).collect();
        insta::assert_snapshot!(name, shots.join("\n"));
    }
}

/// With styles: without color they have to tell apart what must be.
#[test]
fn without_color_and_in_ascii_it_is_as_it_was() {
    let screen = Drawn::with(&in_ascii(&list(USUAL)), ThemeName::Mono);
    insta::assert_snapshot!("mono_ascii", screen.shot() + &screen.styles());
}

#[test]
fn the_colors_of_a_list_are_as_they_were() {
    let screen = Drawn::of(&list(USUAL).model);
    insta::assert_snapshot!("list_colors", screen.styles());
}
