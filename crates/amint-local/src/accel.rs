//! Whether KVM works here. `/dev/kvm` opening proves little: on some hosts (nested ones above all) a
//! guest then hangs or dies, so a kernel is booted far enough to say that it has no root file system.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;
use tracing::debug;

use crate::base::Progress;
use crate::cache::Cache;
use crate::files::write_atomically;
use crate::machine::{Accelerator, Limit};
use crate::program::{self, QEMU};

/// A kernel gets there in about a second where KVM works.
const PATIENCE: Duration = Duration::from_secs(6);

/// What was found out, and for which boot of this computer and which QEMU.
#[derive(Deserialize, PartialEq, Serialize)]
struct Probed {
    host_boot: String,
    qemu: String,
    accelerator: Accelerator,
}

/// KVM where a kernel runs under it, emulation otherwise. Remembered until this computer restarts.
pub(crate) async fn choose(
    cache: &Cache,
    qemu_version: &str,
    kernel: Option<&Path>,
    progress: Progress<'_>,
) -> Accelerator {
    let opened = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/kvm");
    let (Ok(_), Some(kernel)) = (opened, kernel) else {
        return Accelerator::Tcg;
    };
    let host_boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let file = cache.file("accelerator.json");
    let known: Option<Probed> = std::fs::read(&file)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok());
    if let Some(known) = known
        && known.host_boot == host_boot
        && known.qemu == qemu_version
    {
        return known.accelerator;
    }
    progress("trying whether KVM works here");
    let accelerator = if runs_under_kvm(kernel).await {
        Accelerator::Kvm
    } else {
        progress("KVM opens but a guest does not run under it; emulating instead (slower)");
        Accelerator::Tcg
    };
    let probed = Probed {
        host_boot,
        qemu: qemu_version.to_owned(),
        accelerator,
    };
    if let Ok(text) = serde_json::to_vec(&probed)
        && let Err(error) = write_atomically(&file, &text)
    {
        debug!(%error, "cannot remember whether KVM works");
    }
    accelerator
}

async fn runs_under_kvm(kernel: &Path) -> bool {
    let Some(qemu) = program::find(QEMU) else {
        return false;
    };
    // A guest that hangs would run on when this process is killed.
    let Ok(mut command) = Limit::mortal(2 * PATIENCE).command(&qemu) else {
        return false;
    };
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .args("-accel kvm -cpu host -machine q35 -m 256 -nodefaults -no-user-config".split(' '))
        .args("-display none -no-reboot -serial stdio".split(' '))
        .args(["-append", "console=ttyS0 panic=-1", "-kernel"])
        .arg(kernel)
        .spawn();
    let Ok(mut child) = child else { return false };
    let Some(mut stdout) = child.stdout.take() else {
        return false;
    };
    let listen = async {
        let mut said = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stdout.read(&mut buffer).await {
            said.extend_from_slice(&buffer[..length]);
            if said.windows(12).any(|window| window == b"Kernel panic") {
                return true;
            }
        }
        false
    };
    let runs = tokio::time::timeout(PATIENCE, listen)
        .await
        .unwrap_or(false);
    if let Err(error) = child.kill().await {
        debug!(%error, "cannot end the KVM probe");
    }
    runs
}
