//! Documents to a table, in the order and with the counts that a list promises.

use mongodb::bson::{Bson, Document, doc};
use opsdash_core::{
    contract::{Failure, FailureKind, RawRow, Table},
    text,
    value::{Counts, RowKey, Severity, Value},
};

use super::decode;
use crate::{limits, text as incoming};

/// The stage that counts severities over everything and keeps the first documents of each. One bucket per severity
/// rather than a sort, because `$sort` is not stable and the query's own order counts.
pub fn counted(limit: u32, troubled: bool) -> Document {
    let limit = i64::from(limit.max(1));
    let bucket = |matches: Bson| vec![doc! { "$match": { "severity": matches } }, doc! { "$limit": limit }];
    let mut facets = doc! {
        "counts": [{ "$group": { "_id": "$severity", "n": { "$sum": 1_i64 } } }],
        "crit": bucket("crit".into()),
        "unknown": bucket(doc! { "$nin": ["crit", "warn", "ok"] }.into()),
        "warn": bucket("warn".into()),
    };
    if !troubled {
        facets.insert("ok", bucket("ok".into()));
    }
    doc! { "$facet": facets }
}

/// The table in what [`counted`] returned.
pub fn list(buckets: &Document, row_key: &[String], limit: u32, troubled: bool) -> Result<Table, Failure> {
    let documents = Severity::WORST_FIRST.iter().flat_map(|severity| documents(buckets, severity.word()));
    let documents: Vec<&Document> = documents.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
    let mut counts = Counts::default();
    for group in self::documents(buckets, "counts") {
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
            why: text::one_line(&incoming::cut(why, limits::WHY)).into(),
            cells: cells(document, &columns, limits::LIST_CELL),
        }
    });
    let all = counts.total() - if troubled { counts.ok } else { 0 };
    Ok(Table { rows: rows.collect(), truncated: all > u64::from(limit), counts, columns: shown(&columns) })
}

/// The table of documents as they come; the first field of each is its key.
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
        cells: cells(document, &columns, limits::DETAIL_CELL),
    });
    let rows = rows.collect();
    Table { rows, truncated: documents.len() > limit, counts: Counts::default(), columns: shown(&columns) }
}

fn documents<'a>(buckets: &'a Document, name: &str) -> impl Iterator<Item = &'a Document> {
    buckets.get_array(name).into_iter().flatten().filter_map(Bson::as_document)
}

fn severity(field: Option<&Bson>) -> Severity {
    Severity::from_word(field.and_then(Bson::as_str).unwrap_or_default())
}

/// Every field that a document has, in the order of their first appearance.
fn columns(documents: &[&Document], without: &[&str]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for name in documents.iter().flat_map(|document| document.keys()) {
        if !without.contains(&name.as_str()) && !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    columns
}

fn shown(columns: &[String]) -> Vec<String> {
    columns.iter().map(|name| text::inert(name).into_owned()).collect()
}

fn cells(document: &Document, columns: &[String], limit: usize) -> Vec<Value> {
    columns.iter().map(|name| document.get(name).map_or(Value::Null, |field| decode::value(field, limit))).collect()
}
