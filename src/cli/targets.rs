//! Which targets a command is about.

use opsdash_core::{
    config::{Config, Target},
    document::suggest,
    text,
};

use super::exit::Stop;

/// What was typed about targets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// `--target`, as often as it was given.
    pub names: Vec<String>,
    /// `--all-targets`.
    pub all: bool,
}

impl Wanted {
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
    pub fn of<'c>(&self, config: &'c Config) -> Result<Vec<&'c Target>, Stop> {
        if self.all && !self.names.is_empty() {
            return Err(Stop::usage("--target and --all-targets exclude each other", "leave one of them out"));
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
}

/// The target of that name.
fn named<'c>(config: &'c Config, name: &str) -> Result<&'c Target, Stop> {
    config.targets.iter().find(|target| target.name == name).ok_or_else(|| {
        let known = config.targets.iter().map(|target| target.name.as_str());
        Stop::usage(format!("the config has no target \"{}\"", text::inert(name)), suggest(name, known))
    })
}

/// The target that is meant when none is named.
fn default(config: &Config) -> Result<&Target, Stop> {
    match (&config.default_target, config.targets.as_slice()) {
        (Some(name), _) => named(config, name),
        (None, [only]) => Ok(only),
        (None, _) => {
            let names: Vec<&str> = config.targets.iter().map(|target| target.name.as_str()).collect();
            let remedy =
                format!("give --target NAME, or set default_target in the config; known: {}", names.join(", "));
            Err(Stop::usage("which target?", remedy))
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
            sources: std::collections::BTreeMap::default(),
        };
        Config {
            targets: names.iter().map(target).collect(),
            default_target: default.map(str::to_owned),
            ..Config::default()
        }
    }

    fn names(wanted: &[&str], all: bool, config: &Config) -> Result<Vec<String>, Stop> {
        let wanted = Wanted { names: wanted.iter().map(|name| (*name).to_owned()).collect(), all };
        wanted.of(config).map(|found| found.into_iter().map(|target| target.name.clone()).collect())
    }

    #[test]
    fn one_target_needs_no_name_and_several_need_one_or_a_default() {
        assert_eq!(names(&[], false, &config(&["a"], None)).unwrap(), ["a"]);
        assert_eq!(names(&[], false, &config(&["a", "b"], Some("b"))).unwrap(), ["b"]);
        let stop = names(&[], false, &config(&["a", "b"], None)).unwrap_err();
        assert!(stop.remedy.contains("a, b"), "{}", stop.remedy);
    }

    #[test]
    fn targets_keep_the_order_they_were_named_in() {
        let config = config(&["prod", "staging"], None);
        assert_eq!(names(&["staging", "prod", "staging"], false, &config).unwrap(), ["staging", "prod"]);
        assert_eq!(names(&[], true, &config).unwrap(), ["prod", "staging"]);
        assert!(names(&["prdo"], false, &config).unwrap_err().remedy.contains("did you mean \"prod\"?"));
        assert!(names(&["prod"], true, &config).is_err());
    }
}
