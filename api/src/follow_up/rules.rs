//! The life of a follow-up, and when it is overdue.

use chrono::{NaiveDate, TimeDelta};
use entity::enums::{DueQualifier, FollowUpStatus};

use crate::error::{Error, Result, Why};

/// A step of a follow-up's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Work begins.
    Start,
    /// Something is in the way.
    Block,
    /// It is out of the way.
    Unblock,
    /// It is done.
    Complete,
    /// It was not done after all.
    Reopen,
    /// It is not wanted any more.
    Cancel,
}

use FollowUpStatus::{Blocked, Cancelled, Done, InProgress, Open};

/// The open states: what `openActions` shows.
pub const OPEN: [FollowUpStatus; 3] = [Open, InProgress, Blocked];

/// From where each step leads where, by the name of its mutation.
const STEPS: &[(Step, &str, &[FollowUpStatus], FollowUpStatus)] = &[
    (Step::Start, "followUpStart", &[Open], InProgress),
    (Step::Block, "followUpBlock", &[Open, InProgress], Blocked),
    (Step::Unblock, "followUpUnblock", &[Blocked], InProgress),
    (Step::Complete, "followUpComplete", &OPEN, Done),
    (Step::Reopen, "followUpReopen", &[Done, Cancelled], InProgress),
    (Step::Cancel, "followUpCancel", &OPEN, Cancelled),
];

/// What keeps a follow-up open and is counted.
const WHILE_OPEN: [&str; 3] = ["followUpReassign", "followUpChangeDue", "followUpReport"];

/// The mutations that are possible from a state.
#[must_use]
pub fn allowed(from: FollowUpStatus) -> Vec<&'static str> {
    let steps = STEPS.iter().filter(|(_, _, sources, _)| sources.contains(&from)).map(|(_, name, ..)| *name);
    let others = WHILE_OPEN.into_iter().filter(|_| is_open(from));
    steps.chain(others).collect()
}

/// Where a step leads from here, and the name of its mutation.
///
/// # Errors
/// `STATE`, with what is possible.
pub fn step(step: Step, from: FollowUpStatus) -> Result<(&'static str, FollowUpStatus)> {
    STEPS
        .iter()
        .find(|(s, _, sources, _)| *s == step && sources.contains(&from))
        .map(|(_, name, _, to)| (*name, *to))
        .ok_or_else(|| refusal(from))
}

/// Refuses what only an open follow-up can take.
///
/// # Errors
/// `STATE`, with what is possible.
pub fn still_open(from: FollowUpStatus) -> Result<()> {
    if is_open(from) { Ok(()) } else { Err(refusal(from)) }
}

fn refusal(from: FollowUpStatus) -> Error {
    Error::refused(Why::State { from: from.word(), allowed: allowed(from) })
}

/// Whether work is still owed.
#[must_use]
pub fn is_open(status: FollowUpStatus) -> bool {
    OPEN.contains(&status)
}

/// The last due day that is overdue on `day`, by qualifier: "on" and "on or before" the day after,
/// "before" on the day itself, "around" a week later.
#[must_use]
pub fn overdue_up_to(qualifier: DueQualifier, day: NaiveDate) -> NaiveDate {
    let days = match qualifier {
        DueQualifier::On | DueQualifier::OnOrBefore => 1,
        DueQualifier::Before => 0,
        DueQualifier::Around => 7,
    };
    day - TimeDelta::days(days)
}

/// Whether a follow-up is overdue on a day. Without a due day: never; done or cancelled: never.
#[must_use]
pub fn is_overdue(
    status: FollowUpStatus,
    due_on: Option<NaiveDate>,
    qualifier: Option<DueQualifier>,
    day: NaiveDate,
) -> bool {
    let qualifier = qualifier.unwrap_or(DueQualifier::On);
    is_open(status) && due_on.is_some_and(|due| due <= overdue_up_to(qualifier, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2019, 7, day).expect("a day")
    }

    #[test]
    fn the_states_lead_where_the_design_says() {
        assert_eq!(step(Step::Start, Open).expect("start").1, InProgress);
        assert_eq!(step(Step::Block, InProgress).expect("block").1, Blocked);
        assert_eq!(step(Step::Unblock, Blocked).expect("unblock").1, InProgress);
        for from in OPEN {
            assert_eq!(step(Step::Complete, from).expect("complete").1, Done);
            assert_eq!(step(Step::Cancel, from).expect("cancel").1, Cancelled);
        }
        assert_eq!(step(Step::Reopen, Done).expect("reopen").1, InProgress);
    }

    #[test]
    fn what_is_done_cannot_be_done_again() {
        let Err(Error::Refused(refusal)) = step(Step::Complete, Done) else { panic!("refused") };
        assert_eq!(refusal.why, Why::State { from: "DONE".to_owned(), allowed: vec!["followUpReopen"] });
    }

    #[test]
    fn overdue_depends_on_how_the_day_is_meant() {
        use DueQualifier::{Around, Before, On, OnOrBefore};
        for (qualifier, first_overdue_day) in [(On, 15), (OnOrBefore, 15), (Before, 14), (Around, 21)] {
            let overdue = |d| is_overdue(Open, Some(day(14)), Some(qualifier), day(d));
            assert!(!overdue(first_overdue_day - 1), "{qualifier:?}");
            assert!(overdue(first_overdue_day), "{qualifier:?}");
        }
    }

    #[test]
    fn without_a_day_or_without_work_nothing_is_overdue() {
        assert!(!is_overdue(Open, None, None, day(31)));
        assert!(!is_overdue(Done, Some(day(1)), None, day(31)));
        assert!(!is_overdue(Cancelled, Some(day(1)), None, day(31)));
        assert!(is_overdue(Blocked, Some(day(1)), None, day(31)));
    }
}
