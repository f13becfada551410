//! Failures, counted where they survive a restart.

use chrono::{DateTime, Utc};
use entity::throttle::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::account::rules::throttle::{self as rules, Class, Count, Limits};
use crate::auth::token;
use crate::clock;
use crate::db::Tx;
use crate::error::{Error, Result, Why};
use crate::graphql::Front;

/// An attempt that is counted as a failure before it is made: of a hundred at the same time, no more
/// get through than of a hundred one after the other. A success takes it back.
#[derive(Debug)]
pub struct Attempt {
    buckets: Vec<(Class, String)>,
    limits: Limits,
}

/// Begins an attempt at a sign-in. `account` is the address that was typed, folded.
///
/// # Errors
/// `THROTTLED`.
pub async fn begin(front: &Front<'_>, account: &str, device: Option<Uuid>) -> Result<Attempt> {
    reserve(front, rules::buckets(account, device, front.origin().address)).await
}

/// Begins an attempt of somebody who is signed in to prove who they are.
///
/// # Errors
/// `THROTTLED`.
pub async fn begin_signed_in(front: &Front<'_>, session: Uuid) -> Result<Attempt> {
    reserve(front, vec![(Class::Known, format!("session\n{session}"))]).await
}

/// Begins an attempt that is about no account yet: a token is tried.
///
/// # Errors
/// `THROTTLED`.
pub async fn begin_unknown(front: &Front<'_>) -> Result<Attempt> {
    let network = rules::network(front.origin().address);
    reserve(front, vec![(Class::Network, format!("network\n{network}"))]).await
}

async fn reserve(front: &Front<'_>, buckets: Vec<(Class, String)>) -> Result<Attempt> {
    let mut buckets: Vec<(Class, String)> =
        buckets.into_iter().map(|(class, text)| (class, token::digest(&text))).collect();
    // always in the same order: two attempts never wait for each other
    buckets.sort_by(|a, b| a.1.cmp(&b.1));
    let keys: Vec<&str> = buckets.iter().map(|(_, key)| key.as_str()).collect();
    let limits = front.limits();
    // a look without a lock: who has to wait costs one read
    let known = Entity::find().filter(Column::Bucket.is_in(keys.clone()));
    let known = known.all(front.reader().db().unscoped()).await?;
    throttled(known.iter().filter_map(|row| rules::remaining(row.blocked_until, clock::now())).max())?;
    let tx = front.begin_apart().await?;
    for key in &keys {
        let row = Model { bucket: (*key).to_owned(), failures: 0, since: tx.now(), blocked_until: None };
        Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::column(Column::Bucket).do_nothing().to_owned())
            .exec_without_returning(tx.conn())
            .await?;
    }
    let rows = Entity::find()
        .filter(Column::Bucket.is_in(keys))
        .order_by_asc(Column::Bucket)
        .lock(LockType::Update)
        .all(tx.conn())
        .await?;
    // now that the rows are ours: who waited for the lock sees what the others counted
    let (now, mut wait) = (clock::now(), None);
    for row in rows {
        let Some((class, _)) = buckets.iter().find(|(_, key)| *key == row.bucket) else { continue };
        let failures = u32::try_from(row.failures).unwrap_or(0);
        let count = Count { failures, since: row.since, blocked_until: row.blocked_until };
        match rules::next(*class, count, now, &limits) {
            Ok(next) => write(&tx, row, &next).await?,
            Err(seconds) => wait = std::cmp::max(wait, Some(seconds)),
        }
    }
    // refused, the transaction leaves nothing behind
    throttled(wait)?;
    tx.commit_unrecorded().await?;
    Ok(Attempt { buckets, limits })
}

async fn write(tx: &Tx, row: Model, count: &Count) -> Result<()> {
    let bucket = row.bucket;
    let counted = ActiveModel {
        failures: ActiveValue::Set(i32::try_from(count.failures).unwrap_or(i32::MAX)),
        since: ActiveValue::Set(count.since),
        blocked_until: ActiveValue::Set(count.blocked_until),
        ..ActiveModel::default()
    };
    Entity::update_many().set(counted).filter(Column::Bucket.eq(bucket)).exec(tx.conn()).await?;
    Ok(())
}

fn throttled(wait: Option<u32>) -> Result<()> {
    wait.map_or(Ok(()), |seconds| Err(Error::refused(Why::Throttled { seconds })))
}

impl Attempt {
    /// It was no failure: the client's own counts begin anew, what it shares with others is taken back.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn succeeded(&self, tx: &Tx) -> Result<()> {
        for (class, bucket) in &self.buckets {
            if class.is_own() {
                Entity::delete_many().filter(Column::Bucket.eq(bucket)).exec(tx.conn()).await?;
            } else {
                self.take_back_one(tx, *class, bucket).await?;
            }
        }
        Ok(())
    }

    /// It was neither failure nor success (the second factor is missing): as if it had not been.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn take_back(&self, tx: &Tx) -> Result<()> {
        for (class, bucket) in &self.buckets {
            self.take_back_one(tx, *class, bucket).await?;
        }
        Ok(())
    }

    async fn take_back_one(&self, tx: &Tx, class: Class, bucket: &str) -> Result<()> {
        let free = i32::try_from(class.free(&self.limits)).unwrap_or(i32::MAX);
        let less = Expr::col(Column::Failures).sub(1);
        let unblocked = Expr::case(less.clone().lt(free), Expr::value(Option::<DateTime<Utc>>::None))
            .finally(Expr::col(Column::BlockedUntil));
        Entity::update_many()
            .col_expr(Column::Failures, less)
            .col_expr(Column::BlockedUntil, unblocked.into())
            .filter(Column::Bucket.eq(bucket))
            .filter(Column::Failures.gt(0))
            .exec(tx.conn())
            .await?;
        Ok(())
    }
}

/// Forgets the counts that would begin anew anyway.
///
/// # Errors
/// `Internal`, logged.
pub(super) async fn forget_failures(tx: &Tx) -> Result<()> {
    let old = tx.now() - Class::Near.window();
    let waits = Condition::any().add(Column::BlockedUntil.is_null()).add(Column::BlockedUntil.lt(tx.now()));
    Entity::delete_many().filter(Column::Since.lt(old)).filter(waits).exec(tx.conn()).await?;
    Ok(())
}
