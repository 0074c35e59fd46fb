//! A system whose rows are seen by one site at a time, on a real server, through a real pooler in transaction mode.

mod from_shell;
mod on_screen;

use opsdash_testbed::{
    servers::{
        pgbouncer::PgBouncer,
        postgres::{PostgresServer, shared},
    },
    shell::Shell,
    sql,
};

use crate::support::shell;

/// A login that the policies bind.
const LOGIN: &str = "sites_ops";

const PACK: [(&str, &str); 8] = [
    (
        "pack.toml",
        r#"
title = "Sites"
views = ["jobs", "tables"]
[scope]
title = "site"
source = "main"
setting = "app.site"
query = "sites.sql"
[[source]]
name = "main"
engine = "postgresql"
[lookup.job]
view = "job_lookup"
"#,
    ),
    ("sites.sql", "SELECT id, name AS label FROM sites ORDER BY name, id"),
    (
        "jobs.toml",
        r#"
title = "Jobs"
source = "main"
query = "jobs.sql"
row_key = ["id"]
refresh = "1s"
attention = true
empty = "No job."
[[column]]
name = "id"
[[column]]
name = "state"
[detail]
query = "jobs.detail.sql"
[[action]]
id = "close"
title = "Close"
press = "x"
rows = "many"
update = { table = "jobs", key = "id", set = { state = "closed" }, compare = ["state"] }
[[action]]
id = "purge"
title = "Purge"
press = "P"
rows = "set"
query = "jobs.closed.sql"
delete = { table = "jobs", key = "id", compare = ["state"] }
"#,
    ),
    (
        "jobs.sql",
        "SELECT CASE state WHEN 'open' THEN 'crit' ELSE 'ok' END AS severity, state AS why, id, state FROM jobs \
         WHERE :scope::uuid IS NULL OR site = :scope::uuid ORDER BY id",
    ),
    (
        "jobs.detail.sql",
        "SELECT 'detail of ' || id AS told FROM jobs WHERE id = :key AND (:scope::uuid IS NULL OR site = :scope::uuid)",
    ),
    (
        "jobs.closed.sql",
        "SELECT id AS key, id, state FROM jobs WHERE state = 'closed' AND (:scope::uuid IS NULL OR site = :scope::uuid)",
    ),
    (
        "tables.toml",
        "title = \"Tables\"\nsource = \"main\"\nquery = \"tables.sql\"\nrow_key = [\"name\"]\nscoped = false\n\
         [[column]]\nname = \"name\"\n",
    ),
    (
        "tables.sql",
        "SELECT 'ok' AS severity, '' AS why, tablename::text AS name FROM pg_tables WHERE tablename = 'jobs'",
    ),
];

const LOOKUP: [(&str, &str); 2] = [
    (
        "job_lookup.toml",
        "title = \"Job\"\nsource = \"main\"\nquery = \"job_lookup.sql\"\nrow_key = [\"id\"]\nhidden = true\n\
         search = true\n[[column]]\nname = \"id\"\n[[column]]\nname = \"usable\"\nformat = \"bool\"\n",
    ),
    (
        "job_lookup.sql",
        "SELECT 'ok' AS severity, '' AS why, id, state = 'open' AS usable FROM jobs \
         WHERE id LIKE '%' || :search || '%' AND (:scope::uuid IS NULL OR site = :scope::uuid)",
    ),
];

/// Three sites, two of one name, with three open jobs each. The policy is written as documents write it, so that it fails
/// on the empty text that an earlier transaction leaves behind. [`LOGIN`] may see and close jobs.
const DATABASE: &str = "
    CREATE TABLE sites (id uuid PRIMARY KEY, name text NOT NULL);
    INSERT INTO sites VALUES ('00000000-0000-0000-0000-00000000000a', 'Harbor'),
        ('00000000-0000-0000-0000-00000000000b', 'Market'), ('00000000-0000-0000-0000-00000000000c', 'Market');
    CREATE TABLE jobs (id text PRIMARY KEY, site uuid NOT NULL, state text NOT NULL DEFAULT 'open');
    INSERT INTO jobs SELECT right(id::text, 1) || '-job-' || n, id FROM sites, generate_series(1, 3) AS n;
    ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON jobs USING (site = current_setting('app.site', true)::uuid);
    DO $$ BEGIN CREATE ROLE sites_ops LOGIN PASSWORD 'sites_ops'; EXCEPTION WHEN duplicate_object OR unique_violation
        THEN NULL; END $$;
    GRANT SELECT ON sites, jobs TO sites_ops;
    GRANT UPDATE (state), DELETE ON jobs TO sites_ops";

/// The id of a site, by its letter.
fn id(letter: char) -> String {
    format!("00000000-0000-0000-0000-00000000000{letter}")
}

/// A database of the system, and the program with its pack and a target on it.
struct Sites {
    server: &'static PostgresServer,
    database: &'static str,
    pooler: PgBouncer,
    shell: Shell,
}

impl Sites {
    /// `words` are more words of the target.
    async fn new(database: &'static str, words: &str) -> Self {
        let server = shared();
        server.create_database(database).await.unwrap();
        server.run(database, DATABASE).await.unwrap();
        let pooler = PgBouncer::start(server).unwrap();
        let url = format!("postgres://{LOGIN}:{LOGIN}@127.0.0.1:{}/{database}", pooler.port());
        let target = |name: &str, url: &str, words: &str| {
            format!("[targets.{name}]\nsystem = \"sites\"\n{words}\n[targets.{name}.sources.main]\nurl = \"{url}\"\n")
        };
        // The same database past the pooler: by a login that nothing binds, and by the other.
        let open = target("open", &server.url(database), "");
        let direct = target("direct", &server.url_of(LOGIN, LOGIN, database), "");
        let shell = shell(&format!("default_target = \"prod\"\n{}{open}{direct}", target("prod", &url, words)));
        for (name, text) in PACK.into_iter().chain(LOOKUP) {
            shell.write(&format!(".config/opsdash/packs/sites/{name}"), text).unwrap();
        }
        Self { server, database, pooler, shell }
    }

    async fn run(&self, statements: &str) {
        self.server.run(self.database, statements).await.unwrap();
    }

    /// Ids of the jobs that are closed, in order.
    async fn closed(&self) -> Vec<String> {
        let query = "SELECT id FROM jobs WHERE state = 'closed' ORDER BY id";
        sql::column(&self.server.url(self.database), query).await.unwrap()
    }
}
