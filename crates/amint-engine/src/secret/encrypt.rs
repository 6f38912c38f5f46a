//! Encryption to a builder's key: RSA-OAEP with SHA-256 (RFC 8017, 7.1), which `openssl` has had since 1.0.2.

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::prelude::{BASE64_STANDARD, Engine};

use super::SecretError;

/// The least modulus that is taken for a key, in bits (NIST SP 800-57 part 1, table 2: 128 bits of security).
const LEAST_BITS: usize = 3072;

/// A builder's public key.
pub(super) struct PublicKey(OaepPublicEncryptingKey);

impl PublicKey {
    /// The key in what a command printed: PEM, with anything around it.
    pub(super) fn find(printed: &str) -> Result<Self, SecretError> {
        let body: String = printed
            .lines()
            .map(str::trim)
            .skip_while(|line| *line != "-----BEGIN PUBLIC KEY-----")
            .skip(1)
            .take_while(|line| *line != "-----END PUBLIC KEY-----")
            .collect();
        let der = BASE64_STANDARD.decode(body);
        let der = der.map_err(|_| SecretError::BadKey)?;
        let key = PublicEncryptingKey::from_der(&der).map_err(|_| SecretError::BadKey)?;
        if key.key_size_bits() < LEAST_BITS {
            return Err(SecretError::BadKey);
        }
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| SecretError::BadKey)?;
        Ok(Self(key))
    }

    /// `secret` in parts of at most what the key takes at once, each encrypted, in base64.
    pub(super) fn encrypt(&self, secret: &[u8]) -> Result<Vec<String>, SecretError> {
        let most = self.0.max_plaintext_size(&OAEP_SHA256_MGF1SHA256);
        let parts = secret.chunks(most.max(1));
        parts.map(|part| self.encrypt_part(part)).collect()
    }

    fn encrypt_part(&self, part: &[u8]) -> Result<String, SecretError> {
        let mut room = vec![0; self.0.ciphertext_size()];
        let encrypted = self
            .0
            .encrypt(&OAEP_SHA256_MGF1SHA256, part, &mut room, None);
        let encrypted = encrypted.map_err(|_| SecretError::BadKey)?;
        Ok(BASE64_STANDARD.encode(encrypted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_is_refused() {
        for printed in [
            "",
            "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\n?\n",
        ] {
            assert!(
                matches!(PublicKey::find(printed), Err(SecretError::BadKey)),
                "{printed:?}"
            );
        }
    }
}
