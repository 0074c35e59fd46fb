//! "Did you mean": the one known word that a typed one is closest to.

/// Below this likeness two words have nothing to do with each other.
const LIKE: f64 = 0.75;

/// `, did you mean "errors"?` or nothing.
#[must_use]
pub fn hint<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let typed = typed.to_lowercase();
    let like = |word: &'a str| (strsim::jaro_winkler(&typed, &word.to_lowercase()), word);
    let best = known.into_iter().map(like).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(like, _)| *like >= LIKE).map(|(_, word)| format!(", did you mean \"{word}\"?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn a_slip_is_recognized_and_a_stranger_is_not() {
        let views = ["errors", "error_log", "metrics"];
        assert_eq!(hint("eror", views), ", did you mean \"errors\"?");
        assert_eq!(hint("Metric", views), ", did you mean \"metrics\"?");
        assert_eq!(hint("zzz", views), "");
    }
}
