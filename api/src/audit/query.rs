use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SelectionField};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::rules;
use super::store::{self, Entry, Span};
use super::types::AuditEntry;
use crate::db::{Mark, Order, Where};
use crate::error::{Error, Result};
use crate::graphql::{
    Asking, CodeFilter, Connection, DateTimeFilter, FilterInput, Front, Id, IdFilter, PageArguments, Shown,
    combine, node, prefetch,
};
use crate::group::Group;
use crate::id::Kind;
use crate::operation::Operation;
use crate::organisation::Organisation;
use crate::person::Person;

/// Which entries. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct AuditFilter {
    /// By the group in which it happened.
    pub group: Option<IdFilter>,
    /// By the operation in which it happened.
    pub operation: Option<IdFilter>,
    /// By the account that did it (`acc_…`).
    pub actor: Option<IdFilter>,
    /// By what happened: the name of the mutation.
    pub kind: Option<CodeFilter>,
    /// About exactly this: an id of any kind.
    pub entity: Option<Id>,
    /// By the instant.
    pub at: Option<DateTimeFilter>,
    /// By the request, as its answer carried it in `x-request-id`.
    pub request_id: Option<CodeFilter>,
    /// All of these too.
    pub and: Option<Vec<AuditFilter>>,
    /// At least one of these.
    pub or: Option<Vec<AuditFilter>>,
    /// Not this.
    pub not: Option<Box<AuditFilter>>,
}

impl FilterInput for AuditFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.group, "group_id", Kind::Group, "filter.group"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
            (&self.actor, "account_id", Kind::Account, "filter.actor"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        for (filter, column, name) in
            [(&self.kind, "kind", "filter.kind"), (&self.request_id, "request_id", "filter.requestId")]
        {
            if let Some(filter) = filter {
                own.push(filter.on(column, name)?);
            }
        }
        if let Some(Id(kind, id)) = self.entity {
            own.push(Where::eq("entity_kind", kind.name()).and(Where::eq("entity_id", id)));
        }
        own.extend(self.at.as_ref().map(|f| f.on("at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// Queries about what was done.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// The audit log, the newest entry first: everything for administrators; their operations for operation managers;
    /// their groups for coordinators, and for information managers without entries about people; what one did oneself
    /// for everybody. By API token: nothing.
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries.")] filter: Option<AuditFilter>,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor: older entries.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor: newer entries.")] before: Option<String>,
    ) -> Result<Connection<AuditEntry>> {
        let front = Front::of(ctx);
        let sizes = PageArguments { first, last, ..PageArguments::default() }.page(&Order::default())?;
        let span = Span {
            after: after.as_deref().map(|text| position(text, "after")).transpose()?,
            before: before.as_deref().map(|text| position(text, "before")).transpose()?,
            size: sizes.size,
            backward: sizes.backward,
        };
        let filter = filter.map_or(Ok(Where::everything()), |f| f.condition(&front.asking()))?;
        let (mut slice, entries) = store::page(front.reader(), &filter, span).await?;
        slice.marks = entries.iter().map(|e| Mark::Written(cursor(e.row.position))).collect();
        if prefetch::counts(&[ctx.field()]) {
            slice.total = Some(store::count(front.reader(), &filter).await?);
        }
        beside(&front, &entries, &prefetch::rows_of(&[ctx.field()])).await?;
        let nodes = entries.into_iter().map(|e| AuditEntry::of(Arc::new(e))).collect();
        Ok(Connection::of(&slice, nodes))
    }
}

/// Reads entries by id, with what is selected of them; those that are missing or hidden stay out.
///
/// # Errors
/// `Internal`, logged.
pub async fn by_ids(front: &Front<'_>, ids: &[Uuid], fields: &[SelectionField<'_>]) -> Result<()> {
    let positions = ids.iter().filter_map(|id| Entry::position_of(*id));
    let these = Where::any(positions.map(|position| Where::eq("position", position)));
    let span = Span { size: ids.len() as u64, ..Span::default() };
    let (_, entries) = store::page(front.reader(), &these, span).await?;
    beside(front, &entries, fields).await?;
    entries.into_iter().for_each(|entry| front.reader().keep_row(Arc::new(entry)));
    Ok(())
}

/// Reads what the entries point to, as far as it is asked for and the viewer may see it.
async fn beside(front: &Front<'_>, entries: &[Entry], rows: &[SelectionField<'_>]) -> Result<()> {
    let asked = |name: &str| -> Vec<_> {
        rows.iter().flat_map(SelectionField::selection_set).filter(|f| f.name() == name).collect()
    };
    let ids = |of: fn(&Entry) -> Option<Uuid>| -> Vec<Uuid> { entries.iter().filter_map(of).collect() };
    let fields = asked("group");
    if !fields.is_empty() {
        prefetch::by_ids::<Group>(front, &ids(|e| e.row.group_id), &fields).await?;
    }
    let fields = asked("operation");
    if !fields.is_empty() {
        prefetch::by_ids::<Operation>(front, &ids(|e| e.row.operation_id), &fields).await?;
    }
    let fields = asked("actingFor");
    if !fields.is_empty() {
        prefetch::by_ids::<Organisation>(front, &ids(|e| e.row.acting_for_id), &fields).await?;
    }
    let actors = asked("actor");
    let fields: Vec<_> =
        actors.iter().flat_map(SelectionField::selection_set).filter(|f| f.name() == "person").collect();
    if !fields.is_empty() {
        let people = ids(|e| e.actor.as_ref().and_then(|a| a.person_id));
        prefetch::by_ids::<Person>(front, &people, &fields).await?;
    }
    let fields = asked("entity");
    if !fields.is_empty() {
        let mut kinds: BTreeMap<Kind, Vec<Uuid>> = BTreeMap::new();
        for entry in entries {
            if let Some(kind) = rules::kind(&entry.row.entity_kind) {
                kinds.entry(kind).or_default().push(entry.row.entity_id);
            }
        }
        for (kind, ids) in kinds {
            node::fetch(front, kind, &ids, &fields).await?;
        }
    }
    Ok(())
}

/// A position as clients see it.
fn cursor(position: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("audit:{position}"))
}

fn position(text: &str, argument: &'static str) -> Result<i64> {
    let broken = || Error::BadArgument { reason: "INVALID_CURSOR", argument: argument.into() };
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| broken())?;
    let text = std::str::from_utf8(&bytes).map_err(|_| broken())?;
    text.strip_prefix("audit:").and_then(|n| n.parse().ok()).ok_or_else(broken)
}
