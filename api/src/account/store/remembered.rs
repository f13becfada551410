//! Principals that were read a moment ago: a dashboard asks with one API token, many times a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::auth::Actor;
use crate::db::Db;

/// What another process takes away holds here after this time at the latest; what this one takes away, at once.
const LIFE: Duration = Duration::from_millis(50);
/// So many at most.
const MOST: usize = 1000;

/// By the digests of their tokens.
#[derive(Default)]
pub struct Remembered(Mutex<HashMap<String, Entry>>);

struct Entry {
    actor: Arc<Actor>,
    read_at: Instant,
    writes: u64,
}

impl Remembered {
    /// The principal of a token, unless it was read too long ago or something has been written since.
    pub fn get(&self, db: &Db, digest: &str) -> Option<Arc<Actor>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(digest)?;
        let holds = entry.writes == db.writes() && entry.read_at.elapsed() < LIFE;
        holds.then(|| entry.actor.clone())
    }

    /// Remembers one. `writes` and `read_at` are of before it was read.
    pub fn keep(&self, digest: &str, actor: &Arc<Actor>, read_at: Instant, writes: u64) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST {
            entries.clear();
        }
        entries.insert(digest.to_owned(), Entry { actor: actor.clone(), read_at, writes });
    }
}
