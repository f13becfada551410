//! From offsets in bytes to lines and columns.

use async_graphql::Pos;

/// Where the lines of a document begin.
#[derive(Debug)]
pub struct Lines {
    starts: Vec<usize>,
    /// Bytes that do not begin a character: a column counts characters.
    inner: Vec<usize>,
}

impl Lines {
    /// Of a document.
    #[must_use]
    pub fn of(document: &str) -> Self {
        let bytes = document.as_bytes();
        let ends = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts =
            std::iter::once(0).chain((0..bytes.len()).filter(|&at| ends(at)).map(|at| at + 1)).collect();
        let inner = (0..bytes.len()).filter(|&at| bytes[at] & 0b1100_0000 == 0b1000_0000).collect();
        Self { starts, inner }
    }

    /// The place of a byte.
    #[must_use]
    pub fn at(&self, offset: usize) -> Pos {
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let before = |offset| self.inner.partition_point(|&at| at < offset);
        Pos { line, column: offset - start - (before(offset) - before(start)) + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "é{\r\n  ça ici\nlà";
        let lines = Lines::of(text);
        for (what, line, column) in [("é", 1, 1), ("{", 1, 2), ("ça", 2, 3), ("ici", 2, 6), ("là", 3, 1)] {
            let offset = text.find(what).expect("it is there");
            assert_eq!(lines.at(offset), Pos { line, column }, "{what}");
        }
        assert_eq!(Lines::of("").at(0), Pos { line: 1, column: 1 });
    }
}
