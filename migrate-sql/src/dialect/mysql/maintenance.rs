//! LOCK TABLES, ANALYZE, OPTIMIZE, CHECK and REPAIR.

use crate::change::{Change, MaintenanceVerb};
use crate::dialect::reader::{Read, Reader};
use crate::name::ObjectName;

impl Reader<'_> {
    pub(super) fn lock(&mut self) -> Read<Vec<Change>> {
        let unlock = self.is("UNLOCK");
        self.next();
        if self.is("INSTANCE") {
            return self.passed_over(Vec::new());
        }
        self.need_one_of(&["TABLES", "TABLE"])?;
        if unlock {
            return Ok(Vec::new());
        }
        let locked = self.list(|r| {
            let name = r.object_name("a table name")?;
            if !r.is_one_of(&["READ", "WRITE"]) {
                r.alias()?;
            }
            match r.need_one_of(&["READ", "WRITE", "LOW_PRIORITY"])? {
                "READ" => {
                    r.eat("LOCAL");
                }
                "LOW_PRIORITY" => r.need("WRITE")?,
                _ => {
                    r.eat("CONCURRENT");
                }
            }
            Ok(name)
        })?;
        self.wait()?;
        let change = |name| maintenance(MaintenanceVerb::Lock, Some(name));
        Ok(locked.into_iter().map(change).collect())
    }

    /// ANALYZE, OPTIMIZE, CHECK and REPAIR of tables; MariaDB's ANALYZE of a statement.
    pub(super) fn table_maintenance(&mut self) -> Read<Vec<Change>> {
        let verb = match self.next() {
            Some(word) if word.is("ANALYZE") => MaintenanceVerb::Analyze,
            Some(word) if word.is("CHECK") => MaintenanceVerb::Other,
            _ => MaintenanceVerb::Optimize,
        };
        self.eat_one_of(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
        let statement = [
            "FORMAT", "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH",
        ];
        if self.is("VIEW") || verb == MaintenanceVerb::Analyze && self.is_one_of(&statement) {
            return self.passed_over(Vec::new());
        }
        self.need_one_of(&["TABLE", "TABLES"])?;
        let names = self.list(|r| r.object_name("a table name"))?;
        let change = |name| maintenance(verb, Some(name));
        self.passed_over(names.into_iter().map(change).collect())
    }
}

fn maintenance(verb: MaintenanceVerb, name: Option<ObjectName>) -> Change {
    Change::Maintenance {
        verb,
        name,
        concurrently: false,
        full: false,
    }
}
