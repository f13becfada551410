//! What there is, as the witness reads it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use tests::Value;

use super::policy::{Seat, Standing};

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
    /// The texts that went out, by the id of the row.
    pub(super) public: BTreeMap<String, String>,
    /// The steps that the state of each row allows, whoever takes them.
    pub(super) steps: BTreeMap<String, BTreeSet<String>>,
    /// The actions of which rows of each type tell.
    pub(super) actions: BTreeMap<String, BTreeSet<String>>,
    today: String,
    by_type: BTreeMap<String, Vec<String>>,
    places: BTreeMap<String, (Vec<String>, String)>,
    standings: RefCell<HashMap<String, Standing>>,
}

/// The words of a list; none of null.
pub fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The values of a list; none of null.
pub fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
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
    pub(super) fn groups(&self, fact: &Fact) -> &[String] {
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

    pub(super) fn meeting(&self, fact: &Fact) -> &Fact {
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
