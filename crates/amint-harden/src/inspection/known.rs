//! Test vectors that packages ship: keys, hashes and tokens that everybody can read already.
//!
//! The table has a line for each: SHA-256 of the recognised text, its kind, and the package and file that it comes
//! from. It is the text that is known, wherever it lies; no path is silenced.

/// `DIGEST KIND PACKAGE PATH`, sorted.
const TABLE: &str = include_str!("known.txt");

/// Whether a package is known to ship the text with this SHA-256.
pub(super) fn is_known(digest: &[u8; 32]) -> bool {
    let digest = crate::hex::encode(digest);
    TABLE.lines().any(|line| line.starts_with(&digest))
}

#[cfg(test)]
mod tests {
    use super::{TABLE, is_known};

    #[test]
    fn every_line_says_where_its_text_comes_from() {
        let lines: Vec<&str> = TABLE.lines().collect();
        assert!(!lines.is_empty() && lines.is_sorted());
        for line in lines {
            let fields: Vec<&str> = line.splitn(4, ' ').collect();
            let [digest, _, package, path] = fields[..] else {
                panic!("{line}");
            };
            assert!(
                digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{line}"
            );
            assert!(!package.is_empty() && path.starts_with('/'), "{line}");
        }
        assert!(!is_known(&[0; 32]));
    }
}
