//! A report as Markdown, as for a ticket or a pull request.

mod timeline;
mod writer;

use super::view::{Block, Page, Section, Table};
use writer::{block, cell, line, plain, sign};

/// The page as Markdown.
pub fn render(page: &Page) -> String {
    let mut text = String::new();
    paragraph(
        &mut text,
        &format!("# {} {}", sign(page.state), plain(&page.headline)),
    );
    for part in &page.summary {
        paragraph(&mut text, &line(part));
    }
    if let Some(next) = &page.next {
        paragraph(&mut text, &format!("Next: {}", line(next)));
    }
    list(
        &mut text,
        page.byline
            .iter()
            .map(|(name, value)| format!("{}: {}", plain(name), line(value))),
    );
    if !page.steps.is_empty() {
        text.push_str("| step | | took | |\n|---|---|---|---|\n");
        for step in &page.steps {
            text.push_str(&format!(
                "| {} | {} {} | {} | {} |\n",
                plain(&step.name),
                sign(step.state),
                plain(&step.outcome),
                plain(step.duration.as_deref().unwrap_or_default()),
                plain(&step.summary),
            ));
        }
        text.push('\n');
    }
    list(
        &mut text,
        page.figures.iter().map(|figure| {
            let (label, value) = (plain(&figure.label), plain(&figure.value));
            match figure.note.is_empty() {
                true => format!("{label}: **{value}**"),
                false => format!("{label}: **{value}** ({})", line(&figure.note)),
            }
        }),
    );
    for part in &page.sections {
        section(&mut text, part);
    }
    text.push_str("---\n\n");
    for part in &page.footer {
        paragraph(&mut text, &line(part));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn paragraph(text: &mut String, paragraph: &str) {
    text.push_str(paragraph);
    text.push_str("\n\n");
}

fn list(text: &mut String, items: impl Iterator<Item = String>) {
    let before = text.len();
    for item in items {
        text.push_str(&format!("- {item}\n"));
    }
    if text.len() > before {
        text.push('\n');
    }
}

fn section(text: &mut String, section: &Section) {
    paragraph(text, &format!("## {}", plain(section.title)));
    if let Some((state, status)) = &section.status {
        paragraph(text, &format!("{} **{}**", sign(*state), plain(status)));
    }
    blocks(text, &section.blocks);
}

fn blocks(text: &mut String, all: &[Block]) {
    for part in all {
        match part {
            Block::Heading(heading) => paragraph(text, &format!("### {}", plain(heading))),
            Block::Paragraph(words) => paragraph(text, &line(words)),
            Block::List(items) => list(text, items.iter().map(line)),
            Block::Facts(facts) => list(
                text,
                facts
                    .iter()
                    .map(|(name, value)| format!("{}: {}", plain(name), line(value))),
            ),
            Block::Table(rows) => table(text, rows),
            Block::Code(code) => paragraph(text, block(code).trim_end()),
            Block::Timeline(lines) => {
                paragraph(text, &plain(&lines.title));
                paragraph(text, block(&timeline::timeline(lines)).trim_end());
            }
            Block::Message {
                occasion,
                subject,
                body,
            } => {
                paragraph(text, &format!("### {}", plain(occasion)));
                paragraph(
                    text,
                    block(&format!("Subject: {subject}\n\n{body}")).trim_end(),
                );
            }
            Block::Details {
                summary,
                blocks: inner,
            } => {
                paragraph(text, &line(summary));
                blocks(text, inner);
            }
        }
    }
}

fn table(text: &mut String, table: &Table) {
    if table.rows.is_empty() {
        return;
    }
    let heads: Vec<String> = table
        .columns
        .iter()
        .map(|(title, _)| plain(title))
        .collect();
    let rules: Vec<&str> = table
        .columns
        .iter()
        .map(|(_, number)| if *number { "---:" } else { "---" })
        .collect();
    text.push_str(&format!(
        "| {} |\n|{}|\n",
        heads.join(" | "),
        rules.join("|")
    ));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text.push('\n');
}
