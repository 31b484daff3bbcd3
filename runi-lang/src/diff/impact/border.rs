//! Who in other workspaces holds data that is under a contract of this one: they know it by another name, or by none.

use super::{Place, Planned, Reach};
use crate::ir::{NodeKind, Route, SinkNode};

impl<'a> Reach<'a> {
    /// Sources of packages that read what is under a contract here: the files of its sources, and what its sinks write.
    pub(super) fn strangers(&self, contract: &str) -> Vec<(usize, usize)> {
        if self.read_abroad.is_empty() {
            return Vec::new();
        }
        let sinks = self.plans.iter().filter(|planned| planned.package.is_none()).flat_map(|planned| {
            let sinks = planned.pipeline.sinks.iter().filter(|sink| sink.route != Route::Invalid);
            let under = sinks.filter(|sink| sink.contract.as_ref().is_some_and(|binding| binding.contract.name == contract));
            under.filter_map(|sink| Place::new(planned.directory, sink.connector.path()))
        });
        let places: Vec<Place> = self.read_under(contract).into_iter().chain(sinks).collect();
        let shared = self.read_abroad.iter().filter(|(place, _)| places.iter().any(|under| under.meets(place)));
        shared.map(|(_, source)| *source).collect()
    }

    /// Sinks of packages that write what is read under a contract here.
    pub(super) fn suppliers(&self, contract: &str) -> Vec<(&Planned<'a>, &'a SinkNode)> {
        if self.written_abroad.is_empty() {
            return Vec::new();
        }
        let places = self.read_under(contract);
        let shared = self.written_abroad.iter().filter(|(place, _)| places.iter().any(|under| under.meets(place)));
        let sink = |(_, (plan, at)): &(Place, (usize, usize))| {
            let planned = self.plans.get(*plan)?;
            Some((planned, planned.pipeline.sinks.get(*at)?))
        };
        shared.filter_map(sink).collect()
    }

    /// Where this workspace's sources of a contract lie.
    fn read_under(&self, contract: &str) -> Vec<Place> {
        let sources = self.by_contract.get(contract).into_iter().flatten();
        let place = |(plan, at): &(usize, usize)| {
            let (planned, node) = self.node(*plan, *at)?;
            let NodeKind::Source(source) = &node.kind else { return None };
            Place::new(planned.directory, source.connector.path())
        };
        sources.filter_map(place).collect()
    }
}
