//! When keys are fetched, what a token's header may say, where a browser may go afterwards.

use chrono::TimeDelta;

/// Keys are taken as fresh for at least this long, whatever the issuer says.
const SHORTEST: TimeDelta = TimeDelta::minutes(5);
/// And at most this long.
const LONGEST: TimeDelta = TimeDelta::hours(24);
/// If it says nothing.
const USUAL: TimeDelta = TimeDelta::hours(1);
/// Keys that are no longer fresh hold this much longer if the issuer does not answer.
const STALE: TimeDelta = TimeDelta::hours(24);
/// What makes us ask again without need does so once in this time: a key id that nobody knows, an issuer
/// that did not answer.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// Where a browser may be sent afterwards, in bytes.
const LONGEST_PATH: usize = 1000;

/// What is known of an issuer's keys.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    /// How old they are; `None` if there are none yet.
    pub age: Option<TimeDelta>,
    /// How long they are fresh.
    pub fresh_for: TimeDelta,
    /// Whether the key that is wanted is among them.
    pub has_key: bool,
    /// How long ago they were fetched for the sake of a key that was not among them.
    pub since_unknown: Option<TimeDelta>,
    /// How long ago the issuer did not answer.
    pub since_failure: Option<TimeDelta>,
}

/// What to do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// They do.
    Use,
    /// Ask the issuer.
    Fetch,
    /// They do not, and the issuer is not asked now.
    Refuse,
}

impl Keys {
    /// Whether the wanted key is there and not too old.
    #[must_use]
    pub fn hold(&self) -> bool {
        self.has_key && self.age.is_some_and(|age| age <= self.fresh_for + STALE)
    }

    /// What to do.
    #[must_use]
    pub fn step(&self) -> Step {
        let recently = |since: Option<TimeDelta>| since.is_some_and(|s| s < PAUSE);
        let is_fresh = self.age.is_some_and(|age| age <= self.fresh_for);
        match (self.hold(), is_fresh) {
            (true, true) => Step::Use,
            (true, false) if recently(self.since_failure) => Step::Use,
            (false, _) if recently(self.since_failure) => Step::Refuse,
            (false, true) if recently(self.since_unknown) => Step::Refuse,
            _ => Step::Fetch,
        }
    }
}

/// How long what came with this `Cache-Control` is fresh.
#[must_use]
pub fn fresh_for(cache_control: Option<&str>) -> TimeDelta {
    let header = cache_control.unwrap_or_default().to_ascii_lowercase();
    let mut directives = header.split(',').map(str::trim);
    if directives.clone().any(|d| d == "no-store" || d == "no-cache") {
        return SHORTEST;
    }
    let age = directives.find_map(|d| d.strip_prefix("max-age=")?.trim_matches('"').parse::<i64>().ok());
    let age = age.map(|seconds| seconds.clamp(0, LONGEST.num_seconds()));
    age.map_or(USUAL, |seconds| TimeDelta::seconds(seconds).max(SHORTEST))
}

/// Whether the `typ` of a token says that it is one that we mean.
#[must_use]
pub fn is_token_type(typ: Option<&str>) -> bool {
    let known = ["jwt", "at+jwt", "application/at+jwt"];
    typ.is_none_or(|typ| known.contains(&typ.to_ascii_lowercase().as_str()))
}

/// The path on this host to which a browser may be sent afterwards, if it is one. Browsers take `//host`
/// and `/\host` for other hosts, and drop tabs and line ends before they look.
#[must_use]
pub fn path(wanted: &str) -> Option<&str> {
    let plain = wanted.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'#');
    let here = wanted.starts_with('/') && !wanted.starts_with("//");
    (plain && here && wanted.len() <= LONGEST_PATH).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: Keys = Keys {
        age: Some(TimeDelta::minutes(1)),
        fresh_for: TimeDelta::hours(1),
        has_key: true,
        since_unknown: None,
        since_failure: None,
    };

    #[test]
    fn fresh_keys_are_used_without_asking() {
        assert_eq!(KEYS.step(), Step::Use);
        assert_eq!(Keys { age: None, has_key: false, ..KEYS }.step(), Step::Fetch);
    }

    #[test]
    fn a_key_that_nobody_knows_is_asked_for_once_in_ten_seconds() {
        let unknown = Keys { has_key: false, ..KEYS };
        assert_eq!(unknown.step(), Step::Fetch);
        let asked = |seconds| Keys { since_unknown: Some(TimeDelta::seconds(seconds)), ..unknown };
        assert_eq!(asked(9).step(), Step::Refuse);
        assert_eq!(asked(10).step(), Step::Fetch);
    }

    #[test]
    fn stale_keys_hold_a_day_longer_if_the_issuer_does_not_answer() {
        let stale = Keys { age: Some(TimeDelta::hours(2)), ..KEYS };
        assert_eq!(stale.step(), Step::Fetch);
        let down = Keys { since_failure: Some(TimeDelta::seconds(1)), ..stale };
        assert_eq!(down.step(), Step::Use);
        assert!(down.hold());
        let old = Keys { age: Some(TimeDelta::hours(26)), ..down };
        assert_eq!(old.step(), Step::Refuse);
        assert!(!old.hold());
        assert_eq!(Keys { age: None, has_key: false, ..down }.step(), Step::Refuse);
    }

    #[test]
    fn freshness_keeps_within_bounds() {
        for (header, minutes) in [
            (None, 60),
            (Some("public"), 60),
            (Some("max-age=1"), 5),
            (Some("public, max-age=1800"), 30),
            (Some("MAX-AGE=\"1800\""), 30),
            (Some("max-age=99999999999"), 1440),
            (Some("max-age=-5"), 5),
            (Some("no-store, max-age=1800"), 5),
            (Some("max-age=x"), 60),
        ] {
            assert_eq!(fresh_for(header), TimeDelta::minutes(minutes), "{header:?}");
        }
    }

    #[test]
    fn only_a_path_on_this_host_is_a_way_back() {
        for good in ["/", "/x", "/x/y?a=b&c=/d", "/x:y@z"] {
            assert_eq!(path(good), Some(good));
        }
        let long = "/".to_owned() + &"x".repeat(LONGEST_PATH);
        for bad in [
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " /x",
            "/x#y",
            "javascript:alert(1)",
            "/é",
            "/x\r\nSet-Cookie: a=b",
            &long,
        ] {
            assert_eq!(path(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn tokens_of_other_types_are_none() {
        for (typ, taken) in [
            (None, true),
            (Some("JWT"), true),
            (Some("at+jwt"), true),
            (Some("application/at+JWT"), true),
            (Some("logout+jwt"), false),
            (Some(""), false),
        ] {
            assert_eq!(is_token_type(typ), taken, "{typ:?}");
        }
    }
}
