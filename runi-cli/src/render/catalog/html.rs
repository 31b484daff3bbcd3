//! The catalog as one HTML page: everything in the file itself, nothing fetched, readable without its script.

use super::Listed;
use runi_lang::model::{Contract, Field};
use std::fmt::Write as _;

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --mark: #b45309; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; display: inline; }
#find { font: inherit; width: 100%; padding: .5rem; border: 1px solid var(--line); border-radius: .4rem; box-sizing: border-box; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .6rem 0; padding: .5rem .8rem; }
summary { cursor: pointer; } summary small { opacity: .75; margin-left: .5rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .9rem; }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--soft); vertical-align: top; }
code { font: .9em ui-monospace, monospace; } .tag { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .3rem; font-size: .8rem; white-space: nowrap; }
.hot { color: var(--mark); border-color: var(--mark); } .gone { display: none; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .4rem 0; } dt { opacity: .75; } dd { margin: 0; }
";

const SCRIPT: &str = "
const find = document.getElementById('find');
const all = [...document.querySelectorAll('details')];
find.hidden = false;
find.addEventListener('input', () => {
  const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const item of all) {
    const fits = words.every((word) => item.textContent.toLowerCase().includes(word));
    item.classList.toggle('gone', !fits);
    shown += fits ? 1 : 0;
  }
  document.getElementById('count').textContent = shown + ' of ' + all.length;
});
const open = () => { const item = document.getElementById(decodeURIComponent(location.hash.slice(1))); if (item) item.open = true; };
addEventListener('hashchange', open);
open();
";

/// The page.
pub(crate) fn html(workspace: &str, contracts: &[Listed<'_>]) -> String {
    let title = escape(workspace);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <title>{title}: contracts</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}: contracts</h1>\n\
         <input id=\"find\" type=\"search\" placeholder=\"Find a contract, a column, an owner\" aria-label=\"Find\" hidden>\n\
         <p id=\"count\">{} contracts</p>\n",
        contracts.len()
    );
    for listed in contracts {
        contract(&mut out, listed);
    }
    let _ = write!(out, "<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

fn contract(out: &mut String, listed: &Listed<'_>) {
    let contract = &listed.entry.binding.contract;
    let name = escape(&contract.name);
    let version = contract.version.map_or_else(String::new, |version| format!(" <small>{version}</small>"));
    let owner = contract.owner.as_ref().map_or_else(String::new, |owner| format!(" <small>{}</small>", escape(&owner.name)));
    let level = contract.classification.as_ref().map_or_else(String::new, |level| format!(" {}", tag(level, level == "restricted")));
    let _ = write!(out, "<details id=\"{name}\">\n<summary><h2>{name}</h2>{version}{owner}{level}</summary>\n");
    if !contract.doc.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", escape(&contract.doc));
    }
    out.push_str("<table>\n<tr><th>Field</th><th>Type</th><th>Promises</th><th>Meaning</th></tr>\n");
    for field in &contract.fields {
        let _ = writeln!(
            out,
            "<tr><td><code>{}</code></td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            escape(&field.name),
            escape(&field.ty.to_string()),
            promises(field),
            escape(&field.description)
        );
    }
    out.push_str("</table>\n<dl>\n");
    for (term, text) in facts(contract, listed) {
        let _ = writeln!(out, "<dt>{term}</dt><dd>{text}</dd>");
    }
    out.push_str("</dl>\n</details>\n");
}

fn promises(field: &Field) -> String {
    let mut tags = Vec::new();
    let rules = &field.rules;
    tags.extend(field.is_required().then(|| tag("required", false)));
    tags.extend(rules.unique.as_ref().map(|_| tag("unique", false)));
    for (word, range) in [("range", &rules.range), ("length", &rules.length)] {
        tags.extend(range.as_ref().map(|range| {
            let (min, max) = (range.min.as_deref().unwrap_or("…"), range.max.as_deref().unwrap_or("…"));
            tag(&format!("{word} {min} – {max}"), false)
        }));
    }
    tags.extend(rules.matches.as_ref().map(|(pattern, _)| tag(&format!("matches {pattern}"), false)));
    tags.extend(rules.format.as_ref().map(|(format, _)| tag(format, false)));
    tags.extend(field.unit.as_ref().map(|unit| tag(unit, false)));
    let labels = &field.sensitivity;
    tags.extend(labels.pii.as_ref().map(|pii| tag(&format!("pii: {pii}"), true)));
    tags.extend(labels.mask.as_ref().map(|mask| tag(&format!("mask: {}", mask.name()), true)));
    tags.extend((!labels.access.is_empty()).then(|| tag(&format!("access: {}", labels.access.join(", ")), true)));
    tags.extend(
        field.deprecated.map(|until| tag(&until.map_or_else(|| "deprecated".to_owned(), |day| format!("deprecated until {day}")), true)),
    );
    tags.join(" ")
}

fn facts(contract: &Contract, listed: &Listed<'_>) -> Vec<(&'static str, String)> {
    let mut facts = vec![("File", format!("<code>{}</code>", escape(&listed.entry.path)))];
    facts.extend(contract.owner.as_ref().and_then(|owner| Some(("Contact", escape(owner.contact.as_ref()?)))));
    facts.extend((!contract.compliance.is_empty()).then(|| ("Compliance", escape(&contract.compliance.join(", ")))));
    facts.extend(
        contract
            .keys
            .iter()
            .map(|key| (if key.primary { "Key" } else { "Unique" }, format!("<code>{}</code>", escape(&key.columns.join(", "))))),
    );
    facts.extend(contract.rules.iter().map(|rule| ("Rule", format!("{} <code>{}</code>", escape(&rule.title), escape(&rule.sql)))));
    facts.extend(contract.references.iter().map(|reference| {
        let target = escape(&reference.contract);
        let text = format!(
            "<code>{}</code> is a known <a href=\"#{target}\">{target}</a>.{}",
            escape(&reference.column),
            escape(&reference.target)
        );
        ("References", text)
    }));
    facts.extend(
        contract
            .freshness
            .as_ref()
            .map(|freshness| ("Freshness", format!("{} on <code>{}</code>", freshness.within, escape(&freshness.column)))),
    );
    facts.push(("Compatibility", escape(&contract.compatibility.mode)));
    facts.extend((!listed.written_by.is_empty()).then(|| ("Written by", escape(&listed.written_by.join(", ")))));
    facts.extend((!listed.read_by.is_empty()).then(|| ("Read by", escape(&listed.read_by.join(", ")))));
    facts.push(("Hash", format!("<code>{}</code>", escape(&listed.entry.binding.hash))));
    facts
}

fn tag(text: &str, hot: bool) -> String {
    format!("<span class=\"tag{}\">{}</span>", if hot { " hot" } else { "" }, escape(text))
}

/// Text that is safe between tags and in quoted attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
