//! Who may hold which role, who may give it, and the life of a handover.

pub mod matching;
pub mod plan;

use chrono::NaiveDate;
use entity::enums::{HandoverState, MembershipRole};
use entity::membership::Model;

use crate::auth::Action;
use crate::error::{At, Error, Result, Rule, Why};

/// What holds a seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// A person is named.
    pub person: bool,
    /// An organisation is named.
    pub organisation: bool,
    /// A topic is named.
    pub topic: bool,
}

/// Whether the role is for such a holder.
///
/// # Errors
/// `REQUIRED` if nobody holds it, `ROLE_HOLDER`.
pub fn fits(role: MembershipRole, holder: Holder) -> Result<()> {
    use MembershipRole::{CoLead, Donor, FocalPoint, Lead, Member, Observer};
    if !holder.person && !holder.organisation {
        return Err(Error::refused(Why::Required)).at("organisation");
    }
    let fits = match role {
        Lead | CoLead | Member | Donor => !holder.person,
        Observer => true,
        // Real minutes: "points focaux de la rédaction de la note Nexus: PNUD, PAM" names no person.
        FocalPoint => holder.person || holder.topic,
        _ => holder.person,
    };
    if fits { Ok(()) } else { Err(Error::rule(Rule::RoleHolder)).at("role") }
}

/// The right that gives this role; `to_person`: a person is named, not only an organisation.
#[must_use]
pub const fn grant(role: MembershipRole, to_person: bool) -> Action {
    use MembershipRole::{
        CoCoordinator, CoLead, Coordinator, Donor, FocalPoint, InformationManager, Lead, Member, Observer,
        Representative, Secretary,
    };
    match role {
        Coordinator | CoCoordinator | Lead | CoLead => Action::MembershipGrantCoordinator,
        Secretary | InformationManager | FocalPoint => Action::MembershipGrantOfficer,
        Observer if to_person => Action::MembershipGrantMember,
        Representative => Action::MembershipGrantMember,
        Member | Observer | Donor => Action::MembershipGrantOrganisation,
    }
}

/// Whether its holder coordinates: a group keeps at least one of these.
#[must_use]
pub const fn coordinates(role: MembershipRole) -> bool {
    matches!(role, MembershipRole::Coordinator | MembershipRole::CoCoordinator)
}

/// The first day, from today, on which a seat that coordinates today does so no more after a change.
#[must_use]
pub fn stops_coordinating(before: &Model, after: &Model, today: NaiveDate) -> Option<NaiveDate> {
    let does = |seat: &Model| coordinates_on(seat, today);
    match after.until {
        _ if !does(before) => None,
        _ if !does(after) => Some(today),
        Some(until) if before.until.is_none_or(|b| until < b) => Some(until),
        _ => None,
    }
}

/// Whether a seat is a coordinator's on a day.
#[must_use]
pub fn coordinates_on(seat: &Model, day: NaiveDate) -> bool {
    coordinates(seat.role) && holds(seat.since, seat.until, day)
}

/// Whether its holder is a lead organisation: what can be handed over.
#[must_use]
pub const fn leads(role: MembershipRole) -> bool {
    matches!(role, MembershipRole::Lead | MembershipRole::CoLead)
}

/// Whether a seat with these days holds on a day; `until` is the first day on which it holds no more.
#[must_use]
pub fn holds(since: Option<NaiveDate>, until: Option<NaiveDate>, on: NaiveDate) -> bool {
    since.is_none_or(|s| s <= on) && until.is_none_or(|u| u > on)
}

/// Whether a seat has ended by a day.
#[must_use]
pub fn ended(until: Option<NaiveDate>, by: NaiveDate) -> bool {
    until.is_some_and(|u| u <= by)
}

/// Refuses an end before the start.
///
/// # Errors
/// `END_BEFORE_START`.
pub fn period(since: Option<NaiveDate>, until: Option<NaiveDate>) -> Result<()> {
    match (since, until) {
        (Some(since), Some(until)) if until < since => Err(Error::refused(Why::EndBeforeStart)),
        _ => Ok(()),
    }
}

/// The day on which a seat ends if nobody says: at once, or before it ever held.
///
/// Rights are reckoned in UTC: where the local day is already the next one, "today" there would
/// leave them standing for hours.
#[must_use]
pub fn at_once(today_there: NaiveDate, today_utc: NaiveDate, since: Option<NaiveDate>) -> NaiveDate {
    let today = today_there.min(today_utc);
    since.map_or(today, |s| s.max(today))
}

/// The refusal for a step of a seat that has ended.
#[must_use]
pub fn over() -> Error {
    Error::refused(Why::State { from: "ENDED".to_owned(), allowed: vec!["membershipUpdate"] })
}

/// A step of the handover of a lead, by the name of its mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The lead says that it wants to hand over.
    Announce,
    /// A successor, or support, is proposed.
    Propose,
    /// The group agrees.
    Agree,
    /// The successor takes over.
    Complete,
    /// Nothing comes of it.
    Withdraw,
}

/// From where each step leads where.
const STEPS: &[(Step, &str, &[HandoverState], HandoverState)] = &[
    (
        Step::Announce,
        "membershipHandoverAnnounce",
        &[HandoverState::None, HandoverState::Withdrawn],
        HandoverState::Announced,
    ),
    (
        Step::Propose,
        "membershipHandoverPropose",
        &[HandoverState::None, HandoverState::Announced],
        HandoverState::Proposed,
    ),
    (Step::Agree, "membershipHandoverAgree", &[HandoverState::Proposed], HandoverState::Agreed),
    (Step::Complete, "membershipHandoverComplete", &[HandoverState::Agreed], HandoverState::Completed),
    (
        Step::Withdraw,
        "membershipHandoverWithdraw",
        &[HandoverState::Announced, HandoverState::Proposed, HandoverState::Agreed],
        HandoverState::Withdrawn,
    ),
];

/// The mutations that are possible from a state.
#[must_use]
pub fn allowed(from: HandoverState) -> Vec<&'static str> {
    STEPS.iter().filter(|(_, _, sources, _)| sources.contains(&from)).map(|(_, name, ..)| *name).collect()
}

/// The name of the step, and where it leads from here.
///
/// # Errors
/// `STATE`, with what is possible.
pub fn step(step: Step, from: HandoverState) -> Result<(&'static str, HandoverState)> {
    STEPS
        .iter()
        .find(|(s, _, sources, _)| *s == step && sources.contains(&from))
        .map(|(_, name, _, to)| (*name, *to))
        .ok_or_else(|| Error::refused(Why::State { from: from.word(), allowed: allowed(from) }))
}

#[cfg(test)]
mod tests {
    use entity::enums::MembershipRole::{
        CoCoordinator, CoLead, Coordinator, Donor, FocalPoint, InformationManager, Lead, Member, Observer,
        Representative, Secretary,
    };

    use super::*;

    const PERSON: Holder = Holder { person: true, organisation: false, topic: false };
    const ORGANISATION: Holder = Holder { person: false, organisation: true, topic: false };
    const BOTH: Holder = Holder { person: true, organisation: true, topic: false };

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2019, 7, day).unwrap_or_default()
    }

    fn refusal(result: Result<()>) -> Why {
        match result {
            Err(Error::Refused(refusal)) => refusal.why,
            other => panic!("a refusal, not {other:?}"),
        }
    }

    #[test]
    fn organisations_lead_and_people_coordinate() {
        for role in [Lead, CoLead, Member, Donor] {
            assert!(fits(role, ORGANISATION).is_ok());
            assert_eq!(refusal(fits(role, PERSON)), Why::Invalid(Rule::RoleHolder));
            assert_eq!(refusal(fits(role, BOTH)), Why::Invalid(Rule::RoleHolder));
        }
        for role in [Coordinator, CoCoordinator, InformationManager, Secretary, Representative, FocalPoint] {
            assert!(fits(role, PERSON).is_ok());
            assert!(fits(role, BOTH).is_ok());
            assert_eq!(refusal(fits(role, ORGANISATION)), Why::Invalid(Rule::RoleHolder));
        }
        for holder in [PERSON, ORGANISATION, BOTH] {
            assert!(fits(Observer, holder).is_ok());
        }
    }

    #[test]
    fn an_organisation_is_focal_point_of_a_topic_only() {
        assert!(fits(FocalPoint, Holder { topic: true, ..ORGANISATION }).is_ok());
        assert_eq!(refusal(fits(FocalPoint, ORGANISATION)), Why::Invalid(Rule::RoleHolder));
    }

    #[test]
    fn somebody_holds_a_seat() {
        assert_eq!(refusal(fits(Observer, Holder { topic: true, ..Holder::default() })), Why::Required);
    }

    #[test]
    fn the_right_to_give_depends_on_role_and_holder() {
        assert_eq!(grant(Representative, true), Action::MembershipGrantMember);
        assert_eq!(grant(Observer, true), Action::MembershipGrantMember);
        assert_eq!(grant(Observer, false), Action::MembershipGrantOrganisation);
        assert_eq!(grant(Member, false), Action::MembershipGrantOrganisation);
        assert_eq!(grant(FocalPoint, false), Action::MembershipGrantOfficer);
        assert_eq!(grant(Secretary, true), Action::MembershipGrantOfficer);
        for role in [Coordinator, CoCoordinator, Lead, CoLead] {
            assert_eq!(grant(role, !leads(role)), Action::MembershipGrantCoordinator);
        }
    }

    #[test]
    fn until_is_the_first_day_on_which_it_holds_no_more() {
        assert!(holds(Some(day(4)), Some(day(8)), day(4)));
        assert!(holds(Some(day(4)), Some(day(8)), day(7)));
        assert!(!holds(Some(day(4)), Some(day(8)), day(8)));
        assert!(!holds(Some(day(4)), Some(day(8)), day(3)));
        assert!(holds(None, None, day(1)));
        assert!(!holds(Some(day(4)), Some(day(4)), day(4)), "a seat called off never holds");
        assert!(ended(Some(day(8)), day(8)) && !ended(Some(day(8)), day(7)) && !ended(None, day(8)));
    }

    #[test]
    fn an_end_before_the_start_is_refused() {
        assert_eq!(refusal(period(Some(day(8)), Some(day(4)))), Why::EndBeforeStart);
        assert!(period(Some(day(4)), Some(day(4))).is_ok());
        assert!(period(None, Some(day(4))).is_ok());
    }

    #[test]
    fn a_revocation_holds_at_once_in_every_zone() {
        assert_eq!(at_once(day(5), day(4), None), day(4), "east of Greenwich, after midnight");
        assert_eq!(at_once(day(4), day(5), None), day(4), "west of Greenwich, in the evening");
        assert_eq!(at_once(day(4), day(4), Some(day(9))), day(9), "a seat that has not begun never holds");
    }

    #[test]
    fn every_state_of_a_handover_leads_on() {
        use HandoverState::{Agreed, Announced, Completed, None, Proposed, Withdrawn};
        assert_eq!(allowed(None), ["membershipHandoverAnnounce", "membershipHandoverPropose"]);
        assert_eq!(allowed(Announced), ["membershipHandoverPropose", "membershipHandoverWithdraw"]);
        assert_eq!(allowed(Proposed), ["membershipHandoverAgree", "membershipHandoverWithdraw"]);
        assert_eq!(allowed(Agreed), ["membershipHandoverComplete", "membershipHandoverWithdraw"]);
        assert!(allowed(Completed).is_empty());
        assert_eq!(allowed(Withdrawn), ["membershipHandoverAnnounce"]);
    }

    #[test]
    fn a_handover_is_not_completed_before_it_is_agreed() {
        let Err(Error::Refused(refusal)) = step(Step::Complete, HandoverState::Proposed) else {
            panic!("a refusal")
        };
        assert_eq!(
            refusal.why,
            Why::State {
                from: "PROPOSED".to_owned(),
                allowed: vec!["membershipHandoverAgree", "membershipHandoverWithdraw"]
            }
        );
    }
}
