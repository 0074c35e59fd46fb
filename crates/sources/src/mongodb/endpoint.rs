//! From a URL of the config to a client.

use std::sync::Arc;

use mongodb::{
    Client, Database,
    options::{
        ClientOptions, ConnectionString, HostInfo, ReadPreference, ReadPreferenceOptions, SelectionCriteria,
        ServerAddress, ServerMonitoringMode, Tls,
    },
};
use opsdash_core::contract::{Failure, FailureKind, Transport};
use opsdash_pack::config::{Secret, SourceConfig, has_secret};
use tokio::sync::Mutex;

use super::failure;
use crate::{limits, login_memory::LoginMemory, secrets::Secrets, tls};

/// One URL of the config, with its client. The URL may name one server or a replica set.
pub struct MongoEndpoint {
    url: ConnectionString,
    database: String,
    secrets: Arc<dyn Secrets>,
    /// What became of logins: the driver logs in by itself, at each connection.
    pub logins: LoginMemory,
    ca_file: Option<std::path::PathBuf>,
    app_name: String,
    /// Hosts and database, for messages; never a user or a password.
    pub label: String,
    /// The client of the newest password; `None` before the first call that needs it.
    client: Mutex<Option<Arc<OpenedClient>>>,
}

/// A client of the driver, which connects by itself.
pub struct OpenedClient {
    /// The database that the URL names.
    pub database: Database,
    /// Which members may answer.
    pub criteria: SelectionCriteria,
    /// Whether the connection is local, plain or encrypted.
    pub transport: Transport,
    /// Whether the URL names a replica set. There another member can take over.
    is_replica_set: bool,
    client: Client,
    /// What it logs in with; `None` when the URL has it.
    pub password: Option<Secret>,
}

/// The endpoints for reads, in the order to try them. With a `replica_url` it is the only one.
pub fn endpoints(
    config: &SourceConfig,
    secrets: &Arc<dyn Secrets>,
    operator: &str,
) -> Result<Vec<MongoEndpoint>, Failure> {
    let urls = config.replica_url.as_ref().map_or(config.urls.as_slice(), std::slice::from_ref);
    if urls.is_empty() {
        return Err(invalid_url("there is none"));
    }
    urls.iter().map(|url| endpoint(url, config, secrets, operator)).collect()
}

fn endpoint(
    url: &Secret,
    config: &SourceConfig,
    secrets: &Arc<dyn Secrets>,
    operator: &str,
) -> Result<MongoEndpoint, Failure> {
    // The driver's message may quote the text around the mistake, which may be the password.
    let parsed = ConnectionString::parse(&url.0).map_err(|error| {
        if has_secret(&url.0) {
            return invalid_url(
                "it cannot be read; are special characters of the user and the password percent-encoded?",
            );
        }
        invalid_url(&failure::message(&error))
    })?;
    let database =
        parsed.default_database.clone().ok_or_else(|| invalid_url("it names no database: mongodb://host/database"))?;
    let hosts = match &parsed.host_info {
        HostInfo::HostIdentifiers(hosts) => hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        HostInfo::DnsRecord(name) => name.clone(),
        _ => String::new(),
    };
    Ok(MongoEndpoint {
        label: format!("{hosts}/{database}"),
        url: parsed,
        database,
        secrets: Arc::clone(secrets),
        logins: LoginMemory::default(),
        ca_file: config.ca_file.clone(),
        app_name: format!("opsdash/{operator}"),
        client: Mutex::default(),
    })
}

fn invalid_url(what: &str) -> Failure {
    Failure::new(FailureKind::Other, &format!("the url of the source is wrong: {what}"))
}

impl MongoEndpoint {
    /// The client, made at the first call. Resolves a `mongodb+srv` name, but connects to no server yet.
    pub async fn open(&self) -> Result<Arc<OpenedClient>, Failure> {
        let mut client = self.client.lock().await;
        if let Some(opened) = &*client {
            return Ok(Arc::clone(opened));
        }
        let opened = Arc::new(self.connect(self.secrets.password().await?).await?);
        Ok(Arc::clone(client.insert(opened)))
    }

    /// After the server has refused the login of this client: whether there is another one to try, with another password.
    pub async fn renew(&self, refused: &Arc<OpenedClient>) -> Result<bool, Failure> {
        let mut client = self.client.lock().await;
        if client.as_ref().is_some_and(|current| !Arc::ptr_eq(current, refused)) {
            return Ok(true);
        }
        let password = self.secrets.renewed(refused.password.as_ref()).await?;
        if password == refused.password {
            return Ok(false);
        }
        *client = Some(Arc::new(self.connect(password).await?));
        Ok(true)
    }

    /// Whether the URL names a replica set; false before the first [`MongoEndpoint::open`].
    pub async fn is_replica_set(&self) -> bool {
        self.client.lock().await.as_ref().is_some_and(|opened| opened.is_replica_set)
    }

    async fn connect(&self, password: Option<Secret>) -> Result<OpenedClient, Failure> {
        let options = ClientOptions::parse(self.url.clone()).await.map_err(|error| failure::of(&error, &self.label))?;
        if password.is_some() && options.credential.is_none() {
            let what = format!(
                "{}: there is a password but no user; write it into the url as mongodb://user@host",
                self.label
            );
            return Err(Failure::new(FailureKind::Auth, &what));
        }
        let options = self.with_limits(options, password.as_ref());
        let criteria = options.selection_criteria.clone().unwrap_or_else(primary_preferred);
        let transport = transport(&options);
        let is_replica_set = options.repl_set_name.is_some() || options.hosts.len() > 1;
        let client = Client::with_options(options).map_err(|error| failure::of(&error, &self.label))?;
        let database = client.database(&self.database);
        Ok(OpenedClient { database, criteria, transport, is_replica_set, client, password })
    }

    fn with_limits(&self, mut options: ClientOptions, password: Option<&Secret>) -> ClientOptions {
        options.app_name = Some(self.app_name.clone());
        if let (Some(credential), Some(password)) = (&mut options.credential, password) {
            credential.password = Some(password.0.clone());
        }
        // Two for reads. One more monitors each server; with streaming monitoring it would be two more.
        options.max_pool_size = Some(2);
        options.min_pool_size = None;
        options.max_idle_time = Some(limits::IDLE_CONNECTION);
        options.server_monitoring_mode = Some(ServerMonitoringMode::Poll);
        // The driver's default is 30 s.
        let limit = limits::SERVER_SELECTION;
        let at_most = |wanted: Option<std::time::Duration>| Some(wanted.unwrap_or(limit).min(limit));
        options.server_selection_timeout = at_most(options.server_selection_timeout);
        options.connect_timeout = at_most(options.connect_timeout);
        options.selection_criteria.get_or_insert_with(primary_preferred);
        // Without a file the driver knows only Mozilla's roots.
        if let Some(Tls::Enabled(tls)) = &mut options.tls {
            if let Some(file) = &self.ca_file {
                tls.ca_file_path = Some(file.clone());
            } else if tls.ca_file_path.is_none() {
                tls.ca_file_path = tls::system_bundle();
            }
        }
        options
    }

    /// Closes the client's connections.
    pub async fn close(&self) {
        if let Some(opened) = self.client.lock().await.take() {
            opened.client.clone().shutdown().immediate(true).await;
        }
    }
}

fn transport(options: &ClientOptions) -> Transport {
    let is_local = |host: &ServerAddress| match host {
        ServerAddress::Tcp { host, .. } => tls::is_loopback(host),
        _ => true,
    };
    match &options.tls {
        _ if options.hosts.iter().all(is_local) => Transport::Local,
        Some(Tls::Enabled(tls)) => {
            let verified = tls.allow_invalid_certificates != Some(true);
            let asked = if verified { "tls=true" } else { "tlsInsecure or tlsAllowInvalidCertificates" };
            Transport::Tls { asked: asked.to_owned(), verified }
        }
        _ => Transport::Plain { asked: "the url has no tls=true".to_owned() },
    }
}

fn primary_preferred() -> SelectionCriteria {
    SelectionCriteria::ReadPreference(ReadPreference::PrimaryPreferred {
        options: Some(ReadPreferenceOptions::default()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(url: &str) -> Result<MongoEndpoint, Failure> {
        let config = SourceConfig { urls: vec![Secret(url.into())], ..SourceConfig::default() };
        let secrets: Arc<dyn Secrets> = Arc::new(None);
        endpoints(&config, &secrets, "alice").map(|mut endpoints| endpoints.remove(0))
    }

    #[test]
    fn a_url_that_cannot_be_read_shows_no_password() {
        for url in [
            "mongodb://al:hunter2@/x@host/db",
            "mongodb://al:hunter2@host:port/db",
            "mongodb://al:hunter2@host",
            "mongodb://al:hunter2host/db",
            "mongodb://host/db?tlsCertificateKeyFilePassword=hunter2&tls=no",
            "mongo://al:hunter2@host/db",
        ] {
            let failure = one(url).err().unwrap();
            assert!(!failure.message.contains("hunter2"), "{failure}");
        }
    }

    #[test]
    fn an_endpoint_is_named_by_its_hosts_and_its_database() {
        let endpoint = one("mongodb://al:hunter2@a:1,b:2/files?replicaSet=rs0").unwrap();
        assert_eq!(endpoint.label, "a:1,b:2/files");
        assert!(one("mongodb://host").err().unwrap().message.contains("names no database"));
    }

    #[tokio::test]
    async fn a_password_without_a_user_is_refused() {
        let config = SourceConfig { urls: vec![Secret("mongodb://host/files".into())], ..SourceConfig::default() };
        let secrets: Arc<dyn Secrets> = Arc::new(Some(Secret("hunter2".into())));
        let endpoint = endpoints(&config, &secrets, "alice").unwrap().remove(0);
        let failure = endpoint.open().await.err().unwrap();
        assert!(failure.message.contains("mongodb://user@host") && !failure.message.contains("hunter2"), "{failure}");
    }

    #[tokio::test]
    async fn the_client_keeps_to_few_connections_and_short_waits() {
        let endpoint = one("mongodb://host/files?maxPoolSize=50&serverSelectionTimeoutMS=60000&tls=true").unwrap();
        let options = endpoint.with_limits(ClientOptions::parse(endpoint.url.clone()).await.unwrap(), None);
        assert_eq!(options.max_pool_size, Some(2));
        assert_eq!(options.server_selection_timeout, Some(limits::SERVER_SELECTION));
        assert_eq!(options.app_name.as_deref(), Some("opsdash/alice"));
        let Some(Tls::Enabled(tls)) = options.tls else { panic!("no TLS") };
        assert_eq!(tls.ca_file_path, tls::system_bundle());
    }
}
