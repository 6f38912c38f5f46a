//! A real machine: made, started, asked, rebooted, powered off, captured, released.
//!
//! The base image and the saved machine are kept in the build folder, so that only the first run pays
//! for them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and tells what it waits for"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use amint_cloud::{
    BaseQuery, BuilderId, BuilderState, CaptureRequest, Cloud, CommandRequest, CommandState,
    FileUpload, ImageSpec, LaunchRequest, Machine, OnPowerOff, Owner, Placement, Resource,
    ResourceKind, VirtualMachine,
};
use amint_local::{LocalCloud, LocalOptions};

const PATIENCE: Duration = Duration::from_secs(300);

struct Place {
    folder: tempfile::TempDir,
    options: LocalOptions,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = std::env::var_os("AMINT_TEST_CACHE").map_or_else(
            || Path::new(env!("CARGO_TARGET_TMPDIR")).join("amint"),
            PathBuf::from,
        );
        let options = LocalOptions {
            cache_dir: cache,
            runtime_dir: folder.path().join("run"),
            output_dir: folder.path().join("out"),
            cold: false,
            overwrite: false,
        };
        Self { folder, options }
    }

    fn left(&self) -> Vec<String> {
        let mut left = Vec::new();
        for name in ["run", "out"] {
            if let Ok(entries) = std::fs::read_dir(self.folder.path().join(name)) {
                left.extend(entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()));
            }
        }
        left
    }
}

fn owner(build: &str) -> Owner {
    Owner {
        build: build.into(),
        recipe: "test".into(),
        image: "demo".to_owned(),
        expires: jiff::Timestamp::now() + Duration::from_secs(3600),
        tags: BTreeMap::new(),
    }
}

async fn launch(cloud: &LocalCloud, build: &str, network: bool) -> BuilderId {
    cloud.identity().await.unwrap();
    let query = BaseQuery::Debian {
        release: "bookworm".into(),
    };
    let base = cloud
        .find_base(&query, &|note| eprintln!("{note}"))
        .await
        .unwrap();
    let request = LaunchRequest {
        owner: owner(build),
        attempt: 1,
        base,
        machine: Machine::Virtual(VirtualMachine {
            vcpus: 2,
            memory_mib: 1024,
            network,
        }),
        placement: Placement::default(),
        supports: Vec::new(),
    };
    let builder = cloud
        .launch(&request, &|note| eprintln!("{note}"))
        .await
        .unwrap();
    assert_eq!(
        cloud.launch(&request, &|_| ()).await.unwrap(),
        builder,
        "same build, same builder"
    );
    wait_online(cloud, &builder).await;
    builder
}

async fn wait_online(cloud: &LocalCloud, builder: &BuilderId) {
    let deadline = Instant::now() + PATIENCE;
    while !cloud.agent_online(builder).await.unwrap() {
        assert!(
            Instant::now() < deadline,
            "{}",
            cloud.console(builder).await.unwrap()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn run(cloud: &LocalCloud, builder: &BuilderId, token: &str, script: &str) -> (i32, String) {
    let request = CommandRequest {
        build: "b1".into(),
        token: token.into(),
        script: script.into(),
        timeout: Duration::from_secs(60),
    };
    let command = cloud.start_command(builder, &request).await.unwrap();
    let exit_code = loop {
        match cloud.command_state(builder, &command).await.unwrap() {
            CommandState::Finished { exit_code } => break exit_code,
            CommandState::Running => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    let output = cloud.command_output(builder, &command, 0).await.unwrap();
    (exit_code, String::from_utf8(output.bytes).unwrap())
}

async fn wait_state(cloud: &LocalCloud, builder: &BuilderId, wanted: BuilderState) {
    let deadline = Instant::now() + PATIENCE;
    while cloud.builder_state(builder).await.unwrap() != wanted {
        assert!(Instant::now() < deadline, "never became {wanted:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_builder_lives_and_leaves_nothing() {
    let place = Place::new();
    let cloud = LocalCloud::new(place.options.clone());
    let builder = launch(&cloud, "b1", false).await;

    // Commands: output, exit code, and a token that is used twice runs once.
    let (code, output) = run(
        &cloud,
        &builder,
        "t1",
        "echo out; echo err >&2; echo x >>/run/count; exit 3",
    )
    .await;
    assert_eq!((code, output.as_str()), (3, "out\nerr\n"));
    let again = LocalCloud::start_command;
    let request = CommandRequest {
        build: "b1".into(),
        token: "t1".into(),
        script: "echo x >>/run/count".into(),
        timeout: Duration::from_secs(60),
    };
    again(&cloud, &builder, &request).await.unwrap();
    let (_, count) = run(&cloud, &builder, "t2", "cat /run/count").await;
    assert_eq!(count, "x\n");

    // Files: binary, 10 MiB, owner, mode; an unknown owner is named.
    let content: Vec<u8> = (0..10_u32 << 20)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let mut file = FileUpload {
        to: "/opt/product/data.bin".into(),
        owner: Some("games".into()),
        group: None,
        mode: 0o640,
        content,
    };
    cloud.put_file(&builder, &file).await.unwrap();
    let (_, output) = run(
        &cloud,
        &builder,
        "t3",
        "stat -c '%U %G %a %s' /opt/product/data.bin; sha256sum </opt/product/data.bin",
    )
    .await;
    let digest: String = {
        use sha2::Digest;
        sha2::Sha256::digest(&file.content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    assert_eq!(output, format!("games games 640 10485760\n{digest}  -\n"));
    file.owner = Some("nobody-knows".into());
    file.content = b"x".to_vec();
    let error = cloud.put_file(&builder, &file).await.unwrap_err();
    assert!(
        error.message.contains("no user `nobody-knows`"),
        "{}",
        error.message
    );

    // The clock is right although the machine was saved earlier.
    let (_, now) = run(&cloud, &builder, "t4", "date +%s").await;
    let skew = now.trim().parse::<i64>().unwrap() - jiff::Timestamp::now().as_second();
    assert!(skew.abs() <= 30, "{skew} s");

    // No network was asked for: the link is cut.
    let (_, carrier) = run(
        &cloud,
        &builder,
        "t5",
        "cat /sys/class/net/en*/carrier 2>&1",
    )
    .await;
    assert_ne!(carrier.trim(), "1");

    // It powers itself off; with `Stop` its disk stays.
    cloud
        .set_on_power_off(&builder, OnPowerOff::Stop)
        .await
        .unwrap();
    let off = CommandRequest {
        build: "b1".into(),
        token: "off".into(),
        script: "sync; systemd-run --collect sh -c 'mount -o remount,ro /; poweroff -ff'".into(),
        timeout: Duration::from_secs(60),
    };
    cloud.start_command(&builder, &off).await.unwrap();
    wait_state(&cloud, &builder, BuilderState::Stopped).await;
    assert_eq!(cloud.resources("b1").await.unwrap().len(), 1);

    let capture = CaptureRequest {
        owner: owner("b1"),
        builder: builder.clone(),
        image: ImageSpec::default(),
    };
    let image = cloud.capture(&capture).await.unwrap();
    assert_eq!(
        cloud.capture(&capture).await.unwrap(),
        image,
        "same build, same image"
    );
    let disks = cloud.disks(&image).await.unwrap();
    assert_eq!(disks[0].source.size(), 3 << 30);
    let published = cloud.publish(&image).await.unwrap();
    assert_eq!(published.size, 3 << 30);
    for kind in [
        ResourceKind::Builder,
        ResourceKind::Image,
        ResourceKind::Image,
    ] {
        let resource = Resource {
            build: "b1".into(),
            kind,
            id: "b1".into(),
        };
        cloud.release(&resource).await.unwrap();
    }
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reboot_brings_it_back_and_a_power_off_ends_it() {
    let place = Place::new();
    let cloud = LocalCloud::new(place.options.clone());
    let builder = launch(&cloud, "b2", true).await;
    let (_, before) = run(
        &cloud,
        &builder,
        "t1",
        "cat /proc/sys/kernel/random/boot_id",
    )
    .await;
    cloud.reboot(&builder).await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(
            Instant::now() < deadline,
            "{}",
            cloud.console(&builder).await.unwrap()
        );
        if cloud.agent_online(&builder).await.unwrap() {
            let token = format!(
                "after-{}",
                Instant::now()
                    .duration_since(deadline - PATIENCE)
                    .as_millis()
            );
            let request = CommandRequest {
                build: "b1".into(),
                token,
                script: "cat /proc/sys/kernel/random/boot_id".into(),
                timeout: Duration::from_secs(60),
            };
            if let Ok(command) = cloud.start_command(&builder, &request).await {
                tokio::time::sleep(Duration::from_millis(300)).await;
                if let Ok(output) = cloud.command_output(&builder, &command, 0).await
                    && !output.bytes.is_empty()
                    && output.bytes != before.as_bytes()
                {
                    break;
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    // The dead man's switch: a power-off before the seal takes the disk with it.
    let off = CommandRequest {
        build: "b1".into(),
        token: "off".into(),
        script: "systemctl --no-block poweroff --force --force".into(),
        timeout: Duration::from_secs(60),
    };
    cloud.start_command(&builder, &off).await.unwrap();
    wait_state(&cloud, &builder, BuilderState::Terminated).await;
    let resource = Resource {
        build: "b2".into(),
        kind: ResourceKind::Builder,
        id: "b2".into(),
    };
    cloud.release(&resource).await.unwrap();
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn releasing_a_running_builder_ends_its_process() {
    let place = Place::new();
    let cloud = LocalCloud::new(place.options.clone());
    let builder = launch(&cloud, "b3", false).await;
    let pid = std::fs::read_to_string(place.options.runtime_dir.join("b3/qemu.pid")).unwrap();
    let resource = Resource {
        build: "b3".into(),
        kind: ResourceKind::Builder,
        id: "b3".into(),
    };
    cloud.release(&resource).await.unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists());
    assert_eq!(
        cloud.builder_state(&builder).await.unwrap(),
        BuilderState::Terminated
    );
    assert_eq!(place.left(), Vec::<String>::new());
}
