//! Downloads from a real FTP server, and from what looks like one.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use voltapile_protocol::wire::{Ascii, MinutesByte};
use voltapile_protocol::ykc::code::{ExecuteMode, PileModel, UpdateResult};
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::ykc::frame::{Envelope, write_message};
use voltapile_protocol::ykc::framer::Piece;
use voltapile_protocol::ykc::message::{
    FirmwareUpdateRequest, LoginResponse, Message, TariffResponse, TariffVerifyResponse,
};
use voltapile_protocol::ykc::{Dialect, Framer};

use super::*;
use crate::model::{ModelOptions, PileSetup};
use crate::runner::spawn;

const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0, 0, 0, 0x01]);
/// Serves a directory to `volta` with `secret`, on a free port that it prints; as slowly as it is told.
const SERVER: &str = r#"
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, ThrottledDTPHandler
from pyftpdlib.servers import FTPServer
class Data(ThrottledDTPHandler):
    write_limit = int(sys.argv[2])
class Handler(FTPHandler):
    authorizer = DummyAuthorizer()
    dtp_handler = Data
    auth_failed_timeout = 0
Handler.authorizer.add_user("volta", "secret", sys.argv[1])
server = FTPServer(("127.0.0.1", 0), Handler)
print(server.socket.getsockname()[1], flush=True)
server.serve_forever()
"#;
/// The whole of a test.
const LIMIT: Duration = Duration::from_secs(30);

/// A real FTP server, as long as it is not dropped.
struct FtpServer {
    process: Child,
    port: u16,
    directory: TempDir,
}

impl FtpServer {
    /// Serves `firmware` bytes as fw/V3.1.0.bin, an empty file as empty.bin.
    fn start(firmware: usize, bytes_per_second: u32) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("fw")).unwrap();
        std::fs::write(directory.path().join("fw/V3.1.0.bin"), vec![0xA5; firmware]).unwrap();
        std::fs::write(directory.path().join("empty.bin"), []).unwrap();
        // Debian's own interpreter: another one on PATH does not see Debian's modules.
        let mut process = Command::new("/usr/bin/python3")
            .args(["-c", SERVER, directory.path().to_str().unwrap(), &bytes_per_second.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 with pyftpdlib; `cargo xtask test` installs it");
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let port = port.trim().parse().expect("python3-pyftpdlib is not installed; `cargo xtask test` does that");
        Self { process, port, directory }
    }

    fn errand(&self) -> Errand {
        errand(self.port)
    }
}

impl Drop for FtpServer {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _reaped = self.process.wait();
        assert!(self.directory.path().exists());
    }
}

fn errand(port: u16) -> Errand {
    Errand::Download {
        server: "127.0.0.1".to_owned(),
        port,
        user: "volta".to_owned(),
        password: "secret".to_owned(),
        path: "fw/V3.1.0.bin".to_owned(),
        timeout: Duration::from_secs(20),
    }
}

#[tokio::test]
async fn a_file_is_fetched_to_its_last_byte() {
    let server = FtpServer::start(300_000, 0);
    assert_eq!(download(server.errand()).await, Ok(300_000));
    let Errand::Download { server: host, port, user, password, timeout, .. } = server.errand();
    let empty = Errand::Download { server: host, port, user, password, timeout, path: "empty.bin".to_owned() };
    assert_eq!(download(empty).await, Ok(0));
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_file_are_told_apart() {
    let ftp = FtpServer::start(1, 0);
    let Errand::Download { server, port, user, password, timeout, path } = ftp.errand();
    let wrong = Errand::Download {
        server: server.clone(),
        port,
        user: user.clone(),
        password: "guess".to_owned(),
        timeout,
        path: path.clone(),
    };
    assert!(matches!(download(wrong).await, Err(DownloadError::LoginRefused(_))));
    let missing = Errand::Download { server, port, user, password, timeout, path: "fw/V9.bin".to_owned() };
    assert!(matches!(download(missing).await, Err(DownloadError::FileRefused(_))));
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_is_too_slow() {
    let ftp = FtpServer::start(1_000_000, 1_000);
    let Errand::Download { server, port, user, password, path, .. } = ftp.errand();
    let timeout = Duration::from_millis(300);
    let outcome = download(Errand::Download { server, port, user, password, path, timeout }).await;
    assert_eq!(outcome, Err(DownloadError::TimedOut(timeout)));
}

#[tokio::test]
async fn a_server_that_is_not_there_or_no_ftp_server_cannot_be_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let other = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"SSH-2.0-whatever\r\n").await.unwrap();
    });
    assert!(matches!(download(errand(port)).await, Err(DownloadError::Unreachable(_))));
    other.await.unwrap();
    assert!(matches!(download(errand(port)).await, Err(DownloadError::Unreachable(_))), "the port is closed now");
}

/// A platform that has one pile update its firmware; gives back what 0x93 said and the version of the next login.
async fn update(listener: TcpListener, ftp_port: u16) -> (UpdateResult, Option<String>) {
    let mut result = None;
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut framer, mut buffer) = (Framer::new(), [0; 1024]);
        loop {
            let length = stream.read(&mut buffer).await.unwrap_or_default();
            if length == 0 {
                break;
            }
            let mut heard = Vec::new();
            framer.push(&buffer[..length], |piece| {
                let Piece::Frame(frame) = piece else { return };
                let message = Message::decode(frame.frame_type, frame.body, Dialect::V16).unwrap();
                heard.push((frame.sequence, message));
            });
            for (sequence, message) in heard {
                match message {
                    Message::LoginRequest(login) => match result {
                        Some(result) => return (result, Some(login.firmware_version.text())),
                        None => {
                            answer(&mut stream, sequence, LoginResponse { pile_code: PILE, ..Default::default() }).await
                        }
                    },
                    Message::TariffVerifyRequest(_) => {
                        answer(&mut stream, sequence, TariffVerifyResponse { pile_code: PILE, ..Default::default() })
                            .await;
                    }
                    Message::TariffRequest(_) => {
                        answer(&mut stream, sequence, TariffResponse { pile_code: PILE, ..Default::default() }).await;
                        answer(&mut stream, sequence, order(ftp_port)).await;
                    }
                    Message::FirmwareUpdateResponse(told) if told.update_result == UpdateResult::Succeeded => {
                        result = Some(told.update_result);
                    }
                    Message::FirmwareUpdateResponse(told) => return (told.update_result, None),
                    _ => {}
                }
            }
        }
    }
}

fn order(ftp_port: u16) -> FirmwareUpdateRequest {
    FirmwareUpdateRequest {
        pile_code: PILE,
        pile_model: PileModel::Dc,
        ftp_host: Ascii::new("127.0.0.1").unwrap(),
        ftp_port,
        ftp_user: Ascii::new("volta").unwrap(),
        ftp_password: Ascii::new("secret").unwrap(),
        ftp_path: Ascii::new("fw/V3.1.0.bin").unwrap(),
        execute_mode: ExecuteMode::Now,
        download_timeout: MinutesByte::from_raw(1),
        ..Default::default()
    }
}

async fn answer(stream: &mut TcpStream, sequence: [u8; 2], message: impl Into<Message>) {
    let mut bytes = Vec::new();
    write_message(&mut bytes, Envelope { sequence, ..Envelope::default() }, &message.into()).unwrap();
    stream.write_all(&bytes).await.unwrap();
}

async fn updated(ftp_port: u16) -> (UpdateResult, Option<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let platform: SocketAddr = listener.local_addr().unwrap();
    let setup = PileSetup::dc(PILE, 1).unattended();
    let _pile = spawn(setup, ModelOptions { speed: 1_000, seed: 1 }, platform);
    timeout(LIMIT, update(listener, ftp_port)).await.expect("in time")
}

#[tokio::test]
async fn a_pile_fetches_its_firmware_and_comes_back_with_it() {
    let ftp = FtpServer::start(100_000, 0);
    assert_eq!(updated(ftp.port).await, (UpdateResult::Succeeded, Some("V3.1.0".to_owned())));
}

#[tokio::test]
async fn a_pile_that_gets_no_firmware_says_so() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    assert_eq!(updated(port).await, (UpdateResult::DownloadTimeout, None));
}
