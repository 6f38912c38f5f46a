//! The lock file's text: one line a fact, always in the same order.

use std::fmt::{self, Write};

use super::{LockFile, LockedBase};

/// The version of the format.
pub(super) const FORMAT: u32 = 1;

/// What a lock file begins with.
const HEAD: &str =
    "# What the recipe beside this file was resolved to. `amint lock` writes it; commit both.";

/// Words that YAML readers take for something else than text.
const TAKEN: [&str; 8] = ["true", "false", "null", "yes", "no", "on", "off", "y"];

impl fmt::Display for LockFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "amint-lock: {FORMAT}")?;
        writeln!(f, "profile: {}", scalar(&self.profile))?;
        writeln!(f, "catalogue: {}", digest(&self.catalogue))?;
        if !self.files.is_empty() {
            writeln!(f, "files:")?;
        }
        for (path, sha256) in &self.files {
            writeln!(f, "  {}: {}", scalar(path), digest(sha256))?;
        }
        if !self.bases.is_empty() {
            writeln!(f, "bases:")?;
        }
        for (key, entry) in &self.bases {
            writeln!(f, "  {}:", scalar(key))?;
            writeln!(f, "    asked: {}", scalar(&entry.asked))?;
            writeln!(f, "    base: {{ {} }}", base(&entry.base))?;
        }
        Ok(())
    }
}

/// All of it on one line: a newer image is a change of that line.
fn base(base: &LockedBase) -> String {
    let facts = [
        ("id", Some(&base.id)),
        ("name", Some(&base.name)),
        ("owner", base.owner.as_ref()),
        ("created", base.created.as_ref()),
    ];
    let facts: Vec<String> = facts
        .into_iter()
        .filter_map(|(key, value)| Some(format!("{key}: {}", scalar(value?))))
        .collect();
    facts.join(", ")
}

fn digest(sha256: &str) -> String {
    format!("sha256:{}", scalar(sha256).trim_matches('"'))
}

/// A YAML scalar that is this text again, whatever it holds: plain where nobody can take it for something else.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/@+-".contains(c);
    let lower = text.to_ascii_lowercase();
    if text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(plain)
        && lower != "n"
        && !TAKEN.contains(&lower.as_str())
    {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            ' '..='~' => quoted.push(c),
            // A terminal shows anything else as it likes, so nothing else is written as it is.
            c if c.is_alphanumeric() => quoted.push(c),
            c => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}
