//! What is said of a mutation in the change sequence.

use uuid::Uuid;

use crate::id::Kind;

/// What a mutation did: one entry of the change sequence.
#[derive(Clone, Debug)]
pub struct Change {
    pub(super) kind: &'static str,
    pub(super) entity_kind: Kind,
    pub(super) entity_id: Uuid,
    pub(super) group_id: Option<Uuid>,
    pub(super) operation_id: Option<Uuid>,
    pub(super) from_state: Option<String>,
    pub(super) to_state: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) detail: Option<serde_json::Value>,
    pub(super) told: Option<serde_json::Value>,
    pub(super) by: Option<Uuid>,
}

impl Change {
    /// `kind` is the name of the mutation.
    #[must_use]
    pub const fn new(kind: &'static str, entity_kind: Kind, entity_id: Uuid) -> Self {
        Self {
            kind,
            entity_kind,
            entity_id,
            group_id: None,
            operation_id: None,
            from_state: None,
            to_state: None,
            reason: None,
            detail: None,
            told: None,
            by: None,
        }
    }

    /// Where it happened.
    #[must_use]
    pub const fn in_group(mut self, group: Uuid, operation: Uuid) -> Self {
        self.group_id = Some(group);
        self.operation_id = Some(operation);
        self
    }

    /// Where it happened, if it is the operation's own matter.
    #[must_use]
    pub const fn in_operation(mut self, operation: Uuid) -> Self {
        self.operation_id = Some(operation);
        self
    }

    /// The life-cycle step.
    #[must_use]
    pub fn step(mut self, from: impl Into<Option<String>>, to: impl Into<Option<String>>) -> Self {
        self.from_state = from.into();
        self.to_state = to.into();
        self
    }

    /// Why, in the words of whoever did it.
    #[must_use]
    pub fn because(mut self, reason: impl Into<Option<String>>) -> Self {
        self.reason = reason.into();
        self
    }

    /// What changed, for machines. No personal data.
    #[must_use]
    pub fn detail(mut self, detail: serde_json::Value) -> Self {
        self.detail = Some(detail);
        self
    }

    /// What the answer tells besides the row that changed, for whoever sends the request once more under its key. No
    /// text that somebody wrote.
    #[must_use]
    pub fn telling(mut self, told: serde_json::Value) -> Self {
        self.told = Some(told);
        self
    }

    /// Who did it, where nobody was signed in yet: whoever accepts an invitation.
    #[must_use]
    pub const fn by(mut self, account: Uuid) -> Self {
        self.by = Some(account);
        self
    }

    /// The id of the row that changed.
    #[must_use]
    pub const fn entity(&self) -> Uuid {
        self.entity_id
    }
}
