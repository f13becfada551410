//! Lists of seats as files: `kafo import memberships`, and the example script that an administrator starts from.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tests::{Value, World, json, on_both};

use crate::cast::{CLUSTER, Cast, PASSWORD, succeed};

on_both!(
    a_file_in_either_language_is_taken,
    a_file_with_a_bad_line_changes_nothing,
    what_the_file_leaves_out_can_end,
    the_script_shows_then_applies,
    the_script_says_what_is_wrong,
);

async fn seats(cast: &Cast) -> Vec<Value> {
    let query = "query($g: ID!) { memberships(filter: { group: { eq: $g } }, first: 100) {
        nodes { id version role since until topic person { displayName } organisation { acronym } } } }";
    cast.coordinator.ask(query, json!({ "g": CLUSTER })).await.list("/memberships/nodes").to_vec()
}

fn file(world: &World, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = world.storage.directory().join(name);
    std::fs::write(&path, content).expect("a file");
    path.to_str().expect("a path").to_owned()
}

fn import(world: &World, file: &str, more: &[&str]) -> Output {
    let mut line =
        vec!["import", "memberships", file, "--group", "cluster-exemple", "--as", "coordinator@kafo.example"];
    line.extend(more);
    world.kafo(&line, "")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

const ENGLISH: &str = "Organisation,Role,Name,E-mail,Since,Until,Topic,Create person\n\
    AEX,Lead,,,,,,\n\
    ONGE,Representative,Personne Exemple 4,,01/02/2026,,,\n\
    \n\
    ONGE,Focal point,Personne Exemple 51,cinquante-et-un@kafo.example,2026-01-01,2099-12-31,Abris,yes\n";
const FRENCH: &str = "\u{feff}ORGANISATION;Rôle;NOM;Courriel;Depuis;Jusqu'au;Thème;Créer la personne\r\n\
    Agence exemple;Chef de file;;;;;;\r\n\
    onge;Représentante;personne exemple 4;;2026-02-01;;;\r\n\
    ONGE;Point focal;Personne Exemple 51;;01/01/2026;31/12/2099;abris;oui\r\n";

async fn a_file_in_either_language_is_taken(world: World) {
    let cast = Cast::of(world).await;
    let english = file(&cast.world, "seats.csv", ENGLISH);
    let french = file(&cast.world, "sieges.csv", FRENCH);
    let before = seats(&cast).await;
    let output = import(&cast.world, &english, &["--dry-run"]);
    assert!(output.status.success() && said(&output).contains("nothing was changed"), "{}", said(&output));
    assert_eq!(seats(&cast).await, before);
    let output = import(&cast.world, &english, &[]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    for line in [
        "line 3: updated: Personne Exemple 4, ONGE, REPRESENTATIVE",
        "since: nothing -> 2026-02-01",
        "line 5: created, the person too: Personne Exemple 51",
        "3 rows: 1 created, 1 updated, 0 ended, 1 unchanged; 1 people entered",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
    let after = seats(&cast).await;
    assert_eq!(after.len(), before.len() + 1);
    let focal = after.iter().find(|s| s["role"] == "FOCAL_POINT").expect("the focal point");
    assert_eq!((&focal["since"], &focal["until"]), (&json!("2026-01-01"), &json!("2099-12-31")));
    // the French file says the same, but for the capital of the topic
    let output = import(&cast.world, &french, &[]);
    assert!(
        said(&output).contains("0 created, 1 updated, 0 ended, 2 unchanged; 0 people"),
        "{}",
        said(&output)
    );
    let output = import(&cast.world, &french, &[]);
    assert!(
        said(&output).contains("0 created, 0 updated, 0 ended, 3 unchanged; 0 people"),
        "{}",
        said(&output)
    );
}

async fn a_file_with_a_bad_line_changes_nothing(world: World) {
    let cast = Cast::of(world).await;
    let before = seats(&cast).await;
    for (name, content, says) in [
        (
            "slip",
            b"organisation;role\nONGE;donor\nAgense Exemple;donor\n".to_vec(),
            vec![
                "slip, line 3: organisation.called: ",
                "[NOT_FOUND]",
                "perhaps Agence Exemple (org_",
                "SIMILAR_NAME",
                "Nothing was changed",
            ],
        ),
        (
            "windows",
            b"organisation;r\xf4le\nONGE;membre\n".to_vec(),
            vec!["windows, line 1", "UTF-8", "Windows-1252"],
        ),
        ("utf16", b"\xff\xfer\0o\0l\0e\0".to_vec(), vec!["UTF-8"]),
        ("role", b"organisation,role\nONGE,roi\n".to_vec(), vec!["role, line 2", "no role"]),
        (
            "header",
            b"organisation,role,couleur\nONGE,donor,1\n".to_vec(),
            vec!["header, line 1", "couleur", "organisation, "],
        ),
        (
            "grant",
            "organisation,role,name\nONGE,coordinatrice,Personne Exemple 4\n".into(),
            vec!["grant, line 2: role: ", "[PERMISSION_DENIED]"],
        ),
    ] {
        let path = file(&cast.world, name, content);
        let output = import(&cast.world, &path, &[]);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        for part in says {
            assert!(text.contains(part), "no {part:?} in\n{text}");
        }
        assert_eq!(seats(&cast).await, before, "{name}");
    }
    let path = file(&cast.world, "seats.csv", ENGLISH);
    let line = ["import", "memberships", &path, "--group", "rien", "--as", "coordinator@kafo.example"];
    let output = cast.world.kafo(&line, "");
    assert!(
        output.status.code() == Some(1) && said(&output).contains("no group \"rien\""),
        "{}",
        said(&output)
    );
}

async fn what_the_file_leaves_out_can_end(world: World) {
    let cast = Cast::of(world).await;
    let path = file(
        &cast.world,
        "seats.csv",
        "role,name,organisation\nCoordinator,Personne Exemple 1,\nInformation manager,Personne Exemple 2,\nSecretary,Personne Exemple 3,\nLead,,AEX\nMember,,ONGE\n",
    );
    let output = import(&cast.world, &path, &["--missing", "report"]);
    let text = said(&output);
    assert!(
        text.contains("not in the file, stays: Personne Exemple 4, ONGE, REPRESENTATIVE (mbr_"),
        "{text}"
    );
    let output = import(&cast.world, &path, &["--missing", "end"]);
    let text = said(&output);
    assert!(
        text.contains("not in the file, ended: ") && text.contains("0 updated, 2 ended, 5 unchanged"),
        "{text}"
    );
    assert!(
        cast.representative
            .ask(&format!("{{ group(by: {{ id: \"{CLUSTER}\" }}) {{ id }} }}"), json!({}))
            .await
            .at("/group")
            .is_null()
    );
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../example").join(name)
}

/// Runs the example script.
fn script(url: &str, token: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new("python3");
    command.arg(example("sync_memberships.py")).args(arguments).env("KAFO_URL", url).env("NO_PROXY", "*");
    match token {
        Some(token) => command.env("KAFO_TOKEN", token),
        None => command.env_remove("KAFO_TOKEN"),
    };
    command.output().expect("Python 3 (`python3`)")
}

async fn the_script_shows_then_applies(world: World) {
    world.kafo_ok(&["demo", "--load-only", "--database", world.storage.url()], "");
    let cash = world.sign_in("cash@kafo.example", PASSWORD).await;
    let url = format!("{}/graphql", world.server.url());
    let path = example("memberships.csv");
    let path = path.to_str().expect("a path");
    // a program of its own, which may do this and nothing else
    let group = "grp_00000000000070008000000000000102";
    let service = json!({ "name": "Liste des membres", "group": group,
        "seats": [{ "group": group, "role": "INFORMATION_MANAGER" }] });
    let service = succeed(&cash, "serviceAccountCreate", service, "serviceAccount { id }").await;
    let token = json!({ "account": service["serviceAccount"]["id"], "name": "Essai", "groups": [group],
        "scopes": ["MEMBERSHIPS", "DIRECTORY"],
        "expiresAt": kafo::clock::now() + chrono::TimeDelta::days(1) });
    let token = succeed(&cash, "apiTokenCreate", token, "token").await;
    let run = |more: &[&str]| {
        let arguments = [&["cwg-mali", path], more].concat();
        let output = script(&url, token["token"].as_str(), &arguments);
        (output.status.code(), said(&output))
    };
    let count = async || {
        let query = "{ memberships(filter: { group: { eq: \"grp_00000000000070008000000000000102\" } }) { totalCount } }";
        cash.ask(query, json!({})).await.at("/memberships/totalCount").clone()
    };
    let before = count().await;
    let (code, text) = run(&[]);
    assert!(code == Some(0) && text.contains("line 6: CREATED, and enters the person"), "{text}");
    assert!(text.contains("not in the file: ") && text.contains("This was a dry run"), "{text}");
    assert_eq!(count().await, before);
    let (code, text) = run(&["--apply", "--reason", "Liste de novembre"]);
    assert!(
        code == Some(0) && text.contains("6 created, 0 updated, 0 ended, 3 unchanged; 2 people entered"),
        "{text}"
    );
    assert!(text.contains("Applied."), "{text}");
    assert_ne!(count().await, before);
    let (code, text) = run(&["--apply"]);
    assert!(
        code == Some(0) && text.contains("0 created, 0 updated, 0 ended, 9 unchanged; 0 people entered"),
        "{text}"
    );
}

async fn the_script_says_what_is_wrong(world: World) {
    let cast = Cast::of(world).await;
    let url = format!("{}/graphql", cast.world.server.url());
    let slip = file(&cast.world, "slip.csv", "organisation,role\nAgense Exemple,donor\n");
    let token = cast.coordinator.access_token();
    let before = seats(&cast).await;
    let run = |url: &str, token: Option<&str>, arguments: &[&str]| {
        let output = script(url, token, arguments);
        (output.status.code(), said(&output))
    };
    let (code, text) = run(&url, token, &[CLUSTER, &slip, "--apply"]);
    assert!(code == Some(1) && text.contains("line 2: organisation.called: "), "{text}");
    assert!(text.contains("perhaps Agence Exemple (org_") && text.contains("Nothing was changed"), "{text}");
    let (code, text) = run(&url, None, &[CLUSTER, &slip]);
    assert!(code == Some(2) && text.contains("KAFO_TOKEN"), "{text}");
    let column = file(&cast.world, "column.csv", "organisation,role,couleur\nONGE,donor,1\n");
    for (arguments, says) in [
        ([CLUSTER, &column], "couleur"),
        (["rien", &slip], "no group rien"),
        ([CLUSTER, "missing.csv"], "missing.csv"),
    ] {
        let (code, text) = run(&url, token, &arguments);
        assert!(code == Some(2) && text.contains(says), "{text}");
    }
    let (code, text) = run(&url, Some("no.token.at-all"), &[CLUSTER, &slip]);
    assert!(code == Some(3) && text.contains("HTTP 401") && !text.contains("no.token.at-all"), "{text}");
    let (code, text) = run("http://127.0.0.1:9/graphql", token, &[CLUSTER, &slip]);
    assert!(code == Some(3), "{text}");
    assert_eq!(seats(&cast).await, before);
    // it waits as long as a busy server asks it to
    let busy = Busy::start();
    let (code, text) = run(&busy.url, token, &[CLUSTER, &slip]);
    assert!(code == Some(3) && text.contains("HTTP 429: trying again in 0 s"), "{text}");
    assert!(text.contains("HTTP 503: trying again in 0 s") && text.contains("HTTP 400"), "{text}");
}

/// A server that is busy twice, and then does not understand.
struct Busy {
    url: String,
}

impl Busy {
    fn start() -> Self {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/graphql", listener.local_addr().expect("an address"));
        std::thread::spawn(move || {
            for status in ["429 Too Many Requests", "503 Service Unavailable", "400 Bad Request"] {
                let Ok((mut stream, _)) = listener.accept() else { return };
                let mut request = Vec::new();
                let mut some = [0; 4096];
                // the body ends the JSON object that it is
                while !request.ends_with(b"}}") && !request.ends_with(b"}}}") {
                    match stream.read(&mut some) {
                        Ok(0) | Err(_) => break,
                        Ok(count) => request.extend_from_slice(&some[..count]),
                    }
                }
                let answer = format!(
                    "HTTP/1.1 {status}\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { url }
    }
}
