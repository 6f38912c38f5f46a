//! Another process, which does some things and is then killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use amint_cloud::{BuilderId, Claim, Cloud, OnPowerOff};
use amint_local::{LocalCloud, LocalOptions};
use jiff::Timestamp;

use crate::support::{Place, owner, request, start, wait_online};

const ERRAND: &str = "AMINT_TEST_ERRAND";

/// Said when all is done.
const DONE: &str = "errand: done";

/// Said when there is nothing left but the launch.
const LAUNCHING: &str = "errand: launching";

/// A command that leaves a trace each time that it runs.
pub(crate) const SLOW: &str = "echo x >>/run/count; echo begin; sleep 3; echo end";

/// A process that runs an errand, and lives on afterwards.
pub(crate) struct Process {
    child: Child,
    said: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Process {
    /// Launches `build`, which ends at `expires`, and does the steps with it.
    pub(crate) fn start(place: &Place, build: &str, expires: Timestamp, steps: &str) -> Self {
        let options = &place.options;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["errand::run", "--exact", "--ignored", "--nocapture"])
            .env(ERRAND, format!("{build} {expires} {steps}"))
            .env("AMINT_TEST_PLACE_CACHE", &options.cache_dir)
            .env("AMINT_TEST_PLACE_RUNTIME", &options.runtime_dir)
            .env("AMINT_TEST_PLACE_OUTPUT", &options.output_dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, said }
    }

    fn wait_for(&mut self, text: &str) {
        for line in self.said.by_ref() {
            if line.unwrap().ends_with(text) {
                return;
            }
        }
        panic!("the errand ended by itself: {:?}", self.child.wait());
    }

    /// Waits until it is about to launch.
    pub(crate) fn wait_launching(&mut self) {
        self.wait_for(LAUNCHING);
    }

    /// Kills it when all is done.
    pub(crate) fn kill_when_done(mut self) {
        self.wait_for(DONE);
        self.kill();
    }

    /// Kills it now.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Launches a builder in another process, does the steps with it, and kills the process.
pub(crate) fn leave(place: &Place, build: &str, steps: &str) {
    Process::start(place, build, owner(build).expires, steps).kill_when_done();
}

#[test]
#[ignore = "other tests run this as a process, to kill it"]
fn run() {
    let Ok(errand) = std::env::var(ERRAND) else {
        return;
    };
    let folder = |name: &str| {
        let folder = std::env::var_os(format!("AMINT_TEST_PLACE_{name}")).unwrap();
        Path::new(&folder).to_owned()
    };
    let cloud = LocalCloud::new(LocalOptions {
        cache_dir: folder("CACHE"),
        runtime_dir: folder("RUNTIME"),
        output_dir: folder("OUTPUT"),
        cold: false,
        overwrite: false,
    });
    let mut words = errand.split_whitespace();
    let build = words.next().unwrap();
    let mut owner = owner(build);
    owner.expires = words.next().unwrap().parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let request = request(&cloud, owner, false).await;
        println!("\n{LAUNCHING}");
        let builder = cloud
            .launch(&request, &|note| eprintln!("{note}"))
            .await
            .unwrap();
        for step in words {
            act(&cloud, &builder, &request.owner, step).await;
        }
        println!("\n{DONE}");
        tokio::time::sleep(Duration::from_secs(600)).await;
    });
}

async fn act(cloud: &LocalCloud, builder: &BuilderId, owner: &amint_cloud::Owner, step: &str) {
    match step {
        "claim" => {
            let claim = Claim {
                owner: owner.clone(),
                launched: true,
            };
            assert_eq!(cloud.claim(&claim).await.unwrap(), Vec::<String>::new());
        }
        "online" => wait_online(cloud, builder).await,
        "slow" => {
            start(cloud, builder, "slow", SLOW).await;
        }
        "stop" => {
            let set = cloud.set_on_power_off(builder, OnPowerOff::Stop);
            set.await.unwrap();
        }
        // Soon, but not before this process is dead.
        "off" => {
            let script = "sync; systemd-run --collect sh -c 'sleep 2; poweroff -ff'";
            start(cloud, builder, "off", script).await;
        }
        "reboot" => cloud.reboot(builder).await.unwrap(),
        "timer" => {
            let time = owner.expires.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
            let script = amint_harden::deadman::arm_script(&time);
            let (code, said) = crate::support::run(cloud, builder, "timer", &script).await;
            assert_eq!(code, 0, "{said}");
        }
        // The machine ends, and this process starts it anew and lets it run.
        "restarted" => {
            let before = pid(builder);
            while pid(builder).is_none() || pid(builder) == before || rebooting(builder) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        unknown => panic!("{unknown}"),
    }
}

fn pid(builder: &BuilderId) -> Option<String> {
    let runtime = std::env::var_os("AMINT_TEST_PLACE_RUNTIME").unwrap();
    let file = Path::new(&runtime).join(&builder.0).join("qemu.pid");
    std::fs::read_to_string(file).ok()
}

fn rebooting(builder: &BuilderId) -> bool {
    let cache = std::env::var_os("AMINT_TEST_PLACE_CACHE").unwrap();
    let record = Path::new(&cache).join(format!("builders/{}.json", builder.0));
    let record = std::fs::read_to_string(record).unwrap();
    record.contains("\"rebooting\": true")
}
