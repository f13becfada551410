//! `kafo token`: the first API token, before anybody can sign in to make one.

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use entity::api_token::Model;

use super::{Failure, open_current, sound};
use crate::app::App;
use crate::auth::api_token;
use crate::auth::token::digest;
use crate::config::DatabaseOption;
use crate::id;
use crate::service::store::token as store;
use crate::service::{checked_life, scopes_of};
use crate::text;

#[derive(Subcommand)]
pub enum Token {
    /// Make an API token for an account and print it. It is shown once.
    Create(Create),
}

#[derive(Args)]
pub struct Create {
    /// The account: the id of a service (`svc_…`), of an account (`acc_…`), or an e-mail address.
    #[arg(long, value_name = "EMAIL_OR_ID")]
    account: String,
    /// What the token is for.
    #[arg(long)]
    name: String,
    /// What it may be used for, besides READ: CONTACTS, DIRECTORY, MEMBERSHIPS, MEETINGS, `FOLLOW_UPS`. May be
    /// repeated.
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// For how many days it holds, at most 366.
    #[arg(long, default_value_t = 90)]
    days: u16,
    #[command(flatten)]
    database: DatabaseOption,
}

pub async fn run(command: Token) -> Result<(), Failure> {
    let Token::Create(input) = command;
    sound(&input.database)?;
    let scopes = scopes_of(&input.scope).map_err(|word| {
        Failure::new(format!(
            "{word:?} is no scope: READ, CONTACTS, DIRECTORY, MEMBERSHIPS, MEETINGS, FOLLOW_UPS"
        ))
    })?;
    let db = open_current(&input.database.url).await?;
    let tx = db.begin(App::nobody(&db), None).await?;
    let (account_id, service) = store::named(&tx, &input.account).await?;
    let token = api_token::new();
    let now = tx.now();
    let expires_at = now + TimeDelta::days(i64::from(input.days));
    checked_life(now, expires_at)?;
    let row = Model {
        id: id::new(),
        account_id,
        name: text::required(&input.name, text::LONGEST_NAME)?,
        digest: digest(&token),
        scopes,
        created_by_id: None,
        created_at: now,
        expires_at,
        revoked_at: None,
        last_used_at: None,
        version: 1,
        updated_at: now,
    };
    let change = store::enter(&tx, service.as_ref(), row, &store::Limits::default()).await?;
    tx.commit(change).await?;
    println!("{token}");
    Ok(())
}
