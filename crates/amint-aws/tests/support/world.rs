//! moto on a free port, in a venv that is made when it is missing: an AWS account that costs nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A server that ends with this value, or with this process.
pub(crate) struct World {
    child: Child,
    stdin: Option<ChildStdin>,
    address: String,
    pub(crate) endpoint: String,
}

impl World {
    /// moto with the layer of `fixtures/aws`.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// moto as it is.
    pub(crate) fn plain() -> Self {
        Self::with(&["--plain"])
    }

    fn with(arguments: &[&str]) -> Self {
        let mut child = server()
            .args(["--port", "0"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let stdin = child.stdin.take().expect("its stdin is a pipe");
        let stdout = child.stdout.take().expect("its stdout is a pipe");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says where it is");
        let about: Value = serde_json::from_str(&line).expect("it says so in JSON");
        let endpoint = about["endpoint"].as_str().expect("an endpoint").to_owned();
        let address = endpoint.trim_start_matches("http://").to_owned();
        Self {
            child,
            stdin: Some(stdin),
            address,
            endpoint,
        }
    }

    /// Sets what the layer does: `POST /amint/<what>`.
    pub(crate) fn set(&self, what: &str, value: &Value) {
        let (status, body) = self.http("POST", what, &value.to_string());
        assert_eq!(status, 200, "{what}: {body}");
    }

    /// Asks the layer: `GET /amint/<what>`.
    pub(crate) fn get(&self, what: &str) -> Value {
        let (status, body) = self.http("GET", what, "");
        assert_eq!(status, 200, "{what}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// The names of all API calls so far, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = self.get("calls");
        let calls = calls.as_array().expect("a list").iter();
        calls
            .map(|call| call["action"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    fn http(&self, method: &str, what: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a socket has timeouts");
        write!(
            stream,
            "{method} /amint/{what} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .expect("the request is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split_whitespace().nth(1).and_then(|s| s.parse().ok());
        (status.expect("a status"), body.to_owned())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // It ends when nobody can talk to it any more.
        self.stdin.take();
        for _ in 0..100 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server, as root: the guests' disks are mounted.
fn server() -> Command {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_root = status.lines().any(|line| {
        let mut words = line.split_whitespace();
        words.next() == Some("Uid:") && words.nth(1) == Some("0")
    });
    let python = python();
    let mut command = match is_root {
        true => Command::new(python),
        false => {
            let mut sudo = Command::new("sudo");
            sudo.arg("-n").arg(python);
            sudo
        }
    };
    // No byte code that belongs to root in the source tree.
    command.arg("-B").arg(fixtures().join("server.py"));
    command
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/aws")
}

/// A Python with what `requirements.txt` pins. Made once, in the target folder.
fn python() -> PathBuf {
    let output = Command::new(fixtures().join("venv"))
        .output()
        .expect("fixtures/aws/venv can be run");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}
