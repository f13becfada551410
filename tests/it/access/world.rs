//! The world of the matrix: two operations, six groups, and in each group a row of everything, at several
//! visibilities and sensitivities. Everything is entered through the API by somebody who coordinates every
//! group: what this witness reads afterwards is what there is to see.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tests::{Value, World, json};

use super::hand::{Hand, open};
use crate::cast::mutate;

/// A group of this world.
pub struct GroupOf {
    /// Short, for labels.
    pub code: &'static str,
    /// Its id.
    pub id: &'static str,
    /// The id of its operation.
    pub operation: &'static str,
    visibility: &'static str,
    sensitivity: &'static str,
    parent: Option<&'static str>,
}

/// The operation in which nearly everything happens.
pub const HERE: &str = "opn_01900000000070008000000001000001";
/// Another one.
pub const ELSEWHERE: &str = "opn_01900000000070008000000001000002";

const fn group(
    code: &'static str,
    id: &'static str,
    visibility: &'static str,
    sensitivity: &'static str,
) -> GroupOf {
    GroupOf { code, id, operation: HERE, visibility, sensitivity, parent: None }
}

/// PUB: public. OPN: for the operation. GRP: for its members. SUB, OFC: sub-groups of GRP and PUB, the
/// latter for officers. FIN: public, and over. OTH: a group of the other operation.
pub const GROUPS: &[GroupOf] = &[
    group("PUB", "grp_01900000000070008000000000000001", "PUBLIC", "LOW"),
    group("OPN", "grp_01900000000070008000000000000002", "OPERATION", "MODERATE"),
    group("GRP", "grp_01900000000070008000000000000003", "GROUP", "MODERATE"),
    GroupOf {
        parent: Some("GRP"),
        ..group("SUB", "grp_01900000000070008000000000000004", "GROUP", "MODERATE")
    },
    GroupOf {
        parent: Some("PUB"),
        ..group("OFC", "grp_01900000000070008000000000000005", "OFFICERS", "HIGH")
    },
    group("FIN", "grp_01900000000070008000000000000007", "PUBLIC", "LOW"),
    GroupOf {
        operation: ELSEWHERE,
        ..group("OTH", "grp_01900000000070008000000000000006", "GROUP", "MODERATE")
    },
];

/// The group with this code.
pub fn named(code: &str) -> &'static GroupOf {
    GROUPS.iter().find(|g| g.code == code).unwrap_or_else(|| panic!("no group {code}"))
}

/// The id of organisation number `n`: 1 leads every group, 2 is a member of every group, 3 hosts and
/// announces, 4 is only ever assigned, 5 only ever in the way, 6 was merged into 2, 7 is of the other operation.
pub fn org(n: u32) -> String {
    format!("org_01900000000070008000000002000{n:03}")
}

/// The id of person number `n`.
pub fn per(n: u32) -> String {
    format!("per_01900000000070008000000003000{n:03}")
}

/// The place of this world.
const PLACES: &str = "Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date\n\
    MLI,1,ML01,Région Exemple,,2019-01-01\nMLI,2,ML0101,Cercle Exemple,ML01,2019-01-01\n";

/// The world, without the people who look at it.
pub async fn build(world: World) -> Hand {
    let file = world.storage.directory().join("places.csv");
    std::fs::write(&file, PLACES).expect("a file");
    world.kafo_ok(&["import", "places", file.to_str().expect("a path")], "");
    let admin = open(&world, "admin", &["--admin"]).await;
    let mut done = BTreeMap::new();
    for (id, code) in [(HERE, "MLI"), (ELSEWHERE, "NER")] {
        let operation = json!({ "id": id, "code": code, "name": format!("Opération {code}"), "country": code,
            "timeZone": "Africa/Bamako", "defaultLanguage": "fr",
            "externalReferences": [{ "system": "test", "code": format!("op-{code}") }] });
        let answer = mutate(&admin, "operationCreate", operation, "__typename").await;
        answer.ok("operationCreate");
        *done.entry("operationCreate".to_owned()).or_default() += 1;
    }
    let manager =
        open(&world, "manager-of-both", &["--operation-manager", HERE, "--operation-manager", ELSEWHERE])
            .await;
    let witness = manager.clone();
    let mut hand = Hand {
        world,
        witness,
        manager,
        admin,
        done: RefCell::new(done),
        public: RefCell::default(),
        links: RefCell::default(),
    };
    directory(&mut hand).await;
    for code in ["PUB", "OPN", "GRP", "OTH"] {
        fill(&hand, named(code)).await;
    }
    between(&hand).await;
    hand
}

/// Groups, organisations, and the people who are written about.
async fn directory(hand: &mut Hand) {
    let manager = hand.manager.clone();
    let place = hand.world.client().ask("{ places(first: 2) { nodes { id } } }", json!({})).await;
    let place = place.at("/places/nodes/1/id").clone();
    for (n, acronym) in [(1, "AGE"), (2, "ONG"), (3, "HOT"), (4, "CHG"), (5, "OBS"), (6, "DOU"), (7, "AIL")] {
        let parent = if n == 2 { json!(org(1)) } else { Value::Null };
        let row = json!({ "id": org(n), "name": format!("Organisation {acronym}"), "acronym": acronym, "type": "437",
            "nativeName": format!("{acronym} local"), "parent": parent, "slug": format!("org-{n}"),
            "aliases": [{ "name": format!("Alias {acronym}"), "language": "fr" }],
            "identifiers": [{ "scheme": "test", "value": format!("{n}") }],
            "externalReferences": [{ "system": "test", "code": format!("org-{n}") }] });
        hand.does(&manager, "organisationCreate", row, "__typename").await;
    }
    let merge = json!({ "from": org(6), "into": org(2), "reason": "Entrée en double" });
    hand.does(&manager, "organisationMerge", merge, "__typename").await;
    for group in GROUPS {
        let parent = group.parent.map(|code| named(code).id);
        let row = json!({ "id": group.id, "operation": group.operation, "kind": "WORKING_GROUP", "parent": parent,
            "name": format!("Groupe {}", group.code), "acronym": group.code, "visibility": group.visibility,
            "sensitivity": group.sensitivity, "mandate": format!("Mandat de {}", group.code), "place": place,
            "reportsTo": if group.code == "GRP" { json!(named("OPN").id) } else { Value::Null },
            "sectors": ["ERY"], "activatedOn": "2018-01-01", "slug": format!("groupe-{}", group.code.to_lowercase()),
            "aliases": [{ "name": format!("Alias {}", group.code), "language": "fr" }],
            "externalReferences": [{ "system": "test", "code": format!("grp-{}", group.code) }] });
        hand.does(&manager, "groupCreate", row, "__typename").await;
        // somebody must lead it, and organisations belong to it
        for (n, role) in [(1, "LEAD"), (2, "MEMBER")] {
            let seat = json!({ "group": group.id, "organisation": org(n), "role": role, "since": "2019-01-01",
                "fundedBy": org(3), "note": format!("Note {} {role}", group.code), "roleTitle": format!("{} {role}", group.code),
                "externalReferences": [{ "system": "test", "code": format!("mbr-{}-{role}", group.code) }] });
            hand.does(&manager, "membershipCreate", seat, "__typename").await;
        }
    }
    // 1: the witness. 2: whom somebody entered twice. Then one member of each group, who is written about.
    let person = |n: u32, name: &str, contacts: Value| {
        json!({ "id": per(n), "displayName": name, "organisation": org(2), "jobTitle": format!("Poste {n}"),
            "contactPoints": contacts, "externalReferences": [{ "system": "test", "code": format!("per-{n}") }] })
    };
    hand.does(&manager, "personCreate", person(1, "Témoin Exemple", json!([])), "__typename").await;
    hand.does(&manager, "personCreate", person(2, "Double Exemple", json!([])), "__typename").await;
    let seat = |n: u32, code: &str, role: &str| {
        json!({ "group": named(code).id, "person": per(n), "organisation": org(2), "role": role, "since": "2019-01-01",
            "roleTitle": format!("{code} {role} {n}"), "isDedicated": true, "topic": "Un thème",
            "represents": "ONG nationales", "verifiedOn": "2020-01-01", "note": format!("Note {code} {n}") })
    };
    for code in ["PUB", "OPN", "GRP", "FIN", "OTH"] {
        hand.does(&manager, "membershipCreate", seat(1, code, "COORDINATOR"), "__typename").await;
    }
    hand.does(&manager, "personCreate", person(5, "Absent Exemple", json!([])), "__typename").await;
    hand.witness = hand.account("witness", &["--person", &per(1)]).await;
    for (n, code) in (10..).zip(["PUB", "OPN", "GRP", "SUB", "OTH"]) {
        let contacts = json!([
            { "kind": "EMAIL", "label": "partagé", "value": format!("partage-{n}@kafo.example") },
            { "kind": "PHONE", "label": "réservé", "value": format!("+223 20 00 00 {n}") } ]);
        hand.does(&manager, "personCreate", person(n, &format!("Membre de {code}"), contacts), "__typename")
            .await;
        hand.does(&manager, "membershipCreate", seat(n, code, "REPRESENTATIVE"), "__typename").await;
        // nobody shares for somebody else
        let member = hand.account(&format!("member-{}", code.to_lowercase()), &["--person", &per(n)]).await;
        let shared = json!([{ "kind": "EMAIL", "value": format!("partage-{n}@kafo.example") }]);
        let share = json!({ "group": named(code).id, "contactPoints": shared });
        hand.does(&member, "contactSharingSet", share, "__typename").await;
    }
    // 3: entered twice. 4: nobody shares a group with them
    hand.does(&manager, "personCreate", person(3, "Double Exemple bis", json!([])), "__typename").await;
    let merge = json!({ "from": per(3), "into": per(2), "reason": "Entrée en double" });
    hand.does(&manager, "personMerge", merge, "__typename").await;
    hand.does(&manager, "personCreate", person(4, "Sans Groupe", json!([])), "__typename").await;
}

/// The person who is written about in a group.
pub fn member(code: &str) -> String {
    let n = ["PUB", "OPN", "GRP", "SUB", "OTH"].iter().position(|c| *c == code).expect("a group");
    per(10 + u32::try_from(n).expect("few groups"))
}

fn reference(code: &str, what: &str) -> Value {
    json!([{ "system": "test", "code": format!("{code}-{what}") }])
}

/// One row of everything in a group.
async fn fill(hand: &Hand, group: &GroupOf) {
    let (code, id) = (group.code, group.id);
    let place = hand.world.client().ask("{ places(first: 2) { nodes { id } } }", json!({})).await;
    let place = place.at("/places/nodes/1/id").clone();
    let series = json!({ "group": id, "name": format!("{code} série"), "rule": "FREQ=MONTHLY", "place": place, "venueText": "Salle A" });
    let series = hand.enters("meetingSeriesCreate", "meetingSeries", series).await;
    let meeting = |title: &str| {
        json!({ "group": id, "kind": "REGULAR", "title": format!("{code} {title}"), "series": series, "language": "fr",
            "joinUrl": format!("https://appel.example/{code}"), "notes": format!("Notes {code} {title}"), "modality": "HYBRID",
            "venueText": format!("Salle {code}"), "hostOrganisation": org(3), "place": place, "timeZone": "Africa/Bamako",
            "dateText": "un jeudi", "timesText": "de 9 h à 11 h",
            "externalReferences": reference(code, title) })
    };
    let draft = hand.enters("meetingCreate", "meeting", meeting("brouillon")).await;
    let item = |meeting: &str, title: &str| {
        json!({ "meeting": meeting, "kind": "DISCUSSION", "title": format!("{code} point {title}"), "printedNumber": "1.",
            "purpose": "DECISION", "plannedMinutes": 10, "discussion": format!("Discussion {code} {title}"),
            "presenters": [{ "displayName": format!("Présentateur {code}"), "functionText": "Chef", "organisationText": "ONG",
                "organisation": org(2), "person": member(code) }] })
    };
    let announced = item(&draft, "brouillon");
    hand.enters("agendaItemAdd", "agendaItem", announced).await;
    let next = hand.enters("meetingCreate", "meeting", meeting("prévue")).await;
    let planned = hand.enters("agendaItemAdd", "agendaItem", item(&next, "prévu")).await;
    let proposed = json!({ "meeting": next, "kind": "DISCUSSION", "title": format!("{code} point proposé") });
    hand.enters("agendaItemPropose", "agendaItem", proposed).await;
    let start = json!({ "id": next, "scheduledStart": "2035-03-05T09:00:00Z", "scheduledEnd": "2035-03-05T11:00:00Z" });
    hand.steps("meetingSchedule", start).await;
    let later = json!({ "id": next, "scheduledStart": "2035-03-06T09:00:00Z", "scheduledEnd": "2035-03-06T11:00:00Z", "reason": "Jour férié" });
    hand.steps("meetingPostpone", later).await;
    for (title, more) in
        [("sensible", json!({ "sensitivity": "HIGH" })), ("officiers", json!({ "visibility": "OFFICERS" }))]
    {
        let other = hand.enters("meetingCreate", "meeting", with(meeting(title), more)).await;
        hand.enters("agendaItemAdd", "agendaItem", item(&other, title)).await;
        let start = json!({ "id": other, "scheduledStart": "2035-04-05T09:00:00Z" });
        hand.steps("meetingSchedule", start).await;
    }
    past(hand, group, &meeting, &item, (&next, &planned, &place)).await;
    tiers(hand, group).await;
}

fn with(mut row: Value, more: Value) -> Value {
    for (key, value) in more.as_object().expect("an object") {
        row[key] = value.clone();
    }
    row
}

/// Two meetings that took place: the minutes of the first are adopted at the second, whose own are
/// circulated; and a third, for officers, whose minutes are a draft.
async fn past(
    hand: &Hand,
    group: &GroupOf,
    meeting: &dyn Fn(&str) -> Value,
    item: &dyn Fn(&str, &str) -> Value,
    (next, planned, place): (&str, &str, &Value),
) {
    let (code, id) = (group.code, group.id);
    let attendance = json!([
        { "displayName": format!("{code} présent 1"), "functionText": "Chef", "organisationText": "ONG", "organisation": org(2),
          "person": member(code), "status": "PRESENT", "capacity": "MEMBER", "meetingRoles": ["CHAIR"], "note": "En retard" },
        { "displayName": format!("{code} présent 2"), "organisationText": "Inconnue", "status": "REMOTE", "note": "Par téléphone" } ]);
    let contributors = json!([
        { "role": "AUTHOR", "displayName": format!("Auteur {code}"), "functionText": "Secrétaire", "organisation": org(2),
          "organisationText": "ONG", "person": member(code) },
        { "role": "REVIEWER", "displayName": "Témoin", "person": per(1) } ]);
    let mut meetings = Vec::new();
    for (title, day) in [("tenue", "2021-03-04"), ("suivante", "2021-04-04"), ("fermée", "2021-05-04")] {
        let first = title == "tenue";
        let tighter = if title == "fermée" { json!({ "visibility": "OFFICERS" }) } else { json!({}) };
        let agenda = json!([
            { "kind": "DISCUSSION", "title": format!("{code} point {title}"), "status": "COVERED", "discussion": "Débat", "statusNote": "Vite",
              "printedNumber": "1.", "purpose": "DECISION", "plannedMinutes": 10,
              "presenters": [{ "displayName": format!("Présentateur {code}"), "functionText": "Chef", "organisationText": "ONG",
                               "organisation": org(2), "person": member(code) },
                             { "displayName": "Un inconnu", "organisationText": "Inconnue" }] },
            { "kind": "PRESENTATION", "title": format!("{code} hors séance {title}"), "status": "MOVED_OFFLINE", "offlineChannel": "EMAIL" } ]);
        let more = json!({ "id": hand_id("mtg", code, title), "status": "HELD", "heldOn": day,
            "actualStart": format!("{day}T09:00:00Z"), "actualEnd": format!("{day}T11:00:00Z"), "headcount": 12,
            "attendanceRecord": "COMPLETE", "agendaStatus": "ADOPTED", "attendance": if first { attendance.clone() } else { json!([]) },
            "agendaItems": agenda,
            "minutes": { "title": format!("{code} procès-verbal {title}"), "body": format!("Corps {code} {title}"),
                "contributors": contributors, "reviewedOn": day } });
        let record = with(with(meeting(title), more), tighter);
        let shown = "meeting { id agendaItems { id } minutes { id } }";
        meetings.push(hand.does(&hand.witness, "meetingRecord", record, shown).await["meeting"].clone());
    }
    let text = |v: &Value| v.as_str().expect("an id").to_owned();
    let (held, after) = (text(&meetings[0]["id"]), text(&meetings[1]["id"]));
    let first = text(&meetings[0]["agendaItems"][0]["id"]);
    let again = json!({ "id": planned, "expectedVersion": 1, "continues": first });
    hand.steps("agendaItemUpdate", again).await;
    let offline = text(&meetings[0]["agendaItems"][1]["id"]);
    hand.steps("agendaItemDefer", json!({ "id": offline, "to": next, "note": "Faute de temps" })).await;
    let addressees = json!([{ "organisation": org(2), "writtenAs": "les ONG" }, { "person": member(code), "writtenAs": "Le membre" },
        { "group": id, "writtenAs": "tous" }, { "writtenAs": "l'État" }]);
    let recommendation = json!({ "agendaItem": first, "kind": "RECOMMENDATION", "text": format!("{code} recommandation tenue"),
        "addressees": addressees, "note": "Note réservée", "externalReferences": reference(code, "rec") });
    let recommendation = hand.enters("recommendationAdd", "recommendation", recommendation).await;
    let started = json!({ "id": recommendation, "reason": "Commencée" });
    hand.steps("recommendationStart", started).await;
    let assignments = json!([{ "organisation": org(4), "writtenAs": "l'assignée" }, { "person": member(code), "writtenAs": "le membre" },
        { "group": id, "writtenAs": "tous les membres" }, { "writtenAs": "nous" }, { "group": id, "role": "SECRETARY" },
        { "person": per(5), "writtenAs": "l'absent" }]);
    let due = json!({ "on": "2035-07-14", "qualifier": "BEFORE", "precision": "DAY", "text": "avant le 14 juillet" });
    let action = json!({ "agendaItem": first, "recommendation": recommendation, "text": format!("{code} action tenue"),
        "assignments": assignments, "due": due, "note": "Note réservée", "responsibleText": "tous", "raisedOn": "2021-03-04",
        "status": "BLOCKED", "blockedBy": org(5), "blockedReason": "Pas d'accès",
        "externalReferences": reference(code, "act"),
        "updates": [{ "text": format!("Fait {code}"), "occurredOn": "2021-03-05", "occurredText": "le lendemain", "organisation": org(2) }] });
    let action = hand.enters("followUpCreate", "followUp", action).await;
    hand.steps("followUpUnblock", json!({ "id": action, "reason": "Débloquée" })).await;
    hand.steps("followUpReport", json!({ "id": action, "state": "ACKNOWLEDGED", "response": "Bien reçu" }))
        .await;
    hand.steps("followUpBlock", json!({ "id": action, "blockedBy": org(5), "reason": "Pas d'accès" })).await;
    let finished = json!({ "meeting": held, "text": format!("{code} action finie"), "dependsOn": action, "assignments": [{ "person": member(code) }, { "person": per(1) }] });
    let finished = hand.enters("followUpCreate", "followUp", finished).await;
    let mine = json!({ "id": finished, "state": "ACKNOWLEDGED", "response": "Je m'en occupe" });
    hand.steps("followUpReport", mine).await;
    hand.steps(
        "followUpComplete",
        json!({ "id": finished, "actionTaken": "Tout est fait", "on": "2021-04-01" }),
    )
    .await;
    let paper = json!({ "agendaItem": first, "kind": "REPORT", "title": format!("{code} papier tenu"), "url": "https://papier.example",
        "checksum": "sha256:00", "language": "fr", "note": "Note réservée", "promisedBy": action, "externalReferences": reference(code, "doc") });
    let paper = hand.enters("documentAdd", "document", paper).await;
    let told = json!({ "agendaItem": first, "kind": "MISSION", "text": format!("{code} mission tenue"), "organisation": org(3),
        "placeText": "Un village", "datesText": "en juillet", "place": place, "startsOn": "2035-07-01", "endsOn": "2035-07-02", "startsPrecision": "DAY",
        "endsPrecision": "DAY", "externalReferences": reference(code, "ann") });
    hand.enters("announcementAdd", "announcement", told).await;
    for (field, thing) in [("recommendation", &recommendation), ("followUp", &action)] {
        let review = json!({ "meeting": after, "agendaItem": meetings[1]["agendaItems"][0]["id"], field: thing, "outcome": "KEPT_OPEN",
            "actionTaken": "Un début", "nextStep": format!("{code} suite {field}") });
        hand.enters("reviewRecord", "review", review).await;
    }
    let copy = json!({ "meeting": after, "kind": "DASHBOARD", "title": format!("{code} papier dérivé"), "derivedFrom": paper });
    hand.enters("documentAdd", "document", copy).await;
    let grown = json!({ "meeting": after, "kind": "DECISION", "text": format!("{code} recommandation dérivée"), "derivedFrom": recommendation,
        "establishes": id });
    hand.enters("recommendationAdd", "recommendation", grown).await;
    let officers = json!({ "meeting": held, "kind": "DECISION", "text": format!("{code} recommandation tenue officiers"), "visibility": "OFFICERS" });
    hand.enters("recommendationAdd", "recommendation", officers).await;
    hand.enters(
        "agendaItemAdd",
        "agendaItem",
        with(item(&after, "officiers"), json!({ "visibility": "OFFICERS" })),
    )
    .await;
    minutes(hand, group, &meetings).await;
}

/// The life of the minutes.
async fn minutes(hand: &Hand, group: &GroupOf, meetings: &[Value]) {
    let of = |n: usize| json!(meetings[n]["minutes"]["id"]);
    for n in [0, 1] {
        hand.steps("minutesSubmit", json!({ "id": of(n) })).await;
        hand.steps("minutesReturn", json!({ "id": of(n), "reason": "Une date" })).await;
        hand.steps("minutesSubmit", json!({ "id": of(n) })).await;
        hand.steps("minutesCirculate", json!({ "id": of(n), "commentsDueOn": "2035-01-01" })).await;
    }
    let adopt = json!({ "id": of(0), "at": meetings[1]["id"], "corrections": "Une virgule" });
    hand.steps("minutesAdopt", adopt).await;
    if ["PUB", "OPN"].contains(&group.code) {
        let query = "query($id: ID!) { meeting(by: { id: $id }) {
            recommendations { id text visibility sensitivity } followUps { id text visibility sensitivity }
            documents { id text: title visibility sensitivity } announcements { id text visibility sensitivity } } }";
        let answer = hand.witness.ask(query, json!({ "id": meetings[0]["id"] })).await;
        let (mut confirmed, mut n) = (Vec::new(), 0);
        for list in ["recommendations", "followUps", "documents", "announcements"] {
            for row in answer.list(&format!("/meeting/{list}")) {
                if row["visibility"] != group.visibility {
                    continue;
                }
                n += 1;
                let id = row["id"].as_str().expect("an id").to_owned();
                let text = row["text"].as_str().expect("a text");
                let twin = if ["recommendations", "followUps"].contains(&list) {
                    format!("Dit en public {n}")
                } else {
                    text.to_owned()
                };
                confirmed.push(json!({ "id": id, "publicText": twin }));
                hand.public.borrow_mut().insert(id, twin);
            }
        }
        let publish = json!({ "id": of(0), "publicText": "Texte public.", "confirmed": confirmed });
        hand.steps("minutesPublish", publish).await;
        let revise = json!({ "id": of(0), "reason": "Une erreur" });
        let next = hand.enters("minutesRevise", "minutes", revise).await;
        if group.code == "OPN" {
            hand.steps("minutesSubmit", json!({ "id": next })).await;
            hand.steps("minutesCirculate", json!({ "id": next })).await;
            hand.steps("minutesAdopt", json!({ "id": next, "at": meetings[1]["id"] })).await;
        }
    }
}

/// Rows of a group that come from no meeting, at every visibility and sensitivity.
async fn tiers(hand: &Hand, group: &GroupOf) {
    let (code, id) = (group.code, group.id);
    for (tier, more) in [
        ("ouvert", json!({})),
        ("sensible", json!({ "sensitivity": "HIGH" })),
        ("grave", json!({ "sensitivity": "SEVERE" })),
        ("officiers", json!({ "visibility": "OFFICERS" })),
    ] {
        for (name, field, row) in [
            (
                "followUpCreate",
                "followUp",
                json!({ "text": format!("{code} action {tier}"), "assignments": [{ "organisation": org(2) }] }),
            ),
            (
                "recommendationAdd",
                "recommendation",
                json!({ "text": format!("{code} recommandation {tier}"), "kind": "PROPOSAL" }),
            ),
            (
                "documentAdd",
                "document",
                json!({ "title": format!("{code} papier {tier}"), "kind": "REPORT", "note": "Note réservée", "url": "https://papier.example" }),
            ),
            (
                "announcementAdd",
                "announcement",
                json!({ "text": format!("{code} annonce {tier}"), "kind": "EVENT" }),
            ),
        ] {
            hand.enters(name, field, with(with(row, json!({ "group": id })), more.clone())).await;
        }
    }
    // somebody without a seat is asked for something: they see it, and no more
    let absent = json!({ "group": id, "text": format!("{code} action confiée"), "visibility": "GROUP",
        "assignments": [{ "person": per(5), "writtenAs": "l'absent" }, { "person": member(code) }],
        "updates": [{ "text": "Relancé", "occurredOn": "2021-03-05" }] });
    hand.enters("followUpCreate", "followUp", absent).await;
}

/// What goes from one group to another, and one row of each kind in the sub-groups.
async fn between(hand: &Hand) {
    for (from, to) in [("PUB", "OPN"), ("OPN", "GRP"), ("GRP", "PUB")] {
        let ask = json!({ "from": named(from).id, "to": named(to).id, "text": format!("Question de {from} à {to}") });
        let what = hand.witness.ask(
            "query($g: ID!) { recommendations(filter: { group: { eq: $g }, text: { contains: \"ouvert\" } }) { nodes { id } }
                followUps(filter: { group: { eq: $g }, text: { contains: \"ouvert\" } }) { nodes { id } } }",
            json!({ "g": named(from).id }),
        );
        let what = what.await;
        let about = json!({ "recommendation": what.at("/recommendations/nodes/0/id") });
        let referral = hand.enters("referralSend", "referral", with(ask.clone(), about)).await;
        let meetings = hand.witness.ask(
            "query($g: ID!) { meetings(filter: { group: { eq: $g }, status: [SCHEDULED], title: { contains: \"prévue\" } }) { nodes { id } } }",
            json!({ "g": named(to).id }),
        );
        let meeting = meetings.await.at("/meetings/nodes/0/id").clone();
        hand.steps("referralPutOnAgenda", json!({ "id": referral, "meeting": meeting })).await;
        let answer = json!({ "id": referral, "answer": format!("Réponse de {to} à {from}"), "answeredOn": "2021-06-01" });
        hand.steps("referralAnswer", answer).await;
        let mut about = json!({ "text": format!("Autre question de {from} à {to}") });
        if from == "GRP" {
            let query = "query($g: ID!) { meetings(filter: { group: { eq: $g } }, first: 100) { nodes { status agendaItems { id } } } }";
            let items = hand.witness.ask(query, json!({ "g": named(from).id })).await;
            let held =
                items.list("/meetings/nodes").iter().find(|m| m["status"] == "HELD").expect("a meeting");
            about["agendaItem"] = held["agendaItems"][0]["id"].clone();
        } else {
            about["followUp"] = what.at("/followUps/nodes/0/id").clone();
        }
        let referral = hand.enters("referralSend", "referral", with(ask, about)).await;
        hand.steps(
            "referralReturn",
            json!({ "id": referral, "reason": "Pas pour nous", "answeredOn": "2021-06-01" }),
        )
        .await;
    }
    for code in ["SUB", "OFC"] {
        let row = json!({ "group": named(code).id, "text": format!("{code} action ouvert") });
        hand.enters("followUpCreate", "followUp", row).await;
        let row = json!({ "group": named(code).id, "title": format!("{code} brouillon"), "kind": "REGULAR" });
        hand.enters("meetingCreate", "meeting", row).await;
    }
    // a joint meeting: its other group sees it, and attendance without names
    let joint = json!({ "id": hand_id("mtg", "GRP", "commune"), "group": named("GRP").id, "otherGroups": [named("OPN").id], "kind": "REGULAR",
        "title": "GRP commune", "status": "HELD", "heldOn": "2021-06-04", "joinUrl": "https://appel.example/commune",
        "notes": "Notes communes", "timesText": "le soir",
        "agendaItems": [{ "kind": "DISCUSSION", "title": "GRP point commun", "status": "COVERED" }],
        "attendance": [{ "displayName": "GRP commune 1", "organisation": org(2), "status": "PRESENT", "note": "En retard" }] });
    hand.steps("meetingRecord", joint).await;
    let leads = hand.witness.ask(
        "{ memberships(filter: { role: [LEAD] }, first: 100) { nodes { id group { acronym } } } }",
        json!({}),
    );
    for lead in leads.await.list("/memberships/nodes") {
        let group = lead["group"]["acronym"].as_str().unwrap_or_default().to_owned();
        let id = lead["id"].clone();
        let meeting = hand.witness.ask(
            "query($t: String) { meetings(filter: { title: { eq: $t } }) { nodes { id } } }",
            json!({ "t": format!("{group} suivante") }),
        );
        let meeting = meeting.await.body.pointer("/data/meetings/nodes/0/id").cloned().unwrap_or_default();
        let announce = json!({ "id": id, "note": format!("Passation {group}"), "meeting": meeting });
        hand.does(&hand.manager, "membershipHandoverAnnounce", announce, "__typename").await;
        let propose = json!({ "id": id, "proposedSuccessor": org(2), "supporter": org(3) });
        hand.does(&hand.manager, "membershipHandoverPropose", propose, "__typename").await;
    }
    let over = json!({ "id": named("FIN").id, "reason": "Fin de la crise" });
    hand.does(&hand.manager, "groupDeactivate", over, "__typename").await;
}

/// An id of one's own, the same on every run.
fn hand_id(prefix: &str, code: &str, what: &str) -> String {
    let number =
        code.bytes().chain(what.bytes()).fold(7u64, |n, b| (n * 31 + u64::from(b)) % 0x00ff_ffff_ffff);
    format!("{prefix}_0190000000007000a000{number:012x}")
}
