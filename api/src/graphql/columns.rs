//! Which columns a request reads, from the fields that its document names.
//!
//! One set for each table and request: rows are kept in memory by table and id, whatever led to them.

use std::sync::LazyLock;

use super::prefetch::Relation;
use super::shown::{SEAT, Shown};
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
    fields: Vec<Field>,
}

/// One of its fields.
struct Field {
    name: &'static str,
    columns: Selected,
    /// Whether it reads [`SEAT`], too.
    by_seat: bool,
}

impl Careful {
    fn of<T: Shown>(name: &'static str) -> Option<Self> {
        let (table, relations) = (T::Row::table(), T::relations());
        let columns = (table.columns)();
        let field = |(name, reads): &(&'static str, &'static [&'static str])| {
            let own = if shows(&relations, name) { None } else { columns.named(&column_of(name)) };
            let named: Vec<&str> = reads.iter().copied().filter(|read| *read != SEAT).collect();
            let columns = columns.these(&named).and(own.unwrap_or(Selected::NONE));
            Field { name, columns, by_seat: reads.contains(&SEAT) }
        };
        let fields = T::reads()?.iter().map(field).collect();
        Some(Self { name, table, relations, fields })
    }

    /// What a field reads of the row, but for what leads to other rows.
    fn columns(&self, field: &str, scope: &Scope) -> Selected {
        let columns = (self.table.columns)();
        if let Some(said) = self.fields.iter().find(|said| said.name == field) {
            let by_seat = if said.by_seat { scope.reads_by_seat() } else { &[] };
            return said.columns.and(columns.these(by_seat));
        }
        if shows(&self.relations, field) {
            return columns.rights();
        }
        columns.named(&column_of(field)).map_or(Selected::ALL, |own| own.and(columns.rights()))
    }
}

fn shows(relations: &[Relation], field: &str) -> bool {
    relations.iter().any(|relation| relation.shows(field))
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
    for careful in CAREFUL.iter() {
        let Some(fields) = named.get(careful.name) else { continue };
        let columns = (careful.table.columns)();
        let (mut values, mut links) = (columns.these(&["id"]), Selected::NONE);
        if scope.actor().is_admin {
            // they see rows without a seat, and of these not everything
            values = values.and(columns.rights());
        }
        for field in fields.iter().filter(|field| *field != "__typename") {
            for relation in &careful.relations {
                whole.extend(relation.needs_all(field));
                more.extend(relation.needs(field, scope));
                links = links.and(columns.these(relation.pointer(field).as_slice()));
            }
            values = values.and(careful.columns(field, scope));
        }
        wanted.insert(careful.table.name, Needed { values, links });
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
