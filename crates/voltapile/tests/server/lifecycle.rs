//! Starting, stopping and being started wrongly.

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use rusqlite::Connection;
use serde_json::json;

use crate::support::messages::{code, record, transaction};
use crate::support::pile::take;
use crate::support::{Process, Setup};

/// Runs a command that ends by itself.
fn run(arguments: &[&str], variables: &[(&str, &str)]) -> crate::support::process::Ended {
    let variables: Vec<_> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Process::start(arguments, &variables).ended()
}

fn rows(db: &Connection, sql: &str) -> u32 {
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn sigterm_ends_sessions_keeps_records_and_exits_with_0() {
    let directory = tempfile::tempdir().unwrap();
    let server = Setup::new().data_dir(directory.path()).start();
    let mut idle = server.pile(code(2));
    let mut pile = server.pile(code(1));
    let _tail = server.api.follow(&format!("piles/{}/frames", code(1)));
    for counter in 0..200 {
        pile.send(record(code(1), transaction(code(1), counter)));
    }
    take!(pile, TransactionRecordConfirm);
    server.process.terminate();
    // Answers to records that were committed may still come; what comes must be whole.
    let mut answered = 1;
    while pile.next_frame().is_some() {
        answered += 1;
    }
    idle.expect_close();
    let ended = server.process.ended();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");

    let db = Connection::open(directory.path().join("voltapile.db")).unwrap();
    assert!(rows(&db, "SELECT count(*) FROM records") >= answered);
    assert_eq!(rows(&db, "SELECT count(*) FROM sessions"), 2);
    assert_eq!(rows(&db, "SELECT count(*) FROM sessions WHERE closed_at IS NULL"), 0);
    assert_eq!(rows(&db, "SELECT count(*) FROM sessions WHERE close_reason = 'server_stopping'"), 2);
}

#[test]
fn what_was_registered_and_billed_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let server = Setup::new().data_dir(directory.path()).start();
    let mut pile = server.pile(code(1));
    pile.send(record(code(1), transaction(code(1), 1)));
    take!(pile, TransactionRecordConfirm);
    server.stop();
    let server = Setup::new().data_dir(directory.path()).start();
    assert!(!server.is_online(code(1)));
    server.dial(code(1)).log_in();
    assert_eq!(server.api.items("records").len(), 1);
}

#[test]
fn sessions_that_a_crash_left_open_are_ended_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let server = Setup::new().data_dir(directory.path()).start();
    let _pile = server.pile(code(1));
    assert!(server.sessions(code(1))[0]["closed_at"].is_null());
    server.process.kill();
    let server = Setup::new().data_dir(directory.path()).start();
    assert_eq!(server.sessions(code(1))[0]["close_reason"], json!("server_stopped"));
}

#[test]
fn a_second_server_on_the_same_data_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let server = Setup::new().data_dir(directory.path()).start();
    let ended = Setup::new().data_dir(directory.path()).fail();
    assert!(ended.stderr.contains("is in use by another process"), "{ended:?}");
    assert!(ended.stderr.contains(&directory.path().display().to_string()), "{ended:?}");
    assert_eq!(server.api.get("/readyz").status, 200, "the first goes on");
}

#[test]
fn a_directory_or_database_that_cannot_be_used_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("voltapile.db");
    std::fs::write(&file, "this is no database, it only has its name\n".repeat(100)).unwrap();
    for path in [directory.path(), &file] {
        let ended = Setup::new().data_dir(path).fail();
        let message = format!("voltapile: cannot use the database in {}: ", path.display());
        assert!(ended.stderr.contains(&message), "{ended:?}");
    }
}

#[test]
fn a_half_sent_http_request_does_not_hold_up_the_end() {
    let server = Setup::new().start();
    let mut slow = TcpStream::connect(server.http).unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: ").unwrap();
    assert_eq!(server.api.get("/healthz").status, 200);
    server.stop();
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for flag in ["--listen", "--http"] {
        let (name, other) = if flag == "--http" { ("HTTP", "--listen") } else { ("listen", "--http") };
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().display().to_string();
        let ended = run(&["serve", flag, &address, other, "127.0.0.1:0", "--data-dir", &data], &[]);
        assert_eq!(ended.status.code(), Some(1));
        let message = ended.stderr.lines().find(|line| line.starts_with("voltapile: ")).unwrap();
        assert!(message.contains(&address) && message.contains("in use") && message.contains(name), "{message}");
    }
}

#[test]
fn piles_may_dial_several_addresses() {
    let server = Setup::new().flag("--listen=127.0.0.1:0").start();
    server.pile(code(1)).beat();
    let other = server.other_addresses[0];
    assert_ne!(other, server.piles);
    server.register(code(2));
    crate::support::Pile::dial(other, code(2)).log_in();
}

#[test]
fn settings_that_do_not_exist_are_refused_with_a_hint() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("voltapile.toml");
    std::fs::write(&file, "[limits]\nconections = 5\n").unwrap();
    let file = file.display().to_string();
    for command in ["serve", "check"] {
        let ended = run(&[command, "--config", &file], &[]);
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        assert!(ended.stderr.contains("did you mean \"limits.connections\"?"), "{ended:?}");
        assert!(ended.stderr.contains(&file), "{ended:?}");
        let ended = run(&[command], &[("VOLTAPILE_TIMING_LOGIN_SECOND", "5")]);
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        assert!(ended.stderr.contains("did you mean \"VOLTAPILE_TIMING_LOGIN_SECONDS\"?"), "{ended:?}");
        let ended = run(&[command], &[("VOLTAPILE_LIMITS_CONNECTIONS", "many")]);
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        assert!(ended.stderr.contains("VOLTAPILE_LIMITS_CONNECTIONS"), "{ended:?}");
    }
}

#[test]
fn a_variable_that_is_no_text_is_named_only_where_it_is_ours() {
    use std::os::unix::ffi::OsStrExt;
    let check = |name: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_voltapile"));
        command.arg("check").env(name, std::ffi::OsStr::from_bytes(b"\xFF")).output().unwrap()
    };
    assert!(check("NOT_OURS").status.success());
    let ours = check("VOLTAPILE_DATA_DIR");
    let message = String::from_utf8(ours.stderr).unwrap();
    assert_eq!(ours.status.code(), Some(1));
    assert!(message.contains("VOLTAPILE_DATA_DIR takes a text in UTF-8"), "{message}");
}

#[test]
fn nobody_else_reads_what_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Setup::new().data_dir(&data).start();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("voltapile.db")), 0o600);
    assert_eq!(mode(&data.join("voltapile.db-wal")), 0o600);
    server.stop();
}

#[test]
fn check_shows_what_is_in_force_without_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("voltapile.toml");
    std::fs::write(&file, "http = \"127.0.0.1:1234\"\n[timing]\nclose_seconds = 300\n").unwrap();
    let key = "0123456789ABCDEF0123456789ABCDEF";
    let ended = run(
        &["check", "--config", &file.display().to_string()],
        &[
            ("VOLTAPILE_HTTP", "127.0.0.1:4321"),
            ("VOLTAPILE_ADMIN_TOKEN", "a-token-that-nobody-sees"),
            ("VOLTAPILE_ENCRYPTION_KEYS", &format!("32010600000001:{key}")),
        ],
    );
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.stdout.contains("http = \"127.0.0.1:4321\"") && ended.stdout.contains("close_seconds = 300"));
    assert!(!ended.stdout.contains(key) && !ended.stdout.contains("nobody-sees"), "{ended:?}");
    assert!(ended.stdout.contains("32010600000001:(set)"), "{ended:?}");
}

#[test]
fn an_admin_token_is_made_shown_once_and_stored_hashed() {
    let directory = tempfile::tempdir().unwrap();
    let start = || Setup::new().data_dir(directory.path()).without_token().start();
    let first = start();
    let told = first.greeting.iter().find_map(|line| line.strip_prefix("admin token, shown only now: ")).unwrap();
    assert!(told.starts_with("vp_") && told.len() > 40);
    assert_eq!(first.api.with_token(told).get("piles").status, 200);
    let told = told.to_owned();
    assert!(!first.stop().stderr.contains(&told), "never in the log");

    let second = start();
    assert!(second.greeting.is_empty(), "{:?}", second.greeting);
    assert_eq!(second.api.with_token(&told).get("piles").status, 200);
    second.stop();
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(told.len()).any(|window| window == told.as_bytes()), "in {}", path.display());
    }

    let replaced = Setup::new().data_dir(directory.path()).start();
    assert_eq!(replaced.api.get("piles").status, 200);
    assert_eq!(replaced.api.with_token(&told).get("piles").status, 401);
}
