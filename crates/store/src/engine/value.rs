//! Values and rows as both engines know them.

use crate::error::StoreError;
use uuid::Uuid;

/// A value that travels to or from the database.
#[derive(Clone, PartialEq, Debug)]
pub enum Val {
    /// NULL.
    Null,
    /// A whole number; flags are 0 or 1, instants are microseconds.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID.
    Id(Uuid),
}

macro_rules! from {
    ($($ty:ty => |$v:ident| $e:expr;)*) => {$(
        impl From<$ty> for Val { fn from($v: $ty) -> Self { $e } }
    )*};
}

from! {
    i64 => |v| Val::Int(v);
    u32 => |v| Val::Int(i64::from(v));
    u64 => |v| Val::Int(i64::try_from(v).unwrap_or(i64::MAX));
    bool => |v| Val::Int(i64::from(v));
    &str => |v| Val::Text(v.to_owned());
    String => |v| Val::Text(v);
    Vec<u8> => |v| Val::Bytes(v);
    &[u8] => |v| Val::Bytes(v.to_vec());
    Uuid => |v| Val::Id(v);
    entente_domain::time::Timestamp => |v| Val::Int(v.0);
    entente_domain::ids::CaseId => |v| Val::Id(v.0);
    entente_domain::ids::ReportId => |v| Val::Id(v.0);
    entente_domain::ids::UserId => |v| Val::Id(v.0);
    entente_domain::ids::ProductId => |v| Val::Id(v.0);
    entente_domain::ids::MessageId => |v| Val::Id(v.0);
    entente_domain::ids::AttachmentId => |v| Val::Id(v.0);
    entente_domain::ids::PolicyId => |v| Val::Id(v.0);
}

impl<T: Into<Val>> From<Option<T>> for Val {
    fn from(v: Option<T>) -> Self {
        v.map_or(Val::Null, Into::into)
    }
}

/// Values for `$1`, `$2`, …
#[macro_export]
macro_rules! args {
    ($($v:expr),* $(,)?) => { &[$($crate::engine::Val::from($v)),*] };
}

/// One row of an answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Row(pub(crate) Vec<Val>);

impl Row {
    /// The values in the order of the columns.
    pub fn values(&self) -> &[Val] {
        &self.0
    }

    fn at(&self, i: usize) -> &Val {
        self.0.get(i).unwrap_or(&Val::Null)
    }

    fn wrong(i: usize, wanted: &str) -> StoreError {
        StoreError::Damaged(format!("column {i} holds no {wanted}"))
    }

    /// A whole number.
    pub fn int(&self, i: usize) -> Result<i64, StoreError> {
        self.opt_int(i)?.ok_or_else(|| Self::wrong(i, "number"))
    }

    /// A whole number or NULL.
    pub fn opt_int(&self, i: usize) -> Result<Option<i64>, StoreError> {
        match self.at(i) {
            Val::Int(v) => Ok(Some(*v)),
            Val::Null => Ok(None),
            _ => Err(Self::wrong(i, "number")),
        }
    }

    /// A whole number that is never negative.
    pub fn count(&self, i: usize) -> Result<u64, StoreError> {
        u64::try_from(self.int(i)?).map_err(|_| Self::wrong(i, "count"))
    }

    /// Text.
    pub fn text(&self, i: usize) -> Result<&str, StoreError> {
        self.opt_text(i)?.ok_or_else(|| Self::wrong(i, "text"))
    }

    /// Text or NULL.
    pub fn opt_text(&self, i: usize) -> Result<Option<&str>, StoreError> {
        match self.at(i) {
            Val::Text(v) => Ok(Some(v)),
            Val::Null => Ok(None),
            _ => Err(Self::wrong(i, "text")),
        }
    }

    /// A word of a closed list.
    pub fn word<T: std::str::FromStr>(&self, i: usize) -> Result<T, StoreError> {
        self.text(i)?
            .parse()
            .map_err(|_| Self::wrong(i, "known word"))
    }

    /// Bytes.
    pub fn bytes(&self, i: usize) -> Result<&[u8], StoreError> {
        self.opt_bytes(i)?.ok_or_else(|| Self::wrong(i, "bytes"))
    }

    /// Bytes or NULL.
    pub fn opt_bytes(&self, i: usize) -> Result<Option<&[u8]>, StoreError> {
        match self.at(i) {
            Val::Bytes(v) => Ok(Some(v)),
            Val::Null => Ok(None),
            _ => Err(Self::wrong(i, "bytes")),
        }
    }

    /// 32 bytes.
    pub fn hash(&self, i: usize) -> Result<[u8; 32], StoreError> {
        self.bytes(i)?
            .try_into()
            .map_err(|_| Self::wrong(i, "hash"))
    }

    /// A UUID.
    pub fn id(&self, i: usize) -> Result<Uuid, StoreError> {
        self.opt_id(i)?.ok_or_else(|| Self::wrong(i, "id"))
    }

    /// A UUID or NULL. SQLite keeps them as 16 bytes.
    pub fn opt_id(&self, i: usize) -> Result<Option<Uuid>, StoreError> {
        match self.at(i) {
            Val::Id(v) => Ok(Some(*v)),
            Val::Bytes(v) => Uuid::from_slice(v)
                .map(Some)
                .map_err(|_| Self::wrong(i, "id")),
            Val::Null => Ok(None),
            _ => Err(Self::wrong(i, "id")),
        }
    }

    /// An instant.
    pub fn time(&self, i: usize) -> Result<entente_domain::time::Timestamp, StoreError> {
        self.int(i).map(entente_domain::time::Timestamp)
    }

    /// An instant or NULL.
    pub fn opt_time(
        &self,
        i: usize,
    ) -> Result<Option<entente_domain::time::Timestamp>, StoreError> {
        Ok(self.opt_int(i)?.map(entente_domain::time::Timestamp))
    }
}
