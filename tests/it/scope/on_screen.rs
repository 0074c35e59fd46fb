//! Scopes in a terminal: chosen, changed two hundred times while rows load, and written to.

use std::time::Duration;

use opsdash_testbed::pty::{Screen, Terminal, keys};

use super::{Sites, id};

/// Letters of the sites whose jobs are on the screen.
fn shown(screen: &Screen) -> Vec<char> {
    let text = screen.contents();
    ['a', 'b', 'c'].into_iter().filter(|letter| text.contains(&format!("{letter}-job-"))).collect()
}

/// Whether the list of sites is open and has come.
fn lists(screen: &Screen) -> bool {
    let text = screen.contents();
    text.contains("choose the site") && text.contains(&id('b'))
}

/// Chooses a site by the list, which finds it by its name, and another of that name below it.
fn choose(screen: &mut Terminal, letter: char) {
    screen.press("C").unwrap();
    screen.wait_until("the list is there", lists).unwrap();
    let keys = match letter {
        'a' => "harbor".to_owned(),
        'b' => "market".to_owned(),
        _ => format!("market{}", keys::DOWN),
    };
    screen.press(&keys).unwrap();
    screen.press(keys::ENTER).unwrap();
}

/// The place of the header that names the site.
fn header(letter: char) -> &'static str {
    if letter == 'a' { "site Harbor" } else { "site Market" }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_known_until_somebody_chooses_and_then_what_is_theirs() {
    let sites = Sites::new("scope_screen", "").await;
    let mut screen = Terminal::start(&sites.shell.program(&["--target", "prod"]), 120, 30).unwrap();
    screen.wait_for("not known: Jobs").unwrap();
    screen.wait_for("no site chosen").unwrap();
    screen.press("2").unwrap();
    screen.wait_for("C lists what can be chosen").unwrap();
    choose(&mut screen, 'c');
    screen.wait_for("c-job-3").unwrap();
    assert_eq!(shown(&screen.screen()), ['c']);
    screen.press(keys::ENTER).unwrap();
    screen.wait_for("detail of c-job-1").unwrap();
    choose(&mut screen, 'a');
    screen.wait_for("a-job-3").unwrap();
    assert_eq!(shown(&screen.screen()), ['a'], "{}", screen.text());
    sites.run(&format!("DELETE FROM sites WHERE id = '{}'", id('a'))).await;
    // The list is asked anew when it is opened.
    screen.press("C").unwrap();
    screen.wait_for("no longer there").unwrap();
    assert!(shown(&screen.screen()).is_empty(), "{}", screen.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_changes_never_show_the_rows_of_another() {
    let sites = Sites::new("scope_changes", "").await;
    // Rows come at different times, so that they race with the changes.
    sites
        .run(
            "CREATE FUNCTION slow(uuid) RETURNS boolean LANGUAGE sql VOLATILE AS $$
                SELECT pg_sleep(random() * 0.05) IS NOT NULL $$;
             GRANT EXECUTE ON FUNCTION slow(uuid) TO PUBLIC",
        )
        .await;
    let query = super::PACK[3].1.replace("WHERE", "WHERE slow(site) AND (").replace(" ORDER", ") ORDER");
    sites.shell.write(".config/opsdash/packs/sites/jobs.sql", &query).unwrap();
    let mut screen = Terminal::start(&sites.shell.program(&["--target", "prod", "--view", "jobs"]), 120, 30).unwrap();
    screen.wait_for("C lists what can be chosen").unwrap();
    for n in 0..200_u32 {
        let letter = ['a', 'b', 'c'][(n.wrapping_mul(2_654_435_761) >> 7) as usize % 3];
        choose(&mut screen, letter);
        let what = format!("{} and no rows but its own", header(letter));
        screen
            .wait_until(&what, |screen| {
                let rows = shown(screen);
                screen.contents().contains(header(letter)) && (rows.is_empty() || rows == [letter])
            })
            .unwrap();
        // What was asked under others may answer now.
        if n % 5 == 0 {
            screen.press(keys::ENTER).unwrap();
            screen.wait_for_rest(Duration::from_millis(120)).unwrap();
            let rows = shown(&screen.screen());
            assert!(rows.is_empty() || rows == [letter], "{n}: {rows:?} under {letter}:\n{}", screen.text());
        }
    }
    let log = sites.pooler.log();
    assert!(!log.contains("22P02") && !sites.server.log().contains("invalid input syntax for type uuid"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_under_one_site_is_taken_back_there_after_another_was_chosen() {
    let sites = Sites::new("scope_undo", "").await;
    let mut screen = Terminal::start(&sites.shell.program(&["--target", "prod", "--view", "jobs"]), 120, 30).unwrap();
    screen.wait_for("C lists what can be chosen").unwrap();
    let meant = || std::thread::sleep(Duration::from_millis(250));
    choose(&mut screen, 'a');
    screen.wait_for("a-job-1").unwrap();
    screen.press("x").unwrap();
    screen.wait_for("Close on prod, site Harbor").unwrap();
    meant();
    screen.press(keys::TAB).unwrap();
    meant();
    screen.press(keys::ENTER).unwrap();
    screen.wait_for("done, 1 row").unwrap();
    assert_eq!(sites.closed().await, ["a-job-1"]);
    choose(&mut screen, 'b');
    screen.wait_for("b-job-1").unwrap();
    screen.press("u").unwrap();
    screen.wait_for("Undo Close on prod, site Harbor").unwrap();
    meant();
    screen.press(keys::TAB).unwrap();
    meant();
    screen.press(keys::ENTER).unwrap();
    screen.wait_for("Undo of Close: done").unwrap();
    assert!(sites.closed().await.is_empty());
    assert_eq!(shown(&screen.screen()), ['b']);
    let record = sites.shell.run(&["audit"]).out;
    assert_eq!(record.matches("(Harbor)").count(), 2, "{record}");
}
