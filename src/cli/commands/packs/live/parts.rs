//! What is asked of one row: enrichments, the detail, and the views that its links lead to.

use std::{collections::BTreeMap, sync::Arc};

use opsdash_core::{
    contract::{Bind, ResultShape, Table},
    value::RowKey,
};
use opsdash_pack::pack::{Column, Enrich, EnrichBy, KEY, Link, LinkValue, Statement, View, ViewId};

use super::sample::{Asker, Sample, defaults};

/// One row tells what there is to tell.
const ONE: ResultShape = ResultShape::Rows { limit: 1 };

impl Asker<'_> {
    /// Everything that is joined to the rows of a view; without a row it is asked for none.
    pub(super) async fn enrichments(&mut self, view: &View, key: Option<&RowKey>) {
        for enrich in &view.enrich {
            if let EnrichBy::Query(query) = &enrich.by {
                self.enrichment(view, enrich, query, key).await;
            }
        }
        if let Some(files) = &view.files {
            self.ask_store(view, files.store, &files.bucket).await;
        }
    }

    /// What Enter shows of a row; without one it is asked for none.
    pub(super) async fn detail(&mut self, view: &View, key: Option<&RowKey>) {
        let Some(detail) = &view.detail else { return };
        let mut bind = defaults(view);
        bind.values.extend(key.map(|key| (KEY.to_owned(), key.as_str().to_owned())));
        if let Some(query) = &detail.query {
            self.part(view, query, bind.clone(), names(&detail.columns, "is a field of the detail")).await;
        }
        for list in &detail.lists {
            let wanted = names(&list.columns, &format!("is a column of the list \"{}\"", list.title));
            self.part(view, &list.query, bind.clone(), wanted).await;
        }
        for chart in &detail.charts {
            for window in &chart.windows {
                let mut bind = bind.clone();
                bind.values.insert("window".to_owned(), window.clone());
                let wanted = ["time", "value"].map(|name| (name.to_owned(), "a chart draws".to_owned()));
                self.part(view, &chart.query, bind, wanted.to_vec()).await;
            }
        }
    }

    async fn part(
        &mut self,
        view: &View,
        query: &Arc<Statement>,
        bind: Bind,
        wanted: Vec<(String, String)>,
    ) -> Option<Table> {
        let table = self.ask(view, query, bind, ONE).await?;
        if !self.knows_no_columns(view.source, &table) {
            let wanted = wanted.iter().map(|(name, who)| (name.as_str(), who.clone()));
            self.found.missing(view, query, wanted, &table.columns);
        }
        Some(table)
    }

    async fn enrichment(&mut self, view: &View, enrich: &Enrich, query: &Arc<Statement>, key: Option<&RowKey>) {
        let bind = Bind { keys: key.cloned().into_iter().collect(), ..defaults(view) };
        let wanted = enrich.columns.iter().map(|name| (name.clone(), "the enrichment fills".to_owned())).collect();
        let Some(table) = self.part(view, query, bind, wanted).await else { return };
        if let (Some(key), Some(row)) = (key, table.rows.first())
            && row.key != *key
        {
            let what = format!("for the row {} it returns the key {}", key.as_str(), row.key.as_str());
            let remedy = "return the key first, and exactly as it came: unnest(:keys::text[]) AS k (key), then k.key";
            self.found.broken(view, query, &what, remedy);
        }
    }

    /// Asks the views that the links of this source's views lead to, with what a row says.
    pub async fn links(&mut self, samples: &BTreeMap<ViewId, Sample>) {
        for (view, sample) in samples.iter().map(|(id, sample)| (self.pack.view(*id), sample)) {
            if view.source != self.source || sample.key.is_none() {
                continue;
            }
            for link in &view.links {
                self.link(view, link, sample).await;
            }
        }
    }

    async fn link(&mut self, from: &View, link: &Link, sample: &Sample) {
        let to = self.pack.view(link.view);
        let mut bind = defaults(to);
        for (name, set) in &link.set {
            let Some(value) = sample.value_of(set) else { continue };
            if let (Some(facet), LinkValue::Column(column)) = (to.facets.iter().find(|facet| facet.name == *name), set)
                && !facet.takes(value)
            {
                let what = format!("the link \"g {}\" sets {name} of {} to \"{value}\"", link.press, to.id);
                let remedy = format!("return one of its choices in {column}: {}", facet.choices.join(", "));
                self.found.broken(from, &from.query, &what, remedy);
            }
            bind.values.insert(name.clone(), value.to_owned());
        }
        if let Some(search) = link.search.as_ref().and_then(|search| sample.value_of(search)) {
            bind.values.insert("search".to_owned(), search.to_owned());
        }
        if bind != defaults(to) {
            self.ask(to, &to.query, bind, ONE).await;
        }
    }
}

/// The columns that the TOML names, with those that their gauges are measured by, and who wants them.
fn names(columns: &[Column], who: &str) -> Vec<(String, String)> {
    let maxima =
        columns.iter().filter_map(|column| Some((column.max.clone()?, format!("{} is measured by", column.name))));
    columns.iter().map(|column| (column.name.clone(), who.to_owned())).chain(maxima).collect()
}
