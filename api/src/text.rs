//! Texts: how they are compared, and what may be stored.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::error::{Error, Result, Rule, Why};

/// The longest text field, in bytes of UTF-8.
pub const LONGEST: usize = 64 * 1024;
/// The longest name, title or short label, in bytes of UTF-8.
pub const LONGEST_NAME: usize = 500;

/// A text without case, accents, ligatures and doubled blanks. Folded here and stored, so that both
/// databases find and sort alike.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            '\u{2019}' | '\u{2018}' | '\u{02bc}' => folded.push('\''),
            '\u{2010}'..='\u{2015}' => folded.push('-'),
            c if c.is_whitespace() => {
                if !folded.ends_with(' ') && !folded.is_empty() {
                    folded.push(' ');
                }
            }
            c => folded.push(c),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// A text that must say something: not blank, not over `limit`, no NUL (PostgreSQL stores none).
///
/// # Errors
/// `BLANK`, `TOO_LONG`, or `OUT_OF_RANGE` for a NUL.
pub fn required(text: &str, limit: usize) -> Result<String> {
    if text.len() > limit {
        return Err(Error::refused(Why::TooLong { limit }));
    }
    if text.contains('\0') {
        return Err(Error::rule(Rule::OutOfRange));
    }
    if text.trim().is_empty() {
        return Err(Error::refused(Why::Blank));
    }
    Ok(text.trim().to_owned())
}

/// The same for a text that may be left out.
///
/// # Errors
/// As [`required`].
pub fn optional(text: Option<&str>, limit: usize) -> Result<Option<String>> {
    text.map(|t| required(t, limit)).transpose()
}

/// A language tag (BCP 47): two or three letters, then subtags.
///
/// # Errors
/// `INVALID_LANGUAGE`.
pub fn language(tag: &str) -> Result<String> {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    let fine = (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    if fine { Ok(tag.to_owned()) } else { Err(Error::rule(Rule::Language)) }
}

/// A web address.
///
/// # Errors
/// `INVALID_URL`, `TOO_LONG`.
pub fn url(address: &str) -> Result<String> {
    let address = required(address, 2000)?;
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !address.contains(char::is_whitespace) => Ok(address),
        _ => Err(Error::rule(Rule::Url)),
    }
}

/// A slug: lower-case letters, digits, single hyphens between them.
///
/// # Errors
/// `INVALID_SLUG`.
pub fn slug(slug: &str) -> Result<String> {
    let fine = (2..=80).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
        && !slug.contains("--");
    if fine { Ok(slug.to_owned()) } else { Err(Error::rule(Rule::Slug)) }
}

/// A slug made from a name, for when nobody chose one.
#[must_use]
pub fn slug_from(name: &str) -> String {
    let folded = fold(name);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let mut slug = words.join("-");
    slug.truncate(60);
    slug.trim_matches('-').to_owned()
}

/// An e-mail address: something, an at sign, a domain with a dot or `localhost`-like name.
///
/// # Errors
/// `INVALID_EMAIL`, `TOO_LONG`.
pub fn email(address: &str) -> Result<String> {
    let address = required(address, 254)?;
    match address.split_once('@') {
        Some((local, domain))
            if !local.is_empty()
                && domain.len() > 2
                && !domain.contains('@')
                && !address.contains(char::is_whitespace) =>
        {
            Ok(address)
        }
        _ => Err(Error::rule(Rule::Email)),
    }
}

/// The number of the line on which a record of a table begins, where a CSV reader says that it stands at
/// `byte`, on `line`: the reader counts the blank lines before it as its own.
#[must_use]
pub fn line_at(table: &str, byte: u64, line: u64) -> u64 {
    let from = usize::try_from(byte).ok().and_then(|byte| table.get(byte..)).unwrap_or_default();
    let blank = from.chars().take_while(|c| matches!(c, '\r' | '\n'));
    blank.filter(|c| *c == '\n').fold(line, |line, _| line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_forgets_case_accents_and_typography() {
        assert_eq!(fold("  Relèvement   Précoce "), "relevement precoce");
        assert_eq!(fold("Sécurité de l’œuvre"), fold("SECURITE DE L'OEUVRE"));
        assert_eq!(fold("Ménaka – Ségou"), "menaka - segou");
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["Çà et là", "ﬁn Ⅳ", "İstanbul", "ß ẞ"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }

    #[test]
    fn slugs_are_made_from_names() {
        assert_eq!(slug_from("Cluster Relèvement Rapide (Mali)"), "cluster-relevement-rapide-mali");
        assert!(slug(&slug_from("Équipe humanitaire pays")).is_ok());
    }
}
