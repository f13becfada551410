use async_graphql::{Context, Object, OneofObject};

use super::store;
use super::types::Operation;
use crate::db::Where;
use crate::error::Result;
use crate::external::{self, ExternalReferenceInput};
use crate::graphql::{Id, prefetch};
use crate::id::Kind;

/// One way to name an operation.
#[derive(OneofObject)]
pub enum OperationBy {
    /// Its id.
    Id(Id),
    /// Its slug, e.g. `mali`.
    Slug(String),
    /// Its code, e.g. `MLI`.
    Code(String),
    /// Its code in another system.
    ExternalReference(ExternalReferenceInput),
}

/// Queries about operations.
#[derive(Default)]
pub struct OperationQuery;

#[Object]
impl OperationQuery {
    /// Every operation, by name. Visible to everybody.
    async fn operations(&self, ctx: &Context<'_>) -> Result<Vec<Operation>> {
        prefetch::all(ctx, Where::everything(), store::by_name()).await
    }

    /// One operation; null if there is none. Visible to everybody.
    async fn operation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: OperationBy,
    ) -> Result<Option<Operation>> {
        let filter = match by {
            OperationBy::Id(id) => Where::eq("id", id.asked(Kind::Operation, "by.id")?),
            OperationBy::Slug(slug) => Where::eq("slug", slug),
            OperationBy::Code(code) => Where::eq("code", code),
            OperationBy::ExternalReference(r) => external::find(Kind::Operation, &r.system, &r.code),
        };
        prefetch::find(ctx, filter).await
    }
}
