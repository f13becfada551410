//! A small world: an operation with two groups, and people in every role, entered through the API.

use reqwest::Method;
use tests::{Answer, Client, Value, World, json};

/// The password of everybody here.
pub const PASSWORD: &str = "trois pirogues sur le Bani";
/// The operation.
pub const OPERATION: &str = "opn_01900000000070008000000000000001";
/// A cluster whose things are seen by its members (visibility GROUP).
pub const CLUSTER: &str = "grp_01900000000070008000000000000001";
/// A working group that is public, and whose things may be published.
pub const FORUM: &str = "grp_01900000000070008000000000000002";
/// The organisation of the representative and of the observer.
pub const NGO: &str = "org_01900000000070008000000000000001";
/// An organisation of the United Nations, lead of the cluster.
pub const AGENCY: &str = "org_01900000000070008000000000000002";

/// The cast, signed in.
pub struct Cast {
    /// The world they live in.
    pub world: World,
    /// Holds the platform's grant.
    pub admin: Client,
    /// Manages the operation.
    pub manager: Client,
    /// Coordinates cluster and forum.
    pub coordinator: Client,
    /// Manages the information of the cluster and of the forum.
    pub information_manager: Client,
    /// Keeps the record of cluster and forum.
    pub secretary: Client,
    /// Speaks for the NGO in the cluster.
    pub representative: Client,
    /// Listens in the cluster.
    pub observer: Client,
    /// Has an account and no seat.
    pub outsider: Client,
    /// Nobody in particular.
    pub anonymous: Client,
}

/// The id of the person with this number.
pub fn person(number: u32) -> String {
    format!("per_019000000000700080000000000000{number:02}")
}

/// Sends a mutation; the answer shows `selection` of the payload, and the user errors.
pub async fn mutate(client: &Client, name: &str, input: Value, selection: &str) -> Answer {
    client.ask(&mutation(name, selection), json!({ "input": input })).await
}

/// The same under an idempotency key.
pub async fn mutate_once(client: &Client, key: &str, name: &str, input: Value, selection: &str) -> Answer {
    ask_once(client, key, &mutation(name, selection), json!({ "input": input })).await
}

/// Asks under an idempotency key.
pub async fn ask_once(client: &Client, key: &str, document: &str, variables: Value) -> Answer {
    let body = json!({ "query": document, "variables": variables });
    let request = client.request(Method::POST, "/graphql").header("idempotency-key", key);
    client.send(request.json(&body)).await
}

fn mutation(name: &str, selection: &str) -> String {
    let upper = name[..1].to_uppercase() + &name[1..];
    format!(
        "mutation($input: {upper}Input!) {{ {name}(input: $input) {{ {selection} userErrors {{
            __typename code message field ... on StateError {{ from allowed }} ... on ConflictError {{ currentVersion }} }} }} }}"
    )
}

/// Sends a mutation that must succeed; its payload.
#[track_caller]
pub fn succeed<'a>(
    client: &'a Client,
    name: &'a str,
    input: Value,
    selection: &'a str,
) -> impl Future<Output = Value> + 'a {
    let caller = std::panic::Location::caller();
    async move {
        let answer = mutate(client, name, input, selection).await;
        let payload = answer.body.pointer(&format!("/data/{name}")).cloned().unwrap_or_default();
        let refused = payload["userErrors"].as_array().is_none_or(|e| !e.is_empty());
        assert!(!refused && answer.errors().is_empty(), "{caller}: {name}: {}", answer.body);
        payload
    }
}

/// Sends a mutation that must be refused; its first user error.
pub async fn refused(client: &Client, name: &str, input: Value) -> Value {
    mutate(client, name, input, "__typename").await.user_error(name).clone()
}

impl Cast {
    /// Enters everything and signs everybody in.
    pub async fn of(world: World) -> Self {
        let account = |email: &str, more: &[&str]| {
            let mut line = vec!["account", "create", "--email", email, "--name", "Awa Exemple"];
            line.extend(more);
            world.kafo_ok(&line, PASSWORD);
        };
        account("admin@kafo.example", &["--admin"]);
        let admin = world.sign_in("admin@kafo.example", PASSWORD).await;
        let operation = json!({ "id": OPERATION, "code": "MLI", "name": "Mali", "country": "MLI",
            "timeZone": "Africa/Bamako", "defaultLanguage": "fr" });
        succeed(&admin, "operationCreate", operation, "__typename").await;
        account("manager@kafo.example", &["--operation-manager", OPERATION]);
        let manager = world.sign_in("manager@kafo.example", PASSWORD).await;
        for (id, name, visibility, sensitivity) in
            [(CLUSTER, "Cluster Exemple", "GROUP", "MODERATE"), (FORUM, "Forum Exemple", "PUBLIC", "LOW")]
        {
            let group = json!({ "id": id, "operation": OPERATION, "kind": "CLUSTER", "name": name,
                "visibility": visibility, "sensitivity": sensitivity });
            succeed(&manager, "groupCreate", group, "__typename").await;
        }
        for (id, name, acronym, kind) in [
            (NGO, "Organisation non gouvernementale Exemple", "ONGE", "437"),
            (AGENCY, "Agence Exemple", "AEX", "447"),
        ] {
            let organisation = json!({ "id": id, "name": name, "acronym": acronym, "type": kind });
            succeed(&manager, "organisationCreate", organisation, "__typename").await;
        }
        let lead = json!({ "group": CLUSTER, "organisation": AGENCY, "role": "LEAD" });
        succeed(&manager, "membershipCreate", lead, "__typename").await;
        for group in [CLUSTER, FORUM] {
            let member = json!({ "group": group, "organisation": NGO, "role": "MEMBER" });
            succeed(&manager, "membershipCreate", member, "__typename").await;
        }
        let roles: [(u32, &str, &str, &str, &[&str]); 6] = [
            (1, "coordinator", "COORDINATOR", AGENCY, &[CLUSTER, FORUM]),
            (2, "information", "INFORMATION_MANAGER", AGENCY, &[CLUSTER, FORUM]),
            (3, "secretary", "SECRETARY", AGENCY, &[CLUSTER, FORUM]),
            (4, "representative", "REPRESENTATIVE", NGO, &[CLUSTER]),
            (5, "observer", "OBSERVER", NGO, &[CLUSTER]),
            (6, "outsider", "", NGO, &[]),
        ];
        let mut clients = Vec::new();
        for (number, name, role, organisation, groups) in roles {
            let id = person(number);
            let row = json!({ "id": id, "displayName": format!("Personne Exemple {number}"), "organisation": organisation });
            succeed(&manager, "personCreate", row, "__typename").await;
            for group in groups {
                let seat =
                    json!({ "group": group, "person": id, "organisation": organisation, "role": role });
                succeed(&manager, "membershipCreate", seat, "__typename").await;
            }
            let email = format!("{name}@kafo.example");
            account(&email, &["--person", &id]);
            clients.push(world.sign_in(&email, PASSWORD).await);
        }
        let anonymous = world.client();
        let mut next = clients.into_iter();
        let mut client = || next.next().expect("six people");
        Self {
            admin,
            manager,
            coordinator: client(),
            information_manager: client(),
            secretary: client(),
            representative: client(),
            observer: client(),
            outsider: client(),
            anonymous,
            world,
        }
    }

    /// What the secretary sees of a follow-up.
    pub async fn follow_up(&self, id: &str, selection: &str) -> Value {
        let query = format!("query($id: ID!) {{ followUp(by: {{ id: $id }}) {{ {selection} }} }}");
        self.secretary.ask(&query, json!({ "id": id })).await.at("/followUp").clone()
    }
}
