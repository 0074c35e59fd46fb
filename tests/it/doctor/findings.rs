//! What doctor says of a PostgreSQL database that is right, and of many that are not.

use opsdash_testbed::sql::run;

use super::{LOGINS, doctor, fresh_database, make_logins, of_postgres, reader, server};
use crate::support::{shell, target};

#[tokio::test]
async fn a_good_database_read_by_a_reader_is_clean() {
    let url = fresh_database("doctor_good").await;
    let _logins = LOGINS.lock().await;
    make_logins("doctor_good").await;
    let shell = of_postgres(&reader("doctor_good"));
    let good = doctor(&shell);
    assert_eq!((good.troubles(), good.code), (vec![], Some(0)), "{:#}", good.json);
    assert_eq!(good.json["severity"], "ok");
    assert_eq!(good.of("tables").1, "6 tables, 67 columns, 4 enums, as documented");
    assert_eq!(good.of("naming").1, r#"as documented, in quotes: "createdAt""#);
    assert_eq!(good.of("indexes").1, "18 indexes, as documented");
    assert!(good.of("login").1.starts_with("opsdash_reader reads what schema.toml lists"));
    assert!(good.of("migrations").1.starts_with("cannot be checked"));
    let (severity, found, fix) = good.of("index error_logs(level, timestamp) WHERE NOT resolved");
    assert_eq!(severity, "ok");
    assert!(found.contains("57 ms"), "{found}");
    run(&url, fix).await.unwrap();
    let with_index = doctor(&shell);
    assert!(with_index.findings().iter().all(|finding| finding["fix"] != fix), "the index is there now");
    let queries = good.of("documented queries");
    assert!(queries.1.starts_with("5 queries cannot run as written, for names"), "{queries:?}");
    assert!(good.of("JWT_SECRET").1.contains("cannot be checked"));
    let text = shell.run(&["doctor"]);
    assert!(text.out.contains("clean: nothing to mend") && text.out.lines().count() < 60, "{}", text.out);
}

#[tokio::test]
async fn what_was_changed_is_named_with_its_fix() {
    let change = r#"
        DROP INDEX "IDX_error_logs_level_timestamp";
        ALTER TABLE tenants RENAME COLUMN "contactEmail" TO "mail";
        ALTER TYPE error_logs_level_enum ADD VALUE 'FATAL';
        ALTER TABLE tenants DROP CONSTRAINT "UQ_tenants_name";
        CREATE INDEX "not unique" ON tenants (name);
        ALTER TABLE licenses ALTER "usageCount" TYPE bigint;
        ALTER TABLE admin_users ALTER role DROP DEFAULT, ALTER role TYPE text"#;
    let url = fresh_database("doctor_changed").await;
    run(&url, change).await.unwrap();
    let changed = doctor(&of_postgres(&url));
    let mut troubles = changed.troubles();
    troubles.retain(|subject| !subject.starts_with("login "));
    assert_eq!(
        troubles,
        [
            "column tenants.contactEmail",
            "column admin_users.role",
            "column error_logs.level",
            "column licenses.usageCount",
            "index error_logs(level, timestamp)",
            "index tenants(name)",
        ]
    );
    assert_eq!(changed.code, Some(1), "a column that queries read blocks");
    let (severity, found, fix) = changed.of("column tenants.contactEmail");
    assert_eq!(severity, "crit");
    assert!(found.contains("error_log.detail.sql") && found.contains("not documented: mail"), "{found}");
    assert!(fix.contains(r#"ALTER TABLE "tenants" RENAME COLUMN "mail" TO "contactEmail""#), "{fix}");
    let (severity, found, fix) = changed.of("column error_logs.level");
    assert_eq!(severity, "warn");
    assert!(found.contains("the label FATAL") && fix.contains("packs eject cybersensei"), "{found} {fix}");
    let (_, found, fix) = changed.of("index error_logs(level, timestamp)");
    assert!(found.starts_with("is not there"), "{found}");
    run(&url, fix).await.unwrap();
    let (_, found, fix) = changed.of("index tenants(name)");
    assert!(found.contains("not unique"), "{found}");
    run(&url, fix).await.unwrap();
    assert_eq!(changed.of("column licenses.usageCount").1, "is int8, documented as integer");
    assert!(changed.of("column admin_users.role").1.contains("documented as an enum"));
    let mended = doctor(&of_postgres(&url));
    assert!(!mended.troubles().iter().any(|subject| subject.starts_with("index ")), "{:#}", mended.json);
}

#[tokio::test]
async fn rows_that_policies_hide_are_never_called_good_and_doctor_names_table_and_policy() {
    let url = fresh_database("doctor_policies").await;
    let _logins = LOGINS.lock().await;
    make_logins("doctor_policies").await;
    let shell = of_postgres(&reader("doctor_policies"));
    run(&url, "TRUNCATE error_logs CASCADE; ALTER TABLE error_logs ENABLE ROW LEVEL SECURITY").await.unwrap();
    let none = doctor(&shell);
    assert_eq!((none.troubles(), none.code), (vec!["table error_logs"], Some(1)));
    assert!(none.of("table error_logs").1.contains("every row is hidden"), "{:#}", none.json);
    let checked = shell.run(&["check", "errors"]);
    assert_eq!(checked.code, Some(3), "{}{}", checked.out, checked.err);
    assert!(checked.out.contains("row-level security"), "{}", checked.out);

    run(&url, "CREATE POLICY own_tenant ON error_logs USING (false)").await.unwrap();
    let partly = doctor(&shell);
    let (severity, found, fix) = partly.of("table error_logs");
    assert!(severity == "crit" && found.contains("own_tenant") && fix.contains("BYPASSRLS"), "{found}: {fix}");

    run(&url, "ALTER ROLE opsdash_reader BYPASSRLS").await.unwrap();
    let whole = doctor(&shell);
    run(&url, "ALTER ROLE opsdash_reader NOBYPASSRLS").await.unwrap();
    assert_eq!((whole.troubles(), whole.code), (vec![], Some(0)), "{:#}", whole.json);
}

#[tokio::test]
async fn a_login_that_may_do_too_much_or_too_little_is_told() {
    let url = fresh_database("doctor_logins").await;
    let admin = doctor(&of_postgres(&url));
    assert_eq!((admin.code, admin.troubles().len()), (Some(0), 1), "{:#}", admin.json);
    let (severity, found, fix) = admin.of(admin.troubles()[0]);
    assert!(severity == "warn" && found == "is a superuser" && fix.contains("--grants"), "{found}");
    assert_eq!(admin.of("migrations").1, "2 run, as documented");

    let _logins = LOGINS.lock().await;
    make_logins("doctor_logins").await;
    let shell = of_postgres(&reader("doctor_logins"));
    let grant =
        r#"GRANT SELECT ("passwordHash") ON admin_users TO opsdash_reader; GRANT DELETE ON licenses TO opsdash_reader"#;
    run(&url, grant).await.unwrap();
    let much = doctor(&shell);
    assert_eq!(much.troubles(), ["login opsdash_reader"; 2]);
    let said: Vec<String> = much.findings().iter().map(|finding| finding["found"].to_string()).collect();
    assert!(said.iter().any(|said| said.contains("may write: DELETE on licenses")), "{said:?}");
    assert!(said.iter().any(|said| said.contains("may read admin_users.passwordHash")), "{said:?}");

    make_logins("doctor_logins").await;
    let revoke = "REVOKE SELECT ON error_logs FROM opsdash_reader;
        REVOKE SELECT ON licenses FROM opsdash_reader; GRANT SELECT (id, key) ON licenses TO opsdash_reader";
    run(&url, revoke).await.unwrap();
    let little = doctor(&shell);
    assert_eq!((little.troubles(), little.code), (vec!["table error_logs", "table licenses"], Some(1)));
    assert_eq!(little.of("table error_logs").1, "this login may not read it");
    assert!(little.of("table licenses").1.contains("expiresAt"));

    make_logins("doctor_logins").await;
    run(&url, "CREATE SCHEMA app; ALTER TABLE tenants SET SCHEMA app").await.unwrap();
    let unusable = doctor(&shell);
    assert_eq!(unusable.troubles(), ["table tenants"]);
    assert!(unusable.of("table tenants").2.starts_with("GRANT USAGE ON SCHEMA \"app\""));
    run(&url, "GRANT USAGE ON SCHEMA app TO opsdash_reader").await.unwrap();
    let hidden = doctor(&shell);
    assert!(hidden.of("table tenants").2.contains("search_path"), "{:#}", hidden.json);
}

#[tokio::test]
async fn migrations_extensions_and_zones_that_do_not_fit_are_told() {
    let url = fresh_database("doctor_drift").await;
    let change = r#"UPDATE migrations SET name = 'AddNodes1800000000000' WHERE name LIKE 'InitialSchema%';
        DROP EXTENSION "uuid-ossp" CASCADE;
        INSERT INTO tenant_metrics (id, "tenantId", "timestamp")
        SELECT md5('zone')::uuid, id, LOCALTIMESTAMP + interval '2 hours' FROM tenants LIMIT 1"#;
    run(&url, change).await.unwrap();
    let drifted = doctor(&of_postgres(&url));
    let said: Vec<&str> = drifted.findings().iter().map(|finding| finding["found"].as_str().unwrap()).collect();
    assert!(said.contains(&"not run: InitialSchema"), "{said:?}");
    assert!(said.contains(&"run, but not documented: AddNodes1800000000000"), "{said:?}");
    assert_eq!(drifted.of("extension uuid-ossp").0, "warn");
    run(&url, "DROP TABLE migrations").await.unwrap();
    assert_eq!(doctor(&of_postgres(&url)).of("migrations").0, "warn");
    let (severity, found, fix) = drifted.of("time tenant_metrics.timestamp");
    assert!(severity == "warn" && found.contains("ahead") && fix.contains("naive_zone"), "{found}");
    // Read in the zone that they were written in, they are of now.
    let config = format!(
        "[targets.lab]\nsystem = \"cybersensei\"\n[targets.lab.sources.main]\nurl = \"{url}\"\n\
         naive_zone = \"Etc/GMT-2\"\n[targets.lab.sources.files]\nurl = \"file:///tmp\"\n"
    );
    assert_eq!(doctor(&shell(&config)).of("time tenant_metrics.timestamp").0, "ok");
}

#[tokio::test]
async fn a_documented_password_is_told_and_not_shown() {
    let url = fresh_database("doctor_password").await;
    run(&url, "CREATE ROLE documented LOGIN PASSWORD 'cybersensei123'").await.unwrap();
    let shell = of_postgres(&server().url_of("documented", "cybersensei123", "doctor_password"));
    let found = doctor(&shell);
    assert_eq!((found.of("password").0, found.code), ("crit", Some(1)));
    let text = shell.run(&["doctor"]);
    assert!(text.out.contains("crit  password") && !text.out.contains("cybersensei123"), "{}{}", text.out, text.err);
    assert!(!found.json.to_string().contains("cybersensei123"));
}

#[tokio::test]
async fn another_database_and_a_server_that_is_not_there_are_told() {
    server().create_database("doctor_empty").await.unwrap();
    let empty = doctor(&of_postgres(&server().url("doctor_empty")));
    assert_eq!((empty.of("tables").1, empty.code), ("none of the 6 documented tables is in this database", Some(1)));
    let away = doctor(&of_postgres("postgres://opsdash@127.0.0.1:9/central"));
    assert_eq!((away.of("connection").0, away.code), ("crit", Some(3)));
    assert!(!away.of("connection").2.is_empty());
    assert_eq!(away.of("server").0, "ok", "the other source is looked at all the same");
}

#[tokio::test]
async fn several_targets_are_looked_at_together() {
    let url = fresh_database("doctor_several").await;
    let away = target("away", "postgres://opsdash@127.0.0.1:9/central", "file:///tmp");
    let shell = shell(&(target("good", &url, "file:///tmp") + &away));
    let ran = shell.run(&["doctor", "--all-targets", "--format", "json"]);
    let json = ran.json();
    let severities: Vec<&str> = json.as_array().unwrap().iter().map(|one| one["severity"].as_str().unwrap()).collect();
    assert_eq!((severities, ran.code), (vec!["crit", "warn"], Some(3)), "{}", ran.out);
    let text = shell.run(&["doctor", "--all-targets"]).out;
    assert!(text.contains("away  CyberSensei Central\n") && text.contains("\ngood  CyberSensei Central\n"), "{text}");
}

#[tokio::test]
async fn the_schema_that_typeorm_makes_is_as_documented() {
    server().create_database("doctor_typeorm").await.unwrap();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/testbed/fixtures/cybersensei_typeorm.sql");
    server().run("doctor_typeorm", &std::fs::read_to_string(fixture).unwrap()).await.unwrap();
    let found = doctor(&of_postgres(&server().url("doctor_typeorm")));
    assert_eq!((found.troubles().len(), found.code), (1, Some(0)), "the superuser alone: {:#}", found.json);
    assert_eq!(found.of("indexes").1, "18 indexes, as documented");
}
