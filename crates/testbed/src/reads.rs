//! Questions to a source as the program asks them, and its answers, for the tests of sources and of packs.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use opsdash_core::contract::{
    Address, Answer, Bind, Content, Listing, Part, Question, Read, ResultShape, Table, Ticket,
};
use opsdash_pack::{
    config::{Secret, SourceConfig},
    pack::{SourceId, Statement, View, ViewId},
};

/// The server's timeout where a test does not care, in ms.
pub const RELAXED_MS: u32 = 20_000;

/// A source at this URL, all else as it is by default.
#[must_use]
pub fn config(url: &str) -> SourceConfig {
    SourceConfig { urls: vec![Secret(url.into())], ..SourceConfig::default() }
}

/// A read with a ticket of its own.
#[must_use]
pub fn read(question: Question) -> Read {
    static TICKETS: AtomicU64 = AtomicU64::new(1);
    let ticket = Ticket(TICKETS.fetch_add(1, Ordering::Relaxed));
    Read::new(Address { view: ViewId(0), part: Part::List }, ticket, SourceId(0), question, RELAXED_MS)
}

/// A read of a statement.
#[must_use]
pub fn ask(statement: &Arc<Statement>, bind: Bind, shape: ResultShape) -> Read {
    read(Question::Statement { statement: Arc::clone(statement), bind, shape })
}

/// The shape of a view's list.
#[must_use]
pub fn list_of(view: &View) -> ResultShape {
    ResultShape::list(view, view.limit, false)
}

/// The parameters of a view at their defaults, but for some.
#[must_use]
pub fn defaults(view: &View, but: &[(&str, &str)]) -> Bind {
    let facets = view.facets.iter().map(|facet| (facet.name.clone(), facet.default_choice().to_owned()));
    let mut values: BTreeMap<String, String> = view.thresholds.clone().into_iter().chain(facets).collect();
    values.extend(but.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Bind { values, keys: Vec::new() }
}

/// An answer's rows.
///
/// # Panics
/// When it is a listing of files.
#[must_use]
pub fn table(answer: Answer) -> Table {
    match answer.content {
        Content::Table(table) => table,
        Content::Listing(_) => panic!("a listing"),
    }
}

/// An answer's files.
///
/// # Panics
/// When it is rows.
#[must_use]
pub fn listing(answer: Answer) -> Listing {
    match answer.content {
        Content::Listing(listing) => listing,
        Content::Table(_) => panic!("a table"),
    }
}
