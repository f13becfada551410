//! How places follow each other: which row of a reused P-code holds when, and what lies in what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use entity::place::Model;
use uuid::Uuid;

use crate::id;
use crate::text::fold;

/// A line of a table of P-codes that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: u64,
    /// ISO 3166-1 alpha-3.
    pub country: String,
    /// 0 is the country.
    pub level: i32,
    /// The P-code.
    pub p_code: String,
    /// The name.
    pub name: String,
    /// The P-code of the area it lies in; for the first level often the country's code.
    pub parent: Option<String>,
    /// The first day on which the code means this.
    pub valid_from: NaiveDate,
}

/// A mistake and the line that it stands on.
pub type Mistake = (u64, String);

/// The rows that must be written so that the table holds `lines` besides what it holds already
/// (`standing`: at least all rows of the codes and countries in question). Those on which others depend
/// come first; nothing is written that stands already.
///
/// # Errors
/// Two lines that contradict each other; an area inside one that is not above it.
pub fn brought_in(standing: Vec<Model>, lines: Vec<Line>) -> Result<Vec<Model>, Mistake> {
    let mut places = Places::of(standing);
    let mut origin: HashMap<Uuid, u64> = HashMap::new();
    for line in lines {
        let number = line.number;
        let id = places.put(line, &origin)?;
        origin.insert(id, number);
    }
    places.end_predecessors();
    places.link(&origin)?;
    Ok(places.changed())
}

struct Places {
    before: HashMap<Uuid, Model>,
    /// By P-code, then by the day from which they hold.
    rows: BTreeMap<String, BTreeMap<NaiveDate, Model>>,
}

impl Places {
    fn of(standing: Vec<Model>) -> Self {
        let before = standing.iter().map(|row| (row.id, row.clone())).collect();
        let mut rows: BTreeMap<String, BTreeMap<NaiveDate, Model>> = BTreeMap::new();
        for row in standing {
            rows.entry(row.p_code.clone()).or_default().insert(row.valid_from, row);
        }
        Self { before, rows }
    }

    fn put(&mut self, line: Line, origin: &HashMap<Uuid, u64>) -> Result<Uuid, Mistake> {
        let versions = self.rows.entry(line.p_code.clone()).or_default();
        let old = versions.get(&line.valid_from);
        let row = Model {
            id: old.map_or_else(id::new, |row| row.id),
            name_folded: fold(&line.name),
            country: line.country,
            level: line.level,
            p_code: line.p_code,
            name: line.name,
            parent_p_code: line.parent,
            parent_id: old.and_then(|row| row.parent_id),
            valid_from: line.valid_from,
            valid_to: old.and_then(|row| row.valid_to),
        };
        if let Some((old, first)) = old.and_then(|old| Some((old, origin.get(&old.id)?)))
            && *old != row
        {
            let (code, day) = (&row.p_code, row.valid_from);
            let what = format!("{code} from {day} stands on line {first} already, and differently");
            return Err((line.number, what));
        }
        let id = row.id;
        versions.insert(row.valid_from, row);
        Ok(id)
    }

    /// A row ends the day before the next one of its code begins.
    fn end_predecessors(&mut self) {
        for versions in self.rows.values_mut() {
            let starts: Vec<NaiveDate> = versions.keys().copied().collect();
            for pair in starts.windows(2) {
                if let Some(row) = versions.get_mut(&pair[0]) {
                    row.valid_to = pair[1].pred_opt();
                }
            }
        }
    }

    fn link(&mut self, origin: &HashMap<Uuid, u64>) -> Result<(), Mistake> {
        let mut links = Vec::new();
        for row in self.rows.values().flat_map(BTreeMap::values) {
            let parent = row.parent_p_code.as_deref().and_then(|code| self.parent(code, row.valid_to));
            if let (Some(parent), Some(line)) = (parent, origin.get(&row.id))
                && parent.level >= row.level
            {
                let what = format!(
                    "{} of level {} cannot lie in {} of level {}",
                    row.p_code, row.level, parent.p_code, parent.level
                );
                return Err((*line, what));
            }
            let parent = parent.filter(|p| p.level < row.level).map(|p| p.id);
            if parent != row.parent_id {
                links.push((row.p_code.clone(), row.valid_from, parent));
            }
        }
        for (code, from, parent) in links {
            if let Some(row) = self.rows.get_mut(&code).and_then(|versions| versions.get_mut(&from)) {
                row.parent_id = parent;
            }
        }
        Ok(())
    }

    /// The last row of this code that held while something held that ended on `until`; if the code came
    /// later, its first.
    fn parent(&self, code: &str, until: Option<NaiveDate>) -> Option<&Model> {
        let versions = self.rows.get(code)?;
        let held = versions.values().rev().find(|row| until.is_none_or(|day| row.valid_from <= day));
        held.or_else(|| versions.values().next())
    }

    fn changed(self) -> Vec<Model> {
        let Self { before, rows } = self;
        let mut changed: Vec<Model> = rows
            .into_values()
            .flat_map(BTreeMap::into_values)
            .filter(|row| before.get(&row.id) != Some(row))
            .collect();
        changed.sort_by(|a, b| (a.level, &a.p_code, a.valid_from).cmp(&(b.level, &b.p_code, b.valid_from)));
        changed
    }
}

/// The distinct countries of lines.
pub fn countries(lines: &[Line]) -> BTreeSet<String> {
    lines.iter().map(|line| line.country.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    fn line(number: u64, level: i32, code: &str, name: &str, parent: &str, from: &str) -> Line {
        Line {
            number,
            country: "MLI".to_owned(),
            level,
            p_code: code.to_owned(),
            name: name.to_owned(),
            parent: Some(parent.to_owned()),
            valid_from: day(from),
        }
    }

    fn mali() -> Vec<Line> {
        vec![
            line(2, 2, "ML0506", "Mopti", "ML05", "2021-12-20"),
            line(3, 1, "ML05", "Mopti", "MLI", "2021-12-20"),
        ]
    }

    #[test]
    fn parents_come_first_and_are_linked() {
        let rows = brought_in(Vec::new(), mali()).unwrap_or_default();
        assert_eq!(rows.iter().map(|r| r.p_code.as_str()).collect::<Vec<_>>(), ["ML05", "ML0506"]);
        assert_eq!((rows[0].parent_id, rows[1].parent_id), (None, Some(rows[0].id)));
    }

    #[test]
    fn the_same_again_writes_nothing() {
        let rows = brought_in(Vec::new(), mali()).unwrap_or_default();
        assert_eq!(brought_in(rows, mali()), Ok(Vec::new()));
    }

    #[test]
    fn a_newer_row_ends_the_older_and_takes_over_what_still_holds() {
        let standing = brought_in(Vec::new(), mali()).unwrap_or_default();
        let newer = vec![line(2, 1, "ML05", "Mopti (nouveau)", "MLI", "2025-03-01")];
        let rows = brought_in(standing.clone(), newer).unwrap_or_default();
        let (old, new) = (&rows[0], &rows[1]);
        assert_eq!((old.id, old.valid_to), (standing[0].id, Some(day("2025-02-28"))));
        assert_eq!((new.name.as_str(), new.valid_to), ("Mopti (nouveau)", None));
        assert_eq!((rows[2].id, rows[2].parent_id), (standing[1].id, Some(new.id)));
    }

    #[test]
    fn an_older_row_slips_in_before() {
        let standing = brought_in(Vec::new(), mali()).unwrap_or_default();
        let older = vec![line(2, 1, "ML05", "Mopti", "MLI", "2009-01-01")];
        let rows = brought_in(standing, older).unwrap_or_default();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].valid_to, Some(day("2021-12-19")));
    }

    #[test]
    fn names_are_brought_up_to_date() {
        let standing = brought_in(Vec::new(), mali()).unwrap_or_default();
        let renamed = vec![line(2, 1, "ML05", "Région de Mopti", "MLI", "2021-12-20")];
        let rows = brought_in(standing.clone(), renamed).unwrap_or_default();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].id, rows[0].name_folded.as_str()), (standing[0].id, "region de mopti"));
    }

    #[test]
    fn mistakes_name_their_line() {
        let mut lines = mali();
        lines.push(line(4, 1, "ML05", "Gao", "MLI", "2021-12-20"));
        assert_eq!(brought_in(Vec::new(), lines).err().map(|(line, _)| line), Some(4));
        let inside_out = vec![
            line(2, 1, "ML05", "Mopti", "ML0506", "2021-12-20"),
            line(3, 2, "ML0506", "Mopti", "ML05", "2021-12-20"),
        ];
        assert_eq!(brought_in(Vec::new(), inside_out).err().map(|(line, _)| line), Some(2));
    }
}
