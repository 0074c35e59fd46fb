//! Foreign keys and checks, told by their columns as indexes are.

use opsdash_pack::pack::{SchemaReference, SchemaTable};

use super::{Findings, count, quoted, table_in_sql};
use crate::contract::{ConstraintState, FoundTable};

pub(super) fn examine(findings: &mut Findings<'_>, there: &[(&SchemaTable, &FoundTable)]) {
    let before = findings.troubles();
    let (mut references, mut checks) = (0, 0);
    for (table, found) in there {
        for reference in &table.references {
            references += 1;
            examine_reference(findings, found, reference);
        }
        for columns in &table.checks {
            checks += 1;
            examine_check(findings, found, columns);
        }
    }
    if findings.troubles() == before && references + checks > 0 {
        let found = format!("{}, {}, as documented", count(references, "foreign key"), count(checks, "check"));
        findings.ok("constraints", &found);
    }
}

fn examine_reference(findings: &mut Findings<'_>, table: &FoundTable, reference: &SchemaReference) {
    let columns = reference.columns.join(", ");
    let subject = format!("foreign key {}({columns}) -> {}", table.name, reference.to);
    let found = table
        .references
        .iter()
        .find(|found| same(&found.columns, &reference.columns) && found.to.eq_ignore_ascii_case(&reference.to));
    let Some(found) = found else {
        let quoted: Vec<String> = reference.columns.iter().map(|name| quoted(name)).collect();
        let on_delete = reference.on_delete.map(|it| format!(" ON DELETE {}", it.sql())).unwrap_or_default();
        let fix = format!(
            "ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {}{on_delete}, when every row has the one that it refers to",
            table_in_sql(table),
            quoted.join(", "),
            super::quoted(&reference.to),
        );
        findings.crit(&subject, "is not there: rows may refer to what does not exist", &fix);
        return;
    };
    if let Some(wanted) = reference.on_delete.filter(|wanted| found.on_delete != Some(*wanted)) {
        let is = found.on_delete.map_or("something else", opsdash_pack::pack::OnDelete::sql);
        let what = format!("is ON DELETE {is}, documented as ON DELETE {}", wanted.sql());
        findings.warn(&subject, &what, "ask who changed it, and what becomes of those rows now");
    }
    examine_state(findings, &subject, table, &found.name, found.state);
}

fn examine_check(findings: &mut Findings<'_>, table: &FoundTable, columns: &[String]) {
    let subject = format!("check {}({})", table.name, columns.join(", "));
    let mut same = table.checks.iter().filter(|found| {
        let has = |name: &String| found.columns.iter().any(|it| it.eq_ignore_ascii_case(name));
        found.columns.len() == columns.len() && columns.iter().all(has)
    });
    match same.next() {
        None => findings.warn(&subject, "is not there: nothing refuses a wrong value", "run the system's migrations"),
        Some(found) => examine_state(findings, &subject, table, &found.name, found.state),
    }
}

fn examine_state(findings: &mut Findings<'_>, subject: &str, table: &FoundTable, name: &str, state: ConstraintState) {
    let found = match state {
        ConstraintState::Kept => return,
        ConstraintState::Disabled => "is there, and switched off: nothing keeps it",
        ConstraintState::NotTrusted => "is not trusted: the rows that were there before it may break it",
    };
    let fix = format!(
        "ALTER TABLE {} WITH CHECK CHECK CONSTRAINT {}, which looks at every row",
        table_in_sql(table),
        quoted(name)
    );
    findings.warn(subject, found, &fix);
}

fn same(left: &[String], right: &[String]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.eq_ignore_ascii_case(right))
}
