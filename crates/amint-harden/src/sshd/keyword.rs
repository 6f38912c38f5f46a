//! The keywords of sshd's configuration.
//!
//! Source: sshd_config(5) of OpenSSH 8.0 to 10.0, of Debian 12, Ubuntu 22.04 and 24.04, and of RHEL 8 and 9.

/// What a keyword takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// One of these words, in any case.
    Choice(&'static [&'static str]),
    /// A port; lines add up.
    Port,
    /// An address to listen at; lines add up.
    Listen,
    /// One path, `none` for none.
    Path,
    /// One path; lines add up.
    Paths,
    /// One word.
    Word,
    /// The rest of the line, an absolute path first, or `none`.
    Command,
    /// One or more words.
    Words,
    /// One or more lists of methods.
    Methods,
    /// One or more patterns of users; lines add up.
    Users,
    /// One or more patterns; lines add up.
    Groups,
    /// Not one that a rule needs: its value is not looked at.
    Other,
}

/// One keyword.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyword {
    /// Its name in lower case, that of the keyword that it is an alias of.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Whether it may stand under `Match`.
    pub(super) conditional: bool,
}

const FLAG: Kind = Kind::Choice(&["yes", "no"]);
const ROOT: Kind = Kind::Choice(&[
    "no",
    "yes",
    "prohibit-password",
    "without-password",
    "forced-commands-only",
]);

/// Those that rules need: name, kind, whether it may stand under `Match`.
const KEYWORDS: &[(&str, Kind, bool)] = &[
    (
        "addressfamily",
        Kind::Choice(&["any", "inet", "inet6"]),
        false,
    ),
    ("allowgroups", Kind::Groups, true),
    ("allowusers", Kind::Users, true),
    ("authenticationmethods", Kind::Methods, true),
    ("authorizedkeyscommand", Kind::Command, true),
    ("authorizedkeyscommanduser", Kind::Word, true),
    ("authorizedkeysfile", Kind::Words, true),
    ("authorizedprincipalscommand", Kind::Command, true),
    ("authorizedprincipalscommanduser", Kind::Word, true),
    ("authorizedprincipalsfile", Kind::Word, true),
    ("challengeresponseauthentication", FLAG, true),
    ("denygroups", Kind::Groups, true),
    ("denyusers", Kind::Users, true),
    ("gssapiauthentication", FLAG, true),
    ("hostbasedauthentication", FLAG, true),
    ("hostkey", Kind::Paths, false),
    (
        "ignorerhosts",
        Kind::Choice(&["yes", "no", "shosts-only"]),
        true,
    ),
    ("kbdinteractiveauthentication", FLAG, true),
    ("kerberosauthentication", FLAG, true),
    ("kerberosorlocalpasswd", FLAG, false),
    ("listenaddress", Kind::Listen, false),
    ("passwordauthentication", FLAG, true),
    ("permitemptypasswords", FLAG, true),
    ("permitrootlogin", ROOT, true),
    ("port", Kind::Port, false),
    ("pubkeyauthentication", FLAG, true),
    ("trustedusercakeys", Kind::Path, true),
    ("usedns", FLAG, false),
    ("usepam", FLAG, false),
];

/// Other names: the alias, what it stands for, whether it may stand under `Match`.
const ALIASES: &[(&str, &str, bool)] = &[
    ("dsaauthentication", "pubkeyauthentication", false),
    ("hostdsakey", "hostkey", false),
    (
        "skeyauthentication",
        "challengeresponseauthentication",
        true,
    ),
];

/// Those that no rule needs and that may stand under `Match`.
const CONDITIONAL: &[&str] = &[
    "acceptenv",
    "allowagentforwarding",
    "allowstreamlocalforwarding",
    "allowtcpforwarding",
    "authorizedkeysfile2",
    "banner",
    "casignaturealgorithms",
    "channeltimeout",
    "chrootdirectory",
    "clientalivecountmax",
    "clientaliveinterval",
    "disableforwarding",
    "exposeauthinfo",
    "forcecommand",
    "gatewayports",
    "gssapienablek5users",
    "hostbasedacceptedalgorithms",
    "hostbasedacceptedkeytypes",
    "hostbasedusesnamefrompacketonly",
    "include",
    "ipqos",
    "kerberosusekuserok",
    "loglevel",
    "logverbose",
    "match",
    "maxauthtries",
    "maxsessions",
    "permitlisten",
    "permitopen",
    "permittty",
    "permittunnel",
    "permituserrc",
    "pubkeyacceptedalgorithms",
    "pubkeyacceptedkeytypes",
    "pubkeyauthoptions",
    "rdomain",
    "refuseconnection",
    "rekeylimit",
    "requiredrsasize",
    "revokedkeys",
    "rhostsrsaauthentication",
    "rsaauthentication",
    "rsaminsize",
    "setenv",
    "streamlocalbindmask",
    "streamlocalbindunlink",
    "subsystem",
    "unusedconnectiontimeout",
    "x11displayoffset",
    "x11forwarding",
    "x11maxdisplays",
    "x11uselocalhost",
];

/// Those that no rule needs and that may not.
const GENERAL: &[&str] = &[
    "afstokenpassing",
    "checkmail",
    "ciphers",
    "compression",
    "debianbanner",
    "fingerprinthash",
    "gssapicleanupcredentials",
    "gssapicleanupcreds",
    "gssapikexalgorithms",
    "gssapikeyexchange",
    "gssapistorecredentialsonrekey",
    "gssapistrictacceptorcheck",
    "gssapiusesessioncredcache",
    "gssusesessionccache",
    "hostcertificate",
    "hostkeyagent",
    "hostkeyalgorithms",
    "ignoreuserknownhosts",
    "keepalive",
    "kerberosgetafstoken",
    "kerberostgtpassing",
    "kerberosticketcleanup",
    "kerberosuniqueccache",
    "kexalgorithms",
    "keyregenerationinterval",
    "logingracetime",
    "macs",
    "maxstartups",
    "modulifile",
    "pamauthenticationviakbdint",
    "permitblacklistedkeys",
    "permituserenvironment",
    "persourcemaxstartups",
    "persourcenetblocksize",
    "persourcepenalties",
    "persourcepenaltyexemptlist",
    "pidfile",
    "printlastlog",
    "printmotd",
    "protocol",
    "reversemappingcheck",
    "rhostsauthentication",
    "securitykeyprovider",
    "serverkeybits",
    "sshdauthpath",
    "sshdsessionpath",
    "strictmodes",
    "syslogfacility",
    "tcpkeepalive",
    "uselogin",
    "useprivilegeseparation",
    "verifyreversemapping",
    "versionaddendum",
    "xauthlocation",
];

/// The keyword of this name, in lower case; `None` for one that no OpenSSH of the sources has.
pub(super) fn find(name: &str) -> Option<Keyword> {
    if let Some((_, target, conditional)) = ALIASES.iter().find(|alias| alias.0 == name) {
        let target = find(target)?;
        return Some(Keyword {
            conditional: *conditional,
            ..target
        });
    }
    if let Some((name, kind, conditional)) = KEYWORDS.iter().find(|keyword| keyword.0 == name) {
        return Some(Keyword {
            name,
            kind: *kind,
            conditional: *conditional,
        });
    }
    let other = |names: &[&'static str], conditional| {
        let name = names.iter().find(|other| **other == name)?;
        Some(Keyword {
            name,
            kind: Kind::Other,
            conditional,
        })
    };
    other(CONDITIONAL, true).or_else(|| other(GENERAL, false))
}

impl Kind {
    /// Whether lines add up; of the others the first one wins.
    pub(super) fn adds_up(self) -> bool {
        matches!(
            self,
            Kind::Port | Kind::Listen | Kind::Paths | Kind::Users | Kind::Groups
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{ALIASES, CONDITIONAL, GENERAL, KEYWORDS, find};

    #[test]
    fn every_name_is_there_once() {
        let known = KEYWORDS.iter().map(|keyword| keyword.0);
        let aliases = ALIASES.iter().map(|alias| alias.0);
        let others = CONDITIONAL.iter().chain(GENERAL).copied();
        let mut names: Vec<&str> = known.chain(aliases).chain(others).collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|one, other| one < other));
        assert!(names.iter().all(|name| find(name).is_some()));
        assert!(find("UsePAM").is_none() && find("").is_none());
    }
}
