//! Commands that really run.

use amint_cloud::{Cloud, CommandState, ErrorKind};
use serde_json::json;

use crate::stage::{Stage, command, until};

#[tokio::test]
async fn output_and_exit_code_come_with_one_question() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let (code, output) = stage
        .run(
            &builder,
            "step-01-1",
            "echo out; echo '{{err}}' >&2; pwd; exit 7",
        )
        .await;
    assert_eq!(code, 7);
    assert_eq!(String::from_utf8_lossy(&output), "out\n{{err}}\n/\n");
    assert_eq!(stage.count("SendCommand"), 1);
    // Asked again, it is the same command.
    let (code, again) = stage.run(&builder, "step-01-1", "echo other").await;
    assert_eq!((code, again), (7, output));
    assert_eq!(stage.count("SendCommand"), 1);
}

#[tokio::test]
async fn long_and_binary_output_is_read_to_the_last_byte() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let script = "i=0; while [ $i -lt 9000 ]; do echo \"line $i of many\"; i=$((i + 1)); done";
    let (code, output) = stage.run(&builder, "long", script).await;
    let lines: String = (0..9000).map(|i| format!("line {i} of many\n")).collect();
    assert_eq!(code, 0);
    assert_eq!(output.len(), lines.len());
    assert_eq!(output, lines.as_bytes());
    let (_, output) = stage
        .run(&builder, "binary", "printf 'a\\377\\033[1mb\\000c'")
        .await;
    assert_eq!(output, b"a\xff\x1b[1mb\0c");
    let (_, output) = stage.run(&builder, "silent", ":").await;
    assert_eq!(output, b"");
}

#[tokio::test]
async fn what_is_printed_is_seen_while_it_runs() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let script = "echo first; until [ -e /run/go ]; do sleep 0.05; done; echo last";
    let id = stage
        .cloud
        .start_command(&builder, &command("live", script))
        .await
        .expect("it starts");
    let mut seen = Vec::new();
    until("the first line is seen", async || {
        seen = stage.printed(&builder, &id, 0).await;
        !seen.is_empty()
    })
    .await;
    assert_eq!(seen, b"first\n");
    let state = stage.cloud.command_state(&builder, &id).await;
    assert_eq!(state.expect("a state"), CommandState::Running);
    stage.run(&builder, "go", ": >/run/go").await;
    assert_eq!(stage.ended(&builder, &id).await, 0);
    assert_eq!(stage.printed(&builder, &id, 6).await, b"last\n");
}

#[tokio::test]
async fn a_lost_answer_never_runs_it_twice() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let request = command("once", "echo x >>/run/count; cat /run/count");
    stage.lose("SendCommand");
    let error = stage.cloud.start_command(&builder, &request).await;
    assert_eq!(error.expect_err("lost").kind, ErrorKind::AnswerLost);
    let id = stage.cloud.start_command(&builder, &request).await;
    let id = id.expect("found again");
    assert_eq!(stage.ended(&builder, &id).await, 0);
    assert_eq!(stage.printed(&builder, &id, 0).await, b"x\n");
    // Sent again only where the list showed it late, and then the builder knows that it has run.
    let sent = stage.count("SendCommand");
    assert!(sent <= 2, "{sent}");
    // Another process finds it too.
    let other = stage.other_cloud();
    let found = other.start_command(&builder, &request).await;
    assert_eq!(found.expect("found"), id);
    assert_eq!(stage.count("SendCommand"), sent);
}

#[tokio::test]
async fn a_command_that_never_arrived_is_sent_again() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let fault =
        json!([{"action": "SendCommand", "kind": "drop-before", "occurrence": 1, "times": 1}]);
    stage.world.set("faults", &fault);
    let request = command("again", "echo here");
    let error = stage.cloud.start_command(&builder, &request).await;
    assert_eq!(error.expect_err("lost").kind, ErrorKind::AnswerLost);
    let (code, output) = stage.run(&builder, "again", "echo here").await;
    assert_eq!((code, output), (0, b"here\n".to_vec()));
}

#[tokio::test]
async fn a_cancelled_command_ends() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let request = command("slow", "echo before; sleep 300");
    let id = stage.cloud.start_command(&builder, &request).await;
    let id = id.expect("it starts");
    until("it has printed", async || {
        !stage.printed(&builder, &id, 0).await.is_empty()
    })
    .await;
    let cancelled = stage.cloud.cancel_command(&builder, &id).await;
    cancelled.expect("cancelled");
    assert_eq!(stage.ended(&builder, &id).await, 137);
    assert_eq!(stage.printed(&builder, &id, 0).await, b"before\n");
}

#[tokio::test]
async fn a_command_is_given_up_after_its_own_time() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let mut request = command("late", "echo before; sleep 300");
    request.timeout = std::time::Duration::from_secs(1);
    let id = stage.cloud.start_command(&builder, &request).await;
    let id = id.expect("it starts");
    assert_eq!(stage.ended(&builder, &id).await, 137);
    assert_eq!(stage.printed(&builder, &id, 0).await, b"before\n");
}

#[tokio::test]
async fn a_reboot_in_the_middle_is_survived() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let script =
        "[ -e /root/rebooted ] && echo after && exit 0\n: >/root/rebooted\necho before\nexit 194";
    let (code, output) = stage.run(&builder, "reboot", script).await;
    assert_eq!(code, 0);
    assert!(output.ends_with(b"after\n"), "{output:?}");
}

#[tokio::test]
async fn a_builder_reboots_when_it_is_told_to() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let boot = "cat /proc/sys/kernel/random/boot_id";
    let (_, before) = stage.run(&builder, "boot-1", boot).await;
    stage.cloud.reboot(&builder).await.expect("rebooting");
    let mut number = 1;
    until("the boot is another one", async || {
        number += 1;
        let request = command(&format!("boot-{number}"), boot);
        let Ok(id) = stage.cloud.start_command(&builder, &request).await else {
            return false;
        };
        let code = stage.ended(&builder, &id).await;
        code == 0 && stage.printed(&builder, &id, 0).await != before
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_it_is_sent() {
    let stage = Stage::new();
    let builder = stage.connected().await;
    let request = command("large", &"x".repeat(70_000));
    let error = stage.cloud.start_command(&builder, &request).await;
    let error = error.expect_err("too large");
    assert_eq!(error.kind, ErrorKind::Unfit);
    assert_eq!(stage.count("SendCommand"), 0);
    let part = "#".repeat(52_000);
    assert_eq!(stage.run(&builder, "part", &part).await.0, 0);
}

#[tokio::test]
async fn who_has_no_agent_is_not_found() {
    let stage = Stage::new();
    stage.world.set("agent", &json!({"silent": true}));
    let (builder, _) = stage.launched().await;
    let sent = stage
        .cloud
        .start_command(&builder, &command("t", ":"))
        .await;
    assert_eq!(sent.expect_err("nobody there").kind, ErrorKind::NotFound);
    assert!(!stage.cloud.agent_online(&builder).await.expect("no error"));
}
