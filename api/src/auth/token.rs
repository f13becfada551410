//! Tokens: short access tokens (JWT) that carry no rights, and opaque refresh tokens.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Error, Result};

/// How long an access token holds.
pub const ACCESS_LIFE: TimeDelta = TimeDelta::minutes(10);
/// How long a sign-in lasts without a refresh.
pub const SESSION_IDLE: TimeDelta = TimeDelta::days(14);
/// How long a sign-in lasts at most, however often it is refreshed.
pub const SESSION_LIFE: TimeDelta = TimeDelta::days(90);
/// How long a former signing key still verifies: until the last token that it signed has expired, in
/// a process that learned of the next key half a minute late.
pub const FORMER_KEY_LIFE: TimeDelta = TimeDelta::minutes(11);
/// Clocks may differ by this much.
const LEEWAY_SECONDS: i64 = 5;
/// Ours have less than half as many bytes; longer ones are refused before they are decoded.
const LONGEST: usize = 1024;
/// Key ids that nobody knows are looked up in the database at most this often.
const LOOK_UP_EVERY_MS: i64 = 1000;
const ISSUER: &str = "kafo";
const AUDIENCE: &str = "kafo-api";
const TYPE: &str = "at+jwt";
const ALGORITHM: &str = "HS256";

/// A key that signs access tokens.
#[derive(Clone)]
pub struct Key {
    /// Its id, the `kid` of the tokens.
    pub id: Uuid,
    /// Text of 488 random bits.
    pub secret: secrecy::SecretString,
    /// From when it verifies no more. A key that has such a time signs no more.
    pub retired_at: Option<DateTime<Utc>>,
}

/// The signing keys of this process, the newest first. Other processes may rotate them: they are read
/// anew every half minute, and at once when a token names a key that is not known here.
#[derive(Default)]
pub struct Keys {
    keys: RwLock<Vec<Key>>,
    looked_up: AtomicI64,
}

impl Keys {
    /// These keys, the newest first.
    #[must_use]
    pub fn new(keys: Vec<Key>) -> Self {
        Self { keys: RwLock::new(keys), looked_up: AtomicI64::new(0) }
    }

    /// Takes these instead.
    pub fn replace(&self, keys: Vec<Key>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// The key that signs.
    ///
    /// # Errors
    /// `Internal`: there is none.
    pub fn signing(&self) -> Result<Key> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|k| k.retired_at.is_none()).cloned().ok_or(Error::Internal)
    }

    /// The key with this id, known here, alive or not.
    fn find(&self, id: Uuid) -> Option<Key> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).iter().find(|k| k.id == id).cloned()
    }

    /// Whether a token names a key that is not known here, and it is time to look whether there is one.
    #[must_use]
    pub fn should_look_up(&self, token: &str, now: DateTime<Utc>) -> bool {
        let Some((_, key)) = header(token) else { return false };
        let (last, now) = (self.looked_up.load(Ordering::Relaxed), now.timestamp_millis());
        self.find(key).is_none()
            && now - last >= LOOK_UP_EVERY_MS
            && self.looked_up.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// The header that ours have, and no other field: no `crit`, `jku`, `jwk`, `x5u`, `zip` …
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnHeader {
    alg: String,
    typ: String,
    kid: String,
}

/// What an access token says: who and which sign-in. Rights are read per request.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
}

/// Random text that nobody guesses: 244 bits from the operating system.
#[must_use]
pub fn random() -> String {
    let (a, b) = (Uuid::new_v4(), Uuid::new_v4());
    URL_SAFE_NO_PAD.encode([a.as_bytes().as_slice(), b.as_bytes().as_slice()].concat())
}

/// Random bytes, at most 32.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    const { assert!(N <= 32, "a digest has no more") };
    let digest = Sha256::digest(random().as_bytes());
    std::array::from_fn(|n| digest[n])
}

/// SHA-256 in hexadecimal: what is stored of a token.
#[must_use]
pub fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// An access token for a sign-in, and until when it holds.
///
/// # Errors
/// `Internal`.
pub fn issue(key: &Key, account: Uuid, session: Uuid, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>)> {
    let expires = now + ACCESS_LIFE;
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: account,
        sid: session,
        jti: Uuid::new_v4(),
        iat: now.timestamp(),
        exp: expires.timestamp(),
        nbf: None,
    };
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.id.to_string());
    let secret = EncodingKey::from_secret(key.secret.expose_secret().as_bytes());
    let token = encode(&header, &claims, &secret).map_err(|_| Error::Internal)?;
    Ok((token, expires))
}

/// The header of a token, if it is one of ours, and the key that it names. Nothing is verified yet.
fn header(token: &str) -> Option<(OwnHeader, Uuid)> {
    let parts: Vec<&str> = token.split('.').collect();
    if token.len() > LONGEST || parts.len() != 3 || parts.iter().any(|p| p.is_empty()) {
        return None;
    }
    let json = URL_SAFE_NO_PAD.decode(parts[0]).ok()?;
    let header: OwnHeader = serde_json::from_slice(&json).ok()?;
    let key = Uuid::try_parse(&header.kid).ok()?;
    // one spelling of a key's id, the one that we write
    let ours = header.alg == ALGORITHM && header.typ == TYPE && key.to_string() == header.kid;
    ours.then_some((header, key))
}

/// Account and sign-in of an access token that holds.
///
/// # Errors
/// `UNAUTHENTICATED`, whatever is wrong with it.
pub fn verify(keys: &Keys, token: &str, now: DateTime<Utc>) -> Result<(Uuid, Uuid)> {
    let (_, id) = header(token).ok_or(Error::Unauthenticated)?;
    let key = keys.find(id).filter(|k| k.retired_at.is_none_or(|end| now < end));
    let key = key.ok_or(Error::Unauthenticated)?;
    // Without all of this jsonwebtoken takes tokens that lack claims.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // times are compared below, with our clock and our leeway
    validation.validate_exp = false;
    let secret = DecodingKey::from_secret(key.secret.expose_secret().as_bytes());
    let claims = decode::<Claims>(token, &secret, &validation).map_err(|_| Error::Unauthenticated)?.claims;
    if claims.aud == AUDIENCE && claims.holds(now.timestamp()) {
        Ok((claims.sub, claims.sid))
    } else {
        Err(Error::Unauthenticated)
    }
}

impl Claims {
    fn holds(&self, now: i64) -> bool {
        let begun = self.iat.max(self.nbf.unwrap_or(self.iat));
        let life = self.exp.checked_sub(self.iat);
        begun <= now + LEEWAY_SECONDS
            && self.exp > now - LEEWAY_SECONDS
            && life.is_some_and(|life| life > 0 && life <= ACCESS_LIFE.num_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key { id: Uuid::new_v4(), secret: random().into(), retired_at: None }
    }

    #[test]
    fn a_token_comes_back_to_who_got_it() {
        let (key, account, session) = (key(), Uuid::new_v4(), Uuid::new_v4());
        let now = crate::clock::now();
        let (token, _) = issue(&key, account, session, now).expect("issue");
        let keys = Keys::new(vec![self::key(), key]);
        assert_eq!(verify(&keys, &token, now).expect("verify"), (account, session));
    }

    #[test]
    fn a_token_holds_from_five_seconds_before_to_five_seconds_after() {
        let key = key();
        let now = crate::clock::now();
        let (token, _) = issue(&key, Uuid::new_v4(), Uuid::new_v4(), now).expect("issue");
        let keys = Keys::new(vec![key]);
        for (after, holds) in [(-7, false), (-4, true), (0, true), (603, true), (606, false)] {
            let then = now + TimeDelta::seconds(after);
            assert_eq!(verify(&keys, &token, then).is_ok(), holds, "{after}");
        }
    }

    #[test]
    fn foreign_and_altered_tokens_are_refused() {
        let key = key();
        let now = crate::clock::now();
        let (token, _) = issue(&key, Uuid::new_v4(), Uuid::new_v4(), now).expect("issue");
        let parts: Vec<&str> = token.split('.').collect();
        let unsigned = format!("{}.{}.", parts[0], parts[1]);
        let keys = Keys::new(vec![key.clone()]);
        for bad in ["", "x", "a.b.c", unsigned.as_str()] {
            assert!(verify(&keys, bad, now).is_err());
        }
        assert!(verify(&Keys::new(vec![self::key()]), &token, now).is_err(), "a key that is not ours");
        let other = Key { secret: random().into(), ..key };
        assert!(verify(&Keys::new(vec![other]), &token, now).is_err(), "our id, another secret");
    }

    #[test]
    fn a_former_key_verifies_until_it_is_retired_and_signs_no_more() {
        let now = crate::clock::now();
        let (token, _) = issue(&key(), Uuid::new_v4(), Uuid::new_v4(), now).expect("issue");
        assert!(verify(&Keys::default(), &token, now).is_err());
        let former = Key { retired_at: Some(now + TimeDelta::minutes(1)), ..key() };
        let (token, _) = issue(&former, Uuid::new_v4(), Uuid::new_v4(), now).expect("issue");
        let keys = Keys::new(vec![former]);
        assert!(verify(&keys, &token, now).is_ok());
        assert!(verify(&keys, &token, now + TimeDelta::minutes(1)).is_err());
        assert!(keys.signing().is_err());
    }

    #[test]
    fn unknown_keys_are_looked_up_once_a_second() {
        let (known, now) = (key(), crate::clock::now());
        let (token, _) = issue(&known, Uuid::new_v4(), Uuid::new_v4(), now).expect("issue");
        let keys = Keys::new(vec![key()]);
        assert!(keys.should_look_up(&token, now));
        assert!(!keys.should_look_up(&token, now), "too soon");
        assert!(keys.should_look_up(&token, now + TimeDelta::seconds(1)));
        assert!(!keys.should_look_up("x.y.z", now + TimeDelta::seconds(9)), "no token of ours");
        keys.replace(vec![known]);
        assert!(!keys.should_look_up(&token, now + TimeDelta::seconds(9)), "known now");
    }
}
