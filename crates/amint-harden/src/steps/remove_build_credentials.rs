//! `remove-build-credentials`

use std::sync::LazyLock;

use amint_inspect::{EntryKind, TreeError};
use regex_lite::Regex;

use super::trace::{Trace, left};
use crate::disk::{DiskContext, expand, visit};
use crate::finding::Finding;
use crate::rule::{MP_CLEAN_005, MP_SEC_007, MP_SEC_008};
use crate::step::{HardeningStep, Stage};

/// The catalogue's entry.
pub const STEP: HardeningStep = HardeningStep {
    id: "remove-build-credentials",
    title: "remove the credentials and keys of a build's tools",
    why: "Whoever builds is logged in to registries, clouds and repositories; what the tools keep for that is \
          in some home. What a product brings in /opt and /srv is reported, not removed.",
    rules: &["MP-SEC-007", "MP-SEC-008", "MP-CLEAN-005"],
    applies: "always",
    stage: Stage::Detached,
    script: include_str!("remove-build-credentials.sh"),
    live_check: None,
    disk_check: check,
};

/// Files that are there to hold a secret, below a home; the same names as in the script.
const SECRETS: [Trace; 33] = [
    secret(".aws/credentials"),
    secret(".aws/sso/cache/*"),
    secret(".aws/cli/cache/*"),
    secret(".azure/accessTokens.json"),
    secret(".azure/msal_token_cache*"),
    secret(".azure/service_principal_entries*"),
    secret(".boto"),
    secret(".cargo/credentials"),
    secret(".cargo/credentials.toml"),
    secret(".composer/auth.json"),
    secret(".config/composer/auth.json"),
    secret(".config/containers/auth.json"),
    secret(".config/doctl/config.yaml"),
    secret(".config/gcloud/access_tokens.db"),
    secret(".config/gcloud/application_default_credentials.json"),
    secret(".config/gcloud/credentials.db"),
    secret(".config/gcloud/legacy_credentials/*/*"),
    secret(".config/gh/hosts.yml"),
    secret(".config/git/credentials"),
    secret(".config/hub"),
    secret(".config/rclone/rclone.conf"),
    secret(".gem/credentials"),
    secret(".git-credentials"),
    secret(".kube/config"),
    secret(".mylogin.cnf"),
    secret(".netrc"),
    secret(".pgpass"),
    secret(".s3cfg"),
    secret(".terraform.d/credentials.tfrc.json"),
    secret(".vault-token"),
    key(".gnupg/private-keys-v1.d/*"),
    key(".gnupg/secring.gpg"),
    key(".ssh/id_*"),
];

const fn secret(pattern: &'static str) -> Trace {
    Trace::new(pattern, &MP_SEC_008, "a credential of the build's")
}

const fn key(pattern: &'static str) -> Trace {
    Trace::new(pattern, &MP_SEC_007, "a key of the build's")
}

/// Hosts that the builder talked to.
const HOSTS: [Trace; 1] = [Trace::new(
    ".ssh/known_hosts*",
    &MP_CLEAN_005,
    "the hosts that the builder knew",
)];

/// Settings that may hold a secret, below a home; the same names as in the script.
const SETTINGS: [&str; 10] = [
    ".aws/config",
    ".docker/config.json",
    ".dockercfg",
    ".env",
    ".m2/settings.xml",
    ".my.cnf",
    ".npmrc",
    ".pypirc",
    ".terraformrc",
    ".yarnrc.yml",
];
/// Largest file of settings that is read; of a larger one, its beginning.
const MAX_SIZE: usize = 1 << 20;
/// Where products are.
const PRODUCTS: [&str; 2] = ["/opt", "/srv"];
/// Most files that are looked at in the folders that are searched as a whole.
const MAX_FILES: usize = 2_000_000;

fn check(disk: &DiskContext<'_>) -> Result<Vec<Finding>, TreeError> {
    let mut findings = Vec::new();
    for home in disk.homes() {
        findings.extend(left(disk, home, &SECRETS)?);
        findings.extend(left(disk, home, &HOSTS)?);
        for settings in SETTINGS {
            for path in expand(disk.tree, home, settings)? {
                if holds_secret(disk, &path)? {
                    findings.push(MP_SEC_008.at(path, "settings with a credential in them"));
                }
            }
        }
        for path in expand(disk.tree, home, ".ssh/*")? {
            let named = path
                .rsplit('/')
                .next()
                .is_some_and(|name| name.starts_with("id_"));
            if !named && is_private(disk, &path)? {
                findings.push(MP_SEC_007.at(path, "a key of the build's"));
            }
        }
    }
    let searched = ["/root", "/home"].into_iter().chain(PRODUCTS);
    let mut states = Vec::new();
    let mut settings = Vec::new();
    for folder in searched {
        let mut seen = 0_usize;
        let product = PRODUCTS.contains(&folder);
        visit(disk.tree, folder, &mut |path, metadata| {
            seen += 1;
            let name = path.rsplit('/').next().unwrap_or_default();
            if metadata.kind == EntryKind::File && metadata.size > 0 {
                if name.ends_with(".tfstate") || name.ends_with(".tfstate.backup") {
                    states.push(path.to_owned());
                } else if product && name == ".env" {
                    settings.push(path.to_owned());
                }
            }
            seen <= MAX_FILES
        })?;
        if seen > MAX_FILES {
            let (path, reason) = (folder.to_owned(), format!("more than {MAX_FILES} files"));
            return Err(TreeError { path, reason });
        }
    }
    let state = |path| {
        MP_SEC_008.at(
            path,
            "Terraform's state, which holds what it made in the clear",
        )
    };
    findings.extend(states.into_iter().map(state));
    for path in settings {
        if holds_secret(disk, &path)? {
            findings.push(MP_SEC_008.at(path, "settings with a credential in them"));
        }
    }
    Ok(findings)
}

/// What secrets are called; as in the script.
const NAMES: &str =
    r#"(secret(_access)?(_?key)?|passw(or)?d|passphrase|token|_auth|"auth"|api_?key|private_?key)"#;
/// That something is set, but not to a placeholder such as `$NAME` and `<name>`; as in the script.
const SETS: &str = r#"["']?[[:space:]]*[:=>]+[[:space:]]*["']?[^[:space:]"'}{<$#]"#;
/// An address with a password in it; as in the script.
const HAS_PASSWORD: &str = "://[^/:@[:space:]]+:[^/@$[:space:]]+@";

static EXPRESSION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!("(?i){NAMES}{SETS}|{HAS_PASSWORD}")).ok());

fn holds_secret(disk: &DiskContext<'_>, path: &str) -> Result<bool, TreeError> {
    let content = disk.tree.read(path, MAX_SIZE)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&content);
    let sets = |line: &str| {
        EXPRESSION
            .as_ref()
            .is_none_or(|expression| expression.is_match(line))
    };
    Ok(text.lines().any(sets))
}

fn is_private(disk: &DiskContext<'_>, path: &str) -> Result<bool, TreeError> {
    let head = disk.tree.read(path, MAX_SIZE)?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&head).contains("PRIVATE KEY-----"))
}

#[cfg(test)]
mod tests {
    use super::{EXPRESSION, HAS_PASSWORD, NAMES, SECRETS, SETS, SETTINGS, STEP};

    #[test]
    fn the_script_removes_what_the_check_finds() {
        let patterns = SECRETS
            .iter()
            .map(|trace| trace.pattern().trim_end_matches("/*"));
        for pattern in patterns.chain(SETTINGS) {
            assert!(STEP.script.contains(&format!("*/{pattern}")), "{pattern}");
        }
        for expression in [NAMES, SETS, HAS_PASSWORD] {
            assert!(
                STEP.script.replace(r"'\''", "'").contains(expression),
                "{expression}"
            );
        }
    }

    #[test]
    fn what_is_set_to_something_is_told_from_what_is_not() {
        let sets = |line| EXPRESSION.as_ref().unwrap().is_match(line);
        for line in [
            "aws_secret_access_key = wJalrXUtnFEMI",
            r#""auth": "dXNlcjpwYXNz""#,
            "//registry.example.com/:_authToken=npm_0123",
            "password=hunter2",
            "<password>hunter2</password>",
            r#"token = "atlas""#,
            "npmAuthToken: 'x'",
            "export API_KEY=0123",
            "DATABASE_URL=postgres://app:hunter2@db/app",
        ] {
            assert!(sets(line), "{line}");
        }
        for line in [
            r#"{"auths": {}, "credsStore": "ecr-login"}"#,
            "always-auth=true",
            "registry=https://registry.example.com/",
            "password=${DB_PASSWORD}",
            "<password></password>",
            "SECRET=",
            "API_KEY=<your key>",
            "TOKEN_LIFETIME=5",
            "url = https://user@example.com/x:y",
        ] {
            assert!(!sets(line), "{line}");
        }
    }
}
