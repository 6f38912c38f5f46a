//! Rights that a script gives to files: programs that run as their owner, files that everybody may change.

use super::change::Class;
use super::facts::About;
use super::rule::{DiffRule, pair};
use super::shell::Command;

static GIVEN: DiffRule = pair(
    "DIFF-RIGHTS-001",
    Class::Weakened,
    "DIFF-RIGHTS-002",
    "a step lets a program run as its owner, or everybody change a file",
    "A program with the set-user-ID bit or a capability is root's, whoever starts it; a file that everybody may change is \
     everybody's.",
);
static NOT_GIVEN: DiffRule = pair(
    "DIFF-RIGHTS-002",
    Class::Strengthened,
    "DIFF-RIGHTS-001",
    "a step no longer lets a program run as its owner, or everybody change a file",
    "One way less to become root.",
);

pub(super) static RULES: &[&DiffRule] = &[&GIVEN, &NOT_GIVEN];

static ABOUT: About = About {
    added: &GIVEN,
    removed: &NOT_GIVEN,
    says: ["now gives", "no longer gives"],
    what: "far-reaching rights to a file",
};

/// Permission bits: set-user-ID, set-group-ID, and write for everybody.
const FAR_REACHING: u32 = 0o6002;

/// Set for folders that everybody may write to, such as `/tmp`, so that nobody can take another's files.
const STICKY: u32 = 0o1000;

pub(super) fn of_command(command: &Command) -> Option<About> {
    let arguments = command.arguments();
    let gives = match command.program() {
        "setcap" => arguments.iter().all(|word| word != "-r"),
        "chmod" => {
            let mode = arguments.iter().find(|word| !word.starts_with('-'));
            mode.is_some_and(|mode| is_far_reaching(mode))
        }
        "install" | "mkdir" => modes(arguments).any(is_far_reaching),
        "setfacl" => gives_everybody(arguments),
        _ => false,
    };
    gives.then_some(ABOUT)
}

/// The values of `-m` and `--mode`, by themselves or in one word with others as in `-Dm755`.
fn modes(arguments: &[String]) -> impl Iterator<Item = &str> {
    arguments.iter().enumerate().filter_map(|(at, word)| {
        let next = || arguments.get(at + 1).map(String::as_str);
        if let Some(long) = word.strip_prefix("--") {
            // An option may be cut short.
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            let is_mode = !name.is_empty() && "mode".starts_with(name);
            return is_mode.then(|| value.or_else(next))?;
        }
        let flags = word.strip_prefix('-')?;
        // After these comes their own value.
        let end = flags.find(['g', 'o', 'S', 't']).unwrap_or(flags.len());
        match flags.split_at(flags[..end].find('m')? + 1).1 {
            "" => next(),
            value => Some(value),
        }
    })
}

/// Whether a call of setfacl lets everybody write, or reads what it gives from a file.
fn gives_everybody(arguments: &[String]) -> bool {
    let is_file = |word: &String| word.starts_with("-M") || word.starts_with("--restore");
    let is_everybody = |entry: &str| {
        let entry = entry.rsplit('=').next().unwrap_or(entry);
        let mut parts: Vec<&str> = entry.split(':').collect();
        if matches!(parts.first(), Some(&("d" | "default"))) {
            parts.remove(0);
        }
        let who = parts.first().map(|who| who.trim_start_matches("-m"));
        let rights = parts.last().copied().unwrap_or_default();
        let writes = rights.contains('w') || matches!(rights, "2" | "3" | "6" | "7");
        parts.len() > 1 && matches!(who, Some("o" | "other")) && writes
    };
    arguments
        .iter()
        .any(|word| is_file(word) || word.split(',').any(is_everybody))
}

/// Whether a mode of chmod, in digits or letters, gives such rights.
fn is_far_reaching(mode: &str) -> bool {
    if let Ok(bits) = u32::from_str_radix(mode, 8) {
        let open = bits & FAR_REACHING;
        return open != 0 && (open != 0o2 || bits & STICKY == 0);
    }
    mode.split(',').any(|clause| {
        let Some(at) = clause.find(['+', '=']) else {
            return false;
        };
        let (who, what) = (&clause[..at], &clause[at + 1..]);
        let everybody = who.is_empty() || who.contains(['o', 'a']);
        what.contains('s')
            || (everybody && what.contains('w') && !what.contains('t') && !who.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::of_command;
    use crate::diff::shell::commands;

    #[test]
    fn modes_are_read_in_digits_and_in_letters() {
        for (line, expected) in [
            ("chmod 4755 /usr/bin/x", true),
            ("chmod 02755 /srv", true),
            ("chmod -R 777 /opt", true),
            ("chmod u+s /x", true),
            ("chmod g=rxs /x", true),
            ("chmod a+w /x", true),
            ("chmod o+rw /x", true),
            ("install -m 4755 a b", true),
            ("install -D --mode=0666 a b", true),
            ("install -Dm4755 a b", true),
            ("install -Dm 4755 a b", true),
            ("install --mod 4755 a b", true),
            ("install -Dm755 a b", false),
            ("install -om4755 a b", false),
            ("install -m", false),
            ("mkdir -pm777 /x", true),
            ("mkdir -pm1777 /x", false),
            ("setfacl -m o::rwx /x", true),
            ("setfacl -R -m u:a:r,d:o::rw /x", true),
            ("setfacl --modify=other::7 /x", true),
            ("setfacl --restore=/x", true),
            ("setfacl -m o::r-x /x", false),
            ("setfacl -m u:a:rwx /x", false),
            ("setfacl -b /x", false),
            ("setcap cap_net_raw+ep /x", true),
            ("sudo chmod u+s /x", true),
            ("chmod 755 /x", false),
            ("chmod 1777 /tmp/x", false),
            ("chmod u-s /x", false),
            ("chmod +x /x", false),
            ("chmod g+w /x", false),
            ("install -m 755 a b", false),
            ("setcap -r /x", false),
            ("echo 777", false),
        ] {
            let command = &commands(line)[0];
            assert_eq!(of_command(command).is_some(), expected, "{line}");
        }
    }
}
