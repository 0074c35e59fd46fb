//! Others who write the same rows, and links that break at the commit.

use opsdash_testbed::{
    commit::{Cut, Cutter},
    pty::keys,
    servers::postgres::shared,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_has_changed_meanwhile_is_named_and_not_written() {
    let lab = Lab::new("act_changed").await;
    let cause = lab.cause("wheel").await;
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.want_resolved(&cause, "ours");
    lab.run("UPDATE error_logs SET resolved = true, \"resolvedAt\" = LOCALTIMESTAMP, \"resolvedBy\" = 'mallory' WHERE message = 'wheel 2 came off'").await;
    let was = lab.entries("wheel").await;
    screen.press_meant(keys::ENTER);
    screen.shows(&["Resolve on lab: not done: the rows had changed", "Nothing is written."]);
    screen.shows(&["is resolved already; changed by mallory at "]);
    assert_eq!(lab.entries("wheel").await, was, "neither are the two that nobody has touched");
    screen.close_told("the rows had changed");
    screen.type_in(&["u"]);
    screen.shows(&["nothing was done on lab that can be taken back"]);
    screen.quit();
    assert_eq!(lab.told(), ["resolve intent", "resolve outcome changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_somebody_holds_is_told_and_not_written() {
    let lab = Lab::new("act_held").await;
    let cause = lab.cause("wheel").await;
    let mut other = PgConnection::connect(&shared().url(&lab.database)).await.unwrap();
    let hold = "BEGIN; SELECT 1 FROM error_logs WHERE message = 'wheel 1 came off' FOR UPDATE";
    sqlx::raw_sql(AssertSqlSafe(hold)).execute(&mut other).await.unwrap();
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.want_resolved(&cause, "held");
    screen.press_meant(keys::ENTER);
    screen.shows(&["Resolve on lab: not done", "Nothing is written.", "busy", "lock timeout"]);
    screen.shows(&["Somebody else holds the rows"]);
    other.close().await.unwrap();
    assert_eq!(lab.resolved("wheel").await, "0 of 3");
    screen.close_told("Resolve on lab: not done");
    // It is not tried again by itself; whoever wants it does it again.
    screen.want_resolved(&cause, "free");
    screen.press_meant(keys::ENTER);
    screen.shows(&["Resolve: done, 3 rows"]);
    assert_eq!(lab.resolved("wheel").await, "3 of 3");
    screen.quit();
    assert_eq!(lab.told(), ["resolve intent", "resolve outcome failed", "resolve intent", "resolve outcome done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_cut_before_the_commit_arrives_is_told_as_not_done() {
    let lab = Lab::new("act_cut_before").await;
    let mut screen = cut(&lab, Cut::Before).await;
    screen.shows(&["Resolve on lab: not done", "Nothing is written."]);
    screen.shows(&["the link was lost before the transaction was committed; the rows are as they were"]);
    assert_eq!(lab.resolved("wheel").await, "0 of 3");
    assert_eq!(lab.told(), ["resolve intent", "resolve outcome failed"]);
    screen.close_told("Resolve on lab: not done");
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_cut_after_the_commit_arrived_is_told_as_done_and_can_be_taken_back() {
    let lab = Lab::new("act_cut_after").await;
    let mut screen = cut(&lab, Cut::After).await;
    screen.shows(&["Resolve: done, 3 rows; u takes it back"]);
    assert_eq!(lab.resolved("wheel").await, "3 of 3");
    assert_eq!(lab.told(), ["resolve intent", "resolve outcome done"]);
    screen.undo("Resolve");
    screen.shows(&["Undo of Resolve: done, 3 rows"]);
    assert_eq!(lab.resolved("wheel").await, "0 of 3");
    screen.quit();
}

/// Resolves a cause over a link that is cut at the commit.
async fn cut(lab: &Lab, cut: Cut) -> Dashboard {
    let cause = lab.cause("wheel").await;
    let cutter = Cutter::start(shared().port(), cut).await.unwrap();
    let mut screen = lab.on(&cutter.through(&lab.operator_url(), shared().port())).start();
    screen.want_resolved(&cause, "cut");
    screen.press_meant(keys::ENTER);
    screen
}
