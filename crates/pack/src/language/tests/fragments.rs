//! SQL that files of a pack share.

use super::*;
use crate::dialect::Sql;

/// The demo with a list of jobs that is made of fragments.
fn with(sql: &str, fragments: &[(&str, &str)]) -> PackFiles {
    let mut files = demo();
    files.files.insert("jobs.sql".into(), sql.into());
    for (name, text) in fragments {
        files.files.insert(format!("fragments/{name}"), (*text).into());
    }
    files
}

fn jobs(files: PackFiles) -> Sql {
    let pack = load(&[files], &[]).unwrap();
    match &*pack.views[0].query {
        Statement::Sql(sql) => sql.clone(),
        Statement::Mongo(_) => panic!("jobs are in SQL"),
    }
}

const LATE: &str = "-- How late a job is.\n(now() - {{since}})\n    > :late_after::interval -- seconds\n";

#[test]
fn a_fragment_stands_where_it_is_called_and_parameters_keep_their_places() {
    let sql = "SELECT {{late(since => jobs.\"at\")}} AS late, :search, :state\n\
               FROM jobs -- not {{this}}\nWHERE '{{1, 2}}' <> {{ queue }} AND {{late(since => least(a, {{first}}))}};\n";
    let fragments = [
        ("late.sql", LATE),
        ("queue.sql", "coalesce(:queue, {{none}})"),
        ("none.sql", "'{{none}}'"),
        ("first.sql", "b"),
    ];
    let files = with(sql, &fragments);
    let jobs = jobs(files);
    assert_eq!(
        jobs.text,
        "SELECT (now() - jobs.\"at\")\n    > $1::interval AS late, $2, $3\nFROM jobs -- not {{this}}\n\
         WHERE '{{1, 2}}' <> coalesce($4, '{{none}}') AND (now() - least(a, b))\n    > $1::interval"
    );
    let names: Vec<&str> = jobs.params.iter().map(|param| param.name.as_str()).collect();
    assert_eq!(names, ["late_after", "search", "state", "queue"]);
    assert_eq!(
        jobs.for_psql(),
        "SELECT (now() - jobs.\"at\")\n    > :late_after::interval AS late, :search, :state\nFROM jobs -- not {{this}}\n\
         WHERE '{{1, 2}}' <> coalesce(:queue, '{{none}}') AND (now() - least(a, b))\n    > :late_after::interval;\n"
    );
}

#[test]
fn a_place_in_the_text_is_a_line_of_the_fragment() {
    let sql = "SELECT :search, :state,\n  :queue,\n  {{late(since =>\n  jobs.at)}},\n  other\nFROM jobs";
    let jobs = jobs(with(sql, &[("late.sql", LATE)]));
    let place = |word: &str| jobs.location(jobs.text.find(word).unwrap()).to_string();
    assert_eq!(place("$3"), "packs/demo/jobs.sql:2");
    assert_eq!(place("now()"), "packs/demo/fragments/late.sql:2");
    assert_eq!(place("jobs.at"), "packs/demo/jobs.sql:4");
    assert_eq!(place("$4"), "packs/demo/fragments/late.sql:3");
    assert_eq!(place("other"), "packs/demo/jobs.sql:5");
}

#[test]
fn the_users_fragment_takes_the_place_of_ours() {
    let ours = with("SELECT :search, :late_after, :state, :queue, {{limit_of}}", &[("limit_of.sql", "1")]);
    let users = folder("demo", "/home/alice/packs/demo", &[("fragments/limit_of.sql", "2")]);
    let pack = load(&[ours, users], &[]).unwrap();
    let files: Vec<&str> = pack.views[0].query.files().collect();
    assert!(files.contains(&"/home/alice/packs/demo/fragments/limit_of.sql"), "{files:?}");
    assert!(!files.iter().any(|file| file.ends_with("packs/demo/fragments/limit_of.sql") && !file.starts_with('/')));
}

#[test]
fn a_write_may_be_made_of_fragments_too() {
    let mut files = action::files(&[("FROM unnest(:keys::text[], :seen_state::text[])", "FROM {{seen}}")]);
    files.files.insert("fragments/seen.sql".into(), "unnest(:keys::text[], :seen_state::text[])".into());
    let pack = load(&[files], &[]).unwrap();
    let lists: Vec<bool> = pack.views[0].actions[0].sql.params().iter().map(|param| param.is_list).collect();
    assert_eq!(lists.iter().filter(|is_list| **is_list).count(), 2, "{lists:?}");
}

/// Each line: the query of jobs, a fragment's file, its text.
const WRONG: &[(&str, &[(&str, &str)])] = &[
    ("SELECT {{lat}}", &[("late.sql", "1")]),
    ("SELECT\n  {{late}}", &[("late.sql", LATE)]),
    ("SELECT {{late(since => 1, till => 2)}}", &[("late.sql", LATE)]),
    ("SELECT {{late(since => 1, since => 2)}}", &[("late.sql", LATE)]),
    ("SELECT {{late(late => 1)}}", &[("late.sql", LATE)]),
    ("SELECT {{a}}", &[("a.sql", "1 +\n{{b}}"), ("b.sql", "{{a}}")]),
    ("SELECT {{a}}", &[("a.sql", "{{a}}")]),
    ("SELECT {{a}}", &[("a.sql", "1 +\n{{c(x => 1)}}")]),
    ("SELECT {{a}}", &[("a.sql", "-- nothing\n")]),
    ("SELECT {{a}}", &[("a.sql", "SELECT 1;")]),
    ("SELECT {{a}}", &[("a.sql", "\n'open")]),
    ("SELECT {{a}}", &[("a.sql", "\n:nobody::text")]),
    ("SELECT {{a}}", &[("a.sql", "\\set x 1\n1")]),
    ("SELECT {{a", &[("a.sql", "1")]),
    ("SELECT {{a(x => 1}}", &[("a.sql", "{{x}}")]),
    ("SELECT {{a(x => )}}", &[("a.sql", "{{x}}")]),
    ("SELECT {{a(1)}}", &[("a.sql", "{{x}}")]),
    ("SELECT {{a()}}", &[("a.sql", "1")]),
    ("SELECT {{A}}", &[("a.sql", "1")]),
    (JOBS_SQL, &[("spare.sql", "1")]),
    (JOBS_SQL, &[("Spare.sql", "1")]),
    (JOBS_SQL, &[("spare.json", "{}")]),
];

#[test]
fn what_is_wrong_with_a_fragment_is_told_with_its_file_and_line() {
    let mut told = String::new();
    for (sql, fragments) in WRONG {
        let problems = load(&[with(sql, fragments)], &[]).unwrap_err();
        writeln!(told, "{sql:?} {fragments:?}\n{problems}\n").unwrap();
    }
    let many: Vec<(String, String)> = (0..40).map(|n| (format!("f{n}.sql"), format!("{{{{f{}}}}}", n + 1))).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    writeln!(told, "forty in one another\n{}\n", load(&[with("SELECT {{f0}}", &many)], &[]).unwrap_err()).unwrap();
    let twice: Vec<(String, String)> =
        (0..30).map(|n| (format!("f{n}.sql"), format!("{{{{f{}}}}} {{{{f{}}}}}", n + 1, n + 1))).collect();
    let twice = twice.iter().map(|(name, text)| (name.as_str(), text.as_str())).chain([("f30.sql", "1")]);
    let twice: Vec<(&str, &str)> = twice.collect();
    writeln!(told, "each twice\n{}\n", load(&[with("SELECT {{f0}}", &twice)], &[]).unwrap_err()).unwrap();
    let deep = format!("SELECT {}1{}", "{{a(x => ".repeat(40), ")}}".repeat(40));
    writeln!(told, "calls in calls\n{}", load(&[with(&deep, &[("a.sql", "{{x}}")])], &[]).unwrap_err()).unwrap();
    insta::assert_snapshot!(told);
}
