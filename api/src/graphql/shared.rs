//! Enums that many types share, and the ids that clients may bring.

use async_graphql::{Enum, MaybeUndefined};
use chrono::NaiveDate;
use uuid::Uuid;

use super::{Date, Id};
use crate::db::{Row, Seen, Tx};
use crate::error::{At, Result};
use crate::id::{self, Kind};
use crate::text;

/// Who may see it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::Visibility")]
pub enum Visibility {
    /// Everybody, once it is published.
    Public,
    /// Accounts of the operation.
    Operation,
    /// Members of the group.
    Group,
    /// Officers of the group: secretary, information manager, coordinators.
    Officers,
}

/// How bad disclosure would be. Another thing than visibility: it sets ceilings per audience.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::Sensitivity")]
pub enum Sensitivity {
    /// No harm; may be published.
    Low,
    /// Limited harm; observers and the operation may see it.
    Moderate,
    /// Serious harm; members, not observers.
    High,
    /// People could be hurt; officers only.
    Severe,
}

/// How exact a day is meant.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::DatePrecision")]
pub enum DatePrecision {
    /// The day.
    Day,
    /// The month; the day is its first.
    Month,
    /// The quarter; the day is its first.
    Quarter,
    /// A season ("avant l'hivernage"); there is no day, only the text.
    Season,
    /// The year; the day is its first.
    Year,
}

/// The id that a client brought for something new, or a fresh one.
///
/// # Errors
/// `WRONG_KIND` at `id`.
pub fn new_id(brought: Option<Id>, kind: Kind) -> Result<Uuid> {
    brought.map_or_else(|| Ok(id::new()), |id| id.of(kind).at("id"))
}

/// The row that an input refers to, seen in the transaction: its UUID, or none if none is named. If it
/// was merged into another one, that one is meant.
///
/// # Errors
/// `WRONG_KIND`, `NOT_FOUND` at `field`.
pub async fn referenced<M: Row>(tx: &Tx, kind: Kind, id: Option<Id>, field: &str) -> Result<Option<Uuid>> {
    let Some(id) = id else { return Ok(None) };
    let mut seen: Seen<M> = tx.seen(kind, id.of(kind).at(field)?).await.at(field)?;
    if let Some(successor) = seen.successor() {
        seen = tx.seen(kind, successor).await.at(field)?;
    }
    Ok(Some(Row::id(&*seen)))
}

/// Changes a reference: left out keeps, null clears.
///
/// # Errors
/// As [`referenced`].
pub async fn change_reference<M: Row>(
    tx: &Tx,
    kind: Kind,
    old: &mut Option<Uuid>,
    new: &MaybeUndefined<Id>,
    field: &str,
) -> Result<()> {
    if !new.is_undefined() {
        *old = referenced::<M>(tx, kind, new.value().copied(), field).await?;
    }
    Ok(())
}

/// Changes a text that may be missing: left out keeps, null clears.
///
/// # Errors
/// `BLANK`, `TOO_LONG` at `field`.
pub fn change_text(
    old: &mut Option<String>,
    new: &MaybeUndefined<String>,
    limit: usize,
    field: &str,
) -> Result<()> {
    if !new.is_undefined() {
        *old = text::optional(new.value().map(String::as_str), limit).at(field)?;
    }
    Ok(())
}

/// Changes a day that may be missing: left out keeps, null clears.
pub fn change_day(old: &mut Option<NaiveDate>, new: &MaybeUndefined<Date>) {
    if !new.is_undefined() {
        *old = new.value().map(|d| d.0);
    }
}
