//! Where and as whom a URL connects: what it leaves out comes from where libpq takes it, a service file, the environment
//! and a password file, so that opsdash gets in where `psql` does. What it asks for and opsdash cannot do is refused, never
//! passed over.

pub mod keywords;
mod passfile;
mod service;
mod uri;

use std::{collections::BTreeMap, env, path::PathBuf};

use nix::unistd::{Uid, User};
use opsdash_pack::config::Secret;
use sqlx::postgres::PgSslMode;

use self::{
    keywords::{KEYWORDS, Treatment},
    passfile::{Looked, Wanted},
};

/// Values by the parameters' names. A value that is empty is given, and means that there is none.
type Parameters = BTreeMap<&'static str, String>;

/// Where sockets are when nobody says so: as Debian builds libpq, and as it comes.
const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];
/// How a password file names a server on one of these.
const USUAL_SOCKET: &str = "localhost";
const PORT: u16 = 5432;

/// What is around a URL.
pub struct Surroundings<'a> {
    /// A variable of the environment; an empty one is not set.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The home directory; `None` where there is none.
    pub home: Option<PathBuf>,
    /// The name of the user who runs the program; `None` where the system knows none.
    pub user: Option<String>,
}

impl Surroundings<'_> {
    /// Those of this process.
    pub fn of_process() -> Surroundings<'static> {
        let variable: &dyn Fn(&str) -> Option<String> = &|name| env::var(name).ok().filter(|value| !value.is_empty());
        let user = User::from_uid(Uid::effective()).ok().flatten();
        let home = variable("HOME").map(PathBuf::from).or_else(|| user.as_ref().map(|user| user.dir.clone()));
        Surroundings { variable, home, user: user.map(|user| user.name) }
    }
}

/// As whom to connect, and how; the same for every server of a URL.
pub struct Login {
    /// Where, in the order to try them; at least one.
    pub servers: Vec<Server>,
    pub user: String,
    pub database: String,
    pub tls: Tls,
}

/// One server of a URL.
pub struct Server {
    pub place: Place,
    pub port: u16,
    /// Of the URL, the service, the environment or the password file.
    pub password: Option<Secret>,
    /// Where a password was looked for in vain, for the message of a login that is refused; `None` where there is one.
    pub looked: Option<String>,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A directory with its socket.
    Socket(PathBuf),
    /// A name or an address.
    Host(String),
}

/// How to encrypt.
#[derive(Debug)]
pub struct Tls {
    pub mode: PgSslMode,
    pub root: Root,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

/// The certificates that are trusted.
#[derive(Debug, PartialEq, Eq)]
pub enum Root {
    /// Of this file, which somebody named.
    Named(PathBuf),
    /// Of `~/.postgresql/root.crt`, which is there.
    OfUser(PathBuf),
    /// The system's.
    System,
}

/// Takes a URL apart, and finds what it leaves out.
///
/// # Errors
/// What is wrong, without a value that may be secret.
pub fn resolve(url: &str, around: &Surroundings<'_>) -> Result<Login, String> {
    let mut given = uri::parse(url).map_err(|what| format!("the url of the source is wrong: {what}"))?;
    let of = |given: &Parameters, name: &str| {
        let from_variable = || keywords::find(name)?.variable.and_then(around.variable);
        given.get(name).cloned().or_else(from_variable).filter(|value| !value.is_empty())
    };
    if let Some(service) = of(&given, "service") {
        for (name, value) in service::find(&service, of(&given, "servicefile").as_deref(), around)? {
            given.entry(name).or_insert(value);
        }
    }
    let find = |name: &str| of(&given, name);
    check(&given, around)?;
    let user = find("user").or_else(|| around.user.clone()).ok_or("no user: the url names none, nor does PGUSER")?;
    let database = find("dbname").unwrap_or_else(|| user.clone());
    let tls = tls(&find, around)?;
    let mut servers = Vec::new();
    for (place, port) in places(&find)? {
        let (password, looked) = match find("password") {
            Some(password) => (Some(Secret(password)), None),
            None => match passfile::find(find("passfile").as_deref(), wanted(&place, port, &database, &user), around) {
                Looked::Found(password) => (Some(Secret(password)), None),
                Looked::Not(looked) => (None, Some(looked)),
            },
        };
        servers.push(Server { place, port, password, looked });
    }
    if find("hostaddr").is_some() && matches!(tls.mode, PgSslMode::VerifyFull) {
        return Err("hostaddr with sslmode=verify-full: the certificate would be compared with the address, not with \
                    the name; leave hostaddr out"
            .into());
    }
    Ok(Login { servers, user, database, tls })
}

fn wanted<'a>(place: &'a Place, port: u16, database: &'a str, user: &'a str) -> Wanted<'a> {
    let host = match place {
        Place::Socket(folder) if SOCKET_FOLDERS.iter().any(|usual| folder.as_os_str() == *usual) => USUAL_SOCKET,
        Place::Socket(folder) => folder.to_str().unwrap_or_default(),
        Place::Host(host) => host,
    };
    Wanted { host, port, database, user }
}

/// Refuses what is asked for and cannot be kept, wherever it is asked.
fn check(given: &Parameters, around: &Surroundings<'_>) -> Result<(), String> {
    for keyword in &KEYWORDS {
        let Treatment::Refused { but, why } = keyword.treatment else { continue };
        let of_variable = || keyword.variable.and_then(|name| Some((name, (around.variable)(name)?)));
        let asked = given.get(keyword.name).map(|value| (keyword.name, value.clone())).or_else(of_variable);
        let is_kept = |value: &str| value.is_empty() || but.contains(&value);
        if let Some((name, _)) = asked.filter(|(_, value)| !is_kept(value)) {
            // The value is not told: it may be a secret.
            return Err(format!("{name} cannot be kept: {why}"));
        }
    }
    Ok(())
}

/// Every server: hosts and addresses have commas between them, and so have ports, of which one may serve for all.
fn places(find: &dyn Fn(&str) -> Option<String>) -> Result<Vec<(Place, u16)>, String> {
    let list = |name: &str| find(name).map(|text| text.split(',').map(str::to_owned).collect::<Vec<_>>());
    let (hosts, addresses) = (list("host"), list("hostaddr"));
    if let (Some(hosts), Some(addresses)) = (&hosts, &addresses)
        && hosts.len() != addresses.len()
    {
        return Err(format!("{} hosts and {} addresses (hostaddr): give one for each", hosts.len(), addresses.len()));
    }
    let names = addresses.or(hosts).unwrap_or_else(|| vec![String::new()]);
    let ports = list("port").unwrap_or_else(|| vec![String::new()]);
    if ports.len() != 1 && ports.len() != names.len() {
        return Err(format!("{} ports for {} hosts: give one, or one for each", ports.len(), names.len()));
    }
    let port = |text: &str| match text.trim() {
        "" => Ok(PORT),
        text => text.parse().ok().filter(|port| *port > 0).ok_or("the port is no number from 1 to 65535".to_owned()),
    };
    let pairs = names.iter().zip(ports.iter().cycle());
    pairs.map(|(name, text)| port(text).and_then(|port| Ok((place(name, port)?, port)))).collect()
}

fn place(name: &str, port: u16) -> Result<Place, String> {
    match name {
        "" => Ok(usual_place(port)),
        folder if folder.starts_with('/') => Ok(Place::Socket(folder.into())),
        name if name.starts_with('@') => Err("sockets in the abstract namespace (host=@..) are not served".into()),
        name => Ok(Place::Host(name.to_owned())),
    }
}

fn usual_place(port: u16) -> Place {
    let socket = format!(".s.PGSQL.{port}");
    let folder = SOCKET_FOLDERS.iter().map(PathBuf::from).find(|folder| folder.join(&socket).exists());
    folder.map_or_else(|| Place::Host("localhost".into()), Place::Socket)
}

fn tls(find: &dyn Fn(&str) -> Option<String>, around: &Surroundings<'_>) -> Result<Tls, String> {
    let in_home = |name: &str| {
        let path = around.home.as_ref()?.join(".postgresql").join(name);
        path.is_file().then_some(path)
    };
    let asked = find("sslmode");
    let root = match find("sslrootcert").as_deref() {
        Some("system") => Root::System,
        Some(file) => Root::Named(file.into()),
        None => in_home("root.crt").map_or(Root::System, Root::OfUser),
    };
    let is_system_named = find("sslrootcert").as_deref() == Some("system");
    let mode = match asked.as_deref() {
        None if is_system_named => PgSslMode::VerifyFull,
        // The old word, which libpq still takes where there is no other.
        None if (around.variable)("PGREQUIRESSL").is_some_and(|value| value.starts_with('1')) => PgSslMode::Require,
        None | Some("prefer") => PgSslMode::Prefer,
        Some("disable") => PgSslMode::Disable,
        Some("allow") => PgSslMode::Allow,
        Some("require") => PgSslMode::Require,
        Some("verify-ca") => PgSslMode::VerifyCa,
        Some("verify-full") => PgSslMode::VerifyFull,
        Some(other) => {
            let other = opsdash_core::text::cut(&opsdash_core::text::inert(other), 20, "..").into_owned();
            return Err(format!(
                "sslmode (PGSSLMODE) is \"{other}\"; known: disable, allow, prefer, require, verify-ca, verify-full"
            ));
        }
    };
    if is_system_named && !matches!(mode, PgSslMode::VerifyFull) {
        return Err(
            "sslrootcert=system wants sslmode=verify-full: any other mode would believe a foreign server".into()
        );
    }
    let file = |name: &str, usual: &str| find(name).map(PathBuf::from).or_else(|| in_home(usual));
    let certificate = file("sslcert", "postgresql.crt");
    let key = certificate.as_ref().and_then(|_| file("sslkey", "postgresql.key"));
    Ok(Tls { mode, root, certificate, key })
}

#[cfg(test)]
mod tests;
