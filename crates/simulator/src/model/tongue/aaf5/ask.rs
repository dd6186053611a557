//! People who ask at the pile (204, 208), and what is broken there (108).

use voltapile_protocol::aaf5::code::AuthMethod;
use voltapile_protocol::aaf5::field::{Alarms, ConnectorNumber};
use voltapile_protocol::aaf5::message::{AccountQueryRequest, AlarmReport, VinStartRequest};
use voltapile_protocol::wire::{Ascii, Text, Vin};
use voltapile_protocol::ykc::field::{HardwareFaults, PhysicalCardNumber};

use super::{Aaf5Tongue, card_text};
use crate::model::action::{Credential, VinCharacters};

/// The alarm for each fault that the model knows, by the bit of YKC's table.
const ALARM_OF_FAULT: [(u8, u8); 8] = [(1, 1), (2, 8), (3, 19), (4, 21), (5, 13), (10, 27), (11, 3), (12, 41)];

impl Aaf5Tongue {
    /// Somebody asks.
    pub(super) fn ask(&mut self, connector: u8, credential: Credential, vin: Option<VinCharacters>, out: &mut Vec<u8>) {
        self.asking = connector;
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
        let message = match credential {
            Credential::Card(card, password) => query(card, password, AuthMethod::Card).into(),
            Credential::Account(card, password) => query(card, password, AuthMethod::Password).into(),
            Credential::Vin => {
                let vin = vin.map(Vin).unwrap_or_default();
                VinStartRequest { pile_code, connector_number, vin, ..VinStartRequest::default() }.into()
            }
        };
        self.tell(&message, out);
    }

    /// Other faults hold at a connector: all of the pile's are told at once.
    pub(super) fn tell_of_faults(&mut self, connector: u8, faults: HardwareFaults, out: &mut Vec<u8>) {
        let Some(known) = self.faults.get_mut(usize::from(connector).wrapping_sub(1)) else { return };
        if std::mem::replace(known, faults) == faults {
            return;
        }
        let held = self.faults.iter().fold(0, |held, faults| held | faults.0);
        let mut alarms = Alarms::default();
        for (fault, alarm) in ALARM_OF_FAULT {
            if let (true, Some(byte)) = (held >> fault & 1 == 1, alarms.0.get_mut(usize::from(alarm / 8))) {
                *byte |= 1 << (alarm % 8);
            }
        }
        let pile_code = self.session.config().pile_code;
        self.tell(&AlarmReport { pile_code, alarms, ..Default::default() }.into(), out);
    }
}

/// All 32 digits of a password of which the model knows the 16 in the middle.
fn whole_md5(middle: Ascii<16>) -> Text<32> {
    Text::new(&format!("00000000{}00000000", middle.text())).unwrap_or_default()
}
