//! Which bytes each kind of secret never lacks, and who looks at their surroundings.

use std::ops::Range;

use super::SecretKind::{self, *};
use super::place::Place;
use super::{aws, hash, jwt, key, login, shadow, token};

/// Bytes that a kind of secret never lacks.
pub(super) struct Anchor {
    pub(super) literal: &'static [u8],
    pub(super) kind: SecretKind,
    /// Where in the text of the place the secret is, if there is one.
    pub(super) verify: fn(&Place) -> Option<Range<usize>>,
}

const fn anchor(
    literal: &'static str,
    kind: SecretKind,
    verify: fn(&Place) -> Option<Range<usize>>,
) -> Anchor {
    Anchor {
        literal: literal.as_bytes(),
        kind,
        verify,
    }
}

/// All anchors, of three bytes at least. Some kinds have several anchors, and an anchor may stand for several kinds.
pub(super) static ANCHORS: [Anchor; 56] = [
    anchor("PRIVATE KEY", PrivateKey, key::pem),
    anchor("b3BlbnNzaC1rZXktdjEA", PrivateKey, key::bare_openssh),
    anchor("PuTTY-User-Key-File-", PuttyKey, key::putty),
    anchor("$1$", PasswordHash, hash::md5),
    anchor("$apr1$", PasswordHash, hash::apache),
    anchor("$2a$", PasswordHash, hash::bcrypt),
    anchor("$2b$", PasswordHash, hash::bcrypt),
    anchor("$2x$", PasswordHash, hash::bcrypt),
    anchor("$2y$", PasswordHash, hash::bcrypt),
    anchor("$5$", PasswordHash, hash::sha256),
    anchor("$6$", PasswordHash, hash::sha512),
    anchor("$7$", PasswordHash, hash::scrypt),
    anchor("$y$", PasswordHash, hash::yescrypt),
    anchor("$gy$", PasswordHash, hash::gost_yescrypt),
    anchor("$sm3$", PasswordHash, hash::sm3),
    anchor("$argon2", PasswordHash, hash::argon2),
    anchor("{SSHA", LdapHash, hash::ldap),
    anchor("{SHA", LdapHash, hash::ldap),
    anchor("{SMD5}", LdapHash, hash::ldap),
    anchor("{CRYPT}", LdapHash, hash::ldap),
    anchor(":::", DesHash, shadow::des),
    anchor("AKIA", AwsAccessKeyId, aws::key_id),
    anchor("ASIA", AwsAccessKeyId, aws::key_id),
    anchor("ABIA", AwsAccessKeyId, aws::key_id),
    anchor("ACCA", AwsAccessKeyId, aws::key_id),
    anchor("AKIA", AwsSecretKey, aws::secret_near_key_id),
    anchor("ASIA", AwsSecretKey, aws::secret_near_key_id),
    anchor("cret_access_key", AwsSecretKey, aws::secret_key),
    anchor("cretAccessKey", AwsSecretKey, aws::secret_key),
    anchor("CRET_ACCESS_KEY", AwsSecretKey, aws::secret_key),
    anchor("ession_token", AwsSessionToken, aws::session_token),
    anchor("essionToken", AwsSessionToken, aws::session_token),
    anchor("ESSION_TOKEN", AwsSessionToken, aws::session_token),
    anchor("TokenValue", AwsSessionToken, aws::session_token),
    anchor("ghp_", GithubToken, token::github),
    anchor("gho_", GithubToken, token::github),
    anchor("ghu_", GithubToken, token::github),
    anchor("ghs_", GithubToken, token::github),
    anchor("ghr_", GithubToken, token::github),
    anchor("github_pat_", GithubToken, token::github_fine_grained),
    anchor("glpat-", GitlabToken, token::gitlab),
    anchor("xoxa-", SlackToken, token::slack),
    anchor("xoxb-", SlackToken, token::slack),
    anchor("xoxp-", SlackToken, token::slack),
    anchor("xoxr-", SlackToken, token::slack),
    anchor("xoxs-", SlackToken, token::slack),
    anchor("sk_live_", StripeKey, token::stripe),
    anchor("rk_live_", StripeKey, token::stripe),
    anchor("AIza", GoogleKey, token::google),
    anchor("npm_", NpmToken, token::npm),
    anchor("pypi-AgEIcHlwaS5vcmc", PypiToken, token::pypi),
    anchor("dckr_pat_", DockerToken, token::docker),
    anchor("hvs.", VaultToken, token::vault),
    anchor("eyJ", Jwt, jwt::signed),
    anchor("://", UrlPassword, login::url),
    anchor("machine", NetrcPassword, login::netrc),
];
