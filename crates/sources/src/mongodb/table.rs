//! Builds tables from documents, worst severity first and with counts for a list.

use mongodb::bson::{Bson, Document, doc};
use opsdash_core::{
    contract::{Failure, FailureKind, RawRow, Table},
    text,
    value::{Counts, RowKey, Severity, Value},
};

use super::decode;
use crate::{limits, text as incoming};

/// A stage that counts all documents by severity and keeps the first `limit` documents of each severity. It uses one
/// facet per severity, because `$sort` is not stable and would lose the query's own order. `troubled` leaves out the
/// documents that are ok.
pub fn ranked_stage(limit: u32, troubled: bool) -> Document {
    let limit = i64::from(limit.max(1));
    let facet = |matches: Bson| vec![doc! { "$match": { "severity": matches } }, doc! { "$limit": limit }];
    let mut facets = doc! {
        "counts": [{ "$group": { "_id": "$severity", "n": { "$sum": 1_i64 } } }],
        "crit": facet("crit".into()),
        "unknown": facet(doc! { "$nin": ["crit", "warn", "ok"] }.into()),
        "warn": facet("warn".into()),
    };
    if !troubled {
        facets.insert("ok", facet("ok".into()));
    }
    doc! { "$facet": facets }
}

/// The table of the document that [`ranked_stage`] produces.
///
/// # Errors
/// A column of `row_key` that the first document does not have.
pub fn list(facets: &Document, row_key: &[String], limit: u32, troubled: bool) -> Result<Table, Failure> {
    let documents = Severity::WORST_FIRST.iter().flat_map(|severity| documents_of(facets, severity.word()));
    let documents: Vec<&Document> = documents.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
    let mut counts = Counts::default();
    for group in documents_of(facets, "counts") {
        let n = u64::try_from(decode::whole(group.get("n")).unwrap_or_default()).unwrap_or_default();
        counts.add(severity(group.get("_id")), n);
    }
    let columns = columns(&documents, &["severity", "why"]);
    if let (Some(first), Some(missing)) = (documents.first(), row_key.iter().find(|name| !columns.contains(name)))
        && !first.contains_key(missing)
    {
        let what = format!("the query returns no field \"{missing}\"");
        return Err(Failure::new(FailureKind::Schema, &what).of_object(missing));
    }
    let rows = documents.iter().map(|document| {
        let key = |name: &String| document.get(name).map(decode::raw_text).unwrap_or_default();
        let parts: Vec<String> = row_key.iter().map(key).collect();
        let why = document.get_str("why").unwrap_or_default();
        RawRow {
            key: RowKey::of(&parts.iter().map(String::as_str).collect::<Vec<_>>()),
            severity: severity(document.get("severity")),
            why: text::one_line(&incoming::cut(why, limits::WHY_BYTES)).into(),
            cells: cells(document, &columns, limits::LIST_CELL_BYTES),
        }
    });
    let wanted = counts.total() - if troubled { counts.ok } else { 0 };
    Ok(Table { rows: rows.collect(), truncated: wanted > u64::from(limit), counts, columns: inert_names(&columns) })
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
        severity: Severity::Ok,
        why: "".into(),
        cells: cells(document, &columns, limits::DETAIL_CELL_BYTES),
    });
    let rows = rows.collect();
    Table { rows, truncated: documents.len() > limit, counts: Counts::default(), columns: inert_names(&columns) }
}

fn documents_of<'a>(facets: &'a Document, name: &str) -> impl Iterator<Item = &'a Document> {
    facets.get_array(name).into_iter().flatten().filter_map(Bson::as_document)
}

fn severity(field: Option<&Bson>) -> Severity {
    Severity::from_word(field.and_then(Bson::as_str).unwrap_or_default())
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
