//! The words of a filter line: where one ends, and what it is made of. What they mean is said elsewhere.

/// Between a column and a value. Longer signs stand before those that they begin with.
const SIGNS: [(&str, Sign); 7] = [
    (">=", Sign::AtLeast),
    ("<=", Sign::AtMost),
    ("!=", Sign::Unequal),
    (">", Sign::Above),
    ("<", Sign::Below),
    ("=", Sign::Equal),
    (":", Sign::Holds),
];

/// What is asked of a column and a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    AtLeast,
    AtMost,
    Above,
    Below,
    Equal,
    Unequal,
    Holds,
}

impl Sign {
    /// Whether it asks which of two is more.
    pub(super) fn is_order(self) -> bool {
        matches!(self, Self::AtLeast | Self::AtMost | Self::Above | Self::Below)
    }

    /// As it is typed.
    pub(super) fn text(self) -> &'static str {
        SIGNS.iter().find(|(_, sign)| *sign == self).map_or("", |(text, _)| text)
    }
}

/// One word, with its `!` taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// Whether rows are wanted that do not pass.
    pub negated: bool,
    /// As typed, without `!`.
    pub raw: &'a str,
    pub kind: WordKind<'a>,
}

/// What a word looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WordKind<'a> {
    /// Between two slashes.
    Regex(&'a str),
    /// In quotes: a text, whatever it looks like.
    Quoted(&'a str),
    /// Anything else.
    Plain(&'a str),
    /// With a sign in it. Whether that makes it a question to a column, the columns decide.
    Signed { name: &'a str, is_quoted: bool, sign: Sign, value: &'a str },
}

/// The words of a line.
pub(super) fn words(line: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let (word, after) = next(rest)?;
        rest = after;
        Some(word)
    })
}

fn next(line: &str) -> Option<(Word<'_>, &str)> {
    let mut text = line;
    // A lone `!` is a text.
    while let Some(inner) = text.strip_prefix('!').filter(|inner| !inner.is_empty() && !inner.starts_with([' ', '='])) {
        text = inner;
    }
    let negated = (line.len() - text.len()) % 2 == 1;
    let (kind, end) = kind(text)?;
    Some((Word { negated, raw: &text[..end], kind }, &text[end..]))
}

/// What a word is, and where it ends; `None` at the end of the line.
fn kind(text: &str) -> Option<(WordKind<'_>, usize)> {
    if let Some(end) = end_of_regex(text) {
        return Some((WordKind::Regex(&text[1..end - 1]), end));
    }
    let quoted = quoted(text);
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let unquoted = || {
        let begins = |at: &usize| text.is_char_boundary(*at) && sign(&text[*at..end]).is_some();
        let sign_at = (0..end).find(begins).unwrap_or(end);
        (&text[..sign_at], sign_at)
    };
    let (name, after) = quoted.unwrap_or_else(unquoted);
    let signed = sign(&text[after..]).map(|(sign, width)| {
        let begin = after + width;
        let rest = &text[begin..];
        let word = || {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (&rest[..end], end)
        };
        let (value, end) = self::quoted(rest).unwrap_or_else(word);
        (WordKind::Signed { name, is_quoted: quoted.is_some(), sign, value }, begin + end)
    });
    match (signed, quoted) {
        (Some(signed), _) => Some(signed),
        (None, Some((inside, end))) => Some((WordKind::Quoted(inside), end)),
        (None, None) => (end > 0).then(|| (WordKind::Plain(&text[..end]), end)),
    }
}

/// The sign that a text begins with, and its width.
fn sign(text: &str) -> Option<(Sign, usize)> {
    SIGNS.iter().find(|(written, _)| text.starts_with(written)).map(|(written, sign)| (*sign, written.len()))
}

/// What stands in the quotes that a text begins with, and where it goes on; without a second one it ends with the line.
fn quoted(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix('"')?;
    Some(match inside.find('"') {
        Some(at) => (&inside[..at], at + 2),
        None => (inside, text.len()),
    })
}

/// Where a `/regex/` ends: at a slash with nothing behind it, so that a path is a text.
fn end_of_regex(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('/')?;
    let closes = |(at, _): &(usize, &str)| inside[at + 1..].chars().next().is_none_or(char::is_whitespace);
    inside.match_indices('/').find(closes).map(|(at, _)| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(line: &str) -> Vec<WordKind<'_>> {
        words(line).map(|word| word.kind).collect()
    }

    fn signed<'a>(name: &'a str, sign: Sign, value: &'a str) -> WordKind<'a> {
        WordKind::Signed { name, is_quoted: false, sign, value }
    }

    #[test]
    fn a_word_ends_at_a_space_a_quote_or_a_slash() {
        assert_eq!(
            kinds(r#"a "b c" /d e/ "f"#),
            [WordKind::Plain("a"), WordKind::Quoted("b c"), WordKind::Regex("d e"), WordKind::Quoted("f")]
        );
        assert_eq!(kinds("/api/v1/users /x/"), [WordKind::Regex("api/v1/users /x")]);
        assert_eq!(kinds("/api/v1/users"), [WordKind::Plain("/api/v1/users")]);
        assert_eq!(kinds("   "), []);
    }

    #[test]
    fn a_sign_takes_a_word_apart_and_quotes_hold_it_together() {
        assert_eq!(
            kinds("a>=1 b!=2 c:d:e"),
            [signed("a", Sign::AtLeast, "1"), signed("b", Sign::Unequal, "2"), signed("c", Sign::Holds, "d:e")]
        );
        let quoted = WordKind::Signed { name: "file size", is_quoted: true, sign: Sign::Above, value: "1 MB" };
        assert_eq!(kinds(r#""file size">"1 MB""#), [quoted]);
        assert_eq!(kinds("-> é<"), [signed("-", Sign::Above, ""), signed("é", Sign::Below, "")]);
    }

    #[test]
    fn an_even_number_of_nots_is_none() {
        let negated = |line: &str| words(line).next().unwrap().negated;
        assert!(negated("!a") && !negated("!!a") && negated("!!!/a/") && !negated("!"));
    }
}
