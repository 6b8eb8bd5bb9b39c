//! What a report shows, as plain data: neither HTML nor Markdown, and nothing that needs a database.
//!
//! The sections make it of evidence, and each format has one renderer for it. So a section is written
//! once, and no renderer knows what a backup is.

mod text;
mod timeline;

pub use text::{Piece, Text};
pub use timeline::{Bar, BarKind, Lane, Timeline};

/// How something stands. Only what was looked at and found right is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Looked at, and right.
    Good,
    /// Somebody should look at it.
    Attention,
    /// Wrong.
    Bad,
    /// Nobody looked.
    NotChecked,
    /// Reckoned, not measured.
    Estimated,
    /// A matter of fact.
    Neutral,
}

/// All of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// What the page is called.
    pub title: String,
    /// How the run stands.
    pub state: State,
    /// The verdict in a few words.
    pub headline: String,
    /// The verdict in a few sentences.
    pub summary: Vec<Text>,
    /// The one next command.
    pub next: Option<Text>,
    /// Who, what, when: names and values in one line.
    pub byline: Vec<(String, Text)>,
    /// The steps of the run.
    pub steps: Vec<Step>,
    /// The figures that matter most.
    pub figures: Vec<Figure>,
    /// All the rest.
    pub sections: Vec<Section>,
    /// What stands below everything.
    pub footer: Vec<Text>,
}

/// A step of the run, for the row of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// How it ended.
    pub state: State,
    /// How it ended, in a word.
    pub outcome: String,
    /// How long it took.
    pub duration: Option<String>,
    /// What came of it.
    pub summary: String,
}

/// A figure with what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it is.
    pub label: String,
    /// The figure, with its unit.
    pub value: String,
    /// Where it comes from, in a few words.
    pub note: Text,
}

/// A part of the page with a heading of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Its name in links.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// How it stands, in a word or two.
    pub status: Option<(State, String)>,
    /// What it holds, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading below the section's.
    Heading(String),
    /// A paragraph.
    Paragraph(Text),
    /// A list.
    List(Vec<Text>),
    /// Names and values.
    Facts(Vec<(String, Text)>),
    /// Rows and columns.
    Table(Table),
    /// Text to copy as it is: commands, SQL.
    Code(String),
    /// A picture of what happened when.
    Timeline(Timeline),
    /// A message to send.
    Message {
        /// When, and to whom.
        occasion: String,
        /// Its subject.
        subject: String,
        /// Its text.
        body: String,
    },
    /// What most readers pass over.
    Details {
        /// What is in it.
        summary: Text,
        /// It.
        blocks: Vec<Block>,
    },
}

/// Rows and columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The heads, and whether numbers stand below them.
    pub columns: Vec<(&'static str, bool)>,
    /// As many cells a row as there are columns.
    pub rows: Vec<Vec<Text>>,
}

impl Section {
    /// An empty one.
    pub fn new(id: &'static str, title: &'static str) -> Self {
        Section {
            id,
            title,
            status: None,
            blocks: Vec::new(),
        }
    }

    /// Says how it stands.
    #[must_use]
    pub fn status(mut self, state: State, text: impl Into<String>) -> Self {
        self.status = Some((state, text.into()));
        self
    }

    /// Adds a part.
    #[must_use]
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Adds parts.
    #[must_use]
    pub fn blocks(mut self, blocks: impl IntoIterator<Item = Block>) -> Self {
        self.blocks.extend(blocks);
        self
    }
}

impl Table {
    /// An empty one of text columns.
    pub fn new<const N: usize>(columns: [&'static str; N]) -> Self {
        Table {
            columns: columns.map(|column| (column, false)).to_vec(),
            rows: Vec::new(),
        }
    }

    /// Says which columns hold numbers.
    #[must_use]
    pub fn numbers(mut self, numbers: &[&str]) -> Self {
        for (title, number) in &mut self.columns {
            *number = numbers.contains(title);
        }
        self
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [Text; N]) {
        self.rows.push(cells.to_vec());
    }
}
