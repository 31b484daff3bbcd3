//! The members of a struct that become columns: flattened ones in their place, hidden ones left out.

use super::resolve::Resolver;
use super::{Decl, Kind, MAX_DEPTH, Member, Shape};
use crate::import::MAX_PARTS;
use runi_lang::diagnostic::Place;
use runi_lang::diagnostics::interop::endless_type;
use std::collections::BTreeMap;

/// A member on its way to a column.
pub(super) struct Candidate<'a> {
    pub(super) member: &'a Member,
    /// `Struct.field`.
    pub(super) at: String,
    pub(super) optional: bool,
    /// Flattened so many times.
    pub(super) depth: usize,
}

impl<'a> Resolver<'a> {
    /// The members of a struct, with those of flattened members in their place.
    pub(super) fn gather(
        &mut self,
        at: &str,
        members: &'a [Member],
        optional: bool,
        depth: usize,
        stack: &mut Vec<&'a str>,
        out: &mut Vec<Candidate<'a>>,
    ) {
        for member in members {
            self.parts += 1;
            if self.parts > MAX_PARTS || depth > MAX_DEPTH {
                self.too_large = true;
                return;
            }
            let here = format!("{at}.{}", member.name);
            if !member.flatten {
                out.push(Candidate { member, at: here, optional: optional || member.optional, depth });
                continue;
            }
            let (shape, missing) = self.bare(&member.shape);
            let optional = optional || missing || member.optional;
            match shape {
                Shape::Named(name) => match self.names.get(name.as_str()).copied() {
                    Some(Decl { kind: Kind::Struct(inner), name, .. }) => {
                        if self.enter(name, member, stack) {
                            self.gather(&here, inner, optional, depth + 1, stack, out);
                            stack.pop();
                        }
                    }
                    Some(_) => out.push(Candidate { member, at: here, optional, depth }),
                    None => self.lose(&here, member.range, format!("the fields of `{name}`, which is not in this file, are left out")),
                },
                Shape::Inline(n) => {
                    let inner = self.inline.get(*n).map_or(&[][..], Vec::as_slice);
                    self.gather(&here, inner, optional, depth + 1, stack, out);
                }
                Shape::Map(..) => self.lose(&here, member.range, "columns whose names are not known beforehand are left out"),
                Shape::Less(..) => self.lose(&here, member.range, "the fields of a type of another package are left out"),
                Shape::None(why) => self.lose(&here, member.range, format!("left out: {why}")),
                _ => out.push(Candidate { member, at: here, optional, depth }),
            }
        }
    }

    /// A type without what makes it optional, and behind its other names.
    fn bare(&self, mut shape: &'a Shape) -> (&'a Shape, bool) {
        let mut optional = false;
        for _ in 0..MAX_DEPTH {
            match shape {
                Shape::Optional(inner) => {
                    optional = true;
                    shape = inner;
                }
                Shape::Named(name) => match self.names.get(name.as_str()).copied() {
                    Some(Decl { kind: Kind::Alias(inner), .. }) => shape = inner,
                    _ => break,
                },
                _ => break,
            }
        }
        (shape, optional)
    }

    /// Goes into a named type, unless it is open already.
    pub(super) fn enter(&mut self, name: &'a str, member: &Member, stack: &mut Vec<&'a str>) -> bool {
        if stack.contains(&name) {
            let from = stack.iter().position(|open| *open == name).unwrap_or(0);
            let mut path: Vec<String> = stack.iter().skip(from).map(|name| (*name).to_owned()).collect();
            path.push(member.name.clone());
            self.problems.push(endless_type(Place::range(self.path, member.range), name, &path));
            return false;
        }
        if stack.len() > MAX_DEPTH {
            self.too_large = true;
            return false;
        }
        stack.push(name);
        true
    }

    /// Of members with one column name the outermost is meant; among equals the one that was named so; otherwise none.
    pub(super) fn visible(&mut self, candidates: Vec<Candidate<'a>>) -> Vec<Candidate<'a>> {
        let mut best: BTreeMap<&str, (usize, bool, usize)> = BTreeMap::new();
        for candidate in &candidates {
            let rank = (candidate.depth, !candidate.member.renamed);
            let entry = best.entry(&candidate.member.column).or_insert((rank.0, rank.1, 0));
            if rank < (entry.0, entry.1) {
                *entry = (rank.0, rank.1, 0);
            }
            if rank == (entry.0, entry.1) {
                entry.2 += 1;
            }
        }
        let mut kept = Vec::new();
        for candidate in candidates {
            let Some((depth, named, count)) = best.get(candidate.member.column.as_str()).copied() else { continue };
            if (candidate.depth, !candidate.member.renamed) != (depth, named) {
                continue;
            }
            if count == 1 {
                kept.push(candidate);
            } else {
                let message = format!("left out: {count} fields are called `{}`", candidate.member.column);
                self.lose(&candidate.at, candidate.member.range, message);
            }
        }
        kept
    }
}
