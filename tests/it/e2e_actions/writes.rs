//! What is written when somebody means it, and taken back.

use opsdash_testbed::pty::keys;
use serde_json::json;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_cause_is_resolved_with_a_note_of_two_lines_and_taken_back() {
    let lab = Lab::new("act_resolve").await;
    let cause = lab.cause("wheel").await;
    let before = lab.entries("wheel").await;
    assert_eq!(before, ["false|null|null|null", "false|null|bob|Put on again in May.", "false|null|null|"]);
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.shows(&["Errors ✖6", "Log ✖524"]);
    // Enter is a new line here, however fast it comes.
    screen.want_resolved(&cause, "They are on again.\rAll three.");
    screen.shows(&["3 rows.", "They are on again.", "All three.", "wheel 1 came off", "wheel 3 came off"]);
    assert_eq!(lab.entries("wheel").await, before);
    assert_eq!(lab.told(), [""; 0], "nobody has confirmed it");
    screen.press_meant(keys::ENTER);
    screen.shows(&["Resolve: done, 3 rows; u takes it back", "Errors ✖5", "Log ✖521"]);
    screen.hides(&[&cause]);
    let operator = lab.recorded()[0]["operator"].as_str().unwrap().to_owned();
    let as_we_left_them = format!(
        "SELECT (resolved AND \"resolvedBy\" = '{operator}' AND \"resolutionNotes\" = E'They are on again.\\nAll three.'
            AND abs(extract(epoch FROM \"resolvedAt\" - (now() AT TIME ZONE 'UTC'))) < 300)::text
         FROM error_logs WHERE message LIKE 'wheel%'"
    );
    assert_eq!(lab.column(&as_we_left_them).await, ["true", "true", "true"]);
    screen.undo("Resolve");
    screen.shows(&["Undo of Resolve: done, 3 rows", "Errors ✖6", "Log ✖524", &cause]);
    assert_eq!(lab.entries("wheel").await, before);
    screen.type_in(&["u"]);
    screen.shows(&["nothing was done on lab that can be taken back"]);
    screen.quit();
    assert_eq!(
        lab.told(),
        ["resolve intent", "resolve outcome done", "undo of resolve intent", "undo of resolve outcome done"]
    );
    let recorded = lab.recorded();
    assert_eq!(recorded[0]["asked"]["note"], "They are on again.\nAll three.");
    assert_eq!(recorded[0]["id"], recorded[1]["id"]);
    assert_eq!(recorded[2]["id"], recorded[3]["id"]);
    assert!(recorded.iter().all(|line| line["rows"].as_array().unwrap().len() == 3), "{recorded:#?}");
    let resolved = |line: usize, when: &str| recorded[line]["rows"][0][when]["resolved"].clone();
    assert_eq!((resolved(1, "before"), resolved(1, "after")), (json!("false"), json!("true")));
    assert_eq!((resolved(3, "before"), resolved(3, "after")), (json!("true"), json!("false")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_before_the_program_was_left_is_taken_back_after_it_was_started_again() {
    let lab = Lab::new("act_restart").await;
    let cause = lab.cause("wheel").await;
    let before = lab.entries("wheel").await;
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.want_resolved(&cause, "They are on again.");
    screen.press_meant(keys::ENTER);
    screen.shows(&["Resolve: done, 3 rows; u takes it back"]);
    screen.quit();
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.shows(&["Errors ✖5", "Log ✖521"]);
    screen.undo("Resolve");
    screen.shows(&["Undo of Resolve: done, 3 rows", "Errors ✖6"]);
    assert_eq!(lab.entries("wheel").await, before);
    screen.quit();
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.shows(&["Errors ✖6"]);
    screen.type_in(&["u"]);
    screen.shows(&["nothing was done on lab that can be taken back"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_license_is_revoked_by_the_end_of_its_key_alone_and_gets_its_status_back() {
    let lab = Lab::new("act_revoke").await;
    let status = "SELECT status::text FROM licenses WHERE key LIKE 'LAB-%-0006'";
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.open_view("Licenses", &["preset:all", "LAB-…0006"]);
    screen.want("LAB-…0006", "x", "Revoke");
    screen.shows(&["Type the last 4 characters of license key to confirm", "…0006", "lab-006", "PENDING"]);
    screen.press_meant("0007");
    screen.shows(&["0007"]);
    screen.press_meant(keys::ENTER);
    screen.shows(&["this is not the last 4 characters of license key"]);
    screen.type_in(&[keys::BACKSPACE]);
    screen.hides(&["this is not"]);
    screen.press_meant(keys::ENTER);
    screen.shows(&["this is not the last 4 characters of license key"]);
    // The button asks for it just as well.
    screen.type_in(&[keys::TAB, keys::TAB]);
    screen.shows(&["[ Revoke ]"]);
    screen.press_meant(keys::ENTER);
    screen.hides(&["[ Revoke ]"]);
    screen.shows(&["this is not the last 4 characters of license key"]);
    assert_eq!(lab.one(status).await, "PENDING");
    assert_eq!(lab.told(), [""; 0]);
    screen.type_in(&["6"]);
    screen.hides(&["this is not"]);
    screen.press_meant(keys::ENTER);
    screen.shows(&["Revoke: done, 1 row; u takes it back"]);
    assert_eq!(lab.one(status).await, "REVOKED");
    screen.until("the list shows it", |screen| {
        current_line(screen).is_some_and(|line| line.contains("0006") && line.contains("REVOKED"))
    });
    screen.undo("Revoke");
    screen.shows(&["Undo of Revoke: done, 1 row"]);
    assert_eq!(lab.one(status).await, "PENDING");
    screen.quit();
    assert_eq!(
        lab.told(),
        ["revoke intent", "revoke outcome done", "undo of revoke intent", "undo of revoke outcome done"]
    );
}
