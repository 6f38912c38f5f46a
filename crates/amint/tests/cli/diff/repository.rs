//! A git repository in a world of its own.

use std::process::Command;

use crate::command::{Ran, World};

pub(super) struct Repository {
    pub(super) world: World,
}

impl Repository {
    /// With one commit on `main`: the files, by path.
    pub(super) fn with(files: &[(&str, &str)]) -> Self {
        let repository = Self {
            world: World::new(),
        };
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit(files);
        repository
    }

    /// git, which knows nobody's settings.
    pub(super) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.world.path(""))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.world.path(""))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@example.com")
            .env("GIT_COMMITTER_NAME", "Ada")
            .env("GIT_COMMITTER_EMAIL", "ada@example.com")
            .env("GIT_AUTHOR_DATE", "2026-08-24T12:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-08-24T12:00:00Z")
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Writes files and commits everything there is.
    pub(super) fn commit(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            self.world.write(path, text);
        }
        self.git(&["add", "--all", "--force", "."]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    }

    pub(super) fn diff(&self, arguments: &[&str]) -> Ran {
        let mut ran = self.world.run(&[&["diff"], arguments].concat());
        // What a commit is called depends on nothing but its content, of which snapshots know too much already.
        for revision in ["main", "topic", "HEAD", "main~1"] {
            let found = self.try_git(&["rev-parse", "--short=12", revision]);
            for id in found.into_iter() {
                ran.stdout = ran.stdout.replace(&id, "[commit]");
            }
        }
        ran
    }

    fn try_git(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.world.path(""))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then(|| text.trim().to_owned())
    }
}
