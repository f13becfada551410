//! The closed lists: life cycles and kinds. They are stored as the words that the API uses.
//!
//! What a value means is described once, where the API shows it (`api/src/*/types.rs`). Lists that
//! the field itself revises (organisation types, sectors, places) are tables, not enums.

use std::sync::LazyLock;

use sea_orm::Iterable;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cell::{self, Cell, Content};

macro_rules! stored_as_words {
    ($($name:ident { $first:ident $(, $variant:ident)* $(,)? })*) => {$(
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { #[default] $first $(, $variant)* }

        impl $name {
            /// The word that the database and the API use.
            #[must_use]
            pub fn word(self) -> String {
                self.to_value()
            }
        }

        impl Content for $name {
            fn find(cell: Cell<'_>) -> Result<Option<Self>, DbErr> {
                static WORDS: LazyLock<Vec<(String, $name)>> =
                    LazyLock::new(|| $name::iter().map(|value| (value.to_value(), value)).collect());
                cell::word(cell, &WORDS)
            }
        }
    )*};
}

stored_as_words! {
    AccountKind { Person, Service }
    SessionMethod { Password, Openid, CommandLine }
    TokenScope { Read, Contacts, Directory, Memberships, Meetings, FollowUps }
    InvitationStatus { Open, Accepted, Withdrawn }
    RequestStatus { Pending, Approved, Declined, Withdrawn }
    GroupKind { Cluster, Sector, Aor, SubCluster, WorkingGroup, TaskTeam, AdvisoryGroup, Iccg, Hct, DonorGroup, OtherForum }
    GroupStatus { Proposed, Active, Dormant, Deactivated }
    MembershipRole { Lead, CoLead, Member, Observer, Donor, Coordinator, CoCoordinator, InformationManager, Secretary, FocalPoint, Representative }
    HandoverState { None, Announced, Proposed, Agreed, Completed, Withdrawn }
    MeetingKind { Regular, Extraordinary, WorkingSession, Workshop, Retreat }
    MeetingStatus { Draft, Scheduled, InProgress, Held, Closed, Cancelled, NotHeld }
    Modality { InPerson, Remote, Hybrid, NotRecorded }
    AgendaStatus { Proposed, Adopted, AdoptedAsAmended, NotRecorded }
    AgendaItemKind { Opening, MinutesAdoption, FollowUpReview, Presentation, PartnerUpdates, SituationUpdate, Discussion, AnyOtherBusiness }
    AgendaItemPurpose { Decision, Discussion, Information }
    AgendaItemStatus { Planned, Covered, PartlyCovered, Deferred, MovedOffline, Referred, NotCovered, Withdrawn, NotRecorded }
    OfflineChannel { Email, Phone, Chat, Other }
    AttendanceRecord { Complete, HeadcountOnly, OrganisationsOnly, AttachedNotTranscribed, NotRecorded }
    AttendanceStatus { Invited, Present, Remote, Represented, Excused, Absent }
    AttendanceCapacity { Member, Observer, Invitee, Secretariat }
    MinutesStatus { Draft, UnderReview, Circulated, Adopted, Superseded }
    ContributorRole { Author, Reviewer }
    RecommendationKind { Recommendation, Decision, Proposal }
    RecommendationStatus { Open, InProgress, PartlyImplemented, Implemented, NotImplemented, OvertakenByEvents, Withdrawn }
    FollowUpStatus { Open, InProgress, Blocked, Done, Cancelled }
    AssignmentPart { Responsible, Support }
    AssignmentState { Pending, Acknowledged, Done, Declined }
    DueQualifier { On, OnOrBefore, Before, Around }
    DatePrecision { Day, Month, Quarter, Season, Year }
    ReviewOutcome { KeptOpen, Extended, Done, PartlyDone, Blocked, NotAchieved, Dropped, Referred }
    ReferralStatus { Sent, OnAgenda, Answered, Returned }
    Priority { Normal, High }
    Sensitivity { Low, Moderate, High, Severe }
    Visibility { Public, Operation, Group, Officers }
    AnnouncementKind { Mission, Assessment, Event, Other }
    AnnouncementStatus { Planned, Done, Cancelled }
    DocumentKind { Minutes, Agenda, AttendanceList, Presentation, Report, MissionReport, AssessmentReport, ConceptNote, Strategy, ContingencyPlan, Dashboard, DataTemplate, Tutorial, PressRelease, TermsOfReference, Other }
    DocumentStatus { Promised, Draft, Available }
    ContactKind { Email, Phone, Other }
    GrantKind { OperationManager, Admin }
}
