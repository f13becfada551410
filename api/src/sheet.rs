//! Sheets: CSV that people open in a spreadsheet.

use std::borrow::Cow;

use crate::error::{Error, Result};

/// A file that somebody takes away.
pub struct File {
    /// Its name.
    pub name: String,
    /// What it is.
    pub content_type: &'static str,
    /// What is in it.
    pub body: Vec<u8>,
}

/// A sheet with a header.
///
/// # Errors
/// `Internal`, logged.
pub fn sheet(name: String, header: &[&str], rows: &[Vec<String>]) -> Result<File> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = || -> std::result::Result<(), csv::Error> {
        writer.write_record(header)?;
        for row in rows {
            writer.write_record(row.iter().map(|text| cell(text).into_owned()))?;
        }
        Ok(())
    };
    let failed = |what: &str| {
        tracing::error!(what, "a sheet cannot be written");
        Error::Internal
    };
    write().map_err(|_| failed("row"))?;
    let body = writer.into_inner().map_err(|_| failed("end"))?;
    Ok(File { name, content_type: "text/csv; charset=utf-8", body })
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front: it is shown, not
/// computed.
fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        let row = |text: &str| vec![text.to_owned(), "a,\"b\"".to_owned()];
        let rows = ["=1+1", "+223 76", "-1", "@x", "\tx", "simple", ""].map(row);
        let file = sheet("x.csv".to_owned(), &["one", "two"], &rows).expect("a sheet");
        let text = String::from_utf8(file.body).expect("UTF-8");
        let first: Vec<&str> = text.lines().filter_map(|l| l.split(',').next()).collect();
        assert_eq!(first, ["one", "'=1+1", "'+223 76", "'-1", "'@x", "'\tx", "simple", ""]);
        assert!(text.contains("\"a,\"\"b\"\"\""));
    }
}
