//! `opsdash files`: files of a store held against their catalog, read to their end, and fetched.

mod report;

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    sync::Arc,
};

use indicatif::{ProgressBar, ProgressStyle};
use opsdash_core::{
    catalog::{FetchRequest, wanted},
    contract::{Failure, Listing, Part, Table, VerifyResult},
    model::{Choices, Demand},
    naming::{NamedRows, find_row},
    text,
};
use opsdash_pack::{
    document::suggest,
    pack::{FilesView, Pack, View, ViewId},
};
use report::FilesVerdict;
use serde_json::json;

use crate::{
    cli::{
        answer::{AnswerState, ViewAnswer},
        args::files::{FilesArgs, FilesCommand},
        choices::find_view,
        error::CliError,
        exit::Exit,
        output::{CommandOutput, OutputStyle, rows},
        printed::Printed,
        query::{self, ViewQuery},
        row_names,
        setup::{Setup, wrong},
        targets::TargetSelection as Targets,
    },
    export::json,
    runtime::{
        headless,
        source_handle::SourceHandle,
        transfer_task::{self, Fetched, GetError},
    },
    settings,
    store::verified,
};

/// Carries the command out.
///
/// # Errors
/// When the call, the config or a pack is wrong; then nothing is read.
pub fn run(args: &FilesArgs, setup: &Setup, targets: Targets, style: OutputStyle) -> Result<CommandOutput, CliError> {
    let resolve = |pack: &Pack| {
        let id = files_view(pack, args.view.as_deref())?;
        Ok((id, Choices::of(pack.view(id))))
    };
    if let FilesCommand::List { format } = args.command {
        let is_several = targets.is_several();
        let answers = query::ask(setup, &ViewQuery { wanted: targets, limit: args.limit, resolve: &resolve })?;
        let printed: Vec<Printed<'_>> = answers.iter().map(Printed::whole).collect();
        let mut outcome = rows::outcome(&printed, format, is_several, style);
        for answered in &answers {
            let judged = FilesVerdict::of_view(answered);
            outcome.exit = outcome.exit.max(judged.exit());
            // That a source did not answer is told already.
            if answered.state() != AnswerState::Fresh {
                continue;
            }
            let at = format!("{} {}", answered.target(), answered.view().id);
            outcome.notes.extend(judged.gaps.into_iter().map(|gap| format!("{at}: {gap}")));
        }
        return Ok(outcome);
    }
    let config = setup.config()?;
    let chosen = targets.of(config)?;
    let [target] = chosen.as_slice() else {
        return Err(CliError::usage("files are read from one target at a time", "name it: --target NAME"));
    };
    let mut pack = setup.pack(target).map_err(|problems| wrong(&problems))?;
    let (view, choices) = resolve(&pack)?;
    if let Some(limit) = args.limit {
        Arc::make_mut(&mut pack).views[view.0].limit = limit;
    }
    query::wait_for(async {
        let mut session = query::session(setup, target, pack, Demand::Once { view, choices })?;
        headless::run(&mut session, &[view], None).await;
        let store = session.model.pack().view(view).files.as_ref().map(|files| files.store);
        let handle = store.map(|store| session.performer.handle(session.model.at, store));
        let answered = ViewAnswer::new(session.model.into_model(), view);
        match (&args.command, handle) {
            (FilesCommand::Verify { keys, all, again, rate, json }, Some(handle)) => {
                let job = FilesJob::new(&answered, &handle, *rate, setup)?;
                job.verify(if *all { None } else { Some(keys) }, *again, *json).await
            }
            (FilesCommand::Get { key, output, rate, json }, Some(handle)) => {
                let job = FilesJob::new(&answered, &handle, *rate, setup)?;
                job.get(key, output.clone(), *json).await
            }
            _ => Err(CliError::usage("this view holds no files", "")),
        }
    })
}

/// The view of that id, or the only one of files.
fn files_view(pack: &Pack, id: Option<&str>) -> Result<ViewId, CliError> {
    let known = || pack.views.iter().filter(|view| view.files.is_some()).map(|view| view.id.as_str());
    let id = match (id, known().collect::<Vec<_>>().as_slice()) {
        (Some(id), _) => id.to_owned(),
        (None, [only]) => (*only).to_owned(),
        (None, []) => return Err(CliError::usage(format!("{} has no view of files", pack.system), "")),
        (None, several) => {
            return Err(CliError::usage(
                format!("{} has several views of files", pack.system),
                format!("--view {}", several.join(" | ")),
            ));
        }
    };
    let found = find_view(pack, &id)?;
    if pack.view(found).files.is_none() {
        return Err(CliError::usage(format!("{id} is no view of files"), suggest(&id, known())));
    }
    Ok(found)
}

/// What is asked of one view of files.
struct FilesJob<'a> {
    answered: &'a ViewAnswer,
    view: &'a View,
    files: &'a FilesView,
    catalog: &'a Table,
    listing: Listing,
    handle: &'a SourceHandle,
    rate: Option<u64>,
    setup: &'a Setup,
}

/// A row, and the file of it where the store has one.
type ChosenFile = (String, Option<FetchRequest>);

impl<'a> FilesJob<'a> {
    fn new(
        answered: &'a ViewAnswer,
        handle: &'a Arc<SourceHandle>,
        rate: Option<u64>,
        setup: &'a Setup,
    ) -> Result<Self, CliError> {
        let down = |failure: Option<Failure>| {
            let failure = failure.map_or_else(|| "the file store has not answered".to_owned(), |why| why.to_string());
            CliError { exit: Exit::SourceDown, message: failure, remedy: String::new() }
        };
        if answered.failure().is_some() {
            return Err(down(answered.failure()));
        }
        let store = &answered.model().target().panel(answered.id()).store;
        let (Some(catalog), Some(listing)) = (store.catalog.get(&Part::List), store.listing.clone()) else {
            return Err(down(None));
        };
        let view = answered.view();
        let Some(files) = &view.files else { return Err(down(None)) };
        let rate = rate.or(handle.config.as_ref().and_then(|config| config.read_rate));
        Ok(Self { answered, view, files, catalog, listing, handle, rate, setup })
    }

    /// The rows of these keys, or all; each with its file.
    fn chosen(&self, keys: Option<&[String]>) -> Result<Vec<ChosenFile>, CliError> {
        let file = |key: &str| wanted(self.files, self.catalog, &self.listing, key);
        let rows: Vec<&str> = self.answered.rows().map(|row| row.key.as_str()).collect();
        let Some(keys) = keys else { return Ok(rows.iter().map(|key| ((*key).to_owned(), file(key))).collect()) };
        let mut chosen: Vec<ChosenFile> = Vec::new();
        for key in keys {
            let is_meant = |row: &&&str| {
                **row == key
                    || row.split_once(':').is_some_and(|(_, id)| id == key)
                    || file(row).is_some_and(|wanted| wanted.file.id.eq_ignore_ascii_case(key))
            };
            match rows.iter().filter(is_meant).collect::<Vec<_>>().as_slice() {
                [one] => chosen.push(((**one).to_owned(), file(one))),
                [] => {
                    let named = self.named(key)?;
                    chosen.push((named.to_owned(), file(named)));
                }
                several => {
                    let several: Vec<&str> = several.iter().map(|row| **row).collect();
                    return Err(CliError::usage(
                        format!("\"{}\" is of several rows", text::inert(key)),
                        several.join(" "),
                    ));
                }
            }
        }
        Ok(chosen)
    }

    /// The key of the row that something on screen names.
    fn named(&self, typed: &str) -> Result<&str, CliError> {
        match find_row(self.view, self.answered.rows(), typed) {
            NamedRows::Key(row) | NamedRows::Named(row) => Ok(row.key.as_str()),
            NamedRows::Several(rows) => Err(CliError {
                exit: Exit::Ambiguous,
                message: row_names::several(self.view, typed, &rows),
                remedy: String::new(),
            }),
            NamedRows::None => {
                let message = format!("{} has no file \"{}\"", self.view.id, text::inert(typed));
                Err(CliError::usage(message, "`opsdash files list` has the names, and with --format json the keys"))
            }
        }
    }

    async fn verify(mut self, keys: Option<&[String]>, again: bool, as_json: bool) -> Result<CommandOutput, CliError> {
        let chosen = self.chosen(keys)?;
        let state = settings::state_dir(&self.setup.environment);
        let mut notes: Vec<String> =
            state.as_ref().err().map(|why| format!("results are not kept: {why:#}")).into_iter().collect();
        let mut keeper = state
            .as_ref()
            .ok()
            .map(|dir| verified::VerifiedWriter::new(dir, &self.handle.bucket_id(&self.files.bucket)));
        let mut stopped = None;
        let mut done: Vec<String> = Vec::new();
        for (_, wanted) in &chosen {
            let Some(FetchRequest { file, .. }) = wanted else { continue };
            if done.contains(&file.id) || (file.checked.is_some() && !again) {
                continue;
            }
            let checked = match self.read(wanted.as_ref().map_or("", |wanted| &wanted.name), file).await {
                Ok(checked) => checked,
                Err(failure) if transfer_task::is_of_one_file(&failure) => {
                    notes.push(format!("{} cannot be read: {failure}", file.name));
                    continue;
                }
                Err(failure) => {
                    stopped = Some(failure);
                    break;
                }
            };
            if let Some(Err(why)) = keeper.as_mut().map(|keeper| keeper.keep(file, &checked)) {
                notes.push(format!("results up to {} are not kept: {why:#}", file.name));
            }
            for known in self.listing.files.iter_mut().filter(|known| known.id == file.id) {
                known.checked = Some(checked.clone());
            }
            done.push(file.id.clone());
        }
        if let Some(Err(why)) = keeper.as_mut().map(verified::VerifiedWriter::flush) {
            notes.push(format!("the last results are not kept: {why:#}"));
        }
        Ok(self.report((&chosen, keys.is_none()), stopped.as_ref(), as_json, notes))
    }

    async fn read(&self, name: &str, file: &opsdash_core::contract::StoredFile) -> Result<VerifyResult, Failure> {
        let bar = bar(name, file.length);
        let source = self.handle.source().await?;
        let progress = |bytes| bar.set_position(bytes);
        let checked = transfer_task::verify(source, &self.files.bucket, file, self.rate, &progress).await;
        bar.finish_and_clear();
        checked
    }

    async fn get(self, key: &str, folder: Option<PathBuf>, as_json: bool) -> Result<CommandOutput, CliError> {
        let (key, wanted) = self.chosen(Some(&[key.to_owned()]))?.remove(0);
        let Some(wanted) = wanted else {
            return Err(CliError {
                exit: Exit::Bad,
                message: format!("the store has no file of {key}"),
                remedy: String::new(),
            });
        };
        let folder = folder.unwrap_or_else(|| PathBuf::from("."));
        let bar = bar(&wanted.name, wanted.file.length);
        let progress = |bytes| bar.set_position(bytes);
        let to = (folder.as_path(), wanted.name.as_str());
        let promised = wanted.promised.as_deref();
        let fetched = match self.handle.source().await {
            Ok(source) => {
                transfer_task::fetch(source, &self.files.bucket, &wanted.file, to, promised, self.rate, &progress).await
            }
            Err(failure) => Err(GetError::Failed(failure)),
        };
        bar.finish_and_clear();
        let Fetched { path, sha256 } = fetched.map_err(|why| cli_error(&why))?;
        let notes = match promised {
            Some(_) => Vec::new(),
            None => vec!["the catalog has no SHA-256 to compare with".to_owned()],
        };
        let data = if as_json {
            json::bytes(&json!({
                "schema": json::SCHEMA,
                "target": self.answered.target(),
                "key": key,
                "path": path.display().to_string(),
                "sha256": sha256,
                "verified": promised.is_some(),
            }))
        } else {
            format!("{}\n", path.display()).into_bytes()
        };
        Ok(CommandOutput { data, notes, exit: Exit::Done })
    }
}

fn cli_error(why: &GetError) -> CliError {
    let (exit, remedy) = match why {
        GetError::Failed(failure) => (Exit::SourceDown, failure.hint()),
        GetError::Damaged(_) | GetError::Checksum { .. } => (Exit::Bad, "do not hand it out"),
        GetError::Exists(_) => (Exit::Usage, "move it away, or give another folder: -o DIR"),
        GetError::Name(_) | GetError::Disk { .. } => (Exit::Usage, ""),
    };
    CliError { exit, message: why.to_string(), remedy: remedy.to_owned() }
}

/// A bar on a terminal; elsewhere a line when a file is begun.
fn bar(name: &str, length: Option<i64>) -> ProgressBar {
    let name = text::inert(&text::one_line(name)).into_owned();
    if !std::io::stderr().is_terminal() {
        // With stderr closed there is nobody to tell.
        let _closed = writeln!(std::io::stderr().lock(), "opsdash: reading {name}");
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0));
    let style = "{msg}  {percent} %  {decimal_bytes} of {decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.set_message(name);
    bar
}
