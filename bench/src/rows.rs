//! The record as rows, with every value that the server would have computed: folded texts, effective visibility and
//! sensitivity, positions, versions, the change sequence. `kafo-bench check` compares them with what the server wrote.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::country::{Assignment, Country, FollowUp, Item, Meeting, Recommendation, SENSITIVITY, VISIBILITY};
use crate::fold::fold;
use crate::table::{Cell, Change, Tables};

/// The language of all texts.
pub const LANGUAGE: &str = "fr";
/// Where the days begin.
pub const TIME_ZONE: &str = "Africa/Bamako";
/// The service that asks: its account, and that its seats are those of a representative.
pub const SERVICE: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

/// All rows.
#[must_use]
pub fn of(country: &Country) -> Tables {
    let mut tables = Tables::default();
    directory(country, &mut tables);
    for meeting in &country.meetings {
        met(country, meeting, &mut tables);
    }
    service(country, &mut tables);
    // what others point to comes first
    const LAST: [&str; 1] = ["change"];
    tables.0.sort_by_key(|t| LAST.contains(&t.name));
    tables
}

fn directory(country: &Country, tables: &mut Tables) {
    let (operation, at) = (country.operation, country.since);
    tables.entered(
        "operation",
        vec![
            ("id", operation.into()),
            ("code", "XLG".into()),
            ("slug", "lagune".into()),
            ("name", "République de la Lagune".into()),
            ("name_folded", fold("République de la Lagune").into()),
            ("time_zone", TIME_ZONE.into()),
            ("default_language", LANGUAGE.into()),
        ],
        at,
        (at, 1),
    );
    let change = |kind, of| Change { at, kind, of, group: None, operation: None, state: None, detail: None };
    let opened = change("operationCreate", ("Operation", operation));
    tables.change(Change { operation: Some(operation), ..opened });
    for o in &country.organisations {
        tables.entered(
            "organisation",
            vec![
                ("id", o.id.into()),
                ("name", o.name.as_str().into()),
                ("name_folded", fold(&o.name).into()),
                ("acronym", o.acronym.as_str().into()),
                ("acronym_folded", fold(&o.acronym).into()),
                ("slug", o.slug.as_str().into()),
            ],
            at,
            (at, 1),
        );
        tables.change(change("organisationCreate", ("Organisation", o.id)));
    }
    for g in &country.groups {
        tables.entered(
            "coordination_group",
            vec![
                ("id", g.id.into()),
                ("operation_id", operation.into()),
                ("kind", g.kind.into()),
                ("name", g.name.as_str().into()),
                ("name_folded", fold(&g.name).into()),
                ("acronym", g.acronym.as_str().into()),
                ("slug", g.slug.as_str().into()),
                ("parent_id", g.parent.into()),
                ("mandate", g.mandate.as_str().into()),
                ("visibility", VISIBILITY[g.visibility].into()),
                ("sensitivity", SENSITIVITY[g.sensitivity].into()),
                ("status", "ACTIVE".into()),
                ("activated_on", at.date_naive().into()),
            ],
            at,
            (at, 1),
        );
        tables.change(Change {
            group: Some(g.id),
            operation: Some(operation),
            state: Some("ACTIVE"),
            ..change("groupCreate", ("Group", g.id))
        });
    }
    for p in &country.people {
        tables.entered(
            "person",
            vec![
                ("id", p.id.into()),
                ("display_name", p.name.as_str().into()),
                ("name_folded", fold(&p.name).into()),
                ("organisation_id", country.organisations[p.organisation].id.into()),
                ("job_title", p.job.into()),
            ],
            at,
            (at, 1),
        );
        tables.add(
            "contact_point",
            vec![
                ("id", Uuid::from_u128(p.id.as_u128() ^ 1).into()),
                ("person_id", p.id.into()),
                ("kind", "EMAIL".into()),
                ("value", p.email.as_str().into()),
                ("position", 1.into()),
            ],
        );
        tables.change(change("personCreate", ("Person", p.id)));
    }
    for m in &country.memberships {
        let group = country.groups[m.group].id;
        tables.entered(
            "membership",
            vec![
                ("id", m.id.into()),
                ("group_id", group.into()),
                ("organisation_id", country.organisations[m.organisation].id.into()),
                ("person_id", m.person.map(|p| country.people[p].id).into()),
                ("role", m.role.into()),
                ("since", m.since.into()),
                ("until", m.until.into()),
                ("topic", m.topic.into()),
                ("topic_folded", m.topic.map(fold).into()),
                ("handover_state", "NONE".into()),
            ],
            at,
            (at, 1),
        );
        let detail = json!({ "role": m.role }).to_string();
        tables.change(Change {
            group: Some(group),
            operation: Some(operation),
            detail: Some(detail),
            ..change("membershipCreate", ("Membership", m.id))
        });
    }
}

/// What a row takes over, and what it had to be tightened to.
#[derive(Clone, Copy)]
struct Effective {
    group: Uuid,
    operation: Uuid,
    visibility: usize,
    sensitivity: usize,
    at: DateTime<Utc>,
    published: Option<DateTime<Utc>>,
}

impl Effective {
    fn tightened(self, sensitivity: Option<usize>) -> Self {
        Self { sensitivity: self.sensitivity.max(sensitivity.unwrap_or(0)), ..self }
    }

    /// When it went out: only what is PUBLIC and LOW does.
    fn published_at(self) -> Option<DateTime<Utc>> {
        self.published.filter(|_| self.visibility == 0 && self.sensitivity == 0)
    }

    /// When it was last changed, and its version: publication is a change.
    fn changed(self) -> (DateTime<Utc>, i64) {
        self.published_at().map_or((self.at, 1), |at| (at, 2))
    }

    fn cells(self, id: Uuid) -> Vec<Cell> {
        vec![
            ("id", id.into()),
            ("group_id", self.group.into()),
            ("operation_id", self.operation.into()),
            ("visibility", VISIBILITY[self.visibility].into()),
            ("sensitivity", SENSITIVITY[self.sensitivity].into()),
            ("published_at", self.published_at().into()),
        ]
    }
}

/// How far the positions within a meeting have come.
#[derive(Default)]
struct Positions {
    recommendation: i64,
    follow_up: i64,
}

fn met(country: &Country, meeting: &Meeting, tables: &mut Tables) {
    let group = &country.groups[meeting.group];
    let at = Effective {
        group: group.id,
        operation: country.operation,
        visibility: group.visibility,
        sensitivity: group.sensitivity,
        at: meeting.entered(),
        published: meeting.is_published.then(|| meeting.entered() + TimeDelta::days(12)),
    };
    let status = if meeting.is_closed { "CLOSED" } else { "HELD" };
    let mut cells = at.cells(meeting.id);
    cells.extend([
        ("title", meeting.title.as_str().into()),
        ("title_folded", fold(&meeting.title).into()),
        ("kind", "REGULAR".into()),
        ("status", status.into()),
        ("held_on", meeting.day.into()),
        ("occurs_on", meeting.day.into()),
        ("times_text", "de 9 h 30 à 11 h 10".into()),
        ("scheduled_start", meeting.start.into()),
        ("scheduled_end", (meeting.start + TimeDelta::minutes(90)).into()),
        ("actual_end", (meeting.start + TimeDelta::minutes(100)).into()),
        ("time_zone", TIME_ZONE.into()),
        ("modality", "HYBRID".into()),
        ("venue_text", meeting.venue.as_str().into()),
        ("host_organisation_id", country.organisations[meeting.host].id.into()),
        ("agenda_status", "ADOPTED".into()),
        ("attendance_record", "HEADCOUNT_ONLY".into()),
        ("headcount", meeting.headcount.into()),
        ("language", LANGUAGE.into()),
        // a digest of the call that recorded it: nobody calls here, so that only its length is right
        ("record_digest", format!("{:064x}", meeting.id.as_u128()).into()),
    ]);
    tables.entered("meeting", cells, at.at, at.changed());
    let mut positions = Positions::default();
    for (position, item) in (1..).zip(&meeting.items) {
        discussed(country, meeting, item, position, at.tightened(item.sensitivity), &mut positions, tables);
    }
    let detail = json!({ "agendaItems": meeting.items.len(), "attendance": 0 }).to_string();
    tables.change(Change {
        at: at.at,
        kind: "meetingRecord",
        of: ("Meeting", meeting.id),
        group: Some(at.group),
        operation: Some(at.operation),
        state: Some(status),
        detail: Some(detail),
    });
}

fn discussed(
    country: &Country,
    meeting: &Meeting,
    item: &Item,
    position: i64,
    at: Effective,
    positions: &mut Positions,
    tables: &mut Tables,
) {
    let mut cells = at.cells(item.id);
    cells.extend([
        ("meeting_id", meeting.id.into()),
        ("position", position.into()),
        ("printed_number", format!("{position}.").into()),
        ("kind", item.what.0.into()),
        ("purpose", item.what.1.into()),
        ("title", item.what.2.into()),
        ("planned_minutes", 20.into()),
        ("status", "COVERED".into()),
        ("discussion", item.discussion.as_str().into()),
        ("language", LANGUAGE.into()),
    ]);
    tables.entered("agenda_item", cells, at.at, at.changed());
    for one in &item.recommendations {
        let at = at.tightened(one.sensitivity);
        positions.recommendation += 1;
        recommended(meeting, item, one, positions.recommendation, at, tables);
        for follow_up in &one.follow_ups {
            positions.follow_up += 1;
            agreed(country, meeting, (item, one, follow_up), positions.follow_up, at, tables);
        }
    }
}

fn recommended(
    meeting: &Meeting,
    item: &Item,
    one: &Recommendation,
    position: i64,
    at: Effective,
    tables: &mut Tables,
) {
    let mut cells = at.cells(one.id);
    cells.extend([
        ("public_text", at.published_at().map(|_| one.text.as_str()).into()),
        ("meeting_id", meeting.id.into()),
        ("agenda_item_id", item.id.into()),
        ("position", position.into()),
        ("kind", one.kind.into()),
        ("text", one.text.as_str().into()),
        ("text_folded", fold(&one.text).into()),
        ("language", LANGUAGE.into()),
        ("status", one.status.into()),
    ]);
    tables.entered("recommendation", cells, at.at, at.changed());
}

fn agreed(
    country: &Country,
    meeting: &Meeting,
    (item, recommendation, one): (&Item, &Recommendation, &FollowUp),
    position: i64,
    at: Effective,
    tables: &mut Tables,
) {
    let mut cells = at.cells(one.id);
    cells.extend([
        ("public_text", at.published_at().map(|_| one.text.as_str()).into()),
        ("meeting_id", meeting.id.into()),
        ("agenda_item_id", item.id.into()),
        ("recommendation_id", recommendation.id.into()),
        ("position", position.into()),
        ("text", one.text.as_str().into()),
        ("text_folded", fold(&one.text).into()),
        ("language", LANGUAGE.into()),
        ("status", one.status.into()),
        ("priority", one.priority.into()),
        ("raised_on", meeting.day.into()),
        ("due_on", one.due.into()),
        ("due_text", one.due_text.into()),
        ("due_qualifier", one.due.map(|_| "ON_OR_BEFORE").into()),
        ("due_precision", one.due.map(|_| "DAY").into()),
        ("due_is_inferred", false.into()),
        ("blocked_reason", one.blocked.into()),
        ("action_taken", one.done.into()),
        ("closed_on", one.closed.into()),
        ("due_change_count", 0.into()),
        ("reassignment_count", 0.into()),
    ]);
    tables.entered("follow_up", cells, at.at, at.changed());
    for (position, assignment) in (1_i64..).zip(&one.assignments) {
        let (person, organisation, part) = match assignment {
            Assignment::Organisation(o, part) => (None, Some(country.organisations[*o].id), *part),
            Assignment::Person(p) => (Some(country.people[*p].id), None, "RESPONSIBLE"),
        };
        tables.add(
            "assignment",
            vec![
                ("id", Uuid::from_u128(one.id.as_u128() ^ u128::from(position.unsigned_abs() << 32)).into()),
                ("follow_up_id", one.id.into()),
                ("position", position.into()),
                ("part", part.into()),
                ("is_inferred", false.into()),
                ("person_id", person.into()),
                ("organisation_id", organisation.into()),
                ("state", "PENDING".into()),
            ],
        );
    }
}

/// A dashboard that may read whatever a representative of each group may.
fn service(country: &Country, tables: &mut Tables) {
    let (operation, at) = (country.operation, country.since);
    let email = format!("{}@service.invalid", SERVICE.simple());
    let account = vec![
        ("id", SERVICE.into()),
        ("email", email.as_str().into()),
        ("email_folded", email.as_str().into()),
        ("display_name", "Tableau de bord".into()),
        ("is_active", true.into()),
        ("kind", "SERVICE".into()),
        ("email_is_proven", false.into()),
    ];
    tables.entered("account", account, at, (at, 1));
    let service = vec![("id", SERVICE.into()), ("operation_id", operation.into())];
    tables.entered("service_account", service, at, (at, 1));
    for (number, group) in (1_u128..).zip(&country.groups) {
        let seat = vec![
            ("id", Uuid::from_u128(SERVICE.as_u128() + number).into()),
            ("account_id", SERVICE.into()),
            ("group_id", group.id.into()),
            ("role", "REPRESENTATIVE".into()),
            ("created_at", at.into()),
        ];
        tables.add("service_seat", seat);
    }
}
