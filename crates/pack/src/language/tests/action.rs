//! Actions, right and wrong.

use super::*;

const ACTION: &str = r#"
[[action]]
id = "close"
title = "Close"
press = "x"
rows = "many"
preview = "jobs.preview.sql"
when = { state = ["open", "null"] }
sql = "jobs.close.sql"
undo = "jobs.open.sql"
ask = [{ name = "note", prompt = "Why", kind = "multiline", optional = true }, { name = "until", prompt = "Until", kind = "date", after = "now" }]
confirm = { danger = "high", type = "id", last = 4 }
change = { state = "closed", note = ":note" }
batch = 100
most = 1000
reload = ["queues"]
"#;

const PREVIEW: &str =
    "SELECT id AS key, state, late FROM jobs WHERE id = ANY (:keys) AND :late_after::text IS NOT NULL";
const CLOSE: &str = "UPDATE jobs SET state = 'closed', note = :note, until = :until::date, who = :operator \
                     FROM unnest(:keys::text[], :seen_state::text[]) AS seen (id, state) \
                     WHERE jobs.id = seen.id AND jobs.state = seen.state RETURNING jobs.id AS key";
const OPEN: &str = "UPDATE jobs SET state = ours.was FROM unnest(:keys::text[], :before_state::text[], :after_state::text[]) \
                    AS ours (id, was, state) WHERE jobs.id = ours.id AND jobs.state = ours.state RETURNING jobs.id AS key";

fn with(changes: &[(&str, &str)]) -> Result<Pack, Problems> {
    load(&[files(changes)], &[])
}

/// The files of the demo with the action.
pub(super) fn files(changes: &[(&str, &str)]) -> PackFiles {
    let apply = |text: &str| changes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let mut files = demo();
    files.files.insert("jobs.toml".into(), format!("{JOBS}{}", apply(ACTION)));
    for (name, text) in [("jobs.preview.sql", PREVIEW), ("jobs.close.sql", CLOSE), ("jobs.open.sql", OPEN)] {
        files.files.insert(name.into(), apply(text));
    }
    assert!(changes.iter().all(|(from, _)| [ACTION, PREVIEW, CLOSE, OPEN].iter().any(|text| text.contains(from))));
    files
}

#[test]
fn an_action_is_read_as_it_is_written() {
    let pack = with(&[]).unwrap();
    let action = &pack.views[0].actions[0];
    assert_eq!(
        (action.id.as_str(), action.press, action.many, action.batch, action.most),
        ("close", 'x', true, 100, 1000)
    );
    assert_eq!(action.when, [("state".to_owned(), vec![Some("open".to_owned()), None])]);
    assert_eq!(action.prompts[1].kind, PromptKind::Date { future: true });
    assert_eq!(action.danger, Danger::High { column: "id".into(), last: Some(4) });
    assert_eq!(action.change[0], ("note".to_owned(), PlannedValue::Asked("note".into())));
    assert_eq!(action.reload, [ViewId(0), ViewId(1)]);
    let lists: Vec<&str> =
        action.sql.params().iter().filter(|param| param.is_list).map(|param| param.name.as_str()).collect();
    assert_eq!(lists, ["keys", "seen_state"]);
}

#[test]
fn what_is_said_of_a_refusal_is_about_a_condition_and_leads_to_an_action_that_the_view_has() {
    let when = "when = { state = [\"open\", \"null\"] }\n";
    let with_otherwise = |otherwise: &str| with(&[(when, &format!("{when}otherwise = {{ {otherwise} }}\n"))]);
    let said = with_otherwise("state = { says = \"is {state} already\" }").unwrap();
    let parts = &said.views[0].actions[0].otherwise["state"].says;
    let cell = OtherwisePart::Cell("state".into());
    assert_eq!(parts, &[OtherwisePart::Text("is ".into()), cell, OtherwisePart::Text(" already".into())]);
    for (otherwise, problem) in [
        ("late = { says = \"is late\" }", "\"otherwise\" of \"late\", which \"when\" does not name"),
        ("state = { says = \"is {state:age}\" }", "a sentence of \"otherwise\" with more than columns"),
        ("state = { says = \"is {state\" }", "jobs.toml"),
        ("state = { says = \"is closed\", action = \"open\" }", "this view has no other action \"open\""),
        ("state = { says = \"is closed\", action = \"close\" }", "this view has no other action \"close\""),
    ] {
        let problems = with_otherwise(otherwise).unwrap_err().to_string();
        assert!(problems.contains(problem), "{problems}");
    }
}

#[test]
fn every_mistake_of_an_action_is_told_with_its_place_and_remedy() {
    let mistakes: [&[(&str, &str)]; 18] = [
        &[("press = \"x\"", "press = \"q\"")],
        &[("press = \"x\"", "press = \"G\"")],
        &[("press = \"x\"", "press = \"u\"")],
        &[("press = \"x\"", "press = \"xx\"")],
        &[("rows = \"many\"", "rows = \"all\"")],
        &[("when = { state = [\"open\", \"null\"] }", "when = { state = [] }")],
        &[("jobs.open.sql", "jobs.opn.sql")],
        &[("kind = \"multiline\"", "kind = \"txt\"")],
        &[("kind = \"multiline\"", "kind = \"multiline\", choices = [\"a\"]")],
        &[("after = \"now\"", "after = \"then\"")],
        &[("name = \"note\"", "name = \"operator\""), ("\":note\"", "\"\"")],
        &[("danger = \"high\"", "danger = \"low\"")],
        &[(", type = \"id\", last = 4", "")],
        &[("\":note\"", "\":nte\"")],
        &[("batch = 100", "batch = 0")],
        &[(" AND jobs.state = seen.state", ""), (", :seen_state::text[]) AS seen (id, state)", ") AS seen (id)")],
        &[("who = :operator", "who = :operater")],
        &[("SELECT id AS key, state, late FROM jobs", "UPDATE jobs SET late = true")],
    ];
    let told: Vec<String> = mistakes.iter().map(|changes| with(changes).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_users_pack_takes_an_action_away_or_changes_its_words() {
    let mut files = demo();
    files.files.insert("jobs.toml".into(), format!("{JOBS}{ACTION}"));
    for (name, text) in [("jobs.preview.sql", PREVIEW), ("jobs.close.sql", CLOSE), ("jobs.open.sql", OPEN)] {
        files.files.insert(name.into(), text.into());
    }
    let over = |text: &str| load(&[files.clone(), folder("demo", "user", &[("jobs.toml", text)])], &[]).unwrap();
    assert!(over("[[action]]\nid = \"close\"\ndisabled = true\n").views[0].actions.is_empty());
    assert_eq!(over("[[action]]\nid = \"close\"\npress = \"Z\"\n").views[0].actions[0].press, 'Z');
}

/// An action on a set.
const SET: &str = r#"
[[action]]
id = "purge"
title = "Purge"
press = "x"
rows = "set"
query = "jobs.old.sql"
show = ["note"]
delete = { table = "jobs", key = "id", compare = ["state"] }
"#;

const OLD_JOBS: &str = "SELECT id AS key, state, note FROM jobs WHERE age > :late_after::interval";

fn with_set(changes: &[(&str, &str)]) -> Result<Pack, Problems> {
    let apply = |text: &str| changes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    assert!(changes.iter().all(|(from, _)| [SET, OLD_JOBS].iter().any(|text| text.contains(from))), "{changes:?}");
    let mut files = demo();
    files.files.insert("jobs.toml".into(), format!("{JOBS}{}", apply(SET)));
    files.files.insert("jobs.old.sql".into(), apply(OLD_JOBS));
    load(&[files], &[])
}

#[test]
fn a_set_is_found_by_its_query_deletes_what_is_free_and_cannot_be_taken_back() {
    let pack = with_set(&[]).unwrap();
    let action = &pack.views[0].actions[0];
    assert_eq!(action.set.as_ref().unwrap().file(), "packs/demo/jobs.old.sql");
    assert!(action.undo.is_none() && action.effect.deletes() && !action.many);
    assert!(action.effect.rows().unwrap().skips_locked);
    assert!(text(&action.sql).contains("FOR UPDATE SKIP LOCKED"));
}

fn text(statement: &Statement) -> &str {
    match statement {
        Statement::Sql(sql) => &sql.text,
        Statement::Mongo(query) => panic!("{} is no SQL", query.file),
    }
}

#[test]
fn every_mistake_of_a_set_is_told_with_its_place_and_remedy() {
    for (changes, told) in [
        (&[("query = \"jobs.old.sql\"\n", "")][..], "is of a set that no query finds"),
        (&[("rows = \"set\"", "rows = \"many\"")][..], "\"query\" of an action that is not of a set"),
        (&[("rows = \"set\"\n", "")][..], "\"query\" of an action that is not of a set"),
        (
            &[("delete = { table", "update = { set = { state = \"x\" }, table")][..],
            "does something else than to delete its rows",
        ),
        (&[("show = [\"note\"]", "when = { state = [\"done\"] }")][..], "\"when\" of an action of a set"),
        (&[("show = [\"note\"]", "confirm = { danger = \"low\" }")][..], "\"confirm\" of an action of a set"),
        (&[(":late_after::interval", ":keys::interval")][..], "the parameter :keys is not given here"),
        (&[("rows = \"set\"", "rows = \"sets\"")][..], "sets"),
    ] {
        let said = with_set(changes).unwrap_err().to_string();
        assert!(said.contains(told) && said.contains("jobs."), "{told}: {said}");
    }
}
