//! The life of minutes, and who may hear of what is published with them.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::MinutesStatus::{self, Adopted, Circulated, Draft, Superseded, UnderReview};
use entity::enums::{ContributorRole, MeetingStatus, Sensitivity, Visibility};
use uuid::Uuid;

use crate::error::{Error, Result, Rule, Why};

/// A step of the life of minutes, by the name of its mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The draft goes to review.
    Submit,
    /// The reviewer gives it back.
    Return,
    /// It goes to the members.
    Circulate,
    /// A later meeting adopts it.
    Adopt,
    /// It goes out.
    Publish,
    /// A new revision is begun.
    Revise,
}

/// From where each step leads where. Publishing leaves the state as it is; revising leaves this
/// revision as it is and begins the next one.
const STEPS: &[(Step, &str, MinutesStatus, MinutesStatus)] = &[
    (Step::Submit, "minutesSubmit", Draft, UnderReview),
    (Step::Return, "minutesReturn", UnderReview, Draft),
    (Step::Circulate, "minutesCirculate", UnderReview, Circulated),
    (Step::Adopt, "minutesAdopt", Circulated, Adopted),
    (Step::Publish, "minutesPublish", Adopted, Adopted),
    (Step::Revise, "minutesRevise", Adopted, Draft),
];

/// The mutations that are possible from a state.
#[must_use]
pub fn allowed(from: MinutesStatus) -> Vec<&'static str> {
    STEPS.iter().filter(|(_, _, source, _)| *source == from).map(|(_, name, ..)| *name).collect()
}

/// The name of the step, and where it leads from here.
///
/// # Errors
/// `STATE`, with what is possible.
pub fn step(step: Step, from: MinutesStatus) -> Result<(&'static str, MinutesStatus)> {
    STEPS
        .iter()
        .find(|(s, _, source, _)| *s == step && *source == from)
        .map(|(_, name, _, to)| (*name, *to))
        .ok_or_else(|| not_from(from))
}

/// Refuses to change a text that went to the members.
///
/// # Errors
/// `STATE`.
pub fn still_written(status: MinutesStatus) -> Result<()> {
    match status {
        Draft | UnderReview => Ok(()),
        Circulated | Adopted | Superseded => Err(not_from(status)),
    }
}

/// Refuses to enter as they stand minutes that were adopted: adopting takes a snapshot.
///
/// # Errors
/// `STATE`.
pub fn may_be_entered_as(status: MinutesStatus) -> Result<()> {
    match status {
        Draft | UnderReview | Circulated => Ok(()),
        Adopted | Superseded => Err(not_from(status)),
    }
}

fn not_from(from: MinutesStatus) -> Error {
    Error::refused(Why::State { from: from.word(), allowed: allowed(from) })
}

/// Refuses a reviewer who is among the authors.
///
/// # Errors
/// `REVIEWER_IS_AUTHOR`.
pub fn reviewer_is_no_author(
    contributors: &[(ContributorRole, Option<Uuid>)],
    reviewer: Option<Uuid>,
) -> Result<()> {
    let wrote = |(role, person): &(ContributorRole, Option<Uuid>)| {
        *role == ContributorRole::Author && person.is_some() && *person == reviewer
    };
    if contributors.iter().any(wrote) { Err(Error::rule(Rule::ReviewerIsAuthor)) } else { Ok(()) }
}

/// What adoption needs to know of a meeting.
#[derive(Clone, Debug)]
pub struct Sitting {
    /// Its id.
    pub id: Uuid,
    /// Its groups: the one that holds it, and the others of a joint meeting.
    pub groups: Vec<Uuid>,
    /// Its state.
    pub status: MeetingStatus,
    /// Its day, if known.
    pub day: Option<NaiveDate>,
    /// When it began or is to begin, if known.
    pub start: Option<DateTime<Utc>>,
}

/// Refuses to adopt minutes at a meeting that is not a later one of the same group, or that has not
/// begun.
///
/// # Errors
/// `NOT_LATER_MEETING`.
pub fn adopted_at(group: Uuid, meeting: &Sitting, at: &Sitting) -> Result<()> {
    let is_later = match (meeting.day, at.day) {
        (Some(of), Some(at_day)) if of == at_day => {
            matches!((meeting.start, at.start), (Some(first), Some(second)) if second > first)
        }
        (Some(of), Some(at_day)) => at_day > of,
        // a day that is not recorded proves nothing against it
        _ => true,
    };
    let has_begun =
        matches!(at.status, MeetingStatus::InProgress | MeetingStatus::Held | MeetingStatus::Closed);
    if at.id != meeting.id && at.groups.contains(&group) && has_begun && is_later {
        Ok(())
    } else {
        Err(Error::rule(Rule::NotLaterMeeting))
    }
}

/// To whom minutes go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// To everybody.
    Everybody,
    /// To the accounts of the operation.
    Operation,
}

/// To whom minutes with these values go out; `None`: they stay in the group.
#[must_use]
pub fn audience(visibility: Visibility, sensitivity: Sensitivity) -> Option<Audience> {
    [Audience::Everybody, Audience::Operation]
        .into_iter()
        .find(|audience| reaches(*audience, visibility, sensitivity))
}

/// Whether what has these values goes out with minutes to this audience.
#[must_use]
pub fn reaches(audience: Audience, visibility: Visibility, sensitivity: Sensitivity) -> bool {
    match audience {
        Audience::Everybody => visibility == Visibility::Public && sensitivity == Sensitivity::Low,
        Audience::Operation => visibility <= Visibility::Operation && sensitivity <= Sensitivity::Moderate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_leads_on_but_the_last() {
        assert_eq!(allowed(Draft), ["minutesSubmit"]);
        assert_eq!(allowed(UnderReview), ["minutesReturn", "minutesCirculate"]);
        assert_eq!(allowed(Circulated), ["minutesAdopt"]);
        assert_eq!(allowed(Adopted), ["minutesPublish", "minutesRevise"]);
        assert!(allowed(Superseded).is_empty());
    }

    #[test]
    fn a_wrong_step_names_the_right_ones() {
        let Err(Error::Refused(refusal)) = step(Step::Adopt, UnderReview) else { panic!("a refusal") };
        assert_eq!(
            refusal.why,
            Why::State {
                from: "UNDER_REVIEW".to_owned(),
                allowed: vec!["minutesReturn", "minutesCirculate"]
            }
        );
    }

    #[test]
    fn the_text_is_fixed_once_it_went_to_the_members() {
        assert!(still_written(Draft).is_ok() && still_written(UnderReview).is_ok());
        for fixed in [Circulated, Adopted, Superseded] {
            assert!(still_written(fixed).is_err(), "{fixed:?}");
        }
    }

    #[test]
    fn only_adoption_makes_adopted_minutes() {
        assert!(may_be_entered_as(Circulated).is_ok());
        assert!(may_be_entered_as(Adopted).is_err() && may_be_entered_as(Superseded).is_err());
    }

    #[test]
    fn a_reviewer_is_not_the_author() {
        let me = Some(Uuid::from_u128(1));
        let contributors = [
            (ContributorRole::Author, Some(Uuid::from_u128(2))),
            (ContributorRole::Author, None),
            (ContributorRole::Reviewer, me),
        ];
        assert!(reviewer_is_no_author(&contributors, me).is_ok());
        assert!(reviewer_is_no_author(&contributors, None).is_ok());
        assert!(reviewer_is_no_author(&contributors, Some(Uuid::from_u128(2))).is_err());
    }

    #[test]
    fn minutes_are_adopted_at_a_later_meeting_of_the_group() {
        let group = Uuid::from_u128(9);
        let day = |d| NaiveDate::from_ymd_opt(2019, 7, d);
        let meeting = |id, day, status| Sitting {
            id: Uuid::from_u128(id),
            groups: vec![group],
            status,
            day,
            start: None,
        };
        let held = MeetingStatus::Held;
        let first = meeting(1, day(4), held);
        assert!(adopted_at(group, &first, &meeting(2, day(11), held)).is_ok());
        assert!(adopted_at(group, &first, &meeting(2, day(4), held)).is_err());
        assert!(adopted_at(group, &first, &meeting(2, day(1), held)).is_err());
        assert!(adopted_at(group, &first, &first).is_err());
        assert!(adopted_at(group, &first, &meeting(2, None, held)).is_ok());
        for status in [MeetingStatus::Scheduled, MeetingStatus::Cancelled, MeetingStatus::NotHeld] {
            assert!(adopted_at(group, &first, &meeting(2, day(11), status)).is_err(), "{status:?}");
        }
        let elsewhere = Sitting { groups: vec![Uuid::from_u128(8)], ..meeting(2, day(11), held) };
        assert!(adopted_at(group, &first, &elsewhere).is_err());
        let hour = |h: u32| DateTime::from_timestamp(i64::from(h) * 3600, 0);
        let morning = Sitting { start: hour(8), ..meeting(1, day(4), held) };
        let afternoon = Sitting { start: hour(14), ..meeting(2, day(4), held) };
        assert!(adopted_at(group, &morning, &afternoon).is_ok());
        assert!(adopted_at(group, &afternoon, &morning).is_err());
    }

    #[test]
    fn what_goes_out_keeps_to_the_ceilings() {
        use Sensitivity::{High, Low, Moderate};
        use Visibility::{Group, Operation, Public};
        assert_eq!(audience(Public, Low), Some(Audience::Everybody));
        assert_eq!(audience(Public, Moderate), Some(Audience::Operation));
        assert_eq!(audience(Operation, Low), Some(Audience::Operation));
        assert_eq!(audience(Operation, High), None);
        assert_eq!(audience(Group, Low), None);
        assert!(!reaches(Audience::Everybody, Operation, Low));
        assert!(reaches(Audience::Operation, Public, Low));
    }
}
