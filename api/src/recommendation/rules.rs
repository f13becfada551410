//! The life of a recommendation.

use entity::enums::RecommendationStatus::{
    self, Implemented, InProgress, NotImplemented, Open, OvertakenByEvents, PartlyImplemented, Withdrawn,
};

use crate::error::{Error, Result, Why};

/// A step of a recommendation's life, by the name of its mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody takes it up.
    Start,
    /// It is known what became of it.
    Conclude,
    /// It is not done with after all.
    Reopen,
    /// The group that made it takes it back.
    Withdraw,
}

/// From where each step leads where. What is partly implemented may still get further.
const STEPS: &[(Step, &str, &[RecommendationStatus], RecommendationStatus)] = &[
    (Step::Start, "recommendationStart", &[Open], InProgress),
    (Step::Conclude, "recommendationConclude", &[Open, InProgress, PartlyImplemented], Implemented),
    (Step::Conclude, "recommendationConclude", &[Open, InProgress], PartlyImplemented),
    (Step::Conclude, "recommendationConclude", &[Open, InProgress, PartlyImplemented], NotImplemented),
    (Step::Conclude, "recommendationConclude", &[Open, InProgress, PartlyImplemented], OvertakenByEvents),
    (
        Step::Reopen,
        "recommendationReopen",
        &[PartlyImplemented, Implemented, NotImplemented, OvertakenByEvents],
        InProgress,
    ),
    (Step::Reopen, "recommendationReopen", &[Withdrawn], Open),
    (Step::Withdraw, "recommendationWithdraw", &[Open, InProgress, PartlyImplemented], Withdrawn),
];

/// The mutations that are possible from a state.
#[must_use]
pub fn allowed(from: RecommendationStatus) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for (_, name, sources, _) in STEPS {
        if sources.contains(&from) && !names.contains(name) {
            names.push(name);
        }
    }
    names
}

/// The name of the step, and where it leads from here; `wanted` if it may lead to several states.
///
/// # Errors
/// `STATE`, with what is possible.
pub fn step(
    step: Step,
    from: RecommendationStatus,
    wanted: Option<RecommendationStatus>,
) -> Result<(&'static str, RecommendationStatus)> {
    STEPS
        .iter()
        .find(|(s, _, sources, to)| *s == step && sources.contains(&from) && wanted.is_none_or(|w| w == *to))
        .map(|(_, name, _, to)| (*name, *to))
        .ok_or_else(|| Error::refused(Why::State { from: from.word(), allowed: allowed(from) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [RecommendationStatus; 7] =
        [Open, InProgress, PartlyImplemented, Implemented, NotImplemented, OvertakenByEvents, Withdrawn];

    #[test]
    fn every_state_leads_on() {
        const OPEN: &[&str] = &["recommendationStart", "recommendationConclude", "recommendationWithdraw"];
        const STARTED: &[&str] = &["recommendationConclude", "recommendationWithdraw"];
        const PARTLY: &[&str] = &["recommendationConclude", "recommendationReopen", "recommendationWithdraw"];
        assert_eq!(allowed(Open), OPEN);
        assert_eq!(allowed(InProgress), STARTED);
        assert_eq!(allowed(PartlyImplemented), PARTLY);
        for closed in [Implemented, NotImplemented, OvertakenByEvents, Withdrawn] {
            assert_eq!(allowed(closed), ["recommendationReopen"]);
        }
    }

    #[test]
    fn no_step_leads_nowhere() {
        for (_, name, sources, to) in STEPS {
            assert!(!sources.contains(to), "{name} to {to:?}");
        }
    }

    #[test]
    fn what_is_concluded_is_concluded_once() {
        for from in [Implemented, NotImplemented, OvertakenByEvents, Withdrawn] {
            for to in ALL {
                assert!(step(Step::Conclude, from, Some(to)).is_err(), "{from:?} to {to:?}");
            }
        }
        assert!(step(Step::Conclude, PartlyImplemented, Some(PartlyImplemented)).is_err());
        let done = step(Step::Conclude, PartlyImplemented, Some(Implemented));
        assert_eq!(done.ok(), Some(("recommendationConclude", Implemented)));
    }

    #[test]
    fn reopening_leads_back_to_work_and_what_was_withdrawn_back_to_the_start() {
        for from in [PartlyImplemented, Implemented, NotImplemented, OvertakenByEvents] {
            assert_eq!(step(Step::Reopen, from, None).ok(), Some(("recommendationReopen", InProgress)));
        }
        assert_eq!(step(Step::Reopen, Withdrawn, None).ok(), Some(("recommendationReopen", Open)));
        assert!(step(Step::Reopen, Open, None).is_err());
    }
}
