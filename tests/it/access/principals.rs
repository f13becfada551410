//! Everybody who asks.

use std::collections::BTreeSet;

use tests::{Client, Value, World, comes_true, json};

use super::facts::Facts;
use super::hand::Hand;
use super::policy::{Seat, Who};
use super::world::{HERE, named, org, per};
use crate::cast::PASSWORD;

/// Somebody, before their rights are worked out from the facts.
pub struct Entered {
    name: String,
    client: Client,
    person: Option<String>,
    is_revoked: bool,
    manages: Vec<String>,
    is_admin: bool,
    /// The seats of a service: role and group.
    seats: Vec<(&'static str, &'static str)>,
    scopes: Option<BTreeSet<String>>,
    opened: Vec<String>,
    service: Option<String>,
    token: Option<String>,
}

const ROLES: [&str; 6] =
    ["OBSERVER", "REPRESENTATIVE", "FOCAL_POINT", "SECRETARY", "INFORMATION_MANAGER", "COORDINATOR"];

/// The roles with a seat of their own in one group only: PUB, OPN, GRP. Those of GRP and PUB are in the
/// parent group of SUB and OFC.
const SEATED_IN: [&str; 3] = ["PUB", "OPN", "GRP"];

/// Whom to enter: their name, their seats (role and group), what else their memberships say.
type Seated = (String, Vec<(&'static str, &'static str)>, Value);

/// Enters everybody: a person, a seat, an account.
pub async fn enter(hand: &Hand) -> Vec<Entered> {
    let plain = |name: &str, client: Client| Entered {
        name: name.to_owned(),
        client,
        person: None,
        is_revoked: false,
        manages: Vec::new(),
        is_admin: false,
        seats: Vec::new(),
        scopes: None,
        opened: Vec::new(),
        service: None,
        token: None,
    };
    let mut all = vec![plain("anonymous", hand.world.client())];
    let mut number = 100;
    let mut list: Vec<Seated> = vec![("outsider".to_owned(), vec![], json!({}))];
    for role in ROLES {
        for code in SEATED_IN {
            list.push((format!("{}@{code}", role.to_lowercase()), vec![(role, code)], json!({})));
        }
    }
    let yesterday = json!({ "since": "2019-01-01", "until": "2025-01-01" });
    list.extend([
        ("co_coordinator@GRP".to_owned(), vec![("CO_COORDINATOR", "GRP")], json!({})),
        ("representative@all".to_owned(), SEATED_IN.map(|code| ("REPRESENTATIVE", code)).to_vec(), json!({})),
        ("observer@SUB".to_owned(), vec![("OBSERVER", "SUB")], json!({})),
        ("expired@GRP".to_owned(), vec![("COORDINATOR", "GRP")], yesterday),
        ("future@GRP".to_owned(), vec![("COORDINATOR", "GRP")], json!({ "since": "2035-01-01" })),
        ("revoked@GRP".to_owned(), vec![("COORDINATOR", "GRP")], json!({})),
        ("representative@OTH".to_owned(), vec![("REPRESENTATIVE", "OTH")], json!({})),
        ("coordinator@OTH".to_owned(), vec![("COORDINATOR", "OTH")], json!({})),
    ]);
    for (name, seats, dates) in list {
        number += 1;
        let person =
            json!({ "id": per(number), "displayName": format!("Personne {name}"), "organisation": org(2) });
        hand.does(&hand.manager, "personCreate", person, "__typename").await;
        for (role, code) in seats {
            let mut seat = json!({ "group": named(code).id, "person": per(number), "organisation": org(2), "role": role,
                "roleTitle": format!("siège {name} {code}") });
            for (key, value) in dates.as_object().expect("an object") {
                seat[key] = value.clone();
            }
            hand.does(&hand.manager, "membershipCreate", seat, "__typename").await;
        }
        let client = hand.account(&name.replace('@', "-"), &["--person", &per(number)]).await;
        let is_revoked = name.starts_with("revoked");
        if is_revoked {
            client.ask("mutation { signOut { isSignedOut } }", json!({})).await.at("/signOut/isSignedOut");
        }
        all.push(Entered { person: Some(per(number)), is_revoked, ..plain(&name, client) });
    }
    let assigned = hand.account("assigned", &["--person", &per(5)]).await;
    all.push(Entered { person: Some(per(5)), ..plain("assigned", assigned) });
    let manager = hand.account("manager", &["--operation-manager", HERE]).await;
    all.push(Entered { manages: vec![HERE.to_owned()], ..plain("operation_manager", manager) });
    all.push(Entered { is_admin: true, ..plain("admin", hand.admin.clone()) });
    // opened and closed again: nothing is left of it but the record
    let look = json!({ "group": named("PUB").id, "reason": "PUB vérification terminée" });
    let look = hand.does(&hand.admin, "breakGlassOpen", look, "breakGlass { id }").await;
    let close = json!({ "id": look["breakGlass"]["id"] });
    hand.does(&hand.admin, "breakGlassClose", close, "__typename").await;
    let client = hand.account("opening", &["--admin"]).await;
    let open = json!({ "group": named("GRP").id, "reason": "Plainte reçue, vérification demandée" });
    hand.does(&client, "breakGlassOpen", open, "__typename").await;
    all.push(Entered {
        is_admin: true,
        opened: vec![named("GRP").id.to_owned()],
        ..plain("admin+glass@GRP", client)
    });
    for service in SERVICES {
        let (name, seats, scopes, limit) = *service;
        let (id, token, client) = program(hand, service).await;
        let holds = |code: &str| limit.is_empty() || limit.contains(&code);
        all.push(Entered {
            seats: seats.iter().copied().filter(|(_, code)| holds(code)).collect(),
            scopes: Some(scopes.iter().map(|s| (*s).to_owned()).collect()),
            service: Some(id),
            token: Some(token),
            ..plain(name, client)
        });
    }
    waiting(hand, &all).await;
    all
}

/// Enters a service with its token: its id, the id of the token, and the program that sends it.
async fn program(hand: &Hand, (name, seats, scopes, limit): &Service) -> (String, String, Client) {
    let text = |v: &Value| v.as_str().expect("a text").to_owned();
    let list: Vec<Value> =
        seats.iter().map(|(role, code)| json!({ "group": named(code).id, "role": role })).collect();
    let service = json!({ "name": format!("Service {name}"), "group": named(seats[0].1).id, "seats": list,
        "description": "Pour les essais" });
    let service = hand.does(&hand.manager, "serviceAccountCreate", service, "serviceAccount { id }").await;
    let service = text(&service["serviceAccount"]["id"]);
    let groups: Vec<&str> = limit.iter().map(|code| named(code).id).collect();
    let groups = if groups.is_empty() { Value::Null } else { json!(groups) };
    let token = json!({ "account": service, "name": format!("Jeton {name}"), "scopes": scopes, "expiresAt": soon(), "groups": groups });
    let old = json!({ "account": service, "name": format!("Ancien jeton {name}"), "scopes": [], "expiresAt": soon() });
    let old = hand.does(&hand.manager, "apiTokenCreate", old, "apiToken { id }").await;
    let revoke = json!({ "id": old["apiToken"]["id"], "reason": "Plus utilisé" });
    hand.does(&hand.manager, "apiTokenRevoke", revoke, "__typename").await;
    let token = hand.does(&hand.manager, "apiTokenCreate", token, "token apiToken { id }").await;
    let client = hand.world.client().with_tokens(token["token"].as_str().expect("a token"), None);
    let id = text(&token["apiToken"]["id"]);
    // its first use is written down beside the request
    client.ask("{ viewer { isAdmin } }", json!({})).await.data();
    let used = "query($id: ID!) { node(id: $id) { ... on ApiToken { lastUsedAt } } }";
    let is_known =
        async || hand.manager.ask(used, json!({ "id": id })).await.at("/node/lastUsedAt").is_string();
    comes_true("the first use is known", is_known).await;
    (service, id, client)
}

/// Who waits to be let in: by invitation, by request.
async fn waiting(hand: &Hand, all: &[Entered]) {
    for (code, n, role) in [("PUB", 2, "REPRESENTATIVE"), ("OPN", 2, "SECRETARY"), ("GRP", 4, "OBSERVER")] {
        let name = format!("Invité {code}");
        let invite = json!({ "group": named(code).id, "organisation": org(n), "role": role, "displayName": name,
            "since": "2035-01-01", "until": "2036-01-01", "person": if n == 4 { json!(per(4)) } else { Value::Null },
            "email": format!("invite-{}@kafo.example", code.to_lowercase()) });
        let made = hand.does(&hand.manager, "invitationCreate", invite, "token invitation { id }").await;
        hand.links.borrow_mut().insert(name, made["token"].as_str().expect("a token").to_owned());
    }
    for (who, code) in [("outsider", "PUB"), ("representative@PUB", "OPN"), ("observer@PUB", "OPN")] {
        let by = &all.iter().find(|e| e.name == who).expect("a principal").client;
        let ask =
            json!({ "group": named(code).id, "role": "REPRESENTATIVE", "note": format!("Demande de {who}") });
        hand.does(by, "membershipRequest", ask, "__typename").await;
    }
    let by = &all.iter().find(|e| e.name == "observer@OPN").expect("a principal").client;
    let ask = json!({ "group": named("PUB").id, "role": "REPRESENTATIVE", "note": "Demande refusée" });
    let asked = hand.does(by, "membershipRequest", ask, "membershipRequest { id }").await;
    let decline = json!({ "id": asked["membershipRequest"]["id"], "note": "Un siège suffit" });
    hand.does(&hand.manager, "membershipRequestDecline", decline, "__typename").await;
}

/// A service: its name, its seats, the scopes of its token, the groups to which that is limited.
type Service =
    (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str], &'static [&'static str]);

const EVERYWHERE: &[(&str, &str)] =
    &[("INFORMATION_MANAGER", "PUB"), ("INFORMATION_MANAGER", "OPN"), ("INFORMATION_MANAGER", "GRP")];

const SERVICES: &[Service] = &[
    ("token-read@GRP", &[("INFORMATION_MANAGER", "GRP")], &[], &[]),
    ("token-contacts@GRP", &[("INFORMATION_MANAGER", "GRP")], &["CONTACTS"], &[]),
    ("token-sync@all", EVERYWHERE, &["MEMBERSHIPS", "DIRECTORY"], &[]),
    ("token-limited@OPN", EVERYWHERE, &["MEETINGS", "CONTACTS"], &["OPN"]),
];

/// Some days ahead.
fn soon() -> String {
    (kafo::clock::now() + std::time::Duration::from_secs(20 * 86_400)).to_rfc3339()
}

impl Entered {
    /// What the matrix calls them.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Works out what gives them rights, from the memberships on record.
    pub fn with_rights(self, facts: &Facts) -> Who {
        let mut organisations = BTreeSet::new();
        let mut seats: Vec<Seat> = Vec::new();
        if let Some(person) = &self.person {
            organisations.extend(facts.of(person).linked("organisation"));
            for (seat, fact) in facts.seats_of(person) {
                organisations.extend(fact.linked("organisation"));
                seats.push(seat);
            }
            let own: Vec<Seat> = seats.clone();
            for seat in own {
                seats.extend(facts.handed_down(&seat));
            }
        }
        for (role, code) in &self.seats {
            let group = named(code);
            let seat = Seat {
                group: group.id.to_owned(),
                operation: group.operation.to_owned(),
                role: role.to_lowercase(),
                is_inherited: false,
            };
            seats.extend(facts.handed_down(&seat));
            seats.push(seat);
        }
        Who {
            scopes: self.scopes,
            opened: self.opened,
            service: self.service,
            token: self.token,
            is_signed_in: self.name != "anonymous",
            name: self.name,
            client: self.client,
            is_revoked: self.is_revoked,
            person: self.person,
            organisations,
            seats,
            manages: self.manages,
            is_admin: self.is_admin,
        }
    }
}

impl Who {
    /// Signs in anew: an access token holds ten minutes, and a busy machine takes longer for the whole matrix.
    pub async fn sign_in_again(&mut self, world: &World) {
        if self.is_signed_in && !self.is_revoked && self.scopes.is_none() {
            let email = match self.name.as_str() {
                "operation_manager" => "manager".to_owned(),
                "admin+glass@GRP" => "opening".to_owned(),
                other => other.replace('@', "-"),
            };
            self.client = world.sign_in(&format!("{email}@kafo.example"), PASSWORD).await;
        }
    }
}
