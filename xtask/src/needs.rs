//! What the tests need from the machine beyond Rust.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::{Failure, process};

/// One program the tests need. A new need is one line in [`NEEDS`].
struct Need {
    /// Any one of these on PATH will do.
    commands: &'static [&'static str],
    /// Arguments with which it must succeed; none where being there is enough.
    probe: &'static [&'static str],
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
    why: &'static str,
}

const NEEDS: &[Need] = &[
    Need { commands: &["cc", "gcc"], probe: &[], packages: &["gcc", "libc6-dev"], why: "compiles the bundled SQLite" },
    Need {
        commands: &["python3"],
        // Debian has the modules that make an environment in a package of their own.
        probe: &["-c", "import ensurepip, venv"],
        packages: &["python3", "python3-venv"],
        why: "runs schemathesis in an environment of its own",
    },
    Need { commands: &["tshark"], probe: &["--version"], packages: &["tshark"], why: "runs the Wireshark dissector" },
    Need {
        // Debian's own interpreter: another one on PATH does not see Debian's modules.
        commands: &["/usr/bin/python3"],
        probe: &["-c", "import pyftpdlib"],
        packages: &["python3-pyftpdlib"],
        why: "serves firmware to virtual piles",
    },
];

/// Sees to it that every need is met: as root on Debian by installing what is missing, else by saying what to install.
pub(crate) fn meet() -> Result<(), Failure> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !is_met(need)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        println!("test: `{}` is missing or not whole: {}", need.commands.join("` or `"), need.why);
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    if !(is_root() && on_path("apt-get")) {
        let packages = packages.join(" ");
        return Err(Failure::Failed(format!("install what is missing; on Debian: apt-get install {packages}")));
    }
    install(&packages)?;
    match missing.iter().find(|need| !is_met(need)) {
        None => Ok(()),
        Some(need) => {
            Err(Failure::Failed(format!("`{}` is still missing after installing it", need.commands.join("` or `"))))
        }
    }
}

fn install(packages: &[&str]) -> Result<(), Failure> {
    println!("test: installing {}", packages.join(" "));
    process::run("apt-get", &["update", "-qq"])?;
    let mut args = vec!["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends"];
    args.extend(packages);
    process::run("env", &args)
}

fn is_met(need: &Need) -> bool {
    let is_whole = |command: &&&str| need.probe.is_empty() || process::output(command, need.probe).is_ok();
    need.commands.iter().filter(|command| on_path(command)).any(|command| is_whole(&command))
}

fn on_path(command: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| is_executable(&dir.join(command)))
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn is_root() -> bool {
    // The owner of our own entry in /proc is our effective user; std has no other way to ask.
    Path::new("/proc/self").metadata().is_ok_and(|found| found.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(on_path("sh"));
        assert!(!on_path("no-such-program-anywhere"));
        assert!(!on_path(""), "a directory is not a program");
    }

    #[test]
    fn a_program_that_is_there_must_also_do_what_is_needed() {
        let need = |probe| Need { commands: &["sh"], probe, packages: &["dash"], why: "a test" };
        assert!(is_met(&need(&[])));
        assert!(is_met(&need(&["-c", "true"])));
        assert!(!is_met(&need(&["-c", "false"])));
    }

    #[test]
    fn every_need_can_be_met() {
        for need in NEEDS {
            assert!(!need.commands.is_empty() && !need.packages.is_empty() && !need.why.is_empty());
        }
    }
}
