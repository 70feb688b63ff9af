//! Splits a stream of bytes into records without parsing them: a file of any size is read in the memory of
//! one record, and even a broken record has an end.

use std::io::{self, BufRead};

/// How the records of a stream are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One record on each line.
    Lines,
    /// By brackets: one record, a sequence of records, or an array of them.
    Values,
}

/// A piece of the stream that should be a record.
pub struct Chunk {
    /// The line on which it begins.
    pub line: u64,
    pub size: u64,
    /// Dropped when `size` is over the limit.
    pub bytes: Vec<u8>,
}

/// Cuts a stream into chunks of at most `max_bytes`.
pub struct Splitter<R> {
    input: R,
    layout: Layout,
    max_bytes: u64,
    /// The current line of `input`.
    pub line: u64,
    /// Whether an array has been opened and not closed.
    pub in_array: bool,
    /// Bytes taken from `input` so far.
    pub bytes_read: u64,
}

impl<R: BufRead> Splitter<R> {
    pub fn new(input: R, layout: Layout, max_bytes: u64) -> Self {
        Self { input, layout, max_bytes, line: 1, in_array: false, bytes_read: 0 }
    }

    /// The next chunk that is not blank; `None` at the end of the input.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        loop {
            let chunk = match self.layout {
                Layout::Lines => self.take_until(line_end)?,
                Layout::Values => {
                    self.pass_separators()?;
                    let mut brackets = Brackets::default();
                    self.take_until(|buffer| brackets.end(buffer))?
                }
            };
            if chunk.size == 0 {
                return Ok(None);
            }
            let too_large = chunk.size > self.max_bytes;
            if too_large || !chunk.bytes.trim_ascii().is_empty() {
                return Ok(Some(chunk));
            }
        }
    }

    /// Takes the bytes up to the offset that `end` finds, or all that are left.
    fn take_until(&mut self, mut end: impl FnMut(&[u8]) -> Option<usize>) -> io::Result<Chunk> {
        let line = self.line;
        let mut size = 0;
        let mut bytes = Vec::new();
        loop {
            let buffer = self.input.fill_buf()?;
            let found = end(buffer);
            let part = &buffer[..found.unwrap_or(buffer.len())];
            let length = part.len();
            size += length as u64;
            if size <= self.max_bytes {
                bytes.extend_from_slice(part);
            } else {
                bytes = Vec::new();
            }
            self.line += part.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.bytes_read += length as u64;
            self.input.consume(length);
            if found.is_some() || length == 0 {
                return Ok(Chunk { line, size, bytes });
            }
        }
    }

    /// Skips to the start of a value.
    fn pass_separators(&mut self) -> io::Result<()> {
        while let Some(byte) = self.input.fill_buf()?.first() {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' | b',' => {}
                // A byte order mark.
                0xEF | 0xBB | 0xBF => {}
                b'[' if !self.in_array => self.in_array = true,
                b']' => self.in_array = false,
                _ => break,
            }
            self.bytes_read += 1;
            self.input.consume(1);
        }
        Ok(())
    }
}

/// After the line feed.
fn line_end(buffer: &[u8]) -> Option<usize> {
    let at = buffer.iter().position(|byte| *byte == b'\n')?;
    Some(at + 1)
}

/// Finds where a value ends by brackets and quotes alone, so that even a broken value has an end.
#[derive(Default)]
struct Brackets {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Brackets {
    /// The number of bytes of `buffer` that belong to the value, if it ends there.
    fn end(&mut self, buffer: &[u8]) -> Option<usize> {
        for (at, byte) in buffer.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                // A number or a stray word ends where the next value may begin.
                b',' | b']' | b'\n' if self.depth == 0 => return Some(at),
                b'}' | b']' if self.depth == 1 => return Some(at + 1),
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        None
    }
}
