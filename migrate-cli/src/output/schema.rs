//! The schema as JSON; `json.md` describes it.

use migrate_core::line_column;
use migrate_sql::change::{ForeignKeyAction, Identity, TriggerTiming, TypeKind};
use migrate_sql::schema::{
    Column, Constraint, Domain, ForeignKey, Index, IndexKey, Key, Object, Reads, Routine, Schema,
    Sequence, Table, Trigger, TypeDefinition, View,
};
use migrate_sql::{Expression, Origin, QualifiedName};
use serde_json::{Map, Value, json};

/// The version of the format, raised when a name changes its meaning or goes away.
const FORMAT: u32 = 1;

/// The kinds of objects, as they are listed.
const LISTS: [&str; 9] = [
    "tables",
    "views",
    "sequences",
    "types",
    "domains",
    "routines",
    "schemas",
    "extensions",
    "others",
];

/// All objects of a schema.
pub(crate) fn schema_json(schema: &Schema) -> Value {
    let mut lists: Map<String, Value> = LISTS
        .iter()
        .map(|list| ((*list).to_owned(), json!([])))
        .collect();
    for (id, object) in schema.objects() {
        let (list, mut value) = object_json(object);
        value["certain"] = json!(schema.is_certain(id));
        value["origin"] = json!(origin(object.origin()));
        if let Some(list) = lists.get_mut(list).and_then(Value::as_array_mut) {
            list.push(value);
        }
    }
    let mut all = Map::new();
    all.insert("format".to_owned(), json!(FORMAT));
    all.insert("dialect".to_owned(), json!(schema.dialect().to_string()));
    all.insert("complete".to_owned(), json!(!schema.is_open()));
    all.extend(lists);
    Value::Object(all)
}

fn object_json(object: &Object) -> (&'static str, Value) {
    match object {
        Object::Table(table) => ("tables", table_json(table)),
        Object::View(view) => ("views", view_json(view)),
        Object::Sequence(sequence) => ("sequences", sequence_json(sequence)),
        Object::Type(definition) => ("types", type_json(definition)),
        Object::Domain(domain) => ("domains", domain_json(domain)),
        Object::Routine(routine) => ("routines", routine_json(routine)),
        Object::Schema(name) => ("schemas", json!({ "name": name })),
        Object::Extension(extension) => ("extensions", json!({ "name": extension.name })),
        Object::Other(other) => {
            let value = json!({ "kind": other.kind.name() });
            ("others", named(&other.name, value))
        }
    }
}

/// An object's own fields, with its name before them.
fn named(name: &QualifiedName, mut value: Value) -> Value {
    value["schema"] = json!(name.schema);
    value["name"] = json!(name.name);
    value
}

fn table_json(table: &Table) -> Value {
    let checks = table.constraints.iter().filter_map(check);
    let exclusions = table.constraints.iter().filter_map(|constraint| {
        let definition = constraint.exclude.as_ref()?;
        Some(json!({ "name": constraint.name, "definition": definition }))
    });
    let options = table
        .options
        .iter()
        .map(|option| json!({ "name": option.name, "value": option.value }));
    named(
        &table.name,
        json!({
            "foreign": table.foreign,
            "temporary": table.temporary,
            "unlogged": table.unlogged,
            "columns": all(&table.columns, column),
            "primary_key": table.primary_key.as_ref().map(key),
            "unique": all(&table.unique, key),
            "foreign_keys": all(&table.foreign_keys, foreign_key),
            "checks": checks.collect::<Vec<_>>(),
            "exclusions": exclusions.collect::<Vec<_>>(),
            "indexes": all(&table.indexes, index),
            "triggers": all(&table.triggers, trigger),
            "policies": all(&table.policies, |policy| json!({ "name": policy.name })),
            "partition_of": table.partition_of.as_ref().map(reference),
            "partition_by": table.partition_by,
            "inherits": all(&table.inherits, reference),
            "options": options.collect::<Vec<_>>(),
        }),
    )
}

fn all<T>(items: &[T], value: impl Fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(value).collect()
}

fn column(column: &Column) -> Value {
    let generated = column.generated.as_ref().map(
        |generated| json!({ "expression": generated.expression.text, "stored": generated.stored }),
    );
    let identity = column.identity.map(|identity| match identity {
        Identity::Always => "always",
        Identity::ByDefault => "by default",
    });
    json!({
        "name": column.name,
        "type": column.column_type.as_ref().map(ToString::to_string),
        "nullable": column.nullable,
        "default": expression(column.default.as_ref()),
        "on_update": column.on_update,
        "generated": generated,
        "identity": identity,
        "auto_increment": column.auto_increment,
        "collation": column.collation,
        "charset": column.charset,
    })
}

fn expression(expression: Option<&Expression>) -> Option<&str> {
    expression.map(|expression| expression.text.as_str())
}

fn key(key: &Key) -> Value {
    json!({
        "name": key.name,
        "columns": key.columns,
        "nulls_not_distinct": key.nulls_not_distinct,
        "deferrable": key.deferrable,
    })
}

fn foreign_key(key: &ForeignKey) -> Value {
    json!({
        "name": key.name,
        "columns": key.columns,
        "references": reference(&key.references),
        "referenced_columns": key.referenced_columns,
        "on_delete": action(key.on_delete),
        "on_update": action(key.on_update),
        "deferrable": key.deferrable,
        "validated": key.validated,
    })
}

fn action(action: ForeignKeyAction) -> &'static str {
    match action {
        ForeignKeyAction::NoAction => "no action",
        ForeignKeyAction::Restrict => "restrict",
        ForeignKeyAction::Cascade => "cascade",
        ForeignKeyAction::SetNull => "set null",
        ForeignKeyAction::SetDefault => "set default",
    }
}

fn check(constraint: &Constraint) -> Option<Value> {
    let check = constraint.check.as_ref()?;
    Some(json!({
        "name": constraint.name,
        "expression": check.text,
        "validated": constraint.validated,
    }))
}

fn index(index: &Index) -> Value {
    json!({
        "name": index.name,
        "unique": index.unique,
        "method": index.method,
        "keys": all(&index.keys, index_key),
        "include": index.include,
        "nulls_not_distinct": index.nulls_not_distinct,
        "predicate": expression(index.predicate.as_ref()),
        "valid": index.valid,
    })
}

fn index_key(key: &IndexKey) -> Value {
    json!({
        "column": key.column,
        "expression": expression(key.expression.as_ref()),
        "descending": key.descending,
        "nulls_first": key.nulls_first,
        "collation": key.collation,
        "operator_class": key.operator_class,
        "prefix": key.prefix,
    })
}

fn trigger(trigger: &Trigger) -> Value {
    json!({
        "name": trigger.name,
        "timing": match trigger.timing {
            TriggerTiming::Before => "before",
            TriggerTiming::After => "after",
            TriggerTiming::InsteadOf => "instead of",
            TriggerTiming::Event => "event",
        },
        "function": trigger.function.as_ref().map(reference),
    })
}

fn view_json(view: &View) -> Value {
    named(
        &view.name,
        json!({
            "materialized": view.materialized,
            "columns": view.columns,
            "reads": reads(&view.reads),
            "indexes": all(&view.indexes, index),
            "triggers": all(&view.triggers, trigger),
        }),
    )
}

fn reads(reads: &Reads) -> Vec<Value> {
    let relations = reads.iter();
    relations
        .map(|(relation, columns)| named(relation, json!({ "columns": columns })))
        .collect()
}

fn sequence_json(sequence: &Sequence) -> Value {
    let owner = sequence.owned_by.as_ref();
    let owner = owner.map(|(table, column)| named(table, json!({ "column": column })));
    named(
        &sequence.name,
        json!({ "type": sequence.column_type.to_string(), "owned_by": owner }),
    )
}

fn type_json(definition: &TypeDefinition) -> Value {
    let (kind, values, fields) = match &definition.kind {
        TypeKind::Enum(values) => ("enum", Some(values), None),
        TypeKind::Composite(fields) => ("composite", None, Some(fields)),
        TypeKind::Range => ("range", None, None),
        TypeKind::Base => ("base", None, None),
    };
    let fields = fields.map(|fields| {
        let fields = fields.iter();
        fields
            .map(|(name, field)| json!({ "name": name.name, "type": field.to_string() }))
            .collect::<Vec<_>>()
    });
    named(
        &definition.name,
        json!({ "kind": kind, "values": values, "fields": fields }),
    )
}

fn domain_json(domain: &Domain) -> Value {
    named(
        &domain.name,
        json!({
            "type": domain.base.to_string(),
            "nullable": !domain.not_null,
            "default": expression(domain.default.as_ref()),
            "checks": domain.checks.iter().filter_map(check).collect::<Vec<_>>(),
        }),
    )
}

fn routine_json(routine: &Routine) -> Value {
    named(
        &routine.name,
        json!({
            "kind": Object::Routine(routine.clone()).kind().name(),
            "arguments": routine.arguments,
            "returns": routine.returns,
        }),
    )
}

fn reference(name: &QualifiedName) -> Value {
    json!({ "schema": name.schema, "name": name.name })
}

/// Where something was made.
fn origin(origin: Option<&Origin>) -> Option<Value> {
    let origin = origin?;
    let (line, _) = line_column(&origin.source.text, origin.span.start);
    Some(json!({ "path": origin.source.path, "line": line }))
}
