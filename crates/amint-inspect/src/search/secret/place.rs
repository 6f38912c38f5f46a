//! What a verifier sees.

/// Bytes before an anchor that a verifier may look at.
pub(in crate::search) const BEFORE: usize = 256;
/// Bytes from an anchor's first on that a verifier may look at: enough for an RSA key of 4096 bits in PEM.
pub(in crate::search) const AFTER: usize = 4096;

/// A file begins at a multiple of this on the disk, and what is before that is something else: no file system has
/// smaller blocks.
pub(in crate::search) const SECTOR: u64 = 512;

/// An anchor and what surrounds it: at most [`BEFORE`] bytes before its start and [`AFTER`] bytes from there on.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) text: &'a [u8],
    /// Where in `text` the anchor starts.
    pub(super) at: usize,
}

impl<'a> Place<'a> {
    /// The surroundings of `position` in `haystack`.
    pub(super) fn new(haystack: &'a [u8], position: usize) -> Self {
        let start = position.saturating_sub(BEFORE);
        let end = position.saturating_add(AFTER).min(haystack.len());
        Self {
            text: haystack.get(start..end).unwrap_or_default(),
            at: position - start,
        }
    }

    /// The same as it is if a file begins at the last border before the anchor. `position` is the anchor's in the
    /// haystack, which begins at a border.
    pub(super) fn alone(self, position: usize) -> Option<Self> {
        let at = position % SECTOR as usize;
        let text = rest(self.text, self.at.checked_sub(at)?);
        Some(Self { text, at })
    }

    /// The bytes before the anchor.
    pub(super) fn before(&self) -> &'a [u8] {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// The bytes from `offset` after the anchor's start on.
    pub(super) fn after(&self, offset: usize) -> &'a [u8] {
        rest(self.text, self.at.saturating_add(offset))
    }

    /// The same, but no more than `most` bytes.
    pub(super) fn within(&self, offset: usize, most: usize) -> &'a [u8] {
        let after = self.after(offset);
        after.get(..most).unwrap_or(after)
    }
}

/// What of `text` follows its first `from` bytes.
pub(super) fn rest(text: &[u8], from: usize) -> &[u8] {
    text.get(from..).unwrap_or_default()
}

/// What `text` begins with, as long as all of it `is` something.
pub(super) fn run(text: &[u8], is: impl Fn(u8) -> bool) -> &[u8] {
    let length = text.iter().take_while(|byte| is(**byte)).count();
    text.get(..length).unwrap_or_default()
}

/// What `text` ends with, as long as all of it `is` something.
pub(super) fn run_back(text: &[u8], is: impl Fn(u8) -> bool) -> &[u8] {
    let length = text.iter().rev().take_while(|byte| is(**byte)).count();
    rest(text, text.len() - length)
}

/// The alphabet of `crypt(5)`.
pub(super) fn is_crypt(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/')
}

/// The alphabet of base64, without padding.
pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// The alphabet of base64 for URLs.
pub(super) fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// How many different bytes there are. What people write in the place of a secret (`xxxx`, `1234`) has few.
pub(super) fn variety(text: &[u8]) -> usize {
    let seen = text.iter().fold([0_u64; 4], |mut seen, byte| {
        seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
        seen
    });
    seen.iter().map(|bits| bits.count_ones() as usize).sum()
}

/// Whether capitals, small letters and digits all occur, as they do in nearly all random text, and hardly ever in words
/// and hexadecimal digits.
pub(super) fn is_mixed(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_uppercase)
        && text.iter().any(u8::is_ascii_lowercase)
        && text.iter().any(u8::is_ascii_digit)
}

/// Whether `text` holds `part`.
pub(super) fn holds(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}
