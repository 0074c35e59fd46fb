//! A `.sql` file of a pack.

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Without the colon.
    pub name: String,
    /// Bound as a list of texts rather than as one.
    pub is_list: bool,
}

/// One SQL statement, its `:name` parameters numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql {
    /// Where it stands, for messages: `packs/<system>/<file>`.
    pub file: String,
    /// With `$1`, `$2` .. for the parameters and no `\set` lines and no closing semicolon.
    pub text: String,
    /// The n-th is `$n+1`; every name once.
    pub params: Vec<Param>,
}
