//! Many people at once: who may be meant, and who is entered.

use std::collections::BTreeSet;
use std::sync::Arc;

use entity::contact_point;
use entity::enums::ContactKind;
use entity::person::Model;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::contact_visible;
use crate::auth::{Action, Permit};
use crate::db::visible::{among_those, col};
use crate::db::{MAIN, Tx, Where};
use crate::error::Result;
use crate::id;

/// Who may be meant by what somebody wrote.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// People with these ids.
    pub ids: BTreeSet<Uuid>,
    /// People with these names, folded.
    pub names: BTreeSet<String>,
    /// The people of these organisations.
    pub organisations: BTreeSet<Uuid>,
}

/// The people who may be meant, and whoever has or had a seat in the group; those into whom they were
/// merged too. Only people whom the viewer may see.
pub async fn sought(tx: &Tx, group: Uuid, sought: &Sought) -> Result<Vec<Arc<Model>>> {
    let list = |ids: &BTreeSet<Uuid>| ids.iter().copied().collect::<Vec<_>>();
    let names: Vec<String> = sought.names.iter().cloned().collect();
    let seated = Condition::all().add(col("gm", "group_id").eq(group));
    let seated = Condition::all().add(among_those(MAIN, "id", "membership", "gm", "person_id", seated));
    let mut people: Vec<Arc<Model>> = tx
        .visible(&Where::any([
            Where::ids(tx.dialect(), "id", &list(&sought.ids)),
            Where::ids(tx.dialect(), "organisation_id", &list(&sought.organisations)),
            Where::words("name_folded", &names),
            seated.into(),
        ]))
        .await?;
    let found: BTreeSet<Uuid> = people.iter().map(|p| p.id).collect();
    let merged = people.iter().filter_map(|p| p.merged_into_id).filter(|id| !found.contains(id));
    let successors: BTreeSet<Uuid> = merged.collect();
    if !successors.is_empty() {
        people.extend(tx.visible(&Where::ids(tx.dialect(), "id", &list(&successors))).await?);
    }
    Ok(people)
}

/// Who has one of these e-mail addresses, as far as the viewer may see the address or the person has a
/// seat in the group that has not ended: whoever is neither cannot be found out by trying addresses.
pub async fn with_addresses(
    tx: &Tx,
    group: Uuid,
    addresses: &BTreeSet<String>,
) -> Result<Vec<(String, Uuid)>> {
    use contact_point::{Column, Entity};
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let seated = Condition::all().add(col("gm", "group_id").eq(group)).add(
        Condition::any()
            .add(col("gm", "until").is_null())
            .add(col("gm", "until").gt(Expr::val(tx.actor().today))),
    );
    let here = among_those("contact_point", "person_id", "membership", "gm", "person_id", seated);
    let rows = Entity::find()
        .filter(Column::Kind.eq(ContactKind::Email))
        .filter(Column::Value.is_in(addresses.iter().map(String::as_str)))
        .filter(Condition::any().add(contact_visible(tx.scope(), "contact_point")).add(here))
        .all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|row| (row.value, row.person_id)).collect())
}

/// Enters people, each with an e-mail address if there is one. It is shared with nobody.
pub async fn enter(tx: &Tx, permit: &Permit, people: Vec<(Model, Option<String>)>) -> Result<()> {
    permit.covers(Action::PersonCreate, None)?;
    let (mut rows, mut points) = (Vec::new(), Vec::new());
    for (row, address) in people {
        points.extend(address.map(|value| contact_point::Model {
            id: id::new(),
            person_id: row.id,
            kind: ContactKind::Email,
            value,
            label: None,
            position: 1,
        }));
        rows.push(row);
    }
    tx.insert_all(rows).await?;
    tx.insert_all(points).await
}
