use std::sync::Arc;

use async_graphql::{Context, Description, Object};

use crate::auth::Actor;
use crate::error::Result;
use crate::graphql::{Front, Id};
use crate::id::Kind;
use crate::service::{self, ApiToken};

/// Whoever asks.
#[derive(Clone, Debug, Description)]
pub struct Viewer;

/// Your own account.
#[derive(Clone, Debug, Description)]
pub struct Account(Arc<Actor>);

#[Object(use_type_description)]
impl Viewer {
    /// Your account; null for anonymous viewers.
    async fn account(&self, ctx: &Context<'_>) -> Option<Account> {
        let actor = Front::of(ctx).actor();
        actor.is_signed_in().then(|| Account(Arc::new(actor.clone())))
    }

    /// Whether you hold the administrator's grant.
    async fn is_admin(&self, ctx: &Context<'_>) -> bool {
        Front::of(ctx).actor().is_admin
    }

    /// The ids of the operations that you manage.
    async fn managed_operations(&self, ctx: &Context<'_>) -> Vec<Id> {
        Front::of(ctx).actor().managed.iter().map(|id| Id(Kind::Operation, *id)).collect()
    }

    /// The seats that give you rights today, those handed down to sub-groups included.
    async fn seats(&self, ctx: &Context<'_>) -> Vec<ViewerSeat> {
        Front::of(ctx).actor().seats.iter().cloned().map(ViewerSeat).collect()
    }
}

/// A seat that gives you rights today.
#[derive(Clone, Debug, Description)]
pub struct ViewerSeat(crate::auth::Seat);

#[Object(use_type_description)]
impl ViewerSeat {
    /// The id of the group.
    async fn group(&self) -> Id {
        Id(Kind::Group, self.0.group_id)
    }

    /// The role.
    async fn role(&self) -> crate::membership::MembershipRole {
        self.0.role.into()
    }

    /// Whether it is handed down from a parent group, of which you are an officer.
    async fn is_inherited(&self) -> bool {
        self.0.is_inherited
    }
}

#[Object(use_type_description)]
impl Account {
    /// Its id.
    async fn id(&self) -> Option<Id> {
        self.0.account_id.map(|id| Id(Kind::Account, id))
    }

    /// The address you sign in with; null for the account of a service, which has none.
    async fn email(&self) -> Option<&str> {
        Some(self.0.email.as_str()).filter(|_| !self.0.is_service)
    }

    /// Whether it is the account of a service: a dashboard, a script.
    async fn is_service(&self) -> bool {
        self.0.is_service
    }

    /// Your tokens for programs, the latest first; a program sees the one that it sent.
    async fn api_tokens(&self, ctx: &Context<'_>) -> Result<Vec<ApiToken>> {
        service::tokens_of(ctx, self.0.account_id).await
    }

    /// Your name as shown.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// The id of your entry among the people, if there is one.
    async fn person(&self) -> Option<Id> {
        self.0.person_id.map(|id| Id(Kind::Person, id))
    }
}
