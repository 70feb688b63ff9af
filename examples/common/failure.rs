//! Failures of a program and their exit codes.

use std::process::ExitCode;

use super::output::OutputError;
use super::screen;
use super::text::say;
use super::walk::ReadError;

/// The exit code after Ctrl-C by the convention of shells: 128 plus the number of the signal.
pub const INTERRUPTED: i32 = 130;

/// Why there is no answer.
pub struct Failure {
    pub status: u8,
    pub message: String,
}

impl Failure {
    pub fn nothing_to_do(message: String) -> Self {
        Self { status: 2, message }
    }

    /// Prints it to standard error.
    pub fn say(&self) -> ExitCode {
        say(format_args!("error: {}", screen::plain(&self.message)));
        ExitCode::from(self.status)
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::nothing_to_do(error.to_string())
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self { status: 1, message: error.to_string() }
    }
}
