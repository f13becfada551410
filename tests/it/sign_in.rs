//! Signing in with e-mail address and password, refreshing, signing out.

use tests::{Client, World, json, on_both};

on_both!(
    an_account_signs_in,
    unknown_address_and_wrong_password_look_alike,
    a_refresh_token_holds_once,
    signing_out_holds_at_once,
    weak_passwords_and_taken_addresses_are_refused,
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
    // the spent one again: one of the two is a thief, so the whole sign-in ends
    let again = world.client().ask(REFRESH, first).await;
    assert_eq!(again.user_error("sessionRefresh")["code"], "UNAUTHENTICATED");
    let second = json!({ "input": { "refreshToken": next["refreshToken"] } });
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
