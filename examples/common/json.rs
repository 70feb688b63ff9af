//! Records from a stream of JSON. Each is parsed by itself, so a bad one does not affect the others.

use std::fmt;
use std::io::BufRead;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::article::{Fields, Item, Options, Record, SkipReason, Summary};
use super::split::{Chunk, Layout, Splitter};

/// The records of a JSON stream, and a skip for each value that is none.
///
/// It reads nothing but `input`, which may also be a byte slice.
pub struct Records<'a, R> {
    splitter: Splitter<R>,
    path: &'a str,
    options: &'a Options,
    summary: &'a mut Summary,
    found_any: bool,
    ended: bool,
}

impl<'a, R: BufRead> Records<'a, R> {
    pub fn new(
        input: R,
        layout: Layout,
        path: &'a str,
        options: &'a Options,
        summary: &'a mut Summary,
    ) -> Self {
        Self {
            splitter: Splitter::new(input, layout, options.max_bytes),
            path,
            options,
            summary,
            found_any: false,
            ended: false,
        }
    }

    /// The chunk as text, if it can be a record.
    fn json<'c>(&mut self, chunk: &'c Chunk) -> Result<&'c str, SkipReason> {
        let limit = self.options.max_bytes;
        if chunk.size > limit {
            return Err(SkipReason::TooLarge { bytes: chunk.size, limit });
        }
        let Ok(json) = str::from_utf8(&chunk.bytes) else {
            // After a UTF-16 mark the rest cannot be read either.
            let wide = matches!(chunk.bytes[..], [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
            self.ended = wide && chunk.line == 1;
            return Err(SkipReason::NotUtf8InJson);
        };
        let json = json.trim_start_matches('\u{feff}').trim_ascii_end();
        if !json.trim_ascii_start().starts_with('{') {
            let error = format!("a record begins with `{{` at line {}", chunk.line);
            return Err(SkipReason::BrokenJson(error));
        }
        Ok(json)
    }

    fn parse(&mut self, chunk: &Chunk) -> Result<Record, SkipReason> {
        let json = self.json(chunk)?;
        let broken = |error: serde_json::Error| broken(&error, chunk.line);
        let names = Names::new(&self.options.fields);
        let values = names.values(json).map_err(broken)?;

        let line = Some(chunk.line);
        let mut strings: [Option<String>; 7] = Default::default();
        for ((name, value), string) in names.0.iter().zip(values).zip(&mut strings) {
            match value.map_or("null", RawValue::get) {
                "null" => {}
                value if value.starts_with('"') => {
                    *string = Some(serde_json::from_str(value).map_err(broken)?);
                }
                // A number as it is written: a float would lose digits of a long one.
                value if !value.starts_with(['[', '{', 't', 'f']) => {
                    *string = Some(value.to_owned());
                }
                _ => {
                    let what = format!("{name} is neither text nor a number");
                    self.summary.warn(self.path, line, what);
                }
            }
        }
        let [id, title, text, date, story, source, lang] = strings;
        let text = text.ok_or(SkipReason::NoText)?;
        // Many data sets write a missing value as an empty string.
        let filled = |value: Option<String>| value.filter(|value| !value.trim().is_empty());
        Ok(Record {
            id: filled(id).unwrap_or_else(|| format!("{}:{}", self.path, chunk.line)),
            title: filled(title),
            text,
            date: filled(date),
            story: filled(story),
            source: filled(source),
            lang: filled(lang),
            path: self.path.to_owned(),
            line,
        })
    }

    /// The defect of the stream as a whole, known at its end.
    fn at_end(&self) -> Option<Item> {
        let (line, reason) = if self.splitter.in_array {
            let line = self.splitter.line;
            let error = format!("the array is not closed at line {line}");
            (Some(line), SkipReason::BrokenJson(error))
        } else if !self.found_any {
            (None, SkipReason::Empty)
        } else {
            return None;
        };
        Some(Item::skip(self.path, line, reason))
    }
}

impl<R: BufRead> Iterator for Records<'_, R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.ended {
            return None;
        }
        let before = self.splitter.bytes_read;
        let chunk = self.splitter.next_chunk();
        self.summary.bytes += self.splitter.bytes_read - before;
        match chunk {
            Ok(Some(chunk)) => {
                self.found_any = true;
                Some(match self.parse(&chunk) {
                    Ok(record) => record.check(self.summary),
                    Err(reason) => Item::skip(self.path, Some(chunk.line), reason),
                })
            }
            Ok(None) => {
                self.ended = true;
                self.at_end()
            }
            Err(error) => {
                self.ended = true;
                let line = Some(self.splitter.line);
                Some(Item::skip(self.path, line, error.into()))
            }
        }
    }
}

/// The names of the seven fields, in the order of [`Record`].
struct Names<'f>([&'f str; 7]);

impl<'f> Names<'f> {
    fn new(fields: &'f Fields) -> Self {
        let Fields { id, title, text, date } = fields;
        Self([id, title, text, date, "story", "source", "lang"])
    }

    /// The fields of the one object in `text`, not yet parsed themselves.
    fn values<'t>(&self, text: &'t str) -> serde_json::Result<[Option<&'t RawValue>; 7]> {
        let mut parser = serde_json::Deserializer::from_str(text);
        let values = self.deserialize(&mut parser)?;
        parser.end()?;
        Ok(values)
    }
}

/// By hand, because a derived `Deserialize` cannot have field names chosen at run time.
impl<'de> DeserializeSeed<'de> for &Names<'_> {
    type Value = [Option<&'de RawValue>; 7];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &Names<'_> {
    type Value = [Option<&'de RawValue>; 7];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut values = Self::Value::default();
        while let Some(key) = map.next_key::<String>()? {
            match self.0.iter().position(|name| *name == key) {
                Some(at) => values[at] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(values)
    }
}

/// The parser counts lines from the start of the record; the report counts them in the file.
fn broken(error: &serde_json::Error, first_line: u64) -> SkipReason {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let place = format!(" at line {line} column {column}");
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let line = first_line + (line as u64).saturating_sub(1);
    SkipReason::BrokenJson(format!("{message} at line {line}"))
}
