//! The same record as mutations, as `kafo import record` takes them: whatever the server makes of them, the rows have
//! to be the same.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::country::{Assignment, Country, FollowUp, Item, Meeting, SENSITIVITY, VISIBILITY};
use crate::rows::{LANGUAGE, SERVICE, TIME_ZONE};

/// An id as the API writes it.
#[must_use]
pub fn id(prefix: &str, uuid: Uuid) -> String {
    format!("{prefix}_{}", uuid.simple())
}

/// The operation: for an administrator.
#[must_use]
pub fn operation(country: &Country) -> Value {
    json!([{ "operationCreate": {
        "id": id("opn", country.operation),
        "code": "XLG",
        "slug": "lagune",
        "name": "République de la Lagune",
        "timeZone": TIME_ZONE,
        "defaultLanguage": LANGUAGE,
    } }])
}

/// Groups, organisations, people, seats, the service: for the operation's manager.
#[must_use]
pub fn directory(country: &Country) -> Value {
    let mut all = Vec::new();
    for o in &country.organisations {
        all.push(json!({ "organisationCreate": {
            "id": id("org", o.id), "name": o.name, "acronym": o.acronym, "slug": o.slug } }));
    }
    for g in &country.groups {
        all.push(json!({ "groupCreate": {
            "id": id("grp", g.id),
            "operation": id("opn", country.operation),
            "parent": g.parent.map(|p| id("grp", p)),
            "kind": g.kind,
            "name": g.name,
            "acronym": g.acronym,
            "slug": g.slug,
            "mandate": g.mandate,
            "visibility": VISIBILITY[g.visibility],
            "sensitivity": SENSITIVITY[g.sensitivity],
            "activatedOn": country.since.date_naive(),
        } }));
    }
    for p in &country.people {
        all.push(json!({ "personCreate": {
            "id": id("per", p.id),
            "displayName": p.name,
            "organisation": id("org", country.organisations[p.organisation].id),
            "jobTitle": p.job,
            "contactPoints": [{ "kind": "EMAIL", "value": p.email }],
        } }));
    }
    for m in &country.memberships {
        all.push(json!({ "membershipCreate": {
            "id": id("mbr", m.id),
            "group": id("grp", country.groups[m.group].id),
            "organisation": id("org", country.organisations[m.organisation].id),
            "person": m.person.map(|p| id("per", country.people[p].id)),
            "role": m.role,
            "topic": m.topic,
            "since": m.since,
            "until": m.until,
        } }));
    }
    let seat = |group: Uuid| json!({ "group": id("grp", group), "role": "REPRESENTATIVE" });
    all.push(json!({ "serviceAccountCreate": {
        "id": id("svc", SERVICE),
        "name": "Tableau de bord",
        "operation": id("opn", country.operation),
        "seats": country.groups.iter().map(|g| seat(g.id)).collect::<Vec<_>>(),
    } }));
    Value::Array(all)
}

/// The meetings of a group: for its coordinator. Minutes are adopted by the next meeting, and then published.
#[must_use]
pub fn meetings(country: &Country, group: usize) -> Value {
    let all: Vec<&Meeting> = country.meetings.iter().filter(|m| m.group == group).collect();
    let mut entries: Vec<Value> = all.iter().map(|m| record(country, m)).collect();
    for pair in all.windows(2).filter(|pair| pair[0].is_published) {
        let minutes = minutes(pair[0]);
        entries.push(json!({ "minutesAdopt": { "id": minutes, "at": id("mtg", pair[1].id) } }));
        let confirmed = confirmed(country, pair[0]);
        entries.push(json!({ "minutesPublish": { "id": minutes, "confirmed": confirmed } }));
    }
    Value::Array(entries)
}

fn minutes(meeting: &Meeting) -> String {
    id("min", Uuid::from_u128(meeting.id.as_u128() ^ 1))
}

/// A meeting, with minutes if they are to go out.
fn record(country: &Country, meeting: &Meeting) -> Value {
    let circulated = || json!({ "id": minutes(meeting), "status": "CIRCULATED", "body": "Voir le détail." });
    json!({ "meetingRecord": {
        "id": id("mtg", meeting.id),
        "group": id("grp", country.groups[meeting.group].id),
        "kind": "REGULAR",
        "title": meeting.title,
        "status": if meeting.is_closed { "CLOSED" } else { "HELD" },
        "heldOn": meeting.day,
        "timesText": "de 9 h 30 à 11 h 10",
        "scheduledStart": meeting.start.to_rfc3339(),
        "scheduledEnd": (meeting.start + chrono::TimeDelta::minutes(90)).to_rfc3339(),
        "actualEnd": (meeting.start + chrono::TimeDelta::minutes(100)).to_rfc3339(),
        "modality": "HYBRID",
        "venueText": meeting.venue,
        "hostOrganisation": id("org", country.organisations[meeting.host].id),
        "agendaStatus": "ADOPTED",
        "attendanceRecord": "HEADCOUNT_ONLY",
        "headcount": meeting.headcount,
        "agendaItems": (1..).zip(&meeting.items).map(|(n, i)| item(country, i, n)).collect::<Vec<_>>(),
        "minutes": meeting.is_published.then(circulated),
    } })
}

fn item(country: &Country, item: &Item, number: usize) -> Value {
    let recommendation = |one: &crate::country::Recommendation| {
        json!({
            "id": id("rec", one.id),
            "kind": one.kind,
            "text": one.text,
            "status": one.status,
            "sensitivity": one.sensitivity.map(|s| SENSITIVITY[s]),
            "followUps": one.follow_ups.iter().map(|f| follow_up(country, f)).collect::<Vec<_>>(),
        })
    };
    json!({
        "id": id("agi", item.id),
        "printedNumber": format!("{number}."),
        "kind": item.what.0,
        "purpose": item.what.1,
        "title": item.what.2,
        "plannedMinutes": 20,
        "status": "COVERED",
        "discussion": item.discussion,
        "sensitivity": item.sensitivity.map(|s| SENSITIVITY[s]),
        "recommendations": item.recommendations.iter().map(recommendation).collect::<Vec<_>>(),
    })
}

fn follow_up(country: &Country, one: &FollowUp) -> Value {
    let assignment = |a: &Assignment| match a {
        Assignment::Organisation(o, part) => {
            json!({ "organisation": id("org", country.organisations[*o].id), "part": part })
        }
        Assignment::Person(p) => json!({ "person": id("per", country.people[*p].id) }),
    };
    json!({
        "id": id("fup", one.id),
        "text": one.text,
        "status": one.status,
        "priority": one.priority,
        "due": match (one.due, one.due_text) {
            (Some(day), _) => json!({ "on": day, "qualifier": "ON_OR_BEFORE" }),
            (None, text) => json!({ "text": text }),
        },
        "blockedReason": one.blocked,
        "actionTaken": one.done,
        "closedOn": one.closed,
        "assignments": one.assignments.iter().map(assignment).collect::<Vec<_>>(),
    })
}

/// What goes out has to be confirmed, text by text; what is not LOW does not go out.
fn confirmed(country: &Country, meeting: &Meeting) -> Vec<Value> {
    let base = country.groups[meeting.group].sensitivity;
    let mut all = Vec::new();
    for item in &meeting.items {
        for one in &item.recommendations {
            let effective = base.max(item.sensitivity.unwrap_or(0)).max(one.sensitivity.unwrap_or(0));
            if effective > 0 {
                continue;
            }
            all.push(json!({ "id": id("rec", one.id), "publicText": one.text }));
            all.extend(one.follow_ups.iter().map(|f| json!({ "id": id("fup", f.id), "publicText": f.text })));
        }
    }
    all
}
