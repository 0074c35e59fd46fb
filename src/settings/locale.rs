//! What the environment says of the terminal's characters and colors.

/// Whether the terminal is told to expect UTF-8: the first of the three variables that is set decides, as in POSIX.
#[must_use]
pub fn has_utf8() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    let locale = { set }.find(|value| !value.is_empty()).unwrap_or_default().to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Whether somebody wants no color: `NO_COLOR` is set, and not to nothing.
#[must_use]
pub fn declines_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
