//! What a diff says, in types.

use std::fmt;

use serde::{Serialize, Serializer};

use super::rule::DiffRule;

/// How two plans differ. In JSON it is one object, whose `schema` grows with every change that a reader would notice.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "schema", rename = "amint.diff/1", rename_all = "kebab-case")]
pub struct Diff {
    /// The digest of the plan before; absent when the recipe is new.
    pub old_digest: Option<String>,
    /// The digest of the plan after; absent when the recipe is gone.
    pub new_digest: Option<String>,
    /// What changed: the worst class first, within a class in the plan's order.
    pub changes: Vec<Change>,
}

impl Diff {
    /// The worst class of its changes; `None` when there is none.
    pub fn worst(&self) -> Option<Class> {
        self.changes.iter().map(|change| change.class).min()
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes of one class, in order.
    pub fn of_class(&self, class: Class) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(move |change| change.class == class)
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The rule that classifies it; written as its id.
    #[serde(serialize_with = "id")]
    pub rule: &'static DiffRule,
    /// The rule's class.
    pub class: Class,
    /// Where it is.
    pub place: Place,
    /// One line in plain English, without a full stop. It may quote the recipe, in back quotes, shortened, with line breaks and
    /// other control characters as they are written in Rust.
    pub message: String,
    /// What was there, where it can be said in a few lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What is there, where it can be said in a few lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Whole texts, for a reader who wants to see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
}

fn id<S: Serializer>(rule: &&'static DiffRule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.id)
}

/// What a change means for who uses the image. The worst comes first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The image, its proof or its builder is guarded less than before, or may be: somebody has to look.
    Weakened,
    /// Something else is built.
    Changed,
    /// The image, its proof or its builder is guarded better than before.
    Strengthened,
    /// The image is the same but for names and values that guard nothing.
    Neutral,
}

impl Class {
    /// All of them, the worst first.
    pub const ALL: [Class; 4] = [
        Class::Weakened,
        Class::Changed,
        Class::Strengthened,
        Class::Neutral,
    ];

    /// The word for it, in capital letters.
    pub fn word(self) -> &'static str {
        match self {
            Class::Weakened => "WEAKENED",
            Class::Changed => "CHANGED",
            Class::Strengthened => "STRENGTHENED",
            Class::Neutral => "NEUTRAL",
        }
    }

    /// What the word means, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Class::Weakened => {
                "the image, its proof or its builder is guarded less than before, or may be: somebody has to look"
            }
            Class::Changed => "something else is built",
            Class::Strengthened => {
                "the image, its proof or its builder is guarded better than before"
            }
            Class::Neutral => "the image is the same but for names and values that guard nothing",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Where a change is. The diff the other way round has the same place, with `old` and `new` exchanged.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Place {
    /// The recipe as a whole.
    Recipe,
    /// `variables`.
    Variable {
        /// Its name.
        name: String,
    },
    /// `base`.
    Base,
    /// `builder`.
    Builder {
        /// The key in it.
        key: &'static str,
    },
    /// `steps`; at least one of the two names is there.
    Step {
        /// Its name before; absent when it is new.
        #[serde(skip_serializing_if = "Option::is_none")]
        old: Option<String>,
        /// Its name after; absent when it is gone.
        #[serde(skip_serializing_if = "Option::is_none")]
        new: Option<String>,
    },
    /// `seal`.
    Seal {
        /// The key in it.
        key: &'static str,
    },
    /// A hardening step of the seal.
    HardeningStep {
        /// The catalogue's id.
        id: String,
    },
    /// A check that the seal's profile makes on the finished disk besides its steps.
    Check {
        /// The catalogue's id.
        id: String,
    },
    /// `image`.
    Image {
        /// The key in it.
        key: &'static str,
    },
    /// `image.publish`.
    Publish {
        /// The key in it, with those of `share-with` as `share-with.accounts`.
        key: &'static str,
    },
    /// `waivers`.
    Waiver {
        /// The rule's id.
        rule: String,
        /// Its position in the old plan, from 0; absent when it is new.
        #[serde(skip_serializing_if = "Option::is_none")]
        old: Option<usize>,
        /// Its position in the new plan, from 0; absent when it is gone.
        #[serde(skip_serializing_if = "Option::is_none")]
        new: Option<usize>,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Recipe => f.write_str("recipe"),
            Place::Variable { name } => write!(f, "variable {}", name.escape_debug()),
            Place::Base => f.write_str("base"),
            Place::Builder { key } => write!(f, "builder.{key}"),
            Place::Step { old, new } => {
                let name = new.as_ref().or(old.as_ref());
                write!(f, "step {}", name.map_or("", |name| name).escape_debug())
            }
            Place::Seal { key } => write!(f, "seal.{key}"),
            Place::HardeningStep { id } => write!(f, "seal: {id}"),
            Place::Check { id } => write!(f, "check: {id}"),
            Place::Image { key } => write!(f, "image.{key}"),
            Place::Publish { key } => write!(f, "image.publish.{key}"),
            Place::Waiver { rule, .. } => write!(f, "waiver of {rule}"),
        }
    }
}

/// Whole texts, which may be long.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Detail {
    /// The rendered script of a step.
    Script {
        /// What ran; absent when there was none.
        #[serde(skip_serializing_if = "Option::is_none")]
        old: Option<String>,
        /// What will run; absent when there is none.
        #[serde(skip_serializing_if = "Option::is_none")]
        new: Option<String>,
    },
    /// The content of a file, where it is text of at most [`Detail::MAX_FILE_BYTES`].
    File {
        /// Its path on the builder.
        path: String,
        /// What it held; absent when there was none.
        #[serde(skip_serializing_if = "Option::is_none")]
        old: Option<String>,
        /// What it will hold; absent when there is none.
        #[serde(skip_serializing_if = "Option::is_none")]
        new: Option<String>,
    },
}

impl Detail {
    /// The longest file whose text a diff shows, in bytes.
    pub const MAX_FILE_BYTES: usize = 64 * 1024;
}
