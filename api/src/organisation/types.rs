use std::sync::Arc;

use async_graphql::{Context, Description, Object, SimpleObject};
use entity::organisation::Model;
use entity::{organisation_alias, organisation_identifier};

use super::store;
use crate::db::{SortKind, Where, Window};
use crate::error::Result;
use crate::external::{self, ExternalReference};
use crate::graphql::{Connection, DateTime, Direct, Front, Id, Json, Noun, Reads, Relation, Shown, Written};
use crate::id::Kind;
use crate::membership::{Membership, MembershipFilter, MembershipOrderBy};
use crate::reference;

/// Another name of an organisation.
#[derive(SimpleObject, Clone, Debug)]
pub struct OrganisationAlias {
    /// The name, e.g. `PNUD`.
    name: String,
    /// Its language (BCP 47); null if unknown.
    language: Option<String>,
}

/// The code of an organisation in a published register.
#[derive(SimpleObject, Clone, Debug)]
pub struct OrganisationIdentifier {
    /// The register, e.g. `IATI`, `FTS`, `GRID`.
    scheme: String,
    /// The code there.
    value: String,
}

/// An agency, NGO, ministry, embassy or a unit of one. Accounts see all of them; anonymous viewers those that
/// lead a public group or that a published recommendation or follow-up names.
#[derive(Clone, Debug, Description)]
pub struct OrganisationFields(Arc<Model>);

/// See [`OrganisationFields`].
pub type Organisation = Written<OrganisationFields>;

impl Shown for OrganisationFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Self>("parent", "parent_id"),
            Relation::one::<Self>("mergedInto", "merged_into_id"),
            Relation::many::<Self>("units", "parent_id", |_| Window {
                filter: Where::is_null("merged_into_id", true),
                ..Window::ascending("name_folded", SortKind::Text)
            }),
            Relation::rows(
                "aliases",
                "organisation_id",
                || Noun::leaf(&store::alias::TABLE),
                |_| Window::ascending("folded", SortKind::Text),
            ),
            Relation::rows(
                "identifiers",
                "organisation_id",
                || Noun::leaf(&store::identifier::TABLE),
                |_| Window::ascending("scheme", SortKind::Text),
            ),
            Relation::connection::<Membership>("memberships", "organisation_id"),
            external::relation("organisation_id"),
        ]
    }

    fn reads() -> Option<Reads> {
        Some(&[
            ("id", &[]),
            ("name", &[]),
            ("acronym", &[]),
            ("nativeName", &[]),
            ("slug", &[]),
            ("parent", &[]),
            ("type", &["type_code"]),
        ])
    }
}

impl Direct for OrganisationFields {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "id" => Id(Kind::Organisation, self.0.id).write(field, json),
            "name" => self.name(field).write(field, json),
            "acronym" => self.acronym(field).write(field, json),
            "nativeName" => self.native_name(field).write(field, json),
            "slug" => self.slug(field).write(field, json),
            "parent" => self.parent(field).write(field, json),
            "units" => self.units(field).write(field, json),
            "mergedInto" => self.merged_into(field).write(field, json),
            "createdAt" => self.created_at(field).write(field, json),
            "updatedAt" => self.updated_at(field).write(field, json),
            "viewerPermissions" => self.viewer_permissions(field).write(field, json),
            "version" => self.version(field).write(field, json),
            _ => false,
        }
    }
}

#[Object(name = "Organisation", use_type_description)]
impl OrganisationFields {
    /// Its id. If it was merged, the id stays: `organisation(by:)` leads on to the other one.
    pub async fn id(&self) -> Id {
        Id(Kind::Organisation, self.0.id)
    }

    /// Its name.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Its acronym, e.g. `UNDP`.
    fn acronym(&self) -> Option<&str> {
        self.0.acronym.as_deref()
    }

    /// Its name in its own language.
    fn native_name(&self) -> Option<&str> {
        self.0.native_name.as_deref()
    }

    /// A name for addresses, unique.
    fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Other names that it goes by, in any language.
    fn aliases(&self, ctx: &Context<'_>) -> Result<Vec<OrganisationAlias>> {
        let rows = Front::of(ctx).rows::<organisation_alias::Model>(&*self.0, "aliases")?;
        let shown = |r: &Arc<organisation_alias::Model>| OrganisationAlias {
            name: r.name.clone(),
            language: r.language.clone(),
        };
        Ok(rows.iter().map(shown).collect())
    }

    /// What kind of organisation it is, from OCHA's list; null if not recorded.
    #[graphql(name = "type")]
    fn organisation_type(&self, ctx: &Context<'_>) -> Option<reference::OrganisationType> {
        self.0.type_code.as_deref().and_then(|code| reference::OrganisationType::named(ctx, code))
    }

    /// The organisation of which it is a unit.
    fn parent(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.parent_id)
    }

    /// Its units, by name, without those that were merged.
    fn units(&self, ctx: &Context<'_>) -> Result<Vec<Organisation>> {
        Front::of(ctx).many(&*self.0, "units")
    }

    /// Its codes in published registers.
    fn identifiers(&self, ctx: &Context<'_>) -> Result<Vec<OrganisationIdentifier>> {
        let rows = Front::of(ctx).rows::<organisation_identifier::Model>(&*self.0, "identifiers")?;
        let shown = |r: &Arc<organisation_identifier::Model>| OrganisationIdentifier {
            scheme: r.scheme.clone(),
            value: r.value.clone(),
        };
        Ok(rows.iter().map(shown).collect())
    }

    /// The organisation into which it was merged, because both are the same; null if it stands for itself.
    fn merged_into(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.merged_into_id)
    }

    /// Its seats in groups that you may see, those of its people included.
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
        Front::of(ctx).actor().permissions(Kind::Organisation, &store::target(self.0.id))
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}
