//! Turns the URLs of the config into endpoints, and connects to them.

use std::{fmt, net::SocketAddr, path::PathBuf, sync::Arc};

use opsdash_core::contract::{Failure, FailureKind, Transport};
use opsdash_pack::config::{Secret, SourceConfig, WriterLogin};
use percent_encoding::percent_decode_str;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel};
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout_at},
};
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use super::failure;
use crate::{limits, login_memory::LoginMemory, secrets::Secrets, tls};

/// A connection as the driver has it.
pub type TdsClient = Client<Compat<TcpStream>>;

/// The port of a default instance.
const PORT: u16 = 1433;

/// What stands before the operator in the name of a connection.
pub const PREFIX: &str = "opsdash/";

/// One server of the config, ready to connect to.
#[derive(Clone)]
pub struct Endpoint {
    place: Place,
    user: String,
    /// That of the URL; what the config's own word finds wins.
    password: Option<Secret>,
    secrets: Arc<dyn Secrets>,
    logins: Arc<LoginMemory>,
    application: String,
    ca_file: Option<PathBuf>,
    /// Host, port and database, for messages; never a user or a password.
    pub label: String,
}

/// Where a URL leads, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    host: String,
    port: u16,
    database: String,
    encrypt: Encrypt,
    trusts_certificate: bool,
    /// Whether an availability group may send the connection to a readable secondary.
    is_read_only: bool,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encrypt {
    /// Not, unless the server insists.
    No,
    /// Always, or there is no connection.
    Yes,
    /// From the first byte on, as TDS 8 has it.
    Strict,
}

impl Endpoint {
    /// Connects. When the login is refused, now or before, and there is another password by now, tries that one.
    async fn connect(&self, deadline: Instant) -> Result<TdsClient, Failure> {
        let password = self.password(self.secrets.password().await?);
        let _turn = self.logins.turn().await;
        let refused = match self.logins.refusal_of(password.as_ref()) {
            Some(failure) => failure,
            None => match self.log_in(password.as_ref(), deadline).await {
                Err(failure) if failure.kind == FailureKind::Auth => failure,
                result => return result,
            },
        };
        let renewed = self.password(self.secrets.renewed(password.as_ref()).await?);
        if renewed == password { Err(refused) } else { self.log_in(renewed.as_ref(), deadline).await }
    }

    fn password(&self, found: Option<Secret>) -> Option<Secret> {
        found.or_else(|| self.password.clone())
    }

    async fn log_in(&self, password: Option<&Secret>, deadline: Instant) -> Result<TdsClient, Failure> {
        let connected = if let Some(password) = password {
            self.follow(password, deadline).await
        } else {
            let what = format!("{}: no password: the URL has none, and the source names none", self.label);
            Err(Failure::new(FailureKind::Auth, &what).remedied("say password = { .. } in the config"))
        };
        self.logins.record(password, &connected);
        connected
    }

    /// Connects, and once more where the server sends the connection on: to a readable secondary, for example.
    async fn follow(&self, password: &Secret, deadline: Instant) -> Result<TdsClient, Failure> {
        let (mut host, mut port) = (self.place.host.clone(), self.place.port);
        for _ in 0..2 {
            match self.connect_to_any(&host, port, password, deadline).await {
                Err(ConnectError::Tds(tiberius::error::Error::Routing { host: other, port: at })) => {
                    (host, port) = (other, at);
                }
                Err(ConnectError::Tds(error)) => return Err(failure::at_login(&error, &self.label)),
                Err(ConnectError::Failed(failure)) => return Err(failure),
                Ok(client) => return Ok(client),
            }
        }
        let what = format!("{}: the server sends the connection on and on", self.label);
        Err(Failure::new(FailureKind::Unreachable, &what))
    }

    /// Connects to the first address of the host that answers. Each gets an equal share of the time that is left, so that
    /// of an availability group whose listener has an address in every subnet the dead ones take none from the others.
    async fn connect_to_any(
        &self,
        host: &str,
        port: u16,
        password: &Secret,
        deadline: Instant,
    ) -> Result<TdsClient, ConnectError> {
        let unreachable = |what: &str| {
            ConnectError::Failed(Failure::new(FailureKind::Unreachable, &format!("{}: {what}", self.label)))
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = timeout_at(deadline, lookup_host((bare, port))).await;
        let found = found.map_err(|_| unreachable("the name of the host was not found in time"))?;
        let addresses: Vec<SocketAddr> = found.map_err(|error| unreachable(&error.to_string()))?.collect();
        let mut last = unreachable("no such host");
        for (at, address) in addresses.iter().enumerate() {
            let until = Instant::now() + limits::share(deadline, addresses.len() - at);
            match timeout_at(until, self.connect_to(*address, bare, port, password)).await {
                Ok(Ok(client)) => return Ok(client),
                Ok(Err(error @ (tiberius::error::Error::Server(_) | tiberius::error::Error::Routing { .. }))) => {
                    return Err(ConnectError::Tds(error));
                }
                Ok(Err(error)) => last = ConnectError::Tds(error),
                Err(_) => last = unreachable("no answer in time"),
            }
        }
        Err(last)
    }

    async fn connect_to(
        &self,
        address: SocketAddr,
        host: &str,
        port: u16,
        password: &Secret,
    ) -> tiberius::Result<TdsClient> {
        let mut config = Config::new();
        config.host(host);
        config.port(port);
        config.database(&self.place.database);
        config.application_name(&self.application);
        config.readonly(self.place.is_read_only);
        config.authentication(AuthMethod::sql_server(&self.user, &password.0));
        config.encryption(match self.place.encrypt {
            // Not `Off`: the driver would then wait for a handshake that a server without TLS never begins.
            Encrypt::No => EncryptionLevel::NotSupported,
            Encrypt::Yes => EncryptionLevel::Required,
            Encrypt::Strict => EncryptionLevel::Strict,
        });
        if self.place.trusts_certificate {
            config.trust_cert();
        } else if let Some(file) = &self.ca_file {
            config.trust_cert_ca(file.display());
        }
        config.lossy_utf16_decoding(true);
        // Deadlines are ours.
        config.handshake_timeout(None);
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        // The driver's own future is large, and everything that awaits it would be too.
        Box::pin(Client::connect(config, stream.compat_write())).await
    }

    /// The same under this name in the server's list of connections, for reading and writing.
    pub fn named(mut self, application: &str) -> Self {
        application.clone_into(&mut self.application);
        self.place.is_read_only = false;
        self
    }

    /// The same in another database of the same server.
    pub fn of_database(&self, name: &str) -> Self {
        let place = Place { database: name.to_owned(), ..self.place.clone() };
        let label = format!("{}:{}/{name}", place.host, place.port);
        Self { place, label, ..self.clone() }
    }

    /// The login that connects.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Lets a password be tried again that was refused.
    pub fn retry_login(&self) {
        self.logins.forget();
    }

    /// What lies between the server and us.
    pub fn transport(&self) -> Transport {
        if tls::is_loopback(&self.place.host) {
            return Transport::Local;
        }
        match self.place.encrypt {
            Encrypt::No => Transport::Plain { asked: "encrypt=no".into() },
            Encrypt::Yes if self.place.trusts_certificate => {
                Transport::Tls { asked: "trust_server_certificate=yes".into(), verified: false }
            }
            Encrypt::Yes => Transport::Tls { asked: "encrypt=yes".into(), verified: true },
            Encrypt::Strict => {
                Transport::Tls { asked: "encrypt=strict".into(), verified: !self.place.trusts_certificate }
            }
        }
    }
}

/// Why there is no connection.
enum ConnectError {
    Tds(tiberius::error::Error),
    Failed(Failure),
}

/// Not derived: it has a password.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("label", &self.label).finish_non_exhaustive()
    }
}

/// The endpoints for reads, in the order to try them. With a replica it is the only one.
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

/// The endpoints for writes, of the login that writes, in the order to try them; never a replica.
///
/// # Errors
/// A URL that cannot be used.
pub fn for_writes(
    config: &SourceConfig,
    login: &WriterLogin,
    secrets: &Arc<dyn Secrets>,
    operator: &str,
) -> Result<Vec<Endpoint>, Failure> {
    let writing = |url: &Secret| {
        let endpoint = endpoint(url, config, secrets, operator)?;
        let place = Place { is_read_only: false, ..endpoint.place };
        // The password of the URL is that of the login that reads.
        let password = endpoint.password.filter(|_| login.password.is_none());
        Ok(Endpoint { place, user: login.user.clone(), password, logins: Arc::default(), ..endpoint })
    };
    config.urls.iter().map(writing).collect()
}

fn endpoint(
    url: &Secret,
    config: &SourceConfig,
    secrets: &Arc<dyn Secrets>,
    operator: &str,
) -> Result<Endpoint, Failure> {
    let (place, user, password) = parse(&url.0).map_err(|what| Failure::new(FailureKind::Other, &what))?;
    let label = format!("{}:{}/{}", place.host, place.port, place.database);
    Ok(Endpoint {
        place,
        user,
        password,
        secrets: Arc::clone(secrets),
        logins: Arc::default(),
        application: format!("{PREFIX}{operator}"),
        ca_file: config.ca_file.clone(),
        label,
    })
}

/// Reads `mssql://user:password@host:port/database?word=value`.
fn parse(url: &str) -> Result<(Place, String, Option<Secret>), String> {
    let (_, rest) = url.split_once("://").ok_or("the URL has no scheme")?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (login, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (user, password) = login.split_once(':').map_or((login, None), |(user, password)| (user, Some(password)));
    let (server, database) = rest.split_once('/').unwrap_or((rest, ""));
    if user.is_empty() {
        return Err("the URL names no user: mssql://user@host/database; Windows logins are not served".into());
    }
    if database.is_empty() {
        return Err("the URL names no database: mssql://user@host/database".into());
    }
    if server.contains(['\\', ',']) {
        return Err(format!("\"{server}\" is no host and port: write host:port; of a named instance, its port"));
    }
    let after_brackets = server.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match server[after_brackets..].split_once(':') {
        Some((_, port)) => {
            let host = &server[..server.len() - port.len() - 1];
            (host, port.parse().map_err(|_| format!("\"{port}\" is no port"))?)
        }
        None => (server, PORT),
    };
    if host.is_empty() {
        return Err("the URL names no host".into());
    }
    let mut place = Place {
        host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
        port,
        database: decoded(database)?,
        encrypt: Encrypt::Yes,
        trusts_certificate: false,
        is_read_only: true,
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (word, value) = pair.split_once('=').unwrap_or((pair, ""));
        set(&mut place, &word.to_ascii_lowercase().replace('_', ""), &decoded(value)?.to_ascii_lowercase())?;
    }
    let password = password.filter(|password| !password.is_empty()).map(decoded).transpose()?.map(Secret);
    Ok((place, decoded(user)?, password))
}

/// Sets what a word of the URL says. Words are those of Microsoft's drivers, with or without `_`.
fn set(place: &mut Place, word: &str, value: &str) -> Result<(), String> {
    let flag = || match value {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err(format!("{word}={value}: write yes or no")),
    };
    match word {
        "encrypt" => {
            place.encrypt = match value {
                "yes" | "true" | "mandatory" => Encrypt::Yes,
                "no" | "false" | "optional" => Encrypt::No,
                "strict" => Encrypt::Strict,
                _ => return Err(format!("encrypt={value}: write yes, no or strict")),
            }
        }
        "trustservercertificate" => place.trusts_certificate = flag()?,
        "applicationintent" => {
            place.is_read_only = match value {
                "readonly" | "read_only" => true,
                "readwrite" | "read_write" => false,
                _ => return Err(format!("application_intent={value}: write read_only or read_write")),
            }
        }
        // All addresses of a name are tried in any case.
        "multisubnetfailover" => {
            flag()?;
        }
        "instance" | "instancename" => {
            return Err("instance: give the port of the instance; the service that tells it is not asked".into());
        }
        _ => {
            let known = "encrypt, trust_server_certificate, application_intent and multi_subnet_failover";
            return Err(format!("the URL has the word \"{word}\"; known are {known}"));
        }
    }
    Ok(())
}

fn decoded(text: &str) -> Result<String, String> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| "the URL is no text once decoded")?;
    if text.contains('\0') { Err("the URL has a NUL character".into()) } else { Ok(text.into_owned()) }
}

/// Connects to the first endpoint that accepts, beginning with that one and going around. After a refused login no further
/// endpoint is tried: it would refuse the login too, and the reason would be lost.
///
/// # Errors
/// The failure of the last endpoint that was tried.
pub async fn connect(endpoints: &[Endpoint], first: usize, deadline: Instant) -> Result<(TdsClient, usize), Failure> {
    let mut last = Failure::new(FailureKind::Other, "the source has no url");
    for tried in 0..endpoints.len() {
        let index = (first + tried) % endpoints.len();
        let endpoint = &endpoints[index];
        let share = limits::share(deadline, endpoints.len() - tried);
        let until = Instant::now() + share;
        last = match timeout_at(until, endpoint.connect(until)).await {
            Ok(Ok(client)) => return Ok((client, index)),
            Ok(Err(failure)) => failure,
            Err(_) => {
                let what = format!("{}: no answer within {:.1} s", endpoint.label, share.as_secs_f64());
                Failure::new(FailureKind::Unreachable, &what)
            }
        };
        if last.kind == FailureKind::Auth {
            break;
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_how() {
        let (place, user, password) =
            parse("mssql://ops%40x:p%2Fw@[::1]:1444/My%20Db?Encrypt=Strict&applicationIntent=ReadWrite").unwrap();
        assert_eq!((user.as_str(), password.unwrap().0.as_str()), ("ops@x", "p/w"));
        assert_eq!((place.host.as_str(), place.port, place.database.as_str()), ("::1", 1444, "My Db"));
        assert_eq!((place.encrypt, place.is_read_only), (Encrypt::Strict, false));
        let (place, _, password) = parse("mssql://u@db/x").unwrap();
        assert_eq!((place.port, place.encrypt, place.is_read_only), (PORT, Encrypt::Yes, true));
        assert!(!place.trusts_certificate && password.is_none());
    }

    #[test]
    fn what_is_not_served_is_refused_with_what_to_write() {
        for (url, told) in [
            ("mssql://db/x", "no user"),
            ("mssql://u@db", "no database"),
            ("mssql://u@db\\SQL1/x", "of a named instance, its port"),
            ("mssql://u@db,1444/x", "host:port"),
            ("mssql://u@db/x?instance=SQL1", "give the port"),
            ("mssql://u@db/x?pasword=1", "known are"),
            ("mssql://u@db/x?encrypt=maybe", "yes, no or strict"),
            ("mssql://u@db:x/x", "no port"),
            ("mssql://u@/x", "no host"),
        ] {
            let error = parse(url).unwrap_err();
            assert!(error.contains(told), "{url}: {error}");
        }
    }
}
