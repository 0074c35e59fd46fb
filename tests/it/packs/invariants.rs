//! What holds for every pack in the binary, read from its text alone; against servers, other tests prove the rest.

use std::collections::BTreeSet;

use opsdash_core::catalog::ADDED_COLUMNS;
use opsdash_pack::pack::{Column, EnrichBy, OF_MEMBER, REASON, REFRESH_RANGE_MS, Schema, Statement, View, WHY};

use super::{
    packs,
    text::{Piece, bare, files, pieces, returned, statements, text_of, words},
    views,
};

fn assert_returns(name: &str, statement: &Statement, wanted: impl Iterator<Item = String>) {
    let Statement::Sql(_) = statement else { return };
    let returned = returned(&text_of(statement));
    for column in wanted {
        assert!(returned.contains(&column), "{name}: {} returns no \"{column}\", only {returned:?}", statement.file());
    }
}

fn names(columns: &[Column]) -> impl Iterator<Item = String> + '_ {
    columns.iter().map(|column| column.name.clone())
}

/// Why rows are as they are: by reasons that the view describes, or in words.
fn says(view: &View) -> &'static str {
    if view.reasons.is_empty() { WHY } else { REASON }
}

#[test]
fn every_column_is_returned_by_its_query_or_an_enrichment() {
    // Of a family the program says whose row it is.
    let packs = packs();
    let of_family: BTreeSet<String> = packs
        .iter()
        .flat_map(|pack| pack.views.iter().filter(|view| pack.is_of_family(view)).map(move |view| (pack, view)))
        .map(|(pack, view)| format!("{}.{}", pack.system, view.id))
        .collect();
    for (name, view) in views() {
        let says_member = |column: &String| of_family.contains(&name) && OF_MEMBER.contains(&column.as_str());
        let filled: BTreeSet<&str> = view.filled().collect();
        let added = |column: &str| view.files.is_some() && ADDED_COLUMNS.contains(&column);
        let own =
            names(&view.columns).filter(|column| !filled.contains(column.as_str()) && !added(column) && column != WHY);
        let keys = view.row_key.iter().cloned();
        let own = own.chain(keys).filter(|column| !says_member(column));
        assert_returns(&name, &view.query, own.chain(["severity".to_owned(), says(&view).to_owned()]));
        for enrich in &view.enrich {
            if let EnrichBy::Query(query) = &enrich.by {
                assert_returns(&name, query, enrich.columns.iter().cloned());
                assert_eq!(returned(&text_of(query))[0], "key", "{name}: {} begins with the key", query.file());
            }
        }
    }
}

#[test]
fn severity_and_reason_come_first_and_no_name_comes_twice() {
    for (name, view) in views() {
        if let Statement::Sql(_) = &*view.query {
            let returned = returned(&text_of(&view.query));
            assert_eq!(returned[..2], ["severity", says(&view)], "{name}");
            assert_eq!(returned.iter().collect::<BTreeSet<_>>().len(), returned.len(), "{name}: {returned:?}");
        }
    }
}

#[test]
fn details_lists_and_charts_return_what_their_toml_names() {
    for (name, view) in views() {
        let Some(detail) = &view.detail else { continue };
        if let Some(query) = &detail.query {
            assert_returns(&name, query, names(&detail.columns));
        }
        for list in &detail.lists {
            assert_returns(&name, &list.query, names(&list.columns));
        }
        for chart in &detail.charts {
            let columns = returned(&text_of(&chart.query));
            assert_eq!(columns[..2], ["time", "value"], "{name}: {}", chart.query.file());
            assert!(columns.len() <= 3, "{name}: {columns:?}");
            assert!(!chart.windows.is_empty(), "{name}: {}", chart.title);
        }
    }
}

#[test]
fn every_view_has_a_title_words_for_an_empty_list_and_a_refresh() {
    for (name, view) in views() {
        assert!(!view.title.is_empty(), "{name}");
        assert!(view.hidden || !view.empty.is_empty(), "{name} says nothing when it is empty");
        assert!(view.empty.is_empty() || view.empty.ends_with('.'), "{name}: {:?}", view.empty);
        assert!(REFRESH_RANGE_MS.contains(&view.refresh_ms), "{name}");
        assert!(view.columns.iter().all(|column| !column.title.is_empty()), "{name}");
    }
}

#[test]
fn what_a_reason_means_is_said_with_the_values_of_thresholds_and_not_with_their_names() {
    for pack in packs() {
        for view in &pack.views {
            for (id, reason) in &view.reasons {
                let said = opsdash_core::reason::means(view, reason);
                let named =
                    |name: &String| said.split(|c: char| c != '_' && !c.is_alphanumeric()).any(|word| word == name);
                let named = view.thresholds.keys().filter(|name| name.contains('_')).find(|name| named(name));
                assert!(named.is_none() && !said.contains('{'), "{}.{} {id}: {said}", pack.system, view.id);
            }
        }
    }
}

#[test]
fn links_have_titles_and_letters_of_their_own() {
    for pack in packs() {
        for view in &pack.views {
            let letters: BTreeSet<char> = view.links.iter().map(|link| link.press).collect();
            assert_eq!(letters.len(), view.links.len(), "{}.{}", pack.system, view.id);
            for link in &view.links {
                assert!(!link.title.is_empty());
            }
        }
    }
}

#[test]
fn tabs_fit_the_number_keys_and_say_different_things() {
    for pack in packs() {
        let titles: BTreeSet<&str> = pack.tabs().map(|tab| pack.view(tab).title.as_str()).collect();
        assert_eq!(titles.len(), pack.tabs().count(), "{}", pack.system);
        let line: BTreeSet<&str> = pack.tab_line().iter().map(|tab| tab.title).collect();
        assert_eq!(line.len(), pack.tab_line().len(), "{}", pack.system);
        // The first of the ten keys is the overview's.
        assert!(line.len() <= 9, "{}: {line:?}", pack.system);
    }
}

#[test]
fn every_file_of_a_pack_is_used() {
    let mut used = BTreeSet::new();
    let mut add = |statement: &Statement| {
        used.extend(statement.files().map(|file| file.trim_start_matches("packs/").to_owned()));
    };
    for pack in packs() {
        pack.scope.iter().for_each(|scope| add(&scope.query));
        let families = pack.sources.iter().filter_map(|source| source.family.as_ref()?.names.as_ref());
        families.for_each(|names| add(&names.query));
        for view in &pack.views {
            add(&view.query);
            view.facets.iter().filter_map(|facet| facet.query.as_deref()).for_each(&mut add);
            for enrich in &view.enrich {
                if let EnrichBy::Query(query) = &enrich.by {
                    add(query);
                }
            }
            for action in &view.actions {
                [&action.preview, &action.sql]
                    .into_iter()
                    .chain(&action.undo)
                    .chain(&action.set)
                    .for_each(|statement| add(statement));
            }
            if let Some(detail) = &view.detail {
                detail.query.iter().for_each(|query| add(query));
                detail.lists.iter().for_each(|list| add(&list.query));
                detail.charts.iter().for_each(|chart| add(&chart.query));
            }
        }
    }
    // A pack's own file stands in for a shared one of the same name.
    let stands_in = |file: &str| {
        let name = file.rsplit('/').next().unwrap();
        file.starts_with("shared/") && used.iter().any(|used| used.ends_with(&format!("/{name}")))
    };
    for (file, _) in files("sql").into_iter().chain(files("json")) {
        assert!(used.contains(&file) || stands_in(&file), "{file} is used by no view");
    }
}

/// What stands for itself, and ends; of a fragment the statements around it are read.
#[test]
fn every_statement_ends_with_a_semicolon_and_no_fragment_does() {
    for (file, text) in files("sql") {
        let is_fragment = file.contains("/fragments/");
        let bare = bare(&text, false);
        assert_eq!(bare.contains(';'), !is_fragment, "{file}");
        assert!(is_fragment || bare.trim_end().ends_with(';'), "{file}");
    }
}

#[test]
fn every_name_of_a_database_that_a_query_quotes_is_in_the_schema() {
    for pack in packs() {
        let tables = pack.schema.sources.iter().flat_map(|source| &source.tables);
        let known: BTreeSet<&str> =
            tables.flat_map(|table| &table.columns).map(|column| column.name.as_str()).collect();
        assert!(!known.is_empty(), "{} has no schema", pack.system);
        for (file, text) in files("sql").into_iter().filter(|(file, _)| file.starts_with(&format!("{}/", pack.system)))
        {
            for piece in pieces(&text) {
                // Aliases are in lower case: a name with a capital is a column's, and another naming changes it.
                // "C" is a collation.
                if let Piece::Name(name) = piece
                    && name.contains(char::is_uppercase)
                    && name != "C"
                {
                    assert!(known.contains(name), "{file} reads \"{name}\", which schema.toml does not have");
                }
            }
        }
    }
}

#[test]
fn no_hash_and_no_secret_is_selected() {
    let schemas: Vec<Schema> = packs().into_iter().map(|pack| pack.schema).collect();
    let tables = schemas.iter().flat_map(|schema| &schema.sources).flat_map(|source| &source.tables);
    let secret = tables.flat_map(|table| &table.columns).filter(|column| column.secret);
    let secret: BTreeSet<String> = secret.map(|column| column.name.to_lowercase()).collect();
    assert!(!secret.is_empty(), "some schema has a hash");
    for (file, text) in files("sql") {
        // Comments too: whoever names one there may name it again below.
        let words = words(&text);
        for name in &secret {
            assert!(!words.contains(name), "{file} names {name}");
        }
    }
    // A star within is fine: the last SELECT says what leaves the server.
    for (file, text) in statements() {
        assert!(!returned(&text).iter().any(|name| name == "*"), "{file} returns *");
    }
}
