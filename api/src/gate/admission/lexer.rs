//! The tokens of a document, read strictly: what is no GraphQL ends here, so that whatever reads the document
//! later sees the very tokens that were counted.

use super::Refusal;

/// A token, as far as counting needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A name or keyword.
    Name(&'a str),
    /// A number.
    Number,
    /// A string, of a line or a block.
    Text,
    /// `...`
    Spread,
    /// Any other punctuator.
    Mark(u8),
}

/// Reads one token after the other.
pub struct Lexer<'a> {
    text: &'a str,
    start: usize,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// From the start of a document.
    pub const fn new(text: &'a str) -> Self {
        Self { text, start: 0, at: 0 }
    }

    /// Where the last token begins, in bytes.
    pub const fn start(&self) -> usize {
        self.start
    }

    /// How long it is, in bytes.
    pub const fn length(&self) -> usize {
        self.at - self.start
    }

    /// The next token; none at the end.
    ///
    /// # Errors
    /// `Refusal::Syntax` for what no token begins with or no token ends like.
    pub fn next(&mut self) -> Result<Option<Token<'a>>, Refusal> {
        self.skip_ignored();
        self.start = self.at;
        let Some(first) = self.peek(0) else { return Ok(None) };
        let token = match first {
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => Token::Name(self.name()),
            b'-' | b'0'..=b'9' => self.number()?,
            b'"' if self.rest().starts_with("\"\"\"") => self.block()?,
            b'"' => self.line()?,
            b'.' if self.rest().starts_with("...") => {
                self.at += 3;
                Token::Spread
            }
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => {
                self.at += 1;
                Token::Mark(first)
            }
            _ => return Err(Refusal::Syntax),
        };
        Ok(Some(token))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// White space, commas, comments and byte order marks mean nothing.
    fn skip_ignored(&mut self) {
        loop {
            match self.peek(0) {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => self.at += 1,
                Some(b'#') => self.skip_while(|byte| byte != b'\n' && byte != b'\r'),
                Some(0xef) if self.rest().starts_with('\u{feff}') => self.at += '\u{feff}'.len_utf8(),
                _ => return,
            }
        }
    }

    fn skip_while(&mut self, holds: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&holds) {
            self.at += 1;
        }
    }

    fn name(&mut self) -> &'a str {
        let start = self.at;
        self.skip_while(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn digits(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        if self.at == start { Err(Refusal::Syntax) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Token<'a>, Refusal> {
        if self.peek(0) == Some(b'-') {
            self.at += 1;
        }
        if self.peek(0) == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek(0) == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(0), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(0), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        match self.peek(0) {
            Some(b'.' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') => Err(Refusal::Syntax),
            _ => Ok(Token::Number),
        }
    }

    fn line(&mut self) -> Result<Token<'a>, Refusal> {
        self.at += 1;
        loop {
            match self.peek(0) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Token::Text);
                }
                Some(b'\\') => self.escape()?,
                None | Some(b'\n' | b'\r') => return Err(Refusal::Syntax),
                Some(byte) if byte < b' ' && byte != b'\t' => return Err(Refusal::Syntax),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), Refusal> {
        match self.peek(1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let high = self.unicode()?;
                // a high surrogate is half a character: the other half must follow
                if (0xd800..0xdc00).contains(&high) {
                    let low = if self.rest().starts_with("\\u") { self.unicode()? } else { 0 };
                    if !(0xdc00..0xe000).contains(&low) {
                        return Err(Refusal::Syntax);
                    }
                } else if char::from_u32(high).is_none() {
                    return Err(Refusal::Syntax);
                }
            }
            _ => return Err(Refusal::Syntax),
        }
        Ok(())
    }

    /// `\u1234` or `\u{12345}`, from the backslash on.
    fn unicode(&mut self) -> Result<u32, Refusal> {
        self.at += 2;
        let braced = self.peek(0) == Some(b'{');
        let rest = self.rest();
        let (digits, length) = if braced {
            let end = rest.bytes().take(9).position(|byte| byte == b'}').ok_or(Refusal::Syntax)?;
            (rest.get(1..end), end + 1)
        } else {
            (rest.get(..4), 4)
        };
        let digits = digits.filter(|d| !d.is_empty() && d.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or(Refusal::Syntax)?;
        if braced && (0xd800..0xe000).contains(&value) {
            return Err(Refusal::Syntax);
        }
        self.at += length;
        Ok(value)
    }

    fn block(&mut self) -> Result<Token<'a>, Refusal> {
        self.at += 3;
        loop {
            let rest = self.rest();
            if rest.starts_with("\"\"\"") {
                self.at += 3;
                return Ok(Token::Text);
            }
            if rest.starts_with("\\\"\"\"") {
                self.at += 4;
                continue;
            }
            match self.peek(0) {
                None => return Err(Refusal::Syntax),
                Some(byte) if byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r') => {
                    return Err(Refusal::Syntax);
                }
                // by characters: `rest` must begin where one does
                Some(_) => self.at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, Refusal> {
        let mut lexer = Lexer::new(text);
        let mut all = Vec::new();
        while let Some(token) = lexer.next()? {
            all.push(token);
        }
        Ok(all)
    }

    #[test]
    fn what_means_nothing_is_skipped() {
        assert_eq!(tokens("\u{feff} ,\t\r\n# { a }\n"), Ok(vec![]));
        assert_eq!(tokens("a,b#c"), Ok(vec![Token::Name("a"), Token::Name("b")]));
    }

    #[test]
    fn marks_inside_strings_are_text() {
        assert_eq!(
            tokens(r#""{[(\"" """ {" \""" }""" 1"#),
            Ok(vec![Token::Text, Token::Text, Token::Number])
        );
        assert_eq!(tokens("\"été 🚀\" \"\"\"é\n🚀\"\"\""), Ok(vec![Token::Text, Token::Text]));
    }

    #[test]
    fn numbers_are_as_the_specification_has_them() {
        for good in ["0", "-0", "12", "1.5", "1e3", "-1.5E+10"] {
            assert_eq!(tokens(good), Ok(vec![Token::Number]), "{good}");
        }
        for bad in ["01", "1_0", "1.", "-", "1e", "0x1", "1...a"] {
            assert_eq!(tokens(bad), Err(Refusal::Syntax), "{bad}");
        }
    }

    #[test]
    fn strings_end_where_they_must() {
        for bad in [
            "\"a",
            "\"a\nb\"",
            "\"\\q\"",
            "\"\\uD83D\"",
            "\"\\u12\"",
            "\"\\u{D800}\"",
            "\"\"\"a",
            "\"\u{7}\"",
        ] {
            assert_eq!(tokens(bad), Err(Refusal::Syntax), "{bad:?}");
        }
        for good in ["\"\"", "\"\\u00e9\"", "\"\\uD83D\\uDE80\"", "\"\\u{1F4A7}\"", "\"\"\"\"\"\""] {
            assert_eq!(tokens(good), Ok(vec![Token::Text]), "{good:?}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for bad in ["?", "\0", "..", "é", "a \u{1}"] {
            assert_eq!(tokens(bad), Err(Refusal::Syntax), "{bad:?}");
        }
    }
}
