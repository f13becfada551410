//! The two languages of messages and labels.

/// The language that the viewer reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// From an `Accept-Language` header: the first of French and English by weight.
    #[must_use]
    pub fn accepted(header: Option<&str>) -> Self {
        let mut best = (Self::English, 0.0);
        for part in header.unwrap_or_default().split(',') {
            let mut pieces = part.trim().split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = pieces.find_map(|p| p.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            let language = match tag.split('-').next() {
                Some("fr") => Self::French,
                Some("en") => Self::English,
                _ => continue,
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, English, French};

    #[test]
    fn the_heavier_one_wins() {
        for (header, wanted) in [
            (None, English),
            (Some("fr"), French),
            (Some("fr-ML,fr;q=0.9,en;q=0.8"), French),
            (Some("en-GB,fr;q=0.9"), English),
            (Some("bm,fr;q=0.5,en;q=0.4"), French),
            (Some("de"), English),
            (Some("fr;q=0,en;q=0.1"), English),
            (Some(";;,=,q="), English),
        ] {
            assert_eq!(Language::accepted(header), wanted, "{header:?}");
        }
    }
}
