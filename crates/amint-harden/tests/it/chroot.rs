//! Runs a script as root with a tree as its root folder, with this machine's programs, which it cannot change.
//!
//! In a mount namespace of its own. Where that is not allowed to ordinary users, tests say so and stop.

use std::os::unix::fs::MetadataExt;
use std::process::{Command, Output};

use crate::support::Image;

/// The programs' folders over those of the tree, read-only; units of the tree's own stay to be seen.
const ENTER: &str = r#"
tree=$1 shell=$2 script=$3
shift 3
cd "$tree"
mkdir -p proc dev run usr tmp
mount -t tmpfs none run
if [ -d usr/lib/systemd/system ]; then
    mkdir run/units
    mount --bind usr/lib/systemd/system run/units
fi
mount --bind /usr usr
mount -o remount,ro,bind usr
for folder in bin sbin lib lib64; do
    if [ -L "/$folder" ]; then
        [ -L "$folder" ] || ln -s "$(readlink "/$folder")" "$folder"
    elif [ -d "/$folder" ]; then
        mkdir -p "$folder"
        mount --bind "/$folder" "$folder"
        mount -o remount,ro,bind "$folder"
    fi
done
if [ -d /etc/alternatives ]; then
    mkdir -p etc/alternatives
    mount --bind /etc/alternatives etc/alternatives
    mount -o remount,ro,bind etc/alternatives
fi
[ ! -d run/units ] || mount --bind run/units usr/lib/systemd/system
mount --rbind /dev dev
mount --rbind /proc proc
exec chroot . "$shell" -c "$script" script "$@"
"#;

/// How the namespace is made: root keeps the owners that files have.
pub(crate) fn namespace() -> &'static str {
    let root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if root { "-m" } else { "-rm" }
}

/// Runs a script over the tree; `None` where this machine does not allow it.
#[expect(clippy::print_stdout, reason = "a test that was skipped should say so")]
pub(crate) fn run(
    image: &Image,
    shell: &[&str],
    script: &str,
    arguments: &[&str],
) -> Option<Output> {
    let probe = "mount --bind /tmp /mnt";
    let allowed = Command::new("unshare")
        .args([namespace(), "sh", "-c", probe])
        .output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        println!("skipped: no namespaces for this user");
        return None;
    }
    // The script's first word is the shell with its options.
    let enter = ENTER.replace("\"$shell\" -c", &format!("{} -c", shell.join(" ")));
    let output = Command::new("unshare")
        .args([namespace(), "sh", "-euc", &enter, "enter"])
        .arg(image.root())
        .args([shell[0], script])
        .args(arguments)
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output()
        .expect("unshare");
    // Where this machine's were.
    let _ = std::fs::remove_dir(image.path("/etc/alternatives"));
    Some(output)
}

/// Runs a script that must succeed without a word on stderr; false where this machine does not allow it.
pub(crate) fn succeed(
    image: &Image,
    shell: &[&str],
    name: &str,
    script: &str,
    arguments: &[&str],
) -> bool {
    let Some(output) = run(image, shell, script, arguments) else {
        return false;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shell:?}: {name}: {stderr}");
    assert_eq!(stderr, "", "{shell:?}: {name}");
    true
}
