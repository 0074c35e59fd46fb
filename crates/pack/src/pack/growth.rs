//! Values of rows that are held against what they were some days ago.

use super::Finding;

/// The longest time that a value is held against, in days. What is older is not remembered.
pub const GROWTH_DAYS: i32 = 31;

/// A rule about a column and what it was. Columns are indexes into the view's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    /// The column whose values are remembered.
    pub column: usize,
    /// How many days ago it was what it is held against, 1 to [`GROWTH_DAYS`].
    pub days: i32,
    /// The column that gets by how much it has grown, in percent.
    pub fills: usize,
    /// How much is too much; `None` where nothing is.
    pub most: Option<GrowthLimit>,
}

/// How much a value may grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrowthLimit {
    /// In percent.
    pub percent: i64,
    /// What it means that it has grown by more.
    pub finding: Finding,
}
