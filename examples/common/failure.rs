//! How a program ends that has no answer.

use std::process::ExitCode;

use super::output::OutputError;
use super::screen;
use super::text::say;
use super::walk::ReadError;

/// After Ctrl-C, as shells have it: 128 and the number of the signal.
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

    /// Says it to whoever looks at standard error.
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
