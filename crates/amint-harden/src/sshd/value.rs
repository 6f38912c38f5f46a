//! Values that sshd accepts. It refuses a file with any other, so that nobody can log in at all.

use super::address;
use super::keyword::Kind;

/// What is wrong with a keyword's arguments; `None` when sshd accepts them. `rest` is the line after the keyword.
pub(super) fn fault(kind: Kind, arguments: &[String], rest: &str) -> Option<&'static str> {
    let first = arguments.first().map(String::as_str).unwrap_or_default();
    if first.is_empty() && kind != Kind::Other {
        return Some("it has no value");
    }
    let fault = match kind {
        Kind::Other => return None,
        Kind::Choice(words) if !words.iter().any(|word| first.eq_ignore_ascii_case(word)) => {
            Some("its value is none that sshd accepts")
        }
        Kind::Port if port(first).is_none() => Some("its value is no port"),
        Kind::Listen => {
            return listen(arguments)
                .is_none()
                .then_some("no address to listen at");
        }
        Kind::Command => {
            let absolute = rest.starts_with('/') || rest.eq_ignore_ascii_case("none");
            return (!absolute).then_some("its value is no absolute path");
        }
        Kind::Words if arguments.iter().any(String::is_empty) => Some("a value is empty"),
        Kind::Groups if arguments.iter().any(String::is_empty) => Some("a value is empty"),
        Kind::Users if !arguments.iter().all(|pattern| is_user_pattern(pattern)) => {
            Some("no pattern of a user")
        }
        Kind::Methods if !are_methods(arguments) => Some("no list of methods"),
        _ => None,
    };
    let single = matches!(
        kind,
        Kind::Choice(_) | Kind::Port | Kind::Path | Kind::Paths | Kind::Word
    );
    fault.or((single && arguments.len() > 1).then_some("it has too many values"))
}

/// A port by number, from 1, or by SSH's own service name.
pub(super) fn port(text: &str) -> Option<u16> {
    let number = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let number = number.strip_prefix('+').unwrap_or(number);
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match text {
        "ssh" => Some(22),
        _ if digits => number.parse().ok().filter(|port| *port > 0),
        _ => None,
    }
}

/// What a `ListenAddress` names: host, port if it names one.
pub(super) fn listen(arguments: &[String]) -> Option<(String, Option<u16>)> {
    match arguments {
        [_] => {}
        [_, rdomain, _] if rdomain.eq_ignore_ascii_case("rdomain") => {}
        _ => return None,
    }
    let text = arguments.first().filter(|text| !text.contains('/'))?;
    // A bare IPv6 address, or one in brackets with or without a port; a host or IPv4 address with or without one.
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(text) => Some((host.to_owned(), Some(port(text)?))),
            None => rest.is_empty().then(|| (host.to_owned(), None)),
        };
    }
    match text.split_once(':') {
        Some((host, text)) if !text.contains(':') => {
            (!host.is_empty()).then_some(())?;
            Some((host.to_owned(), Some(port(text)?)))
        }
        _ => Some((text.clone(), None)),
    }
}

fn is_user_pattern(pattern: &str) -> bool {
    let list = pattern.rsplit_once('@').map(|(_, hosts)| hosts);
    !pattern.is_empty() && list.is_none_or(address::is_valid)
}

/// Methods that `AuthenticationMethods` may name, before a `:` with a submethod.
const METHODS: [&str; 7] = [
    "gssapi-keyex",
    "gssapi-with-mic",
    "hostbased",
    "keyboard-interactive",
    "none",
    "password",
    "publickey",
];

fn are_methods(lists: &[String]) -> bool {
    if let [only] = lists
        && only == "any"
    {
        return true;
    }
    lists.iter().all(|list| {
        list.split(',').all(|method| {
            let name = method.split(':').next().unwrap_or_default();
            METHODS.contains(&name)
        })
    })
}
