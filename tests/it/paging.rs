//! Pages while others write: what is there all the time comes exactly once and in order, forward and backward,
//! whatever is entered, moved or taken away meanwhile.

use std::cell::Cell;
use std::collections::HashSet;

use tests::{Client, Value, World, json, on_both};

use crate::cast::{AGENCY, CLUSTER, Cast, NGO, person, succeed};

on_both!(
    open_actions_neither_skip_nor_repeat,
    meetings_neither_skip_nor_repeat,
    meetings_of_a_group_neither_skip_nor_repeat,
    organisations_neither_skip_nor_repeat,
    people_neither_skip_nor_repeat,
);

/// How many rows stand still while all others come, move and go.
const STEADY: u64 = 20;

/// How often each order is read in each direction.
fn rounds() -> u64 {
    if std::env::var_os("KAFO_TEST_FULL").is_some() { 20 } else { 1 }
}

/// A list that can grow, and how to write into it.
struct List {
    /// What stands before the arguments of the connection.
    open: &'static str,
    /// Its further arguments.
    filter: &'static str,
    /// What closes it.
    close: &'static str,
    /// Where the connection is in the data.
    pointer: &'static str,
    orders: &'static [&'static str],
    noun: Noun,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Noun {
    FollowUp,
    Meeting,
    Organisation,
    Person,
}

const OF_DAYS: &[&str] = &["[]", "[{ field: OCCURS_ON }]", "[{ field: UPDATED_AT, direction: DESCENDING }]"];
const OF_NAMES: &[&str] = &[
    "[]",
    "[{ field: NAME, direction: DESCENDING }, { field: CREATED_AT }]",
    "[{ field: CREATED_AT, direction: DESCENDING }]",
    "[{ field: UPDATED_AT }]",
];

async fn open_actions_neither_skip_nor_repeat(world: World) {
    let orders = &[
        "[]",
        "[{ field: DUE_ON, direction: DESCENDING }]",
        "[{ field: RAISED_ON }, { field: DUE_ON, direction: DESCENDING }, { field: CREATED_AT, direction: DESCENDING }]",
        "[{ field: UPDATED_AT, direction: DESCENDING }]",
    ];
    let list = List {
        open: "openActions",
        filter: "filter: { text: { contains: \"partager\" } }",
        close: "",
        pointer: "/openActions",
        orders,
        noun: Noun::FollowUp,
    };
    neither_skips_nor_repeats(world, &list).await;
}

async fn meetings_neither_skip_nor_repeat(world: World) {
    let list = List {
        open: "meetings",
        filter: "filter: { status: [DRAFT, SCHEDULED] }",
        close: "",
        pointer: "/meetings",
        orders: OF_DAYS,
        noun: Noun::Meeting,
    };
    neither_skips_nor_repeats(world, &list).await;
}

async fn meetings_of_a_group_neither_skip_nor_repeat(world: World) {
    let list = List {
        open: "group(by: { slug: \"cluster-exemple\" }) { meetings",
        filter: "filter: { status: [DRAFT, SCHEDULED] }",
        close: "}",
        pointer: "/group/meetings",
        orders: OF_DAYS,
        noun: Noun::Meeting,
    };
    neither_skips_nor_repeats(world, &list).await;
}

async fn organisations_neither_skip_nor_repeat(world: World) {
    let list = List {
        open: "organisations",
        filter: "",
        close: "",
        pointer: "/organisations",
        orders: OF_NAMES,
        noun: Noun::Organisation,
    };
    neither_skips_nor_repeats(world, &list).await;
}

async fn people_neither_skip_nor_repeat(world: World) {
    let list = List {
        open: "people",
        filter: "filter: { isMerged: false }",
        close: "",
        pointer: "/people",
        orders: OF_NAMES,
        noun: Noun::Person,
    };
    neither_skips_nor_repeats(world, &list).await;
}

/// Numbers that are the same for the same seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// One of five days, so that many are the same; none for one row in four.
    fn day(&mut self) -> Option<String> {
        (self.below(4) > 0).then(|| format!("2026-02-{:02}", 1 + self.below(5)))
    }
}

/// A row that may move and go.
struct Loose {
    id: String,
    version: Value,
    has_moved: bool,
}

/// What a write did to the list.
enum Wrote {
    /// A new row.
    Entered(String),
    /// Rows that have another place now, or none.
    Touched(Vec<String>),
}

/// Somebody who writes into a list.
struct Writer<'a> {
    cast: &'a Cast,
    noun: Noun,
    random: Random,
    made: u64,
    loose: Vec<Loose>,
}

impl Writer<'_> {
    /// Sends a mutation; id and version of the row.
    async fn send(&self, name: &str, input: Value) -> (String, Value) {
        let (client, key) = match self.noun {
            Noun::FollowUp => (&self.cast.secretary, "followUp"),
            Noun::Meeting => (&self.cast.secretary, "meeting"),
            Noun::Organisation => (&self.cast.manager, "organisation"),
            Noun::Person => (&self.cast.manager, "person"),
        };
        let payload = succeed(client, name, input, &format!("{key} {{ id version }}")).await;
        (payload[key]["id"].as_str().expect("an id").to_owned(), payload[key]["version"].clone())
    }

    /// One of few names for people, who may have the same; organisations may not.
    fn name(&mut self) -> String {
        let first = ["amina", "Éva", "eva", "ZOÉ"][usize::try_from(self.random.below(4)).expect("small")];
        if self.noun == Noun::Person {
            return format!("{first} Exemple");
        }
        self.made += 1;
        format!("{first} Exemple {}", self.made)
    }

    /// What places a row: a day or a name.
    fn place(&mut self, mut input: Value) -> Value {
        match self.noun {
            Noun::FollowUp => {
                if let Some(day) = self.random.day() {
                    input["due"] = json!({ "on": day });
                }
            }
            Noun::Meeting => {
                let day = 1 + self.random.below(5);
                input["scheduledStart"] = json!(format!("2026-02-{day:02}T09:00:00Z"));
            }
            Noun::Organisation => input["name"] = json!(self.name()),
            Noun::Person => input["displayName"] = json!(self.name()),
        }
        input
    }

    async fn enter(&mut self) -> Loose {
        let (name, input) = match self.noun {
            Noun::FollowUp => {
                let mut input = self.place(json!({ "group": CLUSTER, "text": "Partager la matrice" }));
                if let Some(day) = self.random.day() {
                    input["raisedOn"] = json!(day);
                }
                ("followUpCreate", input)
            }
            Noun::Meeting => {
                let input = json!({ "group": CLUSTER, "kind": "REGULAR", "title": "Réunion" });
                // one in four has no day
                let has_day = self.random.below(4) > 0;
                ("meetingCreate", if has_day { self.place(input) } else { input })
            }
            Noun::Organisation => ("organisationCreate", self.place(json!({ "type": "437" }))),
            Noun::Person => ("personCreate", self.place(json!({ "organisation": NGO }))),
        };
        let (id, version) = self.send(name, input).await;
        Loose { id, version, has_moved: false }
    }

    /// Gives a row another place.
    async fn shift(&mut self, row: &mut Loose) {
        let (id, version, reason) = (&row.id, &row.version, "Report");
        let (name, input) = match self.noun {
            Noun::FollowUp => ("followUpChangeDue", json!({ "id": id, "reason": reason })),
            Noun::Meeting if row.has_moved => ("meetingPostpone", json!({ "id": id, "reason": reason })),
            Noun::Meeting => ("meetingSchedule", json!({ "id": id })),
            Noun::Organisation => ("organisationUpdate", json!({ "id": id, "expectedVersion": version })),
            Noun::Person => ("personUpdate", json!({ "id": id, "expectedVersion": version })),
        };
        let input = self.place(input);
        (_, row.version) = self.send(name, input).await;
        row.has_moved = true;
    }

    /// Takes a row out of the list; which ones are not where they were.
    async fn remove(&self, row: Loose) -> Vec<String> {
        let id = row.id;
        let (name, input, into) = match self.noun {
            Noun::FollowUp => ("followUpCancel", json!({ "id": id, "reason": "Doublon" }), None),
            Noun::Meeting => ("meetingCancel", json!({ "id": id, "reason": "Doublon" }), None),
            Noun::Organisation => {
                ("organisationMerge", json!({ "from": id, "into": AGENCY }), Some(AGENCY.to_owned()))
            }
            Noun::Person => ("personMerge", json!({ "from": id, "into": person(6) }), Some(person(6))),
        };
        self.send(name, input).await;
        [id].into_iter().chain(into).collect()
    }

    /// Writes something.
    async fn write(&mut self) -> Wrote {
        // as many go as come, so that lists stay short
        let dice = self.random.below(3);
        if dice == 0 || self.loose.is_empty() {
            let row = self.enter().await;
            let id = row.id.clone();
            self.loose.push(row);
            return Wrote::Entered(id);
        }
        let count = u64::try_from(self.loose.len()).expect("few rows");
        let at = usize::try_from(self.random.below(count)).expect("small");
        let mut row = self.loose.swap_remove(at);
        if dice == 1 {
            return Wrote::Touched(self.remove(row).await);
        }
        self.shift(&mut row).await;
        let id = row.id.clone();
        self.loose.push(row);
        Wrote::Touched(vec![id])
    }
}

/// Reads a list to its end, in pages of any size; its ids, in its order. Between two pages something may happen.
async fn walk(
    client: &Client,
    list: &List,
    order: &str,
    is_backward: bool,
    random: &mut Random,
    mut between: impl AsyncFnMut(&[String]),
) -> Vec<String> {
    let (size, cursor, end, more) = if is_backward {
        ("last", "before", "startCursor", "hasPreviousPage")
    } else {
        ("first", "after", "endCursor", "hasNextPage")
    };
    let List { open, filter, close, pointer, .. } = list;
    let query = format!(
        "query($n: Int, $c: String) {{ {open}({size}: $n, {cursor}: $c, orderBy: {order}, {filter}) {{
            edges {{ cursor node {{ id }} }} nodes {{ id }} pageInfo {{ {end} {more} }} }} {close} }}"
    );
    let (mut seen, mut at) = (Vec::new(), Value::Null);
    loop {
        let answer = client.ask(&query, json!({ "n": 1 + random.below(7), "c": at })).await;
        let page = answer.at(pointer);
        let edges = page["edges"].as_array().expect("edges");
        let nodes: Vec<&Value> = edges.iter().map(|edge| &edge["node"]).collect();
        assert_eq!(page["nodes"].as_array().expect("nodes").iter().collect::<Vec<_>>(), nodes, "{query}");
        let outermost = if is_backward { edges.first() } else { edges.last() };
        let outermost = outermost.map_or(Value::Null, |edge| edge["cursor"].clone());
        assert_eq!(page["pageInfo"][end], outermost, "{query}");
        let ids: Vec<String> =
            nodes.iter().map(|node| node["id"].as_str().expect("an id").to_owned()).collect();
        let at_end = if is_backward { 0 } else { seen.len() };
        drop(seen.splice(at_end..at_end, ids));
        if page["pageInfo"][more] != true {
            return seen;
        }
        assert!(!outermost.is_null(), "an empty page that says that there is more: {query}");
        at = outermost;
        between(seen.as_slice()).await;
    }
}

/// The same while nobody writes.
async fn quietly(client: &Client, list: &List, order: &str) -> Vec<String> {
    let whole = walk(client, list, order, false, &mut Random(0), async |_: &[String]| {}).await;
    let different: HashSet<&String> = whole.iter().collect();
    assert_eq!(different.len(), whole.len(), "{order}");
    whole
}

/// That a walk met every steady row once, in order, and none twice that stayed where it was.
fn judge(seen: &[String], steady: &[String], touched: &HashSet<String>, case: &str) {
    let members: HashSet<&String> = steady.iter().collect();
    let met: Vec<&String> = seen.iter().filter(|id| members.contains(id)).collect();
    assert_eq!(met, steady.iter().collect::<Vec<_>>(), "{case}");
    let mut once = HashSet::new();
    for id in seen.iter().filter(|id| !touched.contains(*id)) {
        assert!(once.insert(id), "{id} comes twice, {case}");
    }
}

async fn neither_skips_nor_repeats(world: World, list: &List) {
    let cast = Cast::of(world).await;
    let reader = if matches!(list.noun, Noun::Organisation | Noun::Person) {
        cast.manager.clone()
    } else {
        cast.secretary.clone()
    };
    let mut writer = Writer { cast: &cast, noun: list.noun, random: Random(1), made: 0, loose: Vec::new() };
    let mut ours = HashSet::new();
    for number in 0..STEADY {
        ours.insert(writer.enter().await.id);
        // loose ones among them
        if number % 3 == 0 {
            writer.write().await;
        }
    }
    for (round, order, is_backward) in (0..rounds())
        .flat_map(|round| list.orders.iter().map(move |order| (round, *order)))
        .flat_map(|(round, order)| [(round, order, false), (round, order, true)])
    {
        let case = format!("round {round}, {order}, {}", if is_backward { "backward" } else { "forward" });
        let mut sizes = Random(1_000 + round);
        let steady: Vec<String> =
            quietly(&reader, list, order).await.into_iter().filter(|id| ours.contains(id)).collect();
        assert_eq!(steady.len(), ours.len(), "{case}");

        // writes between pages: always the same ones
        let mut touched = HashSet::new();
        let mut entered: Vec<(String, String)> = Vec::new();
        let seen = walk(&reader, list, order, is_backward, &mut sizes, async |seen: &[String]| {
            for _ in 0..writer.random.below(4) {
                match writer.write().await {
                    Wrote::Touched(ids) => touched.extend(ids),
                    Wrote::Entered(id) => {
                        let last = if is_backward { seen.first() } else { seen.last() };
                        entered.push((id, last.expect("a page has been read").clone()));
                    }
                }
            }
        })
        .await;
        judge(&seen, &steady, &touched, &case);
        // what is entered ahead of the reader comes, what is entered behind does not
        let whole = quietly(&reader, list, order).await;
        let place = |id: &String| whole.iter().position(|other| other == id);
        for (id, last) in entered.iter().filter(|(id, last)| !touched.contains(id) && !touched.contains(last))
        {
            let (Some(here), Some(reached)) = (place(id), place(last)) else {
                panic!("{id} or {last} is gone, {case}")
            };
            let is_ahead = if is_backward { here < reached } else { here > reached };
            assert_eq!(seen.contains(id), is_ahead, "{id}, entered when {last} had been read, {case}");
        }

        // writes at the same time
        let is_reading = Cell::new(true);
        let (seen, touched) = tokio::join!(
            async {
                let seen = walk(&reader, list, order, is_backward, &mut sizes, async |_: &[String]| {}).await;
                is_reading.set(false);
                seen
            },
            async {
                let mut touched = HashSet::new();
                while is_reading.get() {
                    if let Wrote::Touched(ids) = writer.write().await {
                        touched.extend(ids);
                    }
                }
                touched
            }
        );
        judge(&seen, &steady, &touched, &format!("{case}, at the same time"));
    }
}
