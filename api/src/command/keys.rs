//! `kafo keys`: the keys that sign access tokens.

use clap::Subcommand;

use super::{Failure, open_current, sound};
use crate::account::store;
use crate::app::App;
use crate::clock;
use crate::config::DatabaseOption;

#[derive(Subcommand)]
pub enum Keys {
    /// Make a new key. It signs from now on; the former one verifies until its last token has expired, 11 minutes
    /// later. Running servers learn of it within half a minute.
    Rotate {
        /// The former keys are known to somebody: no token of theirs holds any more once the running servers
        /// have learned of it. Clients refresh their sign-ins and go on.
        #[arg(long)]
        at_once: bool,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// List the keys, never their secrets.
    List {
        #[command(flatten)]
        database: DatabaseOption,
    },
}

pub async fn run(command: Keys) -> Result<(), Failure> {
    match command {
        Keys::Rotate { at_once, database } => {
            sound(&database)?;
            let db = open_current(&database.url).await?;
            let tx = db.begin(App::nobody(&db), None).await?;
            println!("{}", store::rotate_keys(tx, at_once).await?);
            Ok(())
        }
        Keys::List { database } => {
            sound(&database)?;
            let db = open_current(&database.url).await?;
            for key in store::list_keys(&db).await? {
                let since = key.created_at.format("%Y-%m-%d %H:%M:%S UTC");
                let state = match key.retired_at {
                    None => "signs".to_owned(),
                    Some(end) if end > clock::now() => {
                        format!("verifies until {}", end.format("%Y-%m-%d %H:%M:%S UTC"))
                    }
                    Some(end) => format!("retired {}", end.format("%Y-%m-%d %H:%M:%S UTC")),
                };
                println!("{}  since {since}  {state}", key.id);
            }
            Ok(())
        }
    }
}
