//! Principals that were read a moment ago: a dashboard asks with one API token, many times a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::auth::Actor;
use crate::error::Result;

/// What another process takes away holds here after this time at the latest; what this one takes away, at once.
const LIFE: Duration = Duration::from_millis(50);
/// Whoever has waited so long for another one's read reads too: a database that hangs fails all of them together.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many at most.
const MOST: usize = 1000;

/// By the digests of their tokens.
pub struct Remembered {
    life: Duration,
    entries: Mutex<HashMap<String, Entry>>,
    /// Who reads one just now holds its lock: whoever wants the same waits for what is found, or under load all would
    /// read at once what one of them can tell the others.
    turns: Mutex<HashMap<String, Weak<Turn>>>,
}

type Turn = tokio::sync::Mutex<()>;

struct Entry {
    actor: Arc<Actor>,
    since: Moment,
}

/// When something was asked for, or began to be read.
#[derive(Clone, Copy)]
struct Moment {
    at: Instant,
    /// How many writes there had been.
    writes: u64,
}

impl Moment {
    fn now(writes: u64) -> Self {
        Self { at: Instant::now(), writes }
    }
}

impl Default for Remembered {
    fn default() -> Self {
        Self::with(LIFE)
    }
}

impl Remembered {
    fn with(life: Duration) -> Self {
        Self { life, entries: Mutex::default(), turns: Mutex::default() }
    }

    /// The principal of a token, and whether `read` had to find it out. It is as it was when it was asked for, or later;
    /// or as another process had left it up to [`LIFE`] before. `writes`: how many writes of this process there
    /// have been.
    ///
    /// # Errors
    /// Those of `read`; they are not remembered.
    pub async fn principal(
        &self,
        digest: &str,
        writes: impl Fn() -> u64,
        read: impl Future<Output = Result<Actor>>,
    ) -> Result<(Arc<Actor>, bool)> {
        let asked = Moment::now(writes());
        if let Some(actor) = self.known(digest, asked) {
            return Ok((actor, false));
        }
        let turn = self.turn(digest);
        let _mine = tokio::time::timeout(PATIENCE, turn.lock()).await;
        if let Some(actor) = self.known(digest, asked) {
            return Ok((actor, false));
        }
        let since = Moment::now(writes());
        let actor = Arc::new(read.await?);
        self.keep(digest, Entry { actor: actor.clone(), since });
        Ok((actor, true))
    }

    fn known(&self, digest: &str, asked: Moment) -> Option<Arc<Actor>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let Entry { actor, since } = entries.get(digest)?;
        // a principal that took long to read is none the worse for those who have waited for it
        let is_young = asked.at < since.at + self.life;
        (is_young && since.writes >= asked.writes).then(|| actor.clone())
    }

    fn keep(&self, digest: &str, entry: Entry) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST {
            entries.clear();
        }
        entries.insert(digest.to_owned(), entry);
    }

    fn turn(&self, digest: &str) -> Arc<Turn> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(digest).and_then(Weak::upgrade) {
            return turn;
        }
        if turns.len() >= MOST {
            turns.retain(|_, turn| turn.strong_count() > 0);
        }
        let turn = Arc::default();
        turns.insert(digest.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    use async_graphql::futures_util::future::join_all;
    use tokio::task::yield_now;

    use super::*;
    use crate::error::Error;

    const HOUR: Duration = Duration::from_secs(3600);

    fn nobody() -> Actor {
        Actor::anonymous(chrono::NaiveDate::MIN)
    }

    /// Asks so many times at once, each read taking long enough for all to have asked; how many read.
    async fn reads(remembered: &Remembered, askers: usize, writes: impl Fn() -> u64 + Copy) -> usize {
        let ask = || {
            remembered.principal("d", writes, async {
                yield_now().await;
                Ok(nobody())
            })
        };
        let answers = join_all((0..askers).map(|_| ask())).await;
        answers.into_iter().filter(|answer| matches!(answer, Ok((_, true)))).count()
    }

    #[tokio::test]
    async fn of_those_who_ask_at_once_one_reads() {
        let remembered = Remembered::with(HOUR);
        assert_eq!(reads(&remembered, 32, || 0).await, 1);
        assert_eq!(reads(&remembered, 32, || 0).await, 0, "remembered");
        assert_eq!(reads(&remembered, 32, || 1).await, 1, "something was written since");
    }

    #[tokio::test]
    async fn what_began_to_be_read_too_early_is_read_again() {
        // of no age at all: the second one to ask reads itself, and the others, who asked before it began, take that
        assert_eq!(reads(&Remembered::with(Duration::ZERO), 32, || 0).await, 2);
    }

    #[tokio::test]
    async fn a_write_while_another_one_reads_is_not_missed() {
        let (remembered, writes) = (Remembered::with(HOUR), AtomicU64::new(0));
        let count = || writes.load(SeqCst);
        let first = remembered.principal("d", count, async {
            yield_now().await;
            Ok(nobody())
        });
        let second = async {
            writes.store(1, SeqCst);
            remembered.principal("d", count, async { Ok(nobody()) }).await
        };
        let (first, second) = tokio::join!(first, second);
        assert!(matches!((first, second), (Ok((_, true)), Ok((_, true)))));
    }

    #[tokio::test]
    async fn who_fails_or_goes_away_leaves_the_turn_to_the_next() {
        let remembered = Remembered::with(HOUR);
        let refused = remembered.principal("d", || 0, async {
            yield_now().await;
            Err(Error::Unauthenticated)
        });
        let gone = async {
            let waits = remembered.principal("d", || 0, std::future::pending());
            assert!(tokio::time::timeout(Duration::from_millis(1), waits).await.is_err());
        };
        let next = remembered.principal("d", || 0, async { Ok(nobody()) });
        let (refused, (), next) = tokio::join!(refused, gone, next);
        assert!(matches!(refused, Err(Error::Unauthenticated)));
        assert!(matches!(next, Ok((_, true))));
        assert_eq!(
            remembered.turns.lock().map(|turns| turns.values().filter(|t| t.strong_count() > 0).count()).ok(),
            Some(0)
        );
    }
}
