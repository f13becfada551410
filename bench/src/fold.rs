//! Texts as the server stores them for finding and sorting.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A text without case, accents, ligatures, typography and doubled blanks. It has to agree with the server's own
/// folding: `kafo-bench check` compares what both store.
#[must_use]
pub fn fold(text: &str) -> String {
    let bare = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let mut plain = String::with_capacity(text.len());
    for letter in bare {
        match letter {
            'œ' => plain.push_str("oe"),
            'æ' => plain.push_str("ae"),
            '\u{2018}' | '\u{2019}' => plain.push('\''),
            '\u{2010}'..='\u{2015}' => plain.push('-'),
            other => plain.push(other),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
