//! Both readings of one configuration, compared.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use amint_harden::accounts::Accounts;
use amint_harden::sshd::{Build, Config, Context, Options, Settings, path};

use super::folder::Folder;

const SSHD: &str = "/usr/sbin/sshd";

/// The keywords that are compared.
const KEYWORDS: &[&str] = &[
    "addressfamily",
    "allowgroups",
    "allowusers",
    "authenticationmethods",
    "authorizedkeyscommand",
    "authorizedkeyscommanduser",
    "authorizedkeysfile",
    "authorizedprincipalscommand",
    "authorizedprincipalscommanduser",
    "authorizedprincipalsfile",
    "denygroups",
    "denyusers",
    "gssapiauthentication",
    "hostbasedauthentication",
    "hostkey",
    "ignorerhosts",
    "kbdinteractiveauthentication",
    "kerberosauthentication",
    "kerberosorlocalpasswd",
    "passwordauthentication",
    "permitemptypasswords",
    "permitrootlogin",
    "port",
    "pubkeyauthentication",
    "trustedusercakeys",
    "usedns",
    "usepam",
];

/// The installed sshd, where it can be asked: its version and a host key, without which it says nothing.
#[expect(clippy::print_stdout)] // Said plainly, with --nocapture.
pub(crate) static INSTALLED: LazyLock<Option<Installed>> = LazyLock::new(|| {
    let installed = Installed::find();
    if installed.is_none() {
        println!("skipped: no sshd here (package openssh-server), or not root and no /run/sshd");
    }
    installed
});

pub(crate) struct Installed {
    build: Build,
    keys: Folder,
}

impl Installed {
    fn find() -> Option<Self> {
        let version = Command::new(SSHD).arg("-V").output().ok()?;
        let version = String::from_utf8(version.stderr).ok()?;
        let (major, rest) = version.strip_prefix("OpenSSH_")?.split_once('.')?;
        let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let build = Build::of_version(major.parse().ok()?, minor.parse().ok()?);
        // The folder that sshd wants for itself; only root can make it.
        if !Path::new("/run/sshd").is_dir() {
            std::fs::create_dir("/run/sshd").ok()?;
        }
        let keys = Folder::new();
        let key = keys.path("key");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(&key)
            .status();
        made.is_ok_and(|status| status.success())
            .then_some(Self { build, keys })
    }

    /// What sshd says; `None` with its reason where it refuses the configuration.
    fn ask(&self, folder: &Folder, context: &Context, extra: &[&str]) -> Result<String, String> {
        let Context {
            user,
            host,
            address,
            local_address,
            local_port,
            routing_domain,
            ..
        } = context;
        let spec = format!(
            "user={user},host={host},addr={address},laddr={local_address},lport={local_port},rdomain={routing_domain}"
        );
        let output = Command::new(SSHD)
            .arg("-T")
            .args(extra)
            .arg("-h")
            .arg(self.keys.path("key"))
            .arg("-f")
            .arg(folder.path("sshd_config"))
            .arg("-C")
            .arg(spec)
            .current_dir("/")
            .output()
            .expect("sshd");
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    /// Compares both readings; what differs, in words.
    pub(crate) fn compare(
        &self,
        folder: &Folder,
        contexts: &[Context],
        extra: &[&str],
    ) -> Result<Outcome, String> {
        let key = self.keys.path("key").display().to_string();
        let file = folder.path("sshd_config").display().to_string();
        let words = extra.iter().copied().chain(["-h", &key, "-f", &file]);
        let options = Options::parse(words, "command line", 0);
        let config = Config::read(folder, &options, self.build);
        let config = config.map_err(|error| error.to_string())?.expect("a file");
        let refused = !config.problems().is_empty();
        for context in contexts {
            let said = match (self.ask(folder, context, extra), refused) {
                (Err(_), true) => return Ok(Outcome::Refused),
                (Ok(_), true) => {
                    return Err(format!("accepted, but amint says {:?}", config.problems()));
                }
                (Err(reason), false) => return Err(format!("refused, but not by amint: {reason}")),
                (Ok(said), false) => said,
            };
            let settings = config.resolve(context);
            listens_alike(&settings, &said)?;
            for keyword in KEYWORDS {
                let theirs: Vec<String> = said
                    .split('\n')
                    .filter_map(|line| line.strip_prefix(keyword)?.strip_prefix(' '))
                    .map(|value| one_slash(keyword, value))
                    .collect();
                let ours = printed(&settings, keyword);
                if ours != theirs {
                    return Err(format!(
                        "{keyword} for {context:?}: {ours:?}, sshd {theirs:?}"
                    ));
                }
            }
        }
        Ok(Outcome::Equal)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Equal,
    Refused,
}

/// sshd leaves several slashes at a path's start as they are, and puts one more before a relative path.
fn one_slash(keyword: &str, value: &str) -> String {
    let is_path = ["trustedusercakeys", "hostkey"].contains(&keyword);
    match value.trim_start_matches('/') {
        rest if is_path && rest.len() < value.len() => format!("/{rest}"),
        _ => value.to_owned(),
    }
}

/// Compares where both listen, whatever the order.
fn listens_alike(settings: &Settings<'_>, said: &str) -> Result<(), String> {
    let family = settings.get("addressfamily");
    let all: &[&str] = match family.first() {
        "inet" => &["0.0.0.0"],
        "inet6" => &["::"],
        _ => &["0.0.0.0", "::"],
    };
    let mut ours = BTreeSet::new();
    for (host, port) in settings.listens() {
        let hosts = match host.as_str() {
            "" => all.to_vec(),
            host => vec![host],
        };
        for host in hosts {
            let host: IpAddr = host.parse().expect("a numeric address");
            ours.insert(SocketAddr::new(host, port).to_string());
        }
    }
    let theirs = said
        .lines()
        .filter_map(|line| line.strip_prefix("listenaddress "));
    let theirs: BTreeSet<String> = theirs.map(str::to_owned).collect();
    match ours == theirs {
        true => Ok(()),
        false => Err(format!("listens at {ours:?}, sshd at {theirs:?}")),
    }
}

/// The lines that sshd prints for a value.
fn printed(settings: &Settings<'_>, keyword: &str) -> Vec<String> {
    let accounts = Accounts::default();
    let values = settings.get(keyword).arguments;
    let expanded = |value: &String| path::without_tilde(value, &accounts).expect("a home");
    match keyword {
        "permitrootlogin" => vec![values[0].replace("prohibit-password", "without-password")],
        "authorizedkeysfile" => {
            let files: Vec<String> = values.iter().map(expanded).collect();
            match files.as_slice() {
                [none] if none == "none" => vec!["none".to_owned()],
                files => vec![files.join(" ")],
            }
        }
        "port" => {
            let number = |value: &String| match value.trim_start() {
                "ssh" => "22".to_owned(),
                number => number.trim_start_matches(['+', '0']).to_owned(),
            };
            values.iter().map(number).collect()
        }
        "authenticationmethods" => vec![values.join(" ")],
        "trustedusercakeys" | "hostkey" => {
            let path = |value: &String| {
                path::absolute(value, &accounts).unwrap_or_else(|| "none".to_owned())
            };
            values.iter().map(path).collect()
        }
        "authorizedprincipalsfile" => values.iter().map(expanded).collect(),
        _ => values,
    }
}

/// Connections of accounts that this machine has, and of one that it has not.
pub(crate) fn contexts() -> Vec<Context> {
    let connection =
        |user: &str, host: &str, address: &str, local_address: &str, local_port| Context {
            user: user.to_owned(),
            groups: groups(user),
            host: host.to_owned(),
            address: address.to_owned(),
            local_address: local_address.to_owned(),
            local_port,
            routing_domain: String::new(),
            invalid_user: false,
        };
    vec![
        connection("root", "build.example.com", "10.1.2.3", "10.0.0.1", 22),
        connection("nobody", "10.0.0.7", "10.0.0.7", "127.0.0.1", 2222),
        connection("daemon", "six.example.com", "2001:db8::1", "::1", 22),
        connection("nosuch", "UPPER.example.com", "192.168.7.9", "10.0.0.1", 22),
    ]
}

fn groups(user: &str) -> Vec<String> {
    let output = Command::new("id").args(["-Gn", user]).output().expect("id");
    let names = String::from_utf8(output.stdout).expect("UTF-8");
    names.split_whitespace().map(str::to_owned).collect()
}
