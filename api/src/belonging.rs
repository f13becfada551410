//! Where something belongs: the group, operation, meeting and agenda item of a row, and the effective
//! visibility and sensitivity that it takes over from them. Stored on each row at write time, so
//! that a scope is one indexed condition per table.

use entity::enums::{Sensitivity, Visibility};
use entity::{agenda_item, coordination_group, meeting};
use uuid::Uuid;

use crate::auth::{Action, Target};
use crate::db::Tx;
use crate::error::Result;

/// Where a new row belongs.
#[derive(Clone, Debug)]
pub struct Belonging {
    /// Its group.
    pub group_id: Uuid,
    /// Its operation.
    pub operation_id: Uuid,
    /// Its meeting, if it comes from one.
    pub meeting_id: Option<Uuid>,
    /// The point of the agenda, if it comes from one.
    pub agenda_item_id: Option<Uuid>,
    /// The widest audience it may have.
    pub visibility: Visibility,
    /// The least sensitivity it may have.
    pub sensitivity: Sensitivity,
}

impl Belonging {
    /// To a group, from no meeting.
    #[must_use]
    pub const fn of_group(group: &coordination_group::Model) -> Self {
        Self {
            group_id: group.id,
            operation_id: group.operation_id,
            meeting_id: None,
            agenda_item_id: None,
            visibility: group.visibility,
            sensitivity: group.sensitivity,
        }
    }

    /// To a meeting.
    #[must_use]
    pub const fn of_meeting(meeting: &meeting::Model) -> Self {
        Self {
            group_id: meeting.group_id,
            operation_id: meeting.operation_id,
            meeting_id: Some(meeting.id),
            agenda_item_id: None,
            visibility: meeting.visibility,
            sensitivity: meeting.sensitivity,
        }
    }

    /// To a point of a meeting's agenda.
    #[must_use]
    pub const fn of_item(item: &agenda_item::Model) -> Self {
        Self {
            group_id: item.group_id,
            operation_id: item.operation_id,
            meeting_id: Some(item.meeting_id),
            agenda_item_id: Some(item.id),
            visibility: item.visibility,
            sensitivity: item.sensitivity,
        }
    }

    /// With values of its own, where they are tighter: what is asked for never widens what is
    /// inherited.
    #[must_use]
    pub fn tightened(mut self, visibility: Option<Visibility>, sensitivity: Option<Sensitivity>) -> Self {
        // both enums are declared from the widest to the tightest
        self.visibility = self.visibility.max(visibility.unwrap_or(self.visibility));
        self.sensitivity = self.sensitivity.max(sensitivity.unwrap_or(self.sensitivity));
        self
    }

    /// The values of a row that belongs here after somebody asks for others. Tighter ones need the
    /// right to raise, wider ones the right to lower; nothing gets wider than what is inherited.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn regraded(
        &self,
        tx: &Tx,
        old: (Visibility, Sensitivity),
        asked: (Option<Visibility>, Option<Sensitivity>),
    ) -> Result<(Visibility, Sensitivity)> {
        if asked == (None, None) {
            return Ok(old);
        }
        let new = self.clone().tightened(Some(asked.0.unwrap_or(old.0)), Some(asked.1.unwrap_or(old.1)));
        let new = (new.visibility, new.sensitivity);
        if new.0 > old.0 || new.1 > old.1 {
            tx.permit(Action::SensitivityRaise, &self.target())?;
        }
        if new.0 < old.0 || new.1 < old.1 {
            tx.permit(Action::SensitivityLower, &self.target())?;
        }
        Ok(new)
    }

    /// What a write of it is about.
    #[must_use]
    pub fn target(&self) -> Target {
        Target { groups: vec![self.group_id], operation: Some(self.operation_id), ..Target::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_ones_own_tightens_and_never_widens() {
        let group = Belonging {
            group_id: Uuid::nil(),
            operation_id: Uuid::nil(),
            meeting_id: None,
            agenda_item_id: None,
            visibility: Visibility::Group,
            sensitivity: Sensitivity::Moderate,
        };
        let tight = group.clone().tightened(Some(Visibility::Officers), Some(Sensitivity::Severe));
        assert_eq!((tight.visibility, tight.sensitivity), (Visibility::Officers, Sensitivity::Severe));
        let wide = group.tightened(Some(Visibility::Public), Some(Sensitivity::Low));
        assert_eq!((wide.visibility, wide.sensitivity), (Visibility::Group, Sensitivity::Moderate));
    }
}
