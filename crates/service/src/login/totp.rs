//! The second factor by an authenticator app: time-based codes of RFC 6238 with SHA-1, six
//! digits and 30 seconds, which is what every app understands.
//!
//! A code is accepted one step early or late, and no step twice: the caller stores the step that
//! `verify` returns, in the same transaction that opens the session.

use entente_domain::time::{SECOND_US, Timestamp};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// 160 bits, the length of SHA-1's output, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
const DIGITS: usize = 6;
const STEP_SECONDS: u64 = 30;

/// What the app and the server share. Wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TotpSecret([u8; SECRET_BYTES]);

/// Why a code was not accepted. All are shown as the same sentence; the log may tell them apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TotpError {
    /// Not six digits.
    #[error("a code has six digits")]
    Malformed,
    /// Not the code of this moment.
    #[error("the code is wrong or too old; check the clock of the device")]
    Wrong,
    /// The code was used before.
    #[error("the code was used before; wait for the next one")]
    Replayed,
}

/// A picture could not be made of the address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the names are too long for a picture; type the key into the app")]
pub struct QrTooLong;

impl TotpSecret {
    /// A new secret.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        let mut bytes = [0; SECRET_BYTES];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// From what the store unsealed; `None` when it has another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// For the store to seal.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key for typing into an app, in groups of four.
    pub fn expose_base32(&self) -> String {
        let text = data_encoding::BASE32_NOPAD.encode(&self.0);
        let mut grouped = String::with_capacity(text.len() + text.len() / 4);
        for (at, c) in text.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(c);
        }
        grouped
    }

    /// The address that apps read from a picture.
    pub fn otpauth_uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (percent(issuer), percent(account));
        let secret = data_encoding::BASE32_NOPAD.encode(&self.0);
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
        )
    }

    /// The step whose code this is. `last_step` is the newest step accepted before.
    pub fn verify(
        &self,
        code: &str,
        at: Timestamp,
        last_step: Option<i64>,
    ) -> Result<i64, TotpError> {
        let code: String = code
            .chars()
            .filter(|c| *c != ' ')
            .take(DIGITS + 1)
            .collect();
        if code.len() != DIGITS || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TotpError::Malformed);
        }
        let seconds = u64::try_from(at.0.div_euclid(SECOND_US)).unwrap_or(0);
        let now = seconds / STEP_SECONDS;
        // Every step is computed and compared, so that the time does not tell which one fits.
        let mut accepted = None;
        let mut replayed = false;
        for step in [now.saturating_sub(1), now, now.saturating_add(1)] {
            let expected = self.code(step);
            let same = bool::from(expected.as_bytes().ct_eq(code.as_bytes()));
            let step = i64::try_from(step).unwrap_or(i64::MAX);
            let fresh = last_step.is_none_or(|last| step > last);
            if same && fresh && accepted.is_none() {
                accepted = Some(step);
            }
            replayed |= same && !fresh;
        }
        match accepted {
            Some(step) => Ok(step),
            None if replayed => Err(TotpError::Replayed),
            None => Err(TotpError::Wrong),
        }
    }
}

impl TotpSecret {
    /// The code of a step: RFC 4226 with the step as its counter.
    fn code(&self, step: u64) -> String {
        let Ok(mut mac) = <Hmac<Sha1> as Mac>::new_from_slice(&self.0) else {
            // HMAC takes keys of every length.
            return String::new();
        };
        mac.update(&step.to_be_bytes());
        let digest: [u8; 20] = mac.finalize().into_bytes().into();
        let [.., last] = digest;
        let word = digest
            .iter()
            .skip(usize::from(last & 15))
            .take(4)
            .fold(0u32, |word, byte| word << 8 | u32::from(*byte));
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// The address as a picture that needs no script: SVG without an XML head, to stand in HTML.
pub fn qr_svg(uri: &str) -> Result<String, QrTooLong> {
    use qrcode::render::svg::Color;
    let code = qrcode::QrCode::with_error_correction_level(uri, qrcode::EcLevel::M)
        .map_err(|_| QrTooLong)?;
    let svg = code
        .render::<Color<'_>>()
        .min_dimensions(240, 240)
        .dark_color(Color("#000"))
        .light_color(Color("#fff"))
        .build();
    Ok(match svg.find("<svg") {
        Some(start) => svg.get(start..).unwrap_or_default().to_owned(),
        None => svg,
    })
}

/// Percent-encodes everything but unreserved characters.
fn percent(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The secret of RFC 6238's appendix B.
    fn rfc() -> TotpSecret {
        TotpSecret(*b"12345678901234567890")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * SECOND_US)
    }

    #[test]
    fn the_vectors_of_rfc_6238() {
        // The last six of the eight digits of appendix B.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(rfc().verify(code, at(seconds), None), Ok(seconds / 30));
        }
    }

    #[test]
    fn one_step_early_or_late_and_no_more() {
        let step = 1_111_111_109 / 30;
        for (shift, ok) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let when = at((step + shift) * 30);
            let result = rfc().verify("081804", when, None);
            assert_eq!(result.is_ok(), ok, "{shift}");
            assert_eq!(result.ok(), ok.then_some(step));
        }
    }

    #[test]
    fn a_step_is_accepted_once() {
        let when = at(1_111_111_109);
        let step = rfc().verify("081804", when, None).unwrap();
        assert_eq!(
            rfc().verify("081804", when, Some(step)),
            Err(TotpError::Replayed)
        );
        assert_eq!(rfc().verify("081804", when, Some(step - 1)), Ok(step));
        // The code of the step before is refused once a later one was used.
        assert_eq!(
            rfc().verify("081804", at(1_111_111_139), Some(step + 1)),
            Err(TotpError::Replayed)
        );
    }

    #[test]
    fn what_is_not_six_digits_is_refused() {
        for code in ["", "12345", "1234567", "12345a", "１２３４５６", "-12345"] {
            assert_eq!(
                rfc().verify(code, at(59), None),
                Err(TotpError::Malformed),
                "{code}"
            );
        }
        assert_eq!(rfc().verify("287 082", at(59), None), Ok(1));
        assert_eq!(rfc().verify("000000", at(59), None), Err(TotpError::Wrong));
    }

    #[test]
    fn the_address_names_issuer_and_account() {
        insta::assert_snapshot!(
            rfc().otpauth_uri("Example & Söhne", "mia@example.org"),
            @"otpauth://totp/Example%20%26%20S%C3%B6hne:mia%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example%20%26%20S%C3%B6hne&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(
            rfc().expose_base32(),
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
        );
        assert_eq!(format!("{:?}", rfc()), "TotpSecret(…)");
    }

    #[test]
    fn the_picture_is_svg_without_script() {
        let svg = qr_svg(&rfc().otpauth_uri("Example", "mia")).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        assert!(!svg.contains("script") && !svg.contains("GEZDGNBV"));
        assert_eq!(qr_svg(&"x".repeat(5_000)), Err(QrTooLong));
    }

    proptest! {
        #[test]
        fn verifying_never_panics(code in "\\PC{0,20}", when: i64, last: Option<i64>) {
            let _ = rfc().verify(&code, Timestamp(when), last);
        }
    }
}
