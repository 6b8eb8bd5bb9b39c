//! What the pages say. They are left in `target/tmp/report`, to be looked at in a browser.

use std::fs;
use std::path::Path;

use migrate_ops::analyse::{Analysis, DriftState};
use migrate_ops::event::Step;
use migrate_ops::report::{self, Moment, Report, VerdictKind};
use migrate_ops::run_state::Outcome;

use crate::journal::{Journal, Script};
use crate::samples;

/// The report of a run, with its pages.
fn made(name: &str, run: &Journal) -> (Report, String, String) {
    let report = Report::of(&run.record()).expect("a report");
    let page = report::page(&report);
    let (html, markdown) = (report::html(&page), report::markdown(&page));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    fs::create_dir_all(&folder).expect("a folder");
    for (kind, text) in [
        ("html", &html),
        ("md", &markdown),
        ("json", &report.json().expect("JSON")),
    ] {
        fs::write(folder.join(format!("{name}.{kind}")), text).expect("a file");
    }
    (report, html, markdown)
}

#[test]
fn a_large_run() {
    let (report, html, markdown) = made("large", &samples::large());
    assert_eq!(report.verdict.kind, VerdictKind::AppliedWithRemarks);
    assert_eq!(report.log.applied().count(), 12);
    for text in [
        "12 migrations applied, with remarks",
        "db-1.shop.example",
        "index_orders_customer_id",
        "waited 5.0 s for a lock",
        "migrate down --to 20260108120000 --yes",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(
        markdown.contains("12 migrations applied, with remarks"),
        "{markdown}"
    );
    // Whoever goes back by hand has something to send, too.
    let moments: Vec<Moment> = report.messages.iter().map(|it| it.moment).collect();
    let all = [
        Moment::Before,
        Moment::During,
        Moment::After,
        Moment::TakingBack,
        Moment::TakenBack,
    ];
    assert_eq!(moments, all);
    let taking_back = &report.messages[3];
    assert!(
        taking_back
            .body
            .contains("This way back was not tried before"),
        "{}",
        taking_back.body
    );
    assert!(html.contains("Taking back: change to"), "{html}");
}

#[test]
fn a_failed_run() {
    let (report, html, _) = made("failed", &samples::failed());
    assert_eq!(report.verdict.kind, VerdictKind::Failed);
    assert_eq!(
        report.verdict.headline,
        "Failed: 5 of 12 migrations are applied"
    );
    assert_eq!(report.verdict.next.as_deref(), Some("migrate resume"));
    assert!(html.contains("class=\"verdict bad\""));
}

#[test]
fn a_killed_run() {
    let (report, _, _) = made("killed", &samples::killed());
    assert_eq!(report.verdict.kind, VerdictKind::Interrupted);
    let why = "7_orders was one transaction and did not commit: nothing of it is there";
    assert_eq!(report.verdict.reasons, [why]);
}

#[test]
fn what_was_left_out_is_not_green() {
    let (report, html, markdown) = made("tiny", &samples::tiny());
    assert_eq!(report.verdict.kind, VerdictKind::AppliedWithRemarks);
    assert!(html.contains("class=\"verdict attention\""));
    assert!(
        report
            .verdict
            .reasons
            .contains(&"backup was left out".to_owned())
    );
    for section in ["backup", "rehearsal", "validation"] {
        let at = html
            .find(&format!("<section id=\"{section}\""))
            .expect("a section");
        let head = html[at..].split("</div>").next().expect("a head");
        assert!(head.contains("badge unchecked"), "{head}");
    }
    assert!(markdown.contains("⚪ **left out**"), "{markdown}");
}

#[test]
fn nothing_breaks_out() {
    let evil =
        "\"><img src=x onerror=alert(1)>'</code></script><script>alert(2)</script>|`*\u{202e}";
    let mut run = Journal::new("sqlite://app.db");
    let analysis = Analysis {
        database: evil.to_owned(),
        dialect: evil.to_owned(),
        server: evil.to_owned(),
        from: Some(evil.to_owned()),
        to: Some(evil.to_owned()),
        applied: 1,
        pending: Vec::new(),
        findings: Vec::new(),
        changes: Some(vec![format!("table `{evil}` is new")]),
        changes_are_partial: true,
        drift: DriftState::Found {
            differences: vec![evil.to_owned()],
        },
    };
    run.evidence("analyse", &analysis);
    run.step(Step::Analyse, 1, evil);
    run.started(Step::Apply);
    run.script(&Script {
        step: Step::Apply,
        version: "1",
        name: evil,
        direction: "up",
        transaction: true,
        statements: &[1],
    });
    run.failed(Step::Apply, evil);
    run.over(Outcome::Failed, evil);
    let (_, html, markdown) = made("hostile", &run);
    for broken in ["<img", "<script", "</script", "\u{202e}"] {
        assert!(!html.contains(broken), "{broken}");
    }
    // In Markdown it is text after a backslash, or code between backticks or fences.
    let outside: String = markdown.split("\n```").step_by(2).collect();
    for line in outside.lines().filter(|line| line.contains("<img")) {
        assert!(line.contains("\\<img") || line.contains('`'), "{line}");
    }
    assert!(!markdown.contains('\u{202e}'));
    // Nothing is loaded from anywhere and nothing runs.
    for loads in ["src=\"", "url(", "@import", "<link", "http://", "https://"] {
        assert!(!html.contains(loads), "{loads}");
    }
}
