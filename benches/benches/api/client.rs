//! One HTTP connection that is kept, as a browser keeps one. It knows as much of HTTP as the server's answers need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::Failure;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// From the first byte of the question to the last one of the answer.
    pub(crate) elapsed: Duration,
    /// Its JSON, or whatever it is.
    pub(crate) body: Vec<u8>,
}

/// A connection to the server.
pub(crate) struct Client {
    connection: BufReader<TcpStream>,
    token: String,
}

impl Client {
    /// Connects; every question is asked with a token.
    pub(crate) fn connect(address: SocketAddr, token: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { connection: BufReader::with_capacity(1 << 16, stream), token: token.to_owned() })
    }

    /// Asks, and fails unless the answer is 200.
    pub(crate) fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        let token = &self.token;
        let question = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n");
        let begun = Instant::now();
        self.connection.get_mut().write_all(question.as_bytes())?;
        let status = self.line()?;
        let mut length = None;
        loop {
            let line = self.line()?;
            match line.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = Some(value.trim().parse()?);
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length.ok_or("an answer without a length")?];
        self.connection.read_exact(&mut body)?;
        let elapsed = begun.elapsed();
        if status.split(' ').nth(1) != Some("200") {
            return Err(format!("{path} was answered {status}: {}", String::from_utf8_lossy(&body)).into());
        }
        Ok(Answer { elapsed, body })
    }

    /// A line of the head, without its end.
    fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        if self.connection.read_line(&mut line)? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(line.trim_end().to_owned())
    }
}
