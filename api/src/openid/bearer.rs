//! Access tokens of an issuer: verified by its keys, strictly.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use super::{OpenId, rules};
use crate::error::{Error, Result};

/// What signs tokens that are taken: asymmetric only, so that no public key can pass for a secret.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// Clocks may differ by this much.
const LEEWAY_SECONDS: u64 = 5;
/// Longer tokens are refused before they are read, in bytes.
const LONGEST: usize = 16 * 1024;
/// The longest subject, in bytes (OpenID Connect Core 2).
const LONGEST_SUBJECT: usize = 255;
/// The smallest modulus of an RSA key, in bytes.
const SMALLEST_RSA: usize = 256;

#[derive(Deserialize)]
struct Claimed {
    iss: String,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    iat: f64,
    exp: f64,
}

impl OpenId {
    /// Whether a token claims to come from one of the issuers. Nothing is believed yet.
    #[must_use]
    pub fn is_for(&self, token: &str) -> bool {
        self.claimed(token).is_some()
    }

    fn claimed(&self, token: &str) -> Option<String> {
        if self.issuers.is_empty() || token.len() > LONGEST {
            return None;
        }
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let Claimed { iss } = serde_json::from_slice(&payload).ok()?;
        self.named(&iss).map(|_| iss)
    }

    /// Issuer and subject of an access token that holds.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, whatever is wrong with it.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<(String, String)> {
        let refuse = || Error::Unauthenticated;
        let url = self.claimed(token).ok_or_else(refuse)?;
        let issuer = self.named(&url).ok_or_else(refuse)?;
        let audience = issuer.settings.audience.as_deref().ok_or_else(refuse)?;
        let header = decode_header(token).map_err(|_| Error::Unauthenticated)?;
        let sound = ALGORITHMS.contains(&header.alg)
            && header.crit.is_none()
            && rules::is_token_type(header.typ.as_deref());
        let kid = header.kid.filter(|kid| sound && !kid.is_empty()).ok_or_else(refuse)?;
        let known = issuer.known(Some(&kid), now).await.ok_or_else(refuse)?;
        let fits = |k: &&Jwk| k.common.key_id.as_deref() == Some(&kid) && may_sign(k, header.alg);
        let key = known.keys.iter().find(fits).ok_or_else(refuse)?;
        let key = DecodingKey::from_jwk(key).map_err(|_| Error::Unauthenticated)?;
        // Without all of this jsonwebtoken takes tokens that lack claims, and ones that have expired.
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[&issuer.settings.url]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims = decode::<Claims>(token, &key, &validation).map_err(|_| Error::Unauthenticated)?.claims;
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
        let latest = now.timestamp() as f64 + LEEWAY_SECONDS as f64;
        let in_order = claims.iat <= latest && claims.iat <= claims.exp;
        if !in_order || claims.sub.is_empty() || claims.sub.len() > LONGEST_SUBJECT {
            return Err(Error::Unauthenticated);
        }
        Ok((url, claims.sub))
    }
}

/// Whether a key of the issuer is meant to sign by this algorithm.
fn may_sign(key: &Jwk, algorithm: Algorithm) -> bool {
    let common = &key.common;
    let for_signing = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature))
        && common.key_operations.as_ref().is_none_or(|ops| ops.contains(&KeyOperations::Verify));
    let for_this = common.key_algorithm.is_none_or(|named| named == KeyAlgorithm::from(algorithm));
    let big_enough = match &key.algorithm {
        AlgorithmParameters::RSA(rsa) => {
            URL_SAFE_NO_PAD.decode(&rsa.n).is_ok_and(|n| n.len() >= SMALLEST_RSA)
        }
        AlgorithmParameters::EllipticCurve(_) | AlgorithmParameters::OctetKeyPair(_) => true,
        _ => false,
    };
    for_signing && for_this && big_enough
}
