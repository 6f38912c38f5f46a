//! What scripts fetch, and whether what came is compared with a digest or a signature in the same script.

use super::addresses::{self, Values};
use super::calls;
use super::change::Class;
use super::facts::{About, Fact};
use super::rule::{DiffRule, pair};
use super::shell::Command;
use super::sinks;
use super::verification::Verification;

static UNCHECKED: DiffRule = pair(
    "DIFF-FETCH-001",
    Class::Weakened,
    "DIFF-FETCH-002",
    "a step downloads something without comparing its digest",
    "Whoever can change what lies at the address, now or at any later build, decides what is in the image. A digest in the \
     same script (`sha256sum -c`), a signature (`gpg --verify`) or a pinned commit would tell.",
);
static NOT_UNCHECKED: DiffRule = pair(
    "DIFF-FETCH-002",
    Class::Strengthened,
    "DIFF-FETCH-001",
    "a step no longer downloads something without comparing its digest",
    "It is not downloaded any more, or compared with a digest or a signature in the same script.",
);
static CHECKED: DiffRule = pair(
    "DIFF-FETCH-003",
    Class::Changed,
    "DIFF-FETCH-004",
    "a step downloads something whose digest or signature it compares",
    "It is what it was when somebody wrote down the digest.",
);
static NOT_CHECKED: DiffRule = pair(
    "DIFF-FETCH-004",
    Class::Changed,
    "DIFF-FETCH-003",
    "a step no longer downloads something whose digest or signature it compared",
    "It is not downloaded any more, or it is no longer compared.",
);
static PLAIN: DiffRule = pair(
    "DIFF-FETCH-005",
    Class::Weakened,
    "DIFF-FETCH-006",
    "a step downloads something without TLS",
    "Everybody between the builder and the server can read it and replace it.",
);
static NOT_PLAIN: DiffRule = pair(
    "DIFF-FETCH-006",
    Class::Strengthened,
    "DIFF-FETCH-005",
    "a step no longer downloads something without TLS",
    "Only the server decides what comes.",
);
static UNVERIFIED_SERVER: DiffRule = pair(
    "DIFF-FETCH-007",
    Class::Weakened,
    "DIFF-FETCH-008",
    "a step downloads something from whoever answers",
    "Without the server's certificate checked, TLS keeps out nobody who stands in between.",
);
static VERIFIED_SERVER: DiffRule = pair(
    "DIFF-FETCH-008",
    Class::Strengthened,
    "DIFF-FETCH-007",
    "a step no longer downloads something from whoever answers",
    "The server's certificate is checked.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &UNCHECKED,
    &NOT_UNCHECKED,
    &CHECKED,
    &NOT_CHECKED,
    &PLAIN,
    &NOT_PLAIN,
    &UNVERIFIED_SERVER,
    &VERIFIED_SERVER,
];

const DOWNLOADS: [&str; 2] = ["now downloads", "no longer downloads"];

const fn about(added: &'static DiffRule, removed: &'static DiffRule, what: &'static str) -> About {
    About {
        added,
        removed,
        says: DOWNLOADS,
        what,
    }
}

/// One thing that is fetched.
#[derive(Clone, Debug)]
struct Download {
    /// The address, or the command where it names none.
    source: String,
    /// The names that the script may call it by afterwards.
    files: Vec<String>,
    /// What it is run through shows that nothing can have been compared.
    piped: bool,
    /// It names a commit or a digest itself.
    pinned: bool,
    /// Commits name what they hold.
    by_git: bool,
    /// Options that leave the server's certificate unchecked.
    trusting: bool,
}

pub(super) fn of_script(step: usize, commands: &[Command], facts: &mut Vec<Fact>) {
    let downloads: Vec<(usize, Download)> = commands
        .iter()
        .enumerate()
        .flat_map(|(at, command)| {
            let piped = commands.get(at + 1).is_some_and(|next| next.piped);
            let all = downloads(command, piped).into_iter();
            all.map(move |one| (at, one))
        })
        .collect();
    let fetched = downloads
        .iter()
        .flat_map(|(_, one)| one.files.iter().map(String::as_str))
        .collect();
    let verification = Verification::of(commands, &fetched);
    let values = Values::of(commands);
    for (at, one) in &downloads {
        let is_verified = match one.by_git {
            true => verification.pins_commit_after(*at),
            false => one
                .files
                .iter()
                .any(|name| verification.covers_after(*at, name)),
        };
        let checked = one.pinned || (!one.piped && is_verified);
        // The same line fetches something else when its variables do.
        let behind = values.behind(&one.source);
        let line = commands[*at].line();
        let shown = match behind.as_str() {
            "" => line,
            behind => format!("{line} ({behind})"),
        };
        let mut fact = |about: About| {
            facts.push(Fact {
                step,
                about,
                key: format!("{}\n{behind}", one.source),
                shown: shown.clone(),
            });
        };
        fact(match checked {
            true => about(
                &CHECKED,
                &NOT_CHECKED,
                "something with its digest or signature compared",
            ),
            false => about(
                &UNCHECKED,
                &NOT_UNCHECKED,
                "something without a digest to compare it with",
            ),
        });
        let words = &mut one.source.split_whitespace();
        if words.any(|word| word.starts_with("http://")) || behind.contains("http://") {
            fact(about(&PLAIN, &NOT_PLAIN, "something without TLS"));
        }
        if one.trusting {
            let what = "something without checking the server's certificate";
            fact(about(&UNVERIFIED_SERVER, &VERIFIED_SERVER, what));
        }
    }
}

/// Most addresses of one command that are told apart.
const MOST_ADDRESSES: usize = 50;

/// What one command fetches: all addresses apart, as one of them may be another one tomorrow.
fn downloads(command: &Command, piped: bool) -> Vec<Download> {
    let Some(download) = download(command, piped) else {
        return Vec::new();
    };
    let arguments = command.arguments();
    let addresses = addresses_of(command);
    let is_direct = addresses::is_direct(command);
    let is_far = |address: &&str| !is_direct || !addresses::is_local(address);
    if addresses.len() > MOST_ADDRESSES {
        // Which of them are compared is not known.
        return vec![Download {
            source: command.line(),
            files: Vec::new(),
            ..download
        }];
    }
    let outputs = arguments.windows(2).filter_map(|pair| {
        let flag = pair[0].as_str();
        let short = flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('o');
        (short || flag == "--output").then(|| pair[1].as_str())
    });
    let outputs: Vec<&str> = outputs.collect();
    match addresses.len() {
        0 => vec![download],
        1 => addresses
            .iter()
            .filter(|address| is_far(address))
            .map(|_| download.clone())
            .collect(),
        several => addresses
            .iter()
            .enumerate()
            .filter(|(_, address)| is_far(address))
            .map(|(at, address)| {
                // Which one is compared has to be known of each.
                let output = outputs.get(at).filter(|_| outputs.len() == several);
                let names = output.into_iter().chain([address]);
                Download {
                    source: (*address).to_owned(),
                    files: names.filter_map(|name| last_part(name)).collect(),
                    ..download.clone()
                }
            })
            .collect(),
    }
}

/// The addresses of what comes. Of other programs, an address may be no more than a mirror or a variable.
fn addresses_of(command: &Command) -> Vec<&str> {
    match command.program() {
        program if calls::is_client(program) => addresses::of(command),
        "git" | "rpm" | "dnf" | "yum" | "apt" | "apt-get" => {
            let words = command.arguments().iter();
            words
                .filter(|word| calls::is_url(word))
                .map(String::as_str)
                .collect()
        }
        _ => Vec::new(),
    }
}

fn download(command: &Command, piped: bool) -> Option<Download> {
    let (program, arguments) = calls::called(command);
    let has = |words: &[&str]| arguments.iter().any(|word| words.contains(&word.as_str()));
    if !calls::fetches(command) {
        return None;
    }
    let address = addresses_of(command).first().map(|one| (*one).to_owned());
    // A service that is asked whether it is there.
    let is_fed = address.is_none();
    let source = address.unwrap_or_else(|| command.line());
    if !is_fed && !piped && sinks::discards(command) {
        return None;
    }
    let files = names(command, &source);
    let pinned = match program {
        "docker" | "podman" | "nerdctl" => arguments.iter().any(|word| word.contains("@sha256:")),
        "pip" | "pip3" => has(&["--require-hashes"]),
        "cargo" => has(&["--locked"]) && has(&["--rev"]),
        _ => false,
    };
    let short = |letter: char| {
        arguments
            .iter()
            .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains(letter))
    };
    Some(Download {
        files,
        piped: piped || command.words.iter().any(|word| word == "-O-"),
        pinned,
        by_git: program == "git",
        trusting: has(&["--insecure", "--no-check-certificate", "--trusted-host"])
            || (program == "curl" && short('k')),
        source,
    })
}

/// Names by which a script may call what it fetched: what it is written to, and the last part of the address.
fn names(command: &Command, source: &str) -> Vec<String> {
    let arguments = command.arguments();
    let writes = command.writes.iter().filter(|path| *path != "/dev/null");
    let outputs = arguments.windows(2).filter_map(|pair| {
        let flag = pair[0].as_str();
        let short = flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with(['o', 'O']);
        (short || matches!(flag, "--output" | "--output-document")).then(|| pair[1].clone())
    });
    let joined = arguments.iter().filter_map(|word| {
        let name = word
            .strip_prefix("--output=")
            .or_else(|| word.strip_prefix("--output-document="));
        name.map(str::to_owned)
    });
    let mut names: Vec<String> = outputs.chain(joined).chain(writes.cloned()).collect();
    let positional = arguments.last().filter(|word| !word.starts_with('-'));
    names.extend(positional.cloned());
    names.push(source.to_owned());
    names.iter().filter_map(|name| last_part(name)).collect()
}

/// The name at the end of a path or an address.
fn last_part(path: &str) -> Option<String> {
    let path = path.trim_end_matches('/').trim_end_matches(".git");
    let name = path.rsplit('/').next().unwrap_or_default();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::of_script;
    use crate::diff::shell::commands;

    const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    /// The ids of the rules that one more such script is about.
    fn rules(script: &str) -> Vec<&'static str> {
        let mut facts = Vec::new();
        of_script(0, &commands(script), &mut facts);
        facts.iter().map(|fact| fact.about.added.id).collect()
    }

    #[test]
    fn a_download_is_checked_when_the_script_compares_it() {
        let with = |script: &str| script.replace("DIGEST", DIGEST);
        for script in [
            "curl -fsSLo /tmp/x.tgz https://e.com/x-1.tgz\necho 'DIGEST  /tmp/x.tgz' | sha256sum -c -",
            "wget https://e.com/x.tgz\necho \"DIGEST  x.tgz\" | sha256sum --check --status",
            "curl -O https://e.com/x.tgz\nsha256sum -c <<EOF\nDIGEST  x.tgz\nEOF\n",
            "curl -O https://e.com/x\necho 'DIGEST  x' | sha256sum -c || exit 1",
            "curl -O https://e.com/x\necho 'DIGEST  x' | sha256sum -c || { echo bad >&2; exit 1; }",
            "curl -O https://e.com/x\necho 'DIGEST  x' | sha256sum -c && ls",
            "curl -o x https://e.com/x\n[ \"$(sha256sum x | cut -d' ' -f1)\" = DIGEST ] || exit 1",
            "curl -O https://e.com/x && echo 'DIGEST  x' | sha256sum -c\nls || true",
            "curl -o \"$f\" \"$url\"\necho \"$sum  $f\" | sha256sum -c",
            "curl -o x https://e.com/x\n[ \"$(sha256sum x | cut -d' ' -f1)\" = DIGEST ]",
            "curl -O https://e.com/x.tgz\nsha256sum -c /opt/sums/SHA256SUMS",
            "curl -O https://e.com/x.tgz\ncurl -O https://e.com/x.tgz.asc\ngpg --verify x.tgz.asc x.tgz",
            "git clone https://e.com/x.git\ncd x\ngit checkout 0123456789012345678901234567890123456789",
            "pip install --require-hashes -r requirements.txt",
            "docker pull e.com/x@sha256:DIGEST",
        ] {
            let rules = rules(&with(script));
            assert!(!rules.is_empty(), "{script}");
            assert!(
                rules.iter().all(|id| *id == "DIFF-FETCH-003"),
                "{script}: {rules:?}"
            );
        }
    }

    #[test]
    fn a_check_of_something_else_is_none() {
        let with = |script: &str| script.replace("DIGEST", DIGEST);
        for script in [
            "curl -fsSL https://e.com/install.sh | sh",
            "curl -O https://e.com/x.tgz",
            // Only the messages are thrown away, or only some of what comes.
            "curl -fsSLo /x https://e.com/x 2>/dev/null",
            "wget -q https://e.com/x >/dev/null 2>&1",
            "wget -o /dev/null https://e.com/x",
            "curl -fsSLo /x https://e.com/null",
            "curl -so /dev/null https://e.com/a -O https://e.com/b",
            "curl \"$url\" > x",
            "wget -qO- https://e.com/x | tar xz",
            // The digest is of another file.
            "curl -O https://e.com/x.tgz\necho 'DIGEST  y.tgz' | sha256sum -c",
            // The list came from the same place.
            "curl -O https://e.com/x.tgz\ncurl -O https://e.com/SHA256SUMS\nsha256sum -c SHA256SUMS",
            // Too early.
            "echo 'DIGEST  x.tgz' | sha256sum -c\ncurl -O https://e.com/x.tgz",
            // Whatever it finds, the script goes on.
            "curl -O https://e.com/x\necho 'DIGEST  x' | sha256sum -c || true",
            "curl -O https://e.com/x\necho 'DIGEST  x' | sha256sum -c || :",
            "curl -O https://e.com/x\necho 'DIGEST  x' | sha256sum -c && echo ok || echo bad",
            "curl -O https://e.com/x\n{ echo 'DIGEST  x' | sha256sum -c; } || true",
            "curl -O https://e.com/x\n(echo 'DIGEST  x' | sha256sum -c) || true",
            "curl -O https://e.com/x\necho 'DIGEST  x' | sha256sum -c || exit 0",
            "curl -O https://e.com/x\necho 'DIGEST  x' | sha256sum -c || { echo bad; }\nexit 1",
            "curl -O https://e.com/x\necho 'DIGEST  x' | sha256sum -c || { if false; then\nexit 1; fi; }",
            "curl -O https://e.com/x\necho 'DIGEST  x' | sha256sum -c &",
            "curl -O https://e.com/x\nsha256sum -c /dev/null",
            "curl -O https://e.com/x\ngpg --verify x.asc x || true",
            "curl -o x https://e.com/x\n[ \"$(sha256sum x | cut -d' ' -f1)\" = DIGEST ] || echo bad",
            // It prints, and compares nothing.
            "curl -O https://e.com/x.tgz\nsha256sum x.tgz",
            "git clone https://e.com/x.git",
            "git clone https://e.com/x.git\ncd x\ngit checkout main",
            "curl -O https://e.com/x.tgz\ngit checkout 0123456789012345678901234567890123456789",
            "curl -fsSLo /x e.com/a",
            "wget -q e.com/a",
            "curl -f http://localhost.e.com/a",
            "curl -f http://127.0.0.1@e.com/a",
            "curl -fe http://localhost/ -o x https://e.com/a",
            "curl -O https://e.com/x -O https://e.com/y\necho 'DIGEST  x' | sha256sum -c",
            "xargs curl -O < /opt/list",
            "python3 -m pip install flask",
            "docker run --rm nginx",
            "docker image pull nginx",
            "scp u@e.com:/x /y",
            "rsync -a e.com:x /y",
            "git -C /opt clone https://e.com/x",
            "git fetch https://e.com/x",
            "npx left-pad",
            "go run e.com/x@latest",
            "go install e.com/x@latest",
            "pip install flask",
            "npm install -g yarn",
            "docker pull nginx:latest",
            "dnf install -y https://e.com/x.rpm",
            "aws s3 cp s3://bucket/x /tmp/x",
            "# comment\nif true; then sudo curl -o x https://e.com/x; fi",
        ] {
            let rules = rules(&with(script));
            assert!(rules.contains(&"DIFF-FETCH-001"), "{script}: {rules:?}");
        }
    }

    #[test]
    fn what_fetches_nothing_is_no_download() {
        for script in [
            "echo curl https://e.com",
            "# curl https://e.com | sh",
            "apt-get install -y nginx",
            "git status",
            "curl --version",
            "curl -f http://127.0.0.1:8080/health",
            "curl -f localhost:8080/health",
            "scp /x u@e.com:/y",
            "rsync -a /x /y",
            "go run ./x",
            "go run main.go",
            "git -C /opt status",
            "python3 -m venv /opt/x",
            "docker ps",
            "curl -so /dev/null https://e.com/health",
            "curl -fs https://e.com/health >/dev/null 2>&1",
            "wget -qO- https://e.com/health >/dev/null",
            "cat <<EOF\ncurl https://e.com | sh\nEOF",
        ] {
            assert_eq!(rules(script), [""; 0], "{script}");
        }
    }

    #[test]
    fn a_server_that_is_not_known_counts_by_itself() {
        for (script, expected) in [
            ("curl -o x http://e.com/x", "DIFF-FETCH-005"),
            ("curl -sk -o x https://e.com/x", "DIFF-FETCH-007"),
            (
                "wget --no-check-certificate https://e.com/x",
                "DIFF-FETCH-007",
            ),
        ] {
            assert_eq!(rules(script), ["DIFF-FETCH-001", expected], "{script}");
        }
    }
}
