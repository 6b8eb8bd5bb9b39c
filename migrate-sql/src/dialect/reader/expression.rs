//! Expressions by precedence.

use migrate_core::lex::TokenKind;

use super::canonical::canonical;
use super::cursor::Reader;
use super::fault::{Fault, Read};
use super::tree::Tree;
use crate::expression::Expression;

/// How tightly operators bind; a higher level binds tighter. The levels of MySQL are those of its
/// manual's "Operator Precedence", SQLite's those of "SQL Language Expressions".
type Level = u8;

const OR: Level = 1;
const XOR: Level = 2;
const AND: Level = 3;
const NOT: Level = 4;
/// Comparisons; on SQLite equality, IS, IN and LIKE.
const COMPARISON: Level = 5;
/// `<` and its kind on SQLite; `|` on MySQL.
const BELOW_COMPARISON: Level = 6;
const BIT_AND: Level = 7;
const SHIFT: Level = 8;
const SUM: Level = 9;
const PRODUCT: Level = 10;
/// `^` on MySQL, `||` and `->` on SQLite.
const TIGHT: Level = 11;

/// How many operators may nest to the left before the reader gives up: `a + b - c + d …`.
const LONGEST_CHAIN: usize = 400;

/// A binary operator: its words or mark, its level, and its canonical form.
struct Operator(&'static str, Level, &'static str);

const MYSQL: &[Operator] = &[
    Operator("OR", OR, "or"),
    Operator("||", OR, "or"),
    Operator("XOR", XOR, "xor"),
    Operator("AND", AND, "and"),
    Operator("&&", AND, "and"),
    Operator("=", COMPARISON, "="),
    Operator("<=>", COMPARISON, "<=>"),
    Operator(">=", COMPARISON, ">="),
    Operator(">", COMPARISON, ">"),
    Operator("<=", COMPARISON, "<="),
    Operator("<", COMPARISON, "<"),
    Operator("<>", COMPARISON, "<>"),
    Operator("!=", COMPARISON, "<>"),
    Operator("|", BELOW_COMPARISON, "|"),
    Operator("&", BIT_AND, "&"),
    Operator("<<", SHIFT, "<<"),
    Operator(">>", SHIFT, ">>"),
    Operator("+", SUM, "+"),
    Operator("-", SUM, "-"),
    Operator("*", PRODUCT, "*"),
    Operator("/", PRODUCT, "/"),
    Operator("DIV", PRODUCT, "div"),
    Operator("%", PRODUCT, "mod"),
    Operator("MOD", PRODUCT, "mod"),
    Operator("^", TIGHT, "^"),
];

const SQLITE: &[Operator] = &[
    Operator("OR", OR, "or"),
    Operator("AND", AND, "and"),
    Operator("=", COMPARISON, "="),
    Operator("==", COMPARISON, "="),
    Operator("<>", COMPARISON, "<>"),
    Operator("!=", COMPARISON, "<>"),
    Operator("<", BELOW_COMPARISON, "<"),
    Operator("<=", BELOW_COMPARISON, "<="),
    Operator(">", BELOW_COMPARISON, ">"),
    Operator(">=", BELOW_COMPARISON, ">="),
    Operator("&", SHIFT, "&"),
    Operator("|", SHIFT, "|"),
    Operator("<<", SHIFT, "<<"),
    Operator(">>", SHIFT, ">>"),
    Operator("+", SUM, "+"),
    Operator("-", SUM, "-"),
    Operator("*", PRODUCT, "*"),
    Operator("/", PRODUCT, "/"),
    Operator("%", PRODUCT, "mod"),
    Operator("||", TIGHT, "||"),
    Operator("->", TIGHT, "->"),
    Operator("->>", TIGHT, "->>"),
];

impl Reader<'_> {
    /// An expression with its text, its canonical form and the scope of what it reads.
    pub(in crate::dialect) fn kept(
        &mut self,
        read: impl FnOnce(&mut Self) -> Read<Tree>,
    ) -> Read<Expression> {
        let start = self.start();
        let (tree, scope) = self.scoped(read)?;
        Ok(Expression {
            text: self.text_from(start).to_owned(),
            canonical: canonical(tree, self.dialect),
            span: self.span_from(start),
            scope,
        })
    }

    /// An expression. What it reads goes into the open scope.
    pub(in crate::dialect) fn expression(&mut self) -> Read<Tree> {
        self.nested(|r| r.operators(OR))
    }

    /// A value without operators outside brackets, but perhaps with a sign: what a default may be.
    /// COLLATE after it belongs to the column.
    pub(in crate::dialect) fn value(&mut self) -> Read<Tree> {
        self.nested(|r| {
            if r.eat_mark("-") {
                return Ok(negative(r.operand()?));
            }
            r.eat_mark("+");
            r.operand()
        })
    }

    /// An expression without comparisons outside brackets, as it stands before IN or AND.
    pub(in crate::dialect) fn pattern(&mut self) -> Read<Tree> {
        self.nested(|r| r.operators(BELOW_COMPARISON))
    }

    fn operators(&mut self, lowest: Level) -> Read<Tree> {
        let mut left = if lowest <= NOT && self.eat("NOT") {
            let operand = self.nested(|r| r.operators(NOT))?;
            Tree::node("not", [operand])
        } else {
            self.nested(Self::unary)?
        };
        for _ in 0..LONGEST_CHAIN {
            match self.operator(left, lowest)? {
                Step::Went(tree) => left = tree,
                Step::Stays(tree) => return Ok(tree),
            }
        }
        Err(Fault::Unknown("an expression that is nested too deeply"))
    }

    /// One operator and what is right of it; a run of the same operator is one step.
    fn operator(&mut self, left: Tree, lowest: Level) -> Read<Step> {
        if let Some(&Operator(mark, level, head)) = self.binary()
            && level >= lowest
        {
            let mut parts = vec![left];
            while self.binary().is_some_and(|next| next.0 == mark) {
                self.next();
                parts.push(self.right_side(level)?);
            }
            return Ok(Step::Went(Tree::node(head, parts)));
        }
        if lowest > COMPARISON {
            return Ok(Step::Stays(left));
        }
        let place = self.place();
        let negated = self.eat("NOT");
        match self.predicate(left, negated)? {
            Step::Went(tree) if negated => Ok(Step::Went(Tree::node("not", [tree]))),
            Step::Stays(tree) => {
                self.back(place);
                Ok(Step::Stays(tree))
            }
            went => Ok(went),
        }
    }

    fn binary(&self) -> Option<&'static Operator> {
        let piece = self.peek()?;
        let list = if self.is_sqlite() { SQLITE } else { MYSQL };
        match piece.kind {
            TokenKind::Operator => list.iter().find(|operator| operator.0 == piece.text),
            TokenKind::Word => list.iter().find(|operator| piece.is(operator.0)),
            _ => None,
        }
    }

    fn right_side(&mut self, level: Level) -> Read<Tree> {
        if level == COMPARISON
            && !self.is_sqlite()
            && let Some(word) = self.eat_one_of(&["ALL", "ANY", "SOME"])
        {
            self.need_mark("(")?;
            let query = self.rest_of_subquery()?;
            let word = if word == "SOME" { "any" } else { word };
            return Ok(Tree::node(word.to_lowercase(), [query]));
        }
        self.operators(level + 1)
    }

    /// IS, IN, BETWEEN, LIKE and their kind, after NOT or without.
    fn predicate(&mut self, left: Tree, negated: bool) -> Read<Step> {
        if !negated && self.eat("IS") {
            return self.is_predicate(left).map(Step::Went);
        }
        if self.eat("IN") {
            let mut parts = vec![left];
            parts.extend(self.in_list()?);
            return Ok(Step::Went(Tree::node("in", parts)));
        }
        if self.eat("BETWEEN") {
            let low = self.operators(BELOW_COMPARISON)?;
            self.need("AND")?;
            let high = self.operators(BELOW_COMPARISON)?;
            return Ok(Step::Went(Tree::node("between", [left, low, high])));
        }
        if self.eat("LIKE") {
            let mut parts = vec![left, self.operators(BELOW_COMPARISON)?];
            if self.eat("ESCAPE") {
                parts.push(self.operators(BELOW_COMPARISON)?);
            }
            return Ok(Step::Went(Tree::node("like", parts)));
        }
        if self.eat_one_of(&["REGEXP", "RLIKE"]).is_some() {
            let pattern = self.operators(BELOW_COMPARISON)?;
            return Ok(Step::Went(Tree::node("regexp", [left, pattern])));
        }
        if self.is_sqlite() {
            return self.sqlite_predicate(left, negated);
        }
        if !negated && self.are(&["SOUNDS", "LIKE"]) {
            self.eat_all(&["SOUNDS", "LIKE"]);
            let right = self.operators(BELOW_COMPARISON)?;
            let sound = |tree| Tree::node("soundex", [tree]);
            return Ok(Step::Went(Tree::node("=", [sound(left), sound(right)])));
        }
        // MySQL 8: `x MEMBER OF (json)`.
        if !negated && self.is("MEMBER") && (self.is_at(1, "OF") || self.is_mark_at(1, "(")) {
            self.next();
            self.eat("OF");
            self.need_mark("(")?;
            let array = self.expression()?;
            self.need_mark(")")?;
            return Ok(Step::Went(Tree::node("member", [left, array])));
        }
        if negated {
            let words = ["BETWEEN", "IN", "LIKE", "REGEXP", "RLIKE"];
            return Err(self.expected_word(&words));
        }
        Ok(Step::Stays(left))
    }

    fn sqlite_predicate(&mut self, left: Tree, negated: bool) -> Read<Step> {
        if let Some(word) = self.eat_one_of(&["GLOB", "MATCH"]) {
            let right = self.operators(BELOW_COMPARISON)?;
            return Ok(Step::Went(Tree::node(word.to_lowercase(), [left, right])));
        }
        if self.eat("ISNULL") {
            return Ok(Step::Went(Tree::node("is null", [left])));
        }
        if self.eat("NOTNULL") {
            let null = Tree::node("is null", [left]);
            return Ok(Step::Went(Tree::node("not", [null])));
        }
        if negated && self.eat("NULL") {
            return Ok(Step::Went(Tree::node("is null", [left])));
        }
        Ok(Step::Stays(left))
    }

    fn is_predicate(&mut self, left: Tree) -> Read<Tree> {
        let negated = self.eat("NOT");
        let tree = if self.is_sqlite() {
            let distinct = self.eat_all(&["DISTINCT", "FROM"]);
            let right = self.operators(BELOW_COMPARISON)?;
            let same = match right {
                Tree::Word(word) if word == "null" => Tree::node("is null", [left]),
                right => Tree::node("is", [left, right]),
            };
            if distinct {
                Tree::node("not", [same])
            } else {
                same
            }
        } else {
            let word = self.need_one_of(&["NULL", "TRUE", "FALSE", "UNKNOWN"])?;
            let head = match word {
                "TRUE" => "is true",
                "FALSE" => "is false",
                _ => "is null",
            };
            Tree::node(head, [left])
        };
        Ok(if negated {
            Tree::node("not", [tree])
        } else {
            tree
        })
    }

    /// What stands after IN: a list, a query, or on SQLite a table.
    fn in_list(&mut self) -> Read<Vec<Tree>> {
        if self.is_sqlite() && !self.is_mark("(") {
            let name = self.object_name("a list or a table name")?;
            let word = Tree::word(format!("table {name}"));
            self.relation(name, None);
            if self.eat_mark("(") {
                self.skip_to_closing()?;
                self.scope().opaque = true;
            }
            return Ok(vec![word]);
        }
        self.need_mark("(")?;
        if self.is_query() {
            return Ok(vec![self.rest_of_subquery()?]);
        }
        if self.is_sqlite() && self.eat_mark(")") {
            return Ok(Vec::new());
        }
        let items = self.list(Self::expression)?;
        self.need_closing()?;
        Ok(items)
    }

    fn unary(&mut self) -> Read<Tree> {
        if self.eat_mark("-") {
            return Ok(negative(self.nested(Self::unary)?));
        }
        if self.eat_mark("+") {
            return self.nested(Self::unary);
        }
        if self.eat_mark("~") {
            let operand = self.nested(Self::unary)?;
            return Ok(Tree::node("~", [operand]));
        }
        if self.is_sqlite() {
            if self.eat("NOT") {
                let operand = self.nested(Self::unary)?;
                return Ok(Tree::node("not", [operand]));
            }
        } else {
            if self.eat_mark("!") {
                let operand = self.nested(Self::unary)?;
                return Ok(Tree::node("not", [operand]));
            }
            if self.eat("BINARY") {
                let operand = self.nested(Self::unary)?;
                return Ok(Tree::node("cast as char charset binary", [operand]));
            }
        }
        let operand = self.operand()?;
        self.postfix(operand)
    }

    /// COLLATE, and MySQL's `->` after a column.
    fn postfix(&mut self, mut operand: Tree) -> Read<Tree> {
        loop {
            if self.eat("COLLATE") {
                let collation = self.collation()?;
                operand = Tree::node(format!("collate {collation}"), [operand]);
            } else if !self.is_sqlite() && self.is_mark("->") {
                self.next();
                let path = self.operand()?;
                operand = Tree::node("json_extract", [operand, path]);
            } else if !self.is_sqlite() && self.is_mark("->>") {
                self.next();
                let path = self.operand()?;
                let extract = Tree::node("json_extract", [operand, path]);
                operand = Tree::node("json_unquote", [extract]);
            } else {
                return Ok(operand);
            }
        }
    }

    /// The name of a collation, a word or a string, in lower case.
    pub(in crate::dialect) fn collation(&mut self) -> Read<String> {
        if self.eat("BINARY") {
            return Ok("binary".to_owned());
        }
        if let Some(piece) = self.eat_kind(TokenKind::String) {
            return Ok(super::string_value(piece.text, self.dialect).to_lowercase());
        }
        Ok(self.identifier("a collation")?.name.to_lowercase())
    }
}

fn negative(operand: Tree) -> Tree {
    match operand {
        Tree::Number(number) => match number.strip_prefix('-') {
            Some(positive) => Tree::Number(positive.to_owned()),
            None => Tree::Number(format!("-{number}")),
        },
        other => Tree::node("neg", [other]),
    }
}

/// Whether there was an operator.
enum Step {
    Went(Tree),
    Stays(Tree),
}
