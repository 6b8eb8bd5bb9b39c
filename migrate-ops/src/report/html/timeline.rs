//! A time line as SVG: one small picture a lane, which stretches with the page, and its words beside
//! it, which do not.

use super::super::figure;
use super::super::view::{BarKind, Lane, Timeline};
use super::writer::Html;

/// The width of a lane in units of its own; the page stretches it.
const WIDTH: f64 = 1000.0;
/// The height of a lane in pixels.
const HEIGHT: f64 = 16.0;
/// So that something very short is seen.
const NARROWEST: f64 = 3.0;

pub(super) fn timeline(html: &mut Html, line: &Timeline) {
    html.element("figure", &[("class", "timeline")], |html| {
        html.simple("figcaption", "", &line.title);
        html.element(
            "div",
            &[("class", "axis"), ("aria-hidden", "true")],
            |html| {
                for tick in line.ticks() {
                    let style = format!("left:{:.2}%", line.share(tick) * 100.0);
                    html.element("span", &[("style", &style)], |html| {
                        html.text(&match tick > 0.0 {
                            true => figure::duration(tick),
                            false => "0".to_owned(),
                        });
                    });
                }
            },
        );
        for lane in &line.lanes {
            html.line();
            html.element("div", &[("class", "lane")], |html| {
                html.element(
                    "span",
                    &[("class", "lane-name"), ("title", &lane.label)],
                    |html| {
                        html.text(&lane.label);
                    },
                );
                bars(html, line, lane);
                html.simple("span", "lane-note", &lane.note);
            });
        }
        html.element("div", &[("class", "legend")], |html| {
            for kind in line.kinds() {
                html.element("span", &[("class", "key")], |html| {
                    html.element(
                        "svg",
                        &[
                            ("viewBox", "0 0 16 16"),
                            ("width", "14"),
                            ("height", "14"),
                            ("aria-hidden", "true"),
                        ],
                        |html| rectangle(html, 0.0, 16.0, kind, ""),
                    );
                    html.text(kind.label());
                });
            }
        });
    });
}

fn bars(html: &mut Html, line: &Timeline, lane: &Lane) {
    let words: Vec<&str> = lane.bars.iter().map(|bar| bar.title.as_str()).collect();
    let view = format!("0 0 {WIDTH:.0} {HEIGHT:.0}");
    let attributes = [
        ("class", "bars"),
        ("viewBox", view.as_str()),
        ("preserveAspectRatio", "none"),
        ("role", "img"),
        ("aria-label", &words.join("; ")),
    ];
    html.element("svg", &attributes, |html| {
        for bar in &lane.bars {
            let from = (line.share(bar.from) * WIDTH).min(WIDTH - NARROWEST);
            let to = (line.share(bar.to) * WIDTH).max(from + NARROWEST);
            rectangle(html, from, to - from, bar.kind, &bar.title);
        }
    });
}

/// A bar; what is not work is lower, so that it is told apart without its colour.
fn rectangle(html: &mut Html, x: f64, width: f64, kind: BarKind, title: &str) {
    let (class, height) = match kind {
        BarKind::Work(state) => (super::class(state), HEIGHT - 2.0),
        BarKind::Wait => ("wait", 6.0),
        BarKind::Pause => ("pause", 2.0),
    };
    let class = format!("bar {class}");
    let attributes = [
        ("class", class.as_str()),
        ("x", &format!("{x:.2}")),
        ("y", &format!("{:.1}", (HEIGHT - height) / 2.0)),
        ("width", &format!("{width:.2}")),
        ("height", &format!("{height:.1}")),
    ];
    html.element("rect", &attributes, |html| {
        if !title.is_empty() {
            html.simple("title", "", title);
        }
    });
}
