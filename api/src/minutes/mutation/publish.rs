use std::collections::HashMap;

use uuid::Uuid;

use super::inputs::ConfirmedTextInput;
use crate::error::{At, Error, Result, Rule, Why};
use crate::id::Kind;
use crate::minutes::rules::{self, Audience};
use crate::minutes::store::Outcome;
use crate::text;

/// How much one meeting may publish.
const MOST_CONFIRMED: usize = 500;

/// What goes out to an audience, each with the text that was confirmed for it. The meeting and its
/// agenda go out as far as their own values let; so do recommendations and follow-ups, which must
/// all be confirmed; announcements and documents only if they are.
///
/// # Errors
/// `TEXT_NOT_CONFIRMED`, and what is wrong with single entries, with paths from `confirmed`.
pub fn outgoing(
    audience: Audience,
    outcome: Vec<Outcome>,
    confirmed: &[ConfirmedTextInput],
) -> Result<Vec<(Outcome, Option<String>)>> {
    if confirmed.len() > MOST_CONFIRMED {
        return Err(Error::refused(Why::TooMany { limit: MOST_CONFIRMED }).at("confirmed"));
    }
    let mut texts: HashMap<(Kind, Uuid), String> = HashMap::new();
    for (number, entry) in confirmed.iter().enumerate() {
        let path = format!("confirmed.{number}");
        let (id, said) = text_of(audience, &outcome, entry).at(&path)?;
        if texts.insert(id, said).is_some() {
            return Err(Error::refused(Why::Duplicate).at("id").at(&path));
        }
    }
    let mut out = Vec::new();
    for row in outcome {
        if !rules::reaches(audience, row.visibility, row.sensitivity) {
            continue;
        }
        let said = texts.remove(&(row.kind, row.id));
        match row.kind {
            Kind::Recommendation | Kind::FollowUp if said.is_none() => {
                return Err(Error::rule(Rule::TextNotConfirmed).at("confirmed"));
            }
            Kind::Announcement | Kind::Document if said.is_none() => {}
            _ => out.push((row, said)),
        }
    }
    Ok(out)
}

/// What an entry confirms, and the text.
fn text_of(
    audience: Audience,
    outcome: &[Outcome],
    entry: &ConfirmedTextInput,
) -> Result<((Kind, Uuid), String)> {
    let row = outcome.iter().find(|row| (row.kind, row.id) == (entry.id.0, entry.id.1));
    let row = row.ok_or_else(|| Error::not_found(entry.id.0).at("id"))?;
    let stands = row.text.as_deref().ok_or_else(|| Error::not_found(entry.id.0).at("id"))?;
    if !rules::reaches(audience, row.visibility, row.sensitivity) {
        return Err(Error::rule(Rule::OutOfRange).at("id"));
    }
    let said = text::optional(entry.public_text.as_deref(), text::LONGEST).at("publicText")?;
    let said = match said {
        Some(said) if row.has_public_text() || said == stands => said,
        None if !row.has_public_text() => stands.to_owned(),
        _ => return Err(Error::rule(Rule::TextNotConfirmed).at("publicText")),
    };
    Ok(((row.kind, row.id), said))
}

#[cfg(test)]
mod tests {
    use entity::enums::{Sensitivity, Visibility};

    use super::*;
    use crate::graphql::Id;

    fn row(kind: Kind, number: u128, visibility: Visibility) -> Outcome {
        Outcome {
            kind,
            id: Uuid::from_u128(number),
            visibility,
            sensitivity: Sensitivity::Low,
            published_at: None,
            text: (kind != Kind::Meeting).then(|| format!("text {number}")),
        }
    }

    fn entry(kind: Kind, number: u128, text: Option<&str>) -> ConfirmedTextInput {
        ConfirmedTextInput { id: Id(kind, Uuid::from_u128(number)), public_text: text.map(str::to_owned) }
    }

    fn outcome() -> Vec<Outcome> {
        vec![
            row(Kind::Meeting, 1, Visibility::Public),
            row(Kind::Recommendation, 2, Visibility::Public),
            row(Kind::Recommendation, 3, Visibility::Group),
            row(Kind::FollowUp, 4, Visibility::Public),
            row(Kind::Announcement, 5, Visibility::Public),
            row(Kind::Document, 6, Visibility::Public),
        ]
    }

    fn refusal(confirmed: &[ConfirmedTextInput]) -> (Why, String) {
        match outgoing(Audience::Everybody, outcome(), confirmed) {
            Err(Error::Refused(refusal)) => (refusal.why, refusal.field.join(".")),
            other => panic!("a refusal, not {other:?}"),
        }
    }

    #[test]
    fn what_goes_out_was_confirmed_word_by_word() {
        let confirmed = [
            entry(Kind::Recommendation, 2, Some("shorter")),
            entry(Kind::FollowUp, 4, Some("text 4")),
            entry(Kind::Announcement, 5, None),
        ];
        let out = outgoing(Audience::Everybody, outcome(), &confirmed).expect("all is confirmed");
        let out: Vec<_> = out.iter().map(|(row, said)| (row.kind, said.as_deref())).collect();
        assert_eq!(
            out,
            [
                (Kind::Meeting, None),
                (Kind::Recommendation, Some("shorter")),
                (Kind::FollowUp, Some("text 4")),
                (Kind::Announcement, Some("text 5")),
            ]
        );
    }

    #[test]
    fn a_text_that_nobody_confirmed_holds_everything_back() {
        let not_confirmed = Why::Invalid(Rule::TextNotConfirmed);
        let first = || entry(Kind::Recommendation, 2, Some("text 2"));
        assert_eq!(refusal(&[first()]), (not_confirmed.clone(), "confirmed".to_owned()));
        let silent = entry(Kind::FollowUp, 4, None);
        assert_eq!(refusal(&[first(), silent]), (not_confirmed.clone(), "confirmed.1.publicText".to_owned()));
        let other = entry(Kind::Announcement, 5, Some("another text"));
        assert_eq!(refusal(&[other]), (not_confirmed, "confirmed.0.publicText".to_owned()));
    }

    #[test]
    fn what_stays_in_the_group_cannot_be_confirmed() {
        let inside = entry(Kind::Recommendation, 3, Some("text 3"));
        assert_eq!(refusal(&[inside]), (Why::Invalid(Rule::OutOfRange), "confirmed.0.id".to_owned()));
        let strange = entry(Kind::Document, 99, None);
        assert_eq!(refusal(&[strange]), (Why::NotFound(Kind::Document), "confirmed.0.id".to_owned()));
        let meeting = entry(Kind::Meeting, 1, None);
        assert_eq!(refusal(&[meeting]), (Why::NotFound(Kind::Meeting), "confirmed.0.id".to_owned()));
        let twice = || entry(Kind::Document, 6, None);
        assert_eq!(refusal(&[twice(), twice()]), (Why::Duplicate, "confirmed.1.id".to_owned()));
    }
}
