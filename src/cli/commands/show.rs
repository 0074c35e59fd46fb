//! `opsdash show`: the rows of a view, as the tab has them.

use clap::{Args, ValueEnum};
use opsdash_core::{
    contract::Failure,
    export::{Document, FileFormat},
    format,
    value::{Row, Value},
    view::cell::CellStyle,
};
use opsdash_pack::pack::{LIMIT_RANGE, WHY, Width};
use serde_json::{Value as Json, json};

use crate::{
    cli::{
        answer::{AnswerState, ViewAnswer},
        args::name_and_value,
        choices::ViewRequest,
        exit::{CommandOutput, Exit},
        output::{OutputStyle, table},
    },
    export::{self, json},
};

/// Print the rows of a view
///
/// As its tab shows them, worst first: it asks the same questions as the dashboard and joins the answers in the same way.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_help())]
pub struct ShowArgs {
    /// The view's id, as `opsdash packs show` lists them
    pub view: String,
    /// Only rows that hold this text; the server looks for it
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// A choice of the view, or a scope; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub set: Vec<(String, String)>,
    /// At most so many rows; the view's own limit when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(limits()))]
    pub limit: Option<u32>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub format: OutputFormat,
}

/// The limits that a pack may set, as clap counts.
pub(super) fn limits() -> std::ops::RangeInclusive<i64> {
    i64::from(*LIMIT_RANGE.start())..=i64::from(*LIMIT_RANGE.end())
}

/// Formats of `show`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people: as wide as the terminal, texts cut
    Table,
    /// For programs: one document, raw values, exact keys
    Json,
    /// For spreadsheets: text that begins like a formula gets an apostrophe
    Csv,
    /// For tickets: nothing is cut
    Markdown,
}

impl ShowArgs {
    /// What is to be shown.
    #[must_use]
    pub fn asked(&self) -> ViewRequest {
        let Self { view, search, set, .. } = self.clone();
        ViewRequest { view, search: search.unwrap_or_default(), set }
    }
}

/// What the answers of one or several targets come to.
#[must_use]
pub fn outcome(answers: &[ViewAnswer], shape: OutputFormat, is_several: bool, style: OutputStyle) -> CommandOutput {
    let mut notes: Vec<String> = answers.iter().flat_map(notes).collect();
    let file = |answered: &ViewAnswer, format| export::render(&document(answered), format);
    let data = match shape {
        OutputFormat::Json if is_several => json::bytes(&answers.iter().map(envelope).collect()),
        OutputFormat::Json => answers.iter().flat_map(|answered| json::bytes(&envelope(answered))).collect(),
        OutputFormat::Table => each(answers, is_several, |answered| rows_as_table(answered, style, &mut notes)),
        OutputFormat::Csv => each(answers, is_several, |answered| file(answered, FileFormat::Csv)),
        OutputFormat::Markdown => each(answers, is_several, |answered| file(answered, FileFormat::Markdown)),
    };
    let exit = answers.iter().map(exit).max().unwrap_or(Exit::Done);
    CommandOutput { data, notes, exit }
}

/// Texts one after the other; of several targets each under its name. A target without an answer prints nothing: an
/// empty table would say that there are no rows.
fn each(answers: &[ViewAnswer], is_several: bool, mut text: impl FnMut(&ViewAnswer) -> Vec<u8>) -> Vec<u8> {
    let mut data = Vec::new();
    for answered in answers.iter().filter(|answered| answered.snapshot().is_some()) {
        if is_several {
            data.extend(format!("# {}\n", answered.target()).into_bytes());
        }
        data.extend(text(answered));
    }
    data
}

fn document(answered: &ViewAnswer) -> Document {
    Document::of(answered.target(), answered.view(), answered.rows())
}

fn envelope(answered: &ViewAnswer) -> Json {
    let snapshot = answered.snapshot();
    json!({
        "schema": json::SCHEMA,
        "target": answered.target(),
        "view": answered.view().id,
        "at": format::rfc3339(answered.model().clock.utc),
        "state": answered.state().word(),
        "truncated": snapshot.is_some_and(|snapshot| snapshot.truncated),
        "counts": snapshot.map(|snapshot| snapshot.counts),
        "error": answered.failure().as_ref().map(error),
        "rows": json::rows(&document(answered)),
    })
}

/// A failure in an envelope.
#[must_use]
pub fn error(failure: &Failure) -> Json {
    json!({
        "kind": failure.kind,
        "message": failure.message,
        "object": failure.object,
        "hint": failure.kind.hint(),
    })
}

fn exit(answered: &ViewAnswer) -> Exit {
    if answered.state() == AnswerState::Fresh { Exit::Done } else { Exit::SourceDown }
}

fn notes(answered: &ViewAnswer) -> Vec<String> {
    let at = format!("{} {}", answered.target(), answered.view().id);
    let mut notes = Vec::new();
    if let Some(failure) = answered.failure() {
        notes.push(format!("{at}: {}: {failure}\n  {}", answered.state().word(), failure.kind.hint()));
    }
    if let Some(snapshot) = answered.snapshot() {
        if snapshot.truncated {
            let (shown, all) = (snapshot.rows.len(), snapshot.counts.total());
            notes.push(format!("{at}: the first {shown} of {all} rows; --limit asks for more"));
        } else if snapshot.rows.is_empty() && !answered.view().empty.is_empty() {
            notes.push(format!("{at}: {}", answered.view().empty));
        }
    }
    notes
}

fn rows_as_table(answered: &ViewAnswer, style: OutputStyle, notes: &mut Vec<String>) -> Vec<u8> {
    let (head, fields) = grid(answered, answered.rows());
    let drawn = table::draw(&head, &fields, OutputStyle { ascii: answered.model().appearance.ascii, ..style });
    if !drawn.left_out.is_empty() {
        notes.push(format!("no room for {}; --format json has all columns", drawn.left_out.join(", ")));
    }
    drawn.text.into_bytes()
}

/// Rows as a table: severity, then the columns that the tab draws, and why where it is not among them.
pub(super) fn grid<'a>(
    answered: &ViewAnswer,
    rows: impl Iterator<Item = &'a Row>,
) -> (Vec<table::TableHead>, Vec<Vec<table::TableCell>>) {
    let view = answered.view();
    let drawn = view.drawn();
    let titles = drawn.iter().map(|at| {
        let column = &view.columns[*at];
        let fills = column.width == Width::Fill || column.name == WHY;
        table::TableHead { title: column.title.clone(), right: column.format.is_right_aligned(), fills }
    });
    let adds_why = !drawn.iter().any(|at| view.columns[*at].name == WHY);
    let why = adds_why.then(|| table::TableHead::filling(WHY));
    let head = std::iter::once(table::TableHead::left("severity")).chain(titles).chain(why).collect();
    let fields = rows.map(|row| {
        let severity = (row.severity.word().to_owned(), Some(row.severity));
        let cells = drawn.iter().map(|at| (cell(answered, row, *at), None));
        let why = adds_why.then(|| (row.why.to_string(), None));
        std::iter::once(severity).chain(cells).chain(why).collect()
    });
    (head, fields.collect())
}

/// A cell as the tab shows it, empty where there is nothing.
pub(super) fn cell(answered: &ViewAnswer, row: &Row, at: usize) -> String {
    let view = answered.view();
    let column = &view.columns[at];
    if row.cells[at] == Value::Null {
        return String::new();
    }
    let max = column.max.as_deref().and_then(|name| view.column(name)).map(|at| &row.cells[at]);
    let appearance = &answered.model().appearance;
    let show = CellStyle { column, max, now: answered.model().server_now(answered.id()), appearance };
    show.line(&row.cells[at]).into_iter().map(|span| span.text).collect::<Vec<_>>().concat().trim().to_owned()
}

fn after_help() -> String {
    let examples = "\
Examples:
  opsdash show errors
  opsdash show errors --set level=all --search timeout --limit 50
  opsdash show errors --format json | jq -r '.rows[] | select(.severity == \"crit\") | .key'
  opsdash show errors --all-targets --format json

JSON:
  {\"schema\":1,\"target\",\"view\",\"at\",\"state\":\"fresh|stale|failed|partial\",\"truncated\",\"counts\",\"error\",
   \"rows\":[{\"key\",\"severity\",\"why\",\"values\":{column: value}}]}
  Durations are ms, sizes bytes, times RFC 3339, whole numbers beyond 2^53 texts; what is
  absent or unknown is null. counts are of all rows, also of those beyond the limit.
  Several targets make an array.";
    format!("{examples}\n\n{}", Exit::help(&[Exit::Done, Exit::Usage, Exit::SourceDown]))
}
