//! SQLite: rows as on PostgreSQL, and one statement that writes the JSON. There is no way between processes to save: its
//! JSON functions cost less than the rows of a tree (q2), and more than those of a page.

use sqlx::SqlitePool;
use uuid::Uuid;

use super::rows::{self, ACTIONS, MEMBERS, OUTCOME};
use crate::drive::Failure;

const ASSIGNMENTS: &str = "SELECT a.follow_up_id, a.part, o.acronym, o.name FROM assignment a \
    LEFT JOIN organisation o ON o.id = a.organisation_id \
    WHERE a.follow_up_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY a.position";

/// The answer to one of the three, from rows.
pub async fn answer(pool: &SqlitePool, query: &str, id: Uuid) -> Result<String, Failure> {
    match query {
        "q1" => {
            let mut connection = pool.acquire().await?;
            let actions = sqlx::query(ACTIONS).bind(id).fetch_all(&mut *connection).await?;
            let ids: Vec<String> = rows::shown(&actions).iter().map(|id| id.simple().to_string()).collect();
            let ids = serde_json::to_string(&ids)?;
            let below = sqlx::query(ASSIGNMENTS).bind(ids).fetch_all(&mut *connection).await?;
            drop(connection);
            rows::open_actions(&actions, &below)
        }
        "q2" => rows::outcome(&sqlx::query(OUTCOME).bind(id).fetch_all(pool).await?),
        _ => rows::members(&sqlx::query(MEMBERS).bind(id).fetch_all(pool).await?),
    }
}

const ACTIONS_AS_JSON: &str = "SELECT json_object('nodes', json_group_array(json(j)) FILTER (WHERE n <= 50), \
    'pageInfo', json_object('hasNextPage', json(iif(count(*) > 50, 'true', 'false')))) FROM ( \
    SELECT row_number() OVER (ORDER BY f.due_on NULLS LAST, f.id) AS n, \
    json_object('id', 'fup_' || lower(hex(f.id)), 'text', f.text, 'status', f.status, 'priority', f.priority, \
    'dueOn', f.due_on, 'recommendation', json_object('id', 'rec_' || lower(hex(r.id)), 'position', r.position, \
    'kind', r.kind, 'text', r.text, 'status', r.status, 'meeting', json_object('id', 'mtg_' || lower(hex(m.id)), \
    'title', m.title, 'heldOn', m.held_on)), 'assignments', (SELECT json_group_array(json_object('part', a.part, \
    'organisation', iif(o.id IS NULL, NULL, json_object('acronym', o.acronym, 'name', o.name)))) FROM \
    (SELECT * FROM assignment WHERE follow_up_id = f.id ORDER BY position) a \
    LEFT JOIN organisation o ON o.id = a.organisation_id)) AS j \
    FROM (SELECT * FROM follow_up WHERE group_id = ?1 AND status IN ('OPEN', 'IN_PROGRESS', 'BLOCKED') \
    ORDER BY due_on NULLS LAST, id LIMIT 51) f \
    JOIN recommendation r ON r.id = f.recommendation_id JOIN meeting m ON m.id = r.meeting_id)";

const OUTCOME_AS_JSON: &str = "SELECT json_object('id', 'mtg_' || lower(hex(m.id)), 'title', m.title, 'heldOn', m.held_on, \
    'status', m.status, 'group', (SELECT json_object('acronym', g.acronym, 'name', g.name) \
    FROM coordination_group g WHERE g.id = m.group_id), 'agendaItems', \
    (SELECT json_group_array(json_object('position', i.position, 'kind', i.kind, 'title', i.title, 'status', i.status, \
    'recommendations', (SELECT json_group_array(json_object('position', r.position, 'kind', r.kind, 'text', r.text, \
    'status', r.status, 'followUps', (SELECT json_group_array(json_object('id', 'fup_' || lower(hex(f.id)), \
    'text', f.text, 'status', f.status, 'dueOn', f.due_on, 'assignments', (SELECT json_group_array(json_object( \
    'part', a.part, 'organisation', iif(o.id IS NULL, NULL, json_object('acronym', o.acronym, 'name', o.name)))) \
    FROM (SELECT * FROM assignment WHERE follow_up_id = f.id ORDER BY position) a \
    LEFT JOIN organisation o ON o.id = a.organisation_id))) \
    FROM (SELECT * FROM follow_up WHERE recommendation_id = r.id ORDER BY position) f))) \
    FROM (SELECT * FROM recommendation WHERE agenda_item_id = i.id ORDER BY position) r))) \
    FROM (SELECT * FROM agenda_item WHERE meeting_id = m.id ORDER BY position) i)) FROM meeting m WHERE m.id = ?1";

const MEMBERS_AS_JSON: &str = "SELECT json_object('nodes', json_group_array(json(j)) FILTER (WHERE n <= 100), \
    'pageInfo', json_object('hasNextPage', json(iif(count(*) > 100, 'true', 'false')))) FROM ( \
    SELECT row_number() OVER (ORDER BY s.role, s.since NULLS LAST, s.id) AS n, \
    json_object('id', 'mbr_' || lower(hex(s.id)), 'role', s.role, 'since', s.since, \
    'person', iif(p.id IS NULL, NULL, json_object('id', 'per_' || lower(hex(p.id)), 'displayName', p.display_name, \
    'jobTitle', p.job_title)), 'organisation', iif(o.id IS NULL, NULL, json_object('id', 'org_' || lower(hex(o.id)), \
    'acronym', o.acronym, 'name', o.name))) AS j \
    FROM (SELECT * FROM membership WHERE group_id = ?1 ORDER BY role, since NULLS LAST, id LIMIT 101) s \
    LEFT JOIN person p ON p.id = s.person_id LEFT JOIN organisation o ON o.id = s.organisation_id)";

/// The same, as SQLite writes it.
pub async fn json(pool: &SqlitePool, query: &str, id: Uuid) -> Result<String, Failure> {
    let statement = match query {
        "q1" => ACTIONS_AS_JSON,
        "q2" => OUTCOME_AS_JSON,
        _ => MEMBERS_AS_JSON,
    };
    Ok(sqlx::query_scalar(statement).bind(id).fetch_one(pool).await?)
}
