//! Formats are recognised by what a document says, not by what it is called.

use super::take;
use entente_documents::sbom::Format;

#[test]
fn formats_are_recognised_by_their_first_bytes() {
    let long = format!(
        "{{\"files\":[{}{{}}],\"packages\":[],\"spdxVersion\":\"SPDX-2.3\"}}",
        "{},".repeat(100_000)
    );
    for (text, format, version) in [
        (
            "\u{feff} {\"version\":1,\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\"}",
            Format::CycloneDxJson,
            "1.4",
        ),
        (
            "{\"name\":\"a\",\"spdxVersion\":\"SPDX-2.2\"}",
            Format::Spdx2Json,
            "2.2",
        ),
        (
            "{\"na\\\"me\":\"bomFormat\",\"files\":[{\"bomFormat\":1}],\"SPDXID\":\"a\",\"spdxVersion\":\"SPDX-2.3\"}",
            Format::Spdx2Json,
            "2.3",
        ),
        (
            "# by hand\r\nSPDXVersion: SPDX-2.2\r\n",
            Format::Spdx2TagValue,
            "2.2",
        ),
        // What names the format stands behind everything that is looked at.
        (long.as_str(), Format::Spdx2Json, "2.3"),
    ] {
        let sbom = take(text.as_bytes()).0.unwrap();
        assert_eq!(sbom.format, format);
        assert_eq!(sbom.spec_version, version);
    }
}

#[test]
fn what_is_not_read_is_named_with_what_would_be() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "an empty document"),
        (b" \n", "an empty document"),
        (b"[]", "a list in JSON"),
        (b"{}", "JSON without members"),
        (
            b"{\"name\":\"a\",\"version\":\"1\",\"files\":[]}",
            "\"files\"",
        ),
        (
            b"{\"document\":{\"category\":\"csaf_vex\"}}",
            "a CSAF advisory",
        ),
        (
            b"{\"openapi\":\"3.1.0\",\"components\":{}}",
            "a description of an API",
        ),
        (
            b"{\"payloadType\":\"application/vnd.in-toto+json\"}",
            "a signed envelope",
        ),
        (
            b"{\"@context\":\"https://openvex.dev/ns/v0.2.0\"}",
            "an OpenVEX document",
        ),
        (
            b"<?xml version=\"1.0\"?><!-- <bom> --><rdf:RDF>",
            "SPDX in RDF/XML",
        ),
        (
            b"<!DOCTYPE bom SYSTEM \"file:///etc/passwd\"><bom/>",
            "document type",
        ),
        (b"<project>", "<project>"),
        (b"<", "XML of another kind"),
        (b"<!--", "XML"),
        (
            b"SPDXID: \"SPDXRef-DOCUMENT\"\nspdxVersion: \"SPDX-2.3\"",
            "YAML",
        ),
        (b"\x1f\x8b\x08\x00", "a gzip archive"),
        (b"\xff\xfe{\x00", "UTF-16"),
        (b"\x0a\x031.6", "protocol buffers"),
        (b"\x00\x01\x02", "no text"),
        (b"hello", "text of another kind"),
    ];
    for (bytes, named) in cases {
        let error = take(bytes).0.unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
        assert!(error.contains("give it as CycloneDX"), "{error}");
    }
}
