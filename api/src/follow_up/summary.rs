//! Counts of open actions for dashboards, computed by the database.

use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use chrono::NaiveDate;
use uuid::Uuid;

use super::store::{self, Counts};
use super::types::FollowUpStatus;
use crate::db::Where;
use crate::error::Result;
use crate::graphql::{Asking, Direct, Front, Written, prefetch};
use crate::group::Group;
use crate::organisation::Organisation;

/// By what open actions are counted.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionGrouping {
    /// By group.
    Group,
    /// By status.
    Status,
    /// By assigned organisation: an action counts once for each.
    Organisation,
    /// By the month in which it is due.
    DueMonth,
}

/// Counts of open actions.
#[derive(Clone, Debug, Description)]
pub struct ActionSummaryFields {
    total: ActionCounts,
    rows: Vec<ActionSummaryRow>,
}

/// See [`ActionSummaryFields`].
pub type ActionSummary = Written<ActionSummaryFields>;

impl Direct for ActionSummaryFields {}

/// How many actions there are, and how they stand.
#[derive(Clone, Debug, Description)]
pub struct ActionCountsFields {
    counts: Arc<Counts>,
    day: NaiveDate,
}

/// See [`ActionCountsFields`].
pub type ActionCounts = Written<ActionCountsFields>;

impl Direct for ActionCountsFields {}

/// The counts of one group, status, organisation or month, or of a combination.
#[derive(Clone, Debug, Description)]
pub struct ActionSummaryRowFields {
    counts: Arc<Counts>,
    day: NaiveDate,
}

/// See [`ActionSummaryRowFields`].
pub type ActionSummaryRow = Written<ActionSummaryRowFields>;

impl Direct for ActionSummaryRowFields {}

#[Object(name = "ActionSummary", use_type_description)]
impl ActionSummaryFields {
    /// In all; every action counts once.
    fn total(&self) -> &ActionCounts {
        &self.total
    }

    /// By what was asked for; the largest count first.
    fn rows(&self) -> &[ActionSummaryRow] {
        &self.rows
    }
}

#[Object(name = "ActionCounts", use_type_description)]
impl ActionCountsFields {
    /// How many.
    fn count(&self) -> i64 {
        self.counts.count
    }

    /// How many of them are overdue.
    fn overdue_count(&self) -> i64 {
        self.counts.overdue
    }

    /// For how many of them nobody responsible is named.
    fn without_owner_count(&self) -> i64 {
        self.counts.without_owner
    }

    /// How many of them have no due day.
    fn without_date_count(&self) -> i64 {
        self.counts.without_date
    }

    /// The median of the days since they were agreed, over those of which that is recorded; null if of none.
    fn median_age_in_days(&self) -> Option<f64> {
        self.counts.median_age(self.day)
    }
}

#[Object(name = "ActionSummaryRow", use_type_description)]
impl ActionSummaryRowFields {
    /// The group, if counted by group; null also if hidden from you.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.counts.group)
    }

    /// The status, if counted by status.
    fn status(&self) -> Option<FollowUpStatus> {
        self.counts.status.map(Into::into)
    }

    /// The assigned organisation, if counted by organisation; null: no organisation is assigned.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.counts.organisation)
    }

    /// The month in which they are due, `YYYY-MM`, if counted by month; null: no due day.
    fn due_month(&self) -> Option<&str> {
        self.counts.due_month.as_deref()
    }

    /// The counts.
    fn counts(&self) -> ActionCounts {
        Written(ActionCountsFields { counts: self.counts.clone(), day: self.day })
    }
}

/// Reads the summary of the open actions that meet `filter`.
pub async fn read(
    ctx: &Context<'_>,
    filter: Where,
    group_by: &[ActionGrouping],
    asking: &Asking<'_>,
) -> Result<ActionSummary> {
    let front = Front::of(ctx);
    let day = asking.as_of.unwrap_or_else(|| asking.now.date_naive());
    let by = |wanted| group_by.contains(&wanted);
    let dimensions = store::Dimensions {
        group: by(ActionGrouping::Group),
        status: by(ActionGrouping::Status),
        organisation: by(ActionGrouping::Organisation),
        due_month: by(ActionGrouping::DueMonth),
    };
    let total = store::count(front.reader(), &filter, store::Dimensions::default(), asking).await?;
    let rows = if group_by.is_empty() {
        Vec::new()
    } else {
        store::count(front.reader(), &filter, dimensions, asking).await?
    };
    let field = ctx.field();
    let selections: Vec<_> = field.selection_set().filter(|f| f.name() == "rows").collect();
    let below = |name: &'static str| {
        selections
            .iter()
            .flat_map(move |f| f.selection_set().filter(move |c| c.name() == name))
            .collect::<Vec<_>>()
    };
    let ids = |of: fn(&Counts) -> Option<Uuid>| {
        let ids: std::collections::BTreeSet<Uuid> = rows.iter().filter_map(of).collect();
        ids.into_iter().collect::<Vec<_>>()
    };
    let (groups, organisations) = (below("group"), below("organisation"));
    if !groups.is_empty() {
        prefetch::by_ids::<Group>(&front, &ids(|c| c.group), &groups).await?;
    }
    if !organisations.is_empty() {
        prefetch::by_ids::<Organisation>(&front, &ids(|c| c.organisation), &organisations).await?;
    }
    let counts = total.into_iter().next().unwrap_or_default();
    Ok(Written(ActionSummaryFields {
        total: Written(ActionCountsFields { counts: Arc::new(counts), day }),
        rows: rows
            .into_iter()
            .map(|c| Written(ActionSummaryRowFields { counts: Arc::new(c), day }))
            .collect(),
    }))
}
