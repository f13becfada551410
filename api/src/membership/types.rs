use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::coordination_group;
use entity::membership::Model;
use uuid::Uuid;

use super::{rules, store};
use crate::auth::{Action, Target};
use crate::db::{Where, Window};
use crate::error::Result;
use crate::external::{self, ExternalReference};
use crate::graphql::{
    Asking, Date, DateTime, Direct, Front, Id, Json, Reads, Relation, Shown, Word, Written,
};
use crate::group::Group;
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::organisation::Organisation;
use crate::person::Person;

/// What a seat is. Organisations hold LEAD, CO_LEAD, MEMBER, OBSERVER, DONOR; people the others, and OBSERVER.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::MembershipRole")]
pub enum MembershipRole {
    /// An organisation that leads (chef de file). Gives no rights by itself: its named people hold roles.
    Lead,
    /// An organisation that leads with another.
    CoLead,
    /// An organisation that takes part.
    Member,
    /// An organisation or person that listens.
    Observer,
    /// An organisation that funds.
    Donor,
    /// A person who coordinates. An officer.
    Coordinator,
    /// A person who coordinates with another. An officer.
    CoCoordinator,
    /// A person who manages the information (gestionnaire de l'information). An officer.
    InformationManager,
    /// A person who keeps the record. An officer.
    Secretary,
    /// A person in charge of a topic, or an organisation's contact (point focal); an organisation without a named person may be focal point of a topic.
    FocalPoint,
    /// A person who speaks for a member organisation.
    Representative,
}

/// Where the handover of a lead is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::HandoverState")]
pub enum HandoverState {
    /// Nobody has spoken of one.
    None,
    /// The lead wants to hand over.
    Announced,
    /// A successor, or support, is proposed; nothing is decided.
    Proposed,
    /// The group agrees.
    Agreed,
    /// The successor has taken over.
    Completed,
    /// Nothing came of it.
    Withdrawn,
}

/// The organisations that lead or co-lead a group today (UTC), LEAD first.
#[must_use]
pub fn leads(asking: &Asking<'_>) -> Window {
    use entity::enums::MembershipRole::{CoLead, Lead};
    let filter = Where::all([
        Where::words("role", &[Lead.word(), CoLead.word()]),
        store::active_on(asking.now.date_naive()),
    ]);
    Window { filter, order: store::lead_first(), ..Window::default() }
}

/// A dated seat of an organisation, of a person, or of a person for an organisation, in a group.
///
/// Everybody who sees the group sees which organisations lead it today; observers see the seats that
/// name an organisation, the other members, officers, operation managers and administrators all.
#[derive(Clone, Debug, Description)]
pub struct MembershipFields(Arc<Model>);

/// See [`MembershipFields`].
pub type Membership = Written<MembershipFields>;

impl Shown for MembershipFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
            Relation::one::<Person>("person", "person_id"),
            Relation::one::<Organisation>("fundedBy", "funded_by_id"),
            Relation::inside::<Self>("handover"),
            Relation::one::<Organisation>("proposedSuccessor", "handover_successor_id"),
            Relation::one::<Organisation>("supporter", "handover_supporter_id"),
            Relation::one::<Meeting>("announcedAt", "handover_meeting_id"),
            // who may see these depends on the group's operation
            Relation::beside::<Group>("handover", "group_id"),
            Relation::beside::<Group>("note", "group_id"),
            Relation::beside::<Group>("availableTransitions", "group_id"),
            Relation::beside::<Group>("viewerPermissions", "group_id"),
            external::relation("membership_id"),
        ]
    }

    fn reads() -> Option<Reads> {
        Some(&[
            ("id", &[]),
            ("group", &[]),
            ("organisation", &[]),
            ("person", &[]),
            ("role", &[]),
            ("roleTitle", &[]),
            ("since", &[]),
            ("until", &[]),
            ("isActive", &["since", "until"]),
            ("topic", &[]),
            ("createdAt", &[]),
            ("updatedAt", &[]),
        ])
    }
}

/// The operation of the row's group, from memory.
fn operation(front: &Front<'_>, row: &Model) -> Option<Uuid> {
    front.reader().row::<coordination_group::Model>(row.group_id).map(|g| g.operation_id)
}

/// What a write about the seat is about, as far as it is in memory.
fn target(front: &Front<'_>, row: &Model) -> Target {
    Target {
        people: row.person_id.into_iter().collect(),
        organisations: row.organisation_id.into_iter().collect(),
        ..Target::of(row.group_id, operation(front, row), None)
    }
}

fn sees_handover(ctx: &Context<'_>, row: &Model) -> bool {
    let front = Front::of(ctx);
    store::is_inside(front.scope(), row, operation(&front, row))
}

fn sees_notes(ctx: &Context<'_>, row: &Model) -> bool {
    let front = Front::of(ctx);
    store::sees_notes(front.scope(), row, operation(&front, row))
}

impl Direct for MembershipFields {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "id" => Id(Kind::Membership, self.0.id).write(field, json),
            "group" => self.group(field).write(field, json),
            "organisation" => self.organisation(field).write(field, json),
            "person" => self.person(field).write(field, json),
            "role" => Word(self.role(field)).write(field, json),
            "roleTitle" => self.role_title(field).write(field, json),
            "since" => self.since(field).write(field, json),
            "until" => self.until(field).write(field, json),
            "isActive" if field.item.node.arguments.is_empty() => {
                self.is_active(field, None).write(field, json)
            }
            "fundedBy" => self.funded_by(field).write(field, json),
            "isDedicated" => self.is_dedicated(field).write(field, json),
            "topic" => self.topic(field).write(field, json),
            "represents" => self.represents(field).write(field, json),
            "verifiedOn" => self.verified_on(field).write(field, json),
            "note" => self.note(field).write(field, json),
            "availableTransitions" => self.available_transitions(field).write(field, json),
            "createdAt" => self.created_at(field).write(field, json),
            "updatedAt" => self.updated_at(field).write(field, json),
            "viewerPermissions" => self.viewer_permissions(field).write(field, json),
            "version" => self.version(field).write(field, json),
            _ => false,
        }
    }
}

#[Object(name = "Membership", use_type_description)]
impl MembershipFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Membership, self.0.id)
    }

    /// The group in which the seat is.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// The organisation that holds the seat, or for which the person holds it; null if none is named.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.organisation_id)
    }

    /// The person who holds the seat; null if it is an organisation's, or if you may not see the person.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.0.person_id)
    }

    /// What the seat is.
    fn role(&self) -> MembershipRole {
        self.0.role.into()
    }

    /// The role as the group calls it, e.g. `Chargé de l'information`.
    fn role_title(&self) -> Option<&str> {
        self.0.role_title.as_deref()
    }

    /// The first day on which it holds; null if not recorded.
    fn since(&self) -> Option<Date> {
        self.0.since.map(Date)
    }

    /// The first day on which it holds no more (exclusive), so that a seat ended today gives no rights from now on; null: open.
    fn until(&self) -> Option<Date> {
        self.0.until.map(Date)
    }

    /// Whether it holds on a day: from `since` (or ever) to the day before `until` (or for good).
    fn is_active(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On which day; today in UTC if left out.")] as_of: Option<Date>,
    ) -> bool {
        let day = as_of.map_or_else(|| Front::of(ctx).now().date_naive(), |d| d.0);
        rules::holds(self.0.since, self.0.until, day)
    }

    /// The organisation that pays for it, e.g. ECHO for OXFAM's lead.
    fn funded_by(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.funded_by_id)
    }

    /// Whether the person does nothing else; null if not recorded.
    fn is_dedicated(&self) -> Option<bool> {
        self.0.is_dedicated
    }

    /// What a focal point is in charge of.
    fn topic(&self) -> Option<&str> {
        self.0.topic.as_deref()
    }

    /// For whom the holder speaks besides the organisation, e.g. `national NGOs`.
    fn represents(&self) -> Option<&str> {
        self.0.represents.as_deref()
    }

    /// When somebody last made sure that it is still so; null if not recorded.
    fn verified_on(&self) -> Option<Date> {
        self.0.verified_on.map(Date)
    }

    /// A note. May name people: shown to members, officers and operation managers, not to observers and the public.
    fn note(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.note.as_deref().filter(|_| sees_notes(ctx, &self.0))
    }

    /// The handover of the lead; null for whoever has no seat in the group (operation managers and administrators see it).
    fn handover(&self, ctx: &Context<'_>) -> Option<MembershipHandover> {
        sees_handover(ctx, &self.0).then(|| Written(MembershipHandoverFields(self.0.clone())))
    }

    /// The steps (mutations) that its state allows now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        let front = Front::of(ctx);
        if rules::ended(self.0.until, front.now().date_naive()) {
            return Vec::new();
        }
        let (actor, target) = (front.actor(), target(&front, &self.0));
        let is_own = self.0.person_id.is_some() && self.0.person_id == actor.person_id;
        let gives = rules::grant(self.0.role, self.0.person_id.is_some());
        let mut steps = Vec::new();
        if actor.may(Action::MembershipEnd, &target) && (is_own || actor.may(gives, &target)) {
            steps.push("membershipEnd");
        }
        if rules::leads(self.0.role) && sees_handover(ctx, &self.0) {
            steps.extend(actor.steps(rules::allowed(self.0.handover_state), &target));
        }
        steps
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
        let front = Front::of(ctx);
        front.actor().permissions(Kind::Membership, &target(&front, &self.0))
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}

/// The handover of a lead to another organisation.
#[derive(Clone, Debug, Description)]
pub struct MembershipHandoverFields(Arc<Model>);

/// See [`MembershipHandoverFields`].
pub type MembershipHandover = Written<MembershipHandoverFields>;

impl Direct for MembershipHandoverFields {}

#[Object(name = "MembershipHandover", use_type_description)]
impl MembershipHandoverFields {
    /// Where it is: NONE for every seat of which nobody spoke of a handover.
    fn state(&self) -> HandoverState {
        self.0.handover_state.into()
    }

    /// The organisation that would take over; null if none is named.
    fn proposed_successor(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.handover_successor_id)
    }

    /// The organisation that would support whoever takes over.
    fn supporter(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.handover_supporter_id)
    }

    /// The meeting at which it was announced.
    fn announced_at(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.handover_meeting_id)
    }

    /// A note. May name people: not shown to observers.
    fn note(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.handover_note.as_deref().filter(|_| sees_notes(ctx, &self.0))
    }
}
