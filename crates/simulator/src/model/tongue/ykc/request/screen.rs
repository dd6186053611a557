//! QR codes: 0xF0 for the pile, 0x5B or (国充) 0x5A for a connector.

use voltapile_protocol::wire::text;
use voltapile_protocol::ykc::code::QrPrefixResult;
use voltapile_protocol::ykc::field::ConnectorNumber;
use voltapile_protocol::ykc::message::{
    QrCodeResponseGuochong, QrCodeSetGuochong, QrCodeSetRequest, QrCodeSetResponse, QrPrefixRequest, QrPrefixResponse,
};

use super::outcome;
use crate::model::pile::VirtualPile;

/// Longest prefix, in characters.
const PREFIX_MAX: usize = 200;

impl VirtualPile {
    pub(super) fn set_qr_prefix(&mut self, request: &QrPrefixRequest, out: &mut Vec<u8>) {
        let bytes = &request.prefix.text;
        let fits = bytes.len() == usize::from(request.prefix.length) && bytes.len() <= PREFIX_MAX;
        if fits {
            self.qr_prefix = Some(text(bytes));
        }
        let set_result = if fits { QrPrefixResult::Succeeded } else { QrPrefixResult::Failed };
        self.tell(&QrPrefixResponse { pile_code: request.pile_code, set_result, ..Default::default() }.into(), out);
    }

    pub(super) fn set_qr_code(&mut self, request: &QrCodeSetRequest, out: &mut Vec<u8>) {
        let (pile_code, connector_number) = (request.pile_code, request.connector_number);
        let set_result = outcome(self.show(connector_number, &request.text.text));
        self.tell(&QrCodeSetResponse { pile_code, connector_number, set_result, ..Default::default() }.into(), out);
    }

    pub(super) fn set_qr_code_guochong(&mut self, request: &QrCodeSetGuochong, out: &mut Vec<u8>) {
        let (pile_code, connector_number) = (request.pile_code, request.connector_number);
        let set_result = outcome(self.show(connector_number, &request.text.0));
        let answer = QrCodeResponseGuochong { pile_code, connector_number, set_result, ..Default::default() };
        self.tell(&answer.into(), out);
    }

    /// Shows a code; `false` where there is no such connector.
    fn show(&mut self, number: ConnectorNumber, code: &[u8]) -> bool {
        let number = self.connector_of(number);
        let connector = usize::from(number).checked_sub(1).and_then(|index| self.connectors.get_mut(index));
        connector.map(|connector| connector.qr_code = Some(text(code))).is_some()
    }
}
