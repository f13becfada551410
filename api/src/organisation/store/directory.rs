//! Every organisation by every name, for whoever has many names to look up.

use std::collections::HashMap;

use entity::organisation::Model;
use entity::{organisation_alias, organisation_identifier};
use uuid::Uuid;

use crate::db::{Tx, Where};
use crate::error::Result;
use crate::organisation::rules::NameKind;
use crate::text::fold;

/// An organisation, and what it goes by.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its id.
    pub id: Uuid,
    /// Its name, as it is written.
    pub name: String,
    /// The one into which it was merged.
    pub merged_into: Option<Uuid>,
    /// All its names, folded.
    pub names: Vec<(NameKind, String)>,
    /// Its codes in published registers: scheme and value.
    pub identifiers: Vec<(String, String)>,
}

/// Every organisation that the viewer may see, by id. Three statements.
pub async fn directory(tx: &Tx) -> Result<Vec<Known>> {
    let all = Where::everything();
    let rows = tx.visible::<Model>(&all).await?;
    let mut known: Vec<Known> = rows.iter().map(|row| named(row)).collect();
    let places: HashMap<Uuid, usize> = known.iter().enumerate().map(|(n, o)| (o.id, n)).collect();
    for alias in tx.visible::<organisation_alias::Model>(&all).await? {
        if let Some(place) = places.get(&alias.organisation_id) {
            known[*place].names.push((NameKind::Alias, alias.folded.clone()));
        }
    }
    for code in tx.visible::<organisation_identifier::Model>(&all).await? {
        if let Some(place) = places.get(&code.organisation_id) {
            known[*place].identifiers.push((code.scheme.clone(), code.value.clone()));
        }
    }
    Ok(known)
}

fn named(row: &Model) -> Known {
    let mut names = vec![(NameKind::Name, fold(&row.name))];
    names.extend(row.acronym.as_deref().map(|name| (NameKind::Acronym, fold(name))));
    names.extend(row.native_name.as_deref().map(|name| (NameKind::Alias, fold(name))));
    Known {
        id: row.id,
        name: row.name.clone(),
        merged_into: row.merged_into_id,
        names,
        identifiers: Vec::new(),
    }
}
