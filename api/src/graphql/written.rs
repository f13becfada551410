//! Objects that are written straight to JSON.
//!
//! The library makes a boxed future for each field and a map for each object, which costs more than everything else
//! that a read does. Here the same resolvers are called one after another (after the prefetch they read memory only),
//! and what they give is written down at once: as a [`Value::Binary`], which holds finished JSON. Nothing else in this
//! schema is binary.
//!
//! What is selected of an object comes unfolded from the gate: fields with different keys, no fragments.

use std::borrow::Cow;
use std::io::Write;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, Response, ServerResult,
    Value,
};

use super::direct::{self, Direct};
use crate::db::Reader;
use crate::error::Error;

/// An object with the fields of `T`.
#[derive(Clone, Debug)]
pub struct Written<T>(pub T);

impl<T> Deref for Written<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ObjectType + Direct> OutputType for Written<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        let mut json = Vec::with_capacity(room(ctx));
        if !self.write_object(ctx, &mut json) {
            return self.boxed(ctx).await;
        }
        #[cfg(debug_assertions)]
        if let Value::Binary(other) = self.boxed(ctx).await? {
            assert_eq!(String::from_utf8_lossy(&json), String::from_utf8_lossy(&other), "written two ways");
        }
        Ok(Value::Binary(json.into()))
    }
}

impl<T: ObjectType + Direct> ContainerType for Written<T> {
    /// A field that may be null is null when it fails, and nothing around it.
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match self.0.resolve_field(ctx).await {
            Err(error) if may_be_null(&T::type_name(), ctx) => {
                ctx.add_error(error);
                Ok(Some(Value::Null))
            }
            outcome => outcome,
        }
    }
}

impl<T: ObjectType + Direct> ObjectType for Written<T> {}

impl<T: ObjectType + Direct> Written<T> {
    /// Writes it without the library, if it can be; see [`Direct`].
    pub(super) fn write_object(&self, ctx: &ContextSelectionSet<'_>, json: &mut Vec<u8>) -> bool {
        direct::object(ctx, &T::type_name(), json, |name, field, json| self.0.direct(name, field, json))
    }

    /// In a box: objects hold each other.
    fn boxed<'a>(
        &'a self,
        ctx: &'a ContextSelectionSet<'a>,
    ) -> Pin<Box<dyn Future<Output = ServerResult<Value>> + Send + 'a>> {
        Box::pin(self.write(ctx))
    }

    async fn write(&self, ctx: &ContextSelectionSet<'_>) -> ServerResult<Value> {
        let mut json = Vec::with_capacity(256);
        json.push(b'{');
        for selection in &ctx.item.node.items {
            let Selection::Field(field) = &selection.node else {
                let error: async_graphql::Error = Error::Internal.into();
                return Err(ctx.set_error_path(error.into_server_error(selection.pos)));
            };
            if json.len() > 1 {
                json.push(b',');
            }
            json.push(b'"');
            json.extend_from_slice(field.node.response_key().node.as_bytes());
            json.extend_from_slice(b"\":");
            if field.node.name.node == "__typename" {
                text(&mut json, &T::type_name());
            } else {
                let value = self.resolve_field(&ctx.with_field(field)).await?;
                push(&mut json, &value.unwrap_or_default());
            }
        }
        json.push(b'}');
        Ok(Value::Binary(json.into()))
    }
}

/// A list whose items are written one after another: they read memory, there is nothing to wait for. The library runs
/// them side by side, which costs a task for each.
pub struct Sequence<L>(pub L);

impl<T: OutputType, L: List<Item = T>> OutputType for Sequence<L> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let mut json = vec![b'['];
        for (index, item) in self.0.items().iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            let ctx = ctx.with_index(index);
            let value = item.resolve(&ctx, field).await.map_err(|error| ctx.set_error_path(error))?;
            push(&mut json, &value);
        }
        json.push(b']');
        Ok(Value::Binary(json.into()))
    }
}

/// Items one after another, its own or another's.
pub trait List: Send + Sync {
    /// One of them.
    type Item;
    /// All of them.
    fn items(&self) -> &[Self::Item];
}

impl<T: Send + Sync> List for Vec<T> {
    type Item = T;
    fn items(&self) -> &[T] {
        self
    }
}

impl<T: Send + Sync> List for &[T] {
    type Item = T;
    fn items(&self) -> &[T] {
        self
    }
}

/// About how many bytes an object will take. A field of the root shows what was read for it: what grows is copied.
fn room(ctx: &ContextSelectionSet<'_>) -> usize {
    /// What most rows take.
    const ROW: usize = 160;
    let is_root = ctx.path_node.is_some_and(|node| node.parent.is_none());
    if is_root { 1024 + ROW * ctx.data_unchecked::<Arc<Reader>>().known() } else { 256 }
}

#[cold]
fn may_be_null(object: &str, ctx: &Context<'_>) -> bool {
    let field = ctx.schema_env.registry.types.get(object);
    let field = field.and_then(|object| object.field_by_name(&ctx.item.node.name.node));
    field.is_some_and(|field| !field.ty.ends_with('!'))
}

/// An answer as the client reads it.
#[must_use]
pub fn json(mut response: Response) -> Vec<u8> {
    let mut json = around_the_only(&mut response.data).unwrap_or_else(|| {
        let mut json = Vec::with_capacity(1024 + written(&response.data));
        json.extend_from_slice(HEAD);
        push(&mut json, &response.data);
        json
    });
    if !response.errors.is_empty() {
        json.extend_from_slice(b",\"errors\":");
        plain(&mut json, &response.errors);
    }
    if !response.extensions.is_empty() {
        json.extend_from_slice(b",\"extensions\":");
        plain(&mut json, &response.extensions);
    }
    json.push(b'}');
    json
}

/// What every answer starts with.
const HEAD: &[u8] = b"{\"data\":";

/// The same as far as the root, if its only field is finished: the rest is written around it where it stands.
fn around_the_only(root: &mut Value) -> Option<Vec<u8>> {
    let Value::Object(fields) = root else { return None };
    let (1, Some((name, Value::Binary(written)))) = (fields.len(), fields.first_mut()) else { return None };
    let mut head = HEAD.to_vec();
    head.push(b'{');
    text(&mut head, name);
    head.push(b':');
    let mut json = Vec::from(std::mem::take(written));
    json.splice(..0, head);
    json.push(b'}');
    Some(json)
}

/// How long what is finished in the fields of a root is.
fn written(root: &Value) -> usize {
    let Value::Object(fields) = root else { return 0 };
    let length = |field: &Value| if let Value::Binary(json) = field { json.len() } else { 0 };
    fields.values().map(length).sum()
}

// as deep as admission lets selections be
fn push(json: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Binary(written) => json.extend_from_slice(written),
        Value::String(string) => text(json, string),
        Value::Enum(word) => text(json, word),
        Value::Null => json.extend_from_slice(b"null"),
        Value::Boolean(true) => json.extend_from_slice(b"true"),
        Value::Boolean(false) => json.extend_from_slice(b"false"),
        Value::Number(number) => {
            // a `Vec` takes whatever is written
            let _ = write!(json, "{number}");
        }
        Value::List(items) => {
            json.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                push(json, item);
            }
            json.push(b']');
        }
        Value::Object(fields) => {
            json.push(b'{');
            for (index, (key, field)) in fields.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                text(json, key);
                json.push(b':');
                push(json, field);
            }
            json.push(b'}');
        }
    }
}

pub(super) fn text(json: &mut Vec<u8>, text: &str) {
    // looks at every byte, and so at many at a time: few texts need an escape, and looking for one costs most
    let escapes = |byte: &u8| (*byte < b' ') | (*byte == b'"') | (*byte == b'\\');
    if text.as_bytes().iter().fold(false, |found, byte| found | escapes(byte)) {
        return plain(json, text);
    }
    json.reserve(text.len() + 2);
    json.push(b'"');
    json.extend_from_slice(text.as_bytes());
    json.push(b'"');
}

fn plain<T: serde::Serialize + ?Sized>(json: &mut Vec<u8>, value: &T) {
    if serde_json::to_writer(&mut *json, value).is_err() {
        tracing::error!("an answer could not be written as JSON");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_serde_writes_them() {
        let long = "Plaidoyer auprès du gouvernorat : « accès humanitaire » à Ménaka ".repeat(9);
        let mut texts = vec![String::new(), long.clone(), format!("{long}\"{long}")];
        texts.extend(
            (0..=0x00ff).chain([0x2028, 0x1f600]).filter_map(char::from_u32).map(|c| format!("a{c}b")),
        );
        for told in texts {
            let mut json = Vec::new();
            text(&mut json, &told);
            assert_eq!(json, serde_json::to_vec(&told).expect("JSON"), "{told:?}");
        }
    }
}
