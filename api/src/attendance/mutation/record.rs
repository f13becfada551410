use async_graphql::{Context, InputObject, Object};
use entity::attendance::Model;
use entity::meeting;

use super::draft::{AttendanceDraft, parts, permit_for, written};
use crate::attendance::{rules, store};
use crate::auth::{Action, Permit};
use crate::belonging::Belonging;
use crate::db::{Change, Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::{Front, Id, answer, payloads};
use crate::id::Kind;
use crate::meeting::{AttendanceRecord, Meeting, keep_attendance, open_to_change};

/// The longest list of lines in one call.
const LONGEST: usize = 500;

/// Who was there.
#[derive(InputObject)]
pub struct AttendanceRecordInput {
    /// The meeting.
    pub meeting: Id,
    /// The version of the meeting that you read; left out, whatever stands is added to.
    pub expected_version: Option<i32>,
    /// Lines, at most 500. One with the id of a line of this meeting is written anew as given; others are added at the
    /// end of the list.
    #[graphql(default)]
    pub rows: Vec<AttendanceDraft>,
    /// What the record says about attendance; the same if left out. Officers.
    pub attendance_record: Option<AttendanceRecord>,
    /// How many people were there; the same if left out. Officers.
    pub headcount: Option<i32>,
}

payloads! {
    /// The meeting with its attendance as it is now.
    AttendanceRecordPayload => meeting ("meeting"): Meeting;
}

/// Recording attendance.
#[derive(Default)]
pub struct AttendanceRecordMutation;

#[Object]
impl AttendanceRecordMutation {
    /// Records who was at a meeting. Officers; others what concerns themselves, focal points what concerns their
    /// organisation, without parts in the meeting. All or nothing. `REQUIRED` for a line that names nobody, `TOO_MANY`
    /// over 500 lines, `STATE` if the meeting is closed.
    async fn attendance_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who was there.")] input: AttendanceRecordInput,
    ) -> Result<AttendanceRecordPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen: Seen<meeting::Model> =
                tx.seen(Kind::Meeting, input.meeting.of(Kind::Meeting).at("meeting")?).await.at("meeting")?;
            let at = Belonging::of_meeting(&seen);
            let is_officer = tx.actor().may(Action::AttendanceWrite, &at.target());
            let is_counted = input.attendance_record.is_some() || input.headcount.is_some();
            let whole = if is_officer || is_counted || input.rows.is_empty() {
                Some(tx.permit(Action::AttendanceWrite, &at.target())?)
            } else {
                None
            };
            expect_version(input.expected_version, seen.version)?;
            open_to_change(seen.status).at("meeting")?;
            if input.rows.len() > LONGEST {
                return Err(Error::refused(Why::TooMany { limit: LONGEST }).at("rows"));
            }
            if input.rows.is_empty() && !is_counted {
                return tx.nothing_to_do(seen.id).await;
            }
            let (added, rewritten) = lines(&tx, whole.as_ref(), &at, input.rows).await?;
            if let (Some(permit), true) = (&whole, is_counted) {
                let record = input.attendance_record.map(Into::into);
                keep_attendance(&tx, permit, &seen, record, input.headcount).await?;
            }
            let detail = serde_json::json!({ "added": added, "rewritten": rewritten });
            let change = Change::new("attendanceRecord", Kind::Meeting, seen.id)
                .in_group(seen.group_id, seen.operation_id)
                .detail(detail);
            tx.commit(change).await
        })
        .await
    }
}

/// Writes the lines; how many are new, how many were written anew. `whole`: the permit for all of the
/// list; without it each line needs its own.
async fn lines(
    tx: &Tx,
    whole: Option<&Permit>,
    at: &Belonging,
    drafts: Vec<AttendanceDraft>,
) -> Result<(usize, usize)> {
    let meeting = at.meeting_id.ok_or(Error::Internal)?;
    let ids = drafts.iter().filter_map(|d| d.id).map(|id| id.1).collect();
    let known = store::known(tx, ids).await?;
    let mut position = store::next_position(tx, meeting).await?;
    let mut new: Vec<(Permit, Model)> = Vec::new();
    let mut rewritten = 0;
    for (number, draft) in drafts.into_iter().enumerate() {
        let path = format!("rows.{number}");
        let old: Option<Seen<Model>> = match draft.id {
            Some(id) if known.contains(&id.1) => Some(
                tx.seen(Kind::Attendance, id.of(Kind::Attendance).at("id").at(&path)?)
                    .await
                    .at("id")
                    .at(&path)?,
            ),
            _ => None,
        };
        if old.as_ref().is_some_and(|o| o.meeting_id != meeting) {
            return Err(Error::rule(Rule::OtherGroup).at("id").at(&path));
        }
        let (row, target) = written(tx, at, position, draft).await.at(&path)?;
        rules::says_who(&row).at(&path)?;
        let permit = match whole {
            Some(permit) => permit.clone(),
            None => tx.permit(Action::AttendanceWrite, &target).at(&path)?,
        };
        match old {
            Some(old) => {
                if whole.is_none() {
                    permit_for(tx, &old).await.at(&path)?;
                }
                let row = kept(row, &old);
                parts(tx, Some(&old), &row).at("meetingRoles").at(&path)?;
                store::update(tx, &permit, &old, row).await.at(&path)?;
                rewritten += 1;
            }
            None => {
                parts(tx, None, &row).at("meetingRoles").at(&path)?;
                new.push((permit, row));
                position += 1;
            }
        }
    }
    let added = new.len();
    if let Some((permit, _)) = new.first() {
        let permit = permit.clone();
        let rows = new.into_iter().map(|(_, row)| row).collect();
        store::create(tx, &permit, at.group_id, rows).await.at("rows")?;
    }
    Ok((added, rewritten))
}

/// A line written anew stays where it was, as tight as it was, and as old as it is.
fn kept(row: Model, old: &Model) -> Model {
    Model {
        position: old.position,
        visibility: row.visibility.max(old.visibility),
        sensitivity: row.sensitivity.max(old.sensitivity),
        created_at: old.created_at,
        ..row
    }
}
