//! A database of a family that falls silent while the dashboard is open, and one that is dropped.

use opsdash_testbed::{
    pty::{Screen, Terminal},
    servers::postgres::shared,
};

use crate::support::{lines_with, shell};

const PACK: &str = "title = \"Houses\"\nviews = [\"fleet\"]\n[[source]]\nname = \"houses\"\nengine = \"postgresql\"\n\
                    [source.family]\ndatabases = [\"silent_*\"]\n";
const FLEET: &str = "title = \"Fleet\"\nsource = \"houses\"\nquery = \"fleet.sql\"\nrow_key = [\"database\"]\n\
                     refresh = \"2s\"\n[[column]]\nname = \"database\"\n[[column]]\nname = \"size\"\nformat = \"int\"\n\
                     [[column]]\nname = \"why\"\nwidth = \"fill\"\n";
const QUERY: &str = "SELECT 'ok' AS severity, '' AS why, 1000 + count(*) AS size FROM t\n";

/// Whether the one line that holds this text holds the others too.
fn says(screen: &Screen, name: &str, others: &[&str]) -> bool {
    let lines = lines_with(screen, name);
    matches!(&lines[..], [line] if others.iter().all(|text| line.contains(text)))
}

#[tokio::test]
async fn what_was_known_of_a_database_that_falls_silent_stays_with_its_age_and_one_that_is_dropped_is_told() {
    let server = shared();
    for name in ["silent_a", "silent_b"] {
        server.create_database(name).await.unwrap();
        server.run(name, "CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 234)").await.unwrap();
    }
    let url = server.url("postgres");
    let shell = shell(&format!("[targets.x]\nsystem = \"houses\"\n[targets.x.sources.houses]\nurl = \"{url}\"\n"));
    for (name, text) in [("pack.toml", PACK), ("fleet.toml", FLEET), ("fleet.sql", QUERY)] {
        shell.write(&format!(".config/opsdash/packs/houses/{name}"), text).unwrap();
    }
    let mut screen = Terminal::start(&shell.program(&["--view", "fleet"]), 120, 20).unwrap();
    let both = |screen: &Screen| ["silent_a", "silent_b"].iter().all(|name| says(screen, name, &["1 234"]));
    screen.wait_until("both answered", both).unwrap();

    server.run("silent_b", "ALTER TABLE t RENAME TO s").await.unwrap();
    screen
        .wait_until("its number is old, and why is told", |screen| {
            says(screen, "silent_b", &["?~silent_b", "1 234", " old  schema: ", "\"t\" does not exist"])
                && says(screen, "silent_a", &["1 234"])
                && !says(screen, "silent_a", &["~"])
                && screen.contents().contains("1/2 databases")
        })
        .unwrap();

    // No connection of ours holds it up, though it is asked every few seconds.
    server.run("postgres", "DROP DATABASE silent_b").await.unwrap();
    screen.wait_for("houses: silent_b is gone").unwrap();
    screen
        .wait_until("it has no row any more", |screen| {
            screen.contents().contains("1/1 databases") && !screen.contents().contains("~silent_b")
        })
        .unwrap();
    screen.press("q").unwrap();
    screen.wait_for_exit().unwrap();
}
