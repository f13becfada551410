//! The life of an announcement, and what its days may say.

use chrono::{Datelike, NaiveDate};
use entity::enums::{AnnouncementStatus, DatePrecision};

use crate::error::{Error, Result, Rule, Why};

/// A step of an announcement's life, by the name of its mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It took place.
    Complete,
    /// It does not take place.
    Cancel,
}

/// From where each step leads where.
const STEPS: &[(Step, &str, &[AnnouncementStatus], AnnouncementStatus)] = &[
    (Step::Complete, "announcementComplete", &[AnnouncementStatus::Planned], AnnouncementStatus::Done),
    (Step::Cancel, "announcementCancel", &[AnnouncementStatus::Planned], AnnouncementStatus::Cancelled),
];

/// The mutations that are possible from a state.
#[must_use]
pub fn allowed(from: AnnouncementStatus) -> Vec<&'static str> {
    STEPS.iter().filter(|(_, _, sources, _)| sources.contains(&from)).map(|(_, name, ..)| *name).collect()
}

/// The name of the step, and where it leads from here.
///
/// # Errors
/// `STATE`, with what is possible.
pub fn step(step: Step, from: AnnouncementStatus) -> Result<(&'static str, AnnouncementStatus)> {
    STEPS
        .iter()
        .find(|(s, _, sources, _)| *s == step && sources.contains(&from))
        .map(|(_, name, _, to)| (*name, *to))
        .ok_or_else(|| Error::refused(Why::State { from: from.word(), allowed: allowed(from) }))
}

/// Whether a day is as exact as it claims: the first of its month, quarter or year; no day for a season.
///
/// # Errors
/// `REQUIRED`: a precision without a day. `OUT_OF_RANGE`: another day than the first, or one of a season.
pub fn exact(on: Option<NaiveDate>, precision: Option<DatePrecision>) -> Result<()> {
    let Some(precision) = precision else { return Ok(()) };
    let Some(on) = on else {
        return if precision == DatePrecision::Season { Ok(()) } else { Err(Error::refused(Why::Required)) };
    };
    let fits = match precision {
        DatePrecision::Day => true,
        DatePrecision::Month => on.day() == 1,
        DatePrecision::Quarter => on.day() == 1 && on.month0() % 3 == 0,
        DatePrecision::Season => false,
        DatePrecision::Year => on.ordinal() == 1,
    };
    if fits { Ok(()) } else { Err(Error::rule(Rule::OutOfRange)) }
}

/// Refuses an end before the start.
///
/// # Errors
/// `END_BEFORE_START`.
pub fn period(starts_on: Option<NaiveDate>, ends_on: Option<NaiveDate>) -> Result<()> {
    match (starts_on, ends_on) {
        (Some(start), Some(end)) if end < start => Err(Error::refused(Why::EndBeforeStart)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2017, month, day)
    }

    #[test]
    fn only_what_is_planned_leads_on() {
        use AnnouncementStatus::{Cancelled, Done, Planned};
        assert_eq!(allowed(Planned), ["announcementComplete", "announcementCancel"]);
        assert!(allowed(Done).is_empty());
        assert!(allowed(Cancelled).is_empty());
    }

    #[test]
    fn what_was_cancelled_is_not_done() {
        let Err(Error::Refused(refusal)) = step(Step::Complete, AnnouncementStatus::Cancelled) else {
            panic!("a refusal")
        };
        assert_eq!(refusal.why, Why::State { from: "CANCELLED".to_owned(), allowed: vec![] });
    }

    #[test]
    fn a_month_is_written_as_its_first_day() {
        // "réalisée à Mopti en Avril passé"
        assert!(exact(day(4, 1), Some(DatePrecision::Month)).is_ok());
        assert!(exact(day(4, 12), Some(DatePrecision::Month)).is_err());
        assert!(exact(day(4, 1), Some(DatePrecision::Quarter)).is_ok());
        assert!(exact(day(5, 1), Some(DatePrecision::Quarter)).is_err());
        assert!(exact(day(1, 1), Some(DatePrecision::Year)).is_ok());
        assert!(exact(day(4, 1), Some(DatePrecision::Year)).is_err());
        assert!(exact(day(4, 12), Some(DatePrecision::Day)).is_ok());
    }

    #[test]
    fn a_season_has_no_day_and_the_others_have_one() {
        assert!(exact(None, Some(DatePrecision::Season)).is_ok());
        assert!(exact(day(6, 1), Some(DatePrecision::Season)).is_err());
        for precision in [DatePrecision::Day, DatePrecision::Month, DatePrecision::Year] {
            assert!(exact(None, Some(precision)).is_err());
        }
        assert!(exact(None, None).is_ok() && exact(day(4, 12), None).is_ok());
    }

    #[test]
    fn an_end_before_the_start_is_refused() {
        assert!(period(day(7, 8), day(7, 4)).is_err());
        assert!(period(day(7, 8), day(7, 8)).is_ok());
        assert!(period(None, day(7, 4)).is_ok());
    }
}
