//! Turns the URLs of the config into endpoints, and connects to them.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use opsdash_core::contract::{Failure, FailureKind, Transport};
use opsdash_pack::config::{Secret, SourceConfig};
use sqlx::{
    ConnectOptions, PgConnection, Row,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::{
    net::lookup_host,
    time::{Instant, timeout_at},
};

use super::{
    failure,
    libpq::{self, Login, Place, Root, Server, Surroundings, Tls},
    operators,
};
use crate::{limits, login_memory::LoginMemory, secrets::Secrets, tls};

/// One server of a URL of the config, ready to connect to.
#[derive(Clone)]
pub struct Endpoint {
    /// With the password that libpq finds, if it finds one.
    options: PgConnectOptions,
    /// Where that was looked for in vain; `None` where there is one.
    looked: Option<String>,
    secrets: Arc<dyn Secrets>,
    logins: Arc<LoginMemory>,
    /// Whether a standby is passed over.
    is_primary_wanted: bool,
    /// Whether the server is on this machine.
    is_local: bool,
    /// Host, port and database, for messages; never a user or a password.
    pub label: String,
}

impl Endpoint {
    /// Connects. When the login is refused, now or before, and there is another password by now, tries that one.
    async fn connect(&self, deadline: Instant) -> Result<PgConnection, Failure> {
        let password = self.secrets.password().await?;
        let _turn = self.logins.turn().await;
        let refused = match self.logins.refusal_of(password.as_ref()) {
            Some(failure) => failure,
            None => match self.log_in(password.as_ref(), deadline).await {
                Err(failure) if failure.kind == FailureKind::Auth => failure,
                result => return result,
            },
        };
        let renewed = self.secrets.renewed(password.as_ref()).await?;
        if renewed == password { Err(refused) } else { self.log_in(renewed.as_ref(), deadline).await }
    }

    /// The same, where it is a server that may be written to, and nowhere else.
    pub fn of_primary(mut self) -> Self {
        self.is_primary_wanted = true;
        self
    }

    /// Whether the server is what is wanted.
    async fn hold(&self, session: &mut PgConnection) -> Result<(), Failure> {
        if !self.is_primary_wanted {
            return Ok(());
        }
        let sql = "SELECT pg_catalog.pg_is_in_recovery()::text AS is_standby";
        let row = sqlx::raw_sql(sql).fetch_one(session).await.map_err(|error| failure::of(&error, &self.label))?;
        if row.try_get_unchecked::<&str, _>("is_standby").is_ok_and(|is_standby| is_standby == "false") {
            return Ok(());
        }
        let what = format!("{} is a standby, and may not have what was written yet", self.label);
        Err(Failure::new(FailureKind::Unreachable, &what))
    }

    async fn log_in(&self, password: Option<&Secret>, deadline: Instant) -> Result<PgConnection, Failure> {
        let options = match password {
            Some(password) => self.options.clone().password(&password.0),
            None => self.options.clone(),
        };
        let connected = self.connect_to_any(&options, deadline).await.map_err(|failure| {
            match self.looked.as_ref().filter(|_| password.is_none() && failure.kind == FailureKind::Auth) {
                Some(looked) => Failure::new(failure.kind, &format!("{}; no password: {looked}", failure.message)),
                None => failure,
            }
        });
        self.logins.record(password, &connected);
        let mut session = connected?;
        self.hold(&mut session).await?;
        Ok(session)
    }

    /// Lets a password be tried again that was refused.
    pub fn retry_login(&self) {
        self.logins.forget();
    }

    /// Connects to the first address of the host that answers. Each gets an equal share of the time that is left, so that
    /// one that is dead takes none from the others.
    async fn connect_to_any(&self, options: &PgConnectOptions, deadline: Instant) -> Result<PgConnection, Failure> {
        let addresses = self.addresses().await;
        let mut last = None;
        for (at, address) in addresses.iter().enumerate() {
            let share = limits::share(deadline, addresses.len() - at);
            let failure = match timeout_at(Instant::now() + share, options.clone().host(address).connect()).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) => failure::of(&error, &self.label),
                Err(_) => no_answer(&self.label, share),
            };
            let is_refused = failure.kind == FailureKind::Auth;
            last = Some(failure);
            if is_refused {
                break;
            }
        }
        match last {
            Some(failure) => Err(failure),
            None => options.connect().await.map_err(|error| failure::of(&error, &self.label)),
        }
    }

    /// The addresses of the host where it has several. None where a certificate is held against its name: the driver takes
    /// one text for both.
    async fn addresses(&self) -> Vec<String> {
        let host = self.options.get_host();
        let is_name = self.options.get_socket().is_none() && host.parse::<IpAddr>().is_err();
        if !is_name || matches!(self.options.get_ssl_mode(), PgSslMode::VerifyFull) {
            return Vec::new();
        }
        let Ok(found) = lookup_host((host, self.options.get_port())).await else { return Vec::new() };
        let mut addresses: Vec<String> = Vec::new();
        for address in found.map(|address| address.ip().to_string()) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.len() > 1 { addresses } else { Vec::new() }
    }

    /// The same server and login, under another name in the server's list of connections.
    pub fn named(mut self, application: &str) -> Self {
        self.options = self.options.application_name(application);
        self
    }

    /// Another database of the same server.
    pub fn of_database(&self, name: &str) -> Self {
        let place = self.label.rsplit_once('/').map_or(self.label.as_str(), |(place, _)| place);
        let label = format!("{place}/{name}");
        Self { options: self.options.clone().database(name), logins: Arc::default(), label, ..self.clone() }
    }

    /// The name of the database that it connects to.
    pub fn database(&self) -> &str {
        self.options.get_database().unwrap_or_default()
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
    endpoints(urls, config, secrets, operator)
}

/// The endpoints for writes, in the order to try them; never the replica.
///
/// # Errors
/// A URL that cannot be used.
pub fn for_writes(config: &SourceConfig, secrets: &Arc<dyn Secrets>, operator: &str) -> Result<Vec<Endpoint>, Failure> {
    endpoints(&config.urls, config, secrets, operator)
}

fn endpoints(
    urls: &[Secret],
    config: &SourceConfig,
    secrets: &Arc<dyn Secrets>,
    operator: &str,
) -> Result<Vec<Endpoint>, Failure> {
    let around = Surroundings::of_process();
    let mut endpoints = Vec::new();
    for url in urls {
        let login = libpq::resolve(&url.0, &around).map_err(|what| Failure::new(FailureKind::Other, &what))?;
        endpoints.extend(login.servers.iter().map(|server| endpoint(&login, server, config, secrets, operator)));
    }
    Ok(endpoints)
}

fn endpoint(
    login: &Login,
    server: &Server,
    config: &SourceConfig,
    secrets: &Arc<dyn Secrets>,
    operator: &str,
) -> Endpoint {
    // The driver reads the environment too: whatever it may have found there is set anew.
    let options = PgConnectOptions::new_without_pgpass()
        .port(server.port)
        .username(&login.user)
        .database(&login.database)
        .application_name(&format!("{}{operator}", operators::PREFIX))
        // PgBouncer refuses startup parameters that it does not know. In transaction mode, a named statement would stay
        // behind on a server connection that other clients use.
        .extra_float_digits(None)
        .statement_cache_capacity(0)
        .disable_statement_logging();
    let options = match &server.password {
        Some(password) => options.password(&password.0),
        None => options,
    };
    let (options, place, is_local) = match &server.place {
        // As in libpq, there is no TLS on a unix socket.
        Place::Socket(folder) => {
            (options.socket(folder).ssl_mode(PgSslMode::Disable), folder.display().to_string(), true)
        }
        Place::Host(host) => (encrypted(options.host(host), &login.tls, config), host.clone(), tls::is_loopback(host)),
    };
    let label = format!("{place}:{}/{}", server.port, login.database);
    Endpoint {
        options,
        looked: server.looked.clone(),
        secrets: Arc::clone(secrets),
        logins: Arc::default(),
        is_primary_wanted: false,
        is_local,
        label,
    }
}

/// Sets how to encrypt. A CA that somebody named is meant to be checked: it raises `prefer` and `require` to `verify-ca`
/// (libpq does so for `require`, also with the one in the user's home). The driver knows only Mozilla's roots and the file
/// that it is given, so `verify-*` without a CA gets the system's bundle.
fn encrypted(options: PgConnectOptions, asked: &Tls, config: &SourceConfig) -> PgConnectOptions {
    let named = match (&config.ca_file, &asked.root) {
        (Some(file), _) | (None, Root::Named(file)) => Some(file),
        _ => None,
    };
    let of_user = match &asked.root {
        Root::OfUser(file) => Some(file),
        _ => None,
    };
    let mode = match asked.mode {
        PgSslMode::Prefer if named.is_some() => PgSslMode::VerifyCa,
        PgSslMode::Require if named.or(of_user).is_some() => PgSslMode::VerifyCa,
        mode => mode,
    };
    let root = match mode {
        PgSslMode::VerifyCa | PgSslMode::VerifyFull => named.or(of_user).cloned().or_else(tls::system_bundle),
        _ => None,
    };
    let mut options = options.ssl_mode(mode);
    if let Some(root) = root {
        options = options.ssl_root_cert(root);
    }
    if let Some(certificate) = &asked.certificate {
        options = options.ssl_client_cert(certificate);
    }
    if let Some(key) = &asked.key {
        options = options.ssl_client_key(key);
    }
    options
}

/// Connects to the first endpoint that accepts, in their order.
///
/// # Errors
/// As [`connect_from`].
pub async fn connect(endpoints: &[Endpoint], deadline: Instant) -> Result<(PgConnection, usize), Failure> {
    connect_from(endpoints, 0, deadline).await
}

/// Connects to the first endpoint that accepts, beginning with that one and going around, and returns the connection with the index of its endpoint. Each
/// endpoint gets an equal share of the time that is left. After a refused login no further endpoint is tried: it would
/// refuse the login too, and the reason would be lost.
///
/// # Errors
/// The failure of the last endpoint that was tried.
pub async fn connect_from(
    endpoints: &[Endpoint],
    first: usize,
    deadline: Instant,
) -> Result<(PgConnection, usize), Failure> {
    let mut last = Failure::new(FailureKind::Other, "the source has no url");
    for tried in 0..endpoints.len() {
        let index = (first + tried) % endpoints.len();
        let endpoint = &endpoints[index];
        let share = limits::share(deadline, endpoints.len() - tried);
        let until = Instant::now() + share;
        last = match timeout_at(until, endpoint.connect(until)).await {
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
