//! Configuration: one struct, documented defaults, every mistake named at once.

use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;
use std::time::Duration;

use axum::http::HeaderValue;

use crate::account::Limits;
use crate::db::Db;
use crate::gate::Manifest;
use crate::http;
use crate::openid::settings::{Environment, Settings};

/// What the server needs to know.
#[derive(Clone)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Which database. May hold a password: never printed whole.
    pub database_url: secrecy::SecretString,
    /// How many connections to it there are, at most.
    pub database_connections: NonZeroU16,
    /// How often a sign-in may fail.
    pub limits: Limits,
    /// Which issuers of OpenID Connect are trusted.
    pub openid: Settings,
    /// What can be set about HTTP.
    pub http: http::Settings,
    /// Documents that are known beforehand.
    pub manifest: Manifest,
    /// Whether these are all that run.
    pub only_manifest: bool,
}

/// What the command line and the environment say, unread.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "KAFO_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub listen: String,
    #[command(flatten)]
    /// Which database.
    pub database: DatabaseOption,
    /// Connections to PostgreSQL, at most. Its processors, not their number, say how much is read at a time.
    #[arg(long, env = "KAFO_DATABASE_CONNECTIONS", default_value_t = Db::CONNECTIONS, value_name = "N")]
    pub database_connections: NonZeroU16,
    #[command(flatten)]
    /// How often a sign-in may fail.
    pub sign_in: SignInOptions,
    #[command(flatten)]
    /// What can be set about HTTP.
    pub http: HttpOptions,
    /// Documents that are known from the start: a manifest as graphql-codegen, relay-compiler or Apollo's
    /// generate-persisted-query-manifest write it.
    #[arg(long, env = "KAFO_MANIFEST", value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// Run no other documents than those of the manifest.
    #[arg(long, env = "KAFO_ONLY_MANIFEST")]
    pub only_manifest: bool,
    /// The address under which browsers find Kafo, like `https://kafo.example.org`; sign-in through `OpenID`
    /// Connect needs it. (Its issuers are named by the environment: see README.md.)
    #[arg(long, env = "KAFO_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Which issuers of OpenID Connect are trusted. By the environment only: a secret on a command line is
    /// seen by everybody on the machine.
    #[arg(skip = Environment::read())]
    pub openid: Environment,
}

/// How often a sign-in may fail before somebody has to wait. Nobody is ever locked out.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct SignInOptions {
    /// Failures of one account from one device or network before waits begin to grow.
    #[arg(
        long = "sign-in-free-attempts",
        env = "KAFO_SIGN_IN_FREE_ATTEMPTS",
        default_value_t = Limits::DEFAULT.free_attempts,
        value_name = "N"
    )]
    pub free_attempts: u32,
    /// The longest of these waits, in seconds.
    #[arg(
        long = "sign-in-longest-wait",
        env = "KAFO_SIGN_IN_LONGEST_WAIT",
        default_value_t = Limits::DEFAULT.longest_wait,
        value_name = "SECONDS"
    )]
    pub longest_wait: u32,
    /// Failures an hour of one account from all devices that are not known to it, together.
    #[arg(
        long = "sign-in-strangers-per-hour",
        env = "KAFO_SIGN_IN_STRANGERS_PER_HOUR",
        default_value_t = Limits::DEFAULT.strangers_per_hour,
        value_name = "N"
    )]
    pub strangers_per_hour: u32,
    /// Failures an hour of all accounts from one network (IPv4 /24, IPv6 /48).
    #[arg(
        long = "sign-in-network-per-hour",
        env = "KAFO_SIGN_IN_NETWORK_PER_HOUR",
        default_value_t = Limits::DEFAULT.network_per_hour,
        value_name = "N"
    )]
    pub network_per_hour: u32,
}

impl Default for SignInOptions {
    fn default() -> Self {
        let Limits { free_attempts, longest_wait, strangers_per_hour, network_per_hour } = Limits::DEFAULT;
        Self { free_attempts, longest_wait, strangers_per_hour, network_per_hour }
    }
}

impl From<SignInOptions> for Limits {
    fn from(options: SignInOptions) -> Self {
        let SignInOptions { free_attempts, longest_wait, strangers_per_hour, network_per_hour } = options;
        Self { free_attempts, longest_wait, strangers_per_hour, network_per_hour }
    }
}

/// What can be set about HTTP.
#[derive(Clone, Debug, clap::Args)]
pub struct HttpOptions {
    /// Other sites whose scripts may ask, like `https://dashboard.example.org`, separated by commas. None by default.
    #[arg(
        long = "cors-origins",
        env = "KAFO_CORS_ORIGINS",
        default_value = "",
        hide_default_value = true,
        value_name = "ORIGINS"
    )]
    pub cors_origins: String,
    /// GraphQL requests that are answered at a time; twice as many wait, more are sent away (503).
    #[arg(long, env = "KAFO_REQUESTS_AT_ONCE", default_value_t = HttpOptions::REQUESTS, value_name = "N")]
    pub requests_at_once: u16,
    /// Connections that are open at a time; more wait outside.
    #[arg(long, env = "KAFO_CONNECTIONS", default_value_t = HttpOptions::CONNECTIONS, value_name = "N")]
    pub connections: u16,
    /// Seconds that an answer may take; what takes longer is given up (503).
    #[arg(long, env = "KAFO_LONGEST_ANSWER", default_value_t = HttpOptions::LONGEST_ANSWER, value_name = "SECONDS")]
    pub longest_answer: u16,
    /// Proxies whose `X-Forwarded-For` is believed: networks like `10.0.0.0/8` or addresses, separated by commas.
    /// None by default.
    #[arg(
        long,
        env = "KAFO_TRUSTED_PROXIES",
        default_value = "",
        hide_default_value = true,
        value_name = "NETWORKS"
    )]
    pub trusted_proxies: String,
    /// What each account, and each token of a program, may cost in a minute; 0 for no limit.
    #[arg(long, env = "KAFO_COST_PER_MINUTE", default_value_t = HttpOptions::COST, value_name = "COST")]
    pub cost_per_minute: u32,
    /// The same for each network (IPv4 /24, IPv6 /48) of those who did not sign in, sign-ins included; 0 for no limit.
    #[arg(
        long,
        env = "KAFO_ANONYMOUS_COST_PER_MINUTE",
        default_value_t = HttpOptions::ANONYMOUS_COST,
        value_name = "COST"
    )]
    pub anonymous_cost_per_minute: u32,
}

impl HttpOptions {
    /// Requests at a time, unless set.
    pub const REQUESTS: u16 = 256;
    /// Connections at a time, unless set.
    pub const CONNECTIONS: u16 = 4096;
    /// Seconds that an answer may take, unless set.
    pub const LONGEST_ANSWER: u16 = 60;
    /// What an account may cost in a minute, unless set: a dashboard that asks for two thousand objects eight times a
    /// second, all day.
    pub const COST: u32 = 1_000_000;
    /// What a network may cost in a minute, unless set: four hundred people who sign in behind one address.
    pub const ANONYMOUS_COST: u32 = 200_000;

    fn settings(&self) -> Result<http::Settings, Vec<String>> {
        let mut mistakes = Vec::new();
        let mut origins = Vec::new();
        for origin in self.cors_origins.split(',').map(str::trim).filter(|origin| !origin.is_empty()) {
            match origin_of(origin) {
                Some(origin) => origins.push(origin),
                None => mistakes.push(format!(
                    "an origin (--cors-origins, KAFO_CORS_ORIGINS) must be like https://dashboard.example.org, not {origin:?}"
                )),
            }
        }
        for (number, name) in [
            (self.requests_at_once, "--requests-at-once, KAFO_REQUESTS_AT_ONCE"),
            (self.connections, "--connections, KAFO_CONNECTIONS"),
            (self.longest_answer, "--longest-answer, KAFO_LONGEST_ANSWER"),
        ] {
            if number == 0 {
                mistakes.push(format!("{name} must be at least 1"));
            }
        }
        let proxies = http::Proxies::parse(&self.trusted_proxies).unwrap_or_else(|network| {
            mistakes.push(format!(
                "a trusted proxy (--trusted-proxies, KAFO_TRUSTED_PROXIES) must be like 10.0.0.0/8 or 192.0.2.7, not {network:?}"
            ));
            http::Proxies::default()
        });
        let allowed = http::Allowed {
            signed_in: NonZeroU32::new(self.cost_per_minute),
            anonymous: NonZeroU32::new(self.anonymous_cost_per_minute),
        };
        let (at_once, connections) = (self.requests_at_once.into(), self.connections.into());
        let longest_answer = Duration::from_secs(self.longest_answer.into());
        let settings = http::Settings { origins, at_once, connections, longest_answer, proxies, allowed };
        if mistakes.is_empty() { Ok(settings) } else { Err(mistakes) }
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            cors_origins: String::new(),
            requests_at_once: Self::REQUESTS,
            connections: Self::CONNECTIONS,
            longest_answer: Self::LONGEST_ANSWER,
            trusted_proxies: String::new(),
            cost_per_minute: Self::COST,
            anonymous_cost_per_minute: Self::ANONYMOUS_COST,
        }
    }
}

/// Scheme, host and perhaps a port, as browsers send them.
fn origin_of(text: &str) -> Option<HeaderValue> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':' | '[' | ']');
    (!rest.is_empty() && rest.chars().all(plain)).then(|| HeaderValue::from_str(text).ok()).flatten()
}

/// Which database.
#[derive(Clone, clap::Args)]
pub struct DatabaseOption {
    /// `sqlite://path/to/file.db` or `postgres://user:password@host/database`.
    #[arg(
        long = "database",
        env = "KAFO_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://kafo.db",
        value_name = "URL"
    )]
    pub url: String,
}

impl std::fmt::Debug for DatabaseOption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseOption")
    }
}

impl DatabaseOption {
    /// What is wrong with it.
    #[must_use]
    pub fn mistake(&self) -> Option<String> {
        let known = ["sqlite:", "postgres://", "postgresql://"];
        let rest = self.url.split_once(':').map_or("", |(_, rest)| rest.trim_start_matches('/'));
        if !known.iter().any(|scheme| self.url.starts_with(scheme)) {
            return Some(
                "the database URL (--database, KAFO_DATABASE_URL) must start with sqlite:, postgres:// or postgresql://"
                    .to_owned(),
            );
        }
        if rest.is_empty() {
            return Some("the database URL (--database, KAFO_DATABASE_URL) names no database".to_owned());
        }
        None
    }
}

impl Options {
    fn manifest(&self) -> Result<Manifest, String> {
        let Some(file) = &self.manifest else {
            let wants = "--only-manifest, KAFO_ONLY_MANIFEST wants a manifest (--manifest, KAFO_MANIFEST)";
            return if self.only_manifest { Err(wants.to_owned()) } else { Ok(Manifest::default()) };
        };
        let wrong =
            |why: String| format!("the manifest (--manifest, KAFO_MANIFEST) {}: {why}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        Manifest::read(&text).map_err(wrong)
    }

    /// The configuration, or every mistake.
    ///
    /// # Errors
    /// A sentence for each mistake.
    pub fn read(&self) -> Result<Config, Vec<String>> {
        let mut mistakes: Vec<String> = self.database.mistake().into_iter().collect();
        let listen = self.listen.parse::<SocketAddr>();
        if listen.is_err() {
            mistakes.push(format!(
                "the address to listen on (--listen, KAFO_LISTEN) must be like 127.0.0.1:8080, not {:?}",
                self.listen
            ));
        }
        let openid = self.openid.settings(self.public_url.as_deref()).unwrap_or_else(|more| {
            mistakes.extend(more);
            Settings::default()
        });
        let manifest = self.manifest().map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        let http = self.http.settings().map_err(|more| mistakes.extend(more)).ok();
        match (listen, http) {
            (Ok(listen), Some(http)) if mistakes.is_empty() => Ok(Config {
                listen,
                database_url: self.database.url.clone().into(),
                database_connections: self.database_connections,
                limits: self.sign_in.into(),
                openid,
                http,
                manifest,
                only_manifest: self.only_manifest,
            }),
            _ => Err(mistakes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named() {
        let options = Options {
            listen: "nowhere".to_owned(),
            database: DatabaseOption { url: "mysql://secret@host/x".to_owned() },
            database_connections: Db::CONNECTIONS,
            sign_in: SignInOptions::default(),
            http: HttpOptions {
                cors_origins: "https://good.example, *, https://bad.example/".to_owned(),
                requests_at_once: 0,
                trusted_proxies: "10.0.0.0/8, the proxy".to_owned(),
                ..HttpOptions::default()
            },
            manifest: None,
            only_manifest: true,
            public_url: Some("kafo".to_owned()),
            openid: Environment::default(),
        };
        let mistakes = options.read().err().expect("mistakes");
        assert_eq!(mistakes.len(), 8);
        assert!(mistakes.iter().all(|m| !m.contains("secret")), "{mistakes:?}");
    }
}
