use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::session::Model;
use uuid::Uuid;

use crate::auth::Actor;
use crate::error::Result;
use crate::graphql::{DateTime, Direct, Front, Id, Relation, Shown, Written};
use crate::id::Kind;
use crate::openid::{self, OpenidIdentity};
use crate::service::{self, ApiToken};

/// Whoever asks.
#[derive(Clone, Debug, Description)]
pub struct ViewerFields(Arc<Own>);

/// See [`ViewerFields`].
pub type Viewer = Written<ViewerFields>;

impl Direct for ViewerFields {}

/// What is read of one's own account when it is asked for.
#[derive(Debug, Default)]
pub struct Own {
    /// The sign-ins that have not ended.
    pub sessions: Vec<Session>,
    /// Whether a second factor is in use.
    pub has_second_factor: bool,
    /// How many recovery codes are left.
    pub recovery_codes_left: u64,
}

impl Viewer {
    /// With what was asked for.
    pub fn new(own: Own) -> Self {
        Self(ViewerFields(Arc::new(own)))
    }
}

/// Your own account.
#[derive(Clone, Debug, Description)]
pub struct AccountFields(Arc<Actor>, Arc<Own>, Uuid);

/// See [`AccountFields`].
pub type Account = Written<AccountFields>;

impl Direct for AccountFields {}

#[Object(name = "Viewer", use_type_description)]
impl ViewerFields {
    /// Your account; null for anonymous viewers.
    fn account(&self, ctx: &Context<'_>) -> Option<Account> {
        let actor = Front::of(ctx).actor();
        actor.account_id.map(|id| Written(AccountFields(Arc::new(actor.clone()), self.0.clone(), id)))
    }

    /// Whether you hold the administrator's grant.
    fn is_admin(&self, ctx: &Context<'_>) -> bool {
        Front::of(ctx).actor().is_admin
    }

    /// The ids of the operations that you manage.
    fn managed_operations(&self, ctx: &Context<'_>) -> Vec<Id> {
        Front::of(ctx).actor().managed.iter().map(|id| Id(Kind::Operation, *id)).collect()
    }

    /// The seats that give you rights today, those handed down to sub-groups included.
    fn seats(&self, ctx: &Context<'_>) -> Vec<ViewerSeat> {
        Front::of(ctx).actor().seats.iter().cloned().map(|seat| Written(ViewerSeatFields(seat))).collect()
    }
}

/// A seat that gives you rights today.
#[derive(Clone, Debug, Description)]
pub struct ViewerSeatFields(crate::auth::Seat);

/// See [`ViewerSeatFields`].
pub type ViewerSeat = Written<ViewerSeatFields>;

impl Direct for ViewerSeatFields {}

#[Object(name = "ViewerSeat", use_type_description)]
impl ViewerSeatFields {
    /// The id of the group.
    fn group(&self) -> Id {
        Id(Kind::Group, self.0.group_id)
    }

    /// The role.
    fn role(&self) -> crate::membership::MembershipRole {
        self.0.role.into()
    }

    /// Whether it is handed down from a parent group, of which you are an officer.
    fn is_inherited(&self) -> bool {
        self.0.is_inherited
    }
}

#[Object(name = "Account", use_type_description)]
impl AccountFields {
    /// Its id.
    async fn id(&self) -> Id {
        Id(Kind::Account, self.2)
    }

    /// The address you sign in with; null for the account of a service, which has none.
    fn email(&self) -> Option<&str> {
        Some(self.0.email.as_str()).filter(|_| !self.0.is_service)
    }

    /// Whether it is the account of a service: a dashboard, a script.
    fn is_service(&self) -> bool {
        self.0.is_service
    }

    /// Your tokens for programs, the latest first; a program sees the one that it sent.
    async fn api_tokens(&self, ctx: &Context<'_>) -> Result<Vec<ApiToken>> {
        service::tokens_of(ctx, self.0.account_id).await
    }

    /// Your name as shown.
    fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// Who you are at issuers of OpenID Connect: by any of these you may sign in. Only you see them.
    async fn identities(&self, ctx: &Context<'_>) -> Result<Vec<OpenidIdentity>> {
        openid::identities(ctx).await
    }

    /// The id of your entry among the people, if there is one.
    fn person(&self) -> Option<Id> {
        self.0.person_id.map(|id| Id(Kind::Person, id))
    }

    /// Your sign-ins that have not ended, on whatever device, the latest first. Only you see them.
    fn sessions(&self) -> &[Session] {
        &self.1.sessions
    }

    /// Whether a sign-in needs the code of your authenticator, too.
    fn has_second_factor(&self) -> bool {
        self.1.has_second_factor
    }

    /// How many of your recovery codes have not been used.
    fn recovery_codes_left(&self) -> u64 {
        self.1.recovery_codes_left
    }
}

/// How somebody signed in.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::SessionMethod")]
pub enum SessionMethod {
    /// With e-mail address and password.
    Password,
    /// Through OpenID Connect.
    Openid,
    /// A command on the server itself, as long as it runs.
    CommandLine,
}

/// A sign-in of yours. It ends 14 days after its last refresh, 90 days after it began, or when you end it.
#[derive(Clone, Debug, Description)]
pub struct SessionFields(Arc<Model>);

/// See [`SessionFields`].
pub type Session = Written<SessionFields>;

impl Direct for SessionFields {}

impl Shown for SessionFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        Vec::new()
    }
}

#[Object(name = "Session", use_type_description)]
impl SessionFields {
    /// Its id, for `sessionRevoke`.
    async fn id(&self) -> Id {
        Id(Kind::Session, self.0.id)
    }

    /// How you signed in.
    fn method(&self) -> SessionMethod {
        self.0.method.into()
    }

    /// Whether your second factor was asked for, too.
    fn has_second_factor(&self) -> bool {
        self.0.second_factor
    }

    /// When you signed in, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was refreshed last, UTC; access tokens hold ten minutes from then.
    fn last_used_at(&self) -> DateTime {
        DateTime(self.0.last_used_at.unwrap_or(self.0.created_at))
    }

    /// Until when it can be refreshed, UTC.
    fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// What the client called itself (`User-Agent`), cut to 200 characters; null if it did not.
    fn client(&self) -> Option<&str> {
        self.0.client.as_deref()
    }

    /// Whether it is the one that asks.
    fn is_current(&self, ctx: &Context<'_>) -> bool {
        Front::of(ctx).actor().session_id == Some(self.0.id)
    }
}
