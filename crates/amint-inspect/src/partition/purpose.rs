//! What a partition is for, told from its type. Types are those of the UAPI group's Discoverable Partitions
//! Specification; `BiosBoot` is GRUB's.

/// What a partition is for, as far as its type says and a reader needs to know.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Purpose {
    /// Boot loader code, without a file system.
    BiosBoot,
    /// The EFI system partition.
    EfiSystem,
    /// The boot loader's further partition (XBOOTLDR).
    ExtendedBoot,
    /// `/usr` on x86-64 or 64-bit Arm.
    Usr,
    /// `/home`.
    Home,
    /// `/srv`.
    Srv,
    /// `/var/tmp`.
    TemporaryData,
    /// Anything else; which may well be any of these.
    Other,
}

impl Purpose {
    /// By a GPT type, as text in lower case.
    pub(super) fn of_guid(guid: &str) -> Self {
        match guid {
            "21686148-6449-6e6f-744e-656564454649" => Purpose::BiosBoot,
            "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" => Purpose::EfiSystem,
            "bc13c2ff-59e6-4262-a352-b275fd6f7172" => Purpose::ExtendedBoot,
            "8484680c-9521-48c6-9c11-b0720656f69e" | "b0e01050-ee5f-4390-949a-9101b17104e9" => {
                Purpose::Usr
            }
            "933ac7e1-2eb4-4f13-b844-0e14e2aef915" => Purpose::Home,
            "3b8f8425-20e0-4f3b-907f-1a25a76f98e8" => Purpose::Srv,
            "7ec6f557-3bc5-4aca-b293-16ef5df639d1" => Purpose::TemporaryData,
            _ => Purpose::Other,
        }
    }

    /// By an MBR type.
    pub(super) fn of_byte(byte: u8) -> Self {
        match byte {
            0xef => Purpose::EfiSystem,
            0xea => Purpose::ExtendedBoot,
            _ => Purpose::Other,
        }
    }
}
