//! The stories of the demonstration: fictional products, reporters and flaws. Data only.

use super::steps::{Extra, Reach, Story};
use Extra as X;
use Reach as R;
use entente_domain::kinds::{ExitReason, Source};

/// Headings and texts of the internal policy.
pub(super) const INTERNAL_POLICY: &[(&str, &str)] = &[
    (
        "Scope",
        "Every supported product and service of Alder Gateways, and the components that we ship in them.",
    ),
    (
        "Organisation",
        "The PSIRT answers for each report. Divisions name a contact and a deputy for each product.",
    ),
    (
        "Priorities",
        "Priority follows the SSVC supplier tree. A lead may set another one, with a reason.",
    ),
    (
        "Release",
        "Legal reviews every advisory. Two people give their go before it is published.",
    ),
    (
        "Confidentiality",
        "A reporter's identity stays in the vault. Who reads it gives a reason.",
    ),
];

/// Headings and texts of the public policy.
pub(super) const PUBLIC_POLICY: &[(&str, &str)] = &[
    (
        "How to report",
        "Use the form on this site. You need neither an account nor a mail address; keep your receipt code.",
    ),
    (
        "What you can expect",
        "A person confirms your report, tells you the result of the verification, and keeps you informed.",
    ),
    (
        "What we ask",
        "Give us time to remedy the flaw before you publish, and do not touch other people's data.",
    ),
    ("Recognition", "We name you in the advisory if you wish."),
    (
        "Scope",
        "All products and services of Alder Gateways that are in support.",
    ),
];

/// A product of the vendor.
pub(super) struct DemoProduct {
    pub(super) name: &'static str,
    pub(super) family: &'static str,
    pub(super) kind: &'static str,
    pub(super) division: &'static str,
    /// Versions, and whether they are in support.
    pub(super) versions: &'static [(&'static str, bool)],
}

/// EdgeGate.
const EDGE: usize = 0;
/// EdgeGate Cloud, the service.
pub(super) const CLOUD: usize = 1;
/// Alder SDK.
const SDK: usize = 2;
/// Beacon Sensor.
const BEACON: usize = 3;
/// FieldLink, industrial.
const FIELD: usize = 4;
/// EdgeGate Classic, out of support.
const CLASSIC: usize = 5;

/// The products.
pub(super) const PRODUCTS: &[DemoProduct] = &[
    DemoProduct {
        name: "EdgeGate",
        family: "Gateways",
        kind: "software",
        division: "Network",
        versions: &[("4.2", true), ("4.1", true), ("3.9", false)],
    },
    DemoProduct {
        name: "EdgeGate Cloud",
        family: "Gateways",
        kind: "service",
        division: "Cloud",
        versions: &[("2026", true)],
    },
    DemoProduct {
        name: "Alder SDK",
        family: "Developer",
        kind: "component",
        division: "Platform",
        versions: &[("7", true), ("6", true)],
    },
    DemoProduct {
        name: "Beacon Sensor",
        family: "Devices",
        kind: "hardware",
        division: "Devices",
        versions: &[("1.8", true)],
    },
    DemoProduct {
        name: "FieldLink",
        family: "Devices",
        kind: "hardware",
        division: "Industry",
        versions: &[("2.0", true), ("2.1", true)],
    },
    DemoProduct {
        name: "EdgeGate Classic",
        family: "Gateways",
        kind: "software",
        division: "Network",
        versions: &[("2.7", false)],
    },
];

const RCE: (&str, [&str; 4]) = (
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    ["P", "E", "T", "S"],
);
const ADMIN: (&str, [&str; 4]) = (
    "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H",
    ["N", "L", "T", "M"],
);
const LEAK: (&str, [&str; 4]) = (
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
    ["P", "E", "P", "M"],
);
const DOS: (&str, [&str; 4]) = (
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
    ["P", "E", "P", "M"],
);
const LOCAL: (&str, [&str; 4]) = (
    "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
    ["N", "L", "T", "M"],
);
const XSS: (&str, [&str; 4]) = (
    "CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N",
    ["N", "L", "P", "M"],
);
const LOW: (&str, [&str; 4]) = (
    "CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N",
    ["N", "L", "P", "M"],
);
const MODERN: (&str, [&str; 4]) = (
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:L/VA:N/SC:N/SI:N/SA:N",
    ["P", "L", "P", "M"],
);

#[expect(
    clippy::too_many_arguments,
    reason = "a table with one line for each story"
)]
const fn story(
    ago: i64,
    product: usize,
    version: &'static str,
    title: &'static str,
    description: &'static str,
    cwe: &'static str,
    rating: (&'static str, [&'static str; 4]),
    reach: Reach,
    extras: &'static [Extra],
) -> Story {
    Story {
        ago,
        product,
        version,
        title,
        description,
        cwe,
        vector: rating.0,
        ssvc: rating.1,
        reach,
        extras,
    }
}

/// The stories, by the day on which they began.
#[rustfmt::skip]
pub(super) const STORIES: &[Story] = &[
    story(178, EDGE, "4.1", "Heap overflow in the TLS handshake", "A client hello with 300 key shares writes past the end of the session buffer. The gateway restarts; with care it runs code.", "CWE-787", RCE, R::Completed, &[X::Mail, X::Credit, X::Cve("CVE-2026-990001")]),
    story(174, CLOUD, "2026", "Tenant can list device names of others", "The inventory endpoint takes the tenant from the query and not from the session.", "CWE-639", LEAK, R::Completed, &[X::Mail]),
    story(170, CLASSIC, "2.7", "Default password on the serial console", "The console takes the password that is printed in the manual.", "CWE-1392", LOCAL, R::Acknowledged, &[X::Exit(ExitReason::ObsoleteProduct)]),
    story(166, SDK, "6", "Unbounded recursion in the configuration parser", "Ten thousand nested braces exhaust the stack of whatever links the library.", "CWE-674", DOS, R::Completed, &[X::Mail, X::Credit, X::Cve("CVE-2026-990002")]),
    story(161, BEACON, "1.8", "Sensor answers pings of any size", "It answers every ping, whatever its size.", "CWE-400", LOW, R::Verifying, &[X::NoMatter, X::Exit(ExitReason::NonSecurity)]),
    story(155, EDGE, "4.2", "Stored script in the device name", "A device named with markup runs script in the administrator's browser.", "CWE-79", XSS, R::Completed, &[X::Credit, X::Cve("CVE-2026-990003")]),
    story(150, FIELD, "2.0", "Firmware update without a signature over Modbus", "The update function code takes an image without looking at its signature.", "CWE-347", RCE, R::Published, &[X::Mail, X::Revised, X::Safety, X::Cve("CVE-2026-990004")]),
    story(146, EDGE, "4.2", "Crash when idle for 49 days", "After 49 days the gateway restarts. I could see it once.", "CWE-190", DOS, R::Verifying, &[X::NotReproduced, X::Exit(ExitReason::Unverified)]),
    story(139, CLOUD, "2026", "Session stays valid after the password was changed", "Old sessions go on for a day after a change of the password.", "CWE-613", MODERN, R::Published, &[X::From(Source::Internal)]),
    story(131, SDK, "7", "Weak randomness in the pairing code", "Pairing codes are made from the time of the boot.", "CWE-338", LEAK, R::Published, &[X::Mail, X::Credit, X::Embargo, X::Cve("CVE-2026-990005")]),
    story(124, EDGE, "4.2", "Spam with a link", "Buy our marvellous scanner.", "CWE-79", LOW, R::Received, &[X::Exit(ExitReason::Junk)]),
    story(118, BEACON, "1.8", "Debug port open on production boards", "The JTAG pads give full access to the flash.", "CWE-1191", LOCAL, R::Published, &[X::Interim]),
    story(112, EDGE, "4.2", "Path traversal in the backup download", "The name of the backup may hold dots and slashes.", "CWE-22", LEAK, R::Published, &[X::Mail, X::LateAck, X::Cve("CVE-2026-990006")]),
    story(105, EDGE, "4.1", "Flaw in the bundled time service", "The time service that you ship has a known flaw upstream.", "CWE-20", LOW, R::Acknowledged, &[X::Exit(ExitReason::OtherVendor)]),
    story(97, FIELD, "2.1", "Denial of service by a malformed frame", "A frame of length zero stops the control loop for two seconds.", "CWE-130", DOS, R::Published, &[X::Mail, X::Safety, X::FailedTest, X::Cve("CVE-2026-990007")]),
    story(90, CLOUD, "2026", "Server-side request by the webhook test", "The webhook test fetches addresses of the inner network.", "CWE-918", LEAK, R::Published, &[X::Credit]),
    story(83, SDK, "7", "Certificate name is not compared", "With a wildcard in the second label the comparison is left out.", "CWE-295", LEAK, R::Published, &[X::Mail, X::Cve("CVE-2026-990008")]),
    story(76, EDGE, "4.2", "Report taken back", "Please ignore, this was my own misconfiguration.", "CWE-16", LOW, R::Acknowledged, &[X::Exit(ExitReason::Withdrawn)]),
    story(68, EDGE, "4.2", "Command injection in the ping tool", "The diagnosis page passes the address to a shell.", "CWE-78", ADMIN, R::Approved, &[X::Mail, X::Embargo]),
    story(61, FIELD, "2.0", "Engineering password in the firmware", "The image holds a password for the engineering port.", "CWE-798", RCE, R::Tested, &[X::Mail, X::Safety, X::Restricted]),
    story(55, CLOUD, "2026", "Audit log can be truncated by a tenant", "A log line with a line break hides what follows.", "CWE-117", MODERN, R::InReview, &[X::Mail]),
    story(49, SDK, "6", "Use after free when a connection is dropped", "Dropping the connection inside its own callback frees it twice.", "CWE-416", RCE, R::Drafted, &[X::Credit, X::Shared]),
    story(43, BEACON, "1.8", "Replay of measurements", "Old measurements are taken again, since nothing counts them.", "CWE-294", LEAK, R::Developing, &[X::Mail, X::Silent]),
    story(38, EDGE, "4.2", "Privilege escalation by a support bundle", "The bundle is unpacked as root and may hold links.", "CWE-59", LOCAL, R::Tested, &[X::Mail, X::Paused]),
    story(33, EDGE, "4.1", "Information leak in error pages", "Error pages show the path of the configuration.", "CWE-209", LEAK, R::Developing, &[X::From(Source::Customer)]),
    story(29, CLOUD, "2026", "Open redirect after the sign-in", "The address to go on to is not compared with anything.", "CWE-601", XSS, R::Confirmed, &[]),
    story(25, EDGE, "4.2", "Memory of other sessions in compressed answers", "Answers that are compressed at the same time share a buffer.", "CWE-200", LEAK, R::Developing, &[X::Mail, X::PartlyPublic]),
    story(21, SDK, "7", "Integer overflow in the image decoder", "A picture of 65536 by 65536 points gives a buffer of no bytes.", "CWE-190", RCE, R::Confirmed, &[X::Mail, X::Exploited]),
    story(18, FIELD, "2.1", "Watchdog can be fed over the network", "The diagnosis service lets anyone feed the watchdog.", "CWE-306", DOS, R::Verifying, &[X::Mail, X::Question]),
    story(14, EDGE, "4.2", "Buffer shared between compressed answers", "Two clients that ask at once get parts of each other's answer.", "CWE-200", LEAK, R::Acknowledged, &[X::Mail, X::MergeInto(26)]),
    story(11, BEACON, "1.8", "Weak pairing over radio", "The pairing key has 20 bits.", "CWE-326", LEAK, R::Verifying, &[X::Mail, X::Reply]),
    story(10, CLOUD, "2026", "Rate limit can be passed by a header", "A header that names another client resets the count.", "CWE-307", XSS, R::Received, &[]),
    story(7, SDK, "7", "Log holds tokens", "At the level debug the token stands in the log.", "CWE-532", LEAK, R::Verifying, &[X::From(Source::Internal)]),
    story(4, EDGE, "4.2", "Denial of service in the rule compiler", "A rule with forty alternatives takes minutes.", "CWE-1333", DOS, R::Acknowledged, &[X::Mail]),
    story(2, FIELD, "2.1", "Unauthenticated restart", "A datagram to port 4711 restarts the link.", "CWE-306", DOS, R::Received, &[X::Mail, X::Safety]),
    story(1, EDGE, "4.2", "Cross-site request changes the mail address", "The form for the mail address has no token.", "CWE-352", XSS, R::Received, &[X::Mail]),
    story(0, CLOUD, "2026", "Exported report shows hidden columns", "The spreadsheet has the hidden columns with their content.", "CWE-212", LEAK, R::Received, &[]),
];
