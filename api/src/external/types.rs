use async_graphql::{InputObject, SimpleObject};
use entity::external_reference::Model;

use super::store;
use crate::db::{Row, SortKind, Window};
use crate::error::Result;
use crate::graphql::{Front, Noun, Relation};

/// The code by which another system knows this.
#[derive(SimpleObject, Clone, Debug)]
pub struct ExternalReference {
    /// The other system, e.g. `HRINFO`, `RELIEFWEB`, `FTS`.
    system: String,
    /// Its code there.
    code: String,
}

/// A code in another system.
#[derive(InputObject, Clone, Debug)]
pub struct ExternalReferenceInput {
    /// The other system, e.g. `HRINFO`, `RELIEFWEB`, `FTS`.
    pub system: String,
    /// Its code there; unique per system among things of one kind.
    pub code: String,
}

impl ExternalReferenceInput {
    /// As the store takes them.
    #[must_use]
    pub fn pairs(list: &[Self]) -> Vec<(String, String)> {
        list.iter().map(|r| (r.system.clone(), r.code.clone())).collect()
    }
}

/// The relation `externalReferences`; `column` points back to the row.
#[must_use]
pub fn relation(column: &'static str) -> Relation {
    Relation::rows(
        "externalReferences",
        column,
        || Noun::leaf(&store::TABLE),
        |_| Window::ascending("system", SortKind::Text),
    )
}

/// What the field `externalReferences` shows.
///
/// # Errors
/// `Internal`: the relation is not declared.
pub fn shown(front: &Front<'_>, parent: &impl Row) -> Result<Vec<ExternalReference>> {
    let rows = front.rows::<Model>(parent, "externalReferences")?;
    Ok(rows.iter().map(|r| ExternalReference { system: r.system.clone(), code: r.code.clone() }).collect())
}
