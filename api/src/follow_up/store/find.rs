//! Conditions on follow-ups.

use chrono::NaiveDate;
use entity::enums::{AssignmentPart, AssignmentState, DueQualifier, FollowUpStatus};
use entity::person;
use sea_orm::Condition;
use sea_orm::sea_query::ExprTrait;
use uuid::Uuid;

use super::super::rules::{OPEN, overdue_up_to};
use crate::auth::{Action, Scope};
use crate::db::visible::{active, among, among_those, col, inside, nothing, points_to_seen};
use crate::db::{Bind, MAIN, Order, Row, Where};
use crate::graphql::Asking;

/// Open ones.
pub fn open() -> Where {
    Where::always_words("status", &OPEN.map(FollowUpStatus::word))
}

/// Those that something is in the way of.
pub fn blocked() -> Where {
    Where::eq("status", FollowUpStatus::Blocked.word())
}

/// Those for which nobody is named: no responsible person, organisation, group or role. A text that
/// was not resolved ("nous") names nobody who could be asked.
pub fn without_owner() -> Where {
    Where::except(assigned(
        Condition::all().add(col("x", "part").eq(AssignmentPart::Responsible.word())).add(
            Condition::any()
                .add(col("x", "person_id").is_not_null())
                .add(col("x", "organisation_id").is_not_null())
                .add(col("x", "group_id").is_not_null()),
        ),
    ))
}

fn assigned(condition: Condition) -> Where {
    Where::exists("assignment", "follow_up_id", "id", condition)
}

/// Those that are overdue: on `as_of`, or on today in each operation's time zone.
pub fn overdue(asking: &Asking<'_>) -> Where {
    if let Some(day) = asking.as_of {
        return overdue_on(day);
    }
    let others = asking.db.other_days(asking.now);
    let elsewhere: Vec<Uuid> = others.iter().flat_map(|(_, operations)| operations.clone()).collect();
    let mut any = vec![
        Where::except(Where::ids(asking.dialect(), "operation_id", &elsewhere))
            .and(overdue_on(asking.now.date_naive())),
    ];
    for (day, operations) in others {
        any.push(Where::ids(asking.dialect(), "operation_id", &operations).and(overdue_on(day)));
    }
    Where::any(any)
}

fn overdue_on(day: NaiveDate) -> Where {
    let up_to = |qualifier| Where::lte("due_on", Bind::from(overdue_up_to(qualifier, day)));
    let meant = |qualifiers: &[DueQualifier]| {
        Where::words("due_qualifier", &qualifiers.iter().map(|q| q.word()).collect::<Vec<_>>())
    };
    let on_the_day = Where::any([
        Where::is_null("due_qualifier", true),
        meant(&[DueQualifier::On, DueQualifier::OnOrBefore]),
    ]);
    open().and(Where::any([
        on_the_day.and(up_to(DueQualifier::On)),
        meant(&[DueQualifier::Before]).and(up_to(DueQualifier::Before)),
        meant(&[DueQualifier::Around]).and(up_to(DueQualifier::Around)),
    ]))
}

/// Those assigned to one of these people, as far as the viewer sees that they are: public answers leave
/// people out, and a filter would tell.
pub fn assigned_to(scope: &Scope, people: &[Uuid]) -> Where {
    let seen = points_to_seen(scope, person::Model::table(), "x", "person_id");
    let theirs = among(scope, "x", "person_id", people).add(seen);
    assigned(Condition::all().add(theirs).add(super::assignment_visible(scope, "x")))
}

/// Open ones that are assigned to a person who has neither done nor declined their part, in order of
/// urgency. Only where the viewer sees that the person is assigned: public answers leave people out.
pub fn left_by(scope: &Scope, person: Uuid) -> (Where, Order) {
    let waits = [AssignmentState::Pending, AssignmentState::Acknowledged].map(AssignmentState::word);
    let theirs = Condition::all()
        .add(col("x", "person_id").eq(person))
        .add(col("x", "state").is_in(waits))
        .add(super::assignment_visible(scope, "x"));
    (open().and(assigned(theirs)), super::by_due())
}

/// Those assigned to one of these organisations, or to all members of a group in which one of them
/// has a seat today.
pub fn for_organisation(scope: &Scope, organisations: &[Uuid]) -> Where {
    let seats = active(scope, "m").add(among(scope, "m", "organisation_id", organisations));
    let collective = Condition::all().add(col("x", "role").is_null()).add(among_those(
        "x",
        "group_id",
        "membership",
        "m",
        "group_id",
        seats,
    ));
    assigned(Condition::any().add(among(scope, "x", "organisation_id", organisations)).add(collective))
}

/// The viewer's: their own, their organisation's, their group's, their role's.
pub fn mine(scope: &Scope) -> Where {
    let actor = scope.actor();
    let organisations: Vec<Uuid> = actor.organisations().into_iter().collect();
    let groups: Vec<Uuid> = actor.seats.iter().filter(|s| !s.is_inherited).map(|s| s.group_id).collect();
    let mut any = Condition::any()
        .add(nothing())
        .add(among(scope, "x", "organisation_id", &organisations))
        .add(among(scope, "x", "group_id", &groups).add(col("x", "role").is_null()));
    if let Some(me) = actor.person_id {
        any = any.add(col("x", "person_id").eq(me));
    }
    for seat in actor.seats.iter().filter(|s| !s.is_inherited) {
        any = any.add(
            Condition::all()
                .add(col("x", "group_id").eq(seat.group_id))
                .add(col("x", "role").eq(seat.role.word())),
        );
    }
    assigned(any)
}

/// Those that the viewer sees whole, from inside: what may be searched by its text.
pub fn whole(scope: &Scope) -> Where {
    let reach = scope.reach(Action::FollowUpRead);
    Where::from(Condition::any().add(inside(scope, &reach, MAIN)))
}
