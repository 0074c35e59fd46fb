//! What reading a large file to its end costs: beside `sha256sum`, fed by a reader that does nothing else.

mod raw;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, DateTime, Document, doc};
use sqlx::{AssertSqlSafe, Connection};

use super::table::{Budget, Figure, Unit};
use crate::sample::cybersensei::{BUCKET, FILES_DATABASE, POSTGRES_DATABASE, create_bucket_indexes};
use crate::servers::mongod::Mongod;
use crate::servers::postgres::PostgresServer;
use crate::servers::private_dir::PrivateDir;

const BYTES: u64 = 2_000_000_000;
const CHUNK: usize = 255 * 1024;
/// Chunks of one insert: below what one message may have.
const AT_A_TIME: u64 = 32;
const RUNS: usize = 3;

const SHARE: Budget = Budget::AtLeast(70.0);
const GROWTH: Budget = Budget::AtMost(16e6);

/// Stores a file of 2 GB, or this part of it, and reads it both ways in turn.
pub(super) async fn measure(program: &Path, scale: f64) -> Result<Vec<Figure>> {
    let (postgres, mongod) = (PostgresServer::start()?, Mongod::start()?);
    let id = ObjectId::new();
    let length = length(scale);
    let started = Instant::now();
    store(&mongod, id, length).await?;
    eprintln!("{} MB stored: {:.0} s", length / 1_000_000, started.elapsed().as_secs_f64());
    // Also warms the machine's cache: both ways find the same.
    let sha256 = raw::sha256(mongod.port(), id)?;
    catalog(&postgres, id, length, &sha256).await?;
    let dir = PrivateDir::create(None)?;
    let config = format!(
        "[targets.bench]\nsystem = \"cybersensei\"\n\
         [targets.bench.sources.main]\nurl = \"{}\"\n[targets.bench.sources.files]\nurl = \"{}\"\n",
        postgres.url(POSTGRES_DATABASE),
        mongod.url(FILES_DATABASE),
    );
    let config = dir.write("config.toml", &config, None)?;
    let (mut reader, mut ours, mut growth) = (f64::MAX, f64::MAX, 0.0_f64);
    for _ in 0..RUNS {
        let started = Instant::now();
        ensure!(raw::sha256(mongod.port(), id)? == sha256, "the same file has another checksum");
        reader = reader.min(started.elapsed().as_secs_f64());
        let verified = verify(program, &config, dir.path())?;
        ours = ours.min(verified.took.as_secs_f64());
        growth = growth.max(verified.growth);
    }
    #[expect(clippy::cast_precision_loss, reason = "a size")]
    let bytes = length as f64;
    let speed = |what: &str, seconds: f64| Figure::new(what, bytes / seconds, Unit::BytesPerSecond, Budget::None);
    Ok(vec![
        speed("read from mongod into sha256sum", reader).note(format!("{reader:.1} s, the best of {RUNS}")),
        speed("opsdash files verify", ours).note(format!("{ours:.1} s, all of the run, the best of {RUNS}")),
        Figure::new("part of that speed", reader / ours * 100.0, Unit::Percent, SHARE),
        Figure::new("memory: growth while it reads", growth, Unit::Bytes, GROWTH).note("the most of all runs"),
    ])
}

fn length(scale: f64) -> u64 {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
    let length = (BYTES as f64 * scale) as u64;
    length.max(1)
}

/// Chunks that cannot be compressed, none of them like another.
async fn store(mongod: &Mongod, id: ObjectId, length: u64) -> Result<()> {
    let database = mongod.client().await?.database(FILES_DATABASE);
    create_bucket_indexes(&database).await?;
    let mut noise = vec![0; CHUNK];
    fs::File::open("/dev/urandom")?.read_exact(&mut noise)?;
    let chunks = length.div_ceil(CHUNK as u64);
    let collection = database.collection::<Document>(&format!("{BUCKET}.chunks"));
    for first in (0..chunks).step_by(usize::try_from(AT_A_TIME)?) {
        let chunk = |n: u64| {
            let bytes = usize::try_from((length - n * CHUNK as u64).min(CHUNK as u64))?;
            let at = usize::try_from(n)? % bytes.max(1);
            noise[..bytes].rotate_left(at);
            let data = Binary { subtype: BinarySubtype::Generic, bytes: noise[..bytes].to_vec() };
            anyhow::Ok(doc! { "files_id": id, "n": i32::try_from(n)?, "data": data })
        };
        let some: Result<Vec<Document>> = (first..chunks.min(first + AT_A_TIME)).map(chunk).collect();
        collection.insert_many(some?).await?;
    }
    let file = doc! {
        "_id": id, "length": i64::try_from(length)?, "chunkSize": i32::try_from(CHUNK)?,
        "uploadDate": DateTime::now(), "filename": "large.zip",
    };
    database.collection(&format!("{BUCKET}.files")).insert_one(file).await?;
    Ok(())
}

async fn catalog(postgres: &PostgresServer, id: ObjectId, length: u64, sha256: &str) -> Result<()> {
    postgres.create_database(POSTGRES_DATABASE).await?;
    postgres.migrate(POSTGRES_DATABASE, "cybersensei").await?;
    let mut connection = postgres.connect(POSTGRES_DATABASE).await?;
    let insert = format!(
        r#"INSERT INTO updates_metadata ("version", "filename", "fileSize", "mongoFileId", "checksum")
        VALUES ('1.0.0', 'large.zip', {length}, '{id}', '{sha256}')"#
    );
    sqlx::raw_sql(AssertSqlSafe(insert)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

struct Verified {
    took: Duration,
    /// Bytes of resident memory, from before the first byte of the file to the most there ever was.
    growth: f64,
}

/// One run of the program, in a home without results of earlier ones.
fn verify(program: &Path, config: &Path, dir: &Path) -> Result<Verified> {
    let home = tempfile::tempdir_in(dir)?;
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(["files", "verify", "--all", "--config"])
        .arg(config)
        .env("XDG_STATE_HOME", home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut said = BufReader::new(child.stderr.take().context("it is piped")?);
    let mut line = String::new();
    while !line.contains("reading large.zip") {
        ensure!(said.read_line(&mut line)? > 0, "it does not read the file: {line}");
    }
    let before = memory(&status, "VmRSS").context("memory is measured on Linux alone")?;
    let mut most = before;
    while child.try_wait()?.is_none() {
        most = most.max(memory(&status, "VmHWM").unwrap_or(most));
        std::thread::sleep(Duration::from_millis(10));
    }
    let took = started.elapsed();
    let output = child.wait_with_output()?;
    said.read_to_string(&mut line)?;
    ensure!(output.status.success(), "it is not verified: {}{line}", String::from_utf8_lossy(&output.stdout));
    Ok(Verified { took, growth: most - before })
}

/// A line of `/proc/PID/status`, in bytes; `None` when there is none any more.
fn memory(status: &Path, what: &str) -> Option<f64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'))?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib * 1024.0)
}
