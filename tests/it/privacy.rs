//! Personal data: the registry of columns, sharing, erasure, and the ledger that survives a restore.

use std::collections::BTreeSet;

use tests::{Client, Value, World, json, on_both};

use crate::cast::{CLUSTER, Cast, FORUM, NGO, OPERATION, PASSWORD, mutate, person, refused, succeed};
use crate::raw::{Raw, registry};

on_both!(
    every_column_is_registered,
    only_the_person_shares_with_more_groups,
    sharing_is_set_by_group,
    erasing_a_person_leaves_no_canary,
    people_erase_themselves,
    erasing_is_for_oneself_and_administrators,
    whoever_was_merged_is_erased_too,
    the_last_coordinator_may_go,
    a_restored_backup_is_erased_again,
    a_broken_ledger_changes_nothing,
);

/// What every planted text contains.
pub const CANARY: &str = "zqcanari";
/// Whose data are planted.
pub const WHO: u32 = 4;
const ADDRESS: &str = "zqcanari@exemple.example";

async fn every_column_is_registered(world: World) {
    let raw = Raw::open(&world.storage).await;
    let there: BTreeSet<_> = raw.columns().await.into_iter().map(|(t, c, _)| format!("{t}.{c}")).collect();
    let lines = registry();
    let known: BTreeSet<_> = lines.iter().map(|l| format!("{}.{}", l.table, l.column)).collect();
    assert_eq!(known.len(), lines.len(), "a column is registered twice");
    let unclassified: Vec<_> = there.difference(&known).collect();
    let vanished: Vec<_> = known.difference(&there).collect();
    assert!(unclassified.is_empty(), "docs/columns.csv does not know {unclassified:?}");
    assert!(vanished.is_empty(), "docs/columns.csv knows what is not there: {vanished:?}");
}

async fn version(who: &Client, id: &str) -> Value {
    let query = "query($id: ID!) { person(by: { id: $id }) { version } }";
    who.ask(query, json!({ "id": id })).await.at("/person/version").clone()
}

async fn shares(who: &Client, id: &str) -> Value {
    let query = "query($id: ID!) { person(by: { id: $id }) { contactPoints { value sharedWith } } }";
    who.ask(query, json!({ "id": id })).await.at("/person/contactPoints").clone()
}

async fn only_the_person_shares_with_more_groups(world: World) {
    let cast = Cast::of(world).await;
    let update = |version: Value, shared: Value| {
        let point = match shared {
            Value::Null => json!({ "kind": "EMAIL", "value": "awa@exemple.example" }),
            shared => json!({ "kind": "EMAIL", "value": "awa@exemple.example", "sharedWith": shared }),
        };
        json!({ "id": person(WHO), "expectedVersion": version, "contactPoints": [point] })
    };
    let by = &cast.coordinator;
    // officers enter a contact point; sharing it is not for them
    let error = refused(by, "personUpdate", update(json!(1), json!([CLUSTER]))).await;
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("PERMISSION_DENIED"), &json!(["input", "contactPoints", "0", "sharedWith"]))
    );
    assert_eq!(shares(by, &person(WHO)).await, json!([]), "nothing is half done");
    let new = json!({ "displayName": "Personne Exemple 9", "organisation": NGO,
        "contactPoints": [{ "kind": "EMAIL", "value": "neuf@exemple.example", "sharedWith": [CLUSTER] }] });
    assert_eq!(refused(by, "personCreate", new).await["code"], "PERMISSION_DENIED");
    succeed(by, "personUpdate", update(json!(1), Value::Null), "__typename").await;
    let own = &cast.representative;
    succeed(own, "personUpdate", update(json!(2), json!([CLUSTER, FORUM])), "__typename").await;
    // who writes the list anew without speaking of sharing leaves it as the person wants it
    succeed(by, "personUpdate", update(json!(3), Value::Null), "__typename").await;
    let wanted = json!([{ "value": "awa@exemple.example", "sharedWith": [CLUSTER, FORUM] }]);
    assert_eq!(shares(own, &person(WHO)).await, wanted);
    // officers may narrow it
    succeed(by, "personUpdate", update(json!(4), json!([CLUSTER])), "__typename").await;
    assert_eq!(shares(own, &person(WHO)).await[0]["sharedWith"], json!([CLUSTER]));
    let error = refused(by, "personUpdate", update(json!(5), json!([CLUSTER, FORUM]))).await;
    assert_eq!(error["code"], "PERMISSION_DENIED");
}

async fn sharing_is_set_by_group(world: World) {
    let cast = Cast::of(world).await;
    let own = &cast.representative;
    let points = json!([{ "kind": "EMAIL", "value": "awa@exemple.example" }, { "kind": "PHONE", "value": "+223 00 00 00 00" }]);
    let input = json!({ "id": person(WHO), "expectedVersion": 1, "contactPoints": points });
    succeed(own, "personUpdate", input, "__typename").await;
    let set = |points: Value| json!({ "group": CLUSTER, "contactPoints": points });
    let email = json!([{ "kind": "EMAIL", "value": "AWA@exemple.example" }]);
    let shown = "person { version contactPoints { value sharedWith } }";
    let now = succeed(own, "contactSharingSet", set(email.clone()), shown).await;
    assert_eq!(now["person"]["contactPoints"][0]["sharedWith"], json!([CLUSTER]));
    assert_eq!(now["person"]["contactPoints"][1]["sharedWith"], json!([]));
    let phone = json!([{ "kind": "PHONE", "value": "+223 00 00 00 00" }]);
    let now = succeed(own, "contactSharingSet", set(phone), shown).await;
    assert_eq!(now["person"]["contactPoints"][0]["sharedWith"], json!([]));
    assert_eq!(now["person"]["contactPoints"][1]["sharedWith"], json!([CLUSTER]));
    assert_eq!(now["person"]["version"], json!(4));
    succeed(own, "contactSharingSet", set(json!([])), shown).await;
    assert_eq!(shares(own, &person(WHO)).await[1]["sharedWith"], json!([]));
    // one's own only: the coordinator has no such contact point
    let error = refused(&cast.coordinator, "contactSharingSet", set(email.clone())).await;
    assert_eq!(error["code"], "UNKNOWN_CONTACT_POINT");
    // an account that is nobody's has nothing to share
    assert_eq!(refused(&cast.admin, "contactSharingSet", set(json!([]))).await["code"], "PERMISSION_DENIED");
    let anonymous = mutate(&cast.anonymous, "contactSharingSet", set(email), "__typename").await;
    assert_eq!(anonymous.error_code(), Some("UNAUTHENTICATED"));
}

/// Adopted minutes that name the person, and rows that lead to them in every table.
pub async fn plant(cast: &Cast) -> String {
    let by = &cast.secretary;
    let named = format!("{CANARY} Instantané");
    let line = json!({ "displayName": named, "functionText": named, "note": named, "person": person(WHO),
        "organisation": NGO, "status": "PRESENT" });
    let contributor =
        json!({ "displayName": named, "functionText": named, "person": person(WHO), "role": "AUTHOR" });
    let presenter = json!({ "displayName": named, "functionText": named, "person": person(WHO) });
    let meeting = |id: &str, title: &str, day: &str| {
        json!({ "id": id, "group": CLUSTER, "kind": "REGULAR", "title": title, "heldOn": day, "status": "HELD",
            "attendance": [line], "agendaItems": [{ "kind": "DISCUSSION", "title": "Exemple", "presenters": [presenter] }] })
    };
    let mut first = meeting("mtg_01900000000070008000000000000071", "Première", "2019-07-04");
    first["minutes"] =
        json!({ "title": "Compte rendu", "status": "CIRCULATED", "contributors": [contributor] });
    let first = succeed(by, "meetingRecord", first, "meeting { minutes { id } }").await;
    let second = meeting("mtg_01900000000070008000000000000072", "Seconde", "2019-08-04");
    let second = succeed(by, "meetingRecord", second, "meeting { id }").await;
    let minutes = first["meeting"]["minutes"]["id"].as_str().expect("minutes").to_owned();
    let adoption = json!({ "id": minutes, "at": second["meeting"]["id"] });
    let adopted = succeed(&cast.coordinator, "minutesAdopt", adoption, "minutes { snapshot }").await;
    assert!(adopted["minutes"]["snapshot"].as_str().is_some_and(|s| s.contains(CANARY)));
    let points = json!([{ "kind": "EMAIL", "value": "awa@exemple.example", "label": "bureau", "sharedWith": [CLUSTER] }, { "kind": "PHONE", "value": "+223 1" }]);
    let input =
        json!({ "id": person(WHO), "expectedVersion": 1, "jobTitle": "Exemple", "contactPoints": points });
    succeed(&cast.representative, "personUpdate", input, "__typename").await;
    let advice = json!({ "group": CLUSTER, "kind": "PROPOSAL", "text": "Exemple" });
    let advice = succeed(by, "recommendationAdd", advice, "recommendation { id }").await;
    let action = json!({ "group": CLUSTER, "text": "Exemple", "assignments": [{ "person": person(WHO), "writtenAs": "Exemple" }] });
    let action = succeed(by, "followUpCreate", action, "followUp { id assignments { id } }").await;
    let raw = Raw::open(&cast.world.storage).await;
    insert(&raw, &advice["recommendation"]["id"], &action["followUp"]).await;
    let mut planted = 0;
    let personal = registry()
        .into_iter()
        .filter(|l| matches!(l.class.as_str(), "name" | "contact") && !l.subject.is_empty());
    let lines: Vec<_> = personal.collect();
    // from the last table to the first: invitations are found by addresses that change after them
    let columns: BTreeSet<_> = lines.iter().map(|l| (l.table.clone(), l.subject.clone())).collect();
    for (table, subject) in columns.into_iter().rev() {
        let of: Vec<_> = lines.iter().filter(|l| l.table == table && l.subject == subject).collect();
        let set: Vec<String> = of
            .iter()
            .map(|l| {
                let is_key = matches!(l.column.as_str(), "email" | "email_folded" | "value");
                let text = if is_key { ADDRESS.to_owned() } else { format!("{CANARY} {table} {}", l.column) };
                format!("{} = '{text}'", l.column)
            })
            .collect();
        let rows = raw
            .run(&format!(
                "UPDATE {table} SET {} WHERE {}",
                set.join(", "),
                of[0].leads_to(&raw, &person(WHO))
            ))
            .await;
        assert!(rows > 0, "no row of {table} leads to the person: plant one");
        planted += set.len();
    }
    assert!(planted > 20, "{planted}");
    let found = found(&raw).await;
    for line in &lines {
        let at = format!("{}.{}: ", line.table, line.column);
        assert!(found.iter().any(|f| f.starts_with(&at)), "{at} holds no canary");
    }
    raw.close().await;
    minutes
}

/// Rows that lead to the person in the tables that the API of these tests does not fill.
async fn insert(raw: &Raw, recommendation: &Value, follow_up: &Value) {
    let id = |id: &Value| raw.id(id.as_str().expect("an id"));
    let (advice, action, part) =
        (id(recommendation), id(&follow_up["id"]), id(&follow_up["assignments"][0]["id"]));
    let me = raw.id(&person(WHO));
    let hex =
        if raw.id("00").starts_with("x'") { "lower(hex(id))" } else { "replace(CAST(id AS text), '-', '')" };
    let account =
        |who: u32| format!("SELECT {hex} AS v FROM account WHERE person_id = {}", raw.id(&person(who)));
    let mine = raw.id(&raw.texts(&account(WHO)).await[0]);
    let other = raw.id(&raw.texts(&account(1)).await[0]);
    let (group, operation) = (raw.id(CLUSTER), raw.id(OPERATION));
    let seat = format!("SELECT {hex} AS v FROM membership WHERE person_id = {me}");
    let seat = raw.id(&raw.texts(&seat).await[0]);
    let mut number = 0;
    let mut fresh = || {
        number += 1;
        raw.id(&format!("0190000000007000b0000000000{number:05}"))
    };
    let now = "'2026-01-01T00:00:00+00:00'";
    let later = "'2999-01-01T00:00:00+00:00'";
    let service = fresh();
    let (own_token, their_token, flow) = (fresh(), fresh(), fresh());
    for sql in [
        format!(
            "INSERT INTO addressee (id, recommendation_id, position, person_id, written_as) VALUES ({}, {advice}, 7, {me}, 'x')",
            fresh()
        ),
        format!(
            "INSERT INTO assignment_response (id, assignment_id, person_id, state, responded_on) VALUES ({}, {part}, {me}, 'DONE', '2026-01-01')",
            fresh()
        ),
        format!(
            "INSERT INTO follow_up_update (id, follow_up_id, person_id, text, language, occurred_is_inferred, created_at) VALUES ({}, {action}, {me}, 'Exemple', 'fr', false, {now})",
            fresh()
        ),
        format!(
            "INSERT INTO external_reference (id, kind, system, code, person_id) VALUES ({}, 'Person', 'rh', 'p1', {me})",
            fresh()
        ),
        format!(
            "INSERT INTO external_reference (id, kind, system, code, membership_id) VALUES ({}, 'Membership', 'rh', 'm1', {seat})",
            fresh()
        ),
        format!(
            "INSERT INTO account_grant (id, account_id, kind, operation_id, created_at) VALUES ({}, {mine}, 'OPERATION_MANAGER', {operation}, {now})",
            fresh()
        ),
        format!(
            "INSERT INTO account (id, email, email_folded, display_name, is_active, created_at, updated_at, version, kind) VALUES ({service}, 's@service.invalid', 's@service.invalid', 'Service Exemple', true, {now}, {now}, 1, 'SERVICE')"
        ),
        format!(
            "INSERT INTO service_account (id, operation_id, created_by_id, created_at, updated_at, version) VALUES ({service}, {operation}, {mine}, {now}, {now}, 1)"
        ),
        format!(
            "INSERT INTO service_seat (id, account_id, group_id, role, created_by_id, created_at) VALUES ({}, {service}, {group}, 'OBSERVER', {mine}, {now})",
            fresh()
        ),
        format!(
            "INSERT INTO api_token (id, account_id, name, digest, scopes, created_by_id, created_at, expires_at, version, updated_at) VALUES ({own_token}, {mine}, 'x', 'd1', 'READ', {mine}, {now}, {later}, 1, {now})"
        ),
        format!(
            "INSERT INTO api_token (id, account_id, name, digest, scopes, created_by_id, created_at, expires_at, version, updated_at) VALUES ({their_token}, {service}, 'x', 'd2', 'READ', {mine}, {now}, {later}, 1, {now})"
        ),
        format!(
            "INSERT INTO api_token_limit (id, api_token_id, group_id) VALUES ({}, {own_token}, {group})",
            fresh()
        ),
        format!(
            "INSERT INTO device (id, account_id, digest, created_at, last_used_at) VALUES ({}, {mine}, 'd3', {now}, {now})",
            fresh()
        ),
        format!("INSERT INTO totp (id, secret, created_at) VALUES ({mine}, 'secret', {now})"),
        format!(
            "INSERT INTO recovery_code (id, account_id, digest, created_at) VALUES ({}, {mine}, 'd4', {now})",
            fresh()
        ),
        format!(
            "INSERT INTO password_reset (id, account_id, digest, created_at, expires_at) VALUES ({}, {mine}, 'd5', {now}, {later})",
            fresh()
        ),
        format!(
            "INSERT INTO password_reset (id, account_id, digest, created_by_id, created_at, expires_at) VALUES ({}, {other}, 'd6', {mine}, {now}, {later})",
            fresh()
        ),
        format!(
            "INSERT INTO openid_identity (id, account_id, issuer, subject, created_at) VALUES ({}, {mine}, 'https://issuer.example', 'x', {now})",
            fresh()
        ),
        format!(
            "INSERT INTO openid_flow (id, state_digest, browser_digest, issuer, nonce, verifier, account_id, created_at, expires_at) VALUES ({flow}, 'd7', 'd8', 'https://issuer.example', 'n', 'v', {mine}, {now}, {later})"
        ),
        format!(
            "INSERT INTO invitation (id, group_id, operation_id, person_id, role, email, email_folded, display_name, status, digest, expires_at, created_at, updated_at, version) VALUES ({}, {group}, {operation}, {me}, 'OBSERVER', 'x', 'x', 'x', 'ACCEPTED', 'd9', {later}, {now}, {now}, 1)",
            fresh()
        ),
        format!(
            "INSERT INTO invitation (id, group_id, operation_id, role, email, email_folded, display_name, status, digest, expires_at, created_at, updated_at, version) VALUES ({}, {group}, {operation}, 'OBSERVER', 'representative@kafo.example', 'representative@kafo.example', 'x', 'OPEN', 'd10', {later}, {now}, {now}, 1)",
            fresh()
        ),
        format!(
            "INSERT INTO invitation (id, group_id, operation_id, role, email, email_folded, display_name, status, digest, expires_at, created_at, updated_at, version) VALUES ({}, {group}, {operation}, 'OBSERVER', 'awa@exemple.example', 'awa@exemple.example', 'x', 'OPEN', 'd11', {later}, {now}, {now}, 1)",
            fresh()
        ),
        format!(
            "INSERT INTO invitation (id, group_id, operation_id, role, email, email_folded, display_name, status, digest, invited_by_id, expires_at, created_at, updated_at, version) VALUES ({}, {group}, {operation}, 'OBSERVER', 'autre@exemple.example', 'autre@exemple.example', 'Personne Exemple 8', 'OPEN', 'd12', {mine}, {later}, {now}, {now}, 1)",
            fresh()
        ),
        format!(
            "INSERT INTO membership_request (id, group_id, operation_id, person_id, role, note, status, created_at, updated_at, version) VALUES ({}, {group}, {operation}, {me}, 'OBSERVER', 'x', 'PENDING', {now}, {now}, 1)",
            fresh()
        ),
        format!(
            "INSERT INTO membership_request (id, group_id, operation_id, person_id, role, status, decided_by_id, created_at, updated_at, version) VALUES ({}, {group}, {operation}, {}, 'OBSERVER', 'APPROVED', {mine}, {now}, {now}, 1)",
            fresh(),
            raw.id(&person(6))
        ),
        format!(
            "INSERT INTO break_glass (id, account_id, group_id, operation_id, reason, created_at, expires_at) VALUES ({}, {mine}, {group}, {operation}, 'Exemple', {now}, {now})",
            fresh()
        ),
        format!(
            "INSERT INTO idempotency_key (account_id, digest, request_digest, outcomes, created_at) VALUES ({mine}, 'd13', 'd14', '{{}}', {now})"
        ),
    ] {
        raw.run(&sql).await;
    }
}

async fn found(raw: &Raw) -> Vec<String> {
    raw.dump().await.into_iter().filter(|text| text.to_lowercase().contains(CANARY)).collect()
}

fn erasure() -> Value {
    json!({ "id": person(WHO), "reason": "À sa demande", "confirm": format!("{CANARY} person display_name") })
}

async fn erasing_a_person_leaves_no_canary(world: World) {
    let cast = Cast::of(world).await;
    let minutes = plant(&cast).await;
    let raw = Raw::open(&cast.world.storage).await;
    let before = raw.texts("SELECT CAST(count(*) AS text) AS v FROM attendance").await;
    let wrong = json!({ "id": person(WHO), "reason": "x", "confirm": "Personne Exemple 3" });
    let error = refused(&cast.admin, "personErase", wrong).await;
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("NAME_NOT_CONFIRMED"), &json!(["input", "confirm"]))
    );
    let shown = "person { displayName isErased jobTitle organisation { id } contactPoints { value } } groupsWithoutCoordinator";
    let done = succeed(&cast.admin, "personErase", erasure(), shown).await;
    assert_eq!(
        done["person"],
        json!({ "displayName": "[…]", "isErased": true, "jobTitle": null, "organisation": { "id": NGO }, "contactPoints": [] })
    );
    assert_eq!(done["groupsWithoutCoordinator"], json!([]));
    let left = found(&raw).await;
    assert!(left.is_empty(), "{left:#?}");
    // what the registry says goes with its person is gone, what it keeps is counted
    for line in registry().into_iter().filter(|l| l.on_erasure == "delete row") {
        let sql = format!(
            "SELECT CAST(count(*) AS text) AS v FROM {} WHERE {}",
            line.table,
            line.leads_to(&raw, &person(WHO))
        );
        assert_eq!(raw.texts(&sql).await, ["0"], "{}", line.table);
    }
    assert_eq!(raw.texts("SELECT CAST(count(*) AS text) AS v FROM attendance").await, before);
    let waiting = "SELECT email AS v FROM invitation WHERE status = 'OPEN'";
    assert_eq!(raw.texts(waiting).await, ["autre@exemple.example"]);
    assert!(
        raw.texts("SELECT status AS v FROM membership_request WHERE status = 'PENDING'").await.is_empty()
    );
    // the seal holds, and the snapshot keeps the organisation
    let query = "query($id: ID!) { minutes(by: { id: $id }) { isSealIntact snapshot } }";
    let kept = cast.secretary.ask(query, json!({ "id": minutes })).await.at("/minutes").clone();
    assert_eq!(kept["isSealIntact"], json!(true));
    let snapshot = kept["snapshot"].as_str().expect("a snapshot");
    assert!(snapshot.contains("Organisation non gouvernementale Exemple") && !snapshot.contains(CANARY));
    // the sign-in that was open holds no more, and there is no other
    let who = cast.representative.ask("{ viewer { isAdmin } }", json!({})).await;
    assert_eq!(who.error_code(), Some("UNAUTHENTICATED"));
    for email in ["representative@kafo.example", ADDRESS] {
        let input = json!({ "email": email, "password": PASSWORD });
        let answer = mutate(&cast.anonymous, "signIn", input, "accessToken").await;
        assert_eq!(answer.at("/signIn/accessToken"), &Value::Null);
    }
    // seats have ended, and nothing changes any more
    let seats = "query($id: ID!) { person(by: { id: $id }) { memberships { isActive role } } }";
    let seats = cast.secretary.ask(seats, json!({ "id": person(WHO) })).await;
    assert_eq!(seats.at("/person/memberships"), &json!([{ "isActive": false, "role": "REPRESENTATIVE" }]));
    let again = json!({ "id": person(WHO), "reason": "x", "confirm": "[…]" });
    assert_eq!(refused(&cast.admin, "personErase", again).await["from"], "ERASED");
    let rename = json!({ "id": person(WHO), "expectedVersion": version(&cast.admin, &person(WHO)).await, "displayName": "X" });
    assert_eq!(refused(&cast.admin, "personUpdate", rename).await["code"], "STATE");
    let ledger =
        format!("SELECT CAST(count(*) AS text) AS v FROM erasure WHERE person_id = {}", raw.id(&person(WHO)));
    assert_eq!(raw.texts(&ledger).await, ["1"]);
}

async fn people_erase_themselves(world: World) {
    let cast = Cast::of(world).await;
    let input = json!({ "id": person(WHO), "reason": "Je pars", "confirm": "Personne Exemple 4" });
    let done = succeed(&cast.representative, "personErase", input, "person { isErased displayName }").await;
    assert_eq!(done["person"], json!({ "isErased": true, "displayName": "[…]" }));
    let who = cast.representative.ask("{ viewer { isAdmin } }", json!({})).await;
    assert_eq!(who.error_code(), Some("UNAUTHENTICATED"));
    let raw = Raw::open(&cast.world.storage).await;
    let left = raw
        .dump()
        .await
        .into_iter()
        .filter(|t| t.contains("Personne Exemple 4") || t.contains("representative@"));
    assert_eq!(left.collect::<Vec<_>>(), Vec::<String>::new());
}

async fn erasing_is_for_oneself_and_administrators(world: World) {
    let cast = Cast::of(world).await;
    let input = json!({ "id": person(WHO), "reason": "x", "confirm": "Personne Exemple 4" });
    for who in [&cast.manager, &cast.coordinator, &cast.information_manager, &cast.secretary, &cast.observer]
    {
        assert_eq!(refused(who, "personErase", input.clone()).await["code"], "PERMISSION_DENIED");
    }
    assert_eq!(refused(&cast.outsider, "personErase", input.clone()).await["code"], "NOT_FOUND");
    let blank = json!({ "id": person(WHO), "reason": " ", "confirm": "Personne Exemple 4" });
    assert_eq!(refused(&cast.admin, "personErase", blank).await["code"], "BLANK");
    let anonymous = mutate(&cast.anonymous, "personErase", input, "__typename").await;
    assert_eq!(anonymous.user_error("personErase")["code"], "NOT_FOUND");
}

async fn whoever_was_merged_is_erased_too(world: World) {
    let cast = Cast::of(world).await;
    let double =
        json!({ "id": person(9), "displayName": format!("{CANARY} Ancien nom"), "organisation": NGO });
    succeed(&cast.manager, "personCreate", double, "__typename").await;
    let merge = json!({ "from": person(9), "into": person(WHO) });
    succeed(&cast.manager, "personMerge", merge, "__typename").await;
    let gone = json!({ "id": person(9), "reason": "x", "confirm": format!("{CANARY} Ancien nom") });
    assert_eq!(refused(&cast.admin, "personErase", gone).await["from"], "MERGED");
    let raw = Raw::open(&cast.world.storage).await;
    assert_eq!(found(&raw).await.len(), 2, "name and folded name");
    let input = json!({ "id": person(WHO), "reason": "x", "confirm": "Personne Exemple 4" });
    succeed(&cast.admin, "personErase", input, "__typename").await;
    assert_eq!(found(&raw).await, Vec::<String>::new());
    assert_eq!(raw.texts("SELECT CAST(count(*) AS text) AS v FROM erasure").await, ["2"]);
}

async fn the_last_coordinator_may_go(world: World) {
    let cast = Cast::of(world).await;
    let input = json!({ "id": person(1), "reason": "Je pars", "confirm": "Personne Exemple 1" });
    let done = succeed(&cast.coordinator, "personErase", input, "groupsWithoutCoordinator").await;
    let groups: BTreeSet<&str> =
        done["groupsWithoutCoordinator"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert_eq!(groups, BTreeSet::from([CLUSTER, FORUM]));
}

async fn a_restored_backup_is_erased_again(world: World) {
    let cast = Cast::of(world).await;
    plant(&cast).await;
    let world = &cast.world;
    world.server.stop_gracefully().await;
    let backup = world.storage.copy();
    let server = world.another_server(&[]).await;
    succeed(&cast.admin.on(server.url()), "personErase", erasure(), "__typename").await;
    let ledger = world.storage.directory().join("ledger.jsonl");
    let ledger = ledger.to_str().expect("a path");
    let said = world.kafo_ok(&["erasures", "export", ledger], "");
    assert!(said.contains("1 erasures"), "{said}");
    let text = std::fs::read_to_string(ledger).expect("a ledger");
    let line: Value = text.trim().parse().expect("one line of JSON");
    assert_eq!(line["person"], person(WHO));
    assert_eq!(line.as_object().map(|fields| fields.len()), Some(2), "ids and instants, nothing else");
    // the older backup comes back, and with it the person
    let raw = Raw::open(&backup).await;
    assert!(!found(&raw).await.is_empty());
    let replay = |wanted: &str| {
        let output = backup.kafo(&["erasures", "replay", ledger], "", &[]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains(wanted), "{said}{output:?}");
    };
    replay("1 erased again, 0 erased already, 0 unknown");
    let left = found(&raw).await;
    assert!(left.is_empty(), "{left:#?}");
    replay("0 erased again, 1 erased already, 0 unknown");
    // the ledger of the restored database is whole again, with the first instant
    let second = world.storage.directory().join("second.jsonl");
    let second = second.to_str().expect("a path");
    assert!(backup.kafo(&["erasures", "export", second], "", &[]).status.success());
    assert_eq!(std::fs::read_to_string(second).expect("a ledger"), text);
    raw.close().await;
}

async fn a_broken_ledger_changes_nothing(world: World) {
    let cast = Cast::of(world).await;
    let world = &cast.world;
    let file = world.storage.directory().join("ledger.jsonl");
    let path = file.to_str().expect("a path").to_owned();
    let good = format!("{{\"person\":\"{}\",\"erasedAt\":\"2026-01-01T00:00:00Z\"}}", person(WHO));
    for bad in ["{", "{}", "{\"person\":\"grp_1\",\"erasedAt\":\"2026-01-01T00:00:00Z\"}"] {
        std::fs::write(&file, format!("{good}\n{bad}\n")).expect("a file");
        let output = world.kafo(&["erasures", "replay", &path], "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("line 2"), "{said}");
    }
    let query = "query($id: ID!) { person(by: { id: $id }) { isErased } }";
    let person_now = cast.admin.ask(query, json!({ "id": person(WHO) })).await;
    assert_eq!(person_now.at("/person/isErased"), &json!(false));
    // somebody whom the backup does not know yet stays in the ledger
    let stranger = good.replace(&person(WHO), &person(77));
    std::fs::write(&file, format!("{stranger}\n")).expect("a file");
    assert!(world.kafo_ok(&["erasures", "replay", &path], "").contains("1 unknown"));
    world.kafo_ok(&["erasures", "export", &path], "");
    assert_eq!(std::fs::read_to_string(&file).expect("a ledger").trim(), stranger);
}
