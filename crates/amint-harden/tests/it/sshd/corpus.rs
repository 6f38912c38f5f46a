//! Configurations written by hand, each with what sshd makes of it: `=` accepted, `!` refused. `$F` is the folder.

use super::folder::Folder;
use super::oracle::{INSTALLED, Outcome, contexts};

/// The main file, and others by name.
type Case = (char, &'static str, &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    ('=', "", &[]),
    ('=', "# nothing\n\n   \t\n", &[]),
    (
        '=',
        "PasswordAuthentication no\nPasswordAuthentication yes\n",
        &[],
    ),
    (
        '=',
        "passwordAUTHENTICATION=no\r\nPermitRootLogin   =   Yes  \r\n",
        &[],
    ),
    ('=', "\"PermitRootLogin\" \"no\"\n=UsePAM yes\n", &[]),
    ('=', "\"PermitRootLogin no\nUsePAM yes\n", &[]),
    ('=', "PermitRootLogin without-password\x0c\n", &[]),
    ('=', "PermitRootLogin forced-commands-only # why\n", &[]),
    (
        '=',
        "ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes\n",
        &[],
    ),
    ('=', "SKeyAuthentication no\nDSAAuthentication no\n", &[]),
    (
        '=',
        "RSAAuthentication yes\nUsePrivilegeSeparation sandbox\nProtocol 2\nKeepAlive yes\n",
        &[],
    ),
    (
        '=',
        "AuthorizedKeysFile .ssh/a \"/b c/%u\" '/d e' f\\ g \"h\\\"i\" ~/j\nAuthorizedKeysFile x\n",
        &[],
    ),
    (
        '=',
        "AuthorizedKeysFile none\nTrustedUserCAKeys NONE\nAuthorizedPrincipalsFile none\n",
        &[],
    ),
    (
        '=',
        "TrustedUserCAKeys ~/ca\nAuthorizedPrincipalsFile ~/principals\nHostKey relative\n",
        &[],
    ),
    (
        '=',
        "HostKey /nonexistent/a\nHostDSAKey /nonexistent/b\n",
        &[],
    ),
    (
        '=',
        "AuthorizedKeysCommand /bin/keys %u # x\nAuthorizedKeysCommandUser nobody\n",
        &[],
    ),
    ('=', "AuthorizedPrincipalsCommand none\n", &[]),
    (
        '=',
        "AuthenticationMethods publickey,password publickey\nAuthenticationMethods password\n",
        &[],
    ),
    (
        '=',
        "AuthenticationMethods keyboard-interactive:pam none\n",
        &[],
    ),
    ('=', "Port 22\nPort 2222\nPort ssh\nPort \" 022\"\n", &[]),
    (
        '=',
        "Port 23\nListenAddress 127.0.0.1\nPort 24\nListenAddress [::1]:25\nListenAddress ::1\n",
        &[],
    ),
    ('=', "AddressFamily inet\nPort 23\n", &[]),
    (
        '=',
        "Match Address 10.1.0.0/16,!10.1.2.3 User *\nPermitRootLogin yes\n",
        &[],
    ),
    (
        '=',
        "Match LocalAddress 10.0.0.0/8 LocalPort 22 RDomain *\nPermitRootLogin yes\n",
        &[],
    ),
    (
        '=',
        "Match Host upper*,!10.*\nPasswordAuthentication no\nMatch Host 10.?.?.?\nPermitRootLogin no\n",
        &[],
    ),
    (
        '=',
        "Match Address 10.1.2.*\nPasswordAuthentication no\nMatch Address 2001:db8::/32,127.1\nPermitRootLogin no\n",
        &[],
    ),
    (
        '=',
        "GSSAPIAuthentication yes\nKerberosAuthentication yes\nHostbasedAuthentication yes\nIgnoreRhosts shosts-only\n",
        &[],
    ),
    (
        '=',
        "Match User root\nGSSAPIAuthentication yes\nKerberosAuthentication yes\n\
         HostbasedAuthentication yes\nIgnoreRhosts no\n\
         TrustedUserCAKeys /ca\nAuthorizedPrincipalsFile p\nAuthorizedKeysFile a b\nAuthenticationMethods publickey\n\
         PubkeyAuthentication yes\nPermitEmptyPasswords yes\nKbdInteractiveAuthentication no\n\
         AuthorizedKeysCommand /x y\nAuthorizedKeysCommandUser z\nAuthorizedPrincipalsCommand none\n",
        &[],
    ),
    (
        '=',
        "AllowUsers root git@10.* *@host\nAllowUsers x\nDenyUsers a\nAllowGroups b c\nDenyGroups d\n",
        &[],
    ),
    (
        '=',
        "Match User root\nAllowUsers only\nMatch User r*\nAllowUsers more\nMatch User x\nAllowUsers no\n",
        &[],
    ),
    (
        '=',
        "PasswordAuthentication no\nMatch all\nPasswordAuthentication yes\nUsePAM no\n",
        &[],
    ),
    ('=', "Match all\nUsePAM yes\nUseDNS yes\nPort 23\n", &[]),
    ('=', "UsePAM no\nMatch all # all\nUsePAM yes\n", &[]),
    (
        '=',
        "Match User root\nPasswordAuthentication no\nMatch User r*,!x\nPasswordAuthentication yes\n",
        &[],
    ),
    ('=', "Match User=root\nPermitRootLogin yes\n", &[]),
    (
        '=',
        "Match User \"root\" Address \"10.0.0.0/8\" # c\nPermitRootLogin yes\n",
        &[],
    ),
    ('=', "Match user ROOT\nPermitRootLogin yes\n", &[]),
    (
        '=',
        "Match Group root,daemon\nPasswordAuthentication no\nMatch Group *,!nogroup\nPermitRootLogin yes\n",
        &[],
    ),
];

/// Those that sshd refuses.
const REFUSED: &[Case] = &[
    ('!', "PasswordAuthentication\n", &[]),
    ('!', "PasswordAuthentication \"\"\n", &[]),
    ('!', "PasswordAuthentication maybe\n", &[]),
    ('!', "PasswordAuthentication yes no\n", &[]),
    ('!', "PasswordAuthentication yes\"\n", &[]),
    ('!', "PasswordAuthentication # yes\n", &[]),
    ('!', "PasswordAuthentication true\n", &[]),
    ('!', "NoSuchKeyword yes\n", &[]),
    ('!', "NoSuchKeyword\n", &[]),
    ('!', "\x0c\n", &[]),
    ('!', "Match User nobody-here\nUsePAM yes\n", &[]),
    (
        '!',
        "Match User nobody-here\nPasswordAuthentication maybe\n",
        &[],
    ),
    ('!', "Match\n", &[]),
    ('!', "Match # x\n", &[]),
    ('!', "Match User\n", &[]),
    ('!', "Match exec /bin/true\n", &[]),
    ('!', "Match canonical\n", &[]),
    ('!', "Match final all\n", &[]),
    ('!', "Match all User x\n", &[]),
    ('!', "Match User x all\n", &[]),
    ('!', "Match Address 10.0.0.1/8\n", &[]),
    ('!', "Match Address 10.0.0.0/33\n", &[]),
    ('!', "Match Address ,\n", &[]),
    ('!', "Match LocalPort nine\n", &[]),
    ('!', "Match User \"x\n", &[]),
    ('!', "Match User 'x\n", &[]),
    ('!', "Port 0\n", &[]),
    ('!', "Port 65536\n", &[]),
    ('!', "ListenAddress 127.0.0.1:\n", &[]),
    ('!', "AuthorizedKeysFile a \"\"\n", &[]),
    ('!', "AuthorizedKeysCommand keys\n", &[]),
    ('!', "AuthorizedKeysCommand /bin/keys\n", &[]),
    ('!', "AuthorizedPrincipalsCommand /bin/keys\n", &[]),
    (
        '!',
        "AuthorizedPrincipalsCommand  \"/bin/p\" %u\nAuthorizedPrincipalsCommandUser x\n",
        &[],
    ),
    ('!', "AuthenticationMethods magic\n", &[]),
    ('!', "ListenAddress 127.0.0.1/22\n", &[]),
    ('!', "ListenAddress [::1]22\n", &[]),
    ('!', "ListenAddress 127.0.0.1 rdomain\n", &[]),
    ('!', "AuthenticationMethods any password\n", &[]),
    ('!', "AuthenticationMethods hostbased\n", &[]),
    ('!', "AllowUsers a@10.0.0.1/8\n", &[]),
    ('!', "AllowGroups \"\"\n", &[]),
    ('!', "AddressFamily both\n", &[]),
    ('!', "Include\n", &[]),
    ('!', "Include \"\"\n", &[]),
    ('!', "Include $F/sshd_config\n", &[]),
    (
        '!',
        "Include $F/a\n",
        &[("a", "Match User x\nInclude $F/b\n"), ("b", "Port 23\n")],
    ),
];

const INCLUDES: &[Case] = &[
    ('=', "Match Group \"root\"=\nPermitRootLogin yes\n", &[]),
    ('!', "Match Group \"root\"= User root\n", &[]),
    (
        '=',
        "AllowUsers #\nAllowGroups # x\nAuthorizedKeysFile #x\n",
        &[],
    ),
    (
        '!',
        "AuthenticationMethods publickey\nMatch User nobody-here\nAuthenticationMethods any\n",
        &[],
    ),
    (
        '=',
        "Include $F/folder\n",
        &[("folder/x", "PermitRootLogin no\n")],
    ),
    (
        '=',
        "Include $F/none-*.conf $F/none\nPermitRootLogin no\n",
        &[],
    ),
    (
        '=',
        "Include $F/d/*.conf\nPasswordAuthentication no\nUsePAM no\n",
        &[
            ("d/10.conf", "PasswordAuthentication yes\n"),
            ("d/9.conf", "UsePAM yes\n"),
            ("d/A.conf", "PermitRootLogin no\n"),
            ("d/a.conf", "PermitRootLogin yes\n"),
            ("d/.hidden.conf", "PubkeyAuthentication no\n"),
            ("d/x.conf~", "PubkeyAuthentication no\n"),
        ],
    ),
    (
        '=',
        "Match User root\nInclude $F/in\nIgnoreRhosts no\n",
        &[("in", "Match all\n")],
    ),
    (
        '=',
        "Match User root\nInclude $F/in $F/in2\nPermitEmptyPasswords yes\n",
        &[
            (
                "in",
                "PasswordAuthentication no\nMatch Address 10.0.0.0/8\nPermitRootLogin no\n",
            ),
            ("in2", "KbdInteractiveAuthentication no\n"),
        ],
    ),
    (
        '=',
        "Include $F/in\nPasswordAuthentication no\n",
        &[
            (
                "in",
                "Match User nobody\nPasswordAuthentication yes\nInclude $F/in2\n",
            ),
            (
                "in2",
                "Match LocalPort 2222\nPermitRootLogin no\nMatch all\nPubkeyAuthentication no\n",
            ),
        ],
    ),
    (
        '=',
        "Match all\nInclude $F/in\n",
        &[(
            "in",
            "UsePAM yes\nMatch all\nUseDNS yes\nMatch User root\nPasswordAuthentication no\n",
        )],
    ),
    (
        '=',
        "Include \"$F/with space\" '$F/[xy]*'\n",
        &[
            ("with space", "UsePAM yes\n"),
            ("xa", "UseDNS yes\n"),
            ("za", "PermitRootLogin no\n"),
        ],
    ),
    (
        '=',
        "Include ~/nothing\nInclude $F/in\nInclude $F/in\n",
        &[("in", "AllowUsers a\n")],
    ),
];

#[test]
fn both_read_the_corpus_alike() {
    let Some(sshd) = &*INSTALLED else { return };
    let mut wrong = Vec::new();
    for (expected, main, files) in CASES.iter().chain(REFUSED).chain(INCLUDES) {
        let folder = Folder::new();
        folder.write("sshd_config", main);
        for (name, text) in *files {
            folder.write(name, text);
        }
        let expected = match expected {
            '=' => Outcome::Equal,
            _ => Outcome::Refused,
        };
        match sshd.compare(&folder, &contexts(), &[]) {
            Ok(outcome) if outcome == expected => {}
            Ok(outcome) => wrong.push(format!("{main:?}: {outcome:?}")),
            Err(error) => wrong.push(format!("{main:?}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn options_beat_files_and_matches_beat_options() {
    let Some(sshd) = &*INSTALLED else { return };
    let folder = Folder::new();
    folder.write(
        "sshd_config",
        "PasswordAuthentication yes\nPort 22\nUsePAM yes\nMatch User root\nKbdInteractiveAuthentication yes\n",
    );
    for options in [
        &[
            "-o",
            "PasswordAuthentication=no",
            "-oKbdInteractiveAuthentication no",
        ][..],
        &["-p", "2222", "-p23", "-4"],
        &["-6", "-oPort=24"],
        &["-o", "UsePAM no", "-o", "UsePAM yes"],
    ] {
        assert_eq!(
            sshd.compare(&folder, &contexts(), options),
            Ok(Outcome::Equal),
            "{options:?}"
        );
    }
    for options in [
        &["-oMatch all"][..],
        &["-oInclude /x"],
        &["-oNoSuch yes"],
        &["-oUsePAM"],
    ] {
        assert_eq!(
            sshd.compare(&folder, &contexts(), options),
            Ok(Outcome::Refused),
            "{options:?}"
        );
    }
}
