//! Documents that were accepted before, so that they are read once; and those among them that clients ask for by
//! their digest. Bounded in number and in size: what was not asked for longest goes first.

use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::document::Document;

/// The SHA-256 of a document.
pub type Digest = [u8; 32];

/// The most documents kept.
const MOST: usize = 2000;
/// The most bytes of documents kept; what was read of one takes some twenty times its length.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// A document that was accepted, its length, and whether its sender means to ask for it by its digest.
struct Entry {
    document: Arc<Document>,
    bytes: usize,
    is_registered: bool,
}

/// Documents by their digest.
pub struct Accepted(Mutex<(LruCache<Digest, Entry>, usize)>);

impl Default for Accepted {
    fn default() -> Self {
        Self(Mutex::new((LruCache::unbounded(), 0)))
    }
}

impl Accepted {
    /// The document with this digest, if it was kept; from now on registered, if it is to be.
    pub fn get(&self, digest: &Digest, register: bool) -> Option<Arc<Document>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0.get_mut(digest).map(|entry| {
            entry.is_registered |= register;
            entry.document.clone()
        })
    }

    /// The document with this digest, if it was registered. What others have sent is not told.
    pub fn registered(&self, digest: &Digest) -> Option<Arc<Document>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0.get(digest).filter(|entry| entry.is_registered).map(|entry| entry.document.clone())
    }

    /// Keeps a document of this length.
    pub fn keep(&self, digest: Digest, document: Arc<Document>, bytes: usize, is_registered: bool) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (documents, total) = &mut *held;
        let before = documents.put(digest, Entry { document, bytes, is_registered });
        *total = total.saturating_add(bytes).saturating_sub(before.map_or(0, |entry| entry.bytes));
        while documents.len() > MOST || *total > MOST_BYTES {
            let Some((_, oldest)) = documents.pop_lru() else { break };
            *total = total.saturating_sub(oldest.bytes);
        }
    }

    /// How many are kept, and their bytes.
    #[cfg(test)]
    fn held(&self) -> (usize, usize) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (held.0.len(), held.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::document::schema;

    #[test]
    fn number_and_bytes_are_bounded_and_the_oldest_goes_first() {
        let schema = schema("type Query { a: Int }").expect("a schema");
        let document = Arc::new(Document::read(&schema, "{a}").expect("a document"));
        let digest = |n: usize| {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&n.to_be_bytes());
            digest
        };
        let accepted = Accepted::default();
        for n in 0..=MOST {
            accepted.keep(digest(n), document.clone(), 3, false);
        }
        accepted.keep(digest(MOST), document.clone(), 3, false);
        assert_eq!(accepted.held(), (MOST, 3 * MOST));
        assert!(accepted.get(&digest(0), false).is_none() && accepted.get(&digest(1), false).is_some());
        for n in 0..100 {
            accepted.keep(digest(MOST + n), document.clone(), 64 * 1024, false);
        }
        assert!(accepted.held().1 <= MOST_BYTES);
    }
}
