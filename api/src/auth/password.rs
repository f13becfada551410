//! Passwords: argon2id, on a bounded pool so that sign-ins never starve reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result, Rule, Why};
use crate::text::fold;

/// The shortest password (NIST SP 800-63B-4: 15 characters where it is the only factor).
const SHORTEST: usize = 15;
/// Longer ones are refused before they are hashed.
const LONGEST: usize = 1024;
/// What zxcvbn calls "safely unguessable": more than a hundred million guesses.
const STRONG: u8 = 3;
/// As many may wait for their turn; more are sent away at once.
const QUEUE: usize = 64;
/// When those may come again.
const QUEUE_SECONDS: u32 = 2;

/// What people here begin with; zxcvbn brings the common passwords, words and names of English, the
/// rows of keyboards, dates, repetitions and sequences.
const COMMON: &[&str] = &[
    "kafo",
    "motdepasse",
    "azerty",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "bonjour",
    "bonjourtoutlemonde",
    "soleil",
    "jetaime",
    "chocolat",
    "bienvenue",
    "administrateur",
    "secret",
    "coordination",
    "cluster",
    "humanitaire",
    "ocha",
    "bamako",
    "mali",
    "afrique",
    "liberte",
    "nicolas",
    "doudou",
    "loulou",
    "marseille",
];

/// As many hashes at a time as there are cores: each takes 19 MiB and some 30 ms of one core.
static HASHERS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(cores())));
/// Those who are hashing and those who wait.
static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(cores() + QUEUE)));
/// How many hashes this process has computed.
static HASHES: AtomicU64 = AtomicU64::new(0);

/// The hash of no password: compared with when an account is unknown, so that the answer takes as
/// long as for a wrong password. A test keeps its parameters equal to those of new hashes.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$a2Fmby1ub2JvZHktMDAwMQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// How many hashes this process has computed: equal work for unknown and known accounts can be counted.
#[must_use]
pub fn hashes() -> u64 {
    HASHES.load(Ordering::Relaxed)
}

fn hash_now(password: &str) -> Option<String> {
    HASHES.fetch_add(1, Ordering::Relaxed);
    let hash: Result<PasswordHash, _> = Argon2::default().hash_password(password.as_bytes());
    hash.ok().map(|h| h.to_string())
}

fn verify_now(password: &str, hash: &str) -> bool {
    HASHES.fetch_add(1, Ordering::Relaxed);
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
}

/// Letters that look alike are one: the same password from every keyboard (NFC).
fn normal(password: &str) -> String {
    password.nfc().collect()
}

/// A place in the queue before the hashers.
#[derive(Debug)]
pub struct Turn {
    _place: OwnedSemaphorePermit,
}

/// Takes a place in the queue.
///
/// # Errors
/// `THROTTLED`: it is full. Whoever comes is sent away at once rather than kept waiting.
pub fn queue() -> Result<Turn> {
    let place = PLACES.clone().try_acquire_owned();
    place
        .map(|place| Turn { _place: place })
        .map_err(|_| Error::refused(Why::Throttled { seconds: QUEUE_SECONDS }))
}

/// Refuses passwords that are easy to guess (NIST SP 800-63B-4): short ones, and those that zxcvbn
/// guesses in less than a hundred million tries from its lists, [`COMMON`], and `context`: the words
/// that everybody knows about the account. No rules of composition.
///
/// # Errors
/// `WEAK_PASSWORD`.
pub fn check(password: &str, context: &[&str]) -> Result<()> {
    let password = normal(password);
    let distinct: std::collections::BTreeSet<char> = password.chars().collect();
    let weak = password.chars().count() < SHORTEST
        || password.len() > LONGEST
        || distinct.len() < 5
        || is_guessable(&password, context);
    if weak { Err(Error::rule(Rule::WeakPassword)) } else { Ok(()) }
}

fn is_guessable(password: &str, context: &[&str]) -> bool {
    let context: Vec<String> = context.iter().flat_map(|text| words(text)).collect();
    let known: Vec<&str> = COMMON.iter().copied().chain(context.iter().map(String::as_str)).collect();
    // "mot de passe" is "motdepasse"
    let squeezed: String = fold(password).chars().filter(|c| c.is_alphanumeric()).collect();
    let weak = |text: &str| u8::from(zxcvbn::zxcvbn(text, &known).score()) < STRONG;
    // of a password that is mostly punctuation the letters alone say nothing
    let mostly_words = squeezed.chars().count() * 4 >= password.chars().count() * 3;
    weak(password) || (mostly_words && weak(&squeezed))
}

/// An address or a name, whole and in parts.
fn words(text: &str) -> Vec<String> {
    let text = fold(text);
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() > 2);
    let squeezed: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    parts.map(str::to_owned).chain([squeezed, text.clone()]).filter(|w| !w.is_empty()).collect()
}

async fn on_the_pool<T: Send + 'static>(turn: Turn, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let hasher = HASHERS.clone().acquire_owned().await.map_err(|_| Error::Internal)?;
    tokio::task::spawn_blocking(move || {
        let _held = (turn, hasher);
        work()
    })
    .await
    .map_err(|_| Error::Internal)
}

/// The argon2id hash of a password, as a PHC string.
///
/// # Errors
/// `THROTTLED` if too many wait, `Internal`.
pub async fn hash(password: &str) -> Result<String> {
    let password = normal(password);
    on_the_pool(queue()?, move || hash_now(&password)).await?.ok_or(Error::Internal)
}

/// Whether the password is the one of this hash; of no hash: never, in the same time.
///
/// # Errors
/// `Internal`.
pub async fn verify(turn: Turn, password: &str, hash: Option<String>) -> Result<bool> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    let given = password.to_owned();
    on_the_pool(turn, move || {
        let normal = normal(&given);
        let (known, hash) = (hash.is_some(), hash.as_deref().unwrap_or(NOBODY));
        // hashes of before passwords were normalised
        let fits = verify_now(&normal, hash) || (normal != given && verify_now(&given, hash));
        known && fits
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fits(password: &str, hash: Option<String>) -> bool {
        verify(queue().expect("a place"), password, hash).await.expect("verify")
    }

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let hash = hash("correct horse battery staple").await.expect("hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(fits("correct horse battery staple", Some(hash.clone())).await);
        assert!(!fits("correct horse battery stable", Some(hash)).await);
        assert!(!fits("nobody has this password", None).await);
    }

    #[tokio::test]
    async fn composed_and_decomposed_letters_are_the_same() {
        let hash = super::hash("Trois e\u{301}te\u{301}s a\u{300} Se\u{301}gou").await.expect("hash");
        assert!(fits("Trois \u{e9}t\u{e9}s \u{e0} S\u{e9}gou", Some(hash)).await);
        let old = hash_now("Trois e\u{301}te\u{301}s").expect("hash");
        assert!(fits("Trois e\u{301}te\u{301}s", Some(old)).await, "a hash of before");
    }

    #[test]
    fn nobody_is_as_much_work_as_somebody() {
        let head = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        assert_eq!(head(NOBODY), head(&hash_now("x").expect("hash")));
        let lengths = |hash: &str| hash.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!(lengths(NOBODY), lengths(&hash_now("x").expect("hash")));
        assert!(PasswordHash::new(NOBODY).is_ok());
    }

    #[test]
    fn easy_passwords_are_refused() {
        let context = ["aissata.exemple@kafo.example", "Aissata Exemple"];
        for bad in [
            "",
            "short",
            "aaaaaaaaaaaaaaaaaaaaaaa",
            "abababababababababab",
            "passwordpassword",
            "mot de passe mot de passe",
            "azertyuiopqsdfghjklm",
            "qwertyuiopasdfghjkl",
            "abcdefghijklmnopqrst",
            "12345678901234567890",
            "aissata.exemple@kafo.example",
            "Aissata Exemple 2026",
            "kafo kafo kafo 2026",
            "iloveyouiloveyou",
        ] {
            assert!(check(bad, &context).is_err(), "{bad}");
        }
        for good in [
            "trois pirogues sur le Bani",
            "les poules de Fatou traversent",
            "}%?$#&*(+!=:@<^",
            "ߒߞߏ ߞߊ߲ ߛߓߍߛߎ߲ ߠߎ߬",
        ] {
            assert!(check(good, &context).is_ok(), "{good}");
        }
        assert!(check(&"piroguier du fleuve ".repeat(60), &context).is_err(), "over the limit");
    }
}
