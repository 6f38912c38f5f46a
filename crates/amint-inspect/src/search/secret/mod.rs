//! Secrets that show by their own shape, whoever they belong to.
//!
//! - [`SecretKind`]: what is recognised; [`Secret`]: where one is.
//! - `sieve`: where in 64 bytes an anchor may be, in a few vector instructions.
//! - `finder`: anchors, which are the few bytes that a kind of secret never lacks; around each, the verifier of its kind.
//! - `anchor`: the table of anchors.
//! - `place`: what a verifier sees: an anchor and a bounded surrounding.
//! - `key`, `hash`, `shadow`, `aws`, `token`, `jwt`, `login`: the verifiers.
//!
//! A verifier is handed the same bytes wherever reads begin and end, so that what is found does not depend on it. It
//! looks at each byte a bounded number of times, and keeps nothing.

mod anchor;
mod aws;
mod finder;
mod hash;
mod jwt;
mod key;
mod login;
mod place;
mod shadow;
mod sieve;
mod token;

use std::fmt;

pub(super) use finder::Finder;
pub(super) use place::{AFTER, BEFORE, SECTOR};

/// What a secret is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum SecretKind {
    /// A private key in PEM (PKCS #1, PKCS #8, SEC 1, OpenSSH) or OpenPGP armour, encrypted ones included.
    PrivateKey,
    /// A private key as PuTTY keeps it.
    PuttyKey,
    /// A password's hash as `crypt(5)` has it, or Argon2's.
    PasswordHash,
    /// A password's hash as LDAP servers keep it (RFC 2307).
    LdapHash,
    /// A password's hash in the old DES form, in a line of a shadow file.
    DesHash,
    /// The id of an AWS access key.
    AwsAccessKeyId,
    /// The secret part of an AWS access key.
    AwsSecretKey,
    /// A session token of AWS: of temporary credentials, or of a Session Manager session.
    AwsSessionToken,
    /// A token of GitHub.
    GithubToken,
    /// A personal access token of GitLab.
    GitlabToken,
    /// A token of Slack.
    SlackToken,
    /// A live secret key of Stripe.
    StripeKey,
    /// An API key of Google.
    GoogleKey,
    /// An access token of npm.
    NpmToken,
    /// An upload token of PyPI.
    PypiToken,
    /// A personal access token of Docker Hub.
    DockerToken,
    /// A token of HashiCorp Vault.
    VaultToken,
    /// A signed JSON Web Token.
    Jwt,
    /// A URL with a password.
    UrlPassword,
    /// An entry of a netrc file, with a password, for a machine whose name has a dot: others are hardly different from
    /// prose.
    NetrcPassword,
}

impl SecretKind {
    /// All of them.
    pub const ALL: [SecretKind; 20] = [
        SecretKind::PrivateKey,
        SecretKind::PuttyKey,
        SecretKind::PasswordHash,
        SecretKind::LdapHash,
        SecretKind::DesHash,
        SecretKind::AwsAccessKeyId,
        SecretKind::AwsSecretKey,
        SecretKind::AwsSessionToken,
        SecretKind::GithubToken,
        SecretKind::GitlabToken,
        SecretKind::SlackToken,
        SecretKind::StripeKey,
        SecretKind::GoogleKey,
        SecretKind::NpmToken,
        SecretKind::PypiToken,
        SecretKind::DockerToken,
        SecretKind::VaultToken,
        SecretKind::Jwt,
        SecretKind::UrlPassword,
        SecretKind::NetrcPassword,
    ];
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SecretKind::PrivateKey => "a private key",
            SecretKind::PuttyKey => "a private key of PuTTY",
            SecretKind::PasswordHash => "the hash of a password",
            SecretKind::LdapHash => "the hash of an LDAP password",
            SecretKind::DesHash => "the DES hash of a password",
            SecretKind::AwsAccessKeyId => "an AWS access key id",
            SecretKind::AwsSecretKey => "an AWS secret key",
            SecretKind::AwsSessionToken => "an AWS session token",
            SecretKind::GithubToken => "a GitHub token",
            SecretKind::GitlabToken => "a GitLab token",
            SecretKind::SlackToken => "a Slack token",
            SecretKind::StripeKey => "a Stripe key",
            SecretKind::GoogleKey => "a Google API key",
            SecretKind::NpmToken => "an npm token",
            SecretKind::PypiToken => "a PyPI token",
            SecretKind::DockerToken => "a Docker token",
            SecretKind::VaultToken => "a Vault token",
            SecretKind::Jwt => "a JSON Web Token",
            SecretKind::UrlPassword => "a URL with a password",
            SecretKind::NetrcPassword => "a netrc entry with a password",
        })
    }
}

/// One secret on the disk. What it says is never kept.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Secret {
    /// Where it starts, from the start of the disk.
    pub offset: u64,
    /// How many bytes of it were recognised; of a private key, those within 4 KiB.
    pub length: u64,
    /// What it is.
    pub kind: SecretKind,
    /// SHA-256 of the recognised bytes, by which known test vectors can be told.
    pub digest: [u8; 32],
}
