//! The file name of an advisory, rule 5.1 of the standard.

/// The file name that belongs to a tracking id: lower case, every run of
/// characters outside `+`, `-`, `a`–`z`, `0`–`9` becomes one `_`, then `.json`.
///
/// ```
/// assert_eq!(entente_documents::csaf::file_name("2022_#01-A"), "2022_01-a.json");
/// ```
pub fn file_name(tracking_id: &str) -> String {
    let mut name = String::with_capacity(tracking_id.len() + 5);
    let mut in_run = false;
    for c in tracking_id.chars().flat_map(char::to_lowercase) {
        if matches!(c, '+' | '-' | 'a'..='z' | '0'..='9') {
            name.push(c);
            in_run = false;
        } else if !in_run {
            name.push('_');
            in_run = true;
        }
    }
    name.push_str(".json");
    name
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn the_standards_examples_hold() {
        assert_eq!(
            file_name("Example Company - 2019-YH3234"),
            "example_company_-_2019-yh3234.json"
        );
        assert_eq!(file_name("RHBA-2019:0024"), "rhba-2019_0024.json");
        assert_eq!(file_name("2022_#01-A"), "2022_01-a.json");
        assert_eq!(file_name("ä"), "_.json");
    }
}
