//! How a result judges its rows: `severity`, `why` and `reason`, whatever the engine.

use opsdash_core::{
    text,
    value::{ArcStr, ReasonIds, Severity},
};

use crate::{limits, text as incoming};

/// The severity that a word names, and the `why` beside it. A word that is no severity makes the row unknown, and is
/// told before what the query says.
pub fn severity_and_why(word: Option<&str>, why: &str) -> (Severity, ArcStr) {
    let severity = word.map_or(Severity::Unknown, Severity::from_word);
    let why = text::one_line(&incoming::cut(why, limits::WHY_BYTES)).into_owned();
    match word {
        Some(word) if severity == Severity::Unknown && word != severity.word() => {
            let shown = text::one_line(&incoming::cut(word, limits::REASON_BYTES)).into_owned();
            let and_why = if why.is_empty() { String::new() } else { format!("; {why}") };
            (severity, format!("the query says \"{shown}\", which is no severity{and_why}").into())
        }
        // Without a word a row is unknown, and somebody has to know why.
        None if why.is_empty() => (severity, "the query gives it no severity".into()),
        _ => (severity, why.into()),
    }
}

/// Ids of reasons, inert and bounded: at most [`limits::REASONS`]. Empty ones are none.
pub fn reason_ids<'a>(ids: impl Iterator<Item = &'a str>) -> ReasonIds {
    let ids = ids.filter(|id| !id.is_empty()).take(limits::REASONS);
    ids.map(|id| ArcStr::from(&*text::one_line(&incoming::cut(id, limits::REASON_BYTES)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_severity_is_told() {
        let (severity, why) = severity_and_why(Some("critical"), "disk full");
        assert_eq!(
            (severity, &*why),
            (Severity::Unknown, "the query says \"critical\", which is no severity; disk full")
        );
        assert_eq!(&*severity_and_why(Some(""), "").1, "the query says \"\", which is no severity");
        assert_eq!(severity_and_why(Some("off"), "revoked"), (Severity::Off, "revoked".into()));
        assert_eq!(severity_and_why(Some("unknown"), "no rights"), (Severity::Unknown, "no rights".into()));
        assert_eq!(severity_and_why(None, "x"), (Severity::Unknown, "x".into()));
        assert_eq!(&*severity_and_why(None, "").1, "the query gives it no severity");
    }

    #[test]
    fn ids_are_inert_and_bounded() {
        let long = "x".repeat(10_000);
        let ids = reason_ids(["", "silent", "\u{1b}[2J", &long].into_iter().chain(std::iter::repeat_n("more", 100)));
        assert_eq!((ids.len(), &*ids[0], &*ids[1]), (limits::REASONS, "silent", "\u{241b}[2J"));
        assert!(ids[2].len() < 2 * limits::REASON_BYTES, "{}", ids[2]);
    }
}
