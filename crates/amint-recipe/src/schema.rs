//! The recipe's JSON Schema, for editors (`amint schema recipe`).
//!
//! The types below are never made: they are the shape of the YAML text, where the decoder's are its meaning. A test holds
//! that both know the same keys.

mod aws;
mod builder;
mod composition;
mod image;
mod tidy;
mod variables;

use std::collections::BTreeMap;

use schemars::{JsonSchema, schema_for};

/// The JSON Schema (2020-12) of a recipe.
pub fn schema() -> serde_json::Value {
    let mut schema = schema_for!(Recipe);
    tidy::tidy(&mut schema);
    schema.to_value()
}

/// The JSON Schema (2020-12) of a file of steps that recipes include.
pub fn steps_schema() -> serde_json::Value {
    let mut schema = schema_for!(composition::Steps);
    tidy::tidy(&mut schema);
    schema.to_value()
}

/// A recipe: how an image is made.
#[derive(JsonSchema)]
#[schemars(title = "amint recipe", deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
struct Recipe {
    /// The version of the recipe format: 1.
    #[schemars(range(min = 1, max = 1))]
    #[schemars(extend("examples" = [1]))]
    amint: u32,
    /// The product's name: small letters, digits and hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"), length(max = 64))]
    #[schemars(extend("examples" = ["log-collector"]))]
    name: String,
    /// The product's version. A template; numbers are taken as written.
    #[schemars(extend("examples" = ["2.3.1"]))]
    version: Scalar,
    /// One line about the recipe. A template.
    #[schemars(extend("examples" = ["The log collector, with all updates of the day."]))]
    description: Option<String>,
    /// Axes of values, such as `architecture: [x86_64, arm64]`: the recipe stands for one image a combination, in which
    /// templates insert `{{architecture}}`; `--var architecture=arm64` chooses one.
    #[schemars(extend("examples" = [{ "architecture": ["x86_64", "arm64"] }]))]
    matrix: Option<composition::Matrix>,
    /// Values that templates insert as `{{name}}`; `--var`, `--var-file` and the environment override them.
    #[schemars(extend("examples" = [{ "channel": { "choices": ["stable", "edge"], "default": "stable" } }]))]
    variables: Option<BTreeMap<String, VariableOrDefault>>,
    /// What builders start from.
    #[schemars(extend("examples" = [{ "local": { "debian": "bookworm" } }]))]
    base: builder::Base,
    /// The machine that the build works in.
    #[schemars(extend("examples" = [{ "timeout": "45m" }]))]
    builder: Option<builder::Builder>,
    /// What is done to the builder, in order.
    #[schemars(extend("examples" = [[{ "upgrade-packages": {} }, { "shell": { "run": "nginx -t" } }]]))]
    steps: Option<Vec<Step>>,
    /// The last run of hardening steps, after which nothing touches the disk.
    #[schemars(extend("examples" = [{ "application-logs": ["/opt/collector/logs"] }]))]
    seal: Option<Seal>,
    /// The image.
    #[schemars(extend("examples" = [{ "name": "{{name}}-{{version}}-{{build.id}}", "keep-last": 5 }]))]
    image: Option<image::Image>,
    /// Findings that are accepted, each with a reason and a last day.
    #[schemars(extend("examples" = [[{ "rule": "MP-CLEAN-002", "path": "/home/demo/.bash_history", "reason": "The demo shows it.", "expires": "2030-01-31" }]]))]
    waivers: Option<Vec<Waiver>>,
    /// Lints that are silenced, each with a reason.
    #[schemars(extend("examples" = [[{ "lint": "AM0137", "reason": "Security groups do the same." }]]))]
    allow: Option<Vec<Allow>>,
}

/// A string, or a number or boolean that is taken as written.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "a shape, never a value")]
enum Scalar {
    Text(String),
    Number(f64),
    Boolean(bool),
}

/// A variable, or its default alone.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "a shape, never a value")]
enum VariableOrDefault {
    Default(Scalar),
    Variable(Box<Option<variables::Variable>>),
}

/// One step: one key, what it does.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
enum Step {
    /// Runs a POSIX shell script as root, with `set -eu`.
    #[schemars(extend("examples" = [{ "shell": { "name": "check it", "run": "nginx -t" } }]))]
    Shell(Shell),
    /// Puts a file in place.
    #[schemars(extend("examples" = [{ "file": { "content": "hello\n", "to": "/etc/motd" } }]))]
    File(File),
    /// Brings all packages up to date.
    #[schemars(extend("examples" = [{ "upgrade-packages": {} }]))]
    UpgradePackages(Option<Common>),
    /// Installs packages.
    #[schemars(extend("examples" = [{ "install-packages": ["nginx"] }]))]
    InstallPackages(InstallPackages),
    /// Restarts the builder and waits until it is ready again.
    #[schemars(extend("examples" = [{ "reboot": {} }]))]
    Reboot(Option<Common>),
    /// Inserts the steps of a file beside the recipe.
    #[schemars(extend("examples" = [{ "include": { "file": "steps/nginx.yaml", "with": { "title": "{{name}}" } } }]))]
    Include(composition::Include),
    /// Has a random secret made when an instance first boots, and hands it to a command.
    #[schemars(extend("examples" = [{ "first-boot-secret": { "name": "admin-password", "command": "/opt/collector/bin/set-password" } }]))]
    FirstBootSecret(FirstBootSecret),
}

/// The keys that every step takes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct Common {
    /// A name that no other step has. A template.
    #[schemars(extend("examples" = ["security updates"]))]
    name: Option<String>,
    /// When the step counts as hung, such as `5m` (default `30m`). A template.
    #[schemars(extend("examples" = ["20m"], "default" = "30m"))]
    timeout: Option<String>,
}

/// A shell script: `run` or `script`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct Shell {
    /// A name that no other step has. A template.
    #[schemars(extend("examples" = ["start the service"]))]
    name: Option<String>,
    /// When the step counts as hung, such as `5m` (default `30m`). A template.
    #[schemars(extend("examples" = ["5m"], "default" = "30m"))]
    timeout: Option<String>,
    /// The script. A template: values are quoted for the shell, `{{{name}}}` inserts one as it is.
    #[schemars(extend("examples" = ["systemctl enable --now collector.service\n"]))]
    run: Option<String>,
    /// A script beside the recipe, run as it is. The path is a template, the script is not.
    #[schemars(extend("examples" = ["files/install.sh"]))]
    script: Option<String>,
}

/// A file: `from` or `content`, and `to`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct File {
    /// A name that no other step has. A template.
    #[schemars(extend("examples" = ["the settings"]))]
    name: Option<String>,
    /// When the step counts as hung, such as `5m` (default `30m`). A template.
    #[schemars(extend("examples" = ["5m"], "default" = "30m"))]
    timeout: Option<String>,
    /// A file beside the recipe, copied byte for byte. The path is a template.
    #[schemars(extend("examples" = ["files/collector.service"]))]
    from: Option<String>,
    /// The content. A template.
    #[schemars(extend("examples" = ["channel = {{channel}}\n"]))]
    content: Option<String>,
    /// Absolute path on the builder. A template.
    #[schemars(extend("examples" = ["/etc/collector.conf"]))]
    to: String,
    /// Owner's name or number (default root). A template.
    #[schemars(extend("examples" = ["collector"], "default" = "root"))]
    owner: Option<Scalar>,
    /// Group's name or number (default the owner's). A template.
    #[schemars(extend("examples" = ["adm"]))]
    group: Option<Scalar>,
    /// Permission bits, such as "0644" (the default).
    #[schemars(extend("examples" = ["0600"], "default" = "0644"))]
    mode: Option<Scalar>,
    /// Short for mode "0755".
    #[schemars(extend("examples" = [true], "default" = false))]
    executable: Option<bool>,
}

/// Packages to install, or their list alone.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
enum InstallPackages {
    List(Vec<String>),
    Keys {
        /// A name that no other step has. A template.
        #[schemars(extend("examples" = ["the web server"]))]
        name: Option<String>,
        /// When the step counts as hung, such as `5m` (default `30m`). A template.
        #[schemars(extend("examples" = ["10m"], "default" = "30m"))]
        timeout: Option<String>,
        /// Their names. Templates.
        #[schemars(extend("examples" = [["nginx", "logrotate"]]))]
        packages: Vec<String>,
    },
}

/// A secret of each instance's own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct FirstBootSecret {
    /// The secret's and the step's name: small letters, digits and hyphens.
    #[schemars(extend("examples" = ["admin-password"]))]
    name: String,
    /// When the step counts as hung, such as `5m` (default `30m`). A template.
    #[schemars(extend("examples" = ["5m"], "default" = "30m"))]
    timeout: Option<String>,
    /// What is given the secret, one line on its standard input: an absolute path and plain words. A template.
    #[schemars(extend("examples" = ["/opt/collector/bin/set-password --user=admin"]))]
    command: String,
    /// Letters and digits of the secret (default 32).
    #[schemars(range(min = 16, max = 128))]
    #[schemars(extend("examples" = [24], "default" = 32))]
    length: Option<u32>,
}

/// The seal.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
struct Seal {
    /// The profile (default `marketplace-linux`).
    #[schemars(extend("examples" = ["cis-hygiene"], "default" = "marketplace-linux"))]
    profile: Option<String>,
    /// Several profiles at once, instead of one.
    #[schemars(extend("examples" = [["marketplace-linux", "cis-hygiene"]]))]
    profiles: Option<Vec<String>>,
    /// Which profile counts where two of them disagree, by topic (see `amint steps --conflicts`).
    #[schemars(extend("examples" = [{ "root-password": "marketplace-linux", "logs": "marketplace-linux" }]))]
    choices: Option<BTreeMap<String, String>>,
    /// Absolute paths of files and folders that the product logs to. Templates.
    #[schemars(extend("examples" = [["/opt/collector/logs"]]))]
    application_logs: Option<Vec<String>>,
}

/// Findings that are accepted.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct Waiver {
    /// The rule's id, such as `MP-SSH-003`.
    #[schemars(extend("examples" = ["MP-CLEAN-002"]))]
    rule: String,
    /// Only at paths that match this, such as `/home/*/.bash_history` or `/opt/demo/**`; everywhere when absent.
    #[schemars(extend("examples" = ["/home/*/.bash_history"]))]
    path: Option<String>,
    /// Why it is accepted.
    #[schemars(extend("examples" = ["The demo shows it."]))]
    reason: String,
    /// The last day (UTC) that it holds, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    #[schemars(extend("examples" = ["2030-01-31"]))]
    expires: String,
}

/// A lint that is silenced (`amint explain --list` shows them all).
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct Allow {
    /// The lint's code, such as `AM0113`.
    #[schemars(regex(pattern = r"^AM\d{4}$"))]
    #[schemars(extend("examples" = ["AM0137"]))]
    lint: String,
    /// Only in the step of this name; everywhere when absent. A template.
    #[schemars(extend("examples" = ["install the collector"]))]
    step: Option<String>,
    /// Why it is meant.
    #[schemars(length(min = 1))]
    #[schemars(extend("examples" = ["Security groups do the same."]))]
    reason: String,
}
