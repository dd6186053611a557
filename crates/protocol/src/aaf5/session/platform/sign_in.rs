//! Sign-in: who the pile is, how long its silence is borne, and what the answer offers.

use std::fmt;
use std::time::Duration;

use super::event::ReplyTo;
use super::session::Session;
use crate::aaf5::cipher::{BodyCipher, KEY_LENGTH};
use crate::aaf5::code::{EncryptionFlag, EncryptionSupport, FineEnergy, LoginCheck, ReportMode, Service};
use crate::aaf5::field::PileCode;
use crate::aaf5::message::{SignInRequest, SignInResponse};
use crate::time::Tick;
use crate::wire::{BcdTime, Bytes, CivilTime, Quantity, Text};

/// Longest silence that a pile may ask for with its heartbeat period and count, in seconds.
const PATIENCE_MAX: u16 = 10 * 60;
/// Version of the protocol whose 105 has a key, times ten.
const KEY_SINCE: u64 = 49;
/// How far a pile's clock may be off without being set (§4.1).
const CLOCK_TOLERANCE_MS: u64 = 5_000;

/// Why a sign-in cannot be accepted by the session itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Another pile has signed in on this connection: messages about tariffs name no pile.
    #[error("another pile is signed in on this connection")]
    OtherPile,
    /// Nothing but a name can be a pile's.
    #[error("the pile code is empty")]
    NoCode,
}

/// What the platform answers a pile that may sign in.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct SignInAnswer {
    /// What the pile's clock is set to.
    pub platform_time: BcdTime,
    /// Whether the pile is not to charge (启停用标志 0x55).
    pub suspended: bool,
    /// Key for the bodies of this connection from now on, where they are to be encrypted. It is offered only to a pile
    /// that says it can, and a connection keeps its first.
    pub key: Option<[u8; KEY_LENGTH]>,
}

/// Without the key.
impl fmt::Debug for SignInAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { platform_time, suspended, .. } = self;
        let mut shown = f.debug_struct("SignInAnswer");
        shown.field("platform_time", platform_time).field("suspended", suspended).finish_non_exhaustive()
    }
}

/// The signed-in pile.
#[derive(Debug)]
pub(super) struct Member {
    /// Its code, with zeros behind its end.
    pub(super) code: PileCode,
    pub(super) heard: Tick,
    /// Whether its silence was reported already.
    pub(super) silent: bool,
    pub(super) clock_sync_at: Tick,
    /// How long it says that it may be silent, in seconds.
    patience: u16,
    pub(super) connectors: u8,
    /// When it is asked for its status, where it speaks only when it is asked.
    pub(super) poll_at: Option<Tick>,
}

impl Member {
    /// Notes a sign of life.
    pub(super) const fn hear(&mut self, now: Tick) {
        self.heard = now;
        self.silent = false;
    }

    /// How long it says that it may be silent.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience.into())
    }
}

impl Session {
    /// Accepts a sign-in and answers it. A pile that is signed in here already is only answered again.
    ///
    /// # Errors
    /// [`SignInError`]; nothing was answered, and the driver closes the connection.
    pub fn accept_sign_in(
        &mut self,
        now: Tick,
        reply_to: ReplyTo,
        request: &SignInRequest,
        answer: SignInAnswer,
        out: &mut Vec<u8>,
    ) -> Result<(), SignInError> {
        let again = self.heard_from(now, &request.pile_code);
        if !again && self.member.is_some() {
            return Err(SignInError::OtherPile);
        }
        if request.pile_code.is_empty() {
            return Err(SignInError::NoCode);
        }
        let every = self.settings().clock_sync_every;
        let due_later = self.member.as_ref().map_or(now + every, |member| member.clock_sync_at);
        let is_right = clock_is_right(request, &answer);
        self.member = Some(Member {
            code: clean(&request.pile_code),
            heard: now,
            silent: false,
            clock_sync_at: if is_right { due_later } else { now },
            patience: patience(request),
            connectors: request.connector_count,
            poll_at: (request.report_mode == ReportMode::Answering).then_some(now),
        });
        self.answer_sign_in(reply_to, request, answer, out);
        Ok(())
    }

    fn answer_sign_in(&mut self, reply_to: ReplyTo, request: &SignInRequest, answer: SignInAnswer, out: &mut Vec<u8>) {
        let offered = answer.key.filter(|_| is_able_to_encrypt(request));
        let key = self.cipher.as_ref().map(|cipher| *cipher.key()).or(offered);
        let response = if request.random.is_some() {
            full_answer(request, answer, key, self.profile.fine_records)
        } else {
            SignInResponse::default()
        };
        // A body of 184 bytes always fits.
        let _ = self.reply(reply_to, &response.into(), out);
        // The answer itself is as plain as the question: only what follows is encrypted.
        if let Some(key) = key.filter(|_| self.cipher.is_none()) {
            self.cipher = Some(Box::new(BodyCipher::new(key)));
        }
    }
}

/// All that 105 can say. Piles are to pass over what their version does not know; those of the first versions, whose 106
/// has no random number yet, get the answer that servers gave them: the reserved fields alone.
fn full_answer(
    request: &SignInRequest,
    answer: SignInAnswer,
    key: Option<[u8; KEY_LENGTH]>,
    fine_records: bool,
) -> SignInResponse {
    SignInResponse {
        random: request.random,
        login_check: Some(LoginCheck::NotNeeded),
        encryption: Some(if key.is_some() { EncryptionFlag::Aes } else { EncryptionFlag::Plain }),
        rsa_modulus: Some(Bytes::default()),
        rsa_exponent: Some(0),
        service: Some(if answer.suspended { Service::Suspended } else { Service::Normal }),
        platform_time: Some(answer.platform_time),
        fine_energy: Some(if fine_records { FineEnergy::Supported } else { FineEnergy::NotSupported }),
        aes_key: Some(Bytes(key.unwrap_or_default())),
        ..SignInResponse::default()
    }
}

/// Whether a pile takes the key of 105. Before V2.6 the same flag meant how modules share their power, and up to V4.8 the
/// answer has no key.
fn is_able_to_encrypt(request: &SignInRequest) -> bool {
    let version = request.protocol_version.map_or(0, |version| version.raw());
    request.encryption_support == EncryptionSupport::Aes && request.random.is_some() && version >= KEY_SINCE
}

/// Whether the pile's clock needs no setting: 105 carries the time, but only newer piles read it there.
fn clock_is_right(request: &SignInRequest, answer: &SignInAnswer) -> bool {
    let ours = answer.platform_time.civil().map(CivilTime::unix_ms_in_china);
    let theirs = request.pile_time.civil().map(CivilTime::unix_ms_in_china);
    ours.zip(theirs).is_some_and(|(ours, theirs)| ours.abs_diff(theirs) <= CLOCK_TOLERANCE_MS)
}

/// A code without what stands behind its end.
fn clean(code: &PileCode) -> PileCode {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(code.as_bytes()).for_each(|(byte, known)| *byte = *known);
    Text(bytes)
}

/// How long a pile that keeps its word is silent at most, in seconds: its heartbeat period, once more than it lets
/// answers fail.
fn patience(request: &SignInRequest) -> u16 {
    let seconds = request.heartbeat_seconds.raw().saturating_mul(u64::from(request.heartbeat_misses) + 1);
    u16::try_from(seconds).map_or(PATIENCE_MAX, |seconds| seconds.min(PATIENCE_MAX))
}
