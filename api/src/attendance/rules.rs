//! What a line of an attendance list must say.

use entity::attendance::Model;

use crate::error::{Error, Result, Why};

/// That a line names somebody or some organisation, as written or as understood.
///
/// # Errors
/// `REQUIRED`.
pub fn says_who(line: &Model) -> Result<()> {
    let is_named = line.display_name.is_some()
        || line.organisation_text.is_some()
        || line.person_id.is_some()
        || line.organisation_id.is_some();
    if is_named { Ok(()) } else { Err(Error::refused(Why::Required)) }
}

/// Whether a line, written over `old`, gives somebody a part in the meeting (chair, minute taker,
/// presenter) that they did not have.
pub fn gives_part(old: Option<&Model>, line: &Model) -> bool {
    let has_part = line.is_chair || line.is_minute_taker || line.is_presenter;
    let kept = old.is_some_and(|old| {
        old.person_id == line.person_id
            && old.is_chair >= line.is_chair
            && old.is_minute_taker >= line.is_minute_taker
            && old.is_presenter >= line.is_presenter
    });
    has_part && !kept
}

#[cfg(test)]
mod tests {
    use entity::enums::{AttendanceStatus, Sensitivity, Visibility};
    use uuid::Uuid;

    use super::*;

    fn line() -> Model {
        Model {
            id: Uuid::nil(),
            meeting_id: Uuid::nil(),
            group_id: Uuid::nil(),
            operation_id: Uuid::nil(),
            visibility: Visibility::Group,
            sensitivity: Sensitivity::Moderate,
            position: 1,
            display_name: None,
            organisation_text: None,
            function_text: Some("Coordonnateur".to_owned()),
            person_id: None,
            organisation_id: None,
            status: AttendanceStatus::Present,
            capacity: None,
            is_chair: false,
            is_minute_taker: false,
            is_presenter: false,
            note: None,
            created_at: chrono::DateTime::default(),
            updated_at: chrono::DateTime::default(),
            version: 1,
        }
    }

    #[test]
    fn a_function_alone_names_nobody() {
        assert!(says_who(&line()).is_err());
        assert!(says_who(&Model { organisation_text: Some("PNUD".to_owned()), ..line() }).is_ok());
        assert!(says_who(&Model { person_id: Some(Uuid::nil()), ..line() }).is_ok());
    }

    #[test]
    fn each_part_in_the_meeting_counts() {
        let taker = || Model { is_minute_taker: true, ..line() };
        assert!(!gives_part(None, &line()));
        assert!(gives_part(None, &taker()) && gives_part(Some(&line()), &taker()));
        assert!(!gives_part(Some(&taker()), &taker()));
    }
}
