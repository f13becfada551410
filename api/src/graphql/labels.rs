//! Labels of enum values in French and English.

use async_graphql::{Context, Object, SimpleObject};
use serde::Deserialize;

use super::{Front, Language};

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "enum")]
    name: String,
    value: String,
    en: String,
    fr: String,
}

/// How to call a value of an enum in front of people.
#[derive(SimpleObject, Clone, Debug)]
pub struct EnumLabel {
    /// The name of the enum, e.g. `FollowUpStatus`.
    #[graphql(name = "enum")]
    name: String,
    /// The value, e.g. `BLOCKED`.
    value: String,
    /// The label, in French or English (`Accept-Language`).
    label: String,
}

/// Queries about labels.
#[derive(Default)]
pub struct LabelQuery;

#[Object]
impl LabelQuery {
    /// Labels of enum values, in French or English (`Accept-Language`). Visible to everybody.
    async fn enum_labels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The names of the enums; all of them if left out.")] enums: Option<Vec<String>>,
    ) -> Vec<EnumLabel> {
        let french = Front::of(ctx).language() == Language::French;
        let mut reader = csv::Reader::from_reader(include_str!("../../reference/labels.csv").as_bytes());
        let lines = reader.deserialize::<Line>().filter_map(Result::ok);
        lines
            .filter(|l| enums.as_ref().is_none_or(|names| names.contains(&l.name)))
            .map(|l| EnumLabel { name: l.name, value: l.value, label: if french { l.fr } else { l.en } })
            .collect()
    }
}
