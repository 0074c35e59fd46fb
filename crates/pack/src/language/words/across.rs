//! The words of rows that are compared with each other.

use super::family::FOUND;
use crate::document::{Name, vocabulary};

/// How rows are compared.
pub(in crate::language) const RULES: [&str; 3] = ["majority", "newest", "sum"];

vocabulary! {
    /// Compares a column over all rows of the view, and judges the rows that differ. Databases that did not answer take no
    /// part. While not all rows are loaded, the rows are unknown.
    struct RawAcross: "[[across]]", by ["column"] {
        /// The column that is compared. NULL is a value.
        required column: Name,
        /// `majority`: rows differ from the value that over half of them have; without one all differ. `newest`: rows
        /// differ from the greatest value (numbers by their size, texts as lists sort them: `v1.10` is greater than `v1.9`). `sum`: the sum of the column
        /// differs from the row's column `to`.
        required rule: Name where one_of(&RULES),
        /// Rows are compared with those that have the same value of this column. Default: with all.
        optional per: Option<Name>,
        /// With `sum`: the column with what the sum should be. Where it is NULL or not known, nothing differs.
        optional to: Option<Name>,
        /// A column of the view that the query does not return: it gets the value of most, the greatest one, or the sum.
        optional fills: Option<Name>,
        /// With `newest` and `sum`: a column that the query does not return, which gets how much the row has less, in
        /// whole numbers: the greatest less its own, `to` less the sum.
        optional behind: Option<Name>,
        /// `warn` or `crit`.
        required severity: Name where one_of(&FOUND),
        /// The id of a reason of this view.
        required reason: Name,
        disabled,
    }
}
