//! Semicolons inside a PostgreSQL statement: `BEGIN ATOMIC … END`, `CREATE RULE … DO (…; …)`, and
//! the data after COPY … FROM STDIN. psql tells them in the same way (`src/fe_utils/psqlscan.l`).

use super::Piece;

#[derive(Debug, Default)]
enum Kind {
    #[default]
    Start,
    Create,
    CreateOr,
    Routine,
    Rule,
    Copy,
    Other,
}

#[derive(Debug, Default)]
pub(super) struct Body<'a> {
    kind: Kind,
    previous: &'a str,
    previous_start: usize,
    parens: usize,
    /// The BEGIN of BEGIN ATOMIC, and how many BEGIN and CASE are open.
    atomic: Option<usize>,
    depth: usize,
    from_stdin: bool,
}

impl<'a> Body<'a> {
    pub(super) fn token(&mut self, piece: Piece<'a>) {
        match self.kind {
            Kind::Start if piece.is("CREATE") => self.kind = Kind::Create,
            Kind::Start if piece.is("COPY") => self.kind = Kind::Copy,
            Kind::Create if piece.is("OR") => self.kind = Kind::CreateOr,
            Kind::CreateOr if piece.is("REPLACE") => self.kind = Kind::Create,
            Kind::Create if piece.is_one_of(&["FUNCTION", "PROCEDURE"]) => {
                self.kind = Kind::Routine;
            }
            Kind::Create if piece.is("RULE") => self.kind = Kind::Rule,
            Kind::Routine => self.routine(piece),
            Kind::Copy => {
                let from = self.previous.eq_ignore_ascii_case("FROM");
                self.from_stdin |= from && self.parens == 0 && piece.is("STDIN");
            }
            Kind::Start | Kind::Create | Kind::CreateOr => self.kind = Kind::Other,
            Kind::Rule | Kind::Other => {}
        }
        match piece.text {
            "(" => self.parens += 1,
            ")" => self.parens = self.parens.saturating_sub(1),
            _ => {}
        }
        self.previous = piece.text;
        self.previous_start = piece.start;
    }

    fn routine(&mut self, piece: Piece<'a>) {
        // After a dot or AS, these words are names of columns.
        if self.previous == "." || self.previous.eq_ignore_ascii_case("AS") {
            return;
        }
        if self.depth == 0 {
            if piece.is("ATOMIC") && self.previous.eq_ignore_ascii_case("BEGIN") {
                self.depth = 1;
                self.atomic = Some(self.previous_start);
            }
        } else if piece.is("CASE") {
            self.depth += 1;
        } else if piece.is("END") {
            self.depth -= 1;
        }
    }

    pub(super) fn semicolon(&mut self) -> bool {
        self.previous = ";";
        let inside = match self.kind {
            Kind::Routine => self.depth > 0,
            Kind::Rule => self.parens > 0,
            _ => false,
        };
        !inside
    }

    pub(super) fn open_block(&self) -> Option<(usize, &'static str)> {
        self.atomic
            .filter(|_| self.depth > 0)
            .map(|start| (start, "BEGIN ATOMIC"))
    }

    pub(super) fn wants_data(&self) -> bool {
        self.from_stdin
    }
}

/// The end of the COPY data that starts at `from`, and the start of the line after `\.`.
pub(super) fn copy_data_end(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut line_start = from;
    for line in text.get(from..)?.split_inclusive('\n') {
        let next = line_start + line.len();
        if line.trim_end_matches('\n') == "\\." {
            return Some((line_start, next));
        }
        line_start = next;
    }
    None
}
