//! The only SQL for external references.

use std::collections::{BTreeSet, HashMap};

use entity::external_reference::{Column, Entity, Model};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::db::visible::{col, with_parent};
use crate::db::{Tx, Where, table};
use crate::error::{At, Error, Result, Why};
use crate::id::{self, Kind};
use crate::text;

table!(external_reference, with_parent);

/// What carries the references.
#[derive(Clone, Copy, Debug)]
pub struct Owner(pub Kind, pub Uuid);

/// The column that points to rows of a kind.
const fn column(kind: Kind) -> (Column, &'static str) {
    match kind {
        Kind::Operation => (Column::OperationId, "operation_id"),
        Kind::Group => (Column::GroupId, "group_id"),
        Kind::Organisation => (Column::OrganisationId, "organisation_id"),
        Kind::Person => (Column::PersonId, "person_id"),
        Kind::Membership => (Column::MembershipId, "membership_id"),
        Kind::Meeting => (Column::MeetingId, "meeting_id"),
        Kind::Recommendation => (Column::RecommendationId, "recommendation_id"),
        Kind::FollowUp => (Column::FollowUpId, "follow_up_id"),
        Kind::Document => (Column::DocumentId, "document_id"),
        _ => (Column::AnnouncementId, "announcement_id"),
    }
}

/// The rows of a kind that a system knows by this code.
#[must_use]
pub fn find(kind: Kind, system: &str, code: &str) -> Where {
    let known = Condition::all()
        .add(col("x", "kind").eq(kind.name()))
        .add(col("x", "system").eq(system))
        .add(col("x", "code").eq(code));
    Where::exists("external_reference", column(kind).1, "id", known)
}

/// Writes the references of a row anew. `pairs`: system and code.
///
/// # Errors
/// `DUPLICATE` if a system uses the code for another row of the kind, `BLANK`, `TOO_LONG`.
pub async fn replace(tx: &Tx, owner: Owner, pairs: &[(String, String)]) -> Result<()> {
    let Owner(kind, owner_id) = owner;
    tx.clear::<Entity>(column(kind).0, owner_id).await?;
    let mut rows = Vec::new();
    for (number, (system, code)) in pairs.iter().enumerate() {
        let path = format!("externalReferences.{number}");
        let system = text::required(system, text::LONGEST_NAME).at("system").at(&path)?;
        let code = text::required(code, text::LONGEST_NAME).at("code").at(&path)?;
        let taken = Entity::find()
            .filter(Column::Kind.eq(kind.name()))
            .filter(Column::System.eq(&system))
            .filter(Column::Code.eq(&code))
            .one(tx.conn())
            .await?;
        if taken.is_some() || rows.iter().any(|r: &Model| r.system == system && r.code == code) {
            return Err(Error::refused(Why::Duplicate).at(&path));
        }
        rows.push(row(owner, system, code));
    }
    tx.insert_all(rows).await
}

fn row(Owner(kind, owner): Owner, system: String, code: String) -> Model {
    let of = |wanted: Kind| (wanted == kind).then_some(owner);
    Model {
        id: id::new(),
        kind: kind.name().to_owned(),
        system,
        code,
        operation_id: of(Kind::Operation),
        group_id: of(Kind::Group),
        organisation_id: of(Kind::Organisation),
        person_id: of(Kind::Person),
        membership_id: of(Kind::Membership),
        meeting_id: of(Kind::Meeting),
        recommendation_id: of(Kind::Recommendation),
        follow_up_id: of(Kind::FollowUp),
        document_id: of(Kind::Document),
        announcement_id: of(Kind::Announcement),
    }
}

/// The rows of a kind that carry these codes, by system and code. In one statement, for many.
///
/// # Errors
/// `Internal`, logged.
pub async fn known(
    tx: &Tx,
    kind: Kind,
    pairs: &BTreeSet<(String, String)>,
) -> Result<HashMap<(String, String), Uuid>> {
    if pairs.is_empty() {
        return Ok(HashMap::new());
    }
    let systems: BTreeSet<&str> = pairs.iter().map(|(system, _)| system.as_str()).collect();
    let codes: BTreeSet<&str> = pairs.iter().map(|(_, code)| code.as_str()).collect();
    let rows = Entity::find()
        .filter(Column::Kind.eq(kind.name()))
        .filter(Column::System.is_in(systems))
        .filter(Column::Code.is_in(codes))
        .all(tx.conn())
        .await?;
    let mut known = HashMap::new();
    for row in rows {
        let owner = match kind {
            Kind::Organisation => row.organisation_id,
            Kind::Person => row.person_id,
            Kind::Membership => row.membership_id,
            _ => None,
        };
        if let Some(owner) = owner {
            known.insert((row.system, row.code), owner);
        }
    }
    Ok(known)
}

/// Adds a reference to each of these rows of a kind, which must be new to the system.
///
/// # Errors
/// `DUPLICATE`, or `Internal`, logged.
pub async fn add_all(tx: &Tx, kind: Kind, references: Vec<(Uuid, (String, String))>) -> Result<()> {
    let rows = references.into_iter().map(|(id, (system, code))| row(Owner(kind, id), system, code));
    tx.insert_all(rows.collect()).await
}
