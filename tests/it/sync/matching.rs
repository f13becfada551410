//! Which person, organisation and seat a row means.

use tests::{Value, World, json, on_both};

use super::{called, error, input, not_synced, outcomes, sync, with};
use crate::cast::{AGENCY, CLUSTER, Cast, FORUM, NGO, person, refused, succeed};

on_both!(
    names_are_matched_exactly_or_come_back_as_candidates,
    an_address_finds_only_whom_one_may_find,
    people_are_entered_only_on_request,
    references_say_which_seat_is_meant,
);

async fn names_are_matched_exactly_or_come_back_as_candidates(world: World) {
    let cast = Cast::of(world).await;
    let aliases = json!({ "id": AGENCY, "expectedVersion": 1, "nativeName": "Exemple ɲɛtaa",
        "aliases": [{ "name": "Example Agency", "language": "en" }, { "name": "Agence modèle", "language": "fr" }],
        "identifiers": [{ "scheme": "IATI", "value": "XM-1" }], "externalReferences": [{ "system": "FTS", "code": "99" }] });
    succeed(&cast.manager, "organisationUpdate", aliases, "__typename").await;
    for named in [
        called("EXAMPLE agency"),
        called("agence modele"),
        called("aex"),
        called("exemple ɲɛtaa"),
        json!({ "identifier": { "scheme": "IATI", "value": "XM-1" } }),
        json!({ "externalReference": { "system": "FTS", "code": "99" } }),
    ] {
        let found =
            sync(&cast.coordinator, input(CLUSTER, &json!([{ "organisation": named, "role": "LEAD" }])))
                .await;
        assert_eq!(outcomes(&found), ["UNCHANGED"], "{named}");
    }
    // a slip is no match
    let payload = not_synced(
        &cast.coordinator,
        input(CLUSTER, &json!([{ "organisation": called("Agense Exemple"), "role": "DONOR" }])),
    )
    .await;
    assert_eq!(error(&payload, 0), ("NOT_FOUND", "input.rows.0.organisation.called".to_owned()));
    let candidate = &payload["rows"][0]["candidates"][0];
    assert_eq!(
        (&candidate["id"], &candidate["why"], &candidate["field"]),
        (&json!(AGENCY), &json!("SIMILAR_NAME"), &json!("organisation"))
    );
    assert!(candidate["score"].as_i64().is_some_and(|s| (80..100).contains(&s)), "{candidate}");
    // two of one acronym
    let other = json!({ "name": "Autre Exemple", "acronym": "AEX" });
    let other = succeed(&cast.manager, "organisationCreate", other, "organisation { id }").await["organisation"]["id"].clone();
    let payload = not_synced(
        &cast.coordinator,
        input(CLUSTER, &json!([{ "organisation": called("aex"), "role": "DONOR" }])),
    )
    .await;
    assert_eq!(error(&payload, 0).0, "AMBIGUOUS");
    let ids = |payload: &Value| -> Vec<Value> {
        payload["rows"][0]["candidates"]
            .as_array()
            .expect("candidates")
            .iter()
            .map(|c| c["id"].clone())
            .collect()
    };
    assert_eq!(ids(&payload), [json!(AGENCY), other]);
    assert_eq!(
        (&payload["rows"][0]["candidates"][0]["score"], &payload["rows"][0]["candidates"][0]["why"]),
        (&json!(100), &json!("ACRONYM"))
    );
    // two people of one name in one organisation, and one elsewhere
    for (number, organisation) in [(31, NGO), (32, NGO), (33, AGENCY)] {
        let row =
            json!({ "id": person(number), "displayName": "Personne Homonyme", "organisation": organisation });
        succeed(&cast.manager, "personCreate", row, "__typename").await;
    }
    let named = |organisation: &str, name: &str| {
        input(
            CLUSTER,
            &json!([{ "person": { "name": name }, "organisation": { "id": organisation }, "role": "REPRESENTATIVE" }]),
        )
    };
    let payload = not_synced(&cast.coordinator, named(NGO, "personne homonyme")).await;
    assert_eq!(
        (error(&payload, 0), ids(&payload).len()),
        (("AMBIGUOUS", "input.rows.0.person.name".to_owned()), 2)
    );
    let one =
        sync(&cast.coordinator, with(named(AGENCY, "PERSONNE HOMONYME"), &json!({ "dryRun": true }))).await;
    assert_eq!(outcomes(&one), ["CREATED"]);
    let payload = not_synced(&cast.coordinator, named(AGENCY, "Personne Homonime")).await;
    assert_eq!(error(&payload, 0).0, "NOT_FOUND");
    assert_eq!(ids(&payload), [json!(person(33))]);
}

async fn an_address_finds_only_whom_one_may_find(world: World) {
    let cast = Cast::of(world).await;
    for (number, address) in [(4, "quatre@kafo.example"), (6, "six@kafo.example")] {
        let points = json!({ "id": person(number), "expectedVersion": 1, "contactPoints": [{ "kind": "EMAIL", "value": address }] });
        succeed(&cast.manager, "personUpdate", points, "__typename").await;
    }
    let by_address = |address: &str| {
        let row = json!([{ "person": { "email": address }, "organisation": { "id": NGO }, "role": "REPRESENTATIVE" }]);
        with(input(CLUSTER, &row), &json!({ "dryRun": true }))
    };
    // a member of the group: also for those who may not see the address itself
    for by in [&cast.coordinator, &cast.manager, &cast.admin] {
        assert_eq!(outcomes(&sync(by, by_address("QUATRE@kafo.example")).await), ["UNCHANGED"]);
    }
    // somebody else: the same answer as for an address that nobody has
    for by in [&cast.coordinator, &cast.manager, &cast.admin] {
        let hidden = not_synced(by, by_address("six@kafo.example")).await;
        let missing = not_synced(by, by_address("neuf@kafo.example")).await;
        assert_eq!(hidden.to_string(), missing.to_string());
        assert_eq!(error(&hidden, 0), ("NOT_FOUND", "input.rows.0.person.email".to_owned()));
    }
    // an address with the name of another person beside it is a question
    let row = json!([{ "person": { "email": "quatre@kafo.example", "name": "Personne Exemple 9" }, "organisation": { "id": NGO }, "role": "REPRESENTATIVE", "createPerson": true }]);
    let payload = not_synced(&cast.coordinator, input(CLUSTER, &row)).await;
    assert_eq!(error(&payload, 0), ("AMBIGUOUS", "input.rows.0.person.email".to_owned()));
    assert_eq!(payload["rows"][0]["candidates"][0]["why"], "ADDRESS");
    // whom one does not see cannot be named by id either, nor a group by whoever is not in it
    let hidden =
        json!([{ "person": { "id": person(99) }, "organisation": { "id": NGO }, "role": "REPRESENTATIVE" }]);
    assert_eq!(
        error(&not_synced(&cast.coordinator, input(CLUSTER, &hidden)).await, 0),
        ("NOT_FOUND", "input.rows.0.person.id".to_owned())
    );
    let refusal = refused(&cast.outsider, "membershipsSync", input(CLUSTER, &json!([]))).await;
    assert_eq!((&refusal["code"], &refusal["field"]), (&json!("NOT_FOUND"), &json!(["input", "group"])));
}

async fn people_are_entered_only_on_request(world: World) {
    let cast = Cast::of(world).await;
    let row = |more: &Value| {
        with(
            json!({ "person": { "name": "Personne Exmple 4" }, "organisation": { "id": NGO }, "role": "REPRESENTATIVE" }),
            more,
        )
    };
    let payload = not_synced(&cast.coordinator, input(CLUSTER, &json!([row(&json!({}))]))).await;
    assert_eq!(error(&payload, 0), ("NOT_FOUND", "input.rows.0.person.name".to_owned()));
    assert_eq!(payload["rows"][0]["candidates"][0]["id"], person(4).as_str());
    let made = sync(&cast.coordinator, input(CLUSTER, &json!([row(&json!({ "createPerson": true }))]))).await;
    assert_eq!((&made["rows"][0]["isPersonNew"], &made["personCount"]), (&json!(true), &json!(1)));
    assert_eq!(made["rows"][0]["candidates"][0]["id"], person(4).as_str(), "it may have been a slip");
    // an organisation is needed, and is never made
    let nameless = json!([{ "person": { "name": "Personne Exemple 41" }, "role": "REPRESENTATIVE", "createPerson": true }]);
    assert_eq!(
        error(&not_synced(&cast.coordinator, input(CLUSTER, &nameless)).await, 0),
        ("REQUIRED", "input.rows.0.organisation".to_owned())
    );
    // the address is kept, and shared with nobody
    let with_address = json!([{ "person": { "name": "Personne Exemple 42", "email": "Quarante.Deux@kafo.example" }, "organisation": { "id": NGO }, "role": "REPRESENTATIVE", "createPerson": true }]);
    sync(&cast.coordinator, input(CLUSTER, &with_address)).await;
    let query = "{ people(filter: { name: { eq: \"Personne Exemple 42\" } }) { nodes { displayName organisation { id } contactPoints { value sharedWith } } } }";
    let people = cast.coordinator.ask(query, json!({})).await.list("/people/nodes").to_vec();
    assert_eq!(
        people[0]["contactPoints"],
        json!([{ "value": "quarante.deux@kafo.example", "sharedWith": [] }])
    );
    assert_eq!(people[0]["organisation"]["id"], NGO);
}

async fn references_say_which_seat_is_meant(world: World) {
    let cast = Cast::of(world).await;
    let reference = json!({ "system": "HRINFO", "code": "seat-1" });
    let row = |more: &Value| {
        input(
            CLUSTER,
            &json!([with(json!({ "externalReference": reference, "role": "REPRESENTATIVE" }), more)]),
        )
    };
    let holder = json!({ "person": { "id": person(4) }, "organisation": { "id": NGO } });
    let first = sync(&cast.coordinator, row(&holder)).await;
    assert_eq!(
        (outcomes(&first), &first["rows"][0]["changes"][0]["field"]),
        (vec!["UPDATED"], &json!("externalReference"))
    );
    // from now on the code is enough, and the role may change
    assert_eq!(outcomes(&sync(&cast.coordinator, row(&json!({}))).await), ["UNCHANGED"]);
    let changed = sync(&cast.coordinator, row(&json!({ "role": "SECRETARY" }))).await;
    assert_eq!(
        changed["rows"][0]["changes"],
        json!([{ "field": "role", "before": "REPRESENTATIVE", "after": "SECRETARY" }])
    );
    // but not the holder
    let payload =
        not_synced(&cast.coordinator, row(&json!({ "person": { "id": person(5) }, "role": "SECRETARY" })))
            .await;
    assert_eq!(error(&payload, 0), ("OTHER_HOLDER", "input.rows.0.person".to_owned()));
    // ended, and opened again by a list that still has it
    let over = sync(&cast.coordinator, row(&json!({ "role": "SECRETARY", "until": "2026-01-01" }))).await;
    assert_eq!((outcomes(&over), &over["endedCount"]), (vec!["ENDED"], &json!(1)));
    let open = sync(&cast.coordinator, row(&json!({ "role": "SECRETARY" }))).await;
    assert_eq!(
        open["rows"][0]["changes"],
        json!([{ "field": "until", "before": "2026-01-01", "after": null }])
    );
    // a code of a seat in another group
    let other = json!([{ "externalReference": reference, "organisation": { "id": NGO }, "role": "MEMBER" }]);
    let payload = not_synced(&cast.coordinator, input(FORUM, &other)).await;
    assert_eq!(error(&payload, 0), ("DUPLICATE", "input.rows.0.externalReference".to_owned()));
    let blank = json!([{ "externalReference": { "system": " ", "code": "1" }, "organisation": { "id": NGO }, "role": "MEMBER" }]);
    assert_eq!(
        error(&not_synced(&cast.coordinator, input(CLUSTER, &blank)).await, 0),
        ("BLANK", "input.rows.0.externalReference.system".to_owned())
    );
}
