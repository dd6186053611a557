//! The program as a process whose output is read while it runs.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use super::PATIENCE;

/// A running `voltapile`. Killed when dropped.
pub(crate) struct Process {
    child: Child,
    output: Mutex<Receiver<String>>,
    log: Arc<Log>,
}

/// What a process said before it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// Standard output that was not read before.
    pub(crate) stdout: String,
    /// Standard error from the begin.
    pub(crate) stderr: String,
}

impl Process {
    /// Starts the program in an environment of only these variables.
    pub(crate) fn start(arguments: &[impl AsRef<OsStr>], variables: &[(String, String)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_voltapile"))
            .args(arguments)
            .env_clear()
            .envs(variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, output) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let log = Arc::new(Log::default());
        let stderr = child.stderr.take().unwrap();
        let reader = Arc::clone(&log);
        thread::spawn(move || reader.fill(stderr));
        Self { child, output: Mutex::new(output), log }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line of the standard output; `None` once the process has closed it.
    #[track_caller]
    pub(crate) fn line(&self) -> Option<String> {
        match self.output.lock().unwrap().recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("no line in time; the log:\n{}", self.log.text()),
        }
    }

    /// Waits until the log has a part; gives the line with it.
    #[track_caller]
    pub(crate) fn logged(&self, part: &str) -> String {
        self.log.wait_for(part)
    }

    /// The log up to now.
    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Ends it at once, as a power failure would.
    pub(crate) fn kill(mut self) {
        self.crash();
    }

    /// The same for somebody who has to let go of more besides.
    pub(crate) fn crash(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it is gone, whatever it has to say.
    pub(crate) fn wait(&mut self) {
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ended(mut self) -> Ended {
        let mut stdout = String::new();
        while let Some(line) = self.line() {
            stdout.push_str(&line);
            stdout.push('\n');
        }
        let stderr = self.log.whole();
        Ended { status: self.child.wait().unwrap(), stdout, stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The standard error of a process as it comes.
#[derive(Default)]
struct Log {
    text: Mutex<LogText>,
    grown: Condvar,
}

#[derive(Default)]
struct LogText {
    text: String,
    ended: bool,
}

impl Log {
    fn fill(&self, mut stderr: impl Read) {
        let mut bytes = [0; 4096];
        loop {
            let count = stderr.read(&mut bytes).unwrap_or_default();
            let mut log = self.text.lock().unwrap();
            log.text.push_str(&String::from_utf8_lossy(&bytes[..count]));
            log.ended = count == 0;
            self.grown.notify_all();
            if log.ended {
                return;
            }
        }
    }

    fn text(&self) -> String {
        self.text.lock().unwrap().text.clone()
    }

    #[track_caller]
    fn wait_for(&self, part: &str) -> String {
        self.wait_until(&format!("{part:?} in the log"), |log| {
            // A line is complete once another byte follows it.
            let at = log.text.find(part)?;
            let begin = log.text[..at].rfind('\n').map_or(0, |end| end + 1);
            let length = log.text[begin..].find('\n')?;
            Some(log.text[begin..begin + length].to_owned())
        })
    }

    #[track_caller]
    fn whole(&self) -> String {
        self.wait_until("the end of the log", |log| log.ended.then(|| log.text.clone()))
    }

    #[track_caller]
    fn wait_until<T>(&self, what: &str, look: impl Fn(&LogText) -> Option<T>) -> T {
        let begun = Instant::now();
        let mut log = self.text.lock().unwrap();
        loop {
            if let Some(found) = look(&log) {
                return found;
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            assert!(!left.is_zero() && !log.ended, "in vain: {what}; there is:\n{}", log.text);
            log = self.grown.wait_timeout(log, left).unwrap().0;
        }
    }
}
