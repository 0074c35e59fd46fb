//! What a source is asked and what it answers: the contract between the pure core and the drivers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use opsdash_pack::pack::{SourceId, Statement, View, ViewId};
use serde::Serialize;

use super::Listing;
use crate::{
    text,
    time::Time,
    value::{ArcStr, Counts, NotKnown, ReasonCounts, ReasonIds, RowKey, Severity, Value},
};

/// Tells one request from every other; an answer with a ticket that is no longer awaited is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Where an answer belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The view whose panel asked.
    pub view: ViewId,
    /// Which of the panel's questions it was.
    pub part: Part,
}

/// The questions that one panel asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The view's own query, under the user's choices.
    List,
    /// The same under the default choices, for the overview and the tab's counts.
    Summary,
    /// The counts of the view's own query, where its rows were asked for without them.
    Counts,
    /// The n-th enrichment that has a query of its own.
    Enrich(usize),
    /// The file store of a files view.
    Store,
    /// The fields of the detail.
    Detail,
    /// The n-th list of the detail.
    DetailList(usize),
    /// The n-th chart of the detail.
    Chart(usize),
    /// Which chunks of the detail's file are there.
    Chunks,
    /// The choices of the n-th facet, which has a query of its own.
    Choices(usize),
}

impl Part {
    /// The source that this question of a view goes to.
    #[must_use]
    pub fn source(self, view: &View) -> SourceId {
        match (&view.files, self) {
            (Some(files), Self::Store | Self::Chunks) => files.store,
            _ => view.source,
        }
    }
}

/// One question to one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Who asks.
    pub to: Address,
    /// The number of this question; the answer carries it too.
    pub ticket: Ticket,
    /// The source that is asked.
    pub source: SourceId,
    /// What is asked.
    pub question: Question,
    /// Which part of the source it is asked of.
    pub within: Within,
    /// How long it may take.
    pub limits: ReadLimits,
    /// How new the rows must be.
    pub freshness: Freshness,
}

impl Read {
    /// A question to the whole of a source, of any server that is there for reading. The server may work on it for
    /// `statement_ms`. Every read is made here.
    #[must_use]
    pub fn new(to: Address, ticket: Ticket, source: SourceId, question: Question, statement_ms: u32) -> Self {
        let (within, freshness) = (Within::default(), Freshness::Any);
        Self { to, ticket, source, question, within, limits: ReadLimits::of(statement_ms), freshness }
    }
}

/// The part of a source that a question is asked of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Within {
    /// Which of its databases.
    pub members: Members,
    /// The setting that row-level security reads; `None` for a question that is asked without one.
    pub scope: Option<ScopeSetting>,
}

/// Databases of a source. Most sources are one database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Members {
    /// All that it has.
    #[default]
    All,
    /// Those of these kinds, of a family.
    Kinds(BTreeSet<String>),
    /// Those of these names. A source that is one database has no names of others, and refuses.
    Only(BTreeSet<String>),
    /// Those that the keys of the question name, which have so many columns, the database first. Each gets its own keys,
    /// without that column.
    OfKeys(usize),
}

/// A setting of row-level security, for one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeSetting {
    /// Its name, as in `app.current_client_id`.
    pub name: ArcStr,
    /// Its value.
    pub value: ArcStr,
    /// The query that lists what it can be. Rows are believed only while it lists the value, else the answer is a failure of
    /// the kind [`FailureKind::NoScope`]. `None` believes them.
    pub listed: Option<Arc<Statement>>,
}

/// How much longer than the server may work somebody waits for the answer, in ms: so that the server's own error message
/// arrives.
pub const MARGIN_MS: u32 = 1_000;

/// How many times as long as for one database somebody waits for many of them.
const FAMILY_PATIENCE: u32 = 5;

/// How long a question may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// How long the server may work on one statement, in ms.
    pub statement_ms: u32,
    /// How long somebody waits for the answer, in ms, connecting included. A wait for a connection that serves other
    /// reads does not count; it may take as long again.
    pub patience_ms: u32,
}

impl ReadLimits {
    /// The same for a source of many databases, which are asked a few at a time. Each of them gets the usual patience.
    #[must_use]
    pub fn of_family(statement_ms: u32) -> Self {
        let patience_ms = Self::of(statement_ms).patience_ms.saturating_mul(FAMILY_PATIENCE);
        Self { statement_ms, patience_ms }
    }

    /// The usual patience for a statement that one server may work on for that long, in ms.
    #[must_use]
    pub fn of(statement_ms: u32) -> Self {
        Self { statement_ms, patience_ms: statement_ms.saturating_add(MARGIN_MS) }
    }
}

/// How new the rows must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freshness {
    /// Those of any server that is there for reading.
    #[default]
    Any,
    /// Those of the server that is written to: a replica may not have yet what was just written.
    Primary,
}

/// Which databases of a source answered, where it stands for several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// How many were asked.
    pub members: u32,
    /// Those that answered.
    pub answered: Vec<NamedMember>,
    /// Those that did not answer.
    pub failed: Vec<FailedMember>,
}

/// A database of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedMember {
    /// Its name, which no other one has.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// What people call it; `None` where nobody says.
    pub label: Option<String>,
}

/// A database of a source that did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedMember {
    /// Its name; of a server that did not tell its databases, that of the server.
    pub name: String,
    /// Its kind; empty for a server.
    pub kind: String,
    /// What people call it; `None` where nobody says.
    pub label: Option<String>,
    /// Why it did not answer.
    pub failure: Failure,
}

impl FailedMember {
    /// That this database did not answer.
    #[must_use]
    pub fn new(member: NamedMember, failure: Failure) -> Self {
        let NamedMember { name, kind, label } = member;
        Self { name, kind, label, failure }
    }

    /// The database, without what happened to it.
    #[must_use]
    pub fn named(&self) -> NamedMember {
        NamedMember { name: self.name.clone(), kind: self.kind.clone(), label: self.label.clone() }
    }

    /// Whether it is a server that did not tell its databases.
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.kind.is_empty()
    }
}

impl Coverage {
    /// The names of the databases that there are: of those that answered and of those that did not, without servers that
    /// did not tell theirs.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        let failed = self.failed.iter().filter(|member| !member.is_server()).map(|member| &*member.name);
        self.answered.iter().map(|member| &*member.name).chain(failed).collect()
    }

    /// Why a server did not tell its databases; `None` where all did.
    #[must_use]
    pub fn untold(&self) -> Option<&Failure> {
        self.failed.iter().find(|member| member.is_server()).map(|server| &server.failure)
    }

    /// How many answered, of how many: `37/40`.
    #[must_use]
    pub fn label(&self) -> String {
        let answered = u64::from(self.members).saturating_sub(self.failed.len() as u64);
        format!("{answered}/{}", self.members)
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// A statement of the pack.
    Statement {
        /// The statement, shared with the pack.
        statement: Arc<Statement>,
        /// Values of its parameters.
        bind: Bind,
        /// What its result looks like.
        shape: ResultShape,
    },
    /// The files of a store, with their chunk counts.
    Store {
        /// Bucket of a `gridfs` store, path below the root of a `directory` store.
        bucket: String,
        /// Also look for chunks that no file owns: a scan of the whole index, so it is asked rarely.
        orphans: bool,
        /// At most so many files.
        limit: u32,
    },
    /// Which chunks of a file are there, by the index alone: rows of `part` and `found`, where the n-th part are the
    /// chunks from n times `width` on, and -1 are those beyond the length.
    Chunks {
        /// Bucket of a `gridfs` store.
        bucket: String,
        /// The file's id.
        file: String,
        /// Chunks that its length needs.
        expected: i64,
        /// Chunks of a part, at least 1.
        width: i64,
    },
}

/// Values of a statement's parameters. Every one is text or NULL; the statement casts. `:keys` is the one list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bind {
    /// By parameter name; a name that is absent is bound as NULL.
    pub values: BTreeMap<String, String>,
    /// What `:keys` is bound to.
    pub keys: Vec<RowKey>,
}

/// What a statement's result looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResultShape {
    /// `severity`, perhaps `why` and `reason`, then columns. The source counts severities over the whole result and
    /// returns the first `limit` rows, worst first and then in the statement's own order.
    List {
        /// Columns that make the row key, in order.
        row_key: Vec<String>,
        /// At most so many rows.
        limit: u32,
        /// Leave rows that are ok or off out (they are still counted).
        troubled: bool,
        /// The column `reason` has ids of reasons, which are counted too. Else it is a column like any other.
        reasons: bool,
    },
    /// The same columns, not counted: the first `limit` rows in the statement's own order, which is one of severity. The
    /// source reads no more than it must for them.
    Uncounted {
        /// Columns that make the row key, in order.
        row_key: Vec<String>,
        /// At most so many rows.
        limit: u32,
        /// As in [`ResultShape::List`].
        reasons: bool,
    },
    /// Rows as they come. The first column, as text, is the row's key.
    Rows {
        /// At most so many rows.
        limit: u32,
    },
}

impl ResultShape {
    /// The rows of a view.
    #[must_use]
    pub fn list(view: &View, limit: u32, troubled: bool) -> Self {
        Self::List { row_key: view.row_key.clone(), limit, troubled, reasons: !view.reasons.is_empty() }
    }

    /// The first rows of a view, uncounted.
    #[must_use]
    pub fn uncounted(view: &View, limit: u32) -> Self {
        Self::Uncounted { row_key: view.row_key.clone(), limit, reasons: !view.reasons.is_empty() }
    }
}

/// One row as it came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RawRow {
    /// See [`ResultShape`] for where it comes from; empty where it was NULL.
    pub key: RowKey,
    /// `Ok` in results that have no such column.
    pub severity: Severity,
    /// Why the severity is what it is; empty when there is nothing to say, or when its reasons say it.
    pub why: ArcStr,
    /// Ids of its reasons, the one of the severity first. Empty when the statement gives none.
    pub reasons: ReasonIds,
    /// What of the row is not known beside that. No source says so: the store of a view of files may not have answered.
    pub doubt: Option<NotKnown>,
    /// One value a column, in the order of [`Table::columns`].
    pub cells: Vec<Value>,
}

/// The result of a statement.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Names as the statement gave them, without `severity`, `why` and `reason` of a list.
    pub columns: Vec<String>,
    /// Rows in the order that [`ResultShape`] promises.
    pub rows: Vec<RawRow>,
    /// Severities of the whole result, loaded or not; of [`ResultShape::Uncounted`], of the rows alone when there are
    /// more. All zero for [`ResultShape::Rows`].
    pub counts: Counts,
    /// The first reasons of the rows of the whole result, the most frequent ones.
    pub reasons: ReasonCounts,
    /// Whether the result has rows that are not here because of the limit.
    pub truncated: bool,
}

/// Other operators that a source names at most.
pub const OPERATORS: usize = 20;

/// What a source says to a [`Read`].
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The result.
    pub content: Content,
    /// The server's clock when it answered; `None` when the engine does not tell.
    pub server_now: Option<Time>,
    /// Names of the other operators who are connected to the same database: inert, of bounded length and at most
    /// [`OPERATORS`]. `None` when this answer does not tell.
    pub operators: Option<Vec<String>>,
    /// From sending to the last row, in ms.
    pub took_ms: u64,
    /// One round trip to the server, in ms.
    pub rtt_ms: u64,
    /// Which databases it speaks of; `None` where the source is one database.
    pub coverage: Option<Coverage>,
}

impl Answer {
    /// The rows.
    ///
    /// # Errors
    /// When it brings files, which nobody asks a statement for.
    pub fn into_table(self) -> Result<Table, Failure> {
        match self.content {
            Content::Table(table) => Ok(table),
            Content::Listing(_) => {
                Err(Failure::new(FailureKind::Other, "the source answered with files instead of rows"))
            }
        }
    }
}

/// The result of a [`Question`].
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Of a statement.
    Table(Table),
    /// Of a store.
    Listing(Listing),
}

/// What kind of trouble a source has, so that the screen can say what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FailureKind {
    /// No connection: refused, no such host, cut, TLS.
    Unreachable,
    /// The server does not let this login in.
    Auth,
    /// The login may not read an object.
    Privilege,
    /// Too slow: our deadline or the server's.
    Timeout,
    /// An object that the statement needs is not there, or is of another type.
    Schema,
    /// The server has no room: too many connections, a lock not given, shutting down or starting up.
    Busy,
    /// The target leaves the source out, as it may.
    #[serde(rename = "not_configured")]
    NotConfigured,
    /// Nobody has chosen whose rows are seen, or those are no longer there. No source was asked.
    #[serde(rename = "no_scope")]
    NoScope,
    /// Anything else, bad input to a cast included.
    Other,
}

impl FailureKind {
    /// One word for headers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Auth => "login refused",
            Self::Privilege => "no privilege",
            Self::Timeout => "timed out",
            Self::Schema => "schema",
            Self::Busy => "busy",
            Self::NotConfigured => "not configured",
            Self::NoScope => "no scope",
            Self::Other => "error",
        }
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Unreachable => "check the host, port and database in the source's url, and that the server runs",
            Self::Auth => {
                "check the user and the password of this source in the config; a dashboard that is open tries the same \
                 login again when it is told to reload"
            }
            Self::Privilege => "grant the login SELECT on the object that is named",
            Self::Timeout => "the server is slow or the link is; it is asked again by itself",
            Self::Schema => "the database differs from what the pack expects; adapt it or override the pack's query",
            Self::Busy => "the server is at its limits; it is asked again by itself",
            Self::NotConfigured => "add the source to the target in the config, where this deployment has it",
            Self::NoScope => {
                "the dashboard lists what can be chosen; a shell chooses with --scope, and the config with `scope` of the target"
            }
            Self::Other => "see the message; `opsdash packs check` shows the query's file",
        }
    }

    /// Whether it says something about the source as a whole rather than about one statement. A server that is busy
    /// may have refused one lock only; when it refuses connections, its link is down and says so.
    #[must_use]
    pub fn is_of_source(self) -> bool {
        matches!(self, Self::Unreachable | Self::Auth)
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", kind.word())]
pub struct Failure {
    /// The kind, which also gives the hint.
    pub kind: FailureKind,
    /// What the server or the driver said: one inert line without a secret.
    pub message: String,
    /// The table, column or type that is meant, where the server names one.
    pub object: Option<String>,
    /// Where in the statement's own text the server found the trouble, in characters from 0; `None` where it does not
    /// say.
    pub at: Option<usize>,
    /// What to do about this one; `None` where the kind says enough.
    pub remedy: Option<Box<str>>,
}

impl Failure {
    /// A failure with an inert, one-line message of bounded length.
    #[must_use]
    pub fn new(kind: FailureKind, message: &str) -> Self {
        let line = text::one_line(message).into_owned();
        Self {
            kind,
            message: text::cut(&text::inert(&line), 500, "…").into_owned(),
            object: None,
            at: None,
            remedy: None,
        }
    }

    /// The same, naming the object.
    #[must_use]
    pub fn of_object(mut self, object: &str) -> Self {
        self.object = Some(text::inert(object).into_owned());
        self
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn remedied(mut self, remedy: &str) -> Self {
        self.remedy = Some(text::inert(&text::one_line(remedy)).into_owned().into());
        self
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> &str {
        self.remedy.as_deref().unwrap_or(self.kind.hint())
    }

    /// The same, with its place in the statement's own text.
    #[must_use]
    pub fn at(mut self, at: Option<usize>) -> Self {
        self.at = at;
        self
    }
}

/// The state of a source's link, told when it changes.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkState {
    /// Connected; what the server calls itself ("PostgreSQL 15.18").
    Up {
        /// Product and version.
        server: String,
    },
    /// Not connected.
    Down(Failure),
}
