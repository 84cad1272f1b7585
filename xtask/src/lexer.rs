//! Splits Rust text into code and string literals, so that a rule about code is not met by a comment.
//!
//! Knows comments, strings and characters; nothing of the grammar. Lines are kept.

/// A Rust file, split.
#[derive(Debug, Default)]
pub struct Split {
    /// The text with comments and the insides of literals blanked; the lines are those of the file.
    pub code: String,
    /// Each string literal with the line that it starts on.
    pub strings: Vec<(usize, String)>,
}

/// Splits the text of a file.
pub fn split(text: &str) -> Split {
    let mut lexer = Lexer {
        rest: text,
        line: 1,
        split: Split::default(),
    };
    while lexer.step() {}
    lexer.split
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    split: Split,
}

impl Lexer<'_> {
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        if self.rest.starts_with("//") {
            let length = self.rest.find('\n').unwrap_or(self.rest.len());
            self.blank(length);
        } else if self.rest.starts_with("/*") {
            self.blank(block_comment(self.rest));
        } else if let Some((length, inside)) = self.raw_string() {
            self.literal(length, inside);
        } else if first == '"' {
            let length = quoted(self.rest, '"');
            let inside = self
                .rest
                .get(1..length.saturating_sub(1))
                .unwrap_or_default();
            self.literal(length, inside.to_owned());
        } else if first == '\'' && is_character(self.rest) {
            self.blank(quoted(self.rest, '\''));
        } else {
            self.keep(first.len_utf8());
        }
        true
    }

    /// `r"…"`, `br#"…"#` and the like, where an identifier does not merely end in `r`.
    fn raw_string(&self) -> Option<(usize, String)> {
        if self
            .split
            .code
            .ends_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            return None;
        }
        let after = self.rest.trim_start_matches(['b', 'c']);
        let opened = after.strip_prefix('r')?;
        let hashes = opened.len() - opened.trim_start_matches('#').len();
        let inside = opened.trim_start_matches('#').strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        let end = inside.find(&close).unwrap_or(inside.len());
        let head = self.rest.len() - inside.len();
        let length = (head + end + close.len()).min(self.rest.len());
        Some((length, inside.get(..end).unwrap_or_default().to_owned()))
    }

    fn literal(&mut self, length: usize, inside: String) {
        self.split.strings.push((self.line, inside));
        self.blank(length);
    }

    fn keep(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.split.code.push_str(taken);
        self.rest = rest;
    }

    fn blank(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        for character in taken.chars() {
            let blank = if character == '\n' { '\n' } else { ' ' };
            self.split.code.push(blank);
        }
        self.line += taken.matches('\n').count();
        self.rest = rest;
    }
}

/// The length of a literal that starts at its opening quote, with both quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return at + character.len_utf8();
        }
    }
    text.len()
}

/// Block comments nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// `'a'` and `'\n'` are characters, `'a` is a lifetime.
fn is_character(text: &str) -> bool {
    let mut characters = text.chars().skip(1);
    match (characters.next(), characters.next()) {
        (Some('\\'), _) => true,
        (Some(_), Some(second)) => second == '\'',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_leave_the_code() {
        let split = split("let a = \"rusqlite\"; // rusqlite\n/* a /* b */ rusqlite */ use pgp;\n");
        assert!(!split.code.contains("rusqlite"));
        assert!(split.code.contains("use pgp;"));
        assert_eq!(split.code.lines().count(), 2);
        assert_eq!(split.strings, [(1, "rusqlite".to_owned())]);
    }

    #[test]
    fn strings_keep_their_line_and_their_escapes() {
        let split = split("\nlet a = \"one \\\" two\n three\";\nlet b = \"next\";");
        assert_eq!(
            split.strings,
            [
                (2, "one \\\" two\n three".to_owned()),
                (4, "next".to_owned())
            ]
        );
    }

    #[test]
    fn raw_strings_end_at_their_own_hashes() {
        let split = split("let a = br#\"x \" y\"#; let bar = 1; f(r\"z\");");
        let inside: Vec<&str> = split
            .strings
            .iter()
            .map(|(_, text)| text.as_str())
            .collect();
        assert_eq!(inside, ["x \" y", "z"]);
        assert!(split.code.contains("let bar = 1;"));
    }

    #[test]
    fn lifetimes_are_no_characters() {
        let split = split(
            "fn f<'a>(x: &'a str) -> char { '\"' } const C: char = '\\''; const S: &str = \"s\";",
        );
        assert_eq!(split.strings, [(1, "s".to_owned())]);
        assert!(split.code.contains("&'a str"));
    }

    #[test]
    fn what_is_never_closed_ends_with_the_file() {
        for text in ["\"open", "/* open", "r#\"open\"", "'", "'\\"] {
            assert_eq!(split(text).code.chars().count(), text.chars().count());
        }
    }
}
