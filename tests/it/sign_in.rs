//! Signing in with e-mail address and password, refreshing, signing out.

use tests::{Client, Value, World, json, on_both};

use crate::cast::{refused, succeed};
use crate::sql::Sql;

on_both!(
    an_account_signs_in,
    unknown_address_and_wrong_password_look_alike,
    a_refresh_token_holds_once,
    signing_out_holds_at_once,
    weak_passwords_and_taken_addresses_are_refused,
    one_sees_and_ends_ones_own_sign_ins,
    a_new_password_ends_the_other_sign_ins,
    a_forgotten_password_is_reset_once,
    only_administrators_help_and_not_each_other,
    an_address_changes,
    a_deactivated_account_is_shut_out_at_once,
    every_step_is_recorded_once,
);

const PASSWORD: &str = "trois pirogues sur le Bani";
const REFRESH: &str = "mutation($input: SessionRefreshInput!) {
    sessionRefresh(input: $input) { accessToken refreshToken userErrors { code message } } }";

fn account(world: &World, email: &str) {
    world.kafo_ok(&["account", "create", "--email", email, "--name", "Awa Exemple", "--admin"], PASSWORD);
}

async fn who(client: &Client) -> Option<String> {
    let answer = client.ask("{ viewer { account { email } } }", json!({})).await;
    answer.body.pointer("/data/viewer/account/email").and_then(|e| e.as_str()).map(str::to_owned)
}

async fn an_account_signs_in(world: World) {
    account(&world, "Awa@kafo.example");
    assert_eq!(who(&world.client()).await, None);
    // case does not matter in an address
    let awa = world.sign_in("awa@KAFO.example", PASSWORD).await;
    assert_eq!(who(&awa).await.as_deref(), Some("Awa@kafo.example"));
}

async fn unknown_address_and_wrong_password_look_alike(world: World) {
    account(&world, "awa@kafo.example");
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code message } } }";
    let mut answers = Vec::new();
    for (email, password) in
        [("awa@kafo.example", "not the right password"), ("nobody@kafo.example", PASSWORD)]
    {
        let input = json!({ "input": { "email": email, "password": password } });
        let answer = world.client().language("fr").ask(sign_in, input).await;
        assert_eq!(answer.user_error("signIn")["code"], "UNAUTHENTICATED");
        answers.push(answer.body);
    }
    assert_eq!(answers[0], answers[1]);
}

async fn a_refresh_token_holds_once(world: World) {
    account(&world, "awa@kafo.example");
    let awa = world.sign_in("awa@kafo.example", PASSWORD).await;
    let first = json!({ "input": { "refreshToken": awa.refresh_token() } });
    let next = world.client().ask(REFRESH, first.clone()).await;
    let next = next.ok("sessionRefresh");
    let renewed = world.client().with_tokens(next["accessToken"].as_str().expect("a token"), None);
    assert!(who(&renewed).await.is_some());
    let second = json!({ "input": { "refreshToken": next["refreshToken"] } });
    world.client().ask(REFRESH, second.clone()).await.ok("sessionRefresh");
    // a spent one again: one of the two is a thief, so the whole sign-in ends
    let again = world.client().ask(REFRESH, first).await;
    assert_eq!(again.user_error("sessionRefresh")["code"], "UNAUTHENTICATED");
    let answer = world.client().ask(REFRESH, second).await;
    assert_eq!(answer.user_error("sessionRefresh")["code"], "UNAUTHENTICATED");
    assert_eq!(renewed.ask("{ viewer { isAdmin } }", json!({})).await.error_code(), Some("UNAUTHENTICATED"));
}

async fn signing_out_holds_at_once(world: World) {
    account(&world, "awa@kafo.example");
    let awa = world.sign_in("awa@kafo.example", PASSWORD).await;
    let answer = awa.ask("mutation { signOut { isSignedOut } }", json!({})).await;
    assert_eq!(answer.at("/signOut/isSignedOut"), true);
    assert_eq!(awa.ask("{ viewer { isAdmin } }", json!({})).await.error_code(), Some("UNAUTHENTICATED"));
}

async fn weak_passwords_and_taken_addresses_are_refused(world: World) {
    account(&world, "awa@kafo.example");
    for (email, password, code) in [
        ("b@kafo.example", "short", "WEAK_PASSWORD"),
        ("AWA@kafo.example", PASSWORD, "DUPLICATE"),
        ("no address", PASSWORD, "INVALID_EMAIL"),
    ] {
        let output = world.kafo(&["account", "create", "--email", email, "--name", "B"], password);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(code), "{said}");
        assert!(!said.contains(PASSWORD), "{said}");
    }
    let listed = world.kafo_ok(&["account", "list"], "");
    assert_eq!(listed.lines().count(), 1, "{listed}");
}

const NEXT: &str = "les poules de Fatou traversent";

/// An account without any grant; its id as clients see it.
fn plain(world: &World, email: &str) -> String {
    let line = ["account", "create", "--email", email, "--name", "Bintou Exemple"];
    world.kafo_ok(&line, PASSWORD).trim().to_owned()
}

async fn sign_in(world: &World, email: &str, password: &str) -> Value {
    let sign_in =
        "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
    let input = json!({ "input": { "email": email, "password": password } });
    world.client().ask(sign_in, input).await.at("/signIn").clone()
}

const SESSIONS: &str = "{ viewer { account { sessions { id method hasSecondFactor createdAt lastUsedAt expiresAt client isCurrent } } } }";

async fn one_sees_and_ends_ones_own_sign_ins(world: World) {
    account(&world, "awa@kafo.example");
    plain(&world, "bintou@kafo.example");
    let mut awa = Vec::new();
    for _ in 0..4 {
        awa.push(world.sign_in("awa@kafo.example", PASSWORD).await);
    }
    let bintou = world.sign_in("bintou@kafo.example", PASSWORD).await;
    let own = awa[1].ask(SESSIONS, json!({})).await.list("/viewer/account/sessions").to_vec();
    assert_eq!(own.len(), 4);
    assert_eq!(own.iter().map(|s| s["isCurrent"] == true).collect::<Vec<_>>(), [false, false, true, false]);
    for session in &own {
        assert_eq!((&session["method"], &session["hasSecondFactor"]), (&json!("PASSWORD"), &json!(false)));
        assert!(session["id"].as_str().is_some_and(|id| id.starts_with("ses_")), "{session}");
    }
    let others = bintou.ask(SESSIONS, json!({})).await.list("/viewer/account/sessions").to_vec();
    assert_eq!(others.len(), 1);
    assert_eq!(world.client().ask(SESSIONS, json!({})).await.at("/viewer/account"), &Value::Null);

    // somebody else's, one that is none, and one of another kind
    let foreign = refused(&awa[1], "sessionRevoke", json!({ "id": others[0]["id"] })).await;
    let made_up = json!({ "id": "ses_00000000000070008000000000000000" });
    assert_eq!(foreign, refused(&awa[1], "sessionRevoke", made_up).await);
    assert_eq!(foreign["code"], "NOT_FOUND");
    let group = json!({ "id": "grp_00000000000070008000000000000000" });
    assert_eq!(refused(&awa[1], "sessionRevoke", group).await["code"], "WRONG_KIND");
    assert!(who(&bintou).await.is_some());

    // the first of the list is the latest
    succeed(&awa[1], "sessionRevoke", json!({ "id": own[0]["id"] }), "isRevoked").await;
    assert_eq!(who(&awa[3]).await, None);
    let gone = json!({ "input": { "refreshToken": awa[3].refresh_token() } });
    assert_eq!(
        world.client().ask(REFRESH, gone).await.user_error("sessionRefresh")["code"],
        "UNAUTHENTICATED"
    );
    let again = refused(&awa[1], "sessionRevoke", json!({ "id": own[0]["id"] })).await;
    assert_eq!(again["code"], "NOT_FOUND");
    let rest = succeed(&awa[1], "sessionRevokeAll", json!({}), "revokedCount").await;
    assert_eq!(rest["revokedCount"], 2);
    assert!(who(&awa[0]).await.is_none() && who(&awa[2]).await.is_none() && who(&awa[1]).await.is_some());
    let all = succeed(&awa[1], "sessionRevokeAll", json!({ "keepCurrent": false }), "revokedCount").await;
    assert_eq!(all["revokedCount"], 1);
    assert_eq!(who(&awa[1]).await, None);
    assert!(who(&bintou).await.is_some());
    // a node is no way around
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(bintou.ask(node, json!({ "id": others[0]["id"] })).await.at("/node"), &Value::Null);
}

async fn a_new_password_ends_the_other_sign_ins(world: World) {
    account(&world, "awa@kafo.example");
    let here = world.sign_in("awa@kafo.example", PASSWORD).await;
    let there = world.sign_in("awa@kafo.example", PASSWORD).await;
    let change = |current: &str, new: &str| json!({ "currentPassword": current, "newPassword": new });
    for (current, new, code, field) in [
        ("not the right one", NEXT, "WRONG_PASSWORD", "currentPassword"),
        (PASSWORD, "too short", "WEAK_PASSWORD", "newPassword"),
        (PASSWORD, "motdepassemotdepasse", "WEAK_PASSWORD", "newPassword"),
        (PASSWORD, "awa exemple kafo", "WEAK_PASSWORD", "newPassword"),
        (PASSWORD, "qwertyuiopasdfgh", "WEAK_PASSWORD", "newPassword"),
    ] {
        let error = refused(&here, "passwordChange", change(current, new)).await;
        assert_eq!((&error["code"], &error["field"][1]), (&json!(code), &json!(field)), "{new}");
    }
    let long = "é".repeat(513);
    assert_eq!(refused(&here, "passwordChange", change(PASSWORD, &long)).await["code"], "WEAK_PASSWORD");
    assert!(who(&there).await.is_some(), "refused, it ends nothing");
    succeed(&here, "passwordChange", change(PASSWORD, NEXT), "isChanged").await;
    assert!(who(&here).await.is_some());
    assert_eq!(who(&there).await, None);
    assert_eq!(
        sign_in(&world, "awa@kafo.example", PASSWORD).await["userErrors"][0]["code"],
        "UNAUTHENTICATED"
    );
    assert!(sign_in(&world, "awa@kafo.example", NEXT).await["accessToken"].is_string());
    let anonymous = world.client();
    let query = "mutation { passwordChange(input: {currentPassword: \"a\", newPassword: \"b\"}) { isChanged userErrors { code } } }";
    assert_eq!(anonymous.ask(query, json!({})).await.error_code(), Some("UNAUTHENTICATED"));
}

async fn a_forgotten_password_is_reset_once(world: World) {
    let sql = Sql::of(&world).await;
    account(&world, "admin@kafo.example");
    let id = plain(&world, "bintou@kafo.example");
    let admin = world.sign_in("admin@kafo.example", PASSWORD).await;
    let bintou = world.sign_in("bintou@kafo.example", PASSWORD).await;
    let issue = || succeed(&admin, "passwordResetIssue", json!({ "account": id }), "token expiresAt");
    let earlier = issue().await["token"].clone();
    let token = issue().await["token"].clone();
    assert!(who(&bintou).await.is_some(), "a link alone ends nothing");
    let anonymous = world.client();
    let reset = |token: &Value, new: &str| json!({ "token": token, "newPassword": new });
    for wrong in [&earlier, &json!("made up"), &json!("")] {
        assert_eq!(refused(&anonymous, "passwordReset", reset(wrong, NEXT)).await["code"], "UNAUTHENTICATED");
    }
    // a weak one does not spend the link
    let weak = refused(&anonymous, "passwordReset", reset(&token, "bintou exemple kafo")).await;
    assert_eq!((&weak["code"], &weak["field"][1]), (&json!("WEAK_PASSWORD"), &json!("newPassword")));
    // of eight uses at the same moment one holds
    let uses: Vec<_> = (0..8)
        .map(|_| {
            let (client, input) = (anonymous.clone(), reset(&token, NEXT));
            tokio::spawn(async move {
                let answer = crate::cast::mutate(&client, "passwordReset", input, "isReset").await;
                answer.at("/passwordReset/isReset") == true
            })
        })
        .collect();
    let mut held = 0;
    for one in uses {
        held += u32::from(one.await.expect("an answer"));
    }
    assert_eq!(held, 1);
    assert_eq!(who(&bintou).await, None);
    assert_eq!(sign_in(&world, "bintou@kafo.example", PASSWORD).await["accessToken"], Value::Null);
    assert!(sign_in(&world, "bintou@kafo.example", NEXT).await["accessToken"].is_string());
    assert_eq!(sql.records("passwordReset").await, 1);

    // the command line issues links, too; after an hour they hold no more
    let late = world.kafo_ok(&["account", "reset", "--email", "bintou@kafo.example"], "");
    let ago = kafo::clock::now() - chrono::TimeDelta::seconds(1);
    let digest = kafo::auth::token::digest(late.trim());
    assert_eq!(
        sql.run(
            "UPDATE password_reset SET expires_at = $1 WHERE digest = $2 AND used_at IS NULL",
            [ago.into(), digest.into()]
        )
        .await,
        1,
        "only its digest is kept"
    );
    let late = refused(&anonymous, "passwordReset", reset(&json!(late.trim()), PASSWORD)).await;
    assert_eq!(late["code"], "UNAUTHENTICATED");
    let token = world.kafo_ok(&["account", "reset", "--email", "BINTOU@kafo.example"], "");
    succeed(&anonymous, "passwordReset", reset(&json!(token.trim()), PASSWORD), "isReset").await;
    // and a password that is changed otherwise spends the link
    let token = issue().await["token"].clone();
    let bintou = world.sign_in("bintou@kafo.example", PASSWORD).await;
    let input = json!({ "currentPassword": PASSWORD, "newPassword": NEXT });
    succeed(&bintou, "passwordChange", input, "isChanged").await;
    assert_eq!(
        refused(&anonymous, "passwordReset", reset(&token, PASSWORD)).await["code"],
        "UNAUTHENTICATED"
    );
    let nobody = world.kafo(&["account", "reset", "--email", "nobody@kafo.example"], "");
    assert!(!nobody.status.success() && String::from_utf8_lossy(&nobody.stderr).contains("NOT_FOUND"));
}

async fn only_administrators_help_and_not_each_other(world: World) {
    let sql = Sql::of(&world).await;
    account(&world, "admin@kafo.example");
    let line = ["account", "create", "--email", "other@kafo.example", "--name", "Awa Exemple", "--admin"];
    let other = world.kafo_ok(&line, PASSWORD).trim().to_owned();
    let bintou_id = plain(&world, "bintou@kafo.example");
    let admin = world.sign_in("admin@kafo.example", PASSWORD).await;
    let bintou = world.sign_in("bintou@kafo.example", PASSWORD).await;
    let own = admin.ask("{ viewer { account { id } } }", json!({})).await.at("/viewer/account/id").clone();
    let nobody = "acc_00000000000070008000000000000000";
    let before = sql.number("SELECT count(*) AS n FROM change").await;
    for mutation in ["passwordResetIssue", "accountEmailChange"] {
        let input = |account: &str| {
            let mut input = json!({ "account": account });
            if mutation == "accountEmailChange" {
                input["email"] = json!("new@kafo.example");
            }
            input
        };
        for (client, account, code) in [
            (&bintou, bintou_id.as_str(), "PERMISSION_DENIED"),
            (&bintou, nobody, "PERMISSION_DENIED"),
            (&admin, other.as_str(), "PERMISSION_DENIED"),
            (&admin, own.as_str().expect("an id"), "PERMISSION_DENIED"),
            (&admin, nobody, "NOT_FOUND"),
            (&admin, "grp_00000000000070008000000000000000", "WRONG_KIND"),
        ] {
            let error = refused(client, mutation, input(account)).await;
            assert_eq!(error["code"], code, "{mutation} {account}");
        }
        let answer = crate::cast::mutate(&world.client(), mutation, input(&bintou_id), "__typename").await;
        assert_eq!(answer.error_code(), Some("UNAUTHENTICATED"));
    }
    assert_eq!(sql.number("SELECT count(*) AS n FROM change").await, before, "refused: no record");
}

async fn an_address_changes(world: World) {
    account(&world, "admin@kafo.example");
    let id = plain(&world, "bintou@kafo.example");
    let admin = world.sign_in("admin@kafo.example", PASSWORD).await;
    let here = world.sign_in("bintou@kafo.example", PASSWORD).await;
    let there = world.sign_in("bintou@kafo.example", PASSWORD).await;
    for (input, code, field) in [
        (json!({ "email": "b@kafo.example" }), "REQUIRED", "password"),
        (json!({ "email": "b@kafo.example", "password": "wrong" }), "WRONG_PASSWORD", "password"),
        (json!({ "email": "no address", "password": PASSWORD }), "INVALID_EMAIL", "email"),
        (json!({ "email": "ADMIN@kafo.example", "password": PASSWORD }), "DUPLICATE", "email"),
    ] {
        let error = refused(&here, "accountEmailChange", input).await;
        assert_eq!((&error["code"], &error["field"][1]), (&json!(code), &json!(field)));
    }
    let input = json!({ "email": "b@kafo.example", "password": PASSWORD });
    succeed(&here, "accountEmailChange", input, "isChanged").await;
    assert_eq!(who(&here).await.as_deref(), Some("b@kafo.example"));
    assert_eq!(who(&there).await, None);
    assert_eq!(sign_in(&world, "bintou@kafo.example", PASSWORD).await["accessToken"], Value::Null);
    let input = json!({ "account": id, "email": "c@kafo.example" });
    succeed(&admin, "accountEmailChange", input, "isChanged").await;
    assert_eq!(who(&here).await, None, "changed by somebody else, all sign-ins end");
    assert!(sign_in(&world, "c@kafo.example", PASSWORD).await["accessToken"].is_string());
}

async fn a_deactivated_account_is_shut_out_at_once(world: World) {
    plain(&world, "bintou@kafo.example");
    let bintou = world.sign_in("bintou@kafo.example", PASSWORD).await;
    let line = |word: &'static str| ["account", word, "--email", "bintou@kafo.example"];
    world.kafo_ok(&line("deactivate"), "");
    assert_eq!(who(&bintou).await, None);
    let token = json!({ "input": { "refreshToken": bintou.refresh_token() } });
    let answer = world.client().ask(REFRESH, token.clone()).await;
    assert_eq!(answer.user_error("sessionRefresh")["code"], "UNAUTHENTICATED");
    assert_eq!(
        sign_in(&world, "bintou@kafo.example", PASSWORD).await["userErrors"][0]["code"],
        "UNAUTHENTICATED"
    );
    for word in ["deactivate", "reset"] {
        assert!(!world.kafo(&line(word), "").status.success(), "{word}");
    }
    world.kafo_ok(&line("activate"), "");
    assert_eq!(who(&bintou).await, None, "what was ended stays so");
    let answer = world.client().ask(REFRESH, token).await;
    assert_eq!(answer.user_error("sessionRefresh")["code"], "UNAUTHENTICATED");
    assert!(sign_in(&world, "bintou@kafo.example", PASSWORD).await["accessToken"].is_string());
}

async fn every_step_is_recorded_once(world: World) {
    let sql = Sql::of(&world).await;
    account(&world, "admin@kafo.example");
    let id = plain(&world, "bintou@kafo.example");
    let admin = world.sign_in("admin@kafo.example", PASSWORD).await;
    let bintou = world.sign_in("bintou@kafo.example", PASSWORD).await;
    world.sign_in("bintou@kafo.example", PASSWORD).await;
    let list = bintou.ask(SESSIONS, json!({})).await.list("/viewer/account/sessions").to_vec();
    let refresh = json!({ "input": { "refreshToken": bintou.refresh_token() } });
    world.client().ask(REFRESH, refresh).await.ok("sessionRefresh");
    succeed(&bintou, "sessionRevoke", json!({ "id": list[0]["id"] }), "isRevoked").await;
    succeed(&bintou, "sessionRevokeAll", json!({}), "revokedCount").await;
    let input = json!({ "currentPassword": PASSWORD, "newPassword": NEXT });
    succeed(&bintou, "passwordChange", input, "isChanged").await;
    let issued = succeed(&admin, "passwordResetIssue", json!({ "account": id }), "token").await;
    let input = json!({ "token": issued["token"], "newPassword": PASSWORD });
    succeed(&world.client(), "passwordReset", input, "isReset").await;
    let bintou = world.sign_in("bintou@kafo.example", PASSWORD).await;
    let input = json!({ "email": "b@kafo.example", "password": PASSWORD });
    succeed(&bintou, "accountEmailChange", input, "isChanged").await;
    sign_in(&world, "b@kafo.example", "wrong").await;
    bintou.ask("mutation { signOut { isSignedOut } }", json!({})).await.data();
    for (kind, count) in [
        ("signIn", 4),
        ("signInFailed", 1),
        ("sessionRefresh", 0),
        ("sessionRevoke", 1),
        ("sessionRevokeAll", 1),
        ("passwordChange", 1),
        ("passwordResetIssue", 1),
        ("passwordReset", 1),
        ("accountEmailChange", 1),
        ("signOut", 1),
    ] {
        assert_eq!(sql.records(kind).await, count, "{kind}");
    }
    // who did it is named; nothing that was typed is
    let anonymous = "SELECT count(*) AS n FROM change WHERE account_id IS NULL AND kind NOT IN ('accountCreate', 'signInFailed')";
    assert_eq!(sql.number(anonymous).await, 0);
    for row in sql.rows("SELECT kind, reason, detail FROM change").await {
        for column in ["reason", "detail"] {
            let text: String =
                row.try_get::<Option<String>>("", column).expect("a column").unwrap_or_default();
            assert!(!text.contains("@") && !text.contains("Exemple") && !text.contains("pirogues"), "{text}");
        }
    }
}
