//! Text to statements: those that the parser does not know are left out by name, unless they make a table.

use super::{FORMAT, maps};
use crate::build;
use crate::dialect::Dialect;
use crate::error::ImportError;
use crate::loss::Loss;
use sqlparser::ast::Statement;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Operators that follow each other make a tree as deep as they are many, and what walks it must have the stack.
const LONGEST_CHAIN: usize = 1_000;

/// Every statement that the parser knows. One that it does not know is lost, unless it makes a table.
pub(super) fn statements(text: &str, dialect: Dialect, losses: &mut Vec<Loss>) -> Result<Vec<Statement>, ImportError> {
    let failed = |error: sqlparser::parser::ParserError, line: Option<u32>| {
        let message = error.to_string();
        let message = message.strip_prefix("sql parser error: ").unwrap_or(&message).to_owned();
        ImportError::unreadable(FORMAT, message, line)
    };
    let tokens = Tokenizer::new(dialect.grammar(), text).tokenize_with_location().map_err(|error| failed(error.into(), None))?;
    if deepest(&tokens) > build::MAX_DEPTH {
        return Err(ImportError::TooLarge { format: FORMAT, message: "brackets are nested more than 100 levels deep".to_owned() });
    }
    let mut found = Vec::new();
    for tokens in tokens.split(|token| token.token == Token::SemiColon) {
        let mut words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
        let Some(line) = words.clone().next().map(|first| u32::try_from(first.span.start.line).ok().filter(|line| *line > 0)) else {
            continue;
        };
        let head: Vec<String> = words.by_ref().take(5).map(|token| token.token.to_string().to_lowercase()).collect();
        let first = head.first().map_or("", String::as_str);
        let table = first == "create" && head.iter().any(|word| word == "table");
        if longest(tokens) > LONGEST_CHAIN {
            let message = format!("more than {LONGEST_CHAIN} words and signs follow each other without a comma");
            if table {
                return Err(ImportError::TooLarge { format: FORMAT, message });
            }
            losses.push(Loss { at: head.get(..2).unwrap_or_default().join(" "), message: format!("{message}: it is left out"), line });
            continue;
        }
        // Every dialect comments in the words of PostgreSQL, but the parser knows that of few.
        let grammar = if first == "comment" { Dialect::Postgres.grammar() } else { dialect.grammar() };
        let tokens = if dialect == Dialect::DuckDb { maps::as_structs(tokens.to_vec()) } else { tokens.to_vec() };
        let mut parser = Parser::new(grammar).with_tokens_with_locations(tokens);
        let outcome = parser.parse_statement();
        let rest = parser.peek_token().token;
        match outcome {
            Ok(statement) if rest == Token::EOF => found.push(statement),
            Ok(_) if table => return Err(ImportError::unreadable(FORMAT, format!("`{rest}` is not understood behind a table"), line)),
            Err(error) if table => return Err(failed(error, line)),
            _ => {
                let message = "this statement is not understood, and left out".to_owned();
                losses.push(Loss { at: head.get(..2).unwrap_or_default().join(" "), message, line });
            }
        }
    }
    Ok(found)
}

/// How many tokens follow each other at one depth of brackets, without a comma between them.
fn longest(tokens: &[TokenWithSpan]) -> usize {
    let (mut counts, mut longest) = (vec![0_usize], 0);
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::Comma => counts.iter_mut().rev().take(1).for_each(|count| *count = 0),
            Token::LParen | Token::LBracket | Token::LBrace => counts.push(0),
            Token::RParen | Token::RBracket | Token::RBrace if counts.len() > 1 => drop(counts.pop()),
            _ => {}
        }
        if let Some(count) = counts.last_mut() {
            *count += 1;
            longest = longest.max(*count);
        }
    }
    longest
}

/// How deep brackets nest. `<` is one behind the name of a nested type.
fn deepest(tokens: &[TokenWithSpan]) -> usize {
    let (mut open, mut deepest) = (Vec::new(), 0);
    let mut nests = false;
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::SemiColon => open.clear(),
            Token::LParen | Token::LBracket | Token::LBrace => open.push(false),
            Token::RParen | Token::RBracket | Token::RBrace => drop(open.pop()),
            Token::Lt if nests => open.push(true),
            Token::Gt if open.last() == Some(&true) => drop(open.pop()),
            Token::ShiftRight if open.last() == Some(&true) => {
                open.pop();
                open.pop();
            }
            _ => {}
        }
        deepest = deepest.max(open.len());
        nests = matches!(&token.token, Token::Word(word) if ["array", "struct", "map"].iter().any(|name| word.value.eq_ignore_ascii_case(name)));
    }
    deepest
}
