//! The only SQL for this table.

use sea_orm::Condition;

use crate::auth::Scope;
use crate::db::visible::nothing;
use crate::db::{Direction, Order, SortColumn, SortKind, table};

table!(recommendation, visible);

fn visible(_: &Scope, _: &str) -> Condition {
    nothing()
}

/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };

/// As entered.
pub fn as_entered() -> Order {
    Order(vec![(CREATED, Direction::Ascending)])
}
