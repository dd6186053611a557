//! tshark with the generated dissector and nothing of the user's.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::voltapile;

/// How long a tshark may take before it is taken for one that never ends.
const PATIENCE: Duration = Duration::from_secs(120);

/// A tshark with a dissector, in a home of its own: no preferences, plugins or recent files of anybody.
///
/// Lua runs for root as for anybody else: since Wireshark 2.6 its init.lua holds back scripts only where the program was
/// started with rights that its user does not have.
pub(crate) struct Tshark {
    home: TempDir,
}

impl Tshark {
    /// With the dissector that `voltapile dissector` prints for these arguments.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let output = voltapile(&[&["dissector"], arguments].concat()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("voltapile.lua"), output.stdout).unwrap();
        Self { home }
    }

    /// What it prints about a capture; anything that it complains about is a failure.
    pub(crate) fn read(&self, capture: &[u8], arguments: &[&str]) -> String {
        let mut file = tempfile::NamedTempFile::new_in(self.home.path()).unwrap();
        file.write_all(capture).unwrap();
        let script = format!("lua_script:{}", self.home.path().join("voltapile.lua").display());
        let mut command = Command::new("tshark");
        command.arg("-r").arg(file.path()).args(["-X", &script]).args(arguments);
        for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "WIRESHARK_CONFIG_DIR"] {
            command.env(variable, self.home.path());
        }
        command.env("LC_ALL", "C.UTF-8").env("TZ", "Asia/Shanghai");
        let output = output_of(command);
        let complaints = String::from_utf8_lossy(&output.stderr);
        let complaints: Vec<&str> = complaints.lines().filter(|line| !line.starts_with("Running as user")).collect();
        assert!(output.status.success() && complaints.is_empty(), "{arguments:?}: {complaints:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        for mark in ["Lua Error", "_ws.lua.error", "_ws.malformed", "Malformed Packet", "Dissector bug"] {
            assert!(!text.contains(mark), "{mark} in the output of {arguments:?}");
        }
        text
    }

    /// Columns of fields for the packets that a filter finds.
    pub(crate) fn columns(&self, capture: &[u8], filter: &str, fields: &[&str]) -> Vec<Vec<String>> {
        let mut arguments = vec!["-Y", filter, "-T", "fields", "-E", "separator=|"];
        fields.iter().for_each(|field| arguments.extend(["-e", field]));
        let text = self.read(capture, &arguments);
        text.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
    }

    /// The numbers of the packets that a filter finds.
    pub(crate) fn found(&self, capture: &[u8], filter: &str) -> Vec<usize> {
        let rows = self.columns(capture, filter, &["frame.number"]);
        rows.iter().map(|row| row[0].parse().unwrap()).collect()
    }
}

/// What a program prints; one that never ends is killed, and the test fails.
fn output_of(mut command: Command) -> Output {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask test` installs it"));
    let process = Pid::from_child(&child);
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    receiver.recv_timeout(PATIENCE).map(Result::unwrap).unwrap_or_else(|_| {
        kill_process(process, Signal::KILL).unwrap();
        panic!("no end of {command:?}");
    })
}
