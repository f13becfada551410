//! Which entries are about people.

use crate::id::Kind;

/// Kinds whose entries tell what happened to a thing, not to a person. Whatever is not named here, a
/// kind that comes later included, counts as being about people: information managers do not see it.
/// A membership with a person is about people too; that is for the store to look up.
const ABOUT_THINGS: &[Kind] = &[
    Kind::Operation,
    Kind::Group,
    Kind::Organisation,
    Kind::Membership,
    Kind::MeetingSeries,
    Kind::Meeting,
    Kind::AgendaItem,
    Kind::Minutes,
    Kind::Recommendation,
    Kind::FollowUp,
    Kind::Review,
    Kind::Referral,
    Kind::Announcement,
    Kind::Document,
    Kind::Place,
];

/// The names of the kinds that information managers see.
#[must_use]
pub fn about_things() -> Vec<&'static str> {
    ABOUT_THINGS.iter().map(|kind| kind.name()).collect()
}

/// The kind with this name, unless a later version of Kafo wrote it.
#[must_use]
pub fn kind(name: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_accounts_are_not_things() {
        for kind in [Kind::Person, Kind::Account, Kind::Attendance] {
            assert!(!ABOUT_THINGS.contains(&kind), "{}", kind.name());
        }
        assert!(Kind::ALL.iter().all(|k| kind(k.name()) == Some(*k)));
    }
}
