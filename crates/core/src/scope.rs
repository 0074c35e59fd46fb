//! Whose rows are seen: what can be chosen, what somebody chose, and whether the server holds to it.

use opsdash_pack::pack::{Pack, SCOPE_ID, SCOPE_LABEL, Scope, View};

use crate::{
    contract::{Failure, FailureKind, ScopeSetting, Table, Within},
    format, text,
    value::{ArcStr, Value},
};

/// The word that chooses all scopes, where the server lets them be seen together.
pub const ALL: &str = "all";

/// Scopes of one name that a message lists.
const NAMED: usize = 5;

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeItem {
    /// What the setting is set to.
    pub id: ArcStr,
    /// What people know it by; several may have the same.
    pub label: ArcStr,
}

/// What somebody chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeChoice {
    /// Everybody's rows: nothing is set, and a server that would hide rows refuses.
    All,
    /// The rows of one.
    One(ScopeItem),
}

impl ScopeChoice {
    /// The id that statements are given; `None` for all.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::One(item) => Some(&item.id),
        }
    }

    /// What people know it by.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::All => ALL,
            Self::One(item) => &item.label,
        }
    }

    /// The same with the id, where that says more: `Acme (3f1c..)`.
    #[must_use]
    pub fn in_full(&self) -> String {
        match self {
            Self::One(item) if item.id != item.label => format!("{} ({})", item.label, item.id),
            other => other.label().to_owned(),
        }
    }
}

/// The part of a source that a view is asked of.
#[must_use]
pub fn within(pack: &Pack, view: &View, chosen: Option<&ScopeChoice>) -> Within {
    let setting = |scope: &Scope| {
        let value = chosen.filter(|_| view.scoped)?.id()?.into();
        Some(ScopeSetting { name: scope.setting.as_str().into(), value, listed: Some(scope.query.clone()) })
    };
    Within { scope: pack.scope.as_ref().and_then(setting), ..Within::default() }
}

/// Whether the policies of a server decide which rows a login sees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enforcement {
    /// Tables that the login may read and whose policies bind it.
    pub bound: u64,
    /// Tables that it may read and that have policies which do not bind it, or row-level security without need.
    pub open: u64,
    /// Why policies do not bind it, in words: `superuser`.
    pub because: String,
    /// Settings that the policies read that bind it, themselves or by functions that they call.
    pub settings: Vec<String>,
    /// Whether a policy that binds it reads the setting, or may: by a function whose text nobody can read.
    pub is_read: bool,
    /// Policies of all tables that cast a setting as it is, and so fail where it is an empty text.
    pub trapped: u64,
}

impl Enforcement {
    /// Why one scope is not kept from another by the server; `None` when it is.
    #[must_use]
    pub fn lacks(&self) -> Option<String> {
        match (self.bound, self.open) {
            (0, 0) => Some("no policies".to_owned()),
            (_, 0) => None,
            (0, _) => Some(self.because.clone()),
            (bound, open) => Some(format!("{} on {open} of {} tables", self.because, bound + open)),
        }
    }
}

/// What can be chosen, as a source told it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScopeList {
    /// In the order of the query; every id once.
    pub items: Vec<ScopeItem>,
    /// Whether the server holds to what is chosen.
    pub enforcement: Enforcement,
}

impl ScopeList {
    /// From the rows of the scope's query.
    ///
    /// # Errors
    /// Rows without an id, an id that comes twice, or more rows than were to be returned.
    pub fn of(scope: &Scope, table: &Table, enforcement: Enforcement) -> Result<Self, Failure> {
        let file = scope.query.file();
        let wrong = |what: String| Failure::new(FailureKind::Schema, &what);
        if table.truncated {
            return Err(wrong(format!("{file} returns more than {} rows", table.rows.len())));
        }
        let mut items: Vec<ScopeItem> = Vec::with_capacity(table.rows.len());
        let place = |name: &str| table.columns.iter().position(|column| column == name);
        let (Some(id), Some(label)) = (place(SCOPE_ID), place(SCOPE_LABEL)) else {
            if table.rows.is_empty() {
                return Ok(Self { items, enforcement });
            }
            return Err(wrong(format!("{file} does not return the columns \"{SCOPE_ID}\" and \"{SCOPE_LABEL}\"")));
        };
        let mut seen = std::collections::BTreeSet::new();
        for row in &table.rows {
            let id: ArcStr = plain(&row.cells[id]).into();
            if id.is_empty() || !seen.insert(id.clone()) {
                return Err(wrong(format!("{file} returns the id \"{id}\", which is empty or comes twice")));
            }
            let label = text::one_line(&plain(&row.cells[label])).trim().to_owned();
            let label = if label.is_empty() { id.clone() } else { label.into() };
            items.push(ScopeItem { id, label });
        }
        Ok(Self { items, enforcement })
    }

    /// Whether it lists a scope of that id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.items.iter().any(|item| &*item.id == id)
    }

    /// What somebody means who writes an id, a label or [`ALL`]. An exact id comes before all else; the case of letters
    /// counts only where it tells two apart.
    ///
    /// # Errors
    /// In words: there is none, there are several, or all cannot be seen together.
    pub fn find(&self, scope: &Scope, wanted: &str) -> Result<ScopeChoice, Failure> {
        let wrong = |what: &str| Failure::new(FailureKind::NoScope, what);
        let (title, folded) = (&scope.title, wanted.to_lowercase());
        if let Some(item) = self.items.iter().find(|item| &*item.id == wanted) {
            return Ok(ScopeChoice::One(item.clone()));
        }
        if wanted == ALL {
            return match self.enforcement.bound {
                0 => Ok(ScopeChoice::All),
                _ => Err(wrong(&format!("{ALL} cannot be seen together: row-level security binds this login"))),
            };
        }
        let by: [&dyn Fn(&ScopeItem) -> bool; 3] =
            [&|item| &*item.label == wanted, &|item| item.id.to_lowercase() == folded, &|item| {
                item.label.to_lowercase() == folded
            }];
        for fits in by {
            let mut found = self.items.iter().filter(|item| fits(item));
            match (found.next(), found.next()) {
                (Some(item), None) => return Ok(ScopeChoice::One(item.clone())),
                (Some(first), Some(second)) => {
                    let ids: Vec<&str> = [first, second].into_iter().chain(found).map(|item| &*item.id).collect();
                    let more = if ids.len() > NAMED { ", .." } else { "" };
                    let listed = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
                    let what = format!("\"{wanted}\" is the name of {} ({title}): {listed}{more}", ids.len());
                    return Err(wrong(&what).remedied("give the id"));
                }
                (None, _) => {}
            }
        }
        Err(wrong(&format!("there is no {title} \"{wanted}\"")))
    }
}

/// A cell as it is given to a statement.
fn plain(value: &Value) -> String {
    format::plain(value, opsdash_pack::pack::Format::Text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opsdash_pack::pack::{SourceId, Statement};

    use super::*;
    use crate::contract::RawRow;

    fn scope() -> Scope {
        let sql = opsdash_pack::dialect::Sql { file: "sites.sql".into(), ..Default::default() };
        let query = Arc::new(Statement::Sql(sql));
        Scope { title: "site".into(), source: SourceId(0), setting: "app.site".into(), query }
    }

    fn table(rows: &[(&str, &str)]) -> Table {
        let row = |(id, label): &(&str, &str)| RawRow {
            cells: vec![Value::text(label), Value::text(id)],
            ..RawRow::default()
        };
        Table { columns: vec!["label".into(), "id".into()], rows: rows.iter().map(row).collect(), ..Table::default() }
    }

    fn list(rows: &[(&str, &str)], bound: u64) -> ScopeList {
        let enforcement = Enforcement { bound, ..Enforcement::default() };
        ScopeList::of(&scope(), &table(rows), enforcement).unwrap()
    }

    #[test]
    fn a_scope_is_found_by_its_id_or_by_a_label_that_is_its_own() {
        let list =
            list(&[("a1", "Acme"), ("b2", "Acme"), ("C3", "Globex"), ("Globex", "odd"), ("all", "All sorts")], 1);
        let find = |wanted: &str| match list.find(&scope(), wanted) {
            Ok(choice) => choice.in_full(),
            Err(failure) => failure.message,
        };
        assert_eq!(find("b2"), "Acme (b2)");
        assert_eq!(find("c3"), "Globex (C3)");
        assert_eq!(find("globex"), "odd (Globex)", "an id comes before a label");
        assert_eq!(find("ALL SORTS"), "All sorts (all)");
        assert_eq!(find("all"), "All sorts (all)");
        assert_eq!(find("Acme"), "\"Acme\" is the name of 2 (site): a1, b2");
        assert_eq!(find("acm"), "there is no site \"acm\"");
    }

    #[test]
    fn all_are_seen_together_only_where_no_policy_binds_the_login() {
        let find = |bound| list(&[("a1", "Acme")], bound).find(&scope(), ALL);
        assert_eq!(find(0), Ok(ScopeChoice::All));
        assert!(find(1).unwrap_err().message.contains("row-level security binds this login"));
    }

    #[test]
    fn a_list_that_cannot_be_trusted_is_no_list() {
        for rows in [&[("", "x")][..], &[("a", "x"), ("a", "y")]] {
            let failure = ScopeList::of(&scope(), &table(rows), Enforcement::default()).unwrap_err();
            assert!(failure.message.contains("empty or comes twice"), "{failure}");
        }
        let cut = Table { truncated: true, ..table(&[("a", "x")]) };
        assert!(ScopeList::of(&scope(), &cut, Enforcement::default()).is_err());
        let other = Table { columns: vec!["name".into(), "id".into()], ..table(&[("a", "x")]) };
        assert!(ScopeList::of(&scope(), &other, Enforcement::default()).is_err());
        assert_eq!(&*list(&[("a", " ")], 0).items[0].label, "a");
    }
}
