//! How many requests are answered at a time. More wait in a queue that is not long either; who finds it full is
//! sent away at once, which costs next to nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turns of a server.
#[derive(Clone, Debug)]
pub struct Turns {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
    longest_wait: Duration,
}

/// A turn; over when it is dropped.
#[derive(Debug)]
pub struct Turn {
    _running: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Turns {
    /// So many at a time, and twice as many waiting, at most so long.
    pub fn new(at_once: usize, longest_wait: Duration) -> Self {
        let places = at_once.saturating_mul(3).min(Semaphore::MAX_PERMITS);
        Self {
            running: Arc::new(Semaphore::new(at_once)),
            places: Arc::new(Semaphore::new(places)),
            longest_wait,
        }
    }

    /// A turn, if there is one in time.
    pub async fn take(&self) -> Option<Turn> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        let running = tokio::time::timeout(self.longest_wait, self.running.clone().acquire_owned()).await;
        Some(Turn { _running: running.ok()?.ok()?, _place: place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_the_queue_full_is_sent_away() {
        let turns = Turns::new(1, Duration::from_millis(300));
        let first = turns.take().await.expect("nobody is there");
        let waiting: Vec<_> = (0..2)
            .map(|_| {
                let turns = turns.clone();
                tokio::spawn(async move { turns.take().await.is_some() })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(turns.take().await.is_none(), "the queue is full");
        drop(first);
        for one in waiting {
            assert!(one.await.expect("it ends"), "who waited gets a turn");
        }
        let _held = turns.take().await.expect("all are gone");
        assert!(turns.take().await.is_none(), "nobody waits for ever");
    }
}
