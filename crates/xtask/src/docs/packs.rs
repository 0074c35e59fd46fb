//! `docs/packs.md`: how to write a pack, and every word it may use.

use opsdash_pack::language;

use super::made_from;

const INTRODUCTION: &str = include_str!("packs.md");

/// Makes `docs/packs.md`.
pub(super) fn document() -> String {
    let made_from = made_from("`crates/pack/src/language/words/` and `crates/xtask/src/docs/packs.md`");
    format!("{made_from}{INTRODUCTION}\n{}\n", language::reference().trim_end())
}
