//! Decisions on rows that nobody wrote.

use std::{collections::BTreeMap, sync::Arc};

use jiff::tz::TimeZone;
use opsdash_pack::{
    dialect::Sql,
    pack::{Danger, Effect, Prompt, PromptKind, Statement},
};

use super::*;
use crate::time::Time;

fn action() -> Action {
    let sql = Arc::new(Statement::Sql(Sql { file: "x.sql".into(), ..Sql::default() }));
    let ask = |name: &str, kind, optional| Prompt { name: name.into(), prompt: format!("{name}?"), kind, optional };
    Action {
        id: "close".into(),
        title: "Close".into(),
        press: 'r',
        set: None,
        many: true,
        preview: sql.clone(),
        effect: Effect::Sql,
        when: vec![("state".into(), vec![Some("open".into()), None])],
        otherwise: BTreeMap::new(),
        sql: sql.clone(),
        undo: Some(sql),
        prompts: vec![
            ask("note", PromptKind::Multiline, true),
            ask("until", PromptKind::Date { future: true }, true),
            ask("to", PromptKind::Choice(vec!["left".into(), "right".into()]), true),
            ask("line", PromptKind::Text, true),
        ],
        danger: Danger::Low,
        change: Vec::new(),
        success: None,
        verified: false,
        batch: 2,
        most: 3,
        reload: Vec::new(),
    }
}

fn record(cells: &[(&str, Option<&str>)]) -> TextRow {
    TextRow(cells.iter().map(|(name, text)| ((*name).to_owned(), text.map(str::to_owned))).collect())
}

fn row(key: &str, state: Option<&str>) -> TextRow {
    record(&[("key", Some(key)), ("state", state), ("changed_by", Some("eve")), ("changed_at", Some("12:00"))])
}

fn rows(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

#[track_caller]
fn refused(result: Result<WritePlan, Vec<Refusal>>) -> Vec<String> {
    result.unwrap_err().into_iter().map(|refusal| format!("{} {}", refusal.key, refusal.why)).collect()
}

#[test]
fn a_row_in_another_state_is_refused_with_who_left_it_so() {
    let previewed = vec![row("1", Some("open")), row("2", None), row("3", Some("closed"))];
    let refused = refused(prepare(&action(), &rows(&["1", "2", "3"]), previewed, BTreeMap::new()));
    assert_eq!(refused, ["3 state is closed, not open or empty; changed by eve at 12:00"]);
}

#[test]
fn a_row_that_is_not_there_or_comes_twice_is_refused() {
    let previewed = || vec![row("1", Some("open"))];
    let prepared = |action: &Action, keys: &[&str]| prepare(action, &rows(keys), previewed(), BTreeMap::new());
    assert_eq!(refused(prepared(&action(), &["1", "9"])), ["9 there is no such row, or nothing of it to write"]);
    assert_eq!(refused(prepared(&action(), &["1", "1"])), ["1 is given twice"]);
    assert_eq!(
        refused(prepared(&Action { many: false, ..action() }, &["1", "2"]))[0],
        " \"close\" takes one row at a time"
    );
    let doubled = prepare(&action(), &rows(&["1"]), [previewed(), previewed()].concat(), BTreeMap::new());
    assert!(refused(doubled)[0].contains("twice"));
}

#[test]
fn members_belong_to_the_rows_that_were_chosen_and_come_in_batches() {
    let member = |key| record(&[("key", Some(key)), ("row", Some("g")), ("state", Some("open"))]);
    let previewed = vec![member("1"), member("2"), member("3")];
    let prepared = prepare(&action(), &rows(&["g"]), previewed.clone(), BTreeMap::new()).unwrap();
    assert_eq!(prepared.batches(&action()).map(<[TextRow]>::len).collect::<Vec<_>>(), [2, 1]);
    let many = [previewed, vec![member("4")]].concat();
    assert!(refused(prepare(&action(), &rows(&["g"]), many, BTreeMap::new()))[0].contains("more than 3 rows"));
}

#[test]
fn what_is_given_is_held_against_what_is_asked() {
    let now = Time(1_800_000_000_000_000);
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    let check = |name: &str, value: &str| check_asked(&action(), &[(name.into(), value.into())], now, &zone);
    let value = |name: &str, value: &str| check(name, value).unwrap().remove(name);
    let wrong = |name: &str, value: &str| check(name, value).unwrap_err().remove(0);
    assert_eq!(value("note", "two\nlines").as_deref(), Some("two\nlines"));
    assert_eq!(value("note", " "), None);
    assert!(wrong("line", "two\nlines").contains("U+000A"));
    assert!(wrong("note", "\u{1b}[2J").contains("U+001B"));
    assert!(wrong("note", "a\u{202e}b").contains("U+202E"));
    assert!(wrong("note", &"x".repeat(1 << 20)).contains("1048576 characters; 4000 are allowed"));
    assert!(wrong("nte", "x").contains("did you mean \"note\"?"));
    assert!(wrong("to", "up").contains("left, right"));
    assert_eq!(value("until", "2030-01-31").as_deref(), Some("2030-01-31 00:00:00"));
    assert_eq!(value("until", "2030-07-01T10:00:00Z").as_deref(), Some("2030-07-01 12:00:00"));
    assert!(wrong("until", "2020-01-31").contains("in the past"));
    assert!(wrong("until", "tomorrow").contains("is no date"));
    for (typed, meant) in
        [("+1d", "2027-01-16 10:00:00"), ("+2h", "2027-01-15 12:00:00"), ("+ 1w", "2027-01-22 10:00:00")]
    {
        assert_eq!(value("until", typed).as_deref(), Some(meant), "{typed}");
    }
    for typed in ["+", "+d", "+30", "+99999999999d", "-1d", "++1d"] {
        assert!(wrong("until", typed).contains("is no date"), "{typed}");
    }
    let given = [("line".to_owned(), "a".to_owned()), ("line".to_owned(), "b".to_owned())];
    assert_eq!(check_asked(&action(), &given, now, &zone).unwrap_err(), ["line is given twice"]);
    let mut strict = action();
    strict.prompts[0].optional = false;
    assert_eq!(check_asked(&strict, &[], now, &zone).unwrap_err(), ["note is asked: note?"]);
}

#[test]
fn danger_and_many_rows_are_typed() {
    let of = |seen: Vec<TextRow>, danger: Danger| {
        confirmation(&Action { danger, ..action() }, &WritePlan { seen, asked: BTreeMap::new() })
    };
    let high = |last| Danger::High { column: "state".into(), last };
    let typed = |confirmation| match confirmation {
        Confirmation::Type { value, .. } => value,
        Confirmation::Yes => "yes".into(),
    };
    assert_eq!(typed(of(vec![row("1", Some("öpen"))], high(Some(3)))), "pen");
    assert_eq!(typed(of(vec![row("1", Some("öpen"))], high(None))), "öpen");
    assert_eq!(typed(of(vec![row("1", None)], high(None))), "1");
    assert_eq!(typed(of(vec![row("1", None), row("2", None)], high(None))), "2");
    assert_eq!(typed(of(vec![row("1", None)], Danger::Low)), "yes");
    assert_eq!(typed(of((0..201).map(|n| row(&n.to_string(), None)).collect(), Danger::Low)), "201");
}

#[test]
fn other_rows_than_those_that_were_asked_for_are_never_enough() {
    let written =
        [record(&[("key", Some("1")), ("done", Some("true"))]), record(&[("key", Some("2")), ("done", None)])];
    let compare = |keys: &[&str], success, written: &[TextRow]| compare(keys.iter().copied(), success, written);
    assert_eq!(compare(&["2", "1"], None, &written), Ok(()));
    assert!(compare(&["1", "2", "3"], None, &written).unwrap_err().contains("2 of 3"));
    assert!(compare(&["1"], None, &written).is_err());
    assert!(compare(&["1", "3"], None, &written).is_err());
    assert!(compare(&["1"], None, &[written[0].clone(), written[0].clone()]).is_err());
    assert!(compare(&["1", "2"], Some("done"), &written).unwrap_err().ends_with("for 2"));
}

#[test]
fn a_changed_row_is_named_with_its_winning_state() {
    let seen = [row("1", Some("open")), row("2", None), row("3", Some("open"))];
    let now = [row("1", Some("closed")), row("2", Some("open"))];
    let told: Vec<String> =
        changes(&action(), &seen, &now, "").iter().map(|row| format!("{} {}", row.key, row.why)).collect();
    assert_eq!(
        told,
        [
            "1 state is closed, not open or empty; changed by eve at 12:00",
            "2 state is open, was empty; changed by eve at 12:00",
            "3 is gone"
        ]
    );
    assert_eq!(changes(&action(), &seen[..1], &seen, "odd")[0].why, "odd");
}

#[test]
fn a_lost_commit_is_resolved_by_the_primary_and_never_guessed() {
    let written = [record(&[
        ("key", Some("1")),
        ("before_state", Some("open")),
        ("after_state", Some("closed")),
        ("before_name", Some("same")),
        ("after_name", Some("same")),
    ])];
    let is = |state: &str| [record(&[("key", Some("1")), ("state", Some(state)), ("name", Some("same"))])];
    let word = |commit, now: &[TextRow]| resolve(&Effect::Sql, &written, commit, now).map(|outcome| outcome.word());
    for (commit, state, expected) in [
        (Commit::Committed, "closed", Some("done")),
        // Somebody changed it since.
        (Commit::Committed, "other", Some("done")),
        (Commit::Committed, "open", Some("unknown")),
        (Commit::Aborted, "open", Some("failed")),
        (Commit::Aborted, "closed", Some("unknown")),
        (Commit::InProgress, "open", None),
        (Commit::InProgress, "closed", None),
        (Commit::Silent, "closed", Some("done")),
        (Commit::Silent, "open", Some("failed")),
        (Commit::Silent, "other", Some("unknown")),
    ] {
        assert_eq!(word(commit, &is(state)), expected, "{commit:?} {state}");
    }
    assert_eq!(word(Commit::Silent, &[]), Some("unknown"), "a row that is gone proves nothing");
    let unproven = [record(&[("key", Some("1")), ("before_x", Some("1"))])];
    assert_eq!(
        resolve(&Effect::Sql, &unproven, Commit::Silent, &is("open")).map(|outcome| outcome.word()),
        Some("unknown")
    );
}

#[test]
fn a_flag_that_is_not_as_it_should_be_is_refused_in_words() {
    let flag = |name: &str, is: &str, wanted: &str| {
        let mut action = action();
        action.when = vec![(name.to_owned(), vec![Some(wanted.to_owned())])];
        let looked = TextRow(vec![("key".into(), Some("1".into())), (name.to_owned(), Some(is.to_owned()))]);
        prepare(&action, &["1".into()], vec![looked], BTreeMap::new()).unwrap_err().remove(0).why
    };
    assert_eq!(flag("resolved", "true", "false"), "is resolved already");
    assert_eq!(flag("is_sent", "true", "false"), "is sent already");
    assert_eq!(flag("paid_in_full", "false", "true"), "is not paid in full");
    assert_eq!(flag("state", "true", "open"), "state is true, not open");
}
