//! Where something belongs: the group, operation, meeting and agenda item of a row, and the effective
//! visibility and sensitivity that it takes over from them. Stored on each row at write time, so
//! that a scope is one indexed condition per table.

use std::cmp::Ordering;

use entity::enums::{Sensitivity, Visibility};
use entity::{agenda_item, coordination_group, meeting};
use uuid::Uuid;

use crate::auth::{Action, Actor, Target};
use crate::db::{Seen, Tx};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::Id;
use crate::id::Kind;

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

    /// Where an input says that a new row belongs: to exactly one of a point of an agenda, a meeting,
    /// a group.
    ///
    /// # Errors
    /// `REQUIRED` or `EXACTLY_ONE` at `group`; `WRONG_KIND`, `NOT_FOUND` at what is named.
    pub async fn named(
        tx: &Tx,
        group: Option<Id>,
        meeting: Option<Id>,
        agenda_item: Option<Id>,
    ) -> Result<Self> {
        match (group, meeting, agenda_item) {
            (None, None, None) => Err(Error::refused(Why::Required).at("group")),
            (Some(id), None, None) => {
                let group: Seen<coordination_group::Model> =
                    tx.seen(Kind::Group, id.of(Kind::Group).at("group")?).await.at("group")?;
                Ok(Self::of_group(&group))
            }
            (None, Some(id), None) => {
                let meeting: Seen<meeting::Model> =
                    tx.seen(Kind::Meeting, id.of(Kind::Meeting).at("meeting")?).await.at("meeting")?;
                Ok(Self::of_meeting(&meeting))
            }
            (None, None, Some(id)) => {
                let id = id.of(Kind::AgendaItem).at("agendaItem")?;
                let item: Seen<agenda_item::Model> = tx.seen(Kind::AgendaItem, id).await.at("agendaItem")?;
                Ok(Self::of_item(&item))
            }
            _ => Err(Error::rule(Rule::ExactlyOne).at("group")),
        }
    }

    /// What a row that belongs here inherits, read anew.
    ///
    /// # Errors
    /// `NOT_FOUND`: the viewer sees the row, but not where it belongs.
    pub async fn inherited(&self, tx: &Tx) -> Result<Self> {
        let (group, meeting, item) = match (self.agenda_item_id, self.meeting_id) {
            (Some(item), _) => (None, None, Some(Id(Kind::AgendaItem, item))),
            (None, Some(meeting)) => (None, Some(Id(Kind::Meeting, meeting)), None),
            (None, None) => (Some(Id(Kind::Group, self.group_id)), None, None),
        };
        Self::named(tx, group, meeting, item).await
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

    /// The values after an update of a row that belongs here and has `now`: tighter with
    /// `sensitivity.raise`, wider with `sensitivity.lower`, never wider than what is inherited.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` at `visibility` or `sensitivity`.
    pub fn revised(
        &self,
        actor: &Actor,
        now: (Visibility, Sensitivity),
        asked: (Option<Visibility>, Option<Sensitivity>),
    ) -> Result<(Visibility, Sensitivity)> {
        let visibility = asked.0.map_or(now.0, |v| v.max(self.visibility));
        let sensitivity = asked.1.map_or(now.1, |s| s.max(self.sensitivity));
        let may = |direction: Ordering| match direction {
            Ordering::Equal => true,
            Ordering::Greater => actor.may(Action::SensitivityRaise, &self.target()),
            Ordering::Less => actor.may(Action::SensitivityLower, &self.target()),
        };
        if !may(visibility.cmp(&now.0)) {
            return Err(Error::refused(Why::Denied).at("visibility"));
        }
        if !may(sensitivity.cmp(&now.1)) {
            return Err(Error::refused(Why::Denied).at("sensitivity"));
        }
        Ok((visibility, sensitivity))
    }

    /// What a write of it is about.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::of(self.group_id, Some(self.operation_id), self.meeting_id)
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
