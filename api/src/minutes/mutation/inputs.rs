use async_graphql::{InputObject, MaybeUndefined};

use crate::graphql::{Date, Id, Sensitivity, Visibility, payloads};
use crate::minutes::types::{ContributorRole, Minutes, MinutesStatus};

/// Somebody who wrote or reviewed minutes.
#[derive(InputObject)]
pub struct MinutesContributorInput {
    /// What they did.
    pub role: ContributorRole,
    /// The name as printed.
    pub display_name: String,
    /// The function as printed, e.g. "Coordinateur".
    pub function_text: Option<String>,
    /// The organisation as printed.
    pub organisation_text: Option<String>,
    /// The person, if it is understood who that is.
    pub person: Option<Id>,
    /// The organisation, if it is understood which that is.
    pub organisation: Option<Id>,
}

/// What minutes say; not of which meeting.
#[derive(InputObject)]
pub struct MinutesDraft {
    /// An id of your own (`min_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The title as printed.
    pub title: Option<String>,
    /// The text, if it is kept as one.
    pub body: Option<String>,
    /// The language of the text (BCP 47); that of the meeting if left out.
    pub language: Option<String>,
    /// Who wrote and who reviewed them, in the order printed, at most 50. A reviewer is no author.
    pub contributors: Option<Vec<MinutesContributorInput>>,
    /// When they were reviewed, if a day is known.
    pub reviewed_on: Option<Date>,
    /// Who may see them, if fewer than see the meeting.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be, if worse than for the meeting.
    pub sensitivity: Option<Sensitivity>,
}

/// Minutes of a past meeting, as they stand.
#[derive(InputObject)]
pub struct RecordedMinutes {
    /// What they say.
    #[graphql(flatten)]
    pub draft: MinutesDraft,
    /// Where they are in their life: DRAFT (if left out), UNDER_REVIEW or CIRCULATED. Adopting them
    /// is a step of its own.
    pub status: Option<MinutesStatus>,
    /// When they went to the members, if a day is known.
    pub circulated_on: Option<Date>,
    /// The last day for comments.
    pub comments_due_on: Option<Date>,
}

/// The minutes of a meeting.
#[derive(InputObject)]
pub struct MinutesWriteInput {
    /// The meeting.
    pub meeting: Id,
    /// What they say.
    #[graphql(flatten)]
    pub draft: MinutesDraft,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct MinutesUpdateInput {
    /// The minutes.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// The title as printed.
    pub title: MaybeUndefined<String>,
    /// The text, if it is kept as one.
    pub body: MaybeUndefined<String>,
    /// The language of the text (BCP 47).
    pub language: Option<String>,
    /// Who wrote and who reviewed them, the whole list, at most 50. A reviewer is no author.
    pub contributors: Option<Vec<MinutesContributorInput>>,
    /// When they were reviewed.
    pub reviewed_on: MaybeUndefined<Date>,
    /// Who may see them; never more than see the meeting. Wider: coordinators only.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be; never less than for the meeting. Less: coordinators only.
    pub sensitivity: Option<Sensitivity>,
}

/// Which draft goes to review.
#[derive(InputObject)]
pub struct MinutesSubmitInput {
    /// The minutes.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
}

/// Which minutes go back to their author.
#[derive(InputObject)]
pub struct MinutesReturnInput {
    /// The minutes.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// What the author should do.
    pub reason: String,
}

/// Which minutes go to the members.
#[derive(InputObject)]
pub struct MinutesCirculateInput {
    /// The minutes.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// The last day for comments; today or later.
    pub comments_due_on: Option<Date>,
    /// When they were reviewed, if a day is known; not after today. Left out, what is recorded stays.
    pub reviewed_on: Option<Date>,
}

/// Which minutes are adopted, and where.
#[derive(InputObject)]
pub struct MinutesAdoptInput {
    /// The minutes.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// The meeting that adopts them: a later one of the same group, which has begun.
    pub at: Id,
    /// The corrections with which it adopts them.
    pub corrections: Option<String>,
}

/// One thing that goes out with the minutes, and the words in which it does.
#[derive(InputObject)]
pub struct ConfirmedTextInput {
    /// A recommendation, follow-up, announcement or document of the meeting.
    pub id: Id,
    /// The text that goes out, without names of people or of places where people shelter. Required
    /// for a recommendation or follow-up. An announcement goes out with its text, a document with
    /// its title: left out, or exactly that.
    pub public_text: Option<String>,
}

/// Which minutes go out, and with which words.
#[derive(InputObject)]
pub struct MinutesPublishInput {
    /// The minutes.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// The text of the minutes that goes out; without one, only title, dates and outcome do.
    pub public_text: Option<String>,
    /// Every recommendation and follow-up that goes out, and those announcements and documents that
    /// should; at most 500.
    pub confirmed: Vec<ConfirmedTextInput>,
}

/// Of which minutes a new revision is begun.
#[derive(InputObject)]
pub struct MinutesReviseInput {
    /// The adopted minutes.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why, for the record.
    pub reason: String,
}

payloads! {
    /// The minutes, as a draft.
    MinutesWritePayload => minutes ("minutes"): Minutes;
    /// The minutes as they are now.
    MinutesUpdatePayload => minutes ("minutes"): Minutes;
    /// The minutes, under review.
    MinutesSubmitPayload => minutes ("minutes"): Minutes;
    /// The minutes, a draft again.
    MinutesReturnPayload => minutes ("minutes"): Minutes;
    /// The minutes, with the members.
    MinutesCirculatePayload => minutes ("minutes"): Minutes;
    /// The minutes, adopted and sealed.
    MinutesAdoptPayload => minutes ("minutes"): Minutes;
    /// The minutes, published.
    MinutesPublishPayload => minutes ("minutes"): Minutes;
    /// The new revision, a draft.
    MinutesRevisePayload => minutes ("minutes"): Minutes;
}
