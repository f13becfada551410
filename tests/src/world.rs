//! What one test has to itself.

use std::process::Output;

use serde_json::json;

use crate::server::blocking;
use crate::{Client, Database, Server, Storage};

/// A server on a fresh, migrated database.
#[derive(Debug)]
pub struct World {
    /// The server.
    pub server: Server,
    /// The kind of database it works on.
    pub database: Database,
    /// The database itself. (Dropped after the server, as it comes after it.)
    pub storage: Storage,
    client: Client,
    environment: Vec<(String, String)>,
}

impl World {
    /// A fresh, migrated database, and a server on it.
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, &[]).await
    }

    /// The same, with environment variables for the server and for the
    /// commands that are run by [`World::kafo`].
    pub async fn start_with(database: Database, environment: &[(&str, &str)]) -> Self {
        let storage = blocking(move || Storage::migrated(database)).await;
        let server = Server::start(storage.url(), environment).await;
        let client = Client::new(server.url());
        Self {
            server,
            database,
            storage,
            client,
            environment: environment
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    /// One more server on the same database, with further environment
    /// variables.
    pub async fn another_server(&self, environment: &[(&str, &str)]) -> Server {
        let mut all = self.environment();
        all.extend(environment);
        Server::start(self.storage.url(), &all).await
    }

    /// Runs `kafo` on the same database, with input.
    pub fn kafo(&self, arguments: &[&str], input: &str) -> Output {
        self.storage.kafo(arguments, input, &self.environment())
    }

    /// Runs `kafo` as [`World::kafo`] does, and gives what it says on stdout.
    /// Panics when it fails.
    #[track_caller]
    pub fn kafo_ok(&self, arguments: &[&str], input: &str) -> String {
        let output = self.kafo(arguments, input);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "`kafo {}`: {}\n{stdout}{}",
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        stdout.into_owned()
    }

    /// A client who has not signed in.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// A client who has signed in. Panics when that is refused.
    pub async fn sign_in(&self, email: &str, password: &str) -> Client {
        const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { \
             accessToken refreshToken userErrors { code message } } }";
        let input = json!({ "input": { "email": email, "password": password } });
        let answer = self.client.ask(SIGN_IN, input).await;
        let payload = answer.ok("signIn");
        let token = |name: &str| {
            payload[name].as_str().unwrap_or_else(|| panic!("signIn gave no {name}: {payload:#}"))
        };
        self.client.with_tokens(token("accessToken"), Some(token("refreshToken")))
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}
