use async_graphql::{Context, Enum, InputObject, Object, OneofObject};

use super::store;
use super::types::Organisation;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::external::{self, ExternalReferenceInput};
use crate::graphql::filter::bounded;
use crate::graphql::{
    Asking, Connection, DateTimeFilter, FilterInput, Front, Id, IdFilter, Listed, OrderDirection, OrderInput,
    PageArguments, TextFilter, combine, prefetch,
};
use crate::id::Kind;

/// The code of an organisation in a published register.
#[derive(InputObject, Clone, Debug)]
pub struct OrganisationIdentifierInput {
    /// The register, e.g. `IATI`, `FTS`, `GRID`.
    pub scheme: String,
    /// The code there; unique per register.
    pub value: String,
}

impl OrganisationIdentifierInput {
    /// As the store takes them.
    #[must_use]
    pub fn pairs(list: &[Self]) -> Vec<(String, String)> {
        list.iter().map(|i| (i.scheme.clone(), i.value.clone())).collect()
    }
}

/// One way to name an organisation.
#[derive(OneofObject)]
pub enum OrganisationBy {
    /// Its id.
    Id(Id),
    /// Its slug.
    Slug(String),
    /// Its code in another system.
    ExternalReference(ExternalReferenceInput),
    /// Its code in a published register.
    Identifier(OrganisationIdentifierInput),
}

/// Which organisations. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct OrganisationFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By name; case and accents do not matter.
    pub name: Option<TextFilter>,
    /// Goes by exactly this name, acronym, native name or alias; case and accents do not matter.
    pub called: Option<String>,
    /// One of these types, by OCHA's code, at most 500.
    #[graphql(name = "type")]
    pub types: Option<Vec<String>>,
    /// By the organisation of which they are units; `isNull: true`: those that are no unit.
    pub parent: Option<IdFilter>,
    /// `true`: only those that were merged into another. Those are left out if nothing in the filter says
    /// `isMerged`.
    pub is_merged: Option<bool>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<OrganisationFilter>>,
    /// At least one of these.
    pub or: Option<Vec<OrganisationFilter>>,
    /// Not this.
    pub not: Option<Box<OrganisationFilter>>,
}

impl OrganisationFilter {
    /// Whether any part of it speaks of merged ones.
    fn minds_merged(&self) -> bool {
        let parts = self.and.iter().chain(&self.or).flatten();
        self.is_merged.is_some() || parts.chain(self.not.iter().map(AsRef::as_ref)).any(Self::minds_merged)
    }
}

impl FilterInput for OrganisationFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, name) in
            [(&self.id, "id", "filter.id"), (&self.parent, "parent_id", "filter.parent")]
        {
            if let Some(filter) = filter {
                own.push(filter.on(column, Kind::Organisation, name, asking)?);
            }
        }
        own.extend(self.name.as_ref().map(|f| f.on("name_folded")));
        own.extend(self.called.as_deref().map(store::called));
        if let Some(types) = &self.types {
            bounded(types, "filter.type")?;
            own.push(Where::words("type_code", types));
        }
        own.extend(self.is_merged.map(|merged| Where::is_null("merged_into_id", !merged)));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What organisations may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationOrderField {
    /// The name, without case and accents.
    Name,
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of organisations.
#[derive(InputObject, Clone)]
pub struct OrganisationOrderBy {
    /// By what.
    pub field: OrganisationOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for OrganisationOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            OrganisationOrderField::Name => store::NAME,
            OrganisationOrderField::CreatedAt => store::CREATED,
            OrganisationOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Organisation {
    type Filter = OrganisationFilter;
    type OrderBy = OrganisationOrderBy;

    fn default_order() -> Order {
        store::by_name()
    }
}

/// Queries about organisations.
#[derive(Default)]
pub struct OrganisationQuery;

#[Object]
impl OrganisationQuery {
    /// One organisation; null if there is none or you may not see it. Of one that was merged, the one into
    /// which it was merged.
    async fn organisation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: OrganisationBy,
    ) -> Result<Option<Organisation>> {
        let filter = match by {
            OrganisationBy::Id(id) => store::with_id(id.asked(Kind::Organisation, "by.id")?),
            OrganisationBy::Slug(slug) => store::with_slug(&slug),
            // these two move with a merge
            OrganisationBy::ExternalReference(r) => external::find(Kind::Organisation, &r.system, &r.code),
            OrganisationBy::Identifier(i) => store::with_identifier(&i.scheme, &i.value),
        };
        prefetch::find(ctx, filter).await
    }

    /// The organisations that you may see, without those that were merged unless the filter says `isMerged`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn organisations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<OrganisationFilter>,
        #[graphql(desc = "In which order; by name if left out.")] order_by: Option<Vec<OrganisationOrderBy>>,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Organisation>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let mut window =
            prefetch::window::<Organisation>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        if !filter.is_some_and(|f| f.minds_merged()) {
            window.filter = window.filter.and(Where::is_null("merged_into_id", true));
        }
        prefetch::list(ctx, window).await
    }
}
