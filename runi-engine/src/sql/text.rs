//! SQL text: tokens with places, parameters bound as tokens, and ranges of bytes for messages.
//!
//! `$name` is replaced token by token, never by pasting text, so no parameter can change what the
//! rest of the SQL means; a replacement's tokens all carry the place of their `$name`.

use super::binding::binding_tokens;
use super::dialect::RuniDialect;
use super::meaning::as_meant;
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};
use runi_lang::sql::{Binding, Bindings, SqlError, SqlErrorKind};
use runi_lang::types::DataType;
use std::ops::Range;

/// How deep expressions may nest; the parser fails beyond it instead of overflowing the stack.
const DEPTH_MAX: usize = 50;

/// How many operators, or set operations, may follow one another without a bracket or a comma: each is one level of the
/// tree that is planned, and the stack is finite.
const CHAIN_MAX: usize = 500;

/// A piece of SQL, with its parameters bound.
#[derive(Debug)]
pub(crate) struct SqlText<'a> {
    text: &'a str,
    tokens: Vec<TokenWithSpan>,
}

impl<'a> SqlText<'a> {
    /// Splits into tokens and binds parameters.
    pub(crate) fn new(text: &'a str, bindings: &Bindings) -> Result<Self, Vec<SqlError>> {
        let tokens = Tokenizer::new(&RuniDialect, text).tokenize_with_location().map_err(|error| {
            let start = offset(text, error.location);
            vec![syntax(lower_first(&error.message), Some(start..text.len().max(start)))]
        })?;
        let mut bound = Vec::with_capacity(tokens.len());
        let mut errors = Vec::new();
        for token in tokens {
            // `1e9` is a float, as in standard SQL; DataFusion would make it a decimal, as `0.05` is.
            if let Token::Number(number, _) = &token.token
                && number.contains(['e', 'E'])
            {
                let float = binding_tokens(&Binding::Value { ty: DataType::Float64, text: Some(number.clone()) }).unwrap_or_default();
                bound.extend(float.into_iter().map(|new| TokenWithSpan::new(new, token.span)));
                continue;
            }
            let Token::Placeholder(placeholder) = &token.token else {
                bound.push(token);
                continue;
            };
            let name = placeholder.trim_start_matches('$');
            match bindings.iter().find(|(bound, _)| bound == name) {
                Some((_, binding)) => match binding_tokens(binding) {
                    Ok(tokens) => bound.extend(tokens.into_iter().map(|new| TokenWithSpan::new(new, token.span))),
                    Err(message) => {
                        errors.push(SqlError { kind: SqlErrorKind::Type, message, range: Some(range(text, token.span)), help: None });
                    }
                },
                None => errors.push(SqlError {
                    kind: SqlErrorKind::UnknownParameter { name: name.to_owned() },
                    message: format!("no parameter `${name}`"),
                    range: Some(range(text, token.span)),
                    help: None,
                }),
            }
        }
        if errors.is_empty() { Ok(Self { text, tokens: bound }) } else { Err(errors) }
    }

    /// Parses one scalar expression and nothing after it.
    pub(crate) fn parse_expr(&self) -> Result<ast::Expr, Vec<SqlError>> {
        if let Some(first) = self.significant().next()
            && let Token::Word(word) = &first.token
            && matches!(
                word.keyword,
                Keyword::SELECT | Keyword::WITH | Keyword::INSERT | Keyword::UPDATE | Keyword::DELETE | Keyword::CREATE
            )
        {
            let found = word.value.to_lowercase();
            return Err(vec![not_allowed(format!("an expression is expected, not a `{found}`"), Some(self.range(first.span)))]);
        }
        self.refuse_chains()?;
        let mut parser = self.parser();
        let mut expr = parser.parse_expr().map_err(|error| vec![self.parse_error(&error)])?;
        self.end(&mut parser)?;
        as_meant(&mut expr, self)?;
        Ok(expr)
    }

    /// Parses one `select` or `with` and nothing after it.
    pub(crate) fn parse_query(&self) -> Result<ast::Query, Vec<SqlError>> {
        if let Some(first) = self.significant().next()
            && let Token::Word(word) = &first.token
            && !matches!(word.keyword, Keyword::SELECT | Keyword::WITH)
        {
            let found = word.value.to_lowercase();
            return Err(vec![not_allowed(
                format!("only `select` and `with` are allowed here, not `{found}`"),
                Some(self.range(first.span)),
            )]);
        }
        self.refuse_chains()?;
        let mut parser = self.parser();
        let mut query = parser.parse_query().map_err(|error| vec![self.parse_error(&error)])?;
        self.end(&mut parser)?;
        as_meant(&mut *query, self)?;
        Ok(*query)
    }

    /// The bytes of a span; `None` when the parser lost it.
    pub(crate) fn known_range(&self, span: Span) -> Option<Range<usize>> {
        (span != Span::empty()).then(|| self.close_brackets(self.range(span)))
    }

    /// The bytes of a span.
    pub(crate) fn range(&self, span: Span) -> Range<usize> {
        range(self.text, span)
    }

    /// The same, with a minus before it: sqlparser's spans leave that out.
    pub(crate) fn with_minus(&self, range: Range<usize>) -> Range<usize> {
        let before = self.text.get(..range.start).unwrap_or_default().trim_end();
        if before.ends_with('-') { before.len() - 1..range.end } else { range }
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// What is written at a place.
    pub(crate) fn slice(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Where an identifier is first written.
    pub(crate) fn find_word(&self, name: &str) -> Option<Range<usize>> {
        self.significant().find_map(|token| match &token.token {
            Token::Word(word) if word.value == name || (word.keyword != Keyword::NoKeyword && word.value.eq_ignore_ascii_case(name)) => {
                Some(self.range(token.span))
            }
            _ => None,
        })
    }

    /// Where a string or a number is first written out.
    pub(crate) fn find_literal(&self, value: &str) -> Option<Range<usize>> {
        self.significant().find_map(|token| match &token.token {
            Token::SingleQuotedString(written) | Token::EscapedStringLiteral(written) | Token::Number(written, _) if written == value => {
                Some(self.range(token.span))
            }
            _ => None,
        })
    }

    /// The last `*` that stands for columns, with the view before it.
    pub(crate) fn last_wildcard(&self) -> Option<Range<usize>> {
        let tokens: Vec<&TokenWithSpan> = self.significant().collect();
        (0..tokens.len()).rev().find_map(|at| {
            let token = tokens.get(at).filter(|token| token.token == Token::Mul)?;
            let before = tokens.get(at.checked_sub(1)?)?;
            let end = self.range(token.span).end;
            match &before.token {
                Token::Period => Some(self.range(tokens.get(at.checked_sub(2)?)?.span).start..end),
                Token::Comma => Some(self.range(token.span)),
                Token::Word(word) if matches!(word.keyword, Keyword::SELECT | Keyword::DISTINCT) => Some(self.range(token.span)),
                _ => None,
            }
        })
    }

    fn significant(&self) -> impl Iterator<Item = &TokenWithSpan> {
        self.tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)))
    }

    /// Refuses a chain of operators that is too long for the planner's stack.
    fn refuse_chains(&self) -> Result<(), Vec<SqlError>> {
        // Per open bracket: operators since the last comma or clause, and set operations.
        let mut open = vec![(0_usize, 0_usize)];
        for token in self.significant() {
            match &token.token {
                Token::LParen | Token::LBracket | Token::LBrace => open.push((0, 0)),
                Token::RParen | Token::RBracket | Token::RBrace => {
                    if open.len() > 1 {
                        open.pop();
                    }
                }
                other => {
                    if let Some((operators, sets)) = open.last_mut() {
                        match chained(other) {
                            Chained::Operator => *operators += 1,
                            Chained::Set => (*operators, *sets) = (0, *sets + 1),
                            Chained::Part => *operators = 0,
                            Chained::Operand => {}
                        }
                    }
                }
            }
            if open.iter().map(|(operators, sets)| operators + sets).sum::<usize>() > CHAIN_MAX {
                let help = "use `in (…)` for alternatives, or spread it over several steps".to_owned();
                let message = format!("more than {CHAIN_MAX} operators in a row");
                return Err(vec![SqlError { help: Some(help), ..syntax(message, Some(self.range(token.span))) }]);
            }
        }
        Ok(())
    }

    fn parser(&self) -> Parser<'static> {
        Parser::new(&RuniDialect).with_recursion_limit(DEPTH_MAX).with_tokens_with_locations(self.tokens.clone())
    }

    /// Refuses what follows a complete expression or query; one `;` at the end is harmless.
    fn end(&self, parser: &mut Parser<'_>) -> Result<(), Vec<SqlError>> {
        let semicolon = parser.consume_token(&Token::SemiColon);
        let next = parser.peek_token();
        if next.token == Token::EOF {
            return Ok(());
        }
        let range = Some(self.range(next.span));
        Err(vec![if semicolon {
            not_allowed("only one statement is allowed".to_owned(), range)
        } else {
            syntax(format!("`{}` is not expected here", next.token), range)
        }])
    }

    /// sqlparser says places only in its messages: "Expected: …, found: … at Line: 1, Column: 9".
    fn parse_error(&self, error: &ParserError) -> SqlError {
        let message = match error {
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => message.as_str(),
            ParserError::RecursionLimitExceeded => "it nests too deep",
        };
        let (message, place) = message.rsplit_once(" at Line: ").map_or((message, None), |(message, place)| (message, Some(place)));
        let location = place.and_then(|place| {
            let (line, column) = place.split_once(", Column: ")?;
            Some(Location { line: line.trim().parse().ok()?, column: column.trim().parse().ok()? })
        });
        let message =
            lower_first(message).replace("expected: ", "expected ").replace("found: EOF", "found the end").replace("found: ", "found ");
        let Some(location) = location else {
            let end = self.text.trim_end().len();
            return syntax(message, Some(end..end));
        };
        let found = self.significant().find(|token| token.span.start == location);
        let start = offset(self.text, location);
        syntax(message, Some(found.map_or(start..start, |token| self.range(token.span))))
    }

    /// sqlparser's spans of calls and casts leave out the closing bracket.
    fn close_brackets(&self, range: Range<usize>) -> Range<usize> {
        let mut end = range.end;
        for _ in 0..DEPTH_MAX {
            let depth = unclosed(self.text.get(range.start..end).unwrap_or_default());
            let rest = self.text.get(end..).unwrap_or_default();
            let blank = rest.len() - rest.trim_start().len();
            if depth == 0 || !rest.trim_start().starts_with(')') {
                break;
            }
            end += blank + 1;
        }
        range.start..end
    }
}

/// What a token does to the chain that it stands in.
enum Chained {
    /// Adds a level.
    Operator,
    /// Adds a level of queries.
    Set,
    /// Begins a new expression.
    Part,
    Operand,
}

fn chained(token: &Token) -> Chained {
    match token {
        Token::Word(word) => match word.keyword {
            Keyword::AND | Keyword::OR | Keyword::NOT | Keyword::XOR | Keyword::IS | Keyword::LIKE | Keyword::COLLATE => Chained::Operator,
            Keyword::AT | Keyword::JOIN | Keyword::BETWEEN | Keyword::IN | Keyword::ILIKE | Keyword::CASE => Chained::Operator,
            Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT => Chained::Set,
            Keyword::SELECT | Keyword::WHERE | Keyword::HAVING | Keyword::GROUP | Keyword::ORDER => Chained::Part,
            _ => Chained::Operand,
        },
        Token::Comma | Token::SemiColon => Chained::Part,
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::NationalStringLiteral(_)
        | Token::EscapedStringLiteral(_)
        | Token::HexStringLiteral(_)
        | Token::Placeholder(_)
        | Token::Period
        | Token::EOF => Chained::Operand,
        _ => Chained::Operator,
    }
}

/// How many brackets are open at the end of a text, quotes left out.
fn unclosed(text: &str) -> usize {
    let (mut depth, mut quote) = (0_usize, None);
    for byte in text.bytes() {
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth
}

/// The bytes of a span of sqlparser (lines and columns from 1, columns in characters).
fn range(text: &str, span: Span) -> Range<usize> {
    let start = offset(text, span.start);
    start..offset(text, span.end).max(start)
}

/// The byte of a location of sqlparser.
fn offset(text: &str, location: Location) -> usize {
    let mut start = 0;
    for _ in 1..location.line {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(newline) => start += newline + 1,
            None => return text.len(),
        }
    }
    let line = text.get(start..).unwrap_or_default();
    let column = usize::try_from(location.column.saturating_sub(1)).unwrap_or(usize::MAX);
    line.char_indices().nth(column).map_or(text.len(), |(byte, _)| start + byte)
}

pub(crate) fn syntax(message: String, range: Option<Range<usize>>) -> SqlError {
    SqlError { kind: SqlErrorKind::Syntax, message, range, help: None }
}

pub(crate) fn not_allowed(message: String, range: Option<Range<usize>>) -> SqlError {
    SqlError { kind: SqlErrorKind::NotAllowed, message, range, help: None }
}

/// Messages start in lower case, unless the word is an acronym.
pub(crate) fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), second) if !second.is_some_and(char::is_uppercase) => first.to_lowercase().chain(chars).collect(),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn offsets_count_characters_and_lines() {
        let text = "é +\n  x";
        assert_eq!(offset(text, Location { line: 1, column: 3 }), 3);
        assert_eq!(offset(text, Location { line: 2, column: 3 }), 7);
        assert_eq!(offset(text, Location { line: 9, column: 1 }), text.len());
    }

    #[test]
    fn a_parameter_cannot_change_the_rest() {
        let text = Some("1); drop table x --".to_owned());
        let bindings = vec![("p".to_owned(), Binding::Value { ty: DataType::String, text })];
        let sql = SqlText::new("name = $p", &bindings).unwrap();
        assert_eq!(sql.parse_expr().unwrap().to_string(), "name = '1); drop table x --'");
    }

    #[test]
    fn errors_point_at_the_token() {
        let errors = SqlText::new("a > > 1", &Vec::new()).unwrap().parse_expr().unwrap_err();
        assert_eq!(errors[0].range, Some(4..5));
        let errors = SqlText::new("a > 1 b", &Vec::new()).unwrap().parse_expr().unwrap_err();
        assert_eq!((errors[0].range.clone(), &errors[0].kind), (Some(6..7), &SqlErrorKind::Syntax));
        let errors = SqlText::new("a > $x + $y", &Vec::new()).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.range.clone().unwrap()).collect::<Vec<_>>(), [4..6, 9..11]);
    }
}
