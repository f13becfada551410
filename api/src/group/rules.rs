//! The life of a group.

use entity::enums::GroupStatus;

use crate::error::{Error, Result, Why};

/// A step of a group's life, by the name of its mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It takes up work.
    Activate,
    /// It rests: no meetings for now.
    Suspend,
    /// It ends.
    Deactivate,
}

/// From where each step leads where.
const STEPS: &[(Step, &str, &[GroupStatus], GroupStatus)] = &[
    (
        Step::Activate,
        "groupActivate",
        &[GroupStatus::Proposed, GroupStatus::Dormant, GroupStatus::Deactivated],
        GroupStatus::Active,
    ),
    (Step::Suspend, "groupSuspend", &[GroupStatus::Active], GroupStatus::Dormant),
    (
        Step::Deactivate,
        "groupDeactivate",
        &[GroupStatus::Proposed, GroupStatus::Active, GroupStatus::Dormant],
        GroupStatus::Deactivated,
    ),
];

/// The mutations that are possible from a state.
#[must_use]
pub fn allowed(from: GroupStatus) -> Vec<&'static str> {
    STEPS.iter().filter(|(_, _, sources, _)| sources.contains(&from)).map(|(_, name, ..)| *name).collect()
}

/// The name of the step, and where it leads from here.
///
/// # Errors
/// `STATE`, with what is possible.
pub fn step(step: Step, from: GroupStatus) -> Result<(&'static str, GroupStatus)> {
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
    fn every_state_leads_on() {
        use GroupStatus::{Active, Deactivated, Dormant, Proposed};
        assert_eq!(allowed(Proposed), ["groupActivate", "groupDeactivate"]);
        assert_eq!(allowed(Active), ["groupSuspend", "groupDeactivate"]);
        assert_eq!(allowed(Dormant), ["groupActivate", "groupDeactivate"]);
        assert_eq!(allowed(Deactivated), ["groupActivate"]);
    }

    #[test]
    fn a_wrong_step_names_the_right_ones() {
        let error = step(Step::Suspend, GroupStatus::Proposed).expect_err("proposed groups do not rest");
        let Error::Refused(refusal) = error else { panic!("a refusal") };
        assert_eq!(
            refusal.why,
            Why::State { from: "PROPOSED".to_owned(), allowed: vec!["groupActivate", "groupDeactivate"] }
        );
    }
}
