//! `amint resume`: a build whose process is no more is gone on with.

use std::num::NonZeroUsize;

use amint_event::ExitClass;

use super::build::{self, Minting, Showing};
use crate::cli::Resume;
use crate::error::CommandError;
use crate::report::files;

pub(super) fn run(arguments: &Resume, verbose: u8) -> Result<ExitClass, CommandError> {
    files::check(&arguments.reports.files)?;
    let minting = Minting::resume(&arguments.build)?;
    let showing = Showing {
        format: arguments.format,
        verbose,
        reports: &arguments.reports.files,
    };
    build::mint(vec![minting], showing, NonZeroUsize::MIN)
}
