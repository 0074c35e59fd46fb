//! The words of a column: of a view's list, of a detail's fields, and of a list in a detail.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::{
    document::{Name, TableSpec, ValueKind, WordType, vocabulary, words_of},
    pack::{Format, Tone},
};

/// The words of formats.
pub(super) const FORMATS: [&str; Format::ALL.len()] = words_of(&Format::ALL);
const TINTS: [&str; Tone::TINTS.len()] = words_of(&Tone::TINTS);

vocabulary! {
    /// One column of the list.
    struct RawColumn: "[[column]]", by ["name"] {
        /// The alias in the query; of a view's list, perhaps in the enrichment that fills the column.
        required name: Name,
        /// The title. Default: the name with spaces.
        optional title: Option<String>,
        /// How the values are shown, see above. Default: text.
        optional format: Option<Name> where one_of(&FORMATS),
        /// In a list: a number of cells, or `"fill"` for what the other columns leave. Default: as wide as the values.
        optional width: Option<Spanned<RawWidth>>,
        /// By tone, the values that have it. A tone never decides the severity.
        optional tint: BTreeMap<Name, Vec<Name>> where one_of(&TINTS),
        /// Of a gauge: the column with the value that is full. Default: 100 is full.
        optional max: Option<Name>,
        /// Of `money`: the column with the currency, such as `EUR`. Default: amounts without a currency.
        optional currency: Option<Name>,
        /// Of `decimal` and `money`: how many decimals are shown, 0 to 30. Default: those that a decimal has, 2 of money.
        optional digits: Option<Spanned<i64>>,
        /// The text for NULL, such as `"perpetual"`. Default: a dash on screen, nothing in what `show` prints.
        optional null: Option<String>,
        /// The column is not shown; links, enrichments and output still use it. Default: false.
        optional hide: bool,
        /// Only of fields of the `[detail]`: the heading above this field and the ones after it.
        optional section: Option<Name>,
        disabled,
    }
}

/// The same words where they are a field's, or a column's of a list in a detail.
pub(super) const DETAIL_COLUMN: TableSpec = TableSpec {
    header: "[[detail.column]], [[detail.list.column]]",
    meaning: "How one field, or one column of a list, is shown.",
    ..*RawColumn::SPEC
};

/// A width as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawWidth {
    Cells(i64),
    Word(String),
}

impl WordType for RawWidth {
    const KIND: ValueKind = ValueKind::TextOrInteger;
}
