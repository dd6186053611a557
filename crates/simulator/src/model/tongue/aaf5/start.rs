//! 7: a charge at once, at a set time, or a connector kept for somebody; what such a start is refused for, and what came
//! of it (110, 210).

use std::time::Duration;

use voltapile_protocol::aaf5::code::{ConnectorType, StartFailure, StartMode, StartStrategy};
use voltapile_protocol::aaf5::field::{CardNumber, ConnectorNumber, TransactionNumber as TransactionText};
use voltapile_protocol::aaf5::message::{StartCompleteReport, StartRequest, StartResponse, VinStartResult};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::code::{RemoteStartFailure, StartSource};

use super::{Aaf5Tongue, failure, physical, status, text};
use crate::model::behaviour::StartBehaviour;
use crate::model::charge::{Charge, Limit};
use crate::model::clock::{Moment, civil_time, unix_ms};
use crate::model::connector::{Appointment, Start, StartOrder, spendable};
use crate::model::context::later;
use crate::model::pile::VirtualPile;
use crate::model::transaction::TransactionNumber;

/// How long firmware that answers a start late waits for the charge to begin (practice: CAR).
const START_WAIT: Duration = Duration::from_secs(120);
/// Least argument of a limit: 1 yuan in fen and 1 kWh in 0.01 kWh.
const LEAST_HUNDREDTHS: u32 = 100;
/// Least time that a charge can be limited to. The text says 5 minutes, and in another place 500.
const LEAST_SECONDS: u32 = 300;

/// An 8 that waits until the charge has begun.
#[derive(Debug)]
pub(super) struct LateAnswer {
    connector: u8,
    number: TransactionNumber,
    /// When it is given up.
    until: Tick,
    /// What it says then.
    too_late: StartFailure,
}

impl VirtualPile {
    pub(super) fn start_aaf5(&mut self, now: Moment, request: &StartRequest, out: &mut Vec<u8>) {
        let number = request.connector_number.number();
        let transaction_number = self.number_or_own(now, number, request.transaction_number);
        if let Some(refusal) = self.unlawful(now, request, out) {
            if self.state.behaviour.start != StartBehaviour::Silent
                && let Some(tongue) = self.tongue.aaf5()
            {
                tongue.answer_start(number, transaction_number, refusal, out);
            }
            return;
        }
        let start = Start {
            limit: limit(request.strategy, request.strategy_argument),
            offline_energy: Some(request.offline_energy.raw() * 100).filter(|energy| *energy > 0),
            // 0 lets the pile take digits of the card, which whoever stands there has at hand: nobody is kept from stopping.
            stop_password: Some(request.stop_password).filter(|password| *password > 0),
            ..Start::new(
                transaction_number,
                StartSource::App,
                physical(&request.card_number).unwrap_or_default(),
                request.account_balance.and_then(spendable),
            )
        };
        self.know_user(transaction_number, request.card_number);
        let order = StartOrder { start, parallel: None };
        let appointment = self.appointment(now, request);
        self.on(number, now, out, |connector, cx| match request.start_mode {
            StartMode::Scheduled | StartMode::Reservation => connector.reserve(cx, order, appointment),
            _ => connector.obey(cx, order),
        });
    }

    /// When a start that is not for now begins, by the pile's clock, or how long it is waited for.
    fn appointment(&self, now: Moment, request: &StartRequest) -> Appointment {
        let hold_minutes = request.hold_minutes.raw();
        let holds_ms = hold_minutes * 60_000 / u64::from(self.state.speed);
        let named_unix_ms = request.start_time.civil().map(unix_ms);
        let starts_in = named_unix_ms.map(|named| named.saturating_sub(self.state.moment(now).unix_ms));
        let is_scheduled = request.start_mode == StartMode::Scheduled;
        Appointment {
            starts_at: starts_in.filter(|_| is_scheduled).map(|ms| later(now.tick, ms)),
            until: (!is_scheduled).then(|| later(now.tick, holds_ms.max(1))),
            named_unix_ms,
            hold_minutes: u8::try_from(hold_minutes).unwrap_or(u8::MAX),
        }
    }

    /// Why no connector has to be asked about a start (P52 §5.6).
    fn unlawful(&mut self, now: Moment, request: &StartRequest, out: &mut Vec<u8>) -> Option<StartFailure> {
        let number = request.connector_number.number();
        if usize::from(number).wrapping_sub(1) >= self.connectors.len() {
            return Some(if self.state.is_dc { failure::NO_SUCH_CONNECTOR } else { failure::NO_SUCH_CONNECTOR_AC });
        }
        let has_no_time = request.start_mode == StartMode::Scheduled && request.start_time.civil().is_none();
        if has_no_time || matches!(request.start_mode, StartMode::Unknown(_)) {
            return Some(failure::BAD_MODE);
        }
        if !is_sound(request.strategy, request.strategy_argument) {
            return Some(failure::BAD_STRATEGY);
        }
        let kept_for = self.on(number, now, out, |connector, _| connector.kept_for())?;
        let is_for_another = self.tongue.aaf5()?.user(kept_for).is_some_and(|user| !user.says(&request.card_number));
        is_for_another.then_some(failure::RESERVED)
    }

    /// The number that the platform gave a charge, or one of the pile's own.
    pub(super) fn number_or_own(
        &self,
        now: Moment,
        connector: u8,
        number: Option<TransactionText>,
    ) -> TransactionNumber {
        let given = number.and_then(|number| number.text().parse().ok());
        given.unwrap_or_else(|| {
            let time = civil_time(self.state.moment(now).unix_ms);
            TransactionNumber::made_by(self.state.pile_code, connector, time, 9_999)
        })
    }

    pub(super) fn know_user(&mut self, number: TransactionNumber, user: CardNumber) {
        if let Some(tongue) = self.tongue.aaf5() {
            tongue.remember_user(number, user);
        }
    }
}

impl Aaf5Tongue {
    /// 8 by what a connector says: at once, or where firmware has it so when the charge has begun or can't begin any more.
    /// Only a charge that is to begin now is waited for.
    pub(super) fn answer_order(
        &mut self,
        now: Tick,
        (connector, is_dc): (u8, bool),
        order: &StartOrder,
        refusal: Option<RemoteStartFailure>,
        out: &mut Vec<u8>,
    ) {
        let number = order.start.transaction_number;
        if refusal.is_none() && self.session.config().quirks.late_start_answer {
            let too_late = if is_dc { failure::TOO_LATE } else { failure::TOO_LATE_AC };
            self.late_answers.push(LateAnswer { connector, number, until: now + START_WAIT, too_late });
        } else {
            self.answer_start(connector, number, failure::start_failure(refusal, is_dc), out);
        }
    }

    /// 8.
    pub(super) fn answer_start(
        &mut self,
        connector: u8,
        number: TransactionNumber,
        result: StartFailure,
        out: &mut Vec<u8>,
    ) {
        let answer = StartResponse {
            pile_code: self.session.config().pile_code,
            connector_number: ConnectorNumber(connector),
            result,
            transaction_number: Some(text(number.as_str())),
            ..Default::default()
        };
        self.tell(&answer.into(), out);
    }

    /// Answers that waited to hear what comes of a connector's start: this has.
    fn answer_late(&mut self, connector: u8, result: StartFailure, out: &mut Vec<u8>) {
        let waiting = self.late_answers.extract_if(.., |answer| answer.connector == connector);
        let waiting: Vec<LateAnswer> = waiting.collect();
        for answer in waiting {
            self.answer_start(connector, answer.number, result, out);
        }
    }

    /// When a start is given up of which nothing has come.
    pub(super) fn answers_late_at(&self) -> Option<Tick> {
        self.late_answers.iter().map(|answer| answer.until).min()
    }

    /// Gives up starts of which nothing has come.
    pub(super) fn give_up_late_answers(&mut self, now: Tick, out: &mut Vec<u8>) {
        let over: Vec<LateAnswer> = self.late_answers.extract_if(.., |answer| answer.until <= now).collect();
        for LateAnswer { connector, number, too_late, .. } in over {
            self.answer_start(connector, number, too_late, out);
        }
    }

    /// Current flows: answers that waited for it, and what the car said (110, 210).
    pub(super) fn tell_of_begin(&mut self, connector: u8, charge: &Charge, out: &mut Vec<u8>) {
        self.answer_late(connector, failure::NONE, out);
        self.tell_vehicle_result(connector, charge.start_source, failure::NONE, out);
        if self.session.config().connector_type == ConnectorType::Dc {
            let report = status::start_complete(self.session.config().pile_code, charge);
            self.tell(&StartCompleteReport { connector_number: ConnectorNumber(connector), ..report }.into(), out);
        }
    }

    /// A charge is over of which no current has been told: answers that waited for that.
    pub(super) fn tell_of_no_begin(&mut self, connector: u8, out: &mut Vec<u8>) {
        self.answer_late(connector, failure::OTHER, out);
    }

    /// What was agreed on cannot begin (110, 210).
    pub(super) fn tell_of_failure(
        &mut self,
        (connector, is_dc): (u8, bool),
        start: &Start,
        reason: RemoteStartFailure,
        out: &mut Vec<u8>,
    ) {
        let result = failure::start_failure(Some(reason), is_dc);
        self.answer_late(connector, result, out);
        self.tell_vehicle_result(connector, start.source, result, out);
        let report = StartCompleteReport {
            pile_code: self.session.config().pile_code,
            connector_number: ConnectorNumber(connector),
            result,
            transaction_number: Some(text(start.transaction_number.as_str())),
            ..Default::default()
        };
        self.tell(&report.into(), out);
    }

    /// 210, where the car asked by its VIN.
    fn tell_vehicle_result(&mut self, connector: u8, source: StartSource, result: StartFailure, out: &mut Vec<u8>) {
        if source == StartSource::Vin {
            let (pile_code, connector_number) = (self.session.config().pile_code, ConnectorNumber(connector));
            self.tell(&VinStartResult { pile_code, connector_number, result, ..Default::default() }.into(), out);
        }
    }
}

/// Whether a pile charges by a limit.
const fn is_sound(strategy: StartStrategy, argument: u32) -> bool {
    match strategy {
        StartStrategy::UntilFull => true,
        StartStrategy::ByTime => argument >= LEAST_SECONDS,
        StartStrategy::ByAmount | StartStrategy::ByEnergy => argument >= LEAST_HUNDREDTHS,
        StartStrategy::Unknown(_) => false,
    }
}

/// Until when to charge.
fn limit(strategy: StartStrategy, argument: u32) -> Option<Limit> {
    match strategy {
        StartStrategy::ByTime => Some(Limit::Seconds(argument)),
        StartStrategy::ByAmount => Some(Limit::Amount(u64::from(argument) * 100)),
        StartStrategy::ByEnergy => Some(Limit::Energy(u64::from(argument) * 100)),
        _ => None,
    }
}
