use async_graphql::Enum;

/// Where a follow-up is in its life.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::FollowUpStatus")]
pub enum FollowUpStatus {
    /// Agreed, not begun.
    Open,
    /// Under way.
    InProgress,
    /// Something is in the way; `blockedReason` says what.
    Blocked,
    /// Done; `actionTaken` says what was done.
    Done,
    /// Not wanted any more.
    Cancelled,
}

/// What a status comes down to.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusCategory {
    /// Not begun.
    Unstarted,
    /// Under way, blocked or not.
    Started,
    /// Done.
    Completed,
    /// Not wanted any more.
    Cancelled,
}

/// How urgent it is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::Priority")]
pub enum Priority {
    /// As others.
    Normal,
    /// Before others.
    High,
}

/// How a due day is meant.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::DueQualifier")]
pub enum DueQualifier {
    /// On the day: overdue from the day after.
    On,
    /// On the day at the latest: overdue from the day after.
    OnOrBefore,
    /// Before the day: overdue from the day itself.
    Before,
    /// Around the day: overdue a week later.
    Around,
}

/// What is asked of an assignee.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AssignmentPart")]
pub enum AssignmentPart {
    /// Sees to it that it is done.
    Responsible,
    /// Helps.
    Support,
}

/// How far an assignee is with their own part.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AssignmentState")]
pub enum AssignmentState {
    /// Not heard from.
    Pending,
    /// Knows of it.
    Acknowledged,
    /// Has done their part.
    Done,
    /// Will not do it.
    Declined,
}
