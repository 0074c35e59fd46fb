//! Procedures, triggers and views: whether they are there, serve, and can be there at all.

use opsdash_pack::pack::{ObjectKind, SchemaObject};

use super::{Findings, count, quoted, shortened};
use crate::contract::{DatabaseCatalog, FoundObject};

const MAKE: &str = "make it again from the system's migrations";

pub(super) fn examine(findings: &mut Findings<'_>, catalog: &DatabaseCatalog) {
    let schema = findings.schema;
    if catalog.login.is_none() || schema.objects.is_empty() {
        return;
    }
    let before = findings.troubles();
    let (mut counts, mut unseen) = ([0_usize; 3], Vec::new());
    for object in schema.objects.iter().filter(|object| object.impossible.is_none()) {
        counts[object.kind as usize] += 1;
        match find(&catalog.objects, object) {
            Some(found) => examine_found(findings, object, found),
            None if catalog.sees_definitions => {
                let what = match object.purpose.as_str() {
                    "" => "is not there".to_owned(),
                    purpose => format!("is not there. It is for: {purpose}"),
                };
                findings.crit(&subject(object), &what, MAKE);
            }
            None => unseen.push(subject(object)),
        }
    }
    if !unseen.is_empty() {
        let found = format!("not there, or not visible to this login: {}", shortened(&unseen));
        findings.warn("objects", &found, "GRANT VIEW DEFINITION to this login: opsdash doctor --grants prints it");
    }
    if findings.troubles() == before {
        let [procedures, triggers, views] = counts;
        let counted = [(procedures, "procedure"), (triggers, "trigger"), (views, "view")];
        let counted: Vec<String> = counted.iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(*n, what)).collect();
        findings.ok("objects", &format!("{}, as documented", counted.join(", ")));
    }
    for object in &schema.objects {
        if let Some((why, instead)) = &object.impossible {
            findings.hint(&subject(object), &format!("cannot exist: {why}"), &format!("instead: {instead}"));
        }
    }
}

/// The object of a documented one among those that are there. SQL Server compares names without case, as most databases do.
pub(super) fn find<'a>(found: &'a [FoundObject], object: &SchemaObject) -> Option<&'a FoundObject> {
    found.iter().find(|found| {
        found.kind == object.kind
            && found.name.eq_ignore_ascii_case(&object.name)
            && object.schema.as_ref().is_none_or(|schema| found.schema.eq_ignore_ascii_case(schema))
    })
}

fn subject(object: &SchemaObject) -> String {
    format!("{} {}", object.kind.word(), object.name)
}

fn examine_found(findings: &mut Findings<'_>, object: &SchemaObject, found: &FoundObject) {
    let subject = subject(object);
    let name = format!("{}.{}", quoted(&found.schema), quoted(&found.name));
    if let (Some(wanted), Some(on)) = (&object.on, &found.on)
        && !wanted.eq_ignore_ascii_case(on)
    {
        findings.crit(&subject, &format!("is a trigger of {on}, documented as one of {wanted}"), MAKE);
    } else if found.disabled {
        let what = match object.purpose.as_str() {
            "" => "is there, and switched off".to_owned(),
            purpose => format!("is there, and switched off. It is for: {purpose}"),
        };
        let on = object.on.as_deref().map(|on| format!(" ON {}.{}", quoted(&found.schema), quoted(on)));
        findings.crit(&subject, &what, &format!("ENABLE TRIGGER {name}{}", on.unwrap_or_default()));
    } else if let Some(told) = &found.broken {
        let fix = "a table or a column that it asks for was renamed or dropped: make it again from its migration";
        findings.crit(&subject, &format!("cannot be read: {told}"), fix);
    } else if object.kind == ObjectKind::View && !found.usable {
        let fix = format!("GRANT SELECT ON {name} to this login, and opsdash doctor --grants prints all of them");
        findings.crit(&subject, "this login may not read it", &fix);
    }
}
