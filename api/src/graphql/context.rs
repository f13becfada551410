//! What a resolver may reach for. Nothing else is in the context.

use std::sync::Arc;

use async_graphql::Context;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::Language;
use super::errors::RequestId;
use super::filter::Asking;
use crate::auth::token::Key;
use crate::auth::{Actor, Scope};
use crate::db::{Reader, Tx};
use crate::error::{Error, Result};

/// What every request carries besides its reader.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The instant at which the request came in, UTC.
    pub now: DateTime<Utc>,
    /// The language of messages and labels.
    pub language: Language,
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
    pub fn signing_key(&self) -> Result<&'a Key> {
        self.context.data_unchecked::<Arc<Vec<Key>>>().first().ok_or(Error::Internal)
    }

    /// Opens a transaction for the viewer.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn begin(&self) -> Result<Tx> {
        let request_id = self.context.data_opt::<RequestId>().map(|id| id.0.clone());
        self.reader().db().begin(self.scope().clone(), request_id).await
    }
}
