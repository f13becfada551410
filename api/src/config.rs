//! Configuration: one struct, documented defaults, every mistake named at once.

use std::net::SocketAddr;

use crate::account::Limits;
use crate::openid::settings::{Environment, Settings};

/// What the server needs to know.
#[derive(Clone)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Which database. May hold a password: never printed whole.
    pub database_url: secrecy::SecretString,
    /// How often a sign-in may fail.
    pub limits: Limits,
    /// Which issuers of OpenID Connect are trusted.
    pub openid: Settings,
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
    #[command(flatten)]
    /// How often a sign-in may fail.
    pub sign_in: SignInOptions,
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
        match listen {
            Ok(listen) if mistakes.is_empty() => Ok(Config {
                listen,
                database_url: self.database.url.clone().into(),
                limits: self.sign_in.into(),
                openid,
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
            sign_in: SignInOptions::default(),
            public_url: Some("kafo".to_owned()),
            openid: Environment::default(),
        };
        let mistakes = options.read().err().expect("mistakes");
        assert_eq!(mistakes.len(), 3);
        assert!(mistakes.iter().all(|m| !m.contains("secret")), "{mistakes:?}");
    }
}
