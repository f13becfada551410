//! What a viewer may read: the rows that SQL looks for ([`Reach`]), and the fields of a row that is there.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use entity::enums::MembershipRole;
use uuid::Uuid;

use super::{
    ADMIN, ANONYMOUS, Action, Actor, COORDINATOR, OPERATION_MANAGER, Right, SECRETARY, Seat, Target, column,
    is_officer,
};
use crate::db::Dialect;

/// The rows of one kind that a viewer reaches, as sets that SQL can test.
///
/// Ceilings (see `docs/data-protection.md`): officers and operation managers see everything that is
/// theirs; representatives and focal points up to HIGH, observers up to MODERATE, both not what is
/// for officers only; accounts of the operation and anonymous viewers see what was published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Groups in which everything is seen.
    pub officer_of: Vec<Uuid>,
    /// Groups in which GROUP and wider, up to HIGH, is seen.
    pub member_of: Vec<Uuid>,
    /// Groups in which GROUP and wider, up to MODERATE, is seen.
    pub observer_of: Vec<Uuid>,
    /// Meetings in which the viewer has a part: everything of these is seen.
    pub part_in: Vec<Uuid>,
    /// Operations in which everything is seen.
    pub manager_of: Vec<Uuid>,
    /// Operations in which published OPERATION and wider, up to MODERATE, is seen.
    pub published_in: Vec<Uuid>,
    /// Whether what is PUBLIC, LOW and published is seen.
    pub published: bool,
    /// Everything, everywhere (an administrator, where the table says yes).
    pub everywhere: bool,
}

/// What a viewer may read. Every read takes one; only the front desk makes one, once per request.
#[derive(Clone, Debug)]
pub struct Scope {
    actor: Arc<Actor>,
    dialect: Dialect,
    /// What [`Scope::may_read`] was asked last of each action, and its answer: the rows of a page mostly belong together.
    last: Arc<Mutex<Vec<(Asked, bool)>>>,
}

/// What is asked for, and of which group, operation and meeting.
type Asked = (Action, Uuid, Option<Uuid>, Option<Uuid>);

impl Scope {
    /// The scope of an actor, for a database of this dialect.
    #[must_use]
    pub fn of(actor: Arc<Actor>, dialect: Dialect) -> Self {
        Self { actor, dialect, last: Arc::default() }
    }

    /// Which SQL its conditions are written in.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Who it is for.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What `action` (one that reads) opens to this viewer.
    #[must_use]
    pub fn reach(&self, action: Action) -> Reach {
        let (actor, rights) = (&*self.actor, action.rights());
        let covered = actor.covers(action);
        let mut reach = Reach {
            everywhere: covered && actor.is_admin && rights[ADMIN] == Right::Yes,
            published: matches!(rights[ANONYMOUS], Right::Public | Right::Yes),
            ..Reach::default()
        };
        if !covered {
            return reach;
        }
        if rights[OPERATION_MANAGER] == Right::Yes {
            reach.manager_of = actor.managed.iter().copied().collect();
        }
        if reach.published {
            reach.published_in = self.operations().into_iter().collect();
        }
        if action.in_a_meeting() && rights[SECRETARY] == Right::Yes {
            reach.part_in = actor.parts.iter().map(|p| p.meeting_id).collect();
        }
        if action.reads() && rights[COORDINATOR] == Right::Yes {
            reach.officer_of.clone_from(&actor.opened);
        }
        for seat in &actor.seats {
            let Some(column) = column(seat.role) else { continue };
            if rights[column] != Right::Yes {
                continue;
            }
            let groups = match seat.role {
                role if is_officer(role) => &mut reach.officer_of,
                MembershipRole::Observer => &mut reach.observer_of,
                _ => &mut reach.member_of,
            };
            if !groups.contains(&seat.group_id) {
                groups.push(seat.group_id);
            }
        }
        reach
    }

    /// The operations that the viewer is in: a seat in one of its groups, or a grant.
    #[must_use]
    pub fn operations(&self) -> BTreeSet<Uuid> {
        self.actor.seats.iter().map(|s| s.operation_id).chain(self.actor.managed.iter().copied()).collect()
    }

    /// The groups in which one of the viewer's seats has a right of this kind.
    #[must_use]
    pub fn groups_with(&self, action: Action, right: Right) -> Vec<Uuid> {
        if !self.actor.covers(action) {
            return Vec::new();
        }
        let rights = action.rights();
        let holds = |s: &&Seat| column(s.role).is_some_and(|c| rights[c] == right);
        let groups: BTreeSet<Uuid> = self.actor.seats.iter().filter(holds).map(|s| s.group_id).collect();
        groups.into_iter().collect()
    }

    /// Whether the viewer has `action` without reserve on what belongs to this group, operation and
    /// meeting: decides about single fields of a row that is seen anyway.
    #[must_use]
    pub fn may_read(
        &self,
        action: Action,
        group: Uuid,
        operation: Option<Uuid>,
        meeting: Option<Uuid>,
    ) -> bool {
        // of a viewer without a part in any, all meetings are alike
        let meeting = meeting.filter(|_| !self.actor.parts.is_empty());
        let asked = (action, group, operation, meeting);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.iter().position(|((of, ..), _)| *of == action);
        if let Some((_, answer)) = before.map(|at| last[at]).filter(|(before, _)| *before == asked) {
            return answer;
        }
        let answer = self.actor.may(action, &Target::of(group, operation, meeting));
        match before {
            Some(at) => last[at] = (asked, answer),
            None => last.push((asked, answer)),
        }
        answer
    }

    /// The columns of a row on which [`Scope::may_read`] and [`Scope::holds_in`] depend for this viewer.
    #[must_use]
    pub fn reads_by_seat(&self) -> &'static [&'static str] {
        let of_operation = !self.actor.managed.is_empty() || self.actor.within().is_some();
        match (of_operation, !self.actor.parts.is_empty()) {
            (false, false) => &["group_id"],
            (true, false) => &["group_id", "operation_id"],
            (false, true) => &["group_id", "meeting_id"],
            (true, true) => &["group_id", "operation_id", "meeting_id"],
        }
    }

    /// Whether the API token that came along, if one did, holds in this group of this operation.
    #[must_use]
    pub fn holds_in(&self, group: Uuid, operation: Uuid) -> bool {
        self.actor.holds_for(&Target::of(group, Some(operation), None))
    }
}
