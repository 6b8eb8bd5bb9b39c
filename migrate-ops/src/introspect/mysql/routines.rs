//! Functions and procedures.

use std::collections::BTreeMap;

use diesel::connection::LoadConnection;
use diesel::mysql::Mysql;
use migrate_core::Dialect;
use migrate_sql::QualifiedName;
use migrate_sql::change::{RoutineKind, Touches};
use migrate_sql::schema::{Object, Routine};

use super::{IntrospectError, Reading, squeezed};

/// The parameters of routines as they are written, by the sort and name of the routine.
type Parameters = BTreeMap<(String, String), Vec<String>>;

impl<C: LoadConnection<Backend = Mysql>> Reading<'_, C> {
    pub(super) fn routines(&mut self) -> Result<(), IntrospectError> {
        let mut parameters = self.parameters()?;
        let columns = [
            "ROUTINE_NAME",
            "ROUTINE_TYPE",
            "ROUTINE_DEFINITION",
            "DTD_IDENTIFIER",
            "IS_DETERMINISTIC",
            "SQL_DATA_ACCESS",
            "SECURITY_TYPE",
        ];
        let from = "information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()";
        for mut row in self.rows("the routines", &columns, from)? {
            let (name, sort) = (row.text(), row.text());
            let kind = match sort.as_str() {
                "PROCEDURE" => RoutineKind::Procedure,
                "FUNCTION" => RoutineKind::Function,
                // MariaDB's packages.
                _ => continue,
            };
            // The body of somebody else's routine is not shown to everybody.
            let body = row.option();
            let returns = row.option().map(|result| format!(" RETURNS {result}"));
            let deterministic = if row.flag() { " DETERMINISTIC" } else { "" };
            let (access, security) = (row.text(), row.text());
            let own = parameters
                .remove(&(sort.clone(), name.clone()))
                .unwrap_or_default();
            let statement = body.as_ref().map(|body| {
                format!(
                    "CREATE {sort} {}({}){}{deterministic} {access} SQL SECURITY {security} {body}",
                    Dialect::Mysql.quote_identifier(&name),
                    own.join(", "),
                    returns.unwrap_or_default()
                )
            });
            self.schema.insert(Object::Routine(Routine {
                name: QualifiedName::unqualified(name),
                kind,
                // No two routines share a name.
                arguments: None,
                returns: None,
                body: squeezed(&body.unwrap_or_default()),
                touches: Touches::Everything,
                program: None,
                statement,
                origin: None,
            }));
        }
        Ok(())
    }

    fn parameters(&mut self) -> Result<Parameters, IntrospectError> {
        let columns = [
            "ROUTINE_TYPE",
            "SPECIFIC_NAME",
            "PARAMETER_MODE",
            "PARAMETER_NAME",
            "DTD_IDENTIFIER",
        ];
        // At place 0 stands what a function returns.
        let from = "information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = DATABASE() \
                    AND ORDINAL_POSITION > 0 ORDER BY SPECIFIC_NAME, ORDINAL_POSITION";
        let mut parameters = Parameters::new();
        for mut row in self.rows("the parameters of routines", &columns, from)? {
            let routine = (row.text(), row.text());
            let mode = match (routine.0.as_str(), row.option()) {
                ("PROCEDURE", Some(mode)) => format!("{mode} "),
                _ => String::new(),
            };
            let name = Dialect::Mysql.quote_identifier(&row.text());
            let text = format!("{mode}{name} {}", row.text());
            parameters.entry(routine).or_default().push(text);
        }
        Ok(parameters)
    }
}
