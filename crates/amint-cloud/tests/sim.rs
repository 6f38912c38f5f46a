//! What tests may rely on about the simulated cloud.
#![allow(missing_docs)]

use std::time::Duration;

use amint_cloud::sim::{self, Fault, Hook, MemoryDisk, Reply, SimClock, SimCloud, SimOptions};
use amint_cloud::{
    BaseImage, BuilderId, BuilderState, CaptureRequest, Clock, Cloud, CommandRequest, CommandState,
    ErrorKind, ImageSpec, LaunchRequest, Machine, OnPowerOff, Owner, Placement, Resource,
    ResourceKind, VirtualMachine,
};

fn cloud() -> (SimCloud, SimClock) {
    let clock = SimClock::start();
    (
        SimCloud::new(clock, SimOptions::new(MemoryDisk::new(vec![0; 4096]))),
        clock,
    )
}

fn request(attempt: u32) -> LaunchRequest {
    LaunchRequest {
        owner: owner(),
        attempt,
        base: BaseImage::new("i", "i"),
        machine: Machine::Virtual(VirtualMachine {
            vcpus: 1,
            memory_mib: 512,
            network: false,
        }),
        placement: Placement::default(),
        supports: Vec::new(),
    }
}

fn owner() -> Owner {
    Owner {
        build: "b1".into(),
        recipe: "demo".into(),
        image: "demo".to_owned(),
        expires: jiff::Timestamp::MAX,
        tags: Default::default(),
    }
}

async fn launch(cloud: &SimCloud) -> BuilderId {
    let builder = cloud
        .launch(&request(1), &|_| ())
        .await
        .expect("nothing goes wrong");
    tokio::time::sleep(Duration::from_secs(10)).await;
    builder
}

fn command(token: &str) -> CommandRequest {
    let timeout = Duration::from_secs(60);
    CommandRequest {
        build: "b1".into(),
        token: token.into(),
        script: String::new(),
        timeout,
    }
}

fn run<F: Future>(future: F) -> F::Output {
    sim::run(future).expect("a runtime")
}

#[test]
fn time_is_virtual_and_equal_seeds_give_equal_latencies() {
    let start = std::time::Instant::now();
    let times = |()| {
        run(async {
            let (cloud, clock) = cloud();
            let mut times = Vec::new();
            for _ in 0..50 {
                cloud.identity().await.expect("nothing goes wrong");
                times.push(clock.steady());
            }
            clock.sleep(Duration::from_secs(86_400)).await;
            assert!(
                clock.now().to_string().starts_with("2026-01-02T00:00:0"),
                "{}",
                clock.now()
            );
            times
        })
    };
    assert_eq!(times(()), times(()));
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn the_same_attempt_is_the_same_builder_and_look_ups_trail() {
    run(async {
        let (cloud, clock) = cloud();
        let first = cloud.launch(&request(1), &|_| ()).await.expect("a builder");
        let too_early = cloud
            .builder_state(&first)
            .await
            .expect_err("look-ups trail");
        assert_eq!(too_early.kind, ErrorKind::NotFound);
        assert_eq!(cloud.resources("b1").await.expect("an answer"), []);
        assert_eq!(cloud.live().len(), 1, "but it is there");
        clock.sleep(Duration::from_secs(1)).await;
        assert_eq!(
            cloud.builder_state(&first).await.expect("a state"),
            BuilderState::Running
        );
        assert_eq!(
            cloud.launch(&request(1), &|_| ()).await.expect("a builder"),
            first
        );
        assert_ne!(
            cloud.launch(&request(2), &|_| ()).await.expect("a builder"),
            first
        );
        assert_eq!(cloud.resources("another").await.expect("an answer"), []);
    });
}

#[test]
fn what_a_power_off_means_is_what_was_set() {
    for (action, state) in [
        (OnPowerOff::Stop, BuilderState::Stopped),
        (OnPowerOff::Terminate, BuilderState::Terminated),
    ] {
        run(async {
            let (cloud, clock) = cloud();
            cloud.reply("off", Reply::power_off());
            let builder = launch(&cloud).await;
            cloud
                .set_on_power_off(&builder, action)
                .await
                .expect("it is there");
            cloud
                .start_command(&builder, &command("off"))
                .await
                .expect("it is there");
            clock.sleep(Duration::from_secs(5)).await;
            assert_eq!(cloud.builder_state(&builder).await.expect("a state"), state);
            assert!(!cloud.agent_online(&builder).await.expect("an answer"));
            let request = CaptureRequest {
                owner: owner(),
                builder,
                image: ImageSpec::default(),
            };
            assert_eq!(
                cloud.capture(&request).await.is_ok(),
                state == BuilderState::Stopped
            );
        });
    }
}

#[test]
fn a_command_shows_half_of_its_output_while_it_runs() {
    run(async {
        let (cloud, clock) = cloud();
        let duration = Some(Duration::from_secs(5));
        cloud.reply(
            "talk",
            Reply {
                duration,
                ..Reply::exit(3, "abcdef")
            },
        );
        let builder = launch(&cloud).await;
        let id = cloud
            .start_command(&builder, &command("talk"))
            .await
            .expect("it is there");
        let early = cloud
            .command_output(&builder, &id, 0)
            .await
            .expect("output");
        assert_eq!(early.bytes, b"abc");
        clock.sleep(Duration::from_secs(6)).await;
        let state = cloud.command_state(&builder, &id).await.expect("a state");
        assert_eq!(state, CommandState::Finished { exit_code: 3 });
        assert_eq!(
            cloud
                .command_output(&builder, &id, 3)
                .await
                .expect("output")
                .bytes,
            b"def"
        );
    });
}

#[test]
fn faults_come_at_the_call_that_they_are_planned_for() {
    run(async {
        let (cloud, clock) = cloud();
        cloud.fail("launch", 1, Fault::fail_before());
        cloud.fail("launch", 2, Fault::fail_after());
        cloud.fail("identity", 2, Fault::Throttle(2));

        assert!(cloud.launch(&request(1), &|_| ()).await.is_err());
        assert_eq!(cloud.live(), [], "no effect");
        let lost = cloud
            .launch(&request(1), &|_| ())
            .await
            .expect_err("the answer is lost");
        assert_eq!(lost.kind, ErrorKind::AnswerLost);
        assert_eq!(cloud.live().len(), 1, "but the effect is there");

        let mut answers = Vec::new();
        for _ in 0..4 {
            answers.push(cloud.identity().await.map_err(|error| error.kind).err());
        }
        let throttled = Some(ErrorKind::Throttled);
        assert_eq!(answers, [None, throttled.clone(), throttled, None]);

        cloud.fail("identity", 5, Fault::Hang);
        tokio::select! {
            _ = cloud.identity() => panic!("it hangs"),
            () = clock.sleep(Duration::from_secs(3600)) => {}
        }
        assert_eq!(cloud.calls()[..2], ["launch", "launch"]);
    });
}

#[test]
fn a_builder_dies_and_a_hook_runs_when_they_are_told_to() {
    run(async {
        let (cloud, _) = cloud();
        let (send, receive) = std::sync::mpsc::channel();
        let builder = launch(&cloud).await;
        cloud.fail(
            "agent_online",
            1,
            Fault::Before(Hook::new(move || send.send(()).unwrap())),
        );
        assert!(cloud.agent_online(&builder).await.expect("an answer"));
        assert!(receive.try_recv().is_ok());
        cloud.fail("start_command", 1, Fault::Die);
        let error = cloud
            .start_command(&builder, &command("x"))
            .await
            .expect_err("it is dead");
        assert_eq!(error.kind, ErrorKind::Gone);
        assert_eq!(cloud.live(), []);
    });
}

#[test]
fn releasing_what_is_not_there_is_success() {
    run(async {
        let (cloud, _) = cloud();
        for kind in [ResourceKind::Builder, ResourceKind::Image] {
            let resource = Resource {
                build: "b1".into(),
                kind,
                id: "sim-image-9".into(),
            };
            cloud.release(&resource).await.expect("gone already");
        }
    });
}
