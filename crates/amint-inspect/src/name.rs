//! Names on a disk are bytes; paths are text. Each name has its own text, so that what was listed can be
//! looked up.
//!
//! A byte that is not UTF-8 is written as a character for private use, U+F780 to U+F7FF, and so is each byte
//! of a name that holds such a character itself.

use std::ops::RangeInclusive;

const STAND_INS: RangeInclusive<char> = '\u{f780}'..='\u{f7ff}';

/// A name, or a text that may hold names, as text.
pub fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if STAND_INS.contains(&character) {
                let mut encoded = [0; 4];
                let encoded = character.encode_utf8(&mut encoded);
                text.extend(encoded.bytes().map(stand_in));
            } else {
                text.push(character);
            }
        }
        text.extend(chunk.invalid().iter().copied().map(stand_in));
    }
    text
}

/// The name, or the path, that [`text`] made this text from.
pub fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        if STAND_INS.contains(&character) {
            // The last eight bits are the byte.
            bytes.push(u32::from(character) as u8);
        } else {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    bytes
}

/// Only for bytes that are not ASCII: no other is ever part of what cannot be kept.
fn stand_in(byte: u8) -> char {
    char::from_u32(0xf700 + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::{bytes, text};

    #[test]
    fn every_name_comes_back_and_none_is_another_s() {
        let names: [&[u8]; 8] = [
            b"plain",
            "naïve \u{fffd}".as_bytes(),
            b"\xff",
            "\u{f7ff}".as_bytes(),
            b"\xef\x9f",
            b"\xef\x9f\xbf\xff",
            b"a\x80b\xc3(",
            b"",
        ];
        let texts = names.map(text);
        for (name, text) in names.iter().zip(&texts) {
            assert_eq!(bytes(text), *name, "{text:?}");
        }
        for (index, text) in texts.iter().enumerate() {
            assert!(!texts[..index].contains(text), "{text:?}");
        }
        assert_eq!(texts[0], "plain");
        assert_eq!(texts[2], "\u{f7ff}");
    }
}
