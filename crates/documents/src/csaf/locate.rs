//! On which line of a document a place is, for those who show findings beside
//! the text.

use std::collections::HashMap;

/// Deeper than the reader reads.
const DEEPEST: usize = 130;

/// The lines, from 1, of places given as JSON pointers. A place that does not
/// exist is on the line of the nearest place above it; in what is no JSON, every
/// place is on line 1.
pub fn lines(bytes: &[u8], places: &[&str]) -> Vec<usize> {
    let mut wanted: HashMap<&str, usize> = HashMap::new();
    for place in places {
        let mut place = *place;
        while wanted.insert(place, 0).is_none() {
            match place.rsplit_once('/') {
                Some((above, _)) => place = above,
                None => break,
            }
        }
    }
    let mut scan = Scan {
        bytes,
        at: 0,
        line: 1,
        path: String::new(),
        wanted,
    };
    scan.value(0);
    let line = |mut place: &str| {
        loop {
            match (scan.wanted.get(place), place.rsplit_once('/')) {
                (Some(line), _) if *line > 0 => return *line,
                (_, Some((above, _))) => place = above,
                _ => return 1,
            }
        }
    };
    places.iter().map(|place| line(place)).collect()
}

struct Scan<'b, 'p> {
    bytes: &'b [u8],
    at: usize,
    line: usize,
    path: String,
    wanted: HashMap<&'p str, usize>,
}

impl<'b> Scan<'b, '_> {
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                byte => return Some(byte),
            }
            self.at += 1;
        }
    }

    /// Passes over a value and notes its line; `None` ends the scan.
    fn value(&mut self, depth: usize) -> Option<()> {
        let first = self.peek()?;
        if let Some(line) = self.wanted.get_mut(self.path.as_str())
            && *line == 0
        {
            *line = self.line;
        }
        match first {
            b'{' | b'[' if depth >= DEEPEST => None,
            b'{' => self.members(depth),
            b'[' => self.items(depth),
            b'"' => self.string().map(drop),
            _ => {
                while let Some(byte) = self.bytes.get(self.at)
                    && !matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n')
                {
                    self.at += 1;
                }
                Some(())
            }
        }
    }

    fn members(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        let length = self.path.len();
        loop {
            match self.peek()? {
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                b',' => self.at += 1,
                b'"' => {
                    let key: String = serde_json::from_slice(self.string()?).ok()?;
                    self.path.push('/');
                    self.path += &key.replace('~', "~0").replace('/', "~1");
                    if self.peek()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    self.value(depth + 1)?;
                    self.path.truncate(length);
                }
                _ => return None,
            }
        }
    }

    fn items(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        let length = self.path.len();
        let mut index = 0;
        loop {
            match self.peek()? {
                b']' => {
                    self.at += 1;
                    return Some(());
                }
                b',' => self.at += 1,
                _ => {
                    let before = self.at;
                    self.path += &format!("/{index}");
                    self.value(depth + 1)?;
                    self.path.truncate(length);
                    index += 1;
                    if self.at == before {
                        return None;
                    }
                }
            }
        }
    }

    /// Passes over a string, and gives it with its quotes.
    fn string(&mut self) -> Option<&'b [u8]> {
        let start = self.at;
        self.at += 1;
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return self.bytes.get(start..self.at);
                }
                b'\\' => self.at += 2,
                b'\n' => return None,
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn places_are_found_by_line() {
        let text = b"{\n \"a\": [1,\n  {\"b/c\": \"\\\"{\"\n  }],\n \"d\":\n  null}\n";
        let found = lines(
            text,
            &["", "/a", "/a/0", "/a/1/b~1c", "/a/1/x/y", "/d", "/e"],
        );
        assert_eq!(found, [1, 2, 2, 3, 3, 6, 1]);
    }

    #[test]
    fn what_is_no_json_has_one_line() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "[}", "{\"a\"", "[,,,", "\"", "{\"a\":}", &deep] {
            assert_eq!(lines(text.as_bytes(), &["/a/b"]), [1], "{text:.20}");
        }
    }
}
