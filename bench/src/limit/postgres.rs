//! PostgreSQL: rows, folded here. A page is two statements (its rows, then what points to them), a small tree is one
//! flat join in order.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::drive::Failure;
use crate::mutations::id;

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

const ACTIONS: &str = "SELECT f.id, f.text, f.status, f.priority, f.due_on, r.id, r.position, r.kind, r.text, r.status, \
    m.id, m.title, m.held_on FROM follow_up f JOIN recommendation r ON r.id = f.recommendation_id \
    JOIN meeting m ON m.id = r.meeting_id \
    WHERE f.group_id = $1 AND f.status IN ('OPEN', 'IN_PROGRESS', 'BLOCKED') ORDER BY f.due_on, f.id LIMIT 51";
const ASSIGNMENTS: &str = "SELECT a.follow_up_id, a.part, o.acronym, o.name FROM assignment a \
    LEFT JOIN organisation o ON o.id = a.organisation_id WHERE a.follow_up_id = ANY($1) ORDER BY a.position";

/// Fifty open actions of a group.
pub async fn open_actions(pool: &PgPool, group: Uuid) -> Result<String, Failure> {
    let mut connection = pool.acquire().await?;
    let rows = sqlx::query(ACTIONS).bind(group).fetch_all(&mut *connection).await?;
    let has_next_page = rows.len() > 50;
    let rows = &rows[..rows.len().min(50)];
    let ids: Vec<Uuid> = rows.iter().map(|r| r.get(0)).collect();
    let below = sqlx::query(ASSIGNMENTS).bind(&ids).fetch_all(&mut *connection).await?;
    drop(connection);
    let mut assignments: HashMap<Uuid, Vec<Assignment>> = HashMap::with_capacity(50);
    for row in &below {
        assignments.entry(row.get(0)).or_default().push(assignment(row, 1));
    }
    let action = |row| action(row, &mut assignments);
    let nodes = rows.iter().map(action).collect();
    Ok(serde_json::to_string(&Page { nodes, page_info: PageInfo { has_next_page } })?)
}

fn action<'r>(row: &'r PgRow, assignments: &mut HashMap<Uuid, Vec<Assignment<'r>>>) -> Action<'r> {
    Action {
        id: id("fup", row.get(0)),
        text: row.get(1),
        status: row.get(2),
        priority: row.get(3),
        due_on: row.get(4),
        recommendation: RecommendationOf {
            id: id("rec", row.get(5)),
            position: row.get(6),
            kind: row.get(7),
            text: row.get(8),
            status: row.get(9),
            meeting: MeetingOf { id: id("mtg", row.get(10)), title: row.get(11), held_on: row.get(12) },
        },
        assignments: assignments.remove(&row.get(0)).unwrap_or_default(),
    }
}

/// An assignment whose part stands in this column, the organisation behind it.
fn assignment(row: &PgRow, at: usize) -> Assignment<'_> {
    let name: Option<&str> = row.get(at + 2);
    let organisation = name.map(|name| Organisation { id: None, acronym: row.get(at + 1), name });
    Assignment { part: row.get(at), organisation }
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

const OUTCOME: &str = "SELECT m.id, m.title, m.held_on, m.status, g.acronym, g.name, \
    i.id, i.position, i.kind, i.title, i.status, r.id, r.position, r.kind, r.text, r.status, \
    f.id, f.text, f.status, f.due_on, a.part, o.acronym, o.name \
    FROM meeting m JOIN coordination_group g ON g.id = m.group_id LEFT JOIN agenda_item i ON i.meeting_id = m.id \
    LEFT JOIN recommendation r ON r.agenda_item_id = i.id LEFT JOIN follow_up f ON f.recommendation_id = r.id \
    LEFT JOIN assignment a ON a.follow_up_id = f.id LEFT JOIN organisation o ON o.id = a.organisation_id \
    WHERE m.id = $1 ORDER BY i.position, r.position, f.position, a.position";

/// All that a meeting came to.
pub async fn outcome(pool: &PgPool, meeting: Uuid) -> Result<String, Failure> {
    let rows = sqlx::query(OUTCOME).bind(meeting).fetch_all(pool).await?;
    let first = rows.first().ok_or("no such meeting")?;
    let mut meeting = Meeting {
        id: id("mtg", first.get(0)),
        title: first.get(1),
        held_on: first.get(2),
        status: first.get(3),
        group: Group { acronym: first.get(4), name: first.get(5) },
        agenda_items: Vec::new(),
    };
    for row in &rows {
        let Some(key) = row.get::<Option<Uuid>, _>(6) else { continue };
        let items = &mut meeting.agenda_items;
        if items.last().is_none_or(|i| i.key != key) {
            let (position, kind, title) = (row.get(7), row.get(8), row.get(9));
            items.push(Item { key, position, kind, title, status: row.get(10), recommendations: Vec::new() });
        }
        if let Some(item) = items.last_mut() {
            recommended(row, &mut item.recommendations);
        }
    }
    Ok(serde_json::to_string(&meeting)?)
}

fn recommended<'r>(row: &'r PgRow, all: &mut Vec<Recommendation<'r>>) {
    let Some(key) = row.get::<Option<Uuid>, _>(11) else { return };
    if all.last().is_none_or(|r| r.key != key) {
        let (position, kind, text) = (row.get(12), row.get(13), row.get(14));
        all.push(Recommendation { key, position, kind, text, status: row.get(15), follow_ups: Vec::new() });
    }
    let Some(follow_ups) = all.last_mut().map(|r| &mut r.follow_ups) else { return };
    let Some(key) = row.get::<Option<Uuid>, _>(16) else { return };
    if follow_ups.last().is_none_or(|f| f.key != key) {
        let (text, status, due_on) = (row.get(17), row.get(18), row.get(19));
        follow_ups.push(FollowUp { key, id: id("fup", key), text, status, due_on, assignments: Vec::new() });
    }
    if let Some(one) = follow_ups.last_mut()
        && row.get::<Option<&str>, _>(20).is_some()
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

const MEMBERS: &str = "SELECT s.id, s.role, s.since, p.id, p.display_name, p.job_title, o.id, o.acronym, o.name \
    FROM membership s LEFT JOIN person p ON p.id = s.person_id LEFT JOIN organisation o ON o.id = s.organisation_id \
    WHERE s.group_id = $1 ORDER BY s.role, s.since, s.id LIMIT 101";

/// A hundred seats of a group.
pub async fn members(pool: &PgPool, group: Uuid) -> Result<String, Failure> {
    let rows = sqlx::query(MEMBERS).bind(group).fetch_all(pool).await?;
    let nodes = rows.iter().take(100).map(membership).collect();
    Ok(serde_json::to_string(&Page { nodes, page_info: PageInfo { has_next_page: rows.len() > 100 } })?)
}

fn membership(row: &PgRow) -> Membership<'_> {
    let person = |key| Person { id: id("per", key), display_name: row.get(4), job_title: row.get(5) };
    let organisation = |key| Organisation { id: Some(id("org", key)), acronym: row.get(7), name: row.get(8) };
    Membership {
        id: id("mbr", row.get(0)),
        role: row.get(1),
        since: row.get(2),
        person: row.get::<Option<Uuid>, _>(3).map(person),
        organisation: row.get::<Option<Uuid>, _>(6).map(organisation),
    }
}
