//! Tokens: short access tokens (JWT) that carry no rights, and opaque refresh tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Error, Result};

/// How long an access token holds.
pub const ACCESS_LIFE: TimeDelta = TimeDelta::minutes(10);
/// How long a sign-in lasts if it is refreshed.
pub const SESSION_LIFE: TimeDelta = TimeDelta::days(14);
/// Clocks may differ by this much.
const LEEWAY_SECONDS: u64 = 5;
const ISSUER: &str = "kafo";
const AUDIENCE: &str = "kafo-api";
const TYPE: &str = "at+jwt";

/// A key that signs access tokens.
#[derive(Clone)]
pub struct Key {
    /// Its id, the `kid` of the tokens.
    pub id: Uuid,
    /// 64 hexadecimal digits of randomness.
    pub secret: secrecy::SecretString,
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
}

/// Random text that nobody guesses: 244 bits from the operating system.
#[must_use]
pub fn random() -> String {
    let (a, b) = (Uuid::new_v4(), Uuid::new_v4());
    URL_SAFE_NO_PAD.encode([a.as_bytes().as_slice(), b.as_bytes().as_slice()].concat())
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
    use secrecy::ExposeSecret;
    let expires = now + ACCESS_LIFE;
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: account,
        sid: session,
        jti: Uuid::new_v4(),
        iat: now.timestamp(),
        exp: expires.timestamp(),
    };
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.id.to_string());
    let secret = EncodingKey::from_secret(key.secret.expose_secret().as_bytes());
    let token = encode(&header, &claims, &secret).map_err(|_| Error::Internal)?;
    Ok((token, expires))
}

/// Account and sign-in of an access token that holds.
///
/// # Errors
/// `UNAUTHENTICATED`, whatever is wrong with it.
pub fn verify(keys: &[Key], token: &str) -> Result<(Uuid, Uuid)> {
    use secrecy::ExposeSecret;
    let refuse = |_| Error::Unauthenticated;
    let header = decode_header(token).map_err(refuse)?;
    let kid = header.kid.as_deref().and_then(|kid| Uuid::try_parse(kid).ok());
    let key = keys.iter().find(|k| Some(k.id) == kid).ok_or(Error::Unauthenticated)?;
    if header.alg != Algorithm::HS256 || header.typ.as_deref() != Some(TYPE) {
        return Err(Error::Unauthenticated);
    }
    // Without all of this jsonwebtoken takes tokens that lack claims, and ones that have expired.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = LEEWAY_SECONDS;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let secret = DecodingKey::from_secret(key.secret.expose_secret().as_bytes());
    let claims = decode::<Claims>(token, &secret, &validation).map_err(refuse)?.claims;
    Ok((claims.sub, claims.sid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key { id: Uuid::new_v4(), secret: random().into() }
    }

    #[test]
    fn a_token_comes_back_to_who_got_it() {
        let (key, account, session) = (key(), Uuid::new_v4(), Uuid::new_v4());
        let (token, _) = issue(&key, account, session, crate::clock::now()).expect("issue");
        assert_eq!(verify(&[self::key(), key], &token).expect("verify"), (account, session));
    }

    #[test]
    fn foreign_expired_and_altered_tokens_are_refused() {
        let (key, account, session) = (key(), Uuid::new_v4(), Uuid::new_v4());
        let now = crate::clock::now();
        let (token, _) = issue(&key, account, session, now).expect("issue");
        let (expired, _) = issue(&key, account, session, now - TimeDelta::seconds(606)).expect("issue");
        let parts: Vec<&str> = token.split('.').collect();
        let unsigned = format!("{}.{}.", parts[0], parts[1]);
        for bad in ["", "x", "a.b.c", expired.as_str(), unsigned.as_str()] {
            assert!(verify(std::slice::from_ref(&key), bad).is_err());
        }
        assert!(verify(&[self::key()], &token).is_err(), "a key that is not ours");
        let other = Key { id: key.id, secret: random().into() };
        assert!(verify(&[other], &token).is_err(), "our id, another secret");
    }

    #[test]
    fn a_token_of_another_type_is_refused() {
        use secrecy::ExposeSecret;
        let key = key();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: Uuid::new_v4(),
            sid: Uuid::new_v4(),
            jti: Uuid::new_v4(),
            iat: 0,
            exp: crate::clock::now().timestamp() + 60,
        };
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key.id.to_string());
        let token =
            encode(&header, &claims, &EncodingKey::from_secret(key.secret.expose_secret().as_bytes()));
        assert!(verify(&[key], &token.expect("encode")).is_err());
    }
}
