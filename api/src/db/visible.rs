//! Visibility as SQL: what the sets of a [`Reach`] mean on a table.

use entity::enums::{MeetingStatus, Sensitivity, Visibility};
use sea_orm::Condition;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use uuid::Uuid;

pub(crate) use super::find::{col, nothing, one_of, points_to_seen, related};
use crate::auth::policy::{Reach, Right};
use crate::auth::{Action, Scope};

/// Rows that every viewer sees.
pub(crate) fn everyone(_: &Scope, _: &str) -> Condition {
    Condition::all()
}

/// Rows that are reached only through their parent, which had to be seen first.
pub(crate) fn with_parent(_: &Scope, _: &str) -> Condition {
    Condition::all()
}

/// The condition that `column` is one of `ids`; of none: nothing.
pub(crate) fn among(scope: &Scope, alias: &str, column: &str, ids: &[Uuid]) -> Condition {
    if ids.is_empty() {
        return nothing();
    }
    Condition::all().add(one_of(scope.dialect(), col(alias, column), ids))
}

fn visibility_in(alias: &str, values: &[Visibility]) -> Condition {
    either(alias, "visibility", values.iter().map(|v| v.word()))
}

fn sensitivity_in(alias: &str, values: &[Sensitivity]) -> Condition {
    either(alias, "sensitivity", values.iter().map(|v| v.word()))
}

/// `alias.column` is one of these few words, compared one after the other: of a list of three, SQLite would first make
/// a table.
fn either(alias: &str, column: &str, words: impl Iterator<Item = String>) -> Condition {
    let any = words.map(|word| col(alias, column).eq(word)).reduce(ExprTrait::or);
    any.map_or_else(nothing, |any| Condition::all().add(any))
}

const BEYOND_OFFICERS: [Visibility; 3] = [Visibility::Public, Visibility::Operation, Visibility::Group];
const IN_OPERATION: [Visibility; 2] = [Visibility::Public, Visibility::Operation];
const UP_TO_HIGH: [Sensitivity; 3] = [Sensitivity::Low, Sensitivity::Moderate, Sensitivity::High];
const UP_TO_MODERATE: [Sensitivity; 2] = [Sensitivity::Low, Sensitivity::Moderate];

/// What `action` opens of a table that carries the effective values (`group_id`, `operation_id`,
/// `visibility`, `sensitivity`, `published_at`).
pub(crate) fn content(scope: &Scope, action: Action, alias: &str) -> Condition {
    let reach = scope.reach(action);
    if reach.everywhere {
        return Condition::all();
    }
    Condition::any().add(inside(scope, &reach, alias)).add(published(scope, &reach, alias))
}

/// Rows that belong where the API token holds, if one came along that does not hold everywhere: for what
/// concerns oneself, wherever one has a seat.
pub(crate) fn within(scope: &Scope, alias: &str) -> Condition {
    let Some(within) = scope.actor().within() else { return Condition::all() };
    let (groups, operations): (Vec<Uuid>, Vec<Uuid>) =
        (within.groups.iter().copied().collect(), within.operations.iter().copied().collect());
    Condition::all().add(in_these(scope, alias, &groups, &operations))
}

/// Rows of these groups, and of these operations.
fn in_these(scope: &Scope, alias: &str, groups: &[Uuid], operations: &[Uuid]) -> Condition {
    Condition::any().add(among(scope, alias, "group_id", groups)).add(among(
        scope,
        alias,
        "operation_id",
        operations,
    ))
}

/// Rows of the groups that the viewer has `action` in as an officer, and of the operations as a manager. `None`: of all.
pub(crate) fn in_charge(scope: &Scope, action: Action, alias: &str) -> Option<Condition> {
    let reach = scope.reach(action);
    (!reach.everywhere).then(|| in_these(scope, alias, &reach.officer_of, &reach.manager_of))
}

/// The same, and rows about the viewer's own organisations where `action` is open to those.
pub(crate) fn in_charge_or_own(scope: &Scope, action: Action, alias: &str) -> Option<Condition> {
    let any = in_charge(scope, action, alias)?;
    let own = scope.groups_with(action, Right::Own);
    let ours: Vec<Uuid> = scope.actor().organisations().into_iter().collect();
    Some(any.add(among(scope, alias, "group_id", &own).add(among(scope, alias, "organisation_id", &ours))))
}

/// The part of [`content`] that comes from publication: rows of which the viewer, without a seat,
/// sees the public twin.
pub(crate) fn published(scope: &Scope, reach: &Reach, alias: &str) -> Condition {
    let mut any = Condition::any().add(nothing());
    if !reach.published_in.is_empty() {
        any = any.add(
            among(scope, alias, "operation_id", &reach.published_in)
                .add(visibility_in(alias, &IN_OPERATION))
                .add(sensitivity_in(alias, &UP_TO_MODERATE))
                .add(col(alias, "published_at").is_not_null()),
        );
    }
    if reach.published {
        any = any.add(
            Condition::all()
                .add(visibility_in(alias, &[Visibility::Public]))
                .add(sensitivity_in(alias, &[Sensitivity::Low]))
                .add(col(alias, "published_at").is_not_null()),
        );
    }
    any
}

/// [`Scope::may_read`] as SQL: rows of groups and operations in which the viewer has `action`
/// without reserve. Decides what is shown of a row that is seen anyway: no ceilings.
pub(crate) fn seated(scope: &Scope, action: Action, alias: &str) -> Condition {
    let reach = scope.reach(action);
    if reach.everywhere {
        return Condition::all();
    }
    let groups = [reach.officer_of, reach.member_of, reach.observer_of].concat();
    Condition::any()
        .add(among(scope, alias, "group_id", &groups))
        .add(among(scope, alias, "operation_id", &reach.manager_of))
        .add(among(scope, alias, "meeting_id", &reach.part_in))
}

/// The part of [`content`] that comes from seats, parts in a meeting and grants, not from publication.
pub(crate) fn inside(scope: &Scope, reach: &Reach, alias: &str) -> Condition {
    inside_by(scope, reach, alias, "meeting_id")
}

/// The same; `meeting` is the column that holds the id of the meeting.
pub(crate) fn inside_by(scope: &Scope, reach: &Reach, alias: &str, meeting: &str) -> Condition {
    let mut any = Condition::any().add(nothing());
    if !reach.part_in.is_empty() {
        any = any.add(among(scope, alias, meeting, &reach.part_in));
    }
    if !reach.officer_of.is_empty() {
        any = any.add(among(scope, alias, "group_id", &reach.officer_of));
    }
    if !reach.manager_of.is_empty() {
        any = any.add(among(scope, alias, "operation_id", &reach.manager_of));
    }
    for (groups, ceiling) in [(&reach.member_of, &UP_TO_HIGH[..]), (&reach.observer_of, &UP_TO_MODERATE[..])]
    {
        if !groups.is_empty() {
            any = any.add(
                among(scope, alias, "group_id", groups)
                    .add(visibility_in(alias, &BEYOND_OFFICERS))
                    .add(sensitivity_in(alias, ceiling)),
            );
        }
    }
    any
}

/// What the seats in the other groups of a joint meeting open, under the same ceilings as [`inside`].
/// `column` holds the id of the meeting.
pub(crate) fn joint(scope: &Scope, reach: &Reach, alias: &str, column: &str) -> Condition {
    let with = |groups: &[Uuid]| {
        let other = among(scope, "jg", "group_id", groups);
        Condition::all().add(among_those(alias, column, "meeting_group", "jg", "meeting_id", other))
    };
    let mut any = Condition::any().add(nothing());
    if !reach.officer_of.is_empty() {
        any = any.add(with(&reach.officer_of));
    }
    for (groups, ceiling) in [(&reach.member_of, &UP_TO_HIGH[..]), (&reach.observer_of, &UP_TO_MODERATE[..])]
    {
        if !groups.is_empty() {
            any = any.add(
                with(groups).add(visibility_in(alias, &BEYOND_OFFICERS)).add(sensitivity_in(alias, ceiling)),
            );
        }
    }
    any
}

/// What belongs to a meeting in DRAFT, only who may see drafts sees. `alias` has `meeting_id`, `group_id`
/// and `operation_id`.
pub(crate) fn not_of_a_draft(scope: &Scope, alias: &str) -> Condition {
    let draft = Condition::all().add(is_draft("dm"));
    or_drafts(scope, alias).add(when_related("meeting", "dm", "id", alias, "meeting_id", draft).not())
}

/// The same beside the meeting, which stands under its own alias.
pub(crate) fn beside_no_draft(scope: &Scope, alias: &str, meeting: &str) -> Condition {
    or_drafts(scope, alias).add(is_draft(meeting).not())
}

fn is_draft(meeting: &str) -> Expr {
    col(meeting, "status").eq(MeetingStatus::Draft.word())
}

/// What belongs to the meetings of which the viewer may see drafts; to be widened.
fn or_drafts(scope: &Scope, alias: &str) -> Condition {
    Condition::any().add(inside(scope, &scope.reach(Action::MeetingReadDraft), alias))
}

/// PUBLIC and LOW for everybody, PUBLIC or OPERATION up to MODERATE for accounts of the operation: what
/// is shown of a row without an act of publication (the calendar).
pub(crate) fn announced(scope: &Scope, alias: &str) -> Condition {
    let operations: Vec<Uuid> = scope.operations().into_iter().collect();
    Condition::any()
        .add(
            Condition::all()
                .add(visibility_in(alias, &[Visibility::Public]))
                .add(sensitivity_in(alias, &[Sensitivity::Low])),
        )
        .add(
            among(scope, alias, "operation_id", &operations)
                .add(visibility_in(alias, &IN_OPERATION))
                .add(sensitivity_in(alias, &UP_TO_MODERATE)),
        )
}

/// A membership (under `alias`) that holds on the viewer's today.
pub(crate) fn active(scope: &Scope, alias: &str) -> Condition {
    let today = scope.actor().today;
    Condition::all()
        .add(Condition::any().add(col(alias, "since").is_null()).add(col(alias, "since").lte(today)))
        .add(Condition::any().add(col(alias, "until").is_null()).add(col(alias, "until").gt(today)))
}

/// `alias.column` is the `key` of a row of `table` (under `inner`) that meets `condition`.
pub(crate) fn when_related(
    table: &str,
    inner: &str,
    key: &str,
    alias: &str,
    column: &str,
    condition: Condition,
) -> Expr {
    Expr::exists(related(table, inner, key, alias, column, condition))
}

/// The same, looked up row by row: as `EXISTS` PostgreSQL would rather gather all rows of `table` that meet the
/// condition, which is dear where a table is large and a page is short.
pub(crate) fn when_one_is_related(
    table: &str,
    inner: &str,
    key: &str,
    alias: &str,
    column: &str,
    condition: Condition,
) -> Expr {
    let first = related(table, inner, key, alias, column, condition).limit(1).take();
    Expr::SubQuery(None, Box::new(first.into())).is_not_null()
}

/// `alias.column` is among the `select_column` of the rows of `table` (under `inner`) that meet the
/// condition: unlike [`when_related`] it does not depend on the outer row, so it is computed once.
pub(crate) fn among_those(
    alias: &str,
    column: &str,
    table: &str,
    inner: &str,
    select_column: &str,
    condition: Condition,
) -> Expr {
    let select = Query::select()
        .expr(col(inner, select_column))
        .from_as(Alias::new(table), Alias::new(inner))
        .cond_where(condition)
        .take();
    col(alias, column).in_subquery(select)
}
