//! Which targets a command is about.

use opsdash_core::text;
use opsdash_pack::{
    config::{Config, Target},
    document::suggest,
};

use super::{args::Common, error::CliError};

/// What was typed about targets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TargetSelection {
    /// `--target`, as often as it was given.
    pub names: Vec<String>,
    /// `--all-targets`.
    pub all: bool,
}

impl From<&Common> for TargetSelection {
    fn from(args: &Common) -> Self {
        Self { names: args.target.clone(), all: args.all_targets }
    }
}

impl TargetSelection {
    /// Whether the answer is a list, however many targets it has: scripts must not find another shape when a target is
    /// added to the config or taken out of it.
    #[must_use]
    pub fn is_several(&self) -> bool {
        self.all || self.names.len() > 1
    }

    /// The targets, in the order they were named, each once.
    ///
    /// # Errors
    /// A name that the config does not have; none named where there are several and no default.
    pub fn of<'c>(&self, config: &'c Config) -> Result<Vec<&'c Target>, CliError> {
        if self.all && !self.names.is_empty() {
            return Err(CliError::usage("--target and --all-targets exclude each other", "leave one of them out"));
        }
        if self.all {
            return Ok(config.targets.iter().collect());
        }
        let mut found: Vec<&Target> = Vec::new();
        for name in &self.names {
            let target = named(config, name)?;
            if !found.iter().any(|known| known.name == target.name) {
                found.push(target);
            }
        }
        if found.is_empty() {
            found.push(default(config)?);
        }
        Ok(found)
    }

    /// For the dashboard: the target that opens, and those that are watched with it. Without a name all are.
    ///
    /// # Errors
    /// A name that the config does not have; `--target` and `--all-targets` together.
    pub fn watched<'c>(&self, config: &'c Config) -> Result<(&'c Target, Vec<&'c Target>), CliError> {
        if self.names.is_empty() {
            let first = match &config.default_target {
                Some(name) => named(config, name)?,
                // Any will do where none was asked for.
                None => config.targets.first().ok_or_else(|| CliError::usage("the config has no target", ""))?,
            };
            return Ok((first, config.targets.iter().collect()));
        }
        let watched = self.of(config)?;
        Ok((watched[0], watched))
    }
}

/// The target of that name.
fn named<'c>(config: &'c Config, name: &str) -> Result<&'c Target, CliError> {
    config.targets.iter().find(|target| target.name == name).ok_or_else(|| {
        let known = config.targets.iter().map(|target| target.name.as_str());
        CliError::usage(format!("the config has no target \"{}\"", text::inert(name)), suggest(name, known))
    })
}

/// The target that is meant when none is named.
fn default(config: &Config) -> Result<&Target, CliError> {
    match (&config.default_target, config.targets.as_slice()) {
        (Some(name), _) => named(config, name),
        (None, [only]) => Ok(only),
        (None, _) => {
            let names: Vec<&str> = config.targets.iter().map(|target| target.name.as_str()).collect();
            let remedy =
                format!("give --target NAME, or set default_target in the config; known: {}", names.join(", "));
            Err(CliError::usage("which target?", remedy))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(names: &[&str], default: Option<&str>) -> Config {
        let target = |name: &&str| Target {
            name: (*name).to_owned(),
            system: "sys".into(),
            protected: false,
            read_only: false,
            scope: None,
            sources: std::collections::BTreeMap::default(),
        };
        Config {
            targets: names.iter().map(target).collect(),
            default_target: default.map(str::to_owned),
            ..Config::default()
        }
    }

    fn names(wanted: &[&str], all: bool, config: &Config) -> Result<Vec<String>, CliError> {
        let wanted = TargetSelection { names: wanted.iter().map(|name| (*name).to_owned()).collect(), all };
        wanted.of(config).map(|found| found.into_iter().map(|target| target.name.clone()).collect())
    }

    #[test]
    fn one_target_needs_no_name_and_several_need_one_or_a_default() {
        assert_eq!(names(&[], false, &config(&["a"], None)).unwrap(), ["a"]);
        assert_eq!(names(&[], false, &config(&["a", "b"], Some("b"))).unwrap(), ["b"]);
        let cli_error = names(&[], false, &config(&["a", "b"], None)).unwrap_err();
        assert!(cli_error.remedy.contains("a, b"), "{}", cli_error.remedy);
    }

    #[test]
    fn targets_keep_the_order_they_were_named_in() {
        let config = config(&["prod", "staging"], None);
        assert_eq!(names(&["staging", "prod", "staging"], false, &config).unwrap(), ["staging", "prod"]);
        assert_eq!(names(&[], true, &config).unwrap(), ["prod", "staging"]);
        assert!(names(&["prdo"], false, &config).unwrap_err().remedy.contains("did you mean \"prod\"?"));
        assert!(names(&["prod"], true, &config).is_err());
    }
    #[test]
    fn the_dashboard_watches_what_is_named_or_all_and_opens_on_the_first() {
        let watched = |wanted: &[&str], all: bool, config: &Config| {
            let wanted = TargetSelection { names: wanted.iter().map(|name| (*name).to_owned()).collect(), all };
            let (first, watched) = wanted.watched(config)?;
            Ok::<_, CliError>((
                first.name.clone(),
                watched.iter().map(|target| target.name.clone()).collect::<Vec<_>>(),
            ))
        };
        let (config, with_default) = (config(&["a", "b", "c"], None), config(&["a", "b", "c"], Some("b")));
        let all = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(watched(&[], false, &config).unwrap(), ("a".into(), all.clone()));
        assert_eq!(watched(&[], false, &with_default).unwrap(), ("b".into(), all.clone()));
        assert_eq!(watched(&[], true, &with_default).unwrap(), ("b".into(), all));
        assert_eq!(watched(&["c"], false, &with_default).unwrap(), ("c".into(), vec!["c".into()]));
        assert_eq!(watched(&["c", "a"], false, &config).unwrap(), ("c".into(), vec!["c".into(), "a".into()]));
        assert!(watched(&["d"], false, &config).is_err());
        assert!(watched(&["a"], true, &config).is_err());
    }
}
