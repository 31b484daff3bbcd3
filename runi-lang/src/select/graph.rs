//! Which scenario reads what another one writes.

use super::is_glob;
use crate::check::ScenarioFacts;
use globset::GlobBuilder;
use std::collections::{BTreeMap, BTreeSet};

/// Scenarios as nodes; an edge goes from the writer of a path to each of its readers.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Writers that each node reads from, sorted.
    upstream: Vec<Vec<usize>>,
    /// Readers of each node's output, sorted.
    downstream: Vec<Vec<usize>>,
}

impl Graph {
    /// The graph of these scenarios; nodes are their positions.
    #[must_use]
    pub fn new<'s>(scenarios: impl IntoIterator<Item = &'s ScenarioFacts>) -> Self {
        let scenarios: Vec<&ScenarioFacts> = scenarios.into_iter().collect();
        let mut writers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (node, scenario) in scenarios.iter().enumerate() {
            for path in &scenario.outputs {
                writers.entry(normal(path)).or_default().push(node);
            }
        }
        let mut upstream: Vec<Vec<usize>> = scenarios.iter().map(|scenario| reads_from(scenario, &writers)).collect();
        let mut downstream = vec![Vec::new(); scenarios.len()];
        for (reader, from) in upstream.iter_mut().enumerate() {
            from.sort_unstable();
            from.dedup();
            for writer in from.iter() {
                if let Some(readers) = downstream.get_mut(*writer) {
                    readers.push(reader);
                }
            }
        }
        Self { upstream, downstream }
    }

    /// The nodes that `node` reads from.
    #[must_use]
    pub fn upstream(&self, node: usize) -> &[usize] {
        self.upstream.get(node).map(Vec::as_slice).unwrap_or_default()
    }

    /// Every node that can be reached from `start`, against the flow of data (`up`) or with it. `start` itself only through a circle.
    #[must_use]
    pub fn reachable(&self, start: &[usize], up: bool) -> BTreeSet<usize> {
        let edges = if up { &self.upstream } else { &self.downstream };
        let mut seen = BTreeSet::new();
        let mut todo: Vec<usize> = start.to_vec();
        while let Some(node) = todo.pop() {
            for next in edges.get(node).into_iter().flatten() {
                if seen.insert(*next) {
                    todo.push(*next);
                }
            }
        }
        seen
    }

    /// The nodes of `chosen`, each after those that it reads from; ties go by index.
    ///
    /// # Errors
    /// The nodes of a circle.
    pub fn order(&self, chosen: &BTreeSet<usize>) -> Result<Vec<usize>, Vec<usize>> {
        let mut waits: BTreeMap<usize, usize> =
            chosen.iter().map(|node| (*node, self.upstream(*node).iter().filter(|from| chosen.contains(from)).count())).collect();
        let mut ready: BTreeSet<usize> = waits.iter().filter(|(_, count)| **count == 0).map(|(node, _)| *node).collect();
        let mut order = Vec::with_capacity(chosen.len());
        while let Some(node) = ready.pop_first() {
            waits.remove(&node);
            order.push(node);
            for reader in self.downstream.get(node).into_iter().flatten() {
                if let Some(count) = waits.get_mut(reader) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(*reader);
                    }
                }
            }
        }
        if waits.is_empty() {
            return Ok(order);
        }
        // What is left waits for a circle or stands behind one; the error names a circle alone.
        let circle = self.cycles().into_iter().find(|circle| circle.iter().all(|node| waits.contains_key(node)));
        Err(circle.unwrap_or_else(|| waits.into_keys().collect()))
    }

    /// Every circle: groups of nodes that all reach each other, sorted.
    #[must_use]
    pub fn cycles(&self) -> Vec<Vec<usize>> {
        // Only nodes that survive removing sources again and again can be part of a circle; there are usually none.
        let mut waits: Vec<usize> = self.upstream.iter().map(Vec::len).collect();
        let mut ready: Vec<usize> = waits.iter().enumerate().filter(|(_, count)| **count == 0).map(|(node, _)| node).collect();
        let mut left: BTreeSet<usize> = (0..self.upstream.len()).collect();
        while let Some(node) = ready.pop() {
            left.remove(&node);
            for reader in self.downstream.get(node).into_iter().flatten() {
                if let Some(count) = waits.get_mut(*reader) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push(*reader);
                    }
                }
            }
        }
        let mut cycles = Vec::new();
        while let Some(node) = left.pop_first() {
            let after = self.reachable(&[node], false);
            if !after.contains(&node) {
                continue;
            }
            let before = self.reachable(&[node], true);
            let cycle: Vec<usize> = after.intersection(&before).copied().collect();
            for member in &cycle {
                left.remove(member);
            }
            cycles.push(cycle);
        }
        cycles
    }
}

fn reads_from(scenario: &ScenarioFacts, writers: &BTreeMap<&str, Vec<usize>>) -> Vec<usize> {
    let mut found = Vec::new();
    for path in &scenario.inputs {
        let path = normal(path);
        if let Some(nodes) = writers.get(path) {
            found.extend(nodes);
        } else if is_glob(path) {
            let Ok(glob) = GlobBuilder::new(path).literal_separator(true).build().map(|glob| glob.compile_matcher()) else { continue };
            // Only outputs that begin like the pattern can match, and they are neighbours in the map.
            let prefix = path.find(['*', '?', '[', '{']).and_then(|end| path.get(..end)).unwrap_or_default();
            let near = writers.range(prefix..).take_while(|(written, _)| written.starts_with(prefix));
            found.extend(near.filter(|(written, _)| glob.is_match(written)).flat_map(|(_, nodes)| nodes));
        }
    }
    found
}

fn normal(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path).trim_end_matches('/')
}
