//! `docs/packs.md`: how to write a pack, and every word it may use.

use opsdash_pack::language;

use super::made_from;

const INTRODUCTION: &str = include_str!("packs.md");

/// A pack to type in, and what is easy to miss: the end of the introduction.
const WHOLE_PACK: &str = include_str!("whole_pack.md");

/// The heading of the reference.
const WORDS: &str = "# Words\n";

/// Makes `docs/packs.md`.
pub(super) fn document() -> String {
    let made_from =
        made_from("`crates/pack/src/language/words/` and `crates/xtask/src/docs/packs.md`, `whole_pack.md`");
    let introduction = INTRODUCTION.replacen(WORDS, &format!("{WHOLE_PACK}{WORDS}"), 1);
    format!("{made_from}{introduction}\n{}\n", language::reference().trim_end())
}
