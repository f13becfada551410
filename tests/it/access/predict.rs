//! What each principal must be answered about each row: from the facts (what the witness reads), the
//! permission table, and `fields.csv`, which says by what right each field is opened. Here: whether it is seen at all.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use tests::Value;

use super::facts::{Fact, Facts, list};
use super::mutations::{self, Line};
use super::policy::{Seat, Table, Who, is_announced};
use super::schema::Schema;

/// By what right a field is opened.
#[derive(Clone, Debug)]
pub struct Rule {
    /// How.
    pub how: String,
    /// The action of the permission table, if one is asked.
    pub action: String,
}

/// What is predicted.
pub struct Oracle {
    /// The permission table.
    pub table: Table,
    /// Everything there is.
    pub facts: Facts,
    /// The schema.
    pub schema: Schema,
    /// `fields.csv`.
    pub rules: BTreeMap<String, Rule>,
    /// `mutations.csv`.
    pub lines: Vec<Line>,
    /// The audit log, as an administrator reads it.
    pub log: BTreeMap<u64, Value>,
    seen: RefCell<HashMap<(String, String), bool>>,
}

/// Reads a table of the tests: fields between semicolons, no quotes.
pub fn read_table(file: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/access").join(file);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .quoting(false)
        .comment(Some(b'#'))
        .flexible(true)
        .from_path(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows = reader.records().map(|row| row.unwrap_or_else(|error| panic!("{file}: {error}")));
    rows.map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect()
}

impl Oracle {
    /// With the rules of `fields.csv`.
    pub fn of(schema: Schema, facts: Facts) -> Self {
        let rules = read_table("fields.csv").into_iter().map(|row| {
            let cell = |n: usize| row.get(n).cloned().unwrap_or_default();
            (cell(0), Rule { how: cell(1), action: cell(2) })
        });
        let rules = rules.collect();
        Self {
            table: Table::read(),
            facts,
            schema,
            rules,
            lines: mutations::lines(),
            log: BTreeMap::new(),
            seen: RefCell::default(),
        }
    }

    /// The rule of a field or type.
    pub fn rule(&self, name: &str) -> &Rule {
        self.rules.get(name).unwrap_or_else(|| panic!("fields.csv does not classify {name}"))
    }

    /// Whether somebody sees a row at all.
    pub fn sees(&self, who: &Who, id: &str) -> bool {
        if who.is_revoked {
            return false;
        }
        let key = (who.name.clone(), id.to_owned());
        if let Some(known) = self.seen.borrow().get(&key) {
            return *known;
        }
        let sees = self.facts.find(id).is_some_and(|fact| self.works_out(who, fact));
        self.seen.borrow_mut().insert(key, sees);
        sees
    }

    fn works_out(&self, who: &Who, fact: &Fact) -> bool {
        let action = self.rule(&fact.of).action.as_str();
        let about = |how: &str| mutations::about(self, who, how, Some(fact));
        match self.rule(&fact.of).how.as_str() {
            "everyone" => true,
            "organisation" => who.is_signed_in || self.appears_in_public(&fact.id),
            "person" => self.sees_person(who, fact, action),
            "membership" => self.sees_membership(who, fact, action),
            "referral" => self.sees_referral(who, fact, action),
            "group" => self.sees_group(who, fact, action),
            "series" => {
                let group = self.facts.group(fact);
                let operation = self.facts.operation(fact);
                self.table.opens(who, action, &[&group.id], &operation, &self.facts.standing(group))
            }
            "meeting" => self.sees_meeting(who, fact, action),
            "of-meeting" => self.sees_of_meeting(who, fact, action),
            "attendance" => self.sees_of_meeting(who, fact, action),
            "minutes" => self.sees_minutes(who, fact),
            "recommendation" => self.content(who, fact, action, self.facts.public.contains_key(&fact.id)),
            "follow-up" => self.content(who, fact, action, true) || self.is_assigned(who, fact),
            "review" => {
                let thing = fact.linked("recommendation").or(fact.linked("followUp")).expect("a thing");
                self.content(who, fact, action, true) && self.sees(who, &thing)
            }
            "content" => self.content(who, fact, action, true),
            "service" => {
                who.service.as_ref() == Some(&fact.id) || self.table.may(who, action, &about("service"))
            }
            "token" => who.token.as_ref() == Some(&fact.id) || self.table.may(who, action, &about("token")),
            "invitation" => self.table.may(who, action, &about("waiting")),
            "request" => {
                let is_mine = who.person.is_some() && fact.linked("person") == who.person;
                is_mine || mutations::may(self, who, action, &about("waiting"), Some(fact))
            }
            "glass" => self.table.may(who, action, &about("row")),
            other => panic!("fields.csv: rows of {} are seen by no rule {other:?}", fact.of),
        }
    }

    fn content(&self, who: &Who, fact: &Fact, action: &str, has_twin: bool) -> bool {
        let (group, operation) = (self.facts.group(fact), self.facts.operation(fact));
        let standing = self.facts.standing(fact);
        self.table.opens(who, action, &[&group.id], &operation, &standing)
            || (has_twin && self.table.is_public(who, action, &operation, &standing))
    }

    /// Whether somebody has a right in the group of a row, or in one of the groups of a joint meeting.
    pub(super) fn inside(&self, who: &Who, fact: &Fact, action: &str, joint: bool) -> bool {
        let groups = self.facts.groups(fact);
        let count = if joint { groups.len() } else { 1 };
        let groups: Vec<&str> = groups.iter().take(count).map(String::as_str).collect();
        self.table.inside(who, action, &groups, &self.facts.operation(fact))
    }

    pub(super) fn is_assigned(&self, who: &Who, fact: &Fact) -> bool {
        who.person.as_ref().is_some_and(|p| self.facts.assignees(fact, "person").contains(p))
    }

    fn sees_group(&self, who: &Who, fact: &Fact, action: &str) -> bool {
        let operation = fact.linked("operation").expect("an operation");
        let seated = self.table.seated(who, action, &[&fact.id]);
        match fact.text("visibility") {
            "PUBLIC" => true,
            "OPERATION" if who.is_in(&operation) => true,
            "OFFICERS" => {
                who.is_officer_of(&fact.id) || self.table.granted(who, action, &operation) || who.is_admin
            }
            // an administrator sees that it is there
            _ => seated || self.table.granted(who, action, &operation) || who.is_admin,
        }
    }

    fn sees_meeting(&self, who: &Who, fact: &Fact, action: &str) -> bool {
        let (group, operation) = (self.facts.group(fact), self.facts.operation(fact));
        let standing = self.facts.standing(fact);
        if fact.text("status") == "DRAFT" {
            return self.table.opens(who, "meeting.read_draft", &[&group.id], &operation, &standing);
        }
        let groups = self.facts.groups(fact);
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        self.table.opens(who, action, &groups, &operation, &standing)
            || is_announced(who, &operation, group.text("visibility"), &standing)
            || (who.is_admin && self.table.cell(action, "admin") == "meta")
    }

    /// Points and attendance: as their meeting, where a seat or a publication opens them.
    fn sees_of_meeting(&self, who: &Who, fact: &Fact, action: &str) -> bool {
        let (operation, standing) = (self.facts.operation(fact), self.facts.standing(fact));
        let groups = self.facts.groups(fact);
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        if self.facts.meeting(fact).text("status") == "DRAFT"
            && !self.table.opens(who, "meeting.read_draft", &groups[..1], &operation, &standing)
        {
            return false;
        }
        self.table.opens(who, action, &groups, &operation, &standing)
            || self.table.is_public(who, action, &operation, &standing)
    }

    fn sees_minutes(&self, who: &Who, fact: &Fact) -> bool {
        let (action, has_twin) = match fact.text("status") {
            "DRAFT" | "UNDER_REVIEW" => ("minutes.read_draft", false),
            "CIRCULATED" => ("minutes.read_circulated", false),
            _ => ("minutes.read_adopted", true),
        };
        self.content(who, fact, action, has_twin)
    }

    fn sees_referral(&self, who: &Who, fact: &Fact, action: &str) -> bool {
        let sides: Vec<String> = [fact.linked("from"), fact.linked("to")].into_iter().flatten().collect();
        let operation = self.facts.of(&sides[0]).linked("operation").expect("an operation");
        let sides: Vec<&str> = sides.iter().map(String::as_str).collect();
        self.table.inside(who, action, &sides, &operation)
    }

    fn sees_membership(&self, who: &Who, fact: &Fact, action: &str) -> bool {
        let group = fact.linked("group").expect("a group");
        let operation = self.facts.of(&group).linked("operation").expect("an operation");
        let is_mine = who.person.is_some() && fact.linked("person") == who.person;
        let is_lead = ["LEAD", "CO_LEAD"].contains(&fact.text("role")) && self.facts.is_active(fact);
        is_mine
            || self.table.inside(who, action, &[&group], &operation)
            || (is_lead && self.sees(who, &group))
            || (fact.linked("organisation").is_some() && self.observes(who, &group, action))
    }

    /// Whether the table says "orgs" for a seat in the group.
    pub(super) fn observes(&self, who: &Who, group: &str, action: &str) -> bool {
        who.seats.iter().any(|s| s.group == group && self.table.cell(action, &s.role) == "orgs")
    }

    fn sees_person(&self, who: &Who, fact: &Fact, action: &str) -> bool {
        let is_me = who.person.as_deref() == Some(&fact.id);
        let yes = |column: &str| self.table.cell(action, column) == "yes";
        let theirs = self.facts.groups_of(&fact.id);
        let shares = |s: &Seat| self.table.cell(action, &s.role) == "shared" && theirs.contains(&s.group);
        is_me
            || (who.is_admin && yes("admin"))
            || (!who.manages.is_empty() && yes("operation_manager"))
            || who.seats.iter().any(|s| yes(&s.role) || shares(s))
            || self.facts.all("MembershipRequest").any(|r| self.decides_on(who, r, &fact.id))
    }

    /// Whether a person asks a focal point for a seat that it may give: who decides sees who asks.
    fn decides_on(&self, who: &Who, request: &Fact, person: &str) -> bool {
        let group = request.linked("group");
        let gives = |s: &Seat| {
            Some(&s.group) == group.as_ref() && self.table.cell("membership.grant_member", &s.role) == "own"
        };
        request.text("status") == "PENDING"
            && request.linked("person").as_deref() == Some(person)
            && request.linked("organisation").is_some_and(|o| who.organisations.contains(&o))
            && self.table.covers(who, "membership.grant_member")
            && who.seats.iter().any(gives)
    }

    /// `organisation.read`: the leads of PUBLIC groups, and whoever published points name.
    fn appears_in_public(&self, organisation: &str) -> bool {
        let is_lead = self.facts.all("Membership").any(|m| {
            let group = m.linked("group").map(|g| self.facts.of(&g).text("visibility") == "PUBLIC");
            ["LEAD", "CO_LEAD"].contains(&m.text("role"))
                && m.linked("organisation").as_deref() == Some(organisation)
                && group == Some(true)
                && self.facts.is_active(m)
        });
        let anybody = |fact: &Fact| {
            let row = self.facts.standing(fact);
            row.is_published && row.visibility == "PUBLIC" && row.sensitivity == "LOW"
        };
        let names = |fact: &Fact, list_field: &str, key: &str| {
            list(fact.get(list_field)).any(|a| a[key]["id"].as_str() == Some(organisation))
        };
        is_lead
            || self
                .facts
                .all("FollowUp")
                .any(|f| anybody(f) && names(f, "assignments", "Assignment_organisation"))
            || self
                .facts
                .all("Recommendation")
                .any(|r| anybody(r) && names(r, "addressees", "Addressee_organisation"))
    }
}
