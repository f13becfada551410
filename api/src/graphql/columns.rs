//! Which columns a request reads, from the fields that its document names.
//!
//! One set for each table and request: rows are kept in memory by table and id, whatever led to them.

use super::prefetch::Noun;
use super::shown::{Reads, Shown};
use crate::agenda::AgendaItem;
use crate::db::{Selected, Wanted};
use crate::follow_up::{Assignment, FollowUp};
use crate::gate::Named;
use crate::group::Group;
use crate::meeting::Meeting;
use crate::membership::Membership;
use crate::organisation::Organisation;
use crate::person::Person;
use crate::recommendation::Recommendation;

/// The nouns that say what their fields read. Of others every column is read.
fn careful() -> [(&'static str, Noun, Option<Reads>); 9] {
    fn of<T: Shown>(name: &'static str) -> (&'static str, Noun, Option<Reads>) {
        (name, Noun::of::<T>(), T::reads())
    }
    [
        of::<Group>("Group"),
        of::<Organisation>("Organisation"),
        of::<Person>("Person"),
        of::<Membership>("Membership"),
        of::<Meeting>("Meeting"),
        of::<AgendaItem>("AgendaItem"),
        of::<Recommendation>("Recommendation"),
        of::<FollowUp>("FollowUp"),
        of::<Assignment>("Assignment"),
    ]
}

/// What a request needs that names these fields.
#[must_use]
pub fn wanted(named: &Named) -> Wanted {
    let mut wanted = Wanted::new();
    let mut whole = Vec::new();
    for (name, noun, reads) in careful() {
        let (Some(fields), Some(reads)) = (named.get(name), reads) else { continue };
        let relations = (noun.relations)();
        let columns = (noun.table.columns)();
        let mut selected = columns.always();
        for field in fields {
            whole.extend(relations.iter().filter_map(|relation| relation.needs_all(field)));
            if relations.iter().any(|relation| relation.shows(field)) || field == "__typename" {
                continue;
            }
            let own = columns.named(&column_of(field));
            let said = reads.iter().find(|(of, _)| of == field).map(|(_, read)| *read);
            selected = selected.and(match (own, said) {
                (None, None) => Selected::ALL,
                (own, said) => {
                    let said = said.unwrap_or_default().iter().map(|column| columns.named(column));
                    said.chain([own.or(Some(Selected::NONE))])
                        .fold(Selected::NONE, |all, one| all.and(one.unwrap_or(Selected::ALL)))
                }
            });
        }
        wanted.insert(noun.table.name, selected);
    }
    for table in whole {
        wanted.remove(table.name);
    }
    wanted
}

fn column_of(field: &str) -> String {
    let mut column = String::with_capacity(field.len() + 4);
    for letter in field.chars() {
        if letter.is_ascii_uppercase() {
            column.push('_');
        }
        column.push(letter.to_ascii_lowercase());
    }
    column
}
