//! Databases of the tests: made, filled and dropped, also when the run is told to end.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use opsdash_core::{contract::Failure, text};
use opsdash_pack::{
    config::{Secret, SourceConfig},
    document::suggest,
    pack::{Engine, Pack, SourceId, SourceSpec},
};
use opsdash_sources::scratch::{PREFIX, ScratchServer};

use crate::{
    cli::{error::CliError, exit::Exit},
    settings::Environment,
    store::private_file,
};

/// The servers of a run, and all that it has made there.
pub(super) struct Bench {
    /// Of whom and which run: a part of every name.
    run: String,
    /// By source: its name, its engine's server and its URL.
    sources: Vec<Place>,
    /// Who runs it, with a state folder of its own.
    pub environment: Arc<Environment>,
    made: Mutex<BTreeSet<(usize, String)>>,
    roles: Mutex<BTreeSet<(usize, String)>>,
}

struct Place {
    name: String,
    engine: Engine,
    url: String,
    /// Empty until it is opened, and for good where the URL is no server's: a folder of files is used as it is.
    server: OnceLock<ScratchServer>,
}

impl Bench {
    /// Touches no network.
    ///
    /// # Errors
    /// A source without a URL, or a URL for none.
    pub fn new(pack: &Pack, on: &[(String, String)], environment: &Environment) -> Result<Self, CliError> {
        let known = || pack.sources.iter().map(|source| source.name.as_str());
        if let Some((name, _)) = on.iter().find(|(name, _)| known().all(|known| known != name)) {
            let what = format!("the pack has no source \"{}\"", text::inert(name));
            return Err(CliError::usage(what, suggest(name, known())));
        }
        let urls: BTreeMap<&str, &str> = on.iter().map(|(name, url)| (name.as_str(), url.as_str())).collect();
        let missing: Vec<&str> = known().filter(|name| !urls.contains_key(name)).collect();
        if !missing.is_empty() {
            let what = format!("on which servers do the tests run? There is no URL for {}", missing.join(", "));
            let remedy = missing.iter().map(|name| format!("--on {name}=URL")).collect::<Vec<_>>().join(" ");
            return Err(CliError::usage(what, format!("give {remedy}; databases are made there and dropped again")));
        }
        let place = |source: &SourceSpec| Place {
            name: source.name.clone(),
            engine: source.engine,
            url: urls[source.name.as_str()].to_owned(),
            server: OnceLock::new(),
        };
        let run = run_name(&environment.operator);
        // Neither what the user has verified nor the record of actions has to do with a test.
        let environment =
            Environment { state_home: std::env::temp_dir().join(format!("{PREFIX}{run}")), ..environment.clone() };
        Ok(Self {
            run,
            sources: pack.sources.iter().map(place).collect(),
            environment: Arc::new(environment),
            made: Mutex::default(),
            roles: Mutex::default(),
        })
    }

    /// Connects to the servers, and drops what runs have left that ended before they could; says so.
    ///
    /// # Errors
    /// When a server does not answer.
    pub async fn open(&self) -> Result<Vec<String>, CliError> {
        let mut notes = Vec::new();
        private_file::make_dir(&self.environment.state_home).map_err(|why| CliError::usage(format!("{why:#}"), ""))?;
        for place in self.sources.iter().filter(|place| !place.url.starts_with("file:")) {
            let down = |failure: Failure| CliError {
                exit: Exit::SourceDown,
                message: format!("{}: {failure}", place.name),
                remedy: failure.hint().to_owned(),
            };
            let server = ScratchServer::open(place.engine, &place.url, &self.run).await.map_err(down)?;
            for name in server.leftovers().await.map_err(down)? {
                notes.push(match server.drop_database(&name).await {
                    Ok(()) => format!("dropped {name}, which an earlier run has left"),
                    Err(failure) => format!("{name}, which an earlier run has left, cannot be dropped: {failure}"),
                });
            }
            place.server.get_or_init(|| server);
        }
        Ok(notes)
    }

    /// A database of a test for a source, and how it is reached.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn database(&self, source: SourceId, number: usize) -> Result<(String, SourceConfig), Failure> {
        let place = &self.sources[source.0];
        let Some(server) = place.server.get() else {
            let config = SourceConfig { urls: vec![Secret(place.url.clone())], ..SourceConfig::default() };
            return Ok((String::new(), config));
        };
        self.made_as(source, server, format!("{PREFIX}{}_{number}_{}", self.run, source.0)).await
    }

    /// One more database of a test for a source of many.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn member(&self, source: SourceId, number: usize, at: usize) -> Result<String, Failure> {
        let Some(server) = self.server(source) else { return Ok(String::new()) };
        let name = format!("{PREFIX}{}_{number}_{}_{at}", self.run, source.0);
        self.made_as(source, server, name).await.map(|(name, _)| name)
    }

    async fn made_as(
        &self,
        source: SourceId,
        server: &ScratchServer,
        name: String,
    ) -> Result<(String, SourceConfig), Failure> {
        // Noted first: a run that is told to end drops what it may have made.
        locked(&self.made).insert((source.0, name.clone()));
        let config = server.create(&name).await?;
        Ok((name, config))
    }

    /// The server of a source; `None` where none is needed.
    pub fn server(&self, source: SourceId) -> Option<&ScratchServer> {
        self.sources[source.0].server.get()
    }

    /// Makes a role where it is missing; it is dropped at the end.
    ///
    /// # Errors
    /// What the server says.
    pub async fn role(&self, source: SourceId, role: &str) -> Result<(), Failure> {
        let Some(server) = self.server(source) else { return Ok(()) };
        if server.make_role(role).await? {
            locked(&self.roles).insert((source.0, role.to_owned()));
        }
        Ok(())
    }

    /// Drops the databases of a test that has ended.
    pub async fn drop_all_of(&self, names: &[(SourceId, String)]) {
        for (source, name) in names {
            let dropped = match self.server(*source) {
                Some(server) => server.drop_database(name).await.is_ok(),
                None => true,
            };
            if dropped {
                locked(&self.made).remove(&(source.0, name.clone()));
            }
        }
    }

    /// Drops all that there still is, and says what could not be.
    pub async fn clean_up(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let (made, roles) = (taken(&self.made), taken(&self.roles));
        for (source, name) in made {
            if let Some(server) = self.sources[source].server.get()
                && let Err(failure) = server.drop_database(&name).await
            {
                notes.push(format!("the database {name} is still there: {failure}\n  drop it yourself"));
            }
        }
        for (source, role) in roles {
            if let Some(server) = self.sources[source].server.get()
                && let Err(failure) = server.drop_role(&role).await
            {
                notes.push(format!("the role {role} is still there: {failure}\n  drop it yourself"));
            }
        }
        // Only what this run has put there: the record of what its tests have done.
        let _gone = std::fs::remove_dir_all(&self.environment.state_home);
        notes
    }
}

/// Names of databases are short: who it is, in letters that need no quotes, the process, and when it began.
fn run_name(operator: &str) -> String {
    let who: String = operator.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map(|age| age.as_secs()).unwrap_or_default();
    format!("{}_{}_{seconds:x}", who.to_ascii_lowercase(), std::process::id())
}

fn taken<T: Default>(mutex: &Mutex<T>) -> T {
    std::mem::take(&mut *locked(mutex))
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
