//! Which item of an old list is which of a new one, and which of them moved.
//!
//! Everything here gives the same pairs when old and new are exchanged: a diff must not depend on its direction.

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Most pairs that are compared for likeness; lists that would take more are taken as they are.
const MOST_COMPARISONS: usize = 20_000;

/// Pairs of positions; each position is in one pair at most.
#[derive(Debug)]
pub(super) struct Pairing {
    /// For each old item, the new one that it is.
    pub(super) of_old: Vec<Option<usize>>,
    /// For each new item, the old one that it was.
    pub(super) of_new: Vec<Option<usize>>,
}

impl Pairing {
    /// No pairs yet, for lists of these lengths.
    pub(super) fn new(old: usize, new: usize) -> Self {
        Self {
            of_old: vec![None; old],
            of_new: vec![None; new],
        }
    }

    /// Pairs the first of each key with the first of that key, the second with the second; items without a key are left.
    pub(super) fn by_key<K: Eq + Hash>(
        &mut self,
        old: impl Fn(usize) -> Option<K>,
        new: impl Fn(usize) -> Option<K>,
    ) {
        let mut waiting: HashMap<K, VecDeque<usize>> = HashMap::new();
        for index in self.removed().collect::<Vec<_>>() {
            if let Some(key) = old(index) {
                waiting.entry(key).or_default().push_back(index);
            }
        }
        for index in self.added().collect::<Vec<_>>() {
            let queue = new(index).and_then(|key| waiting.get_mut(&key));
            if let Some(before) = queue.and_then(VecDeque::pop_front) {
                self.join(before, index);
            }
        }
    }

    /// Pairs those that are most alike first, among equals those that come first. `likeness` must not depend on which side
    /// is which; `None`: not the same at all.
    pub(super) fn by_likeness(&mut self, likeness: impl Fn(usize, usize) -> Option<u32>) {
        let (removed, added): (Vec<_>, Vec<_>) = (self.removed().collect(), self.added().collect());
        if removed.len().saturating_mul(added.len()) > MOST_COMPARISONS {
            return;
        }
        let mut candidates = Vec::new();
        for &old in &removed {
            for &new in &added {
                if let Some(score) = likeness(old, new) {
                    candidates.push((Reverse(score), old.min(new), old.max(new), old, new));
                }
            }
        }
        // Two candidates that only differ in their direction have nothing in common: either may come first.
        candidates.sort_unstable();
        for (_, _, _, old, new) in candidates {
            if self.of_old[old].is_none() && self.of_new[new].is_none() {
                self.join(old, new);
            }
        }
    }

    fn join(&mut self, old: usize, new: usize) {
        self.of_old[old] = Some(new);
        self.of_new[new] = Some(old);
    }

    /// Old and new position of each pair, in the new order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let pairs = self.of_new.iter().enumerate();
        pairs.filter_map(|(new, old)| old.map(|old| (old, new)))
    }

    /// Positions of new items that are in no pair.
    pub(super) fn added(&self) -> impl Iterator<Item = usize> {
        unpaired(&self.of_new)
    }

    /// Positions of old items that are in no pair.
    pub(super) fn removed(&self) -> impl Iterator<Item = usize> {
        unpaired(&self.of_old)
    }

    /// Whether all pairs come in the same order on both sides.
    pub(super) fn is_in_order(&self) -> bool {
        self.pairs().is_sorted_by_key(|(old, _)| old)
    }

    /// The pairs that moved past others: as few as possible, so that one item moved to the front is one. `weight` chooses
    /// among several such sets, and must not depend on which side is which.
    pub(super) fn moved(&self, weight: impl Fn(usize, usize) -> u64) -> Vec<(usize, usize)> {
        let pairs: Vec<(usize, usize)> = self.pairs().collect();
        let weights: Vec<u128> = pairs
            .iter()
            // One item more outweighs everything else.
            .map(|(old, new)| (1 << 96) + u128::from(weight(*old, *new)))
            .collect();
        let stays = heaviest_ascent(&pairs, &weights, self.of_old.len());
        let moved = pairs.iter().zip(stays).filter(|(_, stays)| !stays);
        moved.map(|(pair, _)| *pair).collect()
    }
}

fn unpaired(side: &[Option<usize>]) -> impl Iterator<Item = usize> {
    let positions = side.iter().enumerate();
    positions
        .filter(|(_, other)| other.is_none())
        .map(|(index, _)| index)
}

/// Of pairs in their new order, which belong to the heaviest sequence whose old positions ascend. In a Fenwick tree over the
/// old positions, each node knows the heaviest sequence that ends in its range.
fn heaviest_ascent(pairs: &[(usize, usize)], weights: &[u128], length: usize) -> Vec<bool> {
    let mut tree: Vec<(u128, Option<usize>)> = vec![(0, None); length + 1];
    let mut before: Vec<Option<usize>> = vec![None; pairs.len()];
    let mut best: (u128, Option<usize>) = (0, None);
    for (index, (old, _)) in pairs.iter().enumerate() {
        let mut heaviest = (0, None);
        let mut node = *old;
        while node > 0 {
            heaviest = heaviest.max(tree[node]);
            node &= node - 1;
        }
        before[index] = heaviest.1;
        let own = (heaviest.0 + weights[index], Some(index));
        best = best.max(own);
        let mut node = old + 1;
        while node <= length {
            tree[node] = tree[node].max(own);
            node += node & node.wrapping_neg();
        }
    }
    let mut stays = vec![false; pairs.len()];
    let mut next = best.1;
    while let Some(index) = next {
        stays[index] = true;
        next = before[index];
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::Pairing;

    fn pairing(old: &str, new: &str) -> Pairing {
        let key = |text: &str, index: usize| text.chars().nth(index);
        let mut pairing = Pairing::new(old.len(), new.len());
        pairing.by_key(|index| key(old, index), |index| key(new, index));
        pairing
    }

    fn moved(old: &str, new: &str) -> String {
        let weight = |before: usize, _| old.as_bytes()[before].into();
        let moved = pairing(old, new).moved(weight);
        moved
            .iter()
            .map(|(old_at, _)| &old[*old_at..=*old_at])
            .collect()
    }

    #[test]
    fn equal_keys_are_paired_in_order() {
        let pairing = pairing("abac", "caa");
        assert_eq!(
            pairing.pairs().collect::<Vec<_>>(),
            [(3, 0), (0, 1), (2, 2)]
        );
        assert_eq!(pairing.removed().collect::<Vec<_>>(), [1]);
        assert_eq!(pairing.added().count(), 0);
    }

    #[test]
    fn as_few_as_possible_have_moved() {
        for (old, new, expected) in [
            ("abcd", "abcd", ""),
            ("abcd", "dabc", "d"),
            ("abcd", "bcda", "a"),
            ("abcd", "xayd", ""),
            ("ab", "ba", "a"),
            ("ba", "ab", "a"),
            ("abcdef", "abdcfe", "ce"),
            ("", "", ""),
        ] {
            let mut found: Vec<char> = moved(old, new).chars().collect();
            found.sort_unstable();
            assert_eq!(found.iter().collect::<String>(), expected, "{old} {new}");
        }
    }

    #[test]
    fn the_most_alike_are_paired_whatever_the_direction() {
        let scores = [[5, 9, 9], [5, 1, 0], [7, 9, 2]];
        let mut forth = Pairing::new(3, 3);
        forth.by_likeness(|old, new| Some(scores[old][new]).filter(|score| *score > 0));
        let mut back = Pairing::new(3, 3);
        back.by_likeness(|old, new| Some(scores[new][old]).filter(|score| *score > 0));
        assert_eq!(forth.of_old, back.of_new);
        assert_eq!(forth.of_old[0], Some(1));
    }
}
