//! Who a token belongs to: the principal of a request, read anew each time.

use chrono::{DateTime, Utc};
use entity::enums::MembershipRole;
use sea_orm::{ActiveEnum, ConnectionTrait, Statement};
use uuid::Uuid;

use crate::auth::{Actor, Seat};
use crate::db::Db;
use crate::error::{Error, Result};

/// The whole principal in one statement: account and sign-in, grants, seats, and the sub-groups to
/// which officers' seats are handed down. `$1` account, `$2` sign-in, `$3` today, `$4` now.
const PRINCIPAL: &str = "
WITH RECURSIVE mine (group_id, operation_id, role, organisation_id) AS (
  SELECT m.group_id, g.operation_id, m.role, m.organisation_id
  FROM account a JOIN membership m ON m.person_id = a.person_id JOIN coordination_group g ON g.id = m.group_id
  WHERE a.id = $1 AND (m.since IS NULL OR m.since <= $3) AND (m.until IS NULL OR m.until > $3)
), below (group_id, operation_id, role, organisation_id) AS (
  SELECT group_id, operation_id, role, organisation_id FROM mine
  WHERE role IN ('SECRETARY', 'INFORMATION_MANAGER', 'COORDINATOR', 'CO_COORDINATOR')
  UNION
  SELECT c.id, c.operation_id, b.role, b.organisation_id FROM coordination_group c JOIN below b ON c.parent_id = b.group_id
)
SELECT 'account' AS what, a.person_id AS group_id, CAST(NULL AS uuid) AS operation_id, a.email AS role,
       p.organisation_id AS organisation_id, a.display_name AS name
FROM account a JOIN session s ON s.account_id = a.id LEFT JOIN person p ON p.id = a.person_id
WHERE a.id = $1 AND s.id = $2 AND s.revoked_at IS NULL AND s.expires_at > $4 AND a.is_active
UNION ALL
SELECT 'grant', CAST(NULL AS uuid), operation_id, kind, CAST(NULL AS uuid), CAST(NULL AS text) FROM account_grant WHERE account_id = $1
UNION ALL
SELECT 'seat', group_id, operation_id, role, organisation_id, CAST(NULL AS text) FROM mine
UNION ALL
SELECT 'below', group_id, operation_id, role, organisation_id, CAST(NULL AS text) FROM below";

/// Who an access token belongs to, with every right they hold now. One statement.
///
/// # Errors
/// `UNAUTHENTICATED` if account or sign-in do not hold any more.
pub async fn principal(db: &Db, account: Uuid, session: Uuid, now: DateTime<Utc>) -> Result<Actor> {
    let today = now.date_naive();
    let connection = db.unscoped();
    let values = [account.into(), session.into(), today.into(), now.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), PRINCIPAL, values);
    let mut actor = Actor::anonymous(today);
    let mut below = Vec::new();
    for row in connection.query_all_raw(statement).await? {
        let what: String = row.try_get("", "what")?;
        let role: String = row.try_get("", "role")?;
        let operation: Option<Uuid> = row.try_get("", "operation_id")?;
        let organisation_id: Option<Uuid> = row.try_get("", "organisation_id")?;
        let group: Option<Uuid> = row.try_get("", "group_id")?;
        match (what.as_str(), group, operation) {
            ("account", person, _) => {
                actor.account_id = Some(account);
                actor.session_id = Some(session);
                actor.person_id = person;
                actor.organisation_id = organisation_id;
                actor.email = role;
                actor.display_name = row.try_get("", "name")?;
            }
            ("grant", _, None) => actor.is_admin = true,
            ("grant", _, Some(operation)) => {
                actor.managed.insert(operation);
            }
            (seat, Some(group_id), Some(operation_id)) => {
                let role = MembershipRole::try_from_value(&role)?;
                let is_inherited = seat == "below";
                let seat = Seat { group_id, operation_id, role, organisation_id, is_inherited };
                if is_inherited { below.push(seat) } else { actor.seats.push(seat) }
            }
            _ => {}
        }
    }
    if actor.account_id.is_none() {
        return Err(Error::Unauthenticated);
    }
    for seat in below {
        if !actor.seats.iter().any(|s| s.group_id == seat.group_id && s.role == seat.role) {
            actor.seats.push(seat);
        }
    }
    Ok(actor)
}
