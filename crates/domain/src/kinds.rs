//! Closed lists that people choose from, with the word for the wire and the words for people.

/// Declares an enum whose variants have a wire word and a label, with `ALL`, `as_str`, `label`,
/// `Display`, `FromStr` and serde by the wire word, so that the three can never disagree.
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal, $label:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The word for the wire and the store.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The words for people.
            pub fn label(self) -> &'static str {
                match self { $($name::$variant => $label,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::kinds::UnknownWord;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|v| v.as_str() == s).ok_or_else(|| {
                    $crate::kinds::UnknownWord {
                        what: stringify!($name),
                        allowed: Self::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>().join(", "),
                    }
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use text_enum;

/// A word that is not in the closed list. The offending text is left out on purpose: it may be
/// somebody's secret, and errors are logged.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a {what}; use one of: {allowed}")]
pub struct UnknownWord {
    /// The list's name.
    pub what: &'static str,
    /// The words that are allowed.
    pub allowed: String,
}

text_enum! {
    /// The stage of a case (30111 7.1.3–7.1.7).
    pub enum Stage {
        /// A report came in and waits for a person (7.1.3).
        Receipt = "receipt", "Receipt",
        /// It is being reproduced, scoped and scored (7.1.4).
        Verification = "verification", "Verification",
        /// Decision, production and test of remediations (7.1.5).
        RemediationDevelopment = "remediation_development", "Remediation development",
        /// The advisory and the remediation are made ready and released (7.1.6).
        Release = "release", "Release",
        /// After publication: maintenance, lessons, watch (7.1.7).
        PostRelease = "post_release", "Post-release",
        /// Nothing is owed any more, or a typed exit was taken.
        Closed = "closed", "Closed",
    }
}

text_enum! {
    /// Where a report came from (7.1.3 names internal, external and publicly disclosed).
    pub enum Source {
        /// A reporter outside the organisation.
        External = "external", "External reporter",
        /// The organisation's own people and tests (6.5.3.7).
        Internal = "internal", "Internal",
        /// A public disclosure that someone noticed (6.5.3.2).
        Public = "public", "Publicly disclosed",
        /// A customer, through support (6.7).
        Customer = "customer", "Customer support",
        /// A coordinator.
        Coordinator = "coordinator", "Coordinator",
        /// An advisory of the organisation's own past.
        Import = "import", "Imported history",
    }
}

text_enum! {
    /// The way by which a report arrived.
    pub enum Channel {
        /// The public form.
        Form = "form", "Public form",
        /// The REST API.
        Api = "api", "API",
        /// The console's own lanes.
        Console = "console", "Console",
        /// The command line.
        CommandLine = "command_line", "Command line",
    }
}

text_enum! {
    /// How much of it the world knows.
    pub enum Publicity {
        /// Nothing is known to be public.
        None = "none", "Not public",
        /// Hints or part of it are public (FIRST use case 3).
        Partial = "partial", "Partly public",
        /// The flaw is public.
        Full = "full", "Public",
    }
}

text_enum! {
    /// Traffic Light Protocol 2.0.
    pub enum Tlp {
        /// Everyone.
        Clear = "clear", "TLP:CLEAR",
        /// The community.
        Green = "green", "TLP:GREEN",
        /// The organisation and its clients, on need to know.
        Amber = "amber", "TLP:AMBER",
        /// The organisation only.
        AmberStrict = "amber_strict", "TLP:AMBER+STRICT",
        /// The named recipients only.
        Red = "red", "TLP:RED",
    }
}

text_enum! {
    /// Priority of a case, from the SSVC supplier tree (or set by a lead with a reason).
    pub enum Priority {
        /// Work on it now.
        Immediate = "immediate", "Immediate",
        /// Faster than the usual cycle.
        OutOfCycle = "out_of_cycle", "Out of cycle",
        /// With the next scheduled work.
        Scheduled = "scheduled", "Scheduled",
        /// Not now.
        Defer = "defer", "Defer",
        /// Not assessed yet.
        Unset = "unset", "Not assessed",
    }
}

text_enum! {
    /// The typed exits of a case (7.1.4 b and the register).
    pub enum ExitReason {
        /// Could not be reproduced although the reporter was asked.
        Unverified = "unverified", "Could not be verified",
        /// Another report has it already.
        Duplicate = "duplicate", "Duplicate",
        /// Only products out of support, and supported siblings were checked.
        ObsoleteProduct = "obsolete_product", "Obsolete product",
        /// Not a security matter as known today.
        NonSecurity = "non_security", "Not a security matter",
        /// It belongs to another vendor, to whom it was handed.
        OtherVendor = "other_vendor", "Another vendor's product",
        /// The reporter took it back.
        Withdrawn = "withdrawn", "Withdrawn by the reporter",
        /// Nothing in it that could be worked on.
        Junk = "junk", "No report in it",
        /// Everything owed was done.
        Completed = "completed", "Completed",
    }
}

text_enum! {
    /// The verdict of a verification (7.1.4).
    pub enum Verdict {
        /// It was reproduced or otherwise confirmed.
        Confirmed = "confirmed", "Confirmed",
        /// It could not be reproduced.
        NotReproduced = "not_reproduced", "Not reproduced",
        /// It works as reported, but is no security matter.
        NotASecurityMatter = "not_a_security_matter", "Not a security matter",
    }
}

text_enum! {
    /// Who a message is for.
    pub enum Audience {
        /// The reporter and the staff of the case.
        Reporter = "reporter", "Reporter",
        /// Staff of the case only.
        Internal = "internal", "Internal",
        /// Legal and the leads; kept out of exports.
        Legal = "legal", "Legal",
        /// The staff of the case and every participant to whom the gate of its room is open.
        Participants = "participants", "All participants",
        /// The staff of the case and one participant.
        Participant = "participant", "One participant",
    }
}

text_enum! {
    /// What a message to the reporter counts as.
    pub enum MessagePurpose {
        /// A person confirms receipt (29147 6.2.5). The only thing that stops the 7-day clock.
        Acknowledgement = "acknowledgement", "Acknowledgement",
        /// A question whose answer is awaited (7.1.4 b).
        Question = "question", "Question",
        /// The result of verification (7.1.4 f).
        VerificationResult = "verification_result", "Verification result",
        /// A status update (29147 6.5).
        Update = "update", "Status update",
        /// The notice that the case ends, and why.
        ExitNotice = "exit_notice", "Exit notice",
        /// The notice that the advisory is out.
        ReleaseNotice = "release_notice", "Release notice",
        /// Anything else.
        Note = "note", "Note",
    }
}

text_enum! {
    /// What kind of remediation an item is (7.1.5).
    pub enum RemediationKind {
        /// A fix for the code.
        Patch = "patch", "Patch",
        /// A newer version.
        Upgrade = "upgrade", "Upgrade",
        /// A change of configuration.
        Configuration = "configuration", "Configuration",
        /// A way to avoid the effect.
        Workaround = "workaround", "Workaround",
        /// A change of documentation.
        Documentation = "documentation", "Documentation",
        /// Taking a service or a file down.
        Takedown = "takedown", "Take-down",
        /// Revoking keys or certificates.
        Revocation = "revocation", "Revocation",
        /// No fix is planned; an upgrade path must be named.
        NoneAvailable = "none_available", "No fix planned",
    }
}

text_enum! {
    /// Where a remediation item stands: decision, then production, then test (7.1.5).
    pub enum RemediationState {
        /// It was decided on.
        Decided = "decided", "Decided",
        /// It was produced and waits for its test.
        Produced = "produced", "Produced",
        /// Its test passed.
        Tested = "tested", "Tested",
        /// Users can get it.
        Available = "available", "Available",
        /// It was given up, with a reason.
        Dropped = "dropped", "Dropped",
    }
}

text_enum! {
    /// The path on which a remediation reaches users (7.1.6).
    pub enum ReleasePath {
        /// A product that users update.
        Product = "product", "Product",
        /// A service that the organisation changes itself.
        Service = "service", "Service",
        /// A service change and an action by users.
        Both = "both", "Service and product",
    }
}

text_enum! {
    /// Whether a product is affected.
    pub enum Affectedness {
        /// Not known yet.
        UnderInvestigation = "under_investigation", "Under investigation",
        /// Affected.
        Affected = "affected", "Affected",
        /// Not affected; needs a justification.
        NotAffected = "not_affected", "Not affected",
        /// Fixed in the named versions.
        Fixed = "fixed", "Fixed",
    }
}

text_enum! {
    /// In what way somebody uses a product (5895 8.1, 8.3).
    pub enum UseKind {
        /// A customer.
        Customer = "customer", "Customer",
        /// A group of users who are not known one by one.
        Segment = "segment", "Segment of users",
        /// A vendor that builds the product into its own.
        Vendor = "vendor", "Vendor that builds it in",
    }
}

text_enum! {
    /// Why a copy of a component cannot be replaced in the field.
    pub enum Unpatchable {
        /// It is in read-only memory.
        Rom = "rom", "In ROM",
        /// It is microcode.
        Microcode = "microcode", "Microcode",
        /// A supplier ships it as a binary and no other.
        SupplierBinary = "supplier_binary", "A supplier's binary",
    }
}

text_enum! {
    /// The five justifications of "not affected" that the machine-readable formats share.
    pub enum NotAffectedJustification {
        /// The component is absent.
        ComponentNotPresent = "component_not_present", "Component not present",
        /// The vulnerable code is absent.
        VulnerableCodeNotPresent = "vulnerable_code_not_present", "Vulnerable code not present",
        /// The vulnerable code is never run.
        VulnerableCodeNotInExecutePath = "vulnerable_code_not_in_execute_path", "Vulnerable code not in execute path",
        /// An adversary cannot control the vulnerable code.
        VulnerableCodeCannotBeControlled = "vulnerable_code_cannot_be_controlled_by_adversary", "Vulnerable code cannot be controlled by adversary",
        /// Mitigations are built in already.
        InlineMitigationsAlreadyExist = "inline_mitigations_already_exist", "Inline mitigations already exist",
    }
}

text_enum! {
    /// A part that a member of staff has in one case.
    pub enum CaseRole {
        /// Answers for the case.
        Owner = "owner", "Owner",
        /// Works on it.
        Member = "member", "Member",
        /// Reads it.
        Observer = "observer", "Observer",
    }
}

text_enum! {
    /// What a task after release is for (7.1.7).
    pub enum TaskKind {
        /// Keep the case and its advisory current (7.1.7 a).
        Maintenance = "maintenance", "Case maintenance",
        /// Feed the root cause back into development (7.1.7 b).
        Lesson = "lesson", "Lesson for development",
        /// Watch the stability of the fix (7.1.7 c).
        Watch = "watch", "Stability watch",
        /// Anything else.
        Other = "other", "Task",
    }
}

text_enum! {
    /// What became of something that the world published and that touches a product.
    pub enum FindingState {
        /// It waits for a decision.
        Open = "open", "To decide",
        /// Nothing in it is certain.
        Undecided = "undecided", "Cannot be decided",
        /// Upstream says that no component of it is affected.
        Denied = "denied", "Not affected, says upstream",
        /// It is a report.
        Reported = "reported", "In the register",
        /// It needs nothing.
        SetAside = "set_aside", "Set aside",
        /// No component of the product is named by it any more.
        Gone = "gone", "No longer there",
    }
}
