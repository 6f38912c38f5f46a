//! Words before a command that leave it what it is, such as `sudo -u app` and `timeout 60`.

/// One such word, and which of the words after it belong to it.
struct Prefix {
    name: &'static str,
    /// Letters of its options that take the next word, unless something is joined to them.
    letters: &'static str,
    /// Its long options that do.
    long: &'static [&'static str],
    /// How many words come between its options and the command.
    operands: usize,
}

const fn plain(name: &'static str) -> Prefix {
    with(name, "", &[], 0)
}

const fn with(
    name: &'static str,
    letters: &'static str,
    long: &'static [&'static str],
    operands: usize,
) -> Prefix {
    Prefix {
        name,
        letters,
        long,
        operands,
    }
}

static PREFIXES: [Prefix; 40] = [
    plain("!"),
    plain("{"),
    plain("builtin"),
    plain("busybox"),
    plain("chronic"),
    with("chroot", "", &["--userspec", "--groups"], 1),
    with("chrt", "TPD", &[], 1),
    plain("command"),
    plain("coproc"),
    plain("do"),
    with("doas", "uC", &[], 0),
    plain("eatmydata"),
    plain("elif"),
    plain("else"),
    with("env", "uC", &["--unset", "--chdir"], 0),
    with("exec", "a", &[], 0),
    with("fakeroot", "lsib", &[], 0),
    with("flock", "wE", &["--timeout", "--conflict-exit-code"], 1),
    plain("if"),
    with("ionice", "cn", &["--class", "--classdata"], 0),
    with("nice", "n", &["--adjustment"], 0),
    plain("nohup"),
    with("nsenter", "tSG", &["--target", "--setuid", "--setgid"], 0),
    with("runuser", "ugG", &["--user", "--group", "--supp-group"], 0),
    with(
        "setpriv",
        "",
        &[
            "--reuid",
            "--regid",
            "--groups",
            "--inh-caps",
            "--bounding-set",
        ],
        0,
    ),
    plain("setsid"),
    with("stdbuf", "ioe", &["--input", "--output", "--error"], 0),
    with("strace", "aeEoOPpsSuX", &[], 0),
    with(
        "sudo",
        "CDghpRrTtUu",
        &[
            "--chdir",
            "--chroot",
            "--close-from",
            "--command-timeout",
            "--group",
            "--host",
            "--other-user",
            "--prompt",
            "--role",
            "--type",
            "--user",
        ],
        0,
    ),
    with(
        "systemd-run",
        "uptHM",
        &[
            "--unit",
            "--property",
            "--uid",
            "--gid",
            "--slice",
            "--setenv",
        ],
        0,
    ),
    with("taskset", "", &[], 1),
    plain("then"),
    with("time", "fo", &["--format", "--output"], 0),
    with("timeout", "ks", &["--kill-after", "--signal"], 1),
    plain("unbuffer"),
    with(
        "unshare",
        "RwSG",
        &["--root", "--wd", "--setuid", "--setgid"],
        0,
    ),
    plain("until"),
    plain("while"),
    with(
        "xargs",
        "adEILnPs",
        &[
            "--arg-file",
            "--delimiter",
            "--max-args",
            "--max-chars",
            "--max-lines",
            "--max-procs",
        ],
        0,
    ),
    plain("xvfb-run"),
];

/// The position of the word that names the program, past assignments and such words; behind them all where there is none.
pub(super) fn program_at(words: &[String]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if is_assignment(word) {
            at += 1;
            continue;
        }
        let name = word.rsplit('/').next().unwrap_or_default();
        let Some(prefix) = PREFIXES.iter().find(|prefix| prefix.name == name) else {
            return at;
        };
        let first = at + 1;
        let end = past_options(prefix, words, first);
        // What these run is the next option's script, as with `su`.
        if runs_a_script(
            prefix,
            &words[first..end.min(words.len())],
            words.get(end + 1),
        ) {
            return at;
        }
        at = end + prefix.operands;
    }
    words.len()
}

/// `runuser` without a user of its own option, and `flock` whose command is a text.
fn runs_a_script(prefix: &Prefix, options: &[String], behind: Option<&String>) -> bool {
    let is_script = |word: &String| word == "-c" || word == "--command";
    match prefix.name {
        "runuser" => !options
            .iter()
            .any(|word| word.starts_with("-u") || word.starts_with("--user")),
        "flock" => behind.is_some_and(is_script),
        _ => false,
    }
}

/// The position behind a prefix's options.
fn past_options(prefix: &Prefix, words: &[String], first: usize) -> usize {
    let mut at = first;
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        at += 1;
        if word == "--" {
            break;
        }
        let takes_next = match word.strip_prefix('-').filter(|rest| !rest.starts_with('-')) {
            Some(letters) => letters
                .char_indices()
                .find(|(_, letter)| prefix.letters.contains(*letter))
                // What follows the letter in the same word is its value.
                .is_some_and(|(position, letter)| position + letter.len_utf8() == letters.len()),
            None => prefix.long.contains(&word.as_str()),
        };
        at += usize::from(takes_next);
    }
    at
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
            && !name.starts_with(|first: char| first.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::program_at;

    #[test]
    fn the_program_is_found_behind_what_runs_it() {
        for line in [
            "P x",
            "A=1 sudo P x",
            "sudo -u root P x",
            "sudo -nu app -g adm -- P x",
            "sudo -uroot P x",
            "sudo --user app P x",
            "sudo --user=app X=1 P x",
            "/usr/bin/sudo -E P x",
            "timeout 60 P x",
            "timeout -k 5 -s KILL 60 P x",
            "timeout --foreground 9 sudo -u app nice -n 10 P x",
            "nice P x",
            "nice -10 P x",
            "chroot / P x",
            "chroot --userspec=a:b /mnt P x",
            "stdbuf -oL -e 0 P x",
            "ionice -c 2 -n7 P x",
            "flock -w 5 /lock P x",
            "runuser -u app -- P x",
            "setsid -f P x",
            "xargs -r -n 1 -I {} P x",
            "if ! env -i -u HOME P x",
            "taskset -c 0 P x",
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let at = program_at(&words);
            assert_eq!(words.get(at).map(String::as_str), Some("P"), "{line}");
        }
    }

    #[test]
    fn a_prefix_without_a_command_is_no_program() {
        for line in ["sudo", "sudo -u", "timeout", "timeout 9", "A=1", "flock -w"] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert!(program_at(&words) >= words.len(), "{line}");
        }
    }
}
