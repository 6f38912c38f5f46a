//! A builder whose process was killed, gone on with by another one.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use amint_cloud::{
    BuilderId, BuilderState, CaptureRequest, Cloud, CommandState, ErrorKind, ImageSpec, OnPowerOff,
    ResourceKind,
};
use serde_json::json;

use crate::errand::{self, SLOW};
use crate::support::{
    PATIENCE, Place, owner, reboot, release, request, run, start, wait_online, wait_rebooted,
    wait_state, write_record,
};

/// Waits until the machine has ended while nobody watched it.
async fn wait_ended(place: &Place) {
    place.wait_quiet(Instant::now() + PATIENCE).await;
}

/// The seconds that `timeout` gives each machine.
fn limits(place: &Place) -> Vec<u64> {
    let lines = place.processes().into_iter();
    lines
        .filter(|line| line[0].ends_with("timeout"))
        .map(|line| line[3].parse().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_builder_goes_on_in_another_process() {
    let place = Place::new();
    errand::leave(&place, "a1", "online slow");
    let builder = BuilderId("a1".into());

    // What another process may know before it takes over.
    let cloud = place.cloud();
    let state = cloud.builder_state(&builder).await.unwrap();
    assert_eq!(state, BuilderState::Running);
    let error = cloud.agent_online(&builder).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Gone);
    let before = limits(&place);

    // Half a question to the guest's agent, by a process that was killed in the middle of it.
    let agent = place.options.runtime_dir.join("a1/qga.sock");
    let mut stream = UnixStream::connect(&agent).unwrap();
    let half = r#"{"execute":"guest-exec","arguments":{"path":"/bin/sh","input-data":"AAAA"#;
    stream.write_all(half.as_bytes()).unwrap();
    drop(stream);

    assert_eq!(cloud.adopt(&builder).await.unwrap(), BuilderState::Running);
    assert_eq!(cloud.adopt(&builder).await.unwrap(), BuilderState::Running);
    wait_online(&cloud, &builder).await;
    let command = start(&cloud, &builder, "slow", SLOW).await;
    while cloud.command_state(&builder, &command).await.unwrap() == CommandState::Running {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let state = cloud.command_state(&builder, &command).await.unwrap();
    assert_eq!(state, CommandState::Finished { exit_code: 0 });
    let output = cloud.command_output(&builder, &command, 0).await.unwrap();
    assert_eq!(output.bytes, b"begin\nend\n");
    let (_, count) = run(&cloud, &builder, "count", "cat /run/count").await;
    assert_eq!(count, "x\n");

    // A launch that is asked for again finds it, with a time that stays what it was.
    let mut owner = owner("a1");
    owner.expires += Duration::from_secs(36_000);
    let again = request(&cloud, owner.clone(), false).await;
    assert_eq!(cloud.launch(&again, &|_| ()).await.unwrap(), builder);
    reboot(&cloud, &builder).await;
    let after = limits(&place);
    assert!(before.len() == 1 && after.len() == 1 && after < before);

    // The seal's power-off, and what comes after it in processes of their own.
    let set = cloud.set_on_power_off(&builder, OnPowerOff::Stop);
    set.await.unwrap();
    let off = "sync; systemd-run --collect sh -c 'mount -o remount,ro /; poweroff -ff'";
    start(&cloud, &builder, "off", off).await;
    wait_state(&cloud, &builder, BuilderState::Stopped).await;
    drop(cloud);

    let capture = CaptureRequest {
        owner,
        builder: builder.clone(),
        image: ImageSpec::default(),
    };
    let image = place.cloud().capture(&capture).await.unwrap();
    assert_eq!(place.cloud().capture(&capture).await.unwrap(), image);
    let found = place.cloud().owned(None).await.unwrap();
    let kinds: Vec<_> = found.iter().map(|owned| owned.resource.kind).collect();
    assert_eq!(kinds, [ResourceKind::Builder, ResourceKind::Image]);
    assert_eq!(place.cloud().disks(&image).await.unwrap().len(), 1);

    let published = place.cloud().publish(&image).await.unwrap();
    assert_eq!(place.cloud().publish(&image).await.unwrap(), published);
    let cloud = place.cloud();
    release(&cloud, "a1", ResourceKind::Builder).await;
    release(&cloud, "a1", ResourceKind::Image).await;
    assert_eq!(place.cloud().publish(&image).await.unwrap(), published);
    assert_eq!(place.left(), ["image.raw"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_builder_that_powered_off_unwatched_is_stopped_or_gone() {
    let place = Place::new();
    errand::leave(&place, "a2", "online off");
    wait_ended(&place).await;
    let (cloud, builder) = (place.cloud(), BuilderId("a2".into()));
    let state = cloud.builder_state(&builder).await.unwrap();
    assert_eq!(state, BuilderState::Terminated);
    let state = cloud.adopt(&builder).await.unwrap();
    assert_eq!(state, BuilderState::Terminated);
    assert!(!place.options.output_dir.join(".amint-a2").exists());
    assert!(!cloud.console(&builder).await.unwrap().is_empty());
    release(&cloud, "a2", ResourceKind::Builder).await;
    assert_eq!(place.left(), Vec::<String>::new());

    errand::leave(&place, "a3", "online stop off");
    wait_ended(&place).await;
    let (cloud, builder) = (place.cloud(), BuilderId("a3".into()));
    assert_eq!(cloud.adopt(&builder).await.unwrap(), BuilderState::Stopped);
    let capture = CaptureRequest {
        owner: owner("a3"),
        builder: builder.clone(),
        image: ImageSpec::default(),
    };
    cloud.capture(&capture).await.unwrap();
    release(&cloud, "a3", ResourceKind::Builder).await;
    let state = place.cloud().builder_state(&builder).await.unwrap();
    assert_eq!(state, BuilderState::Terminated);
    let found = place.cloud().owned(Some("a3")).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].resource.kind, ResourceKind::Image);
    release(&place.cloud(), "a3", ResourceKind::Image).await;
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reboot_that_nobody_watched_is_gone_on_with() {
    let place = Place::new();
    errand::leave(&place, "a4", "online reboot");
    wait_ended(&place).await;
    let builder = BuilderId("a4".into());
    let state = place.cloud().builder_state(&builder).await.unwrap();
    assert_eq!(state, BuilderState::Running);
    // As a process of its own, which then ends in order and takes the machine along.
    let (cloud, taken) = (place.cloud(), builder.clone());
    let other = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            assert_eq!(cloud.adopt(&taken).await.unwrap(), BuilderState::Running);
            wait_rebooted(&cloud, &taken, "").await;
        });
    });
    other.join().unwrap();

    // That was no reboot, and no power-off.
    wait_ended(&place).await;
    let state = place.cloud().adopt(&builder).await.unwrap();
    assert_eq!(state, BuilderState::Terminated);
    release(&place.cloud(), "a4", ResourceKind::Builder).await;
    assert_eq!(place.left(), Vec::<String>::new());
}

/// A socket is there a moment before anybody listens on it.
fn is_listened_on(socket: &Path) -> bool {
    const ACCEPTS: &str = " 00010000 ";
    let sockets = std::fs::read_to_string("/proc/net/unix").unwrap();
    let (path, mut lines) = (socket.to_str().unwrap(), sockets.lines());
    lines.any(|line| line.ends_with(path) && line.contains(ACCEPTS))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_was_restarted_and_not_let_run_is_let_run() {
    let place = Place::new();
    write_record(&place, "a5", |record| {
        record["rebooting"] = json!(true);
        record["machine"] = json!({
            "accelerator": "tcg", "vcpus": 1, "memory_mib": 64, "boot": "firmware",
        });
    });
    let runtime = place.options.runtime_dir.join("a5");
    std::fs::create_dir_all(&runtime).unwrap();
    let pid = runtime.join("qemu.pid");
    let monitor = runtime.join("qmp.sock");
    let mut qemu = tokio::process::Command::new("qemu-system-x86_64")
        .args("-S -nodefaults -no-user-config -display none -accel tcg -m 64 -pidfile".split(' '))
        .arg(&pid)
        .args("-netdev user,id=net -device virtio-net-pci,netdev=net,id=nic,romfile=".split(' '))
        .args(["-mon", "chardev=monitor,mode=control", "-chardev"])
        .arg(format!(
            "socket,id=monitor,path={},server=on,wait=off",
            monitor.display()
        ))
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    while !is_listened_on(&monitor) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (cloud, builder) = (place.cloud(), BuilderId("a5".into()));
    assert_eq!(cloud.adopt(&builder).await.unwrap(), BuilderState::Running);
    let record = std::fs::read_to_string(place.record("a5")).unwrap();
    assert!(record.contains("\"rebooting\": false"), "{record}");
    release(&cloud, "a5", ResourceKind::Builder).await;
    assert!(!qemu.wait().await.unwrap().success());
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_launched_is_gone() {
    let place = Place::new();
    let cloud = place.cloud();
    for build in ["nobody", "../out", "", "a/b"] {
        let builder = BuilderId(build.into());
        let state = cloud.adopt(&builder).await.unwrap();
        assert_eq!(state, BuilderState::Terminated);
        assert_eq!(cloud.resources(build).await.unwrap(), []);
        release(&cloud, build, ResourceKind::Builder).await;
    }
    assert!(Path::new(&place.options.cache_dir).exists());
}
