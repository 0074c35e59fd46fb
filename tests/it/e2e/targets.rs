//! Several targets on one screen, and who else looks at them.

use opsdash_testbed::{
    forwarder::Mode,
    pty::{Screen, keys},
};
use sqlx::{Connection, PgConnection};

use super::{line, pristine, pristine_files, sample};
use crate::support::*;

/// The row of a target above the cards.
fn row_of(screen: &Screen, target: &str) -> String {
    screen.rows(0, screen.size().1.get()).skip(3).take(5).find(|row| name_of(row) == target).unwrap_or_default()
}

/// What follows the two signs at its beginning.
fn name_of(row: &str) -> String {
    row.chars().skip(3).take_while(|c| *c != ' ').collect()
}

fn first_line(screen: &Screen) -> String {
    screen.rows(0, screen.size().1.get()).next().unwrap_or_default()
}

/// Whether the first line names this target.
fn is_on(screen: &Screen, target: &str) -> bool {
    first_line(screen).starts_with(&format!(" {target} "))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_cut_off_touches_its_own_row_and_its_rows_stay_within_reach() {
    let (main, files) = (pristine().await, pristine_files().await);
    let (line, through) = line(main).await;
    let config = target("lab", main, files) + &target("remote", &through, files);
    let mut screen = with_config(config).start();
    screen.until("both targets are known", |screen| {
        ["lab", "remote"].iter().all(|target| {
            let row = row_of(screen, target);
            row.contains("main ●") && row.contains("files ●") && row.contains("✖")
        })
    });
    // Rows that came before their cause are folded beneath it when it comes: a row that is meant would be gone.
    screen.until("what follows from causes is folded", |screen| {
        let folded = lines_with(screen, " echoes");
        ["lab", "remote"]
            .iter()
            .all(|target| folded.iter().any(|line| line.contains(target) && line.contains("open critical errors")))
            && !screen.contents().contains(" asking ")
    });
    assert!(is_on(&screen.screen(), "lab"));
    screen.go_to("remote");
    // Its sign, target, view and name; how far apart they stand depends on the lines around them.
    let name = |screen: &Screen| {
        current_line(screen).map(|line| line.split_whitespace().take(4).map(str::to_owned).collect::<Vec<_>>())
    };
    let meant = name(&screen.screen());
    screen.type_in(&[keys::ENTER]);
    screen.until("the row of the other target", |screen| {
        is_on(screen, "remote") && !screen.contents().contains("Attention") && current_line(screen).is_some()
    });
    screen.type_in(&[ESC]);
    screen.until("back where it was", |screen| is_on(screen, "lab") && name(screen) == meant);

    line.set_mode(Mode::Refuse);
    screen.type_in(&["R"]);
    screen.until("the other target is told to be gone, with how old its rows are", |screen| {
        let row = row_of(screen, "remote");
        row.contains("main ~") && row.contains("files ●") && row.contains(" old") && row.contains("✖")
    });
    screen.until("its lines say that they are old, and no others do", |screen| {
        let lines = |target: &str| lines_with(screen, &format!("{target}  "));
        lines("remote").iter().any(|line| line.contains("✖~remote"))
            && !lines("lab").iter().any(|line| line.contains('~'))
    });
    screen.until("the first target is as it was", |screen| row_of(screen, "lab").contains("main ●"));
    line.set_mode(Mode::Pass);
    screen.type_in(&["R"]);
    screen
        .until("it is back", |screen| row_of(screen, "remote").contains("main ●") && !screen.contents().contains("✖~"));
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_target_that_is_named_is_watched_alone_until_another_one_is_opened() {
    let (main, files) = (pristine().await, pristine_files().await);
    let config = target("lab", main, files) + &target("remote", main, files);
    let mut screen = with_config(config.clone()).args(&["--target", "remote"]).start();
    screen.shows(&["Attention", "quota sync failed", "main ●"]);
    assert!(is_on(&screen.screen(), "remote") && row_of(&screen.screen(), "remote").is_empty());
    screen.type_in(&["T"]);
    screen.shows(&["lab", "CyberSensei Central"]);
    screen.type_in(&[keys::ENTER]);
    screen.until("both have a row", |screen| {
        is_on(screen, "lab") && ["lab", "remote"].iter().all(|target| row_of(screen, target).contains("main ●"))
    });
    screen.quit();
    let screen = with_config(config).args(&["--target", "remote", "--target", "lab"]).start();
    screen.until("both have a row, and the first one that was named is open", |screen| {
        is_on(screen, "remote") && ["lab", "remote"].iter().all(|target| row_of(screen, target).contains("main ●"))
    });
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_operator_on_the_same_database_stands_in_the_first_line() {
    let main = sample("operators").await;
    let bob = PgConnection::connect(&format!("{main}?application_name=opsdash/bob")).await.unwrap();
    let mut screen = on(&main, pristine_files().await).start();
    screen.until("bob is named beside us", |screen| first_line(screen).contains(" + bob  read-write"));
    bob.close().await.unwrap();
    screen.type_in(&["2"]);
    screen.shows(&["last metric"]);
    screen.quit();
}
