//! A vocabulary is declared once: [`vocabulary!`] makes from one declaration the type that a TOML table is deserialized
//! to, and the table of words from which the check, the layers, the reference and the JSON schema are made.
//!
//! ```ignore
//! vocabulary! {
//!     /// A way to another view: `g` and a letter open the view.
//!     struct RawLink: "[[link]]", by ["press"] {
//!         /// The view that opens.
//!         required view: Name,
//!         /// How the view is shown. Default: text.
//!         optional format: Option<Name> where one_of(&FORMATS),
//!         disabled,
//!     }
//! }
//! ```
//!
//! To add a word, write two lines in the table that has it: its doc comment and its field. The comment is the word's
//! meaning in the reference, in the schema, and in messages; it says the default. Then use the field in the check.
//!
//! - `struct Type: "header"` names the Rust type, and the table as it is written. `by ["name"]` are the words by which
//!   layers tell the entries of a list apart: the first one that is set counts.
//! - `required` or `optional` says whether every table must have the word. An optional word without a value is `None`,
//!   empty or `false`.
//! - The Rust type decides the TOML type, see [`WordType`]: [`Name`] and `String` are a text, `bool` and `i64` what
//!   they say, `Vec<Name>` a list of texts, `BTreeMap<Name, Name>` a table of texts, another vocabulary's type a table,
//!   and a `Vec` or `BTreeMap` of it a list or a table of tables. `Spanned<..>` keeps the location for messages.
//! - `name as "type"` is a word whose name cannot be a field's.
//! - `where` has one rule: `one_of(&WORDS)` is a closed list of values (of a table of texts: of its names); `ordered`
//!   and `replaced` say how layers merge, see [`ValueKind`]; `list_of(&SPEC)` is another table of words for a list.
//! - `layers word: Type` is a word that the layers use up, so that no field has it. `disabled` is that common one.
//! - `not_served word` is refused wherever it stands. Its comment is the remedy.

use std::collections::BTreeMap;

use toml::Spanned;

use super::ValueKind;

/// A text with its location.
pub(crate) type Name = Spanned<String>;

/// A Rust type to which the value of a word is deserialized.
pub(crate) trait WordType {
    /// The type of the value in TOML.
    const KIND: ValueKind;
}

impl WordType for String {
    const KIND: ValueKind = ValueKind::Text;
}

/// The type of a word that has a list of texts or a table of texts. Only the layers read such a word.
pub(crate) struct TextsOrMap;

impl WordType for TextsOrMap {
    const KIND: ValueKind = ValueKind::TextsOrMap;
}

impl WordType for bool {
    const KIND: ValueKind = ValueKind::Boolean;
}

impl WordType for i64 {
    const KIND: ValueKind = ValueKind::Integer;
}

impl WordType for toml::Value {
    const KIND: ValueKind = ValueKind::Value;
}

impl<T: WordType> WordType for Spanned<T> {
    const KIND: ValueKind = T::KIND;
}

impl<T: WordType> WordType for Option<T> {
    const KIND: ValueKind = T::KIND;
}

impl<T: WordType> WordType for Vec<T> {
    const KIND: ValueKind = match T::KIND {
        ValueKind::Text => ValueKind::TextList,
        ValueKind::Table(spec) => ValueKind::TableList(spec),
        ValueKind::TextOrTableList(spec) => ValueKind::TextOrTableList(spec),
        _ => panic!("no word has a list of these"),
    };
}

impl<K, T: WordType> WordType for BTreeMap<K, T> {
    const KIND: ValueKind = match T::KIND {
        ValueKind::Text => ValueKind::TextMap,
        ValueKind::TextList => ValueKind::TextListMap,
        ValueKind::Value => ValueKind::ValueMap,
        ValueKind::TextOrTable(spec) => ValueKind::TextOrTableMap(spec),
        ValueKind::Table(spec) => ValueKind::TableMap(spec),
        ValueKind::Constant(spec) => ValueKind::ConstantMap(spec),
        _ => panic!("no word has a table of these"),
    };
}

/// The words of a table such as `Format::ALL`, for the rule `one_of`.
pub(crate) const fn words_of<T, const N: usize>(all: &[(&'static str, T); N]) -> [&'static str; N] {
    let mut words = [""; N];
    let mut at = 0;
    while at < N {
        words[at] = all[at].0;
        at += 1;
    }
    words
}

/// A text, or a table of words, for entries of a list that mostly are texts.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum TextOr<T> {
    Text(String),
    Table(T),
}

/// The type of a list of [`TextOr`].
impl<T: WordType> WordType for TextOr<T> {
    const KIND: ValueKind = match T::KIND {
        ValueKind::Table(spec) => ValueKind::TextOrTableList(spec),
        _ => panic!("only a table of words stands for a text"),
    };
}

/// Declares vocabularies; see the module's text for the form.
macro_rules! vocabulary {
    // All words are read: `$fields` are those of the type, `$words` those of the table.
    (@words [$(#[$attr:meta])*] $name:ident $header:literal [$($meaning:literal)+] [$($same:literal)*]
        [$($fields:tt)*] [$($words:tt)*]) => {
        $(#[$attr])*
        #[derive(Debug, Clone, ::serde::Deserialize)]
        pub(crate) struct $name { $($fields)* }

        impl $name {
            /// The words of the table.
            pub(crate) const SPEC: &'static $crate::document::TableSpec = &$crate::document::TableSpec {
                header: $header,
                meaning: concat!($($meaning),+).trim_ascii(),
                identity: &[$($same),*],
                words: &[$($words)*],
            };
        }

        impl $crate::document::WordType for $name {
            const KIND: $crate::document::ValueKind = $crate::document::ValueKind::Table(Self::SPEC);
        }
    };
    (@words $attrs:tt $name:ident $header:literal $meaning:tt $same:tt [$($fields:tt)*] [$($words:tt)*]
        disabled, $($rest:tt)*) => {
        $crate::document::vocabulary!(@words $attrs $name $header $meaning $same
            [$($fields)*] [$($words)* $crate::document::WordSpec::DISABLED,] $($rest)*);
    };
    (@words $attrs:tt $name:ident $header:literal $meaning:tt $same:tt [$($fields:tt)*] [$($words:tt)*]
        $(#[doc = $doc:literal])+ not_served $word:ident, $($rest:tt)*) => {
        $crate::document::vocabulary!(@words $attrs $name $header $meaning $same
            [$($fields)*]
            [$($words)* $crate::document::WordSpec::not_served(stringify!($word), concat!($($doc),+).trim_ascii()),]
            $($rest)*);
    };
    (@words $attrs:tt $name:ident $header:literal $meaning:tt $same:tt [$($fields:tt)*] [$($words:tt)*]
        $(#[doc = $doc:literal])+ layers $word:ident : $type:ty $(where $rule:ident $(($arg:expr))?)?,
        $($rest:tt)*) => {
        $crate::document::vocabulary!(@words $attrs $name $header $meaning $same
            [$($fields)*]
            [$($words)* $crate::document::WordSpec::optional(
                stringify!($word),
                <$type as $crate::document::WordType>::KIND,
                concat!($($doc),+).trim_ascii(),
            )$(.$rule($($arg)?))?,]
            $($rest)*);
    };
    (@words $attrs:tt $name:ident $header:literal $meaning:tt $same:tt [$($fields:tt)*] [$($words:tt)*]
        $(#[doc = $doc:literal])+ required $word:ident $(as $written:literal)? : $type:ty
        $(where $rule:ident $(($arg:expr))?)?, $($rest:tt)*) => {
        $crate::document::vocabulary!(@words $attrs $name $header $meaning $same
            [$($fields)* $(#[doc = $doc])+ $(#[serde(rename = $written)])? pub(crate) $word: $type,]
            [$($words)* $crate::document::WordSpec::required(
                $crate::document::vocabulary!(@written $word $($written)?),
                <$type as $crate::document::WordType>::KIND,
                concat!($($doc),+).trim_ascii(),
            )$(.$rule($($arg)?))?,]
            $($rest)*);
    };
    (@words $attrs:tt $name:ident $header:literal $meaning:tt $same:tt [$($fields:tt)*] [$($words:tt)*]
        $(#[doc = $doc:literal])+ optional $word:ident $(as $written:literal)? : $type:ty
        $(where $rule:ident $(($arg:expr))?)?, $($rest:tt)*) => {
        $crate::document::vocabulary!(@words $attrs $name $header $meaning $same
            [$($fields)* $(#[doc = $doc])+ #[serde(default $(, rename = $written)?)] pub(crate) $word: $type,]
            [$($words)* $crate::document::WordSpec::optional(
                $crate::document::vocabulary!(@written $word $($written)?),
                <$type as $crate::document::WordType>::KIND,
                concat!($($doc),+).trim_ascii(),
            )$(.$rule($($arg)?))?,]
            $($rest)*);
    };
    (@written $word:ident) => { stringify!($word) };
    (@written $word:ident $written:literal) => { $written };
    ($(
        $(#[doc = $meaning:literal])+
        $(#[derive($derived:ident)])?
        struct $name:ident : $header:literal $(, by [$($same:literal),+])? { $($body:tt)* }
    )+) => {
        $($crate::document::vocabulary!(@words [$(#[doc = $meaning])+ $(#[derive($derived)])?] $name $header
            [$($meaning)+] [$($($same)+)?] [] [] $($body)*);)+
    };
}
pub(crate) use vocabulary;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Problems, SourceTexts, check_table, decode, describe};

    const FORMATS: [&str; 2] = words_of(&[("plain", 1), ("bold", 2)]);

    vocabulary! {
        /// A door
        /// of a house.
        struct RawDoor: "[[door]]", by ["name"] {
            /// What people call it.
            required name: Name,
            /// Its make. Default: plain.
            optional kind as "type": Option<Name> where one_of(&FORMATS),
            /// Names of keys.
            layers keys: Vec<Name> where ordered,
            /// remove it: no door rings yet
            not_served bell,
            disabled,
        }

        /// A house.
        #[derive(Default)]
        struct RawHouse: "house.toml" {
            /// Its doors.
            optional door: Vec<Spanned<RawDoor>>,
        }
    }

    fn load(text: &str) -> Result<RawHouse, Problems> {
        let (mut texts, mut problems) = (SourceTexts::default(), Problems::default());
        let Some(document) = texts.parse("house.toml", text, &mut problems) else { return Err(problems) };
        check_table(RawHouse::SPEC, document.get_ref(), 0, &texts, &mut problems);
        let house = decode(document, &texts, &mut problems).unwrap_or_default();
        problems.or(house)
    }

    #[test]
    fn a_word_that_is_declared_once_is_checked_typed_and_told() {
        let house = load("[[door]]\nname = \"front\"\ntype = \"bold\"\nkeys = [\"a\"]").unwrap();
        let door = house.door[0].get_ref();
        assert_eq!(
            (door.name.get_ref().as_str(), door.kind.as_ref().map(Spanned::get_ref)),
            ("front", Some(&"bold".into()))
        );
        let problems = load("[[door]]\nbell = true\nnmae = \"front\"").unwrap_err().to_string();
        for told in [
            "house.toml:2: \"bell = true\" in [[door]] is not served yet\n    remove it: no door rings yet",
            "house.toml:3: unknown word \"nmae\" in [[door]]\n    did you mean \"name\"? (known: name, type, keys, disabled)",
            "house.toml:1: [[door]] has no \"name\"\n    add it: What people call it.",
        ] {
            assert!(problems.contains(told), "{problems}");
        }
        let reference = describe(RawHouse::SPEC);
        for told in [
            "### `[[door]]`\n\nA door of a house.\nLayers merge those with the same `name`.",
            "| `name` | text in quotes (required) | What people call it. |",
            "| `type` | text in quotes | Its make. One of `plain` or `bold`. Default: plain. |",
        ] {
            assert!(reference.contains(told), "{reference}");
        }
        assert!(!reference.contains("bell"), "{reference}");
    }
}
