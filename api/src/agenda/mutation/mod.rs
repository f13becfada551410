mod draft;
mod edit;
mod step;

use async_graphql::{Context, MergedObject};
pub(crate) use draft::{AgendaItemDraft, add};
use entity::{agenda_item, meeting};

use super::store;
use crate::db::{Seen, Tx};
use crate::error::{At, Error, Result};
use crate::graphql::{Front, Id};
use crate::id::Kind;

/// Changes to agendas.
#[derive(MergedObject, Default)]
pub struct AgendaMutation(edit::EditMutation, step::StepMutation);

/// A transaction, with the meeting and then the item of an input seen in it.
async fn open(ctx: &Context<'_>, id: Id) -> Result<(Tx, Seen<meeting::Model>, Seen<agenda_item::Model>)> {
    let tx = Front::of(ctx).begin().await?;
    let id = id.of(Kind::AgendaItem).at("id")?;
    let missing = || Error::not_found(Kind::AgendaItem).at("id");
    let meeting = store::meeting_of(&tx, id).await?.ok_or_else(missing)?;
    let meeting = tx.seen(Kind::AgendaItem, meeting).await.at("id")?;
    let item = tx.seen(Kind::AgendaItem, id).await.at("id")?;
    Ok((tx, meeting, item))
}
