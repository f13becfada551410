//! PostgreSQL: rows, which cost it half of what its JSON functions do.

use sqlx::PgPool;
use uuid::Uuid;

use super::rows::{self, ACTIONS, MEMBERS, OUTCOME};
use crate::drive::Failure;

const ASSIGNMENTS: &str = "SELECT a.follow_up_id, a.part, o.acronym, o.name FROM assignment a \
    LEFT JOIN organisation o ON o.id = a.organisation_id WHERE a.follow_up_id = ANY($1) ORDER BY a.position";

/// The answer to one of the three.
pub async fn answer(pool: &PgPool, query: &str, id: Uuid) -> Result<String, Failure> {
    match query {
        "q1" => {
            let mut connection = pool.acquire().await?;
            let actions = sqlx::query(ACTIONS).bind(id).fetch_all(&mut *connection).await?;
            let ids = rows::shown(&actions);
            let below = sqlx::query(ASSIGNMENTS).bind(&ids).fetch_all(&mut *connection).await?;
            drop(connection);
            rows::open_actions(&actions, &below)
        }
        "q2" => rows::outcome(&sqlx::query(OUTCOME).bind(id).fetch_all(pool).await?),
        _ => rows::members(&sqlx::query(MEMBERS).bind(id).fetch_all(pool).await?),
    }
}
