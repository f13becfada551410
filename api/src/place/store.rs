//! The only SQL for places.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::place::{Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::rules::{self, Line};
use crate::db::visible::everyone;
use crate::db::{Direction, Order, SortColumn, SortKind, Tx, Where, table};
use crate::error::Result;

// place.read is yes for everybody, also anonymous.
table!(place, everyone);

/// By name, without case and accents.
pub const NAME: SortColumn = SortColumn { name: "name_folded", kind: SortKind::Text };
/// By P-code.
pub const P_CODE: SortColumn = SortColumn { name: "p_code", kind: SortKind::Text };
/// By level.
pub const LEVEL: SortColumn = SortColumn { name: "level", kind: SortKind::Number };
/// By the day from which the code holds.
pub const VALID_FROM: SortColumn = SortColumn { name: "valid_from", kind: SortKind::Date };

/// By name.
pub fn by_name() -> Order {
    Order(vec![(NAME, Direction::Ascending)])
}

/// What holds on a day.
pub fn holding_on(day: NaiveDate) -> Where {
    let ends = Where::any([Where::is_null("valid_to", true), Where::gte("valid_to", day)]);
    Where::lte("valid_from", day).and(ends)
}

/// How many values one statement binds for a list.
const BATCH: usize = 400;

/// Every row of these P-codes.
pub async fn of_codes(tx: &Tx, codes: BTreeSet<String>) -> Result<Vec<Model>> {
    matching(tx, codes, |batch| Column::PCode.is_in(batch)).await
}

/// Every row that lines may touch: those of their countries, of their codes and of their parents' codes.
pub async fn standing(tx: &Tx, lines: &[Line]) -> Result<Vec<Model>> {
    let of_countries = matching(tx, rules::countries(lines), |batch| Column::Country.is_in(batch)).await?;
    let mut rows: BTreeMap<Uuid, Model> = of_countries.into_iter().map(|row| (row.id, row)).collect();
    // a code can come from another country: borders move
    let codes = lines.iter().flat_map(|l| l.parent.iter().chain([&l.p_code])).cloned().collect();
    rows.extend(of_codes(tx, codes).await?.into_iter().map(|row| (row.id, row)));
    Ok(rows.into_values().collect())
}

async fn matching<C: sea_orm::sea_query::IntoCondition>(
    tx: &Tx,
    values: BTreeSet<String>,
    condition: impl Fn(Vec<String>) -> C,
) -> Result<Vec<Model>> {
    let values: Vec<String> = values.into_iter().collect();
    let mut rows = Vec::new();
    for batch in values.chunks(BATCH) {
        let condition = Condition::all().add(condition(batch.to_vec()).into_condition());
        rows.extend(Entity::find().filter(condition).all(tx.conn()).await?);
    }
    Ok(rows)
}

/// Writes rows, new ones and changed ones, in their order.
pub async fn write(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    let changes = OnConflict::column(Column::Id)
        .update_columns([
            Column::Country,
            Column::Level,
            Column::Name,
            Column::NameFolded,
            Column::ParentPCode,
            Column::ParentId,
            Column::ValidTo,
        ])
        .to_owned();
    for batch in rows.chunks(BATCH) {
        let batch = batch.iter().cloned().map(IntoActiveModel::into_active_model);
        Entity::insert_many(batch).on_conflict(changes.clone()).exec_without_returning(tx.conn()).await?;
    }
    Ok(())
}

/// Places of a country, by its ISO 3166-1 alpha-3 code; case does not matter.
pub fn in_country(iso3: &str) -> Where {
    Where::eq("country", iso3.trim().to_uppercase())
}
