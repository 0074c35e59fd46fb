//! The files of a pack as they are written; every name still text, with its place.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A text and where it stands.
pub(super) type Name = Spanned<String>;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPack {
    pub title: Name,
    pub source: Vec<RawSource>,
    pub views: Vec<Name>,
    /// Resolved while layering.
    #[serde(default, rename = "include")]
    pub _include: Vec<Name>,
    #[serde(default)]
    pub lookup: BTreeMap<Name, RawLookup>,
    pub scope: Option<RawPackScope>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    pub name: Name,
    pub engine: Name,
    #[serde(default)]
    pub family: bool,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLookup {
    pub view: Name,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPackScope {
    pub setting: Name,
    pub query: Name,
    pub source: Name,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawView {
    pub title: Name,
    pub source: Name,
    pub query: Name,
    pub row_key: Spanned<Vec<Name>>,
    pub kind: Option<Name>,
    #[serde(default)]
    pub subtitle: String,
    #[serde(default)]
    pub empty: String,
    pub refresh: Option<Name>,
    #[serde(default)]
    pub search: bool,
    pub limit: Option<Spanned<i64>>,
    #[serde(default)]
    pub attention: bool,
    #[serde(default)]
    pub hidden: bool,
    #[serde(default)]
    pub threshold: BTreeMap<Name, String>,
    #[serde(default)]
    pub facet: Vec<RawFacet>,
    #[serde(default)]
    pub scope: Vec<RawScope>,
    #[serde(default)]
    pub column: Vec<RawColumn>,
    #[serde(default)]
    pub enrich: Vec<Spanned<RawEnrich>>,
    pub detail: Option<RawDetail>,
    #[serde(default)]
    pub chart: Vec<RawChart>,
    #[serde(default)]
    pub link: Vec<RawLink>,
    pub files: Option<Spanned<RawFiles>>,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFacet {
    pub name: Name,
    pub title: Option<String>,
    pub choices: Spanned<Vec<Name>>,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScope {
    pub name: Name,
    pub title: Option<String>,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

/// A column of a list, a field of a detail, a column of a detail's list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawColumn {
    pub name: Name,
    pub title: Option<String>,
    pub format: Option<Name>,
    pub width: Option<Spanned<RawWidth>>,
    #[serde(default)]
    pub tint: BTreeMap<Name, Vec<Name>>,
    pub max: Option<Name>,
    #[serde(default)]
    pub hide: bool,
    pub section: Option<String>,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum RawWidth {
    Cells(i64),
    Word(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEnrich {
    pub query: Option<Name>,
    pub view: Option<Name>,
    pub on: Option<Name>,
    pub columns: Spanned<Vec<Name>>,
    #[serde(default)]
    pub absent: BTreeMap<Name, String>,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDetail {
    pub query: Option<Name>,
    #[serde(default)]
    pub column: Vec<RawColumn>,
    #[serde(default)]
    pub list: Vec<RawList>,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawList {
    pub title: String,
    pub query: Name,
    #[serde(default)]
    pub column: Vec<RawColumn>,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChart {
    pub title: String,
    pub query: Name,
    pub windows: Spanned<Vec<Name>>,
    pub format: Option<Name>,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLink {
    pub view: Name,
    pub press: Name,
    pub title: Option<String>,
    #[serde(default)]
    pub set: BTreeMap<Name, Name>,
    pub label: Option<Name>,
    #[serde(rename = "disabled")]
    pub _disabled: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFiles {
    pub store: Name,
    pub bucket: String,
    pub id: String,
    pub name: String,
    pub size: String,
    pub checksum: String,
    pub active: String,
}
