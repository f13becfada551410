//! How much each may cost in a minute. A purse holds what a minute allows and fills up evenly; who finds too little in
//! it is sent away (429) and told when to come again.
//!
//! Those who signed in have a purse for each account, programs one for each token, all others one for each network
//! (see [`account::network`]). A token counts before it is looked up: one that does not hold has a purse, and nothing
//! else. Counts stand in memory, for each process; the purses used longest ago are forgotten first, which fills them.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};
use lru::LruCache;
use uuid::Uuid;

use crate::account;
use crate::account::store::Credential;

/// The seconds in which an empty purse fills up.
const MINUTE: u32 = 60;
/// The most purses of a kind: some megabytes.
const MOST_PURSES: usize = 50_000;

/// What can be set: how much in a minute; nothing for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Each account, each token of a program.
    pub signed_in: Option<NonZeroU32>,
    /// Each network of those who did not sign in.
    pub anonymous: Option<NonZeroU32>,
}

/// Whose purse it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// An account, however often it is signed in.
    Account(Uuid),
    /// A program, by the digest of its token.
    Token(String),
    /// Somebody whom an issuer of OpenID Connect knows: the issuer, and who.
    Identity(String, String),
    /// Nobody in particular, from this network.
    Network(String),
}

impl Payer {
    /// Of a request with this credential, or from this address.
    pub fn of(who: Option<&Credential>, client: Option<IpAddr>) -> Self {
        match who {
            Some(Credential::Session { account, .. }) => Self::Account(*account),
            Some(Credential::Token { digest }) => Self::Token(digest.clone()),
            Some(Credential::Identity { issuer, subject }) => Self::Identity(issuer.clone(), subject.clone()),
            None => Self::Network(account::network(client)),
        }
    }
}

/// The purses of all.
pub struct Quotas {
    signed_in: Option<Purses<DefaultClock>>,
    anonymous: Option<Purses<DefaultClock>>,
}

impl Quotas {
    /// All full.
    pub fn new(allowed: Allowed) -> Self {
        let purses =
            |limit: Option<NonZeroU32>| limit.map(|limit| Purses::new(limit, DefaultClock::default()));
        Self { signed_in: purses(allowed.signed_in), anonymous: purses(allowed.anonymous) }
    }

    /// Takes what something costs, at least 1, out of a purse. What costs more than a full purse holds takes all of it:
    /// it must be possible at some time. None if there is no limit.
    pub fn charge(&self, payer: &Payer, cost: u64) -> Option<Standing> {
        let purses = match payer {
            Payer::Network(_) => &self.anonymous,
            Payer::Account(_) | Payer::Token(_) | Payer::Identity(..) => &self.signed_in,
        };
        purses.as_ref().map(|purses| purses.charge(payer, cost))
    }
}

/// How a purse stands after it was charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What it holds when it is full.
    limit: u32,
    /// What it holds.
    remaining: u32,
    /// The seconds until what was asked for can be had; none if it was.
    pub wait: Option<u32>,
}

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

impl Standing {
    /// Says it in the headers of an answer, as draft-ietf-httpapi-ratelimit-headers has it.
    pub fn tell(self, headers: &mut HeaderMap) {
        let Self { limit, remaining, wait } = self;
        let until_full = (u64::from(limit - remaining) * u64::from(MINUTE)).div_ceil(limit.into());
        say(headers, RATE_LIMIT_POLICY, format!("\"default\";q={limit};qu=\"cost\";w={MINUTE}"));
        say(headers, RATE_LIMIT, format!("\"default\";r={remaining};t={until_full}"));
        if let Some(seconds) = wait {
            say(headers, header::RETRY_AFTER, seconds.to_string());
        }
    }
}

fn say(headers: &mut HeaderMap, name: HeaderName, text: String) {
    headers.extend(HeaderValue::try_from(text).map(|value| (name, value)));
}

/// The purses of one kind.
struct Purses<C: Clock> {
    limit: NonZeroU32,
    limiter: RateLimiter<Payer, Recent, C, StateInformationMiddleware>,
}

impl<C: Clock> Purses<C> {
    fn new(limit: NonZeroU32, clock: C) -> Self {
        let limiter = RateLimiter::new(Quota::per_minute(limit), Recent::default(), clock);
        Self { limit, limiter }
    }

    fn charge(&self, payer: &Payer, cost: u64) -> Standing {
        let limit = self.limit.get();
        let cost = u32::try_from(cost).unwrap_or(u32::MAX).min(limit);
        let cost = NonZeroU32::new(cost).unwrap_or(NonZeroU32::MIN);
        match self.limiter.check_key_n(payer, cost) {
            Ok(Ok(state)) => {
                Standing { limit, remaining: state.remaining_burst_capacity().min(limit), wait: None }
            }
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(self.limiter.clock().now());
                let missing = self.filled_in(wait);
                let remaining = cost.get().saturating_sub(missing.max(1));
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let seconds = u32::try_from(seconds).unwrap_or(u32::MAX).max(1);
                Standing { limit, remaining, wait: Some(seconds) }
            }
            // no cost is larger than the limit
            Err(_) => Standing { limit, remaining: 0, wait: Some(MINUTE) },
        }
    }

    /// What comes into a purse in this time, rounded up.
    fn filled_in(&self, time: Duration) -> u32 {
        let each = Duration::from_secs(MINUTE.into()).as_nanos() / u128::from(self.limit.get());
        u32::try_from(time.as_nanos().div_ceil(each.max(1))).unwrap_or(u32::MAX)
    }
}

/// What was taken out of purses, of those used last.
#[derive(Debug)]
struct Recent(Mutex<LruCache<Payer, Nanos>>);

impl Default for Recent {
    fn default() -> Self {
        Self(Mutex::new(LruCache::unbounded()))
    }
}

impl StateStore for Recent {
    type Key = Payer;

    fn measure_and_replace<T, F, E>(&self, payer: &Payer, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut purses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (outcome, now) = decide(purses.get(payer).copied())?;
        purses.put(payer.clone(), now);
        if purses.len() > MOST_PURSES {
            purses.pop_lru();
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn purses(limit: u32) -> (Purses<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Purses::new(NonZeroU32::new(limit).expect("a limit"), clock.clone()), clock)
    }

    fn account(number: u128) -> Payer {
        Payer::Account(Uuid::from_u128(number))
    }

    fn told(standing: Standing) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        standing.tell(&mut headers);
        let text = |value: &HeaderValue| value.to_str().expect("text").to_owned();
        headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
    }

    #[test]
    fn a_purse_empties_and_fills_up() {
        let (purses, clock) = purses(120);
        let standing = |remaining, wait| Standing { limit: 120, remaining, wait };
        assert_eq!(purses.charge(&account(1), 100), standing(20, None));
        // two come in a second
        assert_eq!(purses.charge(&account(1), 21), standing(20, Some(1)));
        assert_eq!(purses.charge(&account(1), 40), standing(20, Some(10)));
        assert_eq!(purses.charge(&account(2), 40), standing(80, None), "another's");
        clock.advance(Duration::from_secs(9));
        assert_eq!(purses.charge(&account(1), 40), standing(38, Some(1)));
        clock.advance(Duration::from_secs(1));
        assert_eq!(purses.charge(&account(1), 40), standing(0, None));
        clock.advance(Duration::from_secs(600));
        assert_eq!(purses.charge(&account(1), 0), standing(119, None), "nothing is for nothing");
    }

    #[test]
    fn what_no_purse_holds_takes_a_full_one() {
        let (purses, clock) = purses(60);
        assert_eq!(purses.charge(&account(1), u64::MAX).wait, None);
        assert_eq!(purses.charge(&account(1), u64::MAX).wait, Some(60));
        clock.advance(Duration::from_secs(60));
        assert_eq!(purses.charge(&account(1), u64::MAX).wait, None);
    }

    #[test]
    fn the_largest_limit_holds() {
        let (purses, _) = purses(u32::MAX);
        assert_eq!(purses.charge(&account(1), 5).wait, None);
        assert!(purses.charge(&account(1), u64::MAX).wait.is_some());
    }

    #[test]
    fn a_standing_is_told_in_headers() {
        let standing = Standing { limit: 1000, remaining: 250, wait: Some(3) };
        let expected = [
            ("ratelimit-policy", "\"default\";q=1000;qu=\"cost\";w=60"),
            ("ratelimit", "\"default\";r=250;t=45"),
            ("retry-after", "3"),
        ];
        for (name, value) in expected {
            assert!(told(standing).contains(&(name.to_owned(), value.to_owned())), "{:?}", told(standing));
        }
        assert_eq!(told(Standing { wait: None, ..standing }).len(), 2);
    }

    #[test]
    fn purses_are_bounded_in_number() {
        let (purses, _) = purses(60);
        for number in 0..=MOST_PURSES as u128 {
            purses.charge(&account(number), 60);
        }
        let held = |purses: &Purses<FakeRelativeClock>| {
            let state = purses.charge(&account(1), 1);
            state.wait.is_some()
        };
        assert!(held(&purses), "the second is still known");
        assert!(purses.charge(&account(0), 1).wait.is_none(), "the first is forgotten");
    }

    #[test]
    fn each_pays_for_themselves() {
        let session = |session| Credential::Session { account: Uuid::from_u128(1), session };
        let address = "192.0.2.1".parse().ok();
        let first = Payer::of(Some(&session(Uuid::from_u128(2))), address);
        assert_eq!(first, Payer::of(Some(&session(Uuid::from_u128(3))), None), "of one account");
        assert_eq!(Payer::of(None, address), Payer::of(None, "192.0.2.99".parse().ok()), "of one network");
        assert_ne!(Payer::of(None, address), Payer::of(None, "198.51.100.1".parse().ok()));
    }
}
