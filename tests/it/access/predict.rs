//! What each principal must be answered about each row: from the facts (what the witness reads), the
//! permission table, and `fields.csv`, which says by what right each field is opened.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use tests::{Value, json};

use super::mutations::{self, Line};
use super::policy::{Seat, Standing, Table, Who, is_announced};
use super::schema::Schema;

/// A row of the world, as the witness reads it: `FollowUp_text` …
pub struct Fact {
    /// Its type.
    pub of: String,
    /// Its id.
    pub id: String,
    /// How the matrix calls it.
    pub label: String,
    /// All of it.
    pub row: Value,
}

impl Fact {
    /// The value of a field.
    pub fn get(&self, field: &str) -> &Value {
        &self.row[format!("{}_{field}", self.of)]
    }

    /// The text of a field.
    pub fn text(&self, field: &str) -> &str {
        self.get(field).as_str().unwrap_or_default()
    }

    /// The id of the row that a field leads to.
    pub fn linked(&self, field: &str) -> Option<String> {
        self.get(field)["id"].as_str().map(str::to_owned)
    }
}

/// Everything there is.
pub struct Facts {
    rows: BTreeMap<String, Fact>,
    /// The order in which the matrix tells of them.
    pub order: Vec<String>,
    public: BTreeMap<String, String>,
    /// The steps that the state of each row allows, whoever takes them.
    steps: BTreeMap<String, BTreeSet<String>>,
    /// The actions of which rows of each type tell.
    actions: BTreeMap<String, BTreeSet<String>>,
    today: String,
    by_type: BTreeMap<String, Vec<String>>,
    places: BTreeMap<String, (Vec<String>, String)>,
    standings: RefCell<HashMap<String, Standing>>,
}

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

/// The words of a list; none of null.
pub fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The values of a list; none of null.
pub fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
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

impl Facts {
    /// From what the witness read.
    pub fn of_rows(rows: Vec<Value>, public: BTreeMap<String, String>) -> Self {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let rows: BTreeMap<String, Fact> = rows
            .into_iter()
            .map(|row| {
                let (of, id) = (text(&row["__typename"]), text(&row["id"]));
                (id.clone(), Fact { of, id, label: String::new(), row })
            })
            .collect();
        let mut facts = Self {
            rows,
            order: Vec::new(),
            public,
            steps: BTreeMap::new(),
            actions: BTreeMap::new(),
            today: kafo::clock::now().date_naive().to_string(),
            by_type: BTreeMap::new(),
            places: BTreeMap::new(),
            standings: RefCell::default(),
        };
        let labels: BTreeMap<String, String> =
            facts.rows.values().map(|fact| (fact.id.clone(), facts.label(fact))).collect();
        for (id, label) in &labels {
            facts.rows.get_mut(id).expect("a fact").label = label.clone();
        }
        let mut order: Vec<String> = facts.rows.keys().cloned().collect();
        order.sort_by_key(|id| (facts.of(id).of.clone(), labels[id].clone()));
        let mut seen = std::collections::BTreeSet::new();
        for id in &order {
            let key = (facts.of(id).of.clone(), labels[id].clone());
            assert!(seen.insert(key.clone()), "two rows with the label {key:?}");
        }
        for id in &order {
            facts.by_type.entry(facts.of(id).of.clone()).or_default().push(id.clone());
        }
        facts.order = order;
        for id in facts.order.clone() {
            let fact = facts.of(&id);
            let groups = facts.find_groups(fact);
            if let Some(operation) = groups.first().and_then(|g| facts.of(g).linked("operation")) {
                facts.places.insert(id, (groups, operation));
            }
        }
        facts
    }

    /// Adds what somebody with other rights may do: together they may do everything.
    pub fn learn(&mut self, rows: &[Value]) {
        for row in rows {
            let of = row["__typename"].as_str().unwrap_or_default();
            let id = row["id"].as_str().unwrap_or_default();
            let steps = strings(&row[format!("{of}_availableTransitions")]).map(str::to_owned);
            self.steps.entry(id.to_owned()).or_default().extend(steps);
            let actions = strings(&row[format!("{of}_viewerPermissions")]).map(str::to_owned);
            self.actions.entry(of.to_owned()).or_default().extend(actions);
        }
    }

    fn label(&self, fact: &Fact) -> String {
        let of = |field: &str| {
            let linked = fact.linked(field).and_then(|id| self.rows.get(&id).map(|f| self.label(f)));
            linked.unwrap_or_default()
        };
        match fact.of.as_str() {
            "Group" | "Organisation" => fact.text("acronym").to_owned(),
            "Operation" => fact.text("code").to_owned(),
            "ServiceAccount" | "ApiToken" => fact.text("name").to_owned(),
            "Invitation" => fact.text("displayName").to_owned(),
            "MembershipRequest" => fact.text("note").to_owned(),
            "BreakGlass" => fact.text("reason").to_owned(),
            "Place" => format!("{} {} {}", fact.text("pCode"), fact.text("name"), fact.text("validFrom")),
            "Person" | "Attendance" => fact.text("displayName").to_owned(),
            "Membership" => fact.text("roleTitle").to_owned(),
            "MeetingSeries" => fact.text("name").to_owned(),
            "Minutes" => format!("{} {}", fact.text("title"), fact.get("revision")),
            "Review" => fact.text("nextStep").to_owned(),
            "AgendaItem" => format!("{} ({})", fact.text("title"), of("meeting")),
            "Referral" => format!("{} {}", fact.text("text"), fact.text("status")),
            _ if !fact.text("title").is_empty() => fact.text("title").to_owned(),
            _ if !fact.text("text").is_empty() => fact.text("text").to_owned(),
            _ => fact.id.clone(),
        }
    }

    /// The row with this id.
    pub fn of(&self, id: &str) -> &Fact {
        self.rows.get(id).unwrap_or_else(|| panic!("no row {id} in the world"))
    }

    /// The row with this id, if there is one.
    pub fn find(&self, id: &str) -> Option<&Fact> {
        self.rows.get(id)
    }

    /// All rows of a type, in order.
    pub fn all<'a>(&'a self, of: &'a str) -> impl Iterator<Item = &'a Fact> {
        self.by_type.get(of).into_iter().flatten().map(|id| self.of(id))
    }

    /// Whether a seat holds today.
    pub fn is_active(&self, membership: &Fact) -> bool {
        let (since, until) = (membership.text("since"), membership.text("until"));
        (since.is_empty() || since <= self.today.as_str())
            && (until.is_empty() || until > self.today.as_str())
    }

    /// Whether a seat holds no more.
    pub fn is_over(&self, membership: &Fact) -> bool {
        let until = membership.text("until");
        !until.is_empty() && until <= self.today.as_str()
    }

    /// The seats of a person that hold today.
    pub fn seats_of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = (Seat, &'a Fact)> {
        let own = self.all("Membership").filter(move |m| m.linked("person").as_deref() == Some(person));
        own.filter(|m| self.is_active(m)).map(|m| {
            let group = m.linked("group").expect("a group");
            let operation = self.of(&group).linked("operation").expect("an operation");
            let role = m.text("role").to_lowercase();
            let role = if role == "co_coordinator" { "coordinator".to_owned() } else { role };
            (Seat { group, operation, role, is_inherited: false }, m)
        })
    }

    /// What an officer's seat gives in sub-groups.
    pub fn handed_down(&self, seat: &Seat) -> Vec<Seat> {
        if !["secretary", "information_manager", "coordinator"].contains(&seat.role.as_str()) {
            return Vec::new();
        }
        let below = self.all("Group").filter(|g| g.linked("parent").as_ref() == Some(&seat.group));
        let below = below.map(|g| Seat { group: g.id.clone(), is_inherited: true, ..seat.clone() });
        below
            .flat_map(|s| std::iter::once(s.clone()).chain(self.handed_down(&s)).collect::<Vec<_>>())
            .collect()
    }

    /// The groups in which a person has a seat today.
    pub fn groups_of(&self, person: &str) -> Vec<String> {
        self.seats_of(person).map(|(seat, _)| seat.group).collect()
    }

    /// The service that an API token belongs to.
    pub fn service_of(&self, token: &str) -> &Fact {
        let has = |s: &&Fact| list(s.get("apiTokens")).any(|t| t["id"] == token);
        self.all("ServiceAccount").find(has).unwrap_or_else(|| panic!("{token} of no service"))
    }

    /// The groups of a row: its own first, then the others of a joint meeting.
    fn groups(&self, fact: &Fact) -> &[String] {
        self.places.get(&fact.id).map_or(&[], |(groups, _)| groups)
    }

    fn find_groups(&self, fact: &Fact) -> Vec<String> {
        match fact.of.as_str() {
            "Meeting" => {
                let others =
                    list(fact.get("otherGroups")).filter_map(|g| g["JointGroup_group"]["id"].as_str());
                fact.linked("group").into_iter().chain(others.map(str::to_owned)).collect()
            }
            "AgendaItem" | "Attendance" | "Minutes" | "Review" => self.find_groups(self.meeting(fact)),
            "Group" => vec![fact.id.clone()],
            _ => fact.linked("group").into_iter().collect(),
        }
    }

    fn meeting(&self, fact: &Fact) -> &Fact {
        let id = fact.linked("meeting").unwrap_or_else(|| panic!("{} of no meeting", fact.label));
        self.of(&id)
    }

    /// The group that a row belongs to.
    pub fn group(&self, fact: &Fact) -> &Fact {
        self.of(&self.groups(fact)[0])
    }

    /// The operation that a row belongs to.
    pub fn operation(&self, fact: &Fact) -> String {
        self.places.get(&fact.id).unwrap_or_else(|| panic!("{} of no operation", fact.label)).1.clone()
    }

    /// Where a row stands.
    pub fn standing(&self, fact: &Fact) -> Standing {
        if let Some(known) = self.standings.borrow().get(&fact.id) {
            return known.clone();
        }
        let standing = self.work_out_standing(fact);
        self.standings.borrow_mut().insert(fact.id.clone(), standing.clone());
        standing
    }

    fn work_out_standing(&self, fact: &Fact) -> Standing {
        let own = |is_published| Standing {
            visibility: fact.text("visibility").to_owned(),
            sensitivity: fact.text("sensitivity").to_owned(),
            is_published,
        };
        match fact.of.as_str() {
            // the agenda goes out with the minutes
            "AgendaItem" => own(self.went_out(&self.meeting(fact).id)),
            "Attendance" | "Meeting" | "Group" => own(false),
            // as tight as where it was said, and as what was looked at
            "Review" => {
                let place = fact.linked("agendaItem").or(fact.linked("meeting")).expect("a place");
                let thing = fact.linked("recommendation").or(fact.linked("followUp")).expect("a thing");
                let (place, thing) = (self.standing(self.of(&place)), self.standing(self.of(&thing)));
                let tighter = |a: &str, b: &str, order: [&str; 4]| {
                    let rank = |w: &str| order.iter().position(|o| *o == w);
                    if rank(a) >= rank(b) { a.to_owned() } else { b.to_owned() }
                };
                Standing {
                    visibility: tighter(
                        &place.visibility,
                        &thing.visibility,
                        ["PUBLIC", "OPERATION", "GROUP", "OFFICERS"],
                    ),
                    sensitivity: tighter(
                        &place.sensitivity,
                        &thing.sensitivity,
                        ["LOW", "MODERATE", "HIGH", "SEVERE"],
                    ),
                    is_published: self.went_out(&self.meeting(fact).id),
                }
            }
            _ => own(!fact.get("publishedAt").is_null()),
        }
    }

    fn went_out(&self, meeting: &str) -> bool {
        self.all("Minutes")
            .any(|m| m.linked("meeting").as_deref() == Some(meeting) && !m.get("publishedAt").is_null())
    }

    /// The people to whom an action point is assigned.
    pub fn assignees(&self, fact: &Fact, kind: &str) -> Vec<String> {
        let of = |a: &Value| a[format!("Assignment_{kind}")]["id"].as_str().map(str::to_owned);
        list(fact.get("assignments")).filter_map(of).collect()
    }
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
    fn inside(&self, who: &Who, fact: &Fact, action: &str, joint: bool) -> bool {
        let groups = self.facts.groups(fact);
        let count = if joint { groups.len() } else { 1 };
        let groups: Vec<&str> = groups.iter().take(count).map(String::as_str).collect();
        self.table.inside(who, action, &groups, &self.facts.operation(fact))
    }

    fn is_assigned(&self, who: &Who, fact: &Fact) -> bool {
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
    fn observes(&self, who: &Who, group: &str, action: &str) -> bool {
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
