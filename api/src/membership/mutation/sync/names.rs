//! Whom the rows name: looked up for all of them at once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use async_graphql::MaybeUndefined;
use entity::{coordination_group, membership, person as person_row};
use uuid::Uuid;

use super::super::super::rules::matching::{
    Candidate, OrganisationNamed, Organisations, People, PersonNamed, Unmatched,
};
use super::input::{MembershipSyncOrganisationInput, MembershipSyncPersonInput, MembershipSyncRowInput};
use super::payload::Line;
use crate::auth::{Action, Permit, Target};
use crate::db::{Seen, Tx};
use crate::error::{At, Error, Refusal, Result, Rule, Why};
use crate::external::{self, ExternalReferenceInput};
use crate::id::{self, Kind};
use crate::text::{self, fold};
use crate::{organisation, person};

/// For so many rows similar names are looked for.
const MOST_SEARCHES: usize = 100;

/// Whom a row names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub person: Option<Uuid>,
    pub organisation: Option<Uuid>,
    /// Who pays; outside: whether the row says so.
    pub funded_by: Option<Option<Uuid>>,
}

/// Everybody whom the rows may mean.
pub(super) struct Names<'a> {
    tx: &'a Tx,
    organisations: Organisations,
    people: People,
    /// Who is entered by this call, with an address if there is one.
    pub entered: Vec<(person_row::Model, Option<String>)>,
    /// The right to enter them.
    pub to_enter: Option<Permit>,
    searches: usize,
    found: HashMap<String, Vec<Candidate>>,
}

/// A pair of a reference or identifier as it is kept.
pub(super) fn pair(reference: &ExternalReferenceInput) -> (String, String) {
    (reference.system.trim().to_owned(), reference.code.trim().to_owned())
}

fn organisation_named(input: &MembershipSyncOrganisationInput) -> Result<OrganisationNamed> {
    Ok(match input {
        MembershipSyncOrganisationInput::Id(id) => OrganisationNamed::Id(id.of(Kind::Organisation).at("id")?),
        MembershipSyncOrganisationInput::Called(name) => OrganisationNamed::Called(name.clone()),
        MembershipSyncOrganisationInput::Identifier(i) => {
            OrganisationNamed::Identifier((i.scheme.trim().to_owned(), i.value.trim().to_owned()))
        }
        MembershipSyncOrganisationInput::ExternalReference(r) => OrganisationNamed::Reference(pair(r)),
    })
}

fn person_named(input: &MembershipSyncPersonInput) -> Result<PersonNamed> {
    let id = input.id.map(|id| id.of(Kind::Person)).transpose().at("id")?;
    if id.is_some() && (input.email.is_some() || input.name.is_some()) {
        return Err(Error::rule(Rule::ExactlyOne));
    }
    if id.is_none() && input.email.is_none() && input.name.is_none() {
        return Err(Error::refused(Why::Required));
    }
    let address = input.email.as_deref().map(text::email).transpose().at("email")?;
    let name = text::optional(input.name.as_deref(), text::LONGEST_NAME).at("name")?;
    Ok(PersonNamed { id, address: address.as_deref().map(person::address), name })
}

impl<'a> Names<'a> {
    /// Looks up whomever the rows name; those who sit in the group are known anyway.
    pub(super) async fn look_up(
        tx: &'a Tx,
        group: &coordination_group::Model,
        seats: &[Seen<membership::Model>],
        rows: &[MembershipSyncRowInput],
    ) -> Result<Self> {
        let organisations = Self::organisations(tx, rows).await?;
        let mut sought = person::Sought::default();
        let mut addresses = BTreeSet::new();
        for row in rows {
            // what cannot be read is refused when the row is taken
            let Some(Ok(named)) = row.person.as_ref().map(person_named) else { continue };
            sought.ids.extend(named.id);
            addresses.extend(named.address);
            if let Some(name) = named.name {
                sought.names.insert(fold(&name));
                let beside = row.organisation.as_ref().and_then(|o| organisation_named(o).ok());
                sought.organisations.extend(beside.and_then(|named| organisations.find(&named).ok()));
            }
        }
        let addresses = person::with_addresses(tx, group.id, &addresses).await?;
        sought.ids.extend(addresses.iter().map(|(_, person)| *person));
        let people = person::sought(tx, group.id, &sought).await?;
        let seats = seats.iter().filter_map(|seat| Some((seat.person_id?, seat.organisation_id?)));
        let people = People::of(people, addresses, seats);
        Ok(Self {
            tx,
            organisations,
            people,
            entered: Vec::new(),
            to_enter: None,
            searches: MOST_SEARCHES,
            found: HashMap::new(),
        })
    }

    async fn organisations(tx: &Tx, rows: &[MembershipSyncRowInput]) -> Result<Organisations> {
        let named = || rows.iter().flat_map(|row| row.organisation.iter().chain(row.funded_by.value()));
        if named().next().is_none() {
            return Ok(Organisations::default());
        }
        let references: BTreeSet<(String, String)> = named()
            .filter_map(|named| match named {
                MembershipSyncOrganisationInput::ExternalReference(r) => Some(pair(r)),
                _ => None,
            })
            .collect();
        let references = external::known(tx, Kind::Organisation, &references).await?;
        Ok(Organisations::of(organisation::directory(tx).await?, references))
    }

    /// The organisations for which a seat is held: its own, and its holder's.
    pub(super) fn spoken_for(&self, seat: &membership::Model) -> Vec<Uuid> {
        let own = seat.person_id.and_then(|person| self.people.organisation(person));
        let mut all: Vec<Uuid> = seat.organisation_id.into_iter().chain(own).collect();
        all.dedup();
        all
    }

    /// Whom a row names; everything that is wrong about that.
    pub(super) fn named(
        &mut self,
        row: &MembershipSyncRowInput,
        line: &mut Line,
    ) -> Result<Named, Vec<Error>> {
        let mut errors = Vec::new();
        let mut named = Named::default();
        let mut organisation_is_known = true;
        if let Some(input) = &row.organisation {
            match self.organisation(input, "organisation", line) {
                Ok(id) => named.organisation = Some(id),
                Err(error) => {
                    organisation_is_known = false;
                    errors.push(error.at("organisation"));
                }
            }
        }
        match &row.funded_by {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => named.funded_by = Some(None),
            MaybeUndefined::Value(input) => match self.organisation(input, "fundedBy", line) {
                Ok(id) => named.funded_by = Some(Some(id)),
                Err(error) => errors.push(error.at("fundedBy")),
            },
        }
        // of which people the name is depends on the organisation
        if let (Some(input), true) = (&row.person, organisation_is_known) {
            match self.person(input, row.create_person == Some(true), named.organisation, line) {
                Ok(id) => named.person = Some(id),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(named) } else { Err(errors) }
    }

    fn organisation(
        &mut self,
        input: &MembershipSyncOrganisationInput,
        field: &'static str,
        line: &mut Line,
    ) -> Result<Uuid> {
        let named = organisation_named(input)?;
        let unmatched = match self.organisations.find(&named) {
            Ok(id) => return Ok(id),
            Err(unmatched) => unmatched,
        };
        let mut candidates = unmatched.candidates;
        if let (OrganisationNamed::Called(name), true) = (&named, candidates.is_empty()) {
            let organisations = &self.organisations;
            candidates = search(&mut self.searches, &mut self.found, name, |n| organisations.like(n));
        }
        line.candidates.extend(candidates.into_iter().map(|c| (field, c)));
        Err(Error::refused(unmatched.why).at(unmatched.at))
    }

    fn person(
        &mut self,
        input: &MembershipSyncPersonInput,
        create: bool,
        organisation: Option<Uuid>,
        line: &mut Line,
    ) -> Result<Uuid> {
        let named = person_named(input).at("person")?;
        let unmatched = match self.people.find(&named, organisation) {
            Ok(id) => return Ok(id),
            Err(unmatched) => unmatched,
        };
        let Unmatched { why, at, mut candidates } = unmatched;
        let is_unknown = matches!(why, Why::NotFound(_));
        if let Some(name) = named.name.as_deref().filter(|_| is_unknown && self.searches > 0) {
            self.searches -= 1;
            let mut like = self.people.like(name);
            like.retain(|c| !candidates.iter().any(|o| o.id == c.id));
            candidates.extend(like);
        }
        line.candidates.extend(candidates.into_iter().map(|c| ("person", c)));
        if !(create && is_unknown && named.id.is_none()) {
            return Err(Error::refused(why).at(at));
        }
        line.is_person_new = true;
        self.enter(named, organisation)
    }

    /// Enters a person whom a row describes.
    fn enter(&mut self, named: PersonNamed, organisation: Option<Uuid>) -> Result<Uuid> {
        let name = named.name.ok_or_else(|| Error::refused(Why::Required).at("person.name"))?;
        let organisation = organisation.ok_or_else(|| Error::refused(Why::Required).at("organisation"))?;
        let target = Target { organisations: vec![organisation], ..Target::default() };
        self.to_enter = Some(self.tx.permit(Action::PersonCreate, &target).at("createPerson")?);
        let row = person::new_row(self.tx.now(), id::new(), name, Some(organisation));
        self.people.add(Arc::new(row.clone()), named.address.clone());
        let id = row.id;
        self.entered.push((row, named.address));
        Ok(id)
    }
}

/// Candidates for a name: each name once, and not for ever more names.
fn search(
    left: &mut usize,
    found: &mut HashMap<String, Vec<Candidate>>,
    name: &str,
    like: impl FnOnce(&str) -> Vec<Candidate>,
) -> Vec<Candidate> {
    if let Some(known) = found.get(name) {
        return known.clone();
    }
    if *left == 0 {
        return Vec::new();
    }
    *left -= 1;
    let candidates = like(name);
    found.insert(name.to_owned(), candidates.clone());
    candidates
}

/// The refusals among errors; what is none goes on.
pub(super) fn refusals(errors: Vec<Error>, at: &str) -> Result<Vec<Refusal>> {
    let refusal = |error: Error| match if at.is_empty() { error } else { error.at(at) } {
        Error::Refused(refusal) => Ok(refusal),
        other => Err(other),
    };
    errors.into_iter().map(refusal).collect()
}
