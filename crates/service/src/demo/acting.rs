//! Playing the steps: each one is the command that a person of the cast would give.
//!
//! Long file: one hand for each command, used by every story.

use super::Cast;
use super::steps::{Extra, Happening, Step, Story};
use super::stories::{CLOUD, PRODUCTS, STORIES};
use crate::error::ServiceError;
use crate::reports::{self, Identity, Submission, Submitted};
use crate::{App, cases};
use entente_domain::access::Viewer;
use entente_domain::command::{Command, ReportForm};
use entente_domain::ids::{CaseId, PartyId, ProductId, RemediationId, TaskId, UserId};
use entente_domain::kinds::{
    Affectedness, CaseRole, Channel, ExitReason, MessagePurpose, NotAffectedJustification,
    Publicity, ReleasePath, RemediationKind, Source, TaskKind, Verdict,
};

/// Fictional reporters.
const REPORTERS: [(&str, &str); 6] = [
    ("Mira Holt", "mira@tidepool.example"),
    ("Jonas Berg", "jonas@nordlab.example"),
    ("Ines Duarte", "ines@duarte.example"),
    ("Kofi Mensah", "kofi@brightlab.example"),
    ("Yuki Arai", "yuki@arai.example"),
    ("Sam Whitlock", "sam@whitlock.example"),
];

/// What came of a story so far.
struct Played {
    submitted: Submitted,
    remediation: RemediationId,
}

/// The place where the steps are played.
pub(super) struct Stage<'a> {
    app: &'a App,
    cast: &'a Cast,
    products: &'a [ProductId],
    parties: &'a [PartyId],
    played: Vec<Option<Played>>,
    published: usize,
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        app: &'a App,
        cast: &'a Cast,
        products: &'a [ProductId],
        parties: &'a [PartyId],
    ) -> Self {
        Self {
            app,
            cast,
            products,
            parties,
            played: STORIES.iter().map(|_| None).collect(),
            published: 0,
        }
    }

    pub(super) fn cases(&self) -> usize {
        self.played.iter().flatten().count()
    }

    /// The case that others have a part in.
    pub(super) fn shared(&self) -> Option<CaseId> {
        let place = STORIES.iter().position(|s| s.has(Extra::Shared))?;
        Some(self.played.get(place)?.as_ref()?.submitted.case)
    }

    pub(super) fn published(&self) -> usize {
        self.published
    }

    pub(super) async fn play(&mut self, happening: &Happening) -> Result<(), ServiceError> {
        let Some(story) = STORIES.get(happening.story) else {
            return Ok(());
        };
        if happening.step == Step::Submit {
            let played = self.submit(happening.story, story).await?;
            if let Some(place) = self.played.get_mut(happening.story) {
                *place = Some(played);
            }
            return Ok(());
        }
        self.step(happening, story).await.map_err(|e| {
            ServiceError::internal(format!(
                "the story “{}” at {:?}: {e:?}",
                story.title, happening.step
            ))
        })
    }

    async fn submit(&self, n: usize, story: &Story) -> Result<Played, ServiceError> {
        let (name, mail) = REPORTERS
            .get(n % REPORTERS.len())
            .copied()
            .unwrap_or_default();
        let source = story
            .extras
            .iter()
            .find_map(|e| {
                if let Extra::From(source) = e {
                    Some(*source)
                } else {
                    None
                }
            })
            .unwrap_or(Source::External);
        let viewer = match source {
            Source::External => &Viewer::Public,
            Source::Customer => &self.cast.support,
            _ => &self.cast.analyst,
        };
        let known = story.has(Extra::Mail);
        let submission = Submission {
            form: ReportForm {
                product: PRODUCTS
                    .get(story.product)
                    .map_or("", |p| p.name)
                    .to_owned(),
                version: story.version.to_owned(),
                title: story.title.to_owned(),
                description: story.description.to_owned(),
                safety_impact: story.has(Extra::Safety),
                credit: story.has(Extra::Credit),
                credit_name: if story.has(Extra::Credit) {
                    name.to_owned()
                } else {
                    String::new()
                },
                ..ReportForm::default()
            },
            identity: Identity {
                name: if known {
                    name.to_owned()
                } else {
                    String::new()
                },
                mail: if known {
                    mail.to_owned()
                } else {
                    String::new()
                },
                ..Identity::default()
            },
            source,
            channel: if source == Source::External {
                Channel::Form
            } else {
                Channel::Console
            },
            attachments: Vec::new(),
            client: None,
            ticket: None,
            idempotency_key: None,
        };
        Ok(Played {
            submitted: reports::submit(self.app, viewer, submission).await?,
            remediation: RemediationId(self.app.random().id(self.app.now())),
        })
    }

    fn user(viewer: &Viewer) -> Result<UserId, ServiceError> {
        viewer
            .user()
            .ok_or_else(|| ServiceError::internal("a persona without an account"))
    }

    /// The members of the cast who play a step, each with a command.
    async fn step(&mut self, happening: &Happening, story: &Story) -> Result<(), ServiceError> {
        let Some(Some(played)) = self.played.get(happening.story) else {
            return Err(ServiceError::internal("the story has not begun"));
        };
        let (case, report, remediation) = (
            played.submitted.case,
            played.submitted.report,
            played.remediation,
        );
        // Nobody stands behind an internal report, so nobody is told.
        let reporter = played.submitted.receipt_code.is_some();
        // Who is not a member does not see the restricted case: there the lead works.
        let analyst = if story.has(Extra::Restricted) {
            &self.cast.lead
        } else {
            &self.cast.analyst
        };
        let cast = self.cast;
        if let Step::Room(n) = happening.step {
            return super::room::play(self.app, cast, self.parties, case, n).await;
        }
        if happening.step == Step::ReporterWrites {
            let body = "Any news? I can try a build if that helps.";
            return reports::write(self.app, &Viewer::Reporter { report }, body).await;
        }
        let product = self
            .products
            .get(story.product)
            .copied()
            .ok_or_else(|| ServiceError::internal("no such product"))?;
        let say = |purpose: MessagePurpose, body: &str| {
            reporter
                .then(|| Command::SendToReporter {
                    report,
                    purpose,
                    body: body.to_owned(),
                })
                .into_iter()
                .collect::<Vec<_>>()
        };
        let by = |viewer: &'a Viewer, commands: Vec<Command>| {
            commands
                .into_iter()
                .map(|c| (viewer, c))
                .collect::<Vec<_>>()
        };
        let commands: Vec<(&Viewer, Command)> = match happening.step {
            Step::Submit | Step::ReporterWrites | Step::Room(_) => Vec::new(),
            Step::Acknowledge if !reporter => Vec::new(),
            Step::Acknowledge => by(
                analyst,
                vec![Command::Acknowledge {
                    report,
                    body: "Thank you for the report. I have read it and will try to reproduce it."
                        .to_owned(),
                }],
            ),
            Step::Assign => by(
                analyst,
                vec![Command::Assign {
                    owner: Self::user(analyst)?,
                }],
            ),
            Step::Restrict => by(
                &cast.lead,
                vec![Command::Restrict {
                    reason: "Plants depend on it; need to know only.".to_owned(),
                }],
            ),
            Step::StartVerification => by(
                analyst,
                vec![tick("duplicates"), Command::StartVerification {}],
            ),
            Step::Verify => by(
                analyst,
                vec![Command::RecordVerification {
                    environment: "Laboratory 2".to_owned(),
                    build: format!("{} of the day", story.version),
                    steps: "As reported, on a fresh installation.".to_owned(),
                    verdict: if story.has(Extra::NotReproduced) {
                        Verdict::NotReproduced
                    } else if story.has(Extra::NoMatter) {
                        Verdict::NotASecurityMatter
                    } else {
                        Verdict::Confirmed
                    },
                    note: String::new(),
                }],
            ),
            Step::Assess => {
                let [exploitation, utility, technical_impact, public_safety] =
                    story.ssvc.map(str::to_owned);
                let mut commands = vec![
                    Command::Score {
                        vector: story.vector.to_owned(),
                    },
                    Command::SetWeakness {
                        cwe: story.cwe.to_owned(),
                    },
                    Command::AssessPriority {
                        exploitation,
                        utility,
                        technical_impact,
                        public_safety,
                    },
                ];
                commands.extend(story.extras.iter().filter_map(|e| match e {
                    Extra::Cve(cve) => Some(Command::SetCve {
                        cve: (*cve).to_owned(),
                    }),
                    _ => None,
                }));
                by(analyst, commands)
            }
            Step::Map => self.map(analyst, story, product)?,
            Step::TellResult => {
                let mut commands = say(
                    MessagePurpose::VerificationResult,
                    "We can confirm what you reported and are working on a remediation.",
                );
                commands.extend([tick("supported"), tick("other_vendors"), tick("siblings")]);
                by(analyst, commands)
            }
            Step::StartRemediation => {
                let mut commands = by(analyst, vec![Command::StartRemediation {}]);
                commands.push((
                    &cast.lead,
                    Command::AddMember {
                        user: Self::user(&cast.contact)?,
                        role: CaseRole::Member,
                        reason: "Speaks for the product".to_owned(),
                    },
                ));
                commands
            }
            Step::Decide => by(
                analyst,
                vec![Command::DecideRemediation {
                    remediation,
                    remedy: if story.has(Extra::Interim) {
                        RemediationKind::Workaround
                    } else {
                        RemediationKind::Patch
                    },
                    products: vec![product],
                    interim: story.has(Extra::Interim),
                    description: if story.has(Extra::Interim) {
                        "Close the port in the field by the cover that service ships.".to_owned()
                    } else {
                        format!("Update to {}.9 or later.", story.version)
                    },
                    rationale: "The change is small and can be tested in full.".to_owned(),
                    upgrade_path: String::new(),
                }],
            ),
            Step::Produce => by(
                &cast.contact,
                vec![Command::ProduceRemediation {
                    remediation,
                    artefact: format!("build {}.9-1", story.version),
                }],
            ),
            Step::FailTest | Step::Test => {
                let passed = happening.step == Step::Test;
                let mut commands = vec![Command::TestRemediation {
                    remediation,
                    platform: "All supported platforms".to_owned(),
                    passed,
                    note: if passed {
                        String::new()
                    } else {
                        "Frames of one byte still stop the loop.".to_owned()
                    },
                }];
                if passed {
                    commands.push(tick("regression"));
                }
                by(analyst, commands)
            }
            Step::SetEmbargo => by(
                analyst,
                vec![Command::SetEmbargoDate {
                    until: Some(
                        self.app
                            .now()
                            .plus_days(if story.ago > 100 { 9 } else { 60 }),
                    ),
                    reason: "Agreed with the reporter, who gives a talk.".to_owned(),
                }],
            ),
            Step::PrepareRelease => by(
                analyst,
                vec![Command::PrepareRelease {
                    path: if story.product == CLOUD {
                        ReleasePath::Service
                    } else {
                        ReleasePath::Product
                    },
                    early_reason: String::new(),
                }],
            ),
            Step::MakeAvailable => by(
                analyst,
                vec![
                    Command::MakeAvailable {
                        remediation,
                        url: "https://alder.example/downloads".to_owned(),
                    },
                    tick("fix_reachable"),
                    tick("support_ready"),
                ],
            ),
            Step::Draft => by(analyst, vec![self.draft(story, "")]),
            Step::Revise => by(
                analyst,
                vec![
                    Command::ReviseAdvisory {
                        reason: "More versions are affected.".to_owned(),
                    },
                    self.draft(
                        story,
                        "Version 2.1 is affected as well, with the same remediation",
                    ),
                ],
            ),
            Step::SubmitAdvisory => {
                let mut commands = by(analyst, vec![Command::SubmitAdvisory {}]);
                let legal = Self::user(&cast.legal)?;
                let file = cases::open(self.app, &cast.lead, case).await?;
                if !file.case.member_ids().contains(&legal) {
                    commands.push((
                        &cast.lead,
                        Command::AddMember {
                            user: legal,
                            role: CaseRole::Member,
                            reason: "Reviews the advisory".to_owned(),
                        },
                    ));
                }
                commands
            }
            Step::LegalReview => by(
                &cast.legal,
                vec![Command::LegalReview {
                    approved: true,
                    comment: String::new(),
                }],
            ),
            Step::Go => by(analyst, vec![Command::GiveGo {}]),
            Step::SecondGo => by(&cast.lead, vec![Command::GiveGo {}]),
            Step::Publish => by(&cast.lead, vec![Command::Publish {}]),
            Step::ReleaseNotice => by(
                analyst,
                say(
                    MessagePurpose::ReleaseNotice,
                    "The advisory is out. Thank you for your patience.",
                ),
            ),
            Step::Lesson => {
                let task = TaskId(self.app.random().id(self.app.now()));
                by(
                    analyst,
                    vec![
                        Command::AddTask {
                            task,
                            kind: if story.product == CLOUD {
                                TaskKind::Watch
                            } else {
                                TaskKind::Lesson
                            },
                            title: "Take the root cause back to development".to_owned(),
                            owner: Some(Self::user(&cast.contact)?),
                            due: self.app.now().plus_days(14),
                        },
                        Command::CompleteTask {
                            task,
                            result: "A check was added to the build.".to_owned(),
                        },
                    ],
                )
            }
            Step::Complete => by(
                analyst,
                vec![Command::Complete {
                    note: String::new(),
                }],
            ),
            Step::Ask => by(
                analyst,
                say(
                    MessagePurpose::Question,
                    "Which build did you use, and which options? We could not see it here.",
                ),
            ),
            Step::Update => by(
                analyst,
                say(
                    MessagePurpose::Update,
                    "We are still at work on it. You hear from us again within two weeks.",
                ),
            ),
            Step::Exit(reason) => by(analyst, vec![exit(reason, reporter)]),
            Step::Merge(target) => {
                let Some(Some(target)) = self.played.get(target) else {
                    return Err(ServiceError::internal("the other story has not begun"));
                };
                by(
                    analyst,
                    vec![Command::MergeInto {
                        target: target.submitted.case,
                        reason: "The same buffer, seen from another client.".to_owned(),
                    }],
                )
            }
            Step::Pause => by(
                analyst,
                vec![Command::PauseClock {
                    clock: entente_domain::clock::ClockKind::Remediation,
                    reason: "Waits for the upstream library.".to_owned(),
                }],
            ),
            Step::BecomePartlyPublic => by(
                analyst,
                vec![Command::RecordPublicity {
                    publicity: Publicity::Partial,
                    evidence: "A post hints at the compression and names no product.".to_owned(),
                }],
            ),
            Step::BecomeExploited => by(
                analyst,
                vec![Command::RecordExploitation {
                    evidence: "A customer's sensor caught such pictures.".to_owned(),
                }],
            ),
            Step::DecidePublicity => by(
                &cast.lead,
                vec![Command::DecidePublicity {
                    end_embargo: false,
                    reason: "The flaw itself is not public; we go on, faster.".to_owned(),
                }],
            ),
        };
        for (viewer, command) in commands {
            cases::act(self.app, viewer, case, None, command).await?;
        }
        if happening.step == Step::Publish {
            let first = !matches!(story.extras, extras if extras.contains(&Extra::Revised))
                || cases::open(self.app, &cast.lead, case)
                    .await?
                    .case
                    .advisory
                    .is_some_and(|a| a.revisions.len() == 1);
            self.published += usize::from(first);
        }
        Ok(())
    }

    /// The affected product, and one that is not.
    fn map(
        &self,
        analyst: &'a Viewer,
        story: &Story,
        product: ProductId,
    ) -> Result<Vec<(&'a Viewer, Command)>, ServiceError> {
        let other = self.products.get((story.product + 1) % 5).copied();
        let other = other.ok_or_else(|| ServiceError::internal("no such product"))?;
        Ok(vec![
            (
                analyst,
                Command::SetAffected {
                    product,
                    versions: format!("vers:generic/<{}.9", story.version),
                    status: Affectedness::Affected,
                    justification: None,
                    fixed_versions: format!("{}.9", story.version),
                    note: String::new(),
                },
            ),
            (
                analyst,
                Command::SetAffected {
                    product: other,
                    versions: "vers:generic/*".to_owned(),
                    status: Affectedness::NotAffected,
                    justification: Some(NotAffectedJustification::VulnerableCodeNotPresent),
                    fixed_versions: String::new(),
                    note: "It does not hold the code.".to_owned(),
                },
            ),
        ])
    }

    fn draft(&self, story: &Story, change: &str) -> Command {
        let name = PRODUCTS.get(story.product).map_or("", |p| p.name);
        Command::DraftAdvisory {
            title: format!("{name}: {}", story.title),
            summary: format!(
                "{name} {} has a vulnerability, for which a remediation is available.",
                story.version
            ),
            description: story.description.to_owned(),
            impact: "See the score and its vector.".to_owned(),
            acknowledgement: if story.has(Extra::Credit) {
                "We thank the reporter for the report.".to_owned()
            } else {
                String::new()
            },
            references: vec!["https://alder.example/support".to_owned()],
            change: change.to_owned(),
        }
    }
}

fn tick(item: &str) -> Command {
    Command::TickChecklist {
        item: item.to_owned(),
        done: true,
        note: String::new(),
    }
}

fn exit(reason: ExitReason, reporter: bool) -> Command {
    let notice = match reason {
        ExitReason::ObsoleteProduct => {
            "The product has been out of support since last year. Its successors are not affected."
        }
        ExitReason::NonSecurity => {
            "We see what you describe, and think that it harms nobody. We look at it again in half a year."
        }
        ExitReason::OtherVendor => {
            "The flaw is the vendor's of the component; we handed your report on."
        }
        ExitReason::Withdrawn => "We close the report as you wished.",
        ExitReason::Unverified => {
            "We could not reproduce it and close the report. Write here if you see it again."
        }
        _ => "We close the report.",
    };
    Command::Exit {
        reason,
        note: "Looked at by an analyst.".to_owned(),
        notice: if reporter {
            notice.to_owned()
        } else {
            String::new()
        },
        duplicate_of: None,
        siblings_checked: reason == ExitReason::ObsoleteProduct,
        handed_to: if reason == ExitReason::OtherVendor {
            "Chronos Time, by their form".to_owned()
        } else {
            String::new()
        },
    }
}
