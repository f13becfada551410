//! A meeting as it stands when its minutes are adopted: names, functions and organisations as of
//! then.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use entity::{
    addressee, agenda_item, announcement, assignment, attendance, coordination_group, document, follow_up,
    meeting, meeting_group, minutes, minutes_contributor, operation, organisation, person, place, presenter,
    recommendation, review,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::id::Kind;
use crate::minutes::snapshot::personal;

/// Every row of the meeting that the record shows.
struct Rows {
    joint: Vec<meeting_group::Model>,
    contributors: Vec<minutes_contributor::Model>,
    agenda: Vec<agenda_item::Model>,
    presenters: Vec<presenter::Model>,
    attendance: Vec<attendance::Model>,
    recommendations: Vec<recommendation::Model>,
    addressees: Vec<addressee::Model>,
    follow_ups: Vec<follow_up::Model>,
    assignments: Vec<assignment::Model>,
    reviews: Vec<review::Model>,
    announcements: Vec<announcement::Model>,
    documents: Vec<document::Model>,
}

/// What the people, organisations, groups and places of the record are called.
struct Names {
    people: HashMap<Uuid, String>,
    organisations: HashMap<Uuid, organisation::Model>,
    groups: HashMap<Uuid, coordination_group::Model>,
    places: HashMap<Uuid, place::Model>,
}

/// The record of a meeting and its minutes; personal values are marked.
pub async fn record(tx: &Tx, minutes: &minutes::Model, meeting: &meeting::Model) -> Result<Value> {
    let rows = Rows::read(tx, minutes.id, meeting.id).await?;
    let names = Names::read(tx, meeting, &rows).await?;
    let operation = operation::Entity::find_by_id(meeting.operation_id).one(tx.conn()).await?;
    let operation = operation.ok_or(Error::Internal)?;
    Ok(json!({
        "format": 1,
        "minutes": of_minutes(minutes, &rows, &names),
        "meeting": of_meeting(meeting, &operation, &rows, &names),
        "agenda": rows.agenda.iter().map(|i| of_item(i, &rows, &names)).collect::<Vec<_>>(),
        "attendance": rows.attendance.iter().map(|a| of_attendance(a, &names)).collect::<Vec<_>>(),
        "recommendations":
            rows.recommendations.iter().map(|r| of_recommendation(r, &rows, &names)).collect::<Vec<_>>(),
        "followUps": rows.follow_ups.iter().map(|f| of_follow_up(f, &rows, &names)).collect::<Vec<_>>(),
        "reviews": rows.reviews.iter().map(of_review).collect::<Vec<_>>(),
        "announcements": rows.announcements.iter().map(|a| of_announcement(a, &names)).collect::<Vec<_>>(),
        "documents": rows.documents.iter().map(of_document).collect::<Vec<_>>(),
    }))
}

impl Rows {
    async fn read(tx: &Tx, minutes: Uuid, meeting: Uuid) -> Result<Self> {
        let conn = tx.conn();
        /// The rows whose `column` is one of `ids`, in order.
        macro_rules! rows {
            ($entity:ident, $column:ident, $ids:expr, $order:ident) => {
                $entity::Entity::find()
                    .filter($entity::Column::$column.is_in($ids))
                    .order_by_asc($entity::Column::$order)
                    .order_by_asc($entity::Column::Id)
                    .all(conn)
                    .await?
            };
        }
        let agenda = rows!(agenda_item, MeetingId, [meeting], Position);
        let recommendations = rows!(recommendation, MeetingId, [meeting], Position);
        let follow_ups = rows!(follow_up, MeetingId, [meeting], Position);
        Ok(Self {
            joint: rows!(meeting_group, MeetingId, [meeting], Id),
            contributors: rows!(minutes_contributor, MinutesId, [minutes], Position),
            presenters: rows!(presenter, AgendaItemId, agenda.iter().map(|i| i.id), Position),
            attendance: rows!(attendance, MeetingId, [meeting], Position),
            addressees: rows!(addressee, RecommendationId, recommendations.iter().map(|r| r.id), Position),
            assignments: rows!(assignment, FollowUpId, follow_ups.iter().map(|f| f.id), Position),
            reviews: rows!(review, MeetingId, [meeting], Position),
            announcements: rows!(announcement, MeetingId, [meeting], Position),
            documents: rows!(document, MeetingId, [meeting], Position),
            agenda,
            recommendations,
            follow_ups,
        })
    }
}

impl Names {
    async fn read(tx: &Tx, meeting: &meeting::Model, rows: &Rows) -> Result<Self> {
        let (mut people, mut organisations) = (BTreeSet::new(), BTreeSet::new());
        let mut groups = BTreeSet::from([meeting.group_id]);
        organisations.extend(meeting.host_organisation_id);
        groups.extend(rows.joint.iter().map(|g| g.group_id));
        for row in &rows.contributors {
            people.extend(row.person_id);
            organisations.extend(row.organisation_id);
        }
        for row in &rows.presenters {
            people.extend(row.person_id);
            organisations.extend(row.organisation_id);
        }
        for row in &rows.attendance {
            people.extend(row.person_id);
            organisations.extend(row.organisation_id);
        }
        for row in &rows.addressees {
            people.extend(row.person_id);
            organisations.extend(row.organisation_id);
            groups.extend(row.group_id);
        }
        for row in &rows.assignments {
            people.extend(row.person_id);
            organisations.extend(row.organisation_id);
            groups.extend(row.group_id);
        }
        groups.extend(rows.recommendations.iter().filter_map(|r| r.establishes_group_id));
        organisations.extend(rows.follow_ups.iter().filter_map(|f| f.blocked_by_id));
        organisations.extend(rows.announcements.iter().filter_map(|a| a.organisation_id));
        let mut places: BTreeSet<Uuid> = rows.announcements.iter().filter_map(|a| a.place_id).collect();
        places.extend(meeting.place_id);
        /// The rows with these ids, by id.
        macro_rules! by_id {
            ($entity:ident, $ids:ident) => {
                $entity::Entity::find().filter($entity::Column::Id.is_in($ids)).all(tx.conn()).await?
            };
        }
        Ok(Self {
            people: by_id!(person, people).into_iter().map(|p| (p.id, p.display_name)).collect(),
            organisations: by_id!(organisation, organisations).into_iter().map(|o| (o.id, o)).collect(),
            groups: by_id!(coordination_group, groups).into_iter().map(|g| (g.id, g)).collect(),
            places: by_id!(place, places).into_iter().map(|p| (p.id, p)).collect(),
        })
    }

    /// The name as printed, or else the person's.
    fn person(&self, printed: Option<&str>, person: Option<Uuid>) -> Value {
        let known = person.and_then(|id| self.people.get(&id)).map(String::as_str);
        personal(printed.or(known))
    }

    fn organisation(&self, organisation: Option<Uuid>) -> Value {
        let known = organisation.and_then(|id| self.organisations.get(&id));
        known.map_or(
            Value::Null,
            |o| json!({ "id": Kind::Organisation.id(o.id), "name": o.name, "acronym": o.acronym }),
        )
    }

    fn group(&self, group: Option<Uuid>) -> Value {
        let known = group.and_then(|id| self.groups.get(&id));
        known.map_or(
            Value::Null,
            |g| json!({ "id": Kind::Group.id(g.id), "name": g.name, "acronym": g.acronym }),
        )
    }

    fn place(&self, place: Option<Uuid>) -> Value {
        let known = place.and_then(|id| self.places.get(&id));
        known
            .map_or(Value::Null, |p| json!({ "id": Kind::Place.id(p.id), "pCode": p.p_code, "name": p.name }))
    }
}

fn id(kind: Kind, id: Option<Uuid>) -> Option<String> {
    id.map(|id| kind.id(id))
}

fn instant(instant: Option<DateTime<Utc>>) -> Option<String> {
    instant.map(|i| i.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn day(day: Option<NaiveDate>) -> Option<String> {
    day.map(|d| d.to_string())
}

fn of_minutes(row: &minutes::Model, rows: &Rows, names: &Names) -> Value {
    let contributor = |c: &minutes_contributor::Model| {
        json!({
            "role": c.role,
            "displayName": personal(Some(&c.display_name)),
            "functionText": personal(c.function_text.as_deref()),
            "organisationText": c.organisation_text,
            "person": id(Kind::Person, c.person_id),
            "organisation": names.organisation(c.organisation_id),
        })
    };
    json!({
        "id": Kind::Minutes.id(row.id),
        "revision": row.revision,
        "supersedes": id(Kind::Minutes, row.supersedes_id),
        "previousHash": row.previous_hash,
        "title": row.title,
        "body": row.body,
        "language": row.language,
        "contributors": rows.contributors.iter().map(contributor).collect::<Vec<_>>(),
        "reviewedOn": day(row.reviewed_on),
        "circulatedOn": day(row.circulated_on),
        "commentsDueOn": day(row.comments_due_on),
        "adoptedOn": day(row.adopted_on),
        "adoptedAt": id(Kind::Meeting, row.adopted_at_id),
        "corrections": row.corrections,
    })
}

fn of_meeting(row: &meeting::Model, operation: &operation::Model, rows: &Rows, names: &Names) -> Value {
    json!({
        "id": Kind::Meeting.id(row.id),
        "operation": { "id": Kind::Operation.id(operation.id), "code": operation.code, "name": operation.name },
        "group": names.group(Some(row.group_id)),
        "jointWith": rows.joint.iter().map(|g| names.group(Some(g.group_id))).collect::<Vec<_>>(),
        "title": row.title,
        "kind": row.kind,
        "status": row.status,
        "heldOn": day(row.held_on),
        "dateText": row.date_text,
        "timesText": row.times_text,
        "scheduledStart": instant(row.scheduled_start),
        "scheduledEnd": instant(row.scheduled_end),
        "actualStart": instant(row.actual_start),
        "actualEnd": instant(row.actual_end),
        "timeZone": row.time_zone,
        "notes": row.notes,
        "modality": row.modality,
        "venueText": row.venue_text,
        "hostOrganisation": names.organisation(row.host_organisation_id),
        "place": names.place(row.place_id),
        "agendaStatus": row.agenda_status,
        "attendanceRecord": row.attendance_record,
        "headcount": row.headcount,
        "language": row.language,
    })
}

fn of_item(row: &agenda_item::Model, rows: &Rows, names: &Names) -> Value {
    let presenter = |p: &presenter::Model| {
        json!({
            "displayName": personal(Some(&p.display_name)),
            "functionText": personal(p.function_text.as_deref()),
            "organisationText": p.organisation_text,
            "person": id(Kind::Person, p.person_id),
            "organisation": names.organisation(p.organisation_id),
        })
    };
    let presenters = rows.presenters.iter().filter(|p| p.agenda_item_id == row.id);
    json!({
        "id": Kind::AgendaItem.id(row.id),
        "position": row.position,
        "printedNumber": row.printed_number,
        "kind": row.kind,
        "purpose": row.purpose,
        "title": row.title,
        "plannedMinutes": row.planned_minutes,
        "presenters": presenters.map(presenter).collect::<Vec<_>>(),
        "status": row.status,
        "statusNote": row.status_note,
        "offlineChannel": row.offline_channel,
        "deferredTo": id(Kind::Meeting, row.deferred_to_id),
        "continues": id(Kind::AgendaItem, row.continues_id),
        "discussion": row.discussion,
        "language": row.language,
    })
}

fn of_attendance(row: &attendance::Model, names: &Names) -> Value {
    json!({
        "id": Kind::Attendance.id(row.id),
        "position": row.position,
        "displayName": names.person(row.display_name.as_deref(), row.person_id),
        "functionText": personal(row.function_text.as_deref()),
        "note": personal(row.note.as_deref()),
        "person": id(Kind::Person, row.person_id),
        "organisationText": row.organisation_text,
        "organisation": names.organisation(row.organisation_id),
        "status": row.status,
        "capacity": row.capacity,
        "isChair": row.is_chair,
        "isMinuteTaker": row.is_minute_taker,
        "isPresenter": row.is_presenter,
    })
}

fn of_recommendation(row: &recommendation::Model, rows: &Rows, names: &Names) -> Value {
    let addressee = |a: &addressee::Model| {
        json!({
            "writtenAs": personal(a.written_as.as_deref()),
            "displayName": names.person(None, a.person_id),
            "person": id(Kind::Person, a.person_id),
            "organisation": names.organisation(a.organisation_id),
            "group": names.group(a.group_id),
        })
    };
    let addressees = rows.addressees.iter().filter(|a| a.recommendation_id == row.id);
    json!({
        "id": Kind::Recommendation.id(row.id),
        "agendaItem": id(Kind::AgendaItem, row.agenda_item_id),
        "position": row.position,
        "kind": row.kind,
        "text": row.text,
        "language": row.language,
        "addressees": addressees.map(addressee).collect::<Vec<_>>(),
        "derivedFrom": id(Kind::Recommendation, row.derived_from_id),
        "establishes": names.group(row.establishes_group_id),
        "status": row.status,
        "statusReason": row.status_reason,
        "note": row.note,
    })
}

fn of_follow_up(row: &follow_up::Model, rows: &Rows, names: &Names) -> Value {
    let assignee = |a: &assignment::Model| {
        json!({
            "part": a.part,
            "writtenAs": personal(a.written_as.as_deref()),
            "isInferred": a.is_inferred,
            "displayName": names.person(None, a.person_id),
            "person": id(Kind::Person, a.person_id),
            "organisation": names.organisation(a.organisation_id),
            "group": names.group(a.group_id),
            "role": a.role,
            "state": a.state,
        })
    };
    let assignees = rows.assignments.iter().filter(|a| a.follow_up_id == row.id);
    json!({
        "id": Kind::FollowUp.id(row.id),
        "agendaItem": id(Kind::AgendaItem, row.agenda_item_id),
        "recommendation": id(Kind::Recommendation, row.recommendation_id),
        "dependsOn": id(Kind::FollowUp, row.depends_on_id),
        "position": row.position,
        "raisedOn": day(row.raised_on),
        "text": row.text,
        "language": row.language,
        "responsibleText": personal(row.responsible_text.as_deref()),
        "assignees": assignees.map(assignee).collect::<Vec<_>>(),
        "priority": row.priority,
        "dueOn": day(row.due_on),
        "dueText": row.due_text,
        "dueQualifier": row.due_qualifier,
        "duePrecision": row.due_precision,
        "dueIsInferred": row.due_is_inferred,
        "status": row.status,
        "blockedReason": row.blocked_reason,
        "blockedBy": names.organisation(row.blocked_by_id),
        "actionTaken": row.action_taken,
        "closedOn": day(row.closed_on),
        "statusReason": row.status_reason,
        "note": row.note,
    })
}

fn of_review(row: &review::Model) -> Value {
    json!({
        "id": Kind::Review.id(row.id),
        "agendaItem": id(Kind::AgendaItem, row.agenda_item_id),
        "recommendation": id(Kind::Recommendation, row.recommendation_id),
        "followUp": id(Kind::FollowUp, row.follow_up_id),
        "position": row.position,
        "outcome": row.outcome,
        "actionTaken": row.action_taken,
        "nextStep": row.next_step,
    })
}

fn of_announcement(row: &announcement::Model, names: &Names) -> Value {
    json!({
        "id": Kind::Announcement.id(row.id),
        "agendaItem": id(Kind::AgendaItem, row.agenda_item_id),
        "position": row.position,
        "kind": row.kind,
        "text": row.text,
        "language": row.language,
        "organisation": names.organisation(row.organisation_id),
        "place": names.place(row.place_id),
        "placeText": row.place_text,
        "startsOn": day(row.starts_on),
        "startsPrecision": row.starts_precision,
        "endsOn": day(row.ends_on),
        "endsPrecision": row.ends_precision,
        "datesText": row.dates_text,
        "status": row.status,
    })
}

fn of_document(row: &document::Model) -> Value {
    json!({
        "id": Kind::Document.id(row.id),
        "agendaItem": id(Kind::AgendaItem, row.agenda_item_id),
        "promisedBy": id(Kind::FollowUp, row.promised_by_id),
        "derivedFrom": id(Kind::Document, row.derived_from_id),
        "position": row.position,
        "kind": row.kind,
        "title": row.title,
        "language": row.language,
        "status": row.status,
        "url": row.url,
        "checksum": row.checksum,
        "note": row.note,
    })
}
