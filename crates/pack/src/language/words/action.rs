//! The words of a view's actions.

use super::{DISABLED, TableSpec, ValueKind, must, word};

pub(super) const ACTION: TableSpec = TableSpec {
    header: "[[action]]",
    meaning: "A guarded write on rows of the view: looked at before, written only where they still are as they were seen, \
              and recorded.",
    identity: &["id"],
    words: &[
        must("id", ValueKind::Text, "Its name, for `opsdash act` and the record."),
        must(
            "title",
            ValueKind::Text,
            "What it does, in a word or two: for the footer, help, and the button that writes.",
        ),
        must("press", ValueKind::Text, "Its key: one letter that no command and no link of the view has."),
        word("rows", ValueKind::Text, "`one` or `many` rows of the view at a time. Default: one."),
        must(
            "preview",
            ValueKind::Text,
            "A file whose query takes `:keys` and returns the rows that the action writes as they are now: `key`, then \
             columns.",
        ),
        word(
            "when",
            ValueKind::TextsByName,
            "Columns of `preview` and the values, as text (`null` for NULL), under which the action applies.",
        ),
        must(
            "sql",
            ValueKind::Text,
            "A file whose statement writes, and returns `key`, `before_<column>` and `after_<column>`.",
        ),
        word(
            "undo",
            ValueKind::Text,
            "A file whose statement takes it back. Default: it cannot be undone, and that is said.",
        ),
        word("ask", ValueKind::Items(&ASK), "What the operator gives; each is a parameter of `sql`."),
        word("confirm", ValueKind::Table(&CONFIRM), "How it is confirmed. Default: a plain yes."),
        word(
            "change",
            ValueKind::TextByName,
            "What the confirmation shows as after: columns of `preview` and values; `\":name\"` is what was asked.",
        ),
        word("success", ValueKind::Text, "A returned column that must be true, of functions that tell so."),
        word(
            "verified",
            ValueKind::Flag,
            "In a view of files: only rows whose file was verified, with the verdict OK. Default: false.",
        ),
        word("batch", ValueKind::Whole, "Rows of one transaction: 1 to 10000. Default: 500."),
        word("most", ValueKind::Whole, "Rows under one confirmation at most: 1 to 100000. Default: 10000."),
        word("reload", ValueKind::Texts, "Views that are asked anew afterwards, beside this one."),
        DISABLED,
    ],
};

const ASK: TableSpec = TableSpec {
    header: "ask of an [[action]]",
    meaning: "What the operator gives.",
    identity: &["name"],
    words: &[
        must("name", ValueKind::Text, "The parameter."),
        must("prompt", ValueKind::Text, "What is asked."),
        word("kind", ValueKind::Text, "`text`, `multiline`, `date` or `choice`. Default: text."),
        word("choices", ValueKind::Texts, "Of a choice: the values."),
        word("optional", ValueKind::Flag, "Nothing is an answer too, and bound as NULL. Default: false."),
        word("after", ValueKind::Text, "Of a date: `now` wants one in the future."),
        DISABLED,
    ],
};

const CONFIRM: TableSpec = TableSpec {
    header: "confirm of an [[action]]",
    meaning: "How it is confirmed.",
    identity: &[],
    words: &[
        must("danger", ValueKind::Text, "`low`, or `high`: then something is typed."),
        word(
            "type",
            ValueKind::Text,
            "With `high`: the column of `preview` whose value is typed; of several rows, their number is.",
        ),
        word("last", ValueKind::Whole, "Only so many of its last characters: 1 to 32. Default: all of it."),
        DISABLED,
    ],
};
