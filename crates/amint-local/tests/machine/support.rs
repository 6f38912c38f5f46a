//! What the tests share: a place of their own, and what one does with a builder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use amint_cloud::{
    BaseQuery, BuilderId, BuilderState, Cloud, CommandId, CommandRequest, CommandState,
    LaunchRequest, Machine, Owner, Placement, Resource, ResourceKind, VirtualMachine,
};
use amint_local::{LocalCloud, LocalOptions};
use serde_json::{Value, json};

pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// Folders of a test's own. Base images and saved machines are shared; records and locks are not, or a sweep would
/// see the builders of other tests.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) options: LocalOptions,
    cache: tempfile::TempDir,
}

/// Whether KVM works is found out by the first test for all: that takes seconds, and a link is replaced, not followed.
impl Drop for Place {
    fn drop(&mut self) {
        let name = "accelerator.json";
        let (own, shared) = (self.cache.path(), self.cache.path().parent());
        if let Some(shared) = shared
            .map(|shared| shared.join(name))
            .filter(|one| !one.exists())
        {
            let _ = std::fs::copy(own.join(name), shared);
        }
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self::without_saved_machines();
        let shared = place.options.cache_dir.join("../warm");
        std::fs::create_dir_all(&shared).unwrap();
        std::os::unix::fs::symlink("../warm", place.options.cache_dir.join("warm")).unwrap();
        place
    }

    pub(crate) fn without_saved_machines() -> Self {
        let shared = std::env::var_os("AMINT_TEST_CACHE").map_or_else(
            || Path::new(env!("CARGO_TARGET_TMPDIR")).join("amint"),
            PathBuf::from,
        );
        std::fs::create_dir_all(shared.join("bases")).unwrap();
        // On the same file system, so that what is made in it can be moved to the shared folders.
        let cache = tempfile::Builder::new()
            .prefix("test-")
            .tempdir_in(shared)
            .unwrap();
        for name in ["bases", "accelerator.json"] {
            let link = cache.path().join(name);
            std::os::unix::fs::symlink(Path::new("..").join(name), link).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let options = LocalOptions {
            cache_dir: cache.path().to_owned(),
            runtime_dir: folder.path().join("run"),
            output_dir: folder.path().join("out"),
            cold: false,
            overwrite: false,
        };
        Self {
            folder,
            options,
            cache,
        }
    }

    /// As another process would have it.
    pub(crate) fn cloud(&self) -> LocalCloud {
        LocalCloud::new(self.options.clone())
    }

    pub(crate) fn record(&self, build: &str) -> PathBuf {
        let records = self.options.cache_dir.join("builders");
        records.join(format!("{build}.json"))
    }

    /// What is left of all builds: folders, records, locks.
    pub(crate) fn left(&self) -> Vec<String> {
        let cache = &self.options.cache_dir;
        let folders = [
            self.folder.path().join("run"),
            self.folder.path().join("out"),
            cache.join("builders"),
            cache.join("locks"),
        ];
        let mut left = Vec::new();
        for folder in folders {
            if let Ok(entries) = std::fs::read_dir(folder) {
                left.extend(entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()));
            }
        }
        left
    }

    /// The command lines of all processes that name the place's folder.
    pub(crate) fn processes(&self) -> Vec<Vec<String>> {
        let ours = self.folder.path().to_str().unwrap();
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        all.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
            .map(|line| String::from_utf8_lossy(&line).into_owned())
            .filter(|line| line.contains(ours))
            .map(|line| line.split('\0').map(str::to_owned).collect())
            .collect()
    }

    /// Waits until none of the place's processes is left.
    pub(crate) async fn wait_quiet(&self, deadline: Instant) {
        while !self.processes().is_empty() {
            let left = self.processes();
            assert!(Instant::now() < deadline, "still running: {left:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The process id of the build's QEMU.
    pub(crate) fn pid(&self, build: &str) -> String {
        let file = self.options.runtime_dir.join(build).join("qemu.pid");
        std::fs::read_to_string(file).unwrap().trim().to_owned()
    }
}

pub(crate) fn owner(build: &str) -> Owner {
    Owner {
        build: build.into(),
        recipe: "test".into(),
        image: "demo".to_owned(),
        expires: jiff::Timestamp::now() + Duration::from_secs(3600),
        tags: BTreeMap::new(),
    }
}

pub(crate) async fn request(cloud: &LocalCloud, owner: Owner, network: bool) -> LaunchRequest {
    cloud.identity().await.unwrap();
    let query = BaseQuery::Debian {
        release: "bookworm".into(),
    };
    let base = cloud
        .find_base(&query, &|note| eprintln!("{note}"))
        .await
        .unwrap();
    LaunchRequest {
        owner,
        attempt: 1,
        base,
        machine: Machine::Virtual(VirtualMachine {
            vcpus: 2,
            memory_mib: 1024,
            network,
        }),
        placement: Placement::default(),
        supports: Vec::new(),
    }
}

pub(crate) async fn launch(cloud: &LocalCloud, build: &str, network: bool) -> BuilderId {
    let request = request(cloud, owner(build), network).await;
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

pub(crate) async fn wait_online(cloud: &LocalCloud, builder: &BuilderId) {
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

pub(crate) async fn start(
    cloud: &LocalCloud,
    builder: &BuilderId,
    token: &str,
    script: &str,
) -> CommandId {
    let request = CommandRequest {
        build: builder.0.clone(),
        token: token.into(),
        script: script.into(),
        timeout: Duration::from_secs(60),
    };
    cloud.start_command(builder, &request).await.unwrap()
}

pub(crate) async fn run(
    cloud: &LocalCloud,
    builder: &BuilderId,
    token: &str,
    script: &str,
) -> (i32, String) {
    let command = start(cloud, builder, token, script).await;
    let exit_code = loop {
        match cloud.command_state(builder, &command).await.unwrap() {
            CommandState::Finished { exit_code } => break exit_code,
            CommandState::Running => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    let output = cloud.command_output(builder, &command, 0).await.unwrap();
    (exit_code, String::from_utf8(output.bytes).unwrap())
}

pub(crate) async fn boot_id(cloud: &LocalCloud, builder: &BuilderId, token: &str) -> String {
    let (_, id) = run(cloud, builder, token, "cat /proc/sys/kernel/random/boot_id").await;
    id
}

/// Waits until the builder's boot is another one.
pub(crate) async fn wait_rebooted(cloud: &LocalCloud, builder: &BuilderId, before: &str) {
    let deadline = Instant::now() + PATIENCE;
    for number in 0.. {
        assert!(
            Instant::now() < deadline,
            "{}",
            cloud.console(builder).await.unwrap()
        );
        if cloud.agent_online(builder).await.unwrap() {
            let request = CommandRequest {
                build: builder.0.clone(),
                token: format!("after-{number}"),
                script: "cat /proc/sys/kernel/random/boot_id".into(),
                timeout: Duration::from_secs(60),
            };
            if let Ok(command) = cloud.start_command(builder, &request).await {
                tokio::time::sleep(Duration::from_millis(300)).await;
                if let Ok(output) = cloud.command_output(builder, &command, 0).await
                    && !output.bytes.is_empty()
                    && output.bytes != before.as_bytes()
                {
                    return;
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

pub(crate) async fn reboot(cloud: &LocalCloud, builder: &BuilderId) {
    let before = boot_id(cloud, builder, "before").await;
    cloud.reboot(builder).await.unwrap();
    wait_rebooted(cloud, builder, &before).await;
}

pub(crate) async fn wait_state(cloud: &LocalCloud, builder: &BuilderId, wanted: BuilderState) {
    let deadline = Instant::now() + PATIENCE;
    while cloud.builder_state(builder).await.unwrap() != wanted {
        assert!(Instant::now() < deadline, "never became {wanted:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) async fn release(cloud: &LocalCloud, build: &str, kind: ResourceKind) {
    let resource = Resource {
        build: build.into(),
        kind,
        id: build.into(),
    };
    cloud.release(&resource).await.unwrap();
}

/// A record by hand.
pub(crate) fn write_record(place: &Place, build: &str, change: impl FnOnce(&mut Value)) {
    let options = &place.options;
    let work = options.output_dir.join(format!(".amint-{build}"));
    let mut record = json!({
        "version": 1,
        "build": build,
        "recipe": "test",
        "image": "demo",
        "created": "2026-01-01T00:00:00Z",
        "expires": "2099-01-01T00:00:00Z",
        "place": {
            "runtime": options.runtime_dir.join(build),
            "work": work,
            "output": options.output_dir,
        },
        "network": false,
        "machine": null,
        "on-power-off": "Terminate",
        "rebooting": false,
        "released": false,
        "publishing": false,
    });
    change(&mut record);
    let path = place.record(build);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, record.to_string()).unwrap();
}
