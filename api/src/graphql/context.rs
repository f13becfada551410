//! What a resolver may reach for. Nothing else is in the context.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::{Context, QueryPathSegment};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::Language;
use super::errors::RequestId;
use super::filter::Asking;
use crate::account::Limits;
use crate::auth::token::{Key, Keys};
use crate::auth::{Actor, Scope};
use crate::db::{Once, Reader, Tx};
use crate::error::Result;

/// What every request carries besides its reader.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The instant at which the request came in, UTC.
    pub now: DateTime<Utc>,
    /// The language of messages and labels.
    pub language: Language,
}

/// Where a request came from, as far as the server can tell.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The address of the client: of the other end of the connection, or of whom a trusted proxy speaks for.
    pub address: Option<IpAddr>,
    /// What the client calls itself (`User-Agent`).
    pub agent: Option<String>,
}

/// The front desk: the request's reader, viewer, language and clock.
pub struct Front<'a> {
    context: &'a Context<'a>,
}

impl<'a> Front<'a> {
    /// Of a resolver's context.
    #[must_use]
    pub const fn of(context: &'a Context<'a>) -> Self {
        Self { context }
    }

    pub(super) const fn context(&self) -> &'a Context<'a> {
        self.context
    }

    /// The request's reads.
    #[must_use]
    pub fn reader(&self) -> &'a Reader {
        self.context.data_unchecked::<Arc<Reader>>()
    }

    /// What the viewer may read.
    #[must_use]
    pub fn scope(&self) -> &'a Scope {
        self.reader().scope()
    }

    /// Who is asking.
    #[must_use]
    pub fn actor(&self) -> &'a Actor {
        self.scope().actor()
    }

    /// The language of messages and labels.
    #[must_use]
    pub fn language(&self) -> Language {
        self.context.data_unchecked::<Moment>().language
    }

    /// The instant of the request, UTC.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.context.data_unchecked::<Moment>().now
    }

    /// Today in an operation's time zone.
    #[must_use]
    pub fn today(&self, operation: Uuid) -> NaiveDate {
        self.reader().db().today_in(operation, self.now())
    }

    /// What filters may know.
    #[must_use]
    pub fn asking(&self) -> Asking<'a> {
        Asking { scope: self.scope(), db: self.reader().db(), now: self.now(), as_of: None }
    }

    /// The key that signs access tokens.
    ///
    /// # Errors
    /// `Internal`: there is none.
    pub fn signing_key(&self) -> Result<Key> {
        self.context.data_unchecked::<Arc<Keys>>().signing()
    }

    /// Where the request came from.
    #[must_use]
    pub fn origin(&self) -> &'a Origin {
        self.context.data_unchecked::<Origin>()
    }

    /// How often a sign-in may fail.
    #[must_use]
    pub fn limits(&self) -> Limits {
        *self.context.data_unchecked::<Limits>()
    }

    /// Opens a transaction for the viewer, in which the mutation is done once if the request has an idempotency key.
    ///
    /// # Errors
    /// See [`Tx::once`]; `Internal`, logged.
    pub async fn begin(&self) -> Result<Tx> {
        let tx = self.begin_apart().await?;
        match self.context.data_opt::<Arc<Once>>() {
            Some(once) => tx.once(once, self.place()).await,
            None => Ok(tx),
        }
    }

    /// Opens a transaction of which no idempotency key keeps anything: for what belongs to a sign-in. It comes with
    /// secrets or answers with them, and what may be done once only sees to that itself.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn begin_apart(&self) -> Result<Tx> {
        self.begin_in(self.scope().clone()).await
    }

    /// The response key of the field of the root under which all this happens.
    fn place(&self) -> &'a str {
        let mut node = self.context.path_node.as_ref();
        while let Some(parent) = node.and_then(|node| node.parent) {
            node = Some(parent);
        }
        match node.map(|node| node.segment) {
            Some(QueryPathSegment::Name(name)) => name,
            _ => "",
        }
    }

    /// Opens a transaction for somebody who has just proved to be the owner of this account, so that
    /// the record names them. It has none of the rights of their seats.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn begin_as(&self, account: Uuid) -> Result<Tx> {
        let actor = Actor { account_id: Some(account), ..Actor::anonymous(self.now().date_naive()) };
        self.begin_in(Scope::of(Arc::new(actor), self.reader().db().dialect())).await
    }

    async fn begin_in(&self, scope: Scope) -> Result<Tx> {
        let request_id = self.context.data_opt::<RequestId>().map(|id| id.0.clone());
        self.reader().db().begin(scope, request_id).await
    }
}
