//! The one door for access: who asks, for what, and whether it may be.
//!
//! Every read in the store takes a [`Viewer`]; every query is scoped by it; [`may`] answers for
//! single resources. What a viewer may not see does not exist for that viewer (decision 19).

use crate::ids::{CaseId, ParticipantId, ReportId, UserId};
use crate::kinds::text_enum;

text_enum! {
    /// An office that a member of staff holds in the organisation (30111 6.2.3, 6.4).
    pub enum Role {
        /// Leads the PSIRT: decides, gives case roles, approves releases.
        Lead = "lead", "PSIRT lead",
        /// Works on reports and cases.
        Analyst = "analyst", "PSIRT analyst",
        /// Speaks for the division that owns a product; sees the cases they are made a member of.
        ProductContact = "product_contact", "Product contact",
        /// Reviews what leaves the house (6.8).
        Legal = "legal", "Legal",
        /// Prepares answers for press and public (6.7).
        PublicRelations = "public_relations", "Public relations",
        /// Hands on what customers report (6.7).
        Support = "support", "Customer support",
        /// Reads registers and journals, changes nothing.
        Auditor = "auditor", "Auditor",
        /// Runs the instance; reads no case by office (decision 19).
        Administrator = "administrator", "Administrator",
    }
}

text_enum! {
    /// A named system viewer. A closed list: background work never acts as "somebody".
    pub enum SystemViewer {
        /// Sends mail; opens the identity vault with the message id as the reason (decision 16).
        Mailer = "mailer", "Mailer",
        /// Watches clocks and raises alarms.
        ClockKeeper = "clock_keeper", "Clock keeper",
        /// Takes reports in from the public form and the API.
        Intake = "intake", "Intake",
        /// Writes checkpoints over the journal.
        Ledger = "ledger", "Ledger",
        /// Publishes approved advisories.
        Publisher = "publisher", "Publisher",
        /// Brings a vendor's earlier advisories in.
        Importer = "importer", "Importer",
        /// The operator's command line beside the store.
        Operator = "operator", "Operator",
    }
}

/// Who asks. Made only where a caller has been authenticated, or for named background work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Viewer {
    /// A member of staff, by session or token.
    Staff {
        /// The account.
        user: UserId,
        /// The offices held, read at the time of the request.
        roles: Vec<Role>,
    },
    /// The holder of a receipt code; sees their own report's thread and nothing else.
    Reporter {
        /// The report that the code belongs to.
        report: ReportId,
    },
    /// Somebody of a party, by the link that was given to them; sees what the gate of the case's
    /// room opens to that participant, and nothing else.
    Guest {
        /// The case that the link belongs to.
        case: CaseId,
        /// The participant that it belongs to.
        participant: ParticipantId,
    },
    /// Anyone.
    Public,
    /// Named background work.
    System(SystemViewer),
}

impl Viewer {
    /// Whether this is staff with `role`.
    pub fn has(&self, role: Role) -> bool {
        matches!(self, Viewer::Staff { roles, .. } if roles.contains(&role))
    }

    /// Whether unrestricted cases are visible by office: analysts and leads (decision 19), and
    /// named background work. Auditors read registers, not cases' content, unless made members.
    pub fn sees_unrestricted_cases(&self) -> bool {
        matches!(self, Viewer::System(_)) || self.has(Role::Analyst) || self.has(Role::Lead)
    }

    /// Whether this viewer's figures are over all cases. Whoever answers for the process or audits it
    /// may know how many cases there are; for everybody else a restricted case does not count,
    /// because a number that moves tells that there is one (decision 15).
    pub fn counts_all_cases(&self) -> bool {
        matches!(self, Viewer::System(_)) || self.has(Role::Lead) || self.has(Role::Auditor)
    }

    /// The account behind this viewer, if there is one.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Viewer::Staff { user, .. } => Some(*user),
            _ => None,
        }
    }

    /// The clear form of the actor that a journal entry carries. Never a name or an address.
    pub fn actor(&self) -> String {
        match self {
            Viewer::Staff { user, .. } => format!("user:{user}"),
            Viewer::Reporter { report } => format!("reporter:{report}"),
            Viewer::Guest { participant, .. } => format!("participant:{participant}"),
            Viewer::Public => "public".to_owned(),
            Viewer::System(name) => format!("system:{name}"),
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resource<'a> {
    /// One case, with what decides about its visibility.
    Case {
        /// Whether need-to-know is limited to members.
        restricted: bool,
        /// Members of the case.
        members: &'a [UserId],
    },
    /// The thread of one report, seen from the outside.
    ReportThread(ReportId),
    /// The reporter's identity of a case.
    Identity {
        /// Whether the case is restricted to its members.
        restricted: bool,
        /// Members of the case.
        members: &'a [UserId],
    },
    /// The register of products.
    Products,
    /// What the world publishes, and where it touches our products.
    Watch,
    /// The register of parties and whom to reach there.
    Parties,
    /// Policies and the process in force.
    Policies,
    /// Accounts, tokens and settings of the instance.
    Accounts,
    /// Checkpoints and verification of the journal.
    Journal,
    /// Figures over cases, without content: over which, [`Viewer::counts_all_cases`] says.
    Figures,
}

/// What is to be done with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Read it.
    Read,
    /// Change it.
    Write,
    /// Approve it, or give others a part in it.
    Approve,
}

/// The one answer to "may this viewer do this?". Deny by default.
pub fn may(viewer: &Viewer, action: Action, resource: Resource<'_>) -> bool {
    use Action::{Approve, Read, Write};
    match resource {
        Resource::Case {
            restricted,
            members,
        } => {
            let member = viewer.user().is_some_and(|u| members.contains(&u));
            let sees = match viewer {
                Viewer::System(_) => true,
                Viewer::Staff { .. } => member || (!restricted && viewer.sees_unrestricted_cases()),
                // Of a case, guests see what its room opens to them, not the case.
                Viewer::Reporter { .. } | Viewer::Guest { .. } | Viewer::Public => false,
            };
            let works = match action {
                Read => true,
                // What background work may change in a case is listed at the gate.
                Write | Approve if matches!(viewer, Viewer::System(_)) => false,
                Write => !viewer.has(Role::Auditor) || viewer.sees_unrestricted_cases(),
                Approve => {
                    viewer.has(Role::Lead) || viewer.has(Role::Analyst) || viewer.has(Role::Legal)
                }
            };
            sees && works
        }
        Resource::ReportThread(report) => {
            matches!(viewer, Viewer::Reporter { report: own } if *own == report)
                || matches!(viewer, Viewer::System(_))
        }
        Resource::Identity {
            restricted,
            members,
        } => match viewer {
            Viewer::System(SystemViewer::Mailer) => action == Read,
            Viewer::Staff { user, .. } => {
                (viewer.has(Role::Lead) || viewer.has(Role::Analyst))
                    && (!restricted || members.contains(user))
            }
            _ => false,
        },
        Resource::Products => match viewer {
            Viewer::System(SystemViewer::Importer | SystemViewer::Operator) => action != Approve,
            Viewer::System(_) => action == Read,
            Viewer::Staff { .. } => {
                action == Read
                    || viewer.has(Role::Lead)
                    || viewer.has(Role::Analyst)
                    || viewer.has(Role::Administrator)
            }
            _ => false,
        },
        // Analysts and leads decide about findings; whoever speaks for a product or audits reads
        // them.
        Resource::Watch => match viewer {
            Viewer::System(SystemViewer::Importer | SystemViewer::Operator) => action != Approve,
            Viewer::System(_) => action == Read,
            Viewer::Staff { .. } => {
                let decides = viewer.has(Role::Lead) || viewer.has(Role::Analyst);
                let reads = viewer.has(Role::ProductContact) || viewer.has(Role::Auditor);
                decides || (reads && action == Read)
            }
            _ => false,
        },
        // Whom an organisation coordinates with is for those who coordinate, and who looks after them.
        Resource::Parties => match viewer {
            Viewer::Staff { .. } => {
                let coordinates = viewer.has(Role::Lead) || viewer.has(Role::Analyst);
                let reads = viewer.has(Role::Legal) || viewer.has(Role::Auditor);
                coordinates || (reads && action == Read)
            }
            Viewer::System(_) => action == Read,
            _ => false,
        },
        Resource::Policies => match viewer {
            // People write and approve policies (30111 6.3).
            Viewer::System(_) => action == Read,
            Viewer::Staff { .. } => match action {
                Read => true,
                Write => viewer.has(Role::Lead) || viewer.has(Role::Legal),
                Approve => viewer.has(Role::Lead) || viewer.has(Role::Legal),
            },
            _ => false,
        },
        // A lead knows the staff, and is the second person for a reset; the administrator alone
        // changes accounts.
        Resource::Accounts => {
            viewer.has(Role::Administrator)
                || matches!(viewer, Viewer::System(SystemViewer::Operator))
                || (action != Write && viewer.has(Role::Lead))
        }
        Resource::Journal => {
            action == Read
                && (viewer.has(Role::Auditor)
                    || viewer.has(Role::Lead)
                    || matches!(
                        viewer,
                        Viewer::System(SystemViewer::Operator | SystemViewer::Ledger)
                    ))
        }
        Resource::Figures => {
            action == Read
                && (viewer.has(Role::Auditor)
                    || viewer.has(Role::Lead)
                    || viewer.has(Role::Analyst))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn staff(roles: &[Role]) -> Viewer {
        Viewer::Staff {
            user: UserId(Uuid::from_u128(7)),
            roles: roles.to_vec(),
        }
    }

    #[test]
    fn an_administrator_reads_no_case_by_office() {
        let open = Resource::Case {
            restricted: false,
            members: &[],
        };
        assert!(!may(&staff(&[Role::Administrator]), Action::Read, open));
        assert!(may(&staff(&[Role::Analyst]), Action::Read, open));
    }

    #[test]
    fn a_restricted_case_opens_only_to_members() {
        let me = UserId(Uuid::from_u128(7));
        let closed = Resource::Case {
            restricted: true,
            members: &[],
        };
        let mine = Resource::Case {
            restricted: true,
            members: &[me],
        };
        assert!(!may(&staff(&[Role::Lead]), Action::Read, closed));
        assert!(may(&staff(&[Role::ProductContact]), Action::Read, mine));
    }

    #[test]
    fn the_public_sees_nothing_of_a_case() {
        for resource in [
            Resource::Case {
                restricted: false,
                members: &[],
            },
            Resource::Products,
            Resource::Watch,
            Resource::Accounts,
            Resource::Journal,
        ] {
            assert!(!may(&Viewer::Public, Action::Read, resource));
        }
    }
}
