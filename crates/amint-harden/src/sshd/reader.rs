//! Files to settings: the walk through `Include` and `Match` that sshd makes.

use amint_inspect::{Tree, TreeError};

use super::build::Build;
use super::config::{Block, Config, Problem, Setting};
use super::criteria::{self, Criterion};
use super::keyword::{self, Kind};
use super::options::Options;
use super::parse::{self, Line};
use super::{include, value};
use crate::disk::read_text;

/// As sshd itself.
const MAX_DEPTH: usize = 16;
/// Files and patterns of `Include`, more than any distribution ships; keeps files that include each other from
/// costing time.
const MAX_INCLUDED: usize = 256;
/// Lines that are kept, for the same reason.
const MAX_SETTINGS: usize = 20_000;
/// Problems that are kept: one is enough to keep sshd from starting.
const MAX_PROBLEMS: usize = 64;
/// Most that is read of all files together, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// Longest text of a `Match` or of a reason that is kept, in characters.
const MAX_TEXT: usize = 256;

/// The last OpenSSH whose handling of lists is known by trying it; later ones read lists of values more strictly.
const LENIENT: (u16, u16) = (9, 2);

/// One walk.
pub(super) struct Reader<'a> {
    tree: &'a dyn Tree,
    config: Config,
    /// Text of each block, with those around it.
    conditions: Vec<String>,
    /// Files read and patterns expanded.
    included: usize,
    /// Bytes read.
    size: usize,
    /// Set where sshd itself reads no further.
    ended: bool,
}

/// Where a line is.
#[derive(Clone, Copy)]
struct At<'a> {
    file: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn read(
        tree: &'a dyn Tree,
        options: &Options,
        build: Build,
    ) -> Result<Option<Config>, TreeError> {
        let Some(text) = read_text(tree, &options.file, MAX_SIZE)? else {
            return Ok(None);
        };
        let mut reader = Self {
            tree,
            config: Config {
                file: options.file.clone(),
                build,
                settings: Vec::new(),
                blocks: Vec::new(),
                problems: Vec::new(),
            },
            conditions: Vec::new(),
            included: 0,
            size: 0,
            ended: false,
        };
        for option in &options.lines {
            let at = At {
                file: &option.file,
                line: option.line,
            };
            let Some(line) = parse::line(&option.text) else {
                continue;
            };
            match line.keyword.as_str() {
                "match" | "include" => reader.refuse(at, "it cannot be an option"),
                _ => reader.setting(at, &line, None)?,
            }
        }
        let ports_from_options = options.sets_ports;
        if ports_from_options {
            reader.config.settings.extend(options.ports.iter().cloned());
        }
        reader.file(&options.file, &text, None, 0)?;
        if ports_from_options {
            // With ports on the command line sshd takes none from the file.
            let own = options.ports.len();
            let mut seen = 0;
            reader.config.settings.retain(|setting| {
                seen += usize::from(setting.keyword == "port");
                setting.keyword != "port" || seen <= own
            });
        }
        Ok(Some(reader.config))
    }

    /// A `Match` in an included file ends with that file; one around the `Include` holds in it too.
    fn file(
        &mut self,
        path: &str,
        text: &str,
        outer: Option<usize>,
        depth: usize,
    ) -> Result<(), TreeError> {
        self.count()?;
        self.size += text.len();
        if self.size > MAX_SIZE {
            return Err(self.too_large());
        }
        if text.contains('\0') {
            // sshd reads C strings: it drops the rest of the line, and the line's end too.
            return Err(TreeError {
                path: path.to_owned(),
                reason: "a NUL byte in sshd's configuration".to_owned(),
            });
        }
        let mut block = outer;
        for (text, line) in text.split('\n').zip(1..) {
            let at = At { file: path, line };
            let Some(line) = parse::line(text) else {
                continue;
            };
            match line.keyword.as_str() {
                "match" if !line.rest.is_empty() => block = Some(self.open(at, line.rest, outer)?),
                "include" if !line.rest.is_empty() => self.include(at, line.rest, block, depth)?,
                _ => self.setting(at, &line, block)?,
            }
            if self.ended {
                break;
            }
        }
        Ok(())
    }

    fn open(&mut self, at: At<'_>, rest: &str, outer: Option<usize>) -> Result<usize, TreeError> {
        if self.config.blocks.len() == MAX_SETTINGS {
            return Err(self.too_large());
        }
        if parse::arguments(rest).is_none() {
            self.refuse(at, "a quote is not closed");
        }
        let criteria = criteria::parse(rest).unwrap_or_else(|error| {
            self.refuse(at, &error.to_string());
            vec![Criterion::Unknown]
        });
        let own = short(rest);
        let text = match outer.and_then(|outer| self.conditions.get(outer)) {
            Some(outer) => short(&format!("{outer}, {own}")),
            None => own,
        };
        self.conditions.push(text);
        self.config.blocks.push(Block { outer, criteria });
        Ok(self.config.blocks.len() - 1)
    }

    fn include(
        &mut self,
        at: At<'_>,
        rest: &str,
        block: Option<usize>,
        depth: usize,
    ) -> Result<(), TreeError> {
        let Some(patterns) = parse::arguments(rest) else {
            self.refuse(at, "a quote is not closed");
            return Ok(());
        };
        if patterns.is_empty() || patterns.iter().any(String::is_empty) {
            self.refuse(at, "it names no file");
        }
        for pattern in patterns.iter().filter(|pattern| !pattern.is_empty()) {
            self.count()?;
            for path in include::expand(self.tree, pattern)? {
                if include::is_broken(self.tree, &path)? {
                    self.refuse(at, &format!("{} cannot be read", short(&path)));
                    continue;
                }
                let Some(text) = read_text(self.tree, &path, MAX_SIZE)? else {
                    continue;
                };
                if depth == MAX_DEPTH {
                    self.refuse(at, "files include each other too deeply");
                    self.ended = true;
                } else {
                    self.file(&path, &text, block, depth + 1)?;
                }
                if self.ended {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn setting(
        &mut self,
        at: At<'_>,
        line: &Line<'_>,
        block: Option<usize>,
    ) -> Result<(), TreeError> {
        if line.rest.is_empty() {
            self.refuse(at, "it has no value");
            return Ok(());
        }
        let Some(keyword) = keyword::find(&line.keyword) else {
            self.refuse(at, "a keyword that no OpenSSH has that amint knows");
            return Ok(());
        };
        let Some(mut arguments) = parse::arguments(line.rest) else {
            self.refuse(at, "a quote is not closed");
            return Ok(());
        };
        if !keyword.conditional && !self.config.is_general(block) {
            self.refuse(at, "it may not stand under a Match");
        }
        if arguments.is_empty() && matches!(keyword.kind, Kind::Words | Kind::Users | Kind::Groups)
        {
            // Nothing but a comment: passed over up to OpenSSH 9.2, refused by later ones.
            if self
                .config
                .build
                .version()
                .is_some_and(|version| version > LENIENT)
            {
                self.refuse(at, "it has no value");
            }
            return Ok(());
        }
        if let Some(fault) = value::fault(keyword.kind, &arguments, line.rest) {
            self.refuse(at, fault);
        }
        if keyword.kind == Kind::Methods && arguments.contains(&"any".to_owned()) {
            // Up to OpenSSH 9.2, also under a Match that never holds.
            let older = self
                .config
                .build
                .version()
                .is_some_and(|version| version <= (9, 2));
            if older && self.config.general(keyword.name).is_some() {
                self.refuse(at, "any must be the only value, in all lines together");
            }
        }
        match keyword.kind {
            Kind::Other => return Ok(()),
            Kind::Command => arguments = vec![line.rest.to_owned()],
            _ => {}
        }
        if self.config.settings.len() == MAX_SETTINGS {
            return Err(self.too_large());
        }
        self.config.settings.push(Setting {
            keyword: self.config.build.name(keyword.name).to_owned(),
            arguments,
            file: at.file.to_owned(),
            line: at.line,
            condition: block.and_then(|block| self.conditions.get(block).cloned()),
            block,
        });
        Ok(())
    }

    fn refuse(&mut self, at: At<'_>, reason: &str) {
        if self.config.problems.len() < MAX_PROBLEMS {
            self.config.problems.push(Problem {
                file: at.file.to_owned(),
                line: at.line,
                reason: short(reason),
            });
        }
    }

    fn count(&mut self) -> Result<(), TreeError> {
        self.included += 1;
        match self.included > MAX_INCLUDED {
            true => Err(self.too_large()),
            false => Ok(()),
        }
    }

    /// Whichever file went too far, it began in the main one.
    fn too_large(&self) -> TreeError {
        TreeError {
            path: self.config.file.clone(),
            reason: "sshd's configuration is too large, or includes itself".to_owned(),
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}
