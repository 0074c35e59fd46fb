//! Turns the URLs of the config into endpoints, and connects to them.

use std::{env, fmt, path::PathBuf, sync::Arc, time::Duration};

use opsdash_core::contract::{Failure, FailureKind, Transport};
use opsdash_pack::config::{Secret, SourceConfig};
use sqlx::{
    ConnectOptions, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::time::{Instant, timeout_at};

use super::{failure, operators};
use crate::{limits, secrets::Secrets, tls};

/// Parameters of a libpq URL that the driver understands.
const KNOWN_PARAMS: [&str; 11] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
];

/// Parameters that libpq knows and that have no meaning here. They are left out, because the driver would log their
/// values.
const IGNORED_PARAMS: [&str; 16] = [
    "connect_timeout",
    "client_encoding",
    "fallback_application_name",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "target_session_attrs",
    "load_balance_hosts",
    "channel_binding",
    "gssencmode",
    "krbsrvname",
    "sslcompression",
    "sslnegotiation",
    "require_auth",
];

/// One URL of the config, ready to connect to.
#[derive(Clone)]
pub struct Endpoint {
    /// Without a password that is not in the URL.
    options: PgConnectOptions,
    secrets: Arc<dyn Secrets>,
    /// Whether the server is on this machine.
    is_local: bool,
    /// Host, port and database, for messages; never a user or a password.
    pub label: String,
}

impl Endpoint {
    /// Connects. When the login is refused and there is another password by now, tries that one too.
    async fn connect(&self) -> Result<PgConnection, Failure> {
        let password = self.secrets.password().await?;
        let refused = match self.log_in(password.as_ref()).await {
            Err(failure) if failure.kind == FailureKind::Auth => failure,
            result => return result,
        };
        let renewed = self.secrets.renewed(password.as_ref()).await?;
        if renewed == password { Err(refused) } else { self.log_in(renewed.as_ref()).await }
    }

    async fn log_in(&self, password: Option<&Secret>) -> Result<PgConnection, Failure> {
        let connected = match password {
            Some(password) => self.options.clone().password(&password.0).connect().await,
            None => self.options.connect().await,
        };
        connected.map_err(|error| failure::of(&error, &self.label))
    }

    /// The same server and login, under another name in the server's list of connections.
    pub fn named(mut self, application: &str) -> Self {
        self.options = self.options.application_name(application);
        self
    }

    /// Another database of the same server.
    pub fn of_database(&self, name: &str) -> Self {
        Self { options: self.options.clone().database(name), ..self.clone() }
    }

    /// Whether the connection is local, plain or encrypted. `encrypted` is what the server reports.
    pub fn transport(&self, encrypted: bool) -> Transport {
        if self.is_local {
            return Transport::Local;
        }
        let (mode, insists, verified) = match self.options.get_ssl_mode() {
            PgSslMode::Disable => ("disable", false, false),
            PgSslMode::Allow => ("allow", false, false),
            PgSslMode::Prefer => ("prefer", false, false),
            PgSslMode::Require => ("require", true, false),
            PgSslMode::VerifyCa => ("verify-ca", true, true),
            PgSslMode::VerifyFull => ("verify-full", true, true),
        };
        let asked = format!("sslmode={mode}");
        // Behind a pooler the server reports the pooler's connection. What the URL insists on holds for ours.
        if insists || encrypted && mode != "disable" {
            Transport::Tls { asked, verified }
        } else {
            Transport::Plain { asked }
        }
    }
}

/// Not derived, because the `Debug` of the driver's options shows the password.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("label", &self.label).finish_non_exhaustive()
    }
}

/// The endpoints for reads, in the order to try them. With a replica it is the only one: the config says that the
/// primary is not to be loaded.
///
/// # Errors
/// A URL that cannot be used, or none at all.
pub fn for_reads(config: &SourceConfig, secrets: &Arc<dyn Secrets>, operator: &str) -> Result<Vec<Endpoint>, Failure> {
    let urls = config.replica_url.as_ref().map_or(config.urls.as_slice(), std::slice::from_ref);
    if urls.is_empty() {
        return Err(Failure::new(FailureKind::Other, "the source has no url"));
    }
    urls.iter().map(|url| endpoint(url, config, secrets, operator)).collect()
}

/// The endpoints for writes, in the order to try them; never the replica.
///
/// # Errors
/// A URL that cannot be used.
pub fn for_writes(config: &SourceConfig, secrets: &Arc<dyn Secrets>, operator: &str) -> Result<Vec<Endpoint>, Failure> {
    config.urls.iter().map(|url| endpoint(url, config, secrets, operator)).collect()
}

fn endpoint(
    url: &Secret,
    config: &SourceConfig,
    secrets: &Arc<dyn Secrets>,
    operator: &str,
) -> Result<Endpoint, Failure> {
    let invalid_url = |what: &str| Failure::new(FailureKind::Other, &format!("the url of the source is wrong: {what}"));
    let url = driver_url(&url.0).map_err(|what| invalid_url(&what))?;
    let names_ca = url.contains("sslrootcert=");
    // A URL that cannot be parsed is never shown, because the text around the mistake may be the password.
    let mut options: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| match error {
        sqlx::Error::Configuration(why) => invalid_url(&why.to_string()),
        _ => invalid_url("it cannot be read"),
    })?;
    let host = options.get_host().trim_matches(['[', ']']).to_owned();
    options = options
        .host(&host)
        .application_name(&format!("{}{operator}", operators::PREFIX))
        // PgBouncer refuses startup parameters that it does not know. In transaction mode, a named statement would stay
        // behind on a server connection that other clients use.
        .extra_float_digits(None)
        .statement_cache_capacity(0)
        .disable_statement_logging();
    let socket = options.get_socket().cloned().or_else(|| host.starts_with('/').then(|| PathBuf::from(&host)));
    let name = options.get_database().unwrap_or(options.get_username());
    let label = match &socket {
        Some(directory) => format!("{}:{}/{name}", directory.display(), options.get_port()),
        None => format!("{host}:{}/{name}", options.get_port()),
    };
    let is_local = socket.is_some() || tls::is_loopback(&host);
    let options = match socket {
        // As in libpq, there is no TLS on a unix socket.
        Some(_) => options.ssl_mode(PgSslMode::Disable),
        None => with_trusted_roots(options, config, names_ca),
    };
    Ok(Endpoint { options, secrets: Arc::clone(secrets), is_local, label })
}

/// Sets the trusted certificates. The driver knows only Mozilla's roots and the file that it is given, so `verify-*`
/// without a named CA gets the system's bundle. A named CA is meant to be checked: it raises `prefer` and `require` to
/// `verify-ca` (libpq does so for `require`).
fn with_trusted_roots(options: PgConnectOptions, config: &SourceConfig, names_ca: bool) -> PgConnectOptions {
    let has_ca = config.ca_file.is_some() || names_ca || env::var_os("PGSSLROOTCERT").is_some();
    let options = match &config.ca_file {
        Some(file) => options.ssl_root_cert(file),
        None => options,
    };
    match options.get_ssl_mode() {
        PgSslMode::Prefer | PgSslMode::Require if has_ca => options.ssl_mode(PgSslMode::VerifyCa),
        PgSslMode::VerifyCa | PgSslMode::VerifyFull if !has_ca => match tls::system_bundle() {
            Some(bundle) => options.ssl_root_cert(bundle),
            None => options,
        },
        _ => options,
    }
}

/// The URL in a form that the driver understands. The driver cannot parse `postgres://user@/db?host=/dir` ("empty
/// host"), so a login without a host moves into the query. The driver logs parameters that it does not know, so they
/// are removed.
fn driver_url(url: &str) -> Result<String, String> {
    let rest = url
        .strip_prefix("postgres://")
        .or_else(|| url.strip_prefix("postgresql://"))
        .ok_or("it must begin with postgres:// or postgresql://")?;
    let (rest, _) = rest.split_once('#').unwrap_or((rest, ""));
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = before.split_once('/').unwrap_or((before, ""));
    let mut pairs = known_pairs(query)?;
    let (login, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    if host.contains(',') {
        return Err("several hosts in one url: give them as urls = [...]".into());
    }
    let authority = match host.strip_prefix(':') {
        _ if !host.is_empty() && !host.starts_with(':') => authority.to_owned(),
        port => {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            for (name, value) in [("user", user), ("password", password), ("port", port.unwrap_or_default())] {
                if !value.is_empty() {
                    pairs.push(format!("{name}={}", value.replace('&', "%26").replace('+', "%2B")));
                }
            }
            String::new()
        }
    };
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    Ok(format!("postgres://{authority}/{path}{query}"))
}

fn known_pairs(query: &str) -> Result<Vec<String>, String> {
    let mut pairs = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            // In libpq this means the system's bundle, which is the default here.
            "sslrootcert" if value == "system" => {}
            name if KNOWN_PARAMS.contains(&name) => pairs.push(pair.to_owned()),
            name if IGNORED_PARAMS.contains(&name) => {}
            "options" => {
                return Err("`options` does not pass PgBouncer and is not sent; every read sets its own".into());
            }
            name => return Err(format!("it has a parameter that is not known: {name}")),
        }
    }
    Ok(pairs)
}

/// Connects to the first endpoint that accepts, and returns the connection with the index of its endpoint. Each
/// endpoint gets an equal share of the time that is left. After a refused login no further endpoint is tried: it would
/// refuse the login too, and the reason would be lost.
///
/// # Errors
/// The failure of the last endpoint that was tried.
pub async fn connect(endpoints: &[Endpoint], deadline: Instant) -> Result<(PgConnection, usize), Failure> {
    let mut last = Failure::new(FailureKind::Other, "the source has no url");
    for (index, endpoint) in endpoints.iter().enumerate() {
        let share = limits::share(deadline, endpoints.len() - index);
        last = match timeout_at(Instant::now() + share, endpoint.connect()).await {
            Ok(Ok(connection)) => return Ok((connection, index)),
            Ok(Err(failure)) => failure,
            Err(_) => no_answer(&endpoint.label, share),
        };
        if last.kind == FailureKind::Auth {
            break;
        }
    }
    Err(last)
}

/// The failure when the server has answered nothing at all: it is unreachable, not slow.
pub fn no_answer(label: &str, waited: Duration) -> Failure {
    Failure::new(FailureKind::Unreachable, &format!("{label}: no answer within {:.1} s", waited.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str) -> SourceConfig {
        SourceConfig { urls: vec![Secret(url.into())], ..SourceConfig::default() }
    }

    fn no_secrets() -> Arc<dyn Secrets> {
        Arc::new(None)
    }

    fn one(url: &str) -> Result<Endpoint, Failure> {
        for_reads(&config(url), &no_secrets(), "alice").map(|mut endpoints| endpoints.remove(0))
    }

    #[test]
    fn a_login_without_a_host_finds_its_socket() {
        let endpoint = one("postgres://al%2Bice:s%26cret@/db?host=/run/pg&port=5433").unwrap();
        assert_eq!(endpoint.label, "/run/pg:5433/db");
        assert_eq!(endpoint.options.get_username(), "al+ice");
        assert_eq!(endpoint.options.get_application_name(), Some("opsdash/alice"));
        assert!(matches!(endpoint.options.get_ssl_mode(), PgSslMode::Disable));
    }

    #[test]
    fn a_port_without_a_host_is_kept() {
        assert_eq!(one("postgresql://al@:5444/db?host=/run/pg").unwrap().label, "/run/pg:5444/db");
        assert_eq!(one("postgresql://al@[::1]:5444/db").unwrap().label, "::1:5444/db");
    }

    #[test]
    fn a_url_that_cannot_be_read_shows_no_password() {
        for url in [
            "postgres://al:hunter2@host:70000/db",
            "postgres://al:hunter2/x@host/db",
            "mysql://al:hunter2@host/db",
            "postgres://al:hunter2@host/db?pasword=hunter2",
            "postgres://al:hunter2@host/db?sslmode=hunt",
            "postgres://al:hunter2@host,other/db",
            "postgres://al:hunter2@host/db?options=-chunter2",
        ] {
            let failure = one(url).unwrap_err();
            assert!(!failure.message.contains("hunter2"), "{failure}");
        }
    }

    #[test]
    fn an_endpoint_in_a_panic_message_shows_no_password() {
        let endpoint = one("postgres://al:hunter2@host/db").unwrap();
        assert_eq!(format!("{endpoint:?}"), "Endpoint { label: \"host:5432/db\", .. }");
    }

    #[test]
    fn a_named_ca_raises_the_mode_to_verify_ca() {
        let with_ca = SourceConfig { ca_file: Some("/ca.pem".into()), ..config("postgres://h/db?sslmode=require") };
        let endpoint = for_reads(&with_ca, &no_secrets(), "alice").unwrap().remove(0);
        assert!(matches!(endpoint.options.get_ssl_mode(), PgSslMode::VerifyCa));
        let full = one("postgres://h/db?sslmode=verify-full").unwrap();
        assert!(matches!(full.options.get_ssl_mode(), PgSslMode::VerifyFull));
    }

    #[test]
    fn the_transport_follows_the_url_and_the_server() {
        let over = |url: &str, encrypted| one(url).unwrap().transport(encrypted);
        let asked = |word: &str| format!("sslmode={word}");
        assert_eq!(over("postgres://localhost/db", false), Transport::Local);
        assert_eq!(over("postgres://al@/db?host=/run/pg", false), Transport::Local);
        assert_eq!(over("postgres://h/db", false), Transport::Plain { asked: asked("prefer") });
        assert_eq!(over("postgres://h/db", true), Transport::Tls { asked: asked("prefer"), verified: false });
        // A pooler on the way: it does not encrypt towards the server, but the URL would have let no other link be.
        let full = Transport::Tls { asked: asked("verify-full"), verified: true };
        assert_eq!(over("postgres://h/db?sslmode=verify-full", false), full);
        assert_eq!(over("postgres://h/db?sslmode=disable", true), Transport::Plain { asked: asked("disable") });
    }

    #[test]
    fn reads_go_to_the_replica_only() {
        let both =
            SourceConfig { replica_url: Some(Secret("postgres://replica/db".into())), ..config("postgres://h/db") };
        let labels: Vec<_> =
            for_reads(&both, &no_secrets(), "a").unwrap().into_iter().map(|endpoint| endpoint.label).collect();
        assert_eq!(labels, ["replica:5432/db"]);
    }
}
