//! The application: a database, a schema and keys; whatever asks, asks here.

use std::sync::Arc;

use crate::account::store::{self as accounts, Credential};
use crate::auth::token::{self, Key};
use crate::auth::{Actor, Scope};
use crate::clock;
use crate::db::{Db, Reader};
use crate::error::Result;
use crate::graphql::{Language, Moment, RequestId, Schema, schema};
use crate::reference::Lists;
use async_graphql::{Request, Response, Variables};

/// What serves requests, over HTTP or from the command line.
pub struct App {
    db: Db,
    schema: Schema,
    keys: Arc<Vec<Key>>,
    shows_statements: bool,
}

/// One GraphQL request.
pub struct Incoming {
    /// The document.
    pub document: String,
    /// Its variables.
    pub variables: Variables,
    /// Which of its operations.
    pub operation: Option<String>,
    /// The language of messages and labels.
    pub language: Language,
    /// Names the request in logs and change records.
    pub request_id: Option<String>,
}

impl App {
    /// Takes a database whose tables are up to date into service.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn new(db: Db) -> Result<Self> {
        let tx = db.begin(Self::nobody(&db), None).await?;
        let keys = accounts::signing_keys(&db, tx).await?;
        db.refresh_zones().await?;
        let lists = Lists::load(&db).await?;
        Ok(Self {
            db,
            schema: schema(lists),
            keys: Arc::new(keys),
            shows_statements: std::env::var_os("KAFO_TEST_STATEMENTS").is_some(),
        })
    }

    /// The scope of nobody in particular.
    #[must_use]
    pub fn nobody(db: &Db) -> Scope {
        Scope::of(Arc::new(Actor::anonymous(clock::now().date_naive())), db.dialect())
    }

    /// The database.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// Whether answers say how many statements they cost (for tests).
    #[must_use]
    pub const fn shows_statements(&self) -> bool {
        self.shows_statements
    }

    /// Answers a request of whoever holds this access token; the answer and its read statements.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if the token does not hold.
    pub async fn answer(&self, bearer: Option<&str>, incoming: Incoming) -> Result<(Response, u64)> {
        let who = bearer.map(|token| self.credential(token)).transpose()?;
        self.answer_for(who.as_ref(), incoming).await
    }

    /// What a bearer token claims, verified as far as it can be without the database.
    fn credential(&self, bearer: &str) -> Result<Credential> {
        let (account, session) = token::verify(&self.keys, bearer)?;
        Ok(Credential::Session { account, session })
    }

    /// The same for a credential that has been verified already.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if it does not hold.
    pub async fn answer_for(&self, who: Option<&Credential>, incoming: Incoming) -> Result<(Response, u64)> {
        let now = clock::now();
        let (actor, statements) = match who {
            None => (Actor::anonymous(now.date_naive()), 0),
            Some(credential) => (accounts::principal(&self.db, credential, now).await?, 1),
        };
        let scope = Scope::of(Arc::new(actor), self.db.dialect());
        let reader = Arc::new(Reader::new(self.db.clone(), scope, statements));
        let mut request = Request::new(incoming.document)
            .variables(incoming.variables)
            .data(reader.clone())
            .data(Moment { now, language: incoming.language })
            .data(self.keys.clone());
        if let Some(operation) = incoming.operation {
            request = request.operation_name(operation);
        }
        if let Some(id) = incoming.request_id {
            request = request.data(RequestId(id));
        }
        let response = self.schema.execute(request).await;
        Ok((response, reader.statements()))
    }
}
