//! Rows of either database, folded into the answers. A page is two statements (its rows, then what points to them), a
//! small tree is one flat join in order.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::{ColumnIndex, Decode, Row, Type};
use uuid::Uuid;

use crate::drive::Failure;
use crate::mutations::id;

/// What a column of a row holds. What is missing where it may not be is a mistake in a statement.
pub trait Cells {
    fn words(&self, at: usize) -> Option<&str>;
    fn id(&self, at: usize) -> Option<Uuid>;
    fn day(&self, at: usize) -> Option<NaiveDate>;
    fn number(&self, at: usize) -> i32;

    fn text(&self, at: usize) -> &str {
        self.words(at).unwrap_or_default()
    }
    fn key(&self, at: usize) -> Uuid {
        self.id(at).unwrap_or_default()
    }
}

impl<R: Row> Cells for R
where
    usize: ColumnIndex<R>,
    i32: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    Uuid: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    NaiveDate: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    for<'r> &'r str: Decode<'r, R::Database> + Type<R::Database>,
{
    fn words(&self, at: usize) -> Option<&str> {
        self.get(at)
    }
    fn id(&self, at: usize) -> Option<Uuid> {
        self.get(at)
    }
    fn day(&self, at: usize) -> Option<NaiveDate> {
        self.get(at)
    }
    fn number(&self, at: usize) -> i32 {
        self.get(at)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    nodes: Vec<T>,
    page_info: PageInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Serialize)]
struct Organisation<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    acronym: Option<&'r str>,
    name: &'r str,
}

#[derive(Serialize)]
struct Assignment<'r> {
    part: &'r str,
    organisation: Option<Organisation<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MeetingOf<'r> {
    id: String,
    title: Option<&'r str>,
    held_on: Option<NaiveDate>,
}

#[derive(Serialize)]
struct RecommendationOf<'r> {
    id: String,
    position: i32,
    kind: &'r str,
    text: &'r str,
    status: &'r str,
    meeting: MeetingOf<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Action<'r> {
    id: String,
    text: &'r str,
    status: &'r str,
    priority: &'r str,
    due_on: Option<NaiveDate>,
    recommendation: RecommendationOf<'r>,
    assignments: Vec<Assignment<'r>>,
}

/// The open actions of a group.
pub const ACTIONS: &str = "SELECT f.id, f.text, f.status, f.priority, f.due_on, r.id, r.position, r.kind, r.text, r.status, \
    m.id, m.title, m.held_on FROM follow_up f JOIN recommendation r ON r.id = f.recommendation_id \
    JOIN meeting m ON m.id = r.meeting_id \
    WHERE f.group_id = $1 AND f.status IN ('OPEN', 'IN_PROGRESS', 'BLOCKED') ORDER BY f.due_on NULLS LAST, f.id LIMIT 51";
/// Fifty of them, and the assignments of all.
pub fn open_actions<R: Cells>(rows: &[R], below: &[R]) -> Result<String, Failure> {
    let mut assignments: HashMap<Uuid, Vec<Assignment>> = HashMap::with_capacity(50);
    for row in below {
        assignments.entry(row.key(0)).or_default().push(assignment(row, 1));
    }
    let nodes = rows.iter().take(50).map(|row| action(row, &mut assignments)).collect();
    Ok(serde_json::to_string(&Page { nodes, page_info: PageInfo { has_next_page: rows.len() > 50 } })?)
}

/// Whose assignments are asked for.
pub fn shown<R: Cells>(rows: &[R]) -> Vec<Uuid> {
    rows.iter().take(50).map(|row| row.key(0)).collect()
}

fn action<'r>(row: &'r impl Cells, assignments: &mut HashMap<Uuid, Vec<Assignment<'r>>>) -> Action<'r> {
    Action {
        id: id("fup", row.key(0)),
        text: row.text(1),
        status: row.text(2),
        priority: row.text(3),
        due_on: row.day(4),
        recommendation: RecommendationOf {
            id: id("rec", row.key(5)),
            position: row.number(6),
            kind: row.text(7),
            text: row.text(8),
            status: row.text(9),
            meeting: MeetingOf { id: id("mtg", row.key(10)), title: row.words(11), held_on: row.day(12) },
        },
        assignments: assignments.remove(&row.key(0)).unwrap_or_default(),
    }
}

/// An assignment whose part stands in this column, the organisation behind it.
fn assignment(row: &impl Cells, at: usize) -> Assignment<'_> {
    let name = row.words(at + 2);
    let organisation = name.map(|name| Organisation { id: None, acronym: row.words(at + 1), name });
    Assignment { part: row.text(at), organisation }
}

#[derive(Serialize)]
struct Group<'r> {
    acronym: Option<&'r str>,
    name: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meeting<'r> {
    id: String,
    title: Option<&'r str>,
    held_on: Option<NaiveDate>,
    status: &'r str,
    group: Group<'r>,
    agenda_items: Vec<Item<'r>>,
}

#[derive(Serialize)]
struct Item<'r> {
    #[serde(skip)]
    key: Uuid,
    position: i32,
    kind: &'r str,
    title: &'r str,
    status: &'r str,
    recommendations: Vec<Recommendation<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recommendation<'r> {
    #[serde(skip)]
    key: Uuid,
    position: i32,
    kind: &'r str,
    text: &'r str,
    status: &'r str,
    follow_ups: Vec<FollowUp<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FollowUp<'r> {
    #[serde(skip)]
    key: Uuid,
    id: String,
    text: &'r str,
    status: &'r str,
    due_on: Option<NaiveDate>,
    assignments: Vec<Assignment<'r>>,
}

/// A meeting with all that it came to.
pub const OUTCOME: &str = "SELECT m.id, m.title, m.held_on, m.status, g.acronym, g.name, \
    i.id, i.position, i.kind, i.title, i.status, r.id, r.position, r.kind, r.text, r.status, \
    f.id, f.text, f.status, f.due_on, a.part, o.acronym, o.name \
    FROM meeting m JOIN coordination_group g ON g.id = m.group_id LEFT JOIN agenda_item i ON i.meeting_id = m.id \
    LEFT JOIN recommendation r ON r.agenda_item_id = i.id LEFT JOIN follow_up f ON f.recommendation_id = r.id \
    LEFT JOIN assignment a ON a.follow_up_id = f.id LEFT JOIN organisation o ON o.id = a.organisation_id \
    WHERE m.id = $1 ORDER BY i.position, r.position, f.position, a.position";

/// All that a meeting came to.
pub fn outcome<R: Cells>(rows: &[R]) -> Result<String, Failure> {
    let first = rows.first().ok_or("no such meeting")?;
    let mut meeting = Meeting {
        id: id("mtg", first.key(0)),
        title: first.words(1),
        held_on: first.day(2),
        status: first.text(3),
        group: Group { acronym: first.words(4), name: first.text(5) },
        agenda_items: Vec::new(),
    };
    for row in rows {
        let Some(key) = row.id(6) else { continue };
        let items = &mut meeting.agenda_items;
        if items.last().is_none_or(|i| i.key != key) {
            let (position, kind, title) = (row.number(7), row.text(8), row.text(9));
            items.push(Item {
                key,
                position,
                kind,
                title,
                status: row.text(10),
                recommendations: Vec::new(),
            });
        }
        if let Some(item) = items.last_mut() {
            recommended(row, &mut item.recommendations);
        }
    }
    Ok(serde_json::to_string(&meeting)?)
}

fn recommended<'r>(row: &'r impl Cells, all: &mut Vec<Recommendation<'r>>) {
    let Some(key) = row.id(11) else { return };
    if all.last().is_none_or(|r| r.key != key) {
        let (position, kind, text) = (row.number(12), row.text(13), row.text(14));
        all.push(Recommendation { key, position, kind, text, status: row.text(15), follow_ups: Vec::new() });
    }
    let Some(follow_ups) = all.last_mut().map(|r| &mut r.follow_ups) else { return };
    let Some(key) = row.id(16) else { return };
    if follow_ups.last().is_none_or(|f| f.key != key) {
        let (text, status, due_on) = (row.text(17), row.text(18), row.day(19));
        follow_ups.push(FollowUp { key, id: id("fup", key), text, status, due_on, assignments: Vec::new() });
    }
    if let Some(one) = follow_ups.last_mut()
        && row.words(20).is_some()
    {
        one.assignments.push(assignment(row, 20));
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Person<'r> {
    id: String,
    display_name: &'r str,
    job_title: Option<&'r str>,
}

#[derive(Serialize)]
struct Membership<'r> {
    id: String,
    role: &'r str,
    since: Option<NaiveDate>,
    person: Option<Person<'r>>,
    organisation: Option<Organisation<'r>>,
}

/// The seats of a group.
pub const MEMBERS: &str = "SELECT s.id, s.role, s.since, p.id, p.display_name, p.job_title, o.id, o.acronym, o.name \
    FROM membership s LEFT JOIN person p ON p.id = s.person_id LEFT JOIN organisation o ON o.id = s.organisation_id \
    WHERE s.group_id = $1 ORDER BY s.role, s.since NULLS LAST, s.id LIMIT 101";

/// A hundred seats of a group.
pub fn members<R: Cells>(rows: &[R]) -> Result<String, Failure> {
    let nodes = rows.iter().take(100).map(membership).collect();
    Ok(serde_json::to_string(&Page { nodes, page_info: PageInfo { has_next_page: rows.len() > 100 } })?)
}

fn membership(row: &impl Cells) -> Membership<'_> {
    let person = |key| Person { id: id("per", key), display_name: row.text(4), job_title: row.words(5) };
    let organisation =
        |key| Organisation { id: Some(id("org", key)), acronym: row.words(7), name: row.text(8) };
    Membership {
        id: id("mbr", row.key(0)),
        role: row.text(1),
        since: row.day(2),
        person: row.id(3).map(person),
        organisation: row.id(6).map(organisation),
    }
}
