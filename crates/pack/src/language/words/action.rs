//! The words of a view's actions.

use super::{DISABLED, TableSpec, ValueKind, optional, required};

pub(super) const ACTION: TableSpec = TableSpec {
    header: "[[action]]",
    meaning: "A guarded write on rows of the view: looked at before, written only where they still are as they were seen, \
              and recorded.",
    identity: &["id"],
    words: &[
        required("id", ValueKind::Text, "Its name, for `opsdash act` and the record."),
        required(
            "title",
            ValueKind::Text,
            "What it does, in a word or two: for the footer, help, and the button that writes.",
        ),
        required("press", ValueKind::Text, "Its key: one letter that no command and no link of the view has."),
        optional("rows", ValueKind::Text, "`one` or `many` rows of the view at a time. Default: one."),
        required(
            "preview",
            ValueKind::Text,
            "A file whose query takes `:keys` and returns the rows that the action writes as they are now: `key`, then \
             columns.",
        ),
        optional(
            "when",
            ValueKind::TextListMap,
            "Columns of `preview` and the values, as text (`null` for NULL), under which the action applies.",
        ),
        required(
            "sql",
            ValueKind::Text,
            "A file whose statement writes, and returns `key`, `before_<column>` and `after_<column>`.",
        ),
        optional(
            "undo",
            ValueKind::Text,
            "A file whose statement takes it back. Default: it cannot be undone, and that is said.",
        ),
        optional("ask", ValueKind::TableList(&ASK), "What the operator gives; each is a parameter of `sql`."),
        optional("confirm", ValueKind::Table(&CONFIRM), "How it is confirmed. Default: a plain yes."),
        optional(
            "change",
            ValueKind::TextMap,
            "What the confirmation shows as after: columns of `preview` and values; `\":name\"` is what was asked.",
        ),
        optional("success", ValueKind::Text, "A returned column that must be true, of functions that tell so."),
        optional(
            "verified",
            ValueKind::Boolean,
            "In a view of files: only rows whose file was verified, with the verdict OK. Default: false.",
        ),
        optional("batch", ValueKind::Integer, "Rows of one transaction: 1 to 10000. Default: 500."),
        optional("most", ValueKind::Integer, "Rows under one confirmation at most: 1 to 100000. Default: 10000."),
        optional("reload", ValueKind::TextList, "Views that are asked anew afterwards, beside this one."),
        DISABLED,
    ],
};

const ASK: TableSpec = TableSpec {
    header: "ask of an [[action]]",
    meaning: "What the operator gives.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The parameter."),
        required("prompt", ValueKind::Text, "What is asked."),
        optional("kind", ValueKind::Text, "`text`, `multiline`, `date` or `choice`. Default: text."),
        optional("choices", ValueKind::TextList, "Of a choice: the values."),
        optional("optional", ValueKind::Boolean, "Nothing is an answer too, and bound as NULL. Default: false."),
        optional("after", ValueKind::Text, "Of a date: `now` wants one in the future."),
        DISABLED,
    ],
};

const CONFIRM: TableSpec = TableSpec {
    header: "confirm of an [[action]]",
    meaning: "How it is confirmed.",
    identity: &[],
    words: &[
        required("danger", ValueKind::Text, "`low`, or `high`: then something is typed."),
        optional(
            "type",
            ValueKind::Text,
            "With `high`: the column of `preview` whose value is typed; of several rows, their number is.",
        ),
        optional("last", ValueKind::Integer, "Only so many of its last characters: 1 to 32. Default: all of it."),
        DISABLED,
    ],
};
