//! `amint resume`: a build whose process is no more is gone on with.

use std::num::NonZeroUsize;

use amint_event::ExitClass;

use super::build::{self, Minting};
use crate::cli::Resume;
use crate::error::CommandError;

pub(super) fn run(arguments: &Resume, verbose: u8) -> Result<ExitClass, CommandError> {
    let minting = Minting::resume(&arguments.build)?;
    build::mint(vec![minting], arguments.format, verbose, NonZeroUsize::MIN)
}
