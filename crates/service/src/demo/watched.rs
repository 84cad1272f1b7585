//! What the world says in the demonstration: advisories about the components of its products, a
//! statement of upstream that one of them is none, and a list of what is exploited.

use super::Cast;
use crate::watch::{self, Act, SourceForm, WorldDocument};
use crate::{App, ServiceError};
use entente_domain::kinds::FindingState;
use serde_json::{Value, json};

/// The folder of feeds that they lie in.
const FEED: &str = "by-hand";

/// An advisory: identifier, CVE id, ecosystem, package, title, details, vector, first version,
/// fixed version.
type Said = [&'static str; 9];

const SAID: &[Said] = &[
    [
        "GHSA-dm01-xxxx-xxxx",
        "CVE-2026-990101",
        "crates.io",
        "lattice-tls",
        "Session tickets are accepted after their key was retired",
        "A ticket that was sealed under a retired key resumes a session for up to 24 hours. Whoever holds an old key reads and writes the resumed connection.",
        "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N",
        "3.0.0",
        "3.4.3",
    ],
    [
        "GHSA-dm02-xxxx-xxxx",
        "CVE-2026-990102",
        "crates.io",
        "tiny-deflate",
        "Out-of-bounds write for a stored block of length zero",
        "A stored block of length zero at the end of the window writes one byte past the buffer.",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "2.0.0",
        "2.1.1",
    ],
    [
        "GHSA-dm03-xxxx-xxxx",
        "CVE-2026-990103",
        "crates.io",
        "der-reader",
        "Quadratic time for nested constructed strings",
        "A string of 64 kilobytes that is built of nested parts keeps a core busy for minutes.",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        "0",
        "1.3.0",
    ],
    [
        "GHSA-dm04-xxxx-xxxx",
        "CVE-2026-990104",
        "npm",
        "table-view",
        "Script in a column name is run",
        "Column names are written into the page as markup.",
        "CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N",
        "0",
        "8.1.4",
    ],
    [
        "DSA-dm05",
        "CVE-2026-990105",
        "Debian:12",
        "openssl",
        "A malformed certificate ends the process",
        "A certificate with an empty name constraint ends the process that verifies it.",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        "0",
        "3.0.15-1~deb12u2",
    ],
];

fn advisory(said: &Said, at: &str) -> Value {
    let [
        id,
        cve,
        ecosystem,
        name,
        title,
        details,
        vector,
        first,
        fixed,
    ] = said;
    json!({
        "schema_version": "1.7.0", "id": id, "aliases": [cve], "modified": at, "published": at,
        "summary": title, "details": details,
        "severity": [{ "type": "CVSS_V3", "score": vector }],
        "references": [{ "type": "ADVISORY", "url": format!("https://advisories.example/{id}") }],
        "affected": [{
            "package": { "ecosystem": ecosystem, "name": name },
            "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": first }, { "fixed": fixed }] }],
        }],
    })
}

/// Takes it in, and decides about some of it.
pub(super) async fn take(app: &App, cast: &Cast) -> Result<(), ServiceError> {
    let at = app.now().rfc3339();
    let mut texts: Vec<String> = SAID
        .iter()
        .map(|said| advisory(said, &at).to_string())
        .collect();
    let vex = json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://lattice.example/vex/2026-11",
        "author": "The makers of der-reader", "timestamp": at, "version": 1,
        "statements": [{
            "vulnerability": { "name": "CVE-2026-990103" }, "status": "not_affected",
            "products": [{ "@id": "pkg:cargo/der-reader@1.1.2" }],
            "justification": "vulnerable_code_not_present",
            "impact_statement": "Constructed strings are refused before version 1.2.",
        }],
    });
    texts.push(vex.to_string());
    // As somebody would bring them to a machine without a network.
    let folder = app.db().data_dir().join(watch::FOLDER).join(FEED);
    std::fs::create_dir_all(&folder).map_err(ServiceError::internal)?;
    let mut documents = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        let file = folder.join(format!("{n}.json"));
        std::fs::write(file, text).map_err(ServiceError::internal)?;
        documents.push(WorldDocument::read(text.as_bytes())?);
    }
    watch::take(app, &cast.analyst, documents).await?;
    let source = SourceForm {
        name: "Advisories brought by hand".to_owned(),
        place: FEED.to_owned(),
        every_minutes: 360,
        enabled: true,
    };
    watch::save_source(app, &cast.analyst, None, source).await?;
    let day = at.get(..10).unwrap_or_default();
    let kev = json!({
        "catalogVersion": day, "dateReleased": at, "count": 1,
        "vulnerabilities": [{
            "cveID": "CVE-2026-990102", "dateAdded": day, "knownRansomwareCampaignUse": "Unknown",
        }],
    });
    watch::take_signals(app, &cast.analyst, kev.to_string().as_bytes()).await?;
    let epss = format!(
        "#model_version:v2026.03.01,score_date:{day}T00:00:00+0000\ncve,epss,percentile\nCVE-2026-990101,0.04210,0.91200\nCVE-2026-990102,0.87340,0.99510\nCVE-2026-990103,0.00210,0.43100\nCVE-2026-990104,0.00094,0.27300\n"
    );
    watch::take_signals(app, &cast.analyst, epss.as_bytes()).await?;
    let (open, _) = watch::list(app, &cast.analyst, FindingState::Open, None).await?;
    let of = |cve: &str| {
        open.iter()
            .find(|f| f.content.vulnerability() == cve)
            .map(|f| f.id)
    };
    if let Some(id) = of("CVE-2026-990104") {
        let why = "Column names come from the product itself, never from a device or a user.";
        watch::act(app, &cast.analyst, id, Act::SetAside(why.to_owned())).await?;
    }
    Ok(())
}
