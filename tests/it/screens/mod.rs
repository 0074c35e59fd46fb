//! The screen as it is drawn, text and styles, in every state that a user meets: about ten whole screens to be read, facts of
//! the others, and what holds at every size.

#[expect(dead_code, reason = "it is for the tests of the core; this uses its part of it")]
#[path = "../../../crates/core/tests/it/support/mod.rs"]
mod support;

mod acting;
mod drawn;
mod facts;
mod golden;
mod looks;
mod scenes;
mod sizes;

/// Sizes that people have.
const SIZES: [(u16, u16); 6] = [(40, 10), (80, 24), (100, 30), (120, 30), (160, 45), (200, 60)];
