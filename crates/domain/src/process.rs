//! The process as a table: which command leads from which stage to which, under which gates.
//! `entente process export` prints it as the documented procedure that 30111 6.1 asks for.

use crate::command::CommandKind;
use crate::kinds::Stage;
use crate::rule::RuleId;

/// One transition between stages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transition {
    /// From this stage.
    pub from: Stage,
    /// By this command.
    pub by: CommandKind,
    /// To that stage.
    pub to: Stage,
    /// Under these rules.
    pub gates: &'static [RuleId],
}

use CommandKind as C;
use RuleId as R;
use Stage as S;

/// Every transition of the process. `decide` refuses any other; a test holds the two together.
pub const TRANSITIONS: &[Transition] = &[
    Transition {
        from: S::Receipt,
        by: C::StartVerification,
        to: S::Verification,
        gates: &[R::Checklist],
    },
    Transition {
        from: S::Verification,
        by: C::StartRemediation,
        to: S::RemediationDevelopment,
        gates: &[
            R::Confirmed,
            R::TellResult,
            R::Prioritised,
            R::ProductsMapped,
            R::Checklist,
        ],
    },
    Transition {
        from: S::RemediationDevelopment,
        by: C::PrepareRelease,
        to: S::Release,
        gates: &[
            R::Confirmed,
            R::TellResult,
            R::EveryProductAnswered,
            R::PathChosen,
            R::Checklist,
        ],
    },
    Transition {
        from: S::Release,
        by: C::Publish,
        to: S::PostRelease,
        gates: &[
            R::Confirmed,
            R::TellResult,
            R::AdvisoryComplete,
            R::LegalGate,
            R::TwoPersonGo,
            R::NotBeforeDate,
            R::Checklist,
        ],
    },
    Transition {
        from: S::PostRelease,
        by: C::Complete,
        to: S::Closed,
        gates: &[
            R::PostRelease,
            R::ApprovedText,
            R::InterimFollowed,
            R::KeepInformed,
            R::Checklist,
        ],
    },
    Transition {
        from: S::Receipt,
        by: C::Exit,
        to: S::Closed,
        gates: &[
            R::TellExit,
            R::AskFirst,
            R::DuplicateLinked,
            R::SupportedSiblings,
            R::HandOver,
        ],
    },
    Transition {
        from: S::Verification,
        by: C::Exit,
        to: S::Closed,
        gates: &[
            R::TellExit,
            R::AskFirst,
            R::DuplicateLinked,
            R::SupportedSiblings,
            R::HandOver,
        ],
    },
    Transition {
        from: S::RemediationDevelopment,
        by: C::Exit,
        to: S::Closed,
        gates: &[
            R::TellExit,
            R::AskFirst,
            R::DuplicateLinked,
            R::SupportedSiblings,
            R::HandOver,
        ],
    },
    Transition {
        from: S::Release,
        by: C::Exit,
        to: S::Closed,
        gates: &[
            R::TellExit,
            R::AskFirst,
            R::DuplicateLinked,
            R::SupportedSiblings,
            R::HandOver,
        ],
    },
    Transition {
        from: S::Receipt,
        by: C::MergeInto,
        to: S::Closed,
        gates: &[R::MergeTrace],
    },
    Transition {
        from: S::Verification,
        by: C::MergeInto,
        to: S::Closed,
        gates: &[R::MergeTrace],
    },
    Transition {
        from: S::Closed,
        by: C::Reopen,
        to: S::Receipt,
        gates: &[R::ReasonGiven],
    },
    Transition {
        from: S::Closed,
        by: C::Reopen,
        to: S::Verification,
        gates: &[R::ReasonGiven],
    },
    Transition {
        from: S::Closed,
        by: C::Reopen,
        to: S::PostRelease,
        gates: &[R::ReasonGiven],
    },
];
