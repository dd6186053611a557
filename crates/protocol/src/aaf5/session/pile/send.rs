//! How what a pile says becomes bytes: numbers, reserved fields, lengths by version, encryption, and firmware's habits.

use super::{PileSession, RecordCommand, SendError};
use crate::aaf5::field::connector_in;
use crate::aaf5::frame::{ENCRYPTED, Envelope, write_around};
use crate::aaf5::message::{BmsReport, ChargeRecord, FineChargeRecord, Message, StatusReport};
use crate::aaf5::session::{RESERVED, has_reserved};
use crate::layout::Layout;
use crate::time::Tick;
use crate::wire::{Kind, Overflow, Writer};

/// What an answer repeats of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Header {
    pub(super) sequence: u8,
    pub(super) reserved: [u8; RESERVED],
}

impl PileSession {
    /// Sends what the model has to say: an answer gets the number of its request, anything else a new one.
    ///
    /// # Errors
    /// [`SendError`] when the pile is not signed in or the message is too long for a frame.
    pub fn send(&mut self, message: &Message, out: &mut Vec<u8>) -> Result<(), SendError> {
        if !self.is_signed_in() {
            return Err(SendError::Offline);
        }
        let request = message.layout().and_then(|layout| layout.reply_to);
        let asked = request.and_then(|request| self.pending.take(request, || connector_of(message)));
        let header = match asked {
            Some(header) => self.answering(header),
            None => self.header_of_own(message.frame_type()),
        };
        Ok(self.emit(header, message, out)?)
    }

    /// Sends one of the session's own messages, all of which fit into a frame.
    pub(super) fn ask(&mut self, message: &Message, out: &mut Vec<u8>) {
        let header = self.header_of_own(message.frame_type());
        let written = self.emit(header, message, out);
        debug_assert!(written.is_ok(), "the session's own messages fit into a frame");
    }

    /// Answers a request.
    pub(super) fn answer(&self, request: Header, message: &Message, out: &mut Vec<u8>) {
        let written = self.emit(self.answering(request), message, out);
        debug_assert!(written.is_ok(), "the session's own messages fit into a frame");
    }

    /// Sends the records that are due, in the command that the platform takes.
    pub(super) fn send_due_records(&mut self, now: Tick, out: &mut Vec<u8>) {
        if !self.is_signed_in() {
            return;
        }
        let fine = match self.config.quirks.record_command {
            RecordCommand::AsOffered => self.fine_offered && self.config.version.has_fine_records(),
            RecordCommand::Coarse => false,
            RecordCommand::Fine => true,
        };
        let mut due: Vec<Message> = Vec::new();
        self.records.take_due(now, |record| {
            due.push(if fine {
                super::frame_of_record::fine(record).into()
            } else {
                super::frame_of_record::coarse(record).into()
            });
        });
        for record in due {
            self.ask(&record, out);
        }
    }

    /// What a message of the pile's own begins with.
    fn header_of_own(&mut self, command: u16) -> Header {
        let sequence = match self.config.quirks.constant_sequence {
            Some((own, _)) => own,
            None => {
                let sequence = self.sequence;
                self.sequence = sequence.wrapping_add(1);
                sequence
            }
        };
        let repeats = self.config.quirks.repeats_reserved
            && matches!(command, StatusReport::CODE | BmsReport::CODE | ChargeRecord::CODE | FineChargeRecord::CODE);
        Header { sequence, reserved: if repeats { self.reserved_of_start } else { [0; RESERVED] } }
    }

    /// What an answer to a request begins with.
    const fn answering(&self, request: Header) -> Header {
        match self.config.quirks.constant_sequence {
            Some((_, answers)) => Header { sequence: answers, ..request },
            None => request,
        }
    }

    fn emit(&self, header: Header, message: &Message, out: &mut Vec<u8>) -> Result<(), Overflow> {
        let command = message.frame_type();
        let append = |out: &mut Vec<u8>| {
            let begin = out.len();
            message.write(&mut Writer::new(out));
            if let Some(length) = self.config.version.body_length(command) {
                out.resize(begin + length, 0);
            }
            if let Some(layout) = message.layout() {
                self.mark(layout, header, out.get_mut(begin..).unwrap_or_default());
            }
        };
        let envelope = Envelope { info: self.config.quirks.info, sequence: header.sequence };
        match &self.cipher {
            Some(cipher) => {
                let mut body = Vec::new();
                append(&mut body);
                let envelope = Envelope { info: envelope.info | ENCRYPTED, ..envelope };
                write_around(out, envelope, command, |out| out.extend(cipher.encrypt(&body)))
            }
            None => write_around(out, envelope, command, append),
        }
    }

    /// Writes into a body what the model need not know: reserved fields, and the number of an only connector.
    fn mark(&self, layout: &Layout, header: Header, body: &mut [u8]) {
        if let Some(bytes) = body.get_mut(..RESERVED).filter(|_| has_reserved(layout)) {
            bytes.copy_from_slice(&header.reserved);
        }
        if self.config.quirks.connector_zero && self.config.connector_count == 1 {
            let mut bits = 0;
            for field in layout.fields {
                if matches!(field.kind, Kind::Connector { .. })
                    && let Some(byte) = body.get_mut(bits / 8)
                {
                    *byte = 0;
                }
                bits += field.bits;
            }
        }
    }
}

/// The connector that a request or its answer speaks of.
pub(super) fn connector_of(message: &Message) -> Option<u8> {
    let mut body = Vec::new();
    message.write(&mut Writer::new(&mut body));
    connector_in(message.layout()?, &body)
}
