//! Services and API tokens: what they may, where, for how long; that altered ones reach no database.

use chrono::{SecondsFormat, TimeDelta};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use tests::{Answer, Client, Value, World, comes_true, json, on_both};

use crate::cast::{CLUSTER, Cast, FORUM, NGO, OPERATION, PASSWORD, mutate, person, refused, succeed};
use crate::sql::Sql;

on_both!(
    a_service_lives_its_life,
    nobody_gives_a_service_more_than_they_may,
    scopes_cut_what_a_seat_gives,
    a_token_holds_where_it_is_limited,
    a_token_of_a_person_never_exceeds_them,
    programs_make_no_tokens,
    a_token_lives_a_year_at_most,
    altered_tokens_reach_no_database,
    the_command_line_makes_the_first_token,
    what_is_assigned_elsewhere_stays_outside_the_limit,
);

/// So many days ahead.
fn in_days(days: i64) -> String {
    (kafo::clock::now() + TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A service of the cluster, made by its coordinator; its id.
async fn service(by: &Client, role: &str) -> Value {
    let input = json!({ "name": "Tableau de bord Exemple", "group": CLUSTER, "seats": [{ "group": CLUSTER, "role": role }] });
    succeed(by, "serviceAccountCreate", input, "serviceAccount { id }").await["serviceAccount"]["id"].clone()
}

/// A token; the client that sends it, and its id.
async fn token(cast: &Cast, by: &Client, input: Value) -> (Client, Value) {
    let mut all = json!({ "name": "Essai", "expiresAt": in_days(30), "scopes": [] });
    all.as_object_mut().expect("an object").extend(input.as_object().cloned().unwrap_or_default());
    let made = succeed(by, "apiTokenCreate", all, "token apiToken { id }").await;
    let client = cast.world.client().with_tokens(made["token"].as_str().expect("a token"), None);
    (client, made["apiToken"]["id"].clone())
}

async fn viewer(client: &Client) -> Answer {
    client
        .ask("{ viewer { isAdmin account { displayName email isService } seats { role } } }", json!({}))
        .await
}

async fn meeting(by: &Client, group: &str) -> Answer {
    let input = json!({ "group": group, "kind": "REGULAR", "title": "Réunion", "joinUrl": "https://appel.example/salle" });
    mutate(by, "meetingCreate", input, "meeting { id joinUrl }").await
}

async fn a_service_lives_its_life(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let id = service(&cast.coordinator, "OBSERVER").await;
    let (program, token_id) =
        token(&cast, &cast.coordinator, json!({ "account": id, "scopes": ["MEMBERSHIPS"] })).await;
    let seen = viewer(&program).await;
    assert_eq!(
        seen.at("/viewer"),
        &json!({ "isAdmin": false, "seats": [{ "role": "OBSERVER" }],
            "account": { "displayName": "Tableau de bord Exemple", "email": null, "isService": true } })
    );
    // the whole of it, for whoever manages it
    let query = "query($id: ID!) { serviceAccount(by: { id: $id }) { name isActive availableTransitions version
        group { name } seats { role group { name } } apiTokens { id name scopes isActive expiresAt lastUsedAt limits { group { name } } } } }";
    let ask = async |who: &Client| who.ask(query, json!({ "id": id })).await.at("/serviceAccount").clone();
    for who in [&cast.coordinator, &cast.manager, &cast.admin] {
        let shown = ask(who).await;
        assert_eq!((&shown["name"], &shown["isActive"]), (&json!("Tableau de bord Exemple"), &json!(true)));
        assert_eq!(shown["seats"], json!([{ "role": "OBSERVER", "group": { "name": "Cluster Exemple" } }]));
        assert_eq!(shown["apiTokens"][0]["scopes"], json!(["READ", "MEMBERSHIPS"]));
        assert_eq!(shown["availableTransitions"], json!(["serviceAccountDeactivate"]));
    }
    for who in [&cast.information_manager, &cast.representative, &cast.outsider, &cast.anonymous] {
        assert_eq!(ask(who).await, Value::Null);
    }
    let list = "{ group(by: { id: \"GROUP\" }) { serviceAccounts { totalCount nodes { name } } } serviceAccounts(filter: { isActive: true }) { totalCount } }";
    let listed = cast.coordinator.ask(&list.replace("GROUP", CLUSTER), json!({})).await;
    assert_eq!(listed.at("/group/serviceAccounts/nodes/0/name"), "Tableau de bord Exemple");
    assert_eq!(listed.at("/serviceAccounts/totalCount"), 1);
    // the last use is written down beside the request
    let last_use = async || ask(&cast.coordinator).await["apiTokens"][0]["lastUsedAt"].clone();
    comes_true("the first use is known", async || last_use().await.is_string()).await;
    let used = last_use().await;
    for _ in 0..3 {
        viewer(&program).await.data();
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(last_use().await, used, "once a minute is enough");
    // another name, another seat
    let seats = json!([{ "group": CLUSTER, "role": "SECRETARY" }, { "group": CLUSTER, "role": "OBSERVER" }]);
    let update = json!({ "id": id, "expectedVersion": 1, "name": "Autre nom", "description": "Pour les essais", "seats": seats });
    let changed = succeed(
        &cast.coordinator,
        "serviceAccountUpdate",
        update.clone(),
        "serviceAccount { name seats { role } version }",
    )
    .await;
    assert_eq!(changed["serviceAccount"]["name"], "Autre nom");
    assert_eq!(changed["serviceAccount"]["seats"].as_array().map(Vec::len), Some(2));
    assert_eq!(refused(&cast.coordinator, "serviceAccountUpdate", update).await["code"], "CONFLICT");
    assert_eq!(viewer(&program).await.list("/viewer/seats").len(), 2);
    let fewer =
        json!({ "id": id, "expectedVersion": 2, "seats": [{ "group": CLUSTER, "role": "OBSERVER" }] });
    succeed(&cast.coordinator, "serviceAccountUpdate", fewer, "__typename").await;
    assert_eq!(viewer(&program).await.at("/viewer/seats"), &json!([{ "role": "OBSERVER" }]));
    // deactivated: with the next request
    succeed(
        &cast.coordinator,
        "serviceAccountDeactivate",
        json!({ "id": id }),
        "serviceAccount { isActive }",
    )
    .await;
    assert_eq!(viewer(&program).await.error_code(), Some("UNAUTHENTICATED"));
    let again = refused(&cast.coordinator, "serviceAccountDeactivate", json!({ "id": id })).await;
    assert_eq!((&again["code"], &again["allowed"]), (&json!("STATE"), &json!(["serviceAccountActivate"])));
    let late = json!({ "account": id, "name": "x", "scopes": [], "expiresAt": in_days(1) });
    assert_eq!(refused(&cast.coordinator, "apiTokenCreate", late).await["code"], "STATE");
    succeed(&cast.coordinator, "serviceAccountActivate", json!({ "id": id }), "__typename").await;
    assert!(viewer(&program).await.errors().is_empty());
    // revoked: likewise
    succeed(
        &cast.coordinator,
        "apiTokenRevoke",
        json!({ "id": token_id }),
        "apiToken { isActive revokedAt }",
    )
    .await;
    let refusal = viewer(&program).await;
    assert_eq!((refusal.status, refusal.error_code()), (401, Some("UNAUTHENTICATED")));
    assert_eq!(
        refused(&cast.coordinator, "apiTokenRevoke", json!({ "id": token_id })).await["code"],
        "STATE"
    );
    // nobody signs in as it
    let email = format!("{}@service.invalid", id.as_str().unwrap_or_default().trim_start_matches("svc_"));
    let sign_in = json!({ "email": email, "password": PASSWORD });
    let answer = mutate(&cast.anonymous, "signIn", sign_in, "accessToken").await;
    assert_eq!(answer.user_error("signIn")["code"], "UNAUTHENTICATED");
    for (kind, count) in [
        ("serviceAccountCreate", 1),
        ("serviceAccountUpdate", 2),
        ("serviceAccountActivate", 1),
        ("serviceAccountDeactivate", 1),
        ("apiTokenCreate", 1),
        ("apiTokenRevoke", 1),
    ] {
        assert_eq!(sql.records(kind).await, count, "{kind}");
    }
}

async fn nobody_gives_a_service_more_than_they_may(world: World) {
    let cast = Cast::of(world).await;
    let other = json!({ "operation": OPERATION, "kind": "CLUSTER", "name": "Autre cluster", "visibility": "OPERATION" });
    let other = succeed(&cast.manager, "groupCreate", other, "group { id }").await["group"]["id"].clone();
    let input = |owner: &str, of: &Value, group: &Value, role: &str| json!({ "name": "Essai", owner: of, "seats": [{ "group": group, "role": role }] });
    let cluster = json!(CLUSTER);
    for (by, input, code, field) in [
        (
            &cast.information_manager,
            input("group", &cluster, &cluster, "OBSERVER"),
            "PERMISSION_DENIED",
            None,
        ),
        (&cast.representative, input("group", &cluster, &cluster, "OBSERVER"), "PERMISSION_DENIED", None),
        (
            &cast.coordinator,
            input("operation", &json!(OPERATION), &cluster, "OBSERVER"),
            "PERMISSION_DENIED",
            None,
        ),
        (&cast.coordinator, input("group", &other, &cluster, "OBSERVER"), "PERMISSION_DENIED", None),
        (&cast.coordinator, input("group", &cluster, &other, "OBSERVER"), "PERMISSION_DENIED", Some("role")),
        (&cast.manager, input("group", &cluster, &cluster, "COORDINATOR"), "ROLE_HOLDER", Some("role")),
        (&cast.manager, json!({ "name": "Essai", "seats": [] }), "EXACTLY_ONE", Some("group")),
        (&cast.outsider, input("group", &cluster, &cluster, "OBSERVER"), "NOT_FOUND", Some("group")),
    ] {
        let refusal = refused(by, "serviceAccountCreate", input.clone()).await;
        assert_eq!(refusal["code"], code, "{input}");
        let last = refusal["field"].as_array().and_then(|f| f.last()).and_then(Value::as_str);
        assert_eq!(last, field, "{input}");
    }
    // a seat elsewhere that the manager gave: the coordinator looks after the service, and gets no token for it
    let service = input("group", &cluster, &other, "SECRETARY");
    let made = succeed(&cast.manager, "serviceAccountCreate", service, "serviceAccount { id }").await;
    let id = &made["serviceAccount"]["id"];
    let wanted = json!({ "account": id, "name": "Essai", "scopes": [], "expiresAt": in_days(1) });
    let refusal = refused(&cast.coordinator, "apiTokenCreate", wanted.clone()).await;
    assert_eq!(
        (&refusal["code"], &refusal["field"]),
        (&json!("PERMISSION_DENIED"), &json!(["input", "account"]))
    );
    succeed(&cast.manager, "apiTokenCreate", wanted.clone(), "token").await;
    for by in [&cast.information_manager, &cast.outsider] {
        assert_eq!(refused(by, "apiTokenCreate", wanted.clone()).await["code"], "NOT_FOUND");
    }
    // what it has stays, without a right of one's own to give it
    let seats = json!([{ "group": other, "role": "SECRETARY" }, { "group": CLUSTER, "role": "OBSERVER" }]);
    let update = json!({ "id": id, "expectedVersion": 1, "seats": seats });
    succeed(&cast.coordinator, "serviceAccountUpdate", update, "__typename").await;
    let more = json!({ "id": id, "expectedVersion": 2, "seats": [{ "group": other, "role": "OBSERVER" }] });
    assert_eq!(refused(&cast.coordinator, "serviceAccountUpdate", more).await["code"], "PERMISSION_DENIED");
}

async fn scopes_cut_what_a_seat_gives(world: World) {
    let cast = Cast::of(world).await;
    let points = json!([{ "kind": "EMAIL", "value": "awa@exemple.example" }]);
    let contacts = json!({ "id": person(5), "expectedVersion": 1, "contactPoints": points });
    succeed(&cast.observer, "personUpdate", contacts, "__typename").await;
    let held = meeting(&cast.secretary, CLUSTER).await.ok("meetingCreate")["meeting"]["id"].clone();
    let id = service(&cast.coordinator, "INFORMATION_MANAGER").await;
    let program = async |scopes: &[&str]| {
        token(&cast, &cast.coordinator, json!({ "account": id, "scopes": scopes })).await.0
    };
    let query = "query($person: ID!, $meeting: ID!) { person(by: { id: $person }) { displayName contactPoints { value } }
        meeting(by: { id: $meeting }) { title joinUrl } }";
    let look = async |who: &Client| {
        let answer = who.ask(query, json!({ "person": person(5), "meeting": held })).await;
        assert_eq!(
            (answer.at("/person/displayName"), answer.at("/meeting/title")),
            (&json!("Personne Exemple 5"), &json!("Réunion"))
        );
        (answer.list("/person/contactPoints").len(), answer.at("/meeting/joinUrl").is_string())
    };
    let (read, contacts) = (program(&["READ"]).await, program(&["CONTACTS"]).await);
    let (members, meetings) = (program(&["MEMBERSHIPS"]).await, program(&["MEETINGS"]).await);
    assert_eq!(look(&read).await, (0, false));
    assert_eq!(look(&contacts).await, (1, true));
    assert_eq!(look(&members).await, (0, false));
    assert_eq!(look(&meetings).await, (0, false));
    let by_address = "{ person(by: { email: \"awa@exemple.example\" }) { displayName } }";
    assert_eq!(read.ask(by_address, json!({})).await.at("/person"), &Value::Null);
    assert_eq!(contacts.ask(by_address, json!({})).await.at("/person/displayName"), "Personne Exemple 5");
    // writes
    let seat = json!({ "group": CLUSTER, "person": person(6), "organisation": NGO, "role": "OBSERVER" });
    for who in [&read, &contacts, &meetings] {
        assert_eq!(refused(who, "membershipCreate", seat.clone()).await["code"], "PERMISSION_DENIED");
    }
    succeed(&members, "membershipCreate", seat, "__typename").await;
    let above = json!({ "group": CLUSTER, "person": person(6), "role": "SECRETARY" });
    assert_eq!(refused(&members, "membershipCreate", above).await["code"], "PERMISSION_DENIED");
    for who in [&read, &contacts, &members] {
        assert_eq!(meeting(who, CLUSTER).await.user_error("meetingCreate")["code"], "PERMISSION_DENIED");
        let minutes = json!({ "meeting": held });
        assert_eq!(refused(who, "minutesWrite", minutes).await["code"], "PERMISSION_DENIED");
    }
    meeting(&meetings, CLUSTER).await.ok("meetingCreate");
    let action = json!({ "group": CLUSTER, "text": "Essai" });
    assert_eq!(refused(&meetings, "followUpCreate", action.clone()).await["code"], "PERMISSION_DENIED");
    succeed(&program(&["FOLLOW_UPS"]).await, "followUpCreate", action, "__typename").await;
    let organisation = json!({ "name": "Nouvelle organisation Exemple", "type": "437" });
    assert_eq!(
        refused(&members, "organisationCreate", organisation.clone()).await["code"],
        "PERMISSION_DENIED"
    );
    succeed(&program(&["DIRECTORY"]).await, "organisationCreate", organisation, "__typename").await;
}

async fn a_token_holds_where_it_is_limited(world: World) {
    let cast = Cast::of(world).await;
    let below =
        json!({ "operation": OPERATION, "parent": CLUSTER, "kind": "TASK_TEAM", "name": "Groupe restreint" });
    let below = succeed(&cast.coordinator, "groupCreate", below, "group { id }").await["group"]["id"].clone();
    let below = below.as_str().expect("an id").to_owned();
    let mut drafts = Vec::new();
    for group in [CLUSTER, &below, FORUM] {
        drafts.push(meeting(&cast.coordinator, group).await.ok("meetingCreate")["meeting"]["id"].clone());
    }
    let seen = async |who: &Client| {
        let nodes =
            who.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": drafts })).await;
        nodes.list("/nodes").iter().map(|n| !n.is_null()).collect::<Vec<_>>()
    };
    let all = ["CONTACTS", "DIRECTORY", "MEMBERSHIPS", "MEETINGS", "FOLLOW_UPS"];
    let everywhere = token(&cast, &cast.coordinator, json!({ "scopes": all })).await.0;
    assert_eq!(seen(&everywhere).await, [true, true, true]);
    let (limited, id) = token(&cast, &cast.coordinator, json!({ "scopes": all, "groups": [CLUSTER] })).await;
    assert_eq!(seen(&limited).await, [true, true, false]);
    for (group, may) in [(CLUSTER, true), (&below, true), (FORUM, false)] {
        let answer = meeting(&limited, group).await;
        assert_eq!(answer.user_errors("meetingCreate").is_empty(), may, "{group}");
    }
    let ask = json!({ "group": FORUM, "role": "OBSERVER" });
    assert_eq!(refused(&limited, "membershipRequest", ask).await["code"], "PERMISSION_DENIED");
    let mine =
        "{ viewer { account { apiTokens { id scopes limits { group { name } operation { name } } } } } }";
    let tokens = cast.coordinator.ask(mine, json!({})).await;
    assert_eq!(tokens.list("/viewer/account/apiTokens").len(), 2);
    // a program sees the one that it sent
    let own = limited.ask(mine, json!({})).await;
    assert_eq!(own.at("/viewer/account/apiTokens/0/id"), &id);
    assert_eq!(own.list("/viewer/account/apiTokens").len(), 1);
    assert_eq!(
        own.at("/viewer/account/apiTokens/0/limits"),
        &json!([{ "group": { "name": "Cluster Exemple" }, "operation": null }])
    );
    // of an operation
    let whole = token(&cast, &cast.coordinator, json!({ "scopes": all, "operations": [OPERATION] })).await.0;
    assert_eq!(seen(&whole).await, [true, true, true]);
    // nowhere is no limit
    for (by, input, code) in [
        (&cast.representative, json!({ "groups": [FORUM] }), "NO_SEAT"),
        (&cast.admin, json!({ "groups": [CLUSTER] }), "NO_SEAT"),
        (&cast.outsider, json!({ "operations": [OPERATION] }), "NO_SEAT"),
        (&cast.outsider, json!({ "groups": [CLUSTER] }), "NOT_FOUND"),
        (&cast.coordinator, json!({ "groups": [] }), "REQUIRED"),
    ] {
        let mut all = json!({ "name": "Essai", "scopes": [], "expiresAt": in_days(1) });
        all.as_object_mut().expect("an object").extend(input.as_object().cloned().unwrap_or_default());
        assert_eq!(refused(by, "apiTokenCreate", all).await["code"], code, "{input}");
    }
}

async fn a_token_of_a_person_never_exceeds_them(world: World) {
    let cast = Cast::of(world).await;
    let all = json!({ "scopes": ["CONTACTS", "DIRECTORY", "MEMBERSHIPS", "MEETINGS", "FOLLOW_UPS"] });
    let program = token(&cast, &cast.representative, all).await.0;
    let group = "query { group(by: { id: \"GROUP\" }) { name } memberships(filter: { isActive: true }) { nodes { id person { id } } } }";
    let group = group.replace("GROUP", CLUSTER);
    let seen = program.ask(&group, json!({})).await;
    assert_eq!(seen.at("/group/name"), "Cluster Exemple");
    assert_eq!(meeting(&program, CLUSTER).await.user_error("meetingCreate")["code"], "PERMISSION_DENIED");
    let seat = json!({ "group": CLUSTER, "person": person(6), "role": "OBSERVER" });
    assert_eq!(refused(&program, "membershipCreate", seat).await["code"], "NOT_FOUND");
    // the seat goes, and with it what the token may
    let mine = seen.list("/memberships/nodes").iter().find(|m| m["person"]["id"] == json!(person(4)));
    let mine = mine.expect("a seat")["id"].clone();
    succeed(&cast.coordinator, "membershipEnd", json!({ "id": mine }), "__typename").await;
    assert_eq!(program.ask(&group, json!({})).await.at("/group"), &Value::Null);
    // the account goes, and with it the token
    let sql = Sql::of(&cast.world).await;
    sql.run("UPDATE account SET is_active = false WHERE email = 'representative@kafo.example'", []).await;
    assert_eq!(viewer(&program).await.error_code(), Some("UNAUTHENTICATED"));
}

async fn programs_make_no_tokens(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let all = json!({ "scopes": ["CONTACTS", "DIRECTORY", "MEMBERSHIPS", "MEETINGS", "FOLLOW_UPS"] });
    let (program, id) = token(&cast, &cast.admin, all).await;
    assert_eq!(viewer(&program).await.at("/viewer/isAdmin"), true);
    let before = sql.number("SELECT count(*) AS n FROM change").await;
    let service = json!({ "name": "Essai", "group": CLUSTER, "seats": [] });
    for (mutation, input) in [
        ("apiTokenCreate", json!({ "name": "Essai", "scopes": [], "expiresAt": in_days(1) })),
        ("apiTokenRevoke", json!({ "id": id })),
        ("serviceAccountCreate", service),
        ("breakGlassOpen", json!({ "group": CLUSTER, "reason": "Pour voir ce qui se passe" })),
    ] {
        assert_eq!(refused(&program, mutation, input).await["code"], "PERMISSION_DENIED", "{mutation}");
    }
    // nor does it look into what its account has opened
    let open = json!({ "group": CLUSTER, "reason": "Pour voir ce qui se passe" });
    succeed(&cast.admin, "breakGlassOpen", open, "__typename").await;
    let draft = meeting(&cast.secretary, CLUSTER).await.ok("meetingCreate")["meeting"]["id"].clone();
    let query = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(cast.admin.ask(query, json!({ "id": draft })).await.at("/node/id"), &draft);
    assert_eq!(program.ask(query, json!({ "id": draft })).await.at("/node"), &Value::Null);
    assert_eq!(sql.number("SELECT count(*) AS n FROM change").await, before + 2);
}

async fn a_token_lives_a_year_at_most(world: World) {
    let cast = Cast::of(world).await;
    for (days, fine) in [(-1, false), (0, false), (1, true), (365, true), (367, false)] {
        let input = json!({ "name": "Essai", "scopes": ["READ"], "expiresAt": in_days(days) });
        let answer = mutate(&cast.outsider, "apiTokenCreate", input, "token").await;
        let errors = answer.user_errors("apiTokenCreate");
        assert_eq!(errors.is_empty(), fine, "{days}");
        if !fine {
            assert_eq!(
                (&errors[0]["code"], &errors[0]["field"]),
                (&json!("OUT_OF_RANGE"), &json!(["input", "expiresAt"]))
            );
        }
    }
    let (program, id) = token(&cast, &cast.outsider, json!({})).await;
    assert!(viewer(&program).await.errors().is_empty());
    let sql = Sql::of(&cast.world).await;
    let past = kafo::clock::now() - TimeDelta::seconds(1);
    sql.run("UPDATE api_token SET expires_at = $1 WHERE name = 'Essai'", [past.into()]).await;
    assert_eq!(viewer(&program).await.error_code(), Some("UNAUTHENTICATED"));
    let shown = cast
        .outsider
        .ask("query($id: ID!) { node(id: $id) { ... on ApiToken { isActive } } }", json!({ "id": id }))
        .await;
    assert_eq!(shown.at("/node/isActive"), false);
    // nobody else sees it, or revokes it
    assert_eq!(
        cast.admin.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await.at("/node"),
        &Value::Null
    );
    assert_eq!(refused(&cast.manager, "apiTokenRevoke", json!({ "id": id })).await["code"], "NOT_FOUND");
    // what is kept is no token
    let kept = sql.rows("SELECT digest FROM api_token").await;
    let digest: String = kept[0].try_get("", "digest").expect("a digest");
    let thief = cast.world.client().with_tokens(&digest, None);
    assert_eq!(viewer(&thief).await.error_code(), Some("UNAUTHENTICATED"));
}

async fn altered_tokens_reach_no_database(world: World) {
    let cast = Cast::of(world).await;
    let body = json!({ "query": "{ viewer { isAdmin } }" });
    let send = async |header: HeaderValue| {
        let request = cast.anonymous.request(Method::POST, "/graphql").header(AUTHORIZATION, header);
        cast.anonymous.send(request.json(&body)).await
    };
    let mut sent = 0;
    while sent < 1000 {
        let input = json!({ "name": "Essai", "scopes": [], "expiresAt": in_days(1) });
        let made = succeed(&cast.outsider, "apiTokenCreate", input, "token").await;
        let token = made["token"].as_str().expect("a token").to_owned();
        let whole = send(HeaderValue::from_str(&format!("Bearer {token}")).expect("a header")).await;
        assert_eq!((whole.status, whole.statements()), (200, 1));
        for bit in 0..token.len() * 8 {
            let mut bytes = format!("Bearer {token}").into_bytes();
            bytes["Bearer ".len() + bit / 8] ^= 1 << (bit % 8);
            // some of them no header can carry
            let Ok(header) = HeaderValue::from_bytes(&bytes) else { continue };
            let answer = send(header).await;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!((answer.status, answer.error_code()), (401, Some("UNAUTHENTICATED")), "{text}");
            assert_eq!(answer.statements(), 0, "{text} reached the database");
            sent += 1;
        }
    }
    // one that nobody ever got, with a checksum that is right, costs the one statement that finds nothing
    let unknown = format!("Bearer {}", kafo::auth::api_token::new());
    let answer = send(HeaderValue::from_str(&unknown).expect("a header")).await;
    assert_eq!((answer.status, answer.statements()), (401, 1));
}

async fn the_command_line_makes_the_first_token(world: World) {
    let cast = Cast::of(world).await;
    let id = service(&cast.coordinator, "SECRETARY").await;
    let id = id.as_str().expect("an id").to_owned();
    for account in [id.as_str(), "secretary@kafo.example"] {
        let line = [
            "token",
            "create",
            "--account",
            account,
            "--name",
            "Premier",
            "--scope",
            "MEETINGS",
            "--days",
            "7",
        ];
        let said = cast.world.kafo_ok(&line, "");
        let program = cast.world.client().with_tokens(said.trim(), None);
        assert!(viewer(&program).await.errors().is_empty());
        meeting(&program, CLUSTER).await.ok("meetingCreate");
        assert_eq!(
            refused(&program, "followUpCreate", json!({ "group": CLUSTER, "text": "x" })).await["code"],
            "PERMISSION_DENIED"
        );
    }
    for (account, scope, days, complaint) in [
        ("nobody@kafo.example", "READ", "7", "NOT_FOUND"),
        (id.as_str(), "EVERYTHING", "7", "is no scope"),
        (id.as_str(), "READ", "367", "OUT_OF_RANGE"),
    ] {
        let line = ["token", "create", "--account", account, "--name", "x", "--scope", scope, "--days", days];
        let output = cast.world.kafo(&line, "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(complaint), "{said}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(Sql::of(&cast.world).await.records("apiTokenCreate").await, 2);
}

async fn what_is_assigned_elsewhere_stays_outside_the_limit(world: World) {
    let cast = Cast::of(world).await;
    // an action of the forum, in which the representative has no seat
    let action = json!({ "group": FORUM, "text": "Partager la liste", "visibility": "GROUP",
        "assignments": [{ "person": person(4), "part": "RESPONSIBLE" }] });
    let made = succeed(&cast.secretary, "followUpCreate", action, "followUp { id }").await;
    let id = made["followUp"]["id"].clone();
    let query = "query($id: ID!) { followUp(by: { id: $id }) { text } }";
    let seen = async |who: &Client| who.ask(query, json!({ "id": id })).await.at("/followUp").clone();
    assert_eq!(seen(&cast.representative).await["text"], "Partager la liste");
    let everywhere = token(&cast, &cast.representative, json!({})).await.0;
    assert_eq!(seen(&everywhere).await["text"], "Partager la liste");
    let limited = token(&cast, &cast.representative, json!({ "groups": [CLUSTER] })).await.0;
    assert_eq!(seen(&limited).await, Value::Null);
}
