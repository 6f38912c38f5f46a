//! A root file system other than ext4, as Amazon Linux and the RHEL family have it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use amint_inspect::partition;
use amint_inspect::raw::RawFile;

use crate::mint::search;
use crate::world::{World, shared_cache};

const STEPS: &str = "\
  - shell:
      name: work like a person would
      run: |
        echo 'xfs-trace-history' >/root/.bash_history
        echo 'xfs-trace-log' >/var/log/product.log
        mkdir /opt/xfs-trace-folder
        echo 'xfs-trace-deleted' >/opt/xfs-trace-folder/file
        sync
        rm -r /opt/xfs-trace-folder
        sync
";

fn run(program: &str, arguments: &[&str]) {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap());
    let output = Command::new(program)
        .args(arguments)
        .env("PATH", path)
        .output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {stderr}");
}

/// Mounted until it is dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn new(disk: &Path, point: PathBuf, options: &str) -> Self {
        std::fs::create_dir(&point).unwrap();
        let (disk, at) = (disk.to_str().unwrap(), point.to_str().unwrap());
        run("mount", &["-o", options, disk, at]);
        Self(point)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// The base image, moved to XFS by the kernel.
fn on_xfs(world: &World) -> PathBuf {
    let bases = std::fs::read_dir(shared_cache().join("bases")).unwrap();
    let base = bases
        .map(|entry| entry.unwrap().path().join("disk.raw"))
        .find(|disk| disk.to_str().unwrap().contains("/debian-") && disk.exists())
        .expect("a base image");
    let root = partition::read(&RawFile::open(&base).unwrap())
        .unwrap()
        .partitions[0]
        .extent;
    let disk = world.path("xfs.raw");
    File::create(&disk).unwrap().set_len(3 << 30).unwrap();
    run("mkfs.xfs", &["-q", disk.to_str().unwrap()]);
    let from = format!(
        "loop,ro,noload,offset={},sizelimit={}",
        root.offset, root.length
    );
    let from = Mounted::new(&base, world.path("from"), &from);
    let to = Mounted::new(&disk, world.path("to"), "loop");
    run(
        "cp",
        &[
            "-a",
            &format!("{}/.", from.0.display()),
            to.0.to_str().unwrap(),
        ],
    );
    std::fs::write(to.0.join("etc/fstab"), "/dev/vda / xfs defaults 0 0\n").unwrap();
    disk
}

fn recipe(world: &World, disk: &Path, steps: &str) -> PathBuf {
    let summed = Command::new("sha256sum").arg(disk).output().unwrap();
    let sha256 = &String::from_utf8(summed.stdout).unwrap()[..64];
    let recipe = format!(
        "amint: 1\nname: trial\nversion: 1.0.0\nbase: {{ local: {{ image: {}, sha256: {sha256} }} }}\n\
         builder: {{ network: none }}\nsteps:\n{steps}image: {{ name: trial }}\n",
        disk.display()
    );
    world.write("xfs.yaml", recipe)
}

#[test]
fn an_image_on_xfs_is_minted_scrubbed_and_starts() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can mount");
        return;
    }
    let world = World::new();
    // Makes the base image, unless it is there.
    let made = world.run(&world.recipe("  - shell: { run: 'true' }\n"), &[]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    std::fs::remove_dir_all(world.path("out")).unwrap();

    let disk = on_xfs(&world);
    let built = world.run(&recipe(&world, &disk, STEPS), &["--cold"]);
    assert_eq!(built.rules(), Vec::<&str>::new(), "{}", built.stderr);
    assert_eq!(built.code, 0, "{}", built.stderr);
    world.assert_nothing_left();
    let image = world.path("image.raw");
    std::fs::rename(world.path("out/image.raw"), &image).unwrap();
    std::fs::remove_dir_all(world.path("out")).unwrap();
    assert_eq!(search(&image, &[b"xfs-trace-"]), vec![]);
    run("xfs_repair", &["-n", image.to_str().unwrap()]);

    // It starts, or its steps could not run.
    let again = world.run(
        &recipe(&world, &image, "  - shell: { run: 'test -d /opt' }\n"),
        &["--cold"],
    );
    assert_eq!(again.code, 0, "{}", again.stderr);
}
