//! The types of `schema.toml` as it is deserialized.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Name;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSchema {
    #[serde(default)]
    pub source: BTreeMap<Name, RawSchemaSource>,
    #[serde(default)]
    pub table: BTreeMap<Name, RawTable>,
    #[serde(default)]
    pub collection: BTreeMap<Name, RawCollection>,
    #[serde(default)]
    pub query: Vec<RawBrokenQuery>,
    #[serde(default)]
    pub default_passwords: Vec<String>,
    #[serde(default)]
    pub by_hand: Vec<RawManualCheck>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSchemaSource {
    pub version: Option<Name>,
    pub naming: Option<Name>,
    #[serde(default)]
    pub extensions: Vec<String>,
    #[serde(default)]
    pub migrations: Vec<String>,
    pub migrations_table: Option<String>,
    pub clock: Option<Name>,
    #[serde(default)]
    pub reader_roles: BTreeMap<String, String>,
    #[serde(default)]
    pub operator_roles: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTable {
    pub source: Option<Name>,
    pub key: Option<Name>,
    #[serde(default)]
    pub unique: Vec<Name>,
    #[serde(default)]
    pub index: Vec<Name>,
    pub column: BTreeMap<Name, RawSchemaColumn>,
    #[serde(default)]
    pub worth: Vec<RawWorth>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSchemaColumn {
    #[serde(rename = "type")]
    pub kind: Option<Name>,
    pub labels: Option<Spanned<Vec<Name>>>,
    #[serde(default)]
    pub secret: bool,
    #[serde(default)]
    pub write: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawWorth {
    pub index: Name,
    pub why: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCollection {
    pub source: Option<Name>,
    #[serde(default)]
    pub unique: Vec<Name>,
    #[serde(default)]
    pub index: Vec<Name>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBrokenQuery {
    pub title: Name,
    pub why: String,
    pub instead: String,
    pub source: Option<Name>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawManualCheck {
    pub what: String,
    pub how: String,
}
