use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::service_account::Model;
use entity::{account, api_token, api_token_limit, service_seat};

use super::{rules, store};
use crate::auth::api_token::named;
use crate::db::{SortKind, Window};
use crate::error::Result;
use crate::graphql::{DateTime, Direct, Front, Id, Noun, Relation, Shown, Written};
use crate::group::Group;
use crate::id::Kind;
use crate::membership::MembershipRole;
use crate::operation::Operation;

/// What an API token may be used for; never more than its account may.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::TokenScope")]
pub enum TokenScope {
    /// Reads, without contact points and join links. Every token has it.
    Read,
    /// Reads contact points, addresses of invitations and join links: what harms people if it leaks.
    Contacts,
    /// Writes operations, groups, organisations, people, reference lists.
    Directory,
    /// Gives, changes and ends memberships; invites; asks for seats.
    Memberships,
    /// Writes meetings, agendas, attendance, minutes (not reviewing, adopting or publishing them), recommendations, documents, announcements.
    Meetings,
    /// Writes and reports on follow-ups.
    FollowUps,
}

/// The account of a dashboard or script. Nobody signs in as it: it asks with API tokens. Visible to whoever manages it:
/// coordinators of its group, managers of its operation, administrators; and to itself.
#[derive(Clone, Debug, Description)]
pub struct ServiceAccountFields(Arc<Model>);

/// See [`ServiceAccountFields`].
pub type ServiceAccount = Written<ServiceAccountFields>;

impl Direct for ServiceAccountFields {}

impl ServiceAccountFields {
    fn account(&self, ctx: &Context<'_>) -> Option<Arc<account::Model>> {
        Front::of(ctx).reader().row(self.0.id)
    }
}

impl Shown for ServiceAccountFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Operation>("operation", "operation_id"),
            Relation::beside_row("name", "id", || Noun::leaf(&crate::account::TABLE))
                .also(&["isActive", "availableTransitions"]),
            Relation::many::<ServiceSeat>("seats", "account_id", |_| {
                Window::ascending("created_at", SortKind::Instant)
            }),
            Relation::many::<ApiToken>("apiTokens", "account_id", |_| Window {
                order: store::token::latest_first(),
                ..Window::default()
            }),
        ]
    }
}

#[Object(name = "ServiceAccount", use_type_description)]
impl ServiceAccountFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::ServiceAccount, self.0.id)
    }

    /// Its name.
    fn name(&self, ctx: &Context<'_>) -> Option<String> {
        self.account(ctx).map(|a| a.display_name.clone())
    }

    /// What it is for, and who looks after it.
    fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The group whose coordinators look after it; null if it is the operation's.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// The operation it belongs to.
    fn operation(&self, ctx: &Context<'_>) -> Option<Operation> {
        Front::of(ctx).one(self.0.operation_id)
    }

    /// What it may: seats like those of people.
    fn seats(&self, ctx: &Context<'_>) -> Result<Vec<ServiceSeat>> {
        Front::of(ctx).many(&*self.0, "seats")
    }

    /// Its tokens, the latest first, revoked and expired ones included.
    fn api_tokens(&self, ctx: &Context<'_>) -> Result<Vec<ApiToken>> {
        Front::of(ctx).many(&*self.0, "apiTokens")
    }

    /// Whether its tokens hold.
    fn is_active(&self, ctx: &Context<'_>) -> bool {
        self.account(ctx).is_some_and(|a| a.is_active)
    }

    /// The steps (mutations) that its state allows now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        let steps = rules::allowed(self.account(ctx).is_some_and(|a| a.is_active));
        Front::of(ctx).actor().steps(steps, &store::target(&self.0))
    }

    /// When it was entered, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed, UTC.
    fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}

/// A seat of a service: it may what people with this role in the group may, within the scopes of its token.
#[derive(Clone, Debug, Description)]
pub struct ServiceSeatFields(Arc<service_seat::Model>);

/// See [`ServiceSeatFields`].
pub type ServiceSeat = Written<ServiceSeatFields>;

impl Direct for ServiceSeatFields {}

impl Shown for ServiceSeatFields {
    type Row = service_seat::Model;

    fn of(row: Arc<service_seat::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![Relation::one::<Group>("group", "group_id")]
    }
}

#[Object(name = "ServiceSeat", use_type_description)]
impl ServiceSeatFields {
    /// The group; null if you may not see it.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// The role.
    fn role(&self) -> MembershipRole {
        self.0.role.into()
    }
}

/// A token with which a program asks. The token itself is shown once, when it is made. Visible to whose it is, and to
/// whoever manages the service; a program sees the one that it sent.
#[derive(Clone, Debug, Description)]
pub struct ApiTokenFields(Arc<api_token::Model>);

/// See [`ApiTokenFields`].
pub type ApiToken = Written<ApiTokenFields>;

impl Direct for ApiTokenFields {}

impl Shown for ApiTokenFields {
    type Row = api_token::Model;

    fn of(row: Arc<api_token::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![Relation::many::<ApiTokenLimit>("limits", "api_token_id", |_| Window::default())]
    }
}

#[Object(name = "ApiToken", use_type_description)]
impl ApiTokenFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::ApiToken, self.0.id)
    }

    /// What it is for, as whoever made it calls it.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// What it may be used for.
    fn scopes(&self) -> Vec<TokenScope> {
        named(&self.0.scopes).map(Into::into).collect()
    }

    /// Where it holds; empty: wherever its account has rights.
    fn limits(&self, ctx: &Context<'_>) -> Result<Vec<ApiTokenLimit>> {
        Front::of(ctx).many(&*self.0, "limits")
    }

    /// Whether it holds now: neither revoked nor expired. It does not either while its account is deactivated.
    fn is_active(&self, ctx: &Context<'_>) -> bool {
        self.0.revoked_at.is_none() && self.0.expires_at > Front::of(ctx).now()
    }

    /// Until when it holds, UTC.
    fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// When it was revoked, UTC.
    fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }

    /// When it was last used, UTC, to the minute; null: never.
    fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime)
    }

    /// When it was made, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed, UTC; being used is no change.
    fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// Counts its changes.
    fn version(&self) -> i32 {
        self.0.version
    }
}

/// A group, with its sub-groups, or an operation in which a token holds.
#[derive(Clone, Debug, Description)]
pub struct ApiTokenLimitFields(Arc<api_token_limit::Model>);

/// See [`ApiTokenLimitFields`].
pub type ApiTokenLimit = Written<ApiTokenLimitFields>;

impl Direct for ApiTokenLimitFields {}

impl Shown for ApiTokenLimitFields {
    type Row = api_token_limit::Model;

    fn of(row: Arc<api_token_limit::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Operation>("operation", "operation_id"),
        ]
    }
}

#[Object(name = "ApiTokenLimit", use_type_description)]
impl ApiTokenLimitFields {
    /// The group; null if it is an operation, or a group that you may not see.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// The operation; null if it is a group.
    fn operation(&self, ctx: &Context<'_>) -> Option<Operation> {
        Front::of(ctx).one(self.0.operation_id)
    }
}
