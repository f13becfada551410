//! The life of a meeting, and what its times and recurrence rules must be.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{AgendaItemKind, AgendaItemStatus, MeetingStatus};

use crate::error::{Error, Result, Rule, Why};

/// A step of a meeting's life, by the name of its mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The invitation goes out.
    Schedule,
    /// Another time.
    Postpone,
    /// It begins.
    Start,
    /// It ends.
    End,
    /// Its record is complete.
    Close,
    /// Its record is taken up again.
    Reopen,
    /// It is called off.
    Cancel,
    /// It did not take place.
    RecordNotHeld,
}

/// From where each step leads where.
const STEPS: &[(Step, &str, &[MeetingStatus], MeetingStatus)] = &[
    (Step::Schedule, "meetingSchedule", &[MeetingStatus::Draft], MeetingStatus::Scheduled),
    (Step::Postpone, "meetingPostpone", &[MeetingStatus::Scheduled], MeetingStatus::Scheduled),
    (Step::Start, "meetingStart", &[MeetingStatus::Scheduled], MeetingStatus::InProgress),
    (Step::End, "meetingEnd", &[MeetingStatus::InProgress], MeetingStatus::Held),
    (Step::Close, "meetingClose", &[MeetingStatus::Held], MeetingStatus::Closed),
    (Step::Reopen, "meetingReopen", &[MeetingStatus::Closed], MeetingStatus::Held),
    (
        Step::Cancel,
        "meetingCancel",
        &[MeetingStatus::Draft, MeetingStatus::Scheduled],
        MeetingStatus::Cancelled,
    ),
    (Step::RecordNotHeld, "meetingRecordNotHeld", &[MeetingStatus::Scheduled], MeetingStatus::NotHeld),
];

/// The mutations that are possible from a state.
#[must_use]
pub fn allowed(from: MeetingStatus) -> Vec<&'static str> {
    STEPS.iter().filter(|(_, _, sources, _)| sources.contains(&from)).map(|(_, name, ..)| *name).collect()
}

/// The name of the step, and where it leads from here.
///
/// # Errors
/// `STATE`, with what is possible.
pub fn step(step: Step, from: MeetingStatus) -> Result<(&'static str, MeetingStatus)> {
    STEPS
        .iter()
        .find(|(s, _, sources, _)| *s == step && sources.contains(&from))
        .map(|(_, name, _, to)| (*name, *to))
        .ok_or_else(|| Error::refused(Why::State { from: from.word(), allowed: allowed(from) }))
}

/// That the record of a meeting (its own, its agenda, its attendance) may change.
///
/// # Errors
/// `STATE` for a closed meeting.
pub fn open_to_change(status: MeetingStatus) -> Result<()> {
    match status {
        MeetingStatus::Closed => {
            Err(Error::refused(Why::State { from: status.word(), allowed: allowed(status) }))
        }
        _ => Ok(()),
    }
}

/// That a meeting has begun: before, nothing says when it was held.
///
/// # Errors
/// `STATE`.
pub fn begun(status: MeetingStatus) -> Result<()> {
    match status {
        MeetingStatus::InProgress | MeetingStatus::Held => Ok(()),
        _ => Err(Error::refused(Why::State { from: status.word(), allowed: allowed(status) })),
    }
}

/// That an end is not before its start.
///
/// # Errors
/// `END_BEFORE_START`.
pub fn in_order(start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>) -> Result<()> {
    match (start, end) {
        (Some(start), Some(end)) if end < start => Err(Error::refused(Why::EndBeforeStart)),
        _ => Ok(()),
    }
}

/// The calendar day of an instant where the meeting is.
#[must_use]
pub fn day(instant: DateTime<Utc>, zone: &str) -> NaiveDate {
    let zone = zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    instant.with_timezone(&zone).date_naive()
}

/// The day under which a meeting is filed: the day it was held, else the day for which it is scheduled.
#[must_use]
pub fn occurs_on(
    held_on: Option<NaiveDate>,
    scheduled_start: Option<DateTime<Utc>>,
    zone: &str,
) -> Option<NaiveDate> {
    held_on.or_else(|| scheduled_start.map(|start| day(start, zone)))
}

/// Whether an agenda says that the meeting looked at the open follow-ups: it has such an item, and it
/// was not put off.
#[must_use]
pub fn reviews_follow_ups(agenda: &[(AgendaItemKind, AgendaItemStatus)]) -> bool {
    use AgendaItemStatus::{Covered, NotRecorded, PartlyCovered, Planned};
    agenda.iter().any(|(kind, status)| {
        *kind == AgendaItemKind::FollowUpReview
            && matches!(status, Planned | Covered | PartlyCovered | NotRecorded)
    })
}

/// That a meeting may be closed. `unreviewed`: open follow-ups that it should have looked at and did not.
///
/// # Errors
/// `UNFINISHED`, unless somebody gave a reason for closing all the same.
pub fn complete(
    agenda: &[(AgendaItemKind, AgendaItemStatus)],
    unreviewed: u64,
    is_overridden: bool,
) -> Result<()> {
    let planned = agenda.iter().any(|(_, status)| *status == AgendaItemStatus::Planned);
    if (planned || unreviewed > 0) && !is_overridden {
        return Err(Error::rule(Rule::Unfinished));
    }
    Ok(())
}

const FREQUENCIES: [&str; 7] = ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
const PARTS: [&str; 14] = [
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
];

/// A recurrence rule (RFC 5545, without `RRULE:`): known parts, each once, one of them the frequency.
///
/// # Errors
/// `OUT_OF_RANGE`.
pub fn recurrence(rule: &str) -> Result<()> {
    let mut seen: Vec<&str> = Vec::new();
    for part in rule.split(';') {
        let Some((name, value)) = part.split_once('=') else { return Err(Error::rule(Rule::OutOfRange)) };
        let plain =
            !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b",+-".contains(&b));
        let fine = name != "FREQ" || FREQUENCIES.contains(&value);
        if !plain || !fine || !PARTS.contains(&name) || seen.contains(&name) {
            return Err(Error::rule(Rule::OutOfRange));
        }
        seen.push(name);
    }
    // the standard: a rule ends by a day or by a count, not by both
    if !seen.contains(&"FREQ") || (seen.contains(&"UNTIL") && seen.contains(&"COUNT")) {
        return Err(Error::rule(Rule::OutOfRange));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_leads_on_as_the_record_says() {
        use MeetingStatus::{Cancelled, Closed, Draft, Held, InProgress, NotHeld, Scheduled};
        assert_eq!(allowed(Draft), ["meetingSchedule", "meetingCancel"]);
        assert_eq!(
            allowed(Scheduled),
            ["meetingPostpone", "meetingStart", "meetingCancel", "meetingRecordNotHeld"]
        );
        assert_eq!(allowed(InProgress), ["meetingEnd"]);
        assert_eq!(allowed(Held), ["meetingClose"]);
        assert_eq!(allowed(Closed), ["meetingReopen"]);
        assert!(allowed(Cancelled).is_empty() && allowed(NotHeld).is_empty());
    }

    #[test]
    fn a_wrong_step_names_the_right_ones() {
        let Err(Error::Refused(refusal)) = step(Step::Close, MeetingStatus::Scheduled) else {
            panic!("what was not held cannot be closed")
        };
        assert!(matches!(refusal.why, Why::State { ref from, ref allowed }
            if from == "SCHEDULED" && allowed.len() == 4));
        assert!(open_to_change(MeetingStatus::Closed).is_err());
        assert!(open_to_change(MeetingStatus::Held).is_ok());
    }

    #[test]
    fn a_meeting_is_filed_under_its_local_day() {
        let late: DateTime<Utc> = "2019-07-04T22:30:00Z".parse().unwrap_or_default();
        assert_eq!(
            occurs_on(None, Some(late), "Africa/Nairobi").map(|d| d.to_string()),
            Some("2019-07-05".into())
        );
        let held = NaiveDate::from_ymd_opt(2019, 7, 11);
        assert_eq!(occurs_on(held, Some(late), "Africa/Nairobi"), held);
        assert_eq!(occurs_on(None, None, "Africa/Bamako"), None);
    }

    #[test]
    fn a_planned_item_or_an_unreviewed_follow_up_keeps_a_meeting_open() {
        use AgendaItemKind::{FollowUpReview, Opening};
        use AgendaItemStatus::{Covered, Deferred, Planned};
        assert!(complete(&[(Opening, Planned)], 0, false).is_err());
        assert!(complete(&[(Opening, Planned)], 2, true).is_ok());
        assert!(complete(&[(Opening, Covered)], 0, false).is_ok());
        assert!(complete(&[(FollowUpReview, Covered)], 1, false).is_err());
        assert!(reviews_follow_ups(&[(FollowUpReview, Covered)]));
        assert!(!reviews_follow_ups(&[(FollowUpReview, Deferred), (Opening, Covered)]));
    }

    #[test]
    fn an_end_is_not_before_its_start() {
        let at = |s: &str| s.parse::<DateTime<Utc>>().ok();
        assert!(in_order(at("2019-07-04T09:00:00Z"), at("2019-07-04T09:00:00Z")).is_ok());
        assert!(in_order(at("2019-07-04T09:00:00Z"), at("2019-07-04T08:59:59Z")).is_err());
        assert!(in_order(None, at("2019-07-04T08:59:59Z")).is_ok());
    }

    #[test]
    fn recurrence_rules_are_those_of_the_standard() {
        for good in ["FREQ=MONTHLY;BYDAY=1TH", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20191231T000000Z"] {
            assert!(recurrence(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "monthly",
            "BYDAY=TH",
            "FREQ=SOMETIMES",
            "FREQ=DAILY;FREQ=DAILY",
            "FREQ=DAILY;X=1",
            "RRULE:FREQ=DAILY",
            "FREQ=DAILY;COUNT=",
            "FREQ=DAILY;COUNT=3;UNTIL=20191231",
        ] {
            assert!(recurrence(bad).is_err(), "{bad}");
        }
    }
}
