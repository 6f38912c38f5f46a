//! The lock file as data.

use std::collections::BTreeMap;

use amint_recipe::Recipe;

use super::asked::{asked, key};
use super::{LockedBase, Moved};
use crate::plan::{Base, BuildPlan};

/// What a recipe was resolved to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LockFile {
    /// The hardening profile as `name@version`.
    pub profile: String,
    /// SHA-256 (hex) of the catalogue of hardening steps, checks and rules.
    pub catalogue: String,
    /// SHA-256 (hex) of the files beside the recipe that it names, by their paths.
    pub files: BTreeMap<String, String>,
    /// Base images, by where they are used.
    pub bases: BTreeMap<String, LockedEntry>,
}

/// A base image, and what was asked for when it was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LockedEntry {
    /// The question: the recipe's words for its base image, and the Region.
    pub asked: String,
    /// The answer.
    pub base: LockedBase,
}

impl LockFile {
    /// All that can be told of a recipe and one of its plans without asking a cloud: no base image.
    pub fn of(recipe: &Recipe, plan: &BuildPlan) -> Self {
        Self {
            profile: plan.seal.profile.clone(),
            catalogue: amint_harden::catalogue::digest().to_owned(),
            files: recipe.files.clone(),
            bases: BTreeMap::new(),
        }
    }

    /// Adds what is known of another plan of the same recipe.
    pub fn merge(&mut self, other: Self) {
        self.profile = other.profile;
        self.catalogue = other.catalogue;
        self.files.extend(other.files);
        self.bases.extend(other.bases);
    }

    /// Adds the base image that the plan was found to mean.
    pub fn add(&mut self, plan: &BuildPlan, base: LockedBase) {
        let asked = asked(plan);
        self.bases.insert(key(plan), LockedEntry { asked, base });
    }

    /// The base image of the plan; nothing when none was locked, or when the recipe asks for another one since.
    pub fn base(&self, plan: &BuildPlan) -> Option<&LockedBase> {
        let entry = self.bases.get(&key(plan))?;
        (entry.asked == asked(plan) && answers(plan, &entry.base)).then_some(&entry.base)
    }

    /// What is not any more as this file says, for a build of the recipe by this plan; nothing when it holds.
    /// Files that another plan of the recipe may name are no reason.
    pub fn stale(&self, recipe: &Recipe, plan: &BuildPlan) -> Vec<Moved> {
        let now = Self::of(recipe, plan);
        let mut moved = self.moved_to(&now);
        moved.retain(|one| !matches!(one, Moved::File { now: None, .. } | Moved::Base { .. }));
        let (key, asked) = (key(plan), asked(plan));
        match self.bases.get(&key) {
            None => moved.push(Moved::NotLocked { key }),
            Some(entry) if entry.asked != asked => moved.push(Moved::Asked {
                key,
                was: entry.asked.clone(),
                now: asked,
            }),
            Some(entry) if !answers(plan, &entry.base) => moved.push(Moved::Base {
                key,
                was: Some(entry.base.clone()),
                now: None,
            }),
            Some(_) => {}
        }
        moved
    }
}

/// A question that names an id has one answer.
fn answers(plan: &BuildPlan, base: &LockedBase) -> bool {
    match &plan.base {
        Base::AwsId { id } => *id == base.id,
        _ => true,
    }
}
