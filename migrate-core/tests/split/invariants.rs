//! What holds for every text; the property tests and the fuzz target check the same.

use std::ops::Range;

use migrate_core::directive::directives;
use migrate_core::lex::{Lexer, TokenKind};
use migrate_core::statement::{classify, foreign_key_pragmas, is_table_rebuild, leans_on_session};
use migrate_core::{Dialect, split};

/// Everything that reads a script, and what holds for all of it.
pub(crate) fn check(text: &str, dialect: Dialect) {
    let mut end = 0;
    for token in Lexer::new(text, dialect) {
        assert_eq!(token.start, end, "the tokens cover every byte, in order");
        assert!(token.end > token.start, "a token is not empty");
        assert!(
            text.get(token.span()).is_some(),
            "a token has whole characters"
        );
        end = token.end;
    }
    assert_eq!(end, text.len());

    let split = split(text, dialect);
    let mut end = 0;
    let mut rebuilt = String::new();
    let mut piece = |span: &Range<usize>| {
        assert!(
            span.start >= end,
            "no statement starts before the last one ended"
        );
        rebuilt.push_str(&text[end..span.start]);
        rebuilt.push_str(&text[span.clone()]);
        end = span.end;
    };
    for statement in &split.statements {
        assert!(!statement.span.is_empty());
        piece(&statement.span);
        let [terminator, data] = [&statement.terminator, &statement.copy_data];
        terminator.iter().for_each(&mut piece);
        data.iter().for_each(&mut piece);
    }
    rebuilt.push_str(&text[end..]);
    assert_eq!(rebuilt, text, "statements and gaps are the text");
    for statement in split.texts(text).filter(|_| split.problems.is_empty()) {
        assert_eq!(statement.trim_matches([' ', '\n', '\t']), statement);
    }
    for problem in &split.problems {
        assert!(text.get(problem.span.clone()).is_some());
        assert!(!problem.to_string().is_empty() && !problem.help().is_empty());
    }
    // Nothing but white space, comments, client's lines and terminators is left out.
    if split.problems.is_empty() && dialect != Dialect::Mysql {
        let mut end = 0;
        for statement in &split.statements {
            assert!(is_gap(&text[end..statement.span.start], dialect));
            let mut last = statement.span.end;
            if let Some(terminator) = &statement.terminator {
                assert!(is_gap(&text[last..terminator.start], dialect));
                last = terminator.end;
            }
            if let Some(data) = &statement.copy_data {
                assert!(is_gap(&text[last..data.start], dialect));
                last = data.end + text[data.end..].find('\n').map_or(2, |i| i + 1);
            }
            end = last;
        }
        assert!(is_gap(&text[end.min(text.len())..], dialect));
    }

    directives(text, &split);
    let texts: Vec<&str> = split.texts(text).collect();
    for statement in &texts {
        classify(statement, dialect);
    }
    foreign_key_pragmas(&texts);
    is_table_rebuild(&texts);
    for lean in leans_on_session(text, &split.statements, dialect) {
        let span = &split.statements[lean.statement].span;
        assert!(span.start <= lean.span.start && lean.span.end <= span.end);
    }
}

fn is_gap(text: &str, dialect: Dialect) -> bool {
    Lexer::new(text, dialect).all(|t| t.kind.is_trivia() || t.kind == TokenKind::Terminator)
}
