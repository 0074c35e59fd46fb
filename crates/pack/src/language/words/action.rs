//! The words of a view's actions.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::document::{Name, ValueKind, WordType, vocabulary};

/// Where a value comes from.
pub(in crate::language) const FROM: [&str; 4] = ["now", "operator", "null", "key"];

vocabulary! {
    /// A guarded write on rows of the view. The rows are previewed and confirmed, written only where they still are as
    /// they were seen, and recorded. What is written is declared with `update`, `delete` or `call`; what cannot be declared
    /// is a statement of PostgreSQL, with `preview`, `sql` and perhaps `undo`.
    struct RawAction: "[[action]]", by ["id"] {
        /// The name, for `opsdash act` and the record.
        required id: Name,
        /// What it does, in a word or two: for the footer, help, and the button that writes.
        required title: Name,
        /// Its key: one letter that no command and no link of the view has.
        required press: Name,
        /// Whether `one` or `many` rows may be written at a time, or the `set` of all that its `query` finds, whatever is
        /// chosen in the list. Default: one.
        optional rows: Option<Name> where one_of(&["one", "many", "set"]),
        /// Of a `set`, beside `delete` or `call`: a file whose query returns its rows, those first that are to go first: `key`, what
        /// is compared as the text of the column, and columns that tell people which rows they are. It takes thresholds
        /// alone. What is counted there is confirmed by its number, and nothing else is written: rows that come later stay,
        /// and what others have locked or changed is left and named.
        optional query: Option<Name>,
        /// Sets columns of rows of a table. The statement, its undo, what the confirmation shows and the rights of an
        /// operator follow from it.
        optional update: Option<Spanned<RawUpdate>>,
        /// Deletes rows of a table. It cannot be undone.
        optional delete: Option<Spanned<RawDelete>>,
        /// Beside `preview`, on SQL Server: calls a procedure for rows. It cannot be undone.
        optional call: Option<Spanned<RawCall>>,
        /// Beside `update` or `delete`: columns of the table that tell people which row it is. Default: none but those
        /// that are compared and set.
        optional show: Vec<Name>,
        /// A file whose query takes `:keys` and returns the rows that the action writes as they are now: `key`, then
        /// columns. Beside `update` or `delete` it stands for `show`: it returns what is compared as the text of the
        /// column, under its name in snake case, and `xmin` as `row_version`.
        optional preview: Option<Name>,
        /// The action applies when each of these columns of the preview has one of the values beside it, as text. `null`
        /// is NULL. Default: always.
        optional when: BTreeMap<Name, Spanned<Vec<String>>>,
        /// What is said where a column of `when` has another value. Default: the column and its values in words.
        optional otherwise: BTreeMap<Name, Spanned<RawOtherwise>>,
        /// A file whose statement writes, and returns `key`, `before_<column>` and `after_<column>`. For what `update`
        /// and `delete` cannot declare.
        optional sql: Option<Name>,
        /// Beside `sql`: a file whose statement undoes the write. Default: the action cannot be undone, and the
        /// confirmation says so.
        optional undo: Option<Name>,
        /// What the operator is asked for. Each answer is a parameter of `sql`, or the value of an `{ ask = ".." }`.
        optional ask: Vec<RawPrompt>,
        /// How the action is confirmed. Default: by a plain yes.
        optional confirm: Option<Spanned<RawConfirm>>,
        /// Beside `sql`: what the confirmation shows as new values, by column of `preview`. `":name"` is the answer to
        /// an `ask`.
        optional change: BTreeMap<Name, Name>,
        /// A column of the result of `sql` that must be true, for functions that return whether they succeeded.
        optional success: Option<Name>,
        /// In a view of files: the action applies only to rows whose file was verified with the verdict OK. Default:
        /// false.
        optional verified: Option<Spanned<bool>>,
        /// The most rows of one transaction: 1 to 10000. Default: 500.
        optional batch: Option<Spanned<i64>>,
        /// The most rows of one confirmation: 1 to 100000. Of a larger `set` so many are written, its first ones. Default:
        /// 10000.
        optional most: Option<Spanned<i64>>,
        /// Views that are read again after the action, beside this one.
        optional reload: Vec<Name>,
        disabled,
    }

    /// Why an action is refused, with the way out.
    struct RawOtherwise: "otherwise of an [[action]]" {
        /// The sentence, after the name of the row: `"is {state}, take it back first"`. `{column}` is the text of that
        /// column of the preview.
        required says: Name,
        /// The id of the action of this view that is the way out. Its key stands behind the sentence, in a shell its
        /// command. Default: there is nothing to do.
        optional action: Option<Name>,
        disabled,
    }

    /// Columns of rows of a table that are set, where the rows still are as they were seen.
    struct RawUpdate: "update of an [[action]]" {
        /// The table, as `schema.toml` names it.
        required table: Name,
        /// The column of the table that identifies a row; its values are the view's keys, or what a `preview` returns as
        /// `key`. A key of several columns needs `sql`.
        required key: Name,
        /// The columns that are set, each with its new value: a constant, or a table.
        required set: BTreeMap<Name, Spanned<RawSetTo>>,
        /// The columns that must still be as they were seen; what is set is among them by itself. `"xmin"` is the
        /// version that PostgreSQL gives every row, and `["key"]` alone compares nothing, for a value that moves by
        /// itself. Needed where there is no `version`.
        optional compare: Option<Spanned<Vec<Name>>>,
        /// A column that the system changes with every write: the time of the row's last change, or a number that
        /// `schema.toml` documents as one. The action and its undo set it too, a time to the time, a number to one more,
        /// and it is compared. Default: the table has none.
        optional version: Option<Name>,
        disabled,
    }

    /// Rows of a table that are deleted, where they still are as they were seen.
    struct RawDelete: "delete of an [[action]]" {
        /// The table, as `schema.toml` names it.
        required table: Name,
        /// The column of the table that identifies a row, as in an `update`.
        required key: Name,
        /// The columns that must still be as they were seen, as in an `update`. What people see should be among them.
        optional compare: Option<Spanned<Vec<Name>>>,
        disabled,
    }

    /// A procedure of SQL Server that is called where the rows still are as they were seen: once for each row, or of a
    /// `set` once for all of it, where the set still is the one that was confirmed.
    struct RawCall: "call of an [[action]]" {
        /// The procedure, with its schema: `dbo.archive_job`.
        required procedure: Name,
        /// Its arguments by name, without the `@`: constants, or a table; `{ from = "key" }` is the key of the row.
        optional arguments: BTreeMap<Name, Spanned<RawSetTo>>,
        /// The columns of the `preview` that must still be as they were seen; `["key"]` alone compares nothing.
        required compare: Spanned<Vec<Name>>,
        disabled,
    }

    /// A new value that is no constant: it has one of these words.
    struct RawSetFrom: "a value of set" {
        /// `now` is the time of the write, `operator` the name of the operator, `null` no value. Of a `call`, `key` is the
        /// key of the row, and there is no `now`.
        optional from: Option<String> where one_of(&FROM),
        /// The answer to the `ask` of this name; NULL where it may be empty and is.
        optional ask: Option<String>,
        /// Of a text: a line is added to it with the day, the operator, and the answer to the `ask` of this name.
        optional append: Option<String>,
    }

    /// A question to the operator.
    struct RawPrompt: "ask of an [[action]]", by ["name"] {
        /// The parameter.
        required name: Name,
        /// The text of the question.
        required prompt: String,
        /// `text`, `multiline`, `date` or `choice`. Default: text.
        optional kind: Option<Name> where one_of(&["text", "multiline", "date", "choice"]),
        /// Of a `choice`: the values. Without them they are what the `preview` finds: its column `choices_` and the name of
        /// the ask, a JSON list of texts.
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

/// A new value as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawSetTo {
    Text(String),
    Integer(i64),
    Boolean(bool),
    From(RawSetFrom),
}

impl WordType for RawSetTo {
    const KIND: ValueKind = ValueKind::Constant(RawSetFrom::SPEC);
}
