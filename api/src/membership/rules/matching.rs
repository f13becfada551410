//! Who is meant by a name: exactly one, or nobody; then who might be. Nothing is matched by likeness.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use entity::person;
use uuid::Uuid;

use crate::error::Why;
use crate::id::Kind;
use crate::organisation::{Known, NameKind};
use crate::text::fold;

/// So many candidates are named at most.
const MOST: usize = 5;
/// What is less alike is no candidate.
const LEAST: usize = 70;

/// Why somebody may be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// It is exactly their name.
    Name,
    /// It is exactly its acronym.
    Acronym,
    /// It is exactly another name of it.
    Alias,
    /// It is their e-mail address.
    Address,
    /// It is exactly their name, but they are of another organisation.
    Elsewhere,
    /// Their name is like it.
    SimilarName,
    /// Its acronym is like it.
    SimilarAcronym,
    /// Another name of it is like it.
    SimilarAlias,
}

/// Somebody who may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// A person or an organisation.
    pub kind: Kind,
    /// The id.
    pub id: Uuid,
    /// The name, as it is written.
    pub name: String,
    /// How likely, from 0 to 100.
    pub score: usize,
    /// Why.
    pub why: Likeness,
}

/// Nobody is meant, or more than one may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// `NOT_FOUND` or `AMBIGUOUS`.
    pub why: Why,
    /// Which part of the input.
    pub at: &'static str,
    /// Who may be.
    pub candidates: Vec<Candidate>,
}

impl Unmatched {
    fn nobody(kind: Kind, at: &'static str) -> Self {
        Self { why: Why::NotFound(kind), at, candidates: Vec::new() }
    }

    fn several(at: &'static str, candidates: Vec<Candidate>) -> Self {
        let ids = candidates.iter().map(|c| c.kind.id(c.id)).collect();
        Self { why: Why::Ambiguous { candidates: ids }, at, candidates }
    }
}

/// The best candidates, each once.
fn best(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    // by name as people sort them: case and accents do not matter
    candidates.sort_by_cached_key(|c| (std::cmp::Reverse(c.score), c.why, fold(&c.name), c.id));
    let mut seen = BTreeSet::new();
    candidates.retain(|c| seen.insert(c.id));
    candidates.truncate(MOST);
    candidates
}

fn words(folded: &str) -> Vec<&str> {
    let mut words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.sort_unstable();
    words
}

/// Whether all words of the one are in the other: surname first or last, a middle name left out.
fn shares_words(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let within = |a: &[&str], b: &[&str]| !a.is_empty() && a.iter().all(|w| b.contains(w));
    within(&one, &other) || within(&other, &one)
}

/// How alike two folded names are, from 0 to 99: by the letters that differ, whatever the order of words.
#[must_use]
pub fn alike(one: &str, other: &str) -> usize {
    let letters = |a: &str, b: &str| {
        let (long, short) =
            (a.chars().count().max(b.chars().count()), a.chars().count().min(b.chars().count()));
        // so many letters more cannot be alike: spares the comparison
        if long == 0 || 100 * short < LEAST * long {
            return 0;
        }
        100 - (100 * strsim::osa_distance(a, b)).div_ceil(long).min(100)
    };
    let mut score = letters(one, other);
    let (first, second) = (words(one), words(other));
    if first.len() > 1 || second.len() > 1 {
        score = score.max(letters(&first.join(" "), &second.join(" ")));
        if first.len().min(second.len()) > 1 && shares_words(one, other) {
            score = score.max(85);
        }
    }
    score.min(99)
}

/// How a row names an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganisationNamed {
    /// By id.
    Id(Uuid),
    /// By whatever it goes by.
    Called(String),
    /// By scheme and value of a published register.
    Identifier((String, String)),
    /// By system and code of another system.
    Reference((String, String)),
}

/// Every organisation, by all that it goes by.
#[derive(Debug, Default)]
pub struct Organisations {
    known: Vec<Known>,
    places: HashMap<Uuid, usize>,
    called: HashMap<String, Vec<(usize, NameKind)>>,
    identified: HashMap<(String, String), Uuid>,
    referenced: HashMap<(String, String), Uuid>,
}

impl Organisations {
    /// Of these organisations; `referenced`: the codes of other systems that are named.
    #[must_use]
    pub fn of(known: Vec<Known>, referenced: HashMap<(String, String), Uuid>) -> Self {
        let mut all = Self { referenced, ..Self::default() };
        for (place, organisation) in known.iter().enumerate() {
            all.places.insert(organisation.id, place);
            all.identified.extend(organisation.identifiers.iter().map(|i| (i.clone(), organisation.id)));
            // the names of a merged one are aliases of the other
            if organisation.merged_into.is_none() {
                for (kind, name) in &organisation.names {
                    all.called.entry(name.clone()).or_default().push((place, *kind));
                }
            }
        }
        all.known = known;
        all
    }

    /// The organisation with this id, or the one into which it was merged.
    fn standing(&self, id: Uuid) -> Option<Uuid> {
        let known = self.places.get(&id).map(|place| &self.known[*place])?;
        known.merged_into.map_or(Some(known.id), |id| self.places.get(&id).map(|_| id))
    }

    /// The one that is meant.
    ///
    /// # Errors
    /// Nobody, or several.
    pub fn find(&self, named: &OrganisationNamed) -> Result<Uuid, Unmatched> {
        let (id, at) = match named {
            OrganisationNamed::Called(name) => return self.called(name),
            OrganisationNamed::Id(id) => (Some(*id), "id"),
            OrganisationNamed::Identifier(pair) => (self.identified.get(pair).copied(), "identifier"),
            OrganisationNamed::Reference(pair) => (self.referenced.get(pair).copied(), "externalReference"),
        };
        id.and_then(|id| self.standing(id)).ok_or_else(|| Unmatched::nobody(Kind::Organisation, at))
    }

    fn called(&self, name: &str) -> Result<Uuid, Unmatched> {
        let places = self.called.get(&fold(name)).map_or(&[][..], Vec::as_slice);
        let candidates = best(
            places
                .iter()
                .map(|(place, kind)| {
                    self.candidate(
                        *place,
                        100,
                        match kind {
                            NameKind::Name => Likeness::Name,
                            NameKind::Acronym => Likeness::Acronym,
                            NameKind::Alias => Likeness::Alias,
                        },
                    )
                })
                .collect(),
        );
        match candidates.as_slice() {
            [] => Err(Unmatched::nobody(Kind::Organisation, "called")),
            [one] => Ok(one.id),
            _ => Err(Unmatched::several("called", candidates)),
        }
    }

    fn candidate(&self, place: usize, score: usize, why: Likeness) -> Candidate {
        let known = &self.known[place];
        Candidate { kind: Kind::Organisation, id: known.id, name: known.name.clone(), score, why }
    }

    /// Organisations whose names are like this one.
    #[must_use]
    pub fn like(&self, name: &str) -> Vec<Candidate> {
        let name = fold(name);
        let mut candidates = Vec::new();
        for (place, known) in self.known.iter().enumerate().filter(|(_, o)| o.merged_into.is_none()) {
            for (kind, other) in &known.names {
                let score = alike(&name, other);
                if score >= LEAST {
                    candidates.push(self.candidate(
                        place,
                        score,
                        match kind {
                            NameKind::Name => Likeness::SimilarName,
                            NameKind::Acronym => Likeness::SimilarAcronym,
                            NameKind::Alias => Likeness::SimilarAlias,
                        },
                    ));
                }
            }
        }
        best(candidates)
    }
}

/// How a row names a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonNamed {
    /// By id.
    pub id: Option<Uuid>,
    /// By e-mail address, as addresses are kept.
    pub address: Option<String>,
    /// By name.
    pub name: Option<String>,
}

/// The people who may be meant.
#[derive(Debug, Default)]
pub struct People {
    known: BTreeMap<Uuid, Arc<person::Model>>,
    called: HashMap<String, BTreeSet<Uuid>>,
    addresses: HashMap<String, BTreeSet<Uuid>>,
    /// The organisations for which they sit in the group.
    sits_for: HashMap<Uuid, BTreeSet<Uuid>>,
}

impl People {
    /// Of these people, who have these addresses, and sit in the group for these organisations.
    #[must_use]
    pub fn of(
        people: Vec<Arc<person::Model>>,
        addresses: Vec<(String, Uuid)>,
        seats: impl Iterator<Item = (Uuid, Uuid)>,
    ) -> Self {
        let mut all = Self::default();
        for person in people {
            all.add(person, None);
        }
        for (address, person) in addresses {
            all.addresses.entry(address).or_default().insert(person);
        }
        for (person, organisation) in seats {
            all.sits_for.entry(person).or_default().insert(organisation);
        }
        all
    }

    /// One more, e.g. who is entered by an earlier row.
    pub fn add(&mut self, person: Arc<person::Model>, address: Option<String>) {
        let (id, stands) = (person.id, person.merged_into_id.is_none() && person.erased_at.is_none());
        if stands {
            self.called.entry(fold(&person.display_name)).or_default().insert(id);
        }
        if let Some(address) = address {
            self.addresses.entry(address).or_default().insert(id);
        }
        self.known.insert(id, person);
    }

    /// The person with this id, or the one into whom they were merged; nobody who was erased.
    fn standing(&self, id: Uuid) -> Option<Uuid> {
        let known = self.known.get(&id)?;
        let known = known.merged_into_id.map_or(Some(known), |id| self.known.get(&id))?;
        known.erased_at.is_none().then_some(known.id)
    }

    /// The organisation for which a person works.
    #[must_use]
    pub fn organisation(&self, person: Uuid) -> Option<Uuid> {
        self.known.get(&person).and_then(|p| p.organisation_id)
    }

    fn is_of(&self, person: Uuid, organisation: Uuid) -> bool {
        self.organisation(person) == Some(organisation)
            || self.sits_for.get(&person).is_some_and(|o| o.contains(&organisation))
    }

    /// The one who is meant; `organisation`: whom the row names beside.
    ///
    /// # Errors
    /// Nobody, or several.
    pub fn find(&self, named: &PersonNamed, organisation: Option<Uuid>) -> Result<Uuid, Unmatched> {
        if let Some(id) = named.id {
            return self.standing(id).ok_or_else(|| Unmatched::nobody(Kind::Person, "person.id"));
        }
        if let Some(person) = self.addressed(named)? {
            return Ok(person);
        }
        let Some(name) = &named.name else { return Err(Unmatched::nobody(Kind::Person, "person.email")) };
        let namesakes = self.called.get(&fold(name)).cloned().unwrap_or_default();
        let ours: Vec<Uuid> = match organisation {
            Some(organisation) => {
                namesakes.iter().copied().filter(|p| self.is_of(*p, organisation)).collect()
            }
            None => namesakes.iter().copied().collect(),
        };
        let all = |ids: &mut dyn Iterator<Item = Uuid>, score, why| {
            best(ids.filter_map(|id| self.candidate(id, score, why)).collect())
        };
        match ours.as_slice() {
            [one] => Ok(*one),
            [] => Err(Unmatched {
                candidates: all(&mut namesakes.into_iter(), 90, Likeness::Elsewhere),
                ..Unmatched::nobody(Kind::Person, "person.name")
            }),
            _ => Err(Unmatched::several("person.name", all(&mut ours.into_iter(), 100, Likeness::Name))),
        }
    }

    /// Who has the address. Offices share addresses: if a name stands beside, it must be theirs.
    fn addressed(&self, named: &PersonNamed) -> Result<Option<Uuid>, Unmatched> {
        let Some(owners) = named.address.as_ref().and_then(|a| self.addresses.get(a)) else {
            return Ok(None);
        };
        let owners: BTreeSet<Uuid> = owners.iter().filter_map(|id| self.standing(*id)).collect();
        let name = named.name.as_deref().map(fold);
        let is_named = |id: &Uuid| {
            name.as_ref().is_none_or(|name| {
                self.known.get(id).is_some_and(|p| shares_words(name, &fold(&p.display_name)))
            })
        };
        let meant: Vec<Uuid> = owners.iter().copied().filter(|id| is_named(id)).collect();
        match meant.as_slice() {
            [one] => Ok(Some(*one)),
            _ if owners.is_empty() => Ok(None),
            _ => {
                let candidates = owners.iter().filter_map(|id| self.candidate(*id, 90, Likeness::Address));
                Err(Unmatched::several("person.email", best(candidates.collect())))
            }
        }
    }

    fn candidate(&self, id: Uuid, score: usize, why: Likeness) -> Option<Candidate> {
        let known = self.known.get(&id)?;
        Some(Candidate { kind: Kind::Person, id, name: known.display_name.clone(), score, why })
    }

    /// People whose names are like this one.
    #[must_use]
    pub fn like(&self, name: &str) -> Vec<Candidate> {
        let name = fold(name);
        let mut candidates = Vec::new();
        for person in self.known.values().filter(|p| p.merged_into_id.is_none() && p.erased_at.is_none()) {
            let other = fold(&person.display_name);
            let score = alike(&name, &other);
            if other != name && score >= LEAST {
                candidates.extend(self.candidate(person.id, score, Likeness::SimilarName));
            }
        }
        best(candidates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::new_row;

    const fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn organisation(number: u128, name: &str, others: &[(NameKind, &str)]) -> Known {
        let mut names = vec![(NameKind::Name, fold(name))];
        names.extend(others.iter().map(|(kind, name)| (*kind, fold(name))));
        Known { id: id(number), name: name.to_owned(), merged_into: None, names, identifiers: Vec::new() }
    }

    fn organisations() -> Organisations {
        Organisations::of(
            vec![
                organisation(
                    1,
                    "Programme Exemple",
                    &[(NameKind::Acronym, "PEX"), (NameKind::Alias, "Example Programme")],
                ),
                organisation(2, "Pêche Exemple", &[(NameKind::Acronym, "PEX")]),
                Known { merged_into: Some(id(1)), ..organisation(3, "Ancien Programme", &[]) },
            ],
            HashMap::new(),
        )
    }

    fn called(name: &str) -> Result<Uuid, Unmatched> {
        organisations().find(&OrganisationNamed::Called(name.to_owned()))
    }

    #[test]
    fn case_accents_and_language_do_not_matter() {
        for name in ["programme EXEMPLE", "Example programme"] {
            assert_eq!(called(name), Ok(id(1)), "{name}");
        }
        assert_eq!(called("peche exemple"), Ok(id(2)));
    }

    #[test]
    fn what_several_go_by_is_ambiguous() {
        let Err(unmatched) = called("pex") else { panic!("a match") };
        assert_eq!(unmatched.candidates.iter().map(|c| c.id).collect::<Vec<_>>(), [id(2), id(1)]);
        assert!(unmatched.candidates.iter().all(|c| (c.score, c.why) == (100, Likeness::Acronym)));
        assert!(matches!(unmatched.why, Why::Ambiguous { .. }));
    }

    #[test]
    fn a_slip_is_no_match_and_finds_candidates() {
        let Err(unmatched) = called("Programe Exemple") else { panic!("a match") };
        assert_eq!(unmatched.why, Why::NotFound(Kind::Organisation));
        let like = organisations().like("Programe Exemple");
        assert_eq!((like[0].id, like[0].why), (id(1), Likeness::SimilarName));
        assert!((90..100).contains(&like[0].score), "{like:?}");
        assert!(organisations().like("Ministère").is_empty());
    }

    #[test]
    fn a_merged_organisation_leads_on() {
        assert_eq!(organisations().find(&OrganisationNamed::Id(id(3))), Ok(id(1)));
        assert!(called("Ancien Programme").is_err(), "its names are those of the other one");
    }

    fn person(number: u128, name: &str, organisation: u128) -> Arc<person::Model> {
        let at = chrono::DateTime::UNIX_EPOCH;
        Arc::new(new_row(at, id(number), name.to_owned(), Some(id(organisation))))
    }

    fn people() -> People {
        let people = vec![
            person(11, "Awa Exemple", 1),
            person(12, "AWA EXEMPLE", 2),
            person(13, "Boubou Exemple", 1),
            person(14, "Boubou Exemple", 1),
            person(15, "Coumba Modèle Exemple", 1),
        ];
        let addresses = [("awa@a.example", 11), ("bureau@a.example", 13), ("bureau@a.example", 15)];
        let addresses = addresses.map(|(a, n)| (a.to_owned(), id(n))).to_vec();
        People::of(people, addresses, std::iter::once((id(12), id(3))))
    }

    fn named(name: &str) -> PersonNamed {
        PersonNamed { name: Some(name.to_owned()), ..PersonNamed::default() }
    }

    #[test]
    fn a_name_and_an_organisation_name_one_person() {
        let people = people();
        assert_eq!(people.find(&named("awa exemple"), Some(id(1))), Ok(id(11)));
        assert_eq!(people.find(&named("Awa Exemple"), Some(id(3))), Ok(id(12)), "whom they sit for counts");
        let ambiguous = people.find(&named("Awa Exemple"), None).expect_err("two of this name");
        assert_eq!(ambiguous.candidates.len(), 2);
        let elsewhere = people.find(&named("Awa Exemple"), Some(id(9))).expect_err("not of this one");
        assert_eq!(elsewhere.why, Why::NotFound(Kind::Person));
        assert!(elsewhere.candidates.iter().all(|c| c.why == Likeness::Elsewhere));
        assert!(people.find(&named("Boubou Exemple"), Some(id(1))).is_err());
    }

    #[test]
    fn an_address_with_another_name_is_a_question() {
        let people = people();
        let at = |address: &str, name: Option<&str>| {
            let (address, name) = (Some(address.to_owned()), name.map(str::to_owned));
            people.find(&PersonNamed { id: None, address, name }, None)
        };
        assert_eq!(at("awa@a.example", None), Ok(id(11)));
        assert_eq!(at("awa@a.example", Some("EXEMPLE Awa")), Ok(id(11)));
        let other = at("awa@a.example", Some("Djeneba Exemple")).expect_err("another name");
        assert_eq!(other.candidates[0].why, Likeness::Address);
        assert!(at("bureau@a.example", None).is_err(), "a shared address names nobody");
        assert_eq!(at("bureau@a.example", Some("Coumba Exemple")), Ok(id(15)));
        assert_eq!(at("nobody@a.example", None).map_err(|u| u.at), Err("person.email"));
    }

    #[test]
    fn likeness_is_about_letters_not_about_the_order_of_words() {
        assert_eq!(alike("awa exemple", "exemple awa"), 99);
        assert!(alike("awa exemple", "awa exmple") > 85);
        assert!(alike("coumba exemple", "coumba modele exemple") >= 85);
        assert!(alike("pam", "pnud") < LEAST);
        assert!(alike("", "") < LEAST);
    }
}
