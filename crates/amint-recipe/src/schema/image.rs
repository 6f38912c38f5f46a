//! The shape of what a recipe says about its image.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::aws;

/// The image.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) struct Image {
    /// Its name (default `{{name}}-{{version}}-{{build.id}}`). A template.
    #[schemars(extend("examples" = ["{{name}}-{{version}}-{{build.id}}"], "default" = "{{name}}-{{version}}-{{build.id}}"))]
    name: Option<String>,
    /// One line about it. A template.
    #[schemars(extend("examples" = ["{{name}} {{version}}"], "default" = ""))]
    description: Option<String>,
    /// Tags. Values are templates.
    #[schemars(extend("examples" = [{ "product": "{{name}}" }]))]
    tags: Option<BTreeMap<String, String>>,
    /// The instance metadata versions that instances accept, on AWS (default and only choice `v2.0`).
    #[schemars(extend("examples" = ["v2.0"], "default" = "v2.0"))]
    imds: Option<Imds>,
    /// Regions that the image is copied to. Templates.
    #[schemars(extend("examples" = [["eu-west-1"]]))]
    copy_to: Option<Vec<String>>,
    /// Who else may launch the image.
    #[schemars(extend("examples" = [{ "accounts": ["012345678901"] }]))]
    share_with: Option<aws::ShareWith>,
    /// When the image counts as outdated, in days or weeks, such as `180d` or `26w`. A template.
    #[schemars(extend("examples" = ["180d", "26w"]))]
    deprecate_after: Option<String>,
    /// The SSM parameter that will hold the image's id. A template.
    #[schemars(extend("examples" = ["/images/{{name}}/latest"]))]
    ssm_parameter: Option<String>,
    /// How many published images of this recipe are kept, this one included; older ones are retired.
    #[schemars(range(min = 1, max = 1000))]
    #[schemars(extend("examples" = [5]))]
    keep_last: Option<u32>,
}

/// Versions of the instance metadata service.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a shape, never a value")]
pub(super) enum Imds {
    /// Version 2 only.
    #[schemars(rename = "v2.0")]
    V2,
}
