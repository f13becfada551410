//! The tables of a statement: what is selected of each, and how they hang together.

use std::collections::HashSet;
use std::fmt::Write;

use foldhash::fast::RandomState;
use sea_orm::Condition;
use sea_orm::sea_query::{Alias, ExprTrait, JoinType, Query, SelectStatement};
use uuid::Uuid;

use super::columns::{Needed, Pointer, Selected, Wanted};
use super::find::col;
use super::plan::{Many, Plan, Window, windowed};
use super::template::here;
use super::{MAIN, Table};
use crate::auth::Scope;

/// Naturally bounded lists are cut here.
const CAP: u64 = 1000;

/// Texts that are long: rows with one of them are not repeated beside others.
const LONG: [&str; 4] = ["agenda_as_invited", "discussion", "mandate", "notes"];

/// The tables of a statement, in the order in which they are joined: the first one is the main one.
pub(super) struct Parts<'a> {
    pub parts: Vec<Part<'a>>,
    /// How many columns they take.
    pub width: usize,
}

/// One of them.
pub(super) struct Part<'a> {
    pub plan: &'a Plan,
    link: Link<'a>,
    /// Where its columns begin.
    pub place: usize,
    pub selected: Selected,
    /// Columns that are not selected, because what they point to stands beside them.
    pub pointers: Vec<Pointer>,
    /// The rows met so far.
    pub met: Met,
    /// Whether its row in the statement's row that is looked at was met there for the first time.
    pub is_new: bool,
    /// Those to which others point.
    pub parents: Vec<Uuid>,
    /// The part whose rows point to this part's and stand beside them.
    pub folded: Option<usize>,
}

impl Part<'_> {
    /// The part to whose rows this one's point, if they stand beside them.
    pub const fn folds_into(&self) -> Option<usize> {
        if let Link::From(parent, _) = self.link { Some(parent) } else { None }
    }
}

/// Which rows of a part have been met: one may be met again, beside others that point to it or to which it points.
pub(super) enum Met {
    /// Those of a row stand together, because what points to it is ordered after it: the last one.
    Last(Option<Uuid>),
    /// All.
    All(HashSet<Uuid, RandomState>),
}

impl Met {
    /// Makes room for so many.
    pub fn reserve(&mut self, rows: usize) {
        if let Self::All(ids) = self {
            ids.reserve(rows);
        }
    }

    /// Whether a row is met for the first time.
    pub fn is_new(&mut self, id: Uuid) -> bool {
        match self {
            Self::Last(last) => last.replace(id) != Some(id),
            Self::All(ids) => ids.insert(id),
        }
    }
}

/// How a table hangs on another one.
#[derive(Clone, Copy)]
enum Link<'a> {
    Main,
    /// The column of the other one that holds this one's id.
    To(usize, &'static str),
    /// The relation of the other one to this one's rows.
    From(usize, &'a Many),
}

fn alias(number: usize) -> String {
    format!("t{number}")
}

impl<'a> Parts<'a> {
    /// A table and its to-one relations, each under its own visibility.
    pub fn of(plan: &'a Plan, wanted: &Wanted) -> Self {
        let mut parts = Self { parts: Vec::new(), width: 0 };
        parts.add(plan, Link::Main, wanted);
        parts
    }

    fn add(&mut self, plan: &'a Plan, link: Link<'a>, wanted: &Wanted) {
        let (number, columns) = (self.parts.len(), (plan.table.columns)());
        let needed = wanted.get(plan.table.name).copied().unwrap_or(Needed::ALL);
        let joined: Vec<&str> = plan.ones.iter().map(|(column, _)| *column).collect();
        let selected = needed.values.and(needed.links.without(columns.these(&joined)));
        let met = match link {
            Link::Main | Link::From(..) => Met::Last(None),
            Link::To(..) => Met::All(HashSet::default()),
        };
        self.parts.push(Part {
            plan,
            link,
            place: self.width,
            selected,
            pointers: Vec::new(),
            met,
            is_new: false,
            parents: Vec::new(),
            folded: None,
        });
        self.width += columns.names(selected).count();
        for (column, one) in &plan.ones {
            if columns.place(selected, column).is_none() {
                let column = columns.number(column);
                let pointer = column.map(|column| Pointer { column, place: self.width });
                self.parts[number].pointers.extend(pointer);
            }
            self.add(one, Link::To(number, column), wanted);
        }
    }

    /// The same, and the rows that point to those of a statement that is not cut, and those that point to these, as
    /// long as there is one relation only: a tree that is narrow is read in one statement.
    pub fn fold(&mut self, wanted: &Wanted) {
        let mut parent = 0;
        while let Some(many) = foldable(&self.parts[parent], wanted) {
            let child = self.parts.len();
            self.add(&many.plan, Link::From(parent, many), wanted);
            self.parts[parent].folded = Some(child);
            parent = child;
        }
    }

    /// Whether a part may have a row that was not met: what a row points to came with it when it was.
    pub fn may_be_new(&self, number: usize) -> bool {
        match self.parts[number].link {
            Link::To(other, _) => self.parts[other].is_new,
            Link::Main | Link::From(..) => true,
        }
    }

    /// Says all that the text of the statement depends on, but for the viewer.
    pub fn shape(&self, window: &Window, kind: &str) -> String {
        let mut shape = String::with_capacity(256);
        for part in &self.parts {
            let Part { plan, selected, .. } = part;
            // writing to a string does not fail
            let _ = match part.link {
                Link::Main => write!(shape, "{}#{selected:?}", plan.table.name),
                Link::To(other, column) => {
                    write!(shape, ";{other}.{column}>{}#{selected:?}", plan.table.name)
                }
                Link::From(other, many) => {
                    let order = many.window.order.signature();
                    write!(shape, ";{other}<{}.{}#{selected:?}{order}", many.key, plan.table.name)
                }
            };
        }
        let _ = write!(shape, "|{kind}{}", window.order.signature());
        if window.filter.is_of_one() {
            shape.push('1');
        }
        if let Some(page) = &window.page {
            let _ = write!(shape, "|{}{}", page.size, if page.backward { '-' } else { '+' });
        }
        shape
    }

    /// The statement for rows of the main table that meet one more condition ([`here`]): a page of them, or all.
    pub fn select(&self, window: &Window, scope: &Scope) -> SelectStatement {
        let table = self.parts[0].plan.table;
        let (size, backward) = window.page.as_ref().map_or((CAP, false), |p| (p.size + 1, p.backward));
        let is_folded = self.parts.iter().any(|part| part.folded.is_some());
        let is_one = window.filter.is_of_one() && window.page.is_none();
        if is_one {
            // neither cut nor ordered, and not apart: every column of it is there for what is joined
            let mut select = from(table, scope).and_where(here()).take();
            self.join(&mut select, scope, true);
            self.order_folded(&mut select);
            return select;
        }
        let is_apart = is_folded || (window.page.is_some() && self.parts.len() > 1);
        let mut select = if is_apart {
            // joined is what is left: what is not on the page costs nothing
            let mut page = from(table, scope);
            let main = &self.parts[0];
            let joined =
                main.pointers.iter().fold(Selected::NONE, |all, pointer| all.and(pointer.selected()));
            let columns = (table.columns)().names(main.selected.and(joined));
            for column in columns.chain(self.more_keys(window)) {
                page.expr(col(MAIN, column));
            }
            window.order.apply(&mut page, backward);
            Query::select().from_subquery(page.and_where(here()).limit(size).take(), Alias::new(MAIN)).take()
        } else {
            from(table, scope).and_where(here()).limit(size).take()
        };
        self.join(&mut select, scope, !is_apart);
        self.keys(&mut select, window);
        window.order.apply(&mut select, backward);
        self.order_folded(&mut select);
        select
    }

    /// The statement for the rows of a relation of all parents that meet one more condition ([`here`]); which parent
    /// stands behind the columns.
    pub fn select_many(&self, many: &Many, scope: &Scope) -> SelectStatement {
        let mut select = from(many.plan.table, scope).and_where(here()).take();
        self.join(&mut select, scope, true);
        self.keys(&mut select, &many.window);
        select.expr(col(MAIN, many.key));
        match &many.window.page {
            Some(page) => windowed(select, many, page),
            None => {
                many.window.order.apply(&mut select, false);
                self.order_folded(&mut select);
                select
            }
        }
    }

    fn order_folded(&self, select: &mut SelectStatement) {
        for (number, part) in self.parts.iter().enumerate() {
            if let Link::From(_, folded) = part.link {
                folded.window.order.apply_to(select, &alias(number), false);
            }
        }
    }

    /// Joins the others to the main table, of which all columns are at hand if it `is_whole`.
    fn join(&self, select: &mut SelectStatement, scope: &Scope, is_whole: bool) {
        for (number, part) in self.parts.iter().enumerate() {
            let (table, name) = (part.plan.table, alias(number));
            let on = match part.link {
                Link::Main => None,
                Link::To(other, column) => Some(col(&name, "id").eq(col(&alias(other), column))),
                Link::From(other, many) => Some(col(&name, many.key).eq(col(&alias(other), "id"))),
            };
            if let Some(on) = on {
                let visible = match (part.link, table.beside) {
                    (Link::From(other, many), Some(beside))
                        if beside.key == many.key && (is_whole || other > 0) =>
                    {
                        (beside.visible)(scope, &name, &alias(other))
                    }
                    _ => (table.visible)(scope, &name),
                };
                let on = Condition::all().add(on).add(visible);
                select.join_as(JoinType::LeftJoin, Alias::new(table.name), Alias::new(name.clone()), on);
            }
            let columns = (table.columns)();
            for column in columns.names(part.selected) {
                select.expr(col(&name, column));
            }
        }
    }

    /// Selects what the cursors of a page are made of, where it is not selected anyway.
    fn keys(&self, select: &mut SelectStatement, window: &Window) {
        for column in window.page.iter().flat_map(|_| self.more_keys(window)) {
            select.expr(col(MAIN, column));
        }
    }

    /// The columns of an order that are not selected anyway.
    fn more_keys<'w>(&self, window: &'w Window) -> impl Iterator<Item = &'static str> + use<'w, 'a> {
        let (columns, selected) = ((self.parts[0].plan.table.columns)(), self.parts[0].selected);
        window.order.columns().filter(move |column| columns.place(selected, column).is_none())
    }

    /// At which places of a row that stands.
    pub fn key_places(&self, window: &Window) -> Vec<usize> {
        let (columns, selected) = ((self.parts[0].plan.table.columns)(), self.parts[0].selected);
        let mut more = self.width..;
        let place = |column: &'static str| columns.place(selected, column).or_else(|| more.next());
        window.order.columns().filter_map(place).collect()
    }

    /// At which place of a row of [`Parts::select_many`] its parent's id stands.
    pub fn parent_place(&self, window: &Window) -> usize {
        self.width + window.page.iter().flat_map(|_| self.more_keys(window)).count()
    }
}

/// The visible rows of a table. Alias [`MAIN`].
pub(super) fn from(table: &Table, scope: &Scope) -> SelectStatement {
    let visible = (table.visible)(scope, MAIN);
    Query::select().from_as(Alias::new(table.name), Alias::new(MAIN)).cond_where(visible).take()
}

/// The one relation of a part, if its rows may stand beside this part's, which are repeated for each of them.
fn foldable<'a>(part: &Part<'a>, wanted: &Wanted) -> Option<&'a Many> {
    let [many] = part.plan.manys.as_slice() else { return None };
    let window = &many.window;
    let all = window.page.is_none() && !window.count && window.filter.is_everything();
    let table = part.plan.table;
    let is_short = |column: &str| !LONG.contains(&column);
    let is_slim = wanted.contains_key(table.name) && (table.columns)().names(part.selected).all(is_short);
    (all && is_slim).then_some(many)
}
