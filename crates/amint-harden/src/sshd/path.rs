//! Paths as sshd makes them from what its configuration says.

use crate::accounts::Accounts;

/// A path with `~` for root's home, for sshd reads its configuration as root, and `~name` for an account's. `None` for
/// an account that there is not: sshd then does not start.
pub fn without_tilde(path: &str, accounts: &Accounts) -> Option<String> {
    let Some(rest) = path.strip_prefix('~') else {
        return Some(path.to_owned());
    };
    let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let name = if name.is_empty() { "root" } else { name };
    let home = accounts.users.iter().find(|user| user.name == name);
    let home = match home {
        Some(user) => user.home.as_str(),
        None if name == "root" => "/root",
        None => return None,
    };
    Some(format!("{}/{rest}", home.trim_end_matches('/')))
}

/// A path of a file that sshd opens itself: a relative one counts from `/`, where services run. `None` for `none`,
/// and where [`without_tilde`] has none.
pub fn absolute(path: &str, accounts: &Accounts) -> Option<String> {
    if path.eq_ignore_ascii_case("none") {
        return None;
    }
    let path = without_tilde(path, accounts)?;
    Some(format!("/{}", path.trim_start_matches('/')))
}
