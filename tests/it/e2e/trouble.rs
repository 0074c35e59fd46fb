//! What is seen when something is wrong, and how the program leaves.

use std::{fs, time::Duration};

use nix::sys::signal::Signal;
use opsdash_testbed::{
    forwarder::{Forwarder, Mode},
    pty::{Screen, keys},
    servers::postgres::PostgresServer,
};

use super::{READER, cluster, line, on_pristine, pristine, pristine_files, sample};
use crate::support::*;

/// Asked every second, so that trouble is seen soon, with a second to answer.
fn impatient(main: &str, files: &str) -> String {
    let target = target("lab", main, files)
        .replace("[targets.lab.sources.main]\n", "[targets.lab.sources.main]\ntimeout = \"1s\"\n")
        .replace("[targets.lab.sources.files]\n", "[targets.lab.sources.files]\ntimeout = \"2s\"\n");
    let views = ["tenants", "licenses", "errors", "error_log", "metrics", "updates"];
    let lively = views.map(|view| format!("[views.{view}]\nrefresh = \"1s\"\n"));
    target + &lively.concat()
}

/// A promise of the program: leaving never waits for a network. The rest is for a busy machine.
const SOON: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_makes_its_panels_stale_with_their_age_and_nothing_else() {
    let (line, main) = line(pristine().await).await;
    let mut screen = with_config(impatient(&main, pristine_files().await)).start();
    screen.type_in(&["4"]);
    screen.shows(&["quota sync failed", "Updates ✖3", "main ●", "files ●"]);
    line.set_mode(Mode::Stall);
    screen.shows(&["STALE", "no answer", "next try in", "quota sync failed", "files ●"]);
    screen.until("the age of the rows grows", |screen| {
        screen.contents().split("STALE ").nth(1).is_some_and(|rest| rest.starts_with(['2', '3', '4', '5', '6', '7']))
    });
    // Keys answer while nothing else does.
    screen.type_in(&["?"]);
    screen.shows(&["Keys"]);
    screen.type_in(&["?", "8"]);
    screen.shows(&["STALE", "MISSING_FILE", "files ●"]);
    screen.type_in(&["1"]);
    screen.shows(&["Attention", "quota sync failed"]);
    line.set_mode(Mode::Pass);
    screen.type_in(&["4"]);
    screen.hides(&["STALE"]);
    screen.shows(&["main ●", "quota sync failed"]);
    line.set_mode(Mode::Stall);
    screen.shows(&["STALE"]);
    let took = screen.quit();
    assert!(took < SOON, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_source_dies_all_that_rests_on_it_is_old_at_once_and_no_row_leaves_the_overview() {
    let (line, main) = line(pristine().await).await;
    let mut screen = on(&main, pristine_files().await).start();
    let rows = |screen: &Screen| {
        let told = lines_with(screen, "Attention").pop()?;
        told.split_whitespace().rev().nth(1)?.parse::<usize>().ok()
    };
    screen.until("every view has answered", |screen| {
        let all = ["Metrics ✖1 ?2", "Rollout ?2 ▲3", "Updates ✖3 ?4", "Admins ▲5", "Servers ?1", "39 of 40 tenants"];
        all.iter().all(|told| screen.contents().contains(told)) && rows(screen) == Some(65)
    });
    line.set_mode(Mode::Refuse);
    line.cut();
    screen.type_in(&["R"]);
    screen.until("every card, tab and line is old, and the source itself is the first line", |screen| {
        let text = screen.contents();
        let tabs = ["Tenants ~", "Licenses ~", "Errors ~", "Log ~", "Metrics ~", "Updates ~", "Admins ~", "Servers ~"];
        let lines: Vec<String> =
            screen.rows(0, screen.size().1.get()).skip_while(|row| !row.contains("Attention")).collect();
        // What to do about a line is no line of the list.
        let lines: Vec<String> = lines.into_iter().filter(|line| !line.trim_start().starts_with('→')).collect();
        // That a line is new is marked, and is not what is looked for.
        let lines: Vec<String> = lines.into_iter().map(|line| line.replace('•', " ")).collect();
        let is_old = |line: &&String| line.contains('~') && line.contains("s old");
        text.contains("main ~")
            && tabs.iter().all(|tab| text.contains(tab))
            && text.matches("~ 0s old").count().max(text.matches("s old  ").count()) >= 9
            && lines[1].contains("? main")
            && lines[1].contains("unreachable for")
            && lines[1].contains("and 8 more")
            && lines[2..].iter().filter(is_old).count() == lines.len() - 3
            && rows(screen) == Some(65)
    });
    line.set_mode(Mode::Pass);
    screen.type_in(&["R"]);
    screen.until("all of it is new again", |screen| {
        screen.contents().contains("main ●") && !screen.contents().contains('~') && rows(screen) == Some(65)
    });
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_store_in_a_black_hole_leaves_the_catalog_and_its_last_verdicts_marked_old() {
    let files = pristine_files().await;
    let mongod = opsdash_testbed::servers::mongod::shared().port();
    let line = Forwarder::start(mongod).await.unwrap();
    let config = impatient(pristine().await, &line.through(files, mongod));
    let mut screen = with_config(config).start();
    screen.type_in(&["8"]);
    screen.shows(&["MISSING_FILE", "1.16.0", "files ●"]);
    line.set_mode(Mode::Stall);
    screen.shows(&["MISSING_FILE", "no file store", " old  ", "main ●"]);
    screen.hides(&["files ●"]);
    screen.type_in(&["3"]);
    screen.shows(&["LAB-…0004", "main ●"]);
    screen.hides(&["STALE"]);
    line.set_mode(Mode::Pass);
    screen.type_in(&["8"]);
    screen.shows(&["MISSING_FILE", "files ●"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_and_the_other_source_goes_on() {
    let main = pristine().await.replace(&format!(":{READER}@"), ":wrong@");
    let mut screen = on(&main, pristine_files().await).start();
    screen.shows(&["login refused", "files ●"]);
    screen.type_in(&["3"]);
    screen.shows(&["NO DATA", "login refused", "next try in", "check the user and the password"]);
    screen.hides(&["wrong@"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_may_come_late_go_away_and_come_back() {
    let mut server = PostgresServer::start().unwrap();
    server.create_database("late").await.unwrap();
    server.migrate("late", "cybersensei").await.unwrap();
    server
        .run("late", r#"INSERT INTO tenants (name, "contactEmail", "licenseKey") VALUES ('first', 'a@b.example', 'k')"#)
        .await
        .unwrap();
    server.stop().unwrap();
    let mut screen = with_config(impatient(&server.url("late"), pristine_files().await)).start();
    screen.type_in(&["2"]);
    screen.shows(&["NO DATA", "unreachable", "next try in"]);
    server.start_again().unwrap();
    screen.shows(&["first", "main ●"]);
    screen.hides(&["NO DATA"]);
    server.stop().unwrap();
    screen.shows(&["STALE", "unreachable", "first"]);
    server.start_again().unwrap();
    screen.hides(&["STALE"]);
    screen.shows(&["first", "main ●"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_forbidden_is_named_by_its_own_panel_alone() {
    let main = sample("missing").await;
    let spoil = format!(
        "ALTER TABLE licenses DROP COLUMN notes; ALTER TABLE error_logs RENAME TO elsewhere;
         REVOKE SELECT ON updates_metadata FROM {READER}"
    );
    cluster().await.run("missing", &spoil).await.unwrap();
    let mut screen = on(&main, pristine_files().await).size(200, 45).start();
    screen.type_in(&["3"]);
    screen.shows(&["NO DATA", "schema", "notes", "What is missing"]);
    screen.type_in(&["4"]);
    screen.shows(&["NO DATA", "schema", "error_logs"]);
    screen.hides(&["notes"]);
    screen.type_in(&["8"]);
    screen.shows(&["NO DATA", "no privilege", "updates_metadata", "grant the login SELECT"]);
    screen.type_in(&["6"]);
    screen.shows(&["lab-011", "AI latency"]);
    screen.hides(&["NO DATA", "STALE"]);
    // Its open criticals come from the table that is gone: they are unknown, and so is what would be ok without them.
    screen.type_in(&["2"]);
    screen.shows(&["silent for 3h", "?"]);
    screen.hides(&["NO DATA", "STALE"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_labels_infinite_times_and_nulls_are_shown_as_what_they_are() {
    let main = sample("labels").await;
    let server = cluster().await;
    for statement in [
        "ALTER TYPE licenses_status_enum ADD VALUE 'SUSPENDED'",
        "ALTER TYPE error_logs_level_enum ADD VALUE 'FATAL'",
        "UPDATE licenses SET status = 'SUSPENDED' WHERE key LIKE '%0016'",
        "UPDATE licenses SET \"expiresAt\" = '-infinity' WHERE key LIKE '%0017'",
        "INSERT INTO error_logs (level, source, message) VALUES ('FATAL', 'BACKEND', 'the unheard of')",
        "UPDATE error_logs SET \"timestamp\" = 'infinity' WHERE message LIKE 'hostile%'",
    ] {
        server.run("labels", statement).await.unwrap();
    }
    let mut screen = on(&main, pristine_files().await).start();
    screen.type_in(&["3"]);
    screen.shows(&["SUSPENDED", "lab-028"]);
    screen.until("an unheard-of state is unknown", |screen| {
        lines_with(screen, "SUSPENDED").first().is_some_and(|line| line.trim_start().starts_with('?'))
    });
    screen.until("one that ended before time began is crit", |screen| {
        lines_with(screen, "lab-017").first().is_some_and(|line| line.trim_start_matches([' ', '▌']).starts_with('✖'))
    });
    screen.type_in(&["5", "f", keys::LEFT, keys::ENTER]);
    screen.shows(&["level:all", "never"]);
    screen.type_in(&["/", "unheard", keys::ENTER]);
    screen.shows(&["FATAL", "the unheard of"]);
    screen.type_in(&["2"]);
    screen.shows(&["lab-030", "lab-013", "lab-017"]);
    screen.hides(&["NO DATA"]);
    screen.type_in(&["8"]);
    screen.shows(&["BAD_ID", "1.11.1"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_and_endless_text_is_inert_on_screen() {
    let mut screen = on_pristine().await.start();
    screen.shows(&["Attention", "hostile ␛["]);
    screen.type_in(&["4"]);
    screen.shows(&["level:needs somebody", "hostile ␛["]);
    screen.go_to("hostile");
    screen.type_in(&[keys::ENTER]);
    // The detail has the whole message, the stack, and the context.
    screen.shows(&["hostile ␛[31mred", "second line end", "␛[2J"]);
    screen.type_in(&[keys::ENTER]);
    screen.hides(&["Enter to the detail"]);
    screen.type_in(&["G"]);
    screen.shows(&["Affected tenants"]);
    screen.type_in(&[ESC]);
    screen.shows(&["Enter to the detail"]);
    screen.type_in(&[ESC]);
    screen.hides(&["second line end"]);
    screen.type_in(&["5", "f", keys::RIGHT, keys::ENTER]);
    screen.shows(&["level:ERROR", "billing"]);
    screen.type_in(&["/", "payload", keys::ENTER]);
    // The filter showed the row while it was typed; the server's answer is what can be opened.
    screen.shows(&["search:\"payload\"", "1  "]);
    screen.hides(&["asking"]);
    screen.shows(&["payload too large: 0123456789abcdef"]);
    screen.type_in(&[keys::ENTER]);
    screen.until("the long message fills the detail", |screen| lines_with(screen, "9abcdef01234").len() > 20);
    screen.type_in(&[keys::ENTER, keys::PAGE_DOWN, "G"]);
    let bytes = screen.bytes();
    let text = String::from_utf8_lossy(&bytes);
    for harm in ["\x1b[31mred", "\x1b]0;", "\x1b[5m", "\u{202e}", "\u{200b}", "\u{feff}", "\u{2066}", "\u{9b}"] {
        assert!(!text.contains(harm), "{harm:?} reached the terminal");
    }
    let took = screen.quit();
    assert!(took < SOON, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_it_the_terminal_is_given_back() {
    for end in [Some(Signal::SIGTERM), Some(Signal::SIGHUP), Some(Signal::SIGINT), None] {
        let mut screen = on_pristine().await.start();
        screen.shows(&["Attention"]);
        assert!(screen.screen().alternate_screen() && !screen.is_cooked());
        match end {
            Some(signal) => screen.signal(signal).unwrap(),
            None => screen.type_in(&[keys::CTRL_C]),
        }
        screen.ended();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_while_nothing_answers_is_as_fast_as_ever() {
    let (line, main) = line(pristine().await).await;
    line.set_mode(Mode::Stall);
    let screen = on(&main, NOWHERE).start();
    screen.shows(&["CyberSensei Central", "asking"]);
    let took = screen.quit();
    assert!(took < SOON, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_command_that_hangs_ends_with_the_program() {
    let main = pristine().await.replace(&format!(":{READER}@"), "@");
    let password = "password = { command = [\"/bin/sleep\", \"600\"] }\n[targets.lab.sources.files]";
    let config = target("lab", &main, NOWHERE).replace("[targets.lab.sources.files]", password);
    let screen = with_config(config).start();
    let pid = screen.pid().unwrap();
    let command = || processes_of_session(pid).into_iter().find(|stat| stat.contains("(sleep)"));
    eventually("the command runs", || command().is_some());
    let command = command().unwrap();
    let took = screen.quit();
    assert!(took < SOON, "{took:?}");
    // In a session of its own it has lost its parent by now: it is looked for by its number.
    let stat = format!("/proc/{}/stat", command.split(' ').next().unwrap());
    eventually("the command ends", || fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z ")));
}
