//! Admission: a document that is small to send and dear to run is refused before anything else looks at it.
//!
//! One pass over the bytes counts what there is, without building anything; a second over the definitions
//! counts what fragments expand to. Nothing here follows the input by recursion, so no input can exhaust
//! the stack, and all sums saturate.

mod expansion;
mod lexer;
mod outline;

use outline::Outline;

/// What is refused, and above what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of a document.
    Bytes,
    /// Tokens of a document.
    Tokens,
    /// Bytes of a name.
    Name,
    /// Digits of a number.
    Digits,
    /// Operations of a document.
    Operations,
    /// Fragments of a document.
    Fragments,
    /// Times that fragments are spread in a document.
    Spreads,
    /// Aliases of a document.
    Aliases,
    /// Directives in one place.
    DirectivesHere,
    /// Directives of a document.
    Directives,
    /// Fields in which a field lies, itself included, with fragments expanded.
    Depth,
    /// Selections in selections, inline fragments and fragments included.
    Nesting,
    /// Lists and objects in each other, in a literal.
    Literal,
    /// Items of a list in a literal.
    List,
    /// Fields at the root of an operation, with fragments expanded.
    Roots,
    /// Fields of a definition, with fragments expanded.
    Fields,
    /// Times that introspection goes from types to further types.
    Circles,
}

impl Limit {
    /// How many are allowed.
    pub const fn most(self) -> u32 {
        match self {
            Self::Bytes => 64 * 1024,
            Self::Tokens => 8000,
            Self::Name => 128,
            Self::Digits => 400,
            Self::Operations | Self::Roots => 20,
            Self::Fragments => 100,
            Self::Spreads => 200,
            Self::Aliases => 30,
            Self::DirectivesHere => 4,
            Self::Directives => 50,
            Self::Depth => 16,
            Self::Nesting => 64,
            Self::Literal => 32,
            Self::List => 500,
            Self::Fields => 2000,
            Self::Circles => 2,
        }
    }

    const fn check(self, count: u32) -> Result<(), Refusal> {
        if count > self.most() { Err(Refusal::Over(self)) } else { Ok(()) }
    }

    /// What is counted, for a sentence: "at most 20 …".
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Bytes => "bytes of document",
            Self::Tokens => "tokens",
            Self::Name => "letters in a name",
            Self::Digits => "digits in a number",
            Self::Operations => "operations",
            Self::Fragments => "fragments",
            Self::Spreads => "uses of fragments",
            Self::Aliases => "aliases",
            Self::DirectivesHere => "directives in one place",
            Self::Directives => "directives",
            Self::Depth => "levels of fields",
            Self::Nesting => "levels of selections",
            Self::Literal => "levels of lists and objects in a value",
            Self::List => "items in a list (more as a variable, where the input allows it)",
            Self::Roots => "fields at the root",
            Self::Fields => "fields, fragments expanded",
            Self::Circles => "rounds of introspection",
        }
    }
}

/// Why a document is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is no GraphQL.
    Syntax,
    /// It defines types, which only a schema does.
    TypeSystem,
    /// A fragment holds itself.
    Cycle,
    /// Too much of something.
    Over(Limit),
}

/// Where a document was refused: an offset in bytes, if one place can be named.
pub type Refused = (Refusal, Option<usize>);

/// Whether a document is short enough to be looked at.
///
/// # Errors
/// If it is not.
pub fn within_bytes(document: &str) -> Result<(), Refusal> {
    Limit::Bytes.check(u32::try_from(document.len()).unwrap_or(u32::MAX))
}

/// Lets a document in that is worth reading.
///
/// # Errors
/// The first thing that is wrong, in the order of the document.
pub fn admit(document: &str) -> Result<(), Refused> {
    within_bytes(document).map_err(|refusal| (refusal, None))?;
    let outline = Outline::of(document)?;
    expansion::check(&outline.definitions).map_err(|refusal| (refusal, None))
}

#[cfg(test)]
mod tests;
