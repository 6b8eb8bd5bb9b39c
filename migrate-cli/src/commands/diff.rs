//! `migrate diff`.

use migrate_sql::emit::sql;

use super::comparison::Comparison;
use super::{script_text, side};
use crate::cli::DiffArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{DiffJson, DifferenceJson, Kind, RemarkJson, counted};

/// Prints what of one schema is not as in another, or the SQL that leads there.
pub(crate) fn diff(context: &Context, args: &DiffArgs) -> Result<Exit, CommandError> {
    let config = side::configuration(context, &[&args.from, &args.to])?;
    let from = side::read(context, &config, &args.from)?;
    let to = side::read(context, &config, &args.to)?;
    let comparison = Comparison::new(&to.schema, &from.schema);
    let way = args.sql.then(|| sql::migrate(&from.schema, &to.schema));
    let exit = match args.check {
        true => comparison.exit(),
        false => Exit::Done,
    };
    let json = DiffJson {
        from: from.shown,
        to: to.shown,
        differences: comparison
            .differences
            .iter()
            .map(DifferenceJson::from)
            .collect(),
        sql: way.as_ref().map(|way| way.statements.clone()),
        remarks: way
            .iter()
            .flat_map(|way| RemarkJson::all(&way.remarks))
            .collect(),
    };
    context.answer(exit, &json, |printer| {
        comparison.say_partial(printer);
        let (from, to) = (&json.from, &json.to);
        if comparison.differences.is_empty() {
            printer.say(
                Kind::Done,
                &format!("nothing differs between {from} and {to}"),
            );
            return Ok(());
        }
        match &way {
            Some(way) => {
                let head = format!("From {from} to {to}.");
                printer.data(&script_text::script(&head, way))?;
                script_text::say(printer, &way.remarks);
            }
            None => comparison.print(printer)?,
        }
        let count = counted(comparison.differences.len(), "difference");
        printer.say(Kind::Warning, &format!("{count} from {from} to {to}"));
        Ok(())
    })
}
