//! A browser's way: here, to the issuer, back with a code, and on to a page that turns a code of ours into a
//! sign-in or a link.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::openid_flow::Model;
use openidconnect::url::form_urlencoded;
use uuid::Uuid;

use super::client::{self, Arrival, Returned};
use super::issuer::Issuer;
use super::store::{self, Linked};
use super::types::OpenidIssuer;
use super::{Browser, CALLBACK, OpenId, START, rules};
use crate::app::App;
use crate::auth::token;
use crate::clock;
use crate::db::{Change, Tx};
use crate::error::{Error, Result};
use crate::id;

/// How long somebody may take at the issuer.
pub const LIFE: TimeDelta = TimeDelta::minutes(10);
/// How long a page may take to exchange its code.
const CODE_LIFE: TimeDelta = TimeDelta::minutes(2);

/// Why a browser does not get on. What is said about it tells nothing of the inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No issuer of this name is configured for browsers.
    NoIssuer,
    /// The way back is not on this host.
    BadReturn,
    /// The issuer does not answer.
    Unreachable,
    /// Unknown, used up, too late, or begun in another browser.
    Lost,
    /// The issuer says no, or the person did.
    Declined,
    /// What the issuer says does not hold.
    Untrusted,
    /// Nobody here is linked to this identity.
    NotLinked,
    /// The account that is linked to it may not sign in.
    Inactive(Uuid),
    /// Ours; logged.
    Internal,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated => Self::Lost,
            _ => Self::Internal,
        }
    }
}

/// A browser on its way to the issuer.
pub struct Started {
    /// Where it goes.
    pub location: String,
    /// The secret that its cookie keeps.
    pub browser: String,
}

/// What came back with the browser.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Callback {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Begins a sign-in. Without a name the only issuer is meant.
///
/// # Errors
/// See [`Trouble`].
pub async fn start(app: &App, issuer: Option<&str>, return_to: Option<&str>) -> Result<Started, Trouble> {
    let return_to = rules::path(return_to.unwrap_or("/")).ok_or(Trouble::BadReturn)?;
    let openid = app.openid();
    let url = issuer.or_else(|| openid.only_issuer()).ok_or(Trouble::NoIssuer)?;
    let (departure, flow) = prepare(openid, url).await?;
    let browser = token::random();
    let tx = begin(app).await?;
    let now = tx.now();
    let row = Model {
        id: id::new(),
        state_digest: token::digest(&departure.state),
        browser_digest: Some(token::digest(&browser)),
        return_to: Some(return_to.to_owned()),
        created_at: now,
        expires_at: now + LIFE,
        ..flow
    };
    store::insert(&tx, row).await?;
    tx.commit_unrecorded().await?;
    Ok(Started { location: departure.location, browser })
}

/// Goes on with a link that a signed-in person began (`openidLinkStart`): once.
///
/// # Errors
/// See [`Trouble`].
pub async fn start_link(app: &App, ticket: &str) -> Result<Started, Trouble> {
    let tx = begin(app).await?;
    let flow = store::redeem_ticket(&tx, ticket).await?;
    // what the issuer is asked must not keep others from writing
    tx.commit_unrecorded().await?;
    let (departure, fresh) = prepare(app.openid(), &flow.issuer).await?;
    let browser = token::random();
    let tx = begin(app).await?;
    let row = Model {
        state_digest: token::digest(&departure.state),
        browser_digest: Some(token::digest(&browser)),
        nonce: fresh.nonce,
        verifier: fresh.verifier,
        ..flow
    };
    store::insert(&tx, row).await?;
    tx.commit_unrecorded().await?;
    Ok(Started { location: departure.location, browser })
}

/// Takes a browser back from the issuer: where it goes now, with a code of ours that a page exchanges. The
/// code stands behind `#`, so that no server and no log sees it; tokens never stand in an address.
///
/// # Errors
/// See [`Trouble`].
pub async fn finish(app: &App, browser: &Browser, callback: &Callback) -> Result<String, Trouble> {
    let state = callback.state.as_deref().ok_or(Trouble::Lost)?;
    let browser = browser.0.as_deref().ok_or(Trouble::Lost)?;
    let tx = begin(app).await?;
    let flow = store::take(&tx, state, browser).await?;
    tx.commit_unrecorded().await?;
    let went = welcome_back(app, &flow, callback).await;
    let account = match went {
        Err(Trouble::Declined | Trouble::Untrusted | Trouble::NotLinked) => Uuid::nil(),
        Err(Trouble::Inactive(account)) => account,
        _ => return went,
    };
    if flow.account_id.is_none() {
        store::record_failure(begin(app).await?, &flow.issuer, account).await?;
    }
    went
}

async fn welcome_back(app: &App, flow: &Model, callback: &Callback) -> Result<String, Trouble> {
    if callback.error.is_some() {
        return Err(Trouble::Declined);
    }
    let openid = app.openid();
    let (issuer, redirect) = openid.for_browsers(&flow.issuer)?;
    let now = clock::now();
    let known = issuer.known(None, now).await.ok_or(Trouble::Unreachable)?;
    // another issuer's answer must not pass for this one's (RFC 9207)
    let says_who = known.metadata.authorization_response_iss_parameter_supported;
    let other = match &callback.iss {
        Some(iss) => *iss != flow.issuer,
        None => says_who,
    };
    if other {
        return Err(Trouble::Untrusted);
    }
    let code = callback.code.as_deref().ok_or(Trouble::Lost)?;
    let returned = Returned { code, verifier: &flow.verifier, nonce: &flow.nonce };
    let arrival = client::arrive(issuer, &known, &redirect, returned, now).await.map_err(|why| {
        tracing::warn!(issuer = flow.issuer, why, "a sign-in through OpenID Connect failed");
        Trouble::Untrusted
    })?;
    let code = token::random();
    let tx = begin(app).await?;
    let is_sign_in = flow.account_id.is_none();
    let welcome = if is_sign_in { admit(&tx, &flow.issuer, &arrival).await? } else { None };
    store::arrived(&tx, flow.id, &arrival.subject, &code, CODE_LIFE).await?;
    match welcome {
        Some(change) => tx.commit(change).await.map(drop)?,
        None => tx.commit_unrecorded().await?,
    }
    let return_to = flow.return_to.as_deref().and_then(rules::path).unwrap_or("/");
    let what = if is_sign_in { "openid" } else { "openid-link" };
    Ok(format!("{return_to}#{what}={code}"))
}

/// Lets in whoever is linked to an account. Others only if somebody has invited the address that the issuer
/// vouches for, and no account has it yet: then the change that made them one.
async fn admit(tx: &Tx, issuer: &str, arrival: &Arrival) -> Result<Option<Change>, Trouble> {
    match store::account_of(tx, issuer, &arrival.subject).await? {
        Linked::Active(_) => Ok(None),
        Linked::Inactive(account) => Err(Trouble::Inactive(account)),
        Linked::Nobody => Ok(Some(store::welcome(tx, issuer, arrival).await?.ok_or(Trouble::NotLinked)?)),
    }
}

fn query(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

async fn begin(app: &App) -> Result<Tx> {
    app.db().begin(App::nobody(app.db()), None).await
}

/// What goes to the issuer, and the part of the flow that stays here.
async fn prepare(openid: &OpenId, url: &str) -> Result<(client::Departure, Model), Trouble> {
    let (issuer, redirect) = openid.for_browsers(url)?;
    let now = clock::now();
    let known = issuer.known(None, now).await.ok_or(Trouble::Unreachable)?;
    let departure = client::depart(issuer, &known, &redirect).ok_or(Trouble::Unreachable)?;
    let flow = store::blank(url, &departure, now);
    Ok((departure, flow))
}

impl OpenId {
    /// The issuers through which one may sign in, for everybody.
    pub(super) fn shown(&self) -> Vec<OpenidIssuer> {
        let for_browsers = self.issuers.iter().filter(|i| i.settings.client.is_some());
        for_browsers
            .map(|i| OpenidIssuer {
                issuer: i.settings.url.clone(),
                name: i.settings.name.clone(),
                sign_in_path: format!("{START}?{}", query("issuer", &i.settings.url)),
            })
            .collect()
    }

    /// Where a link begins, if there is such an issuer; a ticket is to follow.
    pub(super) fn link_address(&self, url: &str) -> Option<String> {
        self.for_browsers(url).ok()?;
        self.public_url.as_deref().map(|public| format!("{public}{START}?link="))
    }

    fn only_issuer(&self) -> Option<&str> {
        let mut all = self.issuers.iter().filter(|i| i.settings.client.is_some());
        let first = all.next()?;
        all.next().is_none().then_some(first.settings.url.as_str())
    }

    fn for_browsers(&self, url: &str) -> Result<(&Arc<Issuer>, String), Trouble> {
        let issuer = self.named(url).filter(|i| i.settings.client.is_some()).ok_or(Trouble::NoIssuer)?;
        let public = self.public_url.as_deref().ok_or(Trouble::NoIssuer)?;
        Ok((issuer, format!("{public}{CALLBACK}")))
    }
}
