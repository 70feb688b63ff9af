//! Output files. A file is written beside its path under a temporary name and then renamed, so it is never
//! incomplete at its path.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fmt, process};

/// The unfinished files under their temporary names, for [`abandon_all`].
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes unfinished files and ends the program, on Ctrl-C. It never releases the lock, so the main thread
/// cannot rename or create a file meanwhile.
pub fn abandon_all(status: i32) -> ! {
    let unfinished = unfinished();
    for part in unfinished.iter() {
        let _ = fs::remove_file(part);
    }
    process::exit(status)
}

/// An output, opened before the work begins, so that an error shows at once and not at the end.
pub struct Output {
    name: String,
    target: Target,
}

enum Target {
    Stdout,
    /// A device or a pipe, which cannot be replaced by a rename.
    Special(File),
    File(Part),
}

/// An output cannot be written.
#[derive(Debug)]
pub struct OutputError {
    name: String,
    error: io::Error,
}

/// Whether an output is standard output.
pub fn is_stdout(place: &Path) -> bool {
    place.as_os_str() == "-"
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: {}", self.name, self.error)
    }
}

impl Output {
    pub fn stdout() -> Self {
        Self { name: "standard output".into(), target: Target::Stdout }
    }

    /// A file, or standard output for `-`.
    pub fn create(place: &Path) -> Result<Self, OutputError> {
        if is_stdout(place) {
            return Ok(Self::stdout());
        }
        let name = place.display().to_string();
        match Target::create(place) {
            Ok(target) => Ok(Self { name, target }),
            Err(error) => Err(OutputError { name, error }),
        }
    }

    /// Writes everything. A closed pipe is no error.
    pub fn write(
        self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let buffered = |to: &mut dyn Write| {
            let mut out = BufWriter::new(to);
            content(&mut out)?;
            out.flush()
        };
        let result = match self.target {
            Target::Stdout => buffered(&mut io::stdout().lock()),
            Target::Special(mut file) => buffered(&mut file),
            Target::File(mut part) => buffered(&mut part.file).and_then(|()| part.finish()),
        };
        match result {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(OutputError { name: self.name, error })
            }
            _ => Ok(()),
        }
    }
}

impl Target {
    fn create(place: &Path) -> io::Result<Self> {
        // Replaces the target of a link, not the link.
        let place = fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
        match fs::metadata(&place) {
            Ok(found) if !found.is_file() => {
                Ok(Self::Special(File::options().write(true).open(&place)?))
            }
            _ => Ok(Self::File(Part::create(place)?)),
        }
    }
}

/// A file under its temporary name, which is removed unless it is finished.
struct Part {
    file: File,
    path: PathBuf,
    place: PathBuf,
}

impl Part {
    fn create(place: PathBuf) -> io::Result<Self> {
        let name = place.file_name().ok_or(ErrorKind::InvalidFilename)?;
        // Hidden, so that it is not read as an article.
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", process::id()));
        let path = place.with_file_name(hidden);
        let mut unfinished = unfinished();
        let file = File::create_new(&path)?;
        unfinished.push(path.clone());
        Ok(Self { file, path, place })
    }

    /// Renames it to its path.
    fn finish(self) -> io::Result<()> {
        let mut unfinished = unfinished();
        fs::rename(&self.path, &self.place)?;
        unfinished.retain(|path| *path != self.path);
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let mut unfinished = unfinished();
        if let Some(at) = unfinished.iter().position(|path| *path == self.path) {
            let _ = fs::remove_file(&self.path);
            unfinished.swap_remove(at);
        }
    }
}
