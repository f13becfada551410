//! The command line.

mod account;
mod demo;
mod erasures;
mod import;
mod keys;
mod memberships;
mod schema;
mod serve;
mod token;

use std::num::NonZeroU16;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::App;
use crate::config::{DatabaseOption, Options};
use crate::db::Db;
use crate::error::Error;
use crate::graphql::{Language, message};

/// Kafo: the shared record of interagency coordination, over GraphQL.
///
/// Who belongs to a cluster or working group, who met, what was agreed, and what became of it.
#[derive(Parser)]
#[command(name = "kafo", version, after_help = "Try it: kafo demo")]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API; brings the tables up to date first.
    Serve(Options),
    /// Load the example data into a fresh SQLite file and serve it.
    Demo(demo::DemoOptions),
    /// Look after the tables.
    #[command(subcommand)]
    Migrate(Migrate),
    /// Print the GraphQL schema, or say what has changed in it.
    Schema {
        #[command(subcommand)]
        command: Option<schema::Schema>,
    },
    /// Look after accounts.
    #[command(subcommand)]
    Account(account::Account),
    /// Look after the tokens of programs.
    #[command(subcommand)]
    Token(token::Token),
    /// Carry the ledger of erasures outside the database, and back after a restore.
    #[command(subcommand)]
    Erasures(erasures::Erasures),
    /// Look after the keys that sign access tokens.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Bring data in.
    #[command(subcommand)]
    Import(import::Import),
}

#[derive(Subcommand)]
enum Migrate {
    /// Bring the tables up to date, reference lists included. May be repeated.
    Up {
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Say which migrations have run.
    Status {
        #[command(flatten)]
        database: DatabaseOption,
    },
}

/// Runs what the command line says.
pub async fn run() -> ExitCode {
    let line = Line::parse();
    logging();
    let outcome = match line.command {
        Command::Serve(options) => serve::serve(&options).await,
        Command::Demo(options) => demo::run(options).await,
        Command::Migrate(Migrate::Up { database }) => migrate_up(&database).await,
        Command::Migrate(Migrate::Status { database }) => migrate_status(&database).await,
        Command::Schema { command } => schema::run(command),
        Command::Account(command) => account::run(command).await,
        Command::Token(command) => token::run(command).await,
        Command::Erasures(command) => erasures::run(command).await,
        Command::Keys(command) => keys::run(command).await,
        Command::Import(command) => import::run(command).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(lines)) => {
            for line in lines {
                eprintln!("kafo: {line}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Why a command stopped, for whoever typed it: one line or more.
pub struct Failure(pub Vec<String>);

impl Failure {
    fn new(line: impl Into<String>) -> Self {
        Self(vec![line.into()])
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(match error {
            Error::Refused(refusal) => {
                let sentence = message::sentence(&refusal.why, Language::English);
                let code = message::code(&refusal.why);
                if refusal.field.is_empty() {
                    format!("{sentence} [{code}]")
                } else {
                    format!("{}: {sentence} [{code}]", refusal.field.join("."))
                }
            }
            Error::BadArgument { argument, .. } => format!("the value of {argument} cannot be used"),
            Error::Unauthenticated => "this account may not sign in".to_owned(),
            // on the command line there are no such keys
            Error::Done(_) | Error::OtherRequest | Error::Internal => {
                "something went wrong; the log above says what".to_owned()
            }
        })
    }
}

/// Logs go to standard error: `KAFO_LOG` filters them (default `info`), `KAFO_LOG_FORMAT=json` makes
/// them lines of JSON.
fn logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("KAFO_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn,sea_orm_migration=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("KAFO_LOG_FORMAT").is_ok_and(|f| f == "json") {
        builder.json().init();
    } else {
        builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init();
    }
}

/// Opens a database.
async fn open(url: &str, connections: NonZeroU16) -> Result<Db, Failure> {
    Db::open(url, connections).await.map_err(|e| {
        // the driver's words, without the URL, which may hold a password
        Failure::new(format!("cannot open the database: {}", e.to_string().replace(url, "(the URL)")))
    })
}

/// Opens a database and brings its tables and reference lists up to date.
async fn open_current(url: &str) -> Result<Db, Failure> {
    open_current_with(url, Db::CONNECTIONS).await
}

/// The same, with at most so many connections.
async fn open_current_with(url: &str, connections: NonZeroU16) -> Result<Db, Failure> {
    let db = open(url, connections).await?;
    db.migrate().await.map_err(|e| Failure::new(format!("cannot bring the tables up to date: {e}")))?;
    let tx = db.begin(App::nobody(&db), None).await?;
    crate::reference::seed(&tx).await?;
    crate::place::seed(&tx).await?;
    tx.commit_unrecorded().await?;
    Ok(db)
}

fn sound(database: &DatabaseOption) -> Result<(), Failure> {
    database.mistake().map_or(Ok(()), |mistake| Err(Failure::new(mistake)))
}

async fn migrate_up(database: &DatabaseOption) -> Result<(), Failure> {
    sound(database)?;
    open_current(&database.url).await?;
    println!("The tables are up to date.");
    Ok(())
}

async fn migrate_status(database: &DatabaseOption) -> Result<(), Failure> {
    sound(database)?;
    let db = open(&database.url, Db::CONNECTIONS).await?;
    let all = db.migrations().await.map_err(|e| Failure::new(format!("cannot read the migrations: {e}")))?;
    for (name, has_run) in all {
        println!("{name}  {}", if has_run { "done" } else { "not yet" });
    }
    Ok(())
}
