//! The examples as programs, for tests that run them.

use std::path::Path;
use std::process::Command;

/// There is no `CARGO_BIN_EXE_…` for examples, but `cargo test` builds them into the folder
/// `examples` beside the one of the test executables. `cargo test --test NAME` alone does not.
pub(crate) fn example(name: &str) -> Command {
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.parent().and_then(Path::parent).expect("the folder of the build");
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = folder.join("examples").join(file);
    assert!(path.is_file(), "no {}: first run `cargo build --examples`", path.display());
    Command::new(path)
}
