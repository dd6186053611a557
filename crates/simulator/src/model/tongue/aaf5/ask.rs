//! People who ask at the pile: 204, again and again until it is answered, and 208.

use std::time::Duration;

use voltapile_protocol::aaf5::code::AuthMethod;
use voltapile_protocol::aaf5::field::ConnectorNumber;
use voltapile_protocol::aaf5::message::{AccountQueryRequest, Message, VinStartRequest};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{Ascii, Text, Vin};
use voltapile_protocol::ykc::field::PhysicalCardNumber;

use super::{Aaf5Tongue, card_text};
use crate::model::action::{Credential, VinCharacters};

/// Pause before a 204 without an answer is sent again (practice: CAR).
const ASK_PAUSE: Duration = Duration::from_secs(3);
/// How often one is sent again before the pile gives up.
const ASK_AGAIN: u8 = 3;

/// A 204 that waits for its answer.
#[derive(Debug)]
pub(super) struct Query {
    connector: u8,
    message: Message,
    next_at: Tick,
    /// How often it may still be sent.
    left: u8,
}

impl Aaf5Tongue {
    /// Somebody asks.
    pub(super) fn ask(
        &mut self,
        now: Tick,
        connector: u8,
        credential: Credential,
        vin: Option<VinCharacters>,
        out: &mut Vec<u8>,
    ) {
        self.asking = connector;
        self.forget_query(connector);
        let (pile_code, connector_number) = (self.session.config().pile_code, ConnectorNumber(connector));
        let query = |card: PhysicalCardNumber, password: Option<Ascii<16>>, auth_method| AccountQueryRequest {
            pile_code,
            card_number: card_text(card),
            password_md5: Some(password.map_or_else(Text::default, whole_md5)),
            sector_random: Some(Text::default()),
            card_serial: Some(0),
            auth_method: Some(auth_method),
            connector_number: Some(connector_number),
            ..AccountQueryRequest::default()
        };
        let message: Message = match credential {
            Credential::Card(card, password) => query(card, password, AuthMethod::Card).into(),
            Credential::Account(card, password) => query(card, password, AuthMethod::Password).into(),
            Credential::Vin => {
                let vin = vin.map(Vin).unwrap_or_default();
                let request = VinStartRequest { pile_code, connector_number, vin, ..VinStartRequest::default() };
                return self.tell(&request.into(), out);
            }
        };
        self.tell(&message, out);
        self.queries.push(Query { connector, message, next_at: now + ASK_PAUSE, left: ASK_AGAIN });
    }

    /// When a 204 is sent again.
    pub(super) fn asks_again_at(&self) -> Option<Tick> {
        self.queries.iter().map(|query| query.next_at).min()
    }

    /// Sends again what was not answered.
    pub(super) fn ask_again(&mut self, now: Tick, out: &mut Vec<u8>) {
        let mut queries = std::mem::take(&mut self.queries);
        for query in queries.iter_mut().filter(|query| query.next_at <= now) {
            self.tell(&query.message, out);
            (query.next_at, query.left) = (now + ASK_PAUSE, query.left.saturating_sub(1));
        }
        queries.retain(|query| query.left > 0);
        self.queries = queries;
    }

    /// Nobody waits at a connector any more.
    pub(super) fn forget_query(&mut self, connector: u8) {
        self.queries.retain(|query| query.connector != connector);
    }
}

/// All 32 digits of a password of which the model knows the 16 in the middle.
fn whole_md5(middle: Ascii<16>) -> Text<32> {
    Text::new(&format!("00000000{}00000000", middle.text())).unwrap_or_default()
}
