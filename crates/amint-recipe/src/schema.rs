//! The recipe's JSON Schema, for editors (`amint schema recipe`).
//!
//! The types below are never made: they are the shape of the YAML text, where the decoder's are its meaning. A test holds
//! that both know the same keys.

mod aws;

use std::collections::BTreeMap;

use schemars::{JsonSchema, schema_for};

/// The JSON Schema (2020-12) of a recipe.
pub fn schema() -> serde_json::Value {
    schema_for!(Recipe).to_value()
}

/// A recipe: how an image is made.
#[derive(JsonSchema)]
#[schemars(title = "amint recipe", deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
struct Recipe {
    /// The version of the recipe format: 1.
    #[schemars(range(min = 1, max = 1))]
    amint: u32,
    /// The product's name: small letters, digits and hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"), length(max = 64))]
    name: String,
    /// The product's version. A template; numbers are taken as written.
    version: Scalar,
    /// One line about the recipe. A template.
    description: Option<String>,
    /// Values that templates insert as `{{name}}` and `--var name=value` overrides.
    variables: Option<BTreeMap<String, VariableOrDefault>>,
    /// What builders start from.
    base: Base,
    /// The machine that the build works in.
    builder: Option<Builder>,
    /// What is done to the builder, in order.
    steps: Option<Vec<Step>>,
    /// The last run of hardening steps, after which nothing touches the disk.
    seal: Option<Seal>,
    /// The image.
    image: Option<Image>,
    /// Findings that are accepted, each with a reason and a last day.
    waivers: Option<Vec<Waiver>>,
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
    Variable(Option<Variable>),
}

/// A variable. Without a default, `--var` must give its value.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct Variable {
    /// The value when `--var` gives none.
    default: Option<Scalar>,
    /// A regular expression that every value must match; anchor it with `^` and `$`.
    pattern: Option<String>,
    /// What it is for.
    description: Option<String>,
}

/// What builders start from: `local`, `aws` or both.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct Base {
    /// The base image of a local machine.
    local: Option<LocalBase>,
    /// The base image on AWS.
    aws: Option<aws::AwsBase>,
}

/// A Debian release that amint makes, or a disk image with its digest.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
enum LocalBase {
    Debian {
        /// The release's code name, such as `bookworm`. A template.
        debian: String,
    },
    Image {
        /// Path of a raw or qcow2 image that has a guest agent, relative to the recipe or absolute. A template.
        image: String,
        /// The file's SHA-256, 64 hexadecimal digits. A template.
        sha256: String,
    },
}

/// The machine that the build works in.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
struct Builder {
    /// Virtual CPUs of a local machine (default 2).
    #[schemars(range(min = 1, max = 64))]
    vcpus: Option<u32>,
    /// Memory of a local machine in MiB (default 1024).
    #[schemars(range(min = 256, max = 1048576))]
    memory: Option<u32>,
    /// Whether the builder reaches a network (default `user`).
    network: Option<Network>,
    /// After this time the builder ends itself, such as `60m` or `1h30m` (default `60m`).
    timeout: Option<String>,
    /// The AWS Region (default `us-east-1`). A template.
    region: Option<String>,
    /// EC2 instance types, the preferred one first (default m7i.large, m6i.large, m5.large). Templates.
    instance_types: Option<Vec<String>>,
    /// Subnets, tried in order for each type (default: those of the default VPC). Templates.
    subnets: Option<Vec<String>>,
    /// Security groups (default: a temporary one without ingress). Templates.
    security_groups: Option<Vec<String>>,
    /// Name or ARN of the EC2 instance profile (default `amint-builder`). A template.
    instance_profile: Option<String>,
    /// An instance profile that is made for the build, instead of one that exists; `{}` is enough.
    temporary_instance_profile: Option<aws::TemporaryInstanceProfile>,
    /// The root volume of an EC2 instance.
    root_volume: Option<aws::RootVolume>,
    /// Volumes of an EC2 instance besides its root volume; the image maps them all.
    volumes: Option<Vec<aws::DataVolume>>,
    /// Tags of everything temporary on AWS. Values are templates.
    tags: Option<BTreeMap<String, String>>,
    /// Only `false`: a Spot instance cannot be sealed.
    #[schemars(extend("const" = false))]
    spot: Option<bool>,
    /// The SSM agent's package, for a base image that has no agent.
    ssm_agent: Option<aws::SsmAgent>,
    /// The S3 bucket for files above 1 MiB. A template.
    bucket: Option<String>,
    /// The CloudWatch log group for what steps print. A template.
    log_group: Option<String>,
}

/// Whether the builder reaches a network.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
enum Network {
    /// Outwards, through this machine.
    User,
    /// Not at all.
    None,
}

/// One step: one key, what it does.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
enum Step {
    /// Runs a POSIX shell script as root, with `set -eu`.
    Shell(Shell),
    /// Puts a file in place.
    File(File),
    /// Brings all packages up to date.
    UpgradePackages(Option<Common>),
    /// Installs packages.
    InstallPackages(InstallPackages),
    /// Restarts the builder and waits until it is ready again.
    Reboot(Option<Common>),
    /// Has a random secret made when an instance first boots, and hands it to a command.
    FirstBootSecret(FirstBootSecret),
}

/// The keys that every step takes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct Common {
    /// A name that no other step has. A template.
    name: Option<String>,
    /// When the step counts as hung, such as `5m`.
    timeout: Option<String>,
}

/// A shell script: `run` or `script`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct Shell {
    /// A name that no other step has. A template.
    name: Option<String>,
    /// When the step counts as hung, such as `5m` (default `30m`).
    timeout: Option<String>,
    /// The script. A template: values are quoted for the shell, `{{{name}}}` inserts one as it is.
    run: Option<String>,
    /// A script beside the recipe, run as it is. The path is a template, the script is not.
    script: Option<String>,
}

/// A file: `from` or `content`, and `to`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct File {
    /// A name that no other step has. A template.
    name: Option<String>,
    /// When the step counts as hung, such as `5m` (default `30m`).
    timeout: Option<String>,
    /// A file beside the recipe, copied byte for byte. The path is a template.
    from: Option<String>,
    /// The content. A template.
    content: Option<String>,
    /// Absolute path on the builder. A template.
    to: String,
    /// Owner's name or number (default root). A template.
    owner: Option<Scalar>,
    /// Group's name or number (default the owner's). A template.
    group: Option<Scalar>,
    /// Permission bits, such as "0644" (the default).
    mode: Option<Scalar>,
    /// Short for mode "0755".
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
        name: Option<String>,
        /// When the step counts as hung, such as `5m` (default `30m`).
        timeout: Option<String>,
        /// Their names. Templates.
        packages: Vec<String>,
    },
}

/// A secret of each instance's own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct FirstBootSecret {
    /// The secret's and the step's name: small letters, digits and hyphens.
    name: String,
    /// When the step counts as hung, such as `5m` (default `30m`).
    timeout: Option<String>,
    /// What is given the secret, one line on its standard input: an absolute path and plain words. A template.
    command: String,
    /// Letters and digits of the secret (default 32).
    #[schemars(range(min = 16, max = 128))]
    length: Option<u32>,
}

/// The seal.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
struct Seal {
    /// The profile (default `marketplace-linux`).
    profile: Option<String>,
    /// Several profiles at once, instead of one.
    profiles: Option<Vec<String>>,
    /// Which profile counts where two of them disagree, by topic (see `amint steps --conflicts`).
    choices: Option<BTreeMap<String, String>>,
    /// Absolute paths of files and folders that the product logs to. Templates.
    application_logs: Option<Vec<String>>,
}

/// The image.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
struct Image {
    /// Its name (default `{{name}}-{{version}}-{{build.id}}`). A template.
    name: Option<String>,
    /// One line about it. A template.
    description: Option<String>,
    /// Tags. Values are templates.
    tags: Option<BTreeMap<String, String>>,
    /// The instance metadata versions that instances accept, on AWS (default and only choice `v2.0`).
    imds: Option<Imds>,
    /// Regions that the image is copied to. Templates.
    copy_to: Option<Vec<String>>,
    /// Who else may launch the image.
    share_with: Option<aws::ShareWith>,
    /// When the image counts as outdated, in days or weeks, such as `180d` or `26w`. A template.
    deprecate_after: Option<String>,
    /// The SSM parameter that will hold the image's id. A template.
    ssm_parameter: Option<String>,
    /// How many published images of this recipe are kept, this one included; older ones are retired.
    #[schemars(range(min = 1, max = 1000))]
    keep_last: Option<u32>,
}

/// Versions of the instance metadata service.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a shape, never a value")]
enum Imds {
    /// Version 2 only.
    #[schemars(rename = "v2.0")]
    V2,
}

/// Findings that are accepted.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
struct Waiver {
    /// The rule's id, such as `MP-SSH-003`.
    rule: String,
    /// Only at paths that match this, such as `/home/*/.bash_history` or `/opt/demo/**`; everywhere when absent.
    path: Option<String>,
    /// Why it is accepted.
    reason: String,
    /// The last day (UTC) that it holds, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    expires: String,
}
