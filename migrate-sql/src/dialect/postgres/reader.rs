//! Reading names, places and texts out of the parser's tree.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode, SyntaxToken};

use super::name;
use crate::name::{Ident, ObjectName, Span};

/// Reads the tree of one statement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    /// Where the text that was parsed begins in its script.
    offset: usize,
}

impl Reader {
    pub(super) const fn new(offset: usize) -> Self {
        Reader { offset }
    }

    /// Where a node stands in the script.
    pub(super) fn span(&self, node: &SyntaxNode) -> Span {
        let range = node.text_range();
        Span::new(range.start().into(), range.end().into()).shifted(self.offset)
    }

    /// The identifier that a node consists of.
    pub(super) fn ident(&self, node: &SyntaxNode) -> Option<Ident> {
        Some(Ident::new(name::of(node)?, self.span(node)))
    }

    /// The identifier of a typed node.
    pub(super) fn name<N: AstNode>(&self, node: Option<N>) -> Option<Ident> {
        self.ident(node?.syntax())
    }

    /// The identifiers of typed nodes.
    pub(super) fn names<N: AstNode>(&self, nodes: impl IntoIterator<Item = N>) -> Vec<Ident> {
        nodes
            .into_iter()
            .filter_map(|node| self.ident(node.syntax()))
            .collect()
    }

    /// The value of a string, with its place.
    pub(super) fn string(&self, literal: Option<ast::Literal>) -> Option<Ident> {
        let literal = literal?;
        Some(Ident::new(
            literal.string_value()?,
            self.span(literal.syntax()),
        ))
    }

    /// The dotted name in a node: its last part, and the one before that as its schema. A database
    /// in front of the schema can only be the current one and is left out.
    pub(super) fn object<N: AstNode>(&self, node: Option<N>) -> Option<ObjectName> {
        self.object_of(node?.syntax())
    }

    /// The dotted names in nodes.
    pub(super) fn objects<N: AstNode>(
        &self,
        nodes: impl IntoIterator<Item = N>,
    ) -> Vec<ObjectName> {
        nodes
            .into_iter()
            .filter_map(|node| self.object_of(node.syntax()))
            .collect()
    }

    /// As [`Reader::object`], of an untyped node.
    pub(super) fn object_of(&self, node: &SyntaxNode) -> Option<ObjectName> {
        let mut parts = self.parts(node);
        let name = parts.pop()?;
        Some(ObjectName {
            schema: parts.pop(),
            name,
        })
    }

    /// The names in a chain of names and dots in an expression; `None` if something else is in it.
    /// A star is no name.
    pub(super) fn dotted(&self, node: &SyntaxNode) -> Option<Vec<Ident>> {
        let mut names = Vec::new();
        for part in node.children() {
            match part.kind() {
                SyntaxKind::NAME_REF => names.push(self.ident(&part)?),
                SyntaxKind::FIELD_EXPR => names.extend(self.dotted(&part)?),
                _ => return None,
            }
        }
        Some(names)
    }

    /// The name of the function that a call calls; `None` for those with a syntax of their own.
    pub(super) fn called(&self, call: &SyntaxNode) -> Option<ObjectName> {
        let function = call.children().next()?;
        let mut names = match function.kind() {
            SyntaxKind::NAME_REF => vec![self.ident(&function)?],
            SyntaxKind::FIELD_EXPR => self.dotted(&function)?,
            _ => return None,
        };
        let name = names.pop()?;
        Some(ObjectName {
            schema: names.pop(),
            name,
        })
    }

    /// The parts of the first dotted name in a node, or the name that the node itself is.
    pub(super) fn parts(&self, node: &SyntaxNode) -> Vec<Ident> {
        let path = node
            .descendants()
            .find(|it| matches!(it.kind(), SyntaxKind::PATH | SyntaxKind::PATH_REF));
        let Some(path) = path else {
            return self.ident(node).into_iter().collect();
        };
        path.descendants()
            .filter(|it| {
                matches!(
                    it.kind(),
                    SyntaxKind::PATH_SEGMENT | SyntaxKind::PATH_SEGMENT_REF
                )
            })
            .filter_map(|segment| self.ident(&segment))
            .collect()
    }
}

/// A dotted name whose last part is a column: the table and the column.
pub(super) fn table_and_column(mut parts: Vec<Ident>) -> Option<(ObjectName, Ident)> {
    let column = parts.pop()?;
    let name = parts.pop()?;
    let table = ObjectName {
        schema: parts.pop(),
        name,
    };
    Some((table, column))
}

/// The text of a node, as it is written.
pub(super) fn text(node: &SyntaxNode) -> String {
    node.text().to_string()
}

/// The texts of the tokens with one space between them, without comments: what tells one definition
/// from another where nothing better is known.
pub(super) fn squeezed(node: &SyntaxNode) -> String {
    let mut words = String::new();
    for token in tokens(node) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(token.text());
    }
    words
}

/// The tokens of a node without white space and comments.
pub(super) fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !is_trivia(token.kind()))
}

/// White space and comments.
pub(super) fn is_trivia(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::WHITESPACE | SyntaxKind::COMMENT)
}

/// The tokens that are children of a node, without white space and comments.
pub(super) fn own_tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.children_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !is_trivia(token.kind()))
}

/// The first child of a kind.
pub(super) fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|it| it.kind() == kind)
}

/// Whether a token of this kind is a child of the node.
pub(super) fn has_token(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    own_tokens(node).any(|token| token.kind() == kind)
}
