//! What a meeting made, as far as it can go out with its minutes.

use chrono::{DateTime, Utc};
use entity::enums::{Sensitivity, Visibility};
use entity::{agenda_item, announcement, document, follow_up, meeting, recommendation};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::auth::{Action, Permit};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::id::Kind;

/// A row that can go out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: Uuid,
    /// Who may see it.
    pub visibility: Visibility,
    /// How bad disclosure would be.
    pub sensitivity: Sensitivity,
    /// When it went out, if it did already.
    pub published_at: Option<DateTime<Utc>>,
    /// The text or title that somebody has to confirm; a meeting and its agenda have none.
    pub text: Option<String>,
}

impl Outcome {
    /// Whether it keeps, beside its text, the text that goes out: then it goes out with its
    /// meeting's minutes, and somebody has to confirm that text.
    #[must_use]
    pub fn has_public_text(&self) -> bool {
        matches!(self.kind, Kind::Recommendation | Kind::FollowUp)
    }

    const fn table(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Meeting => Some("meeting"),
            Kind::AgendaItem => Some("agenda_item"),
            Kind::Recommendation => Some("recommendation"),
            Kind::FollowUp => Some("follow_up"),
            Kind::Announcement => Some("announcement"),
            Kind::Document => Some("document"),
            _ => None,
        }
    }
}

/// The meeting, its agenda, and what it made.
pub async fn outcome_of(tx: &Tx, meeting: Uuid) -> Result<Vec<Outcome>> {
    let conn = tx.conn();
    let mut all = Vec::new();
    /// The rows of a table that belong to the meeting.
    macro_rules! rows {
        ($entity:ident, $column:ident, $order:ident, $kind:ident, $text:expr) => {
            for row in $entity::Entity::find()
                .filter($entity::Column::$column.eq(meeting))
                .order_by_asc($entity::Column::$order)
                .all(conn)
                .await?
            {
                let text: fn(&$entity::Model) -> Option<String> = $text;
                all.push(Outcome {
                    kind: Kind::$kind,
                    id: row.id,
                    visibility: row.visibility,
                    sensitivity: row.sensitivity,
                    published_at: row.published_at,
                    text: text(&row),
                });
            }
        };
    }
    rows!(meeting, Id, Id, Meeting, |_| None);
    rows!(agenda_item, MeetingId, Position, AgendaItem, |_| None);
    rows!(recommendation, MeetingId, Position, Recommendation, |r| Some(r.text.clone()));
    rows!(follow_up, MeetingId, Position, FollowUp, |r| Some(r.text.clone()));
    rows!(announcement, MeetingId, Position, Announcement, |r| Some(r.text.clone()));
    rows!(document, MeetingId, Position, Document, |r| Some(r.title.clone()));
    Ok(all)
}

/// Publishes a row, with the text that goes out if it keeps one. What went out already stays as it
/// is, but for that text.
pub async fn publish(
    tx: &Tx,
    permit: &Permit,
    group: Uuid,
    outcome: &Outcome,
    public_text: Option<&str>,
) -> Result<()> {
    permit.covers(Action::MinutesPublish, Some(group))?;
    if outcome.published_at.is_some() && !outcome.has_public_text() {
        return Ok(());
    }
    let mut update = Query::update();
    update
        .table(Alias::new(outcome.table().ok_or(Error::Internal)?))
        .value(Alias::new("published_at"), outcome.published_at.unwrap_or_else(|| tx.now()))
        .value(Alias::new("updated_at"), tx.now())
        .value(Alias::new("version"), Expr::col(Alias::new("version")).add(1))
        .and_where(Expr::col(Alias::new("id")).eq(outcome.id));
    if outcome.has_public_text() {
        update.value(Alias::new("public_text"), public_text.ok_or(Error::Internal)?);
    }
    let conn = tx.conn();
    conn.execute_raw(conn.get_database_backend().build(&update)).await?;
    Ok(())
}
