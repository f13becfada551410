//! Failed sign-ins: waits that grow, and never a lock.
//!
//! A failure counts in several buckets; the longest wait among them holds. A client that the account
//! knows (it brings the token of its device) counts in a bucket of its own only: strangers who guess,
//! from wherever, do not make its owner wait. A stranger counts three times: with the account and its
//! network, with the account and all strangers, and with its network and all accounts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// How often a sign-in may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Failures of one account from one device or network before waits begin to grow.
    pub free_attempts: u32,
    /// The longest of these waits, in seconds.
    pub longest_wait: u32,
    /// Failures an hour of one account from all strangers together.
    pub strangers_per_hour: u32,
    /// Failures an hour of all accounts from one network.
    pub network_per_hour: u32,
}

impl Limits {
    /// Unless somebody says otherwise.
    pub const DEFAULT: Self =
        Self { free_attempts: 5, longest_wait: 900, strangers_per_hour: 100, network_per_hour: 300 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// One account, one known device or sign-in.
    Known,
    /// One account, one network.
    Near,
    /// One account, all strangers.
    Strangers,
    /// One network, all accounts.
    Network,
}

impl Class {
    /// Whether the bucket is about one client and one account: a success empties it.
    #[must_use]
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Known | Self::Near)
    }

    /// After how long a count begins anew.
    #[must_use]
    pub const fn window(self) -> TimeDelta {
        if self.is_own() { TimeDelta::hours(24) } else { TimeDelta::hours(1) }
    }

    /// Failures after which somebody waits.
    #[must_use]
    pub fn free(self, limits: &Limits) -> u32 {
        match self {
            Self::Known | Self::Near => limits.free_attempts.max(1),
            Self::Strangers => limits.strangers_per_hour.max(1),
            Self::Network => limits.network_per_hour.max(1),
        }
    }

    /// The wait after so many failures: 1, 2, 4 … seconds for one client; for many together as long as
    /// it takes to keep to the limit of the hour.
    #[must_use]
    pub fn wait(self, failures: u32, limits: &Limits) -> TimeDelta {
        let Some(over) = failures.checked_sub(self.free(limits)) else { return TimeDelta::zero() };
        let seconds = if self.is_own() {
            2_u32.saturating_pow(over).min(limits.longest_wait)
        } else {
            3600 / self.free(limits).min(3600)
        };
        TimeDelta::seconds(seconds.into())
    }
}

/// What is counted of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Failures since then.
    pub failures: u32,
    /// When counting began.
    pub since: DateTime<Utc>,
    /// Until when nobody of the bucket may try.
    pub blocked_until: Option<DateTime<Utc>>,
}

/// How many seconds are left of a wait; rounded up, at least one.
#[must_use]
pub fn remaining(blocked_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<u32> {
    let left = blocked_until? - now;
    let seconds = u32::try_from((left.num_milliseconds() + 999) / 1000).ok()?;
    (left > TimeDelta::zero()).then(|| seconds.max(1))
}

/// The count with one failure more.
///
/// # Errors
/// The seconds that are left of a wait.
pub fn next(class: Class, count: Count, now: DateTime<Utc>, limits: &Limits) -> Result<Count, u32> {
    if let Some(seconds) = remaining(count.blocked_until, now) {
        return Err(seconds);
    }
    let begins_anew = now - count.since >= class.window();
    let (failures, since) =
        if begins_anew { (1, now) } else { (count.failures.saturating_add(1), count.since) };
    let wait = class.wait(failures, limits);
    Ok(Count { failures, since, blocked_until: (wait > TimeDelta::zero()).then(|| now + wait) })
}

/// The network of a client: an IPv4 /24, an IPv6 /48.
#[must_use]
pub fn network(address: Option<IpAddr>) -> String {
    match address.map(|a| a.to_canonical()) {
        None => "none".to_owned(),
        Some(IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            Ipv4Addr::new(a, b, c, 0).to_string()
        }
        Some(IpAddr::V6(v6)) => {
            let [a, b, c, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_string()
        }
    }
}

/// The buckets of an attempt, as text to be digested. `account` is what was typed, folded: an address
/// that nobody has is counted like any other.
#[must_use]
pub fn buckets(account: &str, device: Option<Uuid>, address: Option<IpAddr>) -> Vec<(Class, String)> {
    if let Some(device) = device {
        return vec![(Class::Known, format!("known\n{device}"))];
    }
    let network = network(address);
    vec![
        (Class::Near, format!("near\n{network}\n{account}")),
        (Class::Strangers, format!("strangers\n{account}")),
        (Class::Network, format!("network\n{network}")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits::DEFAULT;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<i64> =
            (1..=20).map(|failures| Class::Near.wait(failures, &LIMITS).num_seconds()).collect();
        assert_eq!(waits[..8], [0, 0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(waits[19], 900);
        assert_eq!(Class::Known.wait(u32::MAX, &LIMITS).num_seconds(), 900);
        assert_eq!(Class::Strangers.wait(99, &LIMITS).num_seconds(), 0);
        assert_eq!(Class::Strangers.wait(5000, &LIMITS).num_seconds(), 36);
    }

    #[test]
    fn a_wait_is_told_and_a_count_begins_anew() {
        let now = DateTime::UNIX_EPOCH;
        let mut count = Count { failures: 0, since: now, blocked_until: None };
        for _ in 0..5 {
            count = next(Class::Near, count, now, &LIMITS).expect("free");
        }
        assert_eq!(next(Class::Near, count, now, &LIMITS), Err(1));
        let later = now + TimeDelta::seconds(1);
        let count = next(Class::Near, count, later, &LIMITS).expect("after the wait");
        assert_eq!((count.failures, remaining(count.blocked_until, later)), (6, Some(2)));
        let count = next(Class::Near, count, now + TimeDelta::hours(24), &LIMITS).expect("a new day");
        assert_eq!(count.failures, 1);
    }

    #[test]
    fn networks_are_wider_than_addresses() {
        let network = |text: &str| network(text.parse().ok());
        assert_eq!(network("192.0.2.7"), network("192.0.2.200"));
        assert_ne!(network("192.0.2.7"), network("192.0.3.7"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.9"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:ffff::9"));
        assert_ne!(network("2001:db8:1::1"), network("2001:db8:2::1"));
    }

    #[test]
    fn a_known_device_shares_nothing_with_strangers() {
        let stranger = buckets("awa@kafo.example", None, None);
        let known = buckets("awa@kafo.example", Some(Uuid::nil()), None);
        assert_eq!((stranger.len(), known.len()), (3, 1));
        assert!(!stranger.contains(&known[0]));
    }
}
