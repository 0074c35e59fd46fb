//! The words of a view's actions.

use super::{DISABLED, TableSpec, ValueKind, optional, required};

pub(super) const ACTION: TableSpec = TableSpec {
    header: "[[action]]",
    meaning: "A guarded write on rows of the view. The rows are previewed and confirmed, written only where they still are \
              as they were seen, and recorded.",
    identity: &["id"],
    words: &[
        required("id", ValueKind::Text, "The name, for `opsdash act` and the record."),
        required(
            "title",
            ValueKind::Text,
            "What it does, in a word or two: for the footer, help, and the button that writes.",
        ),
        required("press", ValueKind::Text, "Its key: one letter that no command and no link of the view has."),
        optional("rows", ValueKind::Text, "Whether `one` or `many` rows may be written at a time. Default: one."),
        required(
            "preview",
            ValueKind::Text,
            "A file whose query takes `:keys` and returns the rows that the action writes as they are now: `key`, then \
             columns.",
        ),
        optional(
            "when",
            ValueKind::TextListMap,
            "The action applies when each of these columns of `preview` has one of the values beside it, as text. `null` is NULL. \
             Default: always.",
        ),
        required(
            "sql",
            ValueKind::Text,
            "A file whose statement writes, and returns `key`, `before_<column>` and `after_<column>`.",
        ),
        optional(
            "undo",
            ValueKind::Text,
            "A file whose statement undoes the write. Default: the action cannot be undone, and the confirmation says so.",
        ),
        optional(
            "ask",
            ValueKind::TableList(&ASK),
            "What the operator is asked for. Each answer is a parameter of `sql`.",
        ),
        optional("confirm", ValueKind::Table(&CONFIRM), "How the action is confirmed. Default: by a plain yes."),
        optional(
            "change",
            ValueKind::TextMap,
            "What the confirmation shows as new values, by column of `preview`. `\":name\"` is the answer to an `ask`.",
        ),
        optional(
            "success",
            ValueKind::Text,
            "A column of the result of `sql` that must be true, for functions that return whether they succeeded.",
        ),
        optional(
            "verified",
            ValueKind::Boolean,
            "In a view of files: the action applies only to rows whose file was verified with the verdict OK. Default: false.",
        ),
        optional("batch", ValueKind::Integer, "The most rows of one transaction: 1 to 10000. Default: 500."),
        optional("most", ValueKind::Integer, "The most rows of one confirmation: 1 to 100000. Default: 10000."),
        optional("reload", ValueKind::TextList, "Views that are read again after the action, beside this one."),
        DISABLED,
    ],
};

const ASK: TableSpec = TableSpec {
    header: "ask of an [[action]]",
    meaning: "A question to the operator.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The parameter."),
        required("prompt", ValueKind::Text, "The text of the question."),
        optional("kind", ValueKind::Text, "`text`, `multiline`, `date` or `choice`. Default: text."),
        optional("choices", ValueKind::TextList, "Of a `choice`: the values."),
        optional(
            "optional",
            ValueKind::Boolean,
            "The answer may be empty; the parameter is then NULL. Default: false.",
        ),
        optional("after", ValueKind::Text, "Of a `date`: with `now` the date must be in the future."),
        DISABLED,
    ],
};

const CONFIRM: TableSpec = TableSpec {
    header: "confirm of an [[action]]",
    meaning: "How the action is confirmed.",
    identity: &[],
    words: &[
        required("danger", ValueKind::Text, "`low` asks for a plain yes, `high` for a text that is typed."),
        optional(
            "type",
            ValueKind::Text,
            "With `high`: the column of `preview` whose value is typed. For several rows their number is typed instead.",
        ),
        optional(
            "last",
            ValueKind::Integer,
            "How many of the last characters of the value are typed: 1 to 32. Default: all of them.",
        ),
        DISABLED,
    ],
};
