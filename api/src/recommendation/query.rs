use async_graphql::{Context, Enum, InputObject, Object, OneofObject};

use super::store;
use super::types::{Recommendation, RecommendationKind, RecommendationStatus};
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::external::{self, ExternalReferenceInput};
use crate::graphql::{
    Asking, Connection, DateTimeFilter, FilterInput, Front, Id, IdFilter, Listed, OrderDirection, OrderInput,
    PageArguments, TextFilter, combine, one_of, prefetch, uuids,
};
use crate::id::Kind;

/// One way to name a recommendation.
#[derive(OneofObject)]
pub enum RecommendationBy {
    /// Its id.
    Id(Id),
    /// Its code in another system.
    ExternalReference(ExternalReferenceInput),
}

/// Which recommendations. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct RecommendationFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By the group that made it.
    pub group: Option<IdFilter>,
    /// With `true`, what `group.eq` and `group.in` name counts with the groups below it.
    pub with_sub_groups: Option<bool>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// By the meeting that made it; `isNull: true`: of meetings that are not recorded.
    pub meeting: Option<IdFilter>,
    /// By the point of the agenda.
    pub agenda_item: Option<IdFilter>,
    /// By the recommendation from which it grew.
    pub derived_from: Option<IdFilter>,
    /// One of these kinds.
    pub kind: Option<Vec<RecommendationKind>>,
    /// One of these states.
    pub status: Option<Vec<RecommendationStatus>>,
    /// By its text; case and accents do not matter. Without a seat in the group you find it only
    /// where the public text is the text.
    pub text: Option<TextFilter>,
    /// Addressed to one of these organisations, at most 500.
    pub addressee_organisation: Option<Vec<Id>>,
    /// By the instant at which it was entered.
    pub created_at: Option<DateTimeFilter>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<RecommendationFilter>>,
    /// At least one of these.
    pub or: Option<Vec<RecommendationFilter>>,
    /// Not this.
    pub not: Option<Box<RecommendationFilter>>,
}

impl RecommendationFilter {
    fn of_group(&self, group: &IdFilter, asking: &Asking<'_>) -> Result<Where> {
        if !self.with_sub_groups.unwrap_or(false) {
            return group.on("group_id", Kind::Group, "filter.group", asking);
        }
        let mut all = Vec::new();
        for ids in [group.eq.as_ref().map(std::slice::from_ref), group.among.as_deref()].into_iter().flatten()
        {
            let ids = uuids(ids, Kind::Group, "filter.group")?;
            all.push(store::of_groups_and_below(asking.scope, &ids));
        }
        let rest = IdFilter { eq: None, among: None, ..group.clone() };
        all.push(rest.on("group_id", Kind::Group, "filter.group", asking)?);
        Ok(Where::all(all))
    }
}

impl FilterInput for RecommendationFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let dialect = asking.dialect();
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::Recommendation, "filter.id"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
            (&self.meeting, "meeting_id", Kind::Meeting, "filter.meeting"),
            (&self.agenda_item, "agenda_item_id", Kind::AgendaItem, "filter.agendaItem"),
            (&self.derived_from, "derived_from_id", Kind::Recommendation, "filter.derivedFrom"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        own.extend(self.group.as_ref().map(|f| self.of_group(f, asking)).transpose()?);
        if let Some(organisations) = &self.addressee_organisation {
            let organisations = uuids(organisations, Kind::Organisation, "filter.addresseeOrganisation")?;
            own.push(store::addressed_to(dialect, &organisations));
        }
        own.extend(self.kind.as_ref().map(|k| one_of("kind", k, entity::enums::RecommendationKind::word)));
        own.extend(
            self.status.as_ref().map(|s| one_of("status", s, entity::enums::RecommendationStatus::word)),
        );
        let readable = || store::readable_text(asking.scope);
        own.extend(self.text.as_ref().map(|f| f.on("text_folded").and(readable())));
        own.extend(self.created_at.as_ref().map(|f| f.on("created_at")));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What recommendations may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum RecommendationOrderField {
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of recommendations.
#[derive(InputObject, Clone)]
pub struct RecommendationOrderBy {
    /// By what.
    pub field: RecommendationOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for RecommendationOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            RecommendationOrderField::CreatedAt => store::CREATED,
            RecommendationOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Recommendation {
    type Filter = RecommendationFilter;
    type OrderBy = RecommendationOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries about recommendations.
#[derive(Default)]
pub struct RecommendationQuery;

#[Object]
impl RecommendationQuery {
    /// One recommendation; null if there is none or you may not see it.
    async fn recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: RecommendationBy,
    ) -> Result<Option<Recommendation>> {
        let filter = match by {
            RecommendationBy::Id(id) => Where::eq("id", id.asked(Kind::Recommendation, "by.id")?),
            RecommendationBy::ExternalReference(r) => {
                external::find(Kind::Recommendation, &r.system, &r.code)
            }
        };
        prefetch::find(ctx, filter).await
    }

    /// The recommendations, decisions and proposals that you may see: all of your groups, of others
    /// what is published.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn recommendations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<RecommendationFilter>,
        #[graphql(desc = "In which order; as entered if left out.")] order_by: Option<
            Vec<RecommendationOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Recommendation>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let window = prefetch::window::<Recommendation>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        prefetch::list(ctx, window).await
    }
}
