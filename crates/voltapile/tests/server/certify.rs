//! Our own server under the exam that any platform may be put through: it breaks no rule.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;
use voltapile_certify::platform::{PlatformExam, PlatformOptions};
use voltapile_certify::{ConnectionId, Effect, Exam, Input, Report, Verdict};
use voltapile_protocol::inspect::text::Style;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Bytes;

use crate::support::Server;
use crate::support::messages::code;

/// Serves whatever the exam asks for; its silence and remote starts are for others to show.
const NOT_SEEN: [&str; 3] = ["platform.silence.patient", "platform.silence.closes", "platform.start.valid"];
const CARD: [u8; 8] = [0, 0, 0, 0, 0xD1, 0x4B, 0x0A, 0x54];

#[test]
fn our_server_breaks_no_rule() {
    let server = Server::start();
    furnish(&server);
    let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut options = PlatformOptions::new("voltapile serve", code(1), began.as_millis().try_into().unwrap());
    options.second_pile = Some(code(2));
    options.known_card = Some(Bytes(CARD));
    options.quick = true;
    let report = Drive::new(server.piles).examine(PlatformExam::new(options));
    let text = report.to_text(Style::default());
    let of = |verdict| -> Vec<&str> {
        let found = report.findings.iter().filter(|finding| finding.verdict == verdict);
        found.map(|finding| finding.check.id).collect()
    };
    assert_eq!(of(Verdict::Fail), [""; 0], "{text}");
    assert_eq!(of(Verdict::NotSeen), NOT_SEEN, "{text}");
    // What the exam did is in the books: the charge that the card was allowed is settled without a difference.
    let orders = server.api.items(&format!("orders?pile={}&state=settled", code(1)));
    let [order] = orders.as_slice() else { panic!("one order: {orders:#?}") };
    assert_eq!((&order["origin"], &order["settlement"]["differences"]), (&json!("card"), &json!([])), "{order:#}");
}

/// Two piles with a tariff and a card with money.
fn furnish(server: &Server) {
    let price = json!({"electricity": "0.80", "service": "0.40"});
    let prices = json!({"sharp": price, "peak": price, "flat": price, "valley": price});
    let periods = json!([{"from": "00:00", "to": "24:00", "tier": "flat"}]);
    let tariff = json!({"name": "all day", "prices": prices, "periods": periods, "loss_ratio": 0});
    let api = &server.api;
    api.put("operators/east", &json!({"name": "east"})).ok();
    api.put("tariffs/all-day", &tariff).ok();
    api.put("stations/north", &json!({"name": "north", "operator": "east", "tariff": "all-day"})).ok();
    api.put("accounts/li", &json!({"name": "li", "operator": "east"})).ok();
    api.post("accounts/li/top-ups", &json!({"amount": "50.00"})).ok();
    api.put("cards/00000000d14b0a54", &json!({"logical_number": "0000001000000573", "account": "li"})).ok();
    for number in [1, 2] {
        api.put(&format!("piles/{}", code(number)), &json!({"station": "north"})).ok();
    }
}

/// Sockets and a clock for an exam.
struct Drive {
    server: SocketAddr,
    began: Instant,
    lines: HashMap<ConnectionId, TcpStream>,
    happened: Receiver<Happened>,
    tell: Sender<Happened>,
}

enum Happened {
    Opened(ConnectionId, TcpStream),
    Bytes(ConnectionId, Vec<u8>),
    Closed(ConnectionId, bool),
}

impl Drive {
    fn new(server: SocketAddr) -> Self {
        let (tell, happened) = mpsc::channel();
        Self { server, began: Instant::now(), lines: HashMap::new(), happened, tell }
    }

    fn now(&self) -> Tick {
        Tick(self.began.elapsed().as_millis().try_into().unwrap())
    }

    fn examine(mut self, mut exam: PlatformExam) -> Report {
        let mut effects = Vec::new();
        while let Some(deadline) = exam.next_deadline() {
            let left = Duration::from_millis(deadline.0.saturating_sub(self.now().0));
            match self.happened.recv_timeout(left) {
                Ok(Happened::Opened(line, stream)) => {
                    self.lines.insert(line, stream);
                    exam.handle(self.now(), Input::Opened(line), &mut effects);
                }
                Ok(Happened::Bytes(line, bytes)) => exam.handle(self.now(), Input::Bytes(line, &bytes), &mut effects),
                Ok(Happened::Closed(line, broken)) => {
                    exam.handle(self.now(), Input::Closed(line, broken), &mut effects);
                }
                Err(_) => exam.handle_deadline(self.now(), &mut effects),
            }
            effects.drain(..).for_each(|effect| self.carry_out(effect));
        }
        exam.report()
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Dial(line) => {
                let (server, tell) = (self.server, self.tell.clone());
                std::thread::spawn(move || listen(line, server, &tell));
            }
            // A line that the server has just ended takes nothing any more; its end is on its way.
            Effect::Send(line, bytes) => drop((&self.lines[&line]).write_all(&bytes)),
            Effect::Close(line) => drop(self.lines[&line].shutdown(Shutdown::Both)),
            Effect::Progress(..) | Effect::Ask(_) | Effect::Tell(_) => {}
        }
    }
}

fn listen(line: ConnectionId, server: SocketAddr, tell: &Sender<Happened>) {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_nodelay(true).unwrap();
    let _ = tell.send(Happened::Opened(line, stream.try_clone().unwrap()));
    let mut buffer = [0; 4096];
    loop {
        let happened = match stream.read(&mut buffer) {
            Ok(0) => Happened::Closed(line, false),
            Ok(length) => Happened::Bytes(line, buffer[..length].to_vec()),
            Err(_) => Happened::Closed(line, true),
        };
        let is_over = matches!(happened, Happened::Closed(..));
        // The exam may be over before.
        if tell.send(happened).is_err() || is_over {
            return;
        }
    }
}
