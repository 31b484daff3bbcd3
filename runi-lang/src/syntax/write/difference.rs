//! Where what was read back is not what was written.

use super::Unwritable;
use crate::model::{Contract, Field};

/// Nothing, or the first part that came back as something else.
pub(super) fn find(written: &[Contract], read: &[Contract]) -> Result<(), Unwritable> {
    for (n, contract) in written.iter().enumerate() {
        match read.get(n) {
            Some(back) if back == contract => {}
            Some(back) => return Err(within(contract, back)),
            None if written.iter().take(n).any(|other| other.name == contract.name) => {
                return Err(Unwritable::new(&contract.name, "two contracts have this name"));
            }
            None => return Err(Unwritable::new(&contract.name, "it is not read back")),
        }
    }
    match read.get(written.len()) {
        Some(more) => Err(Unwritable::new(&more.name, "a text in it reads as a contract of its own")),
        None => Ok(()),
    }
}

fn within(contract: &Contract, back: &Contract) -> Unwritable {
    let at = |part: &str| format!("{} {part}", contract.name);
    let fields = contract.fields.iter().enumerate().find(|(n, field)| back.fields.get(*n) != Some(field));
    if let Some((n, field)) = fields {
        return within_field(&contract.name, field, back.fields.get(n));
    }
    let part = if contract.doc != back.doc {
        "docstring"
    } else if contract.owner != back.owner {
        "@owner"
    } else if contract.classification != back.classification {
        "@classification"
    } else if contract.compliance != back.compliance {
        "@compliance"
    } else if contract.compatibility != back.compatibility {
        "@compatibility"
    } else if contract.drift != back.drift {
        "@drift"
    } else if contract.keys != back.keys {
        "@key or @unique"
    } else if contract.rules != back.rules {
        "@rule"
    } else if contract.references != back.references {
        "@references"
    } else if contract.freshness != back.freshness {
        "@freshness"
    } else if contract.retention != back.retention {
        "@retention"
    } else if contract.deprecated != back.deprecated {
        "@deprecated"
    } else if contract.renamed != back.renamed {
        "@renamed_from"
    } else if contract.reserved != back.reserved {
        "@reserved"
    } else if contract.accepted != back.accepted {
        "@accept"
    } else {
        return Unwritable::new(&contract.name, "it is read back as something else");
    };
    Unwritable::new(at(part), "it is read back as something else")
}

fn within_field(contract: &str, field: &Field, back: Option<&Field>) -> Unwritable {
    let at = format!("{contract}.{}", field.name);
    let Some(back) = back.filter(|back| back.name == field.name) else {
        return Unwritable::new(at, "the name is taken, or is read back as something else");
    };
    let what = if field.ty != back.ty {
        "its type"
    } else if field.rules != back.rules {
        "a rule of it"
    } else if field.default != back.default {
        "its default"
    } else if field.sensitivity != back.sensitivity {
        "its sensitivity"
    } else {
        "its unit or description"
    };
    Unwritable::new(at, format!("{what} is read back as something else"))
}
