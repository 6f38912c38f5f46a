//! One connection, as far as sshd's configuration tells connections apart.

/// Who connects from where to where.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Context {
    /// The account that is asked for.
    pub user: String,
    /// The names of its groups. None when there is no such account.
    pub groups: Vec<String>,
    /// The client's host name; its address where `UseDNS` is off.
    pub host: String,
    /// The client's address.
    pub address: String,
    /// The address that it connected to.
    pub local_address: String,
    /// The port that it connected to.
    pub local_port: u16,
    /// The routing domain that it came in by.
    pub routing_domain: String,
    /// Whether there is no such account.
    pub invalid_user: bool,
}
