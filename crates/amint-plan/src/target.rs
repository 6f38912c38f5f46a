//! What a plan is for.

/// Where a plan's build runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Target {
    /// A QEMU machine on this computer.
    Local,
    /// EC2.
    Aws,
}
