//! Runs the command in a folder and an environment of its own.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::account::Account;

/// In place of a secret access key: it must not be seen anywhere.
const SECRET: &str = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY";
/// No run takes longer: what hangs is a failure.
const LONGEST: Duration = Duration::from_secs(170);

/// A folder that is the command's whole world.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

/// What a run of the command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The command without credentials and endpoint; nothing of the environment reaches it.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amint"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .env("AMINT_PACE", "0.02")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The command in this account.
    pub(crate) fn command(&self, account: &Account, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        command
            .env("AWS_ENDPOINT_URL", account.endpoint())
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", SECRET);
        command
    }

    /// `amint build` of this recipe.
    pub(crate) fn build(&self, account: &Account, recipe: &str, options: &[&str]) -> Ran {
        self.write("recipe.yaml", recipe);
        let mut command = self.command(account, &["build", "recipe.yaml"]);
        self.run(command.args(options))
    }

    /// Runs it to its end, which must tell no secret.
    pub(crate) fn run(&self, command: &mut Command) -> Ran {
        self.end(command.spawn().unwrap())
    }

    /// Waits for its end, which must tell no secret.
    pub(crate) fn end(&self, mut child: Child) -> Ran {
        let stdout = reader(child.stdout.take());
        let stderr = reader(child.stderr.take());
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if start.elapsed() > LONGEST {
                child.kill().unwrap();
                break None;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
        let status = status.unwrap_or_else(|| panic!("it hangs: {stderr}"));
        let code = status
            .code()
            .unwrap_or_else(|| panic!("{status}: {stderr}"));
        for told in [&stdout, &stderr] {
            assert!(!told.contains(SECRET), "the secret is in {told}");
        }
        for journal in self.journals() {
            let text = std::fs::read_to_string(&journal).unwrap();
            assert!(!text.contains(SECRET), "the secret is in the journal");
        }
        Ran {
            code,
            stdout,
            stderr,
        }
    }

    /// The journals of all builds, the oldest first.
    pub(crate) fn journals(&self) -> Vec<PathBuf> {
        let builds = std::fs::read_dir(self.path(".amint/builds"));
        let folders = builds.into_iter().flatten().map(|one| one.unwrap().path());
        let mut journals: Vec<_> = folders.map(|one| one.join("journal.jsonl")).collect();
        journals.sort();
        journals
    }

    /// The records of the newest build.
    pub(crate) fn journal(&self) -> Vec<Value> {
        let journals = self.journals();
        lines(&std::fs::read_to_string(journals.last().expect("a build")).unwrap())
    }

    /// A manifest, of the recipe `trial` unless said otherwise.
    pub(crate) fn manifest(&self, name: &str) -> Value {
        let path = self.path(&format!("out/{name}-1.0.0/manifest.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }
}

impl Ran {
    /// The exit code, and something to read when it is another.
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}", self.stderr);
        self
    }

    /// stderr tells each of these.
    pub(crate) fn says(&self, texts: &[&str]) -> &Self {
        for text in texts {
            assert!(
                self.stderr.contains(text),
                "{text:?} is not in {}",
                self.stderr
            );
        }
        self
    }

    /// The last lines tell what went wrong in words for people, once.
    pub(crate) fn is_readable(&self) -> &Self {
        for odd in ["panicked", "{ ", "Error(", "RUST_BACKTRACE", "\u{1b}["] {
            let errors = self.stderr.lines().filter(|line| line.contains("error:"));
            for line in errors {
                assert!(!line.contains(odd), "{odd:?} is in {line}");
            }
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        let errors = self.stderr.lines().filter(|l| l.starts_with("error: "));
        assert_eq!(errors.count(), 1, "{}", self.stderr);
        self
    }
}

/// JSON lines.
pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}")))
        .collect()
}

/// Reads a pipe to its end beside everything else.
fn reader(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_string(&mut text).unwrap();
        }
        text
    })
}
