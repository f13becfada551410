//! Files to take away: everything about a person, the lists of a group.

use reqwest::Method;
use tests::{Answer, Client, Value, World, json, on_both};

use crate::cast::{CLUSTER, Cast, FORUM, mutate, person, succeed};
use crate::privacy::{CANARY, WHO, plant};
use crate::raw::registry;

on_both!(
    an_export_holds_every_column_that_leads_to_the_person,
    an_export_is_for_oneself_and_with_a_reason_for_administrators,
    the_sheet_of_a_person_is_the_same_in_lines,
    contact_lists_are_recorded,
    organisation_lists_show_what_one_may_see,
);

async fn get(who: &Client, path: &str) -> Answer {
    who.send(who.request(Method::GET, path)).await
}

fn text(answer: &Answer) -> String {
    answer.body.as_str().map_or_else(|| answer.body.to_string(), str::to_owned)
}

async fn an_export_holds_every_column_that_leads_to_the_person(world: World) {
    let cast = Cast::of(world).await;
    plant(&cast).await;
    let answer = get(&cast.representative, &format!("/export/person/{}.json", person(WHO))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let tables = &answer.body["tables"];
    let mut missing = Vec::new();
    let mut held = 0;
    for line in registry().into_iter().filter(|l| !l.subject.is_empty()) {
        let mut rows = tables[&line.table].as_array().into_iter().flatten();
        let shows = rows.any(|row| row.get(&line.column).is_some());
        // nobody is in the ledger before they are erased
        let wanted = line.class != "credential" && line.table != "erasure";
        if shows != wanted && line.table != "erasure" {
            missing.push(format!("{}.{}: shown {shows}, wanted {wanted}", line.table, line.column));
        }
        if matches!(line.class.as_str(), "name" | "contact") {
            let planted = tables[&line.table].to_string().contains(CANARY);
            assert!(planted, "{} holds no canary", line.table);
            held += 1;
        }
    }
    assert!(missing.is_empty() && held > 20, "{missing:#?}");
    assert_eq!(answer.body["person"], person(WHO));
    assert_eq!(tables["membership"][0]["group_id"], CLUSTER, "ids as the API shows them");
    assert_eq!(answer.body["names"][CLUSTER], "Cluster Exemple");
    // what opens a door is not in it, and nobody else is
    let whole = answer.body.to_string();
    for secret in ["\"d1\"", "\"d3\"", "\"secret\"", "argon2", "Personne Exemple 1", "autre@exemple.example"]
    {
        assert!(!whole.contains(secret), "{secret}");
    }
}

async fn log(who: &Client, kind: &str) -> Value {
    let query = "query($kind: String!) { auditLog(filter: { kind: { eq: $kind } }) { nodes {
        reason requestId actor { displayName isService } group { name } entityId entityKind } } }";
    who.ask(query, json!({ "kind": kind })).await.at("/auditLog/nodes").clone()
}

async fn an_export_is_for_oneself_and_with_a_reason_for_administrators(world: World) {
    let cast = Cast::of(world).await;
    let path = format!("/export/person/{}.json", person(WHO));
    for (who, status, code) in [
        (&cast.anonymous, 404, "NOT_FOUND"),
        (&cast.outsider, 404, "NOT_FOUND"),
        (&cast.observer, 403, "PERMISSION_DENIED"),
        (&cast.coordinator, 403, "PERMISSION_DENIED"),
        (&cast.information_manager, 403, "PERMISSION_DENIED"),
        (&cast.manager, 403, "PERMISSION_DENIED"),
        (&cast.admin, 400, "REQUIRED"),
    ] {
        let answer = get(who, &path).await;
        assert_eq!((answer.status, answer.error_code()), (status, Some(code)));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    for broken in [
        "/export/person/x.json",
        "/export/person/per_1.csv",
        &path.replace(".json", ".xml"),
        &path.replace(".json", ""),
    ] {
        assert_eq!(get(&cast.admin, broken).await.status, 404, "{broken}");
    }
    let forged = cast.anonymous.with_tokens("x", None);
    assert_eq!(get(&forged, &path).await.status, 401);
    assert_eq!(log(&cast.admin, "personExport").await, json!([]), "what was refused is not recorded");
    let own = get(&cast.representative, &path).await;
    assert_eq!(own.status, 200);
    assert_eq!(own.header("x-content-type-options"), Some("nosniff"));
    let disposition = format!("attachment; filename=\"kafo-{}.json\"", person(WHO));
    assert_eq!(own.header("content-disposition"), Some(disposition.as_str()));
    assert_eq!(log(&cast.admin, "personExport").await, json!([]), "one's own data are one's own business");
    let asked = get(&cast.admin, &format!("{path}?reason=Demande%20%C3%A9crite")).await;
    assert_eq!(asked.status, 200);
    let entry = &log(&cast.admin, "personExport").await[0];
    assert_eq!(
        (&entry["reason"], &entry["entityId"], &entry["entityKind"]),
        (&json!("Demande écrite"), &json!(person(WHO)), &json!("Person"))
    );
    assert_eq!(entry["requestId"].as_str(), asked.header("x-request-id"));
    // the refusal in the reader's language
    let french = get(&cast.admin.language("fr"), &path).await;
    assert_eq!(french.body["errors"][0]["message"], "Cette donnée est obligatoire.");
}

async fn the_sheet_of_a_person_is_the_same_in_lines(world: World) {
    let cast = Cast::of(world).await;
    let formula = json!({ "id": person(WHO), "expectedVersion": 1, "jobTitle": "=HYPERLINK(\"x\")",
        "contactPoints": [{ "kind": "PHONE", "value": "+223 00 00 00 00" }] });
    succeed(&cast.representative, "personUpdate", formula, "__typename").await;
    let path = format!("/export/person/{}.csv", person(WHO));
    let answer = get(&cast.representative, &path).await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    let sheet = text(&answer);
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(sheet.as_bytes()).records().collect::<Result<_, _>>().expect("a sheet");
    let value = |table: &str, column: &str| {
        rows.iter().find(|r| &r[0] == table && &r[2] == column).map(|r| r[3].to_owned())
    };
    assert_eq!(value("person", "display_name").as_deref(), Some("Personne Exemple 4"));
    assert_eq!(value("person", "job_title").as_deref(), Some("'=HYPERLINK(\"x\")"), "no formula");
    assert_eq!(value("contact_point", "value").as_deref(), Some("'+223 00 00 00 00"));
    assert_eq!(value("account", "email").as_deref(), Some("representative@kafo.example"));
    assert_eq!(value("account", "password_hash"), None);
    assert!(sheet.starts_with("table,row,column,value\n"));
    let french = text(&get(&cast.representative.language("fr"), &path).await);
    assert!(french.starts_with("table,ligne,colonne,valeur\n"));
}

async fn contact_lists_are_recorded(world: World) {
    let cast = Cast::of(world).await;
    let points = json!([{ "kind": "EMAIL", "value": "awa@exemple.example" }, { "kind": "PHONE", "value": "+223 00 00 00 00" }]);
    let input = json!({ "id": person(WHO), "expectedVersion": 1, "jobTitle": "Cheffe de projet", "contactPoints": points });
    succeed(&cast.representative, "personUpdate", input, "__typename").await;
    let path = format!("/export/group/{CLUSTER}/contacts.csv");
    for (who, status) in [
        (&cast.anonymous, 404),
        (&cast.outsider, 404),
        (&cast.observer, 403),
        (&cast.representative, 403),
        (&cast.secretary, 403),
        (&cast.manager, 403),
        (&cast.admin, 403),
    ] {
        assert_eq!(get(who, &path).await.status, status);
    }
    assert_eq!(log(&cast.admin, "contactsExport").await, json!([]));
    let answer = get(&cast.information_manager, &path).await;
    let sheet = text(&answer);
    assert!(sheet.starts_with("name,organisation,acronym,function,role,email,telephone,other\n"), "{sheet}");
    let line = "Personne Exemple 4,Organisation non gouvernementale Exemple,ONGE,Cheffe de projet,REPRESENTATIVE,awa@exemple.example,'+223 00 00 00 00,";
    assert!(sheet.lines().any(|l| l == line), "{sheet}");
    assert_eq!(sheet.lines().count(), 6, "five people have a seat: {sheet}");
    let french = get(&cast.coordinator.language("fr"), "/export/group/cluster-exemple/contacts.csv").await;
    assert!(text(&french).starts_with("nom,organisation,sigle,fonction,rôle,courriel,téléphone,autre\n"));
    for (who, count) in [(&cast.admin, 2), (&cast.coordinator, 2), (&cast.information_manager, 2)] {
        let entries = log(who, "contactsExport").await;
        assert_eq!(entries.as_array().map(Vec::len), Some(count));
        assert_eq!(entries[1]["requestId"].as_str(), answer.header("x-request-id"));
    }
}

async fn organisation_lists_show_what_one_may_see(world: World) {
    let cast = Cast::of(world).await;
    let lead = json!({ "group": FORUM, "organisation": crate::cast::AGENCY, "role": "LEAD" });
    succeed(&cast.manager, "membershipCreate", lead, "__typename").await;
    let names = async |who: &Client, group: &str| {
        let answer = get(who, &format!("/export/group/{group}/organisations.csv")).await;
        let sheet = text(&answer);
        if answer.status != 200 {
            return vec![answer.status.to_string()];
        }
        sheet.lines().skip(1).map(|l| l.to_owned()).collect::<Vec<_>>()
    };
    let agency = "Agence Exemple,AEX,447,LEAD".to_owned();
    let ngo = "Organisation non gouvernementale Exemple,ONGE,437,MEMBER".to_owned();
    for who in [&cast.anonymous, &cast.outsider, &cast.admin] {
        assert_eq!(names(who, FORUM).await, std::slice::from_ref(&agency));
    }
    for who in [&cast.anonymous, &cast.outsider] {
        assert_eq!(names(who, CLUSTER).await, ["404"]);
    }
    for who in [&cast.observer, &cast.representative, &cast.secretary, &cast.coordinator, &cast.manager] {
        assert_eq!(names(who, CLUSTER).await, [agency.clone(), ngo.clone()]);
    }
    // no person in it, and nothing recorded
    assert_eq!(log(&cast.admin, "organisationsExport").await, json!([]));
    let french = get(&cast.anonymous.language("fr"), "/export/group/forum-exemple/organisations.csv").await;
    assert!(text(&french).starts_with("organisation,sigle,type,rôle\n"));
    // a mutation by GET does not exist
    let post = mutate(
        &cast.anonymous,
        "contactSharingSet",
        json!({ "group": FORUM, "contactPoints": [] }),
        "__typename",
    )
    .await;
    assert_eq!(post.error_code(), Some("UNAUTHENTICATED"));
}
