//! Configurations made by chance: sound ones, where every value must be sshd's own, and spoilt ones, where what sshd
//! refuses must be refused too.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::folder::Folder;
use super::oracle::{INSTALLED, Installed, Outcome, contexts};

/// Lines that may stand anywhere.
const ANYWHERE: &[&str] = &[
    "PasswordAuthentication yes",
    "PasswordAuthentication no",
    "passwordauthentication=NO",
    "KbdInteractiveAuthentication no",
    "ChallengeResponseAuthentication yes",
    "SkeyAuthentication = no",
    "PermitRootLogin yes",
    "PermitRootLogin without-password",
    "\"PermitRootLogin\" \"no\" # x",
    "PermitEmptyPasswords 'yes'",
    "PubkeyAuthentication no",
    "HostbasedAuthentication yes",
    "GSSAPIAuthentication yes",
    "IgnoreRhosts shosts-only",
    "AuthorizedKeysFile .ssh/a \"b c\" d\\ e",
    "AuthorizedKeysFile none",
    "TrustedUserCAKeys /etc/ca",
    "TrustedUserCAKeys none",
    "AuthorizedPrincipalsFile %h/p",
    "AuthorizedKeysCommandUser nobody",
    "AllowUsers root *@10.0.0.0/8",
    "AllowUsers a b@host,!c",
    "DenyUsers d",
    "AllowGroups root 'x y'",
    "DenyGroups e f # g",
    "AuthenticationMethods publickey password,publickey",
    "X11Forwarding yes",
    "RSAAuthentication yes",
    "# PasswordAuthentication yes",
    "\"UsePAM yes",
    "",
    "  \t",
];

/// Lines that may stand only where no `Match` is.
const GENERAL: &[&str] = &[
    "UsePAM yes",
    "usepam no",
    "UseDNS\tyes",
    "Port 2222",
    "Port 22",
    "ListenAddress 127.0.0.1",
    "ListenAddress 0.0.0.0:23",
    "ListenAddress [::1]:24",
    "HostKey /nonexistent",
    "KerberosOrLocalPasswd no",
    "Protocol 2",
];

const NAMES: &[&str] = &[
    "root", "nobody", "r*", "*", "?oot", "!root", "daemon", "nosuch", "!no*", "ROOT",
];
const HOSTS: &[&str] = &[
    "*.example.com",
    "BUILD*",
    "10.0.0.7",
    "!six.*",
    "*",
    "upper.example.com",
    "?",
];
const ADDRESSES: &[&str] = &[
    "10.0.0.0/8",
    "10.1.2.3",
    "!10.0.0.0/24",
    "10.1.2.*",
    "192.168.0.0/16",
    "2001:db8::/32",
    "::1",
    "!*",
    "*",
    "127.1",
    "0.0.0.0/0",
    "10.0.0.1",
    "::/0",
];

fn list(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    vec(select(of), 1..4).prop_map(|entries| entries.join(","))
}

fn criterion() -> impl Strategy<Value = String> {
    prop_oneof![
        list(NAMES).prop_map(|list| format!("User {list}")),
        list(NAMES).prop_map(|list| format!("group \"{list}\"")),
        list(HOSTS).prop_map(|list| format!("Host={list}")),
        list(ADDRESSES).prop_map(|list| format!("Address {list}")),
        list(ADDRESSES).prop_map(|list| format!("LocalAddress  {list}")),
        select(&["22", "2222", "ssh"][..]).prop_map(|port| format!("LocalPort {port}")),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("Match all # of them".to_owned()),
        6 => vec(criterion(), 1..3).prop_map(|criteria| format!("Match {}", criteria.join(" "))),
    ]
}

fn conditional() -> impl Strategy<Value = String> {
    select(ANYWHERE).prop_map(str::to_owned)
}

/// General lines, then blocks, with files included from here and there.
fn file(includes: &'static [&'static str], general: bool) -> impl Strategy<Value = String> {
    let include = || select(includes).prop_map(|names| format!("Include {names}"));
    let head = match general {
        true => prop_oneof![select(ANYWHERE), select(GENERAL)]
            .prop_map(str::to_owned)
            .boxed(),
        false => conditional().boxed(),
    };
    let head = vec(prop_oneof![6 => head, 1 => include()], 0..6);
    let body = vec(prop_oneof![8 => conditional(), 1 => include()], 0..4);
    let blocks = vec((condition(), body), 0..4);
    (head, blocks).prop_map(|(head, blocks)| {
        let blocks = blocks
            .into_iter()
            .flat_map(|(condition, body)| [vec![condition], body].concat());
        head.into_iter()
            .chain(blocks)
            .map(|line| line + "\n")
            .collect()
    })
}

type Files = (String, String, String);

fn files() -> impl Strategy<Value = Files> {
    (
        file(
            &[
                "$F/d/*.conf",
                "$F/d/1.conf",
                "$F/d/2.conf $F/none",
                "$F/d/[!1]*",
            ],
            true,
        ),
        file(&["$F/d/2.conf", "$F/none*"], false),
        file(&["$F/none"], false),
    )
}

fn compare(sshd: &Installed, (main, one, two): &Files) -> Result<Outcome, TestCaseError> {
    let folder = Folder::new();
    folder.write("sshd_config", main);
    folder.write("d/1.conf", one);
    folder.write("d/2.conf", two);
    sshd.compare(&folder, &contexts(), &[])
        .map_err(TestCaseError::fail)
}

/// `AMINT_SSHD_CASES` times as many when it is set.
fn runner(cases: u32) -> TestRunner {
    let times = std::env::var("AMINT_SSHD_CASES")
        .ok()
        .and_then(|times| times.parse().ok());
    let cases = cases * times.unwrap_or(1);
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn both_read_sound_configurations_alike() {
    let Some(sshd) = &*INSTALLED else { return };
    let (equal, total) = (Cell::new(0), Cell::new(0));
    let result = runner(150).run(&files(), |files| {
        let outcome = compare(sshd, &files)?;
        total.set(total.get() + 1);
        equal.set(equal.get() + u32::from(outcome == Outcome::Equal));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let cases = total.get();
    // Some name methods that are off, or a command without its user.
    assert!(
        equal.get() * 2 > cases,
        "{} of {cases} were compared",
        equal.get()
    );
}

/// Where and with what a configuration is spoilt; the last says whether the character that is there goes.
type Spoil = Vec<(prop::sample::Index, char, bool)>;

fn spoils() -> impl Strategy<Value = Spoil> {
    let noise = select(
        &[
            '"', '\'', '\\', '=', '#', ' ', '\t', ',', '!', '*', '/', 'x', '\r', '\x0c', '\n',
        ][..],
    );
    vec((any::<prop::sample::Index>(), noise, any::<bool>()), 1..4)
}

#[test]
fn both_refuse_the_same_spoilt_configurations() {
    let Some(sshd) = &*INSTALLED else { return };
    let lines: Vec<&str> = ANYWHERE
        .iter()
        .chain(GENERAL)
        // What those take is not looked at, or depends on the machine.
        .filter(|line| {
            !["X11", "Listen", "RSA", "Proto"]
                .iter()
                .any(|start| line.starts_with(start))
        })
        .copied()
        .collect();
    let lines = vec(
        prop_oneof![6 => select(lines).prop_map(str::to_owned), 1 => condition()],
        1..4,
    );
    let result = runner(300).run(&(lines, spoils()), |(lines, spoils)| {
        let mut text: Vec<char> = lines.join("\n").chars().collect();
        for (index, character, replace) in spoils {
            let at = index.index(text.len() + 1);
            match replace && at < text.len() {
                true => text[at] = character,
                false => text.insert(at, character),
            }
        }
        let main: String = text.into_iter().collect();
        compare(sshd, &(main, String::new(), String::new()))?;
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
