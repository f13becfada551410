//! What may become of a point of an agenda, and when.

use entity::enums::{AgendaItemStatus, MeetingStatus};

use crate::error::{Error, Result, Rule, Why};
use crate::meeting::open_to_change;

/// What becomes of an item, by the name of its mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was dealt with.
    Cover,
    /// It was dealt with in part.
    CoverPartly,
    /// It is put off to another meeting.
    Defer,
    /// It goes on outside meetings.
    MoveOffline,
    /// It is for another forum.
    Refer,
    /// There was no time for it.
    Skip,
    /// It is taken off.
    Withdraw,
}

/// Where each step leads, and whether the meeting must have begun for it.
const STEPS: &[(Step, &str, AgendaItemStatus, bool)] = &[
    (Step::Cover, "agendaItemCover", AgendaItemStatus::Covered, true),
    (Step::CoverPartly, "agendaItemCover", AgendaItemStatus::PartlyCovered, true),
    (Step::Defer, "agendaItemDefer", AgendaItemStatus::Deferred, false),
    (Step::MoveOffline, "agendaItemMoveOffline", AgendaItemStatus::MovedOffline, false),
    (Step::Refer, "agendaItemRefer", AgendaItemStatus::Referred, false),
    (Step::Skip, "agendaItemSkip", AgendaItemStatus::NotCovered, true),
    (Step::Withdraw, "agendaItemWithdraw", AgendaItemStatus::Withdrawn, false),
];

const fn has_begun(meeting: MeetingStatus) -> bool {
    matches!(meeting, MeetingStatus::InProgress | MeetingStatus::Held)
}

/// Whether a step leads on: every outcome may be corrected into another, as long as the meeting is not
/// closed. Where to it was put off, or by which channel it goes on, may be corrected too.
fn leads_on(
    step: &(Step, &str, AgendaItemStatus, bool),
    from: AgendaItemStatus,
    meeting: MeetingStatus,
) -> bool {
    let (step, _, to, needs_begun) = *step;
    (from != to || matches!(step, Step::Defer | Step::MoveOffline))
        && (!needs_begun || has_begun(meeting))
        && meeting != MeetingStatus::Closed
}

/// The mutations that are possible for an item in this state, in a meeting in that state.
#[must_use]
pub fn allowed(from: AgendaItemStatus, meeting: MeetingStatus) -> Vec<&'static str> {
    let mut names: Vec<&'static str> =
        STEPS.iter().filter(|s| leads_on(s, from, meeting)).map(|(_, name, ..)| *name).collect();
    names.dedup();
    names
}

/// The name of the step, and where it leads.
///
/// # Errors
/// `STATE`, with what is possible.
pub fn step(
    step: Step,
    from: AgendaItemStatus,
    meeting: MeetingStatus,
) -> Result<(&'static str, AgendaItemStatus)> {
    open_to_change(meeting)?;
    STEPS.iter().find(|s| s.0 == step && leads_on(s, from, meeting)).map(|s| (s.1, s.2)).ok_or_else(|| {
        let is_too_early = !has_begun(meeting) && STEPS.iter().any(|s| s.0 == step && s.3);
        let word = if is_too_early { meeting.word() } else { from.word() };
        Error::refused(Why::State { from: word, allowed: allowed(from, meeting) })
    })
}

/// That members may still propose items: until the meeting begins.
///
/// # Errors
/// `STATE`.
pub fn proposable(meeting: MeetingStatus) -> Result<()> {
    open_to_change(meeting)?;
    match meeting {
        MeetingStatus::Draft | MeetingStatus::Scheduled => Ok(()),
        _ => Err(Error::refused(Why::State { from: meeting.word(), allowed: vec!["agendaItemAdd"] })),
    }
}

/// That an item may be entered with this status: with an outcome only once the meeting has begun.
///
/// # Errors
/// `OUT_OF_RANGE`, or `STATE` for a closed meeting.
pub fn enterable(status: AgendaItemStatus, meeting: MeetingStatus) -> Result<()> {
    open_to_change(meeting)?;
    if status == AgendaItemStatus::Planned || has_begun(meeting) {
        return Ok(());
    }
    Err(Error::rule(Rule::OutOfRange))
}

/// Whether a meeting can still take up an item that another one put off.
#[must_use]
pub const fn takes_up(meeting: MeetingStatus) -> bool {
    matches!(meeting, MeetingStatus::Draft | MeetingStatus::Scheduled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use AgendaItemStatus::{Covered, Deferred, NotRecorded, PartlyCovered, Planned, Withdrawn};
    use MeetingStatus::{Cancelled, Closed, Draft, Held, InProgress, Scheduled};

    #[test]
    fn outcomes_wait_for_the_meeting() {
        let early = ["agendaItemDefer", "agendaItemMoveOffline", "agendaItemRefer", "agendaItemWithdraw"];
        for meeting in [Draft, Scheduled, Cancelled] {
            assert_eq!(allowed(Planned, meeting), early);
            assert!(step(Step::Cover, Planned, meeting).is_err());
        }
        assert_eq!(allowed(Planned, InProgress).len(), 6);
    }

    #[test]
    fn an_outcome_may_be_corrected_until_the_meeting_is_closed() {
        for from in [Covered, Deferred, Withdrawn, NotRecorded] {
            assert!(matches!(step(Step::CoverPartly, from, Held), Ok(("agendaItemCover", PartlyCovered))));
        }
        assert!(step(Step::Cover, Covered, Held).is_err());
        assert!(step(Step::Defer, Deferred, Held).is_ok());
        assert!(allowed(Planned, Closed).is_empty());
        let Err(Error::Refused(refusal)) = step(Step::Cover, Planned, Closed) else { panic!("closed") };
        assert_eq!(refusal.why, Why::State { from: "CLOSED".to_owned(), allowed: vec!["meetingReopen"] });
    }

    #[test]
    fn a_step_that_comes_too_early_names_the_state_of_the_meeting() {
        let Err(Error::Refused(refusal)) = step(Step::Skip, Planned, Scheduled) else { panic!("too early") };
        assert!(
            matches!(refusal.why, Why::State { ref from, ref allowed } if from == "SCHEDULED" && allowed.len() == 4)
        );
    }

    #[test]
    fn proposals_end_when_the_meeting_begins() {
        assert!(proposable(Scheduled).is_ok());
        assert!(proposable(InProgress).is_err() && proposable(Closed).is_err());
        assert!(enterable(Covered, Scheduled).is_err() && enterable(Covered, Held).is_ok());
        assert!(takes_up(Draft) && !takes_up(Held));
    }
}
