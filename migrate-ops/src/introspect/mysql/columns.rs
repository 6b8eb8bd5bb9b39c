//! Columns.

use diesel::connection::LoadConnection;
use diesel::mysql::Mysql;
use migrate_core::Dialect;
use migrate_sql::change::Generated;
use migrate_sql::schema::Column;
use migrate_sql::{ColumnType, Expression, dialect};

use super::{IntrospectError, Reading, expression};

impl<C: LoadConnection<Backend = Mysql>> Reading<'_, C> {
    pub(super) fn columns(&mut self) -> Result<(), IntrospectError> {
        let columns = [
            "TABLE_NAME",
            "COLUMN_NAME",
            "COLUMN_TYPE",
            "IS_NULLABLE",
            "COLUMN_DEFAULT",
            "EXTRA",
            "COLLATION_NAME",
            "CHARACTER_SET_NAME",
            "GENERATION_EXPRESSION",
        ];
        let from = "information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() \
                    ORDER BY TABLE_NAME, ORDINAL_POSITION";
        for mut row in self.rows("the columns", &columns, from)? {
            let (table, name) = (row.text(), row.text());
            if let Some(view) = self.views.get_mut(&table) {
                view.columns.get_or_insert_default().push(name);
                continue;
            }
            let column_type = dialect::column_type(&row.text(), Dialect::Mysql);
            let (nullable, default) = (row.flag(), row.option());
            let extra = row.text();
            let (collation, charset) = (row.option(), row.option());
            let words = extra.to_ascii_lowercase();
            let column = Column {
                name,
                nullable,
                default: default.and_then(|text| self.default(&text, &column_type, &words)),
                on_update: on_update(&extra),
                generated: row
                    .option()
                    .filter(|text| !text.is_empty())
                    .map(|text| Generated {
                        expression: expression(&text),
                        stored: words.contains("stored generated"),
                    }),
                identity: None,
                auto_increment: words.contains("auto_increment"),
                collation,
                charset,
                hidden: words.contains("invisible"),
                column_type: Some(column_type),
                origin: None,
            };
            if let Some(table) = self.tables.get_mut(&table) {
                table.columns.push(column);
            }
        }
        Ok(())
    }

    /// MariaDB gives an expression, `NULL` where there is none. MySQL gives the value without its
    /// quotes, unless `DEFAULT_GENERATED` says that it is an expression.
    fn default(&self, text: &str, column_type: &ColumnType, extra: &str) -> Option<Expression> {
        if self.is_mariadb {
            return (!text.eq_ignore_ascii_case("null")).then(|| expression(text));
        }
        let is_text = is_quoted(&column_type.name) && !extra.contains("default_generated");
        Some(if is_text {
            let text = text.replace('\\', "\\\\").replace('\'', "''");
            expression(&format!("'{text}'"))
        } else {
            expression(text)
        })
    }
}

/// Whether a value of the type is written in quotes.
fn is_quoted(type_name: &str) -> bool {
    let name = type_name.to_ascii_lowercase();
    [
        "char", "text", "enum", "set", "date", "time", "binary", "blob",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// `on update current_timestamp()`, somewhere in EXTRA.
fn on_update(extra: &str) -> Option<String> {
    let at = extra.to_ascii_lowercase().find("on update ")?;
    let text = extra.get(at + "on update ".len()..)?;
    let text = text.split(' ').next().unwrap_or(text);
    Some(expression(text).canonical)
}
