//! Finds every occurrence of every pattern, also where they overlap.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, Input, MatchKind, packed};

use super::sampler::Sampler;

/// A compiled set of patterns.
pub(super) struct Matcher<'a> {
    patterns: Vec<&'a [u8]>,
    engine: Engine,
}

/// How places worth comparing are found, fastest first.
enum Engine {
    /// Nothing to look for.
    None,
    /// Looks at a few bytes of every stride; patterns must be long.
    Sampler(Sampler),
    /// Vector instructions; patterns must be few.
    Packed(packed::Searcher),
    /// Any number of patterns of any length.
    Automaton(AhoCorasick),
}

/// One occurrence: where it starts and which pattern it is.
pub(super) type Occurrence = (usize, usize);

impl<'a> Matcher<'a> {
    /// `None` when the patterns together are too large to compile.
    pub(super) fn new(patterns: Vec<&'a [u8]>) -> Option<Self> {
        let engine = if patterns.is_empty() {
            Engine::None
        } else if let Some(sampler) = Sampler::new(&patterns) {
            Engine::Sampler(sampler)
        } else if let Some(searcher) = packed::Searcher::new(&patterns) {
            Engine::Packed(searcher)
        } else {
            let builder = AhoCorasickBuilder::new()
                .match_kind(MatchKind::LeftmostFirst)
                .build(&patterns);
            Engine::Automaton(builder.ok()?)
        };
        Some(Self { patterns, engine })
    }

    /// Occurrences that start in the first `starts` bytes of `haystack`, ascending. Stops soon after more than
    /// `limit` of them; those up to `limit` are always the first ones.
    pub(super) fn search(&self, haystack: &[u8], starts: usize, limit: usize) -> Vec<Occurrence> {
        match &self.engine {
            Engine::None => Vec::new(),
            Engine::Sampler(sampler) => sampler.search(&self.patterns, haystack, starts, limit),
            Engine::Packed(searcher) => self.compare(haystack, starts, limit, |from| {
                searcher
                    .find_in(haystack, (from..haystack.len()).into())
                    .map(|found| found.start())
            }),
            Engine::Automaton(automaton) => self.compare(haystack, starts, limit, |from| {
                automaton
                    .find(Input::new(haystack).span(from..haystack.len()))
                    .map(|found| found.start())
            }),
        }
    }

    /// Compares every pattern wherever `next` says that one of them starts: it names one, there may be more.
    fn compare(
        &self,
        haystack: &[u8],
        starts: usize,
        limit: usize,
        next: impl Fn(usize) -> Option<usize>,
    ) -> Vec<Occurrence> {
        let (mut found, mut from) = (Vec::new(), 0);
        while from < haystack.len() && found.len() <= limit {
            let Some(start) = next(from).filter(|start| *start < starts) else {
                break;
            };
            let here = haystack.get(start..).unwrap_or_default();
            let matching = self
                .patterns
                .iter()
                .zip(0..)
                .filter(|(pattern, _)| here.starts_with(pattern));
            found.extend(matching.map(|(_, pattern)| (start, pattern)));
            from = start + 1;
        }
        found
    }
}
