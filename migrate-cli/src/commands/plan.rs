//! `migrate plan`.

use migrate_core::plan::UpTarget;
use migrate_ops::connect::Engine;
use migrate_ops::forecast::{self, Forecast, Options, Thresholds};
use migrate_runtime::Code;

use super::live::Live;
use super::urls;
use crate::cli::PlanArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, PlanJson, Printer, forecast_text};

pub(super) fn plan<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &PlanArgs,
) -> Result<Exit, CommandError> {
    let (context, deployment, config) = (live.context, live.deployment, live.config);
    let mut thresholds = Thresholds::from(config.plan);
    thresholds.window = args.window.or(thresholds.window);
    let target = match &args.to {
        Some(version) => UpTarget::Version(version.clone()),
        None => UpTarget::Latest,
    };
    let replicas = urls::replicas(config)?;
    let (forecast, sql) = live.read(&args.history, |migrator, conn| {
        let settings = migrator.settings_mut().clone();
        let options = Options {
            target,
            thresholds,
            settings: Some(&settings),
            levels: Some(&config.levels),
            replicas: &replicas,
            ..Options::default()
        };
        let forecast = forecast::forecast(&deployment, &options, conn)?;
        let sql = match args.sql {
            true => Some(forecast::script(&deployment, &options, conn)?),
            false => None,
        };
        Ok::<_, CommandError>((forecast, sql))
    })?;
    let exit = match forecast.verdict.go {
        true => Exit::Done,
        false => Exit::Findings,
    };
    let json = PlanJson {
        forecast: &forecast,
        sql: sql.as_deref(),
    };
    context.answer(exit, &json, |printer| {
        match &sql {
            Some(sql) => printer.data(sql)?,
            None if forecast.migrations.is_empty() => {}
            None => printer.data(&forecast_text(&forecast))?,
        }
        say(printer, &forecast);
        Ok(())
    })
}

/// The verdict, with what is against it.
fn say(printer: &Printer, forecast: &Forecast) {
    if forecast.migrations.is_empty() {
        let text = format!("{}: nothing is pending", forecast.database);
        return printer.say(Kind::Done, &text);
    }
    for reason in forecast.verdict.reasons.iter().filter(|it| it.against) {
        printer.say(Kind::Warning, &reason.text);
    }
    let text = match forecast.verdict.go {
        true => "go",
        false => "no-go",
    };
    printer.say(Kind::Done, text);
}
