//! Does the errands of a pile: fetches the firmware that a platform offers over FTP.

use std::future::pending;
use std::time::Duration;

use suppaftp::tokio::AsyncFtpStream;
use suppaftp::types::FileType;
use suppaftp::{FtpError, Mode};
use tokio::io::AsyncReadExt;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::debug;

use crate::model::{DownloadError, Downloaded, Errand};

/// Longest firmware that is fetched, in bytes; those of real piles have a few megabytes.
const FIRMWARE_MOST: u64 = 64 * 1024 * 1024;
/// Bytes read at once.
const READ_LENGTH: usize = 16 * 1024;
/// How long the server may take to say goodbye; the file is there already.
const GOODBYE: Duration = Duration::from_secs(2);

/// The errand under way, if there is one.
#[derive(Debug, Default)]
pub(super) struct Errands {
    task: Option<JoinHandle<Downloaded>>,
}

impl Errands {
    /// Sets out, in a task of its own. A pile has one errand at a time: another one ends that before it.
    pub(super) fn begin(&mut self, errand: Option<Errand>) {
        let Some(errand) = errand else { return };
        self.cancel();
        self.task = Some(tokio::spawn(download(errand)));
    }

    /// What came of the errand; waits for ever when there is none.
    pub(super) async fn done(&mut self) -> Downloaded {
        let Some(task) = &mut self.task else { return pending().await };
        let downloaded = task.await;
        self.task = None;
        downloaded.unwrap_or_else(|error| Err(DownloadError::Unreachable(error.to_string())))
    }

    fn cancel(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

impl Drop for Errands {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// Fetches a file in passive mode, counts its bytes, and throws it away.
async fn download(errand: Errand) -> Downloaded {
    let Errand::Download { server, port, user, password, path, timeout: most } = errand;
    let fetched = timeout(most, fetch((server.as_str(), port), &user, &password, &path)).await;
    let downloaded = fetched.unwrap_or(Err(DownloadError::TimedOut(most)));
    debug!(%server, port, %path, ?downloaded, "fetched a firmware");
    downloaded
}

async fn fetch(server: (&str, u16), user: &str, password: &str, path: &str) -> Downloaded {
    let mut ftp = AsyncFtpStream::connect(server).await.map_err(|error| said(&error, DownloadError::Unreachable))?;
    ftp.set_mode(Mode::Passive);
    // A server behind an address translation names an address in 227 that only its own network knows.
    ftp.set_passive_nat_workaround(true);
    ftp.login(user, password).await.map_err(|error| said(&error, DownloadError::LoginRefused))?;
    let refused = |error: FtpError| said(&error, DownloadError::FileRefused);
    ftp.transfer_type(FileType::Binary).await.map_err(refused)?;
    let mut file = ftp.retr_as_stream(path).await.map_err(refused)?;
    let mut buffer = vec![0; READ_LENGTH];
    let mut length = 0;
    loop {
        match file.read(&mut buffer).await {
            Ok(0) => break,
            Ok(read) => length += read as u64,
            Err(error) => return Err(DownloadError::Unreachable(error.to_string())),
        }
        if length > FIRMWARE_MOST {
            return Err(DownloadError::TooLong { most: FIRMWARE_MOST });
        }
    }
    // Only the server knows whether what came is all of it.
    file.finish().await.map_err(refused)?;
    let _goodbye = timeout(GOODBYE, ftp.quit()).await;
    Ok(length)
}

/// What the server said is its refusal; anything else broke the connection.
fn said(error: &FtpError, refused: fn(String) -> DownloadError) -> DownloadError {
    match error {
        FtpError::UnexpectedResponse(response) => refused(response.to_string()),
        other => DownloadError::Unreachable(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
