//! The agenda as it went out with the invitation: what the meeting keeps of it.

use entity::agenda_item::Model;
use entity::enums::AgendaItemKind;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A point of the agenda as it went out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    /// The item, so that it can be taken out should it become too sensitive.
    pub id: Uuid,
    pub position: i32,
    pub printed_number: Option<String>,
    pub title: String,
    pub kind: AgendaItemKind,
}

impl Invited {
    fn of(item: &Model) -> Self {
        Self {
            id: item.id,
            position: item.position,
            printed_number: item.printed_number.clone(),
            title: item.title.clone(),
            kind: item.kind,
        }
    }
}

/// As the meeting keeps it.
pub fn written<'a>(items: impl Iterator<Item = &'a Model>) -> String {
    let list: Vec<Invited> = items.map(Invited::of).collect();
    serde_json::to_string(&list).unwrap_or_else(|_| "[]".to_owned())
}

/// From what the meeting keeps.
pub fn read(kept: &str) -> Vec<Invited> {
    serde_json::from_str(kept).unwrap_or_default()
}

/// Without an item; `None` if it was not part of it.
pub fn without(kept: &str, item: Uuid) -> Option<String> {
    let mut list = read(kept);
    let before = list.len();
    list.retain(|entry| entry.id != item);
    (list.len() < before).then(|| serde_json::to_string(&list).unwrap_or_else(|_| "[]".to_owned()))
}
