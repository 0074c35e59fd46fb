//! `MoonOps`: row-level security that is never mistaken for health, and amounts that add up to what the invoices say.

use std::collections::BTreeMap;

use opsdash_testbed::{
    sample::moonops as sample,
    servers::{
        pgbouncer::PgBouncer,
        postgres::{PostgresServer, shared},
    },
    shell::Shell,
    sql,
};

use serde_json::Value as Json;

use crate::support::shell;

/// A login that owns nothing, so that policies bind it.
const READER: &str = "moonops_reader";

fn on(url: &str) -> Shell {
    shell(&format!("[targets.moonops]\nsystem = \"moonops\"\n[targets.moonops.sources.main]\nurl = \"{url}\"\n"))
}

/// The sample, asked by a login that policies bind where they are switched on.
async fn with_sample(database: &str, policies: bool) -> Shell {
    let server = shared();
    sample_in(server, database, policies).await;
    if policies {
        sample::break_policies(&server.url(database)).await.unwrap();
    }
    let_read(server, database).await;
    on(&server.url_of(READER, "reader", database))
}

/// The sample under sound policies, through a pooler in transaction mode, by a login that they bind.
async fn behind_policies(database: &str) -> (Shell, PgBouncer) {
    let server = shared();
    sample_in(server, database, true).await;
    let_read(server, database).await;
    let pooler = PgBouncer::start(server).unwrap();
    (on(&format!("postgres://{READER}:reader@127.0.0.1:{}/{database}", pooler.port())), pooler)
}

async fn let_read(server: &PostgresServer, database: &str) {
    let login = format!(
        "DO $$ BEGIN CREATE ROLE {READER} LOGIN PASSWORD 'reader'; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    );
    server.run("postgres", &login).await.unwrap();
    sample::grant_operator(&server.url(database), READER).await.unwrap();
}

async fn sample_in(server: &PostgresServer, database: &str, policies: bool) {
    server.create_database(database).await.unwrap();
    server.migrate(database, "moonops").await.unwrap();
    sample::load(&server.url(database), jiff::Timestamp::now()).await.unwrap();
    if policies {
        server.migrate(database, "moonops/policies").await.unwrap();
    }
}

/// An invoice as the table has it.
struct Invoice {
    client: String,
    currency: String,
    /// `2030-01-31`.
    start: String,
    cents: i64,
    status: String,
}

async fn invoices(url: &str) -> Vec<Invoice> {
    let query = "SELECT concat_ws('|', client_id, currency, billing_period_start, (amount * 100)::bigint, status) FROM invoices";
    let read = |line: &String| {
        let mut parts = line.split('|').map(str::to_owned);
        let mut next = || parts.next().unwrap();
        Invoice { client: next(), currency: next(), start: next(), cents: next().parse().unwrap(), status: next() }
    };
    sql::column(url, query).await.unwrap().iter().map(read).collect()
}

/// Ten thousand invoices of 300 clients, thirty of which share ten names, in four currencies, over the days of 14 months,
/// their edges among them; every tenth is cancelled, some are credits, and thirty clients have none.
const INVOICES: &str = "
    INSERT INTO clients (id, name, contact_email, created_at)
    SELECT md5('client' || n)::uuid, CASE WHEN n <= 30 THEN 'Same ' || n % 10 ELSE 'Client ' || n END, n || '@example', now() - interval '3 years'
    FROM generate_series(1, 300) AS n;
    INSERT INTO invoices (client_id, number, amount, currency, billing_period_start, billing_period_end, status)
    SELECT
        md5('client' || 1 + n % 270)::uuid, 'N' || n, (n * 7919 % 1000003) / 100.0 - CASE WHEN n % 31 = 0 THEN 9000 ELSE 0 END,
        (ARRAY['EUR', 'USD', 'CHF', 'GBP'])[1 + n / 3 % 4], day.start, day.start + 30, CASE WHEN n % 10 = 0 THEN 'cancelled' ELSE 'sent' END
    FROM generate_series(1, 10000) AS n
    CROSS JOIN LATERAL (
        SELECT (date_trunc('month', LOCALTIMESTAMP) - interval '12 months')::date
            + CASE WHEN n % 5 = 0 THEN 0 ELSE n * 37 % 420 END - CASE WHEN n % 25 = 0 THEN 1 ELSE 0 END AS start
    ) AS day";

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_cost_is_what_their_invoices_add_up_to_by_month_client_and_currency() {
    let (server, database) = (shared(), "moonops_invoices");
    server.create_database(database).await.unwrap();
    server.migrate(database, "moonops").await.unwrap();
    server.run(database, INVOICES).await.unwrap();
    let url = server.url(database);
    let (shell, invoices) = (on(&url), invoices(&url).await);
    assert_eq!(invoices.len(), 10_000);
    let mut months: Vec<&str> = invoices.iter().map(|invoice| &invoice.start[..7]).collect();
    months.sort_unstable();
    months.dedup();
    assert!(months.len() >= 14, "{months:?}");
    for month in months {
        let mut wanted: BTreeMap<(String, String), i64> = BTreeMap::new();
        for invoice in invoices.iter().filter(|one| one.start.starts_with(month) && one.status != "cancelled") {
            *wanted.entry((invoice.client.clone(), invoice.currency.clone())).or_default() += invoice.cents;
        }
        let choice = format!("month={month}");
        let ran = shell
            .run(&["show", "invoices", "--scope", "all", "--set", &choice, "--format", "json", "--limit", "10000"]);
        assert_eq!(ran.code, Some(0), "{month}: {}", ran.err);
        let json = ran.json();
        let rows = json["rows"].as_array().unwrap();
        let text = |row: &serde_json::Value, name: &str| row["values"][name].as_str().unwrap_or_default().to_owned();
        let billed = rows.iter().filter(|row| !row["values"]["amount"].is_null());
        // Read as text: no amount may go through a double on its way.
        let cents = |row: &serde_json::Value| {
            let amount = row["values"]["amount"].to_string().replace('"', "");
            let (whole, part) = amount.split_once('.').unwrap_or((amount.as_str(), ""));
            format!("{whole}{part:0<2}").parse::<i64>().unwrap()
        };
        let told: BTreeMap<_, _> =
            billed.map(|row| ((text(row, "client_id"), text(row, "currency")), cents(row))).collect();
        assert_eq!(told, wanted, "{month}");
        // Clients of one name stay apart, and whoever has no invoice is there.
        let mut clients: Vec<String> = rows.iter().map(|row| text(row, "client_id")).collect();
        clients.sort();
        clients.dedup();
        assert_eq!(clients.len(), 300, "{month}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_without_a_client_are_unknown_and_with_one_exact() {
    let shell = with_sample("moonops_bound", true).await;
    // No client: nobody's rows are told, in no view but those of policies and of the server.
    for view in ["clients", "projects", "alerts", "invoices", "facts"] {
        let ran = shell.run(&["show", view]);
        assert_eq!(ran.code, Some(3), "{view}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("no client chosen"), "{view}: {}", ran.err);
    }
    for (view, rows) in [("clients", 1), ("projects", 3), ("environments", 9)] {
        let ran = shell.run(&["show", view, "--scope", "Globex", "--format", "json"]);
        let json = ran.json();
        let found = json["rows"].as_array().unwrap();
        assert_eq!(found.len(), rows, "{view}: {}", ran.out);
        assert!(view == "clients" || found.iter().all(|row| row["values"]["client"] == "Globex"), "{}", ran.out);
    }
    let told = shell.run(&["show", "rls", "--scope", "Globex", "--format", "markdown"]);
    for says in ["is not switched on", "fails on a connection that was used before", "is bound by the policies"] {
        assert!(told.out.contains(says), "{says}: {}", told.out);
    }
}

/// Checks of a JSON of `check` by view, each with whose it is.
fn checks(json: &Json) -> Vec<(String, Json, &Json)> {
    let checks = json["checks"].as_array().unwrap().iter();
    checks.map(|check| (check["view"].as_str().unwrap().to_owned(), check["scope"]["id"].clone(), check)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn under_policies_without_a_client_every_view_of_clients_is_unknown_for_one_reason_and_is_told_once() {
    let (shell, _pooler) = behind_policies("moonops_unchosen").await;
    let ran = shell.run(&["check"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.starts_with("UNKNOWN - moonops: no client chosen, 15 views unknown"), "{}", ran.out);
    assert_eq!(ran.out.lines().filter(|line| line.contains("no client chosen")).count(), 2, "{}", ran.out);
    let json = shell.run(&["check", "--format", "json"]).json_of(3);
    let of_clients: Vec<String> = checks(&json)
        .into_iter()
        .filter(|(.., check)| check["error"]["kind"] == "no_scope")
        .map(|(view, _, check)| {
            assert_eq!(
                (&check["severity"], &check["error"]["message"]),
                (&"unknown".into(), &"no client chosen".into())
            );
            assert!(view == "rls" || check["ok"].is_null(), "{view} counts something: {check}");
            view
        })
        .collect();
    assert_eq!(of_clients.len(), 15, "{of_clients:?}");
    for view in &of_clients {
        let ran = shell.run(&["show", view]);
        assert!(
            ran.code == Some(3) && ran.err.contains("no client chosen") && ran.err.contains("--scope"),
            "{view}: {ran:?}"
        );
        assert!(view == "rls" || ran.out.is_empty(), "{view}: {}", ran.out);
    }
    // What the policies are is known all the same; only whether they hold was not tried.
    let rls = shell.run(&["show", "rls", "--format", "json"]).json_of(3);
    let rows = rls["rows"].as_array().unwrap();
    assert!(rows.len() == 12 && rows.iter().all(|row| row["severity"] == "ok" && row["doubt"] == "no_scope"), "{rls}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_client_is_judged_under_policies_and_the_policies_once() {
    let (shell, _pooler) = behind_policies("moonops_each").await;
    let json = shell.run(&["check", "--each-scope", "--format", "json"]).json_of(2);
    let found = checks(&json);
    let rls: Vec<_> = found.iter().filter(|(view, ..)| view == "rls").collect();
    assert!(rls.len() == 1 && rls[0].1.is_null() && rls[0].2["severity"] == "ok", "{rls:?}");
    let mut clients: Vec<&str> = found.iter().filter_map(|(_, scope, _)| scope.as_str()).collect();
    clients.sort_unstable();
    clients.dedup();
    let known = sql::column(&shared().url("moonops_each"), "SELECT id::text FROM clients ORDER BY 1").await.unwrap();
    assert_eq!(clients, known);
    // One series is not there twice.
    let metrics = shell.run(&["check", "--each-scope", "--format", "prometheus"]).out;
    let mut series: Vec<&str> =
        metrics.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit_once(' ').unwrap().0).collect();
    series.sort_unstable();
    let all = series.len();
    series.dedup();
    assert_eq!(series.len(), all);
}

/// The policies get the client by a function, and that reads another setting than the pack says.
const ANOTHER_SETTING: &str = "
    CREATE FUNCTION this_client() RETURNS uuid LANGUAGE sql STABLE AS
        $$SELECT NULLIF(current_setting('app.client_id', true), '')::uuid$$;
    DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT tablename FROM pg_policies WHERE policyname = 'client_isolation' LOOP
            EXECUTE format('ALTER POLICY client_isolation ON %I USING (client_id = this_client())', one.tablename);
        END LOOP;
    END $$";

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_no_function_of_the_policies_reads_and_a_client_that_is_gone_are_told() {
    let (shell, _pooler) = behind_policies("moonops_wrong").await;
    assert_eq!(shell.run(&["check", "alerts", "--scope", "Globex"]).code, Some(2));
    let gone = "SET session_replication_role = replica; DELETE FROM clients WHERE name = 'Hooli'";
    shared().run("moonops_wrong", gone).await.unwrap();
    let ran = shell.run(&["show", "alerts", "--scope", "Hooli"]);
    assert!(ran.code == Some(3) && ran.err.contains("there is no client \"Hooli\""), "{ran:?}");
    shared().run("moonops_wrong", ANOTHER_SETTING).await.unwrap();
    let told = "no policy reads the setting \"app.current_client_id\"";
    for view in ["alerts", "clients", "invoices"] {
        let ran = shell.run(&["show", view, "--scope", "Globex"]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{view}: {ran:?}");
        assert!(ran.err.contains(told) && ran.err.contains("the policies read app.client_id"), "{view}: {}", ran.err);
    }
    let ran = shell.run(&["check", "alerts", "--scope", "Globex"]);
    assert!(ran.code == Some(3) && ran.out.contains(told), "{ran:?}");
    let rls = shell.run(&["show", "rls", "--scope", "Globex", "--format", "json"]);
    assert_eq!(rls.out.matches("\"other_setting\"").count(), 9, "{}", rls.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_without_policies_is_told_to_scripts() {
    let shell = with_sample("moonops_unbound", false).await;
    let checked = shell.run(&["check", "--scope", "all"]);
    assert_eq!(checked.code, Some(2), "{}", checked.err);
    for told in ["moonops alerts crit: ", "moonops pipelines crit: ", "usually 6m", "moonops rls warn: "] {
        assert!(checked.out.contains(told), "{told}: {}", checked.out);
    }
    // Two of one name; one by its address; one that is suspended; none.
    for (asked, code) in [("Acme", 2), ("ops@acme.fr", 0), ("Umbrella", 1), ("nobody at all", 4)] {
        let ran = shell.run(&["client", asked, "--scope", "all"]);
        assert_eq!(ran.code, Some(code), "{asked}: {}{}", ran.out, ran.err);
    }
    let grants = shell.run(&["doctor", "--grants", "main"]).out;
    let of_hashes = |line: &str| line.starts_with("GRANT") && line.contains("password_hash");
    assert!(!grants.lines().any(of_hashes), "{grants}");
    assert!(grants.contains("\"acknowledged_by\""), "{grants}");
}
