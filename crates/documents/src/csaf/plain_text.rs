//! Texts as tests compare them: without what readers do not see or take for
//! one another.

/// Lower case, without white space, invisible characters, dashes and low lines.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !is_blank(*c) && !is_dash(*c) && !is_low_line(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The text without white space and invisible characters.
pub(crate) fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).collect()
}

/// White space, and characters of no width.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2060}'..='\u{2064}'
                | '\u{feff}'
        )
}

/// Dashes, hyphens, minus signs and horizontal lines in all their variants.
fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '~'
            | '\u{2d7}'
            | '\u{58a}'
            | '\u{5be}'
            | '\u{1400}'
            | '\u{1806}'
            | '\u{2010}'..='\u{2015}'
            | '\u{2043}'
            | '\u{2053}'
            | '\u{207b}'
            | '\u{208b}'
            | '\u{2212}'
            | '\u{23af}'
            | '\u{23ba}'..='\u{23bd}'
            | '\u{23e4}'
            | '\u{2500}'
            | '\u{2501}'
            | '\u{254c}'
            | '\u{254d}'
            | '\u{2574}'
            | '\u{2576}'
            | '\u{2578}'
            | '\u{257a}'
            | '\u{2796}'
            | '\u{29ff}'
            | '\u{2e17}'
            | '\u{2e1a}'
            | '\u{2e3a}'
            | '\u{2e3b}'
            | '\u{2e40}'
            | '\u{301c}'
            | '\u{3030}'
            | '\u{30a0}'
            | '\u{fe31}'
            | '\u{fe32}'
            | '\u{fe58}'
            | '\u{fe63}'
            | '\u{ff0d}'
            | '\u{10ead}'
            | '\u{1bc86}'
    )
}

/// Low lines in all their variants.
fn is_low_line(c: char) -> bool {
    matches!(
        c,
        '_' | '\u{2cd}'
            | '\u{320}'
            | '\u{332}'
            | '\u{333}'
            | '\u{2017}'
            | '\u{203f}'
            | '\u{2040}'
            | '\u{2054}'
            | '\u{2581}'
            | '\u{23b5}'
            | '\u{fe33}'
            | '\u{fe34}'
            | '\u{fe4d}'..='\u{fe4f}'
            | '\u{ff3f}'
            | '\u{1bc03}'
            | '\u{1bc08}'
            | '\u{1bc0d}'
            | '\u{1bc11}'..='\u{1bc13}'
            | '\u{1bc96}'
            | '\u{1bc97}'
            | '\u{1bc99}'
    )
}
