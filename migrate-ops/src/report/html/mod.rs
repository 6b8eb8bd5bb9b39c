//! A report as one HTML file: no script, no font and no picture from anywhere, light and dark, on
//! a phone and on paper.

mod timeline;
mod writer;

use super::view::{Block, Page, Piece, Section, State, Table, Text};
use writer::Html;

const STYLE: &str = include_str!("style.css");
/// Whatever is in the page, a browser loads and runs nothing for it.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page as HTML.
pub fn render(page: &Page) -> String {
    let mut html = Html::document();
    html.element("html", &[("lang", "en")], |html| {
        html.line();
        html.element("head", &[], |html| {
            html.open("meta", &[("charset", "utf-8")]);
            html.open(
                "meta",
                &[
                    ("http-equiv", "Content-Security-Policy"),
                    ("content", POLICY),
                ],
            );
            html.open(
                "meta",
                &[
                    ("name", "viewport"),
                    ("content", "width=device-width, initial-scale=1"),
                ],
            );
            html.open(
                "meta",
                &[("name", "color-scheme"), ("content", "light dark")],
            );
            html.open("meta", &[("name", "robots"), ("content", "noindex")]);
            html.simple("title", "", &page.title);
            html.style(STYLE);
        });
        html.line();
        html.element("body", &[], |html| {
            html.element("div", &[("class", "page")], |html| {
                contents(html, page);
                html.element("main", &[], |html| {
                    verdict(html, page);
                    steps(html, page);
                    figures(html, page);
                    for part in &page.sections {
                        section(html, part);
                    }
                    html.element("footer", &[], |html| {
                        for text in &page.footer {
                            html.element("p", &[], |html| pieces(html, text));
                        }
                    });
                });
            });
        });
    });
    html.finish()
}

/// The name of a state in the style sheet.
fn class(state: State) -> &'static str {
    match state {
        State::Good => "good",
        State::Attention => "attention",
        State::Bad => "bad",
        State::NotChecked => "unchecked",
        State::Estimated => "estimated",
        State::Neutral => "neutral",
    }
}

/// A state's sign, so that it is told without its colour.
fn sign(state: State) -> &'static str {
    match state {
        State::Good => "✓",
        State::Attention => "!",
        State::Bad => "✕",
        State::NotChecked => "○",
        State::Estimated => "≈",
        State::Neutral => "•",
    }
}

fn contents(html: &mut Html, page: &Page) {
    html.element("nav", &[("aria-label", "Contents")], |html| {
        html.element("ul", &[], |html| {
            for section in &page.sections {
                html.element("li", &[], |html| {
                    let link = format!("#{}", section.id);
                    html.element("a", &[("href", &link)], |html| {
                        let state = section.status.as_ref().map(|(state, _)| *state);
                        let state = state.unwrap_or(State::Neutral);
                        html.element(
                            "span",
                            &[("class", class(state)), ("aria-hidden", "true")],
                            |html| html.text(sign(state)),
                        );
                        html.text(section.title);
                    });
                });
            }
        });
    });
    html.line();
}

fn verdict(html: &mut Html, page: &Page) {
    let class = format!("verdict {}", class(page.state));
    html.element("header", &[("class", &class)], |html| {
        html.element("div", &[("class", "headline")], |html| {
            html.element(
                "span",
                &[("class", "mark"), ("aria-hidden", "true")],
                |html| {
                    html.text(sign(page.state));
                },
            );
            html.simple("h1", "", &page.headline);
        });
        for text in &page.summary {
            html.element("p", &[], |html| pieces(html, text));
        }
        if let Some(next) = &page.next {
            html.element("p", &[("class", "next")], |html| {
                html.simple("span", "", "Next");
                html.element("span", &[], |html| pieces(html, next));
            });
        }
        html.element("dl", &[("class", "byline")], |html| {
            for (name, value) in &page.byline {
                html.element("div", &[], |html| {
                    html.simple("dt", "", name);
                    html.element("dd", &[], |html| pieces(html, value));
                });
            }
        });
    });
    html.line();
}

fn steps(html: &mut Html, page: &Page) {
    if page.steps.is_empty() {
        return;
    }
    html.element(
        "ol",
        &[("class", "steps"), ("aria-label", "Steps of the run")],
        |html| {
            for step in &page.steps {
                html.element("li", &[("class", class(step.state))], |html| {
                    html.element("div", &[("class", "step-head")], |html| {
                        html.element(
                            "span",
                            &[("class", "sign"), ("aria-hidden", "true")],
                            |html| html.text(sign(step.state)),
                        );
                        html.simple("strong", "", &step.name);
                        if let Some(duration) = &step.duration {
                            html.simple("span", "took", duration);
                        }
                    });
                    html.simple("span", "outcome", &step.outcome);
                    html.simple("p", "", &step.summary);
                });
            }
        },
    );
    html.line();
}

fn figures(html: &mut Html, page: &Page) {
    if page.figures.is_empty() {
        return;
    }
    html.element("dl", &[("class", "figures")], |html| {
        for figure in &page.figures {
            html.element("div", &[], |html| {
                html.simple("dt", "", &figure.label);
                html.element("dd", &[], |html| {
                    html.simple("strong", "", &figure.value);
                    html.element("span", &[], |html| pieces(html, &figure.note));
                });
            });
        }
    });
    html.line();
}

fn section(html: &mut Html, section: &Section) {
    html.element("section", &[("id", section.id)], |html| {
        html.element("div", &[("class", "section-head")], |html| {
            html.simple("h2", "", section.title);
            if let Some((state, text)) = &section.status {
                badge(html, *state, text);
            }
        });
        blocks(html, &section.blocks);
    });
    html.line();
}

fn blocks(html: &mut Html, all: &[Block]) {
    for block in all {
        html.line();
        match block {
            Block::Heading(text) => html.simple("h3", "", text),
            Block::Paragraph(text) => html.element("p", &[], |html| pieces(html, text)),
            Block::List(items) => html.element("ul", &[("class", "list")], |html| {
                for item in items {
                    html.element("li", &[], |html| pieces(html, item));
                }
            }),
            Block::Facts(facts) => html.element("dl", &[("class", "facts")], |html| {
                for (name, value) in facts {
                    html.simple("dt", "", name);
                    html.element("dd", &[], |html| pieces(html, value));
                }
            }),
            Block::Table(rows) => table(html, rows),
            Block::Code(text) => html.element("pre", &[("tabindex", "0")], |html| {
                html.simple("code", "", text);
            }),
            Block::Timeline(line) => timeline::timeline(html, line),
            Block::Message {
                occasion,
                subject,
                body,
            } => html.element("article", &[("class", "message")], |html| {
                html.simple("h3", "", occasion);
                html.element("p", &[("class", "subject")], |html| {
                    html.simple("span", "", "Subject");
                    html.simple("strong", "", subject);
                });
                html.simple("div", "body", body);
            }),
            Block::Details {
                summary,
                blocks: inner,
            } => html.element("details", &[], |html| {
                html.element("summary", &[], |html| pieces(html, summary));
                blocks(html, inner);
            }),
        }
    }
}

/// A table; on a phone every row is a card, and each cell says its column itself.
fn table(html: &mut Html, table: &Table) {
    html.element("div", &[("class", "scroll")], |html| {
        html.element("table", &[], |html| {
            html.element("thead", &[], |html| {
                html.element("tr", &[], |html| {
                    for (title, number) in &table.columns {
                        let class = if *number { "number" } else { "" };
                        html.element("th", &[("scope", "col"), ("class", class)], |html| {
                            html.text(title);
                        });
                    }
                });
            });
            html.element("tbody", &[], |html| {
                for row in &table.rows {
                    html.line();
                    html.element("tr", &[], |html| {
                        for ((title, number), cell) in table.columns.iter().zip(row) {
                            let class = match (cell.is_empty(), number) {
                                (true, _) => "empty",
                                (false, true) => "number",
                                (false, false) => "",
                            };
                            html.element(
                                "td",
                                &[("class", class), ("data-label", title)],
                                |html| {
                                    // One box, so that a card lays label and value side by side.
                                    html.element("div", &[], |html| pieces(html, cell));
                                },
                            );
                        }
                    });
                }
            });
        });
    });
}

fn pieces(html: &mut Html, text: &Text) {
    for piece in &text.0 {
        match piece {
            Piece::Plain(text) => html.text(text),
            Piece::Code(text) => html.simple("code", "", text),
            Piece::Strong(text) => html.simple("strong", "", text),
            Piece::Badge(state, text) => badge(html, *state, text),
        }
    }
}

fn badge(html: &mut Html, state: State, text: &str) {
    let class = format!("badge {}", class(state));
    html.element("span", &[("class", &class)], |html| {
        html.element("span", &[("aria-hidden", "true")], |html| {
            html.text(sign(state));
        });
        html.text(" ");
        html.text(text);
    });
}
