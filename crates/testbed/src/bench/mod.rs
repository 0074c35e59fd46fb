//! `cargo xtask bench`: what the program costs its servers and its user, against the budgets that it promises.
//!
//! Every number is taken from the real program on real servers. Tests assert states; times are only told here.

mod bucket;
mod database;
mod documented;
mod files;
mod fleet;
mod plan;
mod release_build;
mod screen;
mod statements;
mod store;
pub mod table;
mod views;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Parser, ValueEnum};

use self::database::Database;
use self::table::Figure;
use crate::program::build_opsdash;

/// Measures the program against its budgets, on a large database of its own; takes minutes.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask bench")]
pub struct Arguments {
    /// Measure this alone; all parts when not given.
    part: Option<Part>,
    /// The part of the 10 million metrics, 2 million errors, 2 GB and 200 databases that is made; less, to try the bench itself.
    #[arg(long, default_value_t = 1.0, value_name = "PART")]
    scale: f64,
    /// Also build a release from nothing, in a folder of its own; takes minutes.
    #[arg(long)]
    build: bool,
    /// Leave the database running afterwards, to look into a number, until Ctrl-C.
    #[arg(long)]
    keep: bool,
    /// Measure this program instead of a release build of opsdash.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
}

/// What is measured together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// What views cost the servers.
    Views,
    /// What the program costs who sits before it.
    Screen,
    /// What reading a large file to its end costs.
    Files,
    /// What it takes to ask two hundred databases.
    Fleet,
}

impl Part {
    fn title(self) -> &'static str {
        match self {
            Self::Views => "Views: time on the server",
            Self::Screen => "Screen: 160 by 45 cells",
            Self::Files => "Files: one of 2 GB, read to its end",
            Self::Fleet => "Fleet: 200 databases of one server",
        }
    }

    /// `database` is made when a part first needs it.
    async fn measure(self, program: &Path, database: &mut Option<Database>, scale: f64) -> Result<Vec<Figure>> {
        match self {
            Self::Files => return files::measure(program, scale).await,
            Self::Fleet => return fleet::measure(program, scale).await,
            Self::Views | Self::Screen => {}
        }
        let database = match database {
            Some(database) => database,
            none => none.insert(Database::build(scale).await?),
        };
        match self {
            Self::Views => views::measure(program, database).await,
            _ => screen::measure(program, database).await,
        }
    }
}

/// Builds the program and the database, measures, and prints a table for each part.
pub fn run(arguments: &Arguments) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let program = match &arguments.program {
            Some(program) => program.canonicalize()?,
            None => build_opsdash(true).await?,
        };
        if arguments.build {
            table::print("Build", &[release_build::measure()?]);
        }
        let mut database = None;
        let parts = arguments.part.map_or_else(|| Part::value_variants().to_vec(), |part| vec![part]);
        for part in parts {
            table::print(part.title(), &part.measure(&program, &mut database, arguments.scale).await?);
        }
        if let Some(database) = database.filter(|_| arguments.keep) {
            println!("\n{}\n{}\nCtrl-C ends them", database.main_url(), database.files_url());
            tokio::signal::ctrl_c().await?;
        }
        Ok(())
    })
}

/// Measures one part on a database of this scale; for tests of the bench itself.
pub async fn measure(part: Part, program: &Path, scale: f64) -> Result<Vec<Figure>> {
    part.measure(program, &mut None, scale).await
}

/// A program that a variable names, or that is on PATH.
fn found(variable: &str, name: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    named.into_iter().chain(std::env::split_paths(&path).map(|dir| dir.join(name))).find(|path| path.is_file())
}
