//! Which databases a family has.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use opsdash_core::{
    contract::{
        Address, Answer, Bind, FailedMember, Failure, FailureKind, LinkState, Members as Meant, NamedMember, Part,
        Question, Read, ReadLimits, ResultShape, Table, Ticket,
    },
    value::{RowKey, Value},
};
use opsdash_pack::{
    config::{FixedMember, Secret, SourceConfig},
    dialect::{Param, Sql},
    pack::{DATABASE, KIND, LABEL, SourceId, Statement, ViewId},
};
use tokio::time::Instant;

use super::{Ask, Kin, gate::Gate};
use crate::{engine::Engine, limits, postgres::Postgres, secrets::Secrets};

/// One database of a family.
pub struct Member {
    /// Its name, which no other member has.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// What people call it; `None` where nobody says.
    pub label: Option<String>,
    /// What the family's query says of it, for the parameters of that name.
    binds: BTreeMap<String, String>,
    pub engine: Arc<Postgres>,
}

impl Member {
    /// The question as it is put to this database.
    pub fn question(&self, read: &Read, keys: Option<&Vec<RowKey>>) -> Read {
        let mut own = read.clone();
        own.within.members = Meant::All;
        if let Question::Statement { bind, shape, .. } = &mut own.question {
            bind.values.extend(self.binds.clone());
            bind.values.insert(DATABASE.to_owned(), self.name.clone());
            bind.values.insert(KIND.to_owned(), self.kind.clone());
            bind.values.extend(self.label.clone().map(|label| (LABEL.to_owned(), label)));
            if let Some(keys) = keys {
                bind.keys.clone_from(keys);
            }
            if let ResultShape::List { row_key, .. } | ResultShape::Uncounted { row_key, .. } = shape {
                row_key.retain(|column| column != DATABASE);
            }
        }
        own
    }

    /// What is told of it.
    pub fn named(&self) -> NamedMember {
        NamedMember { name: self.name.clone(), kind: self.kind.clone(), label: self.label.clone() }
    }

    /// That it did not answer.
    pub fn failed(&self, failure: Failure) -> FailedMember {
        FailedMember::new(self.named(), failure)
    }
}

/// The databases that are known, in their order, and what did not tell any.
#[derive(Clone, Default)]
pub struct MemberList {
    pub members: Vec<Arc<Member>>,
    pub failed: Vec<FailedMember>,
}

/// The query that knows the databases.
struct Names {
    query: Arc<Statement>,
    /// The source that it runs on; `None` where that cannot be asked.
    from: Option<Arc<dyn Ask>>,
    /// Columns that are parameters.
    binds: Vec<String>,
}

/// Finds the databases.
pub struct Members {
    /// The kind of those of which nothing says one.
    pub kind: String,
    servers: Vec<Arc<Postgres>>,
    /// The members that are sources of their own.
    also: Vec<Arc<Member>>,
    /// All others, where they are not looked for.
    fixed: Option<Vec<FixedMember>>,
    /// Patterns as `LIKE` has them, as JSON lists.
    databases: Option<String>,
    exclude: String,
    names: Option<Names>,
    known: tokio::sync::Mutex<Option<(Instant, MemberList)>>,
    /// Every database that was ever found, so that a login that was refused there is remembered.
    engines: Mutex<BTreeMap<(usize, String), Arc<Postgres>>>,
    /// What the query last said, by database.
    said: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

/// The databases of a server that are called so, or that the family's query names. Those that nobody may connect to and
/// templates are none.
const LIST: &str = "SELECT datname::text AS database FROM pg_catalog.pg_database
WHERE datallowconn AND NOT datistemplate
  AND (datname::text LIKE ANY (ARRAY(SELECT pg_catalog.json_array_elements_text($1::json)))
    OR datname::text = ANY (ARRAY(SELECT pg_catalog.json_array_elements_text($3::json))))
  AND NOT (datname::text LIKE ANY (ARRAY(SELECT pg_catalog.json_array_elements_text($2::json))))
ORDER BY datname";

impl Members {
    pub fn open(
        config: &SourceConfig,
        secrets: &Arc<dyn Secrets>,
        operator: &str,
        kin: Kin<'_>,
    ) -> Result<Self, Failure> {
        let family = kin.family;
        let server = |urls: Vec<Secret>| Postgres::open(&SourceConfig { urls, ..config.clone() }, secrets, operator);
        let mut servers = vec![Arc::new(server(config.urls.clone())?)];
        for url in &config.more_servers {
            servers.push(Arc::new(server(vec![url.clone()])?));
        }
        let mut also: Vec<Arc<Member>> = Vec::new();
        for other in kin.also {
            let engine = Postgres::open(&other.config, &other.secrets, operator)?;
            let name = other.config.shown_as.clone().unwrap_or_else(|| engine.database().to_owned());
            if also.iter().all(|known| known.name != name) {
                let binds = BTreeMap::new();
                let member = Member { name, kind: other.source, label: None, binds, engine: Arc::new(engine) };
                also.push(Arc::new(member));
            }
        }
        let databases = config.databases.as_ref().unwrap_or(&family.databases);
        let exclude = config.exclude.as_ref().unwrap_or(&family.exclude);
        let names = family.names.as_ref().map(|names| Names {
            query: names.query.clone(),
            from: kin.names,
            binds: names.binds.clone(),
        });
        Ok(Self {
            kind: family.kind.clone(),
            servers,
            also,
            fixed: config.members.clone(),
            databases: (!databases.is_empty()).then(|| patterns(databases)),
            exclude: patterns(exclude),
            names,
            known: tokio::sync::Mutex::default(),
            engines: Mutex::default(),
            said: Mutex::default(),
        })
    }

    /// The databases as they are known now. A question about databases by name needs no new list as long as they are on
    /// the last one; any other finds those that are new, and misses those that are gone. Reads that begin together share
    /// one list.
    ///
    /// # Errors
    /// When nothing tells any database.
    pub async fn known(
        &self,
        gate: &Gate,
        read: &Read,
        names: Option<&BTreeSet<String>>,
        deadline: Instant,
    ) -> Result<MemberList, Failure> {
        let mut known = self.known.lock().await;
        if let Some((at, list)) = &*known {
            let is_new = at.elapsed() <= limits::MEMBERS_KEPT;
            let has_all = |names: &BTreeSet<String>| {
                names.iter().all(|name| list.members.iter().any(|member| member.name == *name))
            };
            if is_new || names.is_some_and(has_all) {
                return Ok(list.clone());
            }
        }
        let list = self.find(gate, read, deadline).await?;
        *known = Some((Instant::now(), list.clone()));
        Ok(list)
    }

    /// The link to the first server that has told its databases, else to the first one.
    pub fn link(&self) -> Option<LinkState> {
        let links = || self.servers.iter().filter_map(|server| server.link());
        links().find(|link| matches!(link, LinkState::Up { .. })).or_else(|| links().next())
    }

    pub fn retry_logins(&self) {
        self.servers.iter().for_each(|server| server.retry_logins());
        self.also.iter().for_each(|member| member.engine.retry_logins());
        self.engines().values().for_each(|engine| engine.retry_logins());
    }

    async fn find(&self, gate: &Gate, read: &Read, deadline: Instant) -> Result<MemberList, Failure> {
        let said = self.ask_names(read).await;
        let mut list = MemberList { members: self.also.clone(), failed: Vec::new() };
        if let Some(fixed) = &self.fixed {
            list.members.extend(fixed.iter().map(|member| {
                let found = self.member(0, &member.database, member.name.clone());
                Arc::new(Member { kind: member.kind.clone().unwrap_or(found.kind), ..found })
            }));
            list.members = list.members.into_iter().map(|member| self.named(member)).collect();
            return Ok(list);
        }
        let found = match (&self.databases, &said) {
            (Some(patterns), _) => self.list_servers(gate, patterns, read, deadline, &mut list.failed).await,
            (None, Some(Err(failure))) => return Err(failure.clone()),
            // The query says which there are; a server that has several of them is the first one.
            (None, Some(Ok(()))) => self.said().keys().map(|name| (0, name.clone())).collect(),
            (None, None) => Vec::new(),
        };
        if found.is_empty() && list.members.is_empty() && !list.failed.is_empty() {
            return Err(list.failed.swap_remove(0).failure);
        }
        let own: BTreeSet<String> = self.also.iter().map(|member| member.name.clone()).collect();
        let mut taken = own.clone();
        for (server, database) in found.into_iter().filter(|(_, database)| !own.contains(database)) {
            let mut name = database.clone();
            if !taken.insert(name.clone()) {
                name = format!("{database}@{}", self.servers[server].place());
                taken.insert(name.clone());
            }
            list.members.push(Arc::new(self.member(server, &database, name)));
        }
        list.members = list.members.into_iter().map(|member| self.named(member)).collect();
        Ok(list)
    }

    fn member(&self, server: usize, database: &str, name: String) -> Member {
        let mut engines = self.engines();
        let engine = engines
            .entry((server, database.to_owned()))
            .or_insert_with(|| Arc::new(self.servers[server].of_database(database)))
            .clone();
        Member { name, kind: self.kind.clone(), label: None, binds: BTreeMap::new(), engine }
    }

    /// The member with what the query last said of it.
    fn named(&self, member: Arc<Member>) -> Arc<Member> {
        let said = self.said();
        let Some(row) = said.get(&member.name) else { return member };
        let is_also = self.also.iter().any(|also| also.name == member.name);
        let text = |column: &str| row.get(column).filter(|text| !text.is_empty()).cloned();
        let kind = if is_also { None } else { text(KIND) };
        let binds = self.names.iter().flat_map(|names| &names.binds);
        Arc::new(Member {
            name: member.name.clone(),
            kind: kind.unwrap_or_else(|| member.kind.clone()),
            label: text(LABEL),
            binds: binds.filter_map(|bind| Some((bind.clone(), row.get(bind)?.clone()))).collect(),
            engine: member.engine.clone(),
        })
    }

    /// The databases of every server that are meant, with its place. One that does not tell is a failed member, except
    /// when it is the only one.
    async fn list_servers(
        &self,
        gate: &Gate,
        patterns: &str,
        read: &Read,
        deadline: Instant,
        failed: &mut Vec<FailedMember>,
    ) -> Vec<(usize, String)> {
        // What the application calls a database may be like no pattern.
        let named = serde_json::Value::from(self.said().keys().cloned().collect::<Vec<_>>()).to_string();
        let list = |server: &Arc<Postgres>| {
            let member = Arc::new(Member {
                name: server.place().to_owned(),
                kind: String::new(),
                label: None,
                binds: BTreeMap::new(),
                engine: server.clone(),
            });
            let question = list_question(read, [patterns, &self.exclude, &named]);
            async move {
                let listed = gate.ask(&member.engine, question, deadline).await.and_then(Answer::into_table);
                listed.map_err(|failure| member.failed(failure))
            }
        };
        let mut found = Vec::new();
        for (at, listed) in join_all(self.servers.iter().map(list)).await.into_iter().enumerate() {
            match listed {
                Ok(table) => found.extend(table.rows.into_iter().map(|row| (at, row.key.as_str().to_owned()))),
                Err(member) => failed.push(member),
            }
        }
        found
    }

    /// Asks the query that knows the members. While it fails, what it said last counts. `None` without such a query.
    async fn ask_names(&self, read: &Read) -> Option<Result<(), Failure>> {
        let Names { query, from, .. } = self.names.as_ref()?;
        let Some(from) = from else {
            let what = "the source that knows the databases cannot be asked";
            return Some(Err(Failure::new(FailureKind::NotConfigured, what)));
        };
        let mut question = own_read(read);
        let shape = ResultShape::Rows { limit: limits::MEMBERS };
        question.question = Question::Statement { statement: query.clone(), bind: Bind::default(), shape };
        let answered = from.ask(&question).await.and_then(Answer::into_table).and_then(|table| {
            let said = by_database(&table)?;
            *self.said() = said;
            Ok(())
        });
        Some(answered)
    }

    fn engines(&self) -> std::sync::MutexGuard<'_, BTreeMap<(usize, String), Arc<Postgres>>> {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn said(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, BTreeMap<String, String>>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the rows of the family's query say, by the database that each is about.
fn by_database(table: &Table) -> Result<BTreeMap<String, BTreeMap<String, String>>, Failure> {
    if !table.rows.is_empty() && !table.columns.iter().any(|column| column == DATABASE) {
        let what = "the query of the family returns no column \"database\"";
        return Err(Failure::new(FailureKind::Schema, what).of_object(DATABASE));
    }
    let text = |value: &Value| value.as_text().map(str::to_owned);
    let row = |row: &opsdash_core::contract::RawRow| {
        let said = table.columns.iter().zip(&row.cells).filter_map(|(name, value)| Some((name.clone(), text(value)?)));
        said.collect::<BTreeMap<_, _>>()
    };
    let rows = table.rows.iter().map(row).filter_map(|said| Some((said.get(DATABASE)?.clone(), said)));
    Ok(rows.collect())
}

/// Names as `LIKE` has them, in a JSON list: `*` stands for any characters, everything else for itself.
fn patterns(names: &[String]) -> String {
    let like = |name: &String| {
        let escaped = name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        escaped.replace('*', "%")
    };
    serde_json::Value::from(names.iter().map(like).collect::<Vec<_>>()).to_string()
}

/// The same reader's question, put to another source or database.
fn own_read(read: &Read) -> Read {
    Read {
        within: opsdash_core::contract::Within::default(),
        limits: ReadLimits::of(read.limits.statement_ms),
        ..read.clone()
    }
}

/// `lists` are patterns of members and of what is none, and names, each a JSON list.
fn list_question(read: &Read, lists: [&str; 3]) -> Read {
    const NAMES: [&str; 3] = ["databases", "exclude", "named"];
    let sql = Sql {
        file: "the list of databases".to_owned(),
        text: LIST.to_owned(),
        params: NAMES.map(|name| Param { name: name.to_owned(), is_list: false }).into(),
        ..Sql::default()
    };
    let values = NAMES.into_iter().zip(lists).map(|(name, list)| (name.to_owned(), list.to_owned()));
    let bind = Bind { values: values.collect(), keys: Vec::new() };
    let shape = ResultShape::Rows { limit: limits::MEMBERS };
    let question = Question::Statement { statement: Arc::new(Statement::Sql(sql)), bind, shape };
    Read { question, ..own_read(read) }
}

/// A read for what is no view's question, whose server may work that long.
pub fn read_of(work: Duration) -> Read {
    let to = Address { view: ViewId(0), part: Part::List };
    let ms = u32::try_from(work.as_millis()).unwrap_or(u32::MAX);
    let question = Question::Store { bucket: String::new(), orphans: false, limit: 0 };
    Read::new(to, Ticket(0), SourceId(0), question, ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_star_is_a_wildcard() {
        let of = |name: &str| patterns(&[name.to_owned()]);
        assert_eq!(of("erp_topsteel_*"), r#"["erp\\_topsteel\\_%"]"#);
        assert_eq!(of(r"100%\x"), r#"["100\\%\\\\x"]"#);
        assert_eq!(patterns(&[]), "[]");
    }
}
