//! Scalars: ids, days, instants. What is none of them is refused with a code of its own.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, ID, InputType, InputValueError, InputValueResult, OutputType, Positioned, Scalar,
    ScalarType, ServerResult, Value, parser::types::Field, registry::Registry,
};
use chrono::{DateTime as Instant, NaiveDate, SecondsFormat, Utc};
use uuid::Uuid;

use crate::clock;
use crate::error::{Error, Result, Why};
use crate::id::Kind;

/// An id as it comes and goes: a kind and a UUID, opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id(pub Kind, pub Uuid);

impl Id {
    /// The UUID, if the id names a `wanted`; for inputs of mutations.
    ///
    /// # Errors
    /// `WRONG_KIND`.
    pub fn of(self, wanted: Kind) -> Result<Uuid> {
        if self.0 == wanted { Ok(self.1) } else { Err(Error::refused(Why::WrongKind { wanted })) }
    }

    /// The same for an argument of a query.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` with reason `INVALID_ID`.
    pub fn asked(self, wanted: Kind, argument: &'static str) -> Result<Uuid> {
        if self.0 == wanted {
            Ok(self.1)
        } else {
            Err(Error::BadArgument { reason: "INVALID_ID", argument: argument.into() })
        }
    }
}

fn bad<T: InputType>(reason: &str, message: &str) -> InputValueError<T> {
    InputValueError::custom(message).with_extension("code", "BAD_USER_INPUT").with_extension("reason", reason)
}

impl InputType for Id {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::String(text)) => {
                Kind::parse(&text).map(|(kind, uuid)| Self(kind, uuid)).ok_or_else(|| {
                    bad("INVALID_ID", "This is no id of Kafo: ids look like mtg_ and 32 hexadecimal digits.")
                })
            }
            _ => Err(bad("INVALID_ID", "An id is a string.")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.id(self.1))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl OutputType for Id {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.0.id(self.1)))
    }
}

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub NaiveDate);

/// A calendar day, `YYYY-MM-DD` (ISO 8601). Without a time zone: the day on the wall where it happened.
#[Scalar(name = "Date", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(bad("INVALID_DATE", "A date is a string, YYYY-MM-DD."));
        };
        clock::day(text)
            .map(Self)
            .ok_or_else(|| bad("INVALID_DATE", "This is no date: dates look like 2019-07-14."))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime(pub Instant<Utc>);

/// An instant (RFC 3339). Any offset comes in, UTC goes out.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(bad("INVALID_DATE_TIME", "An instant is a string."));
        };
        clock::instant(text).map(Self).ok_or_else(|| {
            bad("INVALID_DATE_TIME", "This is no instant: instants look like 2019-07-04T09:30:00Z.")
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.written())
    }
}

impl DateTime {
    /// As it goes out.
    #[must_use]
    pub fn written(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }
}
