//! The words of a view's actions.

use super::{DISABLED, Kind, Shape, must, word};

pub(super) const ACTION: Shape = Shape {
    header: "[[action]]",
    meaning: "A guarded write on rows of the view: looked at before, written only where they still are as they were seen, \
              and recorded.",
    identity: &["id"],
    words: &[
        must("id", Kind::Text, "Its name, for `opsdash act` and the record."),
        must("title", Kind::Text, "What it does, in a word or two: for the footer, help, and the button that writes."),
        must("press", Kind::Text, "Its key: one letter that no command and no link of the view has."),
        word("rows", Kind::Text, "`one` or `many` rows of the view at a time. Default: one."),
        must(
            "look",
            Kind::Text,
            "A file whose query takes `:keys` and returns the rows that the action writes as they are now: `key`, then \
             columns.",
        ),
        word(
            "when",
            Kind::TextsByName,
            "Columns of `look` and the values, as text (`null` for NULL), under which the action applies.",
        ),
        must(
            "sql",
            Kind::Text,
            "A file whose statement writes, and returns `key`, `before_<column>` and `after_<column>`.",
        ),
        word(
            "undo",
            Kind::Text,
            "A file whose statement takes it back. Default: it cannot be undone, and that is said.",
        ),
        word("ask", Kind::Items(&ASK), "What the operator gives; each is a parameter of `sql`."),
        word("confirm", Kind::Table(&CONFIRM), "How it is confirmed. Default: a plain yes."),
        word(
            "change",
            Kind::TextByName,
            "What the confirmation shows as after: columns of `look` and values; `\":name\"` is what was asked.",
        ),
        word("success", Kind::Text, "A returned column that must be true, of functions that tell so."),
        word(
            "verified",
            Kind::Flag,
            "In a view of files: only rows whose file was verified, with the verdict OK. Default: false.",
        ),
        word("batch", Kind::Whole, "Rows of one transaction: 1 to 10000. Default: 500."),
        word("most", Kind::Whole, "Rows under one confirmation at most: 1 to 100000. Default: 10000."),
        word("reload", Kind::Texts, "Views that are asked anew afterwards, beside this one."),
        DISABLED,
    ],
};

const ASK: Shape = Shape {
    header: "ask of an [[action]]",
    meaning: "What the operator gives.",
    identity: &["name"],
    words: &[
        must("name", Kind::Text, "The parameter."),
        must("prompt", Kind::Text, "What is asked."),
        word("kind", Kind::Text, "`text`, `multiline`, `date` or `choice`. Default: text."),
        word("choices", Kind::Texts, "Of a choice: the values."),
        word("optional", Kind::Flag, "Nothing is an answer too, and bound as NULL. Default: false."),
        word("after", Kind::Text, "Of a date: `now` wants one in the future."),
        DISABLED,
    ],
};

const CONFIRM: Shape = Shape {
    header: "confirm of an [[action]]",
    meaning: "How it is confirmed.",
    identity: &[],
    words: &[
        must("danger", Kind::Text, "`low`, or `high`: then something is typed."),
        word(
            "type",
            Kind::Text,
            "With `high`: the column of `look` whose value is typed; of several rows, their number is.",
        ),
        word("last", Kind::Whole, "Only so many of its last characters: 1 to 32. Default: all of it."),
        DISABLED,
    ],
};
