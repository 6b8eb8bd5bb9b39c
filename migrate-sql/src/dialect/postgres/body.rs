//! Bodies of functions and DO blocks: which objects they may touch.

use std::collections::BTreeSet;

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::functions;
use super::name;
use super::reader::{Reader, child, tokens};
use super::tree;
use crate::change::{Opaque, Touches};

impl Reader {
    /// DO.
    pub(super) fn do_block(&self, it: &ast::Do) -> Opaque {
        let language = it.do_language().and_then(|it| it.language_name());
        let language = language.map_or_else(|| "plpgsql".to_owned(), |it| it.name);
        let body = it.body().and_then(|it| it.string_value());
        Opaque {
            reason: "a DO block".to_owned(),
            touches: touches(&language, body.as_deref()),
            span: self.span(it.syntax()),
        }
    }

    /// What a call of a function or procedure may touch; its span is that of the body.
    pub(super) fn routine_body(&self, node: &SyntaxNode) -> Opaque {
        let body = |touches, node: &SyntaxNode| Opaque {
            reason: "a call of a function".to_owned(),
            touches,
            span: self.span(node),
        };
        let inline = node.children().find_map(ast::RoutineBody::cast);
        if let Some(inline) = inline {
            return body(touches_of_tree(inline.syntax()), inline.syntax());
        }
        let options = child(node, FUNC_OPTION_LIST);
        let find = |kind| {
            let options = options.as_ref()?;
            options.children().find(|it| it.kind() == kind)
        };
        let language = find(LANGUAGE_FUNC_OPTION)
            .and_then(ast::LanguageFuncOption::cast)
            .and_then(|it| it.language_name())
            .map(|it| it.name);
        let Some(definition) = find(AS_FUNC_OPTION) else {
            return body(Touches::Everything, node);
        };
        let text = definition
            .descendants()
            .find_map(ast::Literal::cast)
            .and_then(|it| it.string_value());
        let touches = touches(language.as_deref().unwrap_or("sql"), text.as_deref());
        body(touches, &definition)
    }
}

/// What a body in a language may touch: what it names, unless it runs text that it makes, or calls
/// what is not known here.
fn touches(language: &str, body: Option<&str>) -> Touches {
    let Some(body) = body else {
        return Touches::Everything;
    };
    let read = || {
        let node = match language {
            "plpgsql" => tree::plpgsql(body)?,
            "sql" => tree::sql(body)?,
            _ => return None,
        };
        Some(touches_of_tree(&node))
    };
    tree::with_stack(body, read)
        .flatten()
        .unwrap_or(Touches::Everything)
}

fn touches_of_tree(body: &SyntaxNode) -> Touches {
    let reader = Reader::new(0);
    for node in body.descendants() {
        match node.kind() {
            PLPGSQL_DYN_EXECUTE_STMT
            | PLPGSQL_FOR_DYN_STMT
            | EXECUTE
            | DO
            | CALL
            | LOAD
            | ALTER_EXTENSION
            | CREATE_EXTENSION
            | IMPORT_FOREIGN_SCHEMA
            | DROP_OWNED => {
                return Touches::Everything;
            }
            CALL_EXPR => {
                let Some(call) = reader.called(&node) else {
                    continue;
                };
                if !functions::is_harmless(&call) {
                    return Touches::Everything;
                }
            }
            _ => {}
        }
    }
    let mut words = BTreeSet::new();
    for token in tokens(body) {
        if matches!(token.text(), text if text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '"')))
        {
            words.insert(name::decode(token.text(), '\\'));
        }
    }
    Touches::Words(words)
}
