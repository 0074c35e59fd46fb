//! What the environment says of the terminal's characters.

/// Whether the terminal is told to expect UTF-8: the first of the three variables that is set decides, as in POSIX.
#[must_use]
pub fn has_utf8() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    let locale = { set }.find(|value| !value.is_empty()).unwrap_or_default().to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}
