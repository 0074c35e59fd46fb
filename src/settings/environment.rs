//! Who runs the program, and where their files are.

use std::{ffi::OsString, path::PathBuf};

use nix::unistd::{Uid, User};

/// Read once at the start; everything else asks here, not the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The login of the person: of the real user, or of the one who called sudo.
    pub operator: String,
    /// Who may own files that are trusted, beside root.
    pub euid: u32,
    /// Whether sudo started the program; then the environment is somebody else's.
    pub under_sudo: bool,
    /// The home folder.
    pub home: PathBuf,
    /// `$XDG_CONFIG_HOME/opsdash`
    pub config_home: PathBuf,
    /// `$XDG_STATE_HOME/opsdash`
    pub state_home: PathBuf,
    /// `$OPSDASH_CONFIG`
    pub config_file: Option<PathBuf>,
    /// The machine's folder.
    pub etc: PathBuf,
}

impl Environment {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let real = Uid::current();
        let effective = Uid::effective();
        let passwd = |uid: Uid| User::from_uid(uid).ok().flatten();
        let caller = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok()).map(Uid::from_raw);
        // Anybody may set SUDO_UID: it is believed of root, or when the kernel remembers the same login.
        let person = caller.filter(|caller| real.is_root() || login_uid() == Some(*caller)).unwrap_or(real);
        let home = passwd(effective).map(|user| user.dir);
        Self::from_parts(
            passwd(person).map_or_else(|| format!("uid {person}"), |user| user.name),
            effective.as_raw(),
            caller.is_some(),
            home,
            |name| std::env::var_os(name),
        )
    }

    /// From what the process says. Under sudo, `HOME`, `XDG_*` and `OPSDASH_*` do not count.
    fn from_parts(
        operator: String,
        euid: u32,
        under_sudo: bool,
        passwd_home: Option<PathBuf>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let path = |name| Some(PathBuf::from(variable(name)?)).filter(|_| !under_sudo);
        let absolute = |name| path(name).filter(|path: &PathBuf| path.is_absolute());
        let home = absolute("HOME").or(passwd_home).unwrap_or_else(|| PathBuf::from("/"));
        let folder = |name, default| absolute(name).unwrap_or_else(|| home.join(default)).join("opsdash");
        Self {
            config_home: folder("XDG_CONFIG_HOME", ".config"),
            state_home: folder("XDG_STATE_HOME", ".local/state"),
            config_file: path("OPSDASH_CONFIG").filter(|path| !path.as_os_str().is_empty()),
            etc: PathBuf::from("/etc/opsdash"),
            operator,
            euid,
            under_sudo,
            home,
        }
    }

    /// The config files that are read when none is named, lowest first.
    #[must_use]
    pub fn config_files(&self) -> Vec<PathBuf> {
        vec![self.etc.join("config.toml"), self.config_home.join("config.toml")]
    }

    /// The folders of packs that are not in the binary, lowest first.
    #[must_use]
    pub fn pack_folders(&self) -> Vec<PathBuf> {
        vec![self.etc.join("packs"), self.config_home.join("packs")]
    }

    /// A variable of the environment, unless sudo makes it somebody else's.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name).filter(|_| !self.ignores(name))
    }

    /// Whether that variable does not count here.
    #[must_use]
    pub fn ignores(&self, name: &str) -> bool {
        self.under_sudo && ["XDG_", "OPSDASH_"].iter().any(|prefix| name.starts_with(prefix))
    }
}

/// The user who logged in, which no later sudo or su changes; `None` where the kernel does not keep it.
fn login_uid() -> Option<Uid> {
    let text = std::fs::read_to_string("/proc/self/loginuid").ok()?;
    text.trim().parse().ok().filter(|uid| *uid != u32::MAX).map(Uid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(under_sudo: bool, variables: &[(&str, &str)]) -> Environment {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        Environment::from_parts("alice".into(), 0, under_sudo, Some("/root".into()), find)
    }

    #[test]
    fn the_environment_says_where_files_are() {
        let found = with(false, &[("HOME", "/home/alice"), ("XDG_STATE_HOME", "/state"), ("OPSDASH_CONFIG", "a.toml")]);
        assert_eq!(found.config_home, PathBuf::from("/home/alice/.config/opsdash"));
        assert_eq!(found.state_home, PathBuf::from("/state/opsdash"));
        assert_eq!(found.config_file, Some(PathBuf::from("a.toml")));
    }

    #[test]
    fn a_relative_folder_in_the_environment_does_not_count() {
        let found = with(false, &[("HOME", "/home/alice"), ("XDG_CONFIG_HOME", "config")]);
        assert_eq!(found.config_home, PathBuf::from("/home/alice/.config/opsdash"));
    }

    #[test]
    fn under_sudo_the_environment_does_not_count() {
        let variables =
            [("HOME", "/home/alice"), ("XDG_CONFIG_HOME", "/home/alice/c"), ("OPSDASH_CONFIG", "/home/alice/a.toml")];
        let found = with(true, &variables);
        assert_eq!(found.config_home, PathBuf::from("/root/.config/opsdash"));
        assert_eq!(found.config_file, None);
        assert!(found.ignores("OPSDASH_PROD_PG") && !found.ignores("PROD_PG"));
    }
}
