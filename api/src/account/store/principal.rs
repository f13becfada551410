//! Who a token belongs to: the principal of a request, read anew each time (but see `remembered`), so that what is
//! taken away is gone with the next request.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{AccountKind, MembershipRole, TokenScope};
use sea_orm::{ActiveEnum, ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::auth::{Actor, Part, Seat, Token, Within, api_token};
use crate::db::Db;
use crate::error::{Error, Result};

/// What came with a request and has been verified as far as it can be without the database.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An access token of ours: account and sign-in.
    Session {
        /// The account.
        account: Uuid,
        /// The sign-in.
        session: Uuid,
    },
    /// An API token: its digest.
    Token {
        /// SHA-256, in hexadecimal.
        digest: String,
    },
    /// A token of an OpenID Connect issuer.
    Identity {
        /// The issuer.
        issuer: String,
        /// Who somebody is there.
        subject: String,
    },
}

/// A part in a meeting holds for so long after the meeting, unless its minutes are adopted before.
const PART_LIFE: TimeDelta = TimeDelta::days(180);

/// The account that a credential stands for. `$1` is now; `$4`, `$5` are the credential's.
const BY_SESSION: &str = "
  SELECT a.id, a.person_id, a.email, a.display_name, a.kind, s.id AS session_id, CAST(NULL AS uuid) AS token_id,
         CAST(NULL AS text) AS scopes, CAST(NULL AS timestamptz) AS last_used_at
  FROM account a JOIN session s ON s.account_id = a.id
  WHERE a.id = $4 AND s.id = $5 AND s.revoked_at IS NULL AND s.expires_at > $1 AND a.is_active";
const BY_TOKEN: &str = "
  SELECT a.id, a.person_id, a.email, a.display_name, a.kind, CAST(NULL AS uuid) AS session_id, t.id AS token_id,
         t.scopes, t.last_used_at
  FROM account a JOIN api_token t ON t.account_id = a.id
  WHERE t.digest = $4 AND t.revoked_at IS NULL AND t.expires_at > $1 AND a.is_active";
const BY_IDENTITY: &str = "
  SELECT a.id, a.person_id, a.email, a.display_name, a.kind, CAST(NULL AS uuid) AS session_id, CAST(NULL AS uuid) AS token_id,
         CAST(NULL AS text) AS scopes, CAST(NULL AS timestamptz) AS last_used_at
  FROM account a JOIN openid_identity i ON i.account_id = a.id
  WHERE i.issuer = $4 AND i.subject = $5 AND a.is_active";

const BY_ACCOUNT: &str = "
  SELECT a.id, a.person_id, a.email, a.display_name, a.kind, CAST(NULL AS uuid) AS session_id, CAST(NULL AS uuid) AS token_id,
         CAST(NULL AS text) AS scopes, CAST(NULL AS timestamptz) AS last_used_at
  FROM account a
  WHERE a.id = $4 AND a.is_active";

/// The whole principal in one statement: account, grants, seats and the sub-groups to which officers'
/// seats are handed down, parts in meetings, groups opened by break-glass, and where a token holds.
/// `$1` now, `$2` today, `$3` since when parts in meetings count; then those of the credential.
const PRINCIPAL: &str = "
), mine (group_id, operation_id, role, organisation_id) AS (
  SELECT m.group_id, g.operation_id, m.role, m.organisation_id
  FROM me JOIN membership m ON m.person_id = me.person_id JOIN coordination_group g ON g.id = m.group_id
  WHERE (m.since IS NULL OR m.since <= $2) AND (m.until IS NULL OR m.until > $2)
  UNION ALL
  SELECT s.group_id, g.operation_id, s.role, CAST(NULL AS uuid)
  FROM me JOIN service_seat s ON s.account_id = me.id JOIN coordination_group g ON g.id = s.group_id
), below (group_id, operation_id, role, organisation_id) AS (
  SELECT group_id, operation_id, role, organisation_id FROM mine
  WHERE role IN ('SECRETARY', 'INFORMATION_MANAGER', 'COORDINATOR', 'CO_COORDINATOR')
  UNION
  SELECT c.id, c.operation_id, b.role, b.organisation_id FROM coordination_group c JOIN below b ON c.parent_id = b.group_id
), within (group_id) AS (
  SELECT l.group_id FROM me JOIN api_token_limit l ON l.api_token_id = me.token_id WHERE l.group_id IS NOT NULL
  UNION
  SELECT c.id FROM coordination_group c JOIN within w ON c.parent_id = w.group_id
)
SELECT 'account' AS what, me.id AS a, me.person_id AS b, p.organisation_id AS c, me.email AS word, me.display_name AS name,
       me.last_used_at AS at
FROM me LEFT JOIN person p ON p.id = me.person_id
UNION ALL
SELECT 'service', id, session_id, CAST(NULL AS uuid), kind, CAST(NULL AS text), CAST(NULL AS timestamptz) FROM me
UNION ALL
SELECT 'token', token_id, CAST(NULL AS uuid), CAST(NULL AS uuid), scopes, CAST(NULL AS text), last_used_at FROM me
WHERE token_id IS NOT NULL
UNION ALL
SELECT 'within', group_id, CAST(NULL AS uuid), CAST(NULL AS uuid), CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS timestamptz)
FROM within
UNION ALL
SELECT 'within', CAST(NULL AS uuid), l.operation_id, CAST(NULL AS uuid), CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS timestamptz)
FROM me JOIN api_token_limit l ON l.api_token_id = me.token_id WHERE l.operation_id IS NOT NULL
UNION ALL
SELECT 'grant', CAST(NULL AS uuid), x.operation_id, CAST(NULL AS uuid), x.kind, CAST(NULL AS text), CAST(NULL AS timestamptz)
FROM me JOIN account_grant x ON x.account_id = me.id
UNION ALL
SELECT 'opened', x.group_id, x.operation_id, CAST(NULL AS uuid), CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS timestamptz)
FROM me JOIN break_glass x ON x.account_id = me.id WHERE x.ended_at IS NULL AND x.expires_at > $1
UNION ALL
SELECT 'part', t.meeting_id, t.operation_id, t.group_id, CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS timestamptz)
FROM me JOIN attendance t ON t.person_id = me.person_id JOIN meeting m ON m.id = t.meeting_id
WHERE (t.is_chair OR t.is_minute_taker) AND m.status NOT IN ('CANCELLED', 'NOT_HELD')
  AND (m.occurs_on IS NULL OR m.occurs_on >= $3)
  AND NOT EXISTS (SELECT 1 FROM minutes x WHERE x.meeting_id = m.id AND x.status IN ('ADOPTED', 'SUPERSEDED'))
UNION ALL
SELECT 'seat', group_id, operation_id, organisation_id, role, CAST(NULL AS text), CAST(NULL AS timestamptz) FROM mine
UNION ALL
SELECT 'below', group_id, operation_id, organisation_id, role, CAST(NULL AS text), CAST(NULL AS timestamptz) FROM below";

/// Who a credential stands for, with every right they hold now. One statement.
///
/// # Errors
/// `UNAUTHENTICATED` if the credential does not hold, or not any more.
pub async fn principal(db: &Db, credential: &Credential, now: DateTime<Utc>) -> Result<Actor> {
    let (me, own): (&str, Vec<Value>) = match credential {
        Credential::Session { account, session } => (BY_SESSION, vec![(*account).into(), (*session).into()]),
        Credential::Token { digest } => (BY_TOKEN, vec![digest.as_str().into()]),
        Credential::Identity { issuer, subject } => {
            (BY_IDENTITY, vec![issuer.as_str().into(), subject.as_str().into()])
        }
    };
    read(db.unscoped(), me, own, now).await?.ok_or(Error::Unauthenticated)
}

/// What an account may now, without a credential: for what somebody else does in its name. `None` if it
/// is not active.
pub async fn of_account(
    connection: &impl ConnectionTrait,
    account: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Actor>> {
    read(connection, BY_ACCOUNT, vec![account.into()], now).await
}

async fn read(
    connection: &impl ConnectionTrait,
    me: &str,
    mut own: Vec<Value>,
    now: DateTime<Utc>,
) -> Result<Option<Actor>> {
    let today = now.date_naive();
    let mut values: Vec<Value> = vec![now.into(), today.into(), (today - PART_LIFE).into()];
    values.append(&mut own);
    let sql = format!("WITH RECURSIVE me AS ({me}{PRINCIPAL}");
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let mut found = Found { actor: Actor::anonymous(today), below: Vec::new(), within: None };
    for row in connection.query_all_raw(statement).await? {
        found.take(&row)?;
    }
    Ok(found.actor.account_id.is_some().then(|| found.settled()))
}

/// What has been read of a principal.
struct Found {
    actor: Actor,
    below: Vec<Seat>,
    within: Option<Within>,
}

impl Found {
    fn take(&mut self, row: &QueryResult) -> Result<()> {
        let what: String = row.try_get("", "what")?;
        let a: Option<Uuid> = row.try_get("", "a")?;
        let b: Option<Uuid> = row.try_get("", "b")?;
        let c: Option<Uuid> = row.try_get("", "c")?;
        let word: Option<String> = row.try_get("", "word")?;
        let word = word.unwrap_or_default();
        let actor = &mut self.actor;
        match (what.as_str(), a, b) {
            ("account", account, person) => {
                actor.account_id = account;
                actor.person_id = person;
                actor.organisation_id = c;
                actor.email = word;
                actor.display_name = row.try_get("", "name")?;
            }
            ("service", _, session) => {
                actor.session_id = session;
                actor.is_service = word == AccountKind::Service.word();
            }
            ("token", Some(id), _) => {
                let scopes = api_token::named(&word).chain([TokenScope::Read]).collect();
                actor.token = Some(Token { id, scopes, last_used_at: row.try_get("", "at")?, within: None });
            }
            ("within", group, operation) => {
                let within = self.within.get_or_insert_default();
                within.groups.extend(group);
                within.operations.extend(operation);
            }
            ("grant", _, None) => actor.is_admin = true,
            ("grant", _, Some(operation)) => {
                actor.managed.insert(operation);
            }
            ("opened", Some(group), _) => actor.opened.push(group),
            ("part", Some(meeting_id), _) => {
                actor.parts.extend(c.map(|group_id| Part { meeting_id, group_id }));
            }
            (seat, Some(group_id), Some(operation_id)) => {
                let role = MembershipRole::try_from_value(&word)?;
                let is_inherited = seat == "below";
                let seat = Seat { group_id, operation_id, role, organisation_id: c, is_inherited };
                if is_inherited { self.below.push(seat) } else { actor.seats.push(seat) }
            }
            _ => {}
        }
        Ok(())
    }

    fn settled(self) -> Actor {
        let mut actor = self.actor;
        for seat in self.below {
            if !actor.seats.iter().any(|s| s.group_id == seat.group_id && s.role == seat.role) {
                actor.seats.push(seat);
            }
        }
        if !actor.is_admin || actor.token.is_some() {
            // whoever lost the grant looks into nothing, and programs never do
            actor.opened.clear();
        }
        if let Some(within) = self.within {
            let Within { groups, operations } = &within;
            actor.seats.retain(|s| groups.contains(&s.group_id) || operations.contains(&s.operation_id));
            actor.managed.retain(|o| operations.contains(o));
            actor.parts.retain(|p| groups.contains(&p.group_id));
            actor.is_admin = false;
            if let Some(token) = &mut actor.token {
                token.within = Some(within);
            }
        }
        actor
    }
}
