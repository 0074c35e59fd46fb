//! What can serve a source: each kind of server, and what it can do beyond reading.

use std::time::Duration;

use futures_util::future::BoxFuture;
use opsdash_core::{
    action::{Batch, BoundStatement, Outcome, TextRow},
    contract::{
        Answer, Facts, Failure, FailureKind, Inspection, LinkState, Members, NamedMember, Read, StoredFile, Ticket,
        Within,
    },
    scope::ScopeList,
};
use opsdash_pack::pack::Scope;

use crate::byte_sink::{ByteSink, ReadError};

/// Takes in what one database of a family is, or why nobody knows.
pub type ToldMember<'a> = Box<dyn FnMut(NamedMember, Result<Facts, Failure>) + Send + 'a>;

/// Serves one source. See [`crate::Source`] for what each call promises.
pub trait Engine: Send + Sync {
    /// See [`crate::Source::read`].
    fn read<'a>(&'a self, read: &'a Read) -> BoxFuture<'a, Result<Answer, Failure>>;

    /// See [`crate::Source::inspect`].
    fn inspect<'a>(&'a self, inspection: &'a Inspection, within: &'a Within) -> BoxFuture<'a, Result<Facts, Failure>>;

    /// See [`crate::Source::inspect_members`].
    fn inspect_members<'a>(&'a self, _: &'a Inspection, _: &'a Within, _: ToldMember<'a>) -> BoxFuture<'a, bool> {
        Box::pin(async { false })
    }

    /// See [`crate::Source::scopes`].
    fn scopes<'a>(
        &'a self,
        scope: &'a Scope,
        _ticket: Ticket,
        _statement_ms: u32,
    ) -> BoxFuture<'a, Result<ScopeList, Failure>> {
        let what = format!("the source has no row-level security, and nothing there reads \"{}\"", scope.setting);
        Box::pin(async move { Err(Failure::new(FailureKind::Other, &what)) })
    }

    /// The state of the link after the last read; `None` before the first read ended.
    fn link(&self) -> Option<LinkState>;

    /// See [`crate::Source::retry_logins`].
    fn retry_logins(&self) {}

    /// Closes what is idle and refuses further reads, within [`crate::limits::CLOSE`].
    fn close(&self) -> BoxFuture<'_, ()>;

    /// What writes rows here; `None` where nothing does.
    fn writer(&self) -> Option<&dyn Writer> {
        None
    }

    /// The files here; `None` where there is no store of files.
    fn files(&self) -> Option<&dyn FileStore> {
        None
    }
}

/// Writes rows of a source.
pub trait Writer: Send + Sync {
    /// See [`crate::Source::plan`].
    fn plan<'a>(
        &'a self,
        write: &'a BoundStatement,
        within: &'a Within,
        work: Duration,
    ) -> BoxFuture<'a, Result<Vec<String>, Failure>>;

    /// See [`crate::Source::preview`].
    fn preview<'a>(
        &'a self,
        preview: &'a BoundStatement,
        write: Option<&'a BoundStatement>,
        limit: usize,
        within: &'a Within,
        work: Duration,
    ) -> BoxFuture<'a, Result<Vec<TextRow>, Outcome>>;

    /// See [`crate::Source::act`].
    fn act<'a>(&'a self, batch: Batch<'a>, within: &'a Within, work: Duration) -> BoxFuture<'a, Outcome>;
}

/// Holds files.
pub trait FileStore: Send + Sync {
    /// See [`crate::Source::read_file`].
    fn read_file<'a>(
        &'a self,
        bucket: &'a str,
        file: &'a StoredFile,
        sink: &'a mut ByteSink<'_>,
    ) -> BoxFuture<'a, Result<(), ReadError>>;
}

/// Refuses a part of a source that is one database: it has no others to choose among.
pub(crate) fn check_members(within: &Within) -> Result<(), Failure> {
    match &within.members {
        Members::All => Ok(()),
        Members::Only(names) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let what = format!("the source is one database, and has none named {}", names.join(", "));
            Err(Failure::new(FailureKind::Other, &what))
        }
        Members::Kinds(_) | Members::OfKeys(_) => {
            Err(Failure::new(FailureKind::Other, "the source is one database, and has no members"))
        }
    }
}

/// Refuses a scope where no row-level security would read it: the rows of all scopes would come.
pub(crate) fn check_unscoped(within: &Within, server: &str) -> Result<(), Failure> {
    match &within.scope {
        None => check_members(within),
        Some(scope) => {
            let what = format!("{server} has no row-level security, and nothing there reads \"{}\"", scope.name);
            Err(Failure::new(FailureKind::Other, &what))
        }
    }
}
