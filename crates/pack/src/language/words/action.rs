//! The words of a view's actions.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::document::{Name, vocabulary};

vocabulary! {
    /// A guarded write on rows of the view. The rows are previewed and confirmed, written only where they still are as
    /// they were seen, and recorded.
    struct RawAction: "[[action]]", by ["id"] {
        /// The name, for `opsdash act` and the record.
        required id: Name,
        /// What it does, in a word or two: for the footer, help, and the button that writes.
        required title: Name,
        /// Its key: one letter that no command and no link of the view has.
        required press: Name,
        /// Whether `one` or `many` rows may be written at a time. Default: one.
        optional rows: Option<Name> where one_of(&["one", "many"]),
        /// A file whose query takes `:keys` and returns the rows that the action writes as they are now: `key`, then
        /// columns.
        required preview: Name,
        /// The action applies when each of these columns of `preview` has one of the values beside it, as text. `null`
        /// is NULL. Default: always.
        optional when: BTreeMap<Name, Spanned<Vec<String>>>,
        /// A file whose statement writes, and returns `key`, `before_<column>` and `after_<column>`.
        required sql: Name,
        /// A file whose statement undoes the write. Default: the action cannot be undone, and the confirmation says so.
        optional undo: Option<Name>,
        /// What the operator is asked for. Each answer is a parameter of `sql`.
        optional ask: Vec<RawPrompt>,
        /// How the action is confirmed. Default: by a plain yes.
        optional confirm: Option<Spanned<RawConfirm>>,
        /// What the confirmation shows as new values, by column of `preview`. `":name"` is the answer to an `ask`.
        optional change: BTreeMap<Name, Name>,
        /// A column of the result of `sql` that must be true, for functions that return whether they succeeded.
        optional success: Option<Name>,
        /// In a view of files: the action applies only to rows whose file was verified with the verdict OK. Default:
        /// false.
        optional verified: Option<Spanned<bool>>,
        /// The most rows of one transaction: 1 to 10000. Default: 500.
        optional batch: Option<Spanned<i64>>,
        /// The most rows of one confirmation: 1 to 100000. Default: 10000.
        optional most: Option<Spanned<i64>>,
        /// Views that are read again after the action, beside this one.
        optional reload: Vec<Name>,
        disabled,
    }

    /// A question to the operator.
    struct RawPrompt: "ask of an [[action]]", by ["name"] {
        /// The parameter.
        required name: Name,
        /// The text of the question.
        required prompt: String,
        /// `text`, `multiline`, `date` or `choice`. Default: text.
        optional kind: Option<Name> where one_of(&["text", "multiline", "date", "choice"]),
        /// Of a `choice`: the values.
        optional choices: Option<Spanned<Vec<String>>>,
        /// The answer may be empty; the parameter is then NULL. Default: false.
        optional optional: bool,
        /// Of a `date`: with `now` the date must be in the future.
        optional after: Option<Name> where one_of(&["now"]),
        disabled,
    }

    /// How the action is confirmed.
    struct RawConfirm: "confirm of an [[action]]" {
        /// `low` asks for a plain yes, `high` for a text that is typed.
        required danger: Name where one_of(&["low", "high"]),
        /// With `high`: the column of `preview` whose value is typed. For several rows their number is typed instead.
        optional typed as "type": Option<Name>,
        /// How many of the last characters of the value are typed: 1 to 32. Default: all of them.
        optional last: Option<Spanned<i64>>,
        disabled,
    }
}
