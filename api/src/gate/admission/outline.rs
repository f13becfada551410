//! The outline of a document: its definitions, how much each holds itself, and where it spreads others.

use super::lexer::{Lexer, Token};
use super::{Limit, Refusal, Refused};

/// What a document holds.
#[derive(Debug, Default)]
pub struct Outline<'a> {
    /// Operations and fragments, in their order.
    pub definitions: Vec<Definition<'a>>,
}

/// How much something holds, or how deep a place lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Fields in fields.
    pub depth: u32,
    /// Selections in selections.
    pub nesting: u32,
    /// Rounds of introspection.
    pub circles: u32,
}

/// An operation or a fragment.
#[derive(Debug, Default)]
pub struct Definition<'a> {
    /// The name of a fragment; operations are not spread.
    pub fragment: Option<&'a str>,
    /// Fields written in it.
    pub fields: u32,
    /// Those at its root.
    pub roots: u32,
    /// How deep they lie at most.
    pub extent: Extent,
    /// The fragments spread in it: which, and where.
    pub spreads: Vec<(&'a str, Extent)>,
}

/// An open bracket.
#[derive(Clone, Copy, Debug)]
enum Open {
    /// `{` of a selection, and how deep what it holds lies.
    Selection(Extent),
    /// `{` of a value.
    Object,
    /// `[`, and how many items came.
    List(u32),
    /// `(` of arguments or variables.
    Round,
}

/// What came last, as far as it says what a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Nothing,
    /// `fragment`: its name follows.
    Fragment,
    /// `...`
    Spread,
    /// `on`: a type follows.
    On,
    /// `@`
    At,
    /// `:` after an alias.
    Alias,
    /// `$`
    Dollar,
    /// A field, or an alias of one.
    Field,
}

struct Scan<'a> {
    outline: Outline<'a>,
    open: Vec<Open>,
    /// Whether a definition is being read; its keyword was.
    inside: bool,
    last: Last,
    /// Whether the next `{` belongs to a field, and whether that field goes on with introspection.
    field: Option<bool>,
    tokens: u32,
    operations: u32,
    fragments: u32,
    spreads: u32,
    aliases: u32,
    directives: u32,
    directives_here: u32,
    literal: u32,
}

/// Counts one more, if one more is allowed.
const fn one_more(count: &mut u32, limit: Limit) -> Result<(), Refusal> {
    *count = count.saturating_add(1);
    limit.check(*count)
}

impl<'a> Outline<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// What is no GraphQL, and the limits that one pass can see.
    pub fn of(document: &'a str) -> Result<Self, Refused> {
        let mut lexer = Lexer::new(document);
        let mut scan = Scan {
            outline: Self::default(),
            open: Vec::new(),
            inside: false,
            last: Last::Nothing,
            field: None,
            tokens: 0,
            operations: 0,
            fragments: 0,
            spreads: 0,
            aliases: 0,
            directives: 0,
            directives_here: 0,
            literal: 0,
        };
        loop {
            match lexer.next() {
                Ok(None) => break,
                Ok(Some(token)) => scan.take(token, lexer.length()),
                Err(refusal) => Err(refusal),
            }
            .map_err(|refusal| (refusal, Some(lexer.start())))?;
        }
        if scan.inside || !scan.open.is_empty() || scan.outline.definitions.is_empty() {
            return Err((Refusal::Syntax, Some(document.len())));
        }
        Ok(scan.outline)
    }
}

impl<'a> Scan<'a> {
    fn take(&mut self, token: Token<'a>, length: usize) -> Result<(), Refusal> {
        one_more(&mut self.tokens, Limit::Tokens)?;
        if let Token::Name(name) = token {
            Limit::Name.check(u32::try_from(name.len()).unwrap_or(u32::MAX))?;
        }
        if token == Token::Number {
            Limit::Digits.check(u32::try_from(length).unwrap_or(u32::MAX))?;
        }
        match self.open.last().copied() {
            None => self.outside(token),
            Some(Open::Selection(extent)) => self.selection(token, extent),
            Some(_) => self.value(token),
        }
    }

    /// Between definitions, or in the head of one.
    fn outside(&mut self, token: Token<'a>) -> Result<(), Refusal> {
        match token {
            Token::Name(_) if self.last == Last::At => self.last = Last::Nothing,
            Token::Name(name) if self.last == Last::Fragment => {
                if let Some(definition) = self.outline.definitions.last_mut() {
                    definition.fragment = Some(name);
                }
                self.last = Last::Nothing;
            }
            Token::Name(_) if self.inside => {}
            Token::Name("query" | "mutation" | "subscription") => self.begin_operation()?,
            Token::Name("fragment") => {
                one_more(&mut self.fragments, Limit::Fragments)?;
                self.begin();
                self.last = Last::Fragment;
            }
            Token::Name(
                "type" | "input" | "enum" | "interface" | "union" | "scalar" | "directive" | "schema"
                | "extend",
            )
            | Token::Text
                if !self.inside =>
            {
                return Err(Refusal::TypeSystem);
            }
            Token::Mark(b'{') => {
                if !self.inside {
                    self.begin_operation()?;
                }
                let extent = Extent { depth: 1, nesting: 1, circles: 0 };
                self.enter(extent)?;
            }
            Token::Mark(b'(') if self.inside => self.open.push(Open::Round),
            Token::Mark(b'@') if self.inside => self.directive()?,
            _ => return Err(Refusal::Syntax),
        }
        Ok(())
    }

    fn begin_operation(&mut self) -> Result<(), Refusal> {
        one_more(&mut self.operations, Limit::Operations)?;
        self.begin();
        Ok(())
    }

    fn begin(&mut self) {
        self.outline.definitions.push(Definition::default());
        self.inside = true;
        self.last = Last::Nothing;
        self.directives_here = 0;
    }

    fn enter(&mut self, extent: Extent) -> Result<(), Refusal> {
        Limit::Depth.check(extent.depth)?;
        Limit::Nesting.check(extent.nesting)?;
        Limit::Circles.check(extent.circles)?;
        if let Some(definition) = self.outline.definitions.last_mut() {
            let deepest = &mut definition.extent;
            deepest.depth = deepest.depth.max(extent.depth);
            deepest.nesting = deepest.nesting.max(extent.nesting);
            deepest.circles = deepest.circles.max(extent.circles);
        }
        self.open.push(Open::Selection(extent));
        self.last = Last::Nothing;
        self.field = None;
        Ok(())
    }

    fn directive(&mut self) -> Result<(), Refusal> {
        one_more(&mut self.directives, Limit::Directives)?;
        one_more(&mut self.directives_here, Limit::DirectivesHere)?;
        self.last = Last::At;
        Ok(())
    }

    fn selection(&mut self, token: Token<'a>, here: Extent) -> Result<(), Refusal> {
        match token {
            Token::Name(name) => self.name_in_selection(name, here)?,
            Token::Spread => {
                self.last = Last::Spread;
                self.field = None;
                self.directives_here = 0;
            }
            Token::Mark(b':') if self.last == Last::Field => {
                one_more(&mut self.aliases, Limit::Aliases)?;
                self.last = Last::Alias;
            }
            Token::Mark(b'@') => self.directive()?,
            Token::Mark(b'(') => {
                self.open.push(Open::Round);
                self.last = Last::Nothing;
            }
            Token::Mark(b'{') => {
                let nesting = here.nesting.saturating_add(1);
                let extent = match self.field {
                    Some(circles) => Extent {
                        depth: here.depth.saturating_add(1),
                        nesting,
                        circles: here.circles.saturating_add(u32::from(circles)),
                    },
                    None => Extent { nesting, ..here },
                };
                self.enter(extent)?;
            }
            Token::Mark(b'}') => {
                self.open.pop();
                self.last = Last::Nothing;
                self.field = None;
                self.inside = !self.open.is_empty();
            }
            _ => return Err(Refusal::Syntax),
        }
        Ok(())
    }

    fn name_in_selection(&mut self, name: &'a str, here: Extent) -> Result<(), Refusal> {
        let last = std::mem::replace(&mut self.last, Last::Nothing);
        let Some(definition) = self.outline.definitions.last_mut() else { return Err(Refusal::Syntax) };
        match last {
            Last::At | Last::On => {}
            Last::Spread if name == "on" => self.last = Last::On,
            Last::Spread => {
                one_more(&mut self.spreads, Limit::Spreads)?;
                definition.spreads.push((name, here));
            }
            Last::Alias => self.field = Some(goes_round(name)),
            _ => {
                definition.fields = definition.fields.saturating_add(1);
                Limit::Fields.check(definition.fields)?;
                if here.depth == 1 {
                    definition.roots = definition.roots.saturating_add(1);
                }
                self.field = Some(goes_round(name));
                self.directives_here = 0;
                self.last = Last::Field;
            }
        }
        Ok(())
    }

    /// In arguments and variables, and in the lists and objects there.
    fn value(&mut self, token: Token<'a>) -> Result<(), Refusal> {
        let last = std::mem::replace(&mut self.last, Last::Nothing);
        match (token, self.open.last()) {
            (Token::Mark(b'['), _) => {
                self.item()?;
                one_more(&mut self.literal, Limit::Literal)?;
                self.open.push(Open::List(0));
            }
            (Token::Mark(b'{'), _) => {
                self.item()?;
                one_more(&mut self.literal, Limit::Literal)?;
                self.open.push(Open::Object);
            }
            (Token::Mark(b']'), Some(Open::List(_))) | (Token::Mark(b'}'), Some(Open::Object)) => {
                self.open.pop();
                self.literal = self.literal.saturating_sub(1);
            }
            (Token::Mark(b')'), Some(Open::Round)) => {
                self.open.pop();
            }
            // the arguments of a directive on a variable
            (Token::Mark(b'('), Some(Open::Round)) => {
                self.open.push(Open::Round);
                Limit::Nesting.check(u32::try_from(self.open.len()).unwrap_or(u32::MAX))?;
            }
            (Token::Mark(b'@'), Some(Open::Round)) => self.directive()?,
            (Token::Mark(b'$'), _) => {
                self.item()?;
                self.directives_here = 0;
                self.last = Last::Dollar;
            }
            (Token::Name(_), _) if last == Last::Dollar => {}
            (Token::Name(_) | Token::Number | Token::Text, _) => self.item()?,
            (Token::Mark(b':' | b'=' | b'!'), _) => {}
            _ => return Err(Refusal::Syntax),
        }
        Ok(())
    }

    /// One more value where a list may be open.
    fn item(&mut self) -> Result<(), Refusal> {
        match self.open.last_mut() {
            Some(Open::List(items)) => one_more(items, Limit::List),
            _ => Ok(()),
        }
    }
}

/// Whether this field leads from a type of the schema to many others.
fn goes_round(name: &str) -> bool {
    matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes")
}
