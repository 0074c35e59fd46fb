//! The vocabulary of packs: every word of `pack.toml`, of views, of `runbook.toml`, of `schema.toml` and of tests, with its
//! meaning and its type. [`crate::document::vocabulary`] tells the form, and how a word is added.

mod across;
mod action;
mod column;
mod family;
mod growth;
mod pack;
mod reason;
mod runbook;
mod schema;
mod test;
mod view;

pub(super) use across::RawAcross;
pub(super) use action::{
    FROM, RawAction, RawCall, RawConfirm, RawDelete, RawOtherwise, RawPrompt, RawSetFrom, RawSetTo, RawUpdate,
};
use column::{DETAIL_COLUMN, FORMATS};
pub(super) use column::{RawColumn, RawWidth};
pub(super) use family::{RawFamily, RawFinding};
pub(super) use growth::RawGrowth;
pub(super) use pack::{RawLookup, RawPack, RawScope, RawSource};
pub(super) use reason::{RawCause, RawReason, RawRemedy};
pub(super) use runbook::{RawChecklist, RawRunbook, RawRunbookFile, RawStep, RawTick};
pub(super) use schema::{RawCollection, RawObject, RawSchema, RawSchemaColumn, RawSchemaSource, RawTable, RawWorth};
pub(super) use test::{RawExpectedRow, RawFixture, RawRemembered, RawTest, RawTestAct, RawTestFile};
pub(super) use view::{
    RawAttention, RawAttentionLimit, RawChart, RawConstant, RawDetail, RawEnrich, RawFacet, RawGiven, RawLink,
    RawLinkValue, RawView,
};

use crate::document::{describe, json_schema};

/// The reference of all words of a pack's files, in Markdown.
#[must_use]
pub fn reference() -> String {
    [RawPack::SPEC, RawView::SPEC, RawRunbookFile::SPEC, RawSchema::SPEC, RawTestFile::SPEC].map(describe).concat()
}

/// A kind of file that a pack has, in TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackFile {
    /// `pack.toml`
    Pack,
    /// `<view>.toml`
    View,
    /// `runbook.toml`
    Runbook,
    /// `schema.toml`
    Schema,
    /// `tests/<name>.toml`
    Test,
}

impl PackFile {
    /// Every kind and its word.
    pub const ALL: [(&'static str, Self); 5] = [
        ("pack", Self::Pack),
        ("view", Self::View),
        ("runbook", Self::Runbook),
        ("schema", Self::Schema),
        ("test", Self::Test),
    ];

    /// The JSON Schema of such a file, draft 2020-12, as text with a newline at its end.
    #[must_use]
    pub fn json_schema(self) -> String {
        let spec = match self {
            Self::Pack => RawPack::SPEC,
            Self::View => RawView::SPEC,
            Self::Runbook => RawRunbookFile::SPEC,
            Self::Schema => RawSchema::SPEC,
            Self::Test => RawTestFile::SPEC,
        };
        format!("{:#}\n", json_schema(spec))
    }
}
