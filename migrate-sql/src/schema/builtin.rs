//! What databases bring along: types, relations and columns that no migration makes.

use migrate_core::Dialect;

/// The types of PostgreSQL's `pg_catalog`, as `format_type` prints them, and the names under which
/// scripts may also know them. Read from `pg_type` of version 17, without rows of catalogues and arrays.
const TYPES: &[&str] = &[
    "\"any\"",
    "\"char\"",
    "aclitem",
    "any",
    "anyarray",
    "anycompatible",
    "anycompatiblearray",
    "anycompatiblemultirange",
    "anycompatiblenonarray",
    "anycompatiblerange",
    "anyelement",
    "anyenum",
    "anymultirange",
    "anynonarray",
    "anyrange",
    "bigint",
    "bit",
    "bit varying",
    "bool",
    "boolean",
    "box",
    "bpchar",
    "bytea",
    "char",
    "character",
    "character varying",
    "cid",
    "cidr",
    "circle",
    "cstring",
    "date",
    "datemultirange",
    "daterange",
    "dec",
    "decimal",
    "double precision",
    "event_trigger",
    "fdw_handler",
    "float",
    "float4",
    "float8",
    "gtsvector",
    "index_am_handler",
    "inet",
    "int",
    "int2",
    "int2vector",
    "int4",
    "int4multirange",
    "int4range",
    "int8",
    "int8multirange",
    "int8range",
    "integer",
    "internal",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "language_handler",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "national character",
    "national character varying",
    "nchar",
    "numeric",
    "nummultirange",
    "numrange",
    "oid",
    "oidvector",
    "path",
    "pg_brin_bloom_summary",
    "pg_brin_minmax_multi_summary",
    "pg_ddl_command",
    "pg_dependencies",
    "pg_lsn",
    "pg_mcv_list",
    "pg_ndistinct",
    "pg_node_tree",
    "pg_snapshot",
    "point",
    "polygon",
    "real",
    "record",
    "refcursor",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "serial",
    "smallint",
    "table_am_handler",
    "text",
    "tid",
    "time",
    "time with time zone",
    "time without time zone",
    "timestamp",
    "timestamp with time zone",
    "timestamp without time zone",
    "timestamptz",
    "timetz",
    "trigger",
    "tsm_handler",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "txid_snapshot",
    "unknown",
    "uuid",
    "varbit",
    "varchar",
    "void",
    "xid",
    "xid8",
    "xml",
];

/// Whether PostgreSQL has that type without an extension.
pub(crate) fn is_type(name: &str) -> bool {
    TYPES.binary_search(&name).is_ok()
        // `interval day to second` and the like.
        || name.starts_with("interval ")
        // An array type under its internal name, or a row type of a catalogue.
        || name.starts_with('_')
        || name.starts_with("pg_")
}

/// The types of PostgreSQL, for suggestions.
pub(super) fn types() -> impl Iterator<Item = &'static str> {
    TYPES.iter().copied()
}

/// Whether a trigger of PostgreSQL may run that function without anybody having made it.
pub(super) fn is_trigger_function(name: &str) -> bool {
    matches!(
        name,
        "suppress_redundant_updates_trigger"
            | "tsvector_update_trigger"
            | "tsvector_update_trigger_column"
    ) || name.starts_with("RI_FKey_")
}

/// Schemas that the model knows nothing about, because the database or its owner fills them.
pub(super) fn is_system_schema(name: &str, dialect: Dialect) -> bool {
    match dialect {
        Dialect::Postgres => name.starts_with("pg_") || name == "information_schema",
        Dialect::Mysql => ["information_schema", "mysql", "performance_schema", "sys"]
            .iter()
            .any(|schema| name.eq_ignore_ascii_case(schema)),
        _ => false,
    }
}

/// Relations that are there without a schema before them.
pub(super) fn is_system_relation(name: &str, dialect: Dialect) -> bool {
    match dialect {
        Dialect::Postgres => name.starts_with("pg_"),
        Dialect::Mysql => name.eq_ignore_ascii_case("dual"),
        // `pragma_…`, `json_each` and the like are functions that stand for tables.
        Dialect::Sqlite => {
            let name = name.to_ascii_lowercase();
            name.starts_with("sqlite_")
                || name.starts_with("pragma_")
                || name.starts_with("json_")
                || matches!(
                    name.as_str(),
                    "dbstat" | "generate_series" | "bytecode" | "tables_used"
                )
        }
        _ => false,
    }
}

/// Columns that every table has.
pub(super) fn is_system_column(name: &str, dialect: Dialect) -> bool {
    match dialect {
        Dialect::Postgres => matches!(
            name,
            "ctid" | "xmin" | "xmax" | "cmin" | "cmax" | "tableoid"
        ),
        Dialect::Mysql => name.eq_ignore_ascii_case("_rowid"),
        Dialect::Sqlite => ["rowid", "_rowid_", "oid"]
            .iter()
            .any(|column| name.eq_ignore_ascii_case(column)),
        _ => false,
    }
}

/// What an extension of PostgreSQL makes: the types and relations that a script may name, or `None`
/// where that is not known here.
///
/// From the extensions' own scripts, as the contrib modules of version 17 have them.
pub(super) fn extension_names(extension: &str) -> Option<&'static [&'static str]> {
    Some(match extension {
        "plpgsql" | "plperl" | "plpython3u" | "pltcl" | "adminpack" | "amcheck" | "autoinc"
        | "bloom" | "btree_gin" | "btree_gist" | "dict_int" | "dict_xsyn" | "earthdistance"
        | "fuzzystrmatch" | "insert_username" | "intagg" | "moddatetime" | "pg_prewarm"
        | "pg_trgm" | "pgcrypto" | "pgrowlocks" | "pgstattuple" | "refint" | "tcn"
        | "tsm_system_rows" | "tsm_system_time" | "unaccent" | "uuid-ossp" => &[],
        "citext" => &["citext"],
        "cube" => &["cube"],
        "hstore" => &["hstore", "ghstore"],
        "intarray" => &["query_int", "intbig_gkey"],
        "isn" => &[
            "ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc",
        ],
        "lo" => &["lo"],
        "ltree" => &["ltree", "lquery", "ltxtquery", "ltree_gist"],
        "seg" => &["seg"],
        "tablefunc" => &[
            "tablefunc_crosstab_2",
            "tablefunc_crosstab_3",
            "tablefunc_crosstab_4",
        ],
        "pg_stat_statements" => &["pg_stat_statements", "pg_stat_statements_info"],
        "pg_cron" | "pgtap" | "postgis_topology" | "postgis_tiger_geocoder" | "timescaledb" => &[],
        "postgis" => &[
            "box2d",
            "box2df",
            "box3d",
            "geography",
            "geography_columns",
            "geometry",
            "geometry_columns",
            "geometry_dump",
            "gidx",
            "raster",
            "raster_columns",
            "raster_overviews",
            "spatial_ref_sys",
            "spheroid",
            "valid_detail",
        ],
        "postgis_raster" => &["raster", "raster_columns", "raster_overviews"],
        "vector" => &["vector", "halfvec", "sparsevec"],
        _ => return None,
    })
}

/// Whether an extension that is not known by name may have brought functions for triggers.
pub(super) fn extension_has_trigger_functions(extension: &str) -> bool {
    matches!(
        extension,
        "lo" | "tcn" | "autoinc" | "insert_username" | "moddatetime" | "refint"
    ) || extension_names(extension).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_types_is_sorted() {
        assert!(TYPES.is_sorted());
        assert!(is_type("integer") && is_type("xml") && is_type("interval year"));
        assert!(!is_type("citext"));
    }
}
