use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::person::Model;
use entity::{contact_point, contact_share};

use super::store;
use crate::db::{Direction, Order, Window};
use crate::error::Result;
use crate::external::{self, ExternalReference};
use crate::graphql::{DateTime, Direct, Front, Id, Json, Noun, Reads, Relation, Shown, Written};
use crate::id::Kind;
use crate::membership::Membership;
use crate::organisation::Organisation;

/// What a contact point is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::ContactKind")]
pub enum ContactKind {
    /// An e-mail address.
    Email,
    /// A telephone number, as it is dialled.
    Phone,
    /// Another way: a radio call sign, a messenger.
    Other,
}

/// An e-mail address, telephone number or other way to reach somebody. Visible to the person, to officers of the
/// groups in which the person has a seat, and to members of the groups with which the person shares it.
#[derive(Clone, Debug, Description)]
pub struct ContactPointFields(Arc<contact_point::Model>);

/// See [`ContactPointFields`].
pub type ContactPoint = Written<ContactPointFields>;

impl Direct for ContactPointFields {}

impl Shown for ContactPointFields {
    type Row = contact_point::Model;

    fn of(row: Arc<contact_point::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![Relation::rows(
            "sharedWith",
            "contact_point_id",
            || Noun::leaf(&store::share::TABLE),
            |_| Window::default(),
        )]
    }
}

#[Object(name = "ContactPoint", use_type_description)]
impl ContactPointFields {
    /// What it is.
    fn kind(&self) -> ContactKind {
        self.0.kind.into()
    }

    /// The address or number. E-mail addresses in lower case.
    fn value(&self) -> &str {
        &self.0.value
    }

    /// What it is for, in the words of whoever entered it, e.g. `bureau`.
    fn label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }

    /// The ids of the groups whose members may see it. The person sees all of them, the others their own groups.
    fn shared_with(&self, ctx: &Context<'_>) -> Result<Vec<Id>> {
        let rows = Front::of(ctx).rows::<contact_share::Model>(&*self.0, "sharedWith")?;
        Ok(rows.iter().map(|r| Id(Kind::Group, r.group_id)).collect())
    }
}

/// A contact. Visible to oneself, to officers of any group, operation managers and administrators, and to whoever
/// shares a group with them today; never to anonymous viewers.
#[derive(Clone, Debug, Description)]
pub struct PersonFields(Arc<Model>);

/// See [`PersonFields`].
pub type Person = Written<PersonFields>;

impl Shown for PersonFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Organisation>("organisation", "organisation_id"),
            Relation::one::<Self>("mergedInto", "merged_into_id"),
            Relation::many::<ContactPoint>("contactPoints", "person_id", |_| Window {
                order: Order(vec![(store::POSITION, Direction::Ascending)]),
                ..Window::default()
            }),
            Relation::many::<Membership>("memberships", "person_id", |_| Window {
                order: Order(vec![(store::SINCE, Direction::Descending)]),
                ..Window::default()
            }),
            external::relation("person_id"),
        ]
    }

    fn reads() -> Option<Reads> {
        Some(&[
            ("id", &[]),
            ("displayName", &[]),
            ("organisation", &[]),
            ("jobTitle", &[]),
            ("isErased", &["erased_at"]),
        ])
    }
}

impl Direct for PersonFields {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "id" => Id(Kind::Person, self.0.id).write(field, json),
            "displayName" => self.display_name(field).write(field, json),
            "organisation" => self.organisation(field).write(field, json),
            "jobTitle" => self.job_title(field).write(field, json),
            "memberships" => self.memberships(field).write(field, json),
            "mergedInto" => self.merged_into(field).write(field, json),
            "isErased" => self.is_erased(field).write(field, json),
            "createdAt" => self.created_at(field).write(field, json),
            "updatedAt" => self.updated_at(field).write(field, json),
            "viewerPermissions" => self.viewer_permissions(field).write(field, json),
            "version" => self.version(field).write(field, json),
            _ => false,
        }
    }
}

#[Object(name = "Person", use_type_description)]
impl PersonFields {
    /// Their id. If they were merged, the id stays: `person(by:)` leads on to the other one.
    pub async fn id(&self) -> Id {
        Id(Kind::Person, self.0.id)
    }

    /// Their name, as it is written; never taken apart.
    fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// The organisation they work for.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.organisation_id)
    }

    /// What they do there, as it is written.
    fn job_title(&self) -> Option<&str> {
        self.0.job_title.as_deref()
    }

    /// How to reach them, as far as you may see it.
    fn contact_points(&self, ctx: &Context<'_>) -> Result<Vec<ContactPoint>> {
        Front::of(ctx).many(&*self.0, "contactPoints")
    }

    /// Their seats in groups that you may see, past ones included; the latest first.
    fn memberships(&self, ctx: &Context<'_>) -> Result<Vec<Membership>> {
        Front::of(ctx).many(&*self.0, "memberships")
    }

    /// The person into whom they were merged, because both are the same; null if they stand for themselves.
    fn merged_into(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.0.merged_into_id)
    }

    /// Whether they were erased: name and contacts are gone, what they took part in stays counted.
    fn is_erased(&self) -> bool {
        self.0.erased_at.is_some()
    }

    /// Their codes in other systems.
    fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external::shown(&Front::of(ctx), &*self.0)
    }

    /// When they were entered, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When they were last changed, UTC.
    fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// What you may do with them, by the names of the permission table (`docs/permissions.csv`); the same table
    /// decides when the mutation comes. Empty for anonymous viewers.
    fn viewer_permissions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().permissions(Kind::Person, &store::target(&self.0))
    }

    /// Counts their changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}
