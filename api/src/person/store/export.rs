//! Reading everything that leads to a person, as the registry says.

use entity::{coordination_group, operation, organisation};
use sea_orm::{EntityTrait, IdenStatic, Iterable, ModelTrait, QueryFilter, QueryOrder, Value};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::subject::leads_to;
use crate::auth::{Action, Permit};
use crate::db::visible::col;
use crate::db::visible::one_of;
use crate::db::{Row, Tx};
use crate::error::{Error, Result};
use crate::id::Kind;
use crate::person::registry::{Class, Part, parts};

/// Rows of a table.
pub struct Rows {
    /// The table.
    pub table: &'static str,
    /// The rows: what each column holds.
    pub rows: Vec<Map<String, Json>>,
}

/// Everything that leads to a person, and to whoever was merged into them, but for what opens doors.
pub async fn everything(tx: &Tx, permit: &Permit, person: Uuid) -> Result<Vec<Rows>> {
    permit.covers(Action::PersonExport, None)?;
    let people = super::erase::same(tx, person).await?;
    let mut all: Vec<Rows> = Vec::new();
    for part in parts()? {
        let rows = of_part(tx, part, &people).await?;
        match all.iter_mut().find(|r| r.table == part.table) {
            Some(known) => known.rows.extend(rows),
            None => all.push(Rows { table: &part.table, rows }),
        }
    }
    Ok(all)
}

async fn of_part(tx: &Tx, part: &Part, people: &[Uuid]) -> Result<Vec<Map<String, Json>>> {
    /// The entity whose table has this name.
    macro_rules! of {
        ($($entity:ident)*) => {$(
            if part.table == stringify!($entity) {
                return read::<entity::$entity::Entity>(tx, part, people).await;
            }
        )*};
    }
    of! {
        person contact_point contact_share presenter attendance minutes_contributor membership addressee
        assignment assignment_response follow_up_update external_reference account account_grant session
        refresh_token change service_account service_seat api_token api_token_limit device totp recovery_code
        password_reset openid_identity openid_flow invitation membership_request break_glass erasure
        idempotency_key
    }
    tracing::error!(table = part.table, "the registry leads to a table that the export does not read");
    Err(Error::Internal)
}

async fn read<E: EntityTrait>(tx: &Tx, part: &Part, people: &[Uuid]) -> Result<Vec<Map<String, Json>>> {
    let shown: Vec<E::Column> = E::Column::iter()
        .filter(|c| part.columns.iter().any(|p| p.name == c.as_str() && p.class != Class::Credential))
        .collect();
    let mut select = E::find().filter(leads_to(tx.dialect(), part, people));
    if let Some(key) = E::Column::iter().next() {
        select = select.order_by_asc(key);
    }
    let rows = select.all(tx.conn()).await?;
    let row = |model: &E::Model| {
        let pair = |c: &E::Column| (c.as_str().to_owned(), json(&part.table, c.as_str(), model.get(*c)));
        // which row it is, also where only another column leads to the person
        E::Column::iter().take(1).map(|c| pair(&c)).chain(shown.iter().map(pair)).collect()
    };
    Ok(rows.iter().map(row).collect())
}

fn json(table: &str, column: &str, value: Value) -> Json {
    match value {
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::BigInt(value) => value.into(),
        Value::String(value) => value.into(),
        Value::Uuid(value) => value.map(|id| shown_id(table, column, id)).into(),
        Value::ChronoDate(value) => value.map(|day| day.to_string()).into(),
        Value::ChronoDateTimeUtc(value) => {
            value.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)).into()
        }
        _ => Json::Null,
    }
}

/// An id as the API shows it, where the API knows the kind.
fn shown_id(table: &str, column: &str, id: Uuid) -> String {
    let named = match column.strip_suffix("_id") {
        Some("acting_for" | "funded_by" | "handover_successor" | "handover_supporter") => "organisation",
        Some("handover_meeting") => "meeting",
        Some("created_by" | "decided_by" | "invited_by") => "account",
        Some("merged_into") => "person",
        Some(named) => named,
        None if column == "id" => table,
        None => column,
    };
    let snake = |kind: &Kind| {
        let mut name = String::new();
        for c in kind.name().chars() {
            if c.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        }
        name
    };
    match Kind::ALL.iter().find(|kind| snake(kind) == named) {
        Some(kind) => kind.id(id),
        None => id.simple().to_string(),
    }
}

/// What the groups, operations and organisations are called that the viewer may see, by id.
pub async fn names(tx: &Tx, ids: &[(Kind, Uuid)]) -> Result<Map<String, Json>> {
    /// The names of one kind, through the viewer's scope.
    macro_rules! named {
        ($entity:ident, $kind:expr, $names:ident) => {
            let ids: Vec<Uuid> = ids.iter().filter(|(kind, _)| *kind == $kind).map(|(_, id)| *id).collect();
            let table = $entity::Model::table();
            let rows = $entity::Entity::find()
                .filter((table.visible)(tx.scope(), table.name))
                .filter(one_of(tx.dialect(), col(table.name, "id"), &ids))
                .all(tx.conn())
                .await?;
            $names.extend(rows.into_iter().map(|row| ($kind.id(row.id), Json::from(row.name))));
        };
    }
    let mut names = Map::new();
    named!(operation, Kind::Operation, names);
    named!(coordination_group, Kind::Group, names);
    named!(organisation, Kind::Organisation, names);
    Ok(names)
}
