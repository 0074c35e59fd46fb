//! One source of one target: its config, its password, and the connection that serves it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use opsdash_core::{
    contract::{Answer, Content, Failure, FailureKind, LinkState, Question, Read, Ticket},
    scope::{ScopeChoice, ScopeList},
};
use opsdash_pack::{
    config::{Secret, SourceConfig, Target},
    pack::{Family, Pack, Scope, SourceId, SourceSpec},
};
use opsdash_sources::{AlsoMember, Ask, Kin, Secrets, Source, limits};
use tokio::sync::OnceCell;

use super::password_keeper::PasswordKeeper;
use crate::{settings::Environment, store::verified};

/// The sources of a target, in the order of its pack; none is connected to yet.
pub(crate) fn handles(pack: &Pack, target: &Target, environment: &Arc<Environment>) -> Vec<Arc<SourceHandle>> {
    handles_beside(pack, target, environment, |_| None)
}

/// The same, with those that are known already.
pub(super) fn handles_beside(
    pack: &Pack,
    target: &Target,
    environment: &Arc<Environment>,
    known: impl Fn(&SourceSpec) -> Option<Arc<SourceHandle>>,
) -> Vec<Arc<SourceHandle>> {
    let single =
        |spec: &SourceSpec| known(spec).unwrap_or_else(|| Arc::new(SourceHandle::single(target, spec, environment)));
    let singles: Vec<Arc<SourceHandle>> = pack.sources.iter().map(single).collect();
    let with_kin = |(spec, handle): (&SourceSpec, &Arc<SourceHandle>)| match &spec.family {
        Some(family) if handle.kin.is_none() => {
            let kin = FamilyKin::of(family, pack, target, &singles);
            Arc::new(SourceHandle { kin: Some(kin), ..SourceHandle::single(target, spec, environment) })
        }
        _ => handle.clone(),
    };
    pack.sources.iter().zip(&singles).map(with_kin).collect()
}

/// What a source of many databases needs of the others.
struct FamilyKin {
    family: Family,
    also: Vec<Arc<SourceHandle>>,
    from: Option<Arc<SourceHandle>>,
}

impl FamilyKin {
    fn of(family: &Family, pack: &Pack, target: &Target, singles: &[Arc<SourceHandle>]) -> Self {
        let has = |source: &SourceId| target.sources.contains_key(&pack.source(*source).name);
        let also = family.also.iter().filter(|source| has(source)).map(|source| singles[source.0].clone());
        let from = family.names.as_ref().map(|names| names.from).filter(has);
        Self { family: family.clone(), also: also.collect(), from: from.map(|source| singles[source.0].clone()) }
    }

    fn open(&self) -> Kin<'_> {
        let also = self.also.iter().filter_map(|handle| {
            let (config, secrets) = (handle.config.clone()?, handle.password.clone());
            Some(AlsoMember { source: handle.name.clone(), config, secrets })
        });
        let names = self.from.clone().map(|handle| Arc::new(Asked(handle)) as Arc<dyn Ask>);
        Kin { family: &self.family, also: also.collect(), names }
    }
}

/// A source that another one asks.
struct Asked(Arc<SourceHandle>);

impl Ask for Asked {
    fn ask<'a>(&'a self, read: &'a Read) -> BoxFuture<'a, Result<Answer, Failure>> {
        Box::pin(self.0.read(read))
    }
}

/// How long the server may work on one statement, in ms: as the source's config says, else the usual time.
#[must_use]
pub fn timeout_ms(config: Option<&SourceConfig>) -> u32 {
    config.and_then(|config| config.timeout_ms).unwrap_or(limits::STATEMENT_MS)
}

/// The zone of times without one, as the source's config says; `None` when this machine does not know it.
#[must_use]
pub fn naive_zone(config: Option<&SourceConfig>) -> Option<TimeZone> {
    match config.and_then(|config| config.naive_zone.as_deref()) {
        Some(name) if !name.eq_ignore_ascii_case("utc") => TimeZone::get(name).ok(),
        _ => Some(TimeZone::UTC),
    }
}

/// One source of one target, connected to when it is first asked.
pub struct SourceHandle {
    /// The target's name.
    pub target: String,
    /// The pack's name for it.
    pub name: String,
    /// What it needs of other sources; `None` where it is one database.
    kin: Option<FamilyKin>,
    /// How it is reached; `None` when the target's config does not say.
    pub config: Option<SourceConfig>,
    /// Who works, and where files are kept.
    environment: Arc<Environment>,
    password: Arc<PasswordKeeper>,
    /// That of the login that writes; `None` where the config names none.
    writer: Option<Arc<PasswordKeeper>>,
    opened: OnceCell<Source>,
    /// The link's state as the model was told it last.
    told: std::sync::Mutex<Option<LinkState>>,
}

impl SourceHandle {
    /// A source of a target that nobody has asked yet.
    ///
    /// # Panics
    /// With a source that is not one of the pack.
    #[must_use]
    pub fn of(pack: &Pack, source: SourceId, target: &Target, environment: &Arc<Environment>) -> Arc<Self> {
        handles(pack, target, environment).swap_remove(source.0)
    }

    fn single(target: &Target, spec: &SourceSpec, environment: &Arc<Environment>) -> Self {
        let in_schema = |config: &SourceConfig| SourceConfig { schema: spec.schema.clone(), ..config.clone() };
        let config = target.sources.get(&spec.name).map(in_schema);
        let password = config.as_ref().and_then(|config| config.password.clone());
        let writer = config.as_ref().and_then(|config| config.writer.as_ref());
        let writer = writer.map(|writer| Arc::new(PasswordKeeper::new(writer.password.clone(), environment)));
        Self {
            target: target.name.clone(),
            name: spec.name.clone(),
            kin: None,
            config,
            password: Arc::new(PasswordKeeper::new(password, environment)),
            writer,
            environment: environment.clone(),
            opened: OnceCell::new(),
            told: std::sync::Mutex::new(None),
        }
    }

    /// Asks the source.
    ///
    /// # Errors
    /// Why there is no answer, or why the source could not even be opened.
    pub async fn read(&self, read: &Read) -> Result<Answer, Failure> {
        let mut answer = self.source().await?.read(read).await?;
        if let (Content::Listing(listing), Question::Store { bucket, .. }) = (&mut answer.content, &read.question) {
            verified::fill(&self.environment.state_home, &self.bucket_id(bucket), listing);
        }
        Ok(answer)
    }

    /// Lists what can be chosen of a scope.
    ///
    /// # Errors
    /// Why there is no list, or why the source could not even be opened.
    pub async fn scopes(&self, scope: &Scope, ticket: Ticket, statement_ms: u32) -> Result<ScopeList, Failure> {
        self.source().await?.scopes(scope, ticket, statement_ms).await
    }

    /// What is meant by the name of a scope: an id, a label, or `all`.
    ///
    /// # Errors
    /// Why it cannot be known, or that there is no such scope.
    pub async fn scope_named(&self, scope: &Scope, wanted: &str) -> Result<ScopeChoice, Failure> {
        let list = self.scopes(scope, Ticket(0), timeout_ms(self.config.as_ref())).await?;
        list.find(scope, wanted)
    }

    /// Under which name results of reading the files of a bucket are kept.
    #[must_use]
    pub fn bucket_id(&self, bucket: &str) -> String {
        format!("{}/{}/{bucket}", self.target, self.name)
    }

    /// Reads its config and fetches its password; asks nothing.
    ///
    /// # Errors
    /// Why it could not even be asked.
    pub async fn ready(&self) -> Result<(), Failure> {
        self.source().await.map(drop)
    }

    /// The source, opened at the first call that finds its password.
    ///
    /// # Errors
    /// When the config does not say how it is reached, or there is no password.
    pub async fn source(&self) -> Result<&Source, Failure> {
        self.opened.get_or_try_init(|| self.open()).await
    }

    /// Lets a login be tried again that was refused.
    pub fn retry_login(&self) {
        if let Some(source) = self.opened.get() {
            source.retry_logins();
        }
    }

    /// Why a source of which the target's config says nothing is not asked.
    #[must_use]
    pub fn not_configured(&self) -> Failure {
        let what = format!("the target {} has no source \"{}\"", self.target, self.name);
        Failure::new(FailureKind::NotConfigured, &what)
    }

    async fn open(&self) -> Result<Source, Failure> {
        let Some(config) = &self.config else {
            return Err(self.not_configured());
        };
        // Found before the first connection, whose deadline does not wait for a program.
        self.password().await?;
        // One that is not found fails at the member that it is of.
        for other in self.kin.iter().flat_map(|kin| &kin.also) {
            other.password().await.ok();
        }
        self.open_with(config)
    }

    /// The password that the config says where to find; `None` when it names none.
    pub(super) async fn password(&self) -> Result<Option<Secret>, Failure> {
        self.password.password().await
    }

    /// Whether no program that looks for the password runs any more; ends one that nobody waits for.
    pub(super) fn stop(&self) -> bool {
        let writer = self.writer.as_ref().is_none_or(|writer| writer.stop());
        self.password.stop() && writer
    }

    /// A source of its own, which nobody else uses.
    pub(super) fn open_with(&self, config: &SourceConfig) -> Result<Source, Failure> {
        let (secrets, operator) = (self.password.clone(), &self.environment.operator);
        let writer = self.writer.clone().map(|writer| writer as Arc<dyn Secrets>);
        match &self.kin {
            Some(kin) => Source::open_family(&self.name, config, secrets, operator, kin.open()),
            None => Source::open_with_writer(&self.name, config, secrets, writer, operator),
        }
    }

    /// The link's state after a read, when it is not what was told last. A source that could not even be opened is down.
    pub(super) fn link_change(&self, result: &Result<Answer, Failure>) -> Option<LinkState> {
        if let (None, Err(failure)) = (self.opened.get(), result) {
            return Some(LinkState::Down(failure.clone()));
        }
        let link = self.opened.get().and_then(Source::link)?;
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told.as_ref() == Some(&link) {
            return None;
        }
        *told = Some(link.clone());
        Some(link)
    }
}
