//! Programs that stand in for others: a folder that comes first on PATH, and a log of what was called.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Scripts under the names of programs. Each finds the folder in `$STAND_INS`, and `log` there.
pub(crate) struct StandIns {
    folder: TempDir,
}

impl StandIns {
    pub(crate) fn new(programs: &[(&str, &str)]) -> Self {
        let stand_ins = Self {
            folder: TempDir::new().expect("a temporary folder"),
        };
        fs::create_dir(stand_ins.path("bin")).expect("a folder");
        for (name, body) in programs {
            let path = stand_ins.path("bin").join(name);
            let script = format!(
                "#!/bin/sh\n[ -z \"$*\" ] || echo \"{name} $*\" >>\"$STAND_INS/log\"\n{body}\n"
            );
            fs::write(&path, script).expect("a script");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        }
        stand_ins
    }

    /// A name that is a program of this machine's.
    pub(crate) fn keep(&self, names: &[&str]) {
        for name in names {
            let found = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
                .map(|folder| Path::new(folder).join(name))
                .into_iter()
                .find(|path| path.exists())
                .unwrap_or_else(|| panic!("{name} is not on this machine"));
            std::os::unix::fs::symlink(found, self.path("bin").join(name)).expect("a link");
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What was called with arguments, one a line.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Runs a script where only the stand-ins are on PATH.
    pub(crate) fn run(&self, shell: &str, script: &str) -> Output {
        let shell = ["/usr/bin", "/bin"]
            .map(|folder| Path::new(folder).join(shell))
            .into_iter()
            .find(|path| path.exists())
            .unwrap_or_else(|| panic!("{shell} is not on this machine"));
        Command::new(shell)
            .args(["-c", script])
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("STAND_INS", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .output()
            .expect("a shell")
    }
}
