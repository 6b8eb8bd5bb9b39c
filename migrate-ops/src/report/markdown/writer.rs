//! Writes Markdown that cannot be broken out of.

use migrate_core::visible;

use super::super::view::{Piece, State, Text};

/// Pieces of one line.
pub(super) fn line(text: &Text) -> String {
    text.0.iter().map(piece).collect()
}

/// Pieces in a cell of a table, in which a bar would end the cell.
pub(super) fn cell(text: &Text) -> String {
    // Also in code, the tables of GitHub's Markdown take `\|` for a bar.
    let pieces = text.0.iter().map(|piece| match piece {
        Piece::Code(text) => code(text).replace('|', "\\|"),
        piece => self::piece(piece),
    });
    pieces.collect()
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Plain(text) => plain(text),
        Piece::Code(text) => code(text),
        Piece::Strong(text) => format!("**{}**", plain(text)),
        Piece::Badge(state, text) => format!("{} {}", sign(*state), plain(text)),
    }
}

/// Text without a mark-up of its own, on one line.
pub(super) fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in visible(&one_line(text)).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '!'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Code on one line, between as many backticks as it takes.
pub(super) fn code(text: &str) -> String {
    let text = visible(&one_line(text)).into_owned();
    if text.trim().is_empty() {
        return plain(&text);
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    match text.starts_with('`') || text.ends_with('`') {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// Lines of code, between fences that they do not hold.
pub(super) fn block(text: &str) -> String {
    let text = migrate_core::visible_lines(text);
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}\n{}\n{fence}\n", text.trim_end())
}

/// A state's sign.
pub(super) fn sign(state: State) -> &'static str {
    match state {
        State::Good => "✅",
        State::Attention => "⚠️",
        State::Bad => "❌",
        State::NotChecked => "⚪",
        State::Estimated => "≈",
        State::Neutral => "•",
    }
}

/// Line ends and tabs become spaces; spaces at the ends stay, because pieces are joined.
fn one_line(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out() {
        for (text, expected) in [
            ("<script>", "\\<script\\>"),
            ("[a](javascript:b)", "\\[a\\](javascript:b)"),
            ("a | b\n# c", "a \\| b \\# c"),
            ("*x* _y_ &lt;", "\\*x\\* \\_y\\_ \\&lt;"),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(block("x\n```\ny"), "````\nx\n```\ny\n````\n");
        assert_eq!(cell(&Text::new().code("a|b\nc")), "`a\\|b c`");
    }
}
