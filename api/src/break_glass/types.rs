use std::sync::Arc;

use async_graphql::{Context, Description, Object};
use entity::account;
use entity::break_glass::Model;

use super::rules;
use crate::graphql::{DateTime, Direct, Front, Id, Noun, Relation, Shown, Written};
use crate::group::Group;
use crate::id::Kind;

/// An administrator looked into a group without a seat there: read, contacts included, and wrote nothing. Visible to
/// coordinators of the group, managers of its operation, administrators; not to programs.
#[derive(Clone, Debug, Description)]
pub struct BreakGlassFields(Arc<Model>);

/// See [`BreakGlassFields`].
pub type BreakGlass = Written<BreakGlassFields>;

impl Direct for BreakGlassFields {}

impl Shown for BreakGlassFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::beside_row("administrator", "account_id", || Noun::leaf(&crate::account::TABLE)),
        ]
    }
}

#[Object(name = "BreakGlass", use_type_description)]
impl BreakGlassFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::BreakGlass, self.0.id)
    }

    /// The group that was opened.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// The name of the administrator's account.
    fn administrator(&self, ctx: &Context<'_>) -> Option<String> {
        let account = Front::of(ctx).reader().row::<account::Model>(self.0.account_id);
        account.map(|a| a.display_name.clone())
    }

    /// Why, in their words.
    fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Whether the group is open by it now.
    fn is_open(&self, ctx: &Context<'_>) -> bool {
        rules::is_open(self.0.expires_at, self.0.ended_at, Front::of(ctx).now())
    }

    /// When it was opened, UTC.
    fn opened_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// Until when at most, UTC: an hour.
    fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// When the administrator closed it before, UTC.
    fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
}
