//! Reports that are written beside the result: `--report FORMAT=PATH`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use rustix::fs::{Access, access};

use super::{Report, junit, sarif};
use crate::error::CommandError;

/// A format for other tools.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For code scanning
    Sarif,
    /// For test reports
    Junit,
}

/// One file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ReportFile {
    format: Format,
    path: PathBuf,
}

impl Format {
    /// The document, with a line break at its end.
    ///
    /// # Errors
    /// When it has no JSON form.
    pub(crate) fn document(self, reports: &[Report]) -> Result<String, CommandError> {
        match self {
            Format::Junit => Ok(junit::document(reports)),
            Format::Sarif => serde_json::to_string_pretty(&sarif::document(reports))
                .map(|text| text + "\n")
                .map_err(CommandError::Unprintable),
        }
    }
}

impl ReportFile {
    /// Reads `FORMAT=PATH`.
    ///
    /// # Errors
    /// When it is not of this form.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let form = || "expected sarif=PATH or junit=PATH".to_owned();
        let (format, path) = text.split_once('=').ok_or_else(form)?;
        if path.is_empty() {
            return Err(form());
        }
        Ok(Self {
            format: Format::from_str(format, false).map_err(|_| form())?,
            path: path.into(),
        })
    }
}

/// Whether all of them can be written: better found out before the work than after it.
///
/// # Errors
/// When one can't, or when two are the same file.
pub(crate) fn check(files: &[ReportFile]) -> Result<(), CommandError> {
    for (index, file) in files.iter().enumerate() {
        let path = &file.path;
        if files[..index].iter().any(|other| other.path == *path) {
            return Err(CommandError::ReportTwice(path.clone()));
        }
        require_writable(path).map_err(|source| failed(path, source))?;
    }
    Ok(())
}

fn require_writable(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => Ok(access(path, Access::WRITE_OK)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
        }
        Err(error) => Err(error),
    }
}

/// Writes them all; what an earlier run left there is replaced.
///
/// # Errors
/// When one cannot be written.
pub(crate) fn write(files: &[ReportFile], reports: &[Report]) -> Result<(), CommandError> {
    for ReportFile { format, path } in files {
        let text = format.document(reports)?;
        fs::write(path, text).map_err(|source| failed(path, source))?;
    }
    Ok(())
}

fn failed(path: &Path, source: io::Error) -> CommandError {
    CommandError::ReportFile {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_and_a_path() {
        let file = ReportFile::parse("sarif=a=b.sarif").unwrap();
        assert_eq!(
            (file.format, file.path),
            (Format::Sarif, "a=b.sarif".into())
        );
        for wrong in ["sarif", "sarif=", "xml=a", "=a", ""] {
            assert!(ReportFile::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_known_before() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| ReportFile {
            format: Format::Junit,
            path: folder.path().join(path),
        };
        assert!(check(&[at("a.xml"), at("b.xml")]).is_ok());
        assert!(check(&[at("a.xml"), at("a.xml")]).is_err());
        assert!(check(&[at("missing/a.xml")]).is_err());
        assert!(check(&[at("")]).is_err());
        assert!(!folder.path().join("a.xml").exists());
    }
}
