//! `voltapile serve` on free ports, in a directory of its own.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use voltapile_protocol::ykc::field::PileCode;

use super::process::Ended;
use super::{Api, Pile, Process, messages};

/// The admin token, unless a test wants the server to make one.
pub(crate) const TOKEN: &str = "a-token-for-end-to-end-tests";

/// How a server is started.
pub(crate) struct Setup {
    arguments: Vec<OsString>,
    variables: Vec<(String, String)>,
    data_dir: Option<PathBuf>,
    token: Option<String>,
}

/// A server that serves. Killed when dropped.
pub(crate) struct Server {
    pub(crate) process: Process,
    /// Where piles dial in.
    pub(crate) piles: SocketAddr,
    /// Where else they may.
    pub(crate) other_addresses: Vec<SocketAddr>,
    /// Where HTTP is served.
    pub(crate) http: SocketAddr,
    /// What it printed before it was ready.
    pub(crate) greeting: Vec<String>,
    pub(crate) api: Api,
    /// Kept for as long as the server runs.
    _own_directory: Option<TempDir>,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"].map(OsString::from).into();
        Self { arguments, variables: Vec::new(), data_dir: None, token: Some(TOKEN.to_owned()) }
    }

    pub(crate) fn flag(mut self, flag: &str) -> Self {
        self.arguments.push(flag.into());
        self
    }

    /// Takes piles at an address that another server had before.
    pub(crate) fn listen(mut self, piles: SocketAddr) -> Self {
        // The first that the command line names; `new` put it there.
        self.arguments[2] = piles.to_string().into();
        self
    }

    /// Sets a `VOLTAPILE_` variable, named without that.
    pub(crate) fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.variables.push((format!("VOLTAPILE_{name}"), value.to_string()));
        self
    }

    pub(crate) fn data_dir(mut self, path: &Path) -> Self {
        self.data_dir = Some(path.to_owned());
        self
    }

    /// Lets the server make a token, or use the one it has.
    pub(crate) fn without_token(mut self) -> Self {
        self.token = None;
        self
    }

    /// Starts the process, which may fail to serve.
    pub(crate) fn launch(self) -> (Process, Option<TempDir>) {
        let Self { mut arguments, mut variables, data_dir, token } = self;
        let own = data_dir.is_none().then(|| tempfile::tempdir().unwrap());
        arguments.push("--data-dir".into());
        arguments.push(data_dir.as_deref().or(own.as_ref().map(TempDir::path)).unwrap().into());
        variables.extend(token.map(|token| ("VOLTAPILE_ADMIN_TOKEN".to_owned(), token)));
        (Process::start(&arguments, &variables), own)
    }

    /// Starts a server that must not come up, and gives what it said.
    #[track_caller]
    pub(crate) fn fail(self) -> Ended {
        let (process, _directory) = self.launch();
        let ended = process.ended();
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        ended
    }

    /// Starts a server and waits until it is ready.
    #[track_caller]
    pub(crate) fn start(self) -> Server {
        let token = self.token.clone();
        let (process, own) = self.launch();
        let mut greeting = Vec::new();
        let ready = loop {
            match process.line() {
                Some(line) if line.starts_with("ready ") => break line,
                Some(line) => greeting.push(line),
                None => panic!("the server ended:\n{}", process.log()),
            }
        };
        let addresses = |key: &str| -> Vec<SocketAddr> {
            let value = ready.split(' ').find_map(|word| word.strip_prefix(key)).unwrap();
            value.split(',').map(|address| address.parse().unwrap()).collect()
        };
        let (mut piles, http) = (addresses("piles="), addresses("http=")[0]);
        let other_addresses = piles.split_off(1);
        let api = Api::new(http, token);
        Server { process, piles: piles[0], other_addresses, http, greeting, api, _own_directory: own }
    }
}

impl Server {
    /// A server with defaults.
    #[track_caller]
    pub(crate) fn start() -> Self {
        Setup::new().start()
    }

    /// Registers a pile.
    #[track_caller]
    pub(crate) fn register(&self, code: PileCode) {
        self.api.put(&format!("piles/{code}"), &json!({})).ok();
    }

    /// A connection that has not logged in.
    #[track_caller]
    pub(crate) fn dial(&self, code: PileCode) -> Pile {
        Pile::dial(self.piles, code)
    }

    /// A registered pile that has logged in.
    #[track_caller]
    pub(crate) fn pile(&self, code: PileCode) -> Pile {
        self.register(code);
        let mut pile = self.dial(code);
        pile.log_in();
        pile
    }

    /// Whether the API shows a pile as online.
    #[track_caller]
    pub(crate) fn is_online(&self, code: PileCode) -> bool {
        self.api.get(&format!("piles/{code}")).ok()["status"] == "online"
    }

    /// The sessions of a pile in the store, newest first.
    #[track_caller]
    pub(crate) fn sessions(&self, code: PileCode) -> Vec<Value> {
        // The store writes in order: once this is answered, everything before it is written.
        self.register(messages::code(99));
        self.api.items(&format!("piles/{code}/sessions"))
    }

    /// Asks it to end and waits for it.
    #[track_caller]
    pub(crate) fn stop(self) -> Ended {
        self.process.terminate();
        let ended = self.process.ended();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        ended
    }
}
