//! Reading by prefetch: a plan in, rows in memory out.
//!
//! A page and the rows it points to (to-one relations, each under its own visibility) are one
//! statement; each relation to many rows is one more, for all parents at once, whatever the page
//! size. Resolvers then read memory and never the database.

use std::any::Any;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use entity::block::Block;
use entity::cell::Cells;
use foldhash::fast::RandomState;
use sea_orm::sea_query::{Alias, Asterisk, Expr, Func, SelectStatement};
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::{Condition, ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

use super::columns::Wanted;
use super::find::{col, one_of};
use super::list::{Mark, Page};
use super::open::Readers;
use super::parts::{self, Part, Parts};
use super::plan::{Many, Plan, Slice, Window, finish};
use super::template::{self, Template, Viewer};
use super::{AnyRow, Db, MAIN, Row, Table, Where};
use crate::auth::Scope;
use crate::error::Result;

/// A row in memory: the name of its table, and its id.
#[derive(Clone, Copy, PartialEq, Eq)]
struct RowKey(&'static str, Uuid);

/// Rows of two tables rarely have one id.
impl Hash for RowKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.1.as_u128());
    }
}

/// The lists of a relation, by their parents.
type Slices = HashMap<Uuid, Slice, RandomState>;

/// A relation that was read.
struct Relation {
    /// The table of the parents: clients may give rows of several kinds one UUID.
    table: &'static str,
    name: Arc<str>,
    slices: Slices,
}

/// What a statement gave.
enum Read {
    Postgres(Vec<PgRow>),
    Sqlite(Block),
}

impl Read {
    /// Its rows.
    fn cells(&self) -> Vec<Cells<'_>> {
        match self {
            Self::Postgres(rows) => rows.iter().map(Cells::Postgres).collect(),
            Self::Sqlite(block) => block.rows().collect(),
        }
    }
}

/// Rows in memory.
type Rows = HashMap<RowKey, AnyRow, RandomState>;

fn row_of<M: Row>(rows: &Rows, id: Uuid) -> Option<Arc<M>> {
    let row: Arc<dyn Any + Send + Sync> = rows.get(&RowKey(M::table().name, id))?.clone();
    row.downcast().ok()
}

fn slice_of<'a, P: Row>(relations: &'a [Relation], parent: &P, relation: &str) -> Option<&'a Slice> {
    let is_it = |known: &&Relation| known.table == P::table().name && *known.name == *relation;
    relations.iter().find(is_it)?.slices.get(&parent.id())
}

/// One request's reads: the scope of its viewer, and every row read so far. Never shared between
/// requests: what it holds is what this viewer may see.
pub struct Reader {
    db: Db,
    scope: Scope,
    wanted: Wanted,
    viewer: OnceLock<Viewer>,
    rows: Mutex<Rows>,
    relations: Mutex<Vec<Relation>>,
    statements: AtomicU64,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("statements", &self.statements).finish_non_exhaustive()
    }
}

impl Reader {
    /// A reader for one request. `statements`: how many the request has cost already.
    #[must_use]
    pub fn new(db: Db, scope: Scope, statements: u64) -> Self {
        Self {
            db,
            scope,
            wanted: Wanted::default(),
            viewer: OnceLock::new(),
            rows: Mutex::default(),
            relations: Mutex::default(),
            statements: AtomicU64::new(statements),
        }
    }

    /// The same, reading only these columns.
    #[must_use]
    pub fn of_columns(mut self, wanted: Wanted) -> Self {
        self.wanted = wanted;
        self
    }

    /// The viewer's scope.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The database, for opening a transaction.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// How many read statements this request has cost.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// A row that was prefetched. `None`: hidden, missing, or not part of any plan.
    #[must_use]
    pub fn row<M: Row>(&self, id: Uuid) -> Option<Arc<M>> {
        row_of(&self.rows(), id)
    }

    /// How many rows it has read.
    #[must_use]
    pub fn known(&self) -> usize {
        self.rows().len()
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn relations(&self) -> MutexGuard<'_, Vec<Relation>> {
        self.relations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a row that was read through this reader's scope, for [`Reader::row`].
    pub fn keep_row<M: Row>(&self, row: Arc<M>) {
        self.rows().insert(RowKey(M::table().name, row.id()), row);
    }

    /// A list that was prefetched for this parent.
    #[must_use]
    pub fn slice<P: Row>(&self, parent: &P, relation: &str) -> Option<Slice> {
        slice_of(&self.relations(), parent, relation).cloned()
    }

    /// The rows of such a list.
    #[must_use]
    pub fn rows_of<P: Row, M: Row>(&self, parent: &P, relation: &str) -> Option<Vec<Arc<M>>> {
        let (relations, rows) = (self.relations(), self.rows());
        let slice = slice_of(&relations, parent, relation)?;
        Some(slice.ids.iter().filter_map(|id| row_of(&rows, *id)).collect())
    }

    /// Reads a page of a table with all that its plan names.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn page(&self, plan: &Plan, window: &Window) -> Result<Slice> {
        // in a box: what waits for a database takes kilobytes, which would be moved with every future around it
        Box::pin(self.page_at_once(plan, window)).await
    }

    async fn page_at_once(&self, plan: &Plan, window: &Window) -> Result<Slice> {
        let mut parts = Parts::of(plan, &self.wanted);
        if window.page.is_none() {
            parts.fold(&self.wanted);
        }
        let shape = parts.shape(window, "page");
        let template = self.template(shape, || parts.select(window, &self.scope));
        let rows = self.run(template.under(narrowed(window), self.scope.dialect())).await?;
        let rows = rows.cells();
        // the row too many only says that there are more
        let size = window.page.as_ref().map_or(rows.len(), Page::rows);
        let (shown, more) = rows.split_at(size.min(rows.len()));
        let marks = marks(shown, window, &parts.key_places(window))?;
        let mut slice = Slice { marks, ..Slice::default() };
        self.keep(parts, shown, |_, id| {
            slice.ids.push(id);
            Ok(())
        })
        .await?;
        for row in more {
            slice.ids.push(row.at(0).read()?);
        }
        finish(&mut slice, window);
        if window.count {
            slice.total = Some(self.count(plan.table, &window.filter).await?);
        }
        Ok(slice)
    }

    /// How many visible rows meet the filter.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn count(&self, table: &'static Table, filter: &Where) -> Result<i64> {
        let mut select = self.from(table);
        select.expr_as(Func::count(Expr::col(Asterisk)), Alias::new("n")).cond_where(filter.condition());
        let rows = self.all(&select).await?;
        rows.first().map_or(Ok(0), |row| row.try_get("", "n")).map_err(Into::into)
    }

    /// The visible rows of a table: the start of every statement that reads it for its own sake
    /// (a store's aggregate, say). Alias [`MAIN`].
    pub(crate) fn from(&self, table: &'static Table) -> SelectStatement {
        parts::from(table, &self.scope)
    }

    /// Runs a statement that was built on [`Reader::from`].
    pub(crate) async fn all(&self, select: &SelectStatement) -> Result<Vec<QueryResult>> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        Ok(self.db.reader.query_all_raw(template::write(select, self.scope.dialect())).await?)
    }

    /// A statement of this shape, for this viewer.
    fn template(&self, shape: String, select: impl FnOnce() -> SelectStatement) -> Arc<Template> {
        let viewer = *self.viewer.get_or_init(|| Viewer::of(self.scope.actor()));
        self.db.templates.get(viewer, shape, || Template::of(&select(), self.scope.dialect()))
    }

    async fn run(&self, statement: Statement) -> Result<Read> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        Ok(match &self.db.rows {
            Readers::Sqlite(rows) => Read::Sqlite(rows.run(statement).await?),
            Readers::Postgres(rows) => Read::Postgres(rows.run(statement).await?),
        })
    }

    /// Puts the rows of a statement into memory and reads what points to them.
    async fn keep(
        &self,
        mut parts: Parts<'_>,
        rows: &[Cells<'_>],
        mut each: impl FnMut(Cells<'_>, Uuid) -> Result<()> + Send,
    ) -> Result<()> {
        // what points to a row stands together, as that row does: the last list is the one to which more belongs
        let mut folded: Vec<Vec<(Uuid, Slice)>> = parts.parts.iter().map(|_| Vec::new()).collect();
        {
            let mut memory = self.rows();
            memory.reserve(rows.len() * parts.parts.len());
            parts.parts.iter_mut().for_each(|part| part.met.reserve(rows.len()));
            for &cells in rows {
                for number in 0..parts.parts.len() {
                    let may_be_new = parts.may_be_new(number);
                    let part = &mut parts.parts[number];
                    let id: Option<Uuid> = if may_be_new { cells.at(part.place).read()? } else { None };
                    part.is_new = id.is_some_and(|id| part.met.is_new(id));
                    let (Some(id), true) = (id, part.is_new) else { continue };
                    let table = part.plan.table;
                    let read = (table.decode)(cells, part.place, part.selected, &part.pointers)?;
                    memory.insert(RowKey(table.name, id), read);
                    if number == 0 {
                        each(cells, id)?;
                    }
                    if part.folded.is_some() {
                        folded[number].push((id, Slice::default()));
                    } else if !part.plan.manys.is_empty() {
                        part.parents.push(id);
                    }
                    let parent = part.folds_into().and_then(|parent| folded[parent].last_mut());
                    parent.into_iter().for_each(|(_, slice)| slice.ids.push(id));
                }
            }
        }
        for (part, slices) in parts.parts.into_iter().zip(folded) {
            let Part { plan, parents, folded, .. } = part;
            if let (Some(_), [many]) = (folded, plan.manys.as_slice()) {
                self.keep_slices(plan.table, many, slices.into_iter().collect());
                continue;
            }
            for many in &plan.manys {
                Box::pin(self.many(plan.table, many, &parents)).await?;
            }
        }
        Ok(())
    }

    fn keep_slices(&self, table: &Table, many: &Many, slices: Slices) {
        let mut memory = self.relations();
        let is_it = |known: &&mut Relation| known.table == table.name && known.name == many.relation;
        match memory.iter_mut().find(is_it) {
            // of other parents, or read once more after a mutation of the same request
            Some(known) => known.slices.extend(slices),
            None => memory.push(Relation { table: table.name, name: many.relation.clone(), slices }),
        }
    }

    /// Reads one relation for all parents, which are rows of one table.
    async fn many(&self, table: &Table, many: &Many, parents: &[Uuid]) -> Result<()> {
        let mut slices: Slices = parents.iter().map(|p| (*p, Slice::default())).collect();
        if !parents.is_empty() {
            let among = one_of(self.scope.dialect(), col(MAIN, many.key), parents);
            let mut parts = Parts::of(&many.plan, &self.wanted);
            if many.window.page.is_none() {
                parts.fold(&self.wanted);
            }
            let shape = parts.shape(&many.window, many.key);
            let template = self.template(shape, || parts.select_many(many, &self.scope));
            let condition = narrowed(&many.window).add(among.clone());
            let rows = self.run(template.under(condition, self.scope.dialect())).await?;
            let rows = rows.cells();
            let (parent, keys) = (parts.parent_place(&many.window), parts.key_places(&many.window));
            let order = Arc::from(many.window.order.signature());
            self.keep(parts, &rows, |row, id| {
                let slice = slices.entry(row.at(parent).read()?).or_default();
                slice.ids.push(id);
                if many.window.page.is_some() {
                    slice.marks.push(many.window.order.mark(row, &keys, &order, id)?);
                }
                Ok(())
            })
            .await?;
            if many.window.count {
                let mut count = self.from(many.plan.table);
                count
                    .expr_as(col(MAIN, many.key), Alias::new("parent"))
                    .expr_as(Func::count(Expr::col(Asterisk)), Alias::new("n"))
                    .cond_where(many.window.filter.condition())
                    .and_where(among)
                    .add_group_by([col(MAIN, many.key)]);
                slices.values_mut().for_each(|s| s.total = Some(0));
                for row in self.all(&count).await? {
                    let parent: Uuid = row.try_get("", "parent")?;
                    slices.entry(parent).or_default().total = Some(row.try_get("", "n")?);
                }
            }
        }
        slices.values_mut().for_each(|slice| finish(slice, &many.window));
        self.keep_slices(table, many, slices);
        Ok(())
    }
}

/// The places of the rows that a page shows: of all of them, or of the first and the last one. What the page is
/// ordered by stands at `keys`.
fn marks(rows: &[Cells<'_>], window: &Window, keys: &[usize]) -> Result<Vec<Mark>> {
    if window.page.is_none() {
        return Ok(Vec::new());
    }
    let order = Arc::from(window.order.signature());
    let mark = |row: &Cells<'_>| {
        let id = row.at(0).read()?;
        Ok(window.order.mark(*row, keys, &order, id)?)
    };
    match rows {
        [first, .., last] if !window.cursors => [first, last].into_iter().map(mark).collect(),
        all => all.iter().map(mark).collect(),
    }
}

/// What a window keeps of the rows that a viewer sees.
fn narrowed(window: &Window) -> Condition {
    let all = Condition::all().add(window.filter.condition());
    window.page.iter().fold(all, |all, page| all.add(window.order.between(page)))
}
