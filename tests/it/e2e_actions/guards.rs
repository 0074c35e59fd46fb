//! What stands between a key and a row: the login's rights, a protected target, a run that only reads.

use opsdash_testbed::{
    pty::{Screen, keys},
    sample::cybersensei::logins::{VICTIM, url_of},
};
use sqlx::{Connection, PgConnection};

use super::ALL;
use crate::support::*;

/// A session that does something, for whoever may end it; gone with the value.
struct Victim {
    name: String,
    task: tokio::task::JoinHandle<()>,
}

impl Victim {
    async fn of(lab: &Lab) -> Self {
        let name = format!("of_{}", lab.database);
        let url = format!("{}?application_name={name}", url_of(VICTIM, &lab.database));
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let task = tokio::spawn(async move {
            let _ended = sqlx::raw_sql("SELECT pg_sleep(600)").execute(&mut connection).await;
        });
        Self { name, task }
    }

    fn is_alive(&self) -> bool {
        !self.task.is_finished()
    }
}

/// Keys and titles.
type Actions = &'static [(&'static str, &'static str)];

/// Views, a row of each, and all of their actions.
fn views(victim: &Victim) -> [(&'static str, &str, Actions); 5] {
    [
        ("Errors", "wheel # came off", &[("r", "Resolve"), ("o", "Reopen")]),
        ("Log", "wheel 1 came off", &[("r", "Resolve"), ("o", "Reopen")]),
        ("Licenses", "LAB-…0010", &[("a", "Append a note"), ("E", "Set expiry"), ("x", "Revoke"), ("i", "Reinstate")]),
        ("Tenants", "lab-012", &[("x", "Deactivate"), ("i", "Activate")]),
        ("Activity", &victim.name, &[("x", "Stop its statement"), ("X", "End the session")]),
    ]
}

fn has_dialog(screen: &Screen) -> bool {
    let contents = screen.contents();
    contents.contains("Cancel ") || contents.contains("write nothing")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_may_not_write_is_refused_before_any_dialog_opens() {
    let lab = Lab::new("act_reader").await;
    lab.cause("wheel").await;
    let victim = Victim::of(&lab).await;
    let was = lab.column(ALL).await;
    let mut screen = lab.on(&lab.reader_url()).start();
    for (view, row, actions) in views(&victim) {
        screen.open_view(view, &[row]);
        screen.go_to(row);
        for (key, title) in actions {
            screen.type_in(&[key]);
            let refused = format!("{title} on lab: refused");
            let why = if view == "Activity" { "pg_signal_backend" } else { "permission" };
            screen.shows(&[&refused, "Nothing is written.", why]);
            assert!(!screen.text().contains("write nothing"), "{}", screen.text());
            screen.close_told(&refused);
        }
        // From then on the key alone says why; of sessions, each has its own permission.
        if view != "Activity" {
            let (key, title) = actions[0];
            screen.type_in(&[key]);
            screen.shows(&[&format!("{title} is not allowed: permission denied")]);
        }
    }
    screen.quit();
    assert!(victim.is_alive());
    assert_eq!(lab.column(ALL).await, was);
    assert!(lab.told().iter().all(|line| !line.contains("done")), "{:#?}", lab.told());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_may_write_is_asked_and_esc_writes_nothing() {
    let lab = Lab::new("act_operator").await;
    lab.cause("wheel").await;
    let victim = Victim::of(&lab).await;
    let was = lab.column(ALL).await;
    let mut screen = lab.on(&lab.operator_url()).start();
    for (view, row, actions) in views(&victim) {
        screen.open_view(view, &[row]);
        // Reopen, reinstate and activate are not for rows like these.
        for (key, title) in actions.iter().filter(|(key, _)| !["o", "i"].contains(key)) {
            screen.want(row, key, title);
            screen.shows(&[if view == "Errors" { "3 rows." } else { "1 row." }, "Cancel"]);
            screen.type_in(&[ESC]);
            screen.hides(&["write nothing"]);
        }
    }
    screen.quit();
    assert!(victim.is_alive());
    assert_eq!(lab.column(ALL).await, was);
    assert_eq!(lab.told(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_cancels_a_statement_and_ends_a_session() {
    let lab = Lab::new("act_signals").await;
    for (key, title) in [("x", "Stop its statement"), ("X", "End the session")] {
        let victim = Victim::of(&lab).await;
        let pid = format!("SELECT pid::text FROM pg_stat_activity WHERE application_name = '{}'", victim.name);
        let pid = lab.one(&pid).await;
        let mut screen = lab.on(&lab.operator_url()).start();
        screen.open_view("Activity", &[&pid]);
        screen.want(&pid, key, title);
        screen.shows(&["This cannot be undone."]);
        if key == "X" {
            screen.press_meant(&pid);
            screen.until("it is typed", |screen| lines_with(screen, &format!("{pid}  ")).len() > 1);
        } else {
            screen.press_meant(keys::RIGHT);
            screen.shows(&[&format!("[ {title} ]")]);
        }
        assert!(victim.is_alive());
        screen.press_meant(keys::ENTER);
        screen.shows(&[&format!("{title}: done, 1 row")]);
        eventually("it ends", || !victim.is_alive());
        screen.quit();
    }
    assert_eq!(lab.told(), ["cancel intent", "cancel outcome done", "terminate intent", "terminate outcome done"]);
}

fn protected(lab: &Lab) -> Opening {
    let config = target("lab", &lab.operator_url(), NO_FILES);
    lab.with(config.replace("[targets.lab]\n", "[targets.lab]\nprotected = true\n"))
}

/// What the first line says of writing.
#[track_caller]
fn is_in_first_line(screen: &Dashboard, mode: &str) {
    screen.until(&format!("the first line says {mode}"), |screen| {
        screen.rows(0, screen.size().1.get()).next().is_some_and(|line| line.contains(&format!("  {mode}  ")))
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_target_is_written_to_once_its_name_is_typed_and_locks_again() {
    let lab = Lab::new("act_protected").await;
    let was = lab.column(ALL).await;
    let notes = "SELECT notes FROM licenses WHERE key LIKE 'LAB-%-0010'";
    let mut screen = protected(&lab).start();
    screen.open_view("Licenses", &["preset:all", "LAB-…0010"]);
    screen.go_to("LAB-…0010");
    is_in_first_line(&screen, "protected");
    for key in ["a", "E", "x", "i"] {
        screen.type_in(&[key]);
        screen.shows(&["lab is protected: w and its name let it be written to"]);
        assert!(!has_dialog(&screen.screen()), "{}", screen.text());
        // The message goes by itself; another key must say it anew.
        screen.type_in(&["w"]);
        screen.shows(&["Type its name"]);
        screen.type_in(&[ESC]);
        screen.hides(&["Type its name"]);
    }
    screen.type_in(&["w", "lob", keys::ENTER]);
    screen.shows(&["This is not its name."]);
    is_in_first_line(&screen, "protected");
    screen.type_in(&[keys::BACKSPACE, keys::BACKSPACE, "ab", keys::ENTER]);
    screen.shows(&["lab may be written to, until 10 minutes have passed without a key"]);
    is_in_first_line(&screen, "ARMED");
    screen.want("LAB-…0010", "a", "Append a note");
    screen.shows(&["a protected target, armed"]);
    screen.press_meant(&format!("called{}{}", keys::TAB, keys::TAB));
    screen.shows(&["[ Append a note ]"]);
    assert_eq!(lab.column(ALL).await, was);
    screen.press_meant(keys::ENTER);
    screen.shows(&["Append a note: done, 1 row; u takes it back"]);
    assert!(lab.one(notes).await.ends_with(": called"));
    screen.type_in(&["w"]);
    screen.shows(&["lab is protected again"]);
    is_in_first_line(&screen, "protected");
    for key in ["a", "u"] {
        screen.type_in(&[key]);
        screen.shows(&["lab is protected: w and its name let it be written to"]);
        assert!(!has_dialog(&screen.screen()), "{}", screen.text());
    }
    screen.quit();
    assert_eq!(lab.told(), ["note intent", "note outcome done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_only_reads_wins_over_everything_that_lets_it_write() {
    let lab = Lab::new("act_only_reads").await;
    let mut screen = protected(&lab).args(&["--read-only"]).start();
    screen.open_view("Licenses", &["preset:all", "LAB-…0010"]);
    screen.go_to("LAB-…0010");
    is_in_first_line(&screen, "read-only");
    screen.type_in(&["w"]);
    screen.shows(&["lab is read-only here, and stays so"]);
    for key in ["a", "E", "x", "i"] {
        screen.type_in(&[key]);
        screen.until("it is refused", |screen| {
            screen.contents().contains("lab is read-only here") && !screen.contents().contains("stays so")
        });
        assert!(!has_dialog(&screen.screen()), "{}", screen.text());
    }
    is_in_first_line(&screen, "read-only");
    screen.quit();
    assert_eq!(lab.told(), [""; 0]);
}
