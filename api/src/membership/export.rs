//! Lists of a group to take away: its organisations, and its people with their contact details.

use std::collections::BTreeMap;

use entity::enums::{ContactKind, MembershipRole};
use entity::{contact_point, coordination_group, membership, organisation, person};
use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::auth::{Action, Scope, Target};
use crate::db::{Change, Cursor, Many, Page, Plan, Reader, Row, SortKind, Tx, Where, Window};
use crate::error::{Error, Result};
use crate::graphql::Language;
use crate::id::Kind;
use crate::sheet::{File, sheet};

/// Who has a seat in a group today, with the contact details that the viewer may see. Recorded, with
/// the number of people.
///
/// # Errors
/// `NOT_FOUND`, `PERMISSION_DENIED`, `UNAUTHENTICATED`.
pub async fn contacts(reader: &Reader, tx: Tx, named: &str, language: Language) -> Result<File> {
    let group = group(reader, named).await?;
    let target = Target::of(group.id, Some(group.operation_id), None);
    tx.permit(Action::ExportWithContacts, &target)?.covers(Action::ExportWithContacts, Some(group.id))?;
    let points = Many {
        relation: "contactPoints".into(),
        key: "person_id",
        window: Window::ascending("position", SortKind::Number),
        plan: leaf::<contact_point::Model>(),
    };
    let people = Plan { manys: vec![points], ..leaf::<person::Model>() };
    let ones = vec![("person_id", people), ("organisation_id", leaf::<organisation::Model>())];
    let mut rows = Vec::new();
    for seat in seats(reader, Plan { ones, ..leaf::<membership::Model>() }, group.id).await? {
        let Some(person) = seat.person_id.and_then(|id| reader.row::<person::Model>(id)) else { continue };
        let organisation = seat.organisation_id.and_then(|id| reader.row::<organisation::Model>(id));
        let points = reader.rows_of::<_, contact_point::Model>(&*person, "contactPoints");
        let points = points.ok_or(Error::Internal)?;
        let of = |kind: ContactKind| {
            let values = points.iter().filter(|p| p.kind == kind).map(|p| p.value.as_str());
            values.collect::<Vec<_>>().join("; ")
        };
        rows.push(vec![
            person.display_name.clone(),
            organisation.as_ref().map(|o| o.name.clone()).unwrap_or_default(),
            organisation.as_ref().and_then(|o| o.acronym.clone()).unwrap_or_default(),
            person.job_title.clone().unwrap_or_default(),
            seat.role.word(),
            of(ContactKind::Email),
            of(ContactKind::Phone),
            of(ContactKind::Other),
        ]);
    }
    rows.sort();
    let header = match language {
        Language::English => {
            ["name", "organisation", "acronym", "function", "role", "email", "telephone", "other"]
        }
        Language::French => {
            ["nom", "organisation", "sigle", "fonction", "rôle", "courriel", "téléphone", "autre"]
        }
    };
    let file = sheet(format!("kafo-{}-contacts.csv", group.slug), &header, &rows)?;
    let change = Change::new("contactsExport", Kind::Group, group.id);
    let change = change.in_group(group.id, group.operation_id).detail(json!({ "people": rows.len() }));
    tx.commit(change).await?;
    Ok(file)
}

/// The organisations with a seat in a group today, as far as the viewer sees their seats; only those
/// that lead it for whoever has no seat or grant that gives more.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn organisations(reader: &Reader, named: &str, language: Language) -> Result<File> {
    let group = group(reader, named).await?;
    let only_leads = !sees_all(reader.scope(), &group);
    let ones = vec![("organisation_id", leaf::<organisation::Model>())];
    let mut found: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for seat in seats(reader, Plan { ones, ..leaf::<membership::Model>() }, group.id).await? {
        let leads = matches!(seat.role, MembershipRole::Lead | MembershipRole::CoLead);
        let Some(row) = seat.organisation_id.and_then(|id| reader.row::<organisation::Model>(id)) else {
            continue;
        };
        if only_leads && !leads {
            continue;
        }
        let key = [Some(row.name.clone()), row.acronym.clone(), row.type_code.clone()];
        let roles = found.entry(key.map(Option::unwrap_or_default).to_vec()).or_default();
        // a person's role is no organisation's
        if seat.person_id.is_none() && !roles.contains(&seat.role.word()) {
            roles.push(seat.role.word());
        }
    }
    let with_roles = |(mut row, roles): (Vec<String>, Vec<String>)| {
        row.push(roles.join(" "));
        row
    };
    let rows: Vec<_> = found.into_iter().map(with_roles).collect();
    let header = match language {
        Language::English => ["organisation", "acronym", "type", "role"],
        Language::French => ["organisation", "sigle", "type", "rôle"],
    };
    sheet(format!("kafo-{}-organisations.csv", group.slug), &header, &rows)
}

fn sees_all(scope: &Scope, group: &coordination_group::Model) -> bool {
    scope.may_read(Action::ExportOrganisationsOnly, group.id, Some(group.operation_id), None)
}

/// The group with this id or slug, if the viewer may see it.
async fn group(reader: &Reader, named: &str) -> Result<coordination_group::Model> {
    let filter = match Kind::parse(named) {
        Some((Kind::Group, id)) => Where::eq("id", id),
        _ => Where::eq("slug", named),
    };
    let plan = leaf::<coordination_group::Model>();
    let slice = reader.page(&plan, &Window { filter, ..Window::default() }).await?;
    let row = slice.ids.first().and_then(|id| reader.row::<coordination_group::Model>(*id));
    row.map(|row| (*row).clone()).ok_or_else(|| Error::not_found(Kind::Group))
}

/// Every seat of a group that holds today and that the viewer may see, however many.
async fn seats(reader: &Reader, plan: Plan, group: Uuid) -> Result<Vec<membership::Model>> {
    let today = reader.scope().actor().today;
    let mut window = Window {
        filter: Where::eq("group_id", group).and(store::active_on(today)),
        order: store::by_role(),
        page: Some(Page { size: 500, backward: false, after: None, before: None }),
        ..Window::default()
    };
    let mut seats = Vec::new();
    loop {
        let slice = reader.page(&plan, &window).await?;
        let rows = slice.ids.iter().filter_map(|id| reader.row::<membership::Model>(*id));
        seats.extend(rows.map(|row| (*row).clone()));
        let Some(last) = slice.marks.last().filter(|_| slice.has_next) else { return Ok(seats) };
        let after = Cursor::decode(&last.cursor(), &window.order, "after")?;
        window.page = Some(Page { size: 500, backward: false, after: Some(after), before: None });
    }
}

fn leaf<M: Row>() -> Plan {
    Plan { table: M::table(), ones: Vec::new(), manys: Vec::new() }
}
