//! The folders of `src/` are in the order of the data: each uses only folders before it.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Few enough for a newcomer to remember.
const MAX_ENTRIES: usize = 18;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules of the crate in the order in which `lib.rs` declares them.
fn modules() -> Vec<String> {
    let library = fs::read_to_string(source().join("lib.rs")).unwrap();
    let declared = library.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)
    });
    declared.collect()
}

/// Every Rust file of a module.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let sources =
        entries.filter(|path| path.is_dir() || path.extension().is_some_and(|e| e == "rs"));
    sources.flat_map(|path| files(&path)).collect()
}

/// The names after `crate::` in the code of a file, comments excluded.
fn used(code: &str) -> BTreeSet<String> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let uses = lines.flat_map(|line| line.split("crate::").skip(1));
    let name = |rest: &str| -> String {
        rest.chars().take_while(|&c| c == '_' || c.is_ascii_alphanumeric()).collect()
    };
    uses.map(name).collect()
}

#[test]
fn a_module_uses_only_what_comes_before_it() {
    let modules = modules();
    assert!(modules.len() > 10, "{modules:?}");
    let mut against = Vec::new();
    for (at, module) in modules.iter().enumerate() {
        let folder = source().join(module);
        let path = if folder.is_dir() { folder } else { source().join(format!("{module}.rs")) };
        for file in files(&path) {
            for name in used(&fs::read_to_string(&file).unwrap()) {
                if !modules[..=at].contains(&name) {
                    against.push(format!("{} uses crate::{name}", file.display()));
                }
            }
        }
    }
    assert!(against.is_empty(), "{against:#?}");
}

#[test]
fn the_source_has_few_entries_and_each_folder_has_a_page() {
    let entries: Vec<PathBuf> =
        fs::read_dir(source()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(entries.len() <= MAX_ENTRIES, "{entries:?}");
    let expected: BTreeSet<String> = modules().into_iter().chain(["lib".to_owned()]).collect();
    let found = entries.iter().filter(|path| path.extension().is_none_or(|e| e == "rs"));
    let found = found.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    assert_eq!(found.collect::<BTreeSet<String>>(), expected, "lib.rs declares every entry");
    for folder in entries.iter().filter(|path| path.is_dir()) {
        let page = fs::read_to_string(folder.join("mod.rs")).unwrap();
        assert!(page.starts_with("//! "), "{} says what it is", folder.display());
    }
}
