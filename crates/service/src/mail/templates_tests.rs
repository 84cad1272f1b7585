//! Every mail as it goes out.

use super::*;

pub(in crate::mail) fn config() -> Config {
    Config {
        base_url: "https://psirt.example".to_owned(),
        organisation: crate::config::Organisation {
            name: "Alder".to_owned(),
            namespace: "https://alder.example".to_owned(),
            contact: "psirt@alder.example".to_owned(),
            advisory_prefix: "ALD".to_owned(),
            language: "en".to_owned(),
        },
        mail_from: "psirt@alder.example".to_owned(),
        demo: false,
        limits: crate::config::Limits::default(),
    }
}

fn shown(mail: &Mail) -> String {
    format!("Subject: {}\n\n{}", mail.subject, mail.text)
}

#[test]
fn to_the_reporter() {
    let config = config();
    insta::assert_snapshot!(shown(&receipt(&config)), @r"
    Subject: We received your report

    Thank you for your report.

    This is an automatic receipt. A person will read the report and acknowledge it.

    Follow it, and write to us, with the receipt code that you were shown:
    https://psirt.example/status

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
    insta::assert_snapshot!(shown(&acknowledgement(&config)), @r"
    Subject: Your report was acknowledged

    A person has read your report and written to you.

    Read it, and answer, with your receipt code:
    https://psirt.example/status

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
    insta::assert_snapshot!(shown(&message_waiting(&config)), @r"
    Subject: There is a message about your report

    We have written to you about your report.

    Read it, and answer, with your receipt code:
    https://psirt.example/status

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
    insta::assert_snapshot!(shown(&exit_notice(&config)), @r"
    Subject: We have finished with your report

    We have come to a decision about your report and written down why.

    Read it, and answer if you see it otherwise, with your receipt code:
    https://psirt.example/status

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
    insta::assert_snapshot!(shown(&release_notice(&config)), @r"
    Subject: What you reported was published

    We have published what your report led to. Thank you for your part in it.

    Find it with your receipt code:
    https://psirt.example/status

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
}

#[test]
fn to_the_staff() {
    let config = config();
    insta::assert_snapshot!(shown(&staff_notice(&config, 12, "A new report came in")), @r"
    Subject: Case 12: A new report came in

    A new report came in

    Open the case:
    https://psirt.example/console/cases/12

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
    insta::assert_snapshot!(shown(&alarm(&config, 12, "acknowledgement")), @r"
    Subject: Case 12: a deadline passed

    A deadline passed: acknowledgement.

    Open the case:
    https://psirt.example/console/cases/12

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
    insta::assert_snapshot!(shown(&invitation(&config, "https://psirt.example/welcome/abc")), @r"
    Subject: You are invited

    An account was made for you. Choose a password:
    https://psirt.example/welcome/abc

    The link counts once and for seven days.

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
    insta::assert_snapshot!(shown(&reset(&config, "https://psirt.example/welcome/abc")), @r"
    Subject: Set a new password

    A new password was asked for, and a second person agreed. Set it here:
    https://psirt.example/welcome/abc

    The link counts once and for one hour. If it was not you, tell your administrator.

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
}

#[test]
fn to_subscribers() {
    let config = config();
    insta::assert_snapshot!(shown(&subscription(&config, "https://psirt.example/subscribe/confirm?t=abc")), @r"
    Subject: Confirm your subscription

    Somebody asked that our security advisories be sent to this address. If it was you, confirm it:
    https://psirt.example/subscribe/confirm?t=abc

    Otherwise do nothing; no further mail will come.

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
    let mail = advisory(
        &config,
        "ALD-2026-0001",
        "Überlauf im Parser",
        2,
        "https://psirt.example/unsubscribe?t=abc",
    );
    insta::assert_snapshot!(shown(&mail), @r"
    Subject: ALD-2026-0001: Überlauf im Parser

    ALD-2026-0001, revision 2
    Überlauf im Parser

    Read it, with its machine-readable form and signature:
    https://psirt.example/advisories/ALD-2026-0001

    End this subscription:
    https://psirt.example/unsubscribe?t=abc

    -- 
    Alder
    psirt@alder.example
    https://psirt.example
    ");
}

/// Whatever stands in an advisory, its mail keeps its lines: no header and no paragraph of the
/// text can be forged.
#[test]
fn texts_from_outside_stay_on_their_line() {
    let evil = "T\r\nBcc: x@y.example\r\n\r\nSet a new password: https://evil.example\0";
    let mail = advisory(&config(), evil, evil, 1, evil);
    assert!(!mail.subject.as_str().contains(['\r', '\n', '\0']));
    assert!(!mail.text.contains(['\r', '\0']));
    assert!(
        mail.text
            .lines()
            .all(|line| !line.starts_with("Bcc:") && !line.starts_with("Set a"))
    );
    assert!(mail.subject.as_str().chars().count() <= 200);
}
