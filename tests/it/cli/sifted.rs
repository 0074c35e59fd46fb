//! The language of the screen's filter in the shell: which rows are printed, in which order, and what of them.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    process::Stdio,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use opsdash_testbed::{
    pty::Terminal,
    sample::cybersensei::{fresh_database, fresh_files},
    shell::{Ran, Shell},
};
use serde_json::Value as Json;

use crate::support::{NOWHERE, lab};

#[track_caller]
fn json(ran: &Ran) -> Json {
    serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}{}", ran.out, ran.err))
}

#[track_caller]
fn show(shell: &Shell, arguments: &[&str]) -> Json {
    let ran = shell.run(&[&["show"], arguments, &["--format", "json"]].concat());
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.err);
    json(&ran)
}

fn rows(json: &Json) -> &[Json] {
    json["rows"].as_array().unwrap()
}

fn values<'a>(json: &'a Json, column: &str) -> Vec<&'a Json> {
    rows(json).iter().map(|row| &row["values"][column]).collect()
}

#[tokio::test]
async fn filters_choose_the_rows_of_every_format_and_the_counts_stay_those_of_all() {
    let shell = lab(&fresh_database("sifted_where").await.unwrap(), NOWHERE);
    let all = show(&shell, &["tenants"]);
    let some = show(&shell, &["tenants", "--where", "name:lab-01", "--where", "severity!=ok"]);
    let wanted: Vec<&str> = rows(&all)
        .iter()
        .filter(|row| row["severity"] != "ok" && row["values"]["name"].as_str().unwrap().contains("lab-01"))
        .map(|row| row["key"].as_str().unwrap())
        .collect();
    let shown: Vec<&str> = rows(&some).iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert!(!wanted.is_empty() && shown == wanted, "{shown:?} {wanted:?}");
    assert_eq!((&some["counts"], &some["matched"]), (&all["counts"], &wanted.len().into()));
    assert_eq!((&all["matched"], &some["truncated"], &some["schema"]), (&Json::Null, &false.into(), &1.into()));
    for (format, heading) in [("table", 1), ("csv", 1), ("markdown", 2)] {
        // Ages would go on from one run to the next.
        let shown = ["--columns", "name,why", "--format", format];
        let arguments = [&["show", "tenants", "--where", "name:lab-01 !severity:ok"], &shown[..]].concat();
        let ran = shell.run(&arguments);
        assert_eq!(ran.out.lines().count(), wanted.len() + heading, "{}{}", ran.out, ran.err);
        let bare = shell.run(&[&arguments[..], &["--no-header"]].concat());
        // Without a title a column may be narrower.
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let below: Vec<Vec<String>> = ran.out.lines().skip(heading).map(words).collect();
        assert_eq!(bare.out.lines().map(words).collect::<Vec<_>>(), below, "{format}");
    }
    let first =
        shell.run(&["show", "tenants", "--where", "name:lab", "--limit", "2", "--format", "csv", "--no-header"]);
    assert_eq!(first.out.lines().count(), 2);
    assert!(first.err.contains("the first 2 of 40 rows that pass"), "{}", first.err);
    let none = shell.run(&["show", "tenants", "--where", "name:nobody"]);
    assert_eq!(none.code, Some(0));
    assert!(none.err.contains("none of 40 rows passes"), "{}", none.err);
}

#[tokio::test]
async fn ages_and_what_is_left_are_filtered_as_the_tab_shows_them() {
    let shell = lab(&fresh_database("sifted_ages").await.unwrap(), NOWHERE);
    let all = show(&shell, &["licenses"]);
    let now: jiff::Timestamp = all["at"].as_str().unwrap().parse().unwrap();
    let is_soon = |row: &&Json| {
        let end = row["values"]["expires_at"].as_str().and_then(|end| end.parse::<jiff::Timestamp>().ok());
        end.is_some_and(|end| end.duration_since(now).as_hours() < 24 * 30)
    };
    let soon = rows(&all).iter().filter(is_soon).count();
    assert!(soon > 0 && soon < rows(&all).len());
    assert_eq!(rows(&show(&shell, &["licenses", "--where", "expires<30d"])).len(), soon);
    assert_eq!(rows(&show(&shell, &["licenses", "--where", "!expires<30d"])).len(), rows(&all).len() - soon);
    let full = show(&shell, &["licenses", "--where", "used>=100%"]);
    assert!(
        rows(&full)
            .iter()
            .all(|row| row["values"]["usage_count"].as_u64() >= row["values"]["max_usage_count"].as_u64())
    );
}

#[tokio::test]
async fn rows_are_sorted_by_any_column_over_all_of_them() {
    let shell = lab(&fresh_database("sifted_sort").await.unwrap(), NOWHERE);
    let numbers = |arguments: &[&str]| -> Vec<u64> {
        let sorted = show(&shell, &[&["errors", "--set", "level=all"], arguments].concat());
        values(&sorted, "events").into_iter().map(|value| value.as_u64().unwrap()).collect()
    };
    let up = numbers(&["--sort", "events"]);
    assert!(up.len() > 3 && up.is_sorted());
    for down in [["--sort", "events:desc"], ["--sort", "-events"]] {
        assert!(numbers(&down).iter().rev().is_sorted());
    }
    assert_eq!(numbers(&["--sort=-events", "--limit", "1"]), up.last().copied().as_slice());
    let both = show(&shell, &["licenses", "--sort", "status", "--sort", "key:desc"]);
    let pairs: Vec<(String, std::cmp::Reverse<String>)> = rows(&both)
        .iter()
        .map(|row| {
            let text = |name: &str| row["values"][name].as_str().unwrap().to_owned();
            (text("status"), std::cmp::Reverse(text("key")))
        })
        .collect();
    assert!(pairs.is_sorted(), "{pairs:?}");
    let last = show(&shell, &["tenants", "--sort", "last metric", "--where", "!last-metric="]);
    let seen: Vec<&str> = values(&last, "last_metric_at").into_iter().map(|value| value.as_str().unwrap()).collect();
    assert!(seen.iter().rev().is_sorted(), "the smallest age is the latest: {seen:?}");
}

#[tokio::test]
async fn columns_are_chosen_by_title_or_name_in_every_format() {
    let shell = lab(&fresh_database("sifted_columns").await.unwrap(), NOWHERE);
    let chosen = |format: &str, columns: &str| {
        let ran = shell.run(&["show", "licenses", "--columns", columns, "--limit", "2", "--format", format]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran
    };
    let first = |ran: &Ran| ran.out.lines().next().unwrap().to_owned();
    assert_eq!(first(&chosen("csv", "tenant,expires,severity")), "tenant,expires_at,severity");
    assert_eq!(first(&chosen("csv", "row_key,why,reason,has_notes")), "row_key,why,reason,has_notes");
    let heading = first(&chosen("table", "contact,used,severity"));
    assert_eq!(heading.split_whitespace().collect::<Vec<_>>(), ["contact", "used", "severity"]);
    assert!(first(&chosen("markdown", "tenant,status")).starts_with("| tenant "));
    let json = json(&chosen("json", "tenant,severity,expires"));
    let row = &rows(&json)[0];
    assert_eq!(row["values"].as_object().unwrap().keys().collect::<Vec<_>>(), ["tenant", "expires_at"]);
    assert!(row["key"].is_string() && row["severity"].is_string() && row["why"].is_string());
}

#[tokio::test]
async fn nothing_is_cut_where_nobody_watches() {
    let shell = lab(&fresh_database("sifted_pipe").await.unwrap(), NOWHERE);
    let set = ["show", "errors", "--set", "level=all"];
    let piped = shell.run(&set).out;
    let messages = show(&shell, &set[1..]);
    assert!(values(&messages, "message").iter().any(|text| text.as_str().unwrap().len() > 60));
    for message in values(&messages, "message") {
        let line = opsdash_core::text::one_line(message.as_str().unwrap()).into_owned();
        assert!(piped.contains(&line), "{line}\n{piped}");
    }
    assert!(!piped.contains('…'), "{piped}");
    let mut terminal = Terminal::start(&shell.program(&set), 80, 24).unwrap();
    assert_eq!(terminal.wait_for_exit().unwrap().exit_code(), 0);
    assert!(terminal.text().contains('…') && terminal.text().contains("no room for"), "{}", terminal.text());
}

#[tokio::test]
async fn what_a_view_does_not_have_is_told_before_anything_is_asked() {
    let shell = lab("postgres://nobody@127.0.0.1:9/central", NOWHERE);
    for (arguments, said) in [
        (["--where", "foo:bar"], "--where: no column \"foo\"; columns: key, tenant, why, status, expires, used, "),
        (["--where", "expires<30"], "--where: \"30\" has no unit: write 30s, 30h, 30d"),
        (["--where", "/[/"], "--where: /[/: unclosed character class"),
        (["--sort", "expirse"], "--sort: no column \"expirse\"; did you mean expires?; columns: key, tenant"),
        (["--columns", "tenant,nope"], "--columns: no column \"nope\"; columns: key, tenant"),
    ] {
        let ran = shell.run(&[&["show", "licenses"], &arguments[..]].concat());
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    let ran = shell.run(&["show", "log"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("what the screen calls Log is error_log"), "{}", ran.err);
    let ran = shell.run(&["check", "servers"]);
    assert!(ran.err.contains("the tab Servers has pg_activity, pg_server"), "{}", ran.err);
}

#[tokio::test]
async fn a_row_is_named_by_what_the_screen_shows_when_it_is_one() {
    let shell = lab(&fresh_database("sifted_names").await.unwrap(), NOWHERE);
    let licenses = show(&shell, &["licenses"]);
    let (mask, id) = (&rows(&licenses)[0]["values"]["key"], &rows(&licenses)[0]["key"]);
    for name in [mask, id].map(|name| name.as_str().unwrap()) {
        let one = show(&shell, &["licenses", "--key", name]);
        assert_eq!((rows(&one).len(), &rows(&one)[0]["key"]), (1, id), "{name}");
        let ran = shell.run(&["act", "licenses", "note", name, "--set", "note=x", "--dry-run", "--json"]);
        assert_eq!(&json(&ran)["rows"][0]["key"], id, "{}{}", ran.out, ran.err);
    }
    let several = |json: &Json| {
        let of = |name: &Json| rows(json).iter().filter(|row| &row["values"]["tenant"] == name).count();
        rows(json).iter().map(|row| &row["values"]["tenant"]).find(|name| of(name) > 1).unwrap().clone()
    };
    let name = several(&licenses);
    let name = name.as_str().unwrap();
    let ran = shell.run(&["show", "licenses", "--key", name]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("name one by its key:\n  "), "{}", ran.err);
    let ran = shell.run(&["act", "licenses", "note", name, "--set", "note=x", "--dry-run"]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("name one by its key") && ran.err.contains("nothing is written"), "{}", ran.err);
    let ran = shell.run(&["show", "licenses", "--key", "nobody"]);
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    assert!(ran.err.contains("no row of licenses is \"nobody\""), "{}", ran.err);
    let ran = shell.run(&["act", "licenses", "note", "nobody", "--set", "note=x", "--dry-run"]);
    assert_ne!(ran.code, Some(0), "{}", ran.out);
}

#[tokio::test]
async fn a_file_is_named_by_its_version_or_its_name() {
    let shell = lab(&fresh_database("sifted_files").await.unwrap(), &fresh_files("sifted_files").await.unwrap());
    let updates = show(&shell, &["updates"]);
    let row = rows(&updates).iter().find(|row| row["values"]["version"] == "1.8.0").unwrap();
    for name in ["version", "filename"].map(|name| row["values"][name].as_str().unwrap()) {
        let ran = shell.run(&["files", "verify", name, "--json"]);
        assert_eq!(&json(&ran)["files"][0]["key"], &row["key"], "{name}: {}{}", ran.out, ran.err);
    }
    let got = shell.run(&["files", "get", row["values"]["version"].as_str().unwrap()]);
    assert_eq!(got.code, Some(0), "{}", got.err);
}

#[tokio::test]
async fn watching_prints_round_after_round_until_it_is_stopped() {
    let shell = lab(&fresh_database("sifted_watch").await.unwrap(), NOWHERE);
    let arguments = ["show", "tenants", "--where", "name:lab-001", "--columns", "name", "--no-header", "--watch", "1"];
    let mut child = shell.command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    for _ in 0..2 {
        let time = lines.next().unwrap();
        assert!(time.starts_with("# 20") && time.ends_with('Z'), "{time}");
        assert_eq!(lines.next().unwrap(), "lab-001");
    }
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::SIGINT as i32));
    let mut terminal = Terminal::start(&shell.program(&["show", "tenants", "--watch", "1"]), 80, 24).unwrap();
    terminal.wait_for("every 1s, 20 more lines below").unwrap();
    terminal.press("\u{3}").unwrap();
    assert!(!terminal.wait_for_exit().unwrap().success());
}
