//! Indexes, told by their columns: a tool gives them names that mean nothing.

use opsdash_pack::{
    dialect::Sql,
    pack::{Engine, Naming, SchemaIndex, SchemaTable},
};

use super::{Findings, quoted, table_in_sql};
use crate::contract::{FoundIndex, FoundTable};

pub(super) fn examine(findings: &mut Findings<'_>, naming: Naming, there: &[(&SchemaTable, &FoundTable)]) {
    let before = findings.troubles();
    let mut documented = 0;
    for (table, found) in there {
        for index in &table.indexes {
            documented += 1;
            examine_index(findings, naming, found, index);
        }
    }
    if findings.troubles() == before && documented > 0 {
        let indexes = if documented == 1 { "index" } else { "indexes" };
        findings.ok("indexes", &format!("{documented} {indexes}, as documented"));
    }
    for (table, found) in there {
        for (index, why) in &table.worth {
            let index = spelled(index, naming);
            if !found.indexes.iter().any(|known| carries(known, &index)) {
                findings.hint(
                    &format!("index {}{}", found.name, shown(&index)),
                    why,
                    &create(found, &index, findings.engine),
                );
            }
        }
    }
}

fn examine_index(findings: &mut Findings<'_>, naming: Naming, table: &FoundTable, index: &SchemaIndex) {
    let index = spelled(index, naming);
    let subject = format!("index {}{}", table.name, shown(&index));
    let fix = create(table, &index, findings.engine);
    let same: Vec<&FoundIndex> = table.indexes.iter().filter(|known| carries(known, &index)).collect();
    if same.is_empty() {
        findings.warn(&subject, "is not there: views that need it read the whole table", &fix);
    } else if !same.iter().any(|known| known.valid) {
        let name = quoted(&same[0].name);
        if findings.engine == Engine::SqlServer {
            let fix = format!("ALTER INDEX {name} ON {} REBUILD", table_in_sql(table));
            findings.warn(&subject, "is there, but disabled: no query uses it", &fix);
        } else {
            let fix = format!("DROP INDEX CONCURRENTLY {name}; then {fix}");
            findings.warn(&subject, "is there, but invalid: building it broke off, and no query uses it", &fix);
        }
    } else if index.unique && !same.iter().any(|known| known.unique) {
        findings.warn(&subject, "is there, but not unique: nothing refuses duplicates", &fix);
    }
}

/// The index under a naming, its condition too.
fn spelled(index: &SchemaIndex, naming: Naming) -> SchemaIndex {
    let rename = |name: &str| Some(naming.of(name)).filter(|new| new != name);
    SchemaIndex {
        columns: index.columns.iter().map(|(name, descending)| (naming.of(name), *descending)).collect(),
        unique: index.unique,
        predicate: index.predicate.as_ref().map(|text| Sql::rename(text, rename).unwrap_or_else(|| text.clone())),
    }
}

/// Whether an index has these columns, in order, under this condition. An index is read in both directions: it does
/// when every direction is the same, or every one the opposite.
fn carries(found: &FoundIndex, index: &SchemaIndex) -> bool {
    let names = found.columns.iter().map(|(name, _)| name.as_deref());
    if found.columns.len() != index.columns.len()
        || !names.eq(index.columns.iter().map(|(name, _)| Some(name.as_str())))
    {
        return false;
    }
    let turned = found.columns.iter().zip(&index.columns).filter(|(found, index)| found.1 != index.1).count();
    let conditions = [&found.predicate, &index.predicate].map(|text| text.as_deref().map(condition));
    (turned == 0 || turned == found.columns.len()) && conditions[0] == conditions[1]
}

/// A condition, so that what people write equals what the server makes of it.
fn condition(text: &str) -> String {
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '[' | ']'))
        .collect::<String>()
        .to_lowercase();
    match bare.strip_suffix("=false") {
        Some(name) => format!("not{name}"),
        None => bare.strip_suffix("=true").unwrap_or(&bare).to_owned(),
    }
}

/// `(level, at) WHERE NOT done`
fn shown(index: &SchemaIndex) -> String {
    let columns: Vec<String> =
        index.columns.iter().map(|(name, down)| format!("{name}{}", if *down { " DESC" } else { "" })).collect();
    let condition = index.predicate.as_ref().map(|text| format!(" WHERE {text}")).unwrap_or_default();
    format!("({}){condition}", columns.join(", "))
}

/// What creates an index without stopping those who write.
fn create(table: &FoundTable, index: &SchemaIndex, engine: Engine) -> String {
    if engine == Engine::MongoDb {
        let keys: Vec<String> =
            index.columns.iter().map(|(name, down)| format!("{name}: {}", if *down { -1 } else { 1 })).collect();
        let unique = if index.unique { ", { unique: true }" } else { "" };
        return format!("db.getCollection(\"{}\").createIndex({{ {} }}{unique})", table.name, keys.join(", "));
    }
    let columns: Vec<String> = index
        .columns
        .iter()
        .map(|(name, down)| format!("{}{}", quoted(name), if *down { " DESC" } else { "" }))
        .collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let condition = index.predicate.as_ref().map(|text| format!(" WHERE {text}")).unwrap_or_default();
    let (table_sql, columns) = (table_in_sql(table), columns.join(", "));
    if engine == Engine::SqlServer {
        let names = index.columns.iter().map(|(name, _)| name.as_str());
        let name = std::iter::once("ix").chain([table.name.as_str()]).chain(names).collect::<Vec<_>>().join("_");
        let name = quoted(&name);
        return format!(
            "CREATE {unique}INDEX {name} ON {table_sql} ({columns}){condition}, WITH (ONLINE = ON) where the edition has it"
        );
    }
    format!("CREATE {unique}INDEX CONCURRENTLY ON {table_sql} ({columns}){condition}")
}
