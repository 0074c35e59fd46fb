//! Many databases as one source: an engine composed of engines.
//!
//! The way of a read: [`Members`] tells which databases there are, the [`Gate`] lets the question to each that is meant, a
//! few at a time and each on one connection that is closed afterwards, and [`Merge`] makes one answer of theirs. A database
//! that fails is told in the answer's coverage; the others are there.

mod gate;
mod members;
mod merge;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, future::BoxFuture, stream};
use opsdash_core::{
    contract::{
        Answer, Facts, FailedMember, Failure, FailureKind, Inspection, LinkState, Members as Meant, NamedMember,
        Question, Read, ReadLimits, Within,
    },
    value::RowKey,
};
use opsdash_pack::{config::SourceConfig, pack};
use tokio::time::Instant;

use self::{
    gate::Gate,
    members::{Member, MemberList, Members},
    merge::Merge,
};
use crate::{
    engine::{Engine, ToldMember},
    limits,
    secrets::Secrets,
};

/// Asks another source.
pub trait Ask: Send + Sync {
    /// The answer of that source. See [`crate::Source::read`].
    fn ask<'a>(&'a self, read: &'a Read) -> BoxFuture<'a, Result<Answer, Failure>>;
}

/// A source whose database is a member of a family too.
pub struct AlsoMember {
    /// The source's name, which is the kind of the member.
    pub source: String,
    /// How it is reached.
    pub config: SourceConfig,
    /// Its passwords.
    pub secrets: Arc<dyn Secrets>,
}

/// What a family needs beside its own config.
pub struct Kin<'a> {
    /// What the pack says of it.
    pub family: &'a pack::Family,
    /// The sources of [`pack::Family::also`] that the target has.
    pub also: Vec<AlsoMember>,
    /// The source of [`pack::MemberNames::from`]; `None` where it cannot be asked: then of the members only their names
    /// are known.
    pub names: Option<Arc<dyn Ask>>,
}

/// A source that stands for many databases.
pub struct Family {
    members: Members,
    gate: Gate,
    link: Mutex<Option<LinkState>>,
}

impl Family {
    /// Reads the config; touches no network.
    ///
    /// # Errors
    /// A URL or a time zone that cannot be used.
    pub fn open(
        config: &SourceConfig,
        secrets: &Arc<dyn Secrets>,
        operator: &str,
        kin: Kin<'_>,
    ) -> Result<Self, Failure> {
        let members = Members::open(config, secrets, operator, kin)?;
        Ok(Self { members, gate: Gate::default(), link: Mutex::default() })
    }

    async fn answer(&self, read: &Read) -> Result<Answer, Failure> {
        let started = Instant::now();
        let deadline = started + Duration::from_millis(read.limits.patience_ms.into());
        let names = named(read);
        let known = self.members.known(&self.gate, read, names.as_ref(), deadline).await;
        self.record_link(&known);
        let known = known?;
        let (mut merge, asked) = (Merge::of(read), meant(&known, read, names.as_ref()));
        merge.failed.extend(asked.failed);
        let is_one = asked.members.len() + merge.failed.len() == 1;
        let answers = stream::iter(asked.members).map(|(member, own)| {
            let gate = self.gate.clone();
            async move {
                let answer = gate.ask(&member.engine, own, deadline).await;
                (member, answer)
            }
        });
        let mut answers = answers.buffer_unordered(limits::FAMILY_CONNECTIONS);
        while let Some((member, answer)) = answers.next().await {
            match answer {
                Ok(answer) => merge.add(&member, answer),
                Err(failure) => merge.failed.push(member.failed(failure)),
            }
        }
        // Of one database there is its answer or its failure.
        if is_one
            && names.is_some()
            && let Some(failed) = merge.failed.pop()
        {
            return Err(failed.failure);
        }
        Ok(merge.finish())
    }

    /// Those of the usual kind, which are what the family's schema describes; where there is none, all.
    async fn usual(&self, work: Duration, deadline: Instant) -> Result<MemberList, Failure> {
        let mut known = self.members.known(&self.gate, &members::read_of(work), None, deadline).await?;
        let is_usual = |member: &Arc<Member>| member.kind == self.members.kind;
        if known.members.iter().any(is_usual) {
            known.members.retain(is_usual);
        }
        Ok(known)
    }

    fn record_link<T>(&self, known: &Result<T, Failure>) {
        let link = match known {
            Ok(_) => self.members.link(),
            Err(failure) => Some(LinkState::Down(failure.clone())),
        };
        if link.is_some() {
            *self.link.lock().unwrap_or_else(PoisonError::into_inner) = link;
        }
    }
}

/// The databases that a question names; `None` when it is put to all, or to all of some kinds.
fn named(read: &Read) -> Option<BTreeSet<String>> {
    match &read.within.members {
        Meant::All | Meant::Kinds(_) => None,
        Meant::Only(names) => Some(names.clone()),
        Meant::OfKeys(_) => Some(keys_by_member(read).into_keys().collect()),
    }
}

/// The keys of a question by the database that they are of, each as it is there.
fn keys_by_member(read: &Read) -> BTreeMap<String, Vec<RowKey>> {
    let (Question::Statement { bind, .. }, Meant::OfKeys(columns)) = (&read.question, &read.within.members) else {
        return BTreeMap::new();
    };
    let mut by_member: BTreeMap<String, Vec<RowKey>> = BTreeMap::new();
    for (member, key) in bind.keys.iter().filter_map(|key| key.in_member(*columns)) {
        by_member.entry(member).or_default().push(key);
    }
    by_member
}

/// The databases that are asked, each with its question, and those that are meant and cannot be.
struct Asked {
    members: Vec<(Arc<Member>, Read)>,
    failed: Vec<FailedMember>,
}

fn meant(known: &MemberList, read: &Read, names: Option<&BTreeSet<String>>) -> Asked {
    let keys = keys_by_member(read);
    let is_meant = |member: &&Arc<Member>| match (&read.within.members, names) {
        (Meant::Kinds(kinds), _) => kinds.contains(&member.kind),
        (_, Some(names)) => names.contains(&member.name),
        _ => true,
    };
    let own = |member: &Arc<Member>| (member.clone(), member.question(read, keys.get(&member.name)));
    let members = known.members.iter().filter(is_meant).map(own).collect();
    let is_here = |name: &&String| known.members.iter().any(|member| member.name == **name);
    let failed = match names {
        Some(names) => {
            let gone = names.iter().filter(|name| !is_here(name));
            gone.map(|name| missing(name)).collect()
        }
        None => known.failed.clone(),
    };
    Asked { members, failed }
}

fn missing(name: &str) -> FailedMember {
    FailedMember { name: name.to_owned(), kind: String::new(), label: None, failure: gone(name) }
}

fn gone(name: &str) -> Failure {
    Failure::new(FailureKind::Unreachable, &format!("there is no database {name} in this family"))
}

impl Engine for Family {
    fn read<'a>(&'a self, read: &'a Read) -> BoxFuture<'a, Result<Answer, Failure>> {
        Box::pin(self.answer(read))
    }

    /// Of the first database that answers, for what is the same in all.
    fn inspect<'a>(&'a self, inspection: &'a Inspection, within: &'a Within) -> BoxFuture<'a, Result<Facts, Failure>> {
        /// More are not tried: who is out of reach costs time.
        const TRIED: usize = 3;
        Box::pin(async {
            let work = Duration::from_millis(inspection.timeout_ms.into());
            let whole = Within { members: Meant::All, scope: within.scope.clone() };
            let known = self.usual(work, Instant::now() + work + limits::MARGIN).await?;
            let mut last = Err(Failure::new(FailureKind::Other, "the family has no database"));
            for member in known.members.iter().take(TRIED) {
                let deadline = Instant::now() + work + limits::MARGIN;
                last = self.gate.inspect(&member.engine, inspection, &whole, deadline).await;
                if last.is_ok() {
                    break;
                }
            }
            last
        })
    }

    fn inspect_members<'a>(
        &'a self,
        inspection: &'a Inspection,
        within: &'a Within,
        mut told: ToldMember<'a>,
    ) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let work = Duration::from_millis(inspection.timeout_ms.into());
            let patience = ReadLimits::of_family(inspection.timeout_ms).patience_ms;
            let deadline = Instant::now() + Duration::from_millis(patience.into());
            let whole = Within { members: Meant::All, scope: within.scope.clone() };
            // That it does not tell its databases is what `inspect` fails with.
            let Ok(known) = self.usual(work, deadline).await else { return true };
            for FailedMember { name, kind, label, failure } in known.failed {
                told(NamedMember { name, kind, label }, Err(failure));
            }
            let looks = stream::iter(known.members).map(|member| {
                let whole = &whole;
                async move { (member.named(), self.gate.inspect(&member.engine, inspection, whole, deadline).await) }
            });
            let mut looks = looks.buffer_unordered(limits::FAMILY_CONNECTIONS);
            while let Some((member, outcome)) = looks.next().await {
                told(member, outcome);
            }
            true
        })
    }

    fn link(&self) -> Option<LinkState> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn retry_logins(&self) {
        self.members.retry_logins();
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.gate.close();
        })
    }
}
