//! A small HTTP/1.1 client.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use serde_json::Value;

use super::PATIENCE;

/// The server's HTTP side, with a token.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    address: SocketAddr,
    token: Option<String>,
}

/// An answer whose body was read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

/// Headers of a request, besides those that every one has.
type Headers<'a> = &'a [(&'a str, &'a str)];

impl Api {
    pub(crate) fn new(address: SocketAddr, token: Option<String>) -> Self {
        Self { address, token }
    }

    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Asks below `/api/v1/`, or elsewhere when the path begins with a slash.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.answer("GET", path, None, &[])
    }

    #[track_caller]
    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.answer("PUT", path, Some(body), &[])
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.answer("POST", path, Some(body), &[])
    }

    /// The same under an `Idempotency-Key`.
    #[track_caller]
    pub(crate) fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.answer("POST", path, Some(body), &[("Idempotency-Key", key)])
    }

    /// Asks for an act that takes no body.
    #[track_caller]
    pub(crate) fn act(&self, path: &str) -> Answer {
        self.answer("POST", path, None, &[("Content-Length", "0")])
    }

    #[track_caller]
    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.answer("DELETE", path, None, &[])
    }

    /// A file: its headers as an answer without text, and its bytes.
    #[track_caller]
    pub(crate) fn download(&self, path: &str) -> (Answer, Vec<u8>) {
        let (Head { status, headers }, mut body) = self.ask("GET", path, None, &[]).unwrap();
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).unwrap();
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&bytes));
        (Answer { status, headers, text: String::new() }, bytes)
    }

    /// All items of a list, page by page.
    #[track_caller]
    pub(crate) fn items(&self, path: &str) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut from) = (Vec::new(), String::new());
        loop {
            let mut page = self.get(&format!("{path}{separator}limit=500{from}")).ok();
            items.append(page["items"].as_array_mut().unwrap());
            match page["next_cursor"].as_str() {
                Some(cursor) => from = format!("&cursor={cursor}"),
                None => return items,
            }
        }
    }

    /// A counter or gauge of `/metrics`, named as there without the prefix; 0 where it is not there yet.
    #[track_caller]
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let text = self.get("/metrics").text;
        let value =
            text.lines().find_map(|line| line.strip_prefix("voltapile_")?.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0, |value| value.parse().unwrap())
    }

    /// Follows a stream of server-sent events; gives it once it has begun.
    #[track_caller]
    pub(crate) fn follow(&self, path: &str) -> Events {
        self.follow_with(path, &[])
    }

    /// Goes on with a stream behind the event that came last.
    #[track_caller]
    pub(crate) fn follow_behind(&self, id: &str, path: &str) -> Events {
        self.follow_with(path, &[("Last-Event-ID", id)])
    }

    #[track_caller]
    fn follow_with(&self, path: &str, headers: Headers<'_>) -> Events {
        let (head, body) = self.ask("GET", path, None, headers).unwrap();
        assert_eq!(head.status, 200, "{path}");
        let mut events = Events(BufReader::new(body));
        assert!(events.line().starts_with(':'), "a stream begins with a comment");
        events
    }

    #[track_caller]
    fn answer(&self, method: &str, path: &str, body: Option<&Value>, headers: Headers<'_>) -> Answer {
        let (Head { status, headers }, mut body) = self.ask(method, path, body, headers).unwrap();
        let mut text = String::new();
        body.read_to_string(&mut text).unwrap();
        Answer { status, headers, text }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>, headers: Headers<'_>) -> io::Result<(Head, Body)> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/api/v1/{path}") };
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        if let Some(token) = &self.token {
            request += &format!("Authorization: Bearer {token}\r\n");
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        if !body.is_empty() {
            request += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        }
        stream.write_all(format!("{request}\r\n{body}").as_bytes())?;
        Body::begin(BufReader::new(stream))
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// A header, if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The kind of a problem, once its status is right.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        let problem = self.json();
        problem["type"].as_str().unwrap().trim_start_matches("/problems/").to_owned()
    }

    /// The body of an answer that says yes.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.json()
    }
}

/// What stands before the body of an answer.
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

/// The body of an answer, freed from its chunks.
struct Body {
    stream: BufReader<TcpStream>,
    /// Bytes left of the current chunk; `None` where there are no chunks and the end of the stream ends the body.
    chunk: Option<u64>,
}

impl Body {
    fn begin(mut stream: BufReader<TcpStream>) -> io::Result<(Head, Self)> {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        let (mut headers, mut chunk) = (Vec::new(), None);
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            let name = name.to_ascii_lowercase();
            if name == "transfer-encoding" && value.eq_ignore_ascii_case("chunked") {
                chunk = Some(0);
            }
            headers.push((name, value.to_owned()));
        }
        Ok((Head { status, headers }, Self { stream, chunk }))
    }
}

impl Read for Body {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(left) = &mut self.chunk else { return self.stream.read(out) };
        let mut line = String::new();
        if *left == 0 {
            self.stream.read_line(&mut line)?;
            *left = u64::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
            if *left == 0 {
                self.chunk = None;
                return Ok(0);
            }
        }
        let count = self.stream.by_ref().take(*left).read(out)?;
        *left -= count as u64;
        if *left == 0 {
            self.stream.read_line(&mut line)?;
        }
        Ok(count)
    }
}

/// A stream of server-sent events.
pub(crate) struct Events(BufReader<Body>);

impl Events {
    /// The data of the next event.
    #[track_caller]
    pub(crate) fn next(&mut self) -> Value {
        self.next_for("the next event")
    }

    /// The same, and what it is waited for when it does not come.
    #[track_caller]
    pub(crate) fn next_for(&mut self, what: &str) -> Value {
        self.entry(what).1
    }

    /// The next event: its id, where it has one, and its data.
    #[track_caller]
    pub(crate) fn entry(&mut self, what: &str) -> (Option<String>, Value) {
        let (begun, mut id) = (Instant::now(), None);
        loop {
            // A quiet stream still shows that it lives, so that no read takes too long.
            assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
            let line = self.line();
            if let Some(text) = line.strip_prefix("id: ") {
                id = Some(text.trim_end().to_owned());
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return (id, serde_json::from_str(data).unwrap());
            }
        }
    }

    #[track_caller]
    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ended");
        line
    }
}
