//! What an unqualified name means.

/// The schemas in which unqualified names are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SearchPath {
    /// In order; new objects go into the first. `None` is the default schema.
    schemas: Vec<Option<String>>,
    /// There may be others before and between them.
    unknown: bool,
    /// The first one is that of a CREATE SCHEMA whose statements run.
    entered: bool,
}

impl Default for SearchPath {
    fn default() -> Self {
        SearchPath {
            schemas: vec![None],
            unknown: false,
            entered: false,
        }
    }
}

impl SearchPath {
    /// The path that `SET search_path` or `USE` makes; `None` where it could not be followed.
    /// `default` is the name of the default schema.
    pub(super) fn new(schemas: Option<&[String]>, default: Option<&str>) -> Self {
        let Some(schemas) = schemas else {
            return SearchPath::unknown();
        };
        let schemas = schemas
            .iter()
            // The user's own schema is not there unless somebody made it, and then it is unknown.
            .filter(|schema| !matches!(schema.as_str(), "$user" | "pg_temp" | "pg_catalog"))
            .map(|schema| (Some(schema.as_str()) != default).then(|| schema.clone()))
            .collect();
        SearchPath {
            schemas,
            ..SearchPath::default()
        }
    }

    /// Something that the model could not follow.
    pub(super) fn unknown() -> Self {
        SearchPath {
            unknown: true,
            ..SearchPath::default()
        }
    }

    /// Puts a schema before all others.
    pub(super) fn enter(&mut self, schema: Option<String>) {
        self.leave();
        self.schemas.insert(0, schema);
        self.entered = true;
    }

    /// Takes the schema away that was entered.
    pub(super) fn leave(&mut self) {
        if std::mem::take(&mut self.entered) {
            self.schemas.remove(0);
        }
    }

    /// The schemas to look in, and whether there may be others.
    pub(super) fn schemas(&self) -> (&[Option<String>], bool) {
        (&self.schemas, self.unknown)
    }
}
