//! What organisations are called, and what a merge takes over.

use crate::text::fold;

/// A name and its language.
pub type Name = (String, Option<String>);

/// What a name of an organisation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// Its name.
    Name,
    /// Its acronym.
    Acronym,
    /// Another name, in whatever language.
    Alias,
}

/// The names of an organisation that was merged, without those that the other one goes by already.
#[must_use]
pub fn names_to_take(merged: Vec<Name>, known: &[String]) -> Vec<Name> {
    let mut folded: Vec<String> = known.iter().map(|name| fold(name)).collect();
    let mut taken = Vec::new();
    for (name, language) in merged {
        let name_folded = fold(&name);
        if !folded.contains(&name_folded) {
            folded.push(name_folded);
            taken.push((name, language));
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_once() {
        let french = Some("fr".to_owned());
        let merged = vec![
            ("PNUD".to_owned(), french.clone()),
            ("Programme des Nations Unies pour le développement".to_owned(), french.clone()),
            ("undp".to_owned(), None),
            ("pnud".to_owned(), None),
        ];
        let known = ["UNDP".to_owned(), "programme des nations unies pour le developpement".to_owned()];
        assert_eq!(names_to_take(merged, &known), [("PNUD".to_owned(), french)]);
    }
}
