//! What a viewer may do with one thing: the policy, asked instead of guessed. The same table answers
//! that decides when the mutation comes.

use super::{Action, Actor, Target};
use crate::id::Kind;

/// The actions that a thing of this kind can be about.
#[must_use]
pub const fn concerning(kind: Kind) -> &'static [Action] {
    use Action::{
        AccessBreakGlass, AgendaPropose, AgendaWrite, AnnouncementWrite, AttendanceReadNames,
        AttendanceWrite, AuditRead, DocumentWrite, ExportOrganisationsOnly, ExportWithContacts,
        FollowUpComplete, FollowUpReport, FollowUpWrite, GroupCreate, GroupDeactivate, GroupReadInternal,
        GroupUpdate, InvitationCreate, MeetingClose, MeetingReadDraft, MeetingReadJoinUrl, MeetingReopen,
        MeetingWrite, MembershipEnd, MembershipGrantCoordinator, MembershipGrantMember,
        MembershipGrantOfficer, MembershipGrantOrganisation, MembershipHandover, MembershipRead,
        MembershipRequest, MembershipSync, MinutesAdopt, MinutesCirculate, MinutesComment, MinutesPublish,
        MinutesReadDraft, MinutesReview, MinutesRevise, MinutesWrite, OperationWrite, OrganisationMerge,
        OrganisationUpdate, PersonErase, PersonExport, PersonMerge, PersonUpdate, RecommendationWrite,
        ReferralAnswer, ReferralSend, ReviewWrite, SensitivityLower, SensitivityRaise, ServiceAccountManage,
    };
    match kind {
        Kind::Operation => &[OperationWrite, GroupCreate, ServiceAccountManage, AuditRead],
        Kind::Group => &[
            GroupReadInternal,
            GroupCreate,
            GroupUpdate,
            GroupDeactivate,
            MembershipRead,
            MembershipRequest,
            MembershipGrantMember,
            MembershipGrantOfficer,
            MembershipGrantCoordinator,
            MembershipGrantOrganisation,
            MembershipSync,
            MembershipHandover,
            InvitationCreate,
            MeetingReadDraft,
            MeetingWrite,
            RecommendationWrite,
            FollowUpWrite,
            DocumentWrite,
            AnnouncementWrite,
            ReferralSend,
            ReferralAnswer,
            SensitivityRaise,
            SensitivityLower,
            ExportOrganisationsOnly,
            ExportWithContacts,
            ServiceAccountManage,
            AccessBreakGlass,
            AuditRead,
        ],
        Kind::Membership => &[MembershipEnd, MembershipHandover],
        Kind::Organisation => &[OrganisationUpdate, OrganisationMerge],
        Kind::Person => &[PersonUpdate, PersonMerge, PersonErase, PersonExport],
        Kind::Meeting => &[
            MeetingReadJoinUrl,
            MeetingWrite,
            MeetingClose,
            MeetingReopen,
            AgendaPropose,
            AgendaWrite,
            AttendanceReadNames,
            AttendanceWrite,
            MinutesReadDraft,
            MinutesWrite,
            RecommendationWrite,
            ReviewWrite,
            FollowUpWrite,
            DocumentWrite,
            AnnouncementWrite,
            ReferralSend,
            SensitivityRaise,
            SensitivityLower,
        ],
        Kind::Minutes => &[
            MinutesReadDraft,
            MinutesWrite,
            MinutesComment,
            MinutesReview,
            MinutesCirculate,
            MinutesAdopt,
            MinutesPublish,
            MinutesRevise,
        ],
        Kind::Recommendation => &[
            RecommendationWrite,
            ReviewWrite,
            FollowUpWrite,
            ReferralSend,
            SensitivityRaise,
            SensitivityLower,
        ],
        Kind::FollowUp => &[
            FollowUpWrite,
            FollowUpReport,
            FollowUpComplete,
            ReviewWrite,
            ReferralSend,
            SensitivityRaise,
            SensitivityLower,
        ],
        Kind::Referral => &[ReferralAnswer],
        Kind::Announcement => &[AnnouncementWrite, SensitivityRaise, SensitivityLower],
        Kind::Document => &[DocumentWrite, SensitivityRaise, SensitivityLower],
        _ => &[],
    }
}

/// The action that a step of a life cycle needs, by the name of its mutation.
const STEPS: &[(&str, Action)] = &[
    ("agendaItemCover", Action::AgendaWrite),
    ("agendaItemDefer", Action::AgendaWrite),
    ("agendaItemMoveOffline", Action::AgendaWrite),
    ("agendaItemRefer", Action::AgendaWrite),
    ("agendaItemSkip", Action::AgendaWrite),
    ("agendaItemWithdraw", Action::AgendaWrite),
    ("announcementCancel", Action::AnnouncementWrite),
    ("announcementComplete", Action::AnnouncementWrite),
    ("followUpBlock", Action::FollowUpWrite),
    ("followUpCancel", Action::FollowUpWrite),
    ("followUpChangeDue", Action::FollowUpWrite),
    ("followUpComplete", Action::FollowUpComplete),
    ("followUpReassign", Action::FollowUpWrite),
    ("followUpReopen", Action::FollowUpWrite),
    ("followUpReport", Action::FollowUpReport),
    ("followUpStart", Action::FollowUpWrite),
    ("followUpUnblock", Action::FollowUpWrite),
    ("groupActivate", Action::GroupUpdate),
    ("groupDeactivate", Action::GroupDeactivate),
    ("groupSuspend", Action::GroupUpdate),
    ("invitationRenew", Action::InvitationCreate),
    ("invitationWithdraw", Action::InvitationCreate),
    ("meetingCancel", Action::MeetingWrite),
    ("meetingClose", Action::MeetingClose),
    ("meetingEnd", Action::MeetingWrite),
    ("meetingPostpone", Action::MeetingWrite),
    ("meetingRecordNotHeld", Action::MeetingWrite),
    ("meetingReopen", Action::MeetingReopen),
    ("meetingSchedule", Action::MeetingWrite),
    ("meetingStart", Action::MeetingWrite),
    ("membershipHandoverAgree", Action::MembershipHandover),
    ("membershipHandoverAnnounce", Action::MembershipHandover),
    ("membershipHandoverComplete", Action::MembershipGrantCoordinator),
    ("membershipHandoverPropose", Action::MembershipHandover),
    ("membershipHandoverWithdraw", Action::MembershipHandover),
    ("membershipRequestApprove", Action::MembershipGrantMember),
    ("membershipRequestDecline", Action::MembershipGrantMember),
    ("minutesAdopt", Action::MinutesAdopt),
    ("minutesCirculate", Action::MinutesCirculate),
    ("minutesPublish", Action::MinutesPublish),
    ("minutesReturn", Action::MinutesReview),
    ("minutesRevise", Action::MinutesRevise),
    ("minutesSubmit", Action::MinutesWrite),
    ("recommendationConclude", Action::RecommendationWrite),
    ("recommendationReopen", Action::RecommendationWrite),
    ("recommendationStart", Action::RecommendationWrite),
    ("recommendationWithdraw", Action::RecommendationWrite),
    ("referralAnswer", Action::ReferralAnswer),
    ("referralPutOnAgenda", Action::ReferralAnswer),
    ("referralReturn", Action::ReferralAnswer),
    ("serviceAccountActivate", Action::ServiceAccountManage),
    ("serviceAccountDeactivate", Action::ServiceAccountManage),
];

impl Actor {
    /// The names (as in `docs/permissions.csv`) of what the viewer may do with a thing of this kind.
    #[must_use]
    pub fn permissions(&self, kind: Kind, target: &Target) -> Vec<&'static str> {
        let may = |action: &&Action| self.is_signed_in() && self.may(**action, target);
        concerning(kind).iter().filter(may).map(|action| action.row().0).collect()
    }

    /// Those of these steps (names of mutations) that the viewer may take on `target`.
    #[must_use]
    pub fn steps(&self, names: Vec<&'static str>, target: &Target) -> Vec<&'static str> {
        let may = |name: &&'static str| {
            let action = STEPS.iter().find(|(step, _)| step == name).map(|(_, action)| *action);
            self.is_signed_in() && action.is_some_and(|action| self.may(action, target))
        };
        names.into_iter().filter(may).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_a_life_cycle_has_its_action() {
        // the sources of all rules: whatever is named there as a step must stand in the table
        let rules = [
            include_str!("../agenda/rules.rs"),
            include_str!("../announcement/rules.rs"),
            include_str!("../follow_up/rules.rs"),
            include_str!("../group/rules.rs"),
            include_str!("../meeting/rules.rs"),
            include_str!("../membership/rules.rs"),
            include_str!("../minutes/rules.rs"),
            include_str!("../recommendation/rules.rs"),
            include_str!("../referral/rules.rs"),
        ];
        let mut names = std::collections::BTreeSet::new();
        for text in rules {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let tables = code.split("const STEPS").skip(1).chain(code.split("const WHILE_OPEN").skip(1));
            for table in tables {
                let table = table.split("];").next().unwrap_or_default();
                let words = table.split('"').skip(1).step_by(2);
                names.extend(words.filter(|w| w.chars().all(|c| c.is_ascii_alphabetic())));
            }
        }
        assert!(names.len() > 40, "{names:?}");
        for name in names {
            assert!(STEPS.iter().any(|(step, _)| *step == name), "{name} has no action");
        }
    }
}
