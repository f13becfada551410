//! The scalars of the schema's own. GraphQL leaves their values to what executes; by then another field may have run.

use crate::clock;

/// Why a value is none of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// `extensions.reason`.
    pub reason: &'static str,
    /// What is wrong and how it would be right, behind the name of what is meant.
    pub words: &'static str,
}

/// Why this is no value of the scalar, if it is none; a value that is no text has none here.
#[must_use]
pub fn misfit(scalar: &str, text: Option<&str>) -> Option<Misfit> {
    let (fits, reason, words) = match scalar {
        "Date" => {
            (text.and_then(clock::day).is_some(), "INVALID_DATE", "is no `Date`: dates look like 2019-07-14")
        }
        "DateTime" => (
            text.and_then(clock::instant).is_some(),
            "INVALID_DATE_TIME",
            "is no `DateTime`: instants look like 2019-07-04T09:30:00Z",
        ),
        _ => return None,
    };
    (!fits).then_some(Misfit { reason, words })
}
