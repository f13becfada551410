//! Why the gate refuses a request, as its sender is told.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};

use super::admission::{self, Limit};
use super::cost::Cost;

/// At most this many mistakes are told …
const MOST_FAULTS: usize = 20;
/// … in sentences of this many letters …
const LONGEST_SENTENCE: usize = 160;
/// … and of this many together, so that an answer is never much larger than what was sent.
const MOST_LETTERS: usize = 1500;

/// At which stage a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody knows the document that a digest stands for.
    Unknown,
    /// The document is not among those that this server runs.
    NotListed,
    /// The document is no GraphQL.
    Parse,
    /// It is none on this schema.
    Validation,
    /// No operation was named, or none that is there.
    Operation,
    /// The variables are not what the operation declares.
    Variables,
    /// It is small to send and dear to run.
    Complexity,
}

impl Stage {
    /// The `extensions.code` of its errors.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "PERSISTED_QUERY_NOT_FOUND",
            Self::NotListed => "PERSISTED_QUERY_NOT_IN_LIST",
            Self::Parse => "GRAPHQL_PARSE_FAILED",
            Self::Validation => "GRAPHQL_VALIDATION_FAILED",
            Self::Operation => "OPERATION_RESOLUTION_FAILURE",
            Self::Variables => "BAD_USER_INPUT",
            Self::Complexity => "QUERY_TOO_COMPLEX",
        }
    }
}

/// One mistake: what, and where in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A sentence without the source.
    pub message: String,
    /// Its place, if it has one.
    pub at: Option<Pos>,
    /// `extensions.reason`: why a value is none, where a program may want to know.
    pub reason: Option<&'static str>,
}

impl Fault {
    /// One that its sentence says all about.
    #[must_use]
    pub fn new(message: impl Into<String>, at: Option<Pos>) -> Self {
        Self { message: message.into(), at, reason: None }
    }
}

/// A request that is refused before anything runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// At which stage.
    pub stage: Stage,
    /// The mistakes; at least one.
    pub faults: Vec<Fault>,
    /// What it would have cost, if that is why.
    pub cost: Option<Cost>,
}

impl Refused {
    /// With one mistake.
    #[must_use]
    pub fn new(stage: Stage, message: impl Into<String>, at: Option<Pos>) -> Self {
        Self { stage, faults: vec![Fault::new(message, at)], cost: None }
    }

    /// With the first of these mistakes, shortened.
    #[must_use]
    pub fn of(stage: Stage, faults: impl IntoIterator<Item = Fault>) -> Self {
        let mut letters = 0;
        let mut told = Vec::new();
        for mut fault in faults.into_iter().take(MOST_FAULTS) {
            fault.message = shorten(&fault.message, LONGEST_SENTENCE);
            letters += fault.message.len();
            if letters > MOST_LETTERS && !told.is_empty() {
                break;
            }
            told.push(fault);
        }
        Self { stage, faults: told, cost: None }
    }

    /// Too many of something.
    #[must_use]
    pub fn over(limit: Limit, at: Option<Pos>) -> Self {
        let message =
            format!("This request is too complex: at most {} {} are allowed.", limit.most(), limit.noun());
        Self::new(Stage::Complexity, message, at)
    }

    /// It costs more than is allowed.
    #[must_use]
    pub fn too_dear(cost: Cost, most: u64) -> Self {
        let message = format!(
            "This request is too complex: it costs {} and at most {most} are allowed. Ask for smaller pages.",
            cost.requested
        );
        Self { cost: Some(cost), ..Self::new(Stage::Complexity, message, None) }
    }

    /// What admission refuses.
    #[must_use]
    pub fn at_admission(refusal: admission::Refusal, at: Option<Pos>) -> Self {
        use admission::Refusal;
        match refusal {
            Refusal::Syntax => Self::new(Stage::Parse, "The document is no GraphQL from here on.", at),
            Refusal::TypeSystem => {
                Self::new(Stage::Validation, "A request holds operations and fragments only.", at)
            }
            Refusal::Cycle => Self::new(Stage::Validation, "A fragment must not hold itself.", at),
            Refusal::Over(limit) => Self::over(limit, at),
        }
    }

    /// As errors of an answer.
    #[must_use]
    pub fn errors(self) -> Vec<ServerError> {
        let code = self.stage.code();
        let coded = |fault: Fault| {
            let mut error = ServerError::new(fault.message, fault.at);
            let mut extensions = ErrorExtensionValues::default();
            extensions.set("code", code);
            if let Some(reason) = fault.reason {
                extensions.set("reason", reason);
            }
            error.extensions = Some(extensions);
            error
        };
        self.faults.into_iter().map(coded).collect()
    }
}

/// The first letters of a text.
pub fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_stays_short_whatever_was_sent() {
        let fault = |length| Fault::new("é".repeat(length), None);
        assert_eq!(Refused::of(Stage::Parse, (0..100).map(|_| fault(3))).faults.len(), MOST_FAULTS);
        let long = Refused::of(Stage::Parse, (0..100).map(|_| fault(100_000)));
        assert!(long.faults.iter().map(|fault| fault.message.len()).sum::<usize>() <= MOST_LETTERS);
        assert_eq!(Refused::of(Stage::Parse, [fault(100_000)]).faults.len(), 1);
    }
}
