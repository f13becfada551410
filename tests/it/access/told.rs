//! What somebody must be told about a row, field by field.

use std::collections::BTreeSet;

use tests::{Value, json};

use super::facts::{Fact, list, strings};
use super::mutations;
use super::policy::{Who, is_announced};
use super::predict::Oracle;

impl Oracle {
    /// What somebody must be told about a row: null if it is hidden.
    pub fn row(&self, who: &Who, id: &str) -> Value {
        if !self.sees(who, id) {
            return Value::Null;
        }
        let fact = self.facts.of(id);
        let mut out = self.object(who, fact, &fact.of, &fact.row);
        out["__typename"] = json!(fact.of);
        out["id"] = json!(fact.id);
        out
    }

    fn object(&self, who: &Who, fact: &Fact, of: &str, told: &Value) -> Value {
        let mut out = json!({});
        for field in &self.schema.named(of).fields {
            let key = format!("{of}_{}", field.name);
            out[&key] = self.value(who, fact, &format!("{of}.{}", field.name), told, &told[&key]);
        }
        out
    }

    /// What somebody must be told in one field, where the witness is told `value`. `told`: the object around it.
    fn value(&self, who: &Who, fact: &Fact, name: &str, told: &Value, value: &Value) -> Value {
        let rule = self.rule(name);
        let inside = |joint| self.inside(who, fact, &rule.action, joint);
        let open = match rule.how.as_str() {
            "seen" | "moment" => true,
            // to programs by a scope of its own
            "address" => self.table.covers(who, &rule.action),
            "inside" => inside(false),
            "joint" => inside(true),
            "calendar" => self.reads_calendar(who, fact, &rule.action),
            "names" => inside(false) || (who.person.is_some() && fact.linked("person") == who.person),
            "whole" => inside(false) || self.is_assigned(who, fact),
            "mine" => inside(false) || (who.person.is_some() && fact.linked("person") == who.person),
            "handover" => {
                inside(false)
                    || (who.person.is_some() && fact.linked("person") == who.person)
                    || self.observes(who, &self.facts.group(fact).id, &rule.action)
            }
            "join-link" => {
                let groups = self.facts.groups(fact);
                let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
                let standing = self.facts.standing(fact);
                self.table.opens(who, &rule.action, &groups, &self.facts.operation(fact), &standing)
            }
            "mandate" => fact.text("visibility") == "PUBLIC" || !who.is_admin || inside(false),
            "twin" => return self.twin(who, fact, &rule.action, value),
            "steps" => return self.steps(who, fact),
            "permissions" => return self.permissions(who, fact),
            "latest" => {
                let first = list(fact.get("minutesRevisions")).find(|m| self.sees_linked(who, m));
                return first.cloned().unwrap_or_default();
            }
            "shares" => return self.shares(who, fact, value),
            other => panic!("fields.csv: {name} is opened by no rule {other:?}"),
        };
        if !open {
            let (of, field) = name.split_once('.').expect("Type.field");
            let shape = self.schema.named(of).fields.iter().find(|f| f.name == field).expect("a field");
            return if value.is_array() && !shape.is_nullable { json!([]) } else { Value::Null };
        }
        self.filtered(who, fact, name, told, value)
    }

    /// Rows that are hidden, and entries that are, left out.
    fn filtered(&self, who: &Who, fact: &Fact, name: &str, told: &Value, value: &Value) -> Value {
        let (of, field) = name.split_once('.').expect("Type.field");
        let shape = self.schema.named(of).fields.iter().find(|f| f.name == field).expect("a field");
        if shape.of.ends_with("Connection") {
            return self.connection(who, value);
        }
        if !self.schema.is_composite(&shape.of) {
            return value.clone();
        }
        let one = |v: &Value| -> Option<Value> {
            if self.schema.is_node(&shape.of) {
                return self.sees_linked(who, v).then(|| v.clone());
            }
            self.shows_entry(who, fact, &shape.of, v).then(|| self.object(who, fact, &shape.of, v))
        };
        let _ = told;
        match value {
            Value::Array(values) => Value::Array(values.iter().filter_map(one).collect()),
            Value::Null => Value::Null,
            other => one(other).unwrap_or_default(),
        }
    }

    fn sees_linked(&self, who: &Who, linked: &Value) -> bool {
        linked["id"].as_str().is_some_and(|id| self.sees(who, id))
    }

    fn connection(&self, who: &Who, value: &Value) -> Value {
        let nodes: Vec<&Value> = list(&value["nodes"]).filter(|n| self.sees_linked(who, n)).collect();
        json!({ "nodes": nodes, "totalCount": nodes.len() })
    }

    /// Whether an entry without an id of its own is shown: assignees, addressees, notes, contacts …
    fn shows_entry(&self, who: &Who, fact: &Fact, of: &str, entry: &Value) -> bool {
        let is_set = |field: &str| !entry[format!("{of}_{field}")].is_null();
        let Some(rule) = self.rules.get(of) else { return true };
        match rule.how.as_str() {
            // public answers carry organisations: people and texts as written are left out
            "organisations" => {
                let me = who.person.as_deref();
                let is_me = me.is_some() && entry[format!("{of}_person")]["id"].as_str() == me;
                is_set("organisation")
                    || is_set("group")
                    || is_me
                    || self.inside(who, fact, &rule.action, false)
            }
            "whole" => self.inside(who, fact, &rule.action, false) || self.is_assigned(who, fact),
            "inside" => self.inside(who, fact, &rule.action, false),
            "contact" => self.sees_contact(who, fact, entry, &rule.action),
            _ => true,
        }
    }

    /// `person.read_contact`: one's own; those of the people of one's groups, for officers; those shared with a
    /// group in which the table says "opted".
    fn sees_contact(&self, who: &Who, person: &Fact, contact: &Value, action: &str) -> bool {
        let shared: Vec<&str> = strings(&contact["ContactPoint_sharedWith"]).collect();
        let theirs = self.facts.groups_of(&person.id);
        let groups: Vec<&str> = theirs.iter().map(String::as_str).collect();
        who.person.as_deref() == Some(&person.id)
            || self.table.is_opened(who, action, &groups)
            || who.seats.iter().any(|s| match self.table.cell(action, &s.role) {
                "yes" => self.table.covers(who, action) && theirs.contains(&s.group),
                "opted" => self.table.covers(who, action) && shared.contains(&s.group.as_str()),
                _ => false,
            })
    }

    fn shares(&self, who: &Who, person: &Fact, value: &Value) -> Value {
        let is_me = who.person.as_deref() == Some(&person.id);
        json!(strings(value).filter(|g| is_me || who.is_seated_in(g)).collect::<Vec<_>>())
    }

    fn reads_calendar(&self, who: &Who, fact: &Fact, action: &str) -> bool {
        let (group, operation) = (self.facts.group(fact), self.facts.operation(fact));
        self.inside(who, fact, action, true)
            || is_announced(who, &operation, group.text("visibility"), &self.facts.standing(fact))
    }

    fn twin(&self, who: &Who, fact: &Fact, action: &str, value: &Value) -> Value {
        if self.inside(who, fact, action, false) || self.is_assigned(who, fact) {
            return value.clone();
        }
        self.facts.public.get(&fact.id).map_or(Value::Null, |text| json!(text))
    }

    /// The steps that the state allows, as far as the viewer may take them.
    fn steps(&self, who: &Who, fact: &Fact) -> Value {
        let none = BTreeSet::new();
        let mut steps = self.facts.steps.get(&fact.id).unwrap_or(&none).clone();
        // a step of whoever asks, whom nobody of those who taught the steps is
        if fact.of == "MembershipRequest" && fact.text("status") == "PENDING" {
            steps.insert("membershipRequestWithdraw".to_owned());
        }
        let may = |step: &&String| {
            let line = self.lines.iter().find(|l| l.mutation == **step);
            let line = line.unwrap_or_else(|| panic!("mutations.csv has no {step}"));
            let about = mutations::about(self, who, &line.about, Some(fact));
            mutations::may(self, who, &line.action, &about, Some(fact))
        };
        json!(steps.iter().filter(may).collect::<Vec<_>>())
    }

    /// What the permission table says that the viewer may do with a row.
    fn permissions(&self, who: &Who, fact: &Fact) -> Value {
        let none = BTreeSet::new();
        let actions = self.facts.actions.get(&fact.of).unwrap_or(&none).iter();
        let may = |action: &&String| {
            let how = match (fact.of.as_str(), action.as_str()) {
                ("Organisation", "organisation.merge") | ("Person", "person.merge") => "anywhere",
                ("Organisation", _) => "organisation",
                ("Person", _) => "person",
                ("Membership", _) => "membership",
                ("FollowUp", "follow_up.report") => "assigned",
                ("Announcement", "announcement.write") => "announcement",
                ("Document", "document.write") => "document",
                _ => "row",
            };
            let about = mutations::about(self, who, how, Some(fact));
            self.table.may(who, action, &about)
        };
        json!(actions.filter(may).collect::<Vec<_>>())
    }
}
