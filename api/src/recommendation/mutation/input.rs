use async_graphql::{Enum, InputObject, MaybeUndefined};

use crate::external::ExternalReferenceInput;
use crate::graphql::{Id, Sensitivity, Visibility};
use crate::recommendation::types::{RecommendationKind, RecommendationStatus};

/// How many addressees one recommendation may have.
pub(super) const MOST_ADDRESSEES: usize = 200;

/// To whom a recommendation is addressed: the text as written, and at most one of person,
/// organisation and group, if it is understood who that is.
#[derive(InputObject)]
pub struct AddresseeInput {
    /// As written.
    pub written_as: Option<String>,
    /// A person.
    pub person: Option<Id>,
    /// An organisation.
    pub organisation: Option<Id>,
    /// A group: every member of it.
    pub group: Option<Id>,
}

/// What a recommendation, decision or proposal says; not where it was made.
#[derive(InputObject)]
pub struct RecommendationDraft {
    /// An id of your own (`rec_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// Whether it is a recommendation, a decision or a proposal.
    pub kind: RecommendationKind,
    /// What was agreed.
    pub text: String,
    /// The language of the text (BCP 47); that of the meeting, or else of the operation, if left out.
    pub language: Option<String>,
    /// To whom it is addressed, at most 200.
    pub addressees: Option<Vec<AddresseeInput>>,
    /// The recommendation from which it grew.
    pub derived_from: Option<Id>,
    /// The group that it sets up.
    pub establishes: Option<Id>,
    /// What became of it, for those of the past; OPEN if left out.
    pub status: Option<RecommendationStatus>,
    /// Remarks of the officers.
    pub note: Option<String>,
    /// Who may see it, if fewer than the meeting or group lets.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be, if worse than for the meeting or group.
    pub sensitivity: Option<Sensitivity>,
    /// Its codes in other systems.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// A new recommendation and where it was made: at a point of an agenda, a meeting, or in a group.
#[derive(InputObject)]
pub struct RecommendationAddInput {
    /// The point of the agenda under which it was made.
    pub agenda_item: Option<Id>,
    /// The meeting that made it.
    pub meeting: Option<Id>,
    /// The group that made it; alone, it comes from a meeting that is not recorded.
    pub group: Option<Id>,
    /// What it says.
    #[graphql(flatten)]
    pub draft: RecommendationDraft,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct RecommendationUpdateInput {
    /// The recommendation.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// Whether it is a recommendation, a decision or a proposal.
    pub kind: Option<RecommendationKind>,
    /// What was agreed. A text that was published stays published as it was confirmed.
    pub text: Option<String>,
    /// The language of the text (BCP 47).
    pub language: Option<String>,
    /// The point of the agenda under which it was made, of the same meeting.
    pub agenda_item: MaybeUndefined<Id>,
    /// To whom it is addressed, the whole list, at most 200.
    pub addressees: Option<Vec<AddresseeInput>>,
    /// The recommendation from which it grew.
    pub derived_from: MaybeUndefined<Id>,
    /// The group that it sets up.
    pub establishes: MaybeUndefined<Id>,
    /// Remarks of the officers.
    pub note: MaybeUndefined<String>,
    /// Who may see it; never more than the meeting or group lets. Wider: coordinators only.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be; never less than for the meeting or group. Less: coordinators only.
    pub sensitivity: Option<Sensitivity>,
    /// Its codes in other systems, the whole list.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// Which recommendation is taken up.
#[derive(InputObject)]
pub struct RecommendationStartInput {
    /// The recommendation.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why, for the record.
    pub reason: Option<String>,
}

/// What became of a recommendation in the end.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecommendationOutcome {
    /// Done.
    Implemented,
    /// A part was done.
    PartlyImplemented,
    /// Not done, and no longer expected.
    NotImplemented,
    /// Events made it pointless.
    OvertakenByEvents,
}

impl From<RecommendationOutcome> for entity::enums::RecommendationStatus {
    fn from(outcome: RecommendationOutcome) -> Self {
        match outcome {
            RecommendationOutcome::Implemented => Self::Implemented,
            RecommendationOutcome::PartlyImplemented => Self::PartlyImplemented,
            RecommendationOutcome::NotImplemented => Self::NotImplemented,
            RecommendationOutcome::OvertakenByEvents => Self::OvertakenByEvents,
        }
    }
}

/// Which recommendation is concluded, and how.
#[derive(InputObject)]
pub struct RecommendationConcludeInput {
    /// The recommendation.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// What became of it.
    pub outcome: RecommendationOutcome,
    /// What was done, or why not, for the record.
    pub reason: Option<String>,
}

/// Which recommendation is taken up again.
#[derive(InputObject)]
pub struct RecommendationReopenInput {
    /// The recommendation.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why, for the record.
    pub reason: String,
}

/// Which recommendation is taken back.
#[derive(InputObject)]
pub struct RecommendationWithdrawInput {
    /// The recommendation.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why, for the record.
    pub reason: String,
}
