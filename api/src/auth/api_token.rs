//! Tokens of programs: `kafo_`, 43 random characters, and a checksum, so that a mistyped or altered one
//! is refused before anybody asks the database, and a leaked one is recognised by scanners.

use entity::enums::TokenScope;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What every API token starts with.
pub const PREFIX: &str = "kafo_";
/// 256 bits in base 62.
const RANDOM: usize = 43;
/// 32 bits in base 62.
const CHECKSUM: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new token: 256 bits that nobody guesses, and their checksum.
#[must_use]
pub fn new() -> String {
    // the version of a random UUID is no randomness: three of them hold more than the digest keeps
    let seeds: [Uuid; 3] = std::array::from_fn(|_| Uuid::new_v4());
    let random = Sha256::digest(seeds.map(Uuid::into_bytes).concat());
    let random = base62(random.into(), RANDOM);
    let checksum = checksum(&random);
    format!("{PREFIX}{random}{checksum}")
}

/// Whether it looks like an API token; says nothing about whether it holds.
#[must_use]
pub fn is_one(bearer: &str) -> bool {
    bearer.starts_with(PREFIX)
}

/// The token's digest, which is what the database knows; `None` if its checksum is wrong.
#[must_use]
pub fn check(token: &str) -> Option<String> {
    let body = token.strip_prefix(PREFIX)?;
    if body.len() != RANDOM + CHECKSUM || !body.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let (random, sum) = body.split_at(RANDOM);
    (checksum(random) == sum).then(|| super::token::digest(token))
}

/// CRC-32 in base 62, as others do it.
fn checksum(random: &str) -> String {
    let mut number = [0; 32];
    number[28..].copy_from_slice(&crc32fast::hash(random.as_bytes()).to_be_bytes());
    base62(number, CHECKSUM)
}

/// The last digits of a number of 256 bits.
fn base62(mut number: [u8; 32], digits: usize) -> String {
    let mut text = vec![b'0'; digits];
    for digit in text.iter_mut().rev() {
        let mut rest: usize = 0;
        for byte in &mut number {
            let value = rest * 256 + usize::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            rest = value % 62;
        }
        *digit = DIGITS[rest];
    }
    text.into_iter().map(char::from).collect()
}

/// The scopes of a token as they are stored: words between blanks. What is no such word counts for nothing.
pub fn named(words: &str) -> impl Iterator<Item = TokenScope> + '_ {
    use TokenScope::{Contacts, Directory, FollowUps, Meetings, Memberships, Read};
    let all = [Read, Contacts, Directory, Memberships, Meetings, FollowUps];
    all.into_iter().filter(move |scope| words.split(' ').any(|word| word == scope.word()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_is_recognised() {
        let token = new();
        assert_eq!(token.len(), PREFIX.len() + RANDOM + CHECKSUM);
        assert_eq!(check(&token), Some(super::super::token::digest(&token)));
        assert_ne!(new(), token);
    }

    #[test]
    fn digits_count_as_one_learns_at_school() {
        let mut number = [0; 32];
        number[30..].copy_from_slice(&[1, 0]);
        assert_eq!(base62(number, 3), "048", "256 is 4 times 62 and 8");
        assert_eq!(base62([0; 32], 6), "000000");
        assert_eq!(base62([255; 32], RANDOM).len(), RANDOM);
    }

    #[test]
    fn a_thousand_flipped_bits_are_all_seen() {
        let mut flipped = 0;
        while flipped < 1000 {
            let token = new();
            for bit in 0..token.len() * 8 {
                let mut bytes = token.clone().into_bytes();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let altered = String::from_utf8_lossy(&bytes).into_owned();
                assert_eq!(check(&altered), None, "{altered}");
                flipped += 1;
            }
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        let token = new();
        for bad in ["", "kafo_", "kafo_short", &token[..token.len() - 1], &format!("{token}0"), &token[5..]] {
            assert_eq!(check(bad), None, "{bad}");
        }
    }
}
