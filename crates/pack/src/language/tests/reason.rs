//! Why rows are as they are, right and wrong.

use super::*;

const REASONS: &str = r#"
[reason.stuck]
says = "stuck for {waiting:duration}[, uses {used} {used|slot|slots}]"
means = "A worker took it and never came back."
do = ["Ask the worker's owner.", { says = "see its queue", link = "queues" }]
echo_of = "queues"

[reason.source_down]
says = "nobody can tell: {finding}"

[reason.crowded]
means = "Too many wait."
"#;

/// The demo with reasons: those of jobs, of queues (which come to attention), and of what is joined to jobs.
fn with(jobs: &str, queues: &str) -> Result<Pack, Problems> {
    let mut files = demo();
    // Words of the view itself stand before its tables.
    let (own, tables) = jobs.split_once("---").unwrap_or(("", jobs));
    files.files.insert("jobs.toml".into(), format!("attention = true\n{own}{JOBS}{tables}"));
    files.files.insert("jobs.sql".into(), format!("-- stuck, odd\n{JOBS_SQL}"));
    files.files.insert("queues.toml".into(), format!("attention = true\n{QUEUES}{queues}"));
    files.files.insert("queues.sql".into(), "SELECT 'full' AS reason WHERE :job IS NULL".into());
    let crowded = format!("{WAITING}\n[reason.crowded]\nsays = \"{{waiting}} wait\"\n");
    files.files.insert("waiting_by_job.toml".into(), crowded);
    files.files.insert("waiting_by_job.sql".into(), "SELECT 'crowded' AS reason".into());
    load(&[files], &[])
}

fn wrong(jobs: &str) -> String {
    with(jobs, "").unwrap_err().to_string()
}

#[test]
fn a_reason_is_read_as_it_is_written() {
    let pack = with(
        &format!("name = [\"id\", \"state\"]\ncause = {{ reach = \"waiting\", since = \"size\" }}\n---{REASONS}"),
        "",
    )
    .unwrap();
    let jobs = &pack.views[0];
    let stuck = &jobs.reasons["stuck"];
    let cell = |column, format| TemplatePart::Cell { column, format };
    let text = |text: &str| TemplatePart::Text(text.into());
    let slots = TemplatePart::Plural { column: 2, one: "slot".into(), many: "slots".into() };
    let vanishes = vec![text(", uses "), cell(2, Format::Text), text(" "), slots];
    let says = vec![text("stuck for "), cell(4, Format::Duration), TemplatePart::Optional(vanishes)];
    assert_eq!(stuck.says.as_ref().unwrap().parts, says);
    assert_eq!(stuck.says.as_ref().unwrap().columns().collect::<Vec<_>>(), [4, 2, 2]);
    assert_eq!(stuck.means, "A worker took it and never came back.");
    let remedy = |says: &str, by| Remedy { says: says.into(), by };
    let remedies = [remedy("Ask the worker's owner.", None), remedy("see its queue", Some(RemedyBy::Link(0)))];
    assert_eq!(stuck.remedies, remedies);
    assert_eq!(stuck.echo_of, Some(ViewId(1)));
    assert_eq!(jobs.reasons["source_down"].says.as_ref().unwrap().parts[1], TemplatePart::Finding);
    assert_eq!((jobs.name.as_slice(), jobs.cause), (&[0, 1][..], Some(Cause { reach: 4, since: 3 })));
}

#[test]
fn what_to_do_leads_to_an_entry_of_the_runbook() {
    let told = |id: &str| {
        let mut files = demo();
        let reason = format!("[reason.stuck]\nsays = \"stuck\"\ndo = [{{ says = \"read\", runbook = \"{id}\" }}]\n");
        files.files.insert("jobs.toml".into(), format!("{JOBS}{reason}"));
        files.files.insert("jobs.sql".into(), format!("-- stuck\n{JOBS_SQL}"));
        let runbook = "[[runbook]]\nid = \"restart\"\ntitle = \"Restart\"\ntext = \"It helps.\"\n";
        files.files.insert("runbook.toml".into(), runbook.into());
        load(&[files], &[])
    };
    let pack = told("restart").unwrap();
    assert_eq!(pack.views[0].reasons["stuck"].remedies[0].by, Some(RemedyBy::Runbook(0)));
    let wrong = told("restrat").unwrap_err().to_string();
    assert!(wrong.contains("the runbook has no entry \"restrat\"") && wrong.contains("\"restart\""), "{wrong}");
}

#[test]
fn a_view_describes_the_reasons_of_what_is_joined_before_that_does() {
    let pack = with(REASONS, "").unwrap();
    assert_eq!(pack.reason(ViewId(0), "crowded").unwrap().means, "Too many wait.");
    let pack = with("", "").unwrap();
    assert!(pack.reason(ViewId(0), "crowded").unwrap().says.is_some(), "the joined view's own words");
    assert_eq!(pack.reason(ViewId(0), "stuck"), None);
}

#[test]
fn a_sentence_shows_only_what_a_row_has_and_may_show() {
    for (says, told) in [
        ("for {since}", "unknown column \"since\" in a sentence"),
        ("for {size:days}", "\"{size:days}\" has a format that no sentence can show"),
        ("for {size:spark}", "\"{size:spark}\" has a format that no sentence can show"),
        ("for {trend:text}", "the column \"trend\" is filled for the rows on screen alone"),
        ("for {size", "a { without its } at the end"),
        ("[for ever]", "a part in brackets that never vanishes"),
        ("for {finding}", "unknown column \"finding\" in a sentence"),
    ] {
        let problems = wrong(&format!("[reason.stuck]\nsays = \"{says}\"\n"));
        assert!(problems.starts_with("packs/demo/jobs.toml:") && problems.contains(told), "{says}: {problems}");
    }
    let secret = "[[column]]\nname = \"token\"\nformat = \"secret\"\n[reason.stuck]\nsays = \"has {token:text}\"";
    assert!(wrong(secret).contains("the column \"token\" is a secret"), "{}", wrong(secret));
    let named = "name = [\"token\"]\n---[[column]]\nname = \"token\"\nformat = \"secret\"\n";
    assert!(wrong(named).contains("the column \"token\" is a secret"), "{}", wrong(named));
}

#[test]
fn what_a_reason_names_is_there() {
    for (reason, told) in [
        ("[reason.stcuk]", "the query does not name the reason \"stcuk\""),
        ("[reason.stuc]", "the query does not name the reason \"stuc\""),
        ("[reason.Stuck]", "the reason \"Stuck\" is no identifier"),
        ("[reason.stuck]\nmeans = \"longer than {late_aftr}\"", "the view has no threshold \"late_aftr\""),
        ("[reason.stuck]\nmeans = \"longer than {late_after\"", "the view has no threshold"),
        ("[reason.stuck]\necho_of = \"queue\"", "unknown view \"queue\""),
        ("[reason.stuck]\necho_of = \"packages\"", "whose rows never come to attention"),
        ("[reason.stuck]\ndo = [{ says = \"go\", link = \"packages\" }]", "no link of this view opens \"packages\""),
        ("[reason.stuck]\ndo = [{ says = \"go\", action = \"stop\" }]", "this view has no action \"stop\""),
        ("[reason.stuck]\ndo = [{ link = \"queues\" }]", "has no \"says\""),
        ("[reason.stuck]\ndo = [1]", "\"do\" wants a list of texts or tables"),
        ("[reason.no_scope]\nsays = \"x\"", "nothing brings about the reason \"no_scope\" here"),
        ("[[column]]\nname = \"reason\"\n[reason.stuck]", "a column \"reason\" in a view with [reason.<id>]"),
    ] {
        let problems = wrong(reason);
        assert!(problems.starts_with("packs/demo/jobs.toml:") && problems.contains(told), "{reason}: {problems}");
    }
    let alone = with("", "[reason.source_down]\nsays = \"gone\"").unwrap_err().to_string();
    assert!(alone.contains("nothing brings about the reason \"source_down\" here"), "{alone}");
}

#[test]
fn views_that_echo_each_other_are_refused() {
    let echo = "[reason.stuck]\necho_of = \"queues\"\n";
    let problems = with(echo, "[reason.full]\necho_of = \"jobs\"").unwrap_err().to_string();
    assert!(problems.contains("the views \"jobs\" and \"queues\" echo each other"), "{problems}");
    let itself = wrong("[reason.stuck]\necho_of = \"jobs\"");
    assert!(itself.contains("the views \"jobs\" and \"jobs\" echo each other"), "{itself}");
}

#[test]
fn an_upper_layer_says_it_in_other_words() {
    let mut lower = demo();
    lower.files.insert("jobs.sql".into(), format!("-- stuck\n{JOBS_SQL}"));
    let toml = format!("{JOBS}[reason.stuck]\nsays = \"stuck\"\nmeans = \"It hangs.\"\ndo = [\"wait\"]\n");
    lower.files.insert("jobs.toml".into(), toml);
    let upper = folder("demo", "mine", &[("jobs.toml", "[reason.stuck]\nsays = \"coince\"\ndo = [\"attendre\"]\n")]);
    let pack = load(&[lower, upper], &[]).unwrap();
    let stuck = &pack.views[0].reasons["stuck"];
    assert_eq!(stuck.says.as_ref().unwrap().parts, [TemplatePart::Text("coince".into())]);
    assert_eq!(
        (stuck.means.as_str(), stuck.remedies.len(), stuck.remedies[0].says.as_str()),
        ("It hangs.", 1, "attendre")
    );
}
