//! `kafo schema`: print the schema, or compare it with one that was published before.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::Failure;
use crate::evolution::{Announced, Change, Effect, compare};
use crate::graphql::sdl;

#[derive(Subcommand)]
pub enum Schema {
    /// Say what has changed since an older schema: breaking, dangerous and safe changes.
    ///
    /// A breaking change that was not announced fails (exit code 1). Announced ones stand in a text file, a line for each:
    /// `CODE path: reason`, like `FIELD_REMOVED Group.name: use title, announced 2026-01-15`.
    Check {
        /// The older schema.
        #[arg(value_name = "OLD")]
        old: PathBuf,
        /// The file of breaking changes that were announced.
        #[arg(long, value_name = "FILE")]
        announced: Option<PathBuf>,
    },
}

pub fn run(command: Option<Schema>) -> Result<(), Failure> {
    match command {
        None => {
            print!("{}", sdl());
            Ok(())
        }
        Some(Schema::Check { old, announced }) => check(&old, announced.as_deref()),
    }
}

fn check(old: &Path, announced: Option<&Path>) -> Result<(), Failure> {
    let announced = match announced {
        Some(file) => Announced::parse(&read(file)?).map_err(|mistakes| {
            Failure(mistakes.into_iter().map(|mistake| format!("{}, {mistake}", file.display())).collect())
        })?,
        None => Announced::default(),
    };
    let parse = |text: String, name: String| {
        apollo_compiler::Schema::parse(text, &name)
            .map_err(|wrong| Failure::new(format!("{name} is no schema: {}", wrong.errors)))
    };
    let before = parse(read(old)?, old.display().to_string())?;
    let changes = compare(&before, &parse(sdl(), "this schema".to_owned())?);
    for change in &changes {
        println!("{}", line(change, announced.names(change)));
    }
    for unused in announced.unused(&changes) {
        println!("announced, but not among the changes: {} {}", unused.code, unused.path);
    }
    let count = |effect| changes.iter().filter(|change| change.effect == effect).count();
    println!(
        "{} breaking, {} dangerous, {} safe changes since {}",
        count(Effect::Breaking),
        count(Effect::Dangerous),
        count(Effect::Safe),
        old.display()
    );
    let unannounced = |change: &&Change| change.effect == Effect::Breaking && !announced.names(change);
    let failures: Vec<String> = changes
        .iter()
        .filter(unannounced)
        .map(|change| format!("breaking and not announced: {} {}", change.code, change.path))
        .collect();
    if failures.is_empty() { Ok(()) } else { Err(Failure(failures)) }
}

fn line(change: &Change, is_announced: bool) -> String {
    let effect = match change.effect {
        Effect::Breaking if is_announced => "announced",
        Effect::Breaking => "breaking",
        Effect::Dangerous => "dangerous",
        Effect::Safe => "safe",
    };
    format!("{effect:<9}  {} {}: {}", change.code, change.path, change.message)
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}
