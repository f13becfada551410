//! The application: a database, a schema and keys; whatever asks, asks here.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Request, Response};
use chrono::{DateTime, Utc};

use crate::account::Limits;
use crate::account::store::{self as accounts, Credential, Remembered};
use crate::auth::token::{self, Keys};
use crate::auth::{Actor, Scope, api_token};
use crate::clock;
use crate::db::{Db, Once, Reader};
use crate::error::{Error, Result};
use crate::gate::{Checked, Gate, Manifest, Refused, Sent, Source};
use crate::graphql::errors::give_codes;
use crate::graphql::{Language, Moment, Origin, RequestId, Schema, json, schema, sdl_of, wanted};
use crate::openid::{Browser, OpenId};
use crate::reference::Lists;
use crate::service::store::token as api_tokens;
use uuid::Uuid;

/// What serves requests, over HTTP or from the command line.
pub struct App {
    db: Db,
    schema: Schema,
    gate: Gate,
    keys: Arc<Keys>,
    limits: Limits,
    openid: Arc<OpenId>,
    shows_statements: bool,
    /// Principals of API tokens.
    remembered: Remembered,
    /// API tokens whose last use is being written down just now.
    noting: Arc<Mutex<HashSet<Uuid>>>,
}

/// An idempotency key.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// The key, as the client chose it.
    pub key: String,
    /// What the request asks: the document, the operation, the variables.
    pub request: Vec<u8>,
}

/// The answer to a request.
pub struct Answered {
    /// The answer.
    pub response: Response,
    /// How many statements its reads cost.
    pub statements: u64,
    /// Whether it tells what an earlier request did under the same idempotency key.
    pub was_repeat: bool,
}

/// One GraphQL request.
pub struct Incoming {
    /// The operation and its variables, which the gate let pass.
    pub checked: Checked,
    /// The language of messages and labels.
    pub language: Language,
    /// If its mutations are to be done once: under which key, and what makes two requests the same.
    pub once: Option<Key>,
    /// Names the request in logs and change records.
    pub request_id: Option<String>,
    /// The address of the client; of none on the command line.
    pub client: Option<IpAddr>,
    /// What the client calls itself.
    pub agent: Option<String>,
    /// What the browser's cookie of a sign-in through OpenID Connect says.
    pub browser: Browser,
}

impl Incoming {
    /// A request that the program makes itself: on the command line there is no client.
    #[must_use]
    pub const fn of_the_program(checked: Checked) -> Self {
        Self {
            checked,
            language: Language::English,
            once: None,
            request_id: None,
            client: None,
            agent: None,
            browser: Browser(None),
        }
    }
}

impl App {
    /// Takes a database whose tables are up to date into service.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn new(db: Db) -> Result<Self> {
        let tx = db.begin(Self::nobody(&db), None).await?;
        let keys = accounts::signing_keys(tx).await?;
        db.refresh_zones().await?;
        let lists = Lists::load(&db).await?;
        let schema = schema(lists);
        let gate = Gate::new(&sdl_of(&schema)).map_err(|reason| {
            tracing::error!(%reason, "the schema cannot be read");
            Error::Internal
        })?;
        Ok(Self {
            db,
            schema,
            gate,
            keys: Arc::new(Keys::new(keys)),
            limits: Limits::default(),
            openid: Arc::default(),
            shows_statements: std::env::var_os("KAFO_TEST_STATEMENTS").is_some(),
            remembered: Remembered::default(),
            noting: Arc::default(),
        })
    }

    /// With other limits for failed sign-ins.
    #[must_use]
    pub const fn limited(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Reads the signing keys anew: another process may have rotated them.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn refresh_keys(&self) -> Result<()> {
        self.keys.replace(accounts::alive_keys(&self.db, clock::now()).await?);
        Ok(())
    }

    /// Forgets what nobody needs any more: sign-ins (see [`accounts::tidy_up`]) and idempotency keys.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn tidy_up(&self) -> Result<()> {
        let begin = || self.db.begin(Self::nobody(&self.db), None);
        accounts::tidy_up(begin().await?).await?;
        begin().await?.forget_keys().await
    }

    /// The same, trusting these issuers of OpenID Connect.
    #[must_use]
    pub fn with_openid(self, openid: OpenId) -> Self {
        Self { openid: Arc::new(openid), ..self }
    }

    /// The same, knowing the documents of a manifest. `is_all`: no other document runs.
    ///
    /// # Errors
    /// A sentence for each document that the schema does not take.
    pub fn with_manifest(self, manifest: Manifest, is_all: bool) -> Result<Self, Vec<String>> {
        Ok(Self { gate: self.gate.with_manifest(manifest, is_all)?, ..self })
    }

    /// The issuers of OpenID Connect that are trusted.
    #[must_use]
    pub fn openid(&self) -> &OpenId {
        &self.openid
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

    /// What a bearer token claims, verified as far as it can be without the database: a forged or
    /// mistyped one costs nobody a statement.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if the token cannot hold.
    pub async fn credential(&self, bearer: &str) -> Result<Credential> {
        if api_token::is_one(bearer) {
            let digest = api_token::check(bearer).ok_or(Error::Unauthenticated)?;
            return Ok(Credential::Token { digest });
        }
        if self.openid.is_for(bearer) {
            let (issuer, subject) = self.openid.verify(bearer, clock::now()).await?;
            return Ok(Credential::Identity { issuer, subject });
        }
        let now = clock::now();
        if self.keys.should_look_up(bearer, now) {
            self.refresh_keys().await?;
        }
        let (account, session) = token::verify(&self.keys, bearer, now)?;
        Ok(Credential::Session { account, session })
    }

    /// What whoever has this credential may read; of nobody without one.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if it does not hold.
    pub async fn scope(&self, who: Option<&Credential>) -> Result<Scope> {
        let (actor, _) = self.actor(who, clock::now()).await?;
        Ok(Scope::of(actor, self.db.dialect()))
    }

    /// Who asks, and how many statements it took to find out.
    async fn actor(&self, who: Option<&Credential>, now: DateTime<Utc>) -> Result<(Arc<Actor>, u64)> {
        let Some(credential) = who else { return Ok((Arc::new(Actor::anonymous(now.date_naive())), 0)) };
        let Credential::Token { digest } = credential else {
            return Ok((Arc::new(accounts::principal(&self.db, credential, now).await?), 1));
        };
        let read = accounts::principal(&self.db, credential, now);
        let (actor, was_read) = self.remembered.principal(digest, || self.db.writes(), read).await?;
        if was_read {
            self.note_use(&actor, now);
        }
        Ok((actor, was_read.into()))
    }

    /// Checks a document and its variables before anything runs.
    ///
    /// # Errors
    /// Why they are refused.
    pub fn check(
        &self,
        document: Source<'_>,
        operation: Option<&str>,
        variables: &Sent,
    ) -> Result<Checked, Refused> {
        self.gate.check(document, operation, variables)
    }

    /// Answers a request that the program makes itself, through the same gate: `data` and `errors` as a client gets
    /// them.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if the credential does not hold.
    pub async fn answer_the_program(
        &self,
        who: &Credential,
        document: &str,
        variables: serde_json::Value,
    ) -> Result<serde_json::Value> {
        let variables = variables.as_object().cloned().unwrap_or_default();
        match self.check(Source::Text(document), None, &variables) {
            Ok(checked) => {
                let answered = self.answer_for(Some(who), Incoming::of_the_program(checked)).await?;
                serde_json::from_slice(&json(answered.response)).map_err(|_| Error::Internal)
            }
            Err(refused) => Ok(serde_json::json!({ "errors": refused.errors() })),
        }
    }

    /// Answers a request of whoever has this credential. Keys of who is not signed in keep nothing: there is nobody
    /// whose repeat it could be.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if it does not hold.
    pub async fn answer_for(&self, who: Option<&Credential>, incoming: Incoming) -> Result<Answered> {
        let now = clock::now();
        let (actor, statements) = self.actor(who, now).await?;
        let keyed = incoming.once.filter(|_| !incoming.checked.is_query).zip(actor.account_id);
        let once = keyed.map(|(asked, account)| Arc::new(Once::new(account, &asked.key, &asked.request)));
        let scope = Scope::of(actor, self.db.dialect());
        let columns = wanted(&incoming.checked.named, &scope);
        let reader = Arc::new(Reader::new(self.db.clone(), scope, statements).of_columns(columns));
        let mut request = Request::new(String::new())
            .variables(incoming.checked.variables)
            .data(reader.clone())
            .data(Moment { now, language: incoming.language })
            .data(self.keys.clone())
            .data(self.limits)
            .data(Origin { address: incoming.client, agent: incoming.agent })
            .data(self.openid.clone())
            .data(incoming.browser);
        request.set_parsed_query(incoming.checked.document);
        if let Some(id) = &incoming.request_id {
            request = request.data(RequestId(id.clone()));
        }
        if let Some(once) = &once {
            request = request.data(once.clone());
        }
        let mut response = self.schema.execute(request).await;
        give_codes(&mut response.errors, incoming.request_id.as_deref());
        let was_repeat = once.is_some_and(|once| once.was_repeat());
        Ok(Answered { response, statements: reader.statements(), was_repeat })
    }

    /// Writes down that an API token is in use, at most once a minute and beside the request.
    fn note_use(&self, actor: &Actor, now: DateTime<Utc>) {
        let Some(token) = &actor.token else { return };
        let id = token.id;
        let noted = token.last_used_at.is_some_and(|at| at > now - api_tokens::NOTED_FOR);
        if noted || !self.noting.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            return;
        }
        let (db, noting) = (self.db.clone(), self.noting.clone());
        tokio::spawn(async move {
            // what fails is logged where it fails; the next request tries again
            let _ = api_tokens::note_use(&db, Self::nobody(&db), id).await;
            noting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        });
    }
}
