//! The single door through which errors leave: user errors in payloads, coded top-level errors.

use async_graphql::{Enum, ErrorExtensionValues, Interface, ServerError, SimpleObject, Value};

use super::{Language, message};
use crate::error::{Error, Refusal, Why};

/// Why a mutation was refused. Codes are only ever added.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserErrorCode {
    /// Missing, or hidden from you: nobody learns which.
    NotFound,
    /// The id names something of another kind.
    WrongKind,
    /// You see it, but may not do this.
    PermissionDenied,
    /// Somebody else changed it first (`ConflictError.currentVersion`).
    Conflict,
    /// The life cycle has no such step from here (`StateError.allowed`).
    State,
    /// Something that must be given is missing.
    Required,
    /// A text without a visible character.
    Blank,
    /// A text over the limit.
    TooLong,
    /// A list over the limit.
    TooMany,
    /// It exists already.
    Duplicate,
    /// An end before its start.
    EndBeforeStart,
    /// More than one thing answers to this name (`AmbiguousError.candidates`).
    Ambiguous,
    /// No IANA time zone.
    InvalidTimeZone,
    /// No BCP 47 language tag.
    InvalidLanguage,
    /// No web address.
    InvalidUrl,
    /// No slug.
    InvalidSlug,
    /// No e-mail address.
    InvalidEmail,
    /// A code that the reference list does not have.
    UnknownCode,
    /// Exactly one of several values must be given.
    ExactlyOne,
    /// It would point back to itself.
    Circular,
    /// It belongs to another group or meeting.
    OtherGroup,
    /// The role is not for a holder of this kind.
    RoleHolder,
    /// Outside the possible range.
    OutOfRange,
    /// The meeting has items or follow-ups that were not dealt with yet.
    Unfinished,
    /// The reviewer wrote the minutes.
    ReviewerIsAuthor,
    /// The last coordinator of a group cannot go.
    LastCoordinator,
    /// Nobody changes their own role.
    OwnRole,
    /// A seat stays with its holder: end it, and give another one.
    OtherHolder,
    /// Minutes are adopted at a later meeting of the same group.
    NotLaterMeeting,
    /// The text that goes out must be confirmed for each item.
    TextNotConfirmed,
    /// The person has no such contact point.
    UnknownContactPoint,
    /// The name of whom it is about was not repeated as it is shown.
    NameNotConfirmed,
    /// A password that is too easy to guess.
    WeakPassword,
    /// A text that must say a little more.
    TooShort,
    /// The account has no seat where its token should hold.
    NoSeat,
    /// Not your password.
    WrongPassword,
    /// The password is right; give the code of your second factor, or a recovery code.
    SecondFactorRequired,
    /// Not the code of now, or one that was used before.
    WrongCode,
    /// Too many attempts (`ThrottledError.retryAfterSeconds`).
    Throttled,
    /// The only way in which you can sign in cannot go.
    LastWayIn,
    /// E-mail address or password are wrong, or the token does not hold any more.
    Unauthenticated,
}

/// A refusal whose code says it all.
#[derive(SimpleObject, Clone, Debug)]
pub struct ValidationError {
    /// What is wrong, for machines.
    code: UserErrorCode,
    /// What is wrong, for people, in French or English (`Accept-Language`).
    message: String,
    /// The input field that is meant, from the argument: `["input", "dueOn"]`.
    field: Option<Vec<String>>,
}

/// Missing, or hidden from you.
#[derive(SimpleObject, Clone, Debug)]
pub struct NotFoundError {
    /// `NOT_FOUND` or `WRONG_KIND`.
    code: UserErrorCode,
    /// What is wrong, for people, in French or English (`Accept-Language`).
    message: String,
    /// The input field that holds the id.
    field: Option<Vec<String>>,
}

/// You see it, but may not do this.
#[derive(SimpleObject, Clone, Debug)]
pub struct PermissionError {
    /// `PERMISSION_DENIED`.
    code: UserErrorCode,
    /// What is wrong, for people, in French or English (`Accept-Language`).
    message: String,
    /// The input field that is meant.
    field: Option<Vec<String>>,
}

/// Somebody else changed it first.
#[derive(SimpleObject, Clone, Debug)]
pub struct ConflictError {
    /// `CONFLICT`.
    code: UserErrorCode,
    /// What is wrong, for people, in French or English (`Accept-Language`).
    message: String,
    /// The input field that is meant.
    field: Option<Vec<String>>,
    /// The version that stands now.
    current_version: i32,
}

/// The life cycle has no such step from here.
#[derive(SimpleObject, Clone, Debug)]
pub struct StateError {
    /// `STATE`.
    code: UserErrorCode,
    /// What is wrong, for people, in French or English (`Accept-Language`).
    message: String,
    /// The input field that is meant.
    field: Option<Vec<String>>,
    /// The state it is in.
    from: String,
    /// The mutations that are possible from this state.
    allowed: Vec<String>,
}

/// More than one thing answers to this name.
#[derive(SimpleObject, Clone, Debug)]
pub struct AmbiguousError {
    /// `AMBIGUOUS`.
    code: UserErrorCode,
    /// What is wrong, for people, in French or English (`Accept-Language`).
    message: String,
    /// The input field that is meant.
    field: Option<Vec<String>>,
    /// Ids of what may be meant.
    candidates: Vec<String>,
}

/// Too many attempts, or too many people at once. Nothing was tried.
#[derive(SimpleObject, Clone, Debug)]
pub struct ThrottledError {
    /// `THROTTLED`.
    code: UserErrorCode,
    /// What is wrong, for people, in French or English (`Accept-Language`).
    message: String,
    /// The input field that is meant.
    field: Option<Vec<String>>,
    /// After how many seconds you may try again.
    retry_after_seconds: u32,
}

/// A business failure of a mutation: nothing was changed.
#[derive(Interface, Clone, Debug)]
#[graphql(
    field(name = "code", ty = "&UserErrorCode", desc = "What is wrong, for machines."),
    field(
        name = "message",
        ty = "&String",
        desc = "What is wrong, for people, in French or English (`Accept-Language`)."
    ),
    field(
        name = "field",
        ty = "&Option<Vec<String>>",
        desc = "The input field that is meant, from the argument."
    )
)]
pub enum UserError {
    /// A refusal whose code says it all.
    Validation(ValidationError),
    /// Missing or hidden.
    NotFound(NotFoundError),
    /// Not allowed.
    Permission(PermissionError),
    /// Changed by somebody else.
    Conflict(ConflictError),
    /// No such step from here.
    State(StateError),
    /// More than one candidate.
    Ambiguous(AmbiguousError),
    /// Too many attempts.
    Throttled(ThrottledError),
}

impl UserError {
    /// A user error from a refusal, in the viewer's language.
    #[must_use]
    pub fn of(refusal: Refusal, language: Language) -> Self {
        let message = message::sentence(&refusal.why, language);
        let code = code_of(message::code(&refusal.why));
        let field = (!refusal.field.is_empty())
            .then(|| std::iter::once("input".to_owned()).chain(refusal.field).collect());
        match refusal.why {
            Why::NotFound(_) | Why::WrongKind { .. } => {
                Self::NotFound(NotFoundError { code, message, field })
            }
            Why::Denied => Self::Permission(PermissionError { code, message, field }),
            Why::Conflict { current } => {
                Self::Conflict(ConflictError { code, message, field, current_version: current })
            }
            Why::State { from, allowed } => {
                let allowed = allowed.into_iter().map(str::to_owned).collect();
                Self::State(StateError { code, message, field, from, allowed })
            }
            Why::Ambiguous { candidates } => {
                Self::Ambiguous(AmbiguousError { code, message, field, candidates })
            }
            Why::Throttled { seconds } => {
                Self::Throttled(ThrottledError { code, message, field, retry_after_seconds: seconds })
            }
            _ => Self::Validation(ValidationError { code, message, field }),
        }
    }

    /// The refusal of a sign-in: the same for an unknown address and a wrong password.
    #[must_use]
    pub fn unauthenticated(language: Language) -> Self {
        let message = match language {
            Language::English => "E-mail address or password are wrong, or the sign-in has ended.",
            Language::French => "Adresse électronique ou mot de passe incorrects, ou session terminée.",
        };
        Self::Validation(ValidationError {
            code: UserErrorCode::Unauthenticated,
            message: message.to_owned(),
            field: None,
        })
    }
}

fn code_of(code: &str) -> UserErrorCode {
    async_graphql::resolver_utils::parse_enum(Value::Enum(async_graphql::Name::new(code)))
        .unwrap_or(UserErrorCode::OutOfRange)
}

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        let (message, code, reason) = match error {
            Error::Unauthenticated => {
                ("Sign in first: send an access token that holds.".to_owned(), "UNAUTHENTICATED", None)
            }
            Error::BadArgument { reason, argument } => {
                (format!("The argument {argument} cannot be used."), "BAD_USER_INPUT", Some(reason))
            }
            // Queries refuse nothing; should one of these come here, it is the caller's input all the same.
            Error::Refused(refusal) => (
                message::sentence(&refusal.why, Language::English),
                "BAD_USER_INPUT",
                Some(message::code(&refusal.why)),
            ),
            // What was done is answered where it was done; if it cannot be told again, this is better than silence.
            Error::Done(_) => (
                "This was done under the same idempotency key; what it answered is not told again."
                    .to_owned(),
                "ALREADY_DONE",
                None,
            ),
            Error::OtherRequest => (
                "Another request came under this idempotency key. Use a new key for each request.".to_owned(),
                OTHER_REQUEST,
                None,
            ),
            Error::Internal => ("Something went wrong here.".to_owned(), "INTERNAL_SERVER_ERROR", None),
        };
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code);
        if let Some(reason) = reason {
            extensions.set("reason", reason);
        }
        Self { message, source: None, extensions: Some(extensions) }
    }
}

/// The code of an answer to a request under an idempotency key that another request has used.
pub const OTHER_REQUEST: &str = "IDEMPOTENCY_KEY_REUSED";

/// The request id, shown with failures of ours.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// At most so many errors leave with an answer.
const MOST: usize = 20;

/// Gives every top-level error a code, and failures of ours the id of the request.
pub fn give_codes(errors: &mut Vec<ServerError>, request: Option<&str>) {
    errors.truncate(MOST);
    for error in errors {
        let has_code = error.extensions.as_ref().is_some_and(|e| e.get("code").is_some());
        if !has_code {
            // What is left without a code comes from the coercion of arguments.
            let taken = std::mem::replace(error, ServerError::new("", None));
            *error = coded(taken, "BAD_USER_INPUT");
        }
        let internal = is_coded(error, "INTERNAL_SERVER_ERROR");
        if let (true, Some(id)) = (internal, request) {
            error.extensions.get_or_insert_default().set("requestId", id);
        }
    }
}

/// Whether an error has this code.
#[must_use]
pub fn is_coded(error: &ServerError, code: &str) -> bool {
    error.extensions.as_ref().and_then(|e| e.get("code")) == Some(&Value::from(code))
}

fn coded(mut error: ServerError, code: &str) -> ServerError {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", code);
    }
    error
}
