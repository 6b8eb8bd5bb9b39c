//! Semicolons inside a stored program of MySQL or MariaDB that stands in a script without
//! DELIMITER, as drivers take it.
//!
//! Blocks are counted, and a word counts only where a statement may start: `IF(a, b, c)` is a
//! function and `REPEAT('x', 3)` too, `CASE` starts a statement or an expression, and `begin` and
//! `end` may be names of columns.

use super::Piece;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Block {
    Begin,
    If,
    CaseStatement,
    CaseExpression,
    /// LOOP, WHILE, FOR, and REPEAT before UNTIL.
    Loop,
    /// REPEAT after UNTIL: its END follows an expression, not a semicolon.
    Until,
}

#[derive(Debug, Default, PartialEq)]
enum State {
    #[default]
    Start,
    /// BEGIN first: a transaction, or MariaDB's BEGIN NOT ATOMIC.
    Begin,
    /// After CREATE or ALTER, before the word that says what.
    Create,
    /// The name and the parameters of a routine.
    Parameters {
        depth: usize,
    },
    /// A trigger before FOR EACH ROW.
    BeforeRow,
    /// An event before DO.
    BeforeDo,
    /// The body, or what stands between the header and the body.
    Body,
    Package,
    /// Nothing with a body.
    Plain,
}

#[derive(Debug)]
struct Open {
    block: Block,
    start: usize,
    keyword: &'static str,
}

#[derive(Debug, Default)]
pub(super) struct Body<'a> {
    state: State,
    previous: &'a str,
    previous_start: usize,
    open: Vec<Open>,
    /// The next word starts a statement.
    at_start: bool,
    /// The first word that can start a statement does: after a routine's header, and in a handler.
    seeking: bool,
    /// The previous word started a statement, so that a colon makes it a label.
    maybe_label: bool,
    /// Within DECLARE.
    declaring: bool,
    /// The previous token was the END of a block, and IF, LOOP or a label may follow.
    after_end: bool,
}

/// Words that start a statement without a block of its own.
const SIMPLE_STARTS: &[&str] = &[
    "ALTER",
    "ANALYZE",
    "CALL",
    "CLOSE",
    "COMMIT",
    "CREATE",
    "DEALLOCATE",
    "DELETE",
    "DO",
    "DROP",
    "EXECUTE",
    "FETCH",
    "FLUSH",
    "GET",
    "GRANT",
    "INSERT",
    "ITERATE",
    "KILL",
    "LEAVE",
    "LOAD",
    "LOCK",
    "OPEN",
    "OPTIMIZE",
    "PREPARE",
    "RENAME",
    "REPLACE",
    "RESIGNAL",
    "RETURN",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "SHOW",
    "SIGNAL",
    "START",
    "TABLE",
    "TRUNCATE",
    "UPDATE",
    "USE",
    "VALUES",
    "WITH",
];

/// Words that open a block where a statement may start; FOR is left out because a handler has one.
const BLOCK_STARTS: &[&str] = &["BEGIN", "CASE", "IF", "LOOP", "REPEAT", "WHILE"];

impl<'a> Body<'a> {
    pub(super) fn token(&mut self, piece: Piece<'a>) {
        match self.state {
            State::Start => self.first(piece),
            State::Begin if piece.is("NOT") => {
                self.state = State::Body;
                self.push(Block::Begin, self.previous_start, "BEGIN");
                self.at_start = true;
            }
            State::Begin => self.state = State::Plain,
            State::Create => self.create(piece),
            State::Parameters { depth } => match piece.text {
                "(" => self.state = State::Parameters { depth: depth + 1 },
                ")" if depth <= 1 => self.seek(),
                ")" => self.state = State::Parameters { depth: depth - 1 },
                // MariaDB's Oracle mode.
                _ if depth == 0 && piece.is_one_of(&["AS", "IS"]) => self.seek(),
                _ => {}
            },
            State::BeforeRow => {
                if piece.is("ROW") && self.previous.eq_ignore_ascii_case("EACH") {
                    self.seek();
                }
            }
            State::BeforeDo => {
                if piece.is("DO") {
                    self.seek();
                }
            }
            State::Body => self.body(piece),
            State::Package | State::Plain => {}
        }
        self.previous = piece.text;
        self.previous_start = piece.start;
    }

    fn first(&mut self, piece: Piece<'a>) {
        self.state = if piece.is_one_of(&["CREATE", "ALTER"]) {
            State::Create
        } else if piece.is("BEGIN") {
            State::Begin
        } else if piece.is_one_of(BLOCK_STARTS) || piece.is("FOR") {
            // MariaDB takes compound statements outside routines too.
            State::Body
        } else if is_version_open(piece.text) {
            State::Start
        } else {
            State::Plain
        };
        if self.state == State::Body {
            self.at_start = true;
            self.body(piece);
        }
    }

    fn create(&mut self, piece: Piece<'a>) {
        // DEFINER = name, whose name may be any word.
        if piece.word.is_empty() || self.previous == "=" {
            return;
        }
        self.state = if piece.is_one_of(&["PROCEDURE", "FUNCTION"]) {
            State::Parameters { depth: 0 }
        } else if piece.is("TRIGGER") {
            State::BeforeRow
        } else if piece.is("EVENT") {
            State::BeforeDo
        } else if piece.is("PACKAGE") {
            State::Package
        } else if piece.is_one_of(&["OR", "REPLACE", "DEFINER", "AGGREGATE"]) {
            State::Create
        } else {
            State::Plain
        };
    }

    fn seek(&mut self) {
        self.state = State::Body;
        self.seeking = true;
    }

    fn push(&mut self, block: Block, start: usize, keyword: &'static str) {
        self.open.push(Open {
            block,
            start,
            keyword,
        });
        self.seeking = false;
    }

    fn innermost(&self) -> Option<Block> {
        self.open.last().map(|open| open.block)
    }

    fn body(&mut self, piece: Piece<'a>) {
        let was_start = std::mem::take(&mut self.at_start);
        let was_label = std::mem::take(&mut self.maybe_label);
        let was_end = std::mem::take(&mut self.after_end);
        if piece.word.is_empty() {
            // Version comments are no words of the statement.
            if is_version_open(piece.text) || piece.text == "*/" {
                (self.at_start, self.maybe_label) = (was_start, was_label);
            }
            self.at_start |= piece.text == ":" && was_label;
            return;
        }
        let after = |word: &str| self.previous.eq_ignore_ascii_case(word);
        let type_or_charset = self.seeking
            && (after("RETURNS") || (piece.is("SET") && (after("CHARACTER") || after("CHAR"))));
        if was_end || self.previous == "." || type_or_charset {
            return;
        }
        // BEGIN NOT ATOMIC.
        if (piece.is("NOT") && after("BEGIN")) || (piece.is("ATOMIC") && after("NOT")) {
            self.at_start = true;
            return;
        }
        let starts = was_start || (self.seeking && piece.is_one_of(BLOCK_STARTS));
        if starts && self.start_statement(piece) {
            return;
        }
        self.maybe_label = was_start;
        let innermost = self.innermost();
        if piece.is("CASE") {
            self.push(Block::CaseExpression, piece.start, "CASE");
        } else if piece.is("END") {
            let closes = match innermost {
                Some(Block::CaseExpression | Block::Until) => true,
                Some(_) => was_start,
                None => false,
            };
            if closes {
                self.open.pop();
                self.after_end = innermost != Some(Block::CaseExpression);
                self.maybe_label = false;
            }
        } else if piece.is_one_of(&["THEN", "ELSE"]) {
            self.at_start = matches!(innermost, Some(Block::If | Block::CaseStatement));
        } else if piece.is("DO") && !was_start {
            self.at_start = innermost == Some(Block::Loop);
        } else if piece.is("DECLARE") && was_start {
            self.declaring = true;
        } else if piece.is("HANDLER") && self.declaring {
            self.seeking = true;
        } else if self.seeking && piece.is_one_of(SIMPLE_STARTS) {
            self.seeking = false;
        }
    }

    /// Opens the block that starts a statement; false if the word opens none.
    fn start_statement(&mut self, piece: Piece<'a>) -> bool {
        let (block, keyword) = if piece.is("BEGIN") {
            (Block::Begin, "BEGIN")
        } else if piece.is("IF") {
            (Block::If, "IF")
        } else if piece.is("CASE") {
            (Block::CaseStatement, "CASE")
        } else if piece.is("LOOP") {
            (Block::Loop, "LOOP")
        } else if piece.is("REPEAT") {
            (Block::Loop, "REPEAT")
        } else if piece.is("WHILE") {
            (Block::Loop, "WHILE")
        } else if piece.is("FOR") {
            (Block::Loop, "FOR")
        } else if piece.is("UNTIL") {
            if let Some(open) = self.open.last_mut() {
                open.block = Block::Until;
            }
            return true;
        } else {
            return false;
        };
        self.push(block, piece.start, keyword);
        self.at_start = piece.is_one_of(&["BEGIN", "LOOP", "REPEAT"]);
        true
    }

    pub(super) fn semicolon(&mut self) -> bool {
        // No expression goes on after a semicolon.
        while self.innermost() == Some(Block::CaseExpression) {
            self.open.pop();
        }
        self.at_start = true;
        self.seeking = false;
        self.maybe_label = false;
        self.declaring = false;
        self.after_end = false;
        self.previous = ";";
        self.open.is_empty()
    }

    pub(super) fn open_block(&self) -> Option<(usize, &'static str)> {
        let open = self.open.first()?;
        (open.block != Block::CaseExpression).then_some((open.start, open.keyword))
    }

    pub(super) fn is_program(&self) -> bool {
        !matches!(
            self.state,
            State::Start | State::Begin | State::Create | State::Plain
        )
    }

    pub(super) fn is_package(&self) -> bool {
        self.state == State::Package
    }
}

fn is_version_open(text: &str) -> bool {
    text.starts_with("/*!") || text.starts_with("/*M!")
}

/// A command of the mysql client that needs no backslash; no SQL statement starts with one.
pub(super) fn client_command(first: &str) -> Option<(String, &'static str)> {
    let known = [
        "source", "system", "tee", "notee", "pager", "nopager", "connect", "status", "exit", "quit",
    ];
    known
        .iter()
        .find(|name| first.eq_ignore_ascii_case(name))
        .map(|name| ((*name).to_owned(), "mysql"))
}
