//! Layers: the document of an upper layer is merged into that of a lower one.

use std::borrow::Cow;

use toml::{
    Spanned,
    de::{DeArray, DeValue},
};

use super::{TableSpec, TomlTable, TomlValue, ValueKind, entry};

/// Merges `upper` into `lower`. Tables are merged word by word, and lists of tables by the identity of their entries.
/// Any other value replaces the lower one.
pub(crate) fn merge<'t>(spec: &TableSpec, lower: &mut TomlTable<'t>, upper: TomlTable<'t>) {
    for (key, value) in upper {
        let kind = spec.word(key.get_ref()).map(|word| word.kind);
        match lower.get_mut(key.get_ref().as_ref()) {
            Some(old) if kind.is_some() => merge_value(kind, old, value),
            _ => {
                lower.remove(key.get_ref().as_ref());
                lower.insert(key, value);
            }
        }
    }
}

/// Removes every table with `disabled = true`, at any depth. From the others `disabled = false` is removed, so that no
/// type needs a field for it; a `disabled` with another value stays, for the check of the words to report.
pub(crate) fn drop_disabled(spec: &TableSpec, table: &mut TomlTable<'_>) {
    let disabled = entry(table, "disabled").map(Spanned::get_ref);
    if matches!(disabled, Some(DeValue::Boolean(false))) && spec.word("disabled").is_some() {
        table.remove("disabled");
    }
    for word in spec.words {
        let Some(value) = table.get_mut(word.name) else { continue };
        match (word.kind, value.get_mut()) {
            (ValueKind::Table(inner), DeValue::Table(inner_table)) => {
                if is_disabled(inner_table) {
                    table.remove(word.name);
                } else {
                    drop_disabled(inner, inner_table);
                }
            }
            (ValueKind::TableList(inner), DeValue::Array(items)) => {
                let kept =
                    std::mem::replace(items, DeArray::new()).into_iter().filter_map(|item| keep_enabled(inner, item));
                *items = kept.collect();
            }
            (ValueKind::TableMap(inner), DeValue::Table(named)) => {
                let kept = std::mem::take(named).into_iter();
                *named = kept.filter_map(|(key, item)| Some((key, keep_enabled(inner, item)?))).collect();
            }
            _ => {}
        }
    }
}

/// Whether a table has `disabled = true`.
pub(crate) fn is_disabled(table: &TomlTable<'_>) -> bool {
    matches!(entry(table, "disabled").map(Spanned::get_ref), Some(DeValue::Boolean(true)))
}

/// The entry without its disabled parts; `None` when the entry itself is disabled.
fn keep_enabled<'t>(spec: &TableSpec, mut item: TomlValue<'t>) -> Option<TomlValue<'t>> {
    if let DeValue::Table(inner_table) = item.get_mut() {
        if is_disabled(inner_table) {
            return None;
        }
        drop_disabled(spec, inner_table);
    }
    Some(item)
}

fn merge_value<'t>(kind: Option<ValueKind>, old: &mut TomlValue<'t>, new: TomlValue<'t>) {
    let span = new.span();
    match (kind, old.get_mut(), new.into_inner()) {
        (Some(ValueKind::Table(spec)), DeValue::Table(lower), DeValue::Table(upper)) => merge(spec, lower, upper),
        (Some(ValueKind::TableMap(spec)), DeValue::Table(lower), DeValue::Table(upper)) => {
            merge_by_name(lower, upper, |old, new| merge_value(Some(ValueKind::Table(spec)), old, new));
        }
        (
            Some(
                ValueKind::TextMap
                | ValueKind::TextListMap
                | ValueKind::TextsOrMap
                | ValueKind::ConstantMap(_)
                | ValueKind::TextOrTableMap(_),
            ),
            DeValue::Table(lower),
            DeValue::Table(upper),
        ) => {
            merge_by_name(lower, upper, |old, new| *old = new);
        }
        (Some(ValueKind::TableList(spec)), DeValue::Array(lower), DeValue::Array(upper)) => {
            for item in upper {
                let same = identity(spec, &item)
                    .and_then(|id| lower.iter_mut().find(|old| identity(spec, old).as_ref() == Some(&id)));
                match same {
                    Some(old) => merge_value(Some(ValueKind::Table(spec)), old, item),
                    None => lower.push(item),
                }
            }
        }
        (
            Some(ValueKind::OrderedTextList | ValueKind::TextsOrMap),
            DeValue::Array(lower),
            DeValue::Array(mut upper),
        ) => {
            let named: Vec<String> = upper.iter().filter_map(text).map(Cow::into_owned).collect();
            let rest = std::mem::replace(lower, DeArray::new()).into_iter();
            for item in rest.filter(|item| text(item).is_none_or(|item| !named.contains(&item.into_owned()))) {
                upper.push(item);
            }
            *lower = upper;
        }
        (_, _, replaced) => *old = Spanned::new(span, replaced),
    }
}

/// Merges tables with free names. `merge_both` merges the values of a name that both have.
fn merge_by_name<'t>(
    lower: &mut TomlTable<'t>,
    upper: TomlTable<'t>,
    mut merge_both: impl FnMut(&mut TomlValue<'t>, TomlValue<'t>),
) {
    for (key, value) in upper {
        match lower.get_mut(key.get_ref().as_ref()) {
            Some(old) => merge_both(old, value),
            None => {
                lower.insert(key, value);
            }
        }
    }
}

/// The identity of an entry of a list: the first identifying word that is set, and its value. `None` when none is set.
fn identity(spec: &TableSpec, item: &TomlValue<'_>) -> Option<(&'static str, String)> {
    let DeValue::Table(table) = item.get_ref() else { return None };
    spec.identity.iter().find_map(|word| Some((*word, text(entry(table, word)?)?.into_owned())))
}

fn text<'t>(value: &'t TomlValue<'_>) -> Option<Cow<'t, str>> {
    match value.get_ref() {
        DeValue::String(text) => Some(Cow::Borrowed(text.as_ref())),
        _ => None,
    }
}

/// Entries of a list with the identity of an earlier entry, each with a text that names the identity. Within one file
/// that is a mistake; only another layer may repeat an identity.
pub(crate) fn repeated<'t>(spec: &TableSpec, table: &'t TomlTable<'t>) -> Vec<(&'t TomlValue<'t>, String)> {
    let mut found = Vec::new();
    for word in spec.words {
        match (word.kind, entry(table, word.name).map(Spanned::get_ref)) {
            (ValueKind::TableList(inner), Some(DeValue::Array(items))) => {
                let mut seen = Vec::new();
                for item in items {
                    let Some(id) = identity(inner, item) else { continue };
                    if seen.contains(&id) {
                        found.push((item, format!("{} with {} = \"{}\"", inner.header, id.0, id.1)));
                    }
                    seen.push(id);
                }
                let tables = items.iter().filter_map(|item| match item.get_ref() {
                    DeValue::Table(inner_table) => Some(inner_table),
                    _ => None,
                });
                found.extend(tables.flat_map(|inner_table| repeated(inner, inner_table)));
            }
            (ValueKind::Table(inner), Some(DeValue::Table(inner_table))) => found.extend(repeated(inner, inner_table)),
            _ => {}
        }
    }
    found
}
