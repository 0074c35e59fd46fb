//! Tables of words: which a table may hold, of what kind, and what they mean. Checks and the reference both read them.

use toml::de::DeValue;

use super::{Problems, SourceTexts, TomlTable, TomlValue, entry, suggest};

/// What a word's value is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ValueKind {
    /// `"text"`
    Text,
    /// `true` or `false`
    Boolean,
    /// A whole number.
    Integer,
    /// A list of texts.
    TextList,
    /// A list of texts in which layers add: the upper layer's come first, then what it does not name.
    OrderedTextList,
    /// A text or a whole number.
    TextOrInteger,
    /// `{ name = "text" }`: names are free.
    TextMap,
    /// `{ name = ["text"] }`: names are free.
    TextListMap,
    /// A table.
    Table(&'static TableSpec),
    /// A table that an upper layer replaces as a whole.
    ReplacedTable(&'static TableSpec),
    /// A list of tables; layers merge those that agree in the spec's identity.
    TableList(&'static TableSpec),
    /// A table of tables under free names.
    TableMap(&'static TableSpec),
    /// A word that is reserved for later. A file that has the word is refused, whatever the value: a word without an
    /// effect would give silently wrong answers. The reference leaves the word out, and its meaning is the remedy.
    NotServed,
}

impl ValueKind {
    /// For people.
    #[must_use]
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::TextList | Self::OrderedTextList => "a list of texts",
            Self::TextOrInteger => "text in quotes or a whole number",
            Self::TextMap => "a table of texts",
            Self::TextListMap => "a table of lists of texts",
            Self::Table(_) | Self::ReplacedTable(_) => "a table",
            Self::TableList(_) => "a list of tables",
            Self::TableMap(_) => "a table of tables",
            Self::NotServed => "nothing",
        }
    }
}

/// One word of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WordSpec {
    /// As it is written.
    pub name: &'static str,
    /// What its value is.
    pub kind: ValueKind,
    /// Whether the table means nothing without it.
    pub required: bool,
    /// For the reference: what it does, and its default.
    pub meaning: &'static str,
}

/// A table: its words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableSpec {
    /// As its header is written: `[[column]]`.
    pub header: &'static str,
    /// What the table is, for the reference.
    pub meaning: &'static str,
    /// Words that tell which entry of a list is meant; the first one that is set counts.
    pub identity: &'static [&'static str],
    /// Its words.
    pub words: &'static [WordSpec],
}

impl TableSpec {
    /// The word of that name.
    #[must_use]
    pub(crate) fn word(&self, name: &str) -> Option<&'static WordSpec> {
        self.words.iter().find(|word| word.name == name)
    }

    /// The words that a file may use.
    pub(crate) fn served(&self) -> impl Iterator<Item = &'static WordSpec> + use<> {
        self.words.iter().filter(|word| !matches!(word.kind, ValueKind::NotServed))
    }
}

/// Tells every unknown word, missing word and value of the wrong kind of a table and those below it. `start` is the
/// place of the table.
pub(crate) fn check_table(
    spec: &TableSpec,
    table: &TomlTable<'_>,
    start: usize,
    texts: &SourceTexts,
    problems: &mut Problems,
) {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        match spec.word(name) {
            Some(word) if matches!(word.kind, ValueKind::NotServed) => {
                let written = match value.get_ref() {
                    DeValue::Boolean(flag) => format!("\"{name} = {flag}\""),
                    _ => format!("\"{name}\""),
                };
                problems.add(
                    texts.location_of(key),
                    format!("{written} in {} is not served yet", spec.header),
                    word.meaning,
                );
            }
            Some(word) => check_value(word, name, value, texts, problems),
            None => problems.add(
                texts.location_of(key),
                format!("unknown word \"{name}\" in {}", spec.header),
                suggest(name, spec.served().map(|word| word.name)),
            ),
        }
    }
    for word in spec.words.iter().filter(|word| word.required && entry(table, word.name).is_none()) {
        problems.add(
            texts.location(start),
            format!("{} has no \"{}\"", spec.header, word.name),
            format!("add it: {}", word.meaning),
        );
    }
}

fn check_value(word: &WordSpec, name: &str, value: &TomlValue<'_>, texts: &SourceTexts, problems: &mut Problems) {
    let start = value.span().start;
    let fits = match (word.kind, value.get_ref()) {
        (ValueKind::Text | ValueKind::TextOrInteger, DeValue::String(_))
        | (ValueKind::Integer | ValueKind::TextOrInteger, DeValue::Integer(_))
        | (ValueKind::Boolean, DeValue::Boolean(_)) => true,
        (ValueKind::TextList | ValueKind::OrderedTextList, list) => is_texts(list),
        (ValueKind::TextMap, DeValue::Table(table)) => {
            check_entries(name, table, ValueKind::Text, texts, problems);
            true
        }
        (ValueKind::TextListMap, DeValue::Table(table)) => {
            check_entries(name, table, ValueKind::TextList, texts, problems);
            true
        }
        (ValueKind::Table(spec) | ValueKind::ReplacedTable(spec), DeValue::Table(table)) => {
            check_table(spec, table, start, texts, problems);
            true
        }
        (ValueKind::TableList(spec), DeValue::Array(items)) => {
            for item in items {
                match item.get_ref() {
                    DeValue::Table(table) => check_table(spec, table, item.span().start, texts, problems),
                    _ => problems.add(
                        texts.location_of(item),
                        format!("\"{name}\" wants {}", word.kind.describe()),
                        format!("write {}", spec.header),
                    ),
                }
            }
            true
        }
        (ValueKind::TableMap(spec), DeValue::Table(table)) => {
            for (key, value) in table {
                match value.get_ref() {
                    DeValue::Table(table) => check_table(spec, table, value.span().start, texts, problems),
                    _ => problems.add(
                        texts.location_of(value),
                        format!("\"{name}.{}\" wants a table", key.get_ref()),
                        format!("write {}", spec.header),
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
            texts.location_of(value),
            format!("\"{name}\" wants {}, this is of type {found}", word.kind.describe()),
            word.meaning,
        );
    }
}

/// Values under free names.
fn check_entries(name: &str, table: &TomlTable<'_>, kind: ValueKind, texts: &SourceTexts, problems: &mut Problems) {
    for (key, value) in table {
        let path = format!("{name}.{}", key.get_ref());
        let meaning = if matches!(kind, ValueKind::Text) { "write it in quotes" } else { "write texts in brackets" };
        check_value(&WordSpec { name: "", kind, required: false, meaning }, &path, value, texts, problems);
    }
}

fn is_texts(value: &DeValue<'_>) -> bool {
    let DeValue::Array(items) = value else { return false };
    items.iter().all(|item| matches!(item.get_ref(), DeValue::String(_)))
}
