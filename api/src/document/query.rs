use async_graphql::{Context, Enum, InputObject, Object, OneofObject};

use super::store;
use super::types::{Document, DocumentKind, DocumentStatus};
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::external::{self, ExternalReferenceInput};
use crate::graphql::{
    Asking, CodeFilter, Connection, DateTimeFilter, FilterInput, Front, Id, IdFilter, Listed, OrderDirection,
    OrderInput, PageArguments, TextFilter, combine, one_of, prefetch,
};
use crate::id::Kind;

/// One way to name a document.
#[derive(OneofObject)]
pub enum DocumentBy {
    /// Its id.
    Id(Id),
    /// Its code in another system.
    ExternalReference(ExternalReferenceInput),
}

/// Which documents. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct DocumentFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By group.
    pub group: Option<IdFilter>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// One of these kinds.
    pub kind: Option<Vec<DocumentKind>>,
    /// One of these states.
    pub status: Option<Vec<DocumentStatus>>,
    /// By title; case and accents do not matter.
    pub title: Option<TextFilter>,
    /// By language (BCP 47).
    pub language: Option<CodeFilter>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<DocumentFilter>>,
    /// At least one of these.
    pub or: Option<Vec<DocumentFilter>>,
    /// Not this.
    pub not: Option<Box<DocumentFilter>>,
}

impl FilterInput for DocumentFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::Document, "filter.id"),
            (&self.group, "group_id", Kind::Group, "filter.group"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        own.extend(self.kind.as_ref().map(|k| one_of("kind", k, entity::enums::DocumentKind::word)));
        own.extend(self.status.as_ref().map(|s| one_of("status", s, entity::enums::DocumentStatus::word)));
        own.extend(self.title.as_ref().map(|f| f.on("title_folded")));
        if let Some(language) = &self.language {
            own.push(language.on("language", "filter.language")?);
        }
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What documents may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum DocumentOrderField {
    /// The title, without case and accents.
    Title,
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of documents.
#[derive(InputObject, Clone)]
pub struct DocumentOrderBy {
    /// By what.
    pub field: DocumentOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for DocumentOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            DocumentOrderField::Title => store::TITLE,
            DocumentOrderField::CreatedAt => store::CREATED,
            DocumentOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Document {
    type Filter = DocumentFilter;
    type OrderBy = DocumentOrderBy;

    fn default_order() -> Order {
        store::by_title()
    }
}

/// Queries about documents.
#[derive(Default)]
pub struct DocumentQuery;

#[Object]
impl DocumentQuery {
    /// One document; null if there is none or you may not see it.
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: DocumentBy,
    ) -> Result<Option<Document>> {
        let filter = match by {
            DocumentBy::Id(id) => Where::eq("id", id.asked(Kind::Document, "by.id")?),
            DocumentBy::ExternalReference(r) => external::find(Kind::Document, &r.system, &r.code),
        };
        prefetch::find(ctx, filter).await
    }

    /// The documents that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<DocumentFilter>,
        #[graphql(desc = "In which order; by title if left out.")] order_by: Option<Vec<DocumentOrderBy>>,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Document>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let window = prefetch::window::<Document>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        prefetch::list(ctx, window).await
    }
}
