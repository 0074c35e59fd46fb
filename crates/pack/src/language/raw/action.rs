//! The types of a view's actions as they are deserialized.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Name;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAction {
    pub id: Name,
    pub title: Name,
    pub press: Name,
    pub rows: Option<Name>,
    pub preview: Name,
    #[serde(default)]
    pub when: BTreeMap<Name, Spanned<Vec<String>>>,
    pub sql: Name,
    pub undo: Option<Name>,
    #[serde(default)]
    pub ask: Vec<RawPrompt>,
    pub confirm: Option<Spanned<RawConfirm>>,
    #[serde(default)]
    pub change: BTreeMap<Name, Name>,
    pub verified: Option<toml::Spanned<bool>>,
    pub success: Option<Name>,
    pub batch: Option<Spanned<i64>>,
    pub most: Option<Spanned<i64>>,
    #[serde(default)]
    pub reload: Vec<Name>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPrompt {
    pub name: Name,
    pub prompt: String,
    pub kind: Option<Name>,
    pub choices: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    pub optional: bool,
    pub after: Option<Name>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawConfirm {
    pub danger: Name,
    #[serde(rename = "type")]
    pub typed: Option<Name>,
    pub last: Option<Spanned<i64>>,
}
