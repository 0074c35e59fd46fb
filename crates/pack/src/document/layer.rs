//! The user's document over ours.

use std::borrow::Cow;

use toml::{
    Spanned,
    de::{DeArray, DeValue},
};

use super::{TableSpec, TomlTable, TomlValue, ValueKind, entry};

/// Lays `upper` over `lower`: tables merge, lists of tables merge by their identity, everything else is replaced.
/// Entries of lists that then say `disabled = true` are gone.
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

/// Removes what says `disabled = true`, at any depth. `disabled = false` is removed too, as a word that is used up; the
/// check of the words still sees a `disabled` of another type.
pub(crate) fn drop_disabled(spec: &TableSpec, table: &mut TomlTable<'_>) {
    let said = entry(table, "disabled").map(Spanned::get_ref);
    if matches!(said, Some(DeValue::Boolean(false))) && spec.word("disabled").is_some() {
        table.remove("disabled");
    }
    for word in spec.words {
        let Some(value) = table.get_mut(word.name) else { continue };
        match (word.kind, value.get_mut()) {
            (ValueKind::Table(inner), DeValue::Table(inside)) => {
                if is_disabled(inside) {
                    table.remove(word.name);
                } else {
                    drop_disabled(inner, inside);
                }
            }
            (ValueKind::TableList(inner), DeValue::Array(items)) => {
                let kept = std::mem::replace(items, DeArray::new()).into_iter().filter_map(|item| keep(inner, item));
                *items = kept.collect();
            }
            (ValueKind::TableMap(inner), DeValue::Table(named)) => {
                let kept = std::mem::take(named).into_iter();
                *named = kept.filter_map(|(key, item)| Some((key, keep(inner, item)?))).collect();
            }
            _ => {}
        }
    }
}

/// Whether a table says `disabled = true`.
pub(crate) fn is_disabled(table: &TomlTable<'_>) -> bool {
    matches!(entry(table, "disabled").map(Spanned::get_ref), Some(DeValue::Boolean(true)))
}

fn keep<'t>(spec: &TableSpec, mut item: TomlValue<'t>) -> Option<TomlValue<'t>> {
    if let DeValue::Table(inside) = item.get_mut() {
        if is_disabled(inside) {
            return None;
        }
        drop_disabled(spec, inside);
    }
    Some(item)
}

fn merge_value<'t>(kind: Option<ValueKind>, old: &mut TomlValue<'t>, new: TomlValue<'t>) {
    let span = new.span();
    match (kind, old.get_mut(), new.into_inner()) {
        (Some(ValueKind::Table(spec)), DeValue::Table(lower), DeValue::Table(upper)) => merge(spec, lower, upper),
        (Some(ValueKind::TableMap(spec)), DeValue::Table(lower), DeValue::Table(upper)) => {
            merge_named(lower, upper, |old, new| merge_value(Some(ValueKind::Table(spec)), old, new));
        }
        (Some(ValueKind::TextMap | ValueKind::TextListMap), DeValue::Table(lower), DeValue::Table(upper)) => {
            merge_named(lower, upper, |old, new| *old = new);
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
        (Some(ValueKind::OrderedTextList), DeValue::Array(lower), DeValue::Array(mut upper)) => {
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

fn merge_named<'t>(
    lower: &mut TomlTable<'t>,
    upper: TomlTable<'t>,
    mut both: impl FnMut(&mut TomlValue<'t>, TomlValue<'t>),
) {
    for (key, value) in upper {
        match lower.get_mut(key.get_ref().as_ref()) {
            Some(old) => both(old, value),
            None => {
                lower.insert(key, value);
            }
        }
    }
}

/// The word and value that tell an entry of a list from the others.
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

/// Tells entries of a list that repeat an earlier one of the same file: in one file that is a slip, not a layer.
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
            }
            (ValueKind::Table(inner), Some(DeValue::Table(inside))) => found.extend(repeated(inner, inside)),
            _ => {}
        }
    }
    found
}
