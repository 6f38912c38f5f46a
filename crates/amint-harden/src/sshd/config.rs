//! All settings, in the order in which sshd meets them.

use amint_inspect::{Tree, TreeError};

use super::{include, parse};
use crate::disk::read_text;

const MAIN: &str = "/etc/ssh/sshd_config";
/// As sshd itself (`SERVCONF_MAX_DEPTH`).
const MAX_DEPTH: usize = 16;
/// Files and patterns of `Include`, more than any distribution ships; keeps files that include each other from
/// costing time.
const MAX_INCLUDED: usize = 256;
/// Lines that are kept, for the same reason.
const MAX_SETTINGS: usize = 20_000;
/// Largest configuration file that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;

/// One line of the configuration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Setting {
    /// In lower case.
    pub keyword: String,
    /// Its values.
    pub arguments: Vec<String>,
    /// The file that it is in.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
    /// The `Match` that it is under, if it is under one.
    pub condition: Option<String>,
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

/// sshd's configuration.
#[derive(Debug)]
pub struct Config {
    settings: Vec<Setting>,
}

impl Config {
    /// Reads `/etc/ssh/sshd_config` and what it includes; `None` when there is no such file.
    ///
    /// # Errors
    /// When the file system is damaged there, or files include each other without end.
    pub fn read(tree: &dyn Tree) -> Result<Option<Self>, TreeError> {
        let Some(text) = read_text(tree, MAIN, MAX_SIZE)? else {
            return Ok(None);
        };
        let mut reader = Reader {
            tree,
            settings: Vec::new(),
            included: 0,
        };
        reader.file(MAIN, &text, None, 0)?;
        Ok(Some(Self {
            settings: reader.settings,
        }))
    }

    /// The setting that holds where no `Match` applies; `None` when sshd's default does.
    pub fn general(&self, keyword: &str) -> Option<&Setting> {
        self.settings
            .iter()
            .find(|s| s.keyword == keyword && s.condition.is_none())
    }

    /// Every value that is in force for some connection: the general one, and each under a `Match`.
    pub fn in_force<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Setting> {
        let conditional = self
            .settings
            .iter()
            .filter(move |s| s.keyword == keyword && s.condition.is_some());
        self.general(keyword).into_iter().chain(conditional)
    }

    /// Every line with this keyword, for those that add up rather than override (`HostKey`).
    pub fn all<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Setting> {
        self.settings
            .iter()
            .filter(move |setting| setting.keyword == keyword)
    }
}

struct Reader<'a> {
    tree: &'a dyn Tree,
    settings: Vec<Setting>,
    /// Files read and patterns expanded.
    included: usize,
}

impl Reader<'_> {
    /// A `Match` in an included file ends with that file; one around the `Include` holds in it too.
    fn file(
        &mut self,
        path: &str,
        text: &str,
        outer: Option<&str>,
        depth: usize,
    ) -> Result<(), TreeError> {
        self.count(depth)?;
        if text.contains('\0') {
            // sshd reads C strings: it drops the rest of the line, and the line's end too.
            return Err(TreeError {
                path: path.to_owned(),
                reason: "a NUL byte in sshd's configuration".to_owned(),
            });
        }
        let mut condition = outer.map(str::to_owned);
        for (line, number) in text.lines().zip(1..) {
            let Some((keyword, arguments)) = parse::line(line) else {
                continue;
            };
            if self.settings.len() == MAX_SETTINGS {
                return Err(too_large());
            }
            match keyword.as_str() {
                "match" => {
                    let own = arguments.join(" ");
                    condition = Some(match outer {
                        Some(outer) => format!("{outer}, {own}"),
                        None => own,
                    });
                }
                "include" => {
                    for pattern in &arguments {
                        self.count(depth)?;
                        for included in include::expand(self.tree, pattern)? {
                            if let Some(text) = read_text(self.tree, &included, MAX_SIZE)? {
                                self.file(&included, &text, condition.as_deref(), depth + 1)?;
                            }
                        }
                    }
                }
                _ => self.settings.push(Setting {
                    keyword,
                    arguments,
                    file: path.to_owned(),
                    line: number,
                    condition: condition.clone(),
                }),
            }
        }
        Ok(())
    }

    fn count(&mut self, depth: usize) -> Result<(), TreeError> {
        self.included += 1;
        if depth > MAX_DEPTH || self.included > MAX_INCLUDED {
            return Err(too_large());
        }
        Ok(())
    }
}

/// Whichever file went too far, it began in the main one.
fn too_large() -> TreeError {
    let reason = "sshd's configuration is too large, or includes itself".to_owned();
    TreeError {
        path: MAIN.to_owned(),
        reason,
    }
}
