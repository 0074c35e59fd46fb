//! Tables of words: the words that a TOML table may have, the type of their values, and their meaning. The check and
//! the reference are both made from them.

use toml::de::DeValue;

use super::{Problems, SourceTexts, TomlTable, TomlValue, entry, suggest};

/// The type of a word's value, and how layers merge it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ValueKind {
    /// `"text"`
    Text,
    /// `true` or `false`
    Boolean,
    /// A whole number
    Integer,
    /// A list of texts, which an upper layer replaces.
    TextList,
    /// A list of texts to which layers add: first the texts of the upper layer, then the other texts of the lower one.
    OrderedTextList,
    /// A text or a whole number.
    TextOrInteger,
    /// A list of texts, or `{ name = "text" }`. Layers merge two lists or two tables; one replaces the other.
    TextsOrMap,
    /// `{ name = "text" }` with free names
    TextMap,
    /// `{ name = ["text"] }` with free names
    TextListMap,
    /// Any value.
    Value,
    /// `{ name = 1 }` with free names and any values
    ValueMap,
    /// A text, a whole number, true or false, or a table of these words.
    Constant(&'static TableSpec),
    /// Those under free names.
    ConstantMap(&'static TableSpec),
    /// A text, or a table; an upper layer replaces either.
    TextOrTable(&'static TableSpec),
    /// `{ name = "text" }` with free names, with a table in place of any text.
    TextOrTableMap(&'static TableSpec),
    /// `true`, `false`, or a table; an upper layer replaces either.
    BooleanOrTable(&'static TableSpec),
    /// A table.
    Table(&'static TableSpec),
    /// A table that an upper layer replaces as a whole: its words exclude each other.
    ReplacedTable(&'static TableSpec),
    /// A list of tables. Layers merge the tables with the same identity.
    TableList(&'static TableSpec),
    /// A list of texts and tables, which an upper layer replaces: a text stands for a table with one word.
    TextOrTableList(&'static TableSpec),
    /// A table of tables under free names.
    TableMap(&'static TableSpec),
    /// A word that is reserved for later. A file with the word is refused, whatever the value is: a word without an
    /// effect would give wrong answers in silence. The word is not in the reference, and its meaning is the remedy.
    NotServed,
}

impl ValueKind {
    /// The type in words, for messages and the reference.
    #[must_use]
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::TextList | Self::OrderedTextList => "a list of texts",
            Self::TextOrInteger => "text in quotes or a whole number",
            Self::TextsOrMap => "a list of texts or a table of texts",
            Self::TextMap => "a table of texts",
            Self::TextListMap => "a table of lists of texts",
            Self::Value => "a value",
            Self::ValueMap => "a table of values",
            Self::Constant(_) => "text in quotes, a whole number, true or false, or a table",
            Self::ConstantMap(_) => "a table of constants or tables",
            Self::TextOrTable(_) => "text in quotes or a table",
            Self::TextOrTableMap(_) => "a table of texts or tables",
            Self::BooleanOrTable(_) => "true, false or a table",
            Self::Table(_) | Self::ReplacedTable(_) => "a table",
            Self::TableList(_) => "a list of tables",
            Self::TextOrTableList(_) => "a list of texts or tables",
            Self::TableMap(_) => "a table of tables",
            Self::NotServed => "nothing",
        }
    }
}

/// One word of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WordSpec {
    /// The word as it is written.
    pub name: &'static str,
    /// The type of its value.
    pub kind: ValueKind,
    /// Whether every table must have the word.
    pub required: bool,
    /// What the word does, and its default: for the reference, and as the remedy when the word is missing.
    pub meaning: &'static str,
    /// The only values that the word has; of a table of texts, the only names. Empty where any value may stand.
    pub choices: &'static [&'static str],
}

impl WordSpec {
    /// The word that removes an entry of a lower layer. The layers use it up.
    pub(crate) const DISABLED: Self = Self::optional(
        "disabled",
        ValueKind::Boolean,
        "In an upper layer: `true` removes the entry of the lower layers. Default: false.",
    );

    /// A word that every table must have.
    pub(crate) const fn required(name: &'static str, kind: ValueKind, meaning: &'static str) -> Self {
        Self { name, kind, required: true, meaning, choices: &[] }
    }

    /// A word that a table may have.
    pub(crate) const fn optional(name: &'static str, kind: ValueKind, meaning: &'static str) -> Self {
        Self { name, kind, required: false, meaning, choices: &[] }
    }

    /// A word that is refused.
    pub(crate) const fn not_served(name: &'static str, remedy: &'static str) -> Self {
        Self::optional(name, ValueKind::NotServed, remedy)
    }

    /// The word with a closed list of values.
    pub(crate) const fn one_of(self, choices: &'static [&'static str]) -> Self {
        Self { choices, ..self }
    }

    /// The word as a list to which layers add.
    pub(crate) const fn ordered(self) -> Self {
        match self.kind {
            ValueKind::TextList => Self { kind: ValueKind::OrderedTextList, ..self },
            _ => panic!("only a list of texts has an order"),
        }
    }

    /// The word as a table that an upper layer replaces as a whole.
    pub(crate) const fn replaced(self) -> Self {
        match self.kind {
            ValueKind::Table(spec) => Self { kind: ValueKind::ReplacedTable(spec), ..self },
            _ => panic!("only a table is replaced as a whole"),
        }
    }

    /// The word as a list of tables with other words than those of its type.
    pub(crate) const fn list_of(self, spec: &'static TableSpec) -> Self {
        match self.kind {
            ValueKind::TableList(_) => Self { kind: ValueKind::TableList(spec), ..self },
            _ => panic!("only a list of tables has a table of words"),
        }
    }
}

/// The words of one table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableSpec {
    /// The header as it is written, such as `[[column]]`.
    pub header: &'static str,
    /// What the table is for, for the reference.
    pub meaning: &'static str,
    /// The words that identify an entry of a list. The first one that is set counts.
    pub identity: &'static [&'static str],
    /// In the order of the reference.
    pub words: &'static [WordSpec],
}

impl TableSpec {
    /// The word of that name.
    #[must_use]
    pub(crate) fn word(&self, name: &str) -> Option<&'static WordSpec> {
        self.words.iter().find(|word| word.name == name)
    }

    /// The words that a file may have.
    pub(crate) fn served(&self) -> impl Iterator<Item = &'static WordSpec> + use<> {
        self.words.iter().filter(|word| !matches!(word.kind, ValueKind::NotServed))
    }
}

/// Reports every unknown word, missing word and value of a wrong type, in a table and the tables below it. `start` is
/// the offset of the table in `texts`.
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
        (
            ValueKind::Text | ValueKind::TextOrInteger | ValueKind::Constant(_) | ValueKind::TextOrTable(_),
            DeValue::String(_),
        )
        | (ValueKind::Integer | ValueKind::TextOrInteger | ValueKind::Constant(_), DeValue::Integer(_))
        | (ValueKind::Boolean | ValueKind::Constant(_) | ValueKind::BooleanOrTable(_), DeValue::Boolean(_))
        | (ValueKind::Value, _)
        | (ValueKind::ValueMap, DeValue::Table(_)) => true,
        (ValueKind::TextMap | ValueKind::TextsOrMap, DeValue::Table(table)) => {
            check_entries(name, table, ValueKind::Text, texts, problems);
            true
        }
        (ValueKind::TextList | ValueKind::OrderedTextList | ValueKind::TextsOrMap, list) => is_texts(list),
        (ValueKind::TextListMap, DeValue::Table(table)) => {
            check_entries(name, table, ValueKind::TextList, texts, problems);
            true
        }
        (ValueKind::ConstantMap(spec), DeValue::Table(table)) => {
            check_entries(name, table, ValueKind::Constant(spec), texts, problems);
            true
        }
        (ValueKind::TextOrTableMap(spec), DeValue::Table(table)) => {
            check_entries(name, table, ValueKind::TextOrTable(spec), texts, problems);
            true
        }
        (
            ValueKind::Table(spec)
            | ValueKind::ReplacedTable(spec)
            | ValueKind::TextOrTable(spec)
            | ValueKind::Constant(spec)
            | ValueKind::BooleanOrTable(spec),
            DeValue::Table(table),
        ) => {
            check_table(spec, table, start, texts, problems);
            true
        }
        (ValueKind::TableList(spec), DeValue::Array(items)) => {
            for item in items {
                check_inner_table(spec, item, || format!("\"{name}\" wants {}", word.kind.describe()), texts, problems);
            }
            true
        }
        (ValueKind::TextOrTableList(spec), DeValue::Array(items)) => {
            for item in items.iter().filter(|item| !matches!(item.get_ref(), DeValue::String(_))) {
                check_inner_table(spec, item, || format!("\"{name}\" wants {}", word.kind.describe()), texts, problems);
            }
            true
        }
        (ValueKind::TableMap(spec), DeValue::Table(table)) => {
            for (key, value) in table {
                check_inner_table(
                    spec,
                    value,
                    || format!("\"{name}.{}\" wants a table", key.get_ref()),
                    texts,
                    problems,
                );
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

/// Checks an entry of a list or map of tables. `what` is the problem when the entry is no table.
fn check_inner_table(
    spec: &'static TableSpec,
    value: &TomlValue<'_>,
    what: impl Fn() -> String,
    texts: &SourceTexts,
    problems: &mut Problems,
) {
    match value.get_ref() {
        DeValue::Table(table) => check_table(spec, table, value.span().start, texts, problems),
        _ => problems.add(texts.location_of(value), what(), format!("write {}", spec.header)),
    }
}

/// Checks the values of a table with free names.
fn check_entries(name: &str, table: &TomlTable<'_>, kind: ValueKind, texts: &SourceTexts, problems: &mut Problems) {
    for (key, value) in table {
        let path = format!("{name}.{}", key.get_ref());
        let meaning = match kind {
            ValueKind::Constant(_) => "write any other value in quotes, as the database reads it",
            ValueKind::TextListMap | ValueKind::TextList => "write texts in brackets",
            _ => "write it in quotes",
        };
        check_value(&WordSpec::optional("", kind, meaning), &path, value, texts, problems);
    }
}

fn is_texts(value: &DeValue<'_>) -> bool {
    let DeValue::Array(items) = value else { return false };
    items.iter().all(|item| matches!(item.get_ref(), DeValue::String(_)))
}
