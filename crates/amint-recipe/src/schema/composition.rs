//! Recipes of several files and for several images.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::{Scalar, Step, VariableOrDefault};

/// Axes of values.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct Matrix {
    /// Combinations that are left out: the values of some axes.
    #[schemars(extend("examples" = [[{ "architecture": "arm64", "channel": "edge" }]]))]
    exclude: Option<Vec<BTreeMap<String, Scalar>>>,
    /// Letters, digits and `.+_-`: a value is part of file names.
    #[schemars(flatten)]
    axes: BTreeMap<String, Axis>,
}

/// The values of an axis, each once.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a shape, never a value")]
struct Axis(#[schemars(length(min = 1))] Vec<Scalar>);

/// The steps of a file, or its path alone.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) enum Include {
    Path(String),
    Keys {
        /// A file of steps (`amint-steps: 1`), relative to the recipe, in its folder or below it. A template.
        #[schemars(extend("examples" = ["steps/nginx.yaml"]))]
        file: String,
        /// Values for the file's parameters. Templates.
        #[schemars(extend("examples" = [{ "title": "{{name}}", "root": "/srv/www" }]))]
        with: Option<BTreeMap<String, Scalar>>,
        /// What the names of its steps begin with, where a file is included twice. A template.
        #[schemars(extend("examples" = ["the second server"]))]
        name: Option<String>,
    },
}

/// A file of steps: included by recipes, which give its parameters values.
#[derive(JsonSchema)]
#[schemars(title = "amint steps", deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct Steps {
    /// The version of the format: 1.
    #[schemars(range(min = 1, max = 1))]
    #[schemars(extend("examples" = [1]))]
    amint_steps: u32,
    /// One line about the steps.
    #[schemars(extend("examples" = ["nginx from the distribution, with a first page."]))]
    description: Option<String>,
    /// Values that templates in this file insert as `{{name}}`; nothing else of the recipe is known here but its `name` and
    /// `version`, and the build's id and date.
    #[schemars(extend("examples" = [{ "root": { "default": "/var/www/html", "pattern": "^/[a-z/]+$" } }]))]
    parameters: Option<BTreeMap<String, VariableOrDefault>>,
    /// What is done to the builder, in order.
    #[schemars(extend("examples" = [[{ "install-packages": ["nginx"] }, { "shell": { "run": "nginx -t" } }]]))]
    steps: Vec<Step>,
}
