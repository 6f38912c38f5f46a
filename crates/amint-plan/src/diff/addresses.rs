//! The addresses that a call of curl and its like names, whose they are, and what the variables in them hold.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use super::shell::Command;
use crate::digest::sha256;

/// Long options of curl and wget that take the next word; one that is missing here makes an address too many at worst.
const VALUED: [&str; 50] = [
    "--body-data",
    "--body-file",
    "--ca-certificate",
    "--ca-directory",
    "--cacert",
    "--capath",
    "--cert",
    "--certificate",
    "--connect-timeout",
    "--connect-to",
    "--cookie",
    "--cookie-jar",
    "--crlfile",
    "--data",
    "--data-ascii",
    "--data-binary",
    "--data-raw",
    "--data-urlencode",
    "--directory-prefix",
    "--dns-servers",
    "--dump-header",
    "--form",
    "--header",
    "--interface",
    "--key",
    "--limit-rate",
    "--load-cookies",
    "--max-time",
    "--noproxy",
    "--output",
    "--output-dir",
    "--output-document",
    "--output-file",
    "--pinnedpubkey",
    "--post-data",
    "--post-file",
    "--preproxy",
    "--private-key",
    "--proxy",
    "--range",
    "--referer",
    "--request",
    "--resolve",
    "--stderr",
    "--timeout",
    "--unix-socket",
    "--upload-file",
    "--user",
    "--user-agent",
    "--write-out",
];

/// Options by which an address leads to somebody else, or to a list of addresses.
const REDIRECTS: [&str; 7] = [
    "--config",
    "--connect-to",
    "--dns-servers",
    "--doh-url",
    "--preproxy",
    "--proxy",
    "--resolve",
];

/// The addresses in the order of the words: whatever is no option and no value of one, and looks like an address.
pub(super) fn of(command: &Command) -> Vec<&str> {
    let (valued, lists) = match command.program() {
        "curl" => ("AbcCdDeEFHmoPQrtTuUwxXyYzK", 'K'),
        "wget" => ("aABDeGiIloOPQRtTUwX", 'i'),
        "aria2c" => ("dijoskx", 'i'),
        _ => ("o", '\0'),
    };
    let mut found = Vec::new();
    let mut words = command.arguments().iter().map(String::as_str);
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix('-') else {
            found.extend(looks_like_address(word).then_some(word));
            continue;
        };
        if let Some(name) = option.strip_prefix('-') {
            match name.split_once('=') {
                Some(("url" | "input-file" | "config", value)) => found.push(value),
                Some(_) => {}
                None if matches!(name, "url" | "input-file" | "config") => {
                    found.extend(words.next())
                }
                None if VALUED.contains(&word) => drop(words.next()),
                None => {}
            }
            continue;
        }
        // The first letter that takes a value takes the rest of the word, or the next one.
        let Some(at) = option.find(|letter| valued.contains(letter)) else {
            continue;
        };
        let value = match &option[at + 1..] {
            "" => words.next(),
            rest => Some(rest),
        };
        if option[at..].starts_with(lists) {
            found.extend(value);
        }
    }
    found
}

fn looks_like_address(word: &str) -> bool {
    word.starts_with('$') || word.contains(['.', ':', '/']) || word == "localhost"
}

/// Whether a call asks the hosts in its addresses, and not some other one by a proxy or a name that it makes up.
pub(super) fn is_direct(command: &Command) -> bool {
    let redirected = command.arguments().iter().any(|word| {
        let name = word.split('=').next().unwrap_or_default();
        let short = word.starts_with('-') && !word.starts_with("--");
        REDIRECTS.contains(&name) || (short && word.contains(['x', 'K']))
    });
    let mut before = command.assignments().iter();
    !redirected && !before.any(|word| word.to_ascii_lowercase().contains("proxy="))
}

/// Whether an address is of the builder itself or of its metadata service.
pub(super) fn is_local(address: &str) -> bool {
    let host = host(address);
    let by_name = matches!(host, "localhost" | "169.254.169.254" | "fd00:ec2::254");
    let is_loopback = host.parse().is_ok_and(|host: Ipv4Addr| host.is_loopback())
        || host.parse().is_ok_and(|host: Ipv6Addr| host.is_loopback());
    by_name || is_loopback
}

/// Without scheme, user, port and path.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(host) => match host.split_once(']') {
            Some((host, port)) if port.is_empty() || port.starts_with(':') => host,
            _ => "",
        },
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Most variables that are followed from one address.
const MOST_NAMES: usize = 8;

/// The longest value that is followed.
const LONGEST_VALUE: usize = 300;

/// What a script sets its variables to.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// By name; a variable that is set twice has both values.
    by_name: BTreeMap<String, String>,
    /// Of all of them, for addresses whose variables are too many to tell.
    digest: String,
}

impl Values {
    pub(super) fn of(commands: &[Command]) -> Self {
        let mut values = Self::default();
        let mut add = |name: &str, value: &str| {
            let known = values.by_name.entry(name.to_owned()).or_default();
            if !known.is_empty() {
                known.push(' ');
            }
            known.push_str(value);
        };
        for command in commands {
            match (command.program(), command.arguments()) {
                ("export" | "readonly" | "local" | "declare" | "typeset", words) => {
                    words
                        .iter()
                        .filter_map(|word| word.split_once('='))
                        .for_each(|(name, value)| add(name, value));
                }
                ("for", [name, _, words @ ..]) => add(name, &words.join(" ")),
                _ => {}
            }
            let assigned = command.assignments().iter();
            assigned
                .filter_map(|word| word.split_once('='))
                .for_each(|(name, value)| add(name, value));
        }
        let all: Vec<u8> = values
            .by_name
            .iter()
            .flat_map(|(name, value)| format!("{name}={value}\n").into_bytes())
            .collect();
        values.digest = sha256(&all);
        values
    }

    /// What the variables in a text are set to, and the variables in those.
    pub(super) fn behind(&self, text: &str) -> String {
        let mut known = BTreeSet::new();
        let mut told: Vec<String> = Vec::new();
        let mut texts = vec![text];
        while let Some(text) = texts.pop() {
            for name in variables(text) {
                let Some((name, value)) = self.by_name.get_key_value(name) else {
                    continue;
                };
                if !known.insert(name) {
                    continue;
                }
                if known.len() > MOST_NAMES || value.len() > LONGEST_VALUE {
                    return format!("variables of SHA-256 {}", self.digest);
                }
                told.push(format!("{name}={value}"));
                texts.push(value);
            }
        }
        told.join(", ")
    }
}

/// The names in `$name` and `${name…`.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).map(|rest| {
        let rest = rest.trim_start_matches(['{', '!', '#']);
        let end = rest.find(|letter: char| letter != '_' && !letter.is_ascii_alphanumeric());
        &rest[..end.unwrap_or(rest.len())]
    })
}

#[cfg(test)]
mod tests {
    use super::{Values, is_direct, is_local, of};
    use crate::diff::shell::commands;

    #[test]
    fn addresses_are_no_values_of_options() {
        for (line, expected) in [
            ("curl -fsSLo /x e.com/a", &["e.com/a"][..]),
            (
                "curl -fe http://localhost/ -o x https://e.com/a",
                &["https://e.com/a"],
            ),
            (
                "curl -O https://a.org -O https://e.com",
                &["https://a.org", "https://e.com"],
            ),
            ("curl --output /x --url https://e.com", &["https://e.com"]),
            ("curl --max-time 5.5 -H 'a: b' \"$u\"", &["$u"]),
            ("curl -K /list", &["/list"]),
            ("wget -qO- e.com", &["e.com"]),
            ("wget -i list", &["list"]),
            ("curl --version", &[]),
            ("curl -V", &[]),
        ] {
            assert_eq!(of(&commands(line)[0]), expected, "{line}");
        }
    }

    #[test]
    fn only_the_builder_is_local() {
        for (address, expected) in [
            ("http://localhost:8080/x", true),
            ("localhost/x", true),
            ("http://127.0.0.1/", true),
            ("http://a:b@127.8.9.1:1/", true),
            ("http://[::1]:80/", true),
            ("http://169.254.169.254/latest", true),
            ("http://[fd00:ec2::254]/latest", true),
            ("http://localhost.e.com/", false),
            ("http://127.0.0.1@e.com/", false),
            ("http://127.0.0.1.e.com/", false),
            ("http://e.com/localhost", false),
            ("http://e.com?@localhost", false),
            ("http://[::1].e.com/", false),
            ("$u", false),
        ] {
            assert_eq!(is_local(address), expected, "{address}");
        }
        for line in ["curl -x http://e.com x", "http_proxy=http://e.com curl x"] {
            assert!(!is_direct(&commands(line)[0]), "{line}");
        }
    }

    #[test]
    fn variables_are_followed() {
        let values = Values::of(&commands(
            "a=b; export c=$a/d\nfor e in f g; do :; done; l=$l",
        ));
        assert_eq!(values.behind("x$c-"), "c=$a/d, a=b");
        assert_eq!(values.behind("${e}"), "e=f g");
        assert_eq!(values.behind("$l $none $"), "l=$l");
        let long = Values::of(&commands(&format!("a={}", "x".repeat(400))));
        assert!(long.behind("$a").starts_with("variables of SHA-256"));
    }
}
