//! Ids: opaque, stable, URL-safe; a prefix for the kind over the hex of a UUID.

use uuid::Uuid;

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A response, usually a country.
    Operation,
    /// A cluster, working group or other forum.
    Group,
    /// An agency, NGO, ministry …
    Organisation,
    /// A contact.
    Person,
    /// A dated seat in a group.
    Membership,
    /// A recurring meeting.
    MeetingSeries,
    /// A meeting.
    Meeting,
    /// A point on an agenda.
    AgendaItem,
    /// A line of an attendance list.
    Attendance,
    /// A revision of minutes.
    Minutes,
    /// A recommendation, decision or proposal.
    Recommendation,
    /// An action point.
    FollowUp,
    /// One assignee of a follow-up.
    Assignment,
    /// A look back at a recommendation or follow-up.
    Review,
    /// A question to another forum.
    Referral,
    /// A mission, assessment or event.
    Announcement,
    /// A paper.
    Document,
    /// An administrative area.
    Place,
    /// Who may sign in.
    Account,
    /// An account of a program.
    ServiceAccount,
    /// A token of a program.
    ApiToken,
    /// A role that waits for an e-mail address.
    Invitation,
    /// Somebody asks for a seat.
    MembershipRequest,
    /// An administrator looks into a group.
    BreakGlass,
    /// A sign-in.
    Session,
    /// Who an account's holder is at an issuer of OpenID Connect.
    OpenidIdentity,
    /// An entry of the audit log.
    AuditEntry,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 27] = [
        Self::Operation,
        Self::Group,
        Self::Organisation,
        Self::Person,
        Self::Membership,
        Self::MeetingSeries,
        Self::Meeting,
        Self::AgendaItem,
        Self::Attendance,
        Self::Minutes,
        Self::Recommendation,
        Self::FollowUp,
        Self::Assignment,
        Self::Review,
        Self::Referral,
        Self::Announcement,
        Self::Document,
        Self::Place,
        Self::Account,
        Self::ServiceAccount,
        Self::ApiToken,
        Self::Invitation,
        Self::MembershipRequest,
        Self::BreakGlass,
        Self::Session,
        Self::OpenidIdentity,
        Self::AuditEntry,
    ];

    /// The letters before the underscore.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Operation => "opn",
            Self::Group => "grp",
            Self::Organisation => "org",
            Self::Person => "per",
            Self::Membership => "mbr",
            Self::MeetingSeries => "ser",
            Self::Meeting => "mtg",
            Self::AgendaItem => "agi",
            Self::Attendance => "att",
            Self::Minutes => "min",
            Self::Recommendation => "rec",
            Self::FollowUp => "fup",
            Self::Assignment => "asg",
            Self::Review => "rev",
            Self::Referral => "ref",
            Self::Announcement => "ann",
            Self::Document => "doc",
            Self::Place => "plc",
            Self::Account => "acc",
            Self::ServiceAccount => "svc",
            Self::ApiToken => "tok",
            Self::Invitation => "inv",
            Self::MembershipRequest => "req",
            Self::BreakGlass => "brk",
            Self::Session => "ses",
            Self::OpenidIdentity => "oid",
            Self::AuditEntry => "aud",
        }
    }

    /// The name of the GraphQL type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operation => "Operation",
            Self::Group => "Group",
            Self::Organisation => "Organisation",
            Self::Person => "Person",
            Self::Membership => "Membership",
            Self::MeetingSeries => "MeetingSeries",
            Self::Meeting => "Meeting",
            Self::AgendaItem => "AgendaItem",
            Self::Attendance => "Attendance",
            Self::Minutes => "Minutes",
            Self::Recommendation => "Recommendation",
            Self::FollowUp => "FollowUp",
            Self::Assignment => "Assignment",
            Self::Review => "Review",
            Self::Referral => "Referral",
            Self::Announcement => "Announcement",
            Self::Document => "Document",
            Self::Place => "Place",
            Self::Account => "Account",
            Self::ServiceAccount => "ServiceAccount",
            Self::ApiToken => "ApiToken",
            Self::Invitation => "Invitation",
            Self::MembershipRequest => "MembershipRequest",
            Self::BreakGlass => "BreakGlass",
            Self::Session => "Session",
            Self::OpenidIdentity => "OpenidIdentity",
            Self::AuditEntry => "AuditEntry",
        }
    }

    /// The id of a row of this kind.
    #[must_use]
    pub fn id(self, uuid: Uuid) -> String {
        let mut hex = Uuid::encode_buffer();
        [self.prefix(), "_", uuid.simple().encode_lower(&mut hex)].concat()
    }

    /// Takes an id apart; `None` if it is none.
    #[must_use]
    pub fn parse(id: &str) -> Option<(Self, Uuid)> {
        let (prefix, hex) = id.split_once('_')?;
        let kind = Self::ALL.into_iter().find(|kind| kind.prefix() == prefix)?;
        // The simple form only: one spelling per id, so that clients may compare ids as text.
        if hex.len() != 32 || hex.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        Some((kind, Uuid::try_parse(hex).ok()?))
    }
}

/// A new id: UUIDv7, so that rows made one after the other lie side by side in the index.
#[must_use]
pub fn new() -> Uuid {
    Uuid::now_v7()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_as_it_was() {
        for kind in Kind::ALL {
            let uuid = new();
            assert_eq!(Kind::parse(&kind.id(uuid)), Some((kind, uuid)));
        }
    }

    #[test]
    fn prefixes_differ() {
        let prefixes: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|k| k.prefix()).collect();
        assert_eq!(prefixes.len(), Kind::ALL.len());
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let hex = "0190a1b2c3d4700080000000000000ff";
        for bad in
            ["", "grp", "grp_", "grp_12", &format!("xyz_{hex}"), hex, &format!("grp_{}", hex.to_uppercase())]
        {
            assert_eq!(Kind::parse(bad), None, "{bad}");
        }
    }
}
