//! Places, contact details, referrals to other forums, announcements, documents.

use tests::{Value, World, json, on_both};

use crate::cast::{CLUSTER, Cast, FORUM, NGO, OPERATION, person, refused, succeed};

on_both!(
    places_are_imported_by_code_and_day,
    a_broken_table_of_places_changes_nothing,
    contact_points_are_seen_by_those_they_are_shared_with,
    a_question_to_another_forum_is_answered,
    a_promised_document_arrives,
    an_announcement_takes_place,
    groups_and_organisations_go_by_every_name,
);

const HEADER: &str = "Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date\n";

async fn places_are_imported_by_code_and_day(world: World) {
    let file = world.storage.directory().join("places.csv");
    let table = format!(
        "{HEADER}MLI,1,ML99,Ancienne région,MLI,2010-01-01\nMLI,1,ML99,Nouvelle région,MLI,2024-06-01\nMLI,2,ML9901,Cercle Exemple,ML99,2024-06-01\n"
    );
    std::fs::write(&file, table).expect("a file");
    let file = file.to_str().expect("a path").to_owned();
    for _ in 0..2 {
        // a second time changes nothing
        let said = world.kafo_ok(&["import", "places", &file, "--database", world.storage.url()], "");
        assert!(said.contains('3'), "{said}");
    }
    let query = "query($on: Date) { place(by: { pCode: { code: \"ML99\", on: $on } }) { name level country { iso3 } validFrom validTo } }";
    let ask = async |day: &str| world.client().ask(query, json!({ "on": day })).await.at("/place").clone();
    assert_eq!(
        ask("2020-01-01").await,
        json!({ "name": "Ancienne région", "level": 1, "country": { "iso3": "MLI" }, "validFrom": "2010-01-01", "validTo": "2024-05-31" })
    );
    assert_eq!(ask("2025-01-01").await["name"], "Nouvelle région");
    assert_eq!(ask("2000-01-01").await, Value::Null);
    let below = "{ places(filter: { name: { contains: \"EXEMPLE\" } }) { totalCount nodes { pCode parent { name } } } }";
    assert_eq!(
        world.client().ask(below, json!({})).await.at("/places"),
        &json!({ "totalCount": 1, "nodes": [{ "pCode": "ML9901", "parent": { "name": "Nouvelle région" } }] })
    );
    // the places that the minutes name come with Kafo
    let named = "{ place(by: { pCode: { code: \"ML0404\", on: \"2022-01-01\" } }) { name parent { name } } }";
    assert_eq!(
        world.client().ask(named, json!({})).await.at("/place"),
        &json!({ "name": "Niono", "parent": { "name": "Ségou" } })
    );
}

async fn a_broken_table_of_places_changes_nothing(world: World) {
    let file = world.storage.directory().join("places.csv");
    let count = async || {
        world.client().ask("{ places { totalCount } }", json!({})).await.at("/places/totalCount").clone()
    };
    let before = count().await;
    for table in [
        "a,b,c\n1,2,3\n".to_owned(),
        format!("{HEADER}MLI,1,ML98,Juste,MLI,2024-01-01\nZZZ,1,ZZ01,Pays inconnu,ZZZ,2024-01-01\n"),
        format!("{HEADER}MLI,1,ML98,Juste,MLI,2024-01-01\nMLI,1,ML97,Sans jour,MLI,\n"),
        format!("{HEADER}MLI,un,ML98,Niveau,MLI,2024-01-01\n"),
    ] {
        std::fs::write(&file, &table).expect("a file");
        let output = world.kafo(
            &["import", "places", file.to_str().expect("a path"), "--database", world.storage.url()],
            "",
        );
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("places.csv"), "{said}");
        assert_eq!(count().await, before, "{said}");
    }
}

async fn contact_points_are_seen_by_those_they_are_shared_with(world: World) {
    let cast = Cast::of(world).await;
    let points = json!([{ "kind": "EMAIL", "value": "awa@exemple.example", "sharedWith": [CLUSTER] }, { "kind": "PHONE", "value": "+223 00 00 00 00" }]);
    let input = json!({ "id": person(5), "expectedVersion": 1, "contactPoints": points });
    succeed(&cast.observer, "personUpdate", input, "person { version }").await;
    let query = format!(
        "{{ person(by: {{ id: \"{}\" }}) {{ displayName contactPoints {{ kind value }} }} }}",
        person(5)
    );
    let seen = async |who: &tests::Client| who.ask(&query, json!({})).await.at("/person").clone();
    let both = json!([{ "kind": "EMAIL", "value": "awa@exemple.example" }, { "kind": "PHONE", "value": "+223 00 00 00 00" }]);
    for (who, points) in [
        (&cast.observer, both.clone()),
        (&cast.secretary, both),
        (&cast.representative, json!([{ "kind": "EMAIL", "value": "awa@exemple.example" }])),
        (&cast.manager, json!([])),
        (&cast.admin, json!([])),
    ] {
        assert_eq!(seen(who).await["contactPoints"], points);
    }
    for who in [&cast.outsider, &cast.anonymous] {
        assert_eq!(seen(who).await, Value::Null);
    }
}

async fn a_question_to_another_forum_is_answered(world: World) {
    let cast = Cast::of(world).await;
    let forum = json!({ "operation": OPERATION, "kind": "HCT", "name": "Équipe humanitaire pays", "visibility": "OPERATION" });
    let hct = succeed(&cast.manager, "groupCreate", forum, "group { id }").await["group"]["id"].clone();
    let decision = json!({ "group": CLUSTER, "kind": "PROPOSAL", "text": "Élargir la décision" });
    let about = succeed(&cast.secretary, "recommendationAdd", decision, "recommendation { id }").await["recommendation"]["id"].clone();
    let question = json!({ "from": CLUSTER, "to": hct, "recommendation": about, "text": "Quel avenir ?" });
    assert_eq!(refused(&cast.secretary, "referralSend", question.clone()).await["code"], "PERMISSION_DENIED");
    let sent =
        succeed(&cast.coordinator, "referralSend", question, "referral { id status availableTransitions }")
            .await;
    assert_eq!(sent["referral"]["status"], "SENT");
    let id = sent["referral"]["id"].clone();
    assert_eq!(
        refused(&cast.coordinator, "referralAnswer", json!({ "id": id, "answer": "x" })).await["code"],
        "PERMISSION_DENIED"
    );
    succeed(&cast.manager, "referralPutOnAgenda", json!({ "id": id }), "referral { status }").await;
    succeed(
        &cast.manager,
        "referralAnswer",
        json!({ "id": id, "answer": "L'EHP soutient" }),
        "referral { status }",
    )
    .await;
    let again = refused(&cast.manager, "referralReturn", json!({ "id": id, "reason": "x" })).await;
    assert_eq!((&again["code"], &again["from"]), (&json!("STATE"), &json!("ANSWERED")));
    // the answer shows where the question began
    let query =
        "query($id: ID!) { recommendation(by: { id: $id }) { referrals { status answer to { name } } } }";
    assert_eq!(
        cast.representative.ask(query, json!({ "id": about })).await.at("/recommendation/referrals"),
        &json!([{ "status": "ANSWERED", "answer": "L'EHP soutient", "to": { "name": "Équipe humanitaire pays" } }])
    );
}

async fn a_promised_document_arrives(world: World) {
    let cast = Cast::of(world).await;
    let promise = json!({ "group": CLUSTER, "text": "Partager le rapport" });
    let promise =
        succeed(&cast.secretary, "followUpCreate", promise, "followUp { id }").await["followUp"]["id"]
            .clone();
    let paper =
        json!({ "group": CLUSTER, "kind": "REPORT", "title": "Rapport de mission", "promisedBy": promise });
    let paper =
        succeed(&cast.secretary, "documentAdd", paper, "document { id status version }").await["document"]
            .clone();
    assert_eq!(paper["status"], "PROMISED");
    let arrived = json!({ "id": paper["id"], "expectedVersion": paper["version"], "url": "https://exemple.example/rapport.pdf" });
    let arrived = succeed(&cast.secretary, "documentUpdate", arrived, "document { status url }").await;
    assert_eq!(
        arrived["document"],
        json!({ "status": "AVAILABLE", "url": "https://exemple.example/rapport.pdf" })
    );
    let shown = cast.follow_up(promise.as_str().expect("an id"), "deliverables { title status }").await;
    assert_eq!(shown["deliverables"], json!([{ "title": "Rapport de mission", "status": "AVAILABLE" }]));
}

async fn an_announcement_takes_place(world: World) {
    let cast = Cast::of(world).await;
    let mission = json!({ "group": CLUSTER, "kind": "ASSESSMENT", "text": "Évaluation à Ségou", "placeText": "Segou", "startsOn": "2019-07-08", "datesText": "à partir du 08 Juillet", "organisation": NGO });
    let id = succeed(&cast.secretary, "announcementAdd", mission, "announcement { id }").await["announcement"]["id"].clone();
    let secret =
        json!({ "group": CLUSTER, "kind": "ASSESSMENT", "text": "Site d'accueil", "sensitivity": "HIGH" });
    succeed(&cast.secretary, "announcementAdd", secret, "__typename").await;
    let done = succeed(
        &cast.secretary,
        "announcementComplete",
        json!({ "id": id }),
        "announcement { status availableTransitions }",
    )
    .await;
    assert_eq!(done["announcement"]["status"], "DONE");
    assert_eq!(refused(&cast.secretary, "announcementCancel", json!({ "id": id })).await["code"], "STATE");
    let count = async |who: &tests::Client| {
        who.ask("{ announcements { totalCount } }", json!({})).await.at("/announcements/totalCount").clone()
    };
    // HIGH is above an observer's ceiling
    assert_eq!(
        (count(&cast.representative).await, count(&cast.observer).await, count(&cast.outsider).await),
        (json!(2), json!(1), json!(0))
    );
}

async fn groups_and_organisations_go_by_every_name(world: World) {
    let cast = Cast::of(world).await;
    let group = json!({ "id": FORUM, "expectedVersion": 1, "acronym": "FEX", "aliases": [{ "name": "Relèvement Précoce", "language": "fr" }], "sectors": ["ery"] });
    succeed(&cast.coordinator, "groupUpdate", group, "group { version }").await;
    let organisation = json!({ "name": "Programme Exemple", "acronym": "UNEX", "nativeName": "Exemple ɲɛtaa", "aliases": [{ "name": "PEX", "language": "fr" }], "type": "447" });
    succeed(&cast.manager, "organisationCreate", organisation, "organisation { type { name } }").await;
    for name in ["relevement precoce", "FORUM exemple"] {
        let query =
            "query($n: String!) { groups(filter: { called: $n }) { nodes { acronym sectors { code } } } }";
        let found = cast.secretary.ask(query, json!({ "n": name })).await.at("/groups/nodes").clone();
        assert_eq!(found, json!([{ "acronym": "FEX", "sectors": [{ "code": "ERY" }] }]), "{name}");
    }
    for name in ["unex", "pex", "PROGRAMME exemple", "exemple ɲɛtaa"] {
        let query = "query($n: String!) { organisations(filter: { called: $n }) { nodes { acronym } } }";
        let found = cast.secretary.ask(query, json!({ "n": name })).await.at("/organisations/nodes").clone();
        assert_eq!(found, json!([{ "acronym": "UNEX" }]), "{name}");
    }
    let query =
        "{ group(by: { slug: \"forum-exemple\" }) { name } none: group(by: { slug: \"rien\" }) { name } }";
    let answer = cast.anonymous.ask(query, json!({})).await;
    assert_eq!(answer.data(), &json!({ "group": { "name": "Forum Exemple" }, "none": null }));
}
