//! A small pack that is right, and the many ways to break it.

mod action;
mod declared;
mod family;
mod fragments;
mod json_schema;
mod layer;
mod ordered;
mod reason;
mod runbook;
mod schema;
mod scope;

use std::fmt::Write as _;

use super::*;
use crate::{document::SourceLocation, pack::*};

const PACK: &str = r#"
title = "Demo"
views = ["jobs", "queues", "packages"]

[[source]]
name = "main"
engine = "postgresql"

[[source]]
name = "files"
engine = "mongodb"

[lookup.job]
view = "job_lookup"
"#;

const JOBS: &str = r#"
title = "Jobs"
source = "main"
query = "jobs.sql"
row_key = ["id"]
refresh = "15s"
search = true
limit = 500

[threshold]
late_after = "5 minutes"

[[facet]]
name = "state"
choices = ["failed", "all"]

[[given]]
name = "queue"

[[column]]
name = "id"

[[column]]
name = "state"
format = "status"
tint = { crit = ["failed"], ok = ["done"] }

[[column]]
name = "used"
format = "gauge"
max = "size"

[[column]]
name = "size"
format = "int"
hide = true

[[column]]
name = "waiting"
format = "int"
width = "fill"

[[column]]
name = "trend"
format = "spark"
width = 12

[[enrich]]
view = "waiting_by_job"
on = "id"
columns = ["waiting"]
absent = { waiting = "0" }

[[enrich]]
query = "jobs.trend.sql"
columns = ["trend"]

[detail]
query = "jobs.detail.sql"

[[detail.list]]
title = "Attempts"
query = "jobs.attempts.sql"

[[chart]]
title = "Duration"
query = "jobs.chart.sql"
windows = ["1 hour", "7 days"]

[[link]]
view = "queues"
press = "q"
set = { job = "id" }
"#;

const QUEUES: &str = r#"
title = "Queues"
source = "main"
query = "queues.sql"
row_key = ["id"]

[[given]]
name = "job"

[[column]]
name = "id"
"#;

const WAITING: &str = r#"
title = "Waiting"
source = "main"
query = "waiting_by_job.sql"
row_key = ["job"]
hidden = true

[[column]]
name = "waiting"
"#;

const LOOKUP: &str = r#"
title = "Job"
source = "main"
query = "job_lookup.sql"
row_key = ["id"]
hidden = true
search = true

[[column]]
name = "usable"
hide = true
"#;

const PACKAGES: &str = r#"
title = "Packages"
kind = "files"
source = "main"
query = "packages.sql"
row_key = ["id"]

[files]
store = "files"
bucket = "packages"
id = "file_id"
name = "file_name"
size = "file_size"
checksum = "checksum"
active = "active"
"#;

const JOBS_SQL: &str = "SELECT :search::text, :late_after::interval, :state, :queue FROM jobs;\n";

fn demo() -> PackFiles {
    let files = [
        ("pack.toml", PACK),
        ("jobs.toml", JOBS),
        ("queues.toml", QUEUES),
        ("waiting_by_job.toml", WAITING),
        ("job_lookup.toml", LOOKUP),
        ("packages.toml", PACKAGES),
        ("jobs.sql", JOBS_SQL),
        ("jobs.trend.sql", "SELECT id AS key, trend FROM jobs WHERE id = ANY (:keys)"),
        ("jobs.detail.sql", "SELECT * FROM jobs WHERE id = :key"),
        ("jobs.attempts.sql", "SELECT * FROM attempts WHERE job = :key"),
        ("jobs.chart.sql", "SELECT at, value FROM points WHERE job = :key AND at > now() - :window::interval"),
        ("queues.sql", "SELECT * FROM queues WHERE :job IS NULL OR job = :job"),
        ("waiting_by_job.sql", "SELECT * FROM waiting"),
        ("job_lookup.sql", "SELECT * FROM jobs WHERE id = :search"),
        ("packages.sql", "SELECT * FROM packages"),
    ];
    folder("demo", "packs/demo", &files)
}

fn folder(system: &str, origin: &str, files: &[(&str, &str)]) -> PackFiles {
    let files = files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
    PackFiles { system: system.into(), origin: origin.into(), files }
}

fn shared() -> PackFiles {
    let pack = "title = \"Shared\"\nviews = [\"activity\"]\n[[source]]\nname = \"server\"\nengine = \"postgresql\"\n";
    let activity = "title = \"Activity\"\nsource = \"server\"\nquery = \"activity.sql\"\nrow_key = [\"pid\"]\n";
    let files = [("pack.toml", pack), ("activity.toml", activity), ("activity.sql", "SELECT 1")];
    folder("postgres", "packs/shared/postgres", &files)
}

/// What is wrong after one replacement.
fn broken(file: &str, from: &str, to: &str) -> String {
    let mut files = demo();
    let text = files.files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    *text = text.replacen(from, to, 1);
    load(&[files], &[shared()]).unwrap_err().to_string()
}

#[test]
fn a_pack_that_is_right_loads_as_it_is_written() {
    let pack = load(&[demo()], &[]).unwrap();
    let ids: Vec<_> = pack.views.iter().map(|view| view.id.as_str()).collect();
    assert_eq!(ids, ["jobs", "queues", "packages", "job_lookup", "waiting_by_job"]);
    assert_eq!(pack.tabs().count(), 3);
    assert_eq!(pack.lookups["job"], Lookup { view: ViewId(3), words: LookupWords::of(None, None, false) });
    let jobs = &pack.views[0];
    assert_eq!((jobs.refresh_ms, jobs.limit, jobs.search), (15_000, 500, true));
    assert_eq!(jobs.given, [Given { name: "queue".into(), title: "queue".into() }]);
    assert_eq!(jobs.columns[4].width, Width::Fill);
    assert_eq!(jobs.columns[1].tint, [(Tone::Crit, vec!["failed".into()]), (Tone::Ok, vec!["done".into()])]);
    assert!(jobs.judged_by_enrichment());
    assert_eq!(jobs.links[0].title, "Queues");
    let detail = jobs.detail.as_ref().unwrap();
    assert_eq!((detail.lists.len(), detail.charts[0].windows.len()), (1, 2));
    assert_eq!(pack.views[1].refresh_ms, 15_000);
    assert!(pack.views[2].files.is_some());
}

/// Each line: the file, what is in it, what stands there instead.
const BROKEN: &[(&str, &str, &str)] = &[
    // Words.
    ("jobs.toml", "refresh =", "refesh ="),
    ("jobs.toml", "title = \"Jobs\"", ""),
    ("jobs.toml", "limit = 500", "limit = \"500\""),
    ("jobs.toml", "row_key = [\"id\"]", "row_key = \"id\""),
    ("jobs.toml", "late_after = \"5 minutes\"", "late_after = 5"),
    ("jobs.toml", "[[link]]", "[[action]]\nid = \"stop\"\n[[link]]"),
    ("jobs.toml", "title = \"Jobs\"", "title = \"Jobs"),
    ("pack.toml", "title =", "titel ="),
    // Names.
    ("pack.toml", "engine = \"postgresql\"", "engine = \"postgres\""),
    ("pack.toml", "\"queues\",", "\"queue\","),
    ("pack.toml", "\"queues\",", ""),
    ("pack.toml", "view = \"job_lookup\"", "view = \"job_lokup\""),
    ("pack.toml", "view = \"job_lookup\"", "view = \"jobs\""),
    ("pack.toml", "[lookup.job]", "[lookup.show]"),
    ("pack.toml", "views =", "include = [\"postgre\"]\nviews ="),
    ("pack.toml", "name = \"main\"", "name = \"Main\""),
    // Words that are not served yet.
    ("pack.toml", "engine = \"postgresql\"", "engine = \"postgresql\"\nfamily = true"),
    // Sources and what reads them.
    ("pack.toml", "engine = \"mongodb\"", "engine = \"mongodb\"\nschema = \"app\""),
    ("pack.toml", "engine = \"postgresql\"", "engine = \"postgresql\"\nschema = \"\""),
    ("pack.toml", "views =", "include = { postgres = \"mian\" }\nviews ="),
    ("pack.toml", "views =", "include = { postgres = \"files\" }\nviews ="),
    ("pack.toml", "views =", "include = { postgres = 1 }\nviews ="),
    ("pack.toml", "views =", "include = true\nviews ="),
    ("pack.toml", "[lookup.job]", "[[source]]\nname = \"auth\"\nengine = \"postgresql\"\n[lookup.job]\nyes = \"Done\""),
    ("pack.toml", "view = \"job_lookup\"", "view = \"job_lookup\"\nyes = \"unknown\""),
    ("pack.toml", "view = \"job_lookup\"", "view = \"job_lookup\"\nyes = \"unusable\""),
    ("job_lookup.toml", "name = \"usable\"", "name = \"good\""),
    ("jobs.toml", "source = \"main\"", "source = \"mian\""),
    ("jobs.toml", "source = \"main\"", "source = \"files\""),
    ("jobs.toml", "query = \"jobs.sql\"", "query = \"job.sql\""),
    ("jobs.toml", "format = \"status\"", "format = \"stauts\""),
    ("jobs.toml", "crit = [\"failed\"]", "red = [\"failed\"]"),
    ("jobs.toml", "ok = [\"done\"]", "ok = [\"failed\"]"),
    // Values.
    ("jobs.toml", "row_key = [\"id\"]", "row_key = []"),
    ("jobs.toml", "refresh = \"15s\"", "refresh = \"500ms\""),
    ("jobs.toml", "refresh = \"15s\"", "refresh = \"often\""),
    ("jobs.toml", "limit = 500", "limit = 0"),
    ("jobs.toml", "limit = 500", "limit = 10001"),
    ("jobs.toml", "width = \"fill\"", "width = \"full\""),
    ("jobs.toml", "width = 12", "width = 0"),
    ("jobs.toml", "width = 12", "digits = 2"),
    ("jobs.toml", "format = \"spark\"", "format = \"decimal\"\ndigits = 31"),
    ("jobs.toml", "format = \"spark\"", "format = \"money\"\ncurrency = \"curency\""),
    ("jobs.toml", "width = 12", "currency = \"state\""),
    ("jobs.toml", "width = 12", "section = \"Times\""),
    ("jobs.toml", "max = \"size\"", "max = \"sizes\""),
    ("jobs.toml", "format = \"int\"\nhide = true", "format = \"int\"\nmax = \"used\""),
    ("jobs.toml", "choices = [\"failed\", \"all\"]", "choices = []"),
    ("jobs.toml", "choices = [\"failed\", \"all\"]", "choices = [\"all\", \"all\"]"),
    ("jobs.toml", "\"7 days\"", "\"a week\""),
    // Columns, links, enrichments.
    ("jobs.toml", "name = \"trend\"", "name = \"waiting\""),
    ("jobs.toml", "name = \"trend\"", "name = \"Trend\""),
    ("jobs.toml", "columns = [\"trend\"]", "columns = [\"trends\"]"),
    ("jobs.toml", "columns = [\"trend\"]", "columns = []"),
    ("jobs.toml", "absent = { waiting", "absent = { wait"),
    ("jobs.toml", "on = \"id\"", "on = \"ident\""),
    ("jobs.toml", "on = \"id\"", ""),
    ("jobs.toml", "view = \"waiting_by_job\"", "view = \"jobs\""),
    ("jobs.toml", "view = \"waiting_by_job\"", "view = \"queues\""),
    ("jobs.toml", "view = \"waiting_by_job\"", "query = \"jobs.trend.sql\"\nview = \"waiting_by_job\""),
    ("jobs.toml", "press = \"q\"", "press = \"g\""),
    ("jobs.toml", "[[link]]", "[[link]]\nview = \"packages\"\npress = \"q\"\n[[link]]"),
    ("jobs.toml", "set = { job = \"id\" }", "set = { jobs = \"id\" }"),
    ("jobs.toml", "set = { job = \"id\" }", "set = { job = \"idd\" }\nlabel = \"nam\""),
    ("jobs.toml", "view = \"queues\"", "view = \"quues\""),
    ("jobs.toml", "view = \"queues\"", ""),
    ("jobs.toml", "view = \"queues\"", "view = \"queues\"\nlookup = \"job\""),
    ("jobs.toml", "view = \"queues\"", "lookup = \"jobs\""),
    ("jobs.toml", "view = \"queues\"\npress = \"q\"\nset = { job = \"id\" }", "lookup = \"job\"\npress = \"q\""),
    ("jobs.toml", "set = { job = \"id\" }", "search = \"id\""),
    (
        "jobs.toml",
        "view = \"queues\"\npress = \"q\"\nset = { job = \"id\" }",
        "view = \"jobs\"\npress = \"q\"\nset = { state = { is = \"al\" } }",
    ),
    ("jobs.toml", "set = { job = \"id\" }", "set = { job = { si = \"all\" } }"),
    ("jobs.toml", "set = { job = \"id\" }", "set = { job = 1 }"),
    ("jobs.toml", "[[given]]", "[[scope]]"),
    ("jobs.toml", "search = true", "search = true\nattention = { most = 0 }"),
    ("jobs.toml", "search = true", "search = true\nattention = { least = 1 }"),
    ("jobs.toml", "search = true", "search = true\nattention = \"yes\""),
    ("jobs.toml", "choices = [\"failed\", \"all\"]", "choices = [\"all\"]\nquery = \"jobs.detail.sql\""),
    // Files.
    ("packages.toml", "kind = \"files\"", "kind = \"file\""),
    ("packages.toml", "kind = \"files\"", ""),
    ("packages.toml", "store = \"files\"", "store = \"main\""),
    ("packages.toml", "bucket = \"packages\"", ""),
    // Parameters.
    ("jobs.sql", ":state", ":sate"),
    ("jobs.sql", ":state", ":key"),
    ("jobs.sql", ":queue", "1"),
    ("jobs.toml", "search = true", ""),
    ("jobs.toml", "name = \"queue\"", "name = \"state\""),
    ("jobs.toml", "name = \"queue\"", "name = \"window\""),
    ("jobs.trend.sql", ":keys", ":key"),
    ("jobs.detail.sql", ":key", "1"),
    ("jobs.chart.sql", ":window::interval", "interval '1 hour'"),
    // SQL.
    ("jobs.sql", ";", "; DELETE FROM jobs"),
    ("jobs.sql", "SELECT", "DELETE"),
    ("jobs.sql", "FROM jobs", "FROM jobs WHERE name = 'x"),
    ("jobs.sql", "FROM jobs", "FROM jobs -- one\n WHERE id = $1"),
    ("jobs.sql", "SELECT", "\\i other.sql\nSELECT"),
    ("jobs.sql", ":state", ":'state'"),
];

#[test]
fn what_is_wrong_is_told_with_file_line_value_and_remedy() {
    let mut all = String::new();
    for (file, from, to) in BROKEN {
        let _ = writeln!(all, "## {file}: {from:?} -> {to:?}\n{}\n", broken(file, from, to));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn every_problem_has_a_place_in_the_pack_whatever_line_is_missing() {
    let right = demo();
    for (name, text) in &right.files {
        for at in 0..text.lines().count() {
            let mut files = right.clone();
            let kept = text.lines().enumerate().filter(|(n, _)| *n != at).map(|(_, line)| line);
            files.files.insert(name.clone(), kept.collect::<Vec<_>>().join("\n"));
            for problem in load(&[files], &[]).err().unwrap_or_default().0 {
                assert!(problem.place.file.starts_with("packs/demo/"), "{name} without line {at}: {problem}");
                assert!(!problem.what.is_empty() && !problem.remedy.is_empty());
            }
        }
    }
}

#[test]
fn all_problems_of_all_files_are_told_at_once() {
    let mut files = demo();
    for (name, text) in &mut files.files {
        if name.rsplit_once('.').is_some_and(|(_, ending)| ending == "toml") {
            text.push_str("\n[nonsense]\n");
        }
    }
    let problems = load(&[files], &[]).unwrap_err();
    assert_eq!(problems.0.len(), 6, "{problems}");
}

#[test]
fn views_of_a_group_share_a_tab_at_the_place_of_the_first() {
    let grouped = |file: &str, group: &str| (file.to_owned(), format!("group = \"{group}\""));
    let over = |files: &[(String, String)]| {
        let files: Vec<(&str, &str)> = files.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
        load(&[demo(), folder("demo", "user", &files)], &[])
    };
    let pack = over(&[grouped("jobs.toml", "Work"), grouped("packages.toml", "Work")]).unwrap();
    let line: Vec<(&str, Vec<&str>)> = pack
        .tab_line()
        .into_iter()
        .map(|tab| (tab.title, tab.views.into_iter().map(|view| pack.view(view).id.as_str()).collect()))
        .collect();
    assert_eq!(line, [("Work", vec!["jobs", "packages"]), ("Queues", vec!["queues"])]);
    let tab_of = |id: &str| pack.tab_of(pack.find(id).unwrap()).len();
    assert_eq!([tab_of("packages"), tab_of("queues"), tab_of("job_lookup")], [2, 1, 0]);
    let ungrouped = over(&[grouped("jobs.toml", "")]).unwrap();
    assert_eq!(ungrouped.tab_line().len(), 3);
    insta::assert_snapshot!(over(&[grouped("job_lookup.toml", "Work")]).unwrap_err());
}

#[test]
fn facts_are_a_hidden_view_that_says_them_in_brief() {
    let over = |facts: &str| {
        let toml = "title = \"Facts\"\nsource = \"main\"\nquery = \"facts.sql\"\nrow_key = [\"id\"]\nhidden = true\n";
        let facts = format!("facts = \"{facts}\"");
        let brief = format!("{toml}[[column]]\nname = \"brief\"");
        let files = [("pack.toml", &*facts), ("facts.toml", &*brief), ("facts.sql", "SELECT 1")];
        load(&[demo(), folder("demo", "user", &files)], &[])
    };
    let pack = over("facts").unwrap();
    assert_eq!(pack.facts, pack.find("facts"));
    let told = ["fact", "jobs", "job_lookup"].map(|view| over(view).unwrap_err().to_string());
    insta::assert_snapshot!(told.join("\n"));
}

/// A pack with two PostgreSQL sources that includes one for PostgreSQL.
fn with_auth(include: &str) -> Result<Pack, Problems> {
    let mut files = demo();
    let pack = files.files.get_mut("pack.toml").unwrap();
    *pack =
        format!("include = {include}\n{pack}\n[[source]]\nname = \"auth\"\nengine = \"postgresql\"\noptional = true\n");
    load(&[files], &[shared()])
}

#[test]
fn an_include_reads_the_source_that_it_names() {
    let pack = with_auth("{ postgres = \"auth\" }").unwrap();
    let activity = pack.view(pack.find("activity").unwrap());
    assert_eq!(pack.source(activity.source).name, "auth");
    assert!(pack.source(activity.source).optional && !pack.sources[0].optional);
    insta::assert_snapshot!(with_auth("[\"postgres\"]").unwrap_err(), @r#"
    packs/demo/pack.toml:1: which source does "postgres" read? main and auth are postgresql
        write include = { postgres = "main" }
    "#);
}

#[test]
fn layers_merge_what_is_included() {
    let layer = |include: &str| folder("demo", "user/demo", &[("pack.toml", include)]);
    let mut ours = demo();
    let pack = ours.files.get_mut("pack.toml").unwrap();
    *pack =
        format!("include = {{ postgres = \"main\" }}\n{pack}\n[[source]]\nname = \"auth\"\nengine = \"postgresql\"\n");
    let source = |upper: &str| {
        let pack = load(&[ours.clone(), layer(upper)], &[shared()]).unwrap();
        pack.find("activity").map(|id| pack.source(pack.view(id).source).name.clone())
    };
    assert_eq!(source("include = { postgres = \"auth\" }").as_deref(), Some("auth"));
    assert_eq!(source("").as_deref(), Some("main"));
    assert_eq!(source("include = []"), None);
}

#[test]
fn a_lookup_has_the_packs_words() {
    let mut files = demo();
    let pack = files.files.get_mut("pack.toml").unwrap();
    *pack = pack.replace("view = \"job_lookup\"", "view = \"job_lookup\"\nyes = \"can_run\"\nsecret = true");
    let words = LookupWords::of(Some("can_run"), None, true);
    assert_eq!(load(&[files.clone()], &[]).unwrap().lookups["job"].words, words);
    // A command line knows them without loading the pack, an upper layer's over those of a lower one.
    let upper = "[lookup.job]\nno = \"stuck\"";
    let layers = [files.files["pack.toml"].as_str(), upper];
    assert_eq!(lookups(layers)["job"], LookupWords { no: "stuck".into(), ..words });
    assert_eq!(lookups([layers[0], "[lookup.job]\ndisabled = true"]).len(), 0);
}

#[test]
fn the_reference_tells_every_word() {
    insta::assert_snapshot!(reference());
}
