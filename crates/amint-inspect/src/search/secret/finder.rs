//! Anchors by vector instructions, and the verifier of each.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, packed};
use sha2::{Digest, Sha256};

use super::anchor::ANCHORS;
use super::place::Place;
use super::{Secret, SecretKind};

/// Finds secrets.
pub(in crate::search) enum Finder {
    Packed(packed::Searcher),
    /// Where the processor lacks the instructions.
    Automaton(AhoCorasick),
}

impl Finder {
    /// `None` only if the anchors could not be compiled, which is a mistake in their table.
    pub(in crate::search) fn new() -> Option<Self> {
        let literals: BTreeSet<&[u8]> = ANCHORS.iter().map(|anchor| anchor.literal).collect();
        match packed::Searcher::new(&literals) {
            Some(searcher) => Some(Self::Packed(searcher)),
            None => AhoCorasick::new(&literals).ok().map(Self::Automaton),
        }
    }

    /// Secrets whose anchors start in `starts`, by the order of their anchors. Offsets are counted from the start of
    /// `haystack`. Stops soon after more than `limit` of them.
    pub(in crate::search) fn find(
        &self,
        haystack: &[u8],
        starts: Range<usize>,
        limit: usize,
    ) -> Vec<Secret> {
        let mut found = Vec::new();
        let mut from = starts.start;
        while found.len() <= limit {
            let Some(position) = self.next(haystack, from).filter(|at| *at < starts.end) else {
                break;
            };
            found.extend(secrets_at(haystack, position));
            from = position + 1;
        }
        found
    }

    /// Where the first anchor at or after `from` starts.
    fn next(&self, haystack: &[u8], from: usize) -> Option<usize> {
        if from >= haystack.len() {
            return None;
        }
        match self {
            Finder::Packed(searcher) => searcher
                .find_in(haystack, (from..haystack.len()).into())
                .map(|found| found.start()),
            Finder::Automaton(automaton) => automaton
                .find(aho_corasick::Input::new(haystack).span(from..haystack.len()))
                .map(|found| found.start()),
        }
    }
}

/// What the anchors at `position` stand for.
fn secrets_at(haystack: &[u8], position: usize) -> impl Iterator<Item = Secret> {
    let place = Place::new(haystack, position);
    let here = place.after(0);
    let anchors = ANCHORS
        .iter()
        .filter(move |anchor| here.starts_with(anchor.literal));
    anchors.filter_map(move |anchor| {
        let found = (anchor.verify)(&place)?;
        let start = position - place.at + found.start;
        secret(anchor.kind, start, place.text.get(found)?)
    })
}

fn secret(kind: SecretKind, start: usize, text: &[u8]) -> Option<Secret> {
    (!text.is_empty()).then(|| Secret {
        offset: start as u64,
        length: text.len() as u64,
        kind,
        digest: Sha256::digest(text).into(),
    })
}
