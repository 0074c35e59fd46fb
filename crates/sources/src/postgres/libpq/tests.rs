use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use super::*;

/// What a URL resolves to with these variables, and this home.
fn resolved(url: &str, variables: &[(&str, &str)], home: &Path) -> Result<Login, String> {
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    resolve(url, &Surroundings { variable: &variable, home: Some(home.to_owned()), user: Some("alice".into()) })
}

fn told(url: &str, variables: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().unwrap();
    resolved(url, variables, home.path()).err().unwrap_or_else(|| panic!("{url} {variables:?} is taken"))
}

fn places_of(login: &Login) -> Vec<(Place, u16)> {
    login.servers.iter().map(|server| (server.place.clone(), server.port)).collect()
}

fn host(name: &str) -> Place {
    Place::Host(name.into())
}

fn private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn what_the_url_says_wins_then_the_service_then_the_environment() {
    let home = tempfile::tempdir().unwrap();
    let services = "# ours\n[other]\nhost=no\n\n[prod]\nhost=db.internal\nport=5433\ndbname=lab\nuser=reader\n";
    fs::write(home.path().join(".pg_service.conf"), services).unwrap();
    let variables = [("PGSERVICE", "prod"), ("PGHOST", "no"), ("PGSSLMODE", "require"), ("PGDATABASE", "no")];
    let login = resolved("postgres://writer@/", &variables, home.path()).unwrap();
    assert_eq!(places_of(&login), [(host("db.internal"), 5433)]);
    assert_eq!((login.user.as_str(), login.database.as_str()), ("writer", "lab"));
    assert!(matches!(login.tls.mode, PgSslMode::Require));
    let by_url = resolved("postgres:///?service=other&port=1", &[], home.path()).unwrap();
    assert_eq!(places_of(&by_url), [(host("no"), 1)]);
    let bare = resolved("postgres://h", &[], home.path()).unwrap();
    assert_eq!((bare.user.as_str(), bare.database.as_str()), ("alice", "alice"), "as whoever runs it");
}

#[test]
fn a_service_that_is_not_there_or_wrong_is_told_with_its_file() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("services");
    let path = file.display().to_string();
    let with = |text: &str| {
        fs::write(&file, text).unwrap();
        let variables = [("PGSERVICE", "prod"), ("PGSERVICEFILE", path.as_str()), ("PGSYSCONFDIR", "/nowhere")];
        resolved("postgres:///", &variables, home.path()).map(|login| places_of(&login)).unwrap_err()
    };
    assert_eq!(
        with("[prdo]\nhost=h\n"),
        format!("there is no service \"prod\": looked for [prod] in {path} and /nowhere/pg_service.conf")
    );
    assert_eq!(with("[prod]\nhots=h\n"), format!("{path}:2: no parameter is called \"hots\""));
    assert_eq!(with("[prod]\npassword hunter2\n"), format!("{path}:2: no \"name=value\""));
    assert!(with("[prod]\nservice=other\n").contains(":2: a service within a service"));
    assert!(told("postgres:///", &[("PGSERVICE", "prod"), ("PGSERVICEFILE", "/nowhere/f")]).contains("/nowhere/f: "));
}

#[test]
fn several_hosts_are_several_servers() {
    let home = tempfile::tempdir().unwrap();
    let two = |url: &str| places_of(&resolved(url, &[("PGPORT", "6000")], home.path()).unwrap());
    assert_eq!(two("postgres://a,b:5433/lab"), [(host("a"), 5432), (host("b"), 5433)]);
    assert_eq!(two("postgres://a,[::1]/lab"), [(host("a"), 6000), (host("::1"), 6000)]);
    assert!(told("postgres://a,b/lab?port=1,2,3", &[]).contains("3 ports for 2 hosts"));
    assert!(told("postgres://a,b/lab?hostaddr=10.0.0.1", &[]).contains("2 hosts and 1 addresses"));
}

#[test]
fn what_is_not_understood_or_cannot_be_kept_is_refused_wherever_it_stands() {
    for (url, variables, what) in [
        (
            "postgres://h/db",
            &[("PGSSLMODE", "verify_full")][..],
            "sslmode (PGSSLMODE) is \"verify_full\"; known: disable",
        ),
        ("postgres://h/db", &[("PGSSLMODE", "require ")], "is \"require \""),
        ("postgres://h/db?sslmode=verify_full", &[], "is \"verify_full\""),
        ("postgres://h:99999/db", &[], "the port is no number from 1 to 65535"),
        ("postgres://h/db", &[("PGPORT", "0")], "the port is no number"),
        ("postgres://h/db", &[("PGCHANNELBINDING", "require")], "PGCHANNELBINDING cannot be kept: "),
        ("postgres://h/db?require_auth=scram-sha-256", &[], "require_auth cannot be kept: "),
        ("postgres://h/db?target_session_attrs=read-write", &[], "urls = [..]"),
        ("postgres://h/db", &[("PGTARGETSESSIONATTRS", "primary")], "PGTARGETSESSIONATTRS cannot be kept"),
        ("postgres://h/db", &[("PGSSLMINPROTOCOLVERSION", "TLSv1.3")], "TLS 1.2"),
        ("postgres://h/db", &[("PGGSSENCMODE", "require")], "GSSAPI"),
        ("postgres://h/db?options=-cx%3Dy", &[], "PgBouncer"),
        ("postgres://h/db?sslmode=require&sslrootcert=system", &[], "sslmode=verify-full"),
        ("postgres://h/db?hostaddr=10.0.0.1&sslmode=verify-full", &[], "leave hostaddr out"),
        ("postgres://h/db?host=@abstract", &[], "abstract"),
    ] {
        let found = told(url, variables);
        assert!(found.contains(what), "{url} {variables:?}: {found}");
    }
    let home = tempfile::tempdir().unwrap();
    let old_word = resolved("postgres://h/db", &[("PGREQUIRESSL", "1")], home.path()).unwrap();
    assert!(matches!(old_word.tls.mode, PgSslMode::Require));
    let harmless = [("PGCHANNELBINDING", "prefer"), ("PGTARGETSESSIONATTRS", "any"), ("PGCONNECT_TIMEOUT", "3")];
    assert!(resolved("postgres://h/db", &harmless, home.path()).is_ok());
}

#[test]
fn a_password_comes_from_the_file_that_psql_reads_and_what_was_looked_for_is_known() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".pgpass");
    let of = |url: &str, variables: &[(&str, &str)]| {
        let server = resolved(url, variables, home.path()).unwrap().servers.remove(0);
        (server.password.map(|password| password.0), server.looked.unwrap_or_default())
    };
    let looked = |url: &str| of(url, &[]).1;
    assert_eq!(looked("postgres://h/db"), format!("{} is not there", file.display()));
    private(
        &file,
        "h:5432:db:alice:by name\n\\:\\:1:*:*:*:by address\n/run/pg:*:*:*:by socket\nlocalhost:*:*:*:usual\n",
    );
    let found = |url: &str| of(url, &[]).0.unwrap_or_default();
    assert_eq!(found("postgres://h/db"), "by name");
    assert_eq!(found("postgres://[::1]/db"), "by address");
    assert_eq!(found("postgres:///db?host=/run/pg"), "by socket");
    assert_eq!(found("postgres:///db?host=/var/run/postgresql"), "usual");
    assert_eq!(of("postgres://h/db", &[("PGPASSWORD", "of the environment")]).0.unwrap(), "of the environment");
    assert_eq!(looked("postgres://bob@h/db"), format!("{} has no line for h:5432:db:bob", file.display()));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(
        looked("postgres://h/db"),
        format!("{} is of mode 0640, so it is not read, as psql does not: chmod 600", file.display())
    );
    let other = home.path().join("other");
    private(&other, "*:*:*:*:other\n");
    assert_eq!(of("postgres://h/db", &[("PGPASSFILE", &other.display().to_string())]).0.unwrap(), "other");
}

#[test]
fn certificates_in_the_users_home_are_used_as_psql_does() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".postgresql");
    let tls = |url: &str| resolved(url, &[], home.path()).unwrap().tls;
    assert_eq!(tls("postgres://h/db").root, Root::System);
    fs::create_dir(&folder).unwrap();
    for file in ["root.crt", "postgresql.crt", "postgresql.key"] {
        fs::write(folder.join(file), "").unwrap();
    }
    let found = tls("postgres://h/db?sslmode=require");
    assert_eq!(found.root, Root::OfUser(folder.join("root.crt")));
    assert_eq!(
        (found.certificate, found.key),
        (Some(folder.join("postgresql.crt")), Some(folder.join("postgresql.key")))
    );
    assert_eq!(tls("postgres://h/db?sslrootcert=/ca").root, Root::Named("/ca".into()));
    let system = tls("postgres://h/db?sslrootcert=system");
    assert!(system.root == Root::System && matches!(system.mode, PgSslMode::VerifyFull));
}

#[test]
fn the_document_tells_of_every_parameter_and_every_variable() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/libpq.md");
    let text = fs::read_to_string(document).unwrap();
    for keyword in &KEYWORDS {
        let named = format!("| `{}` |", keyword.name);
        let row = text.lines().find(|line| line.starts_with(&named)).unwrap_or_else(|| panic!("no row {named}"));
        let variable = keyword.variable.map_or_else(|| "| |".to_owned(), |name| format!("| `{name}` |"));
        assert!(row.contains(&variable), "{row}");
        let ours = match keyword.treatment {
            Treatment::Served => "the same",
            Treatment::Left => "left out",
            Treatment::Refused { .. } => "refused",
        };
        assert!(row.rsplit('|').nth(1).unwrap().trim_start().starts_with(ours), "not \"{ours}\": {row}");
    }
}
