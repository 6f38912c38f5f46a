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
        _ => false,
    };
    gives.then_some(ABOUT)
}

/// The values of `-m` and `--mode`.
fn modes(arguments: &[String]) -> impl Iterator<Item = &str> {
    let short = arguments.windows(2).filter_map(|pair| {
        let flag = pair[0].starts_with('-') && !pair[0].starts_with("--") && pair[0].ends_with('m');
        (flag || pair[0] == "--mode").then_some(pair[1].as_str())
    });
    let joined = arguments.iter().filter_map(|word| {
        word.strip_prefix("--mode=")
            .or_else(|| word.strip_prefix("-m"))
    });
    short.chain(joined)
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
