//! Scopes in a terminal: chosen, changed two hundred times while rows load, exported, and written to.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

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
}

/// Its jobs go with it, as they do where one table refers to the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_deleted_is_told_with_the_next_answer_and_no_empty_list_is_shown_before() {
    let sites = Sites::new("scope_deleted", "").await;
    let mut screen = Terminal::start(&sites.shell.program(&["--target", "prod", "--view", "jobs"]), 120, 30).unwrap();
    screen.wait_for("C lists what can be chosen").unwrap();
    choose(&mut screen, 'a');
    screen.wait_for("a-job-3").unwrap();
    let from = screen.written();
    let site = id('a');
    sites.run(&format!("DELETE FROM jobs WHERE site = '{site}'; DELETE FROM sites WHERE id = '{site}'")).await;
    screen.wait_for(&format!("the site Harbor ({site}) is no longer there")).unwrap();
    assert!(shown(&screen.screen()).is_empty(), "{}", screen.text());
    let drawn = String::from_utf8_lossy(&screen.bytes()[from..]).into_owned();
    assert!(!drawn.contains("No job.") && !drawn.contains("0 rows"), "{drawn}");
    // It was asked nothing but rows: the list of sites is not due yet.
    screen.press("C").unwrap();
    screen.wait_until("the other two can be chosen", lists).unwrap();
}

/// What was looked at in the course of the changes.
#[derive(Debug, Default)]
struct Looked {
    details: u32,
    exports: u32,
    writes: u32,
    /// Writes that were wanted and left, with the next site chosen while the look before them was on its way.
    overtaken: u32,
}

/// A pause that shows that somebody means what they press.
fn meant() {
    std::thread::sleep(Duration::from_millis(250));
}

/// Exports the list and reads the file: every row, and the column that says whose it is, is of this site. The file is named
/// by it.
fn export(screen: &mut Terminal, letter: char) {
    screen.press("e").unwrap();
    screen.wait_for("Markdown").unwrap();
    screen.press(keys::ENTER).unwrap();
    screen.wait_for("written to").unwrap();
    let files = exported(screen.home());
    let name = if letter == 'a' { "prod-jobs-harbor".to_owned() } else { format!("prod-jobs-market-{}", id(letter)) };
    assert!(files.len() == 1 && files.keys().all(|known| known.starts_with(&name)), "{files:?} under {letter}");
    for (file, text) in files {
        let is_mine =
            |row: &str| row.starts_with(&format!("{letter}-job-")) && row.ends_with(&format!("({})", id(letter)));
        assert!(text.lines().count() == 4 && text.lines().skip(1).all(is_mine), "{text} under {letter}");
        fs::remove_file(screen.home().join(file)).unwrap();
    }
}

/// Files of rows in a folder, by name.
fn exported(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "csv"));
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// Closes the first job, looks which one that was, and opens it again outside, so that there is always one to close.
async fn write(sites: &Sites, screen: &mut Terminal, letter: char) {
    screen.press("x").unwrap();
    let site = if letter == 'a' { "Harbor" } else { "Market" };
    screen.wait_for(&format!("Close on prod, site {site}")).unwrap();
    meant();
    screen.press(keys::TAB).unwrap();
    meant();
    screen.press(keys::ENTER).unwrap();
    screen.wait_for("done, 1 row").unwrap();
    let closed = sites.closed().await;
    assert!(closed.len() == 1 && closed[0].starts_with(letter), "{closed:?} under {letter}");
    sites.run("UPDATE jobs SET state = 'open'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_changes_never_show_export_or_write_the_rows_of_another() {
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
    let mut looked = Looked::default();
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
        let is_mine = |screen: &Terminal| {
            let rows = shown(&screen.screen());
            assert!(rows.is_empty() || rows == [letter], "{n}: {rows:?} under {letter}:\n{}", screen.text());
        };
        let first = format!("{letter}-job-1");
        match n % 10 {
            // What was asked under others may answer now.
            0 | 5 => {
                screen.press(keys::ENTER).unwrap();
                screen.wait_for_rest(Duration::from_millis(120)).unwrap();
                is_mine(&screen);
            }
            2 => {
                screen.wait_for(&first).unwrap();
                screen.press(keys::ENTER).unwrap();
                screen.wait_for(&format!("detail of {first}")).unwrap();
                is_mine(&screen);
                looked.details += 1;
            }
            4 => {
                screen.wait_for(&first).unwrap();
                export(&mut screen, letter);
                looked.exports += 1;
            }
            7 => {
                screen.wait_for(&first).unwrap();
                write(&sites, &mut screen, letter).await;
                is_mine(&screen);
                looked.writes += 1;
            }
            8 => {
                screen.wait_for(&first).unwrap();
                screen.press(&format!("x{}", keys::ESC)).unwrap();
                looked.overtaken += 1;
            }
            _ => {}
        }
    }
    assert_eq!((looked.details, looked.exports, looked.writes, looked.overtaken), (20, 20, 20, 20));
    assert!(sites.closed().await.is_empty(), "nothing was written that nobody confirmed");
    let record = fs::read_to_string(sites.shell.state().join("audit.jsonl")).unwrap();
    for line in record.lines() {
        let written = ['a', 'b', 'c'].into_iter().find(|letter| line.contains(&format!("{letter}-job-")));
        assert!(written.is_none_or(|letter| line.contains(&id(letter))), "the record names another: {line}");
    }
    assert!(record.matches("-job-1").count() >= 20, "{record}");
    let log = sites.pooler.log();
    assert!(!log.contains("22P02") && !sites.server.log().contains("invalid input syntax for type uuid"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_under_one_site_is_taken_back_there_after_another_was_chosen() {
    let sites = Sites::new("scope_undo", "").await;
    let mut screen = Terminal::start(&sites.shell.program(&["--target", "prod", "--view", "jobs"]), 120, 30).unwrap();
    screen.wait_for("C lists what can be chosen").unwrap();
    choose(&mut screen, 'a');
    screen.wait_for("a-job-1").unwrap();
    screen.press("x").unwrap();
    screen.wait_for("Close on prod, site Harbor").unwrap();
    // Over a box nobody is asked for another site.
    screen.press("C").unwrap();
    screen.wait_for_rest(Duration::from_millis(120)).unwrap();
    assert!(!lists(&screen.screen()), "{}", screen.text());
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_under_one_site_is_written_there_although_another_is_chosen_before_it_is_confirmed() {
    let sites = Sites::new("scope_confirm", "scope = \"Harbor\"").await;
    let mut asked = Terminal::start(&sites.shell.program(&["act", "jobs", "close", "a-job-2"]), 100, 30).unwrap();
    asked.wait_for("Write? [y/N]").unwrap();
    assert!(asked.text().contains("Close on prod, Harbor ("), "it says where: {}", asked.text());
    // Meanwhile the config names another, and a dashboard of the same person on the same target shows a third.
    let config = fs::read_to_string(sites.shell.config()).unwrap();
    fs::write(sites.shell.config(), config.replace("\"Harbor\"", &format!("\"{}\"", id('b')))).unwrap();
    let mut screen = Terminal::start(&sites.shell.program(&["--target", "prod", "--view", "jobs"]), 120, 30).unwrap();
    screen.wait_for("b-job-2").unwrap();
    choose(&mut screen, 'c');
    screen.wait_for("c-job-2").unwrap();
    asked.press(&format!("y{}", keys::ENTER)).unwrap();
    assert_eq!(asked.wait_for_exit().unwrap().exit_code(), 0, "{}", asked.text());
    assert_eq!(sites.closed().await, ["a-job-2"]);
    let record = sites.shell.run(&["audit"]).out;
    assert!(record.contains("jobs.close (Harbor)") && !record.contains("(Market)"), "{record}");
    assert_eq!(shown(&screen.screen()), ['c']);
}
