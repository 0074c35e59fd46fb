//! What scripts rely on: words, exit codes, and which stream says what. Needs no server.

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use opsdash_testbed::shell::{Ran, Shell};

use crate::support::{OPSDASH, shell};

/// A target whose servers nobody runs: the discard port refuses.
const CONFIG: &str = r#"
[targets.prod]
system = "cybersensei"
[targets.prod.sources.main]
url = "postgres://opsdash@127.0.0.1:9/central"
timeout = "1s"
[targets.prod.sources.files]
url = "mongodb://127.0.0.1:9/updates?directConnection=true"
timeout = "1s"
"#;

/// A home of its own, and nothing else from outside.
struct Home(Shell);

impl Home {
    fn empty() -> Self {
        Self(Shell::empty(OPSDASH).unwrap())
    }

    fn with(config: &str) -> Self {
        Self(shell(config))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }

    fn config(&self) -> PathBuf {
        self.0.config()
    }

    fn command(&self, arguments: &str) -> Command {
        self.0.command(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    fn run(&self, arguments: &str) -> Ran {
        self.ran(&mut self.command(arguments))
    }

    /// Texts without the home's path, which differs from run to run.
    fn ran(&self, command: &mut Command) -> Ran {
        let home = self.0.home().display().to_string();
        let ran = Ran::of(command);
        Ran { code: ran.code, out: ran.out.replace(&home, "~"), err: ran.err.replace(&home, "~") }
    }
}

/// What a wrong call says, on stderr alone.
trait Refused {
    fn refused(&self, parts: &[&str]);
}

impl Refused for Ran {
    #[track_caller]
    fn refused(&self, parts: &[&str]) {
        assert_eq!(self.code, Some(2), "{}{}", self.out, self.err);
        assert_eq!(self.out, "", "{}", self.err);
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in:\n{}", self.err);
        }
    }
}

#[test]
fn help_teaches() {
    let home = Home::empty();
    for (name, arguments) in [
        ("help", "--help"),
        ("help_short", "-h"),
        ("help_show", "show --help"),
        ("help_check", "check --help"),
        ("help_lookup", "license --help"),
        ("help_packs", "packs --help"),
        ("help_packs_check", "packs check --help"),
        ("help_packs_eject", "packs eject --help"),
        ("help_config", "config --help"),
        ("help_completions", "completions --help"),
        ("help_doctor", "doctor --help"),
        ("help_act", "act --help"),
        ("help_audit", "audit --help"),
        ("help_files", "files --help"),
        ("help_files_verify", "files verify --help"),
    ] {
        let ran = home.run(arguments);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        insta::assert_snapshot!(name, ran.out);
    }
}

#[test]
fn the_version_is_one_line() {
    let ran = Home::empty().run("--version");
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), concat!("opsdash ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn without_a_config_every_command_that_needs_one_says_what_to_do_next() {
    let home = Home::empty();
    for arguments in [
        "",
        "show tenants",
        "license KEY-1234",
        "config check",
        "show tenants --target prod",
        "doctor",
        "act tenants activate 1",
    ] {
        home.run(arguments).refused(&["config.example.toml", "~/.config/opsdash/config.toml", "opsdash config check"]);
    }
    let shown = home.run("config show");
    assert_eq!((shown.code, shown.out.as_str()), (Some(0), ""));
    assert!(shown.err.contains("config.example.toml"));
}

#[test]
fn a_view_that_is_not_there_is_told_with_what_was_meant() {
    let home = Home::with(CONFIG);
    for arguments in ["show tenant", "show tenant --format json --limit 3"] {
        home.run(arguments).refused(&["has no view \"tenant\"", "did you mean \"tenants\"?", "error_log"]);
    }
}

#[test]
fn grants_are_of_a_source_that_there_is_and_are_no_findings() {
    let home = Home::with(CONFIG);
    home.run("doctor --grants mian").refused(&["no source \"mian\"", "did you mean \"main\"?"]);
    home.run("doctor --grants --format json").refused(&["cannot be used with"]);
    let ran = home.run("doctor --grants main");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(ran.out.starts_with("-- CyberSensei Central, source main"), "{}", ran.out);
}

#[test]
fn set_takes_what_the_view_knows() {
    let home = Home::with(CONFIG);
    home.run("show error_log --set level=ERORR").refused(&["\"ERORR\" is no choice", "did you mean \"ERROR\"?", "all"]);
    home.run("show error_log --set colour=red").refused(&["\"colour\"", "--set level=", "--set tenant=VALUE"]);
    home.run("show error_log --set level").refused(&["NAME=VALUE"]);
    home.run("show tenants --limit 0").refused(&["--limit", "1..=10000"]);
    home.run("--view tenants show tenants").refused(&["belong to the dashboard"]);
}

#[test]
fn a_target_that_is_not_there_is_told_with_those_that_are() {
    let staging = CONFIG.replace("targets.prod", "targets.staging");
    let home = Home::with(&format!("{CONFIG}{staging}"));
    home.run("show tenants --target prdo").refused(&["no target \"prdo\"", "did you mean \"prod\"?"]);
    home.run("show tenants").refused(&["which target?", "default_target", "prod, staging"]);
    home.run("show tenants --target prod --all-targets").refused(&["exclude each other"]);
    home.run("--target prod --target prdo").refused(&["no target \"prdo\""]);
    home.run("--target prod --all-targets").refused(&["exclude each other"]);
    home.run("--target prod --target staging").refused(&["needs a terminal"]);
}

#[test]
fn a_broken_config_is_refused_with_file_and_line() {
    let home = Home::with(&CONFIG.replace("system =", "sytem ="));
    for arguments in ["show tenants", "config show", "config check", "license KEY-1234", ""] {
        home.run(arguments).refused(&["~/.config/opsdash/config.toml:3", "sytem", "did you mean \"system\"?"]);
    }
    let home = Home::with(&CONFIG.replace("\"cybersensei\"", "\"cybersense\""));
    home.run("show tenants").refused(&["did you mean \"cybersensei\"?"]);
    let home = Home::with(&CONFIG.replace("sources.files", "sources.flies"));
    home.run("show tenants").refused(&["config.toml", "\"flies\"", "did you mean \"files\"?"]);
}

#[test]
fn a_config_that_others_can_change_is_refused_with_the_remedy() {
    let home = Home::with(CONFIG);
    fs::set_permissions(home.config(), Permissions::from_mode(0o666)).unwrap();
    home.run("show tenants").refused(&["others may write to it", "chmod go-w ~/.config/opsdash/config.toml"]);
    fs::set_permissions(home.config(), Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(home.path(".config/opsdash"), Permissions::from_mode(0o777)).unwrap();
    home.run("show tenants").refused(&["chmod go-w ~/.config/opsdash"]);
    fs::set_permissions(home.path(".config/opsdash"), Permissions::from_mode(0o755)).unwrap();
    // Only root can give a file away; elsewhere the rule is tested without.
    if chown(home.config(), Some(12_345), None).is_ok() {
        home.run("show tenants").refused(&["belongs to uid 12345", "chown"]);
    }
}

#[test]
fn the_config_is_shown_with_its_places_and_without_secrets() {
    let secret = CONFIG.replace("opsdash@127", "opsdash:hunter2@127");
    let home = Home::with(&format!("{secret}password = {{ command = [\"vault\", \"--token\", \"hunter3\"] }}\n"));
    let shown = home.run("config show");
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), ""));
    assert!(shown.out.contains("targets.prod.system = \"cybersensei\""), "{}", shown.out);
    assert!(shown.out.contains("# ~/.config/opsdash/config.toml:3"), "{}", shown.out);
    assert!(!shown.out.contains("hunter"), "{}", shown.out);
    let checked = home.run("config check");
    assert_eq!((checked.code, checked.out.as_str()), (Some(0), "prod: ok, CyberSensei Central\n"), "{}", checked.err);
}

#[test]
fn config_check_finds_what_only_the_pack_knows() {
    let overrides = "[views.tenants.threshold]\nsilent_aftr = \"2 hours\"\n[keys]\nquti = [\"Q\"]\n";
    let home = Home::with(&format!("{CONFIG}{overrides}"));
    let checked = home.run("config check");
    assert_eq!(checked.code, Some(2));
    assert!(
        checked.out.contains("config.toml:10: the view \"tenants\" has no threshold \"silent_aftr\""),
        "{}",
        checked.out
    );
    assert!(checked.out.contains("quti"), "{}", checked.out);
}

#[test]
fn config_check_tells_all_that_can_be_known_without_a_network() {
    let source = |lines: &str| format!("[targets.lab]\nsystem = \"kronos\"\n[targets.lab.sources.main]\n{lines}\n");
    for (lines, told) in [
        ("url = \"postgres://h:99999/db\"", "the port is no number from 1 to 65535"),
        ("url = \"postgres://h/db?sslmode=verify_full\"", "sslmode (PGSSLMODE) is \"verify_full\""),
        ("url = \"postgres://h/db?service=nowhere\"", "there is no service \"nowhere\""),
        ("url = \"postgres://h/db\"\nnaive_zone = \"Mars/Olympus\"", "Mars/Olympus"),
        ("url = \"postgres://h/db\"\nca_file = \"/nowhere/ca.pem\"", "the ca_file /nowhere/ca.pem cannot be read"),
        ("url = \"postgres://h/db\"\npassword = { env = \"NO_SUCH_VARIABLE\" }", "NO_SUCH_VARIABLE is not set"),
        ("url = \"postgres://h/db\"\npassword = { file = \"/nowhere/p\" }", "there is no password file /nowhere/p"),
    ] {
        let checked = Home::with(&source(lines)).run("config check");
        assert_eq!(checked.code, Some(2), "{lines}: {}{}", checked.out, checked.err);
        assert!(checked.out.contains("config.toml:") && checked.out.contains(told), "{lines}: {}", checked.out);
    }
    let right = source("url = \"postgres://h/db\"");
    assert_eq!(Home::with(&right).run("config check").code, Some(0));
    let dashed = Home::with(&right.replace("targets.lab", "targets.-x")).run("config check");
    assert_eq!(dashed.code, Some(2));
    assert!(format!("{}{}", dashed.out, dashed.err).contains("begin with no -"), "{}", dashed.err);
}

#[test]
fn a_named_config_replaces_the_users() {
    let home = Home::with("not toml");
    let other = home.path("other.toml");
    fs::write(&other, CONFIG).unwrap();
    fs::set_permissions(&other, Permissions::from_mode(0o600)).unwrap();
    for command in [
        home.command("config check --config other.toml"),
        home.command("--config other.toml config check"),
        with(home.command("config check"), "OPSDASH_CONFIG", &other),
    ] {
        let mut command = command;
        let ran = home.ran(&mut command);
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), "prod: ok, CyberSensei Central\n"), "{}", ran.err);
    }
    home.run("config check --config absent.toml").refused(&["absent.toml: there is no such file"]);
}

fn with(mut command: Command, name: &str, value: &Path) -> Command {
    command.env(name, value);
    command
}

#[test]
fn a_source_that_refuses_is_exit_3_and_prints_no_rows() {
    let home = Home::with(CONFIG);
    for format in ["table", "csv", "markdown"] {
        let ran = home.run(&format!("show tenants --format {format}"));
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{}", ran.err);
        assert!(ran.err.contains("prod tenants: failed: unreachable"), "{}", ran.err);
    }
    let ran = home.run("show tenants --format json");
    assert_eq!(ran.code, Some(3));
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&json["state"], &json["error"]["kind"]), (&"failed".into(), &"unreachable".into()));
    assert_eq!((&json["rows"], &json["counts"]), (&serde_json::json!([]), &serde_json::Value::Null));
    assert_eq!((&json["schema"], &json["target"], &json["view"]), (&1.into(), &"prod".into(), &"tenants".into()));
}

#[test]
fn a_wrong_call_of_check_is_unknown_to_monitoring_and_never_critical() {
    let home = Home::with(CONFIG);
    for arguments in [
        "check tenant",
        "check --format xml",
        "check --bogus",
        "check --timeout never",
        "check --target prdo",
        "--view tenants check",
        "check tenants --output no/such/folder/file",
        "check tenants --output /tmp",
        "check --all-targets tenant",
    ] {
        let ran = home.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{arguments}: {}", ran.err);
        assert!(!ran.err.is_empty(), "{arguments}");
    }
    let ran = Home::empty().run("check");
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    let ran = Home::with("not toml").run("check");
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert_eq!(home.run("check --help").code, Some(0));
}

#[test]
fn check_tells_what_does_not_answer_in_every_format() {
    let staging = CONFIG.replace("targets.prod", "targets.staging");
    let home = Home::with(&format!("{CONFIG}{staging}"));
    let ran = home.run("check tenants updates --target prod");
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    let first = "UNKNOWN - prod: main unreachable, 2 views unknown | 'tenants_crit'=U 'tenants_warn'=U ";
    assert!(ran.out.starts_with(first), "{}", ran.out);
    assert!(ran.out.contains("\nprod tenants, updates unknown: no answer from main: unreachable: "), "{}", ran.out);
    let ran = home.run("check tenants --all-targets --format json");
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let checks: Vec<_> = json.as_array().unwrap().iter().map(|one| &one["checks"][0]["target"]).collect();
    assert_eq!(checks, ["prod", "staging"]);
    assert_eq!(json[0]["checks"][0]["crit"], serde_json::Value::Null);
    let ran = home.run("check tenants --target prod --format prometheus");
    assert!(
        ran.out.contains("opsdash_view_up{target=\"prod\",system=\"cybersensei\",view=\"tenants\"} 0\n"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("opsdash_view_rows{") && ran.err.contains("unreachable"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_lookup_without_an_answer_knows_nothing_and_says_so() {
    let home = Home::with(CONFIG);
    let ran = home.run("license ABCD-1234-EFGH-5678 --json");
    assert_eq!(ran.code, Some(3));
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&json["verdict"], &json["query"]), (&"unknown".into(), &"ABCD…5678".into()));
    assert_eq!((&json["license"], &json["matches"]), (&serde_json::Value::Null, &serde_json::json!([])));
    assert!(!format!("{}{}", ran.out, ran.err).contains("1234-EFGH"), "{}{}", ran.out, ran.err);
    let ran = home.run("license ABCD-1234-EFGH-5678");
    assert_eq!((ran.code, ran.out.as_str()), (Some(3), "unknown  ABCD…5678\n"));
}

#[test]
fn a_lookup_wants_one_query() {
    let home = Home::with(CONFIG);
    home.run("license").refused(&["QUERY"]);
    home.run("license KEY-1234 --stdin").refused(&["--stdin"]);
    home.run("license --stdin").refused(&["the query is empty"]);
}

#[test]
fn several_targets_make_an_array_and_the_worst_exit() {
    let staging = CONFIG.replace("targets.prod", "targets.staging");
    let home = Home::with(&format!("{CONFIG}{staging}"));
    for arguments in
        ["show tenants --all-targets", "show tenants --target prod --target staging", "license KEY-1234 --all-targets"]
    {
        let format = if arguments.starts_with("show") { "--format json" } else { "--json" };
        let ran = home.run(&format!("{arguments} {format}"));
        assert_eq!(ran.code, Some(3), "{}", ran.err);
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let targets: Vec<&str> = json.as_array().unwrap().iter().map(|one| one["target"].as_str().unwrap()).collect();
        assert_eq!(targets, ["prod", "staging"]);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = Home::with(CONFIG);
    for (arguments, code) in [("packs show cybersensei", 0), ("--help", 0), ("show tenants --format json", 3)] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = home.command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {err}");
        assert!(!err.contains("panicked") && !err.contains("roken pipe"), "{arguments}: {err}");
    }
}

#[test]
fn the_dashboard_needs_a_terminal_and_says_what_does_not() {
    Home::with(CONFIG).run("").refused(&["needs a terminal", "opsdash show"]);
}

#[test]
fn packs_are_listed_shown_and_checked() {
    let home = Home::empty();
    let list = home.run("packs list");
    assert_eq!((list.code, list.err.as_str()), (Some(0), ""));
    assert!(list.out.lines().any(|line| line.starts_with("cybersensei ") && line.contains("CyberSensei Central")));
    for line in list.out.lines().filter(|line| line.starts_with("  ")) {
        assert!(line.chars().count() <= 120 && !line.contains('…'), "{line}");
    }
    assert!(list.out.contains("tenants, licenses") && list.out.contains("mongo_storage"), "{}", list.out);
    let show = home.run("packs show cybersensei");
    assert!(show.out.contains("packs/cybersensei/tenants.sql"), "{}", show.out);
    assert!(show.out.contains("opsdash license QUERY"), "{}", show.out);
    assert!(show.out.contains("  mongo_server  MongoDB  (in Servers)"), "{}", show.out);
    assert!(show.out.contains("  overview_facts  Numbers  (hidden; the overview"), "{}", show.out);
    home.run("packs show cyber").refused(&["no pack for the system \"cyber\""]);
    let check = home.run("packs check");
    assert_eq!((check.code, check.err.as_str()), (Some(0), ""), "{}", check.out);
    assert!(check.out.contains("cybersensei: ok"), "{}", check.out);
}

#[test]
fn an_editor_gets_the_schema_of_each_file_of_a_pack() {
    let home = Home::empty();
    for (arguments, title) in [
        ("packs schema", "<view>.toml"),
        ("packs schema view", "<view>.toml"),
        ("packs schema pack", "pack.toml"),
        ("packs schema runbook", "runbook.toml"),
        ("packs schema schema", "schema.toml"),
    ] {
        let ran = home.run(arguments);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        let schema: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(schema["title"], title, "{arguments}");
    }
    home.run("packs schema views").refused(&["'views'", "pack, view, runbook, schema"]);
}

#[test]
fn views_that_share_a_tab_are_listed_in_it() {
    let home = Home::empty();
    let folder = home.path(".config/opsdash/packs/books");
    fs::create_dir_all(&folder).unwrap();
    let pack =
        "title = \"B\"\nviews = []\ninclude = [\"postgres\"]\n[[source]]\nname = \"main\"\nengine = \"postgresql\"\n";
    fs::write(folder.join("pack.toml"), pack).unwrap();
    let list = home.run("packs list");
    assert!(list.out.contains(" Servers (pg_activity, pg_"), "{}", list.out);
}

#[test]
fn a_broken_pack_is_told_with_file_and_line_and_hides_no_command() {
    let home = Home::with(CONFIG);
    let folder = home.path(".config/opsdash/packs/cybersensei");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("tenants.toml"), "title = \"Mine\"\ncolumm = []\n").unwrap();
    let check = home.run("packs check");
    assert_eq!((check.code, check.err.as_str()), (Some(2), ""), "{}", check.out);
    assert!(check.out.contains("packs/cybersensei/tenants.toml:2"), "{}", check.out);
    let check = home.run("packs check .config/opsdash/packs/cybersensei");
    assert_eq!(check.code, Some(2), "{}", check.out);
    home.run("show tenants").refused(&["packs/cybersensei/tenants.toml:2"]);
    home.run("license KEY-1234").refused(&["packs/cybersensei/tenants.toml:2"]);
    fs::write(folder.join("tenants.toml"), "title = \"Mine\"\n").unwrap();
    let show = home.run("packs show cybersensei");
    assert!(show.out.contains("tenants  Mine") && show.out.contains("from ~/.config/opsdash/packs"), "{}", show.out);
}

#[test]
fn completions_know_the_commands_of_packs_and_their_views() {
    let home = Home::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = home.run(&format!("completions {shell}"));
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{shell}");
        for word in ["license", "check", "timeout"] {
            assert!(ran.out.contains(word), "{shell} does not know {word}");
        }
        // These two offer no values.
        assert!(matches!(shell, "elvish" | "powershell") || ran.out.contains("error_log"), "{shell}");
    }
    home.run("completions tcsh").refused(&["bash", "zsh"]);
}

#[test]
fn stdin_is_read_as_one_line() {
    let home = Home::with(CONFIG);
    let mut command = home.command("license --stdin");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("  ÄBCD-1234-EFGH-5678 \nsecond\n".as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "unknown  ÄBCD…5678\n");
}
