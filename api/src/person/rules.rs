//! What may be changed about people, and how contact points are compared.

use entity::enums::ContactKind;
use uuid::Uuid;

use super::registry::Class;
use crate::error::{At, Error, Result, Rule, Why};
use crate::text::{self, fold};

/// How many contact points somebody may have.
pub const MOST_CONTACT_POINTS: usize = 20;

/// A contact point as it shall be.
#[derive(Clone, Debug)]
pub struct Point {
    /// What it is.
    pub kind: ContactKind,
    /// The address or number.
    pub value: String,
    /// What it is for.
    pub label: Option<String>,
    /// The groups with which it is shared; none: as it was.
    pub groups: Option<Vec<Uuid>>,
}

/// The value of a contact point as it is kept. E-mail addresses are compared without case: they are
/// kept in lower case.
///
/// # Errors
/// `INVALID_EMAIL`, `BLANK`, `TOO_LONG`.
pub fn value(kind: ContactKind, value: &str) -> Result<String> {
    match kind {
        ContactKind::Email => Ok(address(&text::email(value)?)),
        ContactKind::Phone => text::required(value, 100),
        ContactKind::Other => text::required(value, text::LONGEST_NAME),
    }
}

/// An e-mail address as it is kept.
#[must_use]
pub fn address(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Refuses lists that are too long or name the same contact point twice.
///
/// # Errors
/// `TOO_MANY`, `DUPLICATE` at `contactPoints`.
pub fn sound(points: &[Point]) -> Result<()> {
    if points.len() > MOST_CONTACT_POINTS {
        return Err(Error::refused(Why::TooMany { limit: MOST_CONTACT_POINTS })).at("contactPoints");
    }
    for (number, point) in points.iter().enumerate() {
        let same = |other: &Point| other.kind == point.kind && other.value == point.value;
        if points[..number].iter().any(same) {
            return Err(Error::refused(Why::Duplicate)).at(&format!("contactPoints.{number}"));
        }
    }
    Ok(())
}

/// Refuses to change somebody who was erased: what was pseudonymised stays so.
///
/// # Errors
/// `STATE`.
pub fn not_erased(is_erased: bool) -> Result<()> {
    if is_erased {
        return Err(Error::refused(Why::State { from: "ERASED".to_owned(), allowed: Vec::new() }));
    }
    Ok(())
}

/// Refuses a new audience for contact details, unless it is their owner who wants it: others may only
/// narrow it.
///
/// # Errors
/// `PERMISSION_DENIED`.
pub fn own_choice(is_own: bool, shared: &[Uuid], wanted: &[Uuid]) -> Result<()> {
    if is_own || wanted.iter().all(|group| shared.contains(group)) {
        Ok(())
    } else {
        Err(Error::refused(Why::Denied))
    }
}

/// Whoever erases somebody writes their name: a wrong id should not be enough.
///
/// # Errors
/// `NAME_NOT_CONFIRMED` at `confirm`.
pub fn confirmed(name: &str, given: &str) -> Result<()> {
    if name.trim() == given.trim() { Ok(()) } else { Err(Error::rule(Rule::NameNotConfirmed)).at("confirm") }
}

/// What stands for the name of somebody who was erased: the sign for what was left out, in French as
/// in English.
pub const ERASED: &str = "[…]";

/// What takes the place of a column that cannot be empty.
#[must_use]
pub fn pseudonym(column: &str, class: Class, person: Uuid) -> String {
    let word = match class {
        // nobody receives mail under `invalid` (RFC 2606), and addresses differ
        Class::Contact => format!("{}@erased.invalid", person.simple()),
        _ => ERASED.to_owned(),
    };
    if column.ends_with("_folded") { fold(&word) } else { word }
}

/// Nobody merges themselves: the seats of the other would become their own.
///
/// # Errors
/// `OWN_ROLE` at `from` or `into`.
pub fn not_oneself(myself: Option<Uuid>, from: Uuid, into: Uuid) -> Result<()> {
    match myself {
        Some(me) if me == from => Err(Error::rule(Rule::OwnRole)).at("from"),
        Some(me) if me == into => Err(Error::rule(Rule::OwnRole)).at("into"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(kind: ContactKind, value: &str) -> Point {
        Point { kind, value: value.to_owned(), label: None, groups: None }
    }

    #[test]
    fn addresses_are_kept_in_lower_case_and_numbers_as_written() {
        assert_eq!(
            value(ContactKind::Email, " A.Exemple@Example.org ").ok().as_deref(),
            Some("a.exemple@example.org")
        );
        assert_eq!(value(ContactKind::Phone, "+223 76 00 00 00").ok().as_deref(), Some("+223 76 00 00 00"));
        assert!(value(ContactKind::Email, "+223 76 00 00 00").is_err());
        assert!(value(ContactKind::Other, " ").is_err());
    }

    #[test]
    fn a_contact_point_is_named_once() {
        let (mail, phone) = (point(ContactKind::Email, "a@b.org"), point(ContactKind::Phone, "a@b.org"));
        assert!(sound(&[mail.clone(), phone]).is_ok());
        assert!(sound(&[mail.clone(), mail.clone()]).is_err());
        assert!(sound(&vec![mail; MOST_CONTACT_POINTS + 1]).is_err());
    }

    #[test]
    fn others_only_narrow_an_audience() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(own_choice(true, &[], &[one, other]).is_ok());
        assert!(own_choice(false, &[one, other], &[one]).is_ok());
        assert!(own_choice(false, &[one], &[]).is_ok());
        assert!(own_choice(false, &[one], &[one, other]).is_err());
    }

    #[test]
    fn pseudonyms_tell_nothing_and_addresses_differ() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(pseudonym("display_name", Class::Name, one), ERASED);
        assert_eq!(pseudonym("name_folded", Class::Name, one), fold(ERASED));
        assert_ne!(pseudonym("email", Class::Contact, one), pseudonym("email", Class::Contact, other));
        assert!(pseudonym("email", Class::Contact, one).ends_with(".invalid"));
    }

    #[test]
    fn nobody_merges_themselves() {
        let (me, one, other) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        assert!(not_oneself(Some(me), one, other).is_ok());
        assert!(not_oneself(None, one, other).is_ok());
        assert!(not_oneself(Some(me), me, other).is_err());
        assert!(not_oneself(Some(me), one, me).is_err());
    }
}
