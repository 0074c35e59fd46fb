//! Tables of words: which a table may hold, of what kind, and what they mean. Checks and the reference both read them.

use toml::de::DeValue;

use super::{Found, Problems, Table, Texts, entry, suggest};

/// What a word's value is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// `"text"`
    Text,
    /// `true` or `false`
    Flag,
    /// A whole number.
    Whole,
    /// A list of texts.
    Texts,
    /// A list of texts in which layers add: the upper layer's come first, then what it does not name.
    Order,
    /// A text or a whole number.
    TextOrWhole,
    /// `{ name = "text" }`: names are free.
    TextByName,
    /// `{ name = ["text"] }`: names are free.
    TextsByName,
    /// A table.
    Table(&'static Shape),
    /// A table that an upper layer replaces as a whole.
    Choice(&'static Shape),
    /// A list of tables; layers merge those that agree in the shape's identity.
    Items(&'static Shape),
    /// A table of tables under free names.
    ByName(&'static Shape),
}

impl Kind {
    /// For people.
    #[must_use]
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::Flag => "true or false",
            Self::Whole => "a whole number",
            Self::Texts | Self::Order => "a list of texts",
            Self::TextOrWhole => "text in quotes or a whole number",
            Self::TextByName => "a table of texts",
            Self::TextsByName => "a table of lists of texts",
            Self::Table(_) | Self::Choice(_) => "a table",
            Self::Items(_) => "a list of tables",
            Self::ByName(_) => "a table of tables",
        }
    }
}

/// One word of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    /// As it is written.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// Whether the table means nothing without it.
    pub required: bool,
    /// For the reference: what it does, and its default.
    pub meaning: &'static str,
}

/// A table: its words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// As its header is written: `[[column]]`.
    pub header: &'static str,
    /// What the table is, for the reference.
    pub meaning: &'static str,
    /// Words that tell which entry of a list is meant; the first one that is set counts.
    pub identity: &'static [&'static str],
    /// Its words.
    pub words: &'static [Word],
}

impl Shape {
    /// The word of that name.
    #[must_use]
    pub(crate) fn word(&self, name: &str) -> Option<&'static Word> {
        self.words.iter().find(|word| word.name == name)
    }
}

/// Tells every unknown word, missing word and value of the wrong kind of a table and those below it. `start` is the
/// place of the table.
pub(crate) fn check_table(shape: &Shape, table: &Table<'_>, start: usize, texts: &Texts, problems: &mut Problems) {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        match shape.word(name) {
            Some(word) => check_value(word, name, value, texts, problems),
            None => problems.add(
                texts.of(key),
                format!("unknown word \"{name}\" in {}", shape.header),
                suggest(name, shape.words.iter().map(|word| word.name)),
            ),
        }
    }
    for word in shape.words.iter().filter(|word| word.required && entry(table, word.name).is_none()) {
        problems.add(
            texts.place(start),
            format!("{} has no \"{}\"", shape.header, word.name),
            format!("add it: {}", word.meaning),
        );
    }
}

fn check_value(word: &Word, name: &str, value: &Found<'_>, texts: &Texts, problems: &mut Problems) {
    let start = value.span().start;
    let fits = match (word.kind, value.get_ref()) {
        (Kind::Text | Kind::TextOrWhole, DeValue::String(_))
        | (Kind::Whole | Kind::TextOrWhole, DeValue::Integer(_))
        | (Kind::Flag, DeValue::Boolean(_)) => true,
        (Kind::Texts | Kind::Order, list) => is_texts(list),
        (Kind::TextByName, DeValue::Table(table)) => {
            check_entries(name, table, Kind::Text, texts, problems);
            true
        }
        (Kind::TextsByName, DeValue::Table(table)) => {
            check_entries(name, table, Kind::Texts, texts, problems);
            true
        }
        (Kind::Table(shape) | Kind::Choice(shape), DeValue::Table(table)) => {
            check_table(shape, table, start, texts, problems);
            true
        }
        (Kind::Items(shape), DeValue::Array(items)) => {
            for item in items {
                match item.get_ref() {
                    DeValue::Table(table) => check_table(shape, table, item.span().start, texts, problems),
                    _ => problems.add(
                        texts.of(item),
                        format!("\"{name}\" wants {}", word.kind.describe()),
                        format!("write {}", shape.header),
                    ),
                }
            }
            true
        }
        (Kind::ByName(shape), DeValue::Table(table)) => {
            for (key, value) in table {
                match value.get_ref() {
                    DeValue::Table(table) => check_table(shape, table, value.span().start, texts, problems),
                    _ => problems.add(
                        texts.of(value),
                        format!("\"{name}.{}\" wants a table", key.get_ref()),
                        format!("write {}", shape.header),
                    ),
                }
            }
            true
        }
        _ => false,
    };
    if !fits {
        let found = value.get_ref().type_str();
        problems.add(
            texts.of(value),
            format!("\"{name}\" wants {}, this is of type {found}", word.kind.describe()),
            word.meaning,
        );
    }
}

/// Values under free names.
fn check_entries(name: &str, table: &Table<'_>, kind: Kind, texts: &Texts, problems: &mut Problems) {
    for (key, value) in table {
        let path = format!("{name}.{}", key.get_ref());
        let meaning = if matches!(kind, Kind::Text) { "write it in quotes" } else { "write texts in brackets" };
        check_value(&Word { name: "", kind, required: false, meaning }, &path, value, texts, problems);
    }
}

fn is_texts(value: &DeValue<'_>) -> bool {
    let DeValue::Array(items) = value else { return false };
    items.iter().all(|item| matches!(item.get_ref(), DeValue::String(_)))
}
