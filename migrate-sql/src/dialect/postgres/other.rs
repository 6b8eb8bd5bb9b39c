//! Objects that the model knows by name only.

use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::SyntaxNode;

use super::reader::{Reader, child, has_token};
use super::statement::{owned, set_schema};
use crate::change::{Change, ObjectKind};
use crate::name::ObjectName;

impl Reader {
    /// CREATE of such an object; `None` where it is another statement.
    pub(super) fn create_other(&self, node: &SyntaxNode) -> Option<Change> {
        let (kind, name) = match node.kind() {
            CREATE_RULE => (ObjectKind::Rule, RULE),
            CREATE_ROLE | CREATE_USER | CREATE_GROUP => (ObjectKind::Role, ROLE),
            CREATE_PUBLICATION => (ObjectKind::Publication, PUBLICATION),
            CREATE_SUBSCRIPTION => (ObjectKind::Subscription, SUBSCRIPTION),
            CREATE_STATISTICS => (ObjectKind::Statistics, STATISTICS),
            CREATE_COLLATION => (ObjectKind::Collation, COLLATION),
            CREATE_ACCESS_METHOD
            | CREATE_CAST
            | CREATE_CONVERSION
            | CREATE_DATABASE
            | CREATE_FOREIGN_DATA_WRAPPER
            | CREATE_LANGUAGE
            | CREATE_OPERATOR
            | CREATE_OPERATOR_CLASS
            | CREATE_OPERATOR_FAMILY
            | CREATE_PROPERTY_GRAPH
            | CREATE_SERVER
            | CREATE_TABLESPACE
            | CREATE_TEXT_SEARCH_CONFIGURATION
            | CREATE_TEXT_SEARCH_DICTIONARY
            | CREATE_TEXT_SEARCH_PARSER
            | CREATE_TEXT_SEARCH_TEMPLATE
            | CREATE_TRANSFORM
            | CREATE_USER_MAPPING => return Some(nothing()),
            _ => return None,
        };
        let table = match node.kind() {
            CREATE_RULE => {
                child(node, RULE_ON).and_then(|on| self.object_of(&child(&on, RELATION_NAME_REF)?))
            }
            CREATE_STATISTICS => child(node, FROM_TABLE).and_then(|from| self.object_of(&from)),
            _ => None,
        };
        Some(Change::CreateOther {
            kind,
            name: child(node, name).and_then(|name| self.object_of(&name)),
            table,
        })
    }

    /// ALTER of any object that has no rule of its own: its name, its schema, or what the model does
    /// not have.
    pub(super) fn alter_other(&self, node: &SyntaxNode) -> Option<Change> {
        let kind = altered(node.kind())?;
        let mut parts = node.children();
        let Some(from) = parts.next().and_then(|name| self.object_of(&name)) else {
            return Some(nothing());
        };
        for action in parts {
            if has_token(&action, RENAME_KW) {
                let to = action.children().next()?;
                return Some(Change::Rename {
                    kind,
                    from,
                    to: self.object_of(&to)?,
                    table: child(node, ON_RELATION).and_then(|on| self.object_of(&on)),
                    if_exists: false,
                });
            }
            if action.kind() == SET_SCHEMA {
                let schema = self.ident(&child(&action, SCHEMA_REF)?)?;
                return Some(set_schema(kind, from, schema, false));
            }
        }
        Some(match kind {
            // Triggers and rules are found by their table.
            ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Other => nothing(),
            kind => owned(kind, from),
        })
    }

    /// DROP of such an object.
    pub(super) fn dropped_other(&self, node: &SyntaxNode) -> Option<(ObjectKind, SyntaxKind)> {
        Some(match node.kind() {
            DROP_TRIGGER => (ObjectKind::Trigger, TRIGGER_REF),
            DROP_EVENT_TRIGGER => (ObjectKind::Trigger, EVENT_TRIGGER_REF),
            DROP_POLICY => (ObjectKind::Policy, POLICY_REF),
            DROP_RULE => (ObjectKind::Rule, RULE_REF),
            DROP_ROLE | DROP_USER | DROP_GROUP => (ObjectKind::Role, ROLE_REF),
            DROP_PUBLICATION => (ObjectKind::Publication, PUBLICATION_REF),
            DROP_SUBSCRIPTION => (ObjectKind::Subscription, SUBSCRIPTION_REF),
            DROP_STATISTICS => (ObjectKind::Statistics, STATISTICS_REF),
            DROP_COLLATION => (ObjectKind::Collation, COLLATION_REF),
            _ => return None,
        })
    }

    /// DROP of an object that the model does not have at all.
    pub(super) fn dropped_unknown(&self, node: &SyntaxNode) -> Option<Change> {
        matches!(
            node.kind(),
            DROP_ACCESS_METHOD
                | DROP_CAST
                | DROP_CONVERSION
                | DROP_DATABASE
                | DROP_FOREIGN_DATA_WRAPPER
                | DROP_LANGUAGE
                | DROP_OPERATOR
                | DROP_OPERATOR_CLASS
                | DROP_OPERATOR_FAMILY
                | DROP_PROPERTY_GRAPH
                | DROP_SERVER
                | DROP_TABLESPACE
                | DROP_TEXT_SEARCH_CONFIG
                | DROP_TEXT_SEARCH_DICT
                | DROP_TEXT_SEARCH_PARSER
                | DROP_TEXT_SEARCH_TEMPLATE
                | DROP_TRANSFORM
                | DROP_USER_MAPPING
        )
        .then(|| match super::statement::is_cascade(node) {
            // Columns and tables may go with it.
            true => self.opaque(
                node,
                "a DROP … CASCADE of something that the model does not have",
                crate::change::Touches::Everything,
            ),
            false => nothing(),
        })
    }
}

/// A statement that is followed and changes nothing that the model has.
fn nothing() -> Change {
    Change::Privilege {
        objects: Vec::<(ObjectKind, ObjectName)>::new(),
    }
}

fn altered(kind: SyntaxKind) -> Option<ObjectKind> {
    Some(match kind {
        ALTER_FUNCTION => ObjectKind::Function,
        ALTER_PROCEDURE => ObjectKind::Procedure,
        ALTER_ROUTINE => ObjectKind::Routine,
        ALTER_AGGREGATE => ObjectKind::Aggregate,
        ALTER_SCHEMA => ObjectKind::Schema,
        ALTER_EXTENSION => ObjectKind::Extension,
        ALTER_TRIGGER | ALTER_EVENT_TRIGGER => ObjectKind::Trigger,
        ALTER_RULE => ObjectKind::Rule,
        ALTER_ROLE | ALTER_USER | ALTER_GROUP => ObjectKind::Role,
        ALTER_PUBLICATION => ObjectKind::Publication,
        ALTER_SUBSCRIPTION => ObjectKind::Subscription,
        ALTER_STATISTICS => ObjectKind::Statistics,
        ALTER_COLLATION => ObjectKind::Collation,
        ALTER_CONVERSION
        | ALTER_DATABASE
        | ALTER_FOREIGN_DATA_WRAPPER
        | ALTER_LANGUAGE
        | ALTER_LARGE_OBJECT
        | ALTER_OPERATOR
        | ALTER_OPERATOR_CLASS
        | ALTER_OPERATOR_FAMILY
        | ALTER_PROPERTY_GRAPH
        | ALTER_SERVER
        | ALTER_SYSTEM
        | ALTER_TABLESPACE
        | ALTER_TEXT_SEARCH_CONFIGURATION
        | ALTER_TEXT_SEARCH_DICTIONARY
        | ALTER_TEXT_SEARCH_PARSER
        | ALTER_TEXT_SEARCH_TEMPLATE
        | ALTER_USER_MAPPING => ObjectKind::Other,
        _ => return None,
    })
}
