use std::sync::Arc;

use async_graphql::{Context, Description, Object};
use entity::operation::Model;

use super::store;
use crate::error::Result;
use crate::external::{self, ExternalReference};
use crate::graphql::{Connection, DateTime, Direct, Front, Id, Json, Relation, Shown, Written};
use crate::group::{Group, GroupFilter, GroupOrderBy};
use crate::id::Kind;
use crate::reference::Country;

/// A response, usually a country. Visible to everybody.
#[derive(Clone, Debug, Description)]
pub struct OperationFields(Arc<Model>);

/// See [`OperationFields`].
pub type Operation = Written<OperationFields>;

impl Shown for OperationFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![Relation::connection::<Group>("groups", "operation_id"), external::relation("operation_id")]
    }
}

impl Direct for OperationFields {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "id" => Id(Kind::Operation, self.0.id).write(field, json),
            "code" => self.code(field).write(field, json),
            "slug" => self.slug(field).write(field, json),
            "name" => self.name(field).write(field, json),
            "timeZone" => self.time_zone(field).write(field, json),
            "defaultLanguage" => self.default_language(field).write(field, json),
            "createdAt" => self.created_at(field).write(field, json),
            "updatedAt" => self.updated_at(field).write(field, json),
            "viewerPermissions" => self.viewer_permissions(field).write(field, json),
            "version" => self.version(field).write(field, json),
            _ => false,
        }
    }
}

#[Object(name = "Operation", use_type_description)]
impl OperationFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Operation, self.0.id)
    }

    /// A short code, usually the country's, e.g. `MLI`.
    fn code(&self) -> &str {
        &self.0.code
    }

    /// A name for addresses, unique, e.g. `mali`.
    fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Its name.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// The country.
    fn country(&self, ctx: &Context<'_>) -> Option<Country> {
        self.0.country.as_deref().and_then(|iso3| Country::named(ctx, iso3))
    }

    /// The time zone (IANA) in which its days begin: "overdue" and "today" are meant there.
    fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// The language of its texts if nobody says (BCP 47).
    fn default_language(&self) -> &str {
        &self.0.default_language
    }

    /// Its groups that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    fn groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<GroupFilter>,
        #[graphql(desc = "In which order; by name if left out.")] order_by: Option<Vec<GroupOrderBy>>,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Group>> {
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
        Front::of(ctx).actor().permissions(Kind::Operation, &store::target(self.0.id))
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}
