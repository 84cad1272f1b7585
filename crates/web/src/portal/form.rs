//! The report form: its fields as data, what was typed into them, and what is wrong with it.
//!
//! Only product and description are mandatory (29147 6.2.2). What was typed is kept and shown
//! again, whatever was wrong.

use crate::api::time;
use entente_domain::command::ReportForm;
use std::collections::BTreeMap;

/// Bytes of one text of the form.
pub const LONGEST_TEXT: usize = 256 * 1024;
/// Bytes of all texts of the form together.
pub const LONGEST_TEXTS: usize = 512 * 1024;

/// How a field is typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// One line; the second is the browser's hint for filling it in.
    Line(&'static str),
    /// Several lines.
    Text(u8),
    /// An address of a page.
    Url,
    /// A mail address.
    Mail,
    /// Yes, or nothing.
    Check,
    /// A day, with its zone beside it.
    Day,
}

/// A field of the form.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What helps to fill it in.
    pub hint: &'static str,
    /// How it is typed.
    pub input: Input,
}

/// A foldable part of the form.
#[derive(Debug)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// Its fields.
    pub rows: &'static [Row],
}

const fn row(name: &'static str, label: &'static str, hint: &'static str, input: Input) -> Row {
    Row {
        name,
        label,
        hint,
        input,
    }
}

/// The fields that are always open.
pub const MAIN: &[Row] = &[
    row(
        "product",
        "Product",
        "The product or service that it is about, in your words.",
        Input::Line("off"),
    ),
    row(
        "version",
        "Version",
        "Version, model or build, as far as you know it.",
        Input::Line("off"),
    ),
    row(
        "description",
        "Description",
        "What is wrong, and how we can see it. Steps to reproduce help most.",
        Input::Text(9),
    ),
];

/// The foldable parts, all of them optional.
pub const SECTIONS: &[Section] = &[
    Section {
        title: "More about the vulnerability",
        rows: &[
            row("title", "Short title", "One line.", Input::Line("off")),
            row(
                "impact",
                "Impact",
                "What an attacker gains.",
                Input::Text(3),
            ),
            row(
                "exploitation",
                "Exploitation or proof of concept",
                "How it can be exploited.",
                Input::Text(5),
            ),
            row(
                "how_found",
                "How it was found",
                "Tools and method.",
                Input::Text(2),
            ),
            row(
                "found_when",
                "When it was found",
                "A date or a period.",
                Input::Line("off"),
            ),
            row(
                "safety_impact",
                "Safety of people or industrial control may be at stake",
                "",
                Input::Check,
            ),
        ],
    },
    Section {
        title: "Who knows about it",
        rows: &[
            row("already_public", "It is public already", "", Input::Check),
            row(
                "public_url",
                "Where it is public",
                "An address of a page.",
                Input::Url,
            ),
            row("exploited", "It is being exploited", "", Input::Check),
            row(
                "exploited_evidence",
                "What shows the exploitation",
                "",
                Input::Text(3),
            ),
            row(
                "already_reported_to",
                "Already reported to",
                "Other vendors, coordinators or programmes.",
                Input::Text(2),
            ),
            row(
                "several_vendors",
                "Several vendors may be affected",
                "",
                Input::Check,
            ),
            row(
                "tracking_ids",
                "Identifiers that others gave it",
                "CVE ids, ticket numbers.",
                Input::Line("off"),
            ),
        ],
    },
    Section {
        title: "Your plans",
        rows: &[
            row(
                "disclosure_date",
                "Day on which you mean to disclose",
                "We keep it as a date that binds our work, not yours.",
                Input::Day,
            ),
            row(
                "disclosure_plan",
                "Talk, paper or other plans",
                "With an address, if there is one.",
                Input::Text(2),
            ),
        ],
    },
    Section {
        title: "About you",
        rows: &[
            row(
                "name",
                "Name",
                "Everything here is optional. It is kept apart from the report; each look at it is recorded.",
                Input::Line("name"),
            ),
            row(
                "mail",
                "E-mail address",
                "We send a short note when there is something to read here; never its content.",
                Input::Mail,
            ),
            row(
                "organisation",
                "Organisation",
                "",
                Input::Line("organization"),
            ),
            row("phone", "Phone", "", Input::Line("tel")),
            row(
                "openpgp_key",
                "OpenPGP public key",
                "As text.",
                Input::Text(3),
            ),
            row(
                "credit",
                "Name me in the advisory",
                "You can change this later on the status page.",
                Input::Check,
            ),
            row(
                "credit_name",
                "Name to be credited by",
                "A pseudonym is fine.",
                Input::Line("nickname"),
            ),
            row(
                "share_identity",
                "You may share my identity with other vendors that are affected",
                "",
                Input::Check,
            ),
            row(
                "language",
                "Language you prefer",
                "Such as en or de.",
                Input::Line("language"),
            ),
        ],
    },
];

/// Offsets from UTC that a day can be meant in.
pub const ZONES: &[(&str, i64)] = &[
    ("UTC−12", -720),
    ("UTC−11", -660),
    ("UTC−10", -600),
    ("UTC−9", -540),
    ("UTC−8", -480),
    ("UTC−7", -420),
    ("UTC−6", -360),
    ("UTC−5", -300),
    ("UTC−4", -240),
    ("UTC−3", -180),
    ("UTC−2", -120),
    ("UTC−1", -60),
    ("UTC", 0),
    ("UTC+1", 60),
    ("UTC+2", 120),
    ("UTC+3", 180),
    ("UTC+4", 240),
    ("UTC+5", 300),
    ("UTC+5:30", 330),
    ("UTC+6", 360),
    ("UTC+7", 420),
    ("UTC+8", 480),
    ("UTC+9", 540),
    ("UTC+10", 600),
    ("UTC+11", 660),
    ("UTC+12", 720),
    ("UTC+13", 780),
    ("UTC+14", 840),
];

const ZONE: &str = "disclosure_zone";
/// The hidden field that makes a repeated send one send (decision 21).
pub const ONCE: &str = "once";
/// The hidden field that carries a waiting ticket (decision 22).
pub const TICKET: &str = "ticket";

/// Every text field of the form.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    MAIN.iter().chain(SECTIONS.iter().flat_map(|s| s.rows))
}

/// What is wrong with a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// The field.
    pub field: String,
    /// What is wrong, and what would be accepted.
    pub text: String,
}

/// The form as it was typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    typed: BTreeMap<&'static str, String>,
    /// What is wrong with it.
    pub wrong: Vec<Wrong>,
}

impl Draft {
    /// Keeps what was typed into a field; `false` when the form has no such field.
    pub fn put(&mut self, name: &str, text: String) -> bool {
        let known = rows()
            .map(|r| r.name)
            .chain([ZONE, ONCE, TICKET])
            .find(|known| *known == name);
        match known {
            Some(known) => {
                // Browsers send line ends as CR LF; the journal keeps LF.
                self.typed.insert(known, text.replace("\r\n", "\n"));
                true
            }
            None => false,
        }
    }

    /// What was typed into a field.
    pub fn get(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// Bytes typed so far.
    pub fn bytes(&self) -> usize {
        self.typed.values().map(String::len).sum()
    }

    /// Marks a field.
    pub fn mark(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.wrong.push(Wrong {
            field: field.into(),
            text: text.into(),
        });
    }

    /// What is wrong with a field, if anything.
    pub fn error(&self, name: &str) -> Option<&str> {
        self.wrong
            .iter()
            .find(|w| w.field == name)
            .map(|w| w.text.as_str())
    }

    /// What is wrong with no field of the form in particular.
    pub fn other_errors(&self) -> impl Iterator<Item = &str> {
        self.wrong
            .iter()
            .filter(|w| !rows().any(|r| r.name == w.field) && w.field != "attachments")
            .map(|w| w.text.as_str())
    }

    /// The label of a field, for the list of errors at the top.
    pub fn labelled_errors(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        self.wrong.iter().filter_map(|w| {
            rows()
                .find(|r| r.name == w.field)
                .map(|r| (r.name, r.label, w.text.as_str()))
        })
    }

    /// Whether a part of the form is shown open.
    pub fn open(&self, section: &Section) -> bool {
        section
            .rows
            .iter()
            .any(|r| !self.get(r.name).is_empty() || self.error(r.name).is_some())
    }

    /// Whether a zone is the chosen one.
    pub fn zone_is(&self, minutes: &i64) -> bool {
        self.zone() == *minutes
    }

    fn zone(&self) -> i64 {
        let typed: Option<i64> = self.get(ZONE).parse().ok();
        typed
            .filter(|m| ZONES.iter().any(|(_, z)| z == m))
            .unwrap_or(0)
    }

    /// The report. Marks what can be judged without the rules; these judge the rest.
    pub fn report(&mut self) -> ReportForm {
        let text = |name: &str| self.get(name).trim().to_owned();
        let form = ReportForm {
            product: text("product"),
            version: text("version"),
            description: text("description"),
            title: text("title"),
            impact: text("impact"),
            exploitation: text("exploitation"),
            how_found: text("how_found"),
            found_when: text("found_when"),
            already_reported_to: text("already_reported_to"),
            already_public: self.ticked("already_public"),
            public_url: text("public_url"),
            exploited: self.ticked("exploited"),
            exploited_evidence: text("exploited_evidence"),
            disclosure_date: time::parse_local(self.get("disclosure_date"), self.zone()),
            disclosure_plan: text("disclosure_plan"),
            safety_impact: self.ticked("safety_impact"),
            several_vendors: self.ticked("several_vendors"),
            tracking_ids: text("tracking_ids"),
            credit: self.ticked("credit"),
            credit_name: text("credit_name"),
            share_identity: self.ticked("share_identity"),
            language: text("language"),
        };
        if form.product.is_empty() {
            self.mark("product", "Name the product. Your own words are enough.");
        }
        if form.description.is_empty() {
            self.mark(
                "description",
                "Describe what is wrong. A few sentences are enough.",
            );
        }
        if form.disclosure_date.is_none() && !self.get("disclosure_date").trim().is_empty() {
            self.mark(
                "disclosure_date",
                "This is not a day. Write it as year-month-day, such as 2027-01-31.",
            );
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(pairs: &[(&str, &str)]) -> Draft {
        let mut draft = Draft::default();
        for (name, text) in pairs {
            assert!(draft.put(name, (*text).to_owned()), "{name}");
        }
        draft
    }

    #[test]
    fn product_and_description_are_enough() {
        let mut d = draft(&[
            ("product", "Router"),
            ("description", "It breaks.\r\nHere."),
        ]);
        let form = d.report();
        assert_eq!(
            (form.description.as_str(), d.wrong.len()),
            ("It breaks.\nHere.", 0)
        );
        let mut d = draft(&[("product", " ")]);
        d.report();
        assert!(d.error("product").is_some() && d.error("description").is_some());
    }

    #[test]
    fn every_field_of_the_form_reaches_the_report() -> Result<(), serde_json::Error> {
        let mut d = Draft::default();
        for row in rows() {
            let text = if row.input == Input::Day {
                "2027-01-31"
            } else {
                row.name
            };
            d.put(row.name, text.to_owned());
        }
        let form = serde_json::to_value(d.report())?;
        for (key, value) in form.as_object().into_iter().flatten() {
            let right = match key.as_str() {
                "disclosure_date" => value.is_i64(),
                _ => value == &serde_json::json!(key) || value == &serde_json::json!(true),
            };
            assert!(right, "{key}: {value}");
        }
        Ok(())
    }

    #[test]
    fn a_day_is_read_in_its_zone_or_marked() {
        let mut d = draft(&[("disclosure_date", "2027-01-31"), ("disclosure_zone", "60")]);
        assert_eq!(
            d.report().disclosure_date.map(|t| t.rfc3339()).as_deref(),
            Some("2027-01-30T23:00:00Z")
        );
        let mut d = draft(&[("disclosure_date", "soon"), ("disclosure_zone", "99999")]);
        d.report();
        assert!(d.error("disclosure_date").is_some());
        assert_eq!(d.get("disclosure_date"), "soon");
    }

    #[test]
    fn an_unknown_field_is_refused() {
        assert!(!Draft::default().put("is_admin", "yes".into()));
    }
}
