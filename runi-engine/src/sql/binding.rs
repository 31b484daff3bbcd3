//! What a parameter is bound to, as tokens of SQL.

use super::dialect::RuniDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer, Whitespace};
use runi_lang::sql::Binding;
use runi_lang::types::{DataType, TimeUnit};

/// The tokens that stand for a parameter.
pub(super) fn binding_tokens(binding: &Binding) -> Result<Vec<Token>, String> {
    match binding {
        Binding::Column(name) | Binding::Table(name) => Ok(vec![Token::make_word(name, Some('"'))]),
        Binding::Value { ty: DataType::String | DataType::Enum(_), text: Some(text) } => Ok(vec![Token::SingleQuotedString(text.clone())]),
        Binding::Value { ty, text } => {
            let value = text.as_ref().map_or_else(|| Token::make_keyword("NULL"), |text| Token::SingleQuotedString(text.clone()));
            let sql = sql_type(ty).ok_or_else(|| format!("a parameter cannot be a {ty}"))?;
            let ty = Tokenizer::new(&RuniDialect, &sql).tokenize().map_err(|error| error.message)?;
            let mut tokens =
                vec![Token::make_keyword("CAST"), Token::LParen, value, Token::Whitespace(Whitespace::Space), Token::make_keyword("AS")];
            tokens.push(Token::Whitespace(Whitespace::Space));
            tokens.extend(ty);
            tokens.push(Token::RParen);
            Ok(tokens)
        }
    }
}

/// How a `cast` writes a type; `None` for types that SQL cannot name.
fn sql_type(ty: &DataType) -> Option<String> {
    Some(match ty {
        DataType::Timestamp { unit, zone } => {
            let digits = match unit {
                TimeUnit::Second => "(0)",
                TimeUnit::Millisecond => "(3)",
                TimeUnit::Microsecond => "",
                TimeUnit::Nanosecond => "(9)",
            };
            match zone.as_deref() {
                None => format!("timestamp{digits}"),
                Some("UTC") => format!("timestamp{digits} with time zone"),
                Some(_) => return None,
            }
        }
        DataType::List(_) | DataType::Struct(_) | DataType::Map(..) | DataType::Null | DataType::Unknown => return None,
        DataType::String | DataType::Enum(_) => "text".to_owned(),
        DataType::Binary => "bytea".to_owned(),
        scalar => scalar.to_string(),
    })
}
