//! How a write is confirmed.

use opsdash_pack::pack::{Action, Danger};

use super::{WritePlan, preview::told};
use crate::{format, text};

/// From so many rows on their number is typed, whatever the danger.
const MANY: usize = 200;

/// What the operator does to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// Says yes.
    Yes,
    /// Types this.
    Type {
        /// What it is, in words: `the pid`, `the last 4 characters of name`.
        what: String,
        /// How it is printed, for who is asked; empty where its end is typed, which the box shows with the rest.
        shown: String,
        /// The text itself.
        value: String,
    },
}

impl Confirmation {
    /// What is asked: `Type the pid, 18948, to confirm`; `None` where nothing is typed.
    #[must_use]
    pub fn prompt(&self) -> Option<String> {
        match self {
            Self::Yes => None,
            Self::Type { what, shown, .. } if shown.is_empty() => Some(format!("Type {what} to confirm")),
            Self::Type { what, shown, .. } => Some(format!("Type {what}, {shown}, to confirm")),
        }
    }
}

/// How these rows are confirmed. What is typed never comes from a value that is not there: then the number of rows is.
#[must_use]
pub fn confirmation(action: &Action, prepared: &WritePlan) -> Confirmation {
    let rows = prepared.seen.len();
    let number = || Confirmation::Type {
        what: "the number of rows".into(),
        shown: format::thousands(rows),
        value: rows.to_string(),
    };
    if action.set.is_some() {
        return number();
    }
    match (&action.danger, prepared.seen.as_slice()) {
        (Danger::High { column, last }, [one]) => match one.get(column).flatten().filter(|text| !text.is_empty()) {
            Some(text) => {
                let all = text.chars().count();
                let name = column.replace('_', " ");
                let end: String = text.chars().skip(all.saturating_sub(last.unwrap_or(all))).collect();
                match last {
                    Some(last) if *last < all => Confirmation::Type {
                        what: format!("the last {last} characters of {name}"),
                        // Where the box does not show the column, nobody could know it.
                        shown: if told(action, one).any(|(told, _)| told == column) {
                            String::new()
                        } else {
                            end.clone()
                        },
                        value: end,
                    },
                    Some(_) | None => Confirmation::Type {
                        what: format!("the {name}"),
                        shown: text::inert(text).into_owned(),
                        value: text.to_owned(),
                    },
                }
            }
            None => number(),
        },
        (Danger::High { .. }, _) => number(),
        (Danger::Low, _) if rows > MANY => number(),
        (Danger::Low, _) => Confirmation::Yes,
    }
}

/// Whether this is what has to be typed. Of a number the spaces and other marks between its digits do not count: it is
/// printed with them.
#[must_use]
pub fn is_typed(typed: &str, value: &str) -> bool {
    typed == value || !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) && digits(typed) == value
}

/// A number without the marks between its digits.
#[must_use]
pub fn digits(typed: &str) -> String {
    typed.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | ',' | '.' | '\'' | '_')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_typed_as_it_is_printed() {
        for typed in ["2345", "2 345", "2,345", "2\u{202f}345"] {
            assert!(is_typed(typed, "2345"), "{typed}");
        }
        assert!(!is_typed("2344", "2345") && !is_typed("", "2345") && !is_typed("-2345", "2345"));
        assert!(is_typed("a b", "a b") && !is_typed("ab", "a b"), "a text is typed as it is");
    }
}
