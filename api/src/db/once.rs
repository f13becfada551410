//! Doing once what is asked twice. A mutation that comes with an idempotency key leaves a row beside its effect, in the
//! same transaction; whoever sends the same request again is answered from that row, and nothing is done.
//!
//! The row is claimed before anything else happens: of two requests under the same key one waits until the other has
//! ended, and then finds what it did, or that it did nothing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotency_key::{ActiveModel, Column, Entity};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Error, Result};

/// How long a key is remembered.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// What a mutation did: enough to answer it once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The row that changed.
    pub entity: Uuid,
    /// What the answer tells besides. No text that somebody wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<serde_json::Value>,
}

impl Done {
    /// What was told besides the row (`Change::telling`).
    ///
    /// # Errors
    /// `Internal`, logged: it is nothing of the kind.
    pub fn told<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.told.clone().unwrap_or_default()).map_err(unreadable)
    }
}

fn unreadable(_: serde_json::Error) -> Error {
    tracing::error!("what was done under an idempotency key cannot be read");
    Error::Internal
}

/// A request with a key, whose mutations are done once. Every one of them has a place of its own: its response key.
#[derive(Debug)]
pub struct Once {
    account: Uuid,
    key: String,
    request: String,
    /// Places whose mutation this very request has done.
    ours: Mutex<BTreeSet<String>>,
    was_repeat: AtomicBool,
}

impl Once {
    /// Of whoever has this account; `request` is everything that makes two requests the same.
    #[must_use]
    pub fn new(account: Uuid, key: &str, request: &[u8]) -> Self {
        // with the key, which is nowhere else: what was sent can be tried out against neither digest alone
        let request = Sha256::new().chain_update(key).chain_update([0]).chain_update(request);
        Self {
            account,
            key: hex::encode(Sha256::digest(key)),
            request: hex::encode(request.finalize()),
            ours: Mutex::default(),
            was_repeat: AtomicBool::default(),
        }
    }

    /// Whether something was answered that an earlier request did.
    #[must_use]
    pub fn was_repeat(&self) -> bool {
        self.was_repeat.load(Ordering::Relaxed)
    }

    fn ours(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.ours.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn row(&self) -> Condition {
        Condition::all().add(Column::AccountId.eq(self.account)).add(Column::Digest.eq(self.key.as_str()))
    }
}

/// What was done under a key, by place.
type Outcomes = std::collections::BTreeMap<String, Done>;

/// A key that is this transaction's until it ends.
pub(super) struct Claim {
    once: Arc<Once>,
    place: String,
    outcomes: Outcomes,
}

impl Claim {
    /// Waits for whoever has the key just now, and takes it.
    ///
    /// # Errors
    /// `Done`: the mutation at this place was done under this key. `OtherRequest`: another request was.
    pub async fn take(
        tx: &DatabaseTransaction,
        once: &Arc<Once>,
        place: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        if once.ours().contains(place) {
            return Ok(None);
        }
        let fresh = ActiveModel {
            account_id: ActiveValue::Set(once.account),
            digest: ActiveValue::Set(once.key.clone()),
            request_digest: ActiveValue::Set(once.request.clone()),
            outcomes: ActiveValue::Set("{}".to_owned()),
            created_at: ActiveValue::Set(now),
        };
        let mut row = None;
        // a row of a day ago may go between the two statements: then the next one is ours
        for _ in 0..2 {
            let key = OnConflict::columns([Column::AccountId, Column::Digest]).do_nothing().to_owned();
            Entity::insert(fresh.clone()).on_conflict(key).exec_without_returning(tx).await?;
            row = Entity::find().filter(once.row()).lock(LockType::Update).one(tx).await?;
            if row.is_some() {
                break;
            }
        }
        let row = row.ok_or(Error::Internal)?;
        let mut outcomes = Outcomes::default();
        if row.created_at > now - KEPT {
            if row.request_digest != once.request {
                return Err(Error::OtherRequest);
            }
            outcomes = serde_json::from_str(&row.outcomes).map_err(unreadable)?;
        }
        if let Some(done) = outcomes.remove(place) {
            once.was_repeat.store(true, Ordering::Relaxed);
            return Err(Error::Done(Box::new(done)));
        }
        Ok(Some(Self { once: once.clone(), place: place.to_owned(), outcomes }))
    }

    /// Writes down what was done.
    pub async fn keep(&self, tx: &DatabaseTransaction, done: Done, now: DateTime<Utc>) -> Result<()> {
        let mut outcomes = self.outcomes.clone();
        outcomes.insert(self.place.clone(), done);
        let outcomes = serde_json::to_string(&outcomes).map_err(|_| Error::Internal)?;
        let kept = ActiveModel {
            account_id: ActiveValue::NotSet,
            digest: ActiveValue::NotSet,
            request_digest: ActiveValue::Set(self.once.request.clone()),
            outcomes: ActiveValue::Set(outcomes),
            created_at: ActiveValue::Set(now),
        };
        Entity::update_many().set(kept).filter(self.once.row()).exec(tx).await?;
        Ok(())
    }

    /// From now on what is written at this place is this request's own.
    pub fn committed(self) {
        self.once.ours().insert(self.place);
    }
}

/// Forgets the keys of more than a day ago.
pub(super) async fn forget(tx: &DatabaseTransaction, now: DateTime<Utc>) -> Result<()> {
    Entity::delete_many().filter(Column::CreatedAt.lte(now - KEPT)).exec(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_key_nor_the_request_is_stored() {
        let once = Once::new(Uuid::nil(), "key", b"request");
        assert!(once.key.len() == 64 && once.request.len() == 64);
        assert_eq!(once.request, Once::new(Uuid::nil(), "key", b"request").request);
        for other in [Once::new(Uuid::nil(), "other", b"request"), Once::new(Uuid::nil(), "key", b"other")] {
            assert_ne!(once.request, other.request);
        }
    }
}
