//! What a user does on a healthy system, from the first screen to the last.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use opsdash_testbed::pty::{Screen, keys};

use super::{cluster, on_pristine, pristine, pristine_files, sample};
use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn it_opens_on_the_overview_with_the_counts_of_the_databases() {
    let screen = on_pristine().await.start();
    screen.shows(&["Overview", "CyberSensei Central", "Attention", "main ●", "files ●"]);
    screen.shows(&["Licenses ✖5 ▲5", "Errors ✖5", "Tenants ✖30", "Updates ✖"]);
    screen.shows(&["quota sync failed", "ACTIVE but expired 3d ago", "connection pool exhausted"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_and_tab_walk_through_the_tabs() {
    let mut screen = on_pristine().await.start();
    screen.shows(&["Attention"]);
    screen.type_in(&["3"]);
    screen.shows(&["preset:all", "LAB-…0004"]);
    screen.type_in(&[keys::TAB]);
    screen.shows(&["unresolved; CRITICAL ever", "quota sync failed"]);
    screen.type_in(&[keys::BACK_TAB, keys::BACK_TAB]);
    screen.shows(&["last metric", "lab-013"]);
    screen.type_in(&["8"]);
    screen.shows(&["MISSING_FILE", "1.11.0"]);
    screen.type_in(&["1"]);
    screen.shows(&["Attention"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_goes_through_the_views_of_the_servers_and_names_them_all() {
    let mut screen = on_pristine().await.start();
    // The key opens the worst of them, so it is known by then which one that is.
    screen.shows(&["Attention", "39 of 40 tenants active", "Servers ?1"]);
    screen.type_in(&["0"]);
    // The login may not know it all, so this is the worst of them.
    screen.shows(&["Activity", "PostgreSQL ?1", "Tables", "MongoDB", "Storage", "no pg_monitor"]);
    for shown in ["error_logs", "standalone", "update_packages.chunks"] {
        screen.type_in(&["0"]);
        screen.shows(&["Activity", "MongoDB", shown]);
    }
    screen.type_in(&["1", "0"]);
    screen.shows(&["update_packages.chunks"]);
    screen.type_in(&[keys::BACK_TAB]);
    screen.shows(&["standalone"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_on_an_attention_line_lands_on_its_row() {
    let mut screen = on_pristine().await.start();
    screen.shows(&["Licenses ✖5", "ACTIVE but expired 1d ago", "Updates ✖3", "lab-011"]);
    screen.go_to("ACTIVE but expired 1d ago");
    screen.type_in(&[keys::ENTER]);
    screen.shows(&["preset:all"]);
    screen.until("the cursor is on that license", |screen| {
        current_line(screen).is_some_and(|line| line.contains("lab-034"))
    });
    screen.type_in(&[ESC]);
    screen.shows(&["Attention"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_detail_stands_beside_the_list_where_there_is_room_and_over_it_where_there_is_none() {
    let mut screen = on_pristine().await.start();
    screen.type_in(&["2"]);
    screen.shows(&["lab-004", "last metric"]);
    screen.type_in(&[keys::ENTER]);
    screen.shows(&["lab-006", "ops@lab-004.example", "LAB-…0004", "exercises today"]);
    screen.resize(80, 24).unwrap();
    screen.hides(&["lab-006"]);
    screen.shows(&["ops@lab-004.example"]);
    screen.type_in(&[ESC]);
    screen.shows(&["lab-004", "lab-006"]);
    screen.hides(&["4 Sample Street"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_the_other_view_for_this_row_and_esc_comes_back() {
    let mut screen = on_pristine().await.start();
    screen.type_in(&["2"]);
    // The overview names it too: what only the tab shows tells that keys go there.
    screen.shows(&["last metric", "lab-012"]);
    screen.go_to("lab-012");
    screen.type_in(&["g", "e"]);
    screen.shows(&["tenant:lab-012", "CRITICAL"]);
    screen.until("every entry is of that tenant", |screen| {
        let entries = lines_with(screen, "CRITICAL  NODE");
        !entries.is_empty() && entries.iter().all(|entry| entry.contains("lab-012"))
    });
    screen.type_in(&[ESC]);
    screen.hides(&["tenant:lab-012"]);
    screen.until("the cursor is where it was", |screen| {
        current_line(screen).is_some_and(|line| line.contains("lab-012"))
    });
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_narrows_at_once_and_enter_searches_what_is_not_loaded() {
    let mut screen = on_pristine().await.start();
    screen.type_in(&["5"]);
    // Of 521 entries, 500 are here; the oldest are not.
    screen.shows(&["500 of 521", "quota sync failed"]);
    screen.type_in(&["/", "llm"]);
    screen.hides(&["quota sync failed"]);
    screen.shows(&["llm call failed"]);
    screen.type_in(&[keys::BACKSPACE, keys::BACKSPACE, keys::BACKSPACE, "delete archive"]);
    screen.shows(&["No row passes"]);
    screen.type_in(&[keys::ENTER]);
    screen.shows(&["could not delete archive", "search:"]);
    screen.hides(&["quota sync failed"]);
    screen.type_in(&[ESC]);
    screen.shows(&["500 of 521", "quota sync failed"]);
    screen.hides(&["search:"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pasted_is_text_and_never_keys() {
    let paste = |text: &str| format!("\x1b[200~{text}\x1b[201~");
    let mut screen = on_pristine().await.start();
    screen.type_in(&["5"]);
    screen.shows(&["500 of 521"]);
    // As keys these would sort, pause and leave.
    screen.type_in(&[&paste("spq"), "/", &paste("delete\u{202e} arch\0ive\x07\r\nq")]);
    screen.shows(&["No row passes"]);
    screen.type_in(&[keys::ENTER]);
    screen.shows(&["search:"]);
    screen.hides(&["PAUSED", "500 of 521", "asking"]);
    screen.hides(&["NO DATA"]);
    screen.type_in(&[ESC]);
    screen.shows(&["500 of 521"]);
    assert!(!String::from_utf8_lossy(&screen.bytes()).contains('\u{202e}'), "pasted text acts on the terminal");
    assert_eq!(screen.bells(), 0);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_choose_what_the_list_holds() {
    let mut screen = on_pristine().await.start();
    screen.type_in(&["3"]);
    screen.shows(&["preset:all", "lab-004"]);
    screen.type_in(&["f"]);
    screen.shows(&["over quota", "mismatch"]);
    screen.type_in(&[keys::RIGHT, keys::ENTER]);
    screen.hides(&["over quota", "lab-004"]);
    screen.shows(&["preset:expiring", "lab-002", "lab-003"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sort_goes_up_then_down_then_back_to_the_views_own_order() {
    let mut screen = on_pristine().await.start();
    screen.type_in(&["3"]);
    screen.shows(&["lab-004", "ACTIVE"]);
    let first_is = |screen: &Dashboard, text: &str| {
        let text = text.to_owned();
        screen.until(&format!("{text} is first"), |screen| {
            lines_with(screen, "lab-0").first().is_some_and(|line| line.contains(&text))
        });
    };
    first_is(&screen, "lab-004");
    // The cursor follows its row, so the way to the first one is asked for.
    screen.type_in(&[keys::RIGHT, "s", "g", "g"]);
    first_is(&screen, "lab-001");
    screen.type_in(&["s", "g", "g"]);
    first_is(&screen, "lab-040");
    screen.type_in(&["s", "g", "g"]);
    first_is(&screen, "lab-004");
    screen.quit();
}

/// What text must not hold outside of the program's own drawing.
fn assert_inert(text: &str) {
    let harmful = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let found: Vec<char> = text.chars().filter(|c| harmful(*c)).collect();
    assert!(found.is_empty(), "{found:?} in {text:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn marked_rows_are_copied_and_hostile_text_in_them_is_inert() {
    let mut screen = on_pristine().await.start();
    screen.type_in(&["4"]);
    screen.shows(&["level:needs somebody", "hostile", "quota sync failed"]);
    screen.go_to("quota sync failed");
    screen.type_in(&[" "]);
    screen.shows(&["1 marked"]);
    screen.go_to("hostile");
    screen.type_in(&[" "]);
    screen.shows(&["2 marked"]);
    screen.type_in(&["Y"]);
    eventually("the terminal got a copy", || !screen.copied().is_empty());
    let copied = BASE64_STANDARD.decode(&screen.copied()[0]).unwrap();
    let copied = String::from_utf8(copied).unwrap();
    assert_inert(&copied);
    let rows: Vec<&str> = copied.lines().collect();
    assert_eq!(rows.len(), 2, "{copied}");
    assert!(rows[0].contains("quota sync failed") && rows[0].contains('\t'), "{copied}");
    assert!(rows[1].contains("hostile ␛"), "{copied}");
    screen.type_in(&[ESC]);
    screen.hides(&["2 marked"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_a_new_private_file_each_time_and_hostile_text_in_it_is_inert() {
    let mut screen = on_pristine().await.start();
    screen.type_in(&["4"]);
    // The whole list: until it has come, only the rows in trouble are there.
    screen.shows(&["hostile", "quota sync failed", "profile saved"]);
    let files = |screen: &Dashboard| {
        let all = fs::read_dir(screen.home()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = all.filter(|path| path.is_file()).collect();
        files.sort();
        files
    };
    for count in 1..=2 {
        screen.type_in(&["e"]);
        screen.shows(&["CSV", "JSON", "Markdown"]);
        screen.type_in(&[keys::ENTER]);
        eventually("a file was written", || files(&screen).len() == count);
        screen.shows(&["6 rows written to"]);
        screen.hides(&["Markdown"]);
    }
    for file in files(&screen) {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        let text = fs::read_to_string(&file).unwrap();
        assert_inert(&text);
        assert!(text.contains("hostile ␛") && text.contains("quota sync failed"), "{text}");
    }
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn help_palette_and_zone_answer() {
    // A zone without any files.
    let mut screen = on_pristine().await.env("TZ", "EST5").start();
    screen.shows(&["Attention", " Z"]);
    screen.type_in(&["?"]);
    screen.shows(&["next crit row", "write the rows to a file"]);
    screen.type_in(&["?"]);
    screen.hides(&["write the rows to a file"]);
    screen.type_in(&[":", "licen"]);
    screen.shows(&["Licenses", "tab"]);
    screen.type_in(&[keys::ENTER]);
    screen.shows(&["preset:all"]);
    screen.type_in(&["z"]);
    screen.shows(&[" EST", "local zone"]);
    screen.type_in(&["z"]);
    screen.hides(&[" EST"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_target_is_one_key_away() {
    let (main, files) = (pristine().await, pristine_files().await);
    let first = "default_target = \"lab\"\n".to_owned() + &target("lab", main, files);
    let mut screen = with_config(first + &target("spare", main, files)).start();
    screen.shows(&["lab  CyberSensei", "Licenses ✖5"]);
    screen.type_in(&["T"]);
    screen.shows(&["Target", "spare"]);
    screen.type_in(&["spar", keys::ENTER]);
    screen.shows(&["spare  CyberSensei", "Licenses ✖5"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_opens_where_the_command_line_says() {
    let opening = on_pristine().await.args(&["--view", "error_log", "--set", "level=ERROR", "--search", "payload"]);
    let mut screen = opening.start();
    screen.shows(&["level:ERROR", "search:", "payload too large"]);
    screen.hides(&["quota sync"]);
    screen.type_in(&["1"]);
    screen.shows(&["Attention"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_facet_begins_at_its_default_whatever_was_chosen_the_last_time() {
    let state = tempfile::tempdir().unwrap();
    let state_home = state.path().to_str().unwrap();
    let mut screen = on_pristine().await.env("XDG_STATE_HOME", state_home).start();
    screen.type_in(&["3"]);
    screen.shows(&["preset:all"]);
    screen.type_in(&["f", keys::RIGHT, keys::ENTER]);
    screen.shows(&["preset:expiring", "lab-002"]);
    screen.quit();
    // As a version before this one wrote it.
    let kept = state.path().join("opsdash/state.toml");
    std::fs::create_dir_all(kept.parent().unwrap()).unwrap();
    std::fs::write(&kept, "[facets.\"cybersensei.licenses\"]\npreset = \"expiring\"\n").unwrap();
    let mut screen = on_pristine().await.env("XDG_STATE_HOME", state_home).start();
    screen.shows(&["Licenses ✖5 ▲5"]);
    screen.type_in(&["3"]);
    screen.shows(&["preset:all", "lab-002", "lab-004"]);
    screen.quit();
}

const LIVELY: &str = "[views.errors]\nrefresh = \"1s\"\n";

fn insertion(message: &str) -> String {
    format!("INSERT INTO error_logs (level, source, message) VALUES ('CRITICAL', 'BACKEND', '{message}')")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_row_appears_within_its_interval_without_a_key_and_rings_the_bell() {
    let main = sample("insertion").await;
    let config = target("lab", &main, pristine_files().await) + LIVELY;
    let mut screen = with_config(config).start();
    screen.type_in(&["4"]);
    screen.shows(&["quota sync failed"]);
    assert_eq!(screen.bells(), 0, "what was there before is no news");
    cluster().await.run("insertion", &insertion("the roof is on fire")).await.unwrap();
    screen.shows(&["the roof is on fire"]);
    eventually("the bell rang", || screen.bells() == 1);
    screen.type_in(&["p"]);
    screen.shows(&["PAUSED"]);
    cluster().await.run("insertion", &insertion("the cellar is under water")).await.unwrap();
    screen.type_in(&["R"]);
    screen.shows(&["the cellar is under water", "PAUSED"]);
    screen.type_in(&["p"]);
    screen.hides(&["PAUSED"]);
    cluster().await.run("insertion", &insertion("the garden is gone")).await.unwrap();
    screen.shows(&["the garden is gone"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_size_is_drawn_and_none_is_too_small() {
    let mut screen = on_pristine().await.size(80, 24).start();
    screen.shows(&["Attention"]);
    for (columns, rows) in [(100, 30), (160, 45), (200, 60), (40, 10), (80, 24)] {
        for tab in ["1", "2", "3", "4", "5", "6", "7"] {
            screen.type_in(&[tab]);
            screen.resize(columns, rows).unwrap();
            screen.shows(&["lab"]);
            if tab != "1" {
                screen.type_in(&[keys::ENTER]);
            }
        }
        screen.type_in(&["?"]);
        screen.shows(&["Keys"]);
        screen.type_in(&["?"]);
        screen.hides(&["Keys"]);
        screen.type_in(&["1"]);
        screen.shows(&["Attention"]);
    }
    screen.type_in(&["4"]);
    for (columns, rows) in [(1, 1), (2, 1), (1, 60), (300, 1), (3, 3)] {
        screen.resize(columns, rows).unwrap();
        screen.type_in(&["j", keys::ENTER, "?", "?", "f", "f", "/", "x", keys::BACKSPACE, keys::ENTER]);
    }
    screen.resize(160, 45).unwrap();
    screen.shows(&["Errors", "quota sync failed"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_in_a_terminal_of_one_cell() {
    let mut screen = on_pristine().await.size(1, 1).start();
    screen.until("something was drawn", Screen::alternate_screen);
    screen.resize(100, 30).unwrap();
    screen.shows(&["Attention", "Licenses"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_without_utf8_gets_ascii_alone() {
    let main = sample("ascii").await;
    // Names and keys beyond ASCII are data, and are not what this is about.
    let plain = "UPDATE tenants SET \"companyName\" = name, \"licenseKey\" = left(id::text, 8);
        DELETE FROM error_logs WHERE message ~ '[^ -~]' OR level = 'INFO';
        DELETE FROM licenses";
    cluster().await.run("ascii", plain).await.unwrap();
    let mut screen = on(&main, pristine_files().await).env("LANG", "C").start();
    screen.shows(&["Attention", "quota sync"]);
    for (tab, text) in [("2", "lab-013"), ("4", "quota sync"), ("6", "lab-011"), ("8", "MISSING_FILE"), ("5", "quota")]
    {
        screen.type_in(&[tab]);
        screen.shows(&[text]);
        screen.type_in(&[keys::ENTER]);
        screen.shows(&["|"]);
    }
    screen.type_in(&["?"]);
    screen.shows(&["Keys"]);
    let beyond: String = String::from_utf8_lossy(&screen.bytes()).chars().filter(|c| !c.is_ascii()).collect();
    assert_eq!(beyond, "");
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_color_what_matters_still_stands_out() {
    let mut screen = on_pristine().await.env("NO_COLOR", "1").start();
    screen.shows(&["Attention", "✖", "quota sync"]);
    screen.type_in(&["4"]);
    screen.shows(&["hostile"]);
    let bytes = screen.bytes();
    let text = String::from_utf8_lossy(&bytes);
    let parameters: Vec<&str> = text
        .split("\x1b[")
        .skip(1)
        .filter_map(|sequence| {
            let end = sequence.find(|c: char| !matches!(c, '0'..='9' | ';' | ':'))?;
            sequence[end..].starts_with('m').then_some(&sequence[..end])
        })
        .flat_map(|sequence| sequence.split([';', ':']))
        .collect();
    let is_color =
        |parameter: &&str| parameter.parse::<u32>().is_ok_and(|n| matches!(n, 30..=38 | 40..=48 | 90..=97 | 100..=107));
    assert_eq!(parameters.iter().copied().find(|parameter| is_color(parameter)), None);
    assert!(parameters.contains(&"1") && parameters.contains(&"7"), "neither bold nor reverse: {parameters:?}");
    screen.until("the row is marked", |screen| current_line(screen).is_some());
    screen.quit();
}
