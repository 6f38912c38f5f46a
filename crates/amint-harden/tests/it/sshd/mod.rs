//! sshd's configuration as amint reads it, against what the installed sshd says of the same files (`sshd -T -C …`).
//!
//! - `folder`: a file tree that is a folder of this machine.
//! - `oracle`: both readings of one configuration, compared.
//! - `corpus`: configurations written by hand; `generated`: by chance.

mod corpus;
mod folder;
mod generated;
mod oracle;
