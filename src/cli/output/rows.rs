//! The rows that a view answered with, as `show` and `files list` print them.

use opsdash_core::{
    contract::Coverage,
    export::{Document, ExportField, FileFormat},
    format,
};
use serde_json::{Value as Json, json};

use super::{CommandOutput, OutputStyle, grid, table};
use crate::{
    cli::{answer::AnswerState, args::show::OutputFormat, exit::Exit, printed::Printed},
    export::{self, json},
};

/// What the answers of one or several targets come to.
#[must_use]
pub fn outcome(printed: &[Printed<'_>], shape: OutputFormat, is_several: bool, style: OutputStyle) -> CommandOutput {
    let mut notes: Vec<String> = printed.iter().flat_map(notes).collect();
    let file = |printed: &Printed<'_>, format| export::render(&document(printed), format);
    let data = match shape {
        OutputFormat::Json if is_several => json::bytes(&printed.iter().map(envelope).collect()),
        OutputFormat::Json => printed.iter().flat_map(|printed| json::bytes(&envelope(printed))).collect(),
        OutputFormat::Table => each(printed, is_several, |printed| rows_as_table(printed, style, &mut notes)),
        OutputFormat::Csv => each(printed, is_several, |printed| file(printed, FileFormat::Csv)),
        OutputFormat::Markdown => each(printed, is_several, |printed| file(printed, FileFormat::Markdown)),
    };
    let exit = printed.iter().map(exit).max().unwrap_or(Exit::Done);
    CommandOutput { data, notes, exit }
}

/// Texts one after the other; of several targets each under its name. A target without an answer prints nothing: an
/// empty table would say that there are no rows.
fn each(printed: &[Printed<'_>], is_several: bool, mut text: impl FnMut(&Printed<'_>) -> Vec<u8>) -> Vec<u8> {
    let mut data = Vec::new();
    for printed in printed.iter().filter(|printed| printed.answered.snapshot().is_some()) {
        if is_several {
            data.extend(format!("# {}\n", printed.answered.target()).into_bytes());
        }
        data.extend(text(printed));
    }
    data
}

fn document(printed: &Printed<'_>) -> Document {
    let (target, view) = (printed.answered.target(), printed.answered.view());
    let rows = printed.rows.iter().copied();
    let document = match &printed.columns {
        Some(fields) => Document::chosen(target, view, fields, rows),
        None => Document::of(target, view, rows),
    };
    let scope = printed.answered.model().target().export_scope(printed.answered.id());
    Document { has_header: printed.has_header, ..document.within(scope) }
}

/// The rows for JSON, which has names of its own for what is no column.
fn records(printed: &Printed<'_>) -> Json {
    let (target, view) = (printed.answered.target(), printed.answered.view());
    let rows = printed.rows.iter().copied();
    let is_column = |field: &&ExportField| matches!(field, ExportField::Column(_));
    let document = match &printed.columns {
        Some(fields) => {
            let columns: Vec<ExportField> = fields.iter().filter(is_column).copied().collect();
            Document::chosen(target, view, &columns, rows)
        }
        None => Document::of(target, view, rows),
    };
    json::rows(&document)
}

fn envelope(printed: &Printed<'_>) -> Json {
    let answered = printed.answered;
    let snapshot = answered.snapshot();
    let mut envelope = json!({
        "schema": json::SCHEMA,
        "target": answered.target(),
        "view": answered.view().id,
        "at": format::rfc3339(answered.model().clock.utc),
        "state": answered.state().word(),
        "truncated": printed.is_cut || snapshot.is_some_and(|snapshot| snapshot.truncated),
        "counts": snapshot.map(|snapshot| snapshot.counts),
        "error": answered.failure().as_ref().map(json::error),
        "rows": records(printed),
    });
    if let Some(matched) = printed.matched {
        envelope["matched"] = snapshot.map(|_| matched).into();
    }
    if let Some(chosen) = answered.model().target().scope_of(answered.id()) {
        envelope["scope"] = json::scope(chosen);
    }
    if let Some(coverage) = snapshot.and_then(|snapshot| snapshot.coverage.as_ref()) {
        envelope["coverage"] = self::coverage(coverage);
    }
    envelope
}

/// Which databases the rows are of.
fn coverage(coverage: &Coverage) -> Json {
    let failed =
        coverage.failed.iter().map(|member| json!({ "member": member.name, "error": json::error(&member.failure) }));
    json!({ "members": coverage.members, "failed": failed.collect::<Vec<_>>() })
}

fn exit(printed: &Printed<'_>) -> Exit {
    let state = if printed.answered.state() == AnswerState::Fresh { Exit::Done } else { Exit::SourceDown };
    printed.unnamed.iter().map(|(exit, _)| *exit).fold(state, Exit::max)
}

fn notes(printed: &Printed<'_>) -> Vec<String> {
    let answered = printed.answered;
    let at = format!("{} {}", answered.target(), answered.view().id);
    let mut notes = Vec::new();
    if let Some(failure) = answered.failure() {
        notes.push(format!("{at}: {}: {failure}\n  {}", answered.state().word(), failure.hint()));
    }
    let coverage = answered.snapshot().and_then(|snapshot| snapshot.coverage.as_ref());
    if let Some(coverage) = coverage.filter(|coverage| !coverage.failed.is_empty()) {
        let silent = coverage.failed.iter().map(|member| format!("\n  {}: {}", member.name, member.failure));
        notes.push(format!("{at}: {} databases answered{}", coverage.label(), silent.collect::<String>()));
    }
    notes.extend(answered.gone_choices().map(|said| format!("{at}: {said}")));
    notes.extend(printed.unnamed.iter().map(|(_, said)| format!("{at}: {said}")));
    notes.extend(left_out(printed).into_iter().map(|said| format!("{at}: {said}")));
    notes
}

/// What is not printed, or why nothing is.
fn left_out(printed: &Printed<'_>) -> Vec<String> {
    let Some(snapshot) = printed.answered.snapshot() else { return Vec::new() };
    let (shown, read) = (printed.rows.len(), snapshot.rows.len());
    let more = if snapshot.counts.more_from.is_some() { " or more" } else { "" };
    let all = format!("{}{more}", snapshot.counts.total());
    let mut said = Vec::new();
    match printed.matched {
        Some(0) if read > 0 && printed.unnamed.is_empty() => {
            said.push(format!("none of {} passes", format::rows(read)));
        }
        Some(matched) if printed.is_cut => said.push(format!("the first {shown} of {matched} rows that pass")),
        None if printed.is_cut && !snapshot.truncated => {
            said.push(format!("the first {shown} of {all} rows; --limit asks for more"));
        }
        _ => {}
    }
    let is_sifted = printed.matched.is_some() || printed.is_cut;
    if snapshot.truncated && is_sifted {
        let what = "--search and --set narrow what the server is asked";
        said.push(format!("only {read} of {all} rows were read; {what}"));
    } else if snapshot.truncated {
        said.push(format!("the first {shown} of {all} rows; --limit asks for more"));
    } else if read == 0 && !printed.answered.view().empty.is_empty() {
        said.push(printed.answered.view().empty.clone());
    }
    said
}

fn rows_as_table(printed: &Printed<'_>, style: OutputStyle, notes: &mut Vec<String>) -> Vec<u8> {
    let (answered, rows) = (printed.answered, printed.rows.iter().copied());
    let (head, fields) = match &printed.columns {
        Some(columns) => grid::chosen(answered, columns, rows),
        None => grid::grid(answered, rows),
    };
    let style = OutputStyle { ascii: answered.model().appearance.ascii, ..style };
    let drawn = table::draw(&head, &fields, style, printed.has_header);
    if !drawn.left_out.is_empty() {
        let what = "--columns chooses others, and all are in a pipe and in --format json";
        notes.push(format!("no room for {}; {what}", drawn.left_out.join(", ")));
    }
    drawn.text.into_bytes()
}
