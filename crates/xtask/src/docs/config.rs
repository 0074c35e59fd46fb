//! `docs/config.md`: where the config is, and every word it may use.

use opsdash_pack::config;

use super::made_from;

const INTRODUCTION: &str = include_str!("config.md");

/// Makes `docs/config.md`.
pub(super) fn document() -> String {
    let made_from = made_from("`crates/pack/src/config/words.rs` and `crates/xtask/src/docs/config.md`");
    format!("{made_from}{INTRODUCTION}\n{}\n", config::reference().trim_end())
}
