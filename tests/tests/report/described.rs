//! The schema of a report, written from the types that it is made of: their names, their fields, what
//! their documentation says. So that it cannot describe anything else than what is written.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use migrate_ops::report::FORMAT;
use serde_json::{Value, json};
use syn::{
    Attribute, Expr, ExprLit, Field, Fields, GenericArgument, Item, Lit, Meta, PathArguments, Type,
    UseTree,
};

const TITLE: &str = "The report of a run of migrations";
const ABOUT: &str = "What `migrate report --json` writes. New fields may come while `format` stays 1; \
    a field that goes away or changes its meaning raises it. No value of a row and no password is in it.";

/// The text of the schema.
pub(crate) fn schema() -> String {
    let mut writer = Writer {
        sources: Sources::read(),
        waiting: VecDeque::new(),
        asked: BTreeSet::new(),
    };
    let root = writer.definition(&("report".to_owned(), "Report".to_owned()));
    let mut definitions = Vec::new();
    while let Some(name) = writer.waiting.pop_front() {
        definitions.push((key(&name), writer.definition(&name)));
    }
    let mut whole = vec![
        text("$schema", "https://json-schema.org/draft/2020-12/schema"),
        text("title", TITLE),
        text("description", ABOUT),
    ];
    let Node::Object(root) = root else {
        panic!("a report is an object")
    };
    whole.extend(root.into_iter().filter(|(word, _)| word != "description"));
    whole.push(("$defs".to_owned(), Node::Object(definitions)));
    let mut out = String::new();
    Node::Object(whole).print(0, &mut out);
    out.push('\n');
    out
}

/// JSON whose names stay in their order.
enum Node {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    Value(Value),
}

fn text(word: &str, text: &str) -> (String, Node) {
    (word.to_owned(), Node::Value(json!(text)))
}

fn reference(name: &Name) -> Node {
    Node::Object(vec![text("$ref", &format!("#/$defs/{}", key(name)))])
}

impl Node {
    fn print(&self, depth: usize, out: &mut String) {
        let inner = "  ".repeat(depth + 1);
        let (open, close, count) = match self {
            Node::Value(value) => return write!(out, "{value}").expect("a text"),
            Node::Object(fields) => ('{', '}', fields.len()),
            Node::Array(items) => ('[', ']', items.len()),
        };
        out.push(open);
        for at in 0..count {
            out.push_str(if at == 0 { "\n" } else { ",\n" });
            out.push_str(&inner);
            match self {
                Node::Object(fields) => {
                    write!(out, "{}: ", json!(fields[at].0)).expect("a text");
                    fields[at].1.print(depth + 1, out);
                }
                Node::Array(items) => items[at].print(depth + 1, out),
                Node::Value(_) => {}
            }
        }
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
        out.push(close);
    }
}

/// A type: the room of the crate that it is in, and its name there.
type Name = (String, String);

/// What a type is called among the definitions.
fn key((room, name): &Name) -> String {
    let mut key = match room.as_str() {
        "report" => String::new(),
        room => format!("{room}_"),
    };
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_uppercase() {
            key.push('_');
        }
        key.extend(letter.to_lowercase());
    }
    key
}

/// The types of the crate.
struct Sources {
    items: BTreeMap<Name, Rc<Item>>,
    /// For each room, where the names are from that its files bring in.
    uses: BTreeMap<Name, String>,
}

impl Sources {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrate-ops/src");
        let mut sources = Sources {
            items: BTreeMap::new(),
            uses: BTreeMap::new(),
        };
        let mut files = Vec::new();
        rust_files(&root, &mut files);
        for path in files {
            let below = path.strip_prefix(&root).expect("a file of the crate");
            let room = below.components().next().expect("a name").as_os_str();
            let room = room.to_string_lossy().trim_end_matches(".rs").to_owned();
            let source = fs::read_to_string(&path).expect("a readable file");
            for item in syn::parse_file(&source).expect("Rust").items {
                match &item {
                    Item::Struct(it) if is_serialised(&it.attrs) => {
                        let name = (room.clone(), it.ident.to_string());
                        sources.items.insert(name, Rc::new(item));
                    }
                    Item::Enum(it) if is_serialised(&it.attrs) => {
                        let name = (room.clone(), it.ident.to_string());
                        sources.items.insert(name, Rc::new(item));
                    }
                    Item::Use(it) => sources.uses(&room, &it.tree, &[]),
                    _ => {}
                }
            }
        }
        sources
    }

    fn uses(&mut self, room: &str, tree: &UseTree, path: &[String]) {
        match tree {
            UseTree::Path(it) => {
                let path: Vec<String> =
                    path.iter().cloned().chain([it.ident.to_string()]).collect();
                self.uses(room, &it.tree, &path);
            }
            UseTree::Group(it) => it.items.iter().for_each(|tree| self.uses(room, tree, path)),
            UseTree::Name(it) => {
                if let [first, from, ..] = path
                    && first == "crate"
                {
                    let name = (room.to_owned(), it.ident.to_string());
                    self.uses.insert(name, from.clone());
                }
            }
            _ => {}
        }
    }

    /// The type that a name means in a room.
    fn find(&self, room: &str, name: &str) -> Name {
        let here = (room.to_owned(), name.to_owned());
        if self.items.contains_key(&here) {
            return here;
        }
        let from = self.uses.get(&here);
        let from =
            from.unwrap_or_else(|| panic!("`{name}` of {room} is no type that is serialised"));
        let there = (from.clone(), name.to_owned());
        assert!(
            self.items.contains_key(&there),
            "{there:?} is not serialised"
        );
        there
    }
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

fn is_serialised(attributes: &[Attribute]) -> bool {
    let derives = attributes.iter().filter(|it| it.path().is_ident("derive"));
    derives.into_iter().any(|derive| {
        let mut found = false;
        derive
            .parse_nested_meta(|meta| {
                found |= meta.path.is_ident("Serialize");
                Ok(())
            })
            .expect("a list of traits");
        found
    })
}

/// What an attribute of serde says.
#[derive(Default)]
struct Serde {
    words: BTreeMap<String, Option<String>>,
}

impl Serde {
    fn of(attributes: &[Attribute]) -> Self {
        const KNOWN: [&str; 9] = [
            "rename_all",
            "tag",
            "content",
            "flatten",
            "default",
            "other",
            "into",
            "try_from",
            "rename",
        ];
        let mut serde = Serde::default();
        for attribute in attributes.iter().filter(|it| it.path().is_ident("serde")) {
            let read = attribute.parse_nested_meta(|meta| {
                let word = meta.path.require_ident()?.to_string();
                assert!(KNOWN.contains(&word.as_str()), "`{word}` is not known here");
                let value = match meta.input.peek(syn::Token![=]) {
                    true => Some(meta.value()?.parse::<syn::LitStr>()?.value()),
                    false => None,
                };
                serde.words.insert(word, value);
                Ok(())
            });
            read.expect("serde's words");
        }
        serde
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    fn value(&self, word: &str) -> Option<&str> {
        self.words.get(word)?.as_deref()
    }

    /// The name of a variant.
    fn variant(&self, name: &str) -> String {
        match self.value("rename_all") {
            Some("snake_case") => key(&("report".to_owned(), name.to_owned())),
            None => name.to_owned(),
            Some(other) => panic!("`{other}` is not known here"),
        }
    }
}

/// What the documentation says, without links and line breaks.
fn description(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("doc")) {
        if let Meta::NameValue(it) = &attribute.meta
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(line),
                ..
            }) = &it.value
        {
            lines.push(line.value().trim().to_owned());
        }
    }
    let text = lines.join(" ");
    let first = text.split("  ").next().unwrap_or_default().trim();
    let mut plain = String::new();
    let mut rest = first;
    // `[words](target)` and `[words]` are their words.
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        let (words, after) = after.split_once(']').unwrap_or((after, ""));
        plain.push_str(words);
        rest = match after.strip_prefix('(').and_then(|it| it.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    plain.push_str(rest);
    // What Rust calls `None` JSON calls null.
    plain.replace("`None`", "null").replace("`null`", "null")
}

struct Writer {
    sources: Sources,
    waiting: VecDeque<Name>,
    asked: BTreeSet<Name>,
}

impl Writer {
    fn definition(&mut self, name: &Name) -> Node {
        let item = Rc::clone(&self.sources.items[name]);
        let room = &name.0;
        match &*item {
            Item::Struct(it) => {
                if Serde::of(&it.attrs).value("into") == Some("String") {
                    let about = text("description", &description(&it.attrs));
                    return Node::Object(vec![about, text("type", "string")]);
                }
                let mut fields = Properties::default();
                self.fields(room, &it.fields, &mut fields);
                if let Some(format) = fields
                    .properties
                    .iter_mut()
                    .find(|(key, _)| name.1 == "Report" && key == "format")
                {
                    format.1 = Node::Object(vec![
                        text("description", "The version of this format."),
                        ("const".to_owned(), Node::Value(json!(FORMAT))),
                    ]);
                }
                fields.object(Some(description(&it.attrs)))
            }
            Item::Enum(it) => self.choice(room, it),
            _ => panic!("{name:?} is neither a structure nor a choice"),
        }
    }

    fn fields(&mut self, room: &str, fields: &Fields, into: &mut Properties) {
        for field in fields {
            let serde = Serde::of(&field.attrs);
            if serde.has("flatten") {
                let name = self.named(room, &field.ty);
                let item = Rc::clone(&self.sources.items[&name]);
                let Item::Struct(inner) = &*item else {
                    panic!("{name:?} cannot be flattened");
                };
                self.fields(&name.0, &inner.fields, into);
                continue;
            }
            let ident = field
                .ident
                .as_ref()
                .expect("a field with a name")
                .to_string();
            let key = serde.value("rename").map_or(ident, str::to_owned);
            let schema = self.field(room, field);
            into.add(key, schema);
        }
    }

    fn field(&mut self, room: &str, field: &Field) -> Node {
        let about = description(&field.attrs);
        let of = self.of_type(room, &field.ty);
        let Node::Object(mut of) = of else {
            panic!("a schema is an object")
        };
        if about.contains("RFC 3339") && of.iter().any(|(word, _)| word == "type") {
            of.push(text("format", "date-time"));
        }
        of.insert(0, text("description", &about));
        Node::Object(of)
    }

    fn named(&mut self, room: &str, ty: &Type) -> Name {
        let Type::Path(path) = ty else {
            panic!("a type without a name in {room}")
        };
        let segments: Vec<String> = path
            .path
            .segments
            .iter()
            .map(|it| it.ident.to_string())
            .collect();
        match segments.as_slice() {
            [name] => self.sources.find(room, name),
            [first, from, .., name] if first == "crate" => self.sources.find(from, name),
            other => panic!("the path {other:?} is not understood"),
        }
    }

    fn of_type(&mut self, room: &str, ty: &Type) -> Node {
        if let Type::Tuple(tuple) = ty {
            let parts = tuple.elems.iter().map(|part| self.of_type(room, part));
            let parts = Node::Array(parts.collect());
            return Node::Object(vec![
                text("type", "array"),
                ("prefixItems".to_owned(), parts),
            ]);
        }
        let Type::Path(path) = ty else {
            panic!("a type that JSON does not have, in {room}")
        };
        let last = path.path.segments.last().expect("a segment");
        let arguments: Vec<&Type> = match &last.arguments {
            PathArguments::AngleBracketed(it) => it
                .args
                .iter()
                .filter_map(|it| match it {
                    GenericArgument::Type(ty) => Some(ty),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        let kind = |name: &str| Node::Object(vec![text("type", name)]);
        match (last.ident.to_string().as_str(), arguments.as_slice()) {
            ("String", []) => kind("string"),
            ("bool", []) => kind("boolean"),
            ("f32" | "f64", []) => kind("number"),
            ("i8" | "i16" | "i32" | "i64", []) => kind("integer"),
            ("u8" | "u16" | "u32" | "u64" | "usize", []) => Node::Object(vec![
                text("type", "integer"),
                ("minimum".to_owned(), Node::Value(json!(0))),
            ]),
            ("Box", [inner]) => self.of_type(room, inner),
            ("Vec" | "BTreeSet", [inner]) => {
                let items = self.of_type(room, inner);
                Node::Object(vec![text("type", "array"), ("items".to_owned(), items)])
            }
            ("BTreeMap", [_, inner]) => {
                let values = self.of_type(room, inner);
                Node::Object(vec![
                    text("type", "object"),
                    ("additionalProperties".to_owned(), values),
                ])
            }
            ("Option", [inner]) => nullable(self.of_type(room, inner)),
            (_, []) => {
                let name = self.named(room, ty);
                if self.asked.insert(name.clone()) {
                    self.waiting.push_back(name.clone());
                }
                reference(&name)
            }
            (other, _) => panic!("`{other}` is not understood, in {room}"),
        }
    }

    fn choice(&mut self, room: &str, it: &syn::ItemEnum) -> Node {
        let serde = Serde::of(&it.attrs);
        let mut about = description(&it.attrs);
        let variants: Vec<_> = it.variants.iter().collect();
        let plain = variants.iter().all(|it| matches!(it.fields, Fields::Unit));
        if plain && !serde.has("tag") {
            let mut words = Vec::new();
            for variant in variants {
                let word = serde.variant(&variant.ident.to_string());
                write!(about, " `{word}`: {}", description(&variant.attrs)).expect("a text");
                words.push(Node::Value(json!(word)));
            }
            return Node::Object(vec![
                text("description", &about),
                ("enum".to_owned(), Node::Array(words)),
            ]);
        }
        let tag = serde.value("tag").expect("a choice with fields has a tag");
        let ways = variants.into_iter().map(|variant| {
            let mut fields = Properties::default();
            let word = serde.variant(&variant.ident.to_string());
            let which = ("const".to_owned(), Node::Value(json!(word)));
            fields.add(tag.to_owned(), Node::Object(vec![which]));
            match (&variant.fields, serde.value("content")) {
                (Fields::Unit, _) => {}
                (Fields::Unnamed(inner), Some(content)) => {
                    let inner = self.of_type(room, &inner.unnamed[0].ty);
                    fields.add(content.to_owned(), inner);
                }
                (Fields::Named(_), None) => self.fields(room, &variant.fields, &mut fields),
                _ => panic!("a form of choice that is not understood: {}", it.ident),
            }
            fields.object(Some(description(&variant.attrs)))
        });
        let ways = Node::Array(ways.collect());
        Node::Object(vec![
            text("description", &about),
            ("anyOf".to_owned(), ways),
        ])
    }
}

/// The same, or null.
fn nullable(schema: Node) -> Node {
    let Node::Object(mut words) = schema else {
        panic!("a schema is an object")
    };
    match words.iter_mut().find(|(word, _)| word == "type") {
        Some((_, Node::Value(kind))) => {
            *kind = json!([kind, "null"]);
            Node::Object(words)
        }
        _ => Node::Object(vec![(
            "anyOf".to_owned(),
            Node::Array(vec![
                Node::Object(words),
                Node::Object(vec![text("type", "null")]),
            ]),
        )]),
    }
}

#[derive(Default)]
struct Properties {
    properties: Vec<(String, Node)>,
}

impl Properties {
    fn add(&mut self, key: String, schema: Node) {
        self.properties.push((key, schema));
    }

    fn object(self, about: Option<String>) -> Node {
        let required = self.properties.iter();
        let required = required.map(|(key, _)| Node::Value(json!(key))).collect();
        let mut words = Vec::new();
        words.extend(about.map(|about| text("description", &about)));
        words.push(text("type", "object"));
        words.push(("properties".to_owned(), Node::Object(self.properties)));
        words.push(("required".to_owned(), Node::Array(required)));
        Node::Object(words)
    }
}
