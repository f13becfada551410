//! The whole permission table, once. Reviewable by someone who does not read Rust:
//! `docs/permissions.csv` holds the same table and a test compares the two.
//!
//! No database and no GraphQL here: rights are computed from the [`Actor`] and a [`Target`].

mod scope;

use entity::enums::{MembershipRole, TokenScope};
use uuid::Uuid;

pub use self::scope::{Reach, Scope};
use super::actor::{Actor, Seat};
use crate::error::{Error, Result, Why};

/// One cell of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// May.
    Yes,
    /// May not.
    No,
    /// What concerns oneself.
    Oneself,
    /// What concerns oneself or the organisation that one represents.
    Own,
    /// What one is assigned.
    Assigned,
    /// Sub-groups of the own group.
    Sub,
    /// What is published (its public twin).
    Public,
    /// Counts only.
    Counts,
    /// Group, date and status only.
    Meta,
    /// The name only.
    Name,
    /// People with whom one shares an active group.
    Shared,
    /// What the person shares with the group.
    Opted,
    /// Lead organisations only.
    Leads,
    /// Organisations only.
    Orgs,
    /// Entries of the group, without those about people.
    Group,
}

/// Everything that can be asked for. A new one does not compile until [`Action::row`] says who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the table says what each is")]
pub enum Action {
    OperationRead,
    OperationWrite,
    PlaceRead,
    ReferenceWrite,
    GroupReadPublic,
    GroupReadInternal,
    GroupCreate,
    GroupUpdate,
    GroupDeactivate,
    OrganisationCreate,
    OrganisationUpdate,
    OrganisationMerge,
    OrganisationRead,
    PersonReadName,
    PersonReadContact,
    PersonUpdate,
    PersonErase,
    PersonExport,
    PersonCreate,
    PersonMerge,
    InvitationCreate,
    MembershipRead,
    MembershipRequest,
    MembershipGrantMember,
    MembershipGrantOfficer,
    MembershipGrantCoordinator,
    MembershipEnd,
    MembershipSync,
    MembershipGrantOrganisation,
    MembershipHandover,
    MeetingReadDraft,
    MeetingRead,
    MeetingReadJoinUrl,
    MeetingWrite,
    MeetingClose,
    MeetingReopen,
    AgendaPropose,
    AgendaWrite,
    AttendanceReadNames,
    AttendanceWrite,
    AttendanceReadOrganisations,
    MinutesReadDraft,
    MinutesReadCirculated,
    MinutesReadAdopted,
    MinutesWrite,
    MinutesReview,
    MinutesCirculate,
    MinutesAdopt,
    MinutesComment,
    MinutesPublish,
    MinutesRevise,
    RecommendationRead,
    RecommendationWrite,
    ReviewWrite,
    FollowUpRead,
    FollowUpWrite,
    FollowUpReport,
    FollowUpComplete,
    ReferralSend,
    ReferralAnswer,
    ReferralRead,
    DocumentWrite,
    DocumentRead,
    AnnouncementWrite,
    SensitivityRaise,
    SensitivityLower,
    ExportOrganisationsOnly,
    ExportWithContacts,
    WebhookManage,
    TokenManageOwn,
    ServiceAccountManage,
    AccessBreakGlass,
    AuditRead,
}

/// The columns of the table, in order.
pub const PRINCIPALS: [&str; 10] = [
    "anonymous",
    "outsider",
    "observer",
    "representative",
    "focal_point",
    "secretary",
    "information_manager",
    "coordinator",
    "operation_manager",
    "admin",
];
const ANONYMOUS: usize = 0;
const OUTSIDER: usize = 1;
const SECRETARY: usize = 5;
const COORDINATOR: usize = 7;
const OPERATION_MANAGER: usize = 8;
const ADMIN: usize = 9;

/// The column of a role; roles of organisations give no rights by themselves.
const fn column(role: MembershipRole) -> Option<usize> {
    match role {
        MembershipRole::Observer => Some(2),
        MembershipRole::Representative => Some(3),
        MembershipRole::FocalPoint => Some(4),
        MembershipRole::Secretary => Some(5),
        MembershipRole::InformationManager => Some(6),
        MembershipRole::Coordinator | MembershipRole::CoCoordinator => Some(7),
        MembershipRole::Lead | MembershipRole::CoLead | MembershipRole::Member | MembershipRole::Donor => {
            None
        }
    }
}

/// Whether the role makes its holder an officer of the group and of its sub-groups.
#[must_use]
pub const fn is_officer(role: MembershipRole) -> bool {
    matches!(
        role,
        MembershipRole::Secretary
            | MembershipRole::InformationManager
            | MembershipRole::Coordinator
            | MembershipRole::CoCoordinator
    )
}

impl Action {
    /// Every action.
    pub const ALL: &[Self] = &[
        Self::OperationRead,
        Self::OperationWrite,
        Self::PlaceRead,
        Self::ReferenceWrite,
        Self::GroupReadPublic,
        Self::GroupReadInternal,
        Self::GroupCreate,
        Self::GroupUpdate,
        Self::GroupDeactivate,
        Self::OrganisationCreate,
        Self::OrganisationUpdate,
        Self::OrganisationMerge,
        Self::OrganisationRead,
        Self::PersonReadName,
        Self::PersonReadContact,
        Self::PersonUpdate,
        Self::PersonErase,
        Self::PersonExport,
        Self::PersonCreate,
        Self::PersonMerge,
        Self::InvitationCreate,
        Self::MembershipRead,
        Self::MembershipRequest,
        Self::MembershipGrantMember,
        Self::MembershipGrantOfficer,
        Self::MembershipGrantCoordinator,
        Self::MembershipEnd,
        Self::MembershipSync,
        Self::MembershipGrantOrganisation,
        Self::MembershipHandover,
        Self::MeetingReadDraft,
        Self::MeetingRead,
        Self::MeetingReadJoinUrl,
        Self::MeetingWrite,
        Self::MeetingClose,
        Self::MeetingReopen,
        Self::AgendaPropose,
        Self::AgendaWrite,
        Self::AttendanceReadNames,
        Self::AttendanceWrite,
        Self::AttendanceReadOrganisations,
        Self::MinutesReadDraft,
        Self::MinutesReadCirculated,
        Self::MinutesReadAdopted,
        Self::MinutesWrite,
        Self::MinutesReview,
        Self::MinutesCirculate,
        Self::MinutesAdopt,
        Self::MinutesComment,
        Self::MinutesPublish,
        Self::MinutesRevise,
        Self::RecommendationRead,
        Self::RecommendationWrite,
        Self::ReviewWrite,
        Self::FollowUpRead,
        Self::FollowUpWrite,
        Self::FollowUpReport,
        Self::FollowUpComplete,
        Self::ReferralSend,
        Self::ReferralAnswer,
        Self::ReferralRead,
        Self::DocumentWrite,
        Self::DocumentRead,
        Self::AnnouncementWrite,
        Self::SensitivityRaise,
        Self::SensitivityLower,
        Self::ExportOrganisationsOnly,
        Self::ExportWithContacts,
        Self::WebhookManage,
        Self::TokenManageOwn,
        Self::ServiceAccountManage,
        Self::AccessBreakGlass,
        Self::AuditRead,
    ];

    /// The name in the table, and who may, column by column as in [`PRINCIPALS`].
    #[must_use]
    #[rustfmt::skip]
    pub const fn row(self) -> (&'static str, [Right; 10]) {
        use Right::{Assigned, Counts, Group, Leads, Meta, Name, No, Oneself, Opted, Orgs, Own, Public, Shared, Sub, Yes};
        match self {
            Self::OperationRead => ("operation.read", [Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes]),
            Self::OperationWrite => ("operation.write", [No, No, No, No, No, No, No, No, Yes, Yes]),
            Self::PlaceRead => ("place.read", [Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes]),
            Self::ReferenceWrite => ("reference.write", [No, No, No, No, No, No, No, No, No, Yes]),
            Self::GroupReadPublic => ("group.read_public", [Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes]),
            Self::GroupReadInternal => ("group.read_internal", [No, No, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Name]),
            Self::GroupCreate => ("group.create", [No, No, No, No, No, No, No, Sub, Yes, Yes]),
            Self::GroupUpdate => ("group.update", [No, No, No, No, No, No, No, Yes, Yes, Yes]),
            Self::GroupDeactivate => ("group.deactivate", [No, No, No, No, No, No, No, No, Yes, Yes]),
            Self::OrganisationCreate => ("organisation.create", [No, No, No, No, No, No, Yes, Yes, Yes, Yes]),
            Self::OrganisationUpdate => ("organisation.update", [No, No, No, No, Own, No, Yes, Yes, Yes, Yes]),
            Self::OrganisationMerge => ("organisation.merge", [No, No, No, No, No, No, No, No, Yes, Yes]),
            Self::OrganisationRead => ("organisation.read", [Public, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes]),
            Self::PersonReadName => ("person.read_name", [No, Shared, Shared, Shared, Shared, Yes, Yes, Yes, Yes, Yes]),
            Self::PersonReadContact => ("person.read_contact", [No, No, No, Opted, Opted, Yes, Yes, Yes, No, No]),
            Self::PersonUpdate => ("person.update", [No, Oneself, Oneself, Oneself, Own, No, Yes, Yes, Yes, Yes]),
            Self::PersonErase => ("person.erase", [No, Oneself, Oneself, Oneself, Oneself, Oneself, Oneself, Oneself, No, Yes]),
            Self::PersonExport => ("person.export", [No, Oneself, Oneself, Oneself, Oneself, Oneself, Oneself, Oneself, No, Yes]),
            Self::PersonCreate => ("person.create", [No, No, No, No, Own, Yes, Yes, Yes, Yes, Yes]),
            Self::PersonMerge => ("person.merge", [No, No, No, No, No, No, No, No, Yes, Yes]),
            Self::InvitationCreate => ("invitation.create", [No, No, No, No, Own, No, Yes, Yes, Yes, Yes]),
            Self::MembershipRead => ("membership.read", [Leads, Leads, Orgs, Yes, Yes, Yes, Yes, Yes, Yes, Yes]),
            Self::MembershipRequest => ("membership.request", [No, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes]),
            Self::MembershipGrantMember => ("membership.grant_member", [No, No, No, No, Own, No, Yes, Yes, Yes, Yes]),
            Self::MembershipGrantOfficer => ("membership.grant_officer", [No, No, No, No, No, No, No, Yes, Yes, Yes]),
            Self::MembershipGrantCoordinator => ("membership.grant_coordinator", [No, No, No, No, No, No, No, No, Yes, Yes]),
            Self::MembershipEnd => ("membership.end", [No, Oneself, Oneself, Oneself, Own, Oneself, Yes, Yes, Yes, Yes]),
            Self::MembershipSync => ("membership.sync", [No, No, No, No, No, No, Yes, Yes, Yes, Yes]),
            Self::MembershipGrantOrganisation => ("membership.grant_organisation", [No, No, No, No, No, No, Yes, Yes, Yes, Yes]),
            Self::MembershipHandover => ("membership.handover", [No, No, No, No, No, No, No, Yes, Yes, Yes]),
            Self::MeetingReadDraft => ("meeting.read_draft", [No, No, No, No, No, Yes, Yes, Yes, Yes, No]),
            Self::MeetingRead => ("meeting.read", [Public, Public, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Meta]),
            Self::MeetingReadJoinUrl => ("meeting.read_join_url", [No, No, Yes, Yes, Yes, Yes, Yes, Yes, No, No]),
            Self::MeetingWrite => ("meeting.write", [No, No, No, No, No, Yes, Yes, Yes, Yes, No]),
            Self::MeetingClose => ("meeting.close", [No, No, No, No, No, Yes, Yes, Yes, Yes, No]),
            Self::MeetingReopen => ("meeting.reopen", [No, No, No, No, No, No, Yes, Yes, Yes, No]),
            Self::AgendaPropose => ("agenda.propose", [No, No, No, Yes, Yes, Yes, Yes, Yes, No, No]),
            Self::AgendaWrite => ("agenda.write", [No, No, No, No, No, Yes, Yes, Yes, No, No]),
            Self::AttendanceReadNames => ("attendance.read_names", [No, No, No, Yes, Yes, Yes, Yes, Yes, No, No]),
            Self::AttendanceWrite => ("attendance.write", [No, No, Oneself, Oneself, Own, Yes, Yes, Yes, No, No]),
            Self::AttendanceReadOrganisations => ("attendance.read_organisations", [Counts, Counts, Yes, Yes, Yes, Yes, Yes, Yes, Yes, No]),
            Self::MinutesReadDraft => ("minutes.read_draft", [No, No, No, No, No, Yes, Yes, Yes, No, No]),
            Self::MinutesReadCirculated => ("minutes.read_circulated", [No, No, Yes, Yes, Yes, Yes, Yes, Yes, No, No]),
            Self::MinutesReadAdopted => ("minutes.read_adopted", [Public, Public, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Public]),
            Self::MinutesWrite => ("minutes.write", [No, No, No, No, No, Yes, Yes, Yes, No, No]),
            Self::MinutesReview => ("minutes.review", [No, No, No, No, No, No, Yes, Yes, No, No]),
            Self::MinutesCirculate => ("minutes.circulate", [No, No, No, No, No, Yes, Yes, Yes, No, No]),
            Self::MinutesAdopt => ("minutes.adopt", [No, No, No, No, No, No, No, Yes, No, No]),
            Self::MinutesComment => ("minutes.comment", [No, No, No, Yes, Yes, Yes, Yes, Yes, No, No]),
            Self::MinutesPublish => ("minutes.publish", [No, No, No, No, No, No, Yes, Yes, No, No]),
            Self::MinutesRevise => ("minutes.revise", [No, No, No, No, No, No, No, Yes, No, No]),
            Self::RecommendationRead => ("recommendation.read", [Public, Public, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Counts]),
            Self::RecommendationWrite => ("recommendation.write", [No, No, No, No, No, Yes, Yes, Yes, No, No]),
            Self::ReviewWrite => ("review.write", [No, No, No, No, No, Yes, Yes, Yes, No, No]),
            Self::FollowUpRead => ("follow_up.read", [Public, Assigned, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Counts]),
            Self::FollowUpWrite => ("follow_up.write", [No, No, No, No, No, Yes, Yes, Yes, No, No]),
            Self::FollowUpReport => ("follow_up.report", [No, Assigned, No, Own, Own, Yes, Yes, Yes, No, No]),
            Self::FollowUpComplete => ("follow_up.complete", [No, No, No, No, No, No, Yes, Yes, No, No]),
            Self::ReferralSend => ("referral.send", [No, No, No, No, No, No, No, Yes, Yes, No]),
            Self::ReferralAnswer => ("referral.answer", [No, No, No, No, No, No, No, Yes, Yes, No]),
            Self::ReferralRead => ("referral.read", [No, No, Yes, Yes, Yes, Yes, Yes, Yes, Yes, No]),
            Self::DocumentWrite => ("document.write", [No, No, No, No, Own, Yes, Yes, Yes, No, No]),
            Self::DocumentRead => ("document.read", [Public, Public, Yes, Yes, Yes, Yes, Yes, Yes, Yes, No]),
            Self::AnnouncementWrite => ("announcement.write", [No, No, No, No, Own, Yes, Yes, Yes, No, No]),
            Self::SensitivityRaise => ("sensitivity.raise", [No, No, No, No, No, Yes, Yes, Yes, Yes, No]),
            Self::SensitivityLower => ("sensitivity.lower", [No, No, No, No, No, No, No, Yes, No, No]),
            Self::ExportOrganisationsOnly => ("export.organisations_only", [Public, Public, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Meta]),
            Self::ExportWithContacts => ("export.with_contacts", [No, No, No, No, No, No, Yes, Yes, No, No]),
            Self::WebhookManage => ("webhook.manage", [No, No, No, No, No, No, Yes, Yes, Yes, Yes]),
            Self::TokenManageOwn => ("token.manage_own", [No, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes]),
            Self::ServiceAccountManage => ("service_account.manage", [No, No, No, No, No, No, No, Yes, Yes, Yes]),
            Self::AccessBreakGlass => ("access.break_glass", [No, No, No, No, No, No, No, No, No, Yes]),
            Self::AuditRead => ("audit.read", [No, Own, Own, Own, Own, Own, Group, Yes, Yes, Yes]),
        }
    }

    const fn rights(self) -> [Right; 10] {
        self.row().1
    }

    /// The scope that an API token must have for it; `None`: not by token, a person has to sign in.
    #[must_use]
    pub const fn scope(self) -> Option<TokenScope> {
        match self {
            Self::OperationRead
            | Self::PlaceRead
            | Self::GroupReadPublic
            | Self::GroupReadInternal
            | Self::OrganisationRead
            | Self::PersonReadName
            | Self::MembershipRead
            | Self::MeetingReadDraft
            | Self::MeetingRead
            | Self::AttendanceReadNames
            | Self::AttendanceReadOrganisations
            | Self::MinutesReadDraft
            | Self::MinutesReadCirculated
            | Self::MinutesReadAdopted
            | Self::RecommendationRead
            | Self::FollowUpRead
            | Self::ReferralRead
            | Self::DocumentRead
            | Self::ExportOrganisationsOnly => Some(TokenScope::Read),
            // what can harm people if it leaks
            Self::PersonReadContact
            | Self::PersonExport
            | Self::MeetingReadJoinUrl
            | Self::ExportWithContacts => Some(TokenScope::Contacts),
            Self::OperationWrite
            | Self::ReferenceWrite
            | Self::GroupCreate
            | Self::GroupUpdate
            | Self::GroupDeactivate
            | Self::OrganisationCreate
            | Self::OrganisationUpdate
            | Self::OrganisationMerge
            | Self::PersonCreate
            | Self::PersonUpdate
            | Self::PersonMerge => Some(TokenScope::Directory),
            Self::InvitationCreate
            | Self::MembershipRequest
            | Self::MembershipGrantMember
            | Self::MembershipGrantOfficer
            | Self::MembershipGrantCoordinator
            | Self::MembershipGrantOrganisation
            | Self::MembershipEnd
            | Self::MembershipSync
            | Self::MembershipHandover => Some(TokenScope::Memberships),
            Self::MeetingWrite
            | Self::MeetingClose
            | Self::MeetingReopen
            | Self::AgendaPropose
            | Self::AgendaWrite
            | Self::AttendanceWrite
            | Self::MinutesWrite
            | Self::MinutesCirculate
            | Self::MinutesComment
            | Self::RecommendationWrite
            | Self::ReviewWrite
            | Self::ReferralSend
            | Self::ReferralAnswer
            | Self::DocumentWrite
            | Self::AnnouncementWrite
            | Self::SensitivityRaise => Some(TokenScope::Meetings),
            Self::FollowUpWrite | Self::FollowUpReport | Self::FollowUpComplete => {
                Some(TokenScope::FollowUps)
            }
            // what somebody answers for in person
            Self::MinutesReview
            | Self::MinutesAdopt
            | Self::MinutesPublish
            | Self::MinutesRevise
            | Self::SensitivityLower
            | Self::PersonErase
            | Self::WebhookManage
            | Self::TokenManageOwn
            | Self::ServiceAccountManage
            | Self::AccessBreakGlass
            | Self::AuditRead => None,
        }
    }

    /// Whether it only reads: what break-glass opens.
    #[must_use]
    pub const fn reads(self) -> bool {
        matches!(self.scope(), Some(TokenScope::Read) | Some(TokenScope::Contacts))
    }

    /// Whether a part in a meeting (chair, minute taker) gives it, in that meeting.
    #[must_use]
    pub const fn in_a_meeting(self) -> bool {
        matches!(
            self,
            Self::MeetingRead
                | Self::MeetingReadDraft
                | Self::MeetingReadJoinUrl
                | Self::MeetingWrite
                | Self::MeetingClose
                | Self::AgendaPropose
                | Self::AgendaWrite
                | Self::AttendanceReadNames
                | Self::AttendanceReadOrganisations
                | Self::AttendanceWrite
                | Self::MinutesReadDraft
                | Self::MinutesReadCirculated
                | Self::MinutesReadAdopted
                | Self::MinutesWrite
                | Self::MinutesComment
                | Self::RecommendationRead
                | Self::RecommendationWrite
                | Self::ReviewWrite
                | Self::FollowUpRead
                | Self::FollowUpWrite
                | Self::DocumentRead
                | Self::DocumentWrite
                | Self::AnnouncementWrite
        )
    }
}

/// What a write is about: made from a row that was seen in the same transaction.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The groups it belongs to; for what belongs to no group (an organisation, a person): empty.
    pub groups: Vec<Uuid>,
    /// Its operation.
    pub operation: Option<Uuid>,
    /// Its meeting.
    pub meeting: Option<Uuid>,
    /// The people it is about or assigned to.
    pub people: Vec<Uuid>,
    /// The organisations it is about or assigned to.
    pub organisations: Vec<Uuid>,
}

impl Target {
    /// What belongs to a group of an operation, and to a meeting if it comes from one.
    #[must_use]
    pub fn of(group: Uuid, operation: Option<Uuid>, meeting: Option<Uuid>) -> Self {
        Self { groups: vec![group], operation, meeting, ..Self::default() }
    }
}

/// Proof that the policy said yes. Every write takes one; nothing else can make one.
#[derive(Clone, Debug)]
pub struct Permit {
    action: Action,
    groups: Vec<Uuid>,
}

impl Permit {
    /// That this permit is good for `action` in `group`. Checked in release builds too.
    ///
    /// # Errors
    /// `Internal`: a permit for something else is a mistake of ours.
    pub fn covers(&self, action: Action, group: Option<Uuid>) -> Result<()> {
        if self.action == action && group.is_none_or(|g| self.groups.contains(&g)) {
            return Ok(());
        }
        tracing::error!(held = ?self.action, wanted = ?action, "a permit was used for something else");
        Err(Error::Internal)
    }
}

impl Actor {
    /// The permit for `action` on `target`.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for anonymous viewers, `PERMISSION_DENIED` for others without the right.
    pub fn permit(&self, action: Action, target: &Target) -> Result<Permit> {
        if !self.is_signed_in() {
            return Err(Error::Unauthenticated);
        }
        if self.may(action, target) {
            Ok(Permit { action, groups: target.groups.clone() })
        } else {
            Err(Error::refused(Why::Denied))
        }
    }

    /// Whether the table says yes.
    #[must_use]
    pub fn may(&self, action: Action, target: &Target) -> bool {
        let rights = action.rights();
        let about_me = self.person_id.is_some_and(|me| target.people.contains(&me));
        let about_us = || about_me || target.organisations.iter().any(|o| self.speaks_for(*o));
        let grants = |right: Right| match right {
            Right::Yes => true,
            Right::Oneself | Right::Assigned => about_me,
            Right::Own => about_us(),
            Right::Sub => !target.groups.is_empty(),
            _ => false,
        };
        if !self.is_signed_in() || !self.covers(action) || !self.holds_for(target) {
            return rights[ANONYMOUS] == Right::Yes;
        }
        let anywhere = target.groups.is_empty() && target.operation.is_none();
        grants(rights[OUTSIDER])
            || (self.is_admin && rights[ADMIN] == Right::Yes)
            || (rights[OPERATION_MANAGER] == Right::Yes
                && (target.operation.is_some_and(|o| self.managed.contains(&o))
                    || (anywhere && !self.managed.is_empty())))
            || (action.in_a_meeting()
                && rights[SECRETARY] == Right::Yes
                && self.parts.iter().any(|p| Some(p.meeting_id) == target.meeting))
            || (action.reads()
                && rights[COORDINATOR] == Right::Yes
                && target.groups.iter().any(|g| self.opened.contains(g)))
            || self
                .seats
                .iter()
                .filter(|s| anywhere || target.groups.contains(&s.group_id))
                .filter_map(|s| column(s.role))
                .any(|c| grants(rights[c]))
    }
}

impl Actor {
    /// Whether the API token that came along, if one did, is good for this.
    #[must_use]
    pub fn covers(&self, action: Action) -> bool {
        let Some(token) = &self.token else { return true };
        action.scope().is_some_and(|scope| scope == TokenScope::Read || token.scopes.contains(&scope))
    }

    /// Whether the API token that came along, if one did, holds where this belongs: what concerns oneself
    /// is cut too.
    fn holds_for(&self, target: &Target) -> bool {
        let Some(within) = self.within() else { return true };
        target.groups.is_empty()
            || target.groups.iter().any(|g| within.groups.contains(g))
            || target.operation.is_some_and(|o| within.operations.contains(&o))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::db::Dialect;

    fn seat(role: MembershipRole, group: u128) -> Seat {
        Seat {
            group_id: Uuid::from_u128(group),
            operation_id: Uuid::from_u128(1000),
            role,
            organisation_id: Some(Uuid::from_u128(77)),
            is_inherited: false,
        }
    }

    fn somebody(seats: Vec<Seat>) -> Actor {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
        Actor {
            account_id: Some(Uuid::from_u128(1)),
            person_id: Some(Uuid::from_u128(2)),
            seats,
            ..Actor::anonymous(day)
        }
    }

    #[test]
    fn the_table_is_the_published_one() {
        let csv = include_str!("../../../docs/permissions.csv");
        let mut lines = csv.lines();
        let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        assert_eq!(header[1..=10], PRINCIPALS);
        let mut published = Vec::new();
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            published.push((
                cells[0].to_owned(),
                cells[1..=10].iter().map(|c| (*c).to_owned()).collect::<Vec<_>>(),
            ));
        }
        let ours: Vec<_> = Action::ALL
            .iter()
            .map(|action| {
                let (name, rights) = action.row();
                let word = |right: &Right| match right {
                    Right::Oneself => "self".to_owned(),
                    other => format!("{other:?}").to_lowercase(),
                };
                (name.to_owned(), rights.iter().map(word).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(ours, published);
    }

    #[test]
    fn anonymous_viewers_get_no_permit() {
        let actor = Actor { account_id: None, ..somebody(vec![seat(MembershipRole::Coordinator, 1)]) };
        for action in Action::ALL {
            let target = Target { groups: vec![Uuid::from_u128(1)], ..Target::default() };
            assert!(matches!(actor.permit(*action, &target), Err(Error::Unauthenticated)));
        }
    }

    #[test]
    fn a_seat_counts_in_its_own_group_only() {
        let actor = somebody(vec![seat(MembershipRole::Coordinator, 1)]);
        let target = |group| Target { groups: vec![Uuid::from_u128(group)], ..Target::default() };
        assert!(actor.may(Action::MinutesAdopt, &target(1)));
        assert!(!actor.may(Action::MinutesAdopt, &target(2)));
    }

    #[test]
    fn members_report_on_what_is_theirs() {
        let actor = somebody(vec![seat(MembershipRole::Representative, 1)]);
        let mut target = Target { groups: vec![Uuid::from_u128(1)], ..Target::default() };
        assert!(!actor.may(Action::FollowUpReport, &target));
        target.organisations.push(Uuid::from_u128(77));
        assert!(actor.may(Action::FollowUpReport, &target));
        assert!(!actor.may(Action::FollowUpComplete, &target));
    }

    #[test]
    fn a_permit_is_good_for_one_action_in_one_group() {
        let actor = somebody(vec![seat(MembershipRole::Secretary, 1)]);
        let group = Uuid::from_u128(1);
        let permit =
            actor.permit(Action::FollowUpWrite, &Target { groups: vec![group], ..Target::default() });
        let permit = permit.expect("secretaries write follow-ups");
        assert!(permit.covers(Action::FollowUpWrite, Some(group)).is_ok());
        assert!(permit.covers(Action::FollowUpComplete, Some(group)).is_err());
        assert!(permit.covers(Action::FollowUpWrite, Some(Uuid::from_u128(2))).is_err());
    }

    #[test]
    fn reach_follows_the_role() {
        let scope = Scope::of(
            Arc::new(somebody(vec![
                seat(MembershipRole::Observer, 1),
                seat(MembershipRole::Representative, 2),
                seat(MembershipRole::Secretary, 3),
                seat(MembershipRole::Lead, 4),
            ])),
            Dialect::Sqlite,
        );
        let reach = scope.reach(Action::FollowUpRead);
        assert_eq!(reach.observer_of, [Uuid::from_u128(1)]);
        assert_eq!(reach.member_of, [Uuid::from_u128(2)]);
        assert_eq!(reach.officer_of, [Uuid::from_u128(3)]);
        assert!(reach.published && !reach.everywhere);
        assert_eq!(scope.reach(Action::MinutesReadDraft).officer_of, [Uuid::from_u128(3)]);
        assert!(scope.reach(Action::MinutesReadDraft).member_of.is_empty());
    }
}
