//! A trace as the rules see it: the frames of the examined pile's connections, decoded.

use std::ops::Deref;
use std::time::Duration;

use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::code::LoginResult;
use voltapile_protocol::ykc::field::{PileCode, TransactionNumber, connector_in};
use voltapile_protocol::ykc::message::{LoginRequest, Message, RealtimeReport, TransactionRecord, layout};
use voltapile_protocol::ykc::session::pile::record_of;
use voltapile_protocol::ykc::{CrcOrder, Dialect, Frame};

use super::charge::{self, Charge};
use crate::exam::exchange::Mark;
use crate::exam::talk::{self, Line, Read, Talk};
use crate::trace::{EntryId, Trace};

/// A login that comes later than this after the begin of a captured connection is not its first.
const FIRST_LOGIN_WITHIN: Duration = Duration::from_secs(30);

/// A frame that passed.
pub(super) type Seen<'t> = talk::Seen<Content<'t>>;

/// What stands in a frame.
#[derive(Debug)]
pub(crate) struct Content<'t> {
    pub(super) sequence: [u8; 2],
    pub(super) encryption: u8,
    pub(super) frame_type: u8,
    pub(super) body: &'t [u8],
    /// Meaningful where the CRC holds.
    pub(super) crc_order: CrcOrder,
    /// What it says, when its CRC holds and it is neither encrypted nor too short.
    pub(super) message: Option<Message>,
    /// The pile it names.
    pub(super) pile: Option<PileCode>,
    /// The connector it names.
    pub(super) connector: Option<u8>,
    /// The transaction it names.
    pub(super) transaction: Option<TransactionNumber>,
}

impl<'t> Read<'t> for Content<'t> {
    fn read(raw: &'t [u8]) -> (Self, bool) {
        let parsed = Frame::parse(raw);
        let holds = parsed.is_ok();
        let frame = parsed.unwrap_or_else(|_| header(raw));
        let layout = layout(frame.frame_type, frame.body.len(), Dialect::V16);
        let bytes_of = |name: &str| layout.and_then(|layout| layout.find(frame.body, |field| field.name == name));
        let pile = bytes_of("pile_code").and_then(|(_, bytes)| bytes.first_chunk().copied()).map(PileCode);
        let transaction = bytes_of("transaction_number").and_then(|(_, bytes)| bytes.first_chunk().copied());
        let content = Self {
            sequence: frame.sequence,
            encryption: frame.encryption,
            frame_type: frame.frame_type,
            body: frame.body,
            crc_order: frame.crc_order,
            message: understand(&frame).filter(|_| holds),
            pile,
            connector: layout.and_then(|layout| connector_in(layout, frame.body)),
            transaction: transaction.map(TransactionNumber),
        };
        (content, holds)
    }
}

impl talk::Seen<Content<'_>> {
    /// The frame type of the request that this kind of frame answers.
    pub(super) fn answers(&self) -> Option<u8> {
        let request = self.message.as_ref()?.layout()?.reply_to?;
        u8::try_from(request).ok()
    }

    /// Whether it may be the answer to a request: by type, connector and transaction, where both name them.
    pub(super) fn fits(&self, request: &Seen<'_>) -> bool {
        let agree = |one: Option<u8>, other: Option<u8>| one.zip(other).is_none_or(|(one, other)| one == other);
        let same_transaction = self
            .transaction
            .zip(request.transaction)
            .is_none_or(|(one, other)| one == other || self.frame_type == 0x13);
        self.answers() == Some(request.frame_type) && agree(self.connector, request.connector) && same_transaction
    }
}

/// What a frame says, where it is plain and complete. A record is one in whichever version's frame it comes.
pub(super) fn understand(frame: &Frame<'_>) -> Option<Message> {
    let message = Message::decode(frame.frame_type, frame.body, Dialect::V16).ok().filter(|_| frame.encryption == 0)?;
    Some(record_of(message.clone()).map_or(message, Message::from))
}

/// What can be read of a frame whose CRC does not hold.
fn header(raw: &[u8]) -> Frame<'_> {
    let (sequence, encryption, frame_type, body) = match raw {
        [_, _, s0, s1, encryption, frame_type, body @ .., _, _] => ([*s0, *s1], *encryption, *frame_type, body),
        _ => ([0, 0], 0, 0, [].as_slice()),
    };
    Frame { sequence, encryption, frame_type, body, crc_order: CrcOrder::LowFirst, raw }
}

/// A trace as the rules see it: the connections on which the examined pile spoke.
#[derive(Debug)]
pub(super) struct View<'t> {
    pub(super) pile: PileCode,
    talk: Talk<'t, Content<'t>>,
    pub(super) charges: Vec<Charge>,
}

impl<'t> Deref for View<'t> {
    type Target = Talk<'t, Content<'t>>;

    fn deref(&self) -> &Self::Target {
        &self.talk
    }
}

impl<'t> View<'t> {
    /// Looks at a trace for one pile's sake.
    pub(super) fn new(trace: &'t Trace, pile: PileCode, until: Tick, marks: Option<&'t [Mark]>) -> Self {
        let is_own = |seen: &Seen<'_>| seen.is_up() && seen.holds && seen.pile == Some(pile);
        let lets_in = |seen: &Seen<'_>| match &seen.message {
            Some(Message::LoginResponse(answer)) => {
                seen.pile == Some(pile) && answer.login_result == LoginResult::Accepted
            }
            _ => false,
        };
        let mut view = Self { pile, talk: Talk::new(trace, until, marks, is_own, lets_in), charges: Vec::new() };
        view.charges = charge::charges(&view);
        view
    }

    /// Good frames of the examined pile.
    pub(super) fn up(&self) -> impl DoubleEndedIterator<Item = &Seen<'t>> {
        self.frames.iter().filter(|seen| seen.is_up() && seen.holds && self.is_about(seen))
    }

    /// Good frames to the examined pile.
    pub(super) fn down(&self) -> impl DoubleEndedIterator<Item = &Seen<'t>> {
        self.frames.iter().filter(|seen| !seen.is_up() && seen.holds && self.is_about(seen))
    }

    /// Good frames of a type, whoever sent them.
    pub(super) fn of_type(&self, frame_type: u8) -> impl DoubleEndedIterator<Item = &Seen<'t>> {
        self.frames.iter().filter(move |seen| seen.frame_type == frame_type && seen.holds && self.is_about(seen))
    }

    /// Whether it names the examined pile, or none.
    pub(super) fn is_about(&self, seen: &Seen<'_>) -> bool {
        seen.pile.is_none_or(|pile| pile == self.pile)
    }

    /// 0x13.
    pub(super) fn reports(&self) -> impl DoubleEndedIterator<Item = (&Seen<'t>, &RealtimeReport)> {
        self.of_type(RealtimeReport::CODE).filter_map(|seen| match &seen.message {
            Some(Message::RealtimeReport(report)) => Some((seen, report)),
            _ => None,
        })
    }

    /// Records, in the frames of all versions.
    pub(super) fn records(&self) -> impl DoubleEndedIterator<Item = (&Seen<'t>, &TransactionRecord)> {
        self.up().filter_map(|seen| match &seen.message {
            Some(Message::TransactionRecord(record)) => Some((seen, record)),
            _ => None,
        })
    }

    /// 0x01.
    pub(super) fn logins(&self) -> impl DoubleEndedIterator<Item = (&Seen<'t>, &LoginRequest)> {
        self.of_type(LoginRequest::CODE).filter_map(|seen| match &seen.message {
            Some(Message::LoginRequest(login)) => Some((seen, login)),
            _ => None,
        })
    }

    /// What the pile said of itself last.
    pub(super) fn login(&self) -> Option<&LoginRequest> {
        self.logins().next_back().map(|(_, login)| login)
    }

    /// Whether the pile was logged in and connected, on whichever connections, from a moment for some time on.
    pub(super) fn was_online(&self, from: Tick, time: Duration) -> bool {
        self.lines
            .iter()
            .any(|link| link.logged_in.is_some_and(|(since, _)| since <= from) && link.until >= from + time)
    }

    /// Good frames of the examined pile after an entry.
    pub(super) fn up_after(&self, id: EntryId) -> impl Iterator<Item = &Seen<'t>> {
        self.behind(id).filter(|seen| seen.is_up() && seen.holds && self.is_about(seen))
    }

    /// Whether the trace has the begin of a connection. A capture may have been switched on in the middle of one, where
    /// no login comes soon.
    pub(super) fn saw_begin(&self, link: &Line) -> bool {
        let soon = link.opened + FIRST_LOGIN_WITHIN;
        let is_soon = |seen: &Seen<'_>| seen.connection == link.connection && seen.at <= soon;
        self.is_exam() || self.logins().any(|(seen, _)| is_soon(seen))
    }

    /// Whether it was the pile that ended a connection. A line that broke in an exam is its doing as well; a capture
    /// does not tell.
    pub(super) fn ended_by_pile(&self, by: Option<Direction>) -> bool {
        match by {
            Some(Direction::Up) => true,
            Some(Direction::Down) => false,
            None => self.is_exam(),
        }
    }

    /// The answer to a request, on the same connection.
    pub(super) fn answer(&self, request: &Seen<'_>) -> Option<&Seen<'t>> {
        self.up_after(request.id).find(|seen| seen.connection == request.connection && seen.fits(request))
    }

    /// The next taken login after a moment.
    pub(super) fn next_login(&self, after: EntryId) -> Option<(Tick, EntryId)> {
        self.lines.iter().filter_map(|link| link.logged_in).find(|(_, id)| *id > after)
    }
}

/// The pile that a trace is about: the first that logs in, else the first that is named at all.
pub(super) fn pile_of(trace: &Trace) -> Option<PileCode> {
    talk::pile_of(trace, |content: &Content<'_>| Some((content.pile?, content.frame_type == LoginRequest::CODE)))
}
