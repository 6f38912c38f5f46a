//! What single values must look like. Each rule names its source where it is not our own.

pub(super) mod arn;
pub(super) mod aws;

use std::time::Duration;

use crate::code::Code;

/// Why a value is refused.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) hint: String,
}

fn refuse<T>(code: Code, message: String, hint: &str) -> Result<T, Refusal> {
    Err(Refusal {
        code,
        message,
        hint: hint.to_owned(),
    })
}

/// The longest duration, in seconds (7 days): longer than any build.
const MAX_SECONDS: u64 = 7 * 24 * 3600;

/// The name of an environment variable (POSIX.1-2017, XBD 8.1).
pub(super) fn environment_variable(text: &str) -> Result<(), Refusal> {
    let valid = text.len() <= 200
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadSecretSource,
        format!("`{text}` is not the name of an environment variable"),
        "use letters, digits and `_`; name the variable, not its value",
    )
}

/// `90s`, `60m`, `1h30m`.
pub(super) fn duration(text: &str) -> Result<Duration, Refusal> {
    let hint = "write a number and a unit, such as 90s, 60m or 1h30m; at most 168h";
    match amount(text, &[('h', 3600), ('m', 60), ('s', 1)]) {
        Some(seconds @ 1..=MAX_SECONDS) => Ok(Duration::from_secs(seconds)),
        Some(_) => refuse(
            Code::BadDuration,
            format!("`{text}` is no usable time span"),
            hint,
        ),
        None => refuse(
            Code::BadDuration,
            format!("`{text}` is not a time span"),
            hint,
        ),
    }
}

/// The seconds of numbers with units, each unit at most once.
fn amount(text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut total = 0u64;
    let mut rest = text;
    let mut allowed = units;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..end].parse().ok()?;
        let unit = rest[end..].chars().next()?;
        let position = allowed.iter().position(|(letter, _)| *letter == unit)?;
        total = total.checked_add(number.checked_mul(allowed[position].1)?)?;
        // Units descend: `1m1h` is a slip.
        allowed = &allowed[position + 1..];
        rest = &rest[end + unit.len_utf8()..];
    }
    (!text.is_empty()).then_some(total)
}

/// A word of small letters, digits and hyphens, usable in names of files, units and images.
pub(super) fn name(text: &str) -> Result<(), Refusal> {
    let valid = text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadName,
        format!("`{text}` cannot be a name here"),
        "use small letters, digits and hyphens, a letter or digit first, at most 64",
    )
}

/// A version, usable in names of files and images.
pub(super) fn version(text: &str) -> Result<(), Refusal> {
    let valid = text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".+_-".contains(&byte));
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadVersion,
        format!("`{text}` cannot be a version"),
        "use letters, digits and `.+_-`, a letter or digit first, at most 64",
    )
}

/// An absolute path on the builder that names something below the root, without `.` and `..`.
pub(super) fn absolute_path(text: &str) -> Result<(), Refusal> {
    let parts = || text.split('/').skip(1);
    if !text.starts_with('/') {
        return refuse(
            Code::NotAbsolute,
            format!("`{text}` is not an absolute path"),
            "start it with `/`",
        );
    }
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f)
        || parts().any(|part| matches!(part, "" | "." | ".."))
    {
        return refuse(
            Code::NotAbsolute,
            format!("`{}` is not a plain path", text.escape_debug()),
            "write it without `.`, `..`, empty parts, a `/` at the end and control characters",
        );
    }
    Ok(())
}

/// Permission bits: three or four octal digits.
pub(super) fn mode(text: &str) -> Result<u32, Refusal> {
    let digits = text.strip_prefix("0o").unwrap_or(text);
    match u32::from_str_radix(digits, 8) {
        Ok(mode) if (3..=4).contains(&digits.len()) && !digits.starts_with('+') => Ok(mode),
        _ => refuse(
            Code::BadMode,
            format!("`{text}` is not a file mode"),
            "write three or four octal digits, such as \"0644\" or \"0755\"",
        ),
    }
}

/// A user's or group's name or number, as shadow's tools accept it (useradd(8), CAVEATS).
pub(super) fn account(text: &str) -> Result<(), Refusal> {
    let valid = (1..=32).contains(&text.len())
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadOwner,
        format!("`{text}` is not the name of a user or group"),
        "give a name or a number",
    )
}

/// A package, with an architecture or a version where the package manager takes them.
pub(super) fn package(text: &str) -> Result<(), Refusal> {
    let valid = text.len() <= 200
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+.:=~_-".contains(&byte));
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadPackage,
        format!("`{text}` is not the name of a package"),
        "name one package an item, such as nginx or nginx=1.22.1-9",
    )
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(text: &str) -> Result<String, Refusal> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    refuse(
        Code::BadDigest,
        "this is not a SHA-256 digest".to_owned(),
        "`sha256sum FILE` prints it: 64 hexadecimal digits",
    )
}

/// A day, `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Result<(), Refusal> {
    if is_date(text) {
        return Ok(());
    }
    refuse(
        Code::BadDate,
        format!("`{text}` is not a date"),
        "write it as YYYY-MM-DD",
    )
}

fn is_date(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let digits = text.get(range)?;
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| digits.parse().ok()).flatten()
    };
    let separators = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    separators && (1..=days).contains(&day)
}

/// A command line for a systemd unit: an absolute path and plain words, with nothing that a shell or systemd would
/// expand (systemd.service(5), COMMAND LINES).
pub(super) fn command(text: &str) -> Result<(), Refusal> {
    let hint = "give an absolute path and plain words; put anything more into a script";
    let plain = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.,/:=@+-".contains(&byte))
    };
    let mut words = text.split(' ');
    let program = words.next().unwrap_or_default();
    if !program.starts_with('/') {
        return refuse(
            Code::NotAbsolute,
            format!("`{program}` is not an absolute path"),
            hint,
        );
    }
    absolute_path(program)?;
    if plain(program) && words.all(plain) {
        return Ok(());
    }
    refuse(
        Code::BadCommand,
        "this command is more than a path and plain words".to_owned(),
        hint,
    )
}

/// An image's name (EC2 API reference, CreateImage, `Name`).
pub(super) fn image_name(text: &str) -> Result<(), Refusal> {
    let valid = (3..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" ()[]./-'@_".contains(&byte));
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadImageText,
        format!("`{text}` cannot be an image's name"),
        "EC2 takes 3 to 128 letters, digits, spaces and ()[]./-'@_",
    )
}

/// An image's description (EC2 API reference, CreateImage, `Description`).
pub(super) fn image_description(text: &str) -> Result<(), Refusal> {
    if text.chars().count() <= 255 && !text.contains(['\n', '\r']) {
        return Ok(());
    }
    refuse(
        Code::BadImageText,
        "this cannot be an image's description".to_owned(),
        "EC2 takes one line of at most 255 characters",
    )
}

/// A tag (EC2 user guide, "Tag your Amazon EC2 resources", tag restrictions).
pub(super) fn tag(key: &str, value: &str) -> Result<(), Refusal> {
    let valid = (1..=128).contains(&key.chars().count())
        && value.chars().count() <= 256
        && !["aws:", "amint:"].iter().any(|reserved| {
            key.get(..reserved.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(reserved))
        });
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadImageText,
        format!("`{key}` cannot be a tag like this"),
        "keys take 1 to 128 characters, values 256; `aws:` and `amint:` are taken",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each value of the first list is taken, each of the second refused with a way out.
    pub(super) fn check(valid: fn(&str) -> Result<(), Refusal>, taken: &[&str], refused: &[&str]) {
        for text in taken {
            assert_eq!(valid(text), Ok(()), "{text:?}");
        }
        for text in refused {
            let refusal = valid(text).expect_err(text);
            assert!(!refusal.hint.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn durations() {
        for (text, expected) in [
            ("90s", Some(90)),
            ("60m", Some(3600)),
            ("1h30m", Some(5400)),
            ("0s", None),
            ("60", None),
            ("", None),
            ("1m1h", None),
            ("1h1h", None),
            ("169h", None),
            ("-1m", None),
            ("99999999999999999999h", None),
            ("5é", None),
        ] {
            let seconds = duration(text).ok().map(|duration| duration.as_secs());
            assert_eq!(seconds, expected, "{text:?}");
        }
    }

    #[test]
    fn paths() {
        for text in ["/a", "/opt/x y/é", "/etc/a.b..c"] {
            assert_eq!(absolute_path(text), Ok(()), "{text:?}");
        }
        for text in ["", "a", "/", "/a/", "//a", "/a/../b", "/./a", "/a\nb"] {
            assert!(absolute_path(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn modes() {
        for (text, expected) in [
            ("0644", Some(0o644)),
            ("755", Some(0o755)),
            ("4755", Some(0o4755)),
            ("0o600", Some(0o600)),
            ("7", None),
            ("0888", None),
            ("rw-r--r--", None),
            ("+644", None),
            ("00644", None),
        ] {
            assert_eq!(mode(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn dates() {
        for text in ["2026-02-28", "2028-02-29", "2000-02-29", "2026-12-31"] {
            assert_eq!(date(text), Ok(()), "{text:?}");
        }
        for text in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-1-1",
            "2026-00-10",
            "+026-01-01",
            "tomorrow",
            "2026-01-0é",
        ] {
            assert!(date(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn commands() {
        for text in ["/opt/x/set-password", "/usr/bin/env --user=admin a@b"] {
            assert_eq!(command(text), Ok(()), "{text:?}");
        }
        for text in [
            "set-password",
            "/a; rm",
            "/a | tee log",
            "/a $HOME",
            "/a %i",
            "/a  b",
            "",
            "/a\nb",
            "/a 'b'",
            "/../a",
        ] {
            assert!(command(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn packages() {
        for text in [
            "nginx",
            "libstdc++6",
            "libc6:amd64",
            "nginx=1.22.1-9+deb12u1",
            "g++",
            "7zip",
            "NetworkManager",
            "mod_ssl",
        ] {
            assert_eq!(package(text), Ok(()), "{text:?}");
        }
        for text in [
            "",
            "-y",
            "--allow",
            "a b",
            "a;b",
            "../x",
            "$(x)",
            "nginx/sid",
        ] {
            assert!(package(text).is_err(), "{text:?}");
        }
    }
}
