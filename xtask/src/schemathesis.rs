//! Runs schemathesis, a property-based tester, against the API of a real server: whatever the served OpenAPI document
//! allows is tried, and every answer must be one that the document describes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::{Failure, process};

/// The version that is known to work here; an upgrade is a change of this line.
const VERSION: &str = "4.32.5";
/// Cases per operation and phase: enough to meet every parameter and body several times, in about a minute.
const EXAMPLES: &str = "20";
/// Where a failure's case can be repeated.
const SEED: &str = "20261120";
const TOKEN: &str = "a-token-for-schemathesis";
/// What must hold of every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";

/// A server that is killed when dropped, with its data.
struct Server {
    child: Child,
    http: String,
    data: PathBuf,
}

/// Tests the API of the program that `cargo test` has built.
pub(crate) fn run() -> Result<(), Failure> {
    let tools = target().join("tools");
    let program = install(&tools)?;
    let server = start()?;
    let location = format!("http://{}/api/v1/openapi.json", server.http);
    let authorization = format!("Authorization: Bearer {TOKEN}");
    let config = process::root().join("xtask/schemathesis.toml");
    println!("test: schemathesis against {location}");
    let args = [
        "--config-file",
        &config.to_string_lossy(),
        "run",
        &location,
        "--header",
        &authorization,
        "--checks",
        CHECKS,
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--max-examples",
        EXAMPLES,
        "--seed",
        SEED,
        "--generation-database",
        "none",
        "--workers",
        "2",
        "--request-timeout",
        "20",
        "--warnings",
        "off",
        "--no-color",
    ];
    process::run(&program.to_string_lossy(), &args)
}

/// Makes a Python environment with schemathesis, unless there is one of this version.
fn install(tools: &Path) -> Result<PathBuf, Failure> {
    let environment = tools.join(format!("schemathesis-{VERSION}"));
    let program = environment.join("bin/schemathesis");
    if program.exists() {
        return Ok(program);
    }
    println!("test: installing schemathesis {VERSION}");
    process::run("python3", &["-m", "venv", &environment.to_string_lossy()])?;
    let pip = environment.join("bin/pip");
    let wanted = format!("schemathesis=={VERSION}");
    process::run(&pip.to_string_lossy(), &["install", "--quiet", "--disable-pip-version-check", &wanted])?;
    Ok(program)
}

/// Starts a demo server on free ports and waits until it is ready.
fn start() -> Result<Server, Failure> {
    let data = target().join(format!("schemathesis-data-{}", std::process::id()));
    let program = target().join("debug/voltapile");
    let mut child = Command::new(&program)
        .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--log", "error", "--data-dir"])
        .arg(&data)
        .env("VOLTAPILE_ADMIN_TOKEN", TOKEN)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Failure::Failed(format!("cannot run `{}`: {error}", program.display())))?;
    let stdout = child.stdout.take();
    let mut server = Server { child, http: String::new(), data };
    let lines = stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines()).map_while(Result::ok);
    for line in lines {
        if let Some(http) = line.split(' ').find_map(|word| word.strip_prefix("http=")) {
            server.http = http.to_owned();
            return Ok(server);
        }
    }
    Err(Failure::Failed("the server for schemathesis did not start".into()))
}

fn target() -> PathBuf {
    let chosen = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    chosen.map_or_else(|| process::root().join("target"), |dir| process::root().join(dir))
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; nothing of it is kept.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.data);
    }
}
