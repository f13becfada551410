//! Invitations: from an address to a seat, never above what the inviter may give at that time.

use chrono::TimeDelta;
use tests::{Answer, Client, Value, World, json, on_both};

use crate::cast::{AGENCY, CLUSTER, Cast, FORUM, NGO, PASSWORD, mutate, person, refused, succeed};
use crate::sql::Sql;

on_both!(
    an_invitation_makes_account_person_and_seat,
    an_invitation_waits_for_the_next_sign_in,
    whoever_is_signed_in_needs_no_password,
    links_expire_are_renewed_and_withdrawn,
    an_inviter_who_lost_the_right_gives_no_seat,
    nobody_invites_above_themselves,
    nobody_becomes_somebody_above_the_inviter,
    focal_points_invite_for_their_own_organisation,
    addresses_are_for_those_who_invite,
    of_two_acceptances_at_once_one_counts,
);

const ADDRESS: &str = "nouvelle@kafo.example";

/// What invites the address to the cluster.
fn input(role: &str) -> Value {
    json!({ "group": CLUSTER, "organisation": NGO, "role": role, "email": ADDRESS, "displayName": "Personne Exemple 20" })
}

/// Invites; the id and the token.
async fn invite(by: &Client, input: Value) -> (Value, String) {
    let made = succeed(by, "invitationCreate", input, "token invitation { id }").await;
    (made["invitation"]["id"].clone(), made["token"].as_str().expect("a token").to_owned())
}

async fn accept(by: &Client, token: &str, password: Option<&str>) -> Answer {
    let input = json!({ "token": token, "password": password });
    mutate(by, "invitationAccept", input, "isAccepted membership { role group { name } }").await
}

fn state(answer: &Answer) -> (String, String) {
    let error = answer.user_error("invitationAccept");
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("code"), text("from"))
}

fn is(code: &str, from: &str) -> (String, String) {
    (code.to_owned(), from.to_owned())
}

/// The roles of whoever asks, by group.
async fn seats(who: &Client) -> Vec<(String, String)> {
    let answer = who.ask("{ viewer { seats { group role } } }", json!({})).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    answer.list("/viewer/seats").iter().map(|s| (text(&s["group"]), text(&s["role"]))).collect()
}

fn in_cluster(role: &str) -> (String, String) {
    (CLUSTER.to_owned(), role.to_owned())
}

async fn may_sign_in(world: &World, email: &str) -> bool {
    let input = json!({ "email": email, "password": PASSWORD });
    let answer = mutate(&world.client(), "signIn", input, "accessToken").await;
    answer.user_errors("signIn").is_empty()
}

async fn an_invitation_makes_account_person_and_seat(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let (id, token) = invite(&cast.information_manager, input("REPRESENTATIVE")).await;
    let again = refused(&cast.coordinator, "invitationCreate", input("REPRESENTATIVE")).await;
    assert_eq!((&again["code"], &again["field"]), (&json!("DUPLICATE"), &json!(["input", "email"])));
    assert!(!may_sign_in(&cast.world, ADDRESS).await);
    for (password, code) in [(Some("court"), "WEAK_PASSWORD"), (None, "REQUIRED")] {
        let refusal = accept(&cast.anonymous, &token, password).await;
        assert_eq!(refusal.user_error("invitationAccept")["code"], code);
    }
    let accepted = accept(&cast.anonymous, &token, Some(PASSWORD)).await;
    assert_eq!(accepted.ok("invitationAccept")["isAccepted"], true);
    let newcomer = cast.world.sign_in(ADDRESS, PASSWORD).await;
    assert_eq!(seats(&newcomer).await, [in_cluster("REPRESENTATIVE")]);
    let query = "{ viewer { account { displayName email person } } memberships(filter: { role: [REPRESENTATIVE] }) { nodes { since organisation { acronym } person { displayName organisation { acronym } } } } }";
    let seen = newcomer.ask(query, json!({})).await;
    assert_eq!(seen.at("/viewer/account/displayName"), "Personne Exemple 20");
    let mine =
        seen.list("/memberships/nodes").iter().find(|m| m["person"]["displayName"] == "Personne Exemple 20");
    let mine = mine.expect("a seat");
    assert_eq!(
        (&mine["organisation"]["acronym"], &mine["person"]["organisation"]["acronym"]),
        (&json!("ONGE"), &json!("ONGE"))
    );
    assert!(mine["since"].is_string());
    // the link is spent
    for who in [&cast.anonymous, &newcomer] {
        assert_eq!(state(&accept(who, &token, Some(PASSWORD)).await), is("STATE", "ACCEPTED"));
    }
    let node = "query($id: ID!) { node(id: $id) { ... on Invitation { status acceptedAt availableTransitions membership { role } } } }";
    let shown = cast.coordinator.ask(node, json!({ "id": id })).await;
    assert_eq!(
        (shown.at("/node/status"), shown.at("/node/membership/role")),
        (&json!("ACCEPTED"), &json!("REPRESENTATIVE"))
    );
    assert_eq!(shown.at("/node/availableTransitions"), &json!([]));
    assert_eq!(refused(&cast.coordinator, "invitationWithdraw", json!({ "id": id })).await["code"], "STATE");
    for (kind, count) in [("invitationCreate", 1), ("invitationAccept", 1), ("invitationWithdraw", 0)] {
        assert_eq!(sql.records(kind).await, count, "{kind}");
    }
    let whose = "SELECT count(*) AS n FROM change c JOIN account a ON a.id = c.account_id WHERE c.kind = 'invitationAccept' AND a.email = 'nouvelle@kafo.example'";
    assert_eq!(sql.number(whose).await, 1, "the record says who accepted");
    // what is kept is no token, and says nothing in the log of changes
    let kept = sql.rows("SELECT digest FROM invitation").await;
    assert_ne!(kept[0].try_get::<String>("", "digest").expect("a digest"), token);
    assert_eq!(sql.number("SELECT count(*) AS n FROM change WHERE detail LIKE '%nouvelle%'").await, 0);
}

async fn an_invitation_waits_for_the_next_sign_in(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let mut observer = input("OBSERVER");
    observer["email"] = json!("Outsider@KAFO.example");
    let (_, token) = invite(&cast.coordinator, observer.clone()).await;
    assert!(seats(&cast.outsider).await.is_empty(), "nothing before they sign in");
    let outsider = cast.world.sign_in("outsider@kafo.example", PASSWORD).await;
    assert_eq!(seats(&outsider).await, [in_cluster("OBSERVER")]);
    assert_eq!(state(&accept(&outsider, &token, None).await), is("STATE", "ACCEPTED"));
    // a seat that one holds stays; there is no second one
    let (_, second) = invite(&cast.coordinator, observer).await;
    assert_eq!(
        accept(&outsider, &second, None).await.ok("invitationAccept")["membership"]["role"],
        "OBSERVER"
    );
    assert_eq!(seats(&outsider).await, [in_cluster("OBSERVER")]);
    assert_eq!(
        sql.number("SELECT count(*) AS n FROM membership WHERE role = 'OBSERVER' AND person_id IS NOT NULL")
            .await,
        2
    );
    assert_eq!(sql.records("invitationAccept").await, 2);
    // a wrong password redeems nothing
    let mut third = input("REPRESENTATIVE");
    third["email"] = json!("outsider@kafo.example");
    invite(&cast.coordinator, third).await;
    let wrong = json!({ "email": "outsider@kafo.example", "password": "not the right password" });
    mutate(&cast.anonymous, "signIn", wrong, "accessToken").await.user_error("signIn");
    assert_eq!(sql.records("invitationAccept").await, 2);
}

async fn whoever_is_signed_in_needs_no_password(world: World) {
    let cast = Cast::of(world).await;
    let mut wanted = input("REPRESENTATIVE");
    wanted["email"] = json!("outsider@kafo.example");
    let (_, token) = invite(&cast.coordinator, wanted).await;
    // for another address
    assert_eq!(state(&accept(&cast.representative, &token, None).await).0, "PERMISSION_DENIED");
    // the address has an account: whoever has the link signs in first
    let stranger = accept(&cast.anonymous, &token, Some("une autre phrase assez longue")).await;
    assert_eq!(stranger.error_code(), Some("UNAUTHENTICATED"));
    let seat = accept(&cast.outsider, &token, None).await;
    assert_eq!(
        seat.ok("invitationAccept")["membership"],
        json!({ "role": "REPRESENTATIVE", "group": null }),
        "read with the rights before it; with the next request the group is there"
    );
    assert_eq!(seats(&cast.outsider).await, [in_cluster("REPRESENTATIVE")]);
}

async fn links_expire_are_renewed_and_withdrawn(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let (id, first) = invite(&cast.coordinator, input("REPRESENTATIVE")).await;
    let past = kafo::clock::now() - TimeDelta::seconds(1);
    sql.run("UPDATE invitation SET expires_at = $1", [past.into()]).await;
    assert_eq!(state(&accept(&cast.anonymous, &first, Some(PASSWORD)).await), is("STATE", "EXPIRED"));
    let query =
        "query($id: ID!) { node(id: $id) { ... on Invitation { status isExpired availableTransitions } } }";
    assert_eq!(
        cast.coordinator.ask(query, json!({ "id": id })).await.at("/node"),
        &json!({ "status": "OPEN", "isExpired": true, "availableTransitions": ["invitationRenew", "invitationWithdraw"] })
    );
    let renewed = succeed(
        &cast.information_manager,
        "invitationRenew",
        json!({ "id": id, "expectedVersion": 1 }),
        "token",
    )
    .await;
    let second = renewed["token"].as_str().expect("a token").to_owned();
    assert_eq!(state(&accept(&cast.anonymous, &first, Some(PASSWORD)).await).0, "NOT_FOUND");
    assert_eq!(
        refused(&cast.coordinator, "invitationRenew", json!({ "id": id, "expectedVersion": 1 })).await["code"],
        "CONFLICT"
    );
    succeed(&cast.coordinator, "invitationWithdraw", json!({ "id": id }), "invitation { status }").await;
    assert_eq!(state(&accept(&cast.anonymous, &second, Some(PASSWORD)).await), is("STATE", "WITHDRAWN"));
    assert_eq!(refused(&cast.coordinator, "invitationRenew", json!({ "id": id })).await["code"], "STATE");
    assert_eq!(state(&accept(&cast.anonymous, "no token at all", Some(PASSWORD)).await).0, "NOT_FOUND");
    assert!(!may_sign_in(&cast.world, ADDRESS).await, "no account came of it");
    // a withdrawn one stands in nobody's way
    let (_, third) = invite(&cast.coordinator, input("REPRESENTATIVE")).await;
    accept(&cast.anonymous, &third, Some(PASSWORD)).await.ok("invitationAccept");
    for (kind, count) in
        [("invitationCreate", 2), ("invitationRenew", 1), ("invitationWithdraw", 1), ("invitationAccept", 1)]
    {
        assert_eq!(sql.records(kind).await, count, "{kind}");
    }
}

async fn an_inviter_who_lost_the_right_gives_no_seat(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let (id, token) = invite(&cast.information_manager, input("REPRESENTATIVE")).await;
    let mut known = input("OBSERVER");
    known["email"] = json!("outsider@kafo.example");
    invite(&cast.information_manager, known).await;
    let query = "{ memberships(filter: { role: [INFORMATION_MANAGER] }) { nodes { id group { id } } } }";
    let managers = cast.coordinator.ask(query, json!({})).await;
    let seat = managers.list("/memberships/nodes").iter().find(|m| m["group"]["id"] == CLUSTER);
    let seat = seat.expect("a seat")["id"].clone();
    succeed(&cast.coordinator, "membershipEnd", json!({ "id": seat }), "__typename").await;
    let people = sql.number("SELECT count(*) AS n FROM person").await;
    let refusal = accept(&cast.anonymous, &token, Some(PASSWORD)).await;
    assert_eq!(state(&refusal), is("STATE", "INVITER_WITHOUT_RIGHT"));
    assert_eq!(
        refusal.user_error("invitationAccept")["allowed"],
        json!(["invitationRenew", "invitationWithdraw"])
    );
    // nothing half done
    assert!(!may_sign_in(&cast.world, ADDRESS).await);
    assert_eq!(sql.number("SELECT count(*) AS n FROM person").await, people);
    assert_eq!(sql.number("SELECT count(*) AS n FROM invitation WHERE status = 'OPEN'").await, 2);
    // nor at a sign-in, which succeeds all the same
    let outsider = cast.world.sign_in("outsider@kafo.example", PASSWORD).await;
    assert!(seats(&outsider).await.is_empty());
    // the coordinator stands in for it
    let renewed = succeed(&cast.coordinator, "invitationRenew", json!({ "id": id }), "token").await;
    let token = renewed["token"].as_str().expect("a token").to_owned();
    accept(&cast.anonymous, &token, Some(PASSWORD)).await.ok("invitationAccept");
    assert_eq!(seats(&cast.world.sign_in(ADDRESS, PASSWORD).await).await, [in_cluster("REPRESENTATIVE")]);
}

async fn nobody_invites_above_themselves(world: World) {
    let cast = Cast::of(world).await;
    let own = |email: &str| {
        let mut own = input("REPRESENTATIVE");
        own["email"] = json!(email);
        own
    };
    for (by, input, code) in [
        (&cast.representative, input("REPRESENTATIVE"), "PERMISSION_DENIED"),
        (&cast.secretary, input("OBSERVER"), "PERMISSION_DENIED"),
        (&cast.information_manager, input("SECRETARY"), "PERMISSION_DENIED"),
        (&cast.coordinator, input("COORDINATOR"), "PERMISSION_DENIED"),
        (&cast.coordinator, input("MEMBER"), "ROLE_HOLDER"),
        (&cast.coordinator, own("Coordinator@kafo.example"), "OWN_ROLE"),
        (&cast.coordinator, own("no address"), "INVALID_EMAIL"),
        (&cast.outsider, input("OBSERVER"), "NOT_FOUND"),
    ] {
        assert_eq!(refused(by, "invitationCreate", input.clone()).await["code"], code, "{input}");
    }
    let answer = mutate(
        &cast.anonymous,
        "invitationCreate",
        json!({ "group": FORUM, "role": "OBSERVER", "email": ADDRESS, "displayName": "x" }),
        "token",
    )
    .await;
    assert_eq!(answer.error_code(), Some("UNAUTHENTICATED"));
    succeed(&cast.manager, "invitationCreate", input("COORDINATOR"), "token").await;
    succeed(&cast.coordinator, "invitationCreate", input("SECRETARY"), "token").await;
}

async fn nobody_becomes_somebody_above_the_inviter(world: World) {
    let cast = Cast::of(world).await;
    // an entry with a seat above the inviter, as whom nobody signs in yet
    let row = json!({ "id": person(8), "displayName": "Personne Exemple 8", "organisation": AGENCY });
    succeed(&cast.manager, "personCreate", row, "__typename").await;
    let seat = json!({ "group": FORUM, "person": person(8), "role": "COORDINATOR" });
    succeed(&cast.manager, "membershipCreate", seat, "__typename").await;
    let mut named = input("OBSERVER");
    named["person"] = json!(person(8));
    let (_, token) = invite(&cast.information_manager, named.clone()).await;
    let refusal = accept(&cast.anonymous, &token, Some(PASSWORD)).await;
    assert_eq!(state(&refusal), is("STATE", "INVITER_WITHOUT_RIGHT"));
    // whoever may give that seat may hand over the account too
    named["email"] = json!("huit@kafo.example");
    let (_, token) = invite(&cast.manager, named).await;
    accept(&cast.anonymous, &token, Some(PASSWORD)).await.ok("invitationAccept");
    let eight = cast.world.sign_in("huit@kafo.example", PASSWORD).await;
    assert_eq!(seats(&eight).await.len(), 2);
    // somebody who signs in already is nobody else
    let mut taken = input("OBSERVER");
    taken["person"] = json!(person(6));
    taken["email"] = json!("six@kafo.example");
    let (_, token) = invite(&cast.coordinator, taken).await;
    assert_eq!(
        state(&accept(&cast.anonymous, &token, Some(PASSWORD)).await),
        is("STATE", "PERSON_HAS_ACCOUNT")
    );
}

async fn focal_points_invite_for_their_own_organisation(world: World) {
    let cast = Cast::of(world).await;
    let seat = json!({ "group": CLUSTER, "person": person(4), "organisation": NGO, "role": "FOCAL_POINT" });
    succeed(&cast.coordinator, "membershipCreate", seat, "__typename").await;
    let mut other = input("REPRESENTATIVE");
    other["organisation"] = json!(AGENCY);
    assert_eq!(
        refused(&cast.representative, "invitationCreate", other.clone()).await["code"],
        "PERMISSION_DENIED"
    );
    other["organisation"] = Value::Null;
    assert_eq!(refused(&cast.representative, "invitationCreate", other).await["code"], "PERMISSION_DENIED");
    let (_, token) = invite(&cast.representative, input("REPRESENTATIVE")).await;
    let mut foreign = input("OBSERVER");
    foreign["organisation"] = json!(AGENCY);
    invite(&cast.coordinator, foreign).await;
    let seen = cast
        .representative
        .ask("{ invitations { nodes { role organisation { acronym } } } }", json!({}))
        .await;
    assert_eq!(
        seen.at("/invitations/nodes"),
        &json!([{ "role": "REPRESENTATIVE", "organisation": { "acronym": "ONGE" } }])
    );
    accept(&cast.anonymous, &token, Some(PASSWORD)).await.ok("invitationAccept");
}

async fn addresses_are_for_those_who_invite(world: World) {
    let cast = Cast::of(world).await;
    invite(&cast.coordinator, input("REPRESENTATIVE")).await;
    let query = "{ invitations { totalCount } group(by: { id: \"GROUP\" }) { invitations(filter: { email: \"NOUVELLE@kafo.example\" }) { totalCount nodes { email } } } }";
    let query = query.replace("GROUP", CLUSTER);
    for (who, count) in [
        (&cast.coordinator, 1),
        (&cast.information_manager, 1),
        (&cast.manager, 1),
        (&cast.admin, 1),
        (&cast.secretary, 0),
        (&cast.representative, 0),
        (&cast.observer, 0),
    ] {
        let seen = who.ask(&query, json!({})).await;
        assert_eq!(
            (seen.at("/invitations/totalCount"), seen.at("/group/invitations/totalCount")),
            (&json!(count), &json!(count))
        );
    }
    for who in [&cast.outsider, &cast.anonymous] {
        assert_eq!(who.ask(&query, json!({})).await.at("/invitations/totalCount"), 0);
    }
    // programs need the scope for what harms people if it leaks
    for (scopes, listed, found) in
        [(json!(["READ"]), 0, 0), (json!(["MEMBERSHIPS"]), 1, 0), (json!(["MEMBERSHIPS", "CONTACTS"]), 1, 1)]
    {
        let ends = (kafo::clock::now() + TimeDelta::days(1)).to_rfc3339();
        let made = json!({ "name": "Essai", "scopes": scopes, "expiresAt": ends });
        let made = succeed(&cast.coordinator, "apiTokenCreate", made, "token").await;
        let program = cast.world.client().with_tokens(made["token"].as_str().expect("a token"), None);
        let seen = program.ask(&query, json!({})).await;
        assert_eq!(seen.at("/invitations/totalCount"), listed, "{scopes}");
        assert_eq!(seen.at("/group/invitations/totalCount"), found, "{scopes}");
        let email = program.ask("{ invitations { nodes { email } } }", json!({})).await;
        let shown = email.list("/invitations/nodes").iter().filter(|n| n["email"].is_string()).count();
        assert_eq!(json!(shown), found, "{scopes}");
    }
}

async fn of_two_acceptances_at_once_one_counts(world: World) {
    let cast = Cast::of(world).await;
    let sql = Sql::of(&cast.world).await;
    let (_, token) = invite(&cast.coordinator, input("REPRESENTATIVE")).await;
    let (one, other) = (cast.world.client(), cast.world.client());
    let (a, b) = tokio::join!(accept(&one, &token, Some(PASSWORD)), accept(&other, &token, Some(PASSWORD)));
    let accepted = |answer: &Answer| answer.partial_data()["invitationAccept"]["isAccepted"] == true;
    assert_eq!(u8::from(accepted(&a)) + u8::from(accepted(&b)), 1, "{:#} {:#}", a.body, b.body);
    assert_eq!(
        sql.number("SELECT count(*) AS n FROM account WHERE email = 'nouvelle@kafo.example'").await,
        1
    );
    assert_eq!(sql.records("invitationAccept").await, 1);
}
