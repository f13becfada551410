//! Accounts as other rooms need them: who a name belongs to, who joins by an invitation, and what
//! somebody who is not asking may do.

use chrono::{DateTime, Utc};
use entity::account::{Column, Entity, Model};
use entity::enums::{AccountKind, InvitationStatus};
use entity::{break_glass, invitation, service_account};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::principal;
use crate::auth::{Action, Actor, Scope};
use crate::db::visible::{col, nothing, when_related};
use crate::db::{Db, Row, Tx, table};
use crate::error::Result;
use crate::id;
use crate::text::fold;

table!(account, visible);

/// Whose name is shown: one's own; the services that one manages; who opened a group by break-glass, to
/// those who are told. Columns other than the name and whether it is active are shown to nobody.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let Some(me) = scope.actor().account_id else { return nothing() };
    if scope.reach(Action::AuditRead).everywhere {
        return Condition::all();
    }
    let services = (service_account::Model::table().visible)(scope, "av");
    let opened = (break_glass::Model::table().visible)(scope, "ab");
    Condition::any()
        .add(col(alias, "id").eq(me))
        .add(when_related("service_account", "av", "id", alias, "id", services))
        .add(when_related("break_glass", "ab", "account_id", alias, "id", opened))
}

/// The account of an address, active or not. For whoever proved that it is theirs.
pub async fn of_address(tx: &Tx, email: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::EmailFolded.eq(fold(email))).one(tx.conn()).await?)
}

/// The account with this id, if it is an active one of a person.
pub async fn of_person(tx: &Tx, account: Uuid) -> Result<Option<Model>> {
    let active = Entity::find_by_id(account).filter(Column::IsActive.eq(true));
    Ok(active.filter(Column::Kind.eq(AccountKind::Person)).one(tx.conn()).await?)
}

/// Whether somebody signs in as this person.
pub async fn has_account(tx: &Tx, person: Uuid) -> Result<bool> {
    Ok(Entity::find().filter(Column::PersonId.eq(person)).one(tx.conn()).await?.is_some())
}

/// Enters an account of a person, with the hash of a password that was checked.
pub async fn enter(tx: &Tx, person: Uuid, email: String, display_name: String, hash: String) -> Result<Uuid> {
    let (id, now) = (id::new(), tx.now());
    tx.insert(Model {
        id,
        person_id: Some(person),
        email_folded: fold(&email),
        email,
        display_name,
        password_hash: Some(hash),
        language: None,
        is_active: true,
        kind: AccountKind::Person,
        email_is_proven: true,
        created_at: now,
        updated_at: now,
        version: 1,
    })
    .await?;
    Ok(id)
}

/// Ties an account to a person.
pub async fn tie(tx: &Tx, account: Uuid, person: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::PersonId, Expr::value(person))
        .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(account))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// What an account may now, whoever is asking; `None` if it is not active any more.
pub async fn principal_of(tx: &Tx, account: Uuid) -> Result<Option<Actor>> {
    principal::of_account(tx.conn(), account, tx.now()).await
}

/// The invitations that wait for the address of an account, the oldest first.
pub async fn invitations_of(db: &Db, account: Uuid, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    // an address that somebody gave themselves is not known to be theirs
    let active = Entity::find_by_id(account).filter(Column::IsActive.eq(true));
    let account = active
        .filter(Column::EmailIsProven.eq(true))
        .filter(Column::Kind.eq(AccountKind::Person))
        .one(db.unscoped())
        .await?;
    let Some(account) = account else { return Ok(Vec::new()) };
    let waiting = invitation::Entity::find()
        .select_only()
        .column(invitation::Column::Id)
        .filter(invitation::Column::EmailFolded.eq(account.email_folded))
        .filter(invitation::Column::Status.eq(InvitationStatus::Open))
        .filter(invitation::Column::ExpiresAt.gt(now))
        .order_by_asc(invitation::Column::Id);
    Ok(waiting.into_tuple().all(db.unscoped()).await?)
}
