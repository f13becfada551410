//! Where the outcome of a review moves what was reviewed.

use chrono::NaiveDate;
use entity::enums::{FollowUpStatus, RecommendationStatus, ReviewOutcome};

use crate::error::{Error, Result, Rule, Why};

/// The state into which an outcome brings a recommendation; `None`: it stays as it is.
const fn recommendation_state(outcome: ReviewOutcome) -> Option<RecommendationStatus> {
    match outcome {
        ReviewOutcome::Done => Some(RecommendationStatus::Implemented),
        ReviewOutcome::PartlyDone => Some(RecommendationStatus::PartlyImplemented),
        ReviewOutcome::NotAchieved => Some(RecommendationStatus::NotImplemented),
        // the meeting lets its own recommendation go; that events overtook it, it does not say
        ReviewOutcome::Dropped => Some(RecommendationStatus::Withdrawn),
        ReviewOutcome::KeptOpen
        | ReviewOutcome::Extended
        | ReviewOutcome::Blocked
        | ReviewOutcome::Referred => None,
    }
}

/// The same for a follow-up.
const fn follow_up_state(outcome: ReviewOutcome) -> Option<FollowUpStatus> {
    match outcome {
        ReviewOutcome::Done => Some(FollowUpStatus::Done),
        ReviewOutcome::PartlyDone => Some(FollowUpStatus::InProgress),
        ReviewOutcome::Blocked => Some(FollowUpStatus::Blocked),
        ReviewOutcome::NotAchieved | ReviewOutcome::Dropped => Some(FollowUpStatus::Cancelled),
        ReviewOutcome::KeptOpen | ReviewOutcome::Extended | ReviewOutcome::Referred => None,
    }
}

/// Whether nothing is expected of the recommendation any more.
const fn is_concluded(status: RecommendationStatus) -> bool {
    match status {
        RecommendationStatus::Open
        | RecommendationStatus::InProgress
        | RecommendationStatus::PartlyImplemented => false,
        RecommendationStatus::Implemented
        | RecommendationStatus::NotImplemented
        | RecommendationStatus::OvertakenByEvents
        | RecommendationStatus::Withdrawn => true,
    }
}

/// Whether the follow-up is done or cancelled.
const fn is_closed(status: FollowUpStatus) -> bool {
    matches!(status, FollowUpStatus::Done | FollowUpStatus::Cancelled)
}

/// The state into which an outcome moves a recommendation from here; `None`: it stays.
///
/// # Errors
/// `STATE`: it is concluded, and the outcome says otherwise.
pub fn recommendation(
    outcome: ReviewOutcome,
    from: RecommendationStatus,
) -> Result<Option<RecommendationStatus>> {
    let to = recommendation_state(outcome);
    if !is_concluded(from) {
        return Ok(to.filter(|to| *to != from));
    }
    let same = to == Some(from)
        || (outcome == ReviewOutcome::Dropped && from == RecommendationStatus::OvertakenByEvents);
    if same { Ok(None) } else { Err(closed(from.word(), "recommendationReopen")) }
}

/// The state into which an outcome moves a follow-up from here; `None`: it stays.
///
/// # Errors
/// `STATE`: it is closed, and the outcome says otherwise.
pub fn follow_up(outcome: ReviewOutcome, from: FollowUpStatus) -> Result<Option<FollowUpStatus>> {
    let to = follow_up_state(outcome);
    if !is_closed(from) {
        return Ok(to.filter(|to| *to != from));
    }
    if to == Some(from) { Ok(None) } else { Err(closed(from.word(), "followUpReopen")) }
}

fn closed(from: String, reopen: &'static str) -> Error {
    Error::refused(Why::State { from, allowed: vec![reopen] })
}

/// The state of a recommendation without what a review with this outcome did, when that outcome is
/// corrected: what it concluded is at work again.
#[must_use]
pub fn recommendation_without(outcome: ReviewOutcome, now: RecommendationStatus) -> RecommendationStatus {
    if recommendation_state(outcome) == Some(now) { RecommendationStatus::InProgress } else { now }
}

/// The same for a follow-up.
#[must_use]
pub fn follow_up_without(outcome: ReviewOutcome, now: FollowUpStatus) -> FollowUpStatus {
    if follow_up_state(outcome) == Some(now) { FollowUpStatus::InProgress } else { now }
}

/// What a move of a follow-up needs to be told: what was done, or what blocks it.
///
/// # Errors
/// `REQUIRED` at `actionTaken` or `nextStep`.
pub fn follow_up_is_told(to: Option<FollowUpStatus>, action_taken: bool, reason: bool) -> Result<()> {
    let missing = match to {
        Some(FollowUpStatus::Done) if !action_taken => "actionTaken",
        Some(FollowUpStatus::Blocked) if !reason => "nextStep",
        _ => return Ok(()),
    };
    Err(Error::refused(Why::Required).at(missing))
}

/// Refuses what comes from a later meeting than the one that looks at it.
///
/// # Errors
/// `OUT_OF_RANGE`.
pub fn not_from_later(made_on: Option<NaiveDate>, reviewed_on: Option<NaiveDate>) -> Result<()> {
    match (made_on, reviewed_on) {
        (Some(made), Some(reviewed)) if made > reviewed => Err(Error::rule(Rule::OutOfRange)),
        _ => Ok(()),
    }
}

/// Whether no other review comes from a later meeting: only the last word moves what is reviewed,
/// however late an earlier meeting is entered.
#[must_use]
pub fn is_last_word(on: Option<NaiveDate>, others: &[Option<NaiveDate>]) -> bool {
    !others.iter().any(|other| matches!((other, on), (Some(other), Some(on)) if *other > on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReviewOutcome::{Blocked, Done, Dropped, Extended, KeptOpen, NotAchieved, PartlyDone, Referred};

    const OUTCOMES: [ReviewOutcome; 8] =
        [KeptOpen, Extended, Done, PartlyDone, Blocked, NotAchieved, Dropped, Referred];

    #[test]
    fn the_outcome_moves_a_recommendation() {
        use RecommendationStatus::{
            Implemented, InProgress, NotImplemented, Open, PartlyImplemented, Withdrawn,
        };
        for (outcome, to) in [
            (Done, Some(Implemented)),
            (PartlyDone, Some(PartlyImplemented)),
            (NotAchieved, Some(NotImplemented)),
            (Dropped, Some(Withdrawn)),
            (KeptOpen, None),
            (Extended, None),
            (Blocked, None),
            (Referred, None),
        ] {
            for from in [Open, InProgress] {
                assert_eq!(recommendation(outcome, from).ok(), Some(to), "{outcome:?} from {from:?}");
            }
        }
        assert_eq!(recommendation(PartlyDone, PartlyImplemented).ok(), Some(None));
        assert_eq!(recommendation(Done, PartlyImplemented).ok(), Some(Some(Implemented)));
    }

    #[test]
    fn the_outcome_moves_a_follow_up() {
        use FollowUpStatus::{Cancelled, InProgress, Open};
        for (outcome, to) in [
            (Done, Some(FollowUpStatus::Done)),
            (PartlyDone, Some(InProgress)),
            (Blocked, Some(FollowUpStatus::Blocked)),
            (NotAchieved, Some(Cancelled)),
            (Dropped, Some(Cancelled)),
            (KeptOpen, None),
            (Extended, None),
            (Referred, None),
        ] {
            assert_eq!(follow_up(outcome, Open).ok(), Some(to), "{outcome:?}");
        }
        assert_eq!(follow_up(PartlyDone, InProgress).ok(), Some(None));
        assert_eq!(follow_up(KeptOpen, FollowUpStatus::Blocked).ok(), Some(None));
        assert_eq!(follow_up(PartlyDone, FollowUpStatus::Blocked).ok(), Some(Some(InProgress)));
    }

    #[test]
    fn what_is_closed_stays_as_it_is() {
        use RecommendationStatus::{Implemented, NotImplemented, OvertakenByEvents, Withdrawn};
        for outcome in OUTCOMES {
            for (from, fitting) in [
                (Implemented, outcome == Done),
                (NotImplemented, outcome == NotAchieved),
                (OvertakenByEvents, outcome == Dropped),
                (Withdrawn, outcome == Dropped),
            ] {
                let moved = recommendation(outcome, from);
                assert_eq!(matches!(moved, Ok(None)), fitting, "{outcome:?} of {from:?}");
                assert_eq!(moved.is_err(), !fitting);
            }
            let done = follow_up(outcome, FollowUpStatus::Done);
            assert_eq!(matches!(done, Ok(None)), outcome == Done, "{outcome:?}");
            let cancelled = follow_up(outcome, FollowUpStatus::Cancelled);
            assert_eq!(matches!(cancelled, Ok(None)), matches!(outcome, NotAchieved | Dropped));
        }
    }

    #[test]
    fn a_closed_point_says_how_to_reopen_it() {
        let Err(Error::Refused(refusal)) = follow_up(KeptOpen, FollowUpStatus::Done) else {
            panic!("a refusal")
        };
        assert_eq!(refusal.why, Why::State { from: "DONE".to_owned(), allowed: vec!["followUpReopen"] });
    }

    #[test]
    fn a_corrected_outcome_undoes_what_it_did_and_no_more() {
        use FollowUpStatus::{Cancelled, InProgress, Open};
        assert_eq!(follow_up_without(Done, FollowUpStatus::Done), InProgress);
        assert_eq!(follow_up_without(Done, Cancelled), Cancelled);
        assert_eq!(follow_up_without(KeptOpen, Open), Open);
        let implemented = RecommendationStatus::Implemented;
        assert_eq!(recommendation_without(Done, implemented), RecommendationStatus::InProgress);
        assert_eq!(recommendation_without(Blocked, implemented), implemented);
    }

    #[test]
    fn done_and_blocked_need_words() {
        assert!(follow_up_is_told(Some(FollowUpStatus::Done), false, true).is_err());
        assert!(follow_up_is_told(Some(FollowUpStatus::Done), true, true).is_ok());
        assert!(follow_up_is_told(Some(FollowUpStatus::Blocked), false, false).is_err());
        assert!(follow_up_is_told(Some(FollowUpStatus::Cancelled), false, false).is_ok());
        assert!(follow_up_is_told(None, false, false).is_ok());
    }

    #[test]
    fn only_the_last_word_counts() {
        let day = |d| NaiveDate::from_ymd_opt(2019, 7, d);
        assert!(is_last_word(day(4), &[day(1), None, day(4)]));
        assert!(!is_last_word(day(4), &[day(1), day(5)]));
        assert!(is_last_word(None, &[day(5)]));
        assert!(not_from_later(day(5), day(4)).is_err());
        assert!(not_from_later(day(4), day(4)).is_ok());
        assert!(not_from_later(None, day(4)).is_ok());
    }
}
