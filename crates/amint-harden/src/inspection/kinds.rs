//! Which rule a kind of secret violates, and how sure that is.

use amint_inspect::search::SecretKind;

use crate::finding::Severity;
use crate::rule::{MP_SEC_006, MP_SEC_007, MP_SEC_008, Rule};

/// The rule that forbids secrets of this kind.
pub(super) fn rule(kind: SecretKind) -> &'static Rule {
    match kind {
        SecretKind::PrivateKey | SecretKind::PuttyKey => &MP_SEC_007,
        SecretKind::PasswordHash | SecretKind::LdapHash | SecretKind::DesHash => &MP_SEC_006,
        _ => &MP_SEC_008,
    }
}

/// How bad one is: where documentation writes the same shape for made-up names and passwords, or where most are no
/// longer valid, it may be an accident.
pub(super) fn severity(kind: SecretKind) -> Severity {
    match kind {
        SecretKind::Jwt | SecretKind::UrlPassword | SecretKind::NetrcPassword => Severity::Warning,
        _ => rule(kind).severity,
    }
}

/// What is searched for whatever the build, for people.
pub(super) const SEARCHED_FOR: [&str; 3] = [
    "private keys (PEM, OpenSSH, OpenPGP, PuTTY)",
    "hashes of passwords (crypt, Argon2, LDAP)",
    "credentials with a shape of their own (AWS, GitHub, GitLab, Slack, Stripe, Google, npm, PyPI, Docker, Vault, JWT, \
     URLs, netrc)",
];
