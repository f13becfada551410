use std::sync::Arc;

use async_graphql::{Context, Description, Object};

use super::rules;
use super::store::{Actor, Entry};
use crate::db::Row;
use crate::graphql::{DateTime, Direct, Front, Id, Node, Relation, Shown, Written, node};
use crate::group::Group;
use crate::id::Kind;
use crate::operation::Operation;
use crate::organisation::Organisation;
use crate::person::Person;

/// An entry of the audit log: one successful change, or something else that is recorded (an export with contact
/// details, a look into a group by break-glass, a failed sign-in). Visible to administrators, to operation managers
/// and coordinators for what is theirs, to information managers without entries about people, and to whoever made it.
#[derive(Clone, Debug, Description)]
pub struct AuditEntryFields(pub(super) Arc<Entry>);

/// See [`AuditEntryFields`].
pub type AuditEntry = Written<AuditEntryFields>;

impl Direct for AuditEntryFields {}

impl Shown for AuditEntryFields {
    type Row = Entry;

    fn of(row: Arc<Entry>) -> Self {
        Self(row)
    }

    // what it points to is read beside it, see query.rs
    fn relations() -> Vec<Relation> {
        Vec::new()
    }
}

/// The account that made an entry, as it is called now.
#[derive(Clone, Debug, Description)]
pub struct AuditActorFields(Actor);

/// See [`AuditActorFields`].
pub type AuditActor = Written<AuditActorFields>;

impl Direct for AuditActorFields {}

#[Object(name = "AuditEntry", use_type_description)]
impl AuditEntryFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::AuditEntry, self.0.id())
    }

    /// Its place in the sequence: later entries have higher positions. Without meaning otherwise.
    fn position(&self) -> i64 {
        self.0.row.position
    }

    /// When it happened, UTC.
    fn at(&self) -> DateTime {
        DateTime(self.0.row.at)
    }

    /// What happened: the name of the mutation, e.g. `followUpComplete`.
    fn kind(&self) -> &str {
        &self.0.row.kind
    }

    /// Who did it; null for the command line, and where nobody was signed in.
    fn actor(&self) -> Option<AuditActor> {
        self.0.actor.clone().map(|actor| Written(AuditActorFields(actor)))
    }

    /// The organisation for which they acted; null if there is none or you may not see it.
    fn acting_for(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.row.acting_for_id)
    }

    /// The id of what it is about; null for what has no id in the API.
    fn entity_id(&self) -> Option<Id> {
        rules::kind(&self.0.row.entity_kind).map(|kind| Id(kind, self.0.row.entity_id))
    }

    /// The kind of what it is about: the name of its type.
    fn entity_kind(&self) -> &str {
        &self.0.row.entity_kind
    }

    /// What it is about, as it is now; null if it is gone or you may not see it.
    fn entity(&self, ctx: &Context<'_>) -> Option<Node> {
        let kind = rules::kind(&self.0.row.entity_kind)?;
        node::shown(&Front::of(ctx), Id(kind, self.0.row.entity_id))
    }

    /// The group in which it happened; null if it is no group's matter or you may not see it.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.row.group_id)
    }

    /// The operation in which it happened; null if it is no operation's matter.
    fn operation(&self, ctx: &Context<'_>) -> Option<Operation> {
        Front::of(ctx).one(self.0.row.operation_id)
    }

    /// The state before a step of a life cycle.
    #[graphql(name = "fromState")]
    fn state_before(&self) -> Option<&str> {
        self.0.row.from_state.as_deref()
    }

    /// The state after it.
    fn to_state(&self) -> Option<&str> {
        self.0.row.to_state.as_deref()
    }

    /// Why, in the words of whoever did it. May name people.
    fn reason(&self) -> Option<&str> {
        self.0.row.reason.as_deref()
    }

    /// The id of the request, as its answer carried it in `x-request-id`; null for the command line.
    fn request_id(&self) -> Option<&str> {
        self.0.row.request_id.as_deref()
    }
}

#[Object(name = "AuditActor", use_type_description)]
impl AuditActorFields {
    /// The id of the account.
    async fn id(&self) -> Id {
        Id(Kind::Account, self.0.id)
    }

    /// Its name now; a neutral sign if its person was erased.
    fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// Whether it is a service's, not a person's.
    fn is_service(&self) -> bool {
        self.0.is_service
    }

    /// Its person; null if there is none or you may not see them.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.0.person_id)
    }
}
