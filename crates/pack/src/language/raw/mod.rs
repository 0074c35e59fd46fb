//! The types of a pack's files as they are deserialized. A name is still text, and has its location.

mod action;
mod schema;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

pub(super) use action::{RawAction, RawConfirm, RawPrompt};
pub(super) use schema::{RawCollection, RawSchema, RawSchemaColumn, RawSchemaSource, RawTable, RawWorth};

/// A text with its location.
pub(super) type Name = Spanned<String>;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPack {
    pub title: Name,
    pub source: Vec<RawSource>,
    pub views: Vec<Name>,
    /// Included packs are merged by the layers; nothing reads this field.
    #[serde(default, rename = "include")]
    pub _include: Vec<Name>,
    #[serde(default)]
    pub lookup: BTreeMap<Name, RawLookup>,
    pub facts: Option<Name>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    pub name: Name,
    pub engine: Name,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLookup {
    pub view: Name,
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
    pub group: Option<Name>,
    #[serde(default)]
    pub threshold: BTreeMap<Name, String>,
    #[serde(default)]
    pub facet: Vec<RawFacet>,
    #[serde(default)]
    pub scope: Vec<RawScopeParam>,
    #[serde(default)]
    pub column: Vec<RawColumn>,
    #[serde(default)]
    pub enrich: Vec<Spanned<RawEnrich>>,
    pub detail: Option<RawDetail>,
    #[serde(default)]
    pub chart: Vec<RawChart>,
    #[serde(default)]
    pub link: Vec<RawLink>,
    #[serde(default)]
    pub action: Vec<RawAction>,
    pub files: Option<Spanned<RawFiles>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFacet {
    pub name: Name,
    pub title: Option<String>,
    pub choices: Spanned<Vec<Name>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScopeParam {
    pub name: Name,
    pub title: Option<String>,
}

/// A column of a view's list, a field of a detail, or a column of a list in a detail.
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
    pub null: Option<String>,
    /// Only of a detail's fields. The table of words refuses it in other columns.
    pub section: Option<String>,
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
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDetail {
    pub query: Option<Name>,
    #[serde(default)]
    pub column: Vec<RawColumn>,
    #[serde(default)]
    pub list: Vec<RawList>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawList {
    pub title: String,
    pub query: Name,
    #[serde(default)]
    pub column: Vec<RawColumn>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChart {
    pub title: String,
    pub query: Name,
    pub windows: Spanned<Vec<Name>>,
    pub format: Option<Name>,
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::de::DeserializeOwned;

    use super::{
        schema::{RawBrokenQuery, RawManualCheck},
        *,
    };
    use crate::{
        document::{TableSpec, ValueKind},
        language::words,
    };

    /// The words that serde knows, from what it says of one that it does not.
    fn known_to_serde<T: DeserializeOwned>() -> BTreeSet<String> {
        let error = toml::from_str::<T>("no_such_word = 1").err().map(|error| error.message().to_owned());
        let error = error.unwrap_or_default();
        let (_, expected) = error.split_once("expected").unwrap();
        expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    fn spec_at(path: &[&str]) -> &'static TableSpec {
        let root = match path[0] {
            "pack" => &words::PACK,
            "schema" => &words::SCHEMA,
            _ => &words::VIEW,
        };
        path[1..].iter().fold(root, |spec, word| match spec.word(word).unwrap().kind {
            ValueKind::Table(inner) | ValueKind::TableList(inner) | ValueKind::TableMap(inner) => inner,
            _ => panic!("{word} is no table"),
        })
    }

    #[test]
    fn the_table_of_words_and_the_types_are_in_step() {
        let types: [(&[&str], BTreeSet<String>); 25] = [
            (&["pack"], known_to_serde::<RawPack>()),
            (&["pack", "source"], known_to_serde::<RawSource>()),
            (&["pack", "lookup"], known_to_serde::<RawLookup>()),
            (&["view"], known_to_serde::<RawView>()),
            (&["view", "facet"], known_to_serde::<RawFacet>()),
            (&["view", "scope"], known_to_serde::<RawScopeParam>()),
            (&["view", "column"], known_to_serde::<RawColumn>()),
            (&["view", "enrich"], known_to_serde::<RawEnrich>()),
            (&["view", "detail"], known_to_serde::<RawDetail>()),
            (&["view", "detail", "column"], known_to_serde::<RawColumn>()),
            (&["view", "detail", "list"], known_to_serde::<RawList>()),
            (&["view", "chart"], known_to_serde::<RawChart>()),
            (&["view", "link"], known_to_serde::<RawLink>()),
            (&["view", "action"], known_to_serde::<RawAction>()),
            (&["view", "action", "ask"], known_to_serde::<RawPrompt>()),
            (&["view", "action", "confirm"], known_to_serde::<RawConfirm>()),
            (&["view", "files"], known_to_serde::<RawFiles>()),
            (&["schema"], known_to_serde::<RawSchema>()),
            (&["schema", "source"], known_to_serde::<RawSchemaSource>()),
            (&["schema", "table"], known_to_serde::<RawTable>()),
            (&["schema", "table", "column"], known_to_serde::<RawSchemaColumn>()),
            (&["schema", "table", "worth"], known_to_serde::<RawWorth>()),
            (&["schema", "collection"], known_to_serde::<RawCollection>()),
            (&["schema", "query"], known_to_serde::<RawBrokenQuery>()),
            (&["schema", "by_hand"], known_to_serde::<RawManualCheck>()),
        ];
        for (path, mut known) in types {
            if path == ["view", "column"] {
                known.remove("section");
            }
            let words = spec_at(path).served().map(|word| word.name.to_owned());
            // The layers use `disabled` up.
            let words = words.filter(|word| word != "disabled").collect();
            assert_eq!(known, words, "{path:?}");
        }
    }
}
