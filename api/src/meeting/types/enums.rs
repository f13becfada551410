use async_graphql::Enum;

/// What kind of meeting it is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::MeetingKind")]
pub enum MeetingKind {
    /// A meeting of the usual round.
    Regular,
    /// A meeting called for a reason.
    Extraordinary,
    /// A session to work on something (séance de travail).
    WorkingSession,
    /// A workshop (atelier).
    Workshop,
    /// A retreat.
    Retreat,
}

/// Where a meeting is in its life.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::MeetingStatus")]
pub enum MeetingStatus {
    /// In preparation; officers and operation managers see it.
    Draft,
    /// The invitation is out.
    Scheduled,
    /// It is taking place.
    InProgress,
    /// It took place; its record may still change.
    Held,
    /// It took place and its record is complete.
    Closed,
    /// It was called off.
    Cancelled,
    /// It should have taken place and did not.
    NotHeld,
}

/// How people take part.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::Modality")]
pub enum Modality {
    /// In a room.
    InPerson,
    /// By telephone or video.
    Remote,
    /// Both.
    Hybrid,
    /// The record does not say.
    NotRecorded,
}

/// What the meeting made of its agenda (ordre du jour).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AgendaStatus")]
pub enum AgendaStatus {
    /// Put before the meeting.
    Proposed,
    /// Adopted as proposed.
    Adopted,
    /// Adopted with changes.
    AdoptedAsAmended,
    /// The record does not say.
    NotRecorded,
}

/// What the record says about attendance.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AttendanceRecord")]
pub enum AttendanceRecord {
    /// Everybody is listed.
    Complete,
    /// Only how many there were.
    HeadcountOnly,
    /// Only which organisations there were.
    OrganisationsOnly,
    /// There is a list on paper that nobody has typed.
    AttachedNotTranscribed,
    /// The record does not say.
    NotRecorded,
}
