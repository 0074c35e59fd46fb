//! Keys: how they are written, and which command each of them gives.

use std::{collections::BTreeMap, fmt, str::FromStr};

use crate::{
    command::{Command, TABLE},
    pack::Pack,
};

/// One key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which key. There is no field for Shift: it changes the character.
    pub code: KeyCode,
    /// Whether Control is held.
    pub ctrl: bool,
    /// Whether Alt is held.
    pub alt: bool,
}

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyCode {
    /// A character.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace: deletes to the left.
    Backspace,
    /// Delete: deletes to the right.
    Delete,
    /// The arrow up.
    Up,
    /// The arrow down.
    Down,
    /// The arrow to the left.
    Left,
    /// The arrow to the right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

impl KeyCode {
    /// The keys that are written by a name rather than by a character, with their names.
    pub const NAMED: [(&'static str, Self); 15] = [
        ("Enter", Self::Enter),
        ("Esc", Self::Esc),
        ("Tab", Self::Tab),
        ("BackTab", Self::BackTab),
        ("Backspace", Self::Backspace),
        ("Delete", Self::Delete),
        ("Up", Self::Up),
        ("Down", Self::Down),
        ("Left", Self::Left),
        ("Right", Self::Right),
        ("Home", Self::Home),
        ("End", Self::End),
        ("PageUp", Self::PageUp),
        ("PageDown", Self::PageDown),
        ("Space", Self::Char(' ')),
    ];
}

impl From<KeyCode> for Key {
    fn from(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false }
    }
}

impl From<char> for Key {
    fn from(c: char) -> Self {
        KeyCode::Char(c).into()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        match KeyCode::NAMED.iter().find(|(_, code)| *code == self.code) {
            Some((name, _)) => f.write_str(name),
            None => match self.code {
                KeyCode::Char(c) => write!(f, "{c}"),
                other => write!(f, "{other:?}"),
            },
        }
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (alt, rest) = text.strip_prefix("Alt-").map_or((false, text), |rest| (true, rest));
        let (ctrl, rest) = rest.strip_prefix("Ctrl-").map_or((false, rest), |rest| (true, rest));
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) => KeyCode::Char(c),
            _ => KeyCode::NAMED.iter().find(|(name, _)| *name == rest).map(|(_, code)| *code).ok_or_else(|| {
                format!("\"{text}\" is no key; write a character, or a name such as Enter, Space, PageUp, Ctrl-x")
            })?,
        };
        Ok(Self { code, ctrl, alt })
    }
}

/// One key, or a chord of two keys one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeySequence {
    /// The first key.
    pub first: Key,
    /// The second key of a chord; `None` for one key alone.
    pub second: Option<Key>,
}

impl fmt::Display for KeySequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        match self.second {
            Some(second) => write!(f, " {second}"),
            None => Ok(()),
        }
    }
}

impl FromStr for KeySequence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(' ') {
            Some((first, second)) if !first.is_empty() => {
                Ok(Self { first: first.parse()?, second: Some(second.trim().parse()?) })
            }
            _ => Ok(Self { first: text.parse()?, second: None }),
        }
    }
}

/// Which command each key gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Keymap {
    bound: BTreeMap<KeySequence, Command>,
}

/// The first key of the chords of links.
pub const LINK_PREFIX: KeyCode = KeyCode::Char('g');

impl Default for Keymap {
    fn default() -> Self {
        Self::with(&BTreeMap::new()).expect("the table's own keys parse and do not conflict; a test says so")
    }
}

impl Keymap {
    /// The keys of the table. The commands that `changed` names have the keys there instead of their own.
    ///
    /// # Errors
    /// With the first entry of `changed` that names no command or no key, or a key that two commands would have, and
    /// what to do.
    pub fn with(changed: &BTreeMap<String, Vec<String>>) -> Result<Self, String> {
        if let Some(name) = changed.keys().find(|name| TABLE.iter().all(|entry| entry.name != name.as_str())) {
            return Err(format!("[keys] has no command \"{name}\"; `?` and docs/keys.md list them"));
        }
        let mut bound: BTreeMap<KeySequence, Command> = BTreeMap::new();
        for entry in TABLE {
            let own: Vec<&str> = match changed.get(entry.name) {
                Some(keys) => keys.iter().map(String::as_str).collect(),
                None => entry.keys.to_vec(),
            };
            for text in own {
                let keys: KeySequence = text.parse().map_err(|why| format!("[keys] {}: {why}", entry.name))?;
                if let Some(other) = bound.insert(keys, entry.command) {
                    let other = other.entry().name;
                    return Err(format!(
                        "[keys] \"{text}\" is bound to {other} and to {}; give one of them another key",
                        entry.name
                    ));
                }
            }
        }
        Ok(Self { bound })
    }

    /// Checks that no command has the key of one of the pack's actions. The pack's own check cannot tell, because the
    /// user may have changed the keys of commands.
    ///
    /// # Errors
    /// With the first action whose key a command has, and what to do.
    pub fn check_actions(&self, pack: &Pack) -> Result<(), String> {
        for view in &pack.views {
            for action in &view.actions {
                let key = Key::from(action.press);
                if let Some(command) = self.command(KeySequence { first: key, second: None }) {
                    return Err(format!(
                        "[keys] \"{key}\" is bound to {}, and is the key of \"{}\" in {}; give the command another key, or the \
                         action in a pack of your own",
                        command.entry().name,
                        action.title,
                        view.title
                    ));
                }
            }
        }
        Ok(())
    }

    /// The command of a key or chord; `None` when no command has it.
    #[must_use]
    pub fn command(&self, keys: KeySequence) -> Option<Command> {
        self.bound.get(&keys).copied()
    }

    /// Whether a key is the first of a chord.
    #[must_use]
    pub fn is_prefix(&self, key: Key) -> bool {
        key == Key::from(LINK_PREFIX) || self.bound.keys().any(|keys| keys.first == key && keys.second.is_some())
    }

    /// The keys of a command as they are written, the default ones first.
    #[must_use]
    pub fn keys_of(&self, command: Command) -> Vec<String> {
        let mut keys: Vec<String> =
            self.bound.iter().filter(|(_, bound)| **bound == command).map(|(keys, _)| keys.to_string()).collect();
        // In the table's order: its first key is the one to name in a sentence.
        let order = command.entry().keys;
        keys.sort_by_key(|key| order.iter().position(|known| known == key).unwrap_or(usize::MAX));
        keys
    }

    /// The key that a sentence names for a command; where the user took all its keys away, its name after the palette's
    /// colon.
    #[must_use]
    pub fn key_of(&self, command: Command) -> String {
        self.keys_of(command).into_iter().next().unwrap_or_else(|| format!(":{}", command.entry().name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_keys_parse_and_every_command_has_one() {
        let keymap = Keymap::default();
        for entry in TABLE {
            assert_eq!(keymap.keys_of(entry.command).len(), entry.keys.len(), "{}", entry.name);
        }
    }

    #[test]
    fn a_key_is_read_as_it_is_written() {
        for text in ["a", "G", "Ctrl-c", "Alt-x", "Enter", "Space", "g g", ":", "?"] {
            assert_eq!(text.parse::<KeySequence>().unwrap().to_string(), text);
        }
        assert!("Hyper-x".parse::<KeySequence>().unwrap_err().contains("is no key"));
    }

    #[test]
    fn a_key_given_twice_is_refused_and_names_both_commands() {
        let changed = BTreeMap::from([("pause".to_owned(), vec!["R".to_owned()])]);
        let why = Keymap::with(&changed).unwrap_err();
        assert!(why.contains("pause") && why.contains("reload"), "{why}");
    }

    #[test]
    fn a_command_that_does_not_exist_is_refused() {
        let changed = BTreeMap::from([("fly".to_owned(), vec!["F".to_owned()])]);
        assert!(Keymap::with(&changed).unwrap_err().contains("fly"));
    }
}
