//! Builds tables from documents, worst severity first and with counts for a list.

use mongodb::bson::{Bson, Document, doc};
use opsdash_core::{
    contract::{Failure, FailureKind, RawRow, Table},
    text,
    value::{Counts, ReasonCounts, ReasonIds, RowKey, Severity, Value},
};
use opsdash_pack::pack::{REASON, WHY};

use super::decode;
use crate::{judgement, limits};

/// The field with the severity of a document.
const SEVERITY: &str = "severity";

/// The field of a document that is a count and no row.
const COUNT: &str = "opsdash_count";

/// Stages that count all documents by severity, with `reasons` also by reason, and keep the first `limit` documents,
/// worst first. Counts and rows come as documents of their own: one that held all of them could not be sent beyond 16 MB.
/// It uses one facet per severity, because `$sort` is not stable and would lose the query's own order.
/// `troubled` leaves out the documents that are ok or off.
pub fn ranked_stages(limit: u32, troubled: bool, reasons: bool) -> Vec<Document> {
    let limit = i64::from(limit.max(1));
    let facet = |matches: Bson| vec![doc! { "$match": { "severity": matches } }, doc! { "$limit": limit }];
    let group = if reasons {
        doc! { "severity": "$severity", "reason": "$reason" }
    } else {
        doc! { "severity": "$severity" }
    };
    let known: Vec<&str> =
        Severity::WORST_FIRST.iter().filter(|of| **of != Severity::Unknown).map(|of| of.word()).collect();
    let mut facets = doc! { "counts": [{ "$group": { "_id": group, "n": { "$sum": 1_i64 } } }] };
    let shown: Vec<Severity> =
        Severity::WORST_FIRST.into_iter().filter(|severity| !troubled || severity.is_trouble()).collect();
    for severity in shown.iter().copied() {
        let matches = match severity {
            Severity::Unknown => doc! { "$nin": known.clone() }.into(),
            severity => severity.word().into(),
        };
        facets.insert(severity.word(), facet(matches));
    }
    let rows: Vec<String> = shown.iter().map(|severity| format!("${}", severity.word())).collect();
    let counts = doc! { "$map": { "input": "$counts", "as": "count", "in": { COUNT: "$$count" } } };
    let rows = doc! { "$slice": [{ "$concatArrays": rows }, limit] };
    vec![
        doc! { "$facet": facets },
        doc! { "$project": { "all": { "$concatArrays": [counts, rows] } } },
        doc! { "$unwind": "$all" },
        doc! { "$replaceRoot": { "newRoot": "$all" } },
    ]
}

/// The table of the documents that [`ranked_stages`] produce with the same arguments.
///
/// # Errors
/// A column of `row_key` that the first document does not have.
pub fn list(all: &[Document], row_key: &[String], limit: u32, troubled: bool, reasons: bool) -> Result<Table, Failure> {
    let (groups, documents): (Vec<&Document>, Vec<&Document>) =
        all.iter().partition(|document| document.get_document(COUNT).is_ok() && document.len() == 1);
    let mut counts = Counts::default();
    let mut counted = ReasonCounts::default();
    for group in groups.iter().filter_map(|group| group.get_document(COUNT).ok()) {
        let n = u64::try_from(decode::whole(group.get("n")).unwrap_or_default()).unwrap_or_default();
        let by = group.get_document("_id").ok();
        let severity = Severity::from_word(by.and_then(|by| by.get_str("severity").ok()).unwrap_or_default());
        counts.add(severity, n);
        if let Some(id) = by.and_then(|by| reason_ids(by).first().cloned()) {
            counted.add(severity, &id, n);
        }
    }
    let judging: &[&str] = if reasons { &[SEVERITY, WHY, REASON] } else { &[SEVERITY, WHY] };
    let columns = columns(&documents, judging);
    if let (Some(first), Some(missing)) = (documents.first(), row_key.iter().find(|name| !columns.contains(name)))
        && !first.contains_key(missing)
    {
        let what = format!("the query returns no field \"{missing}\"");
        return Err(Failure::new(FailureKind::Schema, &what).of_object(missing));
    }
    let rows = documents.iter().map(|document| {
        let key = |name: &String| document.get(name).map(decode::raw_text).unwrap_or_default();
        let parts: Vec<String> = row_key.iter().map(key).collect();
        let word = document.get(SEVERITY).filter(|word| **word != Bson::Null).map(decode::raw_text);
        let (severity, why) = judgement::severity_and_why(word.as_deref(), document.get_str(WHY).unwrap_or_default());
        RawRow {
            key: RowKey::of(&parts.iter().map(String::as_str).collect::<Vec<_>>()),
            severity,
            why,
            reasons: if reasons { reason_ids(document) } else { ReasonIds::default() },
            cells: cells(document, &columns, limits::LIST_CELL_BYTES),
            ..RawRow::default()
        }
    });
    let left_out = if troubled { counts.ok + counts.off } else { 0 };
    let truncated = counts.total() - left_out > u64::from(limit);
    Ok(Table { rows: rows.collect(), truncated, counts, reasons: counted, columns: inert_names(&columns) })
}

/// The table of documents in the server's order. The first column is the key.
pub fn rows(documents: &[Document], limit: u32) -> Table {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let kept: Vec<&Document> = documents.iter().take(limit).collect();
    let columns = columns(&kept, &[]);
    let rows = kept.iter().map(|document| RawRow {
        key: RowKey(
            columns.first().and_then(|name| document.get(name)).map(decode::raw_text).unwrap_or_default().into(),
        ),
        cells: cells(document, &columns, limits::DETAIL_CELL_BYTES),
        ..RawRow::default()
    });
    let rows = rows.collect();
    Table { rows, truncated: documents.len() > limit, columns: inert_names(&columns), ..Table::default() }
}

/// The ids in the field `reason`: a text, or a list of which NULLs are none.
fn reason_ids(document: &Document) -> ReasonIds {
    let (one, several) = match document.get(REASON) {
        Some(Bson::Array(several)) => (None, several.as_slice()),
        one => (one, &[][..]),
    };
    let texts: Vec<String> =
        one.into_iter().chain(several).filter(|id| **id != Bson::Null).map(decode::raw_text).collect();
    judgement::reason_ids(texts.iter().map(String::as_str))
}

/// The names of all fields of these documents, in the order of their first appearance.
fn columns(documents: &[&Document], except: &[&str]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for name in documents.iter().flat_map(|document| document.keys()) {
        if !except.contains(&name.as_str()) && !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    columns
}

fn inert_names(columns: &[String]) -> Vec<String> {
    columns.iter().map(|name| text::inert(name).into_owned()).collect()
}

fn cells(document: &Document, columns: &[String], limit: usize) -> Vec<Value> {
    columns.iter().map(|name| document.get(name).map_or(Value::Null, |field| decode::value(field, limit))).collect()
}
