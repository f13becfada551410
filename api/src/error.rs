//! What can go wrong, as data. One stable code per case, no text that leaks.
//!
//! There is no `Display` on purpose: whatever has one is shown to the client by `?` in a resolver.
//! Sentences for people are made in [`crate::graphql::message`], in French and English.

use std::borrow::Cow;

use crate::db::Done;
use crate::id::Kind;

/// The result of anything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong.
#[derive(Clone, Debug)]
pub enum Error {
    /// A business failure: the caller can do something about it. Becomes a user error of a mutation.
    Refused(Refusal),
    /// An argument of a query that cannot be meant: `BAD_USER_INPUT` with this reason.
    BadArgument {
        /// Machine-readable: `INVALID_CURSOR`, `INVALID_ID`, `PAGE_TOO_LARGE` …
        reason: &'static str,
        /// Which argument.
        argument: Cow<'static, str>,
    },
    /// An earlier request under the same idempotency key did it: whoever answers says what it did. Nothing was done now.
    Done(Box<Done>),
    /// Another request came under this idempotency key: `IDEMPOTENCY_KEY_REUSED`.
    OtherRequest,
    /// Nobody is signed in, or the token does not hold (any more).
    Unauthenticated,
    /// Ours. Already logged where it happened; the client sees a request id only.
    Internal,
}

/// Why a mutation was refused, and which input field is meant.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What is wrong.
    pub why: Why,
    /// Path of the input field, from the argument: `["input", "dueOn"]`.
    pub field: Vec<String>,
}

/// What is wrong with a mutation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Missing or hidden: nobody learns which.
    NotFound(Kind),
    /// The id names something of another kind than is wanted here.
    WrongKind {
        /// What is wanted.
        wanted: Kind,
    },
    /// Visible, but the viewer may not do this.
    Denied,
    /// Somebody else changed it first.
    Conflict {
        /// The version that stands now.
        current: i32,
    },
    /// The life cycle has no such step from here.
    State {
        /// The state it is in.
        from: String,
        /// The steps (mutations) that are possible from here.
        allowed: Vec<&'static str>,
    },
    /// Something that must be given is missing.
    Required,
    /// A text without a visible character.
    Blank,
    /// A text over the limit.
    TooLong {
        /// The limit, in bytes of UTF-8.
        limit: usize,
    },
    /// A list over the limit.
    TooMany {
        /// The limit, in entries.
        limit: usize,
    },
    /// It exists already.
    Duplicate,
    /// An end before its start.
    EndBeforeStart,
    /// A value that is none of the possible ones; the code says which rule.
    Invalid(Rule),
    /// More than one thing answers to this name; ids of the candidates.
    Ambiguous {
        /// What it may be.
        candidates: Vec<String>,
    },
    /// Too many failures, or too many at once: later again.
    Throttled {
        /// How much later.
        seconds: u32,
    },
}

/// Rules that an input can break, each with a code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// No IANA time zone.
    TimeZone,
    /// No BCP 47 language tag.
    Language,
    /// No `https:` or `http:` address.
    Url,
    /// No slug: lower-case letters, digits and hyphens.
    Slug,
    /// No e-mail address.
    Email,
    /// No code of the reference list.
    UnknownCode,
    /// An assignee must be exactly one of person, organisation, group, role, text.
    ExactlyOne,
    /// It would point at itself, directly or in a circle.
    Circular,
    /// The two belong to different groups or operations.
    OtherGroup,
    /// This role is not for a holder of this kind.
    RoleHolder,
    /// Outside the possible range.
    OutOfRange,
    /// The agenda still has planned items, or open follow-ups under review have no review.
    Unfinished,
    /// The reviewer wrote the minutes.
    ReviewerIsAuthor,
    /// The last coordinator of a group cannot go.
    LastCoordinator,
    /// Nobody changes their own role.
    OwnRole,
    /// A seat stays with its holder.
    OtherHolder,
    /// Minutes are adopted at a later meeting of the same group.
    NotLaterMeeting,
    /// The text that goes out must be confirmed for each item.
    TextNotConfirmed,
    /// The person has no such contact point.
    UnknownContactPoint,
    /// The name of whom an erasure is about was not repeated.
    NameNotConfirmed,
    /// A password shorter than 15 characters, or one that everybody tries.
    WeakPassword,
    /// A text that must say a little more.
    TooShort,
    /// The account has no seat where its token should hold.
    NoSeat,
    /// Not the account's password.
    WrongPassword,
    /// The password is right; the second factor is missing.
    SecondFactorRequired,
    /// Not the second factor's code of now, or one that was used before.
    WrongCode,
    /// The only way in which somebody can sign in cannot go.
    LastWayIn,
}

impl Error {
    /// A refusal without a field yet; see [`Error::at`].
    #[must_use]
    pub fn refused(why: Why) -> Self {
        Self::Refused(Refusal { why, field: Vec::new() })
    }

    /// Missing or hidden.
    #[must_use]
    pub fn not_found(kind: Kind) -> Self {
        Self::refused(Why::NotFound(kind))
    }

    /// A broken rule.
    #[must_use]
    pub fn rule(rule: Rule) -> Self {
        Self::refused(Why::Invalid(rule))
    }

    /// The same error, one step further out: `at("dueOn")`, then `at("rows.3")`.
    #[must_use]
    pub fn at(self, path: &str) -> Self {
        match self {
            Self::Refused(mut refusal) => {
                let mut field: Vec<String> = path.split('.').map(str::to_owned).collect();
                field.append(&mut refusal.field);
                Self::Refused(Refusal { field, ..refusal })
            }
            other => other,
        }
    }
}

/// Logs what the database said and keeps it to ourselves.
impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) {
            return Self::refused(Why::Duplicate);
        }
        tracing::error!(error = told(&error), "database error");
        Self::Internal
    }
}

/// What a database said, for the log. Not its details: PostgreSQL shows the row that it refuses, with all that somebody
/// typed into it.
fn told(error: &sea_orm::DbErr) -> String {
    use sea_orm::{DbErr, RuntimeErr::SqlxError};
    let (DbErr::Conn(SqlxError(said)) | DbErr::Exec(SqlxError(said)) | DbErr::Query(SqlxError(said))) = error
    else {
        return error.to_string();
    };
    match said.as_database_error() {
        Some(refusal) => format!("{} {}", refusal.code().unwrap_or_default(), refusal.message()),
        None => said.to_string(),
    }
}

/// Adds the input field to an error.
pub trait At<T> {
    /// See [`Error::at`].
    ///
    /// # Errors
    /// The same, with the path in front.
    fn at(self, path: &str) -> Result<T>;
}

impl<T> At<T> for Result<T> {
    fn at(self, path: &str) -> Result<T> {
        self.map_err(|e| e.at(path))
    }
}
