//! What a machine is, as a QEMU command line.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files::hex;

/// What executes the guest's instructions.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Accelerator {
    /// The processor itself.
    Kvm,
    /// QEMU's translator.
    Tcg,
}

/// How the machine finds its kernel.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Boot {
    /// QEMU loads it: no boot loader on the disk is needed.
    Direct {
        /// The kernel.
        kernel: PathBuf,
        /// Its initial RAM disk.
        initrd: Option<PathBuf>,
        /// The root file system as the kernel names it (`/dev/vda1`).
        root: String,
    },
    /// The firmware starts the disk's own boot loader.
    Firmware,
}

/// A machine, apart from where its files are.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct MachineSpec {
    /// What executes it.
    pub(crate) accelerator: Accelerator,
    /// Virtual CPUs.
    pub(crate) vcpus: u32,
    /// Memory, MiB.
    pub(crate) memory_mib: u32,
    /// How it boots.
    pub(crate) boot: Boot,
}

/// Where one machine's files are.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    /// Sockets, process id, console.
    pub(crate) runtime: PathBuf,
    /// The raw disk.
    pub(crate) disk: PathBuf,
}

impl Paths {
    pub(crate) fn monitor(&self) -> PathBuf {
        self.runtime.join("qmp.sock")
    }

    pub(crate) fn agent(&self) -> PathBuf {
        self.runtime.join("qga.sock")
    }

    pub(crate) fn console(&self) -> PathBuf {
        self.runtime.join("console.sock")
    }

    pub(crate) fn console_log(&self) -> PathBuf {
        self.runtime.join("console.log")
    }

    pub(crate) fn pid(&self) -> PathBuf {
        self.runtime.join("qemu.pid")
    }

    pub(crate) fn said(&self) -> PathBuf {
        self.runtime.join("qemu.log")
    }
}

impl MachineSpec {
    /// The command line. The machine starts paused, so that its links are set before it runs.
    ///
    /// The device list is part of every saved state: the network card is there even when the
    /// recipe wants no network (its link is cut instead), and so are the generation id and the
    /// random-number device, which make a continued guest reseed its generators.
    pub(crate) fn arguments(&self, paths: &Paths) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut option = |name: &str, value: String| {
            arguments.push(format!("-{name}"));
            arguments.push(value);
        };
        let (accelerator, cpu) = match self.accelerator {
            Accelerator::Kvm => ("kvm", "host"),
            Accelerator::Tcg => ("tcg,thread=multi", "max"),
        };
        option("accel", accelerator.into());
        option("cpu", cpu.into());
        option("machine", "q35,usb=off,vmport=off".into());
        option("smp", self.vcpus.to_string());
        option("m", self.memory_mib.to_string());
        option("display", "none".into());
        option("rtc", "base=utc".into());
        option("name", "amint-builder".into());
        option(
            "chardev",
            socket("console", &paths.console(), Some(&paths.console_log())),
        );
        option("serial", "chardev:console".into());
        option("chardev", socket("monitor", &paths.monitor(), None));
        option("mon", "chardev=monitor,mode=control".into());
        option("pidfile", paths.pid().display().to_string());
        // A builder's disk is worthless after a crash of this computer, so its flushes go no further
        // than the page cache. What the guest frees becomes a hole.
        let disk = serde_json::json!({
            "driver": "raw",
            "node-name": "disk",
            "discard": "unmap",
            "detect-zeroes": "unmap",
            "cache": { "no-flush": true, "direct": false },
            "file": { "driver": "file", "filename": paths.disk },
        });
        option("blockdev", disk.to_string());
        option(
            "device",
            "virtio-blk-pci,drive=disk,id=vda,discard=on,bootindex=1".into(),
        );
        option("netdev", "user,id=net".into());
        option(
            "device",
            "virtio-net-pci,netdev=net,id=nic,mac=52:54:00:61:6d:69,romfile=".into(),
        );
        option("device", "virtio-serial-pci,id=serial".into());
        option("chardev", socket("agent", &paths.agent(), None));
        option(
            "device",
            "virtserialport,chardev=agent,name=org.qemu.guest_agent.0".into(),
        );
        option("device", "virtio-rng-pci,id=rng".into());
        option("device", "vmgenid,guid=auto,id=generation".into());
        if let Boot::Direct {
            kernel,
            initrd,
            root,
        } = &self.boot
        {
            option("kernel", kernel.display().to_string());
            if let Some(initrd) = initrd {
                option("initrd", initrd.display().to_string());
            }
            option(
                "append",
                format!("root={root} ro console=ttyS0 quiet panic=-1"),
            );
        }
        arguments.extend(["-nodefaults", "-no-user-config", "-no-reboot", "-S"].map(String::from));
        arguments
    }

    /// A digest of all that a saved state of this machine depends on.
    pub(crate) fn key(&self, qemu_version: &str, disk_digest: &str, host_cpu: &str) -> String {
        let nowhere = Paths {
            runtime: PathBuf::new(),
            disk: PathBuf::new(),
        };
        let mut shape = self.clone();
        if let Boot::Direct { kernel, initrd, .. } = &mut shape.boot {
            // They come with the disk, wherever the cache is.
            *kernel = PathBuf::new();
            *initrd = initrd.as_ref().map(|_| PathBuf::new());
        }
        let mut hasher = Sha256::new();
        let shape = (shape.arguments(&nowhere), qemu_version, disk_digest);
        hasher.update(format!("{shape:?}"));
        if self.accelerator == Accelerator::Kvm {
            hasher.update(host_cpu);
        }
        hex(&hasher.finalize())[..32].to_owned()
    }
}

fn socket(id: &str, path: &Path, log: Option<&Path>) -> String {
    let mut option = format!(
        "socket,id={id},path={},server=on,wait=off",
        escape(&path.display().to_string())
    );
    if let Some(log) = log {
        option.push_str(&format!(
            ",logfile={},logappend=on",
            escape(&log.display().to_string())
        ));
    }
    option
}

/// QEMU reads a comma in an option's value as the end of the value unless it is doubled.
fn escape(value: &str) -> String {
    value.replace(',', ",,")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> MachineSpec {
        MachineSpec {
            accelerator: Accelerator::Tcg,
            vcpus: 2,
            memory_mib: 1024,
            boot: Boot::Direct {
                kernel: "/cache/vmlinuz".into(),
                initrd: None,
                root: "/dev/vda1".into(),
            },
        }
    }

    #[test]
    fn the_key_follows_all_that_shapes_the_machine_and_nothing_else() {
        let key = spec().key("10.0", "disk", "cpu");
        assert_eq!(
            key,
            spec().key("10.0", "disk", "another cpu, which emulation does not see")
        );
        let mut moved = spec();
        if let Boot::Direct { kernel, .. } = &mut moved.boot {
            *kernel = "/another/cache/vmlinuz".into();
        }
        assert_eq!(key, moved.key("10.0", "disk", "cpu"));
        let mut wider = spec();
        wider.vcpus = 4;
        let mut larger = spec();
        larger.memory_mib = 2048;
        let mut hardware = spec();
        hardware.accelerator = Accelerator::Kvm;
        let mut firmware = spec();
        firmware.boot = Boot::Firmware;
        let others = [
            wider.key("10.0", "disk", "cpu"),
            larger.key("10.0", "disk", "cpu"),
            hardware.key("10.0", "disk", "cpu"),
            hardware.key("10.0", "disk", "another cpu"),
            firmware.key("10.0", "disk", "cpu"),
            spec().key("7.2", "disk", "cpu"),
            spec().key("10.0", "another disk", "cpu"),
        ];
        for (index, other) in others.iter().enumerate() {
            assert_ne!(&key, other, "variation {index}");
        }
    }

    #[test]
    fn a_comma_in_a_path_stays_in_the_path() {
        let paths = Paths {
            runtime: "/run/a,b".into(),
            disk: "/out/d,e".into(),
        };
        let line = spec().arguments(&paths).join(" ");
        assert!(line.contains("path=/run/a,,b/qmp.sock,"), "{line}");
        assert!(line.contains(r#""filename":"/out/d,e""#), "{line}");
    }
}
