//! Passwords: argon2id, on a bounded pool so that sign-ins never starve reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
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
/// Memory of hashes that are done, for the next ones. Allocated for each anew, its 19 MiB would stay with whatever
/// arena of the allocator a thread has, and there are many of these.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());
/// How many of them are kept; on a machine with more cores the others come and go.
const MOST_KEPT: usize = 4;
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
    let argon = Argon2::default();
    let salt = Salt::generate();
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon.params()).ok()?,
        salt: Some(salt),
        hash: Some(output(&argon, password, &salt, Params::DEFAULT_OUTPUT_LEN)?),
    };
    Some(hash.to_string())
}

fn verify_now(password: &str, hash: &str) -> bool {
    let verify = || {
        let hash = PasswordHash::new(hash).ok()?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
        let argon = Argon2::new(algorithm, version, Params::try_from(&hash).ok()?);
        let (salt, expected) = (hash.salt?, hash.hash?);
        // the comparison of outputs takes the same time wherever they differ
        Some(output(&argon, password, &salt, expected.len())? == expected)
    };
    verify() == Some(true)
}

/// What argon2 makes of a password, in memory that an earlier hash has used.
fn output(argon: &Argon2<'_>, password: &str, salt: &[u8], length: usize) -> Option<Output> {
    HASHES.fetch_add(1, Ordering::Relaxed);
    let blocks = argon.params().block_count();
    let kept = || MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let mut memory = kept().pop().unwrap_or_default();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let mut buffer = [0; Output::MAX_LENGTH];
    let out = buffer.get_mut(..length)?;
    let done =
        argon.hash_password_into_with_memory(password.as_bytes(), salt, out, memory.get_mut(..blocks)?);
    let mut kept = kept();
    if kept.len() < MOST_KEPT {
        kept.push(memory);
    }
    done.ok()?;
    Output::new(out).ok()
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
    fn memory_that_was_used_before_changes_no_hash() {
        let small = Params::new(64, 1, 1, None).expect("parameters");
        let small = Argon2::new(Algorithm::Argon2id, Version::V0x13, small);
        let fresh = |argon: &Argon2<'_>| {
            let mut out = [0; 32];
            argon.hash_password_into(b"password", b"salt and pepper", &mut out).expect("a hash");
            out
        };
        for argon in [&small, &Argon2::default(), &small, &Argon2::default()] {
            let hash = output(argon, "password", b"salt and pepper", 32).expect("a hash");
            assert_eq!(hash.as_bytes(), fresh(argon));
        }
        assert!(MEMORY.lock().is_ok_and(|kept| (1..=MOST_KEPT).contains(&kept.len())));
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
