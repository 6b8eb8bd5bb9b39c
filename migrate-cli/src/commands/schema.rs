//! `migrate schema`.

use migrate_sql::emit::diesel::DieselSchema;
use migrate_sql::emit::mermaid;
use migrate_sql::emit::sql;
use migrate_sql::schema::{Class, ObjectId, Schema};

use super::{script_text, side};
use crate::cli::SchemaArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, SchemaJson, counted, schema_json};
use crate::project;

pub(crate) fn schema(context: &Context, args: &SchemaArgs) -> Result<Exit, CommandError> {
    let config = project::configuration_for_files(&context.global)?;
    let loaded = project::load_and_warn(&config, &context.printer)?;
    let schema = side::of_migrations(&config, &loaded).schema;
    // The SQL says itself what is not certain in it.
    let mut warnings = match args.sql {
        true => Vec::new(),
        false => uncertain(&schema),
    };
    let text = if args.diesel {
        let diesel = DieselSchema::new(&schema);
        warnings.extend(
            diesel
                .left_out
                .iter()
                .map(|left_out| format!("left out: `{}` {}", left_out.table, left_out.reason)),
        );
        diesel.to_string()
    } else if args.mermaid {
        mermaid::diagram(&schema)
    } else if args.sql {
        let created = sql::create(&schema);
        warnings.extend(created.remarks.iter().map(ToString::to_string));
        let count = counted(loaded.sources.len(), "migration");
        script_text::script(&format!("The schema that {count} make."), &created)
    } else {
        String::new()
    };
    let object = args.json.then(|| schema_json(&schema));
    let text = match &object {
        Some(object) => format!("{object:#}\n"),
        None => text,
    };
    let json = SchemaJson {
        text: object.is_none().then(|| text.clone()),
        schema: object,
        warnings,
    };
    context.answer(Exit::Done, &json, |printer| {
        for warning in &json.warnings {
            printer.say(Kind::Warning, warning);
        }
        printer.data(&text)
    })
}

/// The tables of which not everything is known.
fn uncertain(schema: &Schema) -> Vec<String> {
    schema
        .tables()
        .filter(|table| {
            let id = ObjectId::new(Class::Relation, table.name.clone(), schema.dialect());
            !schema.is_certain(&id)
        })
        .map(|table| format!("not everything about `{}` is known for certain", table.name))
        .collect()
}
