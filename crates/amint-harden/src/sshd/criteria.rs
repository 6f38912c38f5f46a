//! `Match` lines: for which connections the lines below them hold.

use super::address;
use super::context::Context;
use super::parse::token;
use super::pattern::{self, Match};
use super::value;

/// One criterion of a `Match`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Criterion {
    All,
    User(String),
    Group(String),
    Host(String),
    Address(String),
    LocalAddress(String),
    LocalPort(u16),
    RoutingDomain(String),
    /// OpenSSH 9.9 and later.
    InvalidUser,
    /// One whose outcome cannot be known.
    Unknown,
}

/// Why a `Match` line says nothing that can be relied on.
#[derive(Debug, thiserror::Error)]
pub(super) enum CriteriaError {
    #[error("\"Match {0}\" depends on what a program answers")]
    Program(String),
    #[error("\"Match {0}\" is a criterion that sshd refuses, or one that amint does not know")]
    Unknown(String),
    #[error("a Match needs criteria")]
    Empty,
    #[error("Match {0} needs a value")]
    NoValue(String),
    #[error("Match all stands alone")]
    AllAndMore,
    #[error("a list of addresses that sshd refuses")]
    Addresses,
    #[error("no port")]
    Port,
}

/// The criteria of a `Match` line, from what follows the keyword.
pub(super) fn parse(rest: &str) -> Result<Vec<Criterion>, CriteriaError> {
    let mut found = Vec::new();
    let mut rest = rest;
    while !rest.is_empty() {
        // sshd stops at a quote that is never closed, which it refuses elsewhere unless other quotes are around it.
        let Some((attribute, after)) = token(rest) else {
            break;
        };
        if attribute.is_empty() && !after.is_empty() {
            // Something is left over.
            return Err(CriteriaError::Unknown(rest.to_owned()));
        }
        if attribute.is_empty() {
            break;
        }
        if attribute.starts_with('#') {
            break;
        }
        let attribute = attribute.to_ascii_lowercase();
        if attribute == "all" {
            let next = token(after).map(|(next, _)| next).unwrap_or_default();
            if !found.is_empty() || !(next.is_empty() || next.starts_with('#')) {
                return Err(CriteriaError::AllAndMore);
            }
            found.push(Criterion::All);
            break;
        }
        if attribute == "invalid-user" {
            found.push(Criterion::InvalidUser);
            rest = after;
            continue;
        }
        let value = token(after).filter(|(value, _)| !value.is_empty() && !value.starts_with('#'));
        let Some((value, after)) = value else {
            return Err(CriteriaError::NoValue(attribute));
        };
        found.push(criterion(&attribute, value)?);
        rest = after;
    }
    if found.is_empty() {
        return Err(CriteriaError::Empty);
    }
    Ok(found)
}

fn criterion(attribute: &str, value: String) -> Result<Criterion, CriteriaError> {
    let addresses = |value: String| match address::is_valid(&value) {
        true => Ok(value),
        false => Err(CriteriaError::Addresses),
    };
    Ok(match attribute {
        "user" => Criterion::User(value),
        "group" => Criterion::Group(value),
        "host" => Criterion::Host(value),
        "address" => Criterion::Address(addresses(value)?),
        "localaddress" => Criterion::LocalAddress(addresses(value)?),
        "localport" => Criterion::LocalPort(value::port(&value).ok_or(CriteriaError::Port)?),
        "rdomain" => Criterion::RoutingDomain(value),
        "exec" => return Err(CriteriaError::Program(format!("{attribute} {value}"))),
        _ => return Err(CriteriaError::Unknown(attribute.to_owned())),
    })
}

impl Criterion {
    /// Whether the connection meets it. What cannot be known is not met.
    pub(super) fn is_met(&self, context: &Context) -> bool {
        let found = match self {
            Criterion::All => return true,
            Criterion::InvalidUser => return context.invalid_user,
            Criterion::Unknown => return false,
            Criterion::LocalPort(port) => return *port == context.local_port,
            Criterion::Group(groups) => return in_groups(groups, &context.groups),
            Criterion::User(users) => pattern::list(&context.user, users, false),
            Criterion::Host(hosts) => {
                pattern::list(&context.host.to_ascii_lowercase(), hosts, true)
            }
            Criterion::RoutingDomain(domains) => {
                pattern::list(&context.routing_domain, domains, false)
            }
            Criterion::Address(list) => address::list(&context.address, list).unwrap_or(Match::No),
            Criterion::LocalAddress(list) => {
                address::list(&context.local_address, list).unwrap_or(Match::No)
            }
        };
        found == Match::Yes
    }
}

/// Whether one of the account's groups matches and none is ruled out.
fn in_groups(list: &str, groups: &[String]) -> bool {
    let found = groups.iter().map(|group| pattern::list(group, list, false));
    let mut met = false;
    for one in found {
        match one {
            Match::Negated => return false,
            Match::Yes => met = true,
            Match::No => {}
        }
    }
    met
}

#[cfg(test)]
mod tests {
    use super::{Context, Criterion, parse};

    fn holds(rest: &str, context: &Context) -> bool {
        let criteria = parse(rest).unwrap_or_else(|error| panic!("{rest}: {error}"));
        criteria.iter().all(|criterion| criterion.is_met(context))
    }

    #[test]
    fn every_criterion_must_be_met() {
        let context = Context {
            user: "git".to_owned(),
            groups: vec!["git".to_owned(), "staff".to_owned()],
            host: "Build.example.com".to_owned(),
            address: "10.1.2.3".to_owned(),
            local_address: "10.0.0.1".to_owned(),
            local_port: 2222,
            ..Context::default()
        };
        for met in [
            "all",
            "ALL # comment",
            "User git",
            "user=git Host *.EXAMPLE.com",
            "User \"git\" # Group none",
            "Group staff Address 10.0.0.0/8,!10.2.0.0/16",
            "LocalAddress 10.0.0.1 LocalPort 2222",
        ] {
            assert!(holds(met, &context), "{met}");
        }
        for unmet in [
            "User Git",
            "Group *,!staff",
            "User git Host *.org",
            "LocalPort 22",
            "RDomain ?",
            "Invalid-User",
        ] {
            assert!(!holds(unmet, &context), "{unmet}");
        }
    }

    #[test]
    fn what_sshd_refuses_is_refused() {
        for refused in [
            "",
            "# x",
            "User",
            "User # x",
            "User git all",
            "all User git",
            "Address 10.0.0.1/8",
            "LocalPort zero",
            "exec /bin/true",
            "canonical",
            "Final all",
            "User \"git\"= Host x",
        ] {
            assert!(parse(refused).is_err(), "{refused}");
        }
        assert_eq!(parse("all").ok(), Some(vec![Criterion::All]));
    }
}
