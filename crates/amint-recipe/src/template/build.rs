//! What differs from build to build: its id, and the day in it.

use jiff::Timestamp;

use super::renderer::RenderError;

/// The build id that plans are compared with: all digests are made with it. It has a build id's length, and its time is
/// the beginning of 1970.
pub const PLACEHOLDER_BUILD_ID: &str = "00000000000000000000000000";

/// One build, as templates see it.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    id: String,
    /// When the id was made; ids that amint did not make have no time.
    begun: Option<Timestamp>,
}

impl Build {
    /// The build with this id. The id of a build is a ULID, which begins with the time: so a build that is gone on with has
    /// the date that it began with, without another fact to keep.
    pub(crate) fn new(id: &str) -> Result<Build, RenderError> {
        let is_word = (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_word {
            return Err(RenderError::BuildId);
        }
        let begun = milliseconds(id).and_then(|time| Timestamp::from_millisecond(time).ok());
        Ok(Build {
            id: id.to_owned(),
            begun,
        })
    }

    /// The one that plans are compared with.
    pub(crate) fn placeholder() -> Build {
        Build {
            id: PLACEHOLDER_BUILD_ID.to_owned(),
            begun: Some(Timestamp::UNIX_EPOCH),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn begun(&self) -> Option<Timestamp> {
        self.begun
    }
}

/// The first 48 bits of a ULID, milliseconds since 1970 (<https://github.com/ulid/spec>): ten digits of Crockford's base 32.
fn milliseconds(id: &str) -> Option<i64> {
    const DIGITS: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
    if id.len() != PLACEHOLDER_BUILD_ID.len() {
        return None;
    }
    let mut time = 0;
    for (index, byte) in id.bytes().enumerate() {
        let byte = byte.to_ascii_lowercase();
        let digit = DIGITS.iter().position(|one| *one == byte)?;
        if index < 10 {
            time = time * 32 + i64::try_from(digit).ok()?;
        }
    }
    // 50 bits hold more than 48.
    (time < 1 << 48).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::{Build, PLACEHOLDER_BUILD_ID, milliseconds};

    #[test]
    fn a_ulid_holds_its_time() {
        // The example of the specification.
        assert_eq!(
            milliseconds("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            Some(1_469_922_850_259)
        );
        assert_eq!(milliseconds(PLACEHOLDER_BUILD_ID), Some(0));
        assert_eq!(
            milliseconds("7ZZZZZZZZZ0000000000000000"),
            Some((1 << 48) - 1)
        );
        for id in [
            "8zzzzzzzzz0000000000000000",
            "another",
            "01arz3ndektsv4rrffq69g5fau",
        ] {
            assert_eq!(milliseconds(id), None, "{id}");
            assert!(Build::new(id).unwrap().begun().is_none());
        }
    }
}
