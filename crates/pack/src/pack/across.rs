//! Rows of a view that are compared with each other.

use super::Finding;

/// A rule about a column over all rows of a view. Columns are indexes into the view's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Across {
    /// The column that is compared.
    pub column: usize,
    /// How.
    pub rule: AcrossRule,
    /// Rows are compared with those that have the same value here; `None` for all with each other.
    pub per: Option<usize>,
    /// The column that gets what the rows are compared with.
    pub fills: Option<usize>,
    /// The column that gets how much the row has less than that, in whole numbers.
    pub behind: Option<usize>,
    /// What it means that a row differs.
    pub finding: Finding,
}

/// How rows are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcrossRule {
    /// With the value that over half of them have. Without such a value every row differs.
    Majority,
    /// With the greatest value. NULL is less than any.
    Newest,
    /// The sum of all with the row's own value of this column. Where that is NULL or not known, nothing differs.
    Sum {
        /// The column with what the sum should be.
        to: usize,
    },
}
