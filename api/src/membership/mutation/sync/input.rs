//! What `membershipsSync` takes.

use async_graphql::{Enum, InputObject, MaybeUndefined, OneofObject};

use super::super::super::types::MembershipRole;
use crate::external::ExternalReferenceInput;
use crate::graphql::{Date, Id};
use crate::organisation::OrganisationIdentifierInput;

/// What becomes of seats that hold today and that no row names.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipsMissing {
    /// They stay, and are not spoken of.
    Keep,
    /// They stay, and are listed.
    Report,
    /// They end, each as by `membershipEnd`, and are listed.
    End,
}

/// A list of seats that a group shall have.
#[derive(InputObject)]
pub struct MembershipsSyncInput {
    /// The group.
    pub group: Id,
    /// The seats, at most 5000; each names another one.
    pub rows: Vec<MembershipSyncRowInput>,
    /// What becomes of seats that hold today and that no row names; KEEP if left out.
    pub missing: Option<MembershipsMissing>,
    /// With `missing: END`: the first day on which they hold no more; left out: at once, as `membershipEnd` has it.
    /// Those that end earlier anyway stay as they are.
    pub end_on: Option<Date>,
    /// Only say what would be done, and do nothing; false if left out.
    pub dry_run: Option<bool>,
    /// Why, for the record.
    pub reason: Option<String>,
}

/// A seat. In a seat that exists already what is left out stays, and null clears.
#[derive(InputObject)]
pub struct MembershipSyncRowInput {
    /// The code of the seat in the system that the row comes from. If it is known, it says which seat is meant, and
    /// opens that again should it have ended and `until` be left out; if not, the seat that is found or made is known
    /// by it from now on. Without one, a seat is recognised by its holder, role and topic.
    pub external_reference: Option<ExternalReferenceInput>,
    /// The person who holds it.
    pub person: Option<MembershipSyncPersonInput>,
    /// The organisation that holds it, or for which the person holds it. Organisations are never made here.
    pub organisation: Option<MembershipSyncOrganisationInput>,
    /// What the seat is. To change the role of a seat, name it by `externalReference`.
    pub role: MembershipRole,
    /// The role as the group calls it.
    pub role_title: MaybeUndefined<String>,
    /// The first day on which it holds.
    pub since: MaybeUndefined<Date>,
    /// The first day on which it holds no more (exclusive).
    pub until: MaybeUndefined<Date>,
    /// What a focal point is in charge of.
    pub topic: MaybeUndefined<String>,
    /// For whom the holder speaks besides the organisation.
    pub represents: MaybeUndefined<String>,
    /// The organisation that pays for it.
    pub funded_by: MaybeUndefined<MembershipSyncOrganisationInput>,
    /// Whether the person does nothing else.
    pub is_dedicated: MaybeUndefined<bool>,
    /// A note, for members and officers.
    pub note: MaybeUndefined<String>,
    /// Enter the person if nobody is meant: needs `person.name`, the organisation, and the right to enter people of
    /// that organisation (`personCreate`). Left out or false: such a row is refused.
    pub create_person: Option<bool>,
}

/// Which person, of those whom you may see: by id alone, by e-mail address, by name, or by both.
#[derive(InputObject)]
pub struct MembershipSyncPersonInput {
    /// Their id.
    pub id: Option<Id>,
    /// Their e-mail address. Finds only addresses that you may see, and people who have a seat in the group. Beside a
    /// `name` that is not theirs it is a question (AMBIGUOUS): offices share addresses. If nobody has it, the name
    /// counts.
    pub email: Option<String>,
    /// Their name; case and accents do not matter. With the row's organisation: of the people who work or sit for it.
    pub name: Option<String>,
}

/// Which organisation.
#[derive(OneofObject)]
pub enum MembershipSyncOrganisationInput {
    /// Its id.
    Id(Id),
    /// Its name, acronym, native name or alias in whatever language; case and accents do not matter.
    Called(String),
    /// Its code in a published register.
    Identifier(OrganisationIdentifierInput),
    /// Its code in another system.
    ExternalReference(ExternalReferenceInput),
}
