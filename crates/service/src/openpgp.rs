//! OpenPGP: the certificate that signs published files, and the check of others' signatures.
//!
//! The one module that touches the `pgp` crate. Pure: times and randomness are passed in, secret
//! keys come and go as bytes that the store seals. **Invariant:** the keys we make are Ed25519 of
//! version 4, because every OpenPGP program in use can read those.

use entente_domain::time::{SECOND_US, Timestamp};
use pgp::composed::{
    ArmorOptions, Deserializable, DetachedSignature, SignedKeyDetails, SignedPublicKey,
    SignedSecretKey,
};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::crypto::{ed25519, eddsa_legacy};
use pgp::packet::{
    KeyFlags, PubKeyInner, PublicKey, SecretKey, Signature, SignatureConfig, SignatureType,
    Subpacket, SubpacketData, UserId,
};
use pgp::ser::Serialize as _;
use pgp::types::{
    Duration, KeyDetails as _, KeyVersion, Password, PlainSecretParams, PublicParams, SecretParams,
    SignedUser, Tag, VerifyingKey,
};
use zeroize::Zeroizing;

/// Longest armoured certificate that is read. Certificates with many third-party signatures are
/// stripped by their owners before they are sent.
pub const MOST_CERTIFICATE_BYTES: usize = 256 * 1024;
/// Longest armoured signature that is read.
pub const MOST_SIGNATURE_BYTES: usize = 16 * 1024;
/// Longest user id of a certificate of ours.
const MOST_USER_ID_BYTES: usize = 256;
/// Clocks of others may be ahead by this much.
const TOLERANCE_S: u32 = 300;

/// Why an OpenPGP operation failed.
#[derive(Debug, thiserror::Error)]
pub enum OpenPgpError {
    /// The user id cannot stand in a certificate.
    #[error(
        "the user id must be one line of at most 256 bytes, such as `Example PSIRT <psirt@example.org>`"
    )]
    UserId,
    /// The times do not fit.
    #[error("the certificate must end after it begins, and both before the year 2106")]
    Validity,
    /// Not a certificate, or a damaged one.
    #[error(
        "this is not an OpenPGP certificate that can be read; paste the whole block, from BEGIN to END"
    )]
    Certificate,
    /// Larger than anything that is read here.
    #[error(
        "the text is larger than {limit} bytes; export the certificate without the signatures of others"
    )]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The certificate has ended.
    #[error("the certificate ended on {0}")]
    Expired(Timestamp),
    /// The certificate was revoked.
    #[error("the certificate was revoked by its owner")]
    Revoked,
    /// Not a detached signature.
    #[error("this is not a detached OpenPGP signature that can be read")]
    Signature,
    /// The signature does not fit the data or the certificate.
    #[error("the signature does not belong to this file and this certificate")]
    Wrong,
    /// The signature uses an algorithm that no longer counts.
    #[error("the signature uses an outdated algorithm; ask for one with SHA-256 or better")]
    Weak,
    /// The signature's own time does not fit.
    #[error("the signature is dated {0}, outside of the certificate's validity or in the future")]
    Time(Timestamp),
    /// A fault of ours or a damaged key.
    #[error("the OpenPGP key could not be used: {0}")]
    Internal(String),
}

fn internal(error: impl std::fmt::Display) -> OpenPgpError {
    OpenPgpError::Internal(error.to_string())
}

/// A secret key with its certificate. Its `Debug` shows the fingerprint only; the key material
/// is wiped when dropped.
pub struct SigningKey(SignedSecretKey);

/// What a certificate says of itself, after its self-signatures were checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateFacts {
    /// Fingerprint in upper-case hexadecimal.
    pub fingerprint: String,
    /// User ids, as their owner wrote them.
    pub user_ids: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if it ends.
    pub ends_at: Option<Timestamp>,
}

/// A signature that holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Fingerprint of the certificate in upper-case hexadecimal.
    pub fingerprint: String,
    /// When it was signed, by the signer's word.
    pub signed_at: Timestamp,
}

/// Makes a certificate that signs, from `created_at` to `ends_at`.
pub fn make_signing_key(
    user_id: &str,
    created_at: Timestamp,
    ends_at: Timestamp,
    rng: &mut impl rand::CryptoRng,
) -> Result<SigningKey, OpenPgpError> {
    let one_line = !user_id.chars().any(char::is_control);
    if user_id.trim().is_empty() || user_id.len() > MOST_USER_ID_BYTES || !one_line {
        return Err(OpenPgpError::UserId);
    }
    let created = to_pgp(created_at)?;
    let lifetime = to_pgp(ends_at)?
        .as_secs()
        .checked_sub(created.as_secs())
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs)
        .ok_or(OpenPgpError::Validity)?;

    let mut seed = Zeroizing::new([0u8; 32]);
    rng.fill_bytes(seed.as_mut());
    let secret =
        ed25519::SecretKey::try_from_bytes(*seed, ed25519::Mode::EdDSALegacy).map_err(internal)?;
    let inner = PubKeyInner::new(
        KeyVersion::V4,
        PublicKeyAlgorithm::EdDSALegacy,
        created,
        None,
        PublicParams::EdDSALegacy((&secret).into()),
    )
    .map_err(internal)?;
    let public = PublicKey::from_inner(inner).map_err(internal)?;
    let params = PlainSecretParams::EdDSALegacy(eddsa_legacy::SecretKey::Ed25519(secret));
    let primary = SecretKey::new(public, SecretParams::Plain(params)).map_err(internal)?;

    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let mut config = SignatureConfig::v4(
        SignatureType::CertPositive,
        primary.algorithm(),
        HashAlgorithm::Sha512,
    );
    config.hashed_subpackets = vec![
        regular(SubpacketData::SignatureCreationTime(created))?,
        regular(SubpacketData::IssuerFingerprint(primary.fingerprint()))?,
        critical(SubpacketData::KeyFlags(flags))?,
        critical(SubpacketData::KeyExpirationTime(lifetime))?,
        regular(SubpacketData::IsPrimary(true))?,
        regular(SubpacketData::PreferredHashAlgorithms(
            [HashAlgorithm::Sha512, HashAlgorithm::Sha256]
                .into_iter()
                .collect(),
        ))?,
    ];
    config.unhashed_subpackets = vec![regular(SubpacketData::IssuerKeyId(
        primary.legacy_key_id(),
    ))?];
    let user = UserId::from_str(Default::default(), user_id).map_err(internal)?;
    let signature = config
        .sign_certification(
            &primary,
            primary.public_key(),
            &Password::empty(),
            Tag::UserId,
            &user,
        )
        .map_err(internal)?;
    let details = SignedKeyDetails::new(
        Vec::new(),
        Vec::new(),
        vec![SignedUser::new(user, vec![signature])],
        Vec::new(),
    );
    Ok(SigningKey(SignedSecretKey::new(
        primary,
        details,
        Vec::new(),
        Vec::new(),
    )))
}

impl SigningKey {
    /// Reads what [`SigningKey::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpenPgpError> {
        let key = SignedSecretKey::from_bytes(bytes).map_err(internal)?;
        key.verify_bindings().map_err(internal)?;
        Ok(Self(key))
    }

    /// The secret key in OpenPGP's binary form, for the store to seal.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, OpenPgpError> {
        // The capacity is reserved first: a vector that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.0.write_len()));
        self.0.to_writer(&mut *bytes).map_err(internal)?;
        Ok(bytes)
    }

    /// Fingerprint in upper-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        format!("{:X}", self.0.primary_key.fingerprint())
    }

    /// The certificate for publication.
    pub fn public_armored(&self) -> Result<String, OpenPgpError> {
        self.0
            .to_public_key()
            .to_armored_string(ArmorOptions::default())
            .map_err(internal)
    }

    /// The secret key without a passphrase, to be kept away from the machine.
    pub fn secret_armored(&self) -> Result<Zeroizing<String>, OpenPgpError> {
        let armored = self.0.to_armored_string(ArmorOptions::default());
        armored.map(Zeroizing::new).map_err(internal)
    }

    /// What the certificate says of itself.
    pub fn facts(&self) -> Result<CertificateFacts, OpenPgpError> {
        facts(&self.0.to_public_key())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.fingerprint())
    }
}

/// Signs `data` as it is, byte for byte; the armoured signature stands beside the file.
pub fn sign_detached_armored(
    key: &SigningKey,
    data: &[u8],
    at: Timestamp,
) -> Result<String, OpenPgpError> {
    if let Some(end) = key.facts()?.ends_at
        && at >= end
    {
        return Err(OpenPgpError::Expired(end));
    }
    let primary = &key.0.primary_key;
    let mut config = SignatureConfig::v4(
        SignatureType::Binary,
        primary.algorithm(),
        HashAlgorithm::Sha512,
    );
    config.hashed_subpackets = vec![
        regular(SubpacketData::SignatureCreationTime(to_pgp(at)?))?,
        regular(SubpacketData::IssuerFingerprint(primary.fingerprint()))?,
    ];
    config.unhashed_subpackets = vec![regular(SubpacketData::IssuerKeyId(
        primary.legacy_key_id(),
    ))?];
    let signature = config
        .sign(primary, &Password::empty(), data)
        .map_err(internal)?;
    DetachedSignature::new(signature)
        .to_armored_string(ArmorOptions::default())
        .map_err(internal)
}

/// Reads a certificate that somebody sent: its self-signatures must hold.
pub fn inspect_certificate(armored: &str) -> Result<CertificateFacts, OpenPgpError> {
    facts(&read_certificate(armored)?)
}

/// Checks a detached signature over `data` by the certificate or one of its signing subkeys.
/// `at` is now.
pub fn verify_detached(
    certificate: &str,
    data: &[u8],
    signature: &str,
    at: Timestamp,
) -> Result<Verified, OpenPgpError> {
    let certificate = read_certificate(certificate)?;
    if !certificate.details.revocation_signatures.is_empty() {
        return Err(OpenPgpError::Revoked);
    }
    if signature.len() > MOST_SIGNATURE_BYTES {
        return Err(OpenPgpError::TooLarge {
            limit: MOST_SIGNATURE_BYTES,
        });
    }
    let (signature, _) =
        DetachedSignature::from_string(signature).map_err(|_| OpenPgpError::Signature)?;
    let strong = matches!(
        signature.signature.hash_alg(),
        Some(
            HashAlgorithm::Sha256
                | HashAlgorithm::Sha384
                | HashAlgorithm::Sha512
                | HashAlgorithm::Sha3_256
                | HashAlgorithm::Sha3_512
        )
    );
    if !strong {
        return Err(OpenPgpError::Weak);
    }
    let data_signature = matches!(
        signature.signature.typ(),
        Some(SignatureType::Binary | SignatureType::Text)
    );
    let made = signature
        .signature
        .created()
        .ok_or(OpenPgpError::Signature)?;
    if !data_signature || !signed_by(&certificate, &signature, data) {
        return Err(OpenPgpError::Wrong);
    }
    let facts = facts(&certificate)?;
    let signed_at = from_secs(made.as_secs());
    let now = u32::try_from(at.0.div_euclid(SECOND_US)).unwrap_or(u32::MAX);
    let in_time = signed_at >= facts.created_at
        && facts.ends_at.is_none_or(|end| signed_at < end)
        && made.as_secs() <= now.saturating_add(TOLERANCE_S);
    if !in_time {
        return Err(OpenPgpError::Time(signed_at));
    }
    Ok(Verified {
        fingerprint: facts.fingerprint,
        signed_at,
    })
}

fn signed_by(certificate: &SignedPublicKey, signature: &DetachedSignature, data: &[u8]) -> bool {
    let by_primary = certificate
        .details
        .users
        .iter()
        .flat_map(|user| &user.signatures)
        .chain(&certificate.details.direct_signatures)
        .any(|own| own.key_flags().sign());
    let primary = by_primary && verifies(signature, &certificate.primary_key, data);
    primary
        || certificate.public_subkeys.iter().any(|subkey| {
            let revoked = subkey
                .signatures
                .iter()
                .any(|s| s.typ() == Some(SignatureType::SubkeyRevocation));
            let may_sign = subkey.signatures.iter().any(|s| s.key_flags().sign());
            may_sign && !revoked && verifies(signature, &subkey.key, data)
        })
}

fn verifies(signature: &DetachedSignature, key: &impl VerifyingKey, data: &[u8]) -> bool {
    signature.verify(key, data).is_ok()
}

fn read_certificate(armored: &str) -> Result<SignedPublicKey, OpenPgpError> {
    if armored.len() > MOST_CERTIFICATE_BYTES {
        return Err(OpenPgpError::TooLarge {
            limit: MOST_CERTIFICATE_BYTES,
        });
    }
    let (mut certificate, _) =
        SignedPublicKey::from_string(armored).map_err(|_| OpenPgpError::Certificate)?;
    // Certifications by others are of no use here and cannot be checked without their keys.
    let own = certificate.primary_key.legacy_key_id();
    let print = certificate.primary_key.fingerprint();
    for user in &mut certificate.details.users {
        user.signatures.retain(|s| {
            s.issuer_fingerprint().contains(&&print) || s.issuer_key_id().contains(&&own)
        });
    }
    certificate
        .details
        .users
        .retain(|user| !user.signatures.is_empty());
    certificate
        .verify_bindings()
        .map_err(|_| OpenPgpError::Certificate)?;
    Ok(certificate)
}

fn facts(certificate: &SignedPublicKey) -> Result<CertificateFacts, OpenPgpError> {
    let created = certificate.primary_key.created_at();
    let newest = certificate
        .details
        .users
        .iter()
        .flat_map(|user| &user.signatures)
        .chain(&certificate.details.direct_signatures)
        .filter(|own| !is_revocation(own))
        .max_by_key(|own| own.created().map_or(0, pgp::types::Timestamp::as_secs))
        .ok_or(OpenPgpError::Certificate)?;
    let ends_at = newest
        .key_expiration_time()
        .filter(|lifetime| lifetime.as_secs() > 0)
        .map(|lifetime| {
            Timestamp(
                from_secs(created.as_secs())
                    .0
                    .saturating_add(i64::from(lifetime.as_secs()) * SECOND_US),
            )
        });
    Ok(CertificateFacts {
        fingerprint: format!("{:X}", certificate.primary_key.fingerprint()),
        user_ids: certificate
            .details
            .users
            .iter()
            .map(|user| String::from_utf8_lossy(user.id.id()).into_owned())
            .collect(),
        created_at: from_secs(created.as_secs()),
        ends_at,
    })
}

fn is_revocation(signature: &Signature) -> bool {
    signature.typ() == Some(SignatureType::CertRevocation)
}

fn to_pgp(at: Timestamp) -> Result<pgp::types::Timestamp, OpenPgpError> {
    u32::try_from(at.0.div_euclid(SECOND_US))
        .map(pgp::types::Timestamp::from_secs)
        .map_err(|_| OpenPgpError::Validity)
}

fn from_secs(seconds: u32) -> Timestamp {
    Timestamp(i64::from(seconds) * SECOND_US)
}

fn regular(data: SubpacketData) -> Result<Subpacket, OpenPgpError> {
    Subpacket::regular(data).map_err(internal)
}

fn critical(data: SubpacketData) -> Result<Subpacket, OpenPgpError> {
    Subpacket::critical(data).map_err(internal)
}

#[cfg(test)]
#[path = "openpgp_tests.rs"]
mod tests;
