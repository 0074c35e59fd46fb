//! What reasons say of a row: sentences filled with its cells, at the time of the answer.

use std::{borrow::Cow, collections::HashSet};

use opsdash_pack::pack::{EnrichBy, FILE_REASONS, Format, Reason, Template, TemplatePart, View};

use crate::{
    cell_text::CellText,
    text,
    time::{Time, Zone},
    value::{ArcStr, NotKnown, Row, Value},
};

/// A sentence is no longer than this, in cells of a terminal: whole messages belong into columns.
const LONGEST: usize = 1_000;

/// Rows with more different sentences than this have little in common.
const MOST_SHARED: usize = 4_096;

/// Sentences that rows share: most lists say the same few things many times.
#[derive(Debug, Default)]
pub struct Shared(HashSet<ArcStr>);

impl Shared {
    /// The text, or an equal one that was here before. Beyond some number of different ones none is kept.
    pub fn share(&mut self, text: ArcStr) -> ArcStr {
        match self.0.get(&text) {
            Some(same) => same.clone(),
            None if self.0.len() < MOST_SHARED => {
                self.0.insert(text.clone());
                text
            }
            None => text,
        }
    }
}

/// What a reason means: its sentence, with the values of the view's thresholds, as the config sets them.
#[must_use]
pub fn means(view: &View, reason: &Reason) -> String {
    let filled = |text: String, (name, value): (&String, &String)| text.replace(&format!("{{{name}}}"), value);
    view.thresholds.iter().fold(reason.means.clone(), filled)
}

/// Why a row is as it is, by its own reasons. A reason without a sentence leaves what the query told as it is; where it
/// told nothing, the id is the sentence.
#[must_use]
pub fn own_why(view: &View, row: &Row, now: Time) -> ArcStr {
    let told = &row.told;
    if row.own_reasons.is_empty() {
        return told.clone();
    }
    let mut sentences: Vec<Cow<'_, str>> = Vec::new();
    let mut say = |said: Cow<'_, str>| {
        if !said.is_empty() && !sentences.contains(&said) {
            sentences.push(said.into_owned().into());
        }
    };
    for id in &*row.own_reasons {
        match view.reasons.get(&**id) {
            Some(Reason { says: Some(says), .. }) => say(fill(view, says, row, told, now).into()),
            Some(_) if told.is_empty() => say(in_words(id).into()),
            None if !is_of_file(view, id) => {
                say(format!("\"{id}\", a reason that the view {} does not describe", view.id).into());
                say(Cow::Borrowed(told));
            }
            _ => say(Cow::Borrowed(told)),
        }
    }
    text::cut(&sentences.join("; "), LONGEST, "…").into()
}

/// What a joined view's reason says of a row: in the words of the row's own view, if it has some, else `told`, the words
/// of the other view.
#[must_use]
pub fn joined_why(view: &View, row: &Row, id: Option<&str>, told: &ArcStr, now: Time) -> ArcStr {
    match id.and_then(|id| view.reasons.get(id)) {
        Some(Reason { says: Some(says), .. }) => fill(view, says, row, told, now).into(),
        _ => told.clone(),
    }
}

/// Why a row is unknown about which something is not known: what that is, before what else is said of the row.
#[must_use]
pub fn doubted(view: &View, row: &Row, not_known: &NotKnown, now: Time) -> ArcStr {
    let doubt = joined_why(view, row, Some(not_known.doubt.word()), &not_known.finding, now);
    if row.why.is_empty() { doubt } else { format!("{doubt}; {}", row.why).into() }
}

/// An id without a sentence, for people.
#[must_use]
pub fn in_words(id: &str) -> String {
    id.replace('_', " ")
}

/// A sentence without its cells, for what many rows have in common: `silent for …`. Parts that may vanish are left out.
#[must_use]
pub fn outline(template: &Template) -> String {
    let mut outline = String::new();
    for part in &template.parts {
        match part {
            TemplatePart::Text(text) => outline.push_str(text),
            TemplatePart::Cell { .. } | TemplatePart::Finding => outline.push('…'),
            TemplatePart::Plural { many, .. } => outline.push_str(many),
            TemplatePart::Optional(_) => {}
        }
    }
    text::one_line(&outline).trim().to_owned()
}

/// Whether any sentence of a view shows a cell that a joined view brings: it is complete only when that one is joined.
#[must_use]
pub fn waits_for_joined(view: &View) -> bool {
    let joined = view.enrich.iter().filter(|enrich| matches!(enrich.by, EnrichBy::View { .. }));
    let joined: Vec<usize> = joined.flat_map(|enrich| &enrich.columns).filter_map(|name| view.column(name)).collect();
    let says = view.reasons.values().filter_map(|reason| reason.says.as_ref());
    says.flat_map(Template::columns).any(|column| joined.contains(&column))
}

/// Whether this is the verdict of a file, which the program has told in its own words.
fn is_of_file(view: &View, id: &str) -> bool {
    view.files.is_some() && FILE_REASONS.contains(&id)
}

fn fill(view: &View, template: &Template, row: &Row, finding: &str, now: Time) -> String {
    let places = Places { view, cells: &row.cells, finding, now };
    let mut sentence = String::new();
    for part in &template.parts {
        match part {
            TemplatePart::Optional(parts) if places.has_null(parts) => {}
            TemplatePart::Optional(parts) => {
                for part in parts {
                    places.fill(part, &mut sentence);
                }
            }
            part => places.fill(part, &mut sentence),
        }
    }
    let line = text::one_line(&sentence);
    text::cut(&text::inert(line.trim()), LONGEST, "…").into_owned()
}

/// What the places of a sentence are filled with.
struct Places<'a> {
    view: &'a View,
    cells: &'a [Value],
    finding: &'a str,
    now: Time,
}

impl Places<'_> {
    fn cell(&self, column: usize) -> &Value {
        self.cells.get(column).unwrap_or(&Value::Null)
    }

    fn fill(&self, part: &TemplatePart, sentence: &mut String) {
        match part {
            TemplatePart::Text(text) => sentence.push_str(text),
            TemplatePart::Finding => sentence.push_str(self.finding),
            TemplatePart::Cell { column, format } => match self.cell(*column) {
                Value::Null => {
                    let null = self.view.columns.get(*column).and_then(|column| column.null.as_deref());
                    sentence.push_str(null.unwrap_or("-"));
                }
                Value::Unknown => sentence.push('?'),
                value => sentence.push_str(&self.text(*column, *format, value)),
            },
            TemplatePart::Plural { column, one, many } => {
                let is_one = self.cell(*column).as_number() == Some(1.0);
                sentence.push_str(if is_one { one } else { many });
            }
            // No part of an optional part is optional itself.
            TemplatePart::Optional(_) => {}
        }
    }

    fn text(&self, column: usize, format: Format, value: &Value) -> String {
        let Some(column) = self.view.columns.get(column) else { return String::new() };
        let beside = column.beside().and_then(|name| self.view.column(name)).map(|at| self.cell(at));
        CellText { column, format, beside, now: self.now, zone: &Zone::Utc, none: "-" }.of(value)
    }

    fn has_null(&self, parts: &[TemplatePart]) -> bool {
        parts.iter().any(|part| match part {
            TemplatePart::Cell { column, .. } | TemplatePart::Plural { column, .. } => {
                *self.cell(*column) == Value::Null
            }
            _ => false,
        })
    }
}
