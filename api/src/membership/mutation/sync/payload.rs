//! What `membershipsSync` answers.

use async_graphql::{Context, Enum, SelectionField, SimpleObject};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::super::rules::matching;
use super::super::super::rules::plan::FieldChange;
use super::super::super::types::Membership;
use crate::error::Result;
use crate::graphql::{Front, Id, UserError, prefetch};

/// What became of a seat.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MembershipSyncOutcome {
    /// It was given.
    Created,
    /// It was changed.
    Updated,
    /// Its end was set: it holds no more, or not after a day to come that the call names (`endOn`).
    Ended,
    /// It was so already; or it stays although no row names it.
    Unchanged,
    /// The row was refused, and with it the whole call: see `userErrors`.
    Refused,
}

/// Why somebody may be meant.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "matching::Likeness")]
pub enum MembershipSyncLikeness {
    /// It is exactly their name; others go by it too.
    Name,
    /// It is exactly its acronym; others go by it too.
    Acronym,
    /// It is exactly another name of it; others go by it too.
    Alias,
    /// It is their e-mail address, but others have it too, or the name beside it is not theirs.
    Address,
    /// It is exactly their name, but they neither work nor sit for the organisation of the row.
    Elsewhere,
    /// Their name is like it.
    SimilarName,
    /// Its acronym is like it.
    SimilarAcronym,
    /// Another name of it is like it.
    SimilarAlias,
}

/// Somebody who may be meant by a row: nobody is matched by likeness. Only people and organisations that you may see.
#[derive(SimpleObject, Clone, Debug)]
pub struct MembershipSyncCandidate {
    /// Which field of the row: `person`, `organisation` or `fundedBy`.
    pub field: String,
    /// The id of the person or organisation, for the row.
    pub id: Id,
    /// The name, as it is written.
    pub name: String,
    /// How likely, from 0 to 100: 100 is the very name, below 70 nobody is named.
    pub score: i32,
    /// Why.
    pub why: MembershipSyncLikeness,
}

/// A field of a seat that changes.
#[derive(SimpleObject, Clone, Debug)]
pub struct MembershipSyncChange {
    /// Its name, e.g. `until`.
    pub field: String,
    /// As it stood, as text (days as `2026-12-31`, organisations by id); null: nothing.
    pub before: Option<String>,
    /// As it stands after the call; null: nothing.
    pub after: Option<String>,
}

/// What became of a row.
#[derive(SimpleObject, Clone, Debug)]
pub struct MembershipSyncRow {
    /// The place of the row in the input, from 0.
    pub index: i32,
    /// What became of its seat.
    pub outcome: MembershipSyncOutcome,
    /// The seat as it stands, as you may see it; null if the row was refused, or if a dry run would make it.
    pub membership: Option<Membership>,
    /// What changed of a seat that stood already.
    pub changes: Vec<MembershipSyncChange>,
    /// Whether its person was entered by this call.
    pub is_person_new: bool,
    /// Who may be meant where nobody was found or more than one; for a person who was entered: who has the same name
    /// or a similar one. Similar names are looked for for the first 100 rows that need it.
    pub candidates: Vec<MembershipSyncCandidate>,
}

/// A seat that holds today and that no row names.
#[derive(SimpleObject, Clone, Debug)]
pub struct MembershipSyncMissing {
    /// What became of it: ENDED, UNCHANGED or REFUSED.
    pub outcome: MembershipSyncOutcome,
    /// The id of the membership.
    pub id: Id,
    /// The seat as it stands, as you may see it.
    pub membership: Option<Membership>,
}

/// What a synchronisation did, or a dry run would do.
#[derive(SimpleObject, Clone, Debug)]
pub struct MembershipsSyncPayload {
    /// Whether nothing was done because only a dry run was asked for.
    pub is_dry_run: bool,
    /// Every row, in order; if the call was refused only rows that were refused, at most 100.
    pub rows: Vec<MembershipSyncRow>,
    /// With `missing: REPORT` or `END`: the seats that hold today and that no row names; if the call was refused only
    /// those that may not be ended, at most 100.
    pub missing: Vec<MembershipSyncMissing>,
    /// How many seats were given.
    pub created_count: i32,
    /// How many seats were changed.
    pub updated_count: i32,
    /// How many seats were ended, those that no row names included.
    pub ended_count: i32,
    /// How many rows found their seat as it should be.
    pub unchanged_count: i32,
    /// How many rows and seats were refused; if it is not 0 nothing was changed, and the other counts are 0.
    pub refused_count: i32,
    /// How many people were entered.
    pub person_count: i32,
    /// Why nothing was changed: the errors of all rows, at most 100, each with the path to its row
    /// (`["input", "rows", "17", "organisation"]`); empty if nothing was refused.
    pub user_errors: Vec<UserError>,
}

/// A row, or a seat that no row names, before it is shown.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// What became of it.
    pub outcome: MembershipSyncOutcome,
    /// Its seat, if there is one that is to be shown.
    pub seat: Option<Uuid>,
    /// What changed.
    #[serde(skip)]
    pub changes: Vec<FieldChange>,
    /// Whether its person is new.
    pub is_person_new: bool,
    /// Who may be meant, and by which field.
    #[serde(skip)]
    pub candidates: Vec<(&'static str, matching::Candidate)>,
}

impl Line {
    /// Nothing is known yet.
    pub(super) const fn new(outcome: MembershipSyncOutcome, seat: Option<Uuid>) -> Self {
        Self { outcome, seat, changes: Vec::new(), is_person_new: false, candidates: Vec::new() }
    }

    /// The row as it is shown; its membership must have been read.
    pub(super) fn row(self, front: &Front<'_>, index: usize) -> MembershipSyncRow {
        let change = |c: FieldChange| MembershipSyncChange {
            field: c.field.to_owned(),
            before: c.before,
            after: c.after,
        };
        let candidate = |(field, c): (&str, matching::Candidate)| MembershipSyncCandidate {
            field: field.to_owned(),
            id: Id(c.kind, c.id),
            name: c.name,
            score: count(c.score),
            why: c.why.into(),
        };
        MembershipSyncRow {
            index: count(index),
            outcome: self.outcome,
            membership: front.one(self.seat),
            changes: self.changes.into_iter().map(change).collect(),
            is_person_new: self.is_person_new,
            candidates: self.candidates.into_iter().map(candidate).collect(),
        }
    }
}

/// A number as GraphQL has them.
pub(super) fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Reads the memberships that the payload shows, with what is selected of them.
pub(super) async fn read(ctx: &Context<'_>, seats: &[Uuid]) -> Result<()> {
    let field = ctx.field();
    let lists = field.selection_set().filter(|f| f.name() == "rows" || f.name() == "missing");
    let wanted: Vec<SelectionField<'_>> = lists
        .flat_map(|list| list.selection_set().filter(|f| f.name() == "membership").collect::<Vec<_>>())
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    // a list that is read at once is cut at a thousand
    for some in seats.chunks(1000) {
        prefetch::by_ids::<Membership>(&Front::of(ctx), some, &wanted).await?;
    }
    Ok(())
}
