use std::fmt::Write as _;

use super::*;
use crate::{
    document::{Problems, check_table, entry},
    pack::Engine,
};

const CONFIG: &str = r#"
default_target = "prod"
operator_label = "on call"

[targets.prod]
system = "demo"
protected = true
[targets.prod.sources.main]
urls = ["postgres://u@a/x", "postgres://u@b/x"]
replica_url = "postgres://u@c/x"
password = { command = ["op", "read", "very-secret-argument"] }
naive_zone = "Europe/Paris"
ca_file = "/etc/ca.pem"
timeout = "3s"

[targets.staging]
system = "demo"
[targets.staging.sources.main]
url = "postgres://u:hunter2@d/x?sslmode=disable"

[screen]
theme = "dark"
time = "local"

[keys]
quit = ["q", "Q"]

[views.jobs]
refresh = "1m"
[views."demo.jobs".threshold]
late_after = "1 hour"
"#;

fn file(name: &str, text: &str, private: bool) -> ConfigFile {
    ConfigFile { name: name.into(), text: text.into(), private }
}

fn loaded() -> LoadedConfig {
    load(&[file("config.toml", CONFIG, true)]).unwrap()
}

#[test]
fn a_config_loads_as_it_is_written() {
    let config = loaded().config;
    let [prod, staging] = &config.targets[..] else { panic!("{:?}", config.targets) };
    assert!(prod.protected && !staging.protected && !config.read_only);
    let main = &prod.sources["main"];
    assert_eq!(main.urls.len(), 2);
    assert_eq!(main.timeout_ms, Some(3_000));
    assert!(matches!(&main.password, Some(PasswordFrom::Command(argv)) if argv.len() == 3));
    assert_eq!(config.screen, Screen { theme: ThemeName::Dark, local_time: true, ..Screen::default() });
    assert_eq!(config.keys["quit"], ["q", "Q"]);
    assert_eq!(config.views["jobs"].refresh_ms, Some(60_000));
    assert_eq!(config.views["demo.jobs"].thresholds["late_after"], "1 hour");
    assert_eq!(config.views["jobs"].at, SourceLocation { file: "config.toml".into(), line: Some(28) });
}

#[test]
fn what_is_shown_of_a_config_holds_its_places_and_no_secret() {
    let mut shown = String::new();
    for setting in loaded().settings {
        let _ = writeln!(shown, "{} = {}  # {}", setting.path, setting.value, setting.place);
    }
    assert!(!shown.contains("hunter2") && !shown.contains("very-secret"));
    insta::assert_snapshot!(shown);
}

#[test]
fn debug_of_a_config_holds_no_secret_url() {
    assert!(!format!("{:?}", loaded().config).contains("hunter2"));
}

#[test]
fn one_target_is_the_default_and_of_several_none_is() {
    let text = "[targets.a]\nsystem = \"demo\"\nsources.main.url = \"postgres://h/x\"\n";
    let one = load(&[file("config.toml", text, false)]).unwrap();
    assert_eq!(one.config.default_target.as_deref(), Some("a"));
    let two = load(&[file("config.toml", &format!("{text}{}", text.replace(".a]", ".b]")), false)]).unwrap();
    assert_eq!(two.config.default_target, None);
}

#[test]
fn the_users_file_merges_by_table() {
    let user =
        "default_target = \"staging\"\n[targets.prod.sources.main]\nurl = \"postgres://u@z/x\"\npassword.env = \"A\"\n";
    let loaded = load(&[file("/etc/config.toml", CONFIG, true), file("config.toml", user, false)]).unwrap();
    let main = &loaded.config.targets[0].sources["main"];
    assert_eq!((main.urls.len(), main.timeout_ms), (1, Some(3_000)));
    assert_eq!(main.password, Some(PasswordFrom::Env("A".into())));
    assert_eq!(loaded.config.default_target.as_deref(), Some("staging"));
    assert_eq!(loaded.place("default_target").to_string(), "config.toml:1");
    assert_eq!(loaded.place("targets.prod.system").to_string(), "/etc/config.toml:6");
}

#[test]
fn the_user_may_tighten_but_not_loosen() {
    let ours =
        "read_only = true\n[targets.a]\nsystem = \"demo\"\nprotected = true\nsources.main.url = \"postgres://h/x\"\n";
    let tighter = load(&[file("etc", ours, false), file("user", "[targets.a]\nread_only = true\n", false)]).unwrap();
    assert!(tighter.config.targets[0].read_only && tighter.config.targets[0].protected);
    let looser = "read_only = false\n[targets.a]\nprotected = false\n";
    insta::assert_snapshot!(load(&[file("etc", ours, false), file("user", looser, false)]).unwrap_err(), @r"
    user:1: read_only = false, but etc:1 sets it
        remove it: a user's config may tighten, not loosen
    user:3: protected = false, but etc:4 sets it
        remove it: a user's config may tighten, not loosen
    ");
}

/// What is in the config, and what stands there instead.
const BROKEN: &[(&str, &str)] = &[
    ("default_target = \"prod\"", "default_target = \"prd\""),
    ("operator_label = \"on call\"", "operator_label = \"\""),
    ("protected = true", "protectd = true"),
    ("protected = true", "protected = \"yes\""),
    ("[targets.prod]\nsystem = \"demo\"", "[targets.prod]"),
    ("[targets.staging.sources.main]\nurl", "[targets.staging]\nurl"),
    ("[targets.staging.sources.main]\nurl", "[targets.staging.sources.main]\nreplica_url"),
    ("[targets.staging]\nsystem", "[targets.\"a b\"]\nsystem"),
    ("urls =", "url = \"postgres://h/x\"\nurls ="),
    ("urls = [\"postgres://u@a/x\", \"postgres://u@b/x\"]", "urls = []"),
    ("postgres://u@c/x", "postgre://u@c/x"),
    ("postgres://u@c/x", "u:hunter2@c/x"),
    ("command = [\"op\", \"read\", \"very-secret-argument\"]", "command = []"),
    ("command =", "env = \"A\", command ="),
    ("Europe/Paris", "Paris'; DROP"),
    ("/etc/ca.pem", "ca.pem"),
    ("\"3s\"", "\"1h\""),
    ("\"dark\"", "\"drak\""),
    ("\"local\"", "\"here\""),
    ("\"1m\"", "\"1ms\""),
    ("refresh = \"1m\"", "limit = 0"),
    ("late_after = \"1 hour\"", "late_after = 1"),
    ("quit = [\"q\", \"Q\"]", "quit = \"q\""),
];

#[test]
fn what_is_wrong_is_told_with_file_line_value_and_remedy() {
    let mut all = String::new();
    for (from, to) in BROKEN {
        assert!(CONFIG.contains(from), "{from}");
        let error = load(&[file("config.toml", &CONFIG.replacen(from, to, 1), true)]).unwrap_err();
        let _ = writeln!(all, "## {from:?} -> {to:?}\n{error}\n");
    }
    assert!(!all.replace("u:hunter2@c/x\"", "").contains("hunter2"), "{all}");
    insta::assert_snapshot!(all);
}

#[test]
fn a_password_in_a_url_wants_a_private_file() {
    let error = load(&[file("config.toml", CONFIG, false)]).unwrap_err().to_string();
    assert!(error.contains("postgres://u:***@d/x") && error.contains("chmod 600"), "{error}");
}

fn pack_with(sources: &[(&str, Engine)]) -> crate::pack::Pack {
    let source = |(name, engine): &(&str, Engine)| crate::pack::SourceSpec {
        name: (*name).into(),
        engine: *engine,
        schema: None,
        optional: *name == "extra",
        family: None,
    };
    crate::pack::Pack {
        system: "demo".into(),
        title: "Demo".into(),
        sources: sources.iter().map(source).collect(),
        scope: None,
        views: Vec::new(),
        lookups: BTreeMap::new(),
        facts: None,
        schema: crate::pack::Schema::default(),
        runbook: crate::pack::Runbook::default(),
    }
}

#[test]
fn a_target_binds_every_source_of_its_pack_and_no_other() {
    let loaded = loaded();
    let pack =
        pack_with(&[("mains", Engine::PostgreSql), ("files", Engine::PostgreSql), ("extra", Engine::PostgreSql)]);
    insta::assert_snapshot!(loaded.check_target(&loaded.config.targets[1], &pack).unwrap_err(), @r#"
    config.toml:17: the target "staging" does not say where "files" is
        add [targets.staging.sources.files] with a url
    config.toml:17: the target "staging" does not say where "mains" is
        add [targets.staging.sources.mains] with a url
    config.toml:19: the system "demo" has no source "main"
        did you mean "mains"? (known: extra, files, mains)
    "#);
}

#[test]
fn a_url_leads_to_a_server_of_the_sources_engine() {
    let text = "[targets.a]\nsystem = \"demo\"\n[targets.a.sources.main]\nurl = \"mongodb://h/x\"\n\
        [targets.a.sources.files]\nurls = [\"mongodb://h/x\", \"file:///srv/files\"]\n\
        [targets.b]\nsystem = \"demo\"\n[targets.b.sources.main]\nurl = \"postgresql://h/x\"\n\
        [targets.b.sources.files]\nurl = \"file:///srv/files\"\n";
    let loaded = load(&[file("config.toml", text, false)]).unwrap();
    let pack = pack_with(&[("main", Engine::PostgreSql), ("files", Engine::MongoDb)]);
    loaded.check_target(&loaded.config.targets[1], &pack).unwrap();
    insta::assert_snapshot!(loaded.check_target(&loaded.config.targets[0], &pack).unwrap_err(), @r#"
    config.toml:4: "mongodb://h/x" is no place for the source "main", whose engine is postgresql
        give it URLs of one kind: postgres://, postgresql://
    config.toml:6: "file:///srv/files" is no place for the source "files", whose engine is mongodb
        give it URLs of one kind: mongodb://, mongodb+srv://, file://
    "#);
}

#[test]
fn a_view_that_no_system_has_is_told() {
    let text = "[views.jbos]\nlimit = 1\n[views.\"other.jobs\"]\nlimit = 1\n";
    let loaded = load(&[file("config.toml", text, false)]).unwrap();
    insta::assert_snapshot!(loaded.check_views(&[]).unwrap_err(), @r#"
    config.toml:1: no system has a view "jbos"
        there is none
    "#);
}

#[test]
fn the_table_of_words_and_the_types_are_in_step() {
    // Every word with a value of its kind is taken by the types, which refuse what they do not know.
    let all = r#"
        default_target = "a"
        read_only = true
        operator_label = "b"
        [targets.a]
        system = "c"
        protected = true
        read_only = true
        [targets.a.sources.main]
        url = "postgres://h/x"
        urls = ["postgres://h/x"]
        replica_url = "postgres://h/x"
        password = { env = "A", file = "/b", command = ["c"] }
        naive_zone = "UTC"
        ca_file = "/d"
        timeout = "1s"
        [screen]
        theme = "mono"
        ascii = true
        time = "utc"
        bell = true
        [keys]
        quit = []
        [views.a]
        refresh = "1s"
        limit = 1
        threshold = { a = "b" }
    "#;
    let mut problems = Problems::default();
    let mut texts = crate::document::SourceTexts::default();
    let document = texts.parse("all", all, &mut problems).unwrap();
    check_table(words::RawConfig::SPEC, document.get_ref(), 0, &texts, &mut problems);
    assert_eq!(problems, Problems::default());
    for word in words::RawConfig::SPEC.words {
        assert!(entry(document.get_ref(), word.name).is_some(), "{}", word.name);
    }
}
