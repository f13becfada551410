//! A whole list of seats in one call.

mod input;
mod names;
mod payload;
mod work;

use async_graphql::{Context, Object};
use entity::coordination_group;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::permit;
pub use input::MembershipsSyncInput;
use payload::{Line, count};
pub use payload::{MembershipSyncOutcome, MembershipsSyncPayload};
use work::Work;

use crate::auth::Action;
use crate::db::{Change, Seen};
use crate::error::{At, Error, Refusal, Result, Why};
use crate::graphql::{Front, Id, UserError};
use crate::id::Kind;
use crate::text;

/// So many rows may come in one call.
const MOST_ROWS: usize = 5000;
/// So many errors, and refused rows, are shown.
const MOST_ERRORS: usize = 100;

/// Bringing the seats of a group into line with a list.
#[derive(Default)]
pub struct SyncMutation;

#[Object]
impl SyncMutation {
    /// Brings the seats of a group into line with a list, up to 5000 rows in one call: all or nothing. The same rows
    /// a second time change nothing. Information managers, coordinators, operation managers, administrators; each
    /// row is bound by the rules of a single `membershipCreate`, `membershipUpdate` or `membershipEnd`, and the group
    /// keeps a coordinator.
    ///
    /// People and organisations are matched by what they exactly go by, and only among those that you may see. Where
    /// nobody answers to a name (`NOT_FOUND`), or more than one (`AMBIGUOUS`), the row is refused and lists
    /// candidates. Further codes at a row: `DUPLICATE` (two rows name the same seat, or the reference belongs to a
    /// seat of another group), `OTHER_HOLDER` (the referenced seat is somebody else's), `PERMISSION_DENIED`,
    /// `OWN_ROLE`, `ROLE_HOLDER`, `LAST_COORDINATOR`, `END_BEFORE_START`.
    ///
    /// Under an idempotency key a repeat answers what the first call did, without `changes` and `candidates`.
    async fn memberships_sync(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group and its seats.")] input: MembershipsSyncInput,
    ) -> Result<MembershipsSyncPayload> {
        let is_dry_run = input.dry_run == Some(true);
        let done = match Box::pin(sync(&Front::of(ctx), input)).await {
            Ok(done) => done,
            Err(Error::Done(earlier)) => earlier.told()?,
            Err(Error::Refused(refusal)) => Done { refusals: vec![refusal], ..Done::default() },
            Err(other) => return Err(other),
        };
        done.shown(ctx, is_dry_run).await
    }
}

/// What was done, or would be. Kept with an idempotency key, it holds no names.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Done {
    rows: Vec<Line>,
    missing: Vec<Line>,
    people: Vec<Uuid>,
    #[serde(skip)]
    refusals: Vec<Refusal>,
}

/// Works the list off. A dry run does the same, and then does not commit.
async fn sync(front: &Front<'_>, input: MembershipsSyncInput) -> Result<Done> {
    let tx = front.begin().await?;
    let group = input.group.of(Kind::Group).at("group")?;
    let group: Seen<coordination_group::Model> = tx.seen(Kind::Group, group).await.at("group")?;
    let to_sync = permit(&tx, Action::MembershipSync, &group, &[], &[])?;
    let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
    if input.rows.len() > MOST_ROWS {
        return Err(Error::refused(Why::TooMany { limit: MOST_ROWS }).at("rows"));
    }
    let mut work = Work::begin(&tx, &group, &input.rows).await?;
    for (index, row) in input.rows.iter().enumerate() {
        work.take(index, row)?;
    }
    if !work.is_refused() {
        work.leave_out(input.missing, input.end_on.map(|d| d.0))?;
        work.check();
    }
    let done = work.write(&to_sync).await?;
    if !done.refusals.is_empty() {
        return Ok(done);
    }
    if input.dry_run == Some(true) || !done.changes_anything() {
        tx.nothing_to_do(group.id).await?;
    } else {
        let change = done.change(&group).telling(json!(done));
        tx.commit(change.because(reason)).await?;
    }
    Ok(done)
}

impl Done {
    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.rows.iter().chain(&self.missing)
    }

    fn of(&self, outcome: MembershipSyncOutcome) -> Vec<Uuid> {
        self.lines().filter(|line| line.outcome == outcome).filter_map(|line| line.seat).collect()
    }

    fn changes_anything(&self) -> bool {
        self.lines().any(|line| line.outcome != MembershipSyncOutcome::Unchanged)
    }

    /// One record for the whole call: ids, no names.
    fn change(&self, group: &coordination_group::Model) -> Change {
        let ids = |kind: Kind, ids: &[Uuid]| ids.iter().map(|id| kind.id(*id)).collect::<Vec<_>>();
        let seats = |outcome| ids(Kind::Membership, &self.of(outcome));
        Change::new("membershipsSync", Kind::Group, group.id).in_group(group.id, group.operation_id).detail(
            json!({
                "created": seats(MembershipSyncOutcome::Created),
                "updated": seats(MembershipSyncOutcome::Updated),
                "ended": seats(MembershipSyncOutcome::Ended),
                "peopleCreated": ids(Kind::Person, &self.people),
            }),
        )
    }

    /// The payload: everything, or what was refused.
    async fn shown(self, ctx: &Context<'_>, is_dry_run: bool) -> Result<MembershipsSyncPayload> {
        use MembershipSyncOutcome::{Created, Ended, Refused, Unchanged, Updated};
        let front = Front::of(ctx);
        let is_refused = !self.refusals.is_empty();
        let number = |outcome| count(self.lines().filter(|line| line.outcome == outcome).count());
        let done = |outcome| if is_refused { 0 } else { number(outcome) };
        let (created_count, updated_count, ended_count) = (done(Created), done(Updated), done(Ended));
        let unchanged = self.rows.iter().filter(|line| line.outcome == Unchanged).count();
        let (unchanged_count, refused_count) =
            (if is_refused { 0 } else { count(unchanged) }, number(Refused));
        let person_count = if is_refused { 0 } else { count(self.people.len()) };
        let is_shown = |line: &Line| !is_refused || line.outcome == Refused;
        let most = if is_refused { MOST_ERRORS } else { usize::MAX };
        let rows: Vec<(usize, Line)> =
            self.rows.into_iter().enumerate().filter(|(_, line)| is_shown(line)).take(most).collect();
        let missing: Vec<Line> = self.missing.into_iter().filter(is_shown).take(most).collect();
        let seats: Vec<Uuid> =
            rows.iter().map(|(_, line)| line).chain(&missing).filter_map(|l| l.seat).collect();
        payload::read(ctx, &seats).await?;
        let user_errors = self.refusals.into_iter().take(MOST_ERRORS);
        Ok(MembershipsSyncPayload {
            is_dry_run,
            rows: rows.into_iter().map(|(index, line)| line.row(&front, index)).collect(),
            missing: missing.into_iter().filter_map(|line| missing_row(&front, &line)).collect(),
            created_count,
            updated_count,
            ended_count,
            unchanged_count,
            refused_count,
            person_count,
            user_errors: user_errors.map(|r| UserError::of(r, front.language())).collect(),
        })
    }
}

fn missing_row(front: &Front<'_>, line: &Line) -> Option<payload::MembershipSyncMissing> {
    let id = Id(Kind::Membership, line.seat?);
    Some(payload::MembershipSyncMissing { outcome: line.outcome, id, membership: front.one(line.seat) })
}
