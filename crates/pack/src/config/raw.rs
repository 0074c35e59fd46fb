//! The types of the config as it is deserialized.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A text with its location.
pub(super) type Name = Spanned<String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub default_target: Option<Name>,
    #[serde(default)]
    pub read_only: bool,
    pub operator_label: Option<Name>,
    #[serde(default)]
    pub targets: BTreeMap<Name, RawTarget>,
    #[serde(default)]
    pub screen: RawScreen,
    #[serde(default)]
    pub keys: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub views: BTreeMap<Name, RawOverride>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTarget {
    pub system: String,
    #[serde(default)]
    pub protected: bool,
    #[serde(default)]
    pub read_only: bool,
    pub sources: Spanned<BTreeMap<Name, RawSource>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    pub url: Option<Name>,
    pub urls: Option<Spanned<Vec<Name>>>,
    pub replica_url: Option<Name>,
    pub password: Option<Spanned<RawPassword>>,
    pub naive_zone: Option<Name>,
    pub ca_file: Option<Name>,
    pub timeout: Option<Name>,
    pub read_rate: Option<Name>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPassword {
    pub env: Option<String>,
    pub file: Option<Name>,
    pub command: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScreen {
    pub theme: Option<Name>,
    pub ascii: Option<bool>,
    pub time: Option<Name>,
    pub bell: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOverride {
    pub refresh: Option<Name>,
    pub limit: Option<Spanned<i64>>,
    #[serde(default)]
    pub threshold: BTreeMap<String, String>,
}
