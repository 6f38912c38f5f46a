//! External programs: found before they are needed, named when they are missing.

use std::path::PathBuf;
use std::process::Stdio;

use amint_cloud::{CloudError, ErrorKind};
use tokio::process::Command;

/// The machine emulator.
pub(crate) const QEMU: &str = "qemu-system-x86_64";

/// Limits a machine's time.
pub(crate) const TIMEOUT: &str = "timeout";

/// Lets a process end with the one that started it.
pub(crate) const SETPRIV: &str = "setpriv";

/// A program and the Debian package that brings it.
struct Program {
    name: &'static str,
    package: &'static str,
}

const MACHINE: &[Program] = &[
    Program {
        name: QEMU,
        package: "qemu-system-x86",
    },
    Program {
        name: TIMEOUT,
        package: "coreutils",
    },
    Program {
        name: SETPRIV,
        package: "util-linux",
    },
];

const DEBIAN: &[Program] = &[
    Program {
        name: "mmdebstrap",
        package: "mmdebstrap",
    },
    Program {
        name: "mke2fs",
        package: "e2fsprogs",
    },
    Program {
        name: "newuidmap",
        package: "uidmap",
    },
    Program {
        name: "unshare",
        package: "util-linux",
    },
    Program {
        name: SETPRIV,
        package: "util-linux",
    },
];

const CONVERT: &[Program] = &[Program {
    name: "qemu-img",
    package: "qemu-utils",
}];

/// Checks that machines can be started here.
pub(crate) fn require_machine() -> Result<(), CloudError> {
    require(MACHINE)
}

/// Checks that a Debian base can be made here.
pub(crate) fn require_debian() -> Result<(), CloudError> {
    require(DEBIAN)
}

/// Checks that disk images can be converted here.
pub(crate) fn require_convert() -> Result<(), CloudError> {
    require(CONVERT)
}

/// Names every program that is missing, and one command that installs them all.
fn require(programs: &[Program]) -> Result<(), CloudError> {
    let missing: Vec<&Program> = programs
        .iter()
        .filter(|program| find(program.name).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = missing
        .iter()
        .map(|program| format!("`{}`", program.name))
        .collect();
    let mut packages: Vec<&str> = missing.iter().map(|program| program.package).collect();
    packages.dedup();
    let verb = if names.len() == 1 { "is" } else { "are" };
    Err(CloudError::new(
        ErrorKind::Prerequisite,
        format!("{} {verb} not installed", names.join(", ")),
    )
    .hint(format!(
        "on Debian or Ubuntu: sudo apt-get install {}",
        packages.join(" ")
    )))
}

/// Where a program is; system folders count even when an ordinary user's PATH leaves them out.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if path.is_empty() {
        return None;
    }
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A command for a program that [`require`] found, with no input and its output captured.
pub(crate) fn command(name: &str) -> Command {
    let mut command = Command::new(find(name).unwrap_or_else(|| PathBuf::from(name)));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a command to its end and returns what it printed to stdout.
pub(crate) async fn run(name: &str, arguments: &[&std::ffi::OsStr]) -> Result<String, CloudError> {
    let output = command(name)
        .args(arguments)
        .output()
        .await
        .map_err(|error| CloudError::other(format!("cannot start `{name}`")).caused_by(error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(CloudError::other(format!(
            "`{name}` failed ({}): {}",
            output.status,
            said.trim().lines().last().unwrap_or("it said nothing")
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
