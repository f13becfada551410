use async_graphql::{Context, Enum, InputObject, Object, OneofObject};

use super::store;
use super::types::Person;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::external::{self, ExternalReferenceInput};
use crate::graphql::{
    Asking, Connection, DateTimeFilter, FilterInput, Front, Id, IdFilter, Listed, OrderDirection, OrderInput,
    PageArguments, TextFilter, combine, prefetch,
};
use crate::id::Kind;

/// One way to name a person.
#[derive(OneofObject)]
pub enum PersonBy {
    /// Their id.
    Id(Id),
    /// Their code in another system.
    ExternalReference(ExternalReferenceInput),
    /// Their e-mail address, if you may see it; case does not matter.
    Email(String),
}

/// Which people. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct PersonFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By name; case and accents do not matter.
    pub name: Option<TextFilter>,
    /// By the organisation they work for.
    pub organisation: Option<IdFilter>,
    /// Has a seat in this group today (UTC) that you may see.
    pub group: Option<Id>,
    /// `true`: only those who were merged into another. Those are left out if nothing in the filter says
    /// `isMerged`.
    pub is_merged: Option<bool>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<PersonFilter>>,
    /// At least one of these.
    pub or: Option<Vec<PersonFilter>>,
    /// Not this.
    pub not: Option<Box<PersonFilter>>,
}

impl PersonFilter {
    /// Whether any part of it speaks of merged ones.
    fn minds_merged(&self) -> bool {
        let parts = self.and.iter().chain(&self.or).flatten();
        self.is_merged.is_some() || parts.chain(self.not.iter().map(AsRef::as_ref)).any(Self::minds_merged)
    }
}

impl FilterInput for PersonFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::Person, "filter.id"),
            (&self.organisation, "organisation_id", Kind::Organisation, "filter.organisation"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        own.extend(self.name.as_ref().map(|f| f.on("name_folded")));
        if let Some(group) = self.group {
            own.push(store::seated_in(asking.scope, group.asked(Kind::Group, "filter.group")?));
        }
        own.extend(self.is_merged.map(|merged| Where::is_null("merged_into_id", !merged)));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What people may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PersonOrderField {
    /// The name, without case and accents.
    Name,
    /// When they were entered.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
}

/// An order of people.
#[derive(InputObject, Clone)]
pub struct PersonOrderBy {
    /// By what.
    pub field: PersonOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for PersonOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            PersonOrderField::Name => store::NAME,
            PersonOrderField::CreatedAt => store::CREATED,
            PersonOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Person {
    type Filter = PersonFilter;
    type OrderBy = PersonOrderBy;

    fn default_order() -> Order {
        store::by_name()
    }
}

/// Queries about people.
#[derive(Default)]
pub struct PersonQuery;

#[Object]
impl PersonQuery {
    /// One person; null if there is none or you may not see them. Of one who was merged, the one into whom they
    /// were merged.
    async fn person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: PersonBy,
    ) -> Result<Option<Person>> {
        let filter = match by {
            PersonBy::Id(id) => store::with_id(id.asked(Kind::Person, "by.id")?),
            // references and contact points move with a merge
            PersonBy::ExternalReference(r) => external::find(Kind::Person, &r.system, &r.code),
            PersonBy::Email(email) => store::with_email(Front::of(ctx).scope(), &email),
        };
        prefetch::find(ctx, filter).await
    }

    /// The people that you may see, without those who were merged unless the filter says `isMerged`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn people(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<PersonFilter>,
        #[graphql(desc = "In which order; by name if left out.")] order_by: Option<Vec<PersonOrderBy>>,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Person>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let mut window = prefetch::window::<Person>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        if !filter.is_some_and(|f| f.minds_merged()) {
            window.filter = window.filter.and(Where::is_null("merged_into_id", true));
        }
        prefetch::list(ctx, window).await
    }
}
