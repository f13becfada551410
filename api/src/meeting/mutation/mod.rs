mod draft;
mod edit;
mod record;
mod series;
mod step;

use async_graphql::{Context, MergedObject};

use entity::meeting::Model;

use crate::db::{Seen, Tx};
use crate::error::{At, Result};
use crate::graphql::{Front, Id};
use crate::id::Kind;

/// Changes to meetings and their series.
#[derive(MergedObject, Default)]
pub struct MeetingMutation(
    record::RecordMutation,
    edit::EditMutation,
    step::StepMutation,
    series::SeriesMutation,
);

/// A transaction, and the meeting of an input seen in it.
async fn open(ctx: &Context<'_>, id: Id) -> Result<(Tx, Seen<Model>)> {
    let tx = Front::of(ctx).begin().await?;
    let seen = tx.seen(Kind::Meeting, id.of(Kind::Meeting).at("id")?).await.at("id")?;
    Ok((tx, seen))
}
