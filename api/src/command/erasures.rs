//! `kafo erasures`: who was erased, kept outside the database, and erased again after a restore.

use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Failure, open_current, sound};
use crate::app::App;
use crate::config::DatabaseOption;
use crate::id::Kind;
use crate::person::store::{self, Replayed};

#[derive(Subcommand)]
pub enum Erasures {
    /// Write who was erased, and when, into a file: ids and instants, nothing personal. Keep it apart from the
    /// backups of the database.
    Export {
        /// The file; what was in it before goes.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// After a backup was restored: erase again whoever came back with it. May be repeated.
    Replay {
        /// A file that `kafo erasures export` wrote.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        database: DatabaseOption,
    },
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    person: String,
    erased_at: String,
}

pub async fn run(command: Erasures) -> Result<(), Failure> {
    match command {
        Erasures::Export { file, database } => export(&file, &database).await,
        Erasures::Replay { file, database } => replay(&file, &database).await,
    }
}

async fn export(file: &Path, database: &DatabaseOption) -> Result<(), Failure> {
    sound(database)?;
    let db = open_current(&database.url).await?;
    let tx = db.begin(App::nobody(&db), None).await?;
    let all = store::ledger(&tx).await?;
    let mut text = String::new();
    for (person, at) in &all {
        let line = Line {
            person: Kind::Person.id(*person),
            erased_at: at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        };
        text += &serde_json::to_string(&line).map_err(|e| unusable(file, &e.to_string()))?;
        text.push('\n');
    }
    std::fs::write(file, text).map_err(|e| unusable(file, &e.to_string()))?;
    println!("{}: {} erasures", file.display(), all.len());
    Ok(())
}

async fn replay(file: &Path, database: &DatabaseOption) -> Result<(), Failure> {
    sound(database)?;
    let text = std::fs::read_to_string(file).map_err(|e| unusable(file, &e.to_string()))?;
    let mut lines = Vec::new();
    // all of it is read before anything happens
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let entry = understood(line).ok_or_else(|| {
            unusable(file, &format!("line {number} is not {{\"person\": \"per_…\", \"erasedAt\": \"…Z\"}}"))
        })?;
        lines.push(entry);
    }
    let db = open_current(&database.url).await?;
    let (mut erased, mut already, mut unknown) = (0, 0, 0);
    for (person, at) in lines {
        let tx = db.begin(App::nobody(&db), None).await?;
        *match store::replay(tx, person, at).await? {
            Replayed::Erased => &mut erased,
            Replayed::Already => &mut already,
            Replayed::Unknown => &mut unknown,
        } += 1;
    }
    println!("{}: {erased} erased again, {already} erased already, {unknown} unknown here", file.display());
    Ok(())
}

fn understood(line: &str) -> Option<(Uuid, DateTime<Utc>)> {
    let line: Line = serde_json::from_str(line).ok()?;
    let (kind, person) = Kind::parse(&line.person)?;
    let at = DateTime::parse_from_rfc3339(&line.erased_at).ok()?;
    (kind == Kind::Person).then(|| (person, at.with_timezone(&Utc)))
}

fn unusable(file: &Path, what: &str) -> Failure {
    Failure::new(format!("{}: {what}", file.display()))
}
