//! Which commands fetch something from another host.

use super::addresses;
use super::shell::Command;

/// The program and its arguments, also of `python3 -m pip`.
pub(super) fn called(command: &Command) -> (&str, &[String]) {
    let arguments = command.arguments();
    let options = arguments.iter().take_while(|word| word.starts_with('-'));
    let module = options.take_while(|word| *word != "-m").count();
    match arguments.get(module..) {
        Some([flag, module, rest @ ..])
            if flag == "-m" && command.program().starts_with("python") =>
        {
            (module, rest)
        }
        _ => (command.program(), arguments),
    }
}

/// The first words that are no options, past values of options that come before what is asked for.
fn asked<'a>(program: &str, arguments: &'a [String]) -> Vec<&'a str> {
    let valued: &[&str] = match program {
        "git" => &["-C", "-c", "--git-dir", "--work-tree", "--namespace"],
        "docker" | "podman" | "nerdctl" => &["-H", "--host", "-c", "--context", "--config"],
        "npm" | "yarn" | "pnpm" => &["--prefix", "--cwd", "-C", "--dir"],
        "go" => &["-C"],
        _ => &[],
    };
    let groups = ["image", "container", "global", "tool"];
    let mut words = arguments.iter().map(String::as_str);
    let mut asked = Vec::new();
    while let Some(word) = words.next() {
        if valued.contains(&word) {
            words.next();
            continue;
        }
        let is_group = asked.is_empty() && groups.contains(&word);
        if !is_group && !word.starts_with('-') {
            asked.push(word);
        }
        if asked.len() > 1 {
            break;
        }
    }
    asked
}

/// `host:path` of another host, where something is copied from.
fn copies_from_afar(arguments: &[String]) -> bool {
    let paths = arguments.iter().filter(|word| !word.starts_with('-'));
    let paths: Vec<&String> = paths.collect();
    let is_far = |word: &&String| {
        word.find(':')
            .is_some_and(|at| at > 0 && !word[..at].contains('/'))
    };
    paths
        .split_last()
        .is_some_and(|(_, sources)| sources.iter().any(is_far))
}

/// Programs that are told addresses and nothing else.
pub(super) fn is_client(program: &str) -> bool {
    matches!(program, "curl" | "wget" | "aria2c" | "fetch")
}

/// Whether a command fetches something.
pub(super) fn fetches(command: &Command) -> bool {
    let (program, arguments) = called(command);
    let has = |words: &[&str]| arguments.iter().any(|word| words.contains(&word.as_str()));
    let asked = asked(program, arguments);
    let sub = asked.first().copied().unwrap_or_default();
    // The addresses come from elsewhere.
    let is_fed = command.assignments().iter().any(|word| word == "xargs");
    match program {
        "curl" | "wget" | "aria2c" | "fetch" => is_fed || !addresses::of(command).is_empty(),
        "git" => matches!(sub, "clone" | "submodule" | "pull" | "fetch"),
        "go" => {
            // A package of another host, not of this folder.
            let package = asked.get(1).copied().unwrap_or_default();
            let host = package.split('/').next().unwrap_or_default();
            let is_far = package.contains('@') || host.trim_matches('.').contains('.');
            matches!(sub, "install" | "get") || (sub == "run" && is_far && !host.ends_with(".go"))
        }
        "npx" | "pnpx" | "bunx" | "uvx" => !sub.is_empty(),
        "npm" | "yarn" | "pnpm" => {
            matches!(sub, "install" | "add" | "i" | "get" | "ci" | "exec" | "dlx")
        }
        "pip" | "pip3" | "pipx" | "gem" | "cargo" | "uv" => {
            matches!(sub, "install" | "add" | "i" | "get")
                || (program == "uv" && sub == "pip" && asked.get(1) == Some(&"install"))
                || (program == "pipx" && sub == "run")
        }
        "docker" | "podman" | "nerdctl" => matches!(sub, "pull" | "run" | "create"),
        "scp" | "rsync" => copies_from_afar(arguments),
        "snap" | "flatpak" => sub == "install",
        "aws" => {
            sub == "s3"
                && has(&["cp", "sync"])
                && arguments.iter().any(|word| word.starts_with("s3://"))
        }
        "rpm" | "dnf" | "yum" | "apt" | "apt-get" => sub != "config-manager" && has_url(arguments),
        _ => false,
    }
}

pub(super) fn is_url(word: &str) -> bool {
    word.contains("://")
}

fn has_url(arguments: &[String]) -> bool {
    // An address in a variable is one, too.
    arguments
        .iter()
        .any(|word| is_url(word) || (word.starts_with('$') && !word.starts_with("$(")))
}
