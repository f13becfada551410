//! Tokens that somebody made up or altered.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey};
use kafo::auth::token::random;
use kafo::clock;
use reqwest::header::HeaderValue;
use tests::{Client, Value, World, json, on_both};
use uuid::Uuid;

use super::{PASSWORD, account, claims_of, with_headers, with_token};
use crate::sql::Sql;

on_both!(no_forged_token_is_accepted, two_keys_are_alive_while_they_are_rotated);

/// Whoever has the server's own key, and makes tokens with it.
struct Forger {
    secret: String,
    header: Value,
    claims: Value,
}

impl Forger {
    fn signed(&self, algorithm: Algorithm, header: &str, claims: &str, secret: &str) -> String {
        let message = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
        let key = EncodingKey::from_secret(secret.as_bytes());
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).expect("sign");
        format!("{message}.{signature}")
    }

    fn text(&self, header: &str, claims: &str) -> String {
        self.signed(Algorithm::HS256, header, claims, &self.secret)
    }

    fn good(&self) -> String {
        self.text(&self.header.to_string(), &self.claims.to_string())
    }

    /// With these fields of the header; null takes one away.
    fn header(&self, fields: Value) -> String {
        self.text(&merged(&self.header, fields).to_string(), &self.claims.to_string())
    }

    /// With these claims; null takes one away.
    fn claims(&self, fields: Value) -> String {
        self.text(&self.header.to_string(), &merged(&self.claims, fields).to_string())
    }
}

fn merged(base: &Value, fields: Value) -> Value {
    let mut all = base.as_object().expect("an object").clone();
    for (name, value) in fields.as_object().expect("an object").clone() {
        if value.is_null() {
            all.remove(&name);
        } else {
            all.insert(name, value);
        }
    }
    Value::Object(all)
}

/// Each kind of forgery has a name; made with the server's own secret unless it says otherwise.
fn forgeries(f: &Forger, now: i64) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let good = f.good();
    let parts: Vec<&str> = good.split('.').collect();
    let (head, body, signature) = (parts[0], parts[1], parts[2]);
    let (header, claims) = (f.header.to_string(), f.claims.to_string());
    let mut add = |name: &str, token: String| all.push((name.to_owned(), token));

    for alg in ["none", "None", "nOnE", "NONE", ""] {
        let unsigned = f.header(json!({ "alg": alg }));
        let cut = unsigned.rsplit_once('.').expect("three parts").0.to_owned();
        add(&format!("alg {alg:?}, no signature"), format!("{cut}."));
        add(&format!("alg {alg:?}, signed"), unsigned);
    }
    for (name, algorithm) in [("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
        let own = merged(&f.header, json!({ "alg": name })).to_string();
        add(&format!("{name}, properly signed"), f.signed(algorithm, &own, &claims, &f.secret));
        add(&format!("HS256 that is {name}"), f.signed(algorithm, &header, &claims, &f.secret));
    }
    for alg in ["RS256", "PS256", "ES256", "EdDSA", "hs256", "HS256 ", "A256KW", "dir"] {
        add(&format!("alg {alg}, signed with the secret"), f.header(json!({ "alg": alg })));
    }
    for (name, value) in [("missing", Value::Null), ("a number", json!(256)), ("a list", json!(["HS256"]))] {
        add(&format!("alg {name}"), f.header(json!({ "alg": value })));
    }

    let kid = f.header["kid"].as_str().expect("a kid").to_owned();
    let hex = kid.replace('-', "");
    add("another secret under our key id", f.signed(Algorithm::HS256, &header, &claims, &random()));
    add("the empty secret", f.signed(Algorithm::HS256, &header, &claims, ""));
    add("the key id as secret", f.signed(Algorithm::HS256, &header, &claims, &kid));
    add("a key id that is nobody's", f.header(json!({ "kid": Uuid::new_v4().to_string() })));
    for (name, value) in [
        ("missing", Value::Null),
        ("empty", json!("")),
        ("a path", json!("../../../../dev/null")),
        ("SQL", json!("' OR '1'='1")),
        ("the id of an account", f.claims["sub"].clone()),
        ("the id of a sign-in", f.claims["sid"].clone()),
        ("in capitals", json!(kid.to_uppercase())),
        ("without hyphens", json!(hex)),
        ("in braces", json!(format!("{{{kid}}}"))),
        ("a URN", json!(format!("urn:uuid:{kid}"))),
        ("with a blank", json!(format!("{kid} "))),
        ("a number", json!(1)),
        ("a list", json!([kid])),
    ] {
        add(&format!("key id {name}"), f.header(json!({ "kid": value })));
    }

    for (name, value) in [
        ("missing", Value::Null),
        ("JWT", json!("JWT")),
        ("in capitals", json!("AT+JWT")),
        ("a media type", json!("application/at+jwt")),
        ("of an ID token", json!("id+jwt")),
        ("a list", json!(["at+jwt"])),
    ] {
        add(&format!("typ {name}"), f.header(json!({ "typ": value })));
    }
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("jku", json!("https://kafo.example/keys.json")),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        ("x5u", json!("https://kafo.example/cert.pem")),
        ("x5c", json!(["AAAA"])),
        ("x5t", json!("AAAA")),
        ("cty", json!("JWT")),
        ("zip", json!("DEF")),
        ("b64", json!(false)),
        ("enc", json!("A256GCM")),
        ("something", json!(1)),
    ] {
        add(&format!("header with {name}"), f.header(json!({ name: value })));
    }

    for claim in ["iss", "aud", "sub", "exp", "iat", "jti", "sid"] {
        add(&format!("without {claim}"), f.claims(json!({ claim: null })));
        let empty = claims.replacen(&format!("\"{claim}\":"), &format!("\"{claim}\":null,\"was\":"), 1);
        add(&format!("{claim} null"), f.text(&header, &empty));
        let is_number = ["exp", "iat"].contains(&claim);
        let value = &f.claims[claim];
        let other = if is_number { json!(value.to_string()) } else { json!(7) };
        add(&format!("{claim} of another type"), f.claims(json!({ claim: other })));
        add(&format!("{claim} a list"), f.claims(json!({ claim: [value] })));
        add(&format!("{claim} an object"), f.claims(json!({ claim: { "is": value } })));
        let twice = claims.replacen('{', &format!("{{\"{claim}\":{value},"), 1);
        add(&format!("{claim} twice"), f.text(&header, &twice));
    }
    for (name, fields) in [
        ("expired six seconds ago", json!({ "iat": now - 606, "exp": now - 6 })),
        ("expired an hour ago", json!({ "iat": now - 4200, "exp": now - 3600 })),
        ("expiring before it begins", json!({ "exp": now, "iat": now + 4 })),
        ("holding longer than ours", json!({ "exp": now + 700, "iat": now })),
        ("holding a year", json!({ "exp": now + 31_536_000 })),
        ("holding for ever", json!({ "exp": i64::MAX })),
        ("beginning at the beginning", json!({ "iat": i64::MIN })),
        ("exp below zero", json!({ "exp": -1 })),
        ("exp not whole", json!({ "exp": 4_102_444_800.5 })),
        ("exp beyond all numbers", json!({ "exp": u64::MAX })),
        ("made in the future", json!({ "iat": now + 60, "exp": now + 660 })),
        ("made in a far future", json!({ "iat": 4_102_444_800_i64, "exp": 4_102_445_400_i64 })),
        ("not yet valid", json!({ "nbf": now + 60 })),
        ("nbf a text", json!({ "nbf": "0" })),
        ("another issuer", json!({ "iss": "kafo.example" })),
        ("no issuer's name", json!({ "iss": "" })),
        ("another audience", json!({ "aud": "kafo" })),
        ("two audiences", json!({ "aud": ["kafo-api", "other"] })),
        ("an account that is none", json!({ "sub": Uuid::new_v4() })),
        ("a sign-in that is none", json!({ "sid": Uuid::new_v4() })),
        ("an account's id as clients see it", json!({ "sub": "acc_00000000000000000000000000000000" })),
        ("the nil account", json!({ "sub": Uuid::nil() })),
    ] {
        add(name, f.claims(fields));
    }

    let double_alg = header.replacen('{', "{\"alg\":\"none\",", 1);
    add("alg twice", f.text(&double_alg, &claims));
    let double_kid = header.replacen('{', &format!("{{\"kid\":\"{}\",", Uuid::new_v4()), 1);
    add("key id twice", f.text(&double_kid, &claims));
    add("a header that is a list", f.text("[]", &claims));
    add("a header that is no JSON", f.text("alg=HS256", &claims));
    add("a header with something after it", f.text(&format!("{header}{{}}"), &claims));
    add("claims that are a list", f.text(&header, "[]"));
    add("claims that are no JSON", f.text(&header, "sub=1"));
    add("claims with something after them", f.text(&header, &format!("{claims}{{}}")));
    add("claims that are no UTF-8", {
        let message = format!("{head}.{}", BASE64.encode([0xff, 0xfe]));
        let key = EncodingKey::from_secret(f.secret.as_bytes());
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("sign");
        format!("{message}.{signature}")
    });

    for (name, token) in [
        ("nothing", String::new()),
        ("two dots", "..".to_owned()),
        ("one part", head.to_owned()),
        ("two parts", format!("{head}.{body}")),
        ("four parts", format!("{good}.{signature}")),
        ("five parts, as if encrypted", format!("{head}.{signature}.{signature}.{body}.{signature}")),
        ("a dot before", format!(".{good}")),
        ("a dot after", format!("{good}.")),
        ("no signature", format!("{head}.{body}.")),
        ("a signature of zeros", format!("{head}.{body}.{}", "A".repeat(43))),
        ("half a signature", format!("{head}.{body}.{}", &signature[..21])),
        ("a signature one letter short", format!("{head}.{body}.{}", &signature[..42])),
        ("a signature one letter long", format!("{good}A")),
        ("the signature twice", format!("{good}{signature}")),
        ("padding", format!("{good}=")),
        ("padding of every part", format!("{head}==.{body}=.{signature}=")),
        ("a blank inside", format!("{head}. {body}.{signature}")),
        ("a tab inside", format!("{head}.{body}\t.{signature}")),
        ("a comma and another token", format!("{good},{good}")),
        ("two tokens", format!("{good} {good}")),
        ("quotes", format!("\"{good}\"")),
        ("a percent sign", format!("{head}%2E{body}%2E{signature}")),
        ("letters beyond ASCII", format!("{head}.{body}.{signature}é")),
        ("full-width dots", format!("{head}\u{ff0e}{body}\u{ff0e}{signature}")),
        ("a zero byte's escape", format!("{good}%00")),
        ("parts in another order", format!("{body}.{head}.{signature}")),
        ("huge", format!("{head}.{}.{signature}", BASE64.encode("x".repeat(9000)))),
        ("huge, properly signed", f.claims(json!({ "more": "x".repeat(9000) }))),
        ("a refresh token", random()),
        ("a token of a service", format!("kafo_{}", random())),
        ("a word", "null".to_owned()),
    ] {
        add(name, token);
    }
    // the last letter of a signature has two bits that say nothing: only one spelling holds
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = signature.bytes().last().and_then(|l| LETTERS.iter().position(|c| *c == l)).expect("a letter");
    let other = char::from(LETTERS[last ^ 1]);
    add("the same signature, spelt otherwise", format!("{}{other}", &good[..good.len() - 1]));
    for place in (0..good.len()).step_by(7) {
        let mut letters = good.clone().into_bytes();
        letters[place] = if letters[place] == b'A' { b'B' } else { b'A' };
        add(&format!("letter {place} changed"), String::from_utf8(letters).expect("ASCII"));
    }
    all
}

async fn no_forged_token_is_accepted(world: World) {
    let sql = Sql::of(&world).await;
    for email in ["awa@kafo.example", "bintou@kafo.example", "former@kafo.example", "other@kafo.example"] {
        account(&world, email);
    }
    let awa = world.sign_in("awa@kafo.example", PASSWORD).await;
    let bintou = world.sign_in("bintou@kafo.example", PASSWORD).await;
    let former = world.sign_in("former@kafo.example", PASSWORD).await;
    let other = world.sign_in("other@kafo.example", PASSWORD).await;
    let key = &sql.rows("SELECT id, secret FROM signing_key").await[0];
    let now = clock::now().timestamp();
    let forger = |client: &Client| Forger {
        secret: key.try_get("", "secret").expect("a secret"),
        header: json!({ "typ": "at+jwt", "alg": "HS256",
            "kid": key.try_get::<Uuid>("", "id").expect("an id").to_string() }),
        claims: claims_of(client),
    };
    let f = forger(&awa);

    // the forger's tools are good: what is made like ours is taken for ours
    assert_eq!(with_token(&world, &f.good()).await.at("/viewer/isAdmin"), true);
    assert_eq!(
        with_token(&world, &f.claims(json!({ "nbf": now, "more": 1 }))).await.at("/viewer/isAdmin"),
        true
    );
    let raw = |text: String| HeaderValue::from_bytes(text.as_bytes()).expect("a header");
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer "] {
        let answer = with_headers(&world, &[raw(format!("{scheme} {}", f.good()))]).await;
        assert_eq!(answer.at("/viewer/isAdmin"), true, "{scheme}");
    }

    let mut tokens = forgeries(&f, now);
    let retired = Uuid::new_v4();
    let ago = clock::now() - chrono::TimeDelta::hours(1);
    sql.run(
        "INSERT INTO signing_key (id, secret, created_at, retired_at) VALUES ($1, $2, $3, $4)",
        [retired.into(), "a secret of before".into(), ago.into(), ago.into()],
    )
    .await;
    let old = merged(&f.header, json!({ "kid": retired.to_string() })).to_string();
    let old = f.signed(Algorithm::HS256, &old, &f.claims.to_string(), "a secret of before");
    tokens.push(("a key that is retired".to_owned(), old));
    let b = claims_of(&other);
    tokens.push(("a sign-in of another account".to_owned(), f.claims(json!({ "sid": b["sid"] }))));
    tokens.push(("an account of another sign-in".to_owned(), f.claims(json!({ "sub": b["sub"] }))));
    let refresh = other.refresh_token().expect("a token").to_owned();
    tokens.push(("a refresh token that is alive".to_owned(), refresh));
    // these three were good a moment ago
    bintou.ask("mutation { signOut { isSignedOut } }", json!({})).await.data();
    tokens.push(("a sign-in that was ended".to_owned(), forger(&bintou).good()));
    world.kafo_ok(&["account", "deactivate", "--email", "former@kafo.example"], "");
    tokens.push(("an account that was deactivated".to_owned(), forger(&former).good()));
    let third = world.sign_in("awa@kafo.example", PASSWORD).await;
    let sid: Uuid = claims_of(&third)["sid"].as_str().and_then(|s| s.parse().ok()).expect("an id");
    sql.run("UPDATE session SET expires_at = $1 WHERE id = $2", [clock::now().into(), sid.into()]).await;
    tokens.push(("a sign-in that has expired".to_owned(), forger(&third).good()));

    let refused = with_token(&world, "x").await;
    assert_eq!((refused.status, refused.error_code()), (401, Some("UNAUTHENTICATED")));
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    let mut accepted = Vec::new();
    for (name, token) in &tokens {
        let answer = with_token(&world, token).await;
        if answer.status != 401 || answer.body != refused.body {
            accepted.push(format!("{name}: {} {}", answer.status, answer.body));
        }
    }
    let good = f.good();
    for (name, headers) in [
        ("two headers, both good", vec![raw(format!("Bearer {good}")), raw(format!("Bearer {good}"))]),
        ("two headers, one good", vec![raw("Bearer x".to_owned()), raw(format!("Bearer {good}"))]),
        ("a scheme without a token", vec![raw("Bearer".to_owned())]),
        ("a token without a scheme", vec![raw(good.clone())]),
        ("another scheme", vec![raw(format!("Basic {good}"))]),
        ("a scheme with a colon", vec![raw(format!("Bearer: {good}"))]),
        ("an empty header", vec![raw(String::new())]),
        ("a header that is no text", vec![HeaderValue::from_bytes(b"Bearer \xff\xfe").expect("bytes")]),
    ] {
        let answer = with_headers(&world, &headers).await;
        if answer.status != 401 || answer.body != refused.body {
            accepted.push(format!("{name}: {} {}", answer.status, answer.body));
        }
    }
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
    let kinds = tokens.iter().filter(|(name, _)| !name.starts_with("letter ")).count() + 8;
    assert!(kinds >= 150, "{kinds} kinds");
    assert_eq!(with_token(&world, &good).await.at("/viewer/isAdmin"), true, "and ours still holds");
}

async fn two_keys_are_alive_while_they_are_rotated(world: World) {
    account(&world, "awa@kafo.example");
    let before = world.sign_in("awa@kafo.example", PASSWORD).await;
    let id = world.kafo_ok(&["keys", "rotate"], "").trim().to_owned();
    let second = world.another_server(&[]).await;
    let after = {
        let client = world.client().on(second.url());
        let input = json!({ "email": "awa@kafo.example", "password": PASSWORD });
        let answer = client
            .ask(
                "mutation($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { code } } }",
                json!({ "i": input }),
            )
            .await;
        client.with_tokens(answer.text("/signIn/accessToken"), None)
    };
    let header = after.access_token().and_then(|t| t.split('.').next()).expect("a header");
    assert!(String::from_utf8_lossy(&BASE64.decode(header).expect("base64")).contains(&id));
    let query = "{ viewer { account { email } } }";
    // the former key verifies everywhere; the new one also where the server has not heard of it yet
    for url in [world.server.url(), second.url()] {
        for client in [&before, &after] {
            assert!(client.on(url).ask(query, json!({})).await.errors().is_empty(), "{url}");
        }
    }
    let listed = world.kafo_ok(&["keys", "list"], "");
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(listed.lines().next().is_some_and(|l| l.starts_with(&id) && l.ends_with("signs")), "{listed}");
    assert!(listed.contains("verifies until"), "{listed}");
    let again = world.kafo(&["keys", "rotate"], "");
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("STATE"));

    // when its time is over it verifies no more
    let sql = Sql::of(&world).await;
    sql.run("UPDATE signing_key SET retired_at = $1 WHERE retired_at IS NOT NULL", [clock::now().into()])
        .await;
    let third = world.another_server(&[]).await;
    assert_eq!(before.on(third.url()).ask(query, json!({})).await.status, 401);
    assert!(after.on(third.url()).ask(query, json!({})).await.errors().is_empty());
    world.kafo_ok(&["keys", "rotate", "--at-once"], "");
    let fourth = world.another_server(&[]).await;
    assert_eq!(after.on(fourth.url()).ask(query, json!({})).await.status, 401);
    let secrets = sql.rows("SELECT secret FROM signing_key").await;
    let listed = world.kafo_ok(&["keys", "list"], "");
    for row in secrets {
        assert!(!listed.contains(&row.try_get::<String>("", "secret").expect("a secret")));
    }
}
