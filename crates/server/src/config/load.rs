//! Joins the sources of settings. Keys are known from the default settings, so no list of them is kept elsewhere.

use std::path::PathBuf;

use toml::{Table, Value};

use super::{ConfigError, Settings};

/// What begins the name of a variable.
pub const PREFIX: &str = "VOLTAPILE_";

/// Where settings come from, weakest first.
#[derive(Debug, Default)]
pub struct Sources {
    /// A TOML file.
    pub file: Option<PathBuf>,
    /// The process's variables; those without the prefix are passed over.
    pub variables: Vec<(String, String)>,
    /// What the command line says, as key and value.
    pub flags: Vec<(&'static str, Value)>,
}

/// Joins the sources and checks the result.
///
/// # Errors
/// [`ConfigError`] that names the file, variable or flag, the key, and what to do.
pub fn load(sources: Sources) -> Result<Settings, ConfigError> {
    let defaults = Table::try_from(Settings::default()).map_err(|error| ConfigError::Value {
        origin: "defaults".to_owned(),
        key: "settings".to_owned(),
        message: error.to_string(),
    })?;
    let mut merged = defaults.clone();
    if let Some(path) = sources.file {
        let text =
            std::fs::read_to_string(&path).map_err(|error| ConfigError::Unreadable { path: path.clone(), error })?;
        let table: Table = text
            .parse()
            .map_err(|error| ConfigError::Syntax { path: path.clone(), message: place_and_message(&text, &error) })?;
        let origin = path.display().to_string();
        for (key, value) in flatten(&table, &defaults) {
            set(&mut merged, &defaults, &origin, &key, value)?;
        }
    }
    for (name, text) in sources.variables {
        let Some(rest) = name.strip_prefix(PREFIX).filter(|rest| !is_of_kubernetes(rest)) else { continue };
        let key = key_of_variable(rest, &defaults).ok_or_else(|| unknown_variable(&name, rest, &defaults))?;
        let value = parse_like(get(&defaults, &key), &text).map_err(|message| ConfigError::Value {
            origin: name.clone(),
            key: key.clone(),
            message,
        })?;
        set(&mut merged, &defaults, &name, &key, value)?;
    }
    for (key, value) in sources.flags {
        set(&mut merged, &defaults, "command line", key, value)?;
    }
    let settings: Settings = Value::Table(merged).try_into().map_err(|error: toml::de::Error| ConfigError::Value {
        origin: "configuration".to_owned(),
        key: "settings".to_owned(),
        message: error.message().to_owned(),
    })?;
    settings.validate()?;
    Ok(settings)
}

/// Where a text is no TOML and why. The line itself is not repeated: it may hold a token or a key.
fn place_and_message(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {}", error.message())
}

/// Whether a variable is one that Kubernetes sets for a service of the name `voltapile`.
fn is_of_kubernetes(rest: &str) -> bool {
    ["SERVICE_HOST", "SERVICE_PORT", "PORT"].iter().any(|begin| {
        let more = rest.strip_prefix(begin);
        more.is_some_and(|more| more.is_empty() || more.starts_with('_'))
    })
}

/// Every key with a value, sections joined with a dot. Sections are those of the defaults, so that a wrong kind of value
/// is seen where it stands.
fn flatten(table: &Table, defaults: &Table) -> Vec<(String, Value)> {
    let mut keys = Vec::new();
    for (key, value) in table {
        match (value, defaults.get(key)) {
            (Value::Table(section), Some(Value::Table(_))) => {
                keys.extend(section.iter().map(|(inner, value)| (format!("{key}.{inner}"), value.clone())));
            }
            _ => keys.push((key.clone(), value.clone())),
        }
    }
    keys
}

fn get<'t>(table: &'t Table, key: &str) -> Option<&'t Value> {
    match key.split_once('.') {
        Some((section, inner)) => table.get(section)?.as_table()?.get(inner),
        None => table.get(key),
    }
}

fn set(merged: &mut Table, defaults: &Table, origin: &str, key: &str, value: Value) -> Result<(), ConfigError> {
    let Some(default) = get(defaults, key) else {
        return Err(ConfigError::Unknown {
            origin: origin.to_owned(),
            key: key.to_owned(),
            hint: nearest(key, defaults),
        });
    };
    let value = match (default, value) {
        // One address may stand without brackets.
        (Value::Array(_), value @ Value::String(_)) => Value::Array(vec![value]),
        (default, value) => value_of_kind(default, value).map_err(|message| ConfigError::Value {
            origin: origin.to_owned(),
            key: key.to_owned(),
            message,
        })?,
    };
    match key.split_once('.') {
        Some((section, inner)) => {
            if let Some(Value::Table(section)) = merged.get_mut(section) {
                section.insert(inner.to_owned(), value);
            }
        }
        None => {
            merged.insert(key.to_owned(), value);
        }
    }
    check_alone(merged, origin, key)
}

/// Tries the settings with the new value, so that a bad one is blamed on its own source.
fn check_alone(merged: &Table, origin: &str, key: &str) -> Result<(), ConfigError> {
    Value::Table(merged.clone()).try_into::<Settings>().map(drop).map_err(|error| ConfigError::Value {
        origin: origin.to_owned(),
        key: key.to_owned(),
        message: format!("cannot be used: {}", error.message()),
    })
}

fn value_of_kind(default: &Value, value: Value) -> Result<Value, String> {
    if default.same_type(&value) {
        return Ok(value);
    }
    Err(format!("takes {}, not {}", kind_name(default), kind_name(&value)))
}

fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a decimal number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}

/// Reads a variable's text as the kind of value its setting takes; lists are separated by commas.
fn parse_like(default: Option<&Value>, text: &str) -> Result<Value, String> {
    match default {
        Some(Value::Integer(_)) => {
            text.trim().parse().map(Value::Integer).map_err(|_| format!("takes a whole number, not {text:?}"))
        }
        Some(Value::Boolean(_)) => match text.trim() {
            "true" | "1" | "yes" | "on" => Ok(Value::Boolean(true)),
            "false" | "0" | "no" | "off" | "" => Ok(Value::Boolean(false)),
            _ => Err(format!("takes true or false, not {text:?}")),
        },
        Some(Value::Array(_)) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}

fn all_keys(defaults: &Table) -> Vec<String> {
    flatten(defaults, defaults).into_iter().map(|(key, _)| key).collect()
}

fn key_of_variable(rest: &str, defaults: &Table) -> Option<String> {
    all_keys(defaults).into_iter().find(|key| variable_name(key) == rest)
}

/// `limits.connections` → `LIMITS_CONNECTIONS`.
fn variable_name(key: &str) -> String {
    key.replace('.', "_").to_uppercase()
}

fn unknown_variable(name: &str, rest: &str, defaults: &Table) -> ConfigError {
    let names: Vec<String> = all_keys(defaults).iter().map(|key| variable_name(key)).collect();
    let hint = nearest_of(rest, names.iter()).map(|hint| format!("{PREFIX}{hint}"));
    ConfigError::Unknown { origin: "environment".to_owned(), key: name.to_owned(), hint }
}

fn nearest(key: &str, defaults: &Table) -> Option<String> {
    nearest_of(key, all_keys(defaults).iter())
}

/// The name with the fewest changes, when it is near enough to be meant.
fn nearest_of<'n>(given: &str, names: impl Iterator<Item = &'n String>) -> Option<String> {
    let wanted = given.replace('-', "_").to_lowercase();
    names
        .map(|name| {
            let lower = name.to_lowercase();
            let last = lower.rsplit('.').next().unwrap_or_default();
            (distance(&wanted, &lower).min(distance(&wanted, last)), name)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3))
        .map(|(_, name)| name.clone())
}

/// Levenshtein distance.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, left) in one.bytes().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(other.bytes()) {
            let change = diagonal + usize::from(left != right);
            diagonal = *cell;
            *cell = change.min(before + 1).min(diagonal + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn load_text(text: &str) -> Result<Settings, ConfigError> {
        let file = file(text);
        load(Sources { file: Some(file.path().to_owned()), ..Sources::default() })
    }

    fn load_variable(name: &str, value: &str) -> Result<Settings, ConfigError> {
        load(Sources { variables: vec![(name.to_owned(), value.to_owned())], ..Sources::default() })
    }

    #[test]
    fn later_sources_win() {
        let file = file("http = \"127.0.0.1:1\"\nopen_enrollment = true\n[limits]\nconnections = 5");
        let settings = load(Sources {
            file: Some(file.path().to_owned()),
            variables: vec![
                ("VOLTAPILE_HTTP".to_owned(), "127.0.0.1:2".to_owned()),
                ("VOLTAPILE_LIMITS_CONNECTIONS".to_owned(), "6".to_owned()),
                ("HOME".to_owned(), "/".to_owned()),
            ],
            flags: vec![("http", Value::String("127.0.0.1:3".to_owned()))],
        })
        .unwrap();
        assert_eq!(settings.http.port(), 3);
        assert_eq!(settings.limits.connections, 6);
        assert!(settings.open_enrollment);
    }

    #[test]
    fn unknown_keys_are_refused_with_a_hint() {
        for (text, hint) in [
            ("htpp = \"127.0.0.1:1\"", "\"http\""),
            ("data-dir = \"x\"", "\"data_dir\""),
            ("[limits]\nconnection = 5", "\"limits.connections\""),
            ("offline_seconds = 60", "\"timing.offline_seconds\""),
        ] {
            let message = load_text(text).unwrap_err().to_string();
            assert!(message.contains("did you mean") && message.contains(hint), "{message}");
        }
        let message = load_variable("VOLTAPILE_OPEN_ENROLMENT", "1").unwrap_err().to_string();
        assert!(message.contains("VOLTAPILE_OPEN_ENROLLMENT"), "{message}");
    }

    #[test]
    fn variables_that_kubernetes_sets_are_passed_over() {
        for name in ["SERVICE_HOST", "SERVICE_PORT_PILES", "PORT", "PORT_8768_TCP_ADDR"] {
            load_variable(&format!("VOLTAPILE_{name}"), "tcp://10.0.0.1:8768").unwrap();
        }
        assert!(load_variable("VOLTAPILE_PORTS", "1").is_err());
    }

    #[test]
    fn broken_toml_is_placed_and_not_repeated() {
        let message = load_text("log = \"info\"\nadmin_token = \"a-secret-admin-token\n").unwrap_err().to_string();
        assert!(message.contains("line 2, column 36: ") && !message.contains("secret"), "{message}");
        let message = load_text("= 1").unwrap_err().to_string();
        assert!(message.contains("line 1, column 1: "), "{message}");
    }

    #[test]
    fn bad_values_name_their_source_and_key() {
        let message = load_text("open_enrollment = 1").unwrap_err().to_string();
        assert!(message.contains("open_enrollment takes true or false, not a whole number"), "{message}");
        let message = load_text("http = \"8080\"").unwrap_err().to_string();
        assert!(message.contains("http cannot be used"), "{message}");
        let message = load_variable("VOLTAPILE_LIMITS_CONNECTIONS", "many").unwrap_err().to_string();
        assert!(message.contains("VOLTAPILE_LIMITS_CONNECTIONS"), "{message}");
    }

    #[test]
    fn the_guides_name_every_setting_and_its_default() {
        let defaults = Table::try_from(Settings::default()).unwrap();
        for guide in
            [include_str!("../../../../docs/configuration.md"), include_str!("../../../../docs/configuration.zh-CN.md")]
        {
            for (key, value) in flatten(&defaults, &defaults) {
                let row = format!("| `{key}` | `{value}` |");
                assert!(guide.contains(&row), "missing: {row}");
            }
        }
    }

    #[test]
    fn several_addresses_are_separated_by_commas_in_a_variable() {
        let settings = load_variable("VOLTAPILE_LISTEN", "127.0.0.1:1, [::1]:2").unwrap();
        assert_eq!(settings.listen.len(), 2);
        assert_eq!(load_text("listen = \"127.0.0.1:9\"").unwrap().listen.len(), 1);
    }
}
