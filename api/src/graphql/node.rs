//! `node` and `nodes`: whatever has an id, by its id.

use std::collections::BTreeMap;

use async_graphql::{Context, Interface, Object, SelectionField};
use uuid::Uuid;

use super::prefetch::by_ids;
use super::shown::Shown;
use super::{Front, Id};
use crate::agenda::AgendaItem;
use crate::announcement::Announcement;
use crate::attendance::Attendance;
use crate::audit::{self, AuditEntry};
use crate::break_glass::BreakGlass;
use crate::db::{Row, Table};
use crate::document::Document;
use crate::error::{Error, Result};
use crate::follow_up::FollowUp;
use crate::group::Group;
use crate::id::Kind;
use crate::invitation::Invitation;
use crate::meeting::{Meeting, MeetingSeries};
use crate::membership::Membership;
use crate::membership_request::MembershipRequest;
use crate::minutes::Minutes;
use crate::operation::Operation;
use crate::organisation::Organisation;
use crate::person::Person;
use crate::place::Place;
use crate::recommendation::Recommendation;
use crate::referral::Referral;
use crate::review::Review;
use crate::service::{ApiToken, ServiceAccount};

/// Whatever has an id.
#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "Id", desc = "Its id: opaque, stable, unique over all kinds."))]
pub enum Node {
    /// An operation.
    Operation(Operation),
    /// A group.
    Group(Group),
    /// An organisation.
    Organisation(Organisation),
    /// A person.
    Person(Person),
    /// A membership.
    Membership(Membership),
    /// A meeting series.
    MeetingSeries(MeetingSeries),
    /// A meeting.
    Meeting(Meeting),
    /// An agenda item.
    AgendaItem(AgendaItem),
    /// A line of an attendance list.
    Attendance(Attendance),
    /// Minutes.
    Minutes(Minutes),
    /// A recommendation.
    Recommendation(Recommendation),
    /// A follow-up.
    FollowUp(FollowUp),
    /// A review.
    Review(Review),
    /// A referral.
    Referral(Referral),
    /// An announcement.
    Announcement(Announcement),
    /// A document.
    Document(Document),
    /// A place.
    Place(Place),
    /// An account of a program.
    ServiceAccount(ServiceAccount),
    /// A token of a program.
    ApiToken(ApiToken),
    /// An invitation.
    Invitation(Invitation),
    /// A membership request.
    MembershipRequest(MembershipRequest),
    /// A break-glass access.
    BreakGlass(BreakGlass),
    /// An entry of the audit log.
    AuditEntry(AuditEntry),
}

/// `node` and `nodes`.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Whatever has this id; null if there is none or you may not see it.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: Id) -> Result<Option<Node>> {
        Ok(read(ctx, &[id]).await?.pop().flatten())
    }

    /// Whatever has these ids, at most 100, in their order; null for what is missing or hidden.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their ids, at most 100.")] ids: Vec<Id>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > 100 {
            return Err(Error::BadArgument { reason: "LIST_TOO_LONG", argument: "ids".into() });
        }
        read(ctx, &ids).await
    }
}

/// One statement for each kind among the ids.
async fn read(ctx: &Context<'_>, ids: &[Id]) -> Result<Vec<Option<Node>>> {
    let front = Front::of(ctx);
    let mut kinds: BTreeMap<Kind, Vec<Uuid>> = BTreeMap::new();
    for Id(kind, uuid) in ids {
        kinds.entry(*kind).or_default().push(*uuid);
    }
    for (kind, uuids) in kinds {
        fetch(&front, kind, &uuids, &[ctx.field()]).await?;
    }
    Ok(ids.iter().map(|id| shown(&front, *id)).collect())
}

/// Reads rows of one kind with what is selected of them; what is missing or hidden stays out.
///
/// # Errors
/// As [`by_ids`].
pub async fn fetch(front: &Front<'_>, kind: Kind, ids: &[Uuid], fields: &[SelectionField<'_>]) -> Result<()> {
    match kind {
        Kind::Operation => by_ids::<Operation>(front, ids, fields).await,
        Kind::Group => by_ids::<Group>(front, ids, fields).await,
        Kind::Organisation => by_ids::<Organisation>(front, ids, fields).await,
        Kind::Person => by_ids::<Person>(front, ids, fields).await,
        Kind::Membership => by_ids::<Membership>(front, ids, fields).await,
        Kind::MeetingSeries => by_ids::<MeetingSeries>(front, ids, fields).await,
        Kind::Meeting => by_ids::<Meeting>(front, ids, fields).await,
        Kind::AgendaItem => by_ids::<AgendaItem>(front, ids, fields).await,
        Kind::Attendance => by_ids::<Attendance>(front, ids, fields).await,
        Kind::Minutes => by_ids::<Minutes>(front, ids, fields).await,
        Kind::Recommendation => by_ids::<Recommendation>(front, ids, fields).await,
        Kind::FollowUp => by_ids::<FollowUp>(front, ids, fields).await,
        Kind::Review => by_ids::<Review>(front, ids, fields).await,
        Kind::Referral => by_ids::<Referral>(front, ids, fields).await,
        Kind::Announcement => by_ids::<Announcement>(front, ids, fields).await,
        Kind::Document => by_ids::<Document>(front, ids, fields).await,
        Kind::Place => by_ids::<Place>(front, ids, fields).await,
        Kind::ServiceAccount => by_ids::<ServiceAccount>(front, ids, fields).await,
        Kind::ApiToken => by_ids::<ApiToken>(front, ids, fields).await,
        Kind::Invitation => by_ids::<Invitation>(front, ids, fields).await,
        Kind::MembershipRequest => by_ids::<MembershipRequest>(front, ids, fields).await,
        Kind::BreakGlass => by_ids::<BreakGlass>(front, ids, fields).await,
        Kind::AuditEntry => Box::pin(audit::by_ids(front, ids, fields)).await,
        // reached through their follow-up, and by `viewer`
        Kind::Assignment | Kind::Account | Kind::Session | Kind::OpenidIdentity => Ok(()),
    }
}

/// The object of a row that was read; `None` if there is none or it is hidden.
#[must_use]
pub fn shown(front: &Front<'_>, Id(kind, uuid): Id) -> Option<Node> {
    fn one<T: Shown>(front: &Front<'_>, uuid: Uuid, node: fn(T) -> Node) -> Option<Node> {
        front.one::<T>(uuid).map(node)
    }
    match kind {
        Kind::Operation => one(front, uuid, Node::Operation),
        Kind::Group => one(front, uuid, Node::Group),
        Kind::Organisation => one(front, uuid, Node::Organisation),
        Kind::Person => one(front, uuid, Node::Person),
        Kind::Membership => one(front, uuid, Node::Membership),
        Kind::MeetingSeries => one(front, uuid, Node::MeetingSeries),
        Kind::Meeting => one(front, uuid, Node::Meeting),
        Kind::AgendaItem => one(front, uuid, Node::AgendaItem),
        Kind::Attendance => one(front, uuid, Node::Attendance),
        Kind::Minutes => one(front, uuid, Node::Minutes),
        Kind::Recommendation => one(front, uuid, Node::Recommendation),
        Kind::FollowUp => one(front, uuid, Node::FollowUp),
        Kind::Review => one(front, uuid, Node::Review),
        Kind::Referral => one(front, uuid, Node::Referral),
        Kind::Announcement => one(front, uuid, Node::Announcement),
        Kind::Document => one(front, uuid, Node::Document),
        Kind::Place => one(front, uuid, Node::Place),
        Kind::ServiceAccount => one(front, uuid, Node::ServiceAccount),
        Kind::ApiToken => one(front, uuid, Node::ApiToken),
        Kind::Invitation => one(front, uuid, Node::Invitation),
        Kind::MembershipRequest => one(front, uuid, Node::MembershipRequest),
        Kind::BreakGlass => one(front, uuid, Node::BreakGlass),
        Kind::AuditEntry => one(front, uuid, Node::AuditEntry),
        Kind::Assignment | Kind::Account | Kind::Session | Kind::OpenidIdentity => None,
    }
}

/// The table of a kind; `None` for what is reached through something else only.
pub fn table(kind: Kind) -> Option<&'static Table> {
    const fn of<T: Shown>() -> fn() -> &'static Table {
        <T::Row as Row>::table
    }
    let table = match kind {
        Kind::Operation => of::<Operation>(),
        Kind::Group => of::<Group>(),
        Kind::Organisation => of::<Organisation>(),
        Kind::Person => of::<Person>(),
        Kind::Membership => of::<Membership>(),
        Kind::MeetingSeries => of::<MeetingSeries>(),
        Kind::Meeting => of::<Meeting>(),
        Kind::AgendaItem => of::<AgendaItem>(),
        Kind::Attendance => of::<Attendance>(),
        Kind::Minutes => of::<Minutes>(),
        Kind::Recommendation => of::<Recommendation>(),
        Kind::FollowUp => of::<FollowUp>(),
        Kind::Review => of::<Review>(),
        Kind::Referral => of::<Referral>(),
        Kind::Announcement => of::<Announcement>(),
        Kind::Document => of::<Document>(),
        Kind::Place => of::<Place>(),
        Kind::ServiceAccount => of::<ServiceAccount>(),
        Kind::ApiToken => of::<ApiToken>(),
        Kind::Invitation => of::<Invitation>(),
        Kind::MembershipRequest => of::<MembershipRequest>(),
        Kind::BreakGlass => of::<BreakGlass>(),
        Kind::Assignment | Kind::Account | Kind::Session | Kind::OpenidIdentity | Kind::AuditEntry => {
            return None;
        }
    };
    Some(table())
}
