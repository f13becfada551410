//! Passwords: argon2id, on a bounded pool so that sign-ins never starve reads.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::error::{Error, Result, Rule};

/// The shortest password (NIST SP 800-63B-4: 15 characters where it is the only factor).
const SHORTEST: usize = 15;
/// Longer ones are refused before they are hashed.
const LONGEST: usize = 1024;

/// As many hashes at a time as there are cores: each takes 19 MiB and some 30 ms of one core.
static HASHERS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get)))
});

/// The hash of no password: compared with when an account is unknown, so that the answer takes as
/// long as for a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

fn hash_now(password: &str) -> Option<String> {
    let hash: Result<argon2::password_hash::phc::PasswordHash, _> =
        Argon2::default().hash_password(password.as_bytes());
    hash.ok().map(|h| h.to_string())
}

/// Refuses passwords that are easy to guess.
///
/// # Errors
/// `WEAK_PASSWORD`.
pub fn check(password: &str) -> Result<()> {
    let characters = password.chars().count();
    let distinct: std::collections::BTreeSet<char> = password.chars().collect();
    if characters < SHORTEST || password.len() > LONGEST || distinct.len() < 5 {
        return Err(Error::rule(Rule::WeakPassword));
    }
    Ok(())
}

async fn on_the_pool<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let turn = HASHERS.clone().acquire_owned().await.map_err(|_| Error::Internal)?;
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    })
    .await
    .map_err(|_| Error::Internal)
}

/// The argon2id hash of a password, as a PHC string.
///
/// # Errors
/// `Internal`.
pub async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    on_the_pool(move || hash_now(&password)).await?.ok_or(Error::Internal)
}

/// Whether the password is the one of this hash; of no hash: never, in the same time.
///
/// # Errors
/// `Internal`.
pub async fn verify(password: &str, hash: Option<String>) -> Result<bool> {
    let password = password.to_owned();
    on_the_pool(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let Ok(parsed) = PasswordHash::new(&hash) else { return false };
        let fits = password.len() <= LONGEST
            && Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
        known && fits
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let hash = hash("correct horse battery staple").await.expect("hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse battery staple", Some(hash.clone())).await.expect("verify"));
        assert!(!verify("correct horse battery stable", Some(hash)).await.expect("verify"));
        assert!(!verify("nobody has this password", None).await.expect("verify"));
    }

    #[test]
    fn easy_passwords_are_refused() {
        for bad in ["", "short", "aaaaaaaaaaaaaaaaaaaaaaa", "abababababababababab"] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert!(check("trois pirogues sur le Bani").is_ok());
    }
}
