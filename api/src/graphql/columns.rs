//! Which columns a request reads, from the fields that its document names.
//!
//! One set for each table and request: rows are kept in memory by table and id, whatever led to them.

use std::sync::LazyLock;

use super::prefetch::Relation;
use super::shown::{Reads, Shown};
use crate::agenda::AgendaItem;
use crate::auth::Scope;
use crate::db::{Needed, Row, Selected, Table, Wanted};
use crate::follow_up::{Assignment, FollowUp};
use crate::gate::Named;
use crate::group::Group;
use crate::meeting::Meeting;
use crate::membership::Membership;
use crate::organisation::Organisation;
use crate::person::Person;
use crate::recommendation::Recommendation;

/// A noun that says what its fields read.
struct Careful {
    name: &'static str,
    table: &'static Table,
    relations: Vec<Relation>,
    reads: Reads,
}

impl Careful {
    fn of<T: Shown>(name: &'static str) -> Option<Self> {
        let reads = T::reads()?;
        Some(Self { name, table: T::Row::table(), relations: T::relations(), reads })
    }
}

/// All of these. Of others every column is read.
static CAREFUL: LazyLock<Vec<Careful>> = LazyLock::new(|| {
    let all = [
        Careful::of::<Group>("Group"),
        Careful::of::<Organisation>("Organisation"),
        Careful::of::<Person>("Person"),
        Careful::of::<Membership>("Membership"),
        Careful::of::<Meeting>("Meeting"),
        Careful::of::<AgendaItem>("AgendaItem"),
        Careful::of::<Recommendation>("Recommendation"),
        Careful::of::<FollowUp>("FollowUp"),
        Careful::of::<Assignment>("Assignment"),
    ];
    all.into_iter().flatten().collect()
});

/// What a request of this viewer needs that names these fields.
#[must_use]
pub fn wanted(named: &Named, scope: &Scope) -> Wanted {
    let mut wanted = Wanted::new();
    let (mut whole, mut more) = (Vec::new(), Vec::new());
    for Careful { name, table, relations, reads } in CAREFUL.iter() {
        let Some(fields) = named.get(*name) else { continue };
        let columns = (table.columns)();
        let (mut values, mut links, mut guarded) = (columns.these(&["id"]), Selected::NONE, Selected::NONE);
        for field in fields.iter().filter(|field| *field != "__typename") {
            for relation in relations {
                whole.extend(relation.needs_all(field));
                more.extend(relation.needs(field, scope));
                links = links.and(columns.these(relation.pointer(field).as_slice()));
            }
            let is_shown = relations.iter().any(|relation| relation.shows(field));
            let own = if is_shown { Some(Selected::NONE) } else { columns.named(&column_of(field)) };
            let said = reads.iter().find(|(of, _)| of == field).map(|(_, read)| columns.these(read));
            values = values.and(match (own, said) {
                (None, None) => Selected::ALL,
                (own, said) => {
                    let said = said.unwrap_or(columns.rights());
                    guarded = guarded.and(said.among(columns.guarded()));
                    own.unwrap_or(Selected::NONE).and(said.without(columns.guarded()))
                }
            });
        }
        wanted.insert(table.name, Needed { values, links, guarded });
    }
    for (table, names) in more {
        if let Some(needed) = wanted.get_mut(table.name) {
            needed.values = needed.values.and((table.columns)().these(names));
        }
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
