//! Reading by prefetch: a plan in, rows in memory out.
//!
//! A page and the rows it points to (to-one relations, each under its own visibility) are one
//! statement; each relation to many rows is one more, for all parents at once, whatever the page
//! size. Resolvers then read memory and never the database.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, DatabaseConnection, QueryResult, Statement};
use uuid::Uuid;

use super::find::{col, one_of};
use super::plan::{Many, Plan, Slice, Window, cut, finish, windowed};
use super::{AnyRow, Db, MAIN, Row, Selected, Table, Where};
use crate::auth::Scope;
use crate::error::Result;

/// Naturally bounded lists are cut here.
const CAP: u64 = 1000;

/// Texts that are long: rows with one of them are not repeated beside others.
const LONG: [&str; 4] = ["agenda_as_invited", "discussion", "mandate", "notes"];

type RowKey = (&'static str, Uuid);

/// The columns that a request reads of the tables of which it does not read all, by the names of the tables. One set
/// for the whole request: whatever leads to a row finds the same in it.
pub type Wanted = HashMap<&'static str, Selected>;

/// One request's reads: the scope of its viewer, and every row read so far. Never shared between
/// requests: what it holds is what this viewer may see.
pub struct Reader {
    db: Db,
    scope: Scope,
    wanted: Wanted,
    rows: Mutex<HashMap<RowKey, AnyRow>>,
    /// By parent (clients may give rows of several kinds one UUID) and relation.
    slices: Mutex<HashMap<(RowKey, String), Arc<Slice>>>,
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
            rows: Mutex::default(),
            slices: Mutex::default(),
            statements: AtomicU64::new(statements),
        }
    }

    /// The same, reading only these columns.
    #[must_use]
    pub fn of_columns(mut self, wanted: Wanted) -> Self {
        self.wanted = wanted;
        self
    }

    fn selected(&self, table: &Table) -> Selected {
        self.wanted.get(table.name).copied().unwrap_or(Selected::ALL)
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
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let row: Arc<dyn Any + Send + Sync> = rows.get(&(M::table().name, id))?.clone();
        row.downcast().ok()
    }

    /// Keeps a row that was read through this reader's scope, for [`Reader::row`].
    pub fn keep_row<M: Row>(&self, row: Arc<M>) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.insert((M::table().name, row.id()), row);
    }

    /// A list that was prefetched for this parent.
    #[must_use]
    pub fn slice<P: Row>(&self, parent: &P, relation: &str) -> Option<Arc<Slice>> {
        let slices = self.slices.lock().unwrap_or_else(PoisonError::into_inner);
        slices.get(&((P::table().name, parent.id()), relation.to_owned())).cloned()
    }

    /// Reads a page of a table with all that its plan names.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn page(&self, plan: &Plan, window: &Window) -> Result<Slice> {
        let mut select = self.from(plan.table);
        let parts = self.join(&mut select, plan);
        let keys = keys(&mut select, window, parts.width);
        select.cond_where(window.filter.condition());
        if let Some(page) = &window.page {
            cut(&mut select, &window.order, page);
        }
        window.order.apply(&mut select, window.page.as_ref().is_some_and(|p| p.backward));
        let rows = self.first(&select, window.page.as_ref().map_or(CAP, |page| page.size + 1)).await?;
        let mut slice = Slice::default();
        self.keep(parts, &rows, |row, id| {
            slice.ids.push(id);
            if window.page.is_some() {
                slice.cursors.push(window.order.cursor(row, keys, id)?.encode());
            }
            Ok(())
        })
        .await?;
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
        let visible = (table.visible)(&self.scope, MAIN);
        Query::select().from_as(Alias::new(table.name), Alias::new(MAIN)).cond_where(visible).take()
    }

    /// Runs a statement that was built on [`Reader::from`].
    pub(crate) async fn all(&self, select: &SelectStatement) -> Result<Vec<QueryResult>> {
        self.run(self.db.reader.get_database_backend().build(select)).await
    }

    /// Its first rows. Their number stands in the text of the statement: bound, it makes PostgreSQL plan anew each
    /// time.
    async fn first(&self, select: &SelectStatement, rows: u64) -> Result<Vec<QueryResult>> {
        let mut statement = self.db.reader.get_database_backend().build(select);
        let _ = write!(statement.sql, " LIMIT {rows}");
        self.run(statement).await
    }

    async fn run(&self, statement: Statement) -> Result<Vec<QueryResult>> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let connection: &DatabaseConnection = &self.db.reader;
        Ok(connection.query_all_raw(statement).await?)
    }

    /// Selects the main table and joins its to-one relations, each under its own visibility.
    fn join<'a>(&self, select: &mut SelectStatement, plan: &'a Plan) -> Parts<'a> {
        let mut parts = Parts { parts: Vec::new(), width: 0 };
        self.join_part(select, plan, MAIN, &mut parts);
        parts
    }

    fn join_part<'a>(
        &self,
        select: &mut SelectStatement,
        plan: &'a Plan,
        alias: &str,
        parts: &mut Parts<'a>,
    ) {
        let selected = self.selected(plan.table);
        parts.parts.push(Part {
            plan,
            place: parts.width,
            selected,
            seen: HashSet::new(),
            parents: Vec::new(),
            folded: None,
        });
        for column in (plan.table.columns)().names(selected) {
            select.expr(col(alias, column));
            parts.width += 1;
        }
        for (column, one) in &plan.ones {
            let inner = format!("t{}", parts.parts.len());
            let on = Condition::all()
                .add(col(&inner, "id").eq(col(alias, column)))
                .add((one.table.visible)(&self.scope, &inner));
            select.join_as(JoinType::LeftJoin, Alias::new(one.table.name), Alias::new(inner.clone()), on);
            self.join_part(select, one, &inner, parts);
        }
    }

    /// Joins, to the rows of a statement that is not cut, the rows that point to them, and those that point to these,
    /// as long as there is one relation only: a tree that is narrow is read in one statement.
    fn fold<'a>(&self, select: &mut SelectStatement, parts: &mut Parts<'a>) {
        let mut parent = 0;
        while let Some(many) = self.foldable(&parts.parts[parent]) {
            let child = parts.parts.len();
            let (outer, inner) = (format!("t{parent}"), format!("t{child}"));
            let on = Condition::all().add(col(&inner, many.key).eq(col(&outer, "id"))).add((many
                .plan
                .table
                .visible)(
                &self.scope,
                &inner,
            ));
            let name = Alias::new(many.plan.table.name);
            select.join_as(JoinType::LeftJoin, name, Alias::new(inner.clone()), on);
            self.join_part(select, &many.plan, &inner, parts);
            many.window.order.apply_to(select, &inner, false);
            parts.parts[parent].folded = Some(child);
            parent = child;
        }
    }

    /// The one relation of a part, if its rows may stand beside this part's, which are repeated for each of them.
    fn foldable<'a>(&self, part: &Part<'a>) -> Option<&'a Many> {
        let [many] = part.plan.manys.as_slice() else { return None };
        let window = &many.window;
        let all = window.page.is_none() && !window.count && window.filter.condition().is_empty();
        let table = part.plan.table;
        let is_short = |column: &str| !LONG.contains(&column);
        let is_slim =
            self.wanted.contains_key(table.name) && (table.columns)().names(part.selected).all(is_short);
        (all && is_slim).then_some(many)
    }

    /// Puts the rows of a statement into memory and reads what points to them.
    async fn keep(
        &self,
        mut parts: Parts<'_>,
        rows: &[QueryResult],
        mut each: impl FnMut(&QueryResult, Uuid) -> Result<()> + Send,
    ) -> Result<()> {
        let mut folded: Vec<HashMap<Uuid, Slice>> = parts.parts.iter().map(|_| HashMap::new()).collect();
        {
            let mut memory = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
            for row in rows {
                for (number, slices) in folded.iter_mut().enumerate() {
                    let part = &mut parts.parts[number];
                    let table = part.plan.table;
                    let Some(id) = row.try_get_by_index::<Option<Uuid>>(part.place)? else { continue };
                    // a row may be met again: beside others that point to it, or to which it points
                    if part.seen.insert(id) {
                        if let Some((_, decoded)) = (table.decode)(row, part.place, part.selected)? {
                            memory.insert((table.name, id), decoded);
                        }
                        if number == 0 {
                            each(row, id)?;
                        }
                        if !part.plan.manys.is_empty() {
                            part.parents.push(id);
                        }
                    }
                    let Some(child) = part.folded else { continue };
                    let slice = slices.entry(id).or_default();
                    let place = parts.parts[child].place;
                    let child_id = row.try_get_by_index::<Option<Uuid>>(place)?;
                    // what belongs together stands together
                    slice.ids.extend(child_id.filter(|id| slice.ids.last() != Some(id)));
                }
            }
        }
        for (part, slices) in parts.parts.into_iter().zip(folded) {
            let Part { plan, parents, folded, .. } = part;
            if let (Some(_), [many]) = (folded, plan.manys.as_slice()) {
                self.keep_slices(plan.table, many, slices);
                continue;
            }
            for many in &plan.manys {
                Box::pin(self.many(plan.table, many, &parents)).await?;
            }
        }
        Ok(())
    }

    fn keep_slices(&self, table: &Table, many: &Many, slices: HashMap<Uuid, Slice>) {
        let mut memory = self.slices.lock().unwrap_or_else(PoisonError::into_inner);
        for (parent, slice) in slices {
            memory.insert(((table.name, parent), many.relation.clone()), Arc::new(slice));
        }
    }

    /// Reads one relation for all parents, which are rows of one table.
    async fn many(&self, table: &Table, many: &Many, parents: &[Uuid]) -> Result<()> {
        let mut slices: HashMap<Uuid, Slice> = parents.iter().map(|p| (*p, Slice::default())).collect();
        if !parents.is_empty() {
            let among = one_of(self.scope.dialect(), col(MAIN, many.key), parents);
            let mut select = self.from(many.plan.table);
            let mut parts = self.join(&mut select, &many.plan);
            select.cond_where(many.window.filter.condition()).and_where(among.clone());
            if many.window.page.is_none() {
                many.window.order.apply(&mut select, false);
                self.fold(&mut select, &mut parts);
            }
            let parent = parts.width;
            select.expr(col(MAIN, many.key));
            let keys = keys(&mut select, &many.window, parent + 1);
            if let Some(page) = &many.window.page {
                cut(&mut select, &many.window.order, page);
                select = windowed(select, many, page);
            }
            let rows = self.all(&select).await?;
            self.keep(parts, &rows, |row, id| {
                let slice = slices.entry(row.try_get_by_index(parent)?).or_default();
                slice.ids.push(id);
                if many.window.page.is_some() {
                    slice.cursors.push(many.window.order.cursor(row, keys, id)?.encode());
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

/// The tables of a statement, in the order in which they are joined: the first one is the main one.
struct Parts<'a> {
    parts: Vec<Part<'a>>,
    /// How many columns they take.
    width: usize,
}

/// One of them.
struct Part<'a> {
    plan: &'a Plan,
    /// Where its columns begin.
    place: usize,
    selected: Selected,
    /// The rows met so far.
    seen: HashSet<Uuid>,
    /// Those to which others point.
    parents: Vec<Uuid>,
    /// The part whose rows point to this part's and stand beside them.
    folded: Option<usize>,
}

/// Selects once more what the cursors of a page are made of, from this place on.
fn keys(select: &mut SelectStatement, window: &Window, place: usize) -> usize {
    if window.page.is_some() {
        for (column, _) in &window.order.0 {
            select.expr(col(MAIN, column.name));
        }
    }
    place
}
