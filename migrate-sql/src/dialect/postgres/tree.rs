//! Parsing, and what must hold before the parser is called: it recurses, and a tree is as deep as
//! the text is nested and as its chains of operators are long.

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, TokenKind};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SourceFile, SyntaxNode};

/// The deepest estimate that is handled on any thread: threads of Rust have 2 MiB by default.
const SHALLOW: usize = 400;
/// The deepest estimate that is handled at all. PostgreSQL refuses about as much
/// (`max_stack_depth`), and the time of the parser grows with the square of some depths.
const DEEPEST: usize = 8_000;
/// Stack for what lies between the two: measured need, times four.
const STACK: usize = 256 << 20;
/// How much deeper a parenthesis makes the parser's stack than one more operand does.
const NESTING: usize = 12;

/// Runs `read` where the stack is large enough for `text`; `None` if none would be.
pub(super) fn with_stack<T: Send>(text: &str, read: impl FnOnce() -> T + Send) -> Option<T> {
    let depth = depth(text);
    if depth <= SHALLOW {
        return Some(read());
    }
    if depth > DEEPEST {
        return None;
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, read);
        thread.ok()?.join().ok()
    })
}

/// The tree of a piece of SQL between the words that make a statement of it; `None` where that is
/// no statement. It is the first node that begins where the piece does and ends where it ends.
pub(super) fn fragment(before: &str, piece: &str, after: &str) -> Option<SyntaxNode> {
    let statement = format!("{before}{piece}{after}");
    let parse = SourceFile::parse(&statement);
    if !parse.errors().is_empty() || parse.tree().stmts().count() != 1 {
        return None;
    }
    let start = before.len() + (piece.len() - piece.trim_start().len());
    let end = before.len() + piece.trim_end().len();
    parse.tree().syntax().descendants().find(|node| {
        let range = node.text_range();
        usize::from(range.start()) == start && usize::from(range.end()) == end
    })
}

/// The tree of a body in PL/pgSQL; `None` where it has faults.
pub(super) fn plpgsql(body: &str) -> Option<SyntaxNode> {
    // The library parses a body only inside its statement.
    let tag = (0..)
        .map(|at| format!("$body{at}$"))
        .find(|tag| !body.contains(tag))?;
    let parse = SourceFile::parse(&format!("DO {tag}{body}{tag}"));
    let block = parse
        .tree()
        .syntax()
        .descendants()
        .find_map(ast::Do::cast)?;
    let parsed = block.plpgsql()?;
    parsed.errors().is_empty().then(|| parsed.syntax())
}

/// The tree of several statements; `None` where they have faults.
pub(super) fn sql(body: &str) -> Option<SyntaxNode> {
    let parse = SourceFile::parse(body);
    parse.errors().is_empty().then(|| parse.syntax_node())
}

/// An upper bound of how deep the tree of a text is, in operands.
pub(super) fn depth(text: &str) -> usize {
    /// What is open at one place of nesting.
    #[derive(Default)]
    struct Level {
        /// Opened by CASE, not by a parenthesis.
        case: bool,
        /// Tokens since the last comma.
        chain: usize,
        /// Arms of set operations and joins, which commas do not end.
        arms: usize,
    }
    let mut levels = vec![Level::default()];
    let (mut open, mut deepest) = (0, 0);
    for token in Lexer::new(text, Dialect::Postgres).filter(|token| !token.kind.is_trivia()) {
        let word = token.text(text);
        let is =
            |keyword: &str| token.kind == TokenKind::Word && word.eq_ignore_ascii_case(keyword);
        if matches!(word, "(" | "[") || is("case") {
            open += NESTING;
            levels.push(Level {
                case: is("case"),
                ..Level::default()
            });
        } else if levels.len() > 1
            && let Some(level) = levels.pop_if(|level| match level.case {
                true => is("end"),
                false => matches!(word, ")" | "]"),
            })
        {
            open -= NESTING + level.chain + level.arms;
        } else if let Some(level) = levels.last_mut() {
            match word {
                "," | ";" => {
                    open -= level.chain;
                    level.chain = 0;
                }
                _ if ["union", "intersect", "except", "join"].into_iter().any(is) => {
                    open += 1;
                    level.arms += 1;
                }
                _ => {
                    open += 1;
                    level.chain += 1;
                }
            }
        }
        deepest = deepest.max(open);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::{DEEPEST, SHALLOW, depth, with_stack};

    #[test]
    fn ordinary_statements_are_shallow() {
        let rows = vec!["(1, 'a', now() + interval '1 day')"; 5_000].join(", ");
        assert!(depth(&format!("INSERT INTO t VALUES {rows}")) < SHALLOW);
        let columns = vec!["a int NOT NULL DEFAULT 1 CHECK (a > 0)"; 1_000].join(", ");
        assert!(depth(&format!("CREATE TABLE t ({columns})")) < SHALLOW);
    }

    #[test]
    fn depth_is_seen() {
        assert!(depth(&"(".repeat(1_000)) > DEEPEST);
        assert!(depth(&"CASE WHEN ".repeat(1_000)) > DEEPEST);
        assert!(depth(&" + 1".repeat(5_000)) > DEEPEST);
        assert!(depth(&" UNION SELECT 1, 2".repeat(9_000)) > DEEPEST);
        assert!(depth(")))) END END ((") < 50);
        assert_eq!(with_stack(&"(".repeat(100), || 7), Some(7));
        assert_eq!(with_stack(&"(".repeat(1_000), || 7), None);
    }
}
