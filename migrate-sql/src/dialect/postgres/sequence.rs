//! Sequences.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::{Reader, child, table_and_column};
use super::statement::{renamed, set_schema};
use crate::change::{AlterSequence, Change, CreateSequence, ObjectKind};
use crate::column_type::ColumnType;
use crate::name::{Ident, ObjectName};

impl Reader {
    /// CREATE SEQUENCE.
    pub(super) fn create_sequence(&self, node: &SyntaxNode) -> Option<Change> {
        let options = self.sequence_options(node);
        Some(Change::CreateSequence(CreateSequence {
            name: self.object_of(&child(node, SEQUENCE)?)?,
            if_not_exists: child(node, IF_NOT_EXISTS).is_some(),
            temporary: child(node, TEMP).is_some(),
            column_type: options.column_type,
            owned_by: options.owned_by.flatten(),
        }))
    }

    /// ALTER SEQUENCE.
    pub(super) fn alter_sequence(&self, it: &ast::AlterSequence) -> Option<Change> {
        use ast::AlterSequenceAction as Action;
        let name = self.object(it.sequence_ref())?;
        let if_exists = it.if_exists().is_some();
        match it.actions().next() {
            Some(Action::SequenceRenameTo(rename)) => {
                let to = self.object(rename.sequence())?;
                return Some(renamed(ObjectKind::Sequence, name, to, if_exists));
            }
            Some(Action::SetSchema(set)) => {
                let schema = self.name(set.schema_ref())?;
                return Some(set_schema(ObjectKind::Sequence, name, schema, if_exists));
            }
            _ => {}
        }
        let options = self.sequence_options(it.syntax());
        Some(Change::AlterSequence(AlterSequence {
            name,
            if_exists,
            column_type: options.column_type,
            owned_by: options.owned_by,
        }))
    }

    fn sequence_options(&self, node: &SyntaxNode) -> Options {
        let mut options = Options::default();
        for option in node.children().filter_map(ast::SequenceOption::cast) {
            match option {
                ast::SequenceOption::OptionAsType(it) => {
                    options.column_type = it.ty().map(|ty| self.plain_type(&ty));
                }
                ast::SequenceOption::OptionOwnedBy(it) => {
                    options.owned_by = match it.owned_by_target() {
                        Some(ast::OwnedByTarget::QualifiedColumnNameRef(column)) => {
                            table_and_column(self.parts(column.syntax())).map(Some)
                        }
                        Some(ast::OwnedByTarget::OwnedByNone(_)) => Some(None),
                        None => None,
                    };
                }
                _ => {}
            }
        }
        options
    }
}

#[derive(Default)]
struct Options {
    column_type: Option<ColumnType>,
    owned_by: Option<Option<(ObjectName, Ident)>>,
}
