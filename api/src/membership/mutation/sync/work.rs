//! The list, row by row, against the seats of the group. All of it in memory: what is read is read
//! before, what is written is written at the end.

use std::collections::{BTreeSet, HashMap};

use async_graphql::MaybeUndefined;
use chrono::NaiveDate;
use entity::coordination_group;
use entity::enums::{GroupStatus, MembershipRole};
use entity::membership::Model;
use uuid::Uuid;

use super::super::super::rules::plan::{self, FieldChange, Topic, Wanted};
use super::super::super::{rules, store};
use super::super::seat::{fits, own_stays};
use super::super::{is_own, may_end, permit};
use super::Done;
use super::input::{MembershipSyncRowInput, MembershipsMissing};
use super::names::{Named, Names, pair, refusals};
use super::payload::{Line, MembershipSyncOutcome};
use crate::auth::Permit;
use crate::db::{Seen, Tx, Where};
use crate::error::{At, Error, Refusal, Result, Rule, Why};
use crate::graphql::{change_day, change_text};
use crate::id::Kind;
use crate::text::{self, fold};
use crate::{external, person};

/// What changes a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Row(usize),
    Missing,
}

/// A seat of the group, as it was seen (unless it is new) and as it shall be.
struct Slot {
    seen: Option<Seen<Model>>,
    row: Model,
    /// The row that names it.
    named: bool,
    /// What changes it.
    changed: Option<By>,
}

pub(super) struct Work<'a> {
    tx: &'a Tx,
    group: &'a Seen<coordination_group::Model>,
    names: Names<'a>,
    slots: Vec<Slot>,
    of_id: HashMap<Uuid, usize>,
    of_holder: HashMap<(MembershipRole, Option<Uuid>), Vec<usize>>,
    /// The seats that other systems know, of whatever group.
    references: HashMap<(String, String), Uuid>,
    new_references: Vec<(Uuid, (String, String))>,
    done: Done,
}

/// What seats are found by: their person, or the organisation without one.
fn holder(seat: &Model) -> (MembershipRole, Option<Uuid>) {
    (seat.role, seat.person_id.or(seat.organisation_id))
}

impl<'a> Work<'a> {
    /// Reads what the rows are about.
    pub(super) async fn begin(
        tx: &'a Tx,
        group: &'a Seen<coordination_group::Model>,
        rows: &[MembershipSyncRowInput],
    ) -> Result<Self> {
        let seats: Vec<Seen<Model>> = tx.seen_all(&Where::eq("group_id", group.id)).await?;
        let named: BTreeSet<(String, String)> =
            rows.iter().filter_map(|row| row.external_reference.as_ref()).map(pair).collect();
        let references = external::known(tx, Kind::Membership, &named).await?;
        let names = Names::look_up(tx, group, &seats, rows).await?;
        let mut work = Self {
            tx,
            group,
            names,
            slots: Vec::new(),
            of_id: HashMap::new(),
            of_holder: HashMap::new(),
            references,
            new_references: Vec::new(),
            done: Done::default(),
        };
        for seen in seats {
            let row = Model::clone(&seen);
            work.hold(Slot { seen: Some(seen), row, named: false, changed: None });
        }
        Ok(work)
    }

    fn hold(&mut self, slot: Slot) {
        let place = self.slots.len();
        self.of_id.insert(slot.row.id, place);
        self.of_holder.entry(holder(&slot.row)).or_default().push(place);
        self.slots.push(slot);
    }

    /// The day up to which a seat has ended when it gives no rights any more.
    fn today(&self) -> NaiveDate {
        self.tx.today(self.group.operation_id).min(self.tx.now().date_naive())
    }

    /// Takes a row in, or refuses it with all that is wrong about it.
    pub(super) fn take(&mut self, index: usize, row: &MembershipSyncRowInput) -> Result<()> {
        let mut line = Line::new(MembershipSyncOutcome::Unchanged, None);
        let taken = match self.names.named(row, &mut line) {
            Ok(named) => self.seat(index, row, named, &mut line).map_err(|error| vec![error]),
            Err(errors) => Err(errors),
        };
        if let Err(errors) = taken {
            let (candidates, refused) = (line.candidates, MembershipSyncOutcome::Refused);
            line = Line { candidates, ..Line::new(refused, None) };
            self.done.refusals.extend(refusals(errors, &format!("rows.{index}"))?);
        }
        self.done.rows.push(line);
        Ok(())
    }

    /// The seat that a row means, as the row wants it.
    fn seat(
        &mut self,
        index: usize,
        row: &MembershipSyncRowInput,
        named: Named,
        line: &mut Line,
    ) -> Result<()> {
        let reference = row.external_reference.as_ref().map(pair);
        if let Some((system, code)) = &reference {
            text::required(system, text::LONGEST_NAME).at("externalReference.system")?;
            text::required(code, text::LONGEST_NAME).at("externalReference.code")?;
        }
        let known = reference.as_ref().and_then(|r| self.references.get(r).copied());
        let place = match known {
            Some(id) => Some(self.referenced(id, named)?),
            None => self.meant(row, named)?,
        };
        let Some(place) = place else { return self.give(index, row, named, reference, line) };
        if self.slots[place].named {
            return Err(Error::refused(Why::Duplicate));
        }
        self.slots[place].named = true;
        let before = self.slots[place].row.clone();
        let mut after = applied(Model { role: row.role.into(), ..before.clone() }, row, named)?;
        if known.is_some() && row.until.is_undefined() && rules::ended(before.until, self.today()) {
            after.until = None;
        }
        line.seat = Some(before.id);
        line.changes = plan::changes(&before, &after);
        if let (Some((system, code)), None) = (&reference, known) {
            let after = Some(format!("{system} {code}"));
            line.changes.push(FieldChange { field: "externalReference", before: None, after });
        }
        if line.changes.is_empty() {
            return Ok(());
        }
        self.may_change(&before, &after)?;
        let ends = !rules::ended(before.until, self.today()) && rules::ended(after.until, self.today());
        line.outcome = if ends { MembershipSyncOutcome::Ended } else { MembershipSyncOutcome::Updated };
        self.refer(reference.filter(|_| known.is_none()), before.id);
        self.slots[place].row = after;
        self.slots[place].changed = Some(By::Row(index));
        Ok(())
    }

    fn refer(&mut self, reference: Option<(String, String)>, seat: Uuid) {
        if let Some(reference) = reference {
            self.references.insert(reference.clone(), seat);
            self.new_references.push((seat, reference));
        }
    }

    /// The seat that another system knows: of this group, and of whom the row names.
    fn referenced(&self, id: Uuid, named: Named) -> Result<usize> {
        let taken = || Error::refused(Why::Duplicate).at("externalReference");
        let place = *self.of_id.get(&id).ok_or_else(taken)?;
        let seat = &self.slots[place].row;
        for (given, held, field) in [
            (named.person, seat.person_id, "person"),
            (named.organisation, seat.organisation_id, "organisation"),
        ] {
            if given.is_some() && given != held {
                return Err(Error::rule(Rule::OtherHolder).at(field));
            }
        }
        Ok(place)
    }

    /// The seat that the row means by holder, role and topic.
    fn meant(&self, row: &MembershipSyncRowInput, named: Named) -> Result<Option<usize>> {
        let topic = match &row.topic {
            MaybeUndefined::Undefined => Topic::Unsaid,
            MaybeUndefined::Null => Topic::None,
            MaybeUndefined::Value(topic) => Topic::Is(fold(topic)),
        };
        let wanted = Wanted {
            organisation: named.organisation,
            topic,
            since: row.since.value().map(|d| d.0),
            until: row.until.value().map(|d| d.0),
        };
        let of_holder = self.of_holder.get(&(row.role.into(), named.person.or(named.organisation)));
        let slots = of_holder.into_iter().flatten().map(|place| &self.slots[*place]);
        // a row that says when its seat begins does not mean one that another row has and that begins on
        // another day: somebody comes, goes, and comes again
        let free = |slot: &&Slot| !slot.named || wanted.since.is_none() || slot.row.since == wanted.since;
        let seats: Vec<&Model> = slots.filter(free).map(|slot| &slot.row).collect();
        match plan::meant(&seats, &wanted, self.today()) {
            Ok(id) => Ok(id.and_then(|id| self.of_id.get(&id).copied())),
            Err(ids) => {
                let candidates = ids.into_iter().map(|id| Kind::Membership.id(id)).collect();
                Err(Error::refused(Why::Ambiguous { candidates }))
            }
        }
    }

    /// Gives a seat: the rules of `membershipCreate`.
    fn give(
        &mut self,
        index: usize,
        row: &MembershipSyncRowInput,
        named: Named,
        reference: Option<(String, String)>,
        line: &mut Line,
    ) -> Result<()> {
        let new = store::blank(self.tx, self.group.id, row.role.into(), named.person, named.organisation);
        let new = applied(new, row, named)?;
        fits(&new)?;
        let action = rules::grant(new.role, new.person_id.is_some());
        permit(self.tx, action, self.group, &[], &self.names.spoken_for(&new)).at("role")?;
        if is_own(self.tx, &new) {
            return Err(Error::rule(Rule::OwnRole).at("person"));
        }
        rules::period(new.since, new.until).at("until")?;
        line.outcome = MembershipSyncOutcome::Created;
        line.seat = Some(new.id);
        self.refer(reference, new.id);
        self.hold(Slot { seen: None, row: new, named: true, changed: Some(By::Row(index)) });
        Ok(())
    }

    /// The rules of `membershipUpdate`.
    fn may_change(&self, before: &Model, after: &Model) -> Result<()> {
        let organisations = self.names.spoken_for(before);
        let to_person = before.person_id.is_some();
        for role in [before.role, after.role] {
            permit(self.tx, rules::grant(role, to_person), self.group, &[], &organisations).at("role")?;
        }
        own_stays(self.tx, before, after)?;
        fits(after)?;
        rules::period(after.since, after.until).at("until")
    }

    /// Whether something was refused: then it is not known which seats no row names.
    pub(super) const fn is_refused(&self) -> bool {
        !self.done.refusals.is_empty()
    }

    /// Deals with the seats that hold today and that no row names.
    pub(super) fn leave_out(
        &mut self,
        missing: Option<MembershipsMissing>,
        on: Option<NaiveDate>,
    ) -> Result<()> {
        let utc = self.tx.now().date_naive();
        let missing = missing.unwrap_or(MembershipsMissing::Keep);
        for place in 0..self.slots.len() {
            let row = &self.slots[place].row;
            let is_missing = !self.slots[place].named && rules::holds(row.since, row.until, utc);
            if !is_missing || missing == MembershipsMissing::Keep {
                continue;
            }
            let mut line = Line::new(MembershipSyncOutcome::Unchanged, Some(row.id));
            if missing == MembershipsMissing::End {
                match self.end(place, on) {
                    Ok(outcome) => line.outcome = outcome,
                    Err(error) => {
                        line.outcome = MembershipSyncOutcome::Refused;
                        self.done.refusals.extend(refusals(vec![error], "missing")?);
                    }
                }
            }
            self.done.missing.push(line);
        }
        Ok(())
    }

    /// Ends a seat: the rules of `membershipEnd`.
    fn end(&mut self, place: usize, on: Option<NaiveDate>) -> Result<MembershipSyncOutcome> {
        let seat = &self.slots[place].row;
        let (there, utc) = (self.tx.today(self.group.operation_id), self.tx.now().date_naive());
        let on = on.unwrap_or_else(|| rules::at_once(there, utc, seat.since));
        if rules::ended(seat.until, on) {
            return Ok(MembershipSyncOutcome::Unchanged);
        }
        may_end(self.tx, seat, self.group, &self.names.spoken_for(seat))?;
        rules::period(seat.since, Some(on))?;
        self.slots[place].row.until = Some(on);
        self.slots[place].changed = Some(By::Missing);
        Ok(MembershipSyncOutcome::Ended)
    }

    /// What only the whole list can break: no two open seats alike, and a coordinator stays.
    pub(super) fn check(&mut self) {
        let mut open: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, slot) in self.slots.iter().enumerate().filter(|(_, slot)| slot.row.until.is_none()) {
            open.entry(plan::identity(&slot.row)).or_default().push(place);
        }
        let mut doubled: Vec<usize> =
            open.into_values().filter(|places| places.len() > 1).flatten().collect();
        doubled.sort_unstable();
        for place in doubled {
            self.blame(place, Error::refused(Why::Duplicate));
        }
        if self.group.status == GroupStatus::Deactivated {
            return;
        }
        let today = self.tx.now().date_naive();
        let coordinates = |place: usize, day| rules::coordinates_on(&self.slots[place].row, day);
        let coordinators: Vec<usize> =
            (0..self.slots.len()).filter(|p| rules::coordinates(self.slots[*p].row.role)).collect();
        let mut last = Vec::new();
        for (place, slot) in self.slots.iter().enumerate() {
            let Some(seen) = slot.seen.as_ref().filter(|_| slot.changed.is_some()) else { continue };
            let Some(gone) = rules::stops_coordinating(seen, &slot.row, today) else { continue };
            if !coordinators.iter().any(|other| *other != place && coordinates(*other, gone)) {
                last.push(place);
            }
        }
        for place in last {
            self.blame(place, Error::rule(Rule::LastCoordinator));
        }
    }

    /// Refuses what changed a seat.
    fn blame(&mut self, place: usize, error: Error) {
        let Some(by) = self.slots[place].changed else { return };
        let id = self.slots[place].row.id;
        let (path, line) = match by {
            By::Row(index) => (format!("rows.{index}"), self.done.rows.get_mut(index)),
            By::Missing => {
                ("missing".to_owned(), self.done.missing.iter_mut().find(|line| line.seat == Some(id)))
            }
        };
        if let Some(line) = line {
            let seat = Some(id).filter(|_| by == By::Missing);
            *line = Line::new(MembershipSyncOutcome::Refused, seat);
        }
        if let Error::Refused(refusal) = error.at(&path) {
            self.done.refusals.push(refusal);
        }
    }

    /// Writes what changes, unless something was refused.
    pub(super) async fn write(mut self, to_sync: &Permit) -> Result<Done> {
        self.done.refusals.sort_by_key(place_of);
        if !self.done.refusals.is_empty() {
            return Ok(self.done);
        }
        let mut batch = store::Batch::default();
        for slot in self.slots.into_iter().filter(|slot| slot.changed.is_some()) {
            match slot.seen {
                Some(seen) => batch.changed.push((seen, slot.row)),
                None => batch.created.push(slot.row),
            }
        }
        self.done.people = self.names.entered.iter().map(|(row, _)| row.id).collect();
        if let Some(permit) = &self.names.to_enter {
            person::enter(self.tx, permit, self.names.entered).await?;
        }
        store::write(self.tx, to_sync, self.group.id, batch).await?;
        external::add_all(self.tx, Kind::Membership, self.new_references).await?;
        Ok(self.done)
    }
}

/// Where a refusal stands: rows in order, then what belongs to no row.
fn place_of(refusal: &Refusal) -> usize {
    refusal.field.get(1).and_then(|number| number.parse().ok()).unwrap_or(usize::MAX)
}

/// A seat with what the row says of it.
fn applied(mut seat: Model, row: &MembershipSyncRowInput, named: Named) -> Result<Model> {
    change_text(&mut seat.role_title, &row.role_title, text::LONGEST_NAME, "roleTitle")?;
    change_text(&mut seat.topic, &row.topic, text::LONGEST_NAME, "topic")?;
    change_text(&mut seat.represents, &row.represents, text::LONGEST_NAME, "represents")?;
    change_text(&mut seat.note, &row.note, text::LONGEST, "note")?;
    change_day(&mut seat.since, &row.since);
    change_day(&mut seat.until, &row.until);
    if let Some(funder) = named.funded_by {
        seat.funded_by_id = funder;
    }
    if !row.is_dedicated.is_undefined() {
        seat.is_dedicated = row.is_dedicated.value().copied();
    }
    Ok(seat)
}
