//! Files that mean harm: any bytes, and those that are made to take time.

use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::fuzzed::{passwd, shadow, sshd_config};

/// What configurations are made of.
const PIECES: &[&str] = &[
    "Match ",
    "User ",
    "all",
    "Include ",
    "*.conf",
    "sshd_config",
    "Address 10.0.0.0/8",
    "\n",
    "\0",
    " ",
    "\"",
    "'",
    "\\",
    "#",
    "=",
    ",",
    "!",
    "*",
    "?",
    "[",
    "PasswordAuthentication yes",
    "PermitRootLogin no",
    "UsePAM",
    "AllowUsers a@b",
    "Port 22",
    "ListenAddress [::1]:2",
    "[Service]\n",
    "ExecStart=/usr/sbin/sshd $A ${A} -f",
    "A=-o x",
    "users: [default]\n",
    "system_info: {default_user: {name: x}}\n",
    ": ",
    "&a [*a, *a]",
    "\u{f7ff}",
    "\r",
];

/// What account files are made of.
const FIELDS: &[&str] = &[
    "root",
    "x",
    ":",
    "0",
    "::",
    "\n",
    "+",
    "-",
    "!",
    "*",
    "$6$a$b",
    "/home",
    "\r",
    "4294967296",
];

fn made_of(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec(select(pieces), 0..60).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![4 => pieces, 1 => vec(any::<u8>(), 0..500)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_configuration_of_sshd_panics(input in made_of(PIECES)) {
        sshd_config(&input);
    }

    #[test]
    fn no_account_file_panics(input in made_of(FIELDS)) {
        passwd(&input);
        shadow(&input);
    }
}

#[test]
fn what_is_made_to_take_time_takes_little() {
    let inputs = [
        (
            "a huge line",
            format!("AllowUsers {}", "*a".repeat(500_000)),
        ),
        (
            "huge patterns",
            format!(
                "AllowUsers {}\0\0\0\0\0users: [{{name: {}b}}]",
                "*a*a*a*b ".repeat(100_000),
                "a".repeat(31)
            ),
        ),
        (
            "many blocks",
            "Match User *a*b,!c\nPasswordAuthentication yes\n".repeat(9_000),
        ),
        (
            "many criteria",
            format!("Match {}\nUsePAM yes\n", "User a ".repeat(140_000)),
        ),
        (
            "too many lines",
            "PasswordAuthentication no\n".repeat(40_000),
        ),
        (
            "files that include each other",
            format!(
                "{0}\0{0}\0{0}",
                "Include /etc/ssh/sshd_config.d/*.conf *\n".repeat(1_000)
            ),
        ),
        (
            "deep blocks",
            "Match all\nInclude sshd_config\n".repeat(1_000),
        ),
        ("many stars", format!("Include {}", "/*".repeat(2_000))),
        (
            "variables",
            format!(
                "\0\0\0[Service]\nEnvironmentFile=/etc/default/ssh\n{}\0A={}",
                "ExecStart=/sshd $A ${A}${A}${A}\n".repeat(20_000),
                "b ".repeat(30_000)
            ),
        ),
        (
            "YAML",
            format!(
                "\0\0\0\0\0a: &a [x,x,x,x,x,x,x,x,x]\n{}",
                (0..20)
                    .map(|n| format!(
                        "{}: &{} [{}]\n",
                        letter(n + 1),
                        letter(n + 1),
                        format!("*{},", letter(n)).repeat(9)
                    ))
                    .collect::<String>()
            ),
        ),
        ("nested YAML", format!("\0\0\0\0\0{}", "[".repeat(100_000))),
    ];
    for (name, input) in inputs {
        let start = Instant::now();
        sshd_config(input.as_bytes());
        let taken = start.elapsed();
        assert!(taken < Duration::from_secs(20), "{name}: {taken:?}");
    }
    for line in ["a:b:1:2::/x:/y\n", "\n", ":", "+"] {
        let input = line.repeat((4 << 20) / line.len());
        let start = Instant::now();
        passwd(input.as_bytes());
        shadow(input.as_bytes());
        assert!(start.elapsed() < Duration::from_secs(20), "{line}");
    }
}

fn letter(index: u8) -> char {
    char::from(b'a' + index)
}
