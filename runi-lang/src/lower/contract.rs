//! A contract's item.

use super::context::{Context, doc, tags, tokens};
use super::{contract_tags, field};
use crate::model::{Contract, Spans};
use crate::syntax::{SyntaxKind, SyntaxNode};

/// Reads a contract. Its name is declared already; its parts are noted in `spans`.
pub(super) fn contract(cx: &mut Context<'_>, item: &SyntaxNode, name: String, spans: &mut Spans) -> Contract {
    let mut contract = Contract::new(name);
    contract.doc = doc(item);
    let keyword = tokens(item).find(|token| token.kind() == SyntaxKind::ContractKw).map(|token| token.text_range().start());
    let mut memory = contract_tags::Memory::default();
    for tag in tags(item) {
        if keyword.is_some_and(|keyword| tag.name_range.start() < keyword) {
            cx.misplaced(&tag, "a contract's tags stand under its name");
        } else {
            contract_tags::tag(cx, &tag, &mut contract, spans, &mut memory);
        }
    }
    for node in item.children().filter(|child| child.kind() == SyntaxKind::Field) {
        if let Some(field) = field::field(cx, &node, &contract.name, spans) {
            contract.fields.push(field);
        }
    }
    contract
}
