//! `R` reads packs again: what is right takes the place of what was, what is wrong changes nothing.

use std::fs;

use opsdash_testbed::pty::{Terminal, keys};

use super::cluster;
use crate::support::{current_line, shell};

const PACK: &str = "title = \"Shop\"\nviews = [\"orders\"]\n[[source]]\nname = \"main\"\nengine = \"postgresql\"\n";
const ORDERS: &str = "title = \"Orders\"\nsource = \"main\"\nquery = \"orders.sql\"\nrow_key = [\"id\"]\n\
                      [[column]]\nname = \"id\"\n[[column]]\nname = \"what\"\nwidth = \"fill\"\n\
                      [[facet]]\nname = \"state\"\nchoices = [\"open\", \"all\"]\n";
const QUERY: &str = "SELECT 'ok' AS severity, '' AS why, n AS id, 'order ' || n || ' ' || :state::text AS what\n\
                     FROM generate_series(11, 30) AS n ORDER BY n;\n";

#[tokio::test]
async fn a_pack_that_was_changed_is_read_again_and_a_broken_one_changes_nothing() {
    let url = cluster().await.url("postgres");
    let shell = shell(&format!("[targets.shop]\nsystem = \"shop\"\n[targets.shop.sources.main]\nurl = \"{url}\"\n"));
    let folder = shell.path(".config/opsdash/packs/shop");
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("pack.toml", PACK);
    write("orders.toml", ORDERS);
    write("orders.sql", QUERY);
    let mut screen = Terminal::start(&shell.program(&["--view", "orders", "--set", "state=all"]), 120, 40).unwrap();
    screen.wait_for("order 30 all").unwrap();
    for _ in 0..3 {
        screen.press("j").unwrap();
    }
    screen
        .wait_until("the cursor is on 14", |screen| current_line(screen).is_some_and(|line| line.contains("order 14")))
        .unwrap();

    // A view before it, another query, another order.
    write("pack.toml", &PACK.replace("[\"orders\"]", "[\"first\", \"orders\"]"));
    write("first.toml", &ORDERS.replace("\"Orders\"", "\"First\"").replace("orders.sql", "first.sql"));
    write("first.sql", QUERY);
    write("orders.sql", &QUERY.replace("'order '", "'bestelling '").replace("ORDER BY n", "ORDER BY n DESC"));
    screen.press("R").unwrap();
    screen.wait_for("bestelling 30 all").unwrap();
    screen
        .wait_until("the cursor followed its row", |screen| {
            current_line(screen).is_some_and(|line| line.contains("bestelling 14 all"))
        })
        .unwrap();
    screen.wait_for("First").unwrap();

    write("orders.sql", "SELECT 'ok' AS severity,\n  {{nothing}} AS what;\n");
    screen.press("R").unwrap();
    screen.wait_for("the pack stays as it was: ").unwrap();
    screen.wait_for("orders.sql:2: unknown fragment \"nothing\"").unwrap();
    screen.press("j").unwrap();
    screen
        .wait_until("its rows are still there", |screen| {
            current_line(screen).is_some_and(|line| line.contains("bestelling 13 all"))
        })
        .unwrap();

    write("orders.sql", QUERY);
    screen.press("R").unwrap();
    screen.wait_for("order 13 all").unwrap();
    screen.press(keys::ESC).unwrap();
    screen.press("q").unwrap();
    screen.wait_for_exit().unwrap();
}
