//! The vocabulary of packs: every word of `pack.toml`, of views and of `schema.toml`, with its meaning and its type.
//! [`crate::document::vocabulary`] tells the form, and how a word is added.

mod action;
mod column;
mod pack;
mod schema;
mod view;

pub(super) use action::{RawAction, RawConfirm, RawPrompt};
use column::{DETAIL_COLUMN, FORMATS};
pub(super) use column::{RawColumn, RawWidth};
pub(super) use pack::RawPack;
pub(super) use schema::{RawCollection, RawSchema, RawSchemaColumn, RawSchemaSource, RawTable, RawWorth};
pub(super) use view::{RawChart, RawDetail, RawEnrich, RawFacet, RawLink, RawScopeParam, RawView};

use crate::document::describe;

/// The reference of all words of a pack's files, in Markdown.
#[must_use]
pub fn reference() -> String {
    [RawPack::SPEC, RawView::SPEC, RawSchema::SPEC].map(describe).concat()
}
