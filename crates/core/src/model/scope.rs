use opsdash_pack::pack::Scope;

use crate::{
    contract::{Failure, FailureKind, Ticket},
    scope::{ScopeChoice, ScopeList},
    time::Monotonic,
};

/// Whose rows are seen of a target whose system has a scope.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScopeState {
    /// What somebody chose; `None` while nobody has.
    pub chosen: Option<ScopeChoice>,
    /// What was asked for by name at the start, until the list has come that says what it is.
    pub wanted: Option<String>,
    /// What can be chosen, as it was last listed; `None` before that.
    pub list: Option<ScopeList>,
    /// Why it could not be listed the last time; `None` when it could.
    pub failure: Option<Failure>,
    /// Why what was asked for by name cannot be chosen.
    pub refused: Option<Failure>,
    /// The list that is being asked for.
    pub awaited: Option<Ticket>,
    /// When it was last asked for.
    pub asked_at: Option<Monotonic>,
    /// Whether what is chosen is kept for the next run.
    pub is_kept: bool,
}

impl ScopeState {
    /// What nobody has chosen of yet. `wanted` is what a config or a command line asks for.
    pub(super) fn new(wanted: Option<String>, is_kept: bool) -> Self {
        Self { wanted, is_kept, ..Self::default() }
    }

    /// The id that is chosen; `None` while none is, or all are.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.chosen.as_ref().and_then(ScopeChoice::id)
    }

    /// Whether what is chosen is no longer listed.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let (Some(id), Some(list)) = (self.id(), &self.list) else { return false };
        !list.has(id)
    }

    /// Why nothing is known of anybody's rows; `None` when they may be asked for, or when it is not known yet whose.
    #[must_use]
    pub fn why_unknown(&self, scope: &Scope) -> Option<Failure> {
        let no_scope = |what: String| Some(Failure::new(FailureKind::NoScope, &what));
        let title = &scope.title;
        if let (Some(list), Some(_)) = (&self.list, &self.chosen)
            && list.enforcement.bound > 0
            && !list.enforcement.is_read
        {
            return Some(unread(scope, &list.enforcement.settings));
        }
        match (&self.chosen, &self.wanted) {
            (Some(chosen), _) if self.is_gone() => {
                no_scope(format!("the {title} {} is no longer there", chosen.in_full()))
            }
            (Some(_), _) => None,
            (None, Some(_)) => self.failure.clone(),
            (None, None) => self.refused.clone().or_else(|| no_scope(format!("no {title} chosen"))),
        }
    }

    /// Whether rows may be asked for.
    #[must_use]
    pub fn is_ready(&self, scope: &Scope) -> bool {
        self.chosen.is_some() && self.why_unknown(scope).is_none()
    }

    /// Why the server does not keep what is chosen from what is not; `None` when it does, or has not told.
    #[must_use]
    pub fn not_enforced(&self) -> Option<String> {
        self.list.as_ref().and_then(|list| list.enforcement.lacks())
    }

    /// Whether it does in some tables and not in others.
    #[must_use]
    pub fn is_partly_enforced(&self) -> bool {
        self.list.as_ref().is_some_and(|list| list.enforcement.bound > 0 && list.enforcement.open > 0)
    }
}

/// A setting that no policy reads would hide every row, or none.
fn unread(scope: &Scope, settings: &[String]) -> Failure {
    let what = format!("no policy reads the setting \"{}\"", scope.setting);
    let read = match settings {
        [] => "which setting the policies read, pg_policies tells".to_owned(),
        settings => format!("the policies read {}", settings.join(", ")),
    };
    Failure::new(FailureKind::Schema, &what).remedied(&format!("correct \"setting\" in [scope] of pack.toml: {read}"))
}
