//! The words of values that are remembered, one a day.

use toml::Spanned;

use super::family::FOUND;
use crate::document::{Name, vocabulary};

vocabulary! {
    /// Holds a column of whole numbers against what it was some days ago. opsdash itself remembers one value a day of each row,
    /// in its state folder: the first that it sees on that day, on screen, in `check` and in `show`.
    struct RawGrowth: "[[growth]]", by ["fills"] {
        /// The column whose values are remembered.
        required column: Name,
        /// How many days ago it was what it is held against, 1 to 31. Where nothing was seen on that day, it is reckoned from
        /// the days before and after it.
        required days: Spanned<i64>,
        /// A column of the view that the query does not return: it gets by how much the value has grown, in percent. Until so many
        /// days are known, it gets the text `3 of 7 d`.
        required fills: Name,
        /// A row that has grown by more percent is a finding. Default: none is.
        optional over: Option<Spanned<i64>>,
        /// With `over`: `warn` or `crit`.
        optional severity: Option<Name> where one_of(&FOUND),
        /// With `over`: the id of a reason of this view.
        optional reason: Option<Name>,
        disabled,
    }
}
