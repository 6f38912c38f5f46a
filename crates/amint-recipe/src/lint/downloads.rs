//! What comes over a network: piped into a shell, without TLS, without a digest.

use super::shell::{Command, Word};
use super::subject::{At, Material};
use super::{Context, Findings};
use crate::code::Code;

/// Programs that run what they read.
const INTERPRETERS: [&str; 9] = [
    "sh", "bash", "dash", "zsh", "python", "python3", "perl", "ruby", "node",
];

/// Programs that tell whether a file is what it should be.
const VERIFIERS: [&str; 15] = [
    "sha256sum",
    "sha512sum",
    "sha384sum",
    "sha224sum",
    "b2sum",
    "b3sum",
    "shasum",
    "gpg",
    "gpgv",
    "gpg2",
    "minisign",
    "cosign",
    "signify",
    "sq",
    "digest",
];

/// Hosts that no network lies between.
const LOCAL_HOSTS: [&str; 5] = ["localhost", "127.", "[::1]", "169.254.", "[fd00:ec2"];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let mut verified = false;
    let mut passage = std::ptr::null();
    let mut commands = material.commands().peekable();
    while let Some(at) = commands.next() {
        if !std::ptr::eq(passage, at.passage) {
            passage = at.passage;
            verified = at.script.commands.iter().any(verifies);
        }
        let Some(url) = remote(at.command) else {
            continue;
        };
        if let Some(word) = plain(at.command) {
            found.warn(
                Code::PlainHttp,
                at.part(word.range.clone()),
                "anybody on the way can change what this downloads",
                "use https://, and compare a digest",
            );
        }
        let next = commands.peek();
        let into = next.filter(|next| {
            std::ptr::eq(next.passage, at.passage) && next.command.pipeline == at.command.pipeline
        });
        if into.is_some_and(|into| INTERPRETERS.contains(&into.command.name()))
            || is_substituted(&at)
        {
            found.warn(
                Code::PipeToShell,
                at.place(),
                "this runs whatever the server sends today, or half of it",
                "download to a file, compare its digest, then run it",
            );
        } else if !verified && (keeps(at.command) || into.is_some()) {
            found.warn(
                Code::NoDigest,
                at.part(url.range.clone()),
                "nothing says what this download must be",
                "compare it: `echo \"DIGEST  FILE\" | sha256sum -c`, or put the file beside the recipe",
            );
        }
    }
}

/// The URL that a command downloads from, when it is on another machine.
fn remote(command: &Command) -> Option<&Word> {
    if !matches!(command.name(), "curl" | "wget" | "aria2c") {
        return None;
    }
    let is_remote = |word: &&Word| {
        let Some((scheme, rest)) = word.text.split_once("://") else {
            return false;
        };
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        let local = LOCAL_HOSTS
            .iter()
            .any(|local| host.starts_with(local) || rest.starts_with(local));
        matches!(scheme, "http" | "https" | "ftp") && !local
    };
    command.arguments().iter().find(is_remote)
}

/// The URL that is not encrypted.
fn plain(command: &Command) -> Option<&Word> {
    let url = remote(command)?;
    let plain = url.text.starts_with("http://") || url.text.starts_with("ftp://");
    plain.then_some(url)
}

/// Whether what is downloaded is kept in a file.
fn keeps(command: &Command) -> bool {
    let written = |command: &Command| {
        let mut targets = command.redirects.iter().map(|one| one.target.text.as_str());
        targets.any(|target| {
            target != "/dev/null" && !target.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    let nowhere = command.words.iter().any(|word| word.text == "/dev/null");
    match command.name() {
        "curl" => {
            let named = ["-o", "-O", "--output", "--remote-name", "--remote-name-all"];
            (named.iter().any(|option| command.has_option(option)) && !nowhere) || written(command)
        }
        "wget" => !(command.has_option("--spider") || nowhere),
        _ => true,
    }
}

fn verifies(command: &Command) -> bool {
    VERIFIERS.contains(&command.name())
        || (command.name() == "openssl"
            && command.arguments().iter().any(|word| word.text == "dgst"))
        || (command.name() == "rpm"
            && (command.has_option("--checksig") || command.has_option("-K")))
        || (command.name() == "aria2c" && command.has_option("--checksum"))
}

/// `sh -c "$(curl …)"` and `. <(curl …)`: the command around it comes after it, and contains it.
fn is_substituted(at: &At<'_>) -> bool {
    let around = at.script.commands.iter().skip(at.index + 1).take(4);
    let mut around = around.filter(|one| {
        one.range.start <= at.command.range.start && at.command.range.end <= one.range.end
    });
    around.any(|one| {
        let runs =
            |name: &str| INTERPRETERS.contains(&name) || matches!(name, "eval" | "." | "source");
        runs(one.name())
    })
}
