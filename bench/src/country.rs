//! A country's record, made up: who belongs, who met, what was agreed. The same every time.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::chance::Chance;
use crate::words;

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Groups.
    pub groups: usize,
    /// Organisations.
    pub organisations: usize,
    /// People.
    pub people: usize,
    /// Meetings; each has five points, each point two recommendations, each of those two follow-ups.
    pub meetings: usize,
    /// The smallest group, and how much larger the largest one is.
    pub members: (usize, usize),
}

impl Scale {
    /// A country.
    pub const COUNTRY: Self =
        Self { groups: 20, organisations: 300, people: 3000, meetings: 3000, members: (150, 101) };
    /// Enough of it to see whether it is right.
    pub const SAMPLE: Self =
        Self { groups: 4, organisations: 14, people: 60, meetings: 12, members: (20, 9) };
}

/// The whole record.
#[derive(Debug)]
pub struct Country {
    /// Its operation.
    pub operation: Uuid,
    /// When the record begins.
    pub since: DateTime<Utc>,
    /// The groups, those above before their sub-groups.
    pub groups: Vec<Group>,
    /// The organisations.
    pub organisations: Vec<Organisation>,
    /// The people.
    pub people: Vec<Person>,
    /// The seats.
    pub memberships: Vec<Membership>,
    /// The meetings, the oldest first.
    pub meetings: Vec<Meeting>,
}

/// A group.
#[derive(Debug)]
pub struct Group {
    /// Its id.
    pub id: Uuid,
    /// The group above.
    pub parent: Option<Uuid>,
    /// What kind of forum.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its acronym.
    pub acronym: String,
    /// Its slug.
    pub slug: String,
    /// What for.
    pub mandate: String,
    /// Who may see it: an index into [`VISIBILITY`].
    pub visibility: usize,
    /// How bad disclosure would be: an index into [`SENSITIVITY`].
    pub sensitivity: usize,
}

/// From the widest to the tightest.
pub const VISIBILITY: [&str; 3] = ["PUBLIC", "OPERATION", "GROUP"];
/// From the least to the worst. Nothing here is SEVERE: whoever represents an organisation sees it all.
pub const SENSITIVITY: [&str; 3] = ["LOW", "MODERATE", "HIGH"];

/// An organisation.
#[derive(Debug)]
pub struct Organisation {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its acronym.
    pub acronym: String,
    /// Its slug.
    pub slug: String,
}

/// A person.
#[derive(Debug)]
pub struct Person {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// What they do.
    pub job: &'static str,
    /// For whom: an index.
    pub organisation: usize,
    /// Where mail reaches them.
    pub email: String,
}

/// A seat.
#[derive(Debug)]
pub struct Membership {
    /// Its id.
    pub id: Uuid,
    /// In which group: an index.
    pub group: usize,
    /// As what.
    pub role: &'static str,
    /// The organisation: an index.
    pub organisation: usize,
    /// The person: an index.
    pub person: Option<usize>,
    /// What a focal point is in charge of.
    pub topic: Option<&'static str>,
    /// Since when.
    pub since: NaiveDate,
    /// Until when.
    pub until: Option<NaiveDate>,
}

/// A meeting.
#[derive(Debug)]
pub struct Meeting {
    /// Its id.
    pub id: Uuid,
    /// Whose: an index.
    pub group: usize,
    /// Its title.
    pub title: String,
    /// When.
    pub day: NaiveDate,
    /// When it began.
    pub start: DateTime<Utc>,
    /// Where.
    pub venue: String,
    /// Who hosts it: an index.
    pub host: usize,
    /// How many came.
    pub headcount: i64,
    /// Whether its record is complete.
    pub is_closed: bool,
    /// Whether its outcome went out to the public.
    pub is_published: bool,
    /// Its agenda.
    pub items: Vec<Item>,
}

impl Meeting {
    /// When it was entered.
    #[must_use]
    pub fn entered(&self) -> DateTime<Utc> {
        self.start + TimeDelta::hours(26)
    }
}

/// A point of an agenda.
#[derive(Debug)]
pub struct Item {
    /// Its id.
    pub id: Uuid,
    /// Its kind, purpose and title.
    pub what: (&'static str, &'static str, &'static str),
    /// What was said.
    pub discussion: String,
    /// Sensitivity of its own: an index into [`SENSITIVITY`].
    pub sensitivity: Option<usize>,
    /// What was agreed.
    pub recommendations: Vec<Recommendation>,
}

/// A recommendation.
#[derive(Debug)]
pub struct Recommendation {
    /// Its id.
    pub id: Uuid,
    /// Its kind.
    pub kind: &'static str,
    /// What it says.
    pub text: String,
    /// What became of it.
    pub status: &'static str,
    /// Sensitivity of its own: an index into [`SENSITIVITY`].
    pub sensitivity: Option<usize>,
    /// What carries it out.
    pub follow_ups: Vec<FollowUp>,
}

/// An action point.
#[derive(Debug)]
pub struct FollowUp {
    /// Its id.
    pub id: Uuid,
    /// What is to be done.
    pub text: String,
    /// Where it stands.
    pub status: &'static str,
    /// How urgent it is.
    pub priority: &'static str,
    /// When it is due.
    pub due: Option<NaiveDate>,
    /// The same in words.
    pub due_text: Option<&'static str>,
    /// What is in the way.
    pub blocked: Option<&'static str>,
    /// What was done.
    pub done: Option<&'static str>,
    /// When it was over.
    pub closed: Option<NaiveDate>,
    /// Who is to do it.
    pub assignments: Vec<Assignment>,
}

/// Who is to do it.
#[derive(Clone, Copy, Debug)]
pub enum Assignment {
    /// An organisation (an index), responsible or in support.
    Organisation(usize, &'static str),
    /// A person (an index).
    Person(usize),
}

/// Makes the record.
#[must_use]
pub fn make(scale: Scale) -> Country {
    let mut chance = Chance::new(20_170_523);
    let first = NaiveDate::from_ymd_opt(2023, 1, 9).unwrap_or_default();
    let since = instant(first, 8) - TimeDelta::days(60);
    let operation = chance.id(since);
    let groups = groups(scale, &mut chance, since);
    let organisations = organisations(scale, &mut chance, since);
    let people = people(scale, &mut chance, since);
    let memberships = memberships(scale, &mut chance, since, &people);
    let meetings = (0..scale.meetings).map(|n| meeting(n, scale, &mut chance, first, &groups)).collect();
    Country { operation, since, groups, organisations, people, memberships, meetings }
}

/// An hour of a day.
fn instant(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()).and_utc()
}

/// Two in five stand on their own; the others are below one of them.
fn groups(scale: Scale, chance: &mut Chance, since: DateTime<Utc>) -> Vec<Group> {
    let top = (scale.groups * 2 / 5).max(1);
    let mut all: Vec<Group> = Vec::new();
    for number in 0..scale.groups {
        let theme = words::THEMES[number % words::THEMES.len()];
        let parent = (number >= top).then(|| &all[(number - top) % top]);
        let (kind, form) = match (parent, number % 3) {
            (None, _) => ("CLUSTER", "Cluster"),
            (Some(_), 0) => ("SUB_CLUSTER", "Sous-cluster"),
            (Some(_), 1) => ("TASK_TEAM", "Équipe technique"),
            (Some(_), _) => ("WORKING_GROUP", "Groupe de travail"),
        };
        // two in four for everybody, one for the operation, one for its members
        let (visibility, sensitivity) = [(0, 0), (1, 1), (0, 0), (2, 1)][number % 4];
        let name = format!("{form} {theme}");
        let initials =
            name.split([' ', '’']).filter_map(|w| w.chars().next()).filter(char::is_ascii_alphabetic);
        all.push(Group {
            id: chance.id(since + TimeDelta::minutes(i64::try_from(number).unwrap_or(0))),
            parent: parent.map(|p| p.id),
            kind,
            acronym: initials.map(|c| c.to_ascii_uppercase()).collect(),
            slug: format!("groupe-{}", number + 1),
            mandate: sentence(chance),
            name,
            visibility,
            sensitivity,
        });
    }
    all
}

fn organisations(scale: Scale, chance: &mut Chance, since: DateTime<Utc>) -> Vec<Organisation> {
    let make = |number: usize| {
        let (body, letter) = words::BODIES[number % words::BODIES.len()];
        let cause = words::CAUSES[number / words::BODIES.len() % words::CAUSES.len()];
        let region = words::REGIONS[number / 7 % words::REGIONS.len()];
        Organisation {
            id: chance.id(since + TimeDelta::hours(2)),
            name: format!("{body} {cause} – {region}"),
            acronym: format!("{letter}{}{}", cause.chars().next().unwrap_or('X'), number + 1),
            slug: format!("organisation-{}", number + 1),
        }
    };
    (0..scale.organisations).map(make).collect()
}

fn people(scale: Scale, chance: &mut Chance, since: DateTime<Utc>) -> Vec<Person> {
    let mut make = |number: usize| {
        let (given, family) = (chance.of(words::GIVEN), chance.of(words::FAMILY));
        let second =
            if chance.percent(30) { format!("-{}", chance.of(words::FAMILY)) } else { String::new() };
        Person {
            id: chance.id(since + TimeDelta::hours(5)),
            name: format!("{given} {family}{second}"),
            job: chance.of(words::JOBS),
            organisation: number % scale.organisations,
            email: format!("personne{}@example.org", number + 1),
        }
    };
    (0..scale.people).map(&mut make).collect()
}

/// The seats of each group: the organisations that lead and belong, the officers, and whoever represents somebody.
fn memberships(
    scale: Scale,
    chance: &mut Chance,
    since: DateTime<Utc>,
    people: &[Person],
) -> Vec<Membership> {
    const ORGANISATIONS: [&str; 6] = ["LEAD", "CO_LEAD", "DONOR", "DONOR", "OBSERVER", "OBSERVER"];
    const OFFICERS: [&str; 8] = [
        "COORDINATOR",
        "CO_COORDINATOR",
        "INFORMATION_MANAGER",
        "SECRETARY",
        "FOCAL_POINT",
        "FOCAL_POINT",
        "OBSERVER",
        "OBSERVER",
    ];
    let mut all = Vec::new();
    for group in 0..scale.groups {
        let size = scale.members.0 + chance.below(scale.members.1);
        let (from_organisation, from_person) =
            (chance.below(scale.organisations), chance.below(scale.people));
        let of_organisations = (size / 4).min(scale.organisations);
        for number in 0..size {
            // since a day of the two months before the first meeting; one in twenty is over
            let began = since.date_naive() + Days::new(u64::try_from(chance.below(60)).unwrap_or(0));
            let until = chance.percent(5).then(|| began + Days::new(400));
            let mut seat = Membership {
                id: chance.id(since + TimeDelta::days(1)),
                group,
                role: "MEMBER",
                organisation: (from_organisation + number) % scale.organisations,
                person: None,
                topic: None,
                since: began,
                until,
            };
            if number < of_organisations {
                seat.role = ORGANISATIONS.get(number).copied().unwrap_or("MEMBER");
            } else {
                let place = number - of_organisations;
                let person = (from_person + place) % scale.people;
                seat.role = OFFICERS.get(place).copied().unwrap_or("REPRESENTATIVE");
                seat.topic = (seat.role == "FOCAL_POINT").then(|| words::THEMES[place]);
                // whoever shares no group with the reader any more is hidden: PostGraphile would not know
                seat.until = None;
                seat.person = Some(person);
                seat.organisation = people[person].organisation;
            }
            all.push(seat);
        }
    }
    all
}

/// The groups meet in turns, each every week.
fn meeting(number: usize, scale: Scale, chance: &mut Chance, first: NaiveDate, groups: &[Group]) -> Meeting {
    let (group, week) = (number % scale.groups, number / scale.groups);
    let day = first + Days::new(u64::try_from(week * 7 + group % 5).unwrap_or(0));
    let start = instant(day, 9) + TimeDelta::minutes(30);
    let is_closed = number < scale.meetings * 9 / 10;
    let is_open = groups[group].visibility == 0 && groups[group].sensitivity == 0;
    let mut meeting = Meeting {
        id: chance.id(start + TimeDelta::hours(26)),
        group,
        title: format!("Réunion hebdomadaire n° {} – {}", week + 1, groups[group].name),
        day,
        start,
        venue: format!("Salle {} de la {}", chance.below(9) + 1, chance.of(words::REGIONS)),
        host: chance.below(scale.organisations),
        headcount: i64::try_from(12 + chance.below(40)).unwrap_or(0),
        is_closed,
        // minutes go out once a later meeting of the group has adopted them
        is_published: is_closed && is_open && number + scale.groups < scale.meetings,
        items: Vec::new(),
    };
    meeting.items =
        (0..words::AGENDA.len()).map(|place| item(number, place, scale, chance, &meeting)).collect();
    meeting
}

/// `place`: of a meeting's agenda, from 0; `number`: of the meeting.
fn item(number: usize, place: usize, scale: Scale, chance: &mut Chance, meeting: &Meeting) -> Item {
    let discussion = (0..2 + chance.below(3)).map(|_| sentence(chance)).collect::<Vec<_>>().join(" ");
    let mut recommendations = Vec::new();
    for turn in 0..2 {
        let nth = number * 20 + place * 4 + turn * 2;
        let follow_ups = (nth..nth + 2).map(|n| follow_up(n, scale, chance, meeting)).collect();
        recommendations.push(Recommendation {
            id: chance.id(meeting.entered()),
            kind: chance.of(&["RECOMMENDATION", "RECOMMENDATION", "DECISION", "PROPOSAL"]),
            text: sentence(chance),
            status: chance.of(&["OPEN", "IN_PROGRESS", "IMPLEMENTED", "IMPLEMENTED", "PARTLY_IMPLEMENTED"]),
            sensitivity: chance.percent(5).then_some(2),
            follow_ups,
        });
    }
    Item {
        id: chance.id(meeting.entered()),
        what: words::AGENDA[place],
        discussion,
        sensitivity: chance.percent(5).then_some(1),
        recommendations,
    }
}

/// One in four is open. `nth`: among all; six in a row have eleven assignments.
fn follow_up(nth: usize, scale: Scale, chance: &mut Chance, meeting: &Meeting) -> FollowUp {
    let status = match chance.below(100) {
        0..15 => "OPEN",
        15..22 => "IN_PROGRESS",
        22..25 => "BLOCKED",
        25..90 => "DONE",
        _ => "CANCELLED",
    };
    let after = |days: usize| meeting.day + Days::new(u64::try_from(days).unwrap_or(0));
    let due = chance.percent(90).then(|| after(7 + chance.below(60)));
    let closed = matches!(status, "DONE" | "CANCELLED").then(|| after(5 + chance.below(50)));
    let mut assignments = vec![Assignment::Organisation(chance.below(scale.organisations), "RESPONSIBLE")];
    if chance.percent(20) {
        assignments = vec![Assignment::Person(chance.below(scale.people))];
    }
    if !nth.is_multiple_of(6) {
        assignments.push(Assignment::Organisation(chance.below(scale.organisations), "SUPPORT"));
    }
    FollowUp {
        id: chance.id(meeting.entered()),
        text: sentence(chance),
        status,
        priority: if chance.percent(15) { "HIGH" } else { "NORMAL" },
        due,
        due_text: due.is_none().then_some("Avant l’hivernage"),
        blocked: (status == "BLOCKED").then(|| chance.of(words::OBSTACLES)),
        done: (status == "DONE").then(|| chance.of(words::DONE)),
        closed,
        assignments,
    }
}

/// A sentence of minutes, 60 to 300 letters long.
fn sentence(chance: &mut Chance) -> String {
    let mut text = format!("{} {}", chance.of(words::VERBS), chance.of(words::OBJECTS));
    if chance.percent(80) {
        text = format!("{text} {}", chance.of(words::PLACES));
    }
    if chance.percent(60) {
        text = format!("{text} ({})", chance.of(words::REGIONS));
    }
    text = format!("{text} {}", chance.of(words::REASONS));
    if chance.percent(25) {
        text = format!("{text}, {}", chance.of(words::REASONS));
    }
    text + "."
}
