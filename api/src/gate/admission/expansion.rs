//! What definitions hold once their fragments are put in place. Each fragment is measured once, however often
//! it is spread, so that a document is judged in time proportional to its length.

use std::collections::HashMap;

use super::outline::{Definition, Extent};
use super::{Limit, Refusal};

/// A definition with its fragments in place.
#[derive(Clone, Copy, Debug, Default)]
struct Whole {
    fields: u32,
    roots: u32,
    extent: Extent,
}

#[derive(Clone, Copy)]
enum State {
    New,
    /// Being measured: whoever meets it now goes round in a circle.
    Open,
    Done(Whole),
}

/// Whether every definition stays within the limits.
///
/// # Errors
/// The limit that is exceeded; `Cycle` for fragments that hold themselves.
pub fn check(definitions: &[Definition<'_>]) -> Result<(), Refusal> {
    let mut by_name = HashMap::new();
    for (index, definition) in definitions.iter().enumerate() {
        if let Some(name) = definition.fragment {
            by_name.entry(name).or_insert(index);
        }
    }
    let mut states = vec![State::New; definitions.len()];
    for index in 0..definitions.len() {
        measure(definitions, &by_name, &mut states, index)?;
    }
    Ok(())
}

/// Measures a definition and all that it needs, deepest first, with a stack of its own.
fn measure(
    definitions: &[Definition<'_>],
    by_name: &HashMap<&str, usize>,
    states: &mut [State],
    start: usize,
) -> Result<(), Refusal> {
    // a definition, and which of its spreads comes next
    let mut stack = vec![(start, 0)];
    while let Some((index, next)) = stack.last_mut() {
        let index = *index;
        if let State::Done(_) = states[index] {
            stack.pop();
            continue;
        }
        states[index] = State::Open;
        let definition = &definitions[index];
        let Some((name, _)) = definition.spreads.get(*next) else {
            states[index] = State::Done(sum(definition, by_name, states)?);
            stack.pop();
            continue;
        };
        *next += 1;
        // an unknown fragment holds nothing; validation says that it is unknown
        let Some(&inner) = by_name.get(name) else { continue };
        match states[inner] {
            State::New => stack.push((inner, 0)),
            State::Open => return Err(Refusal::Cycle),
            State::Done(_) => {}
        }
    }
    Ok(())
}

fn sum(
    definition: &Definition<'_>,
    by_name: &HashMap<&str, usize>,
    states: &[State],
) -> Result<Whole, Refusal> {
    let mut whole = Whole { fields: definition.fields, roots: definition.roots, extent: definition.extent };
    for (name, at) in &definition.spreads {
        let Some(State::Done(inner)) = by_name.get(name).map(|&inner| states[inner]) else { continue };
        // the spread itself is work too, even of a fragment with one field
        whole.fields = whole.fields.saturating_add(1).saturating_add(inner.fields);
        if at.depth == 1 {
            whole.roots = whole.roots.saturating_add(inner.roots);
        }
        let extent = &mut whole.extent;
        // a selection of a fragment lies where it is spread: its root is no further level of fields
        extent.depth = extent.depth.max((at.depth - 1).saturating_add(inner.extent.depth));
        extent.nesting = extent.nesting.max(at.nesting.saturating_add(inner.extent.nesting));
        extent.circles = extent.circles.max(at.circles.saturating_add(inner.extent.circles));
    }
    Limit::Fields.check(whole.fields)?;
    Limit::Depth.check(whole.extent.depth)?;
    Limit::Nesting.check(whole.extent.nesting)?;
    Limit::Circles.check(whole.extent.circles)?;
    if definition.fragment.is_none() {
        Limit::Roots.check(whole.roots)?;
    }
    Ok(whole)
}
