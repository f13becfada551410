use async_graphql::{Context, Object, OneofObject};

use super::types::Minutes;
use crate::db::Where;
use crate::error::Result;
use crate::graphql::{Id, prefetch};
use crate::id::Kind;

/// One way to name minutes. Those of a meeting stand on the meeting.
#[derive(OneofObject)]
pub enum MinutesBy {
    /// Their id.
    Id(Id),
}

/// Queries about minutes.
#[derive(Default)]
pub struct MinutesQuery;

#[Object]
impl MinutesQuery {
    /// One revision of minutes; null if there is none or you may not see it.
    async fn minutes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: MinutesBy,
    ) -> Result<Option<Minutes>> {
        let MinutesBy::Id(id) = by;
        prefetch::find(ctx, Where::eq("id", id.asked(Kind::Minutes, "by.id")?)).await
    }
}
