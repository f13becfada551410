//! Objects that are written to JSON field by field, without the library between.
//!
//! After the prefetch most fields read memory only: calling them and writing down what they give takes a tenth of
//! what a future, a map entry and a value of the library take. [`Direct`] names, for the nouns that are read most, the
//! fields that can be had so: they are the resolvers that the library calls too, so rights and shape are theirs. What
//! is not named there, or fails, is left to the library, with all that stands beside it.
//!
//! Builds with debug assertions write everything both ways and compare: every test is a test of this.

use std::io::Write;

use async_graphql::parser::types::Selection;
use async_graphql::resolver_utils::EnumType;
use async_graphql::{Context, ContextSelectionSet, ObjectType};
use chrono::Datelike;

use super::scalar::{Date, DateTime, Id};
use super::written::{Written, text};
use crate::error::Result;

/// An object that knows some of its fields by name.
pub trait Direct {
    /// Writes what a field shows. `false`: this field is for the library, and what was written means nothing.
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        let _ = (name, field, json);
        false
    }
}

/// What a field shows.
pub trait Json {
    /// Writes it, as it is selected in this field. `false`: it cannot be had here, see [`Direct::direct`].
    fn write(&self, field: &Context<'_>, json: &mut Vec<u8>) -> bool;
}

/// Writes an object: the fields selected of it, one after another.
pub(super) fn object(
    ctx: &ContextSelectionSet<'_>,
    type_name: &str,
    json: &mut Vec<u8>,
    direct: impl Fn(&str, &Context<'_>, &mut Vec<u8>) -> bool,
) -> bool {
    json.push(b'{');
    for (number, selection) in ctx.item.node.items.iter().enumerate() {
        // what is selected of an interface is for the library
        let Selection::Field(field) = &selection.node else { return false };
        if number > 0 {
            json.push(b',');
        }
        json.push(b'"');
        json.extend_from_slice(field.node.response_key().node.as_bytes());
        json.extend_from_slice(b"\":");
        let name = field.node.name.node.as_str();
        if name == "__typename" {
            text(json, type_name);
        } else if !direct(name, &ctx.with_field(field), json) {
            return false;
        }
    }
    json.push(b'}');
    true
}

/// Writes items one after another.
pub(super) fn list<T: Json>(items: &[T], field: &Context<'_>, json: &mut Vec<u8>) -> bool {
    json.push(b'[');
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            json.push(b',');
        }
        if !item.write(field, json) {
            return false;
        }
    }
    json.push(b']');
    true
}

impl<T: ObjectType + Direct> Json for Written<T> {
    fn write(&self, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        self.write_object(&field.with_selection_set(&field.item.node.selection_set), json)
    }
}

impl<T: Json> Json for Vec<T> {
    fn write(&self, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        list(self, field, json)
    }
}

impl<T: Json> Json for Option<T> {
    fn write(&self, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match self {
            Some(value) => value.write(field, json),
            None => plain(json, "null"),
        }
    }
}

/// What fails is told by the library.
impl<T: Json> Json for Result<T> {
    fn write(&self, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        self.as_ref().is_ok_and(|value| value.write(field, json))
    }
}

impl Json for &str {
    fn write(&self, _: &Context<'_>, json: &mut Vec<u8>) -> bool {
        text(json, self);
        true
    }
}

impl Json for String {
    fn write(&self, _: &Context<'_>, json: &mut Vec<u8>) -> bool {
        text(json, self);
        true
    }
}

impl Json for bool {
    fn write(&self, _: &Context<'_>, json: &mut Vec<u8>) -> bool {
        plain(json, if *self { "true" } else { "false" })
    }
}

impl Json for i32 {
    fn write(&self, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        i64::from(*self).write(field, json)
    }
}

impl Json for i64 {
    fn write(&self, _: &Context<'_>, json: &mut Vec<u8>) -> bool {
        serde_json::to_writer(json, self).is_ok()
    }
}

impl Json for Id {
    fn write(&self, _: &Context<'_>, json: &mut Vec<u8>) -> bool {
        let (prefix, mut digits) = (self.0.prefix(), [0; 32]);
        let digits = self.1.simple().encode_lower(&mut digits);
        plain(json, "\"")
            && plain(json, prefix)
            && plain(json, "_")
            && plain(json, digits)
            && plain(json, "\"")
    }
}

impl Json for Date {
    fn write(&self, _: &Context<'_>, json: &mut Vec<u8>) -> bool {
        let Ok(year @ 0..=9999) = u32::try_from(self.0.year()) else {
            return write!(json, "\"{}\"", self.0).is_ok();
        };
        // what chrono does takes ten times as long
        let mut text = *b"\"0000-00-00\"";
        let digits = [(1, year / 100), (3, year % 100), (6, self.0.month()), (9, self.0.day())];
        for (place, two) in digits {
            text[place] = b'0' + (two / 10) as u8;
            text[place + 1] = b'0' + (two % 10) as u8;
        }
        json.extend_from_slice(&text);
        true
    }
}

impl Json for DateTime {
    fn write(&self, _: &Context<'_>, json: &mut Vec<u8>) -> bool {
        text(json, &self.written());
        true
    }
}

/// The value of an enum.
pub struct Word<E>(pub E);

impl<E: EnumType> Json for Word<E> {
    fn write(&self, _: &Context<'_>, json: &mut Vec<u8>) -> bool {
        let item = E::items().iter().find(|item| item.value == self.0);
        item.is_some_and(|item| plain(json, "\"") && plain(json, item.name) && plain(json, "\""))
    }
}

/// Writes what needs no escape.
fn plain(json: &mut Vec<u8>, text: &str) -> bool {
    json.extend_from_slice(text.as_bytes());
    true
}
