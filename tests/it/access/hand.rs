//! What builds the world of the matrix, and remembers what it did.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tests::{Answer, Client, Value, World};

use crate::cast::{PASSWORD, mutate_once};

/// The world, and a count of what was done to it.
pub struct Hand {
    /// Server and database.
    pub world: World,
    /// Coordinates every group of both operations.
    pub witness: Client,
    /// Manages both operations.
    pub manager: Client,
    /// Holds the platform.
    pub admin: Client,
    /// Successful mutations, by name.
    pub done: RefCell<BTreeMap<String, u64>>,
    /// The texts that went out, by the id of the row.
    pub public: RefCell<BTreeMap<String, String>>,
    /// The tokens of invitations, by the name of whoever is invited.
    pub links: RefCell<BTreeMap<String, String>>,
}

impl Hand {
    /// Does something that must succeed; the payload. What has not been done before is sent once more under the same
    /// idempotency key: it is answered alike, and [`on_record`](super::on_record) sees that it was done once.
    pub async fn does(&self, by: &Client, name: &str, input: Value, selection: &str) -> Value {
        let times = *self.done.borrow_mut().entry(name.to_owned()).and_modify(|n| *n += 1).or_insert(1);
        let key = format!("{name}-{times}");
        let answer = mutate_once(by, &key, name, input.clone(), selection).await;
        let payload = paid(&answer, name, &input);
        if times == 1 && !UNKEYED.contains(&name) {
            let again = mutate_once(by, &key, name, input.clone(), selection).await;
            assert_eq!(again.header("idempotency-replayed"), Some("true"), "{name}: {}", again.body);
            let mut expected = payload.clone();
            for once in TOLD_ONCE {
                if let Some(told) = expected.get_mut(once) {
                    *told = Value::Null;
                }
            }
            assert_eq!(paid(&again, name, &input), expected, "{name}({input}) sent again");
        }
        payload
    }

    /// The same by the witness; the id of the row.
    pub async fn enters(&self, name: &str, field: &str, input: Value) -> String {
        let payload = self.does(&self.witness, name, input, &format!("{field} {{ id }}")).await;
        payload[field]["id"].as_str().unwrap_or_else(|| panic!("{name}: {payload}")).to_owned()
    }

    /// A step of the witness.
    pub async fn steps(&self, name: &str, input: Value) {
        self.does(&self.witness, name, input, "__typename").await;
    }

    /// Signs in anew those who act at the end.
    pub async fn sign_in_again(&mut self) {
        self.witness = self.world.sign_in("witness@kafo.example", PASSWORD).await;
        self.manager = self.world.sign_in("manager-of-both@kafo.example", PASSWORD).await;
        self.admin = self.world.sign_in("admin@kafo.example", PASSWORD).await;
    }

    /// An account of a person, signed in.
    pub async fn account(&self, name: &str, more: &[&str]) -> Client {
        open(&self.world, name, more).await
    }
}

/// What belongs to a sign-in: no key keeps what comes with secrets or is answered with them.
const UNKEYED: [&str; 15] = [
    "accountEmailChange",
    "invitationAccept",
    "openidLinkFinish",
    "openidLinkStart",
    "openidUnlink",
    "passwordChange",
    "passwordReset",
    "passwordResetIssue",
    "recoveryCodesRenew",
    "secondFactorConfirm",
    "secondFactorRemove",
    "secondFactorStart",
    "sessionRevoke",
    "sessionRevokeAll",
    "signOut",
];
/// Fields of payloads that are told once, key or not.
const TOLD_ONCE: [&str; 2] = ["secret", "token"];

fn paid(answer: &Answer, name: &str, input: &Value) -> Value {
    let payload = answer.body.pointer(&format!("/data/{name}")).cloned().unwrap_or_default();
    let refused = payload["userErrors"].as_array().is_none_or(|e| !e.is_empty());
    assert!(!refused && answer.errors().is_empty(), "{name}({input}): {}", answer.body);
    payload
}

/// An account with this name, signed in.
pub(super) async fn open(world: &World, name: &str, more: &[&str]) -> Client {
    let email = format!("{name}@kafo.example");
    let mut line = vec!["account", "create", "--email", &email, "--name", name];
    line.extend(more);
    world.kafo_ok(&line, PASSWORD);
    world.sign_in(&email, PASSWORD).await
}
