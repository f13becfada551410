use async_graphql::{Context, Enum, InputObject, Object, OneofObject};

use super::store;
use super::summary::{self, ActionGrouping, ActionSummary};
use super::types::{FollowUp, FollowUpStatus, Priority};
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::external::{self, ExternalReferenceInput};
use crate::graphql::{
    Asking, Connection, Date, DateFilter, DateTimeFilter, FilterInput, Front, Id, IdFilter, Listed,
    OrderDirection, OrderInput, PageArguments, TextFilter, combine, one_of, prefetch, uuids,
};
use crate::group;
use crate::id::Kind;

/// One way to name a follow-up.
#[derive(OneofObject)]
pub enum FollowUpBy {
    /// Its id.
    Id(Id),
    /// Its code in another system.
    ExternalReference(ExternalReferenceInput),
}

/// Which follow-ups. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct FollowUpFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// `true`: yours, your organisation's, your groups' and your roles'. Anonymous viewers have none.
    pub mine: Option<bool>,
    /// Assigned to one of these people, at most 500.
    pub assignee_people: Option<Vec<Id>>,
    /// Assigned to one of these organisations, or to all members of a group in which one of them has a seat today; at most 500.
    pub assignee_organisations: Option<Vec<Id>>,
    /// By group.
    pub group: Option<IdFilter>,
    /// Of this group or one of its sub-groups, at any depth.
    pub group_with_sub_groups: Option<Id>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// By the meeting that agreed it.
    pub meeting: Option<IdFilter>,
    /// By agenda item.
    pub agenda_item: Option<IdFilter>,
    /// By recommendation.
    pub recommendation: Option<IdFilter>,
    /// One of these states.
    pub status: Option<Vec<FollowUpStatus>>,
    /// `true`: overdue on the day given as `asOf`; `false`: not overdue.
    pub is_overdue: Option<bool>,
    /// By due day.
    pub due_on: Option<DateFilter>,
    /// By the day it was agreed.
    pub raised_on: Option<DateFilter>,
    /// `true`: nobody responsible is named (a text that was not resolved names nobody); `false`: somebody is.
    pub without_owner: Option<bool>,
    /// `true`: without a due day (there may be a text); `false`: with one.
    pub without_date: Option<bool>,
    /// `true`: something is in the way; `false`: nothing is.
    pub is_blocked: Option<bool>,
    /// One of these priorities.
    pub priority: Option<Vec<Priority>>,
    /// By text; case and accents do not matter. Inside the group only: published twins are not searched.
    pub text: Option<TextFilter>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<FollowUpFilter>>,
    /// At least one of these.
    pub or: Option<Vec<FollowUpFilter>>,
    /// Not this.
    pub not: Option<Box<FollowUpFilter>>,
}

/// The condition, or its opposite.
fn either(asked: Option<bool>, condition: impl FnOnce() -> Where) -> Option<Where> {
    asked.map(|yes| if yes { condition() } else { Where::except(condition()) })
}

impl FilterInput for FollowUpFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let scope = asking.scope;
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::FollowUp, "filter.id"),
            (&self.group, "group_id", Kind::Group, "filter.group"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
            (&self.meeting, "meeting_id", Kind::Meeting, "filter.meeting"),
            (&self.agenda_item, "agenda_item_id", Kind::AgendaItem, "filter.agendaItem"),
            (&self.recommendation, "recommendation_id", Kind::Recommendation, "filter.recommendation"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        if let Some(group) = self.group_with_sub_groups {
            own.push(group::within(
                scope,
                "group_id",
                group.asked(Kind::Group, "filter.groupWithSubGroups")?,
            ));
        }
        if let Some(people) = &self.assignee_people {
            own.push(store::assigned_to(scope, &uuids(people, Kind::Person, "filter.assigneePeople")?));
        }
        if let Some(list) = &self.assignee_organisations {
            let list = uuids(list, Kind::Organisation, "filter.assigneeOrganisations")?;
            own.push(store::for_organisation(scope, &list));
        }
        own.extend(either(self.mine, || store::mine(scope)));
        own.extend(either(self.is_overdue, || store::overdue(asking)));
        own.extend(either(self.without_owner, store::without_owner));
        own.extend(self.without_date.map(|without| Where::is_null("due_on", without)));
        own.extend(either(self.is_blocked, store::blocked));
        own.extend(self.status.as_ref().map(|s| one_of("status", s, entity::enums::FollowUpStatus::word)));
        own.extend(self.priority.as_ref().map(|p| one_of("priority", p, entity::enums::Priority::word)));
        own.extend(self.due_on.as_ref().map(|f| f.on("due_on")));
        own.extend(self.raised_on.as_ref().map(|f| f.on("raised_on")));
        // a text that is hidden must not be found either
        own.extend(self.text.as_ref().map(|f| store::whole(scope).and(f.on("text_folded"))));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What follow-ups may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum FollowUpOrderField {
    /// The due day.
    DueOn,
    /// The day it was agreed.
    RaisedOn,
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of follow-ups.
#[derive(InputObject, Clone)]
pub struct FollowUpOrderBy {
    /// By what.
    pub field: FollowUpOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for FollowUpOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            FollowUpOrderField::DueOn => store::DUE,
            FollowUpOrderField::RaisedOn => store::RAISED,
            FollowUpOrderField::CreatedAt => store::CREATED,
            FollowUpOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for FollowUp {
    type Filter = FollowUpFilter;
    type OrderBy = FollowUpOrderBy;

    fn default_order() -> Order {
        store::by_due()
    }
}

/// Queries about follow-ups.
#[derive(Default)]
pub struct FollowUpQuery;

#[Object]
impl FollowUpQuery {
    /// One follow-up; null if there is none or you may not see it.
    async fn follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: FollowUpBy,
    ) -> Result<Option<FollowUp>> {
        let filter = match by {
            FollowUpBy::Id(id) => Where::eq("id", id.asked(Kind::FollowUp, "by.id")?),
            FollowUpBy::ExternalReference(r) => external::find(Kind::FollowUp, &r.system, &r.code),
        };
        prefetch::find(ctx, filter).await
    }

    /// The follow-ups that you may see, open and closed.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn follow_ups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<FollowUpFilter>,
        #[graphql(
            desc = "The day that \"overdue\" is meant for; today in each operation's time zone if left out."
        )]
        as_of: Option<Date>,
        #[graphql(desc = "In which order; the earliest due day first if left out.")] order_by: Option<
            Vec<FollowUpOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<FollowUp>> {
        let page = PageArguments { first, after, last, before };
        list(ctx, filter.as_ref(), as_of, order_by.as_ref(), &page, Where::everything()).await
    }

    /// The action points that are still open: what partners' dashboards ask for. The same as `followUps`, of which it
    /// shows those in the states OPEN, IN_PROGRESS and BLOCKED.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn open_actions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<FollowUpFilter>,
        #[graphql(
            desc = "The day that \"overdue\" is meant for; today in each operation's time zone if left out."
        )]
        as_of: Option<Date>,
        #[graphql(desc = "In which order; the earliest due day first if left out.")] order_by: Option<
            Vec<FollowUpOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<FollowUp>> {
        let page = PageArguments { first, after, last, before };
        list(ctx, filter.as_ref(), as_of, order_by.as_ref(), &page, store::open()).await
    }

    /// Counts of open actions, for dashboards: in all, and by group, status, organisation or due month. Grouped by
    /// organisation an action counts once for each; the total counts it once.
    async fn action_summary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which open actions.")] filter: Option<FollowUpFilter>,
        #[graphql(desc = "By what; nothing: the total only.")] group_by: Option<Vec<ActionGrouping>>,
        #[graphql(
            desc = "The day that \"overdue\" and ages are meant for; today in each operation's time zone if left out."
        )]
        as_of: Option<Date>,
    ) -> Result<ActionSummary> {
        let asking = Asking { as_of: as_of.map(|d| d.0), ..Front::of(ctx).asking() };
        let filter = filter.map_or(Ok(Where::everything()), |f| f.condition(&asking))?;
        summary::read(ctx, store::open().and(filter), &group_by.unwrap_or_default(), &asking).await
    }
}

async fn list(
    ctx: &Context<'_>,
    filter: Option<&FollowUpFilter>,
    as_of: Option<Date>,
    order_by: Option<&Vec<FollowUpOrderBy>>,
    page: &PageArguments,
    among: Where,
) -> Result<Connection<FollowUp>> {
    let asking = Asking { as_of: as_of.map(|d| d.0), ..Front::of(ctx).asking() };
    let mut window = prefetch::window::<FollowUp>(filter, order_by, page, &asking)?;
    window.filter = among.and(window.filter);
    let mut found: Connection<FollowUp> = prefetch::list(ctx, window).await?;
    found.0.nodes = std::mem::take(&mut found.0.nodes).into_iter().map(|f| f.on_day(asking.as_of)).collect();
    Ok(found)
}
