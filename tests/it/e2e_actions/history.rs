//! The list of what was done, and taking back from it.

use opsdash_testbed::pty::keys;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_is_not_the_last_one_is_taken_back_from_the_history_of_another_run() {
    let lab = Lab::new("act_history").await;
    let cause = lab.cause("wheel").await;
    let before = lab.entries("wheel").await;
    let status = "SELECT status::text FROM licenses WHERE key LIKE 'LAB-%-0006'";
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.want_resolved(&cause, "INC-4711");
    screen.press_meant(keys::ENTER);
    screen.shows(&["Resolve: done, 3 rows; u takes it back"]);
    screen.open_view("Licenses", &["preset:all", "LAB-…0006"]);
    screen.want("LAB-…0006", "x", "Revoke");
    screen.press_meant("0006");
    screen.press_meant(keys::ENTER);
    screen.shows(&["Revoke: done, 1 row; u takes it back"]);
    screen.quit();
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.type_in(&[":"]);
    screen.shows(&["Go to, find or do"]);
    screen.type_in(&["handover"]);
    screen.shows(&["history"]);
    screen.type_in(&[keys::ENTER]);
    screen.shows(&[
        "History: what was done",
        "2 actions",
        "Revoke  …0006  lab-006",
        "Resolve  CRITICAL  wheel ",
        " came off and 2 more",
        "3 rows · \"INC-4711\"",
        "u takes it back until",
    ]);
    screen.type_in(&["j"]);
    screen.until("the cursor is on it", |screen| {
        screen.contents().lines().any(|line| line.contains("│ ▌ ") && line.contains("Resolve"))
    });
    screen.undo("Resolve");
    screen.shows(&["3 actions", "Undo of Resolve  CRITICAL  wheel ", "taken back "]);
    assert_eq!(lab.entries("wheel").await, before);
    assert_eq!(lab.one(status).await, "REVOKED", "the last action stands");
    // The line with the cursor is still that of the action, which has nothing more to take back.
    screen.type_in(&["u"]);
    screen.shows(&["Resolve is taken back already"]);
    screen.type_in(&[keys::ESC]);
    screen.hides(&["History: what was done"]);
    screen.undo("Revoke");
    screen.shows(&["Undo of Revoke: done, 1 row"]);
    assert_eq!(lab.one(status).await, "PENDING");
    screen.quit();
}
