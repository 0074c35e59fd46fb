//! What lies over a pack: the user's own, what it includes, the config.

use super::*;
use crate::config::ViewOverride;

#[test]
fn the_users_pack_lies_over_ours() {
    let jobs = r#"
        title = "My jobs"
        limit = 10
        [threshold]
        late_after = "1 minute"
        [[column]]
        name = "state"
        title = "how"
        [[column]]
        name = "extra"
        [[link]]
        press = "q"
        disabled = true
    "#;
    let user = folder(
        "demo",
        "/home/alice/packs/demo",
        &[
            ("jobs.toml", jobs),
            ("jobs.sql", "SELECT :search, :late_after, :state, :queue, 'mine'"),
            ("packages.toml", "disabled = true"),
            ("pack.toml", "views = [\"mine\", \"queues\"]"),
            ("mine.toml", "title = \"Mine\"\nsource = \"main\"\nquery = \"mine.sql\"\nrow_key = [\"id\"]"),
            ("mine.sql", "SELECT 1"),
        ],
    );
    let pack = load(&[demo(), user], &[]).unwrap();
    let tabs: Vec<_> = pack.tabs().map(|id| pack.view(id).id.as_str()).collect();
    assert_eq!(tabs, ["mine", "queues", "jobs"]);
    let jobs = pack.view(pack.find("jobs").unwrap());
    assert_eq!((jobs.title.as_str(), jobs.limit, jobs.refresh_ms), ("My jobs", 10, 15_000));
    assert_eq!(jobs.thresholds["late_after"], "1 minute");
    assert_eq!((jobs.columns[1].title.as_str(), jobs.columns[1].format), ("how", Format::Status));
    assert_eq!(jobs.columns.last().map(|column| column.name.as_str()), Some("extra"));
    assert!(jobs.links.is_empty());
    assert_eq!(jobs.query.file(), "/home/alice/packs/demo/jobs.sql");
    assert_eq!(pack.find("packages"), None);
}

#[test]
fn disabled_is_a_flag_that_only_true_turns_on() {
    let with = |value: &str| {
        let mut files = demo();
        for (name, header) in [
            ("jobs.toml", "[[facet]]"),
            ("jobs.toml", "[detail]"),
            ("jobs.toml", "[[link]]"),
            ("pack.toml", "[lookup.job]"),
        ] {
            let text = files.files.get_mut(name).unwrap();
            *text = text.replacen(header, &format!("{header}\ndisabled = {value}"), 1);
        }
        load(&[files], &[])
    };
    let pack = with("false").unwrap();
    let jobs = &pack.views[0];
    assert_eq!((jobs.facets.len(), jobs.links.len(), pack.lookups.len()), (1, 1, 1));
    assert_eq!(with("\"no\"").unwrap_err().0.len(), 4);
}

#[test]
fn a_disabled_source_of_an_included_pack_is_gone() {
    let mut ours = demo();
    let text = ours.files.get_mut("pack.toml").unwrap();
    *text = text.replacen("views =", "include = [\"postgres\"]\nviews =", 1);
    let source = "[[source]]\nname = \"store\"\nengine = \"sqlserver\"\ndisabled = true\n";
    let over = folder("postgres", "user", &[("pack.toml", source)]);
    let pack = load(&[ours], &[shared(), over]).unwrap();
    assert!(pack.find("activity").is_some());
}

#[test]
fn a_problem_in_the_users_pack_names_the_users_file() {
    let user = folder("demo", "/home/alice/packs/demo", &[("jobs.toml", "\nrefresh = \"never\"\n")]);
    let problems = load(&[demo(), user], &[]).unwrap_err();
    assert_eq!(problems.0[0].place, SourceLocation { file: "/home/alice/packs/demo/jobs.toml".into(), line: Some(2) });
}

#[test]
fn a_pack_over_itself_is_itself() {
    assert_eq!(load(&[demo(), demo()], &[]), load(&[demo()], &[]));
}

#[test]
fn a_file_that_replaces_nothing_is_told() {
    let user = folder("demo", "user", &[("job.sql", "SELECT 1"), ("jobs.trends.sql", "SELECT 1")]);
    insta::assert_snapshot!(load(&[demo(), user], &[]).unwrap_err(), @r#"
    user/job.sql: no query of the pack is in this file
        did you mean "jobs.sql"? (known: job_lookup.sql, jobs.attempts.sql, jobs.chart.sql, jobs.detail.sql, jobs.sql, jobs.trend.sql, packages.sql, queues.sql, waiting_by_job.sql)
    user/jobs.trends.sql: no query of the pack is in this file
        did you mean "jobs.trend.sql"? (known: job_lookup.sql, jobs.attempts.sql, jobs.chart.sql, jobs.detail.sql, jobs.sql, jobs.trend.sql, packages.sql, queues.sql, waiting_by_job.sql)
    "#);
}

#[test]
fn an_included_pack_brings_its_views_on_our_source_of_its_engine() {
    let mut files = demo();
    let pack = files.files.get_mut("pack.toml").unwrap();
    *pack = pack.replace("views =", "include = [\"postgres\"]\nviews =");
    let loaded = load(&[files.clone()], &[shared()]).unwrap();
    let activity = loaded.view(loaded.find("activity").unwrap());
    assert_eq!(loaded.source(activity.source).name, "main");
    assert_eq!(loaded.tabs().count(), 4);
    let user = folder("demo", "user", &[("activity.toml", "title = \"Now\"")]);
    let loaded = load(&[files.clone(), user], &[shared()]).unwrap();
    assert_eq!(loaded.view(loaded.find("activity").unwrap()).title, "Now");
    let pack = files.files.get_mut("pack.toml").unwrap();
    pack.push_str("[[source]]\nname = \"second\"\nengine = \"postgresql\"\n");
    let problems = load(&[files], &[shared()]).unwrap_err();
    assert!(problems.to_string().contains("which source does \"postgres\" read? main and second"), "{problems}");
}

#[test]
fn the_config_changes_thresholds_intervals_and_limits() {
    let change = |threshold: &str, limit| ViewOverride {
        thresholds: [(threshold.to_owned(), "1 day".to_owned())].into(),
        limit,
        ..ViewOverride::default()
    };
    let pack = load(&[demo()], &[]).unwrap();
    let overrides = [
        ("demo.jobs".to_owned(), change("late_after", None)),
        ("jobs".to_owned(), ViewOverride { limit: Some(7), refresh_ms: Some(1_000), ..ViewOverride::default() }),
        ("other.jobs".to_owned(), change("whatever", None)),
        ("elsewhere".to_owned(), change("whatever", None)),
    ];
    let changed = pack.clone().with_overrides(&overrides.into()).unwrap();
    let jobs = &changed.views[0];
    assert_eq!((jobs.limit, jobs.refresh_ms, jobs.thresholds["late_after"].as_str()), (7, 1_000, "1 day"));
    let at = |line| SourceLocation { file: "config.toml".into(), line: Some(line) };
    let wrong = [
        ("demo.job".to_owned(), ViewOverride { at: at(3), ..ViewOverride::default() }),
        ("jobs".to_owned(), ViewOverride { at: at(7), ..change("late_aftr", Some(1)) }),
    ];
    insta::assert_snapshot!(pack.with_overrides(&wrong.into()).unwrap_err(), @r#"
    config.toml:3: the system "demo" has no view "job"
        did you mean "jobs"? (known: jobs, queues, packages, job_lookup, waiting_by_job)
    config.toml:7: the view "jobs" has no threshold "late_aftr"
        did you mean "late_after"? (known: late_after)
    "#);
}
