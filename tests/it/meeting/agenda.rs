//! The agenda, and what is put off.

use tests::{Client, Value, World, json, on_both};

use super::{enter, held, id, item, merge, scheduled, show, step};
use crate::cast::{CLUSTER, Cast, FORUM, NGO, refused, succeed};

on_both!(an_agenda_is_kept_in_order, what_is_put_off_goes_on_elsewhere);

async fn order(by: &Client, meeting: &str) -> Vec<String> {
    let whole = show(by, meeting, "agendaItems { position title }").await;
    let items = whole["agendaItems"].as_array().expect("a list");
    for (item, position) in items.iter().zip(1..) {
        assert_eq!(item["position"], position);
    }
    items.iter().map(|i| i["title"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn an_agenda_is_kept_in_order(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    let meeting = scheduled(&cast, CLUSTER, json!({})).await;
    let mut items = Vec::new();
    for title in ["a", "b", "c", "d"] {
        items.push(item(&cast, &meeting, title, json!({})).await);
    }
    item(&cast, &meeting, "e", json!({ "position": 2 })).await;
    assert_eq!(order(by, &meeting).await, ["a", "e", "b", "c", "d"]);
    let shown = "agendaItem { position version }";
    for (number, to, expected) in [
        (3, 1, ["d", "a", "e", "b", "c"]),
        (3, 5, ["a", "e", "b", "c", "d"]),
        (1, 2, ["a", "b", "e", "c", "d"]),
        (1, 2, ["a", "b", "e", "c", "d"]),
    ] {
        let to = json!({ "id": items[number], "position": to });
        succeed(by, "agendaItemMove", to, shown).await;
        assert_eq!(order(by, &meeting).await, expected);
    }
    for to in [0, 6] {
        let error = refused(by, "agendaItemMove", json!({ "id": items[0], "position": to })).await;
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("OUT_OF_RANGE"), &json!(["input", "position"]))
        );
    }
    // members propose, at the end; what they propose is theirs no more
    let proposal = json!({ "meeting": meeting, "kind": "PRESENTATION", "title": "Étude de marché",
        "presenters": [{ "displayName": "Mme Exemple", "organisationText": "ONGE", "organisation": NGO }] });
    let shown = "agendaItem { id position status presenters { displayName organisationText organisation { acronym } } }";
    let payload = succeed(&cast.representative, "agendaItemPropose", proposal.clone(), shown).await;
    assert_eq!(payload["agendaItem"]["position"], 6);
    assert_eq!(payload["agendaItem"]["presenters"][0]["displayName"], "Mme Exemple");
    assert_eq!(
        refused(&cast.observer, "agendaItemPropose", proposal.clone()).await["code"],
        "PERMISSION_DENIED"
    );
    let covered = json!({ "id": id(&payload, "agendaItem") });
    let error = refused(&cast.representative, "agendaItemWithdraw", covered.clone()).await;
    assert_eq!(error["code"], "PERMISSION_DENIED");
    let error = refused(by, "agendaItemCover", covered.clone()).await;
    assert_eq!((&error["code"], &error["from"]), (&json!("STATE"), &json!("SCHEDULED")));
    step(by, "meetingStart", &meeting, json!({})).await;
    assert_eq!(refused(&cast.representative, "agendaItemPropose", proposal).await["code"], "STATE");
    // one outcome may be corrected into another
    for (name, more, status, channel) in [
        (
            "agendaItemMoveOffline",
            json!({ "channel": "EMAIL", "note": "Par mail" }),
            "MOVED_OFFLINE",
            json!("EMAIL"),
        ),
        ("agendaItemCover", json!({ "isPartly": true }), "PARTLY_COVERED", Value::Null),
        ("agendaItemCover", json!({}), "COVERED", Value::Null),
        ("agendaItemRefer", json!({}), "REFERRED", Value::Null),
        ("agendaItemSkip", json!({}), "NOT_COVERED", Value::Null),
        ("agendaItemWithdraw", json!({}), "WITHDRAWN", Value::Null),
    ] {
        let mut input = covered.clone();
        merge(&mut input, more);
        let now = succeed(by, name, input, "agendaItem { status offlineChannel availableTransitions }").await;
        assert_eq!(
            (&now["agendaItem"]["status"], &now["agendaItem"]["offlineChannel"]),
            (&json!(status), &channel)
        );
        assert_eq!(
            now["agendaItem"]["availableTransitions"].as_array().map(Vec::len),
            Some(match status {
                "COVERED" | "PARTLY_COVERED" | "MOVED_OFFLINE" => 6,
                _ => 5,
            }),
            "{status}"
        );
    }
    // observers see who presents for which organisation, no names
    let observed =
        show(&cast.observer, &meeting, "agendaItems { presenters { displayName organisationText } }").await;
    let presenter = &observed["agendaItems"][5]["presenters"][0];
    assert_eq!(*presenter, json!({ "displayName": null, "organisationText": "ONGE" }));
}

async fn what_is_put_off_goes_on_elsewhere(world: World) {
    let cast = Cast::of(world).await;
    let by = &cast.secretary;
    let meeting = held(&cast, CLUSTER, json!({})).await;
    let next = enter(&cast, CLUSTER, json!({ "title": "La suivante" })).await;
    let elsewhere = enter(&cast, FORUM, json!({})).await;
    let off =
        item(&cast, &meeting, "Cartographie", json!({ "purpose": "DECISION", "sensitivity": "HIGH" })).await;
    let to = |to: &str| json!({ "id": off, "to": to, "note": "Faute de temps" });
    assert_eq!(refused(by, "agendaItemDefer", to(&elsewhere)).await["code"], "OTHER_GROUP");
    assert_eq!(refused(by, "agendaItemDefer", to(&meeting)).await["code"], "OTHER_GROUP");
    let shown = "agendaItem { status deferredTo { title } continuedBy { id title kind purpose status sensitivity \
        meeting { title } continues { title status } } }";
    let payload = succeed(by, "agendaItemDefer", to(&next), shown).await;
    let item = &payload["agendaItem"];
    assert_eq!((&item["status"], &item["deferredTo"]["title"]), (&json!("DEFERRED"), &json!("La suivante")));
    let taken_up = &item["continuedBy"][0];
    assert_eq!(taken_up["continues"], json!({ "title": "Cartographie", "status": "DEFERRED" }));
    assert_eq!((&taken_up["purpose"], &taken_up["sensitivity"]), (&json!("DECISION"), &json!("HIGH")));
    let error = refused(by, "agendaItemDefer", to(&next)).await;
    assert_eq!((&error["code"], &error["field"]), (&json!("DUPLICATE"), &json!(["input", "to"])));
    let past = held(&cast, CLUSTER, json!({})).await;
    assert_eq!(refused(by, "agendaItemDefer", to(&past)).await["code"], "OUT_OF_RANGE");
    // an item cannot continue what continues it
    let query = "query($id: ID!) { node(id: $id) { ... on AgendaItem { version } } }";
    let version = by.ask(query, json!({ "id": off })).await.at("/node/version").clone();
    let circle = json!({ "id": off, "expectedVersion": version, "continues": taken_up["id"] });
    assert_eq!(refused(by, "agendaItemUpdate", circle).await["code"], "CIRCULAR");
}
