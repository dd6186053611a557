//! What a list asks for, as SQL.

use crate::store::{Comparison, StoreError, Test};
use rusqlite::types::Value;
use voltapile_platform::book::Kind;
use voltapile_platform::identity::OperatorId;
use voltapile_platform::unit::Balance;

/// Fields that hold money: text in the document, a whole number of fen in the column.
const MONEY: [&str; 2] = ["balance", "charged"];

/// Conditions that all must hold, and the values for their question marks.
pub(super) struct Conditions {
    kind: Kind,
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    /// None yet.
    pub(super) const fn new(kind: Kind) -> Self {
        Self { kind, sql: String::new(), values: Vec::new() }
    }

    /// Only an operator's.
    pub(super) fn owner(&mut self, owner: Option<&OperatorId>) -> Result<(), StoreError> {
        let Some(owner) = owner else {
            return Ok(());
        };
        let field = if self.kind == Kind::Operator { "id" } else { "operator" };
        self.test(&Test { field, comparison: Comparison::Is(owner.as_str().into()) })
    }

    /// A test of a field.
    pub(super) fn test(&mut self, test: &Test) -> Result<(), StoreError> {
        let (kind, field) = (self.kind, test.field);
        if field != "id" && !kind.fields().contains(&field) {
            return Err(StoreError::BadQuery { reason: format!("{} have no {field}", kind.table()) });
        }
        let value = |value| stored(kind, field, value);
        match &test.comparison {
            Comparison::Is(serde_json::Value::Null) => self.push(&format!("\"{field}\" IS NULL"), []),
            Comparison::Is(wanted) => self.push(&format!("\"{field}\" = ?"), [value(wanted)?]),
            Comparison::IsSet => self.push(&format!("\"{field}\" IS NOT NULL"), []),
            Comparison::IsOneOf(wanted) => {
                let values = wanted.iter().map(value).collect::<Result<Vec<_>, _>>()?;
                let places = vec!["?"; values.len()].join(", ");
                let or_null =
                    if values.contains(&Value::Null) { format!(" OR \"{field}\" IS NULL") } else { String::new() };
                self.push(&format!("(\"{field}\" IN ({places}){or_null})"), values);
            }
            Comparison::From(least) => self.push(&format!("\"{field}\" >= ?"), [value(least)?]),
            Comparison::Before(end) => self.push(&format!("\"{field}\" < ?"), [value(end)?]),
            Comparison::Begins(_) if MONEY.contains(&field) => {
                return Err(StoreError::BadQuery { reason: format!("{field} is money and has no beginning") });
            }
            Comparison::Begins(beginning) => {
                self.push(&format!("\"{field}\" LIKE ? ESCAPE '\\'"), [Value::Text(pattern(beginning))]);
            }
        }
        Ok(())
    }

    /// A condition with its values.
    pub(super) fn push(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        if !self.sql.is_empty() {
            self.sql.push_str(" AND ");
        }
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    /// As SQL; what always holds where there are none.
    pub(super) fn sql(&self) -> &str {
        if self.sql.is_empty() { "TRUE" } else { &self.sql }
    }

    /// The values, in order.
    pub(super) fn into_values(self) -> Vec<Value> {
        self.values
    }
}

/// A JSON value as the column of a field holds it.
pub(super) fn stored(kind: Kind, field: &str, value: &serde_json::Value) -> Result<Value, StoreError> {
    let misfit = || StoreError::BadQuery { reason: format!("no {field} of {} is {value}", kind.table()) };
    if MONEY.contains(&field) && !value.is_null() {
        let balance: Balance = serde_json::from_value(value.clone()).map_err(|_| misfit())?;
        return Ok(Value::Integer(balance.steps()));
    }
    if field == "id" && kind.is_numbered() {
        let number = value.as_str().map_or_else(|| value.as_i64(), |text| text.parse().ok());
        return number.map(Value::Integer).ok_or_else(misfit);
    }
    match value {
        serde_json::Value::Null => Ok(Value::Null),
        serde_json::Value::Bool(flag) => Ok(Value::Integer(i64::from(*flag))),
        serde_json::Value::String(text) => Ok(Value::Text(text.clone())),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Ok(Value::Integer(integer)),
            (None, Some(real)) => Ok(Value::Real(real)),
            (None, None) => Err(misfit()),
        },
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => Err(misfit()),
    }
}

/// A `LIKE` pattern for texts that begin so; `\` escapes.
fn pattern(beginning: &str) -> String {
    let mut pattern = String::with_capacity(beginning.len() + 1);
    for character in beginning.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
