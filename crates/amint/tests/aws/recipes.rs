//! Recipes for the account of the tests.

/// Amazon Linux, and the same for arm64, in `fixtures/aws/images.json`.
pub(crate) const BASE: &str = "ami-0ed094fb1304fd857";
pub(crate) const ARM: &str = "ami-0d6fc8f787cd9a417";

/// A step that fails when it runs a second time.
pub(crate) const ONCE: &str = "  - shell: { name: once, run: \"mkdir /opt/once && echo hello\" }";

/// A recipe by its parts; `Default` is one that mints.
pub(crate) struct Recipe<'a> {
    pub(crate) name: &'a str,
    /// What follows `aws:`.
    pub(crate) base: &'a str,
    /// Lines of `builder`.
    pub(crate) builder: &'a str,
    /// Lines of `steps`.
    pub(crate) steps: &'a str,
    /// Lines of `image`.
    pub(crate) image: &'a str,
}

impl Default for Recipe<'_> {
    fn default() -> Self {
        Self {
            name: "trial",
            base: "{ owner: amazon, name: \"al2023-ami-2023.*-x86_64\" }",
            builder: "  instance-types: [m7i.large, m6i.large]",
            steps: ONCE,
            image: "  name: \"{{name}}-{{build.id}}\"",
        }
    }
}

impl Recipe<'_> {
    pub(crate) fn text(&self) -> String {
        let Recipe {
            name,
            base,
            builder,
            steps,
            image,
        } = self;
        format!(
            "amint: 1\nname: {name}\nversion: 1.0.0\nbase:\n  aws: {base}\nbuilder:\n{builder}\nsteps:\n{steps}\n\
             image:\n{image}\n"
        )
    }
}

/// Lines of `builder` that ask for everything, with a profile of the build's own.
pub(crate) const TEMPORARY: &str = "  instance-types: [m7i.large, m6i.large]
  temporary-instance-profile: { permissions-boundary: \"arn:aws:iam::123456789012:policy/boundary\" }";

/// Lines of `image` that ask for everything.
pub(crate) const PUBLISHED: &str = "  name: \"{{name}}-{{build.id}}\"
  description: A trial.
  tags: { team: images }
  copy-to: [eu-west-1]
  share-with:
    accounts: [\"111122223333\", \"444455556666\"]
    organizations: [\"arn:aws:organizations::123456789012:organization/o-0123456789\"]
  deprecate-after: 26w
  ssm-parameter: /images/{{name}}";
