//! The life of a referral.

use entity::enums::ReferralStatus;

use crate::error::{Error, Result, Why};

/// A step of a referral's life, by the name of its mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The other forum will speak of it.
    PutOnAgenda,
    /// The other forum answers.
    Answer,
    /// The other forum gives it back, saying why.
    Return,
}

/// From where each step leads where.
const STEPS: &[(Step, &str, &[ReferralStatus], ReferralStatus)] = &[
    (Step::PutOnAgenda, "referralPutOnAgenda", &[ReferralStatus::Sent], ReferralStatus::OnAgenda),
    (
        Step::Answer,
        "referralAnswer",
        &[ReferralStatus::Sent, ReferralStatus::OnAgenda],
        ReferralStatus::Answered,
    ),
    (
        Step::Return,
        "referralReturn",
        &[ReferralStatus::Sent, ReferralStatus::OnAgenda],
        ReferralStatus::Returned,
    ),
];

/// The mutations that are possible from a state.
#[must_use]
pub fn allowed(from: ReferralStatus) -> Vec<&'static str> {
    STEPS.iter().filter(|(_, _, sources, _)| sources.contains(&from)).map(|(_, name, ..)| *name).collect()
}

/// The name of the step, and where it leads from here.
///
/// # Errors
/// `STATE`, with what is possible.
pub fn step(step: Step, from: ReferralStatus) -> Result<(&'static str, ReferralStatus)> {
    STEPS
        .iter()
        .find(|(s, _, sources, _)| *s == step && sources.contains(&from))
        .map(|(_, name, _, to)| (*name, *to))
        .ok_or_else(|| Error::refused(Why::State { from: from.word(), allowed: allowed(from) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_can_be_answered_or_returned() {
        use ReferralStatus::{Answered, OnAgenda, Returned, Sent};
        assert_eq!(allowed(Sent), ["referralPutOnAgenda", "referralAnswer", "referralReturn"]);
        assert_eq!(allowed(OnAgenda), ["referralAnswer", "referralReturn"]);
        assert!(allowed(Answered).is_empty());
        assert!(allowed(Returned).is_empty());
    }

    #[test]
    fn an_answer_stands() {
        let Err(Error::Refused(refusal)) = step(Step::Return, ReferralStatus::Answered) else {
            panic!("a refusal")
        };
        assert_eq!(refusal.why, Why::State { from: "ANSWERED".to_owned(), allowed: vec![] });
    }
}
