//! Secrets under names of their own, driven through every command and the dashboard: none of them may come out anywhere.

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Stdio,
    sync::Arc,
};

use opsdash::{
    packs,
    runtime::session::{Session, SessionOptions},
    settings::{self, Environment},
};
use opsdash_core::model::Demand;
use opsdash_pack::config::Target;
use opsdash_testbed::{
    pty::{Terminal, keys},
    sample::cybersensei::fresh_database,
    servers::{mongod::Mongod, postgres::shared},
    shell::Shell,
};

/// What must never be seen. No two begin or end alike, so that half of one is found too.
const HASH: &str = "$2b$12$cnryHashInTheDatabase";
const KEY: &str = "CNRY-LICN-KEYS-7781";
/// What stands between the four characters at each end, which may be shown.
const KEY_MIDDLE: &str = "LICN-KEYS";
const IN_URL: &str = "cnryPasswordInUrl";
const IN_ENV: &str = "cnryPasswordInVariable";
const IN_FILE: &str = "cnryPasswordInFile";
const IN_PGPASS: &str = "cnryPasswordInPgpass";
const BY_COMMAND: &str = "cnryPasswordByCommand";
const TOKEN: &str = "cnryTokenOfTheCommand";
const WRONG: &str = "cnryPasswordThatIsWrong";
const IN_MONGO_URL: &str = "cnryPasswordOfMongo";
const ALL: [&str; 11] =
    [HASH, KEY, KEY_MIDDLE, IN_URL, IN_ENV, IN_FILE, IN_PGPASS, BY_COMMAND, TOKEN, WRONG, IN_MONGO_URL];

#[track_caller]
fn is_clean(what: &str, text: &str) {
    for secret in ALL {
        assert!(!text.contains(secret), "{secret} in {what}:\n{text}");
    }
}

/// Everything below a folder but the files that were given to it.
fn files_are_clean(folder: &Path, given: &[&str]) -> usize {
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            seen += files_are_clean(&path, given);
        } else if !given.iter().any(|given| path.ends_with(given)) {
            is_clean(&path.display().to_string(), &String::from_utf8_lossy(&fs::read(&path).unwrap()));
            seen += 1;
        }
    }
    seen
}

/// A login on the shared cluster that may read.
async fn login(database: &str, name: &str, password: &str) -> String {
    let sql = format!(
        "CREATE ROLE {name} LOGIN PASSWORD '{password}'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}"
    );
    shared().run(database, &sql).await.unwrap();
    shared().url_of(name, password, database)
}

fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (login, host) = rest.split_once('@').unwrap();
    format!("{scheme}://{}@{host}", login.split_once(':').unwrap().0)
}

/// Where every secret is needed, right and wrong; the files that hold them lie in the home.
async fn shell(files: &Mongod) -> Shell {
    let database = "secrets";
    let admin = fresh_database(database).await.unwrap();
    let plant = format!(
        "UPDATE admin_users SET \"passwordHash\" = '{HASH}';
         UPDATE licenses SET key = '{KEY}' WHERE key = 'DEMO-0001-ABCD-2001'"
    );
    shared().run(database, &plant).await.unwrap();
    files.create_reader("cnry", IN_MONGO_URL, database).await.unwrap();
    let mongo = files.url_of("cnry", IN_MONGO_URL, database);
    let in_url = login(database, "cnry_url", IN_URL).await;
    let in_env = without_password(&login(database, "cnry_env", IN_ENV).await);
    let in_file = without_password(&login(database, "cnry_file", IN_FILE).await);
    let by_command = without_password(&login(database, "cnry_command", BY_COMMAND).await);
    let in_pgpass = without_password(&login(database, "cnry_pgpass", IN_PGPASS).await);
    drop(admin);
    let mut config = "default_target = \"url\"\n".to_owned();
    let mut add = |name: &str, main: &str, password: &str, files: &str| {
        let text = format!(
            "[targets.{name}]\nsystem = \"cybersensei\"\n[targets.{name}.sources.main]\nurl = \"{main}\"\n{password}\n\
             [targets.{name}.sources.files]\nurl = \"{files}\"\ntimeout = \"2s\"\n"
        );
        config.push_str(&text);
    };
    let shell = crate::support::shell("");
    let home = shell.home().display();
    let command = format!("password = {{ command = [\"{home}/print\", \"--token\", \"{TOKEN}\"] }}");
    add("url", &in_url, "", &mongo);
    add("env", &in_env, "password = { env = \"CNRY_PASSWORD\" }", &mongo);
    add("file", &in_file, &format!("password = {{ file = \"{home}/password\" }}"), &mongo);
    add("command", &by_command, &command, &mongo);
    add("pgpass", &in_pgpass, "", &mongo);
    add("wrong", &in_url.replace(IN_URL, WRONG), "", &mongo.replace(IN_MONGO_URL, WRONG));
    add("wrong_env", &in_url.replace(&format!(":{IN_URL}"), ""), "password = { env = \"CNRY_PASSWORD\" }", &mongo);
    add("wrong_command", &in_url, &command.replace("/print", "/fail"), &mongo);
    add("no_command", &in_url, &command.replace("/print", "/absent"), &mongo);
    add(
        "bad_port",
        &in_url.replace(&format!(":{}/", shared().port()), ":70000/"),
        "",
        &mongo.replace("127.0.0.1:", "127.0.0.1:7"),
    );
    add("bad_word", &format!("{in_url}?pasword={WRONG}"), "", &format!("{mongo}&pasword={WRONG}"));
    add(
        "bad_option",
        &format!("{in_url}?options=-c{WRONG}"),
        "",
        &format!("{mongo}&authMechanismProperties={TOKEN}:{WRONG}"),
    );
    shell.write(".config/opsdash/config.toml", &config).unwrap();
    shell.write("password", &format!("{IN_FILE}\n")).unwrap();
    shell.write(".pgpass", &format!("*:*:*:cnry_pgpass:{IN_PGPASS}\n")).unwrap();
    for (name, end) in [("print", "exit 0"), ("fail", "exit 1")] {
        let script = format!("#!/bin/sh\necho {BY_COMMAND}\necho {BY_COMMAND} >&2\n{end}\n");
        let path = shell.write(name, &script).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o700)).unwrap();
    }
    shell.env("CNRY_PASSWORD", IN_ENV).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full")
}

/// The files that hold the secrets.
const GIVEN: [&str; 6] = [".config/opsdash/config.toml", "password", ".pgpass", "print", "fail", "broken.toml"];

const TARGETS: [(&str, bool); 12] = [
    ("url", true),
    ("env", true),
    ("file", true),
    ("command", true),
    ("pgpass", true),
    ("wrong", false),
    ("wrong_env", false),
    ("wrong_command", false),
    ("no_command", false),
    ("bad_port", false),
    ("bad_word", false),
    ("bad_option", false),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_comes_out_of_any_command_or_the_dashboard() {
    let files = Mongod::start_with_auth().await.unwrap();
    let shell = shell(&files).await;
    commands_are_clean(&shell);
    the_dashboard_is_clean(&shell);
    texts_for_a_panic_are_clean(&shell);
    assert!(files_are_clean(shell.home(), &GIVEN) >= 6, "metrics, the log and a pack were looked at");
}

fn commands_are_clean(shell: &Shell) {
    for (target, is_right) in TARGETS {
        for command in [
            &["show", "admins", "--format", "json"][..],
            &["show", "licenses", "--format", "csv"],
            &["show", "updates"],
            &["check", "tenants", "admins", "licenses", "updates", "mongo_storage"],
            &["check", "admins", "updates", "--format", "prometheus", "--output", "metrics.prom"],
            &["license", KEY, "--json"],
            &["license", KEY],
            &["packs", "check", "--live"],
        ] {
            let ran = shell.run(&[command, &["--target", target]].concat());
            is_clean(&format!("{command:?} of {target}"), &format!("{}{}", ran.out, ran.err));
            let is_answered = ran.code != Some(3);
            assert!(
                is_answered == is_right || command[1] == "updates",
                "{command:?} of {target}: {}{}",
                ran.out,
                ran.err
            );
        }
    }
    for (target, _) in TARGETS {
        for command in [&["doctor"][..], &["doctor", "--format", "json"], &["doctor", "--grants"]] {
            let ran = shell.run(&[command, &["--target", target]].concat());
            is_clean(&format!("{command:?} of {target}"), &format!("{}{}", ran.out, ran.err));
        }
    }
    for command in [
        &["check", "--all-targets", "--format", "json"][..],
        &["packs", "eject", "cybersensei"],
        &["config", "show"],
        &["config", "check"],
        &["packs", "list"],
        &["packs", "show", "cybersensei"],
        &["packs", "check"],
        &["packs", "new", "shop", "made"],
        &["completions", "zsh"],
        &["check", "licenses", "admins", "--format", "json", "--output", "check.json"],
        &["--help"],
    ] {
        let ran = shell.run(command);
        is_clean(&format!("{command:?}"), &format!("{}{}", ran.out, ran.err));
    }
    by_stdin_is_clean(shell);
    for broken in [
        format!("[targets.a.sources.main]\nurl = \"postgres://u:{WRONG}@db/x\npassword = {{ env = \"A\" }}\n"),
        format!(
            "[targets.a]\nsystem = \"cybersensei\"\n[targets.a.sources.main]\nurl = \"postgres://db/x\"\npassword = \"{WRONG}\"\n"
        ),
        format!(
            "[targets.a]\nsystem = \"cybersensei\"\n[targets.a.sources.main]\nurl = [\"postgres://u:{WRONG}@db/x\"]\n"
        ),
        format!("[targets.a]\nsystem = \"cybersensei\"\n[targets.a.sources.main]\nurl = \"u:{WRONG}@db\"\n"),
        format!(
            "[targets.a]\nsystem = \"cybersensei\"\n[targets.a.sources.main]\nurl = \"postgers://u:{WRONG}@db/x\"\n"
        ),
        format!(
            "[targets.a]\nsystem = \"cybersensei\"\n[targets.a.sources.main]\nurl = \"postgres://db/x\"\npasword = \"{WRONG}\"\n"
        ),
        format!(
            "[targets.a]\nsystem = \"cybersensei\"\n[targets.a.sources.main]\nurl = \"postgres://db/x\"\npassword = {{ command = \"{WRONG}\" }}\n"
        ),
        format!(
            "[targets.a]\nsystem = \"cybersensei\"\n[targets.a.sources.main]\nurl = \"postgres://db/x\"\npassword = {{ value = \"{WRONG}\" }}\n"
        ),
        format!(
            "[targets.a]\nsystem = \"cybersensei\"\n[targets.a.sources.main]\nurl = \"postgres://u:{WRONG}@db/x\"\nurl = \"postgres://u:{WRONG}@db/x\"\n"
        ),
        format!("[targets.a]\nsystem = \"cybersensei\"\n[targets.a.sources.main]\nurl = postgres://u:{WRONG}@db/x\n"),
    ] {
        shell.write("broken.toml", &broken).unwrap();
        for command in [&["config", "show"][..], &["config", "check"], &["show", "admins"], &["check"]] {
            let ran = shell.run(&[command, &["--config", "broken.toml"]].concat());
            assert_ne!(ran.code, Some(0), "{broken}");
            is_clean(&format!("{command:?} of\n{}", broken.replace(WRONG, "..")), &format!("{}{}", ran.out, ran.err));
        }
        fs::set_permissions(shell.path("broken.toml"), Permissions::from_mode(0o644)).unwrap();
        let ran = shell.run(&["config", "check", "--config", "broken.toml"]);
        is_clean("a file that others may read", &format!("{}{}", ran.out, ran.err));
    }
}

/// A key that comes by stdin is in no list of processes, and what is printed of it is masked.
fn by_stdin_is_clean(shell: &Shell) {
    let mut command = shell.command(&["license", "--stdin", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    is_clean("the list of processes", &fs::read_to_string(format!("/proc/{}/cmdline", child.id())).unwrap());
    writeln!(child.stdin.take().unwrap(), "{KEY}").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}");
    is_clean("a lookup by stdin", &text);
}

fn the_dashboard_is_clean(shell: &Shell) {
    for (target, is_right) in TARGETS {
        let program = shell.program(&["--target", target, "--view", "admins"]);
        let mut terminal = Terminal::start(&program, 200, 45).unwrap();
        let pid = terminal.pid().unwrap();
        is_clean("the list of processes", &fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap());
        if is_right {
            terminal.wait_for("SUPERADMIN").unwrap();
            terminal.press("yY").unwrap();
            terminal.press(keys::ENTER).unwrap();
            terminal.press("e").unwrap();
            terminal.press(keys::ENTER).unwrap();
            terminal.wait_until("the file is written", |_| exports(terminal.home()) > 0).unwrap();
            terminal.press("3").unwrap();
            terminal.wait_for("CNRY…7781").unwrap();
            terminal.press("Y").unwrap();
            terminal.wait_for("sent").unwrap();
        } else {
            terminal
                .wait_until("it is told", |screen| {
                    ["refused", "password", "url", "error"].iter().any(|word| screen.contents().contains(word))
                })
                .unwrap();
        }
        terminal.press("?").unwrap();
        terminal.press(keys::ESC).unwrap();
        terminal.press("q").unwrap();
        terminal.wait_for_exit().unwrap();
        is_clean(&format!("the screen of {target}"), &String::from_utf8_lossy(&terminal.bytes()));
        is_clean(&format!("the clipboard of {target}"), &terminal.copied().concat());
        assert_eq!(terminal.copied().is_empty(), !is_right, "{target}");
        assert_eq!(files_are_clean(terminal.home(), &[]), usize::from(is_right), "the export of {target}");
    }
}

fn exports(folder: &Path) -> usize {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "csv")).count()
}

/// What a panic could print: everything that is known, formatted.
fn texts_for_a_panic_are_clean(shell: &Shell) {
    let environment = Arc::new(Environment {
        home: shell.home().to_owned(),
        config_home: shell.path(".config/opsdash"),
        config_file: None,
        ..Environment::of_process()
    });
    let loaded = settings::load(Some(&shell.path(".config/opsdash/config.toml")), &environment).unwrap();
    let pack = |target: &Target| Arc::new(packs::load(&target.system, &environment).unwrap());
    let targets = loaded.config.targets.iter().map(|target| (target, pack(target))).collect();
    let options = SessionOptions::of(Demand::Screen);
    let session = Session::open(&loaded.config, targets, &environment, options).unwrap();
    is_clean("Debug of the config", &format!("{loaded:?}"));
    is_clean("Debug of the model", &format!("{:?}", session.model));
}
