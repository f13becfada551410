//! `kafo demo`: the example data in a fresh SQLite file, served.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde::Deserialize;

use super::serve::listen;
use super::{Failure, import, open_current};
use crate::account::store::{self as accounts, Grant, New};
use crate::app::App;
use crate::config::{DatabaseOption, HttpOptions, Options, SignInOptions};
use crate::db::Db;
use crate::id::{self, Kind};
use crate::openid::settings::Environment;

#[derive(Args)]
pub struct DemoOptions {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "KAFO_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: String,
    /// Load into this database, which must be empty, instead of a fresh temporary SQLite file.
    #[arg(long = "database", value_name = "URL")]
    database: Option<String>,
    /// Load the example data and stop, without serving.
    #[arg(long)]
    load_only: bool,
}

/// A line of `example/accounts.csv`.
#[derive(Deserialize)]
struct Line {
    email: String,
    name: String,
    /// The person's id, if the account has a seat somewhere.
    person: Option<String>,
    /// `admin`, `operation_manager` or nothing.
    grant: Option<String>,
    /// Who they are, for whoever tries the demo.
    who: String,
}

/// The password of every account of the demo. The data are examples: there is nothing to protect.
const PASSWORD: &str = "trois pirogues sur le Bani";
/// The operation of the example data.
const OPERATION: &str = "opn_00000000000070008000000000000001";
/// What is loaded, by whom. The same files may be loaded by `kafo import record --as EMAIL FILE`.
const FILES: &[(&str, &str, &str)] = &[
    ("example/1-operation.json", "admin@kafo.example", include_str!("../../../example/1-operation.json")),
    ("example/2-directory.json", "operation@kafo.example", include_str!("../../../example/2-directory.json")),
    (
        "example/3-early-recovery-2017-05-23.json",
        "coordinator@kafo.example",
        include_str!("../../../example/3-early-recovery-2017-05-23.json"),
    ),
    (
        "example/4-cash-2019-07-04.json",
        "cash@kafo.example",
        include_str!("../../../example/4-cash-2019-07-04.json"),
    ),
];
const ACCOUNTS: &str = include_str!("../../../example/accounts.csv");

pub async fn run(options: DemoOptions) -> Result<(), Failure> {
    let url = options.database.clone().unwrap_or_else(fresh_file);
    let read = Options {
        listen: options.listen.clone(),
        database: DatabaseOption { url: url.clone() },
        database_connections: Db::CONNECTIONS,
        sign_in: SignInOptions::default(),
        http: HttpOptions::default(),
        manifest: None,
        only_manifest: false,
        public_url: None,
        openid: Environment::default(),
    };
    let config = read.read().map_err(Failure)?;
    let db = open_current(&url).await?;
    if !accounts::list(&db).await?.is_empty() {
        return Err(Failure::new("this database is not empty; the demo loads only into an empty one"));
    }
    let app = Arc::new(App::new(db).await?);
    let lines: Vec<Line> =
        csv::Reader::from_reader(ACCOUNTS.as_bytes()).deserialize().filter_map(Result::ok).collect();
    for (name, email, text) in FILES {
        // an account can be made once its person or operation is there
        for line in lines.iter().filter(|l| l.email == *email) {
            ensure(&app, line).await?;
        }
        import::record(&app, email, name, text).await?;
    }
    for line in &lines {
        ensure(&app, line).await?;
    }
    if options.load_only {
        println!("The example data is in {url}");
        return Ok(());
    }
    listen(&config, app, |base| introduce(base, &url, &lines)).await
}

/// A file of its own for each demo, so that nothing of an earlier one shows.
fn fresh_file() -> String {
    let file: PathBuf = std::env::temp_dir().join(format!("kafo-demo-{}.db", id::new().simple()));
    format!("sqlite://{}", file.display())
}

async fn ensure(app: &App, line: &Line) -> Result<(), Failure> {
    if accounts::by_email(app.db(), &line.email).await.is_ok() {
        return Ok(());
    }
    let uuid = |text: &str| Kind::parse(text).map(|(_, uuid)| uuid);
    let grants = match line.grant.as_deref() {
        Some("admin") => vec![Grant::Admin],
        Some("operation_manager") => uuid(OPERATION).map(Grant::OperationManager).into_iter().collect(),
        _ => Vec::new(),
    };
    let new = New {
        id: id::new(),
        email: line.email.clone(),
        display_name: line.name.clone(),
        password: PASSWORD.into(),
        person: line.person.as_deref().and_then(uuid),
        grants,
    };
    accounts::create(app.db().begin(App::nobody(app.db()), None).await?, new).await?;
    Ok(())
}

/// What somebody who has never seen Kafo needs to try it.
fn introduce(base: &str, url: &str, lines: &[Line]) {
    let file = url.trim_start_matches("sqlite://");
    println!("\nThe example data: an early recovery cluster (2017) and a cash working group (2019) in Mali.");
    println!("Kept in {file} (delete it when you are done). Names of people are fictional.\n");
    println!("Explore it in a browser: {base}/\n");
    println!("Sign in with the password \"{PASSWORD}\" as:");
    for line in lines {
        println!("  {:32} {}", line.email, line.who);
    }
    println!("\nOr try from a shell. A token first:\n");
    println!(
        "  TOKEN=$(curl -s {base}/graphql -H 'content-type: application/json' -d '{{\"query\":\"mutation {{ signIn(input: {{email: \\\"member@kafo.example\\\", password: \\\"{PASSWORD}\\\"}}) {{ accessToken }} }}\"}}' | sed 's/.*\"accessToken\":\"\\([^\"]*\\)\".*/\\1/')"
    );
    for (title, query) in QUERIES {
        println!("\n{title}\n");
        println!(
            "  curl -s {base}/graphql -H \"authorization: Bearer $TOKEN\" -H 'content-type: application/json' -d '{{\"query\":\"{query}\"}}'"
        );
    }
    println!("\nCtrl-C stops it.");
}

/// One line for each kind of user.
const QUERIES: &[(&str, &str)] = &[
    (
        "A partner's dashboard: open actions, the most urgent first.",
        "{ openActions(first: 50) { totalCount nodes { text status dueOn dueText group { name } assignments { writtenAs organisation { acronym name } } } } }",
    ),
    (
        "A tool of OCHA: the outcomes of meetings.",
        "{ meetings(first: 10) { nodes { heldOn title group { name } agendaItems { position title status recommendations { kind text status } followUps { text status dueText } } } } }",
    ),
    (
        "An administrator's script: who belongs to which group.",
        "{ memberships(first: 100) { nodes { role group { name } organisation { acronym name } person { displayName } fundedBy { acronym } handover { state } } } }",
    ),
];
