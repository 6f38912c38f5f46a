//! Whether what a download brings goes nowhere, as that of a service that is only asked whether it is there.

use super::addresses;
use super::shell::Command;

const NOWHERE: &str = "/dev/null";

/// Letters of curl and wget that take no value, so that those behind them in the same word are options, too.
const FLAGS: &str = "#01246aBfgGiIklLMnNpqRsSvVZ";

/// Options of curl by which something is kept that no `-o` names, or that hold more options.
const KEEPS: [&str; 11] = [
    "--config",
    "--cookie-jar",
    "--dump-header",
    "--etag-save",
    "--libcurl",
    "--next",
    "--output-dir",
    "--remote-name",
    "--remote-name-all",
    "--trace",
    "--trace-ascii",
];

/// Whether a call of curl or wget keeps nothing of what comes. What is not understood is taken to keep it.
pub(super) fn discards(command: &Command) -> bool {
    let arguments = command.arguments();
    let (letter, long) = match command.program() {
        "curl" => ('o', "--output"),
        // Its `-o` names a log.
        "wget" => ('O', "--output-document"),
        _ => return false,
    };
    let is_curl = letter == 'o';
    let printed_nowhere = command.output.as_deref() == Some(NOWHERE);
    if command.output.is_some() && !printed_nowhere {
        return false;
    }
    let keeps = |word: &String| {
        let name = word.split('=').next().unwrap_or_default();
        let short = word.starts_with('-') && !word.starts_with("--");
        KEEPS.contains(&name) || (short && word.contains(['O', 'J', 'K', 'D', 'c', ':']))
    };
    if is_curl && arguments.iter().any(keeps) {
        return false;
    }
    let is_nowhere = |value: &str| value == NOWHERE || (value == "-" && printed_nowhere);
    let outputs: Vec<bool> = arguments
        .iter()
        .enumerate()
        .filter_map(|(at, word)| {
            let next = || arguments.get(at + 1).map_or("", String::as_str);
            let value = if word == long {
                next()
            } else if let Some(value) = word.strip_prefix(long) {
                value.strip_prefix('=')?
            } else {
                let (before, value) = word.strip_prefix('-')?.split_once(letter)?;
                if !before.chars().all(|flag| FLAGS.contains(flag)) {
                    return None;
                }
                if value.is_empty() { next() } else { value }
            };
            Some(is_nowhere(value))
        })
        .collect();
    // One `-o` of curl is for one address; of several, some may go elsewhere.
    let one_address = addresses::of(command).len() == 1;
    match outputs.as_slice() {
        [] => is_curl && printed_nowhere,
        all => all.iter().all(|nowhere| *nowhere) && (!is_curl || one_address || printed_nowhere),
    }
}

#[cfg(test)]
mod tests {
    use super::discards;
    use crate::diff::shell::commands;

    #[test]
    fn only_what_goes_nowhere_is_discarded() {
        for (line, expected) in [
            ("curl -so /dev/null https://e.com/", true),
            ("curl -so/dev/null https://e.com/", true),
            ("curl --output /dev/null https://e.com/", true),
            (
                "curl --output=/dev/null -w '%{http_code}' https://e.com/",
                true,
            ),
            ("curl -f https://e.com/ >/dev/null", true),
            ("curl -f https://e.com/ &>/dev/null", true),
            ("wget -qO /dev/null https://e.com/", true),
            ("wget -qO- https://e.com/ >/dev/null", true),
            ("curl -f https://e.com/ 2>/dev/null", false),
            ("curl -fo /x https://e.com/ >/dev/null", false),
            ("curl -fO https://e.com/x >/dev/null", false),
            ("curl --remote-name https://e.com/x >/dev/null", false),
            ("curl -o /x https://e.com/null", false),
            ("curl -o null https://e.com/x", false),
            ("curl -o /dev/null https://e.com/ https://e.com/x", false),
            (
                "curl -o /dev/null https://e.com/ -o /x https://e.com/x",
                false,
            ),
            ("curl -o /dev/null https://e.com/ > /x", false),
            ("curl -D /x -o /dev/null https://e.com/", false),
            ("wget -o /dev/null https://e.com/x", false),
            ("wget https://e.com/x >/dev/null", false),
            ("git clone https://e.com/x >/dev/null", false),
        ] {
            assert_eq!(discards(&commands(line)[0]), expected, "{line}");
        }
    }
}
