//! Why a document is refused.

use super::Format;

/// Why a document was refused.
#[derive(Debug, thiserror::Error)]
pub enum SbomError {
    /// It is no JSON, or not JSON of its format.
    #[error("not readable as a {format} document: {cause}; ask its author for a whole one")]
    Json {
        /// What its first bytes promised.
        format: Format,
        /// What is wrong, with line and column.
        cause: serde_json::Error,
    },
    /// It is no text of its format.
    #[error(
        "not readable as a {format} document: line {line}: {reason}; mend the line, or ask its \
         author for a whole one"
    )]
    Text {
        /// What its first bytes promised.
        format: Format,
        /// Where, from one.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// It is none of the formats that are read.
    #[error(
        "this looks like {what}, and is not read; give it as CycloneDX 1.0 to 1.7 in JSON or XML, \
         SPDX 2.2 or 2.3 in JSON or tag-value, SPDX 3.0 in JSON-LD, or a SWID tag of 2015"
    )]
    Other {
        /// What its first bytes look like.
        what: String,
    },
    /// It ends in the middle of being read.
    #[error("the document could not be read on: {0}; try again")]
    Io(#[from] std::io::Error),
}
