use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object, SimpleObject};
use entity::coordination_group::Model;
use entity::{group_alias, group_sector};

use super::{rules, store};
use crate::auth::Action;
use crate::break_glass::{BreakGlass, BreakGlassFilter, BreakGlassOrderBy};
use crate::db::{SortKind, Window};
use crate::error::Result;
use crate::external::{self, ExternalReference};
use crate::graphql::{
    Connection, Date, DateTime, Direct, Front, Id, Json, Noun, Reads, Relation, Sensitivity, Shown,
    Visibility, Word, Written,
};
use crate::id::Kind;
use crate::invitation::{Invitation, InvitationFilter, InvitationOrderBy};
use crate::meeting::{Meeting, MeetingFilter, MeetingOrderBy};
use crate::membership::{self, Membership, MembershipFilter, MembershipOrderBy};
use crate::membership_request::{MembershipRequest, MembershipRequestFilter, MembershipRequestOrderBy};
use crate::operation::Operation;
use crate::place::Place;
use crate::reference::Sector;
use crate::service::{ServiceAccount, ServiceAccountFilter, ServiceAccountOrderBy};

/// What kind of forum a group is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::GroupKind")]
pub enum GroupKind {
    /// A cluster of the IASC.
    Cluster,
    /// A sector, where clusters are not activated.
    Sector,
    /// An area of responsibility under a cluster.
    Aor,
    /// A cluster of a part of the country.
    SubCluster,
    /// A working group, e.g. on cash.
    WorkingGroup,
    /// A small group with a task and an end (groupe restreint).
    TaskTeam,
    /// A strategic advisory group.
    AdvisoryGroup,
    /// The inter-cluster coordination group (ICC, GCIC).
    Iccg,
    /// The humanitarian country team (EHP).
    Hct,
    /// A group of donors (PTF).
    DonorGroup,
    /// Another forum, inside or outside the humanitarian system.
    OtherForum,
}

/// Where a group is in its life: PROPOSED, ACTIVE, DORMANT, DEACTIVATED.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::GroupStatus")]
pub enum GroupStatus {
    /// Spoken of, not at work yet.
    Proposed,
    /// At work.
    Active,
    /// Resting.
    Dormant,
    /// Ended.
    Deactivated,
}

/// Another name of a group.
#[derive(SimpleObject, Clone, Debug)]
pub struct GroupAlias {
    /// The name.
    name: String,
    /// Its language (BCP 47); null if unknown.
    language: Option<String>,
}

/// A cluster, sector, working group, task team or other forum.
#[derive(Clone, Debug, Description)]
pub struct GroupFields(Arc<Model>);

/// See [`GroupFields`].
pub type Group = Written<GroupFields>;

impl Shown for GroupFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Operation>("operation", "operation_id"),
            Relation::one::<Self>("parent", "parent_id"),
            Relation::one::<Self>("reportsTo", "reports_to_id"),
            Relation::one::<Place>("place", "place_id"),
            Relation::many::<Self>("subGroups", "parent_id", |_| {
                Window::ascending("name_folded", SortKind::Text)
            }),
            Relation::rows(
                "aliases",
                "group_id",
                || Noun::leaf(&store::alias::TABLE),
                |_| Window::ascending("folded", SortKind::Text),
            ),
            Relation::rows(
                "sectors",
                "group_id",
                || Noun::leaf(&store::sector::TABLE),
                |_| Window::ascending("sector_code", SortKind::Text),
            ),
            Relation::many::<Membership>("leads", "group_id", membership::leads),
            Relation::connection::<Membership>("memberships", "group_id"),
            Relation::connection::<Meeting>("meetings", "group_id"),
            Relation::connection::<Invitation>("invitations", "group_id"),
            Relation::connection::<MembershipRequest>("membershipRequests", "group_id"),
            Relation::connection::<ServiceAccount>("serviceAccounts", "group_id"),
            Relation::connection::<BreakGlass>("breakGlassAccesses", "group_id"),
            external::relation("group_id"),
        ]
    }

    fn reads() -> Option<Reads> {
        Some(&[
            ("id", &[]),
            ("operation", &[]),
            ("kind", &[]),
            ("name", &[]),
            ("acronym", &[]),
            ("slug", &[]),
            ("parent", &[]),
            ("status", &[]),
        ])
    }
}

impl Direct for GroupFields {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "id" => Id(Kind::Group, self.0.id).write(field, json),
            "operation" => self.operation(field).write(field, json),
            "kind" => Word(self.kind(field)).write(field, json),
            "name" => self.name(field).write(field, json),
            "acronym" => self.acronym(field).write(field, json),
            "slug" => self.slug(field).write(field, json),
            "parent" => self.parent(field).write(field, json),
            "reportsTo" => self.reports_to(field).write(field, json),
            "subGroups" => self.sub_groups(field).write(field, json),
            "mandate" => self.mandate(field).write(field, json),
            "visibility" => Word(self.visibility(field)).write(field, json),
            "sensitivity" => Word(self.sensitivity(field)).write(field, json),
            "status" => Word(self.status(field)).write(field, json),
            "availableTransitions" => self.available_transitions(field).write(field, json),
            "activatedOn" => self.activated_on(field).write(field, json),
            "deactivatedOn" => self.deactivated_on(field).write(field, json),
            "leads" => self.leads(field).write(field, json),
            "createdAt" => self.created_at(field).write(field, json),
            "updatedAt" => self.updated_at(field).write(field, json),
            "viewerPermissions" => self.viewer_permissions(field).write(field, json),
            "version" => self.version(field).write(field, json),
            _ => false,
        }
    }
}

#[Object(name = "Group", use_type_description)]
impl GroupFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Group, self.0.id)
    }

    /// The operation it belongs to.
    fn operation(&self, ctx: &Context<'_>) -> Option<Operation> {
        Front::of(ctx).one(self.0.operation_id)
    }

    /// What kind of forum it is.
    fn kind(&self) -> GroupKind {
        self.0.kind.into()
    }

    /// Its name.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Its acronym, e.g. `CWG`.
    fn acronym(&self) -> Option<&str> {
        self.0.acronym.as_deref()
    }

    /// A name for addresses, unique.
    fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Other names that it goes by, in any language.
    fn aliases(&self, ctx: &Context<'_>) -> Result<Vec<GroupAlias>> {
        let rows = Front::of(ctx).rows::<group_alias::Model>(&*self.0, "aliases")?;
        Ok(rows.iter().map(|r| GroupAlias { name: r.name.clone(), language: r.language.clone() }).collect())
    }

    /// The group of which it is a sub-group. Officers of the parent have the same rights here.
    fn parent(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.parent_id)
    }

    /// The forum to which it reports.
    fn reports_to(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.reports_to_id)
    }

    /// Its sub-groups that you may see, by name.
    fn sub_groups(&self, ctx: &Context<'_>) -> Result<Vec<Group>> {
        Front::of(ctx).many(&*self.0, "subGroups")
    }

    /// The sectors it covers.
    fn sectors(&self, ctx: &Context<'_>) -> Result<Vec<Sector>> {
        let rows = Front::of(ctx).rows::<group_sector::Model>(&*self.0, "sectors")?;
        Ok(rows.iter().filter_map(|r| Sector::named(ctx, &r.sector_code)).collect())
    }

    /// The area it is responsible for; null: the whole operation, or not recorded.
    fn place(&self, ctx: &Context<'_>) -> Option<Place> {
        Front::of(ctx).one(self.0.place_id)
    }

    /// What it was set up for. Not shown to administrators without a seat.
    fn mandate(&self, ctx: &Context<'_>) -> Option<&str> {
        let scope = Front::of(ctx).scope();
        let readable = self.0.visibility == entity::enums::Visibility::Public
            || !scope.actor().is_admin
            || scope.may_read(Action::GroupReadInternal, self.0.id, Some(self.0.operation_id), None);
        self.0.mandate.as_deref().filter(|_| readable)
    }

    /// Who may see it; the default for what belongs to it.
    fn visibility(&self) -> Visibility {
        self.0.visibility.into()
    }

    /// How bad disclosure would be; the default for what belongs to it.
    fn sensitivity(&self) -> Sensitivity {
        self.0.sensitivity.into()
    }

    /// Where it is in its life.
    fn status(&self) -> GroupStatus {
        self.0.status.into()
    }

    /// The steps (mutations) that its state allows now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().steps(rules::allowed(self.0.status), &store::target(&self.0))
    }

    /// Since when it has been at work; null if not recorded.
    fn activated_on(&self) -> Option<Date> {
        self.0.activated_on.map(Date)
    }

    /// When it ended.
    fn deactivated_on(&self) -> Option<Date> {
        self.0.deactivated_on.map(Date)
    }

    /// The organisations that lead or co-lead it today. Visible to whoever sees the group.
    fn leads(&self, ctx: &Context<'_>) -> Result<Vec<Membership>> {
        Front::of(ctx).many(&*self.0, "leads")
    }

    /// Its memberships that you may see: leads for everybody, organisations for observers, all for members.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    fn memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<MembershipFilter>,
        #[graphql(desc = "In which order; by role if left out.")] order_by: Option<Vec<MembershipOrderBy>>,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Membership>> {
        let _read_ahead = (filter, order_by, first, after, last, before);
        Front::of(ctx).connection(&*self.0)
    }

    /// Its meetings that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    fn meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<MeetingFilter>,
        #[graphql(desc = "In which order; the latest first if left out.")] order_by: Option<
            Vec<MeetingOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Meeting>> {
        let _read_ahead = (filter, order_by, first, after, last, before);
        Front::of(ctx).connection(&*self.0)
    }

    /// Invitations to roles in it, if you may invite: information managers and coordinators, operation managers,
    /// administrators, focal points those of their own organisation.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<InvitationFilter>,
        #[graphql(desc = "In which order; the latest first if left out.")] order_by: Option<
            Vec<InvitationOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Invitation>> {
        let _read_ahead = (filter, order_by, first, after, last, before);
        Front::of(ctx).connection(&*self.0)
    }

    /// Who asks for a seat in it: your own requests, and all if you may give seats.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    fn membership_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<MembershipRequestFilter>,
        #[graphql(desc = "In which order; the oldest first if left out.")] order_by: Option<
            Vec<MembershipRequestOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<MembershipRequest>> {
        let _read_ahead = (filter, order_by, first, after, last, before);
        Front::of(ctx).connection(&*self.0)
    }

    /// Services that its coordinators look after, if you manage them.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    fn service_accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<ServiceAccountFilter>,
        #[graphql(desc = "In which order; the latest first if left out.")] order_by: Option<
            Vec<ServiceAccountOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ServiceAccount>> {
        let _read_ahead = (filter, order_by, first, after, last, before);
        Front::of(ctx).connection(&*self.0)
    }

    /// Which administrators looked into it by break-glass: who, why, when, until when. Visible to its coordinators, managers of
    /// the operation, administrators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    fn break_glass_accesses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<BreakGlassFilter>,
        #[graphql(desc = "In which order; the latest first if left out.")] order_by: Option<
            Vec<BreakGlassOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<BreakGlass>> {
        let _read_ahead = (filter, order_by, first, after, last, before);
        Front::of(ctx).connection(&*self.0)
    }

    /// Its codes in other systems.
    fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external::shown(&Front::of(ctx), &*self.0)
    }

    /// When it was entered, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed, UTC.
    fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// What you may do with it, by the names of the permission table (`docs/permissions.csv`); the same table
    /// decides when the mutation comes. Empty for anonymous viewers.
    fn viewer_permissions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().permissions(Kind::Group, &store::target(&self.0))
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}
