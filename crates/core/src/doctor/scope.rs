//! Row-level security under a scope: whether it binds the login, whether it reads what is set, and what can be chosen.

use opsdash_pack::pack::Scope;

use super::Findings;
use crate::{
    contract::Failure,
    scope::{Enforcement, ScopeList},
};

const SUBJECT: &str = "scope";

pub(super) fn examine(findings: &mut Findings<'_>, scope: &Scope, listed: &Result<ScopeList, Failure>) {
    let list = match listed {
        Ok(list) => list,
        Err(failure) => return findings.crit(SUBJECT, &failure.message, failure.hint()),
    };
    let (title, found) = (&scope.title, &list.enforcement);
    if list.items.is_empty() {
        let fix = format!("{} lists what can be chosen: look at its table", scope.query.file());
        findings.crit(SUBJECT, &format!("no {title} is listed"), &fix);
    }
    if found.bound > 0 && !found.is_read {
        let what = format!("no policy reads the setting \"{}\"", scope.setting);
        let read = if found.settings.is_empty() {
            "pg_policies has their texts".to_owned()
        } else {
            found.settings.join(", ")
        };
        findings.crit(
            SUBJECT,
            &what,
            &format!("correct \"setting\" in [scope] of pack.toml; the policies read: {read}"),
        );
    }
    match found.lacks() {
        None => {
            let n = list.items.len();
            let said =
                format!("policies bind this login on {}; {n} to choose from", super::count(tables(found), "table"));
            findings.ok(SUBJECT, &said);
        }
        Some(why) => {
            let (how, there) = if found.bound > 0 { ("partly", " there") } else { ("not", "") };
            let what = format!("{how} enforced ({why}): one {title} is kept from another{there} by the queries alone");
            findings.warn(SUBJECT, &what, remedy(&found.because));
        }
    }
    if found.trapped > 0 {
        let what = format!(
            "{} cast the setting as it is: where a transaction has set it before, it is an empty text afterwards, and \
             whoever forgets it gets error 22P02 instead of no rows",
            super::count(usize::try_from(found.trapped).unwrap_or(usize::MAX), "policy expression")
        );
        let fix =
            format!("NULLIF(current_setting('{}', true), '')::uuid is NULL then, and hides all rows", scope.setting);
        findings.hint(SUBJECT, &what, &fix);
    }
}

fn tables(found: &Enforcement) -> usize {
    usize::try_from(found.bound).unwrap_or(usize::MAX)
}

fn remedy(why: &str) -> &'static str {
    match why {
        "superuser" => "use a login of its own: opsdash doctor --grants prints one that policies bind",
        "BYPASSRLS" => "ALTER ROLE .. NOBYPASSRLS for this login, or another login: opsdash doctor --grants prints one",
        "owner" => {
            "use a login that owns no table: opsdash doctor --grants prints one; ALTER TABLE .. FORCE ROW LEVEL SECURITY \
             binds owners too"
        }
        "switched off" => {
            "ALTER TABLE .. ENABLE ROW LEVEL SECURITY for the tables that have policies: pg_policies lists them"
        }
        _ => "CREATE POLICY, then ALTER TABLE .. ENABLE ROW LEVEL SECURITY, where the server is to keep them apart",
    }
}
