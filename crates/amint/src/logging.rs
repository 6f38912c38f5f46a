//! Logs, on stderr: off but for warnings, unless `-v` or `AMINT_LOG` ask for more.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::error::CommandError;
use crate::render::terminal;
use crate::secrets::MaskedStderr;

/// The environment variable that says what to log, in `tracing`'s filter language.
const VARIABLE: &str = "AMINT_LOG";

/// Starts logging.
///
/// # Errors
/// When `AMINT_LOG` cannot be understood.
pub(crate) fn start(verbose: u8) -> Result<(), CommandError> {
    let logger = tracing_subscriber::fmt()
        .with_writer(MaskedStderr)
        .with_ansi(terminal::stderr_has_color())
        .with_target(verbose > 1);
    match std::env::var(VARIABLE) {
        Ok(directives) if !directives.is_empty() => {
            let filter = EnvFilter::try_new(&directives)
                .map_err(|source| CommandError::LogFilter { directives, source })?;
            logger.with_env_filter(filter).init();
        }
        _ if verbose == 0 => logger.with_max_level(LevelFilter::WARN).init(),
        _ => logger
            .with_env_filter(EnvFilter::new(directives(verbose)))
            .init(),
    }
    Ok(())
}

/// Our own crates at the level asked for; what they are built on stays quiet until `-vvv`.
fn directives(verbose: u8) -> &'static str {
    match verbose {
        1 => "warn,amint=info,amint_engine=info,amint_local=info",
        2 => "warn,amint=debug,amint_engine=debug,amint_local=debug",
        _ => "trace",
    }
}
