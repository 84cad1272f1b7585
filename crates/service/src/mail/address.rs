//! Mail addresses: what can be written to without quoting, and nothing else.

/// Longest address a server must accept (RFC 5321).
const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;
const LONGEST_LABEL: usize = 63;

/// One mail address. Its `Debug` says nothing, so that no log line holds an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    text: String,
    at: usize,
}

/// Why a text is no address. It never repeats the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressError {
    /// No `@`, or nothing before or after it.
    #[error("a mail address has a name, an @ and a domain, such as name@example.org")]
    Shape,
    /// Too long.
    #[error("a mail address has at most 254 characters, 64 of them before the @")]
    TooLong,
    /// Something before the `@` that would need quoting.
    #[error(
        "the part before the @ may have letters and digits without accents, and . _ + - and a few other signs"
    )]
    Local,
    /// Not a domain.
    #[error(
        "the part after the @ must be a domain such as example.org; write international domains in their xn-- form"
    )]
    Domain,
}

impl Address {
    /// Reads an address; spaces around it are ignored, the domain is written in lower case.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Shape)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::Shape);
        }
        if local.len() > LONGEST_LOCAL {
            return Err(AddressError::TooLong);
        }
        if !local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
        {
            return Err(AddressError::Local);
        }
        if !domain.split('.').all(is_label) {
            return Err(AddressError::Domain);
        }
        Ok(Self {
            text: format!("{local}@{}", domain.to_ascii_lowercase()),
            at: local.len(),
        })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or_default()
    }
}

fn is_atext(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LONGEST_LABEL
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn common_addresses_are_read() {
        for (text, local, domain) in [
            ("mia@example.org", "mia", "example.org"),
            (
                " m.i_a+x-y'z@Sub.Example.ORG\n",
                "m.i_a+x-y'z",
                "sub.example.org",
            ),
            ("root@localhost", "root", "localhost"),
            ("a@xn--mwe-sna.example", "a", "xn--mwe-sna.example"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.local(), address.domain()), (local, domain));
            assert_eq!(address.as_str(), format!("{local}@{domain}"));
        }
        assert_eq!(
            format!("{:?}", Address::parse("mia@example.org")),
            "Ok(Address(…))"
        );
    }

    #[test]
    fn everything_else_is_refused() {
        use AddressError::{Domain, Local, Shape, TooLong};
        for (text, error) in [
            ("", Shape),
            ("mia", Shape),
            ("@example.org", Shape),
            ("mia@", Shape),
            ("mia@example.org\r\nBcc: x@y.example", Local),
            ("mia\r\n@example.org", Local),
            ("mia\0@example.org", Local),
            ("<mia@example.org>", Local),
            ("Mia <mia@example.org", Local),
            ("a@b@example.org", Local),
            ("\"m ia\"@example.org", Local),
            ("mi..a@example.org", Local),
            ("möwe@example.org", Local),
            ("mia,max@example.org", Local),
            ("mia@example..org", Domain),
            ("mia@-x.org", Domain),
            ("mia@[127.0.0.1]", Domain),
            ("mia@exa mple.org", Domain),
            ("mia@möwe.example", Domain),
        ] {
            assert_eq!(Address::parse(text), Err(error), "{text:?}");
        }
        let long = format!("{}@example.org", "x".repeat(65));
        assert_eq!(Address::parse(&long), Err(TooLong));
        let long = format!("x@{}org", "example.".repeat(40));
        assert_eq!(Address::parse(&long), Err(TooLong));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_what_is_read_is_plain(text in "\\PC{0,40}(@\\PC{0,40})?") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert!(address.as_str().bytes().all(|b| b.is_ascii_graphic()));
                prop_assert_eq!(Address::parse(address.as_str()), Ok(address));
            }
        }

        #[test]
        fn control_characters_never_get_through(c in any::<char>().prop_filter("control", |c| c.is_control()), at in 1usize..14) {
            let mut text = "mia@example.org".to_owned();
            text.insert(at, c);
            prop_assert!(Address::parse(&text).is_err());
        }
    }
}
