//! When a document is promised, a draft, available.

use entity::enums::DocumentStatus;

/// What a document is, from what is known of it: without an address it is promised, with one it can
/// be had; a draft is a draft either way.
#[must_use]
pub const fn status(has_url: bool, is_draft: bool) -> DocumentStatus {
    match (is_draft, has_url) {
        (true, _) => DocumentStatus::Draft,
        (false, true) => DocumentStatus::Available,
        (false, false) => DocumentStatus::Promised,
    }
}

/// Whether it is a draft after a change: as said; if nobody says, an address that appears makes it
/// available, and what was a draft stays one.
#[must_use]
pub fn is_draft(before: DocumentStatus, said: Option<bool>, url_appears: bool) -> bool {
    said.unwrap_or(before == DocumentStatus::Draft && !url_appears)
}

#[cfg(test)]
mod tests {
    use DocumentStatus::{Available, Draft, Promised};

    use super::*;

    #[test]
    fn what_has_an_address_can_be_had() {
        assert_eq!(status(false, false), Promised);
        assert_eq!(status(true, false), Available);
        assert_eq!(status(true, true), Draft);
        assert_eq!(status(false, true), Draft);
    }

    #[test]
    fn an_address_that_appears_ends_a_draft_unless_somebody_says_otherwise() {
        assert!(!is_draft(Draft, None, true));
        assert!(is_draft(Draft, Some(true), true));
        assert!(is_draft(Draft, None, false));
        assert!(!is_draft(Draft, Some(false), false));
        assert!(!is_draft(Promised, None, true));
        assert!(!is_draft(Available, None, false));
    }
}
