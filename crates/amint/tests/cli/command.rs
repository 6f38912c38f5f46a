//! Runs the command in a folder and an environment of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A small recipe that is right.
pub(crate) const GOOD: &str = "\
amint: 1
name: small
version: 1.0.0
variables:
  channel: { default: stable, pattern: \"^(stable|edge)$\" }
base:
  local: { debian: bookworm }
steps:
  - file: { name: greet, content: \"hello {{channel}}\\n\", to: /etc/motd, mode: \"0644\" }
  - shell: { name: look, run: \"cat /etc/motd\" }
seal:
  application-logs: [/opt/small/logs]
image:
  name: \"{{name}}-{{version}}-{{build.id}}\"
";

/// The same with three mistakes: a misspelt key, a wrong type and an unknown variable.
pub(crate) const BAD: &str = "\
amint: 1
name: small
version: 1.0.0
base:
  local: { debain: bookworm }
steps:
  - shell: { name: look, run: [cat] }
  - shell: { name: greet, run: \"echo {{chanel}}\" }
image:
  name: small
";

/// A recipe for AWS that says most of what can be said.
pub(crate) const AWS: &str = "\
amint: 1
name: small
version: 1.0.0
variables: { team: images }
base:
  aws: { owner: amazon, name: al2023-ami-2023.*-x86_64 }
builder:
  region: eu-west-1
  timeout: 90m
  instance-types: [m7i.large, m6i.large]
  subnets: [subnet-0123456789abcdef0]
  security-groups: [sg-0123456789abcdef0]
  temporary-instance-profile: { permissions-boundary: \"arn:aws:iam::012345678901:policy/x\" }
  root-volume: { size: 16, iops: 4000, throughput: 250 }
  volumes: [{ device: /dev/sdf, size: 100, type: gp2 }]
  tags: { team: \"{{team}}\" }
  ssm-agent:
    url: https://example.com/amazon-ssm-agent.deb
    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    remove: true
  bucket: my-bucket
  log-group: /amint/builds
image:
  description: Small.
  copy-to: [us-east-1, us-west-2]
  share-with:
    accounts: [\"012345678901\", \"123456789012\"]
    organizations: [\"arn:aws:organizations::012345678901:organization/o-0123456789\"]
    organizational-units: [\"arn:aws:organizations::012345678901:ou/o-0123456789/ou-0123-01234567\"]
  deprecate-after: 26w
  ssm-parameter: /images/{{name}}/{{build.id}}
  keep-last: 3
";

/// A folder that is the command's whole world.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

/// What a run of the command did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// With a recipe for AWS.
    pub(crate) fn with_aws_recipe() -> Self {
        let world = Self::new();
        world.write("aws.yaml", AWS);
        world
    }

    /// With a good and a bad recipe.
    pub(crate) fn with_recipes() -> Self {
        let world = Self::new();
        world.write("good.yaml", GOOD);
        world.write("bad.yaml", BAD);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The command, ready to be run; nothing of the environment reaches it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amint"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            // Nobody is to be asked for credentials.
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(
            self.command(arguments).output().unwrap(),
            self.folder.path(),
        )
    }
}

impl Ran {
    /// Names of folders differ from run to run and are taken out.
    pub(crate) fn from(output: Output, folder: &Path) -> Self {
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes)
                .unwrap()
                .replace(folder.to_str().unwrap(), "[folder]")
        };
        Self {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// stdout without digests: they follow the built-in scripts, which have tests of their own.
    pub(crate) fn without_digests(&self) -> String {
        let is_digest =
            |word: &str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
        let words = self
            .stdout
            .split_inclusive(|c: char| !c.is_ascii_alphanumeric());
        let masked = words.map(|word| {
            let digest = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            match is_digest(digest) {
                true => word.replace(digest, "[digest]"),
                false => word.to_owned(),
            }
        });
        masked.collect()
    }

    /// stdout as one JSON document.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("{error} in {:?}, stderr {:?}", self.stdout, self.stderr)
        })
    }
}
