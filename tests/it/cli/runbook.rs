//! `opsdash runbook`: what is printed, and that no server is needed for it.

use opsdash_testbed::shell::Shell;

use crate::support::{NO_FILES, lab, shell, target};

/// A server that nobody runs.
const NO_MAIN: &str = "postgres://opsdash@127.0.0.1:9/central";

fn home() -> Shell {
    lab(NO_MAIN, NO_FILES)
}

/// A small pack over ours, with a tick that rows decide and a placeholder.
fn with_own_words(shell: &Shell) {
    let words = "[[runbook]]\nid = \"call\"\ntitle = \"Whom to call\"\ntext = \"Ring [on call].\"\n\
                 [[checklist]]\nid = \"calm\"\ntitle = \"All is calm\"\n[[checklist.tick]]\nid = \"licenses\"\n\
                 says = \"No license needs somebody.\"\nview = \"licenses\"\nrunbook = \"call\"\n[placeholder]\n\"on call\" = \"\"\n";
    shell.write(".config/opsdash/packs/cybersensei/runbook.toml", words).unwrap();
}

#[test]
fn a_runbook_is_there_when_no_server_is_and_labels_what_destroys() {
    let ran = home().run(&["runbook", "does not start"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    for text in
        ["PostgreSQL does not start  (postgres_down)  DESTRUCTIVE", "down -v", "DESTRUCTIVE: loses every database"]
    {
        assert!(ran.out.contains(text), "{text}: {}", ran.out);
    }
    assert!(!ran.out.contains("Back up MongoDB"), "{}", ran.out);
}

#[test]
fn programs_get_every_step_with_its_label_and_tickets_get_markdown() {
    let home = home();
    let json = home.run(&["runbook", "vacuum", "--format", "json"]).json_of(0);
    let step = &json["entries"][0]["steps"][2];
    assert_eq!((&json["schema"], &json["entries"][0]["label"]), (&1.into(), &"LOCKING".into()));
    assert_eq!((&step["command"], &step["label"]), (&"VACUUM FULL;".into(), &"LOCKING".into()));
    assert!(step["locks"].as_str().unwrap().contains("every read and write"), "{step}");
    let markdown = home.run(&["runbook", "vacuum", "--format", "markdown"]).out;
    assert!(
        markdown.contains("   ```\n   VACUUM FULL;\n   ```") && markdown.contains("**LOCKING**: locks"),
        "{markdown}"
    );
    let security = home.run(&["runbook", "security", "--format", "markdown"]).out;
    assert!(security.contains("### Backups\n\n- [ ] Both databases"), "{security}");
}

#[test]
fn words_that_nothing_has_and_a_system_without_a_runbook_are_usage_errors() {
    let ran = home().run(&["runbook", "zebra"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("nothing with \"zebra\""), "{}", ran.err);
    let shell =
        shell("[targets.shop]\nsystem = \"shop\"\n[targets.shop.sources.main]\nurl = \"postgres://127.0.0.1:9/x\"\n");
    assert_eq!(shell.run(&["packs", "new", "shop"]).code, Some(0));
    let ran = shell.run(&["runbook"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("shop has no runbook"), "{}", ran.err);
}

#[test]
fn a_tick_that_rows_decide_is_unknown_without_asking_and_without_an_answer() {
    let home = home();
    with_own_words(&home);
    let tick = |arguments: &[&str]| {
        let json = home.run(&[&["runbook", "calm", "--format", "json"], arguments].concat()).json_of(0);
        let tick = &json["checklists"][0]["ticks"][0];
        (tick["state"].as_str().unwrap().to_owned(), tick["why"].as_str().unwrap().to_owned())
    };
    assert_eq!(tick(&[]), ("unknown".into(), "not asked; --ask asks the servers".into()));
    let (state, why) = tick(&["--ask"]);
    assert!(state == "unknown" && why.starts_with("Licenses: unreachable"), "{why}");
}

#[test]
fn a_placeholder_is_told_until_a_layer_fills_it() {
    let home = home();
    with_own_words(&home);
    let ran = home.run(&["runbook", "call"]);
    assert!(ran.out.ends_with("not filled in: [on call]\n"), "{}", ran.out);
    let doctor = home.run(&["doctor", "--format", "json"]).json();
    let findings = doctor["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["subject"] == "runbook [on call]").unwrap();
    assert_eq!(found["severity"], "warn");
    assert!(found["fix"].as_str().unwrap().contains("packs/cybersensei/runbook.toml"), "{found}");
}

#[test]
fn of_several_targets_each_has_its_own() {
    let shell = shell(&[target("a", NO_MAIN, NO_FILES), target("b", NO_MAIN, NO_FILES)].concat());
    let json = shell.run(&["runbook", "security", "--all-targets", "--format", "json"]).json_of(0);
    let targets: Vec<&str> = json.as_array().unwrap().iter().map(|one| one["target"].as_str().unwrap()).collect();
    assert_eq!(targets, ["a", "b"]);
}
