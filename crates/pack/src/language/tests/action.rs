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
        &[("kind = \"multiline\"", "kind = \"choice\"")],
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
