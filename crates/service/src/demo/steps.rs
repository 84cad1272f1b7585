//! When what happens in a story. Pure: data in, a list of happenings out.

use super::stories::STORIES;
use entente_domain::kinds::{ExitReason, Source};
use entente_domain::time::{HOUR_US, Timestamp};

/// How far a case came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Reach {
    Received,
    Acknowledged,
    Verifying,
    Confirmed,
    Developing,
    Tested,
    Drafted,
    InReview,
    Approved,
    Published,
    Completed,
}

/// What is special about a case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Extra {
    /// The reporter left an address.
    Mail,
    /// The reporter wants to be named.
    Credit,
    /// It has this CVE id.
    Cve(&'static str),
    /// It came in another way.
    From(Source),
    /// It could not be reproduced.
    NotReproduced,
    /// It is no security matter.
    NoMatter,
    /// It ended by this exit.
    Exit(ExitReason),
    /// It was merged into that story.
    MergeInto(usize),
    /// The advisory was revised.
    Revised,
    /// Safety is at stake.
    Safety,
    /// An embargo date was set.
    Embargo,
    /// There is an interim remediation only.
    Interim,
    /// A person acknowledged too late.
    LateAck,
    /// The first test failed.
    FailedTest,
    /// Only members see it.
    Restricted,
    /// Nobody keeps the reporter informed.
    Silent,
    /// The remediation clock stands still.
    Paused,
    /// Part of it is public, and nobody decided yet.
    PartlyPublic,
    /// It is being exploited.
    Exploited,
    /// We wait for the reporter.
    Question,
    /// The reporter waits for us.
    Reply,
    /// Others ship it, too: they are brought in under an embargo.
    Shared,
}

/// One story.
pub(super) struct Story {
    /// How many days ago it began.
    pub(super) ago: i64,
    pub(super) product: usize,
    pub(super) version: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) cwe: &'static str,
    pub(super) vector: &'static str,
    pub(super) ssvc: [&'static str; 4],
    pub(super) reach: Reach,
    pub(super) extras: &'static [Extra],
}

impl Story {
    pub(super) fn has(&self, extra: Extra) -> bool {
        self.extras.contains(&extra)
    }
}

/// A step of a story.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Submit,
    Acknowledge,
    Assign,
    Restrict,
    StartVerification,
    Verify,
    Assess,
    Map,
    TellResult,
    StartRemediation,
    Decide,
    Produce,
    FailTest,
    Test,
    SetEmbargo,
    PrepareRelease,
    MakeAvailable,
    Draft,
    SubmitAdvisory,
    LegalReview,
    Go,
    SecondGo,
    Publish,
    ReleaseNotice,
    Revise,
    Lesson,
    Complete,
    Ask,
    ReporterWrites,
    Update,
    Exit(ExitReason),
    Merge(usize),
    Pause,
    BecomePartlyPublic,
    BecomeExploited,
    DecidePublicity,
    /// What happens in the room, by its number in [`super::room`].
    Room(usize),
}

/// A step at an instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Happening {
    pub(super) at: Timestamp,
    pub(super) story: usize,
    pub(super) step: Step,
}

/// The steps of a story with the hours after its beginning.
fn course(story: &Story) -> Vec<(i64, Step)> {
    use Extra as X;
    use Reach as R;
    let mut course = vec![(0, Step::Submit)];
    let reached = |reach: Reach| story.reach >= reach;
    if reached(R::Acknowledged) {
        let late = story.has(X::LateAck);
        course.extend([
            (if late { 215 } else { 20 }, Step::Acknowledge),
            (if late { 216 } else { 21 }, Step::Assign),
        ]);
    }
    let later = if story.has(X::LateAck) { 200 } else { 0 };
    let mut add = |hours: i64, step: Step| course.push((later + hours, step));
    if story.has(X::Restricted) {
        add(22, Step::Restrict);
    }
    if reached(R::Verifying) {
        add(44, Step::StartVerification);
        add(70, Step::Verify);
    }
    if reached(R::Confirmed) {
        add(74, Step::Assess);
        add(75, Step::Map);
        add(90, Step::TellResult);
    }
    if reached(R::Developing) {
        add(118, Step::StartRemediation);
        add(160, Step::Decide);
    }
    if reached(R::Tested) {
        add(300, Step::Produce);
        if story.has(X::FailedTest) {
            add(330, Step::FailTest);
            add(390, Step::Produce);
        }
        add(405, Step::Test);
    }
    if reached(R::Drafted) {
        if story.has(X::Embargo) {
            add(420, Step::SetEmbargo);
        }
        add(430, Step::PrepareRelease);
        add(440, Step::MakeAvailable);
        add(455, Step::Draft);
    }
    if reached(R::InReview) {
        add(470, Step::SubmitAdvisory);
    }
    if reached(R::Approved) {
        add(490, Step::LegalReview);
        add(491, Step::Go);
        add(500, Step::SecondGo);
    }
    if reached(R::Published) {
        // An embargo of ten days ends first.
        let out = if story.has(X::Embargo) { 670 } else { 520 };
        add(out, Step::Publish);
        add(out + 1, Step::ReleaseNotice);
        if story.has(X::Revised) {
            for (hours, step) in [
                (300, Step::Revise),
                (305, Step::SubmitAdvisory),
                (320, Step::LegalReview),
                (321, Step::Go),
                (330, Step::SecondGo),
                (336, Step::Publish),
            ] {
                add(out + hours, step);
            }
        }
    }
    if reached(R::Completed) {
        add(700, Step::Lesson);
        add(1_300, Step::Complete);
    }
    for extra in story.extras {
        match *extra {
            X::Question | X::NotReproduced => add(76, Step::Ask),
            X::Reply => add(100, Step::ReporterWrites),
            X::Exit(ExitReason::Unverified) => {
                add(76 + 15 * 24, Step::Exit(ExitReason::Unverified))
            }
            X::Exit(reason) => add(80, Step::Exit(reason)),
            X::MergeInto(target) => add(30, Step::Merge(target)),
            X::Paused => add(410, Step::Pause),
            X::Shared => {
                for (n, hours) in super::room::HOURS.iter().enumerate() {
                    add(*hours, Step::Room(n));
                }
            }
            X::Exploited => {
                add(91, Step::BecomeExploited);
                add(92, Step::DecidePublicity);
            }
            _ => {}
        }
    }
    course.sort_by_key(|(hours, _)| *hours);
    course
}

/// Everything that happens until `end`.
pub(super) fn all(end: Timestamp) -> Vec<Happening> {
    let mut happenings = Vec::new();
    for (n, story) in STORIES.iter().enumerate() {
        // Not all at the same time of the day.
        let spread = i64::try_from(n).unwrap_or(0) * 37 % 420;
        let begin = Timestamp(end.plus_days(-story.ago).0 - (60 + spread) * 60_000_000);
        let course = course(story);
        // People are not equally fast; a question's time to answer and an embargo are.
        let fixed = story
            .extras
            .iter()
            .any(|e| matches!(e, Extra::NotReproduced | Extra::LateAck | Extra::Embargo));
        let pace = if fixed { 100 } else { 60 + spread % 7 * 12 };
        let course: Vec<(i64, Step)> = course
            .into_iter()
            .map(|(hours, step)| (hours * pace / 100, step))
            .collect();
        let last = course.last().map_or(0, |(hours, _)| *hours);
        // A story that would end after now goes faster.
        let room = (end.0 - begin.0) / HOUR_US * 9 / 10;
        let at = |hours: i64| {
            if last <= room {
                begin.plus_hours(hours)
            } else {
                Timestamp(begin.0 + hours * (room * HOUR_US / last.max(1)))
            }
        };
        for (hours, step) in &course {
            happenings.push(Happening {
                at: at(*hours),
                story: n,
                step: *step,
            });
        }
        if story.has(Extra::PartlyPublic) {
            let at = end.plus_hours(-1);
            happenings.push(Happening {
                at,
                story: n,
                step: Step::BecomePartlyPublic,
            });
        }
        if story.has(Extra::Shared) {
            happenings.push(Happening {
                at: end.plus_hours(-30),
                story: n,
                step: Step::Room(super::room::HOURS.len()),
            });
        }
        updates(story, n, begin, end, at(last), &mut happenings);
    }
    happenings
}

/// The updates that the reporter was promised, while the case is open.
fn updates(
    story: &Story,
    n: usize,
    begin: Timestamp,
    end: Timestamp,
    last: Timestamp,
    happenings: &mut Vec<Happening>,
) {
    let ends = story
        .extras
        .iter()
        .any(|e| matches!(e, Extra::Exit(_) | Extra::MergeInto(_)));
    let over = story.reach == Reach::Completed || ends;
    let until = if over { last } else { end };
    if story.has(Extra::Silent) || story.reach < Reach::Acknowledged {
        return;
    }
    let mut at = begin.plus_days(12);
    while at < until {
        happenings.push(Happening {
            at,
            story: n,
            step: Step::Update,
        });
        at = at.plus_days(12);
    }
}
