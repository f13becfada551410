//! `kafo import`: bring data in.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Map, Value};

use super::memberships::{self, Missing, Task};
use super::{Failure, open_current, sound};
use crate::account::store::{self as accounts, Credential};
use crate::app::App;
use crate::config::DatabaseOption;
use crate::place;

#[derive(Subcommand)]
pub enum Import {
    /// Send files of mutations through the API, in the order given.
    ///
    /// A file is a JSON list; each entry is an object with one key, the name of a mutation, whose value is its
    /// `input`. Everything happens with the rights of the account, and stops at the first refusal; what was done
    /// before stays. Ids may be brought along, so that entries can refer to each other.
    Record {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The address of the account in whose name it happens.
        #[arg(long = "as", value_name = "EMAIL")]
        account: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Bring the seats of a group into line with a CSV file.
    ///
    /// The first line names the columns, in English or French, without regard to case and accents, separated by commas
    /// or semicolons: organisation, role (rôle), name (nom), email (courriel), since (depuis), until (jusqu'au: the
    /// first day on which it holds no more), topic (thème), role title (titre), represents (représente), funded by
    /// (financé par), dedicated (dédié), note, system and code (système, code), person id, organisation id, create
    /// person (créer la personne: yes or no). An empty cell says nothing. The file is in UTF-8; days are 2026-12-31 or
    /// 31/12/2026. All or nothing: if a line is refused nothing is changed, and the exit code is 1.
    Memberships {
        /// The CSV file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The group: its slug or id.
        #[arg(long, value_name = "SLUG_OR_ID")]
        group: String,
        /// The address of the account in whose name it happens.
        #[arg(long = "as", value_name = "EMAIL")]
        account: String,
        /// What becomes of seats that hold today and that the file does not name.
        #[arg(long, value_enum, default_value_t = Missing::Keep)]
        missing: Missing,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Load a table of P-codes: `Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date`. May be repeated.
    Places {
        /// The CSV file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        database: DatabaseOption,
    },
}

pub async fn run(command: Import) -> Result<(), Failure> {
    match command {
        Import::Record { files, account, database } => {
            sound(&database)?;
            let app = App::new(open_current(&database.url).await?).await?;
            for file in &files {
                let count = record(&app, &account, &file.display().to_string(), &read(file)?).await?;
                println!("{}: {count} entries", file.display());
            }
            Ok(())
        }
        Import::Memberships { file, group, account, missing, dry_run, database } => {
            sound(&database)?;
            let app = App::new(open_current(&database.url).await?).await?;
            let task = Task { file: &file, group: &group, account: &account, missing, dry_run };
            println!("{}", memberships::import(&app, &task).await?);
            Ok(())
        }
        Import::Places { file, database } => {
            sound(&database)?;
            let text = read(&file)?;
            let db = open_current(&database.url).await?;
            let tx = db.begin(App::nobody(&db), None).await?;
            let count = place::import(&tx, &text).await.map_err(|e| unusable(&file, e))?;
            tx.commit_unrecorded().await?;
            println!("{}: {count} places", file.display());
            Ok(())
        }
    }
}

fn unusable(file: &Path, error: place::Unusable) -> Failure {
    match error {
        place::Unusable::Line { number, what } => {
            Failure::new(format!("{}, line {number}: {what}", file.display()))
        }
        place::Unusable::Failed(error) => error.into(),
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|e| Failure::new(format!("{}: {e}", file.display())))
}

/// Sends the entries of a file through the API as an account; how many there were.
pub async fn record(app: &App, email: &str, name: &str, text: &str) -> Result<usize, Failure> {
    let entries: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|e| {
        Failure::new(format!("{name}: this is no list of {{\"mutation\": {{input}}}} objects: {e}"))
    })?;
    let account = accounts::by_email(app.db(), email).await?;
    let session = accounts::open_session(app.db().begin(App::nobody(app.db()), None).await?, account).await?;
    let who = Credential::Session { account, session };
    let mut outcome = Ok(entries.len());
    for (number, entry) in entries.into_iter().enumerate() {
        if let Err(Failure(lines)) = send(app, &who, entry).await {
            let at = |line| format!("{name}, entry {}: {line}", number + 1);
            outcome = Err(Failure(lines.into_iter().map(at).collect()));
            break;
        }
    }
    accounts::close_session(app.db().begin(App::nobody(app.db()), None).await?, session).await?;
    outcome
}

async fn send(app: &App, who: &Credential, entry: Map<String, Value>) -> Result<(), Failure> {
    let mut entry = entry.into_iter();
    let (Some((mutation, input)), None) = (entry.next(), entry.next()) else {
        return Err(Failure::new("an entry is an object with exactly one key, the name of a mutation"));
    };
    let plain = mutation.chars().all(|c| c.is_ascii_alphanumeric());
    if !plain || mutation.is_empty() {
        return Err(Failure::new(format!("{mutation:?} is not the name of a mutation")));
    }
    let upper = mutation[..1].to_uppercase() + &mutation[1..];
    let document = format!(
        "mutation($input: {upper}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code message field }} }} }}"
    );
    let variables = serde_json::json!({ "input": input });
    let answer = app.answer_the_program(who, &document, variables).await?;
    let errors = answer["errors"].as_array().into_iter().flatten();
    let errors = errors.map(|e| format!("{mutation}: {}", e["message"].as_str().unwrap_or_default()));
    let refusals = answer["data"][&mutation]["userErrors"].as_array().cloned().unwrap_or_default();
    let refusals = refusals.iter().map(|r| {
        let field: Vec<&str> =
            r["field"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let (code, message) =
            (r["code"].as_str().unwrap_or_default(), r["message"].as_str().unwrap_or_default());
        format!("{mutation}: {}: {message} [{code}]", field.join("."))
    });
    let lines: Vec<String> = errors.chain(refusals).collect();
    if lines.is_empty() { Ok(()) } else { Err(Failure(lines)) }
}
