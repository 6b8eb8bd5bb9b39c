//! What an unqualified name means.

/// The schemas in which unqualified names are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SearchPath {
    /// These, in order; new objects go into the first. `None` is the default schema.
    Known(Vec<Option<String>>),
    /// Something that the model could not follow.
    Unknown,
}

impl Default for SearchPath {
    fn default() -> Self {
        SearchPath::Known(vec![None])
    }
}

impl SearchPath {
    /// The path that `SET search_path` or `USE` makes; `None` where it could not be followed.
    /// `default` is the name of the default schema.
    pub(super) fn new(schemas: Option<&[String]>, default: Option<&str>) -> Self {
        let Some(schemas) = schemas else {
            return SearchPath::Unknown;
        };
        let path: Vec<Option<String>> = schemas
            .iter()
            // The user's own schema is not there unless somebody made it, and then it is unknown.
            .filter(|schema| !matches!(schema.as_str(), "$user" | "pg_temp" | "pg_catalog"))
            .map(|schema| (Some(schema.as_str()) != default).then(|| schema.clone()))
            .collect();
        SearchPath::Known(path)
    }

    /// The schemas to look in, and whether there may be others.
    pub(super) fn schemas(&self) -> (&[Option<String>], bool) {
        match self {
            SearchPath::Known(schemas) => (schemas, false),
            SearchPath::Unknown => (&[None], true),
        }
    }
}
