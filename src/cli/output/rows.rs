//! The rows that a view answered with, as `show` and `files list` print them.

use opsdash_core::{
    contract::Coverage,
    export::{Document, FileFormat},
    format,
};
use serde_json::{Value as Json, json};

use super::{CommandOutput, OutputStyle, grid::grid, table};
use crate::{
    cli::{
        answer::{AnswerState, ViewAnswer},
        args::show::OutputFormat,
        exit::Exit,
    },
    export::{self, json},
};

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
    let mut envelope = json!({
        "schema": json::SCHEMA,
        "target": answered.target(),
        "view": answered.view().id,
        "at": format::rfc3339(answered.model().clock.utc),
        "state": answered.state().word(),
        "truncated": snapshot.is_some_and(|snapshot| snapshot.truncated),
        "counts": snapshot.map(|snapshot| snapshot.counts),
        "error": answered.failure().as_ref().map(json::error),
        "rows": json::rows(&document(answered)),
    });
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

fn exit(answered: &ViewAnswer) -> Exit {
    if answered.state() == AnswerState::Fresh { Exit::Done } else { Exit::SourceDown }
}

fn notes(answered: &ViewAnswer) -> Vec<String> {
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
