//! What `docs/permissions.csv` and the ceilings of `docs/data-protection.md` say, worked out anew: nothing here
//! is taken from the server's code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tests::Client;

use super::predict::read_table;

/// The permission table: a word for each action and column.
pub struct Table {
    rows: BTreeMap<String, BTreeMap<String, String>>,
    /// The scope that an API token needs for each action.
    scopes: BTreeMap<String, String>,
}

/// A seat that gives rights today.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The id of the group.
    pub group: String,
    /// The id of its operation.
    pub operation: String,
    /// The column of the role.
    pub role: String,
    /// Handed down from the parent group.
    pub is_inherited: bool,
}

impl Seat {
    fn is_officer(&self) -> bool {
        ["secretary", "information_manager", "coordinator"].contains(&self.role.as_str())
    }
}

/// Somebody who asks.
pub struct Who {
    /// What the matrix calls them.
    pub name: String,
    /// How they ask.
    pub client: Client,
    /// Whether they are somebody at all.
    pub is_signed_in: bool,
    /// Whether the server turns them away.
    pub is_revoked: bool,
    /// Their entry among the people.
    pub person: Option<String>,
    /// Their organisation and those of their seats.
    pub organisations: BTreeSet<String>,
    /// Their seats.
    pub seats: Vec<Seat>,
    /// The operations that they manage.
    pub manages: Vec<String>,
    /// Whether they hold the platform.
    pub is_admin: bool,
    /// What their API token is good for, if they come with one.
    pub scopes: Option<BTreeSet<String>>,
    /// The groups that they opened by break-glass.
    pub opened: Vec<String>,
    /// The service whose program they are.
    pub service: Option<String>,
    /// The API token that they send.
    pub token: Option<String>,
}

/// What an action is about.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Groups; none: it belongs to no group.
    pub groups: Vec<String>,
    /// The operation.
    pub operation: Option<String>,
    /// People.
    pub people: Vec<String>,
    /// Organisations.
    pub organisations: Vec<String>,
}

/// Where a row stands: who may see it, how bad disclosure would be, whether it is published.
#[derive(Clone, Debug)]
pub struct Standing {
    /// `PUBLIC` … `OFFICERS`.
    pub visibility: String,
    /// `LOW` … `SEVERE`.
    pub sensitivity: String,
    /// Whether it went out.
    pub is_published: bool,
}

impl Standing {
    fn up_to(&self, visibility: &str, sensitivity: &str) -> bool {
        let rank = |list: [&str; 4], word: &str| {
            list.iter().position(|w| *w == word).unwrap_or_else(|| panic!("no level {word}"))
        };
        let visibilities = ["PUBLIC", "OPERATION", "GROUP", "OFFICERS"];
        let sensitivities = ["LOW", "MODERATE", "HIGH", "SEVERE"];
        rank(visibilities, &self.visibility) <= rank(visibilities, visibility)
            && rank(sensitivities, &self.sensitivity) <= rank(sensitivities, sensitivity)
    }
}

impl Table {
    /// Reads the published table.
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/permissions.csv");
        let mut reader = csv::Reader::from_path(path).expect("the permission table");
        let header = reader.headers().expect("a header").clone();
        let rows = reader.records().map(|row| {
            let row = row.expect("a row");
            let cells = header.iter().zip(&row).map(|(column, cell)| (column.to_owned(), cell.to_owned()));
            (row[0].to_owned(), cells.collect())
        });
        let scopes = read_table("scopes.csv").into_iter().map(|row| (row[0].clone(), row[1].clone()));
        let table = Self { rows: rows.collect(), scopes: scopes.collect() };
        let unknown: Vec<&String> = table.rows.keys().filter(|a| !table.scopes.contains_key(*a)).collect();
        assert!(unknown.is_empty(), "scopes.csv does not classify {unknown:?}");
        table
    }

    /// The word in a cell.
    pub fn cell(&self, action: &str, column: &str) -> &str {
        let row = self.rows.get(action).unwrap_or_else(|| panic!("permissions.csv has no action {action}"));
        row.get(column).unwrap_or_else(|| panic!("permissions.csv has no column {column}"))
    }

    /// Whether the API token of somebody, if they come with one, is good for this.
    pub fn covers(&self, who: &Who, action: &str) -> bool {
        let scope = self.scopes[action].as_str();
        who.scopes.as_ref().is_none_or(|scopes| scope == "READ" || scopes.contains(scope))
    }

    /// Whether break-glass opens it: what coordinators read.
    pub fn is_opened(&self, who: &Who, action: &str, groups: &[&str]) -> bool {
        ["READ", "CONTACTS"].contains(&self.scopes[action].as_str())
            && self.cell(action, "coordinator") == "yes"
            && who.opened.iter().any(|g| groups.contains(&g.as_str()))
    }

    /// Whether somebody may do something.
    pub fn may(&self, who: &Who, action: &str, about: &About) -> bool {
        if !who.is_signed_in || !self.covers(who, action) {
            return false;
        }
        let is_me = who.person.as_ref().is_some_and(|p| about.people.contains(p));
        let is_ours = is_me || about.organisations.iter().any(|o| who.organisations.contains(o));
        let anywhere = about.groups.is_empty() && about.operation.is_none();
        let grants = |column: &str| match self.cell(action, column) {
            "yes" => true,
            "self" | "assigned" => is_me,
            "own" => is_ours,
            "sub" => !about.groups.is_empty(),
            _ => false,
        };
        let manages = match &about.operation {
            Some(operation) => who.manages.contains(operation),
            None => anywhere && !who.manages.is_empty(),
        };
        let groups: Vec<&str> = about.groups.iter().map(String::as_str).collect();
        grants("outsider")
            || self.is_opened(who, action, &groups)
            || (who.is_admin && self.cell(action, "admin") == "yes")
            || (manages && self.cell(action, "operation_manager") == "yes")
            || who.seats.iter().any(|s| (anywhere || about.groups.contains(&s.group)) && grants(&s.role))
    }

    /// Whether somebody has a right without reserve on what belongs to these groups: a seat, or a grant.
    pub fn inside(&self, who: &Who, action: &str, groups: &[&str], operation: &str) -> bool {
        self.seated(who, action, groups) || self.granted(who, action, operation)
    }

    /// The same, by a seat.
    pub fn seated(&self, who: &Who, action: &str, groups: &[&str]) -> bool {
        let by_seat = who
            .seats
            .iter()
            .any(|s| groups.contains(&s.group.as_str()) && self.cell(action, &s.role) == "yes");
        self.covers(who, action) && (by_seat || self.is_opened(who, action, groups))
    }

    /// Whether a seat or a grant opens a row, under the ceilings of the seat.
    pub fn opens(&self, who: &Who, action: &str, groups: &[&str], operation: &str, row: &Standing) -> bool {
        let by_seat = who.seats.iter().any(|s| {
            let below = match s.role.as_str() {
                _ if s.is_officer() => true,
                "observer" => row.up_to("GROUP", "MODERATE"),
                _ => row.up_to("GROUP", "HIGH"),
            };
            groups.contains(&s.group.as_str()) && self.cell(action, &s.role) == "yes" && below
        });
        (by_seat && self.covers(who, action))
            || self.is_opened(who, action, groups)
            || self.granted(who, action, operation)
    }

    /// Whether a grant opens everything of an operation.
    pub fn granted(&self, who: &Who, action: &str, operation: &str) -> bool {
        let manages = who.manages.iter().any(|o| o == operation);
        self.covers(who, action)
            && ((manages && self.cell(action, "operation_manager") == "yes")
                || (who.is_admin && self.cell(action, "admin") == "yes"))
    }

    /// Whether the public twin of a row shows.
    pub fn is_public(&self, who: &Who, action: &str, operation: &str, row: &Standing) -> bool {
        self.cell(action, "anonymous") == "public"
            && row.is_published
            && (row.up_to("PUBLIC", "LOW") || (who.is_in(operation) && row.up_to("OPERATION", "MODERATE")))
    }
}

impl Who {
    /// Whether somebody is in an operation: by a seat in one of its groups, or a grant.
    pub fn is_in(&self, operation: &str) -> bool {
        self.seats.iter().any(|s| s.operation == operation) || self.manages.iter().any(|o| o == operation)
    }

    /// Whether somebody is an officer of a group.
    pub fn is_officer_of(&self, group: &str) -> bool {
        self.seats.iter().any(|s| s.group == group && s.is_officer())
    }

    /// Whether somebody has a seat in a group, under the role's right to see the group at all.
    pub fn is_seated_in(&self, group: &str) -> bool {
        self.seats.iter().any(|s| s.group == group)
    }
}

/// The ceilings of a calendar: what is shown of a meeting without an act of publication.
pub fn is_announced(who: &Who, operation: &str, group_visibility: &str, row: &Standing) -> bool {
    let public = group_visibility == "PUBLIC" && row.up_to("PUBLIC", "LOW");
    let open = ["PUBLIC", "OPERATION"].contains(&group_visibility);
    public || (open && who.is_in(operation) && row.up_to("OPERATION", "MODERATE"))
}
