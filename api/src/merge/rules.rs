//! What points to organisations and people, and what two rows of the same holder collide about.

use std::collections::BTreeSet;

use entity::{assignment_response, membership};
use uuid::Uuid;

use crate::error::{Error, Result, Why};

/// A column that holds the id of an organisation or a person.
#[derive(Clone, Copy, Debug)]
pub struct Pointer {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row that counts as changed when the column does: from this row by these columns to these
    /// tables; an empty way is the row itself.
    pub stamps: Option<&'static [(&'static str, &'static str)]>,
}

const fn own(table: &'static str, column: &'static str) -> Pointer {
    Pointer { table, column, stamps: Some(&[]) }
}

const fn part(
    table: &'static str,
    column: &'static str,
    way: &'static [(&'static str, &'static str)],
) -> Pointer {
    Pointer { table, column, stamps: Some(way) }
}

const fn bare(table: &'static str, column: &'static str) -> Pointer {
    Pointer { table, column, stamps: None }
}

const OF_ITEM: &[(&str, &str)] = &[("agenda_item_id", "agenda_item")];
const OF_MINUTES: &[(&str, &str)] = &[("minutes_id", "minutes")];
const OF_RECOMMENDATION: &[(&str, &str)] = &[("recommendation_id", "recommendation")];
const OF_FOLLOW_UP: &[(&str, &str)] = &[("follow_up_id", "follow_up")];
const OF_ASSIGNMENT: &[(&str, &str)] = &[("assignment_id", "assignment"), ("follow_up_id", "follow_up")];

/// What moves when organisations are merged. Aliases move by themselves, and the change log stays
/// as it is: it says for whom somebody acted then.
pub const TO_ORGANISATIONS: &[Pointer] = &[
    own("organisation", "parent_id"),
    own("organisation", "merged_into_id"),
    bare("organisation_identifier", "organisation_id"),
    own("person", "organisation_id"),
    own("meeting", "host_organisation_id"),
    part("presenter", "organisation_id", OF_ITEM),
    own("attendance", "organisation_id"),
    part("minutes_contributor", "organisation_id", OF_MINUTES),
    own("membership", "organisation_id"),
    own("membership", "funded_by_id"),
    own("membership", "handover_successor_id"),
    own("membership", "handover_supporter_id"),
    part("addressee", "organisation_id", OF_RECOMMENDATION),
    own("follow_up", "blocked_by_id"),
    part("assignment", "organisation_id", OF_FOLLOW_UP),
    part("assignment_response", "organisation_id", OF_ASSIGNMENT),
    part("follow_up_update", "organisation_id", OF_FOLLOW_UP),
    own("announcement", "organisation_id"),
    own("invitation", "organisation_id"),
    own("membership_request", "organisation_id"),
    bare("external_reference", "organisation_id"),
];

/// What moves when people are merged. Contact points move by themselves.
pub const TO_PEOPLE: &[Pointer] = &[
    own("person", "merged_into_id"),
    part("presenter", "person_id", OF_ITEM),
    own("attendance", "person_id"),
    part("minutes_contributor", "person_id", OF_MINUTES),
    own("membership", "person_id"),
    part("addressee", "person_id", OF_RECOMMENDATION),
    part("assignment", "person_id", OF_FOLLOW_UP),
    part("assignment_response", "person_id", OF_ASSIGNMENT),
    part("follow_up_update", "person_id", OF_FOLLOW_UP),
    bare("external_reference", "person_id"),
    own("account", "person_id"),
    own("invitation", "person_id"),
    own("membership_request", "person_id"),
];

/// Refuses what was merged into another: nothing leads on from there.
///
/// # Errors
/// `STATE`.
pub fn standing(merged_into: Option<Uuid>) -> Result<()> {
    match merged_into {
        Some(_) => Err(Error::refused(Why::State { from: "MERGED".to_owned(), allowed: Vec::new() })),
        None => Ok(()),
    }
}

/// Whose rows are merged: the other holder of a seat or answer stays who they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Organisations.
    Organisation,
    /// People.
    Person,
}

/// The open seats of the one that the other holds too: nobody holds the same seat twice.
#[must_use]
pub fn doubled_seats<'a>(
    holder: Holder,
    from: &'a [membership::Model],
    into: &[membership::Model],
) -> Vec<&'a membership::Model> {
    let seat = |m: &membership::Model| {
        let other = if holder == Holder::Organisation { m.person_id } else { m.organisation_id };
        (m.group_id, m.role, m.topic.clone().unwrap_or_default(), other)
    };
    let taken: BTreeSet<_> = into.iter().filter(|m| m.until.is_none()).map(seat).collect();
    from.iter().filter(|m| m.until.is_none() && taken.contains(&seat(m))).collect()
}

/// Of two answers to the same assignment, the one that does not stand: the earlier; of two on the same
/// day the one of whoever is merged away.
#[must_use]
pub fn doubled_answers(
    from: &[assignment_response::Model],
    into: &[assignment_response::Model],
) -> Vec<Uuid> {
    let pair = |old: &assignment_response::Model| {
        let new = into.iter().find(|new| new.assignment_id == old.assignment_id)?;
        Some(if old.responded_on > new.responded_on { new.id } else { old.id })
    };
    from.iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use entity::enums::{AssignmentState, HandoverState, MembershipRole};

    use super::*;

    /// Every column of the tables that points to rows of `table`.
    fn columns_to(table: &str) -> BTreeSet<(String, String)> {
        let (mut inside, mut found) = (String::new(), BTreeSet::new());
        let steps = [
            include_str!("../../../migration/src/m0001_record.sql"),
            include_str!("../../../migration/src/m0002_access.sql"),
        ];
        for line in steps.iter().flat_map(|step| step.lines()) {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                inside = rest.trim_end_matches(" (").to_owned();
            } else if line.contains(&format!("REFERENCES {table} (id)")) {
                let column = line.split_whitespace().next().unwrap_or_default();
                found.insert((inside.clone(), column.to_owned()));
            }
        }
        found
    }

    fn named(pointers: &[Pointer], apart: &[(&str, &str)]) -> BTreeSet<(String, String)> {
        let moved = pointers.iter().map(|p| (p.table, p.column));
        moved.chain(apart.iter().copied()).map(|(t, c)| (t.to_owned(), c.to_owned())).collect()
    }

    #[test]
    fn nothing_keeps_pointing_to_what_was_merged() {
        let apart = [("organisation_alias", "organisation_id"), ("change", "acting_for_id")];
        assert_eq!(columns_to("organisation"), named(TO_ORGANISATIONS, &apart));
        assert_eq!(columns_to("person"), named(TO_PEOPLE, &[("contact_point", "person_id")]));
    }

    fn seat(role: MembershipRole, person: Option<u128>, topic: Option<&str>) -> membership::Model {
        let now = chrono::DateTime::UNIX_EPOCH;
        membership::Model {
            topic_folded: None,
            id: Uuid::now_v7(),
            group_id: Uuid::nil(),
            organisation_id: None,
            person_id: person.map(Uuid::from_u128),
            role,
            role_title: None,
            since: None,
            until: None,
            funded_by_id: None,
            is_dedicated: None,
            topic: topic.map(str::to_owned),
            represents: None,
            verified_on: None,
            note: None,
            handover_state: HandoverState::None,
            handover_successor_id: None,
            handover_supporter_id: None,
            handover_meeting_id: None,
            handover_note: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    #[test]
    fn the_same_open_seat_is_held_once() {
        use MembershipRole::{Member, Representative};
        let (lead, person) = (seat(Member, None, None), seat(Representative, Some(1), None));
        let from = [lead.clone(), person.clone(), seat(Representative, Some(2), None)];
        let ended = membership::Model { until: NaiveDate::from_ymd_opt(2019, 7, 4), ..person.clone() };
        let into = [seat(Member, None, None), ended.clone(), seat(Representative, Some(2), Some("genre"))];
        assert_eq!(doubled_seats(Holder::Organisation, &from, &into), [&from[0]]);
        let into = [person];
        assert_eq!(doubled_seats(Holder::Organisation, &from, &into), [&from[1]]);
        assert!(doubled_seats(Holder::Organisation, &[ended], &into).is_empty());
    }

    #[test]
    fn for_people_the_organisation_tells_seats_apart() {
        let mine = seat(MembershipRole::FocalPoint, Some(1), None);
        let for_another = membership::Model { organisation_id: Some(Uuid::from_u128(7)), ..mine.clone() };
        let other = seat(MembershipRole::FocalPoint, Some(2), None);
        assert!(doubled_seats(Holder::Person, &[for_another], std::slice::from_ref(&other)).is_empty());
        assert_eq!(doubled_seats(Holder::Person, std::slice::from_ref(&mine), &[other]), [&mine]);
    }

    #[test]
    fn the_later_answer_stands() {
        let answer = |assignment: u128, day: u32| assignment_response::Model {
            id: Uuid::now_v7(),
            assignment_id: Uuid::from_u128(assignment),
            organisation_id: None,
            person_id: None,
            state: AssignmentState::Done,
            response: None,
            responded_on: NaiveDate::from_ymd_opt(2019, 7, day).unwrap_or_default(),
        };
        let from = [answer(1, 4), answer(2, 6), answer(3, 4)];
        let into = [answer(1, 4), answer(2, 5), answer(4, 4)];
        assert_eq!(doubled_answers(&from, &into), [from[0].id, into[1].id]);
    }

    #[test]
    fn what_was_merged_is_at_its_end() {
        assert!(standing(None).is_ok());
        assert!(standing(Some(Uuid::nil())).is_err());
    }
}
