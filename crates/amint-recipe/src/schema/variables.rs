//! Variables.

use schemars::JsonSchema;

use super::Scalar;

/// A variable. Without a default, a value must be given: by `--var`, `--var-file` or `AMINT_VAR_NAME`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct Variable {
    /// What values it takes (default `string`, or `choice` where there are `choices`).
    #[schemars(extend("examples" = ["integer"], "default" = "string"))]
    r#type: Option<Type>,
    /// The value when none is given.
    #[schemars(extend("examples" = ["stable"]))]
    default: Option<Scalar>,
    /// Of a string: a regular expression that every value must match; anchor it with `^` and `$`.
    #[schemars(extend("examples" = ["^(stable|edge)$"]))]
    pattern: Option<String>,
    /// Of a choice: the values that there are.
    #[schemars(extend("examples" = [["stable", "edge"]]))]
    choices: Option<Vec<Scalar>>,
    /// Of an integer: the least value.
    #[schemars(extend("examples" = [1]))]
    min: Option<i64>,
    /// Of an integer: the largest value.
    #[schemars(extend("examples" = [65535]))]
    max: Option<i64>,
    /// What it is for.
    #[schemars(extend("examples" = ["Which packages to take."]))]
    description: Option<String>,
    /// Whether nobody may read its value (default false): it reaches the builder encrypted, and no disk, log or journal.
    #[schemars(extend("examples" = [true], "default" = false))]
    secret: Option<bool>,
    /// Of a secret: where its value is read from when a build begins (default: the environment variable `AMINT_VAR_NAME`).
    #[schemars(extend("examples" = [{ "env": "REGISTRY_TOKEN" }, { "secrets-manager": "team/database", "key": "password" }]))]
    from: Option<SecretSource>,
}

/// What values a variable takes.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
enum Type {
    /// Any text.
    String,
    /// A decimal integer.
    Integer,
    /// `true` or `false`; `{{#if}}` knows them.
    Boolean,
    /// One of `choices`.
    Choice,
}

/// Where a secret is read from: one of `env`, `ssm-parameter` and `secrets-manager`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
struct SecretSource {
    /// The name of an environment variable of whoever runs amint.
    #[schemars(extend("examples" = ["REGISTRY_TOKEN"]))]
    env: Option<String>,
    /// The name of an SSM parameter in the builder's Region, such as `/team/token`; a `SecureString` is decrypted.
    #[schemars(extend("examples" = ["/team/token"]))]
    ssm_parameter: Option<String>,
    /// The name or ARN of a secret of Secrets Manager.
    #[schemars(extend("examples" = ["team/database"]))]
    secrets_manager: Option<String>,
    /// With `secrets-manager`: the key of the JSON object that the secret holds.
    #[schemars(extend("examples" = ["password"]))]
    key: Option<String>,
}
