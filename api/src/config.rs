//! Configuration: one struct, documented defaults, every mistake named at once.

use std::net::SocketAddr;

/// What the server needs to know.
#[derive(Clone)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Which database. May hold a password: never printed whole.
    pub database_url: secrecy::SecretString,
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
        match listen {
            Ok(listen) if mistakes.is_empty() => {
                Ok(Config { listen, database_url: self.database.url.clone().into() })
            }
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
        };
        let mistakes = options.read().err().expect("mistakes");
        assert_eq!(mistakes.len(), 2);
        assert!(mistakes.iter().all(|m| !m.contains("secret")), "{mistakes:?}");
    }
}
