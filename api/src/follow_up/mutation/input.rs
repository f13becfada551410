use async_graphql::{InputObject, MaybeUndefined};

use super::draft::{AssignmentInput, DueInput, FollowUpDraft};
use crate::external::ExternalReferenceInput;
use crate::follow_up::types::{AssignmentState, Priority};
use crate::graphql::{Date, Id, step_inputs};

/// Where a new follow-up belongs and what it says. Name the closest of agenda item, meeting, recommendation, group.
#[derive(InputObject)]
pub struct FollowUpCreateInput {
    /// The group that follows it up; may be left out if something else is named.
    pub group: Option<Id>,
    /// The meeting that agreed it.
    pub meeting: Option<Id>,
    /// The point of the agenda under which it was agreed.
    pub agenda_item: Option<Id>,
    /// The recommendation that it carries out.
    pub recommendation: Option<Id>,
    /// What it says.
    #[graphql(flatten)]
    pub draft: FollowUpDraft,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct FollowUpUpdateInput {
    /// The follow-up.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// What is to be done.
    pub text: Option<String>,
    /// The language of the text (BCP 47).
    pub language: Option<String>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// What must be done first.
    pub depends_on: MaybeUndefined<Id>,
    /// A remark of the secretary.
    pub note: MaybeUndefined<String>,
    /// Its codes in other systems, the whole list.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

step_inputs! {
    /// Which follow-up begins.
    FollowUpStartInput;
    /// Which follow-up is free again.
    FollowUpUnblockInput;
}

/// What is in the way.
#[derive(InputObject)]
pub struct FollowUpBlockInput {
    /// The follow-up.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// What is in the way.
    pub reason: String,
    /// The organisation that is in the way.
    pub blocked_by: Option<Id>,
}

/// What was done.
#[derive(InputObject)]
pub struct FollowUpCompleteInput {
    /// The follow-up.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// What was done.
    pub action_taken: String,
    /// The day it was done; today in the operation's time zone if left out.
    pub on: Option<Date>,
}

/// Why it is open again.
#[derive(InputObject)]
pub struct FollowUpReopenInput {
    /// The follow-up.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why.
    pub reason: String,
}

/// Why it is not wanted any more.
#[derive(InputObject)]
pub struct FollowUpCancelInput {
    /// The follow-up.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why.
    pub reason: String,
}

/// To whom it goes.
#[derive(InputObject)]
pub struct FollowUpReassignInput {
    /// The follow-up.
    pub id: Id,
    /// The version that you read; left out, whatever stands is changed.
    pub expected_version: Option<i32>,
    /// The assignees, the whole list; at most 100.
    pub assignments: Vec<AssignmentInput>,
    /// Why.
    pub reason: Option<String>,
}

/// When it is due now.
#[derive(InputObject)]
pub struct FollowUpChangeDueInput {
    /// The follow-up.
    pub id: Id,
    /// The version that you read; left out, whatever stands is changed.
    pub expected_version: Option<i32>,
    /// When; left out: no due day any more.
    pub due: Option<DueInput>,
    /// Why.
    pub reason: String,
}

/// How far an assignee is with their own part.
#[derive(InputObject)]
pub struct FollowUpReportInput {
    /// The follow-up.
    pub id: Id,
    /// The version that you read; left out, the report is taken whatever stands.
    pub expected_version: Option<i32>,
    /// The part; left out: the first that is yours.
    pub assignment: Option<Id>,
    /// The member organisation for which a collective part is answered; yours if left out.
    pub organisation: Option<Id>,
    /// How far it is.
    pub state: AssignmentState,
    /// What was done, or why not; must be given with DONE.
    pub response: Option<String>,
}
