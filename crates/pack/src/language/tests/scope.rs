//! Packs whose rows are seen by one scope at a time.

use std::fmt::Write as _;

use super::*;

const PACK: &str = r#"
title = "Sites"
views = ["jobs", "policies"]

[scope]
title = "site"
source = "main"
setting = "app.current_site"
query = "sites.sql"

[[source]]
name = "main"
engine = "postgresql"

[[source]]
name = "files"
engine = "mongodb"
"#;

const JOBS: &str = r#"
title = "Jobs"
source = "main"
query = "jobs.sql"
row_key = ["id"]

[[facet]]
name = "state"
choices = ["all"]
query = "jobs.states.sql"

[[column]]
name = "id"

[detail]
query = "jobs.detail.sql"

[[action]]
id = "purge"
title = "Purge jobs"
press = "P"
rows = "set"
query = "jobs.old.sql"
delete = { table = "jobs", key = "id", compare = ["key"] }
"#;

const POLICIES: &str = r#"
title = "Policies"
source = "main"
query = "policies.sql"
row_key = ["name"]
scoped = false

[[enrich]]
view = "self_test"
on = "name"
columns = ["seen"]

[reason.no_scope]
says = "the self-test needs a site"

[[column]]
name = "name"

[[column]]
name = "seen"
format = "int"
"#;

const SELF_TEST: &str = r#"
title = "Self-test"
source = "main"
query = "self_test.sql"
row_key = ["name"]
hidden = true

[[column]]
name = "name"

[[column]]
name = "seen"
"#;

fn files() -> PackFiles {
    let own = "WHERE site = :scope AND (:state = 'all' OR state = :state)";
    folder(
        "sites",
        "packs/sites",
        &[
            ("pack.toml", PACK),
            ("sites.sql", "SELECT id, name AS label FROM sites"),
            ("jobs.toml", JOBS),
            ("jobs.sql", &format!("SELECT 'ok' AS severity, '' AS why, id FROM jobs {own}")),
            ("jobs.states.sql", "SELECT DISTINCT state FROM jobs WHERE site = :scope"),
            ("jobs.detail.sql", "SELECT * FROM jobs WHERE id = :key::int AND site = :scope"),
            ("jobs.old.sql", "SELECT id::text AS key FROM jobs WHERE site = :scope"),
            ("policies.toml", POLICIES),
            ("policies.sql", "SELECT 'ok' AS severity, '' AS why, relname::text AS name FROM pg_class"),
            ("self_test.toml", SELF_TEST),
            ("self_test.sql", "SELECT 'ok' AS severity, '' AS why, 'jobs' AS name, :scope AS seen"),
        ],
    )
}

fn changed(file: &str, from: &str, to: &str) -> Result<Pack, Problems> {
    let mut files = files();
    let text = files.files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    *text = text.replacen(from, to, 1);
    load(&[files], &[])
}

#[test]
fn views_of_the_source_are_asked_within_the_scope_unless_they_say_otherwise() {
    let pack = load(&[files()], &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let scope = pack.scope.as_ref().unwrap();
    assert_eq!((scope.title.as_str(), scope.setting.as_str(), scope.source), ("site", "app.current_site", SourceId(0)));
    let scoped = pack.views.iter().map(|view| (view.id.as_str(), view.scoped)).collect::<Vec<_>>();
    assert_eq!(scoped, [("jobs", true), ("policies", false), ("self_test", true)]);
    // Elsewhere the word means nothing, so that shared packs can have it.
    let without = changed(
        "pack.toml",
        "[scope]\ntitle = \"site\"\nsource = \"main\"\nsetting = \"app.current_site\"\nquery = \"sites.sql\"\n",
        "",
    );
    let problems = without.unwrap_err().to_string();
    assert!(!problems.contains("scoped"), "{problems}");
}

#[test]
fn what_is_wrong_with_a_scope_is_told_with_its_place_and_remedy() {
    let mut all = String::new();
    for (file, from, to) in [
        ("pack.toml", "title = \"site\"", "title = \"\""),
        ("pack.toml", "title = \"site\"", ""),
        ("pack.toml", "source = \"main\"", "source = \"files\""),
        ("pack.toml", "source = \"main\"", "source = \"mian\""),
        ("pack.toml", "name = \"main\"", "name = \"main\"\noptional = true"),
        ("pack.toml", "app.current_site", "role"),
        ("pack.toml", "app.current_site", "app.current site"),
        ("pack.toml", "sites.sql", "site.sql"),
        ("sites.sql", "FROM sites", "FROM sites WHERE id = :scope"),
        ("jobs.toml", "row_key", "scoped = false\nrow_key"),
        ("jobs.toml", "name = \"state\"", "name = \"scope\""),
        ("jobs.sql", "site = :scope", "true"),
        ("jobs.states.sql", "site = :scope", "true"),
        ("jobs.detail.sql", "site = :scope", "true"),
        ("jobs.old.sql", "site = :scope", "true"),
        ("policies.sql", "FROM pg_class", "FROM pg_class WHERE relname = :scope"),
        ("policies.toml", "scoped = false", "scoped = \"no\""),
    ] {
        let _ = writeln!(all, "## {file}: {from:?} -> {to:?}\n{}\n", changed(file, from, to).unwrap_err());
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_test_says_its_scope_where_the_view_or_one_that_it_joins_has_one() {
    let pack = load(&[files()], &[]).unwrap();
    let test = |view: &str| format!("[[test]]\nname = \"it\"\nview = \"{view}\"\nscope = \"7\"\n");
    for view in ["jobs", "policies"] {
        let loaded = load_tests(&pack, "tests/a.toml", &test(view)).unwrap();
        assert_eq!(loaded.tests[0].scope.as_deref(), Some("7"));
    }
    let mut unscoped = files();
    unscoped.files.insert("self_test.toml".into(), SELF_TEST.replace("hidden", "scoped = false\nhidden"));
    unscoped
        .files
        .insert("self_test.sql".into(), "SELECT 'ok' AS severity, '' AS why, 'jobs' AS name, 1 AS seen".into());
    let pack = load(&[unscoped], &[]).unwrap();
    insta::assert_snapshot!(load_tests(&pack, "tests/a.toml", &test("policies")).unwrap_err(), @r#"
    tests/a.toml:4: "scope" of policies
        remove it: the view is asked without a scope
    "#);
}
