//! The words that say why rows are as they are.

use crate::document::{Name, TextOr, vocabulary};

vocabulary! {
    /// Why a row is as it is, under the id that the query returns as `reason` (a text, or a `text[]` of which the first
    /// counts). Also for what the program finds itself: `source_down` and `not_loaded` when what judges the rows too did
    /// not answer or is not loaded; in a view of files the verdicts in lowercase, such as `missing_file`; and the
    /// reasons of a view that is joined.
    struct RawReason: "[reason.<id>]" {
        /// The sentence, with cells of the row: `{column}`, `{column:format}`, `{column|word for 1|word for others}`,
        /// and `[parts]` that vanish when a column in them is NULL. Ages count at the time of the answer, and times are
        /// in UTC. `{finding}` is the sentence of the program, where it found the reason itself. Default: the `why` of
        /// the query, or the id with spaces.
        optional says: Option<Name>,
        /// What it means, in a sentence or two, for the detail. `{name}` is the value of that threshold of the view.
        optional means: String,
        /// What to do about it, in order: texts, or tables with `says` and a `link` or an
        /// `action` of the view, or an entry of the `runbook`.
        optional remedies as "do": Vec<TextOr<RawRemedy>>,
        /// The view whose rows bring this reason about. The overview folds rows with it beneath the rows of that view.
        optional echo_of: Option<Name>,
        disabled,
    }

    /// One thing to do about a reason, with what of the view does it. Its key is shown beside it.
    struct RawRemedy: "do of a [reason.<id>]" {
        /// What to do, in words.
        required says: String,
        /// The view that a link of this view opens.
        optional link: Option<String>,
        /// The id of an action of this view.
        optional action: Option<String>,
        /// The id of an entry of `runbook.toml`, which opens from the row.
        optional runbook: Option<String>,
    }

    /// That the rows of the view are causes of the trouble of others.
    struct RawCause: "cause" {
        /// The column with how many it hurts.
        required reach: Name,
        /// The column with the time since when.
        required since: Name,
    }
}
