//! A folder that is the command's whole world, but for the shared cache of base images.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub(crate) struct World {
    folder: tempfile::TempDir,
    cache: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

/// What a build did.
pub(crate) struct Built {
    pub(crate) code: i32,
    pub(crate) events: Vec<Value>,
    pub(crate) stderr: String,
}

/// The recipes of this repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// The cache that all builds of the test run share.
pub(crate) fn shared_cache() -> PathBuf {
    let cache = std::env::var_os("AMINT_TEST_CACHE").map_or_else(
        || Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"),
        PathBuf::from,
    );
    std::fs::create_dir_all(&cache).unwrap();
    cache.canonicalize().unwrap()
}

/// A cache that shares base images and saved machines with the others. Records of builders and locks are its own, or a
/// sweep would see those of other tests. On the same file system, so that what is made in it can be moved.
fn own_cache() -> tempfile::TempDir {
    let shared = shared_cache();
    let cache = tempfile::Builder::new().prefix("test-").tempdir_in(&shared);
    let cache = cache.unwrap();
    for name in ["bases", "warm"] {
        std::fs::create_dir_all(shared.join(name)).unwrap();
    }
    for name in ["bases", "warm", "accelerator.json"] {
        std::os::unix::fs::symlink(shared.join(name), cache.path().join(name)).unwrap();
    }
    cache
}

/// Whether KVM works is found out by the first test for all: that takes seconds, and a link is replaced, not followed.
impl Drop for World {
    fn drop(&mut self) {
        let name = "accelerator.json";
        let shared = shared_cache().join(name);
        if !shared.exists() {
            let _ = std::fs::copy(self.cache.path().join(name), shared);
        }
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("xdg")).unwrap();
        let cache = own_cache();
        std::os::unix::fs::symlink(cache.path(), folder.path().join("xdg/amint")).unwrap();
        Self {
            folder,
            cache,
            _turn: turn,
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

    /// A recipe on Debian without a network, with these steps.
    pub(crate) fn recipe(&self, steps: &str) -> PathBuf {
        let recipe = format!(
            "amint: 1\nname: trial\nversion: 1.0.0\nbase: {{ local: {{ debian: bookworm }} }}\n\
             builder: {{ network: none }}\nsteps:\n{steps}\nimage: {{ name: trial }}\n"
        );
        self.write("trial.yaml", recipe)
    }

    /// `amint build RECIPE --on local --output out`, events on stdout.
    pub(crate) fn build(&self, recipe: &Path, options: &[&str]) -> Command {
        let mut command = self.command(&["build"]);
        command
            .arg(recipe)
            .args(["--on", "local", "--format", "json", "--output"])
            .arg(self.path("out"))
            .args(options);
        command
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amint"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder.path())
            .env("XDG_CACHE_HOME", self.path("xdg"))
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, recipe: &Path, options: &[&str]) -> Built {
        Built::of(self.build(recipe, options).spawn().unwrap())
    }

    /// Nothing of a build is left: no process, no folder but those that may stay.
    pub(crate) fn assert_nothing_left(&self) {
        let ours = self.folder.path().to_str().unwrap().as_bytes();
        for process in std::fs::read_dir("/proc").unwrap() {
            let line = std::fs::read(process.unwrap().path().join("cmdline")).unwrap_or_default();
            let is_ours = line.windows(ours.len()).any(|window| window == ours);
            assert!(!is_ours, "left: {}", String::from_utf8_lossy(&line));
        }
        let runtime = self.path("amint");
        let sockets: Vec<_> = std::fs::read_dir(&runtime).into_iter().flatten().collect();
        assert!(sockets.is_empty(), "{sockets:?}");
        let hidden: Vec<_> = std::fs::read_dir(self.path("out"))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name())
            .filter(|name| name != "image.raw" && name != "manifest.json")
            .collect();
        assert!(hidden.is_empty(), "{hidden:?}");
    }

    /// Neither an image nor a manifest was made.
    pub(crate) fn assert_no_image(&self) {
        self.assert_nothing_left();
        assert!(!self.path("out").exists());
    }
}

impl Built {
    pub(crate) fn of(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        Self {
            code: output.status.code().unwrap(),
            events: stdout
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The rules of all findings at error level.
    pub(crate) fn rules(&self) -> Vec<&str> {
        self.events
            .iter()
            .filter(|event| event["event"] == "finding-reported" && event["severity"] == "error")
            .map(|event| event["rule"].as_str().unwrap())
            .collect()
    }
}
