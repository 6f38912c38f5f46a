//! How a disk starts sshd, and what sshd then does: all that rules ask about.

use std::net::IpAddr;

use amint_inspect::{Tree, TreeError};

use super::address;
use super::build::Build;
use super::config::{Config, Problem, Setting};
use super::context::Context;
use super::options::Options;
use super::service::Services;

/// sshd as a disk has it: every command line that starts it, with the configuration that it reads.
#[derive(Debug)]
pub struct Server {
    configs: Vec<Config>,
    services: Services,
}

/// Where SSH can be reached.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// The address or host name, as it is written; empty for all addresses.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The file that says so; that of the configuration for a default.
    pub file: String,
}

impl Endpoint {
    /// Whether only the machine itself can reach it.
    pub fn is_local(&self) -> bool {
        match address::parse(&self.host) {
            Some(IpAddr::V4(address)) => address.is_loopback(),
            Some(IpAddr::V6(address)) => address.is_loopback(),
            None => ["localhost", "ip6-localhost"].contains(&self.host.as_str()),
        }
    }
}

impl Server {
    /// Reads the units that start sshd and the configurations that they name; the usual one where no unit starts it.
    /// `None` when there is no configuration.
    ///
    /// # Errors
    /// When the file system is damaged there, or the files are larger than any that are meant to be read.
    pub fn read(tree: &dyn Tree) -> Result<Option<Self>, TreeError> {
        let build = Build::read(tree)?;
        let mut services = Services::read(tree)?;
        let mut configs = Vec::new();
        let mut all = std::mem::take(&mut services.options);
        if all.is_empty() {
            all.push(Options::default());
        }
        let mut seen: Vec<Options> = Vec::new();
        for options in all {
            if !seen.contains(&options) {
                configs.extend(Config::read(tree, &options, build)?);
                seen.push(options);
            }
        }
        Ok((!configs.is_empty()).then_some(Self { configs, services }))
    }

    /// The configuration of each command line.
    pub fn configs(&self) -> &[Config] {
        &self.configs
    }

    /// Every value that is in force for some connection, but for defaults: see [`Config::in_force`].
    pub fn in_force<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Setting> {
        self.configs
            .iter()
            .flat_map(move |config| config.in_force(keyword))
    }

    /// Every line with this keyword, for those that add up rather than override (`HostKey`).
    pub fn all<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Setting> {
        self.configs
            .iter()
            .flat_map(move |config| config.all(keyword))
    }

    /// The lines that sshd refuses, and those whose effect cannot be known.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.configs.iter().flat_map(Config::problems)
    }

    /// Where it listens: at systemd's sockets, where they are there for it.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let own = |config: &Config| {
            let context = Context::default();
            let settings = config.resolve(&context);
            let named = ["listenaddress", "port"].map(|keyword| settings.get(keyword).lines);
            let file = named
                .iter()
                .flatten()
                .next()
                .map_or(config.file(), |line| &line.file)
                .to_owned();
            let is_default = named.iter().all(Vec::is_empty);
            let listens = settings.listens().into_iter();
            let endpoints: Vec<Endpoint> = listens
                .map(|(host, port)| Endpoint {
                    host,
                    port,
                    file: file.clone(),
                })
                .collect();
            (endpoints, is_default)
        };
        let from_configs: Vec<_> = self.configs.iter().map(own).collect();
        let is_default = from_configs.iter().all(|(_, is_default)| *is_default);
        match &self.services.sockets {
            Some(sockets) if !self.services.generated || is_default => sockets
                .iter()
                .filter_map(|socket| {
                    let (host, port) = stream(&socket.value)?;
                    Some(Endpoint {
                        host,
                        port,
                        file: socket.file.clone(),
                    })
                })
                .collect(),
            _ => from_configs
                .into_iter()
                .flat_map(|(endpoints, _)| endpoints)
                .collect(),
        }
    }

    /// The unit that keeps sshd from being started, or where one would be enabled; `None` where something starts it, or
    /// where the disk has no unit of it at all.
    pub fn not_started(&self) -> Option<&str> {
        let unit = self.services.units.first()?;
        let masked = self.services.units.iter().find(|unit| unit.masked);
        (!self.services.enabled).then_some(masked.unwrap_or(unit).file.as_str())
    }
}

/// A `ListenStream` of the Internet: a port, or an address with one.
fn stream(value: &str) -> Option<(String, u16)> {
    match value.rsplit_once(':') {
        None => Some((String::new(), value.parse().ok()?)),
        Some((host, port)) => {
            let host = host.trim_matches(['[', ']']);
            let any = ["0.0.0.0", "::"].contains(&host);
            let host = if any { "" } else { host };
            Some((host.to_owned(), port.parse().ok()?))
        }
    }
}
