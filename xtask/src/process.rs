//! Running other programs from the root of the repository, with errors that name what was run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;

/// The root of the repository, whatever directory the chore was called from.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// The cargo that runs us, else the one on PATH.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

/// Runs a program to its end, its output passing through; it gets no input.
pub(crate) fn run<S: AsRef<str>>(program: &str, args: &[S]) -> Result<(), Failure> {
    run_with(program, args, &[])
}

/// The same, with more variables than those there are.
pub(crate) fn run_with<S: AsRef<str>>(program: &str, args: &[S], variables: &[(&str, String)]) -> Result<(), Failure> {
    let variables = variables.iter().map(|(name, value)| (*name, value.as_str()));
    let status = command(program, args).envs(variables).status().map_err(|error| cannot_run(program, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::Failed(format!("`{}` failed ({status})", shown(program, args))))
}

/// Runs a program to its end and returns what it printed.
pub(crate) fn output<S: AsRef<str>>(program: &str, args: &[S]) -> Result<String, Failure> {
    let output = command(program, args).output().map_err(|error| cannot_run(program, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let (shown, status) = (shown(program, args), output.status);
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(Failure::Failed(format!("`{shown}` failed ({status})\n{}", complaint.trim_end())))
}

/// The command line as a person would type it.
pub(crate) fn shown<S: AsRef<str>>(program: &str, args: &[S]) -> String {
    let name = Path::new(program).file_name().map_or(program.into(), |name| name.to_string_lossy());
    args.iter().fold(name.into_owned(), |line, arg| format!("{line} {}", arg.as_ref()))
}

fn command<S: AsRef<str>>(program: &str, args: &[S]) -> Command {
    let mut command = Command::new(program);
    command.args(args.iter().map(AsRef::as_ref)).current_dir(root()).stdin(Stdio::null());
    command
}

fn cannot_run(program: &str, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("cannot run `{program}`: {error}"))
}
