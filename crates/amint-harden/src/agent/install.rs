//! How an agent gets onto the builder.

use crate::shell::quote;

/// A user-data script for cloud-init that installs the SSM agent from `package_url` (`.deb` or `.rpm`) and
/// starts it. Where there is an agent already, it does nothing.
///
/// `sha256` is the package's digest (hex); a package with another one is not installed. The script tries for
/// five minutes to download it, and as long each to install and to start it, because networks and package
/// managers may be busy at a first boot; when it gives up, its last line on the console says why.
pub fn install_user_data(package_url: &str, sha256: &str) -> String {
    format!(
        "#!/bin/sh\n\
         # Installs the SSM agent, where there is none.\n\
         url={}\n\
         sha256={}\n\
         {}",
        quote(package_url),
        quote(&sha256.to_ascii_lowercase()),
        include_str!("install.sh"),
    )
}

#[cfg(test)]
mod tests {
    use super::install_user_data;

    #[test]
    fn arguments_are_words_whatever_they_hold() {
        let script = install_user_data("https://example.com/a b'c.deb?x=$(id)", "AB'12");
        assert!(script.starts_with("#!/bin/sh\n"));
        assert!(script.contains("\nurl='https://example.com/a b'\\''c.deb?x=$(id)'\n"));
        assert!(script.contains("\nsha256='ab'\\''12'\n"));
    }
}
