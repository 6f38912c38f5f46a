//! Lists of addresses: CIDR blocks and patterns, as `Match Address` and `AllowUsers user@…` have them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::pattern::{self, Match};

/// Longest entry that sshd reads as an address, in bytes.
const MAX_ADDRESS: usize = 63;

/// What a list says of an address; `None` for one that sshd refuses to read: an empty entry, or a mask that does not
/// fit its address. What is no address is compared as a pattern.
pub(super) fn list(address: &str, list: &str) -> Option<Match> {
    let known = parse(address);
    let mut found = Match::No;
    for entry in list.split(',') {
        let (negated, entry) = match entry.strip_prefix('!') {
            Some(entry) => (true, entry),
            None => (false, entry),
        };
        let matched = match block(entry) {
            _ if entry.is_empty() => return None,
            Block::Inconsistent => return None,
            // Without an address that can be read nothing matches.
            _ if known.is_none() => false,
            Block::Network(network, length) => {
                known.is_some_and(|known| covers(network, length, known))
            }
            Block::Pattern => pattern::matches(address, entry),
        };
        match (matched, negated) {
            (true, true) => {
                // sshd reads no further.
                return Some(Match::Negated);
            }
            (true, false) => found = Match::Yes,
            (false, _) => {}
        }
    }
    Some(found)
}

/// Whether sshd can read the list at all.
pub(super) fn is_valid(list: &str) -> bool {
    list.split(',').all(|entry| {
        let entry = entry.strip_prefix('!').unwrap_or(entry);
        !entry.is_empty() && !matches!(block(entry), Block::Inconsistent)
    })
}

/// One entry.
enum Block {
    Network(IpAddr, u32),
    /// Anything but an address.
    Pattern,
    /// Too long a mask, or one that leaves bits of the address over.
    Inconsistent,
}

fn block(entry: &str) -> Block {
    if entry.len() > MAX_ADDRESS {
        return Block::Pattern;
    }
    let (address, mask) = match entry.split_once('/') {
        Some((address, mask)) => (address, Some(mask)),
        None => (entry, None),
    };
    let mask = match mask {
        None => None,
        Some(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            match text.parse::<u32>() {
                Ok(length) if length <= 128 => Some(length),
                _ => return Block::Pattern,
            }
        }
        Some(_) => return Block::Pattern,
    };
    let Some(address) = parse(address) else {
        return Block::Pattern;
    };
    let width = if address.is_ipv4() { 32 } else { 128 };
    let length = mask.unwrap_or(width);
    if length > width || bits(address) & host_bits(width, length) != 0 {
        return Block::Inconsistent;
    }
    Block::Network(address, length)
}

fn covers(network: IpAddr, length: u32, address: IpAddr) -> bool {
    let width = if network.is_ipv4() { 32 } else { 128 };
    network.is_ipv4() == address.is_ipv4()
        && (bits(network) ^ bits(address)) & !host_bits(width, length) == 0
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The bits of an address that a mask leaves out.
fn host_bits(width: u32, length: u32) -> u128 {
    1_u128
        .checked_shl(width - length)
        .map_or(u128::MAX, |bit| bit - 1)
}

/// A numeric address; IPv4 also in the short, octal and hexadecimal forms of inet_aton(3). One with a zone (`%eth0`)
/// is not read: whether it matches depends on the machine's interfaces.
pub(super) fn parse(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    }
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() > 4 {
        return None;
    }
    let (last, leading) = parts.split_last()?;
    let mut address = 0_u64;
    for part in leading {
        address = (address << 8) | number(part).filter(|part| *part < 256)?;
    }
    let width = 8 * (4 - leading.len() as u64);
    let last = number(last).filter(|last| *last < 1 << width)?;
    let address = (address << width) | last;
    u32::try_from(address)
        .ok()
        .map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
}

/// A number as C writes it.
fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    let sound = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    sound.then(|| u64::from_str_radix(digits, radix).ok())?
}

#[cfg(test)]
mod tests {
    use super::{Match, is_valid, list, parse};

    #[test]
    fn networks_cover_their_addresses_and_no_others() {
        for (address, entries, expected) in [
            ("10.1.2.3", "10.0.0.0/8", Match::Yes),
            ("10.1.2.3", "10.1.2.3", Match::Yes),
            ("10.1.2.3", "11.0.0.0/8,10.1.*", Match::Yes),
            ("10.1.2.3", "*,!10.1.0.0/16", Match::Negated),
            ("10.1.2.3", "0.0.0.0/0", Match::Yes),
            ("2001:db8::1", "2001:db8::/32", Match::Yes),
            ("2001:db8::1", "::/0", Match::Yes),
            ("2001:db8::1", "0.0.0.0/0", Match::No),
            ("2001:db9::1", "2001:db8::/32", Match::No),
            ("UNKNOWN", "*", Match::No),
        ] {
            assert_eq!(
                list(address, entries),
                Some(expected),
                "{address} {entries}"
            );
        }
        for entries in [
            "10.0.0.1/8",
            "10.0.0.0/33",
            "",
            "10.0.0.0/8,",
            "!",
            "2001:db8::1/32",
        ] {
            assert!(
                !is_valid(entries) && list("11.0.0.1", entries).is_none(),
                "{entries}"
            );
        }
    }

    #[test]
    fn short_forms_are_addresses() {
        assert_eq!(parse("127.1"), parse("127.0.0.1"));
        assert_eq!(parse("0x7f000001"), parse("127.0.0.1"));
        assert_eq!(parse("010.0.0.1"), parse("8.0.0.1"));
        for text in [
            "",
            "1.2.3.4.5",
            "256.1.1.1",
            "1.2.3.",
            "a.b",
            "-1",
            "09.1.1.1",
            "::1%lo",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
