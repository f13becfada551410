//! `kafo account`: make accounts, list them, help their owners back in, shut them out.

use std::io::Read;

use clap::{Args, Subcommand};

use super::{Failure, open_current, sound};
use crate::account::store::{self, Grant, New};
use crate::app::App;
use crate::config::DatabaseOption;
use crate::db::Tx;
use crate::id::{self, Kind};

#[derive(Subcommand)]
pub enum Account {
    /// Make an account. The password is read from standard input, so that no list of processes shows it.
    Create(Create),
    /// List the accounts and their grants.
    List {
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Print a one-time token for somebody who forgot the password. It holds 60 minutes; earlier ones hold no more.
    Reset {
        #[command(flatten)]
        which: Which,
        /// Remove the second factor, too: authenticator and recovery codes are lost.
        #[arg(long)]
        second_factor: bool,
    },
    /// Shut somebody out: no sign-in holds any more, at once.
    Deactivate(Which),
    /// Let somebody in again.
    Activate(Which),
}

#[derive(Args)]
pub struct Which {
    /// The address of the account.
    #[arg(long)]
    email: String,
    #[command(flatten)]
    database: DatabaseOption,
}

impl Which {
    async fn begin(&self) -> Result<Tx, Failure> {
        sound(&self.database)?;
        let db = open_current(&self.database.url).await?;
        Ok(db.begin(App::nobody(&db), None).await?)
    }
}

#[derive(Args)]
pub struct Create {
    /// The address to sign in with.
    #[arg(long)]
    email: String,
    /// The name shown.
    #[arg(long)]
    name: String,
    /// The id of the person (`per_…`): the account gets the rights of the person's memberships.
    #[arg(long, value_name = "ID")]
    person: Option<String>,
    /// Grant the platform: configures, merges, grants; reads no group's content.
    #[arg(long)]
    admin: bool,
    /// Grant an operation, by id (`opn_…`). May be repeated.
    #[arg(long, value_name = "ID")]
    operation_manager: Vec<String>,
    /// Read the password from standard input (the default; said for clarity in scripts).
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    database: DatabaseOption,
}

pub async fn run(command: Account) -> Result<(), Failure> {
    match command {
        Account::Create(create) => self::create(create).await,
        Account::List { database } => {
            sound(&database)?;
            let db = open_current(&database.url).await?;
            for account in store::list(&db).await? {
                let id = Kind::Account.id(account.id);
                println!("{id}  {}  {}  {}", account.email, account.display_name, account.grants.join(", "));
            }
            Ok(())
        }
        Account::Reset { which, second_factor } => {
            let issued = store::issue_reset_for(which.begin().await?, &which.email, second_factor).await?;
            println!("{}", issued.token);
            eprintln!(
                "Give it to the owner of the account and to nobody else. passwordReset takes it once, until {}.",
                issued.expires_at.format("%Y-%m-%d %H:%M UTC")
            );
            Ok(())
        }
        Account::Deactivate(which) => set_active(&which, false).await,
        Account::Activate(which) => set_active(&which, true).await,
    }
}

async fn set_active(which: &Which, active: bool) -> Result<(), Failure> {
    let id = store::set_active(which.begin().await?, &which.email, active).await?;
    println!("{}  {}", Kind::Account.id(id), if active { "active" } else { "inactive" });
    Ok(())
}

async fn create(input: Create) -> Result<(), Failure> {
    sound(&input.database)?;
    let named = |id: &str, kind: Kind| match Kind::parse(id) {
        Some((found, uuid)) if found == kind => Ok(uuid),
        _ => Err(Failure::new(format!("{id:?} is not the id of a {} ({}_…)", kind.name(), kind.prefix()))),
    };
    let person = input.person.as_deref().map(|id| named(id, Kind::Person)).transpose()?;
    let mut grants: Vec<Grant> = Vec::new();
    for id in &input.operation_manager {
        grants.push(Grant::OperationManager(named(id, Kind::Operation)?));
    }
    if input.admin {
        grants.push(Grant::Admin);
    }
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        eprintln!("Password (at least 15 characters), then Enter and Ctrl-D:");
    }
    let mut password = String::new();
    let read = std::io::stdin().read_to_string(&mut password);
    read.map_err(|_| Failure::new("the password cannot be read from standard input"))?;
    let db = open_current(&input.database.url).await?;
    let tx = db.begin(App::nobody(&db), None).await?;
    let new = New {
        id: id::new(),
        email: input.email,
        display_name: input.name,
        password: password.trim_end_matches(['\r', '\n']).into(),
        person,
        grants,
    };
    let id = store::create(tx, new).await?;
    println!("{}", Kind::Account.id(id));
    Ok(())
}
