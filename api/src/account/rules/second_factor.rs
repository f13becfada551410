//! The second factor: six digits from a shared secret and the time (RFC 6238), and codes for when the
//! device that shows them is lost.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// How long a code is shown.
const STEP_SECONDS: i64 = 30;
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;

/// A secret of 160 random bits (RFC 4226, R6), in base32 as authenticators take it.
#[must_use]
pub fn secret(random: [u8; 20]) -> String {
    BASE32_NOPAD.encode(&random)
}

/// The address from which authenticators take the secret, as a QR code.
#[must_use]
pub fn uri(email: &str, secret: &str) -> String {
    let label: String = email
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'@' => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("otpauth://totp/Kafo:{label}?secret={secret}&issuer=Kafo&algorithm=SHA1&digits=6&period=30")
}

/// The time step of an instant (seconds since 1970).
#[must_use]
pub fn step_at(unix: i64) -> i32 {
    i32::try_from(unix.div_euclid(STEP_SECONDS)).unwrap_or(i32::MAX)
}

/// The code of a time step.
#[must_use]
pub fn code_at(secret: &str, step: i32) -> Option<String> {
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).ok()?;
    mac.update(&i64::from(step).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash.last()? & 15);
    let word = <[u8; 4]>::try_from(hash.get(offset..offset + 4)?).ok()?;
    Some(format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000))
}

/// The step whose code this is: the one of now, the one before or the one after. Later than `last`, the
/// step that was accepted last: no code holds twice.
#[must_use]
pub fn matching_step(secret: &str, code: &str, unix: i64, last: Option<i32>) -> Option<i32> {
    let now = step_at(unix);
    // every candidate is computed and compared whole: the time says nothing of where they differ
    let fits = |step: &i32| code_at(secret, *step).is_some_and(|wanted| same(&wanted, code));
    let found: Vec<i32> = (now - 1..=now + 1).filter(fits).collect();
    found.into_iter().find(|step| last.is_none_or(|last| *step > last))
}

fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

/// What was typed for a code: without the blanks and hyphens that make it readable.
#[must_use]
pub fn typed(code: &str) -> String {
    let plain = code.chars().filter(|c| !c.is_whitespace() && *c != '-');
    plain.flat_map(char::to_lowercase).take(64).collect()
}

/// Whether it is a code of an authenticator, not a recovery code.
#[must_use]
pub fn is_digits(typed: &str) -> bool {
    typed.len() == 6 && typed.bytes().all(|b| b.is_ascii_digit())
}

/// A recovery code of 120 random bits: `abcd-efgh-…`. So many that its plain digest may be stored.
#[must_use]
pub fn recovery_code(random: [u8; 15]) -> String {
    let text = BASE32_NOPAD.encode(&random).to_lowercase();
    let groups: Vec<&str> = (0..6).filter_map(|n| text.get(n * 4..n * 4 + 4)).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1; the last six of its eight digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = BASE32_NOPAD.encode(b"12345678901234567890");
        for (unix, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(&secret, step_at(unix)).as_deref(), Some(code));
        }
    }

    #[test]
    fn a_code_holds_one_step_to_either_side_and_once() {
        let secret = super::secret([7; 20]);
        let code = code_at(&secret, 1000).expect("a code");
        assert_eq!(matching_step(&secret, &code, 30_000, None), Some(1000));
        assert_eq!(matching_step(&secret, &code, 29_975, None), Some(1000));
        assert_eq!(matching_step(&secret, &code, 30_059, None), Some(1000));
        assert_eq!(matching_step(&secret, &code, 30_061, None), None);
        assert_eq!(matching_step(&secret, &code, 30_000, Some(1000)), None);
        assert_eq!(matching_step(&secret, "", 30_000, None), None);
    }

    #[test]
    fn recovery_codes_are_typed_as_one_likes() {
        let code = recovery_code([9; 15]);
        assert_eq!((code.len(), code.matches('-').count()), (29, 5));
        assert_eq!(typed(&code.to_uppercase().replace('-', " ")), typed(&code));
        assert!(!is_digits(&typed(&code)) && is_digits(&typed("123 456")));
    }

    #[test]
    fn the_address_carries_no_other_parameter() {
        assert!(
            uri("a&secret=x@kafo.example", "S")
                .starts_with("otpauth://totp/Kafo:a%26secret%3Dx@kafo.example?")
        );
    }
}
