//! SET, RESET and what else changes only the session.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::name;
use super::reader::{Reader, child, own_tokens};
use crate::change::{Change, Session};

/// Settings that end a statement which takes too long.
const TIMEOUTS: &[&str] = &[
    "lock_timeout",
    "statement_timeout",
    "transaction_timeout",
    "idle_in_transaction_session_timeout",
    "deadlock_timeout",
];

impl Reader {
    /// SET and RESET.
    pub(super) fn setting(&self, statement: &ast::Stmt) -> Option<Change> {
        let session = match statement {
            ast::Stmt::Set(set) => match set.set_target()? {
                ast::SetTarget::SetConfig(config) => {
                    let name = config.config_parameter_ref()?;
                    let values = match config.config_assignment() {
                        Some(ast::ConfigAssignment::ToConfigValue(to)) => values(to.syntax()),
                        _ => None,
                    };
                    of(self.parameter(name.syntax()), values)
                }
                ast::SetTarget::SetSchemaValue(schema) => of(
                    "search_path".to_owned(),
                    self.string(schema.literal()).map(|it| vec![it.name]),
                ),
                ast::SetTarget::SetTimeZone(_) => setting("timezone"),
                ast::SetTarget::SetXmlOption(_) => setting("xmloption"),
                ast::SetTarget::SetCatalog(_) => setting("catalog"),
            },
            ast::Stmt::Reset(reset) => match reset.reset_target()? {
                ast::ResetTarget::ConfigParameterRef(name) => {
                    of(self.parameter(name.syntax()), None)
                }
                ast::ResetTarget::All(_) => of("search_path".to_owned(), None),
                _ => setting("timezone"),
            },
            ast::Stmt::Discard(discard) => match discard.discard_target()? {
                ast::DiscardTarget::DiscardAll(_) => of("search_path".to_owned(), None),
                _ => setting("discard"),
            },
            ast::Stmt::SetRole(_) | ast::Stmt::ResetRole(_) => setting("role"),
            ast::Stmt::SetSessionAuth(_) | ast::Stmt::ResetSessionAuth(_) => {
                setting("session_authorization")
            }
            ast::Stmt::SetConstraints(_) => setting("constraints"),
            ast::Stmt::SetTransaction(_) => setting("transaction"),
            _ => return None,
        };
        Some(Change::Session(session))
    }

    fn parameter(&self, node: &SyntaxNode) -> String {
        let parts: Vec<String> = self.parts(node).into_iter().map(|it| it.name).collect();
        parts.join(".").to_lowercase()
    }

    /// `SELECT set_config('search_path', '…', …)`, which is how dumps begin.
    pub(super) fn set_by_function(&self, query: &SyntaxNode, out: &mut Vec<Change>) {
        let calls = query.descendants().filter_map(ast::CallExpr::cast);
        for call in calls {
            let function = call.expr().map(|it| it.syntax().clone());
            let named = function.is_some_and(|it| {
                let last = it.descendants().filter(|it| it.kind() == NAME_REF).last();
                last.and_then(|it| name::of(&it)).as_deref() == Some("set_config")
            });
            let Some(arguments) = call.arg_list().filter(|_| named) else {
                continue;
            };
            let mut arguments = arguments.args().map(|arg| match arg.expr() {
                Some(ast::Expr::Literal(literal)) => literal.string_value(),
                _ => None,
            });
            if let Some(Some(name)) = arguments.next() {
                let value = arguments.next().flatten();
                let values = value.map(|value| match name.eq_ignore_ascii_case("search_path") {
                    true => path(&value),
                    false => vec![value],
                });
                out.push(Change::Session(of(name.to_lowercase(), values)));
            }
        }
    }
}

/// A setting and its values; `None` for the default and for what is not known.
fn of(name: String, values: Option<Vec<String>>) -> Session {
    if name == "search_path" {
        return Session::SearchPath {
            // What a session starts with is what unqualified names mean in the model.
            schemas: Some(values.unwrap_or_else(|| vec!["$user".to_owned(), "public".to_owned()])),
        };
    }
    if TIMEOUTS.contains(&name.as_str()) {
        return Session::Timeout { name };
    }
    Session::Setting {
        name,
        value: values.map(|values| values.join(", ")),
    }
}

fn setting(name: &str) -> Session {
    Session::Setting {
        name: name.to_owned(),
        value: None,
    }
}

/// The values after TO; `None` for DEFAULT.
fn values(to: &SyntaxNode) -> Option<Vec<String>> {
    if own_tokens(to).any(|token| token.kind() == DEFAULT_KW) {
        return None;
    }
    let values = to.children().map(|value| match value.kind() {
        CONFIG_VALUE_NAME => name::of(&value).unwrap_or_default(),
        LITERAL => {
            let literal = ast::Literal::cast(value.clone());
            let text = literal.and_then(|it| it.string_value());
            text.filter(|text| !text.is_empty() || child(&value, STRING).is_none())
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| value.text().to_string().trim_matches('\'').to_owned())
        }
        _ => value.text().to_string(),
    });
    Some(values.collect())
}

/// The schemas in the text of a search path.
fn path(value: &str) -> Vec<String> {
    value
        .split(',')
        .map(str::trim)
        .filter(|schema| !schema.is_empty())
        .map(|schema| name::decode(schema, '\\'))
        .collect()
}
