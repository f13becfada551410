//! How long a group stays open, and what counts as a reason.

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::{At, Error, Result, Rule, Why};
use crate::text;

/// How long a group stays open.
pub const LIFE: TimeDelta = TimeDelta::minutes(60);
/// The shortest reason, in characters.
const SHORTEST: usize = 10;

/// A reason that says something.
///
/// # Errors
/// `BLANK`, `TOO_LONG`, `TOO_SHORT` at `reason`.
pub fn reason(text: &str) -> Result<String> {
    let reason = text::required(text, text::LONGEST).at("reason")?;
    if reason.chars().count() < SHORTEST {
        return Err(Error::rule(Rule::TooShort)).at("reason");
    }
    Ok(reason)
}

/// Whether a group is open by it.
#[must_use]
pub fn is_open(expires: DateTime<Utc>, ended: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    ended.is_none() && expires > now
}

/// The refusal to close what is closed.
#[must_use]
pub fn closed() -> Error {
    Error::refused(Why::State { from: "CLOSED".to_owned(), allowed: vec!["breakGlassOpen"] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_more_than_a_word() {
        assert!(reason("urgent").is_err() && reason("          ").is_err());
        assert_eq!(reason(" plainte n° 12 ").ok().as_deref(), Some("plainte n° 12"));
    }

    #[test]
    fn it_is_open_for_an_hour_unless_closed() {
        let now = DateTime::UNIX_EPOCH;
        assert!(is_open(now + LIFE, None, now));
        assert!(!is_open(now + LIFE, None, now + LIFE));
        assert!(!is_open(now + LIFE, Some(now), now));
    }
}
