//! Names of keys, as the action list of WebDriver.

use serde_json::{Value, json};

/// The presses and releases for words such as `ctrl-k Enter`.
pub(super) fn actions(words: &str) -> Result<Vec<Value>, String> {
    let mut actions = Vec::new();
    for word in words.split_whitespace() {
        let mut held = Vec::new();
        let mut rest = word;
        while let Some((modifier, after)) =
            rest.split_once('-').filter(|(_, after)| !after.is_empty())
        {
            held.push(modifier_code(modifier).ok_or_else(|| {
                format!("`{modifier}` in `{word}` is none of ctrl, shift, alt, meta")
            })?);
            rest = after;
        }
        let key = key_code(rest).ok_or_else(|| format!("`{rest}` in `{word}` names no key"))?;
        actions.extend(held.iter().map(|code| press(*code)));
        actions.extend([press(key), release(key)]);
        actions.extend(held.iter().rev().map(|code| release(*code)));
    }
    Ok(actions)
}

fn press(key: char) -> Value {
    json!({ "type": "keyDown", "value": key.to_string() })
}

fn release(key: char) -> Value {
    json!({ "type": "keyUp", "value": key.to_string() })
}

fn modifier_code(name: &str) -> Option<char> {
    Some(match name.to_ascii_lowercase().as_str() {
        "ctrl" => '\u{E009}',
        "shift" => '\u{E008}',
        "alt" => '\u{E00A}',
        "meta" => '\u{E03D}',
        _ => return None,
    })
}

fn key_code(name: &str) -> Option<char> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(letter);
    }
    Some(match name {
        "Enter" => '\u{E007}',
        "Escape" => '\u{E00C}',
        "Tab" => '\u{E004}',
        "Space" => ' ',
        "Backspace" => '\u{E003}',
        "Delete" => '\u{E017}',
        "Home" => '\u{E011}',
        "End" => '\u{E010}',
        "PageUp" => '\u{E00E}',
        "PageDown" => '\u{E00F}',
        "ArrowLeft" => '\u{E012}',
        "ArrowUp" => '\u{E013}',
        "ArrowRight" => '\u{E014}',
        "ArrowDown" => '\u{E015}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modifier_is_held_while_its_key_is_pressed() {
        let actions = actions("ctrl-k").expect("both are keys");
        let told: Vec<String> = actions
            .iter()
            .map(|action| format!("{} {}", action["type"], action["value"]))
            .collect();
        assert_eq!(
            told,
            [
                "\"keyDown\" \"\u{E009}\"",
                "\"keyDown\" \"k\"",
                "\"keyUp\" \"k\"",
                "\"keyUp\" \"\u{E009}\"",
            ]
        );
    }

    #[test]
    fn the_hyphen_is_a_key_too() {
        assert_eq!(actions("- shift-Tab").map(|actions| actions.len()), Ok(6));
    }

    #[test]
    fn an_unknown_word_is_refused_by_name() {
        assert!(actions("hyper-x").is_err_and(|error| error.contains("hyper")));
        assert!(actions("Entre").is_err_and(|error| error.contains("Entre")));
    }
}
