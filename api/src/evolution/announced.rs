//! Breaking changes that were announced, in a text file: a line for each, `CODE path: reason`. Empty lines and those that
//! begin with `#` say nothing.

use super::compare::Change;

/// One announced change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// What kind of change.
    pub code: String,
    /// Of what.
    pub path: String,
}

/// What was announced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announced(pub Vec<Announcement>);

impl Announced {
    /// Reads such a file.
    ///
    /// # Errors
    /// A sentence for each line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let (mut announced, mut mistakes) = (Vec::new(), Vec::new());
        let lines = text.lines().map(str::trim).enumerate();
        for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let (what, reason) = line.split_once(": ").unwrap_or((line, ""));
            match what.split_once(' ') {
                Some((code, path)) if !reason.trim().is_empty() => {
                    announced.push(Announcement { code: code.to_owned(), path: path.trim().to_owned() });
                }
                _ => mistakes.push(format!("line {}: write `CODE path: reason`, not {line:?}", number + 1)),
            }
        }
        if mistakes.is_empty() { Ok(Self(announced)) } else { Err(mistakes) }
    }

    /// Whether a change is among them.
    #[must_use]
    pub fn names(&self, change: &Change) -> bool {
        self.0.iter().any(|one| one.is(change))
    }

    /// Those that are not among the changes: they were made long ago, or never.
    #[must_use]
    pub fn unused<'a>(&'a self, changes: &[Change]) -> Vec<&'a Announcement> {
        self.0.iter().filter(|one| !changes.iter().any(|change| one.is(change))).collect()
    }
}

impl Announcement {
    fn is(&self, change: &Change) -> bool {
        self.code == change.code && self.path == change.path
    }
}
