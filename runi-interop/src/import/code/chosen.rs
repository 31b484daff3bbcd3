//! Which named types become contracts.

use super::resolve::Resolver;
use super::{Decl, Kind, Shape};
use crate::import::Options;
use runi_lang::diagnostic::Place;
use runi_lang::diagnostics::interop::foreign_type;
use std::collections::BTreeSet;

impl<'a> Resolver<'a> {
    /// The types that become contracts: those that were asked for, or those that no other holds, or that are contracts already.
    pub(super) fn chosen(&mut self, decls: &'a [Decl], options: &Options) -> Vec<&'a Decl> {
        let types = &options.types;
        let own: Vec<&Decl> = decls.iter().filter(|decl| !decl.foreign && matches!(decl.kind, Kind::Struct(_))).collect();
        if !types.is_empty() {
            let known: Vec<&str> = own.iter().map(|decl| decl.name.as_str()).collect();
            for name in types.iter().filter(|name| !known.contains(&name.as_str())) {
                self.problems.push(foreign_type(Place::file(self.path), name, &known));
            }
            return types.iter().filter_map(|name| own.iter().find(|decl| decl.name == *name).copied()).collect();
        }
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for decl in decls {
            used.extend(self.mentioned(decl).into_iter().filter(|name| *name != decl.name));
        }
        let known = |decl: &Decl| options.known.contains(decl.contract.as_ref().unwrap_or(&decl.name));
        let mut chosen: Vec<&Decl> = own.iter().filter(|decl| known(decl) || !used.contains(decl.name.as_str())).copied().collect();
        // Types that only hold each other are reached from none of these: one of them stands for all.
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        chosen.iter().for_each(|decl| self.reach(&decl.name, &mut reached));
        for decl in own {
            if !reached.contains(decl.name.as_str()) {
                chosen.push(decl);
                self.reach(&decl.name, &mut reached);
            }
        }
        chosen
    }

    /// Notes every type that a type leads to.
    fn reach(&self, name: &'a str, reached: &mut BTreeSet<&'a str>) {
        let mut todo = vec![name];
        while let Some(name) = todo.pop() {
            if let Some(decl) = self.names.get(name).copied()
                && reached.insert(name)
            {
                todo.extend(self.mentioned(decl));
            }
        }
    }

    /// The named types in a declaration.
    fn mentioned(&self, decl: &'a Decl) -> Vec<&'a str> {
        let mut found = Vec::new();
        match &decl.kind {
            Kind::Struct(members) => members.iter().for_each(|member| self.mentioned_in(&member.shape, &mut found)),
            Kind::Alias(shape) => self.mentioned_in(shape, &mut found),
            Kind::Enum(_) | Kind::Other(_) => {}
        }
        found
    }

    fn mentioned_in(&self, shape: &'a Shape, found: &mut Vec<&'a str>) {
        match shape {
            Shape::Optional(inner) | Shape::List(inner) | Shape::Less(inner, _) => self.mentioned_in(inner, found),
            Shape::Map(key, value) => {
                self.mentioned_in(key, found);
                self.mentioned_in(value, found);
            }
            Shape::Inline(at) => {
                self.inline.get(*at).into_iter().flatten().for_each(|member| self.mentioned_in(&member.shape, found));
            }
            Shape::Named(name) => found.push(name),
            Shape::Known(_) | Shape::Formatted(_) | Shape::Counted(_) | Shape::None(_) => {}
        }
    }
}
