//! A machine from its launch to its end, in one process.

use std::path::Path;
use std::time::Duration;

use amint_cloud::{
    BuilderState, CaptureRequest, Cloud, CommandRequest, FileUpload, ImageSpec, OnPowerOff,
    ResourceKind,
};
use amint_local::LocalCloud;

use crate::support::{Place, launch, owner, reboot, release, run, wait_state};

#[tokio::test(flavor = "multi_thread")]
async fn a_builder_lives_and_leaves_nothing() {
    let place = Place::new();
    let cloud = place.cloud();
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
        release(&cloud, "b1", kind).await;
    }
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reboot_brings_it_back_and_a_power_off_ends_it() {
    let place = Place::new();
    let cloud = place.cloud();
    let builder = launch(&cloud, "b2", true).await;
    reboot(&cloud, &builder).await;

    // The dead man's switch: a power-off before the seal takes the disk with it.
    let off = CommandRequest {
        build: "b1".into(),
        token: "off".into(),
        script: "systemctl --no-block poweroff --force --force".into(),
        timeout: Duration::from_secs(60),
    };
    cloud.start_command(&builder, &off).await.unwrap();
    wait_state(&cloud, &builder, BuilderState::Terminated).await;
    release(&cloud, "b2", ResourceKind::Builder).await;
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn releasing_a_running_builder_ends_its_process() {
    let place = Place::new();
    let cloud = place.cloud();
    let builder = launch(&cloud, "b3", false).await;
    let pid = place.pid("b3");
    release(&cloud, "b3", ResourceKind::Builder).await;
    assert!(!Path::new("/proc").join(&pid).exists());
    assert_eq!(
        cloud.builder_state(&builder).await.unwrap(),
        BuilderState::Terminated
    );
    assert_eq!(place.left(), Vec::<String>::new());
}
