//! The values that sshd uses for one connection, and which lines decided them.

use super::config::{Config, Setting};
use super::context::Context;
use super::keyword::{self, Kind};
use super::pattern::{self, Match};
use super::{address, value};

/// What sshd uses for one connection.
#[derive(Debug)]
pub struct Settings<'a> {
    config: &'a Config,
    /// Whether each block's lines hold: its criteria are met, and those of the blocks around it.
    holds: Vec<bool>,
}

/// One keyword's value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Value<'a> {
    /// As sshd would print it: words of a fixed set in lower case, `prohibit-password` by this name.
    pub arguments: Vec<String>,
    /// The lines that decided it; none when it is the default.
    pub lines: Vec<&'a Setting>,
}

impl Value<'_> {
    /// The first argument; empty when there is none.
    pub fn first(&self) -> &str {
        self.arguments
            .first()
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// Whether it is `yes`.
    pub fn is_on(&self) -> bool {
        self.first() == "yes"
    }
}

impl<'a> Settings<'a> {
    pub(super) fn of(config: &'a Config, context: &Context) -> Self {
        let mut holds: Vec<bool> = Vec::with_capacity(config.blocks.len());
        for block in &config.blocks {
            let outer = block
                .outer
                .is_none_or(|outer| holds.get(outer) == Some(&true));
            let own = || {
                block
                    .criteria
                    .iter()
                    .all(|criterion| criterion.is_met(context))
            };
            holds.push(outer && own());
        }
        Self { config, holds }
    }

    /// Where no `Match` holds but `Match all`.
    pub(super) fn general(config: &'a Config) -> Self {
        let blocks = 0..config.blocks.len();
        let holds = blocks.map(|block| config.is_general(Some(block))).collect();
        Self { config, holds }
    }

    /// The value of a keyword, given in lower case. Empty for a keyword that no rule needs.
    ///
    /// What holds under a `Match` beats what stands outside of any; of either the first line wins, or all add up.
    pub fn get(&self, keyword: &str) -> Value<'a> {
        let name = self.config.build.name(keyword);
        let kind = keyword::find(name).map_or(Kind::Other, |keyword| keyword.kind);
        let conditional = keyword::find(name).is_some_and(|keyword| keyword.conditional);
        let all = || {
            self.config
                .settings
                .iter()
                .filter(|setting| setting.keyword == name)
        };
        let held = |setting: &&Setting| {
            setting
                .block
                .is_some_and(|block| self.holds.get(block) == Some(&true))
        };
        let mut lines: Vec<&Setting> = match conditional {
            true => all().filter(held).collect(),
            false => Vec::new(),
        };
        if lines.is_empty() {
            lines = all()
                .filter(|setting| self.config.is_general(setting.block))
                .collect();
        }
        if !kind.adds_up() {
            lines.truncate(1);
        }
        let arguments = match lines.is_empty() {
            true => self.config.build.default(name),
            false => lines
                .iter()
                .flat_map(|line| normal(kind, &line.arguments))
                .collect(),
        };
        Value { arguments, lines }
    }

    /// Whether sshd asks for passwords by way of keyboard-interactive logins. Before OpenSSH 8.7 either of two keywords
    /// turns them on.
    pub fn keyboard_interactive(&self) -> bool {
        [
            "kbdinteractiveauthentication",
            "challengeresponseauthentication",
        ]
        .iter()
        .any(|keyword| self.get(keyword).is_on())
    }

    /// Whether `AllowUsers`, `DenyUsers`, `AllowGroups` and `DenyGroups` let this connection's account in, and the line
    /// that does not.
    pub fn admits(&self, context: &Context) -> Result<(), Option<&'a Setting>> {
        let users = |keyword| {
            let value = self.get(keyword);
            let hit = value
                .arguments
                .iter()
                .any(|pattern| is_user(context, pattern));
            (value, hit)
        };
        let groups = |keyword| {
            let value = self.get(keyword);
            let one = |pattern: &String| {
                context
                    .groups
                    .iter()
                    .any(|group| pattern::matches(group, pattern))
            };
            let hit = value.arguments.iter().any(one);
            (value, hit)
        };
        for (value, hit) in [users("denyusers"), groups("denygroups")] {
            if hit {
                return Err(value.lines.first().copied());
            }
        }
        for (value, hit) in [users("allowusers"), groups("allowgroups")] {
            if !value.arguments.is_empty() && !hit {
                return Err(value.lines.first().copied());
            }
        }
        Ok(())
    }

    /// Where sshd listens when nobody hands it a socket: host and port, an empty host for all addresses.
    pub fn listens(&self) -> Vec<(String, u16)> {
        let ports: Vec<u16> = self
            .get("port")
            .arguments
            .iter()
            .filter_map(|port| value::port(port))
            .collect();
        let addresses = self.get("listenaddress");
        let mut found = Vec::new();
        for line in &addresses.lines {
            match value::listen(&line.arguments) {
                Some((host, Some(port))) => found.push((host, port)),
                Some((host, None)) => found.extend(ports.iter().map(|port| (host.clone(), *port))),
                None => {}
            }
        }
        if addresses.lines.is_empty() {
            found.extend(ports.iter().map(|port| (String::new(), *port)));
        }
        found
    }

    /// Whether some list of `AuthenticationMethods` names only methods that are on.
    pub(super) fn can_authenticate(&self) -> bool {
        let methods = self.get("authenticationmethods");
        let is_on = |method: &str| match method.split(':').next().unwrap_or_default() {
            "none" => true,
            "publickey" => self.get("pubkeyauthentication").is_on(),
            "password" => self.get("passwordauthentication").is_on(),
            "keyboard-interactive" => self.keyboard_interactive(),
            "hostbased" => self.get("hostbasedauthentication").is_on(),
            _ => self.get("gssapiauthentication").is_on(),
        };
        methods.first() == "any"
            || methods
                .arguments
                .iter()
                .any(|list| list.split(',').all(is_on))
    }
}

/// Whether a pattern of `AllowUsers` names the connection's account and, after an `@`, its host or address.
fn is_user(context: &Context, pattern: &str) -> bool {
    let Some((user, hosts)) = pattern.rsplit_once('@') else {
        return pattern::matches(&context.user, pattern);
    };
    if !pattern::matches(&context.user, user) {
        return false;
    }
    let by_address = address::list(&context.address, hosts).unwrap_or(Match::Negated);
    let by_host = pattern::list(&context.host.to_ascii_lowercase(), hosts, true);
    by_address != Match::Negated
        && by_host != Match::Negated
        && (by_address == Match::Yes || by_host == Match::Yes)
}

fn normal(kind: Kind, arguments: &[String]) -> Vec<String> {
    let one = |argument: &String| match kind {
        Kind::Choice(_) => match argument.to_ascii_lowercase().as_str() {
            "without-password" => "prohibit-password".to_owned(),
            lower => lower.to_owned(),
        },
        _ => argument.clone(),
    };
    // sshd reads one argument of most kinds, and refuses a line with more.
    let most = match kind {
        Kind::Users | Kind::Groups | Kind::Words | Kind::Methods | Kind::Listen => usize::MAX,
        _ => 1,
    };
    arguments.iter().take(most).map(one).collect()
}
