//! The choices under which a query is in the order of severities.

use super::*;

/// The demo, whose queues have a facet and these words.
fn with(words: &str) -> Result<Pack, Problems> {
    let facet = "[[facet]]\nname = \"state\"\nchoices = [\"failed\", \"all\"]\n";
    let mut files = demo();
    files.files.insert("queues.toml".into(), format!("{words}\n{QUEUES}{facet}"));
    files.files.insert("queues.sql".into(), "SELECT :job, :state".into());
    load(&[files], &[])
}

fn wrong(words: &str) -> String {
    with(words).unwrap_err().to_string()
}

#[test]
fn a_query_is_ordered_under_the_choices_that_its_view_names() {
    let pack = with("ordered = { state = [\"failed\"] }").unwrap();
    let values = |state: &str| [("state".to_owned(), state.to_owned())].into();
    let queues = pack.view(pack.find("queues").unwrap());
    assert!(queues.is_ordered(&values("failed")) && !queues.is_ordered(&values("all")));
    let jobs = pack.view(pack.find("jobs").unwrap());
    assert!(!jobs.is_ordered(&values("failed")), "a view that does not say so never is");
}

#[test]
fn names_and_choices_that_are_not_there_are_told() {
    let problems = wrong("ordered = { stat = [\"failed\"], state = [\"faild\"] }");
    for told in [
        "queues.toml:1: there is no facet \"stat\"\n    did you mean \"state\"?",
        "queues.toml:1: the facet \"state\" has no choice \"faild\"\n    did you mean \"failed\"?",
    ] {
        assert!(problems.contains(told), "{problems}");
    }
    let none = wrong("ordered = { state = [] }");
    assert!(none.contains("no choice of \"state\"\n    list those under which the rows come worst first"), "{none}");
}

#[test]
fn rows_that_something_else_judges_are_in_no_order_of_their_own() {
    for (file, text) in [("jobs.toml", JOBS), ("packages.toml", PACKAGES)] {
        let mut files = demo();
        files.files.insert(file.into(), format!("ordered = {{ state = [\"failed\"] }}\n{text}"));
        let problems = load(&[files], &[]).unwrap_err().to_string();
        assert!(problems.contains("\"ordered\" where something else judges the rows too\n    remove it"), "{problems}");
    }
}
