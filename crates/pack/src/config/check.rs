//! From the texts of files to a [`Config`]: the files are merged, every rule is checked, and every problem is reported.

use std::path::PathBuf;

use toml::{Spanned, de::DeValue};

use super::{
    Config, PasswordFrom, Screen, Secret, Setting, SourceConfig, Target, ThemeName, ViewOverride, WriterLogin,
    settings::settings,
    url::{Protocol, has_secret, redact, scheme_of},
    words::{RawConfig, RawOverride, RawPassword, RawScreen, RawSource, RawTarget, RawWriter},
};
use crate::document::{
    Name, Problems, SourceTexts, TomlDocument, TomlTable, check_table, decode, entry, merge, parse_bytes, parse_ms,
    suggest,
};

/// A config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// The path, for messages.
    pub name: String,
    /// The content.
    pub text: String,
    /// Whether only the owner can read the file. If so, its URLs may have passwords.
    pub private: bool,
}

/// A checked config, and where its values come from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LoadedConfig {
    /// The config.
    pub config: Config,
    /// Every value that a file sets, with its location. Secrets are hidden.
    pub settings: Vec<Setting>,
}

/// Loads the config from its files, lowest layer first.
///
/// # Errors
/// With every problem of every file.
pub fn load(files: &[ConfigFile]) -> Result<LoadedConfig, Problems> {
    let mut problems = Problems::default();
    let mut texts = SourceTexts::default();
    let mut document: Option<TomlDocument<'_>> = None;
    for file in files {
        let Some(upper) = texts.parse(&file.name, &file.text, &mut problems) else { continue };
        match &mut document {
            Some(lower) => {
                validate_tightening(lower.get_ref(), upper.get_ref(), &texts, &mut problems);
                drop_replaced_urls(lower.get_mut(), upper.get_ref());
                merge(RawConfig::SPEC, lower.get_mut(), upper.into_inner());
            }
            None => document = Some(upper),
        }
    }
    let Some(document) = document else { return problems.or(LoadedConfig::default()) };
    check_table(RawConfig::SPEC, document.get_ref(), document.span().start, &texts, &mut problems);
    if !problems.0.is_empty() {
        return problems.or(LoadedConfig::default());
    }
    let settings = settings(document.get_ref(), &texts);
    let Some(raw) = decode::<RawConfig>(document, &texts, &mut problems) else {
        return problems.or(LoadedConfig::default());
    };
    let private = files.iter().filter(|file| file.private).map(|file| file.name.as_str()).collect();
    let config = Checker { texts: &texts, private, problems: &mut problems }.config(raw);
    problems.or(LoadedConfig { config, settings })
}

/// An upper layer may not allow what a lower one forbids: `read_only` and `protected` can be set, not lifted.
fn validate_tightening(lower: &TomlTable<'_>, upper: &TomlTable<'_>, texts: &SourceTexts, problems: &mut Problems) {
    let mut pairs = vec![("read_only", lower, upper)];
    let targets = |table| table_at(table, "targets");
    if let (Some(lower), Some(upper)) = (targets(lower), targets(upper)) {
        for (name, upper_target) in upper {
            let lower_target = table_at(lower, name.get_ref());
            if let (Some(lower), DeValue::Table(upper)) = (lower_target, upper_target.get_ref()) {
                pairs.extend(["protected", "read_only"].map(|word| (word, lower, upper)));
            }
        }
    }
    for (word, lower, upper) in pairs {
        let (Some(lower), Some(upper)) = (entry(lower, word), entry(upper, word)) else { continue };
        if matches!((lower.get_ref(), upper.get_ref()), (DeValue::Boolean(true), DeValue::Boolean(false))) {
            problems.add(
                texts.location_of(upper),
                format!("{word} = false, but {} sets it", texts.location_of(lower)),
                "remove it: a user's config may tighten, not loosen",
            );
        }
    }
}

/// The words that say where a source is, of which it has one.
const PLACES: [&str; 3] = ["url", "urls", "servers"];

/// Removes `url`, `urls` and `servers` of a source for which the upper layer has one of them: they exclude each other, so
/// that a merged source has one alone.
fn drop_replaced_urls(lower: &mut TomlTable<'_>, upper: &TomlTable<'_>) {
    let Some(targets) = table_at(upper, "targets") else { return };
    for (target, inside) in targets {
        let DeValue::Table(inside) = inside.get_ref() else { continue };
        for (source, words) in table_at(inside, "sources").into_iter().flatten() {
            let DeValue::Table(words) = words.get_ref() else { continue };
            let path = ["targets", target.get_ref(), "sources", source.get_ref()];
            let old = path.iter().try_fold(&mut *lower, |table, name| match table.get_mut(*name)?.get_mut() {
                DeValue::Table(inner) => Some(inner),
                _ => None,
            });
            if let Some(old) = old.filter(|_| PLACES.iter().any(|word| words.contains_key(*word))) {
                for word in PLACES {
                    old.remove(word);
                }
            }
        }
    }
}

fn table_at<'t, 'x>(table: &'t TomlTable<'x>, name: &str) -> Option<&'t TomlTable<'x>> {
    match table.get(name).map(Spanned::get_ref) {
        Some(DeValue::Table(inner)) => Some(inner),
        _ => None,
    }
}

struct Checker<'a> {
    texts: &'a SourceTexts,
    /// The names of the files that only their owners can read.
    private: Vec<&'a str>,
    problems: &'a mut Problems,
}

impl Checker<'_> {
    fn config(&mut self, raw: RawConfig) -> Config {
        let default_target = self.validate_default(&raw);
        let read_only = raw.read_only;
        Config {
            targets: raw.targets.into_iter().map(|(name, target)| self.validate_target(name, target)).collect(),
            default_target,
            read_only,
            operator_label: raw.operator_label.map(|label| self.validate_label(label)),
            screen: self.validate_screen(&raw.screen),
            keys: raw.keys,
            views: raw.views.into_iter().map(|(name, view)| self.validate_override(name, view)).collect(),
        }
    }

    fn add_problem<T>(&mut self, value: &Spanned<T>, what: impl Into<String>, remedy: impl Into<String>) {
        self.problems.add(self.texts.location_of(value), what, remedy);
    }

    fn validate_default(&mut self, raw: &RawConfig) -> Option<String> {
        let names = || raw.targets.keys().map(|name| name.get_ref().as_str());
        let Some(default) = &raw.default_target else {
            return (raw.targets.len() == 1).then(|| names().next().map(str::to_owned)).flatten();
        };
        if !names().any(|name| name == default.get_ref()) {
            let remedy = suggest(default.get_ref(), names());
            self.add_problem(default, format!("there is no target \"{}\"", default.get_ref()), remedy);
        }
        Some(default.get_ref().clone())
    }

    fn validate_label(&mut self, label: Name) -> String {
        let text = label.get_ref();
        if text.is_empty() || text.chars().count() > 40 || text.chars().any(char::is_control) {
            self.add_problem(&label, "an operator label that cannot be shown", "write 1 to 40 characters on one line");
        }
        label.into_inner()
    }

    fn validate_target(&mut self, name: Name, raw: RawTarget) -> Target {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        let begins = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.get_ref().starts_with(begins) || !name.get_ref().chars().all(is_name) {
            let what = format!("the target \"{}\" cannot be named on a command line", name.get_ref());
            self.add_problem(&name, what, "use letters, digits, _ and -, and begin with no -");
        }
        if raw.sources.get_ref().is_empty() {
            self.add_problem(
                &raw.sources,
                "a target without sources",
                "add [targets.<name>.sources.<source>] with a url",
            );
        }
        let sources = raw.sources.into_inner().into_iter();
        Target {
            name: name.into_inner(),
            system: raw.system,
            protected: raw.protected,
            read_only: raw.read_only,
            scope: raw.scope.map(|scope| self.validate_scope(scope)),
            sources: sources.map(|(name, source)| self.validate_source(name, source)).collect(),
        }
    }

    fn validate_scope(&mut self, scope: Name) -> String {
        if scope.get_ref().trim().is_empty() || scope.get_ref().chars().any(char::is_control) {
            self.add_problem(&scope, "a scope that nothing is called", "give the id or the label of one, or \"all\"");
        }
        scope.into_inner()
    }

    fn validate_source(&mut self, name: Name, raw: RawSource) -> (String, SourceConfig) {
        let mut more_servers = Vec::new();
        let urls = match (raw.url, raw.urls, raw.servers) {
            (Some(url), None, None) => vec![self.validate_url(url)],
            (None, None, Some(servers)) if !servers.get_ref().is_empty() => {
                let mut servers = servers.into_inner().into_iter().map(|url| self.validate_url(url));
                let first = servers.next().into_iter().collect();
                more_servers.extend(servers);
                first
            }
            (None, Some(urls), None) if !urls.get_ref().is_empty() => {
                urls.into_inner().into_iter().map(|url| self.validate_url(url)).collect()
            }
            _ => {
                let what = format!("the source \"{}\" wants one of \"url\", \"urls\" and \"servers\"", name.get_ref());
                self.add_problem(&name, what, "say where it is, once");
                Vec::new()
            }
        };
        let is_sql_server = urls.first().and_then(Protocol::of) == Some(Protocol::SqlServer);
        let source = SourceConfig {
            urls,
            more_servers,
            members: None,
            shown_as: None,
            databases: raw.databases.map(|names| self.validate_databases(names)),
            exclude: raw.exclude.map(|names| self.validate_databases(names)),
            replica_url: raw.replica_url.map(|url| self.validate_url(url)),
            password: raw.password.as_ref().and_then(|password| self.validate_password(password)),
            schema: None,
            writer: raw.writer.and_then(|writer| self.validate_writer(writer, is_sql_server)),
            naive_zone: raw.naive_zone.map(|zone| self.validate_zone(zone)),
            ca_file: raw.ca_file.map(|file| self.validate_path(file)),
            read_rate: raw.read_rate.and_then(|rate| self.validate_rate(&rate)),
            timeout_ms: raw.timeout.and_then(|timeout| self.validate_timeout(&timeout)),
        };
        (name.into_inner(), source)
    }

    fn validate_databases(&mut self, names: Vec<Name>) -> Vec<String> {
        for name in names.iter().filter(|name| name.get_ref().is_empty()) {
            self.add_problem(name, "an empty name of a database", "remove it");
        }
        names.into_iter().map(Spanned::into_inner).collect()
    }

    fn validate_writer(&mut self, raw: RawWriter, is_served: bool) -> Option<WriterLogin> {
        if !is_served || raw.user.get_ref().is_empty() {
            let what = format!("the writer \"{}\"", raw.user.get_ref());
            let remedy = "only a source of SQL Server has one, with a name; elsewhere the login of the URL writes";
            self.add_problem(&raw.user, what, remedy);
        }
        let password = self.validate_password(&raw.password)?;
        Some(WriterLogin { user: raw.user.into_inner(), password: Some(password) })
    }

    fn validate_url(&mut self, url: Name) -> Secret {
        let scheme = scheme_of(url.get_ref()).unwrap_or_default();
        let schemes = Protocol::SCHEMES.map(|(known, _)| known);
        if !schemes.contains(&scheme) {
            let shown = redact(url.get_ref());
            let remedy = suggest(scheme, schemes);
            self.add_problem(&url, format!("the URL \"{shown}\" has no known scheme"), remedy);
        }
        let file = self.texts.location_of(&url).file;
        if has_secret(url.get_ref()) && !self.private.contains(&file.as_str()) {
            let shown = redact(url.get_ref());
            let remedy = format!("use password = {{ .. }}, or run: chmod 600 {file}");
            self.add_problem(&url, format!("a password in \"{shown}\", in a file that others may read"), remedy);
        }
        Secret(url.into_inner())
    }

    fn validate_password(&mut self, raw: &Spanned<RawPassword>) -> Option<PasswordFrom> {
        let given = raw.get_ref();
        match (&given.env, &given.file, &given.command) {
            (Some(env), None, None) if !env.is_empty() && !env.contains(['=', '\0']) => {
                Some(PasswordFrom::Env(env.clone()))
            }
            (None, Some(file), None) => Some(PasswordFrom::File(self.validate_path(file.clone()))),
            (None, None, Some(argv)) if argv.first().is_some_and(|program| !program.is_empty()) => {
                Some(PasswordFrom::Command(argv.clone()))
            }
            _ => {
                let remedy =
                    "write { env = \"NAME\" }, { file = \"/path\" } or { command = [\"program\", \"argument\"] }";
                self.add_problem(raw, "a password that comes from nowhere, or from several places", remedy);
                None
            }
        }
    }

    /// The zone goes into `SET LOCAL TIME ZONE`. Only its characters are checked: the server has the list of zones.
    fn validate_zone(&mut self, zone: Name) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_+-/:".contains(c);
        if zone.get_ref().is_empty() || !zone.get_ref().chars().all(is_part) {
            let what = format!("\"{}\" is no time zone", zone.get_ref());
            self.add_problem(&zone, what, "write a name such as \"UTC\" or \"Europe/Paris\"");
        }
        zone.into_inner()
    }

    /// A path must not depend on the working directory.
    fn validate_path(&mut self, path: Name) -> PathBuf {
        if !path.get_ref().starts_with('/') && !path.get_ref().starts_with("~/") {
            let what = format!("the path \"{}\" depends on where opsdash is started", path.get_ref());
            self.add_problem(&path, what, "begin it with / or ~/");
        }
        PathBuf::from(path.into_inner())
    }

    fn validate_rate(&mut self, rate: &Name) -> Option<u64> {
        let bytes = parse_bytes(rate.get_ref()).filter(|bytes| (100_000..=10_000_000_000).contains(bytes));
        if bytes.is_none() {
            let what = format!("the rate \"{}\" makes no sense", rate.get_ref());
            self.add_problem(rate, what, "write bytes a second from 100KB to 10GB, such as \"50MB\"");
        }
        bytes
    }

    fn validate_timeout(&mut self, timeout: &Name) -> Option<u32> {
        let ms = parse_ms(timeout.get_ref()).filter(|ms| (100..=600_000).contains(ms));
        if ms.is_none() {
            let what = format!("the timeout \"{}\" makes no sense", timeout.get_ref());
            self.add_problem(timeout, what, "write a duration from 100ms to 10m, such as \"3s\"");
        }
        ms.and_then(|ms| u32::try_from(ms).ok())
    }

    fn validate_screen(&mut self, raw: &RawScreen) -> Screen {
        let default = Screen::default();
        Screen {
            theme: raw.theme.as_ref().map_or(default.theme, |theme| self.validate_theme(theme)),
            ascii: raw.ascii,
            local_time: raw.time.as_ref().is_some_and(|time| self.validate_time(time)),
            bell: raw.bell.unwrap_or(default.bell),
        }
    }

    fn validate_theme(&mut self, name: &Name) -> ThemeName {
        let found = ThemeName::ALL.iter().find(|(word, _)| word == name.get_ref());
        if found.is_none() {
            let remedy = suggest(name.get_ref(), ThemeName::ALL.map(|(word, _)| word));
            self.add_problem(name, format!("unknown theme \"{}\"", name.get_ref()), remedy);
        }
        found.map(|(_, theme)| *theme).unwrap_or_default()
    }

    fn validate_time(&mut self, name: &Name) -> bool {
        if !matches!(name.get_ref().as_str(), "utc" | "local") {
            let remedy = suggest(name.get_ref(), ["utc", "local"]);
            self.add_problem(name, format!("unknown time \"{}\"", name.get_ref()), remedy);
        }
        name.get_ref() == "local"
    }

    fn validate_override(&mut self, name: Name, raw: RawOverride) -> (String, ViewOverride) {
        let refresh_ms = raw.refresh.as_ref().and_then(|refresh| {
            let ms = parse_ms(refresh.get_ref()).filter(|ms| crate::pack::REFRESH_RANGE_MS.contains(ms));
            if ms.is_none() {
                let what = format!("the refresh interval \"{}\" makes no sense", refresh.get_ref());
                self.add_problem(refresh, what, "write a duration from 1s to 1d, such as \"15s\"");
            }
            ms
        });
        let limit = raw.limit.as_ref().and_then(|limit| {
            let rows = u32::try_from(*limit.get_ref()).ok().filter(|rows| crate::pack::LIMIT_RANGE.contains(rows));
            if rows.is_none() {
                let what = format!("the limit {} makes no sense", limit.get_ref());
                self.add_problem(limit, what, format!("write a number from 1 to {}", crate::pack::LIMIT_RANGE.end()));
            }
            rows
        });
        let at = self.texts.location_of(&name);
        (name.into_inner(), ViewOverride { thresholds: raw.threshold, refresh_ms, limit, at })
    }
}
