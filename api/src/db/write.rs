//! Writing: a transaction that sees rows through the viewer's scope and ends with one change record.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::cell::Cells;
use entity::enums::{Sensitivity, Visibility};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query};
use sea_orm::{
    AccessMode, ActiveValue, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IdenStatic, IntoActiveModel, IsolationLevel, Iterable, ModelTrait, QueryFilter, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

use super::find::col;
use super::once::{self, Claim, Done, Once};
use super::{Change, Db, Dialect, MAIN, Row, Selected, Versioned, Where};
use crate::auth::{Action, Actor, Permit, Scope, Target};
use crate::clock;
use crate::error::{Error, Result, Why};
use crate::id::Kind;

/// A row that was seen, through the viewer's scope, in this transaction.
#[derive(Clone, Debug)]
pub struct Seen<M>(Arc<M>);

impl<M> std::ops::Deref for Seen<M> {
    type Target = M;
    fn deref(&self) -> &M {
        &self.0
    }
}

/// A transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx {
    inner: DatabaseTransaction,
    db: Db,
    scope: Scope,
    now: DateTime<Utc>,
    request_id: Option<String>,
    claim: Option<Claim>,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("now", &self.now).finish_non_exhaustive()
    }
}

impl Db {
    /// Opens a transaction for a viewer.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn begin(&self, scope: Scope, request_id: Option<String>) -> Result<Tx> {
        let options = match self.dialect() {
            // A deferred transaction that turns into a writer fails under contention.
            Dialect::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            },
            Dialect::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::ReadCommitted),
                access_mode: Some(AccessMode::ReadWrite),
                ..TransactionOptions::default()
            },
        };
        let inner = self.writer.begin_with_options(options).await?;
        Ok(Tx { inner, db: self.clone(), scope, now: clock::now(), request_id, claim: None })
    }
}

impl Tx {
    /// The same transaction, in which what the mutation at this place of the request does is done once.
    ///
    /// # Errors
    /// `Done`: it was done by an earlier request under the same key. `OtherRequest`: another request came under it.
    pub async fn once(mut self, once: &Arc<Once>, place: &str) -> Result<Self> {
        self.claim = Claim::take(&self.inner, once, place, self.now).await?;
        Ok(self)
    }

    /// The connection. For stores only.
    pub(crate) const fn conn(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// The viewer's scope.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Who is writing.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        self.scope.actor()
    }

    /// The instant of this transaction, UTC.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Today in the operation's time zone.
    #[must_use]
    pub fn today(&self, operation: Uuid) -> chrono::NaiveDate {
        self.db.today_in(operation, self.now)
    }

    /// Which SQL the database speaks.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.db.dialect()
    }

    /// The permit for an action.
    ///
    /// # Errors
    /// See [`Actor::permit`].
    pub fn permit(&self, action: Action, target: &Target) -> Result<Permit> {
        self.actor().permit(action, target)
    }

    /// The row with this id, if the viewer may see it. On PostgreSQL it is locked until the end.
    ///
    /// # Errors
    /// `NOT_FOUND`: missing or hidden.
    pub async fn seen<M: Row>(&self, kind: Kind, id: Uuid) -> Result<Seen<M>> {
        let row = self.rows(&Where::eq("id", id), true).await?.pop();
        row.map(Seen).ok_or_else(|| Error::not_found(kind))
    }

    /// Every row that meets the condition and that the viewer may see, by id. On PostgreSQL they are
    /// locked until the end.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn seen_all<M: Row>(&self, filter: &Where) -> Result<Vec<Seen<M>>> {
        Ok(self.rows(filter, true).await?.into_iter().map(Seen).collect())
    }

    /// The same, to look at and not to change: nothing is locked.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn visible<M: Row>(&self, filter: &Where) -> Result<Vec<Arc<M>>> {
        self.rows(filter, false).await
    }

    async fn rows<M: Row>(&self, filter: &Where, locked: bool) -> Result<Vec<Arc<M>>> {
        let table = M::table();
        let mut select = Query::select();
        for column in (table.columns)().names(Selected::ALL) {
            select.expr(col(MAIN, column));
        }
        select
            .from_as(Alias::new(table.name), Alias::new(MAIN))
            .cond_where((table.visible)(&self.scope, MAIN))
            .cond_where(filter.condition())
            .order_by_expr(col(MAIN, "id"), Order::Asc);
        if locked && self.dialect() == Dialect::Postgres {
            select.lock_with_tables(sea_orm::sea_query::LockType::Update, [Alias::new(MAIN)]);
        }
        let statement = self.inner.get_database_backend().build(&select);
        let mut rows = Vec::new();
        for row in self.inner.query_all_raw(statement).await? {
            rows.extend((table.decode)(Cells::of(&row)?, 0, Selected::ALL, &[])?.downcast().ok());
        }
        Ok(rows)
    }

    /// Every visible row with these ids, or `NOT_FOUND`.
    ///
    /// # Errors
    /// `NOT_FOUND` for the first that is missing or hidden.
    pub async fn seen_if<M: Row>(&self, kind: Kind, id: Option<Uuid>) -> Result<Option<Seen<M>>> {
        match id {
            Some(id) => Ok(Some(self.seen(kind, id).await?)),
            None => Ok(None),
        }
    }

    /// Inserts a row.
    ///
    /// # Errors
    /// `DUPLICATE`, or `Internal`, logged.
    pub(crate) async fn insert<M>(&self, row: M) -> Result<()>
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    {
        <M::Entity as EntityTrait>::insert(row.into_active_model())
            .exec_without_returning(&self.inner)
            .await?;
        Ok(())
    }

    /// Inserts rows.
    ///
    /// # Errors
    /// `DUPLICATE`, or `Internal`, logged.
    pub(crate) async fn insert_all<M>(&self, rows: Vec<M>) -> Result<()>
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    {
        // SQLite binds at most 32,766 values, PostgreSQL 65,535: a few hundred rows at a time
        let mut rows = rows;
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(400));
            let rows_now = rows.into_iter().map(IntoActiveModel::into_active_model);
            <M::Entity as EntityTrait>::insert_many(rows_now).exec_without_returning(&self.inner).await?;
            rows = rest;
        }
        Ok(())
    }

    /// Writes a row that was seen, all columns, if nobody else did in the meantime.
    ///
    /// # Errors
    /// `CONFLICT` if a race was lost, `DUPLICATE`, or `Internal`, logged.
    pub(crate) async fn save<M>(&self, seen: &Seen<M>, mut row: M) -> Result<()>
    where
        M: Versioned + ModelTrait,
    {
        row.stamp(seen.version() + 1, self.now);
        let mut update = Query::update();
        update.table(Alias::new(M::table().name));
        for column in <M::Entity as EntityTrait>::Column::iter() {
            if column.as_str() != "id" {
                update.value(Alias::new(column.as_str()), row.get(column));
            }
        }
        update
            .and_where(Expr::col(Alias::new("id")).eq(Row::id(&**seen)))
            .and_where(Expr::col(Alias::new("version")).eq(seen.version()));
        let statement = self.inner.get_database_backend().build(&update);
        match self.inner.execute_raw(statement).await?.rows_affected() {
            1 => Ok(()),
            _ => Err(Error::refused(Why::Conflict { current: seen.version() + 1 })),
        }
    }

    /// Tightens the rows of `table` whose `key` is `id`, where they are wider than what they belong to
    /// has become.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub(crate) async fn tighten(
        &self,
        table: &str,
        key: &str,
        id: Uuid,
        visibility: Visibility,
        sensitivity: Sensitivity,
    ) -> Result<()> {
        let column = |name: &str| Expr::col(Alias::new(name));
        // both enums are declared from the widest to the tightest
        let wider =
            column("visibility").is_in(Visibility::iter().filter(|v| *v < visibility).map(Visibility::word));
        let milder = column("sensitivity")
            .is_in(Sensitivity::iter().filter(|s| *s < sensitivity).map(Sensitivity::word));
        let visible = Expr::case(wider.clone(), visibility.word()).finally(column("visibility"));
        let sensitive = Expr::case(milder.clone(), sensitivity.word()).finally(column("sensitivity"));
        let update = Query::update()
            .table(Alias::new(table))
            .value(Alias::new("visibility"), visible)
            .value(Alias::new("sensitivity"), sensitive)
            .value(Alias::new("version"), column("version").add(1))
            .value(Alias::new("updated_at"), self.now)
            .and_where(column(key).eq(id))
            .cond_where(Condition::any().add(wider).add(milder))
            .take();
        self.inner.execute_raw(self.inner.get_database_backend().build(&update)).await?;
        Ok(())
    }

    /// Removes the rows of `E` whose `column` is `id`: to write a list anew.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub(crate) async fn clear<E: EntityTrait>(&self, column: E::Column, id: Uuid) -> Result<()> {
        E::delete_many().filter(column.eq(id)).exec(&self.inner).await?;
        Ok(())
    }

    /// Ends the transaction: the change record and the commit. Answers the id of what changed.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn commit(self, change: Change) -> Result<Uuid> {
        let entity_id = change.entity_id;
        if let Some(claim) = &self.claim {
            claim.keep(&self.inner, Done { entity: entity_id, told: change.told }, self.now).await?;
        }
        if self.dialect() == Dialect::Postgres {
            // Positions in the order of commits: who holds this lock commits next.
            let lock = "SELECT pg_advisory_xact_lock(7020366)";
            self.inner.execute_raw(Statement::from_string(self.inner.get_database_backend(), lock)).await?;
        }
        let row = entity::change::ActiveModel {
            position: ActiveValue::NotSet,
            at: ActiveValue::Set(self.now),
            account_id: ActiveValue::Set(change.by.or(self.actor().account_id)),
            acting_for_id: ActiveValue::Set(self.acting_for(change.group_id)),
            kind: ActiveValue::Set(change.kind.to_owned()),
            entity_kind: ActiveValue::Set(change.entity_kind.name().to_owned()),
            entity_id: ActiveValue::Set(entity_id),
            group_id: ActiveValue::Set(change.group_id),
            operation_id: ActiveValue::Set(change.operation_id),
            from_state: ActiveValue::Set(change.from_state),
            to_state: ActiveValue::Set(change.to_state),
            reason: ActiveValue::Set(change.reason),
            detail: ActiveValue::Set(change.detail.map(|d| d.to_string())),
            request_id: ActiveValue::Set(self.request_id),
        };
        entity::change::Entity::insert(row).exec_without_returning(&self.inner).await?;
        settle(self.inner, &self.db).await?;
        if let Some(claim) = self.claim {
            claim.committed();
        }
        Ok(entity_id)
    }

    /// Ends a transaction that found nothing to do (a repeat): no change, no record.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn nothing_to_do(self, entity: Uuid) -> Result<Uuid> {
        self.inner.rollback().await?;
        Ok(entity)
    }

    /// Forgets the idempotency keys of more than a day ago.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn forget_keys(self) -> Result<()> {
        once::forget(&self.inner, self.now).await?;
        self.commit_unrecorded().await
    }

    /// Ends a transaction that is no business of the record (sessions, keys).
    pub(crate) async fn commit_unrecorded(self) -> Result<()> {
        settle(self.inner, &self.db).await
    }

    /// The organisation for which the viewer acts in this group.
    fn acting_for(&self, group: Option<Uuid>) -> Option<Uuid> {
        let seat =
            self.actor().seats.iter().find(|s| Some(s.group_id) == group && s.organisation_id.is_some());
        seat.and_then(|s| s.organisation_id).or(self.actor().organisation_id)
    }
}

async fn settle(inner: DatabaseTransaction, db: &Db) -> Result<()> {
    db.note_write();
    let outcome = inner.commit().await;
    db.note_write();
    Ok(outcome?)
}

/// The refusal for an update that met another version than expected.
///
/// # Errors
/// `CONFLICT`, always, if the versions differ.
pub fn expect_version(expected: Option<i32>, current: i32) -> Result<()> {
    match expected {
        Some(expected) if expected != current => {
            Err(Error::refused(Why::Conflict { current }).at("expectedVersion"))
        }
        _ => Ok(()),
    }
}

/// The refusal for a row that is missing or hidden.
#[must_use]
pub fn missing(kind: Kind) -> Error {
    Error::not_found(kind)
}
