//! Which seat a row means, and what changes about it.

use chrono::NaiveDate;
use entity::enums::MembershipRole;
use entity::membership::Model;
use uuid::Uuid;

use super::ended;
use crate::id::Kind;
use crate::text::fold;

/// What a row says of the topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Nothing.
    Unsaid,
    /// There is none.
    None,
    /// This, folded.
    Is(String),
}

/// What a row says of a seat whose holder and role are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The organisation, if it says one.
    pub organisation: Option<Uuid>,
    /// The topic.
    pub topic: Topic,
    /// Since when, if it says so.
    pub since: Option<NaiveDate>,
    /// Until when, if it says so.
    pub until: Option<NaiveDate>,
}

/// Which of a holder's seats in a role is meant. What is over is left alone, unless the row is about it.
///
/// # Errors
/// The seats, if several may be meant.
pub fn meant(seats: &[&Model], wanted: &Wanted, today: NaiveDate) -> Result<Option<Uuid>, Vec<Uuid>> {
    let topic = |seat: &Model| match &wanted.topic {
        Topic::Unsaid => true,
        Topic::None => seat.topic.is_none(),
        Topic::Is(topic) => seat.topic.as_deref().map(fold).as_deref() == Some(topic.as_str()),
    };
    let organisation =
        |seat: &Model| wanted.organisation.is_none() || seat.organisation_id == wanted.organisation;
    let fitting: Vec<&Model> = seats.iter().copied().filter(|s| organisation(s) && topic(s)).collect();
    let open: Vec<&Model> = fitting.iter().copied().filter(|s| !ended(s.until, today)).collect();
    if !ended(wanted.until, today) {
        return narrowed(open, wanted);
    }
    let begins_then = |seat: &&Model| wanted.since.is_some() && seat.since == wanted.since;
    let the_same = fitting
        .iter()
        .copied()
        .find(|s| s.until == wanted.until && (wanted.since.is_none() || s.since == wanted.since))
        .or_else(|| fitting.iter().copied().find(begins_then));
    match the_same {
        Some(seat) => Ok(Some(seat.id)),
        None if wanted.since.is_none() => narrowed(open, wanted),
        None => narrowed(open.into_iter().filter(|s| s.since.is_none()).collect(), wanted),
    }
}

/// Of open seats: without what the row does not speak of, then the one that begins when it says, then
/// the first.
fn narrowed(open: Vec<&Model>, wanted: &Wanted) -> Result<Option<Uuid>, Vec<Uuid>> {
    let seats = narrow(open, wanted.organisation.is_none(), &|s| s.organisation_id.is_none());
    let seats = narrow(seats, wanted.topic == Topic::Unsaid, &|s| s.topic.is_none());
    let mut seats = narrow(seats, wanted.since.is_some(), &|s| s.since == wanted.since);
    seats.sort_by_key(|s| (s.since, s.id));
    let Some(first) = seats.first() else { return Ok(None) };
    let alike = |s: &&Model| (s.organisation_id, &s.topic) == (first.organisation_id, &first.topic);
    if seats.iter().all(alike) { Ok(Some(first.id)) } else { Err(seats.iter().map(|s| s.id).collect()) }
}

/// Only those that fit, if that is wished and any do.
fn narrow<'a>(seats: Vec<&'a Model>, wish: bool, fits: &dyn Fn(&Model) -> bool) -> Vec<&'a Model> {
    let fitting: Vec<&Model> = seats.iter().copied().filter(|s| fits(s)).collect();
    if wish && !fitting.is_empty() { fitting } else { seats }
}

/// A field that changes, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name in the API.
    pub field: &'static str,
    /// As it stood.
    pub before: Option<String>,
    /// As it will stand.
    pub after: Option<String>,
}

/// What differs between a seat as it stands and as it shall be.
#[must_use]
pub fn changes(before: &Model, after: &Model) -> Vec<FieldChange> {
    type Read = fn(&Model) -> Option<String>;
    let fields: [(&'static str, Read); 9] = [
        ("role", |s| Some(s.role.word())),
        ("roleTitle", |s| s.role_title.clone()),
        ("since", |s| s.since.map(|day| day.to_string())),
        ("until", |s| s.until.map(|day| day.to_string())),
        ("fundedBy", |s| s.funded_by_id.map(|id| Kind::Organisation.id(id))),
        ("isDedicated", |s| s.is_dedicated.map(|yes| yes.to_string())),
        ("topic", |s| s.topic.clone()),
        ("represents", |s| s.represents.clone()),
        ("note", |s| s.note.clone()),
    ];
    fields
        .into_iter()
        .map(|(field, read)| FieldChange { field, before: read(before), after: read(after) })
        .filter(|change| change.before != change.after)
        .collect()
}

/// By what two open seats are the same: no two may be.
#[must_use]
pub fn identity(seat: &Model) -> (MembershipRole, Option<Uuid>, Option<Uuid>, String) {
    (seat.role, seat.person_id, seat.organisation_id, seat.topic.clone().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use entity::enums::HandoverState;

    fn day(year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, 1, 1)
    }

    fn today() -> NaiveDate {
        day(2026).unwrap_or_default()
    }

    fn seat(number: u128, organisation: u128, since: Option<NaiveDate>, until: Option<NaiveDate>) -> Model {
        let at = chrono::DateTime::UNIX_EPOCH;
        Model {
            id: Uuid::from_u128(number),
            group_id: Uuid::from_u128(1),
            organisation_id: Some(Uuid::from_u128(organisation)),
            person_id: None,
            role: MembershipRole::Member,
            role_title: None,
            since,
            until,
            funded_by_id: None,
            is_dedicated: None,
            topic: None,
            topic_folded: None,
            represents: None,
            verified_on: None,
            note: None,
            handover_state: HandoverState::None,
            handover_successor_id: None,
            handover_supporter_id: None,
            handover_meeting_id: None,
            handover_note: None,
            created_at: at,
            updated_at: at,
            version: 1,
        }
    }

    fn wanted(since: Option<NaiveDate>, until: Option<NaiveDate>) -> Wanted {
        Wanted { organisation: Some(Uuid::from_u128(7)), topic: Topic::Unsaid, since, until }
    }

    fn found(seats: &[Model], wanted: &Wanted) -> Option<u128> {
        let seats: Vec<&Model> = seats.iter().collect();
        meant(&seats, wanted, today()).unwrap_or_default().map(|id| id.as_u128())
    }

    #[test]
    fn a_seat_that_is_over_is_not_taken_for_a_new_one() {
        let stints = [seat(1, 7, day(2015), day(2018)), seat(2, 7, day(2020), None), seat(3, 8, None, None)];
        assert_eq!(found(&stints, &wanted(None, None)), Some(2));
        assert_eq!(found(&stints[..1], &wanted(None, None)), None);
        assert_eq!(found(&stints, &wanted(day(2021), None)), Some(2), "the start is corrected");
    }

    #[test]
    fn a_row_about_the_past_means_the_past() {
        let stints = [seat(1, 7, day(2015), day(2018)), seat(2, 7, day(2020), None)];
        assert_eq!(found(&stints, &wanted(day(2015), day(2018))), Some(1));
        assert_eq!(found(&stints, &wanted(day(2015), day(2017))), Some(1), "the end is corrected");
        assert_eq!(found(&stints, &wanted(None, day(2018))), Some(1));
        assert_eq!(found(&stints, &wanted(day(2010), day(2012))), None, "a stint that nobody knew of");
        assert_eq!(found(&stints, &wanted(day(2020), day(2025))), Some(2), "the open one ends");
        assert_eq!(found(&stints[1..], &wanted(None, day(2025))), Some(2));
    }

    #[test]
    fn of_several_topics_none_is_guessed() {
        let about = |number, topic: Option<&str>| Model {
            topic: topic.map(str::to_owned),
            ..seat(number, 7, None, None)
        };
        let two = [about(1, Some("Abris")), about(2, Some("Eau"))];
        let all: Vec<&Model> = two.iter().collect();
        assert_eq!(meant(&all, &wanted(None, None), today()).map_err(|ids| ids.len()), Err(2));
        let topic = Wanted { topic: Topic::Is(fold("ABRIS")), ..wanted(None, None) };
        assert_eq!(found(&two, &topic), Some(1));
        assert_eq!(found(&two, &Wanted { topic: Topic::None, ..wanted(None, None) }), None);
        assert_eq!(found(&[about(1, Some("Abris")), about(2, None)], &wanted(None, None)), Some(2));
    }

    #[test]
    fn what_changes_is_named() {
        let before = seat(1, 7, day(2015), None);
        assert!(changes(&before, &before).is_empty());
        let after = Model { until: day(2026), ..before.clone() };
        let until = FieldChange { field: "until", before: None, after: Some("2026-01-01".to_owned()) };
        assert_eq!(changes(&before, &after), [until]);
    }
}
