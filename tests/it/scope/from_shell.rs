//! Scopes from scripts: none is unknown, one is exact, each is judged, and what is written is written to that one.

use serde_json::{Value as Json, json};

use super::{Sites, id};

/// The first check of a view in the JSON of `check`.
fn check_of<'a>(json: &'a Json, view: &str) -> &'a Json {
    json["checks"].as_array().unwrap().iter().find(|check| check["view"] == view).unwrap()
}

#[tokio::test]
async fn without_a_scope_everything_that_is_somebodys_is_unknown_and_says_so() {
    let sites = Sites::new("scope_none", "").await;
    let ran = sites.shell.run(&["check"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.starts_with("UNKNOWN - prod: no site chosen, 1 view unknown"), "{}", ran.out);
    assert!(!ran.out.contains("no answer from"), "{}", ran.out);
    let json = sites.shell.run(&["check", "--format", "json"]).json_of(3);
    assert_eq!(check_of(&json, "jobs")["error"]["kind"], "no_scope");
    assert_eq!((&check_of(&json, "tables")["severity"], check_of(&json, "tables").get("scope")), (&json!("ok"), None));
    let ran = sites.shell.run(&["show", "jobs"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""));
    assert!(ran.err.contains("no site chosen") && ran.err.contains("--scope"), "{}", ran.err);
    let ran = sites.shell.run(&["job", "a-job-1"]);
    assert_eq!(ran.code, Some(3), "a lookup too: {ran:?}");
}

#[tokio::test]
async fn with_a_scope_its_rows_and_no_others_are_there_by_id_by_label_and_by_config() {
    let sites = Sites::new("scope_one", "").await;
    let by = |scope: &str| sites.shell.run(&["show", "jobs", "--format", "csv", "--scope", scope]);
    for scope in ["Harbor", "harbor", &id('a')] {
        let ran = by(scope);
        let rows: Vec<&str> = ran.out.lines().skip(1).collect();
        assert!(ran.code == Some(0) && rows.len() == 3 && rows.iter().all(|row| row.starts_with("a-job-")), "{ran:?}");
    }
    let ran = by("Market");
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("the name of 2 (site)") && ran.err.contains(&id('c')), "{}", ran.err);
    assert!(by("Depot").err.contains("there is no site \"Depot\""));
    assert!(by("all").err.contains("row-level security binds this login"));
    let json = sites.shell.run(&["show", "jobs", "--format", "json", "--scope", "Harbor"]).json();
    assert_eq!(json["scope"], json!({"id": id('a'), "label": "Harbor"}));
    let csv = by("Harbor").out;
    assert!(csv.lines().next().unwrap().ends_with(",scope"), "{csv}");
    assert!(csv.lines().skip(1).all(|row| row.ends_with(&format!(",Harbor ({})", id('a')))), "{csv}");
    let table = sites.shell.run(&["show", "jobs", "--format", "markdown", "--scope", "Harbor"]).out;
    assert!(table.starts_with(&format!("site: Harbor ({})\n\n|", id('a'))), "{table}");
    let nobodys = sites.shell.run(&["show", "tables", "--format", "csv", "--scope", "Harbor"]).out;
    assert!(nobodys.lines().next().unwrap().ends_with("name"), "{nobodys}");
    let all = sites.shell.run(&["show", "jobs", "--format", "json", "--scope", "all", "--target", "open"]).json();
    assert_eq!((all["rows"].as_array().unwrap().len(), &all["scope"]["id"]), (9, &Json::Null));
    assert_eq!(sites.shell.run(&["job", "c-job-1", "--scope", "Harbor"]).code, Some(4), "another's is not found");
    assert_eq!(sites.shell.run(&["job", "a-job-1", "--scope", "Harbor"]).code, Some(0));
    let config = std::fs::read_to_string(sites.shell.config()).unwrap();
    let config = config.replacen("system = \"sites\"\n", "system = \"sites\"\nscope = \"Harbor\"\n", 1);
    std::fs::write(sites.shell.config(), config).unwrap();
    assert_eq!(sites.shell.run(&["check", "jobs"]).code, Some(2));
}

#[tokio::test]
async fn each_scope_is_judged_and_nobody_is_left_out() {
    let sites = Sites::new("scope_each", "").await;
    sites.run("UPDATE jobs SET state = 'done' WHERE id NOT LIKE 'c%'").await;
    let ran = sites.shell.run(&["check", "--each-scope"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let first = ran.out.lines().next().unwrap();
    assert!(first.contains("prod, site Market: jobs 3 crit") && first.contains("prod: 2 of 3 sites ok"), "{first}");
    assert!(first.contains("'jobs_crit'=3;;0;0") && first.contains("'jobs_ok'=6;"), "{first}");
    let json = sites.shell.run(&["check", "--each-scope", "--format", "json"]).json_of(2);
    let of = |check: &Json| (check["view"].clone(), check["scope"]["id"].clone(), check["crit"].clone());
    let checks: Vec<_> = json["checks"].as_array().unwrap().iter().map(of).collect();
    let jobs = |letter, crit| (json!("jobs"), json!(id(letter)), json!(crit));
    assert_eq!(checks, [(json!("tables"), Json::Null, json!(0)), jobs('a', 0), jobs('b', 0), jobs('c', 3)]);
    let metrics = sites.shell.run(&["check", "--each-scope", "--format", "prometheus"]).out;
    assert!(metrics.contains(&format!("scope=\"{}\",view=\"jobs\",severity=\"crit\"}} 3", id('c'))), "{metrics}");
    // Where policies would cut the list short, nobody is said to be fine.
    sites.run("ALTER TABLE sites ENABLE ROW LEVEL SECURITY; CREATE POLICY none ON sites USING (false)").await;
    let ran = sites.shell.run(&["check", "--each-scope"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("row-level security"), "{}", ran.out);
    sites.run("ALTER TABLE sites DISABLE ROW LEVEL SECURITY; DELETE FROM sites").await;
    let ran = sites.shell.run(&["check", "--each-scope"]);
    assert_eq!(ran.code, Some(3), "of nobody the worst would be ok: {ran:?}");
    assert!(ran.out.contains("no site is listed"), "{}", ran.out);
}

#[tokio::test]
async fn a_setting_that_no_policy_reads_and_a_site_that_is_gone_are_told() {
    let sites = Sites::new("scope_wrong", "scope = \"Harbor\"").await;
    sites.run("DELETE FROM sites WHERE name = 'Harbor'").await;
    let ran = sites.shell.run(&["check", "jobs"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.out.contains("there is no site \"Harbor\""), "{}", ran.out);
    let pack = super::PACK[0].1.replace("app.site", "app.sight");
    sites.shell.write(".config/opsdash/packs/sites/pack.toml", &pack).unwrap();
    let ran = sites.shell.run(&["show", "jobs", "--scope", &id('b')]);
    assert_eq!(ran.code, Some(3));
    assert!(
        ran.err.contains("no policy reads the setting \"app.sight\"") && ran.err.contains("app.site"),
        "{}",
        ran.err
    );
    let doctor = sites.shell.run(&["doctor", "--format", "json"]).json_of(1);
    let scope = |finding: &&Json| finding["subject"] == "scope" && finding["severity"] == "crit";
    let found: Vec<&Json> = doctor["findings"].as_array().unwrap().iter().filter(scope).collect();
    assert!(found.iter().any(|finding| finding["found"].as_str().unwrap().contains("app.sight")), "{doctor}");
}

#[tokio::test]
async fn doctor_tells_whether_the_server_holds_to_the_scope() {
    let sites = Sites::new("scope_doctor", "").await;
    let scope = |target: &str| {
        let ran = sites.shell.run(&["doctor", "--format", "json", "--target", target]);
        let json: Json = serde_json::from_str(&ran.out).unwrap();
        let findings = json["findings"].as_array().unwrap().clone();
        let found = findings.iter().filter(|finding| finding["subject"] == "scope");
        found.map(|finding| format!("{} {}", finding["severity"], finding["found"])).collect::<Vec<_>>().join("\n")
    };
    let prod = scope("prod");
    assert!(prod.contains("\"ok\" \"policies bind this login on 1 table; 3 to choose from\""), "{prod}");
    assert!(prod.contains("1 policy expression cast the setting as it is"), "{prod}");
    assert!(scope("open").contains("\"warn\" \"not enforced (superuser)"), "{}", scope("open"));
}

#[tokio::test]
async fn an_action_writes_to_its_scope_alone_and_the_record_names_it() {
    let sites = Sites::new("scope_act", "").await;
    let act = |more: &[&str]| sites.shell.run(&[&["act", "jobs", "close", "--yes", "--json"], more].concat());
    let ran = act(&["a-job-1"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.err.contains("no site chosen: nothing is written") && ran.err.contains("--scope"), "{}", ran.err);
    assert_ne!(act(&["a-job-1", "--scope", "Market"]).code, Some(0), "nobody knows which");
    let other = act(&["a-job-1", "--scope", &id('b')]);
    assert_ne!(other.code, Some(0), "another's row is not there: {other:?}");
    let done = act(&["a-job-1", "a-job-2", "--scope", "harbor"]).json();
    assert_eq!((&done["outcome"], &done["scope"]["label"]), (&json!("done"), &json!("Harbor")));
    assert_eq!(sites.closed().await, ["a-job-1", "a-job-2"]);
    let record = sites.shell.run(&["audit", "--format", "json"]).json();
    let line = |line: &&Json| line["outcome"]["outcome"] == "done";
    let line = record["entries"].as_array().unwrap().iter().find(line).unwrap();
    let recorded = line["intent"]["id"].as_str().unwrap();
    let undo = |scope: &str| sites.shell.run(&["act", "--undo", recorded, "--yes", "--scope", scope]);
    for scope in ["Wharf", "all"] {
        let ran = undo(scope);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains("in the scope Harbor") && ran.err.contains("nothing is written"), "{}", ran.err);
    }
    assert_eq!(sites.closed().await, ["a-job-1", "a-job-2"]);
    assert_eq!(undo("harbor").code, Some(0));
    assert!(sites.closed().await.is_empty());
    assert_eq!(act(&["a-job-1", "a-job-2", "--scope", "harbor"]).code, Some(0));
    // A set is of one site too.
    sites.run("UPDATE jobs SET state = 'closed' WHERE id = 'b-job-1'").await;
    let purged =
        sites.shell.run(&["act", "jobs", "purge", "--yes", "--confirm", "2", "--json", "--scope", "Harbor"]).json();
    assert_eq!(purged["rows"].as_array().unwrap().len(), 2);
    assert_eq!(sites.closed().await, ["b-job-1"]);
    let record = sites.shell.run(&["audit"]).out;
    assert!(record.contains("jobs.close (Harbor)") && record.contains("jobs.purge (Harbor)"), "{record}");
    let lines = std::fs::read_to_string(sites.shell.state().join("audit.jsonl")).unwrap();
    let scopes: Vec<Json> =
        lines.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()["scope"].clone()).collect();
    assert!(scopes.contains(&json!({"id": id('a'), "label": "Harbor"})), "{scopes:?}");
}

#[tokio::test]
async fn a_pack_is_tried_within_a_scope_and_its_tests_name_theirs() {
    let sites = Sites::new("scope_tried", "").await;
    // Also through a pooler, and as often as one likes.
    for target in ["direct", "prod", "prod", "prod"] {
        let check = ["packs", "check", ".config/opsdash/packs/sites", "--live", "--target", target];
        let ran = sites.shell.run(&check);
        assert_eq!(ran.code, Some(0), "{target}: {ran:?}");
        assert!(ran.out.contains("a row tried in 2 of 3 views"), "{}", ran.out);
        // Within the scope that is named, and no other: this site has no job.
        sites.run(&format!("UPDATE jobs SET site = '{}' WHERE site = '{}'", id('a'), id('b'))).await;
        let ran = sites.shell.run(&[&check[..], &["--scope", &id('b')]].concat());
        assert!(ran.code == Some(0) && ran.out.contains("a row tried in 1 of 3 views"), "{target}: {ran:?}");
    }
    sites.run(&format!("UPDATE jobs SET site = '{}' WHERE id LIKE 'b%'", id('b'))).await;
    let test = format!(
        "[[fixture]]\nsql = '''{}'''\n[[test]]\nname = \"one\"\nview = \"jobs\"\nscope = \"{a}\"\nas = \"sites_ops\"\n\
         act = [{{ action = \"close\", key = [\"a-job-1\"] }}, {{ action = \"close\", key = [\"b-job-1\"], outcome = \"refused\" }}]\n\
         row = [{{ key = [\"a-job-1\"], cells = {{ state = \"closed\" }} }}, {{ key = [\"a-job-2\"] }}, {{ key = [\"a-job-3\"] }}]\n\
         [[test]]\nname = \"none\"\nview = \"jobs\"\nas = \"sites_ops\"\nfails = \"row-level security\"\n\
         [[test]]\nname = \"all\"\nview = \"jobs\"\nothers = true\nrow = [{{ key = [\"c-job-3\"] }}]\n",
        super::DATABASE,
        a = id('a')
    );
    sites.shell.write(".config/opsdash/packs/sites/tests/jobs.toml", &test).unwrap();
    let on = format!("main={}", sites.server.admin_url());
    let ran = sites.shell.run(&["packs", "test", ".config/opsdash/packs/sites", "--on", &on]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}
