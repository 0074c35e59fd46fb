//! Names of a database as a pack can use them.

use std::collections::BTreeSet;

/// Words that views and parameters give a meaning of their own.
const TAKEN: [&str; 14] = [
    "severity", "why", "reason", "doubt", "key", "keys", "row", "search", "window", "operator", "scope", "brief",
    "pack", "schema",
];

/// Parts of names that mean a secret: such columns are not selected.
const SECRET: [&str; 18] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "hash",
    "salt",
    "api_key",
    "apikey",
    "private_key",
    "credential",
    "otp",
    "cvv",
    "hmac",
    "access_key",
    "signing_key",
    "encryption_key",
];

/// Names for what a pack calls its own: in lower case, of letters, digits and `_`, each once.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// An identifier for a name of the database.
    pub fn identifier(&mut self, name: &str) -> String {
        let mut base = snake(name);
        if !base.starts_with(|c: char| c.is_ascii_lowercase()) {
            base.insert_str(0, if base.is_empty() { "n" } else { "n_" });
        }
        if TAKEN.contains(&base.as_str()) {
            base.push('_');
        }
        let mut found = base.clone();
        for number in 2.. {
            if self.0.insert(found.clone()) {
                break;
            }
            found = format!("{base}_{number}");
        }
        found
    }
}

/// `createdAt` and `Created At` are `created_at`, `HTTPServer` is `http_server`.
fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let begins_word = c.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
                || before.is_some_and(char::is_uppercase) && chars.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if begins_word {
            snake.push('_');
        }
        snake.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    let parts: Vec<&str> = snake.split('_').filter(|part| !part.is_empty()).collect();
    parts.join("_")
}

/// A title for people: `support_ticket` is "Support ticket".
pub(super) fn title(identifier: &str) -> String {
    let words = identifier.trim_end_matches('_').replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Whether a column looks as if it held a secret. `token_count` does not.
pub(super) fn is_secret(identifier: &str) -> bool {
    let counts = ["count", "id", "at", "type", "kind", "limit", "used"];
    let is_about = counts.iter().any(|end| identifier.ends_with(&format!("_{end}")));
    !is_about && SECRET.iter().any(|part| identifier.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_an_identifier_of_its_own() {
        let mut names = Names::default();
        for (name, expected) in [
            ("createdAt", "created_at"),
            ("created_at", "created_at_2"),
            ("HTTPServer", "http_server"),
            ("Order Line#", "order_line"),
            ("2fa", "n_2fa"),
            ("état", "tat"),
            ("日本", "n"),
            ("key", "key_"),
            ("_id", "id"),
        ] {
            assert_eq!(names.identifier(name), expected, "{name}");
        }
    }

    #[test]
    fn what_looks_like_a_secret_is_one() {
        for name in ["password_hash", "api_key", "hmac_key", "reset_token", "secret", "otp_salt"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["token_count", "name", "hashed_at", "key", "customer_id"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
