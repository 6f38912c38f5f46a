//! All settings, in the order in which sshd meets them.

use amint_inspect::{Tree, TreeError};

use super::build::Build;
use super::context::Context;
use super::criteria::Criterion;
use super::options::Options;
use super::reader::Reader;
use super::settings::Settings;

/// One line of the configuration, or one option of sshd's command line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Setting {
    /// In lower case; an alias by the name that it stands for.
    pub keyword: String,
    /// Its values.
    pub arguments: Vec<String>,
    /// The file that it is in; that of the unit for an option.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
    /// The `Match` that it is under, if it is under one.
    pub condition: Option<String>,
    /// The innermost of these, by its place in [`Config::blocks`].
    pub(super) block: Option<usize>,
}

impl Setting {
    /// Its first value in lower case; empty when it has none.
    pub fn value(&self) -> String {
        self.arguments
            .first()
            .map(|value| value.to_ascii_lowercase())
            .unwrap_or_default()
    }
}

/// A line that sshd refuses, or whose effect cannot be known from the disk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The file that it is in.
    pub file: String,
    /// Its line there, from 1; 0 when it is about several.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// What a `Match` line opens.
#[derive(Debug)]
pub(super) struct Block {
    /// The block that the file with it was included in.
    pub(super) outer: Option<usize>,
    pub(super) criteria: Vec<Criterion>,
}

/// sshd's configuration, as one command line makes it.
#[derive(Debug)]
pub struct Config {
    pub(super) file: String,
    pub(super) build: Build,
    pub(super) settings: Vec<Setting>,
    pub(super) blocks: Vec<Block>,
    pub(super) problems: Vec<Problem>,
}

impl Config {
    /// Reads the file that the options name, usually `/etc/ssh/sshd_config`, and what it includes; `None` when there
    /// is no such file.
    ///
    /// # Errors
    /// When the file system is damaged there, or the files are larger than any that are meant to be read.
    pub fn read(
        tree: &dyn Tree,
        options: &Options,
        build: Build,
    ) -> Result<Option<Self>, TreeError> {
        let Some(mut config) = Reader::read(tree, options, build)? else {
            return Ok(None);
        };
        let missing = config.general_faults();
        config.problems.extend(missing);
        Ok(Some(config))
    }

    /// The main file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The OpenSSH that reads it.
    pub fn build(&self) -> Build {
        self.build
    }

    /// What sshd uses for one connection.
    pub fn resolve(&self, context: &Context) -> Settings<'_> {
        Settings::of(self, context)
    }

    /// The lines that sshd refuses: it does not start with one of them. Also those that cannot be known.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The setting that holds where no `Match` applies; `None` when sshd's default does.
    pub fn general(&self, keyword: &str) -> Option<&Setting> {
        self.settings
            .iter()
            .find(|s| s.keyword == keyword && self.is_general(s.block))
    }

    /// Every value that is in force for some connection: the general one, and each under a `Match`, but for those that
    /// an earlier one beats wherever they would hold. Which accounts, networks and names there will be is not asked.
    pub fn in_force<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Setting> {
        let conditional = move || {
            self.settings
                .iter()
                .filter(move |s| s.keyword == keyword && s.block.is_some())
        };
        let overridden = conditional().any(|s| self.is_general(s.block));
        let general = self.general(keyword).filter(|_| !overridden);
        // Thousands of blocks would be compared with thousands: then all count.
        let comparable = conditional().count() <= MAX_COMPARED;
        let reached = conditional().enumerate().filter(move |(index, setting)| {
            let mut earlier = conditional().take(*index);
            !comparable || !earlier.any(|one| self.holds_wherever(one.block, setting.block))
        });
        general
            .into_iter()
            .chain(reached.map(|(_, setting)| setting))
    }

    /// Every line with this keyword, for those that add up rather than override (`HostKey`).
    pub fn all<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Setting> {
        self.settings
            .iter()
            .filter(move |setting| setting.keyword == keyword)
    }

    /// Whether the default holds for some connection: nothing general is set.
    pub fn is_default(&self, keyword: &str) -> bool {
        self.general(keyword).is_none()
    }

    /// Whether this OpenSSH takes a keyword for another one's name.
    pub fn is_alias(&self, keyword: &str) -> bool {
        self.build.name(keyword) != keyword
    }

    /// Whether what is in this block holds for every connection: in none, or under `Match all` alone.
    pub(super) fn is_general(&self, block: Option<usize>) -> bool {
        self.criteria(block).all(|one| *one == Criterion::All)
    }

    /// All criteria of a block and of those that it is included in.
    fn criteria(&self, block: Option<usize>) -> impl Iterator<Item = &Criterion> {
        let outer = |block: &&Block| block.outer.and_then(|outer| self.blocks.get(outer));
        std::iter::successors(block.and_then(|block| self.blocks.get(block)), outer)
            .flat_map(|block| &block.criteria)
    }

    /// Whether one block holds for each connection that the other holds for, as far as their words show.
    fn holds_wherever(&self, one: Option<usize>, other: Option<usize>) -> bool {
        one == other
            || self.criteria(one).all(|criterion| {
                let same = self.criteria(other).any(|another| another == criterion);
                *criterion == Criterion::All || same && *criterion != Criterion::Unknown
            })
    }

    /// What sshd checks once it has read everything.
    fn general_faults(&self) -> Vec<Problem> {
        let settings = self.resolve_general();
        let fault = |reason: &str| Problem {
            file: self.file.clone(),
            line: 0,
            reason: reason.to_owned(),
        };
        let none = |keyword: &str| settings.get(keyword).first().eq_ignore_ascii_case("none");
        let mut found = Vec::new();
        for (command, user, reason) in [
            (
                "authorizedkeyscommand",
                "authorizedkeyscommanduser",
                "AuthorizedKeysCommand is set without AuthorizedKeysCommandUser",
            ),
            (
                "authorizedprincipalscommand",
                "authorizedprincipalscommanduser",
                "AuthorizedPrincipalsCommand is set without AuthorizedPrincipalsCommandUser",
            ),
        ] {
            if !none(command) && settings.get(user).lines.is_empty() {
                found.push(fault(reason));
            }
        }
        if !settings.can_authenticate() {
            found.push(fault(
                "AuthenticationMethods cannot be met by the methods that are on",
            ));
        }
        found
    }

    fn resolve_general(&self) -> Settings<'_> {
        Settings::general(self)
    }
}

/// Most lines of one keyword under `Match` that are compared with each other.
const MAX_COMPARED: usize = 256;
