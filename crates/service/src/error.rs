//! What a use case can answer instead of its result. The web floor chooses the status; nothing
//! here says more than the caller may know.

use entente_domain::rule::Refusal;
use entente_store::StoreError;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// It does not exist, or the viewer may not know that it does (decision 19).
    #[error("not found")]
    NotFound,
    /// A rule of the process refused.
    #[error("{0}")]
    Refused(Refusal),
    /// Somebody else changed it in between.
    #[error("it was changed by somebody else in the meantime; look at it again and repeat")]
    Conflict,
    /// A field is not as it must be.
    #[error("{field}: {why} {remedy}")]
    Invalid {
        /// The field.
        field: String,
        /// What is wrong, as a sentence.
        why: String,
        /// What would be accepted, as a sentence.
        remedy: String,
    },
    /// Too many requests.
    #[error("too many requests; try again in {retry_after_s} seconds")]
    TooMany {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// The disk is full; reads and text reports go on (decision 25).
    #[error("the disk is full; nothing was changed. Text reports are still taken")]
    Full,
    /// Overloaded or shutting down.
    #[error("the service is busy; try again in a moment")]
    Unavailable,
    /// Stored data does not authenticate (decision 18). It is never served.
    #[error("stored data is damaged and is not shown; the operator has to run the verification")]
    Damaged(String),
    /// A fault of ours. The text goes to the log, never to the caller.
    #[error("an internal error occurred")]
    Internal(String),
}

impl ServiceError {
    /// An invalid field.
    pub fn invalid(
        field: impl Into<String>,
        why: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Invalid {
            field: field.into(),
            why: why.into(),
            remedy: remedy.into(),
        }
    }

    /// Whether it is certain that nothing was changed.
    pub fn changed_nothing(&self) -> bool {
        match self {
            Self::NotFound
            | Self::Refused(_)
            | Self::Conflict
            | Self::Invalid { .. }
            | Self::TooMany { .. }
            | Self::Full => true,
            Self::Unavailable | Self::Damaged(_) | Self::Internal(_) => false,
        }
    }

    /// A fault of ours, with its cause for the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::Full => Self::Full,
            StoreError::Busy | StoreError::Unavailable(_) => Self::Unavailable,
            StoreError::Damaged(place) => Self::Damaged(place),
            other => Self::Internal(other.to_string()),
        }
    }
}
