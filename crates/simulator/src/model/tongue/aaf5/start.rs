//! 7: a charge at once, at a set time, or a connector kept for somebody; what such a start is refused for, and what came
//! of it (110, 210).

use voltapile_protocol::aaf5::code::{ConnectorType, StartFailure, StartMode, StartStrategy};
use voltapile_protocol::aaf5::field::{CardNumber, ConnectorNumber, TransactionNumber as TransactionText};
use voltapile_protocol::aaf5::message::{StartCompleteReport, StartRequest, StartResponse, VinStartResult};
use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::code::{RemoteStartFailure, StartSource};

use super::{Aaf5Tongue, failure, physical, status, text};
use crate::model::behaviour::StartBehaviour;
use crate::model::charge::{Charge, Limit};
use crate::model::clock::{Moment, civil_time, unix_ms};
use crate::model::connector::{Start, StartOrder, spendable};
use crate::model::context::later;
use crate::model::pile::VirtualPile;
use crate::model::transaction::TransactionNumber;

/// Least argument of a limit: 1 yuan in fen and 1 kWh in 0.01 kWh.
const LEAST_HUNDREDTHS: u32 = 100;
/// Least time that a charge can be limited to. The text says 5 minutes, and in another place 500.
const LEAST_SECONDS: u32 = 300;

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
        let holds_ms = request.hold_minutes.raw() * 60_000 / u64::from(self.state.speed);
        let until = later(now.tick, holds_ms.max(1));
        let starts_in = request.start_time.civil().map(|time| unix_ms(time).saturating_sub(now.unix_ms));
        self.on(number, now, out, |connector, cx| match request.start_mode {
            StartMode::Scheduled => {
                connector.reserve(cx, order, Some(later(cx.now.tick, starts_in.unwrap_or(0))), None);
            }
            StartMode::Reservation => connector.reserve(cx, order, None, Some(until)),
            _ => connector.obey(cx, order),
        });
    }

    /// Why no connector has to be asked about a start (P52 §5.6).
    fn unlawful(&mut self, now: Moment, request: &StartRequest, out: &mut Vec<u8>) -> Option<StartFailure> {
        let number = request.connector_number.number();
        if usize::from(number).wrapping_sub(1) >= self.connectors.len() {
            return Some(if self.state.is_dc { failure::NO_SUCH_CONNECTOR } else { failure::NO_SUCH_CONNECTOR_AC });
        }
        if matches!(request.start_mode, StartMode::Unknown(_)) {
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
    /// 8 by what a connector says.
    pub(super) fn answer_order(
        &mut self,
        (connector, is_dc): (u8, bool),
        order: &StartOrder,
        refusal: Option<RemoteStartFailure>,
        out: &mut Vec<u8>,
    ) {
        self.answer_start(connector, order.start.transaction_number, failure::start_failure(refusal, is_dc), out);
    }

    /// 8: at once, or where firmware has it so when the charge has begun.
    fn answer_start(&mut self, connector: u8, number: TransactionNumber, result: StartFailure, out: &mut Vec<u8>) {
        let answer = StartResponse {
            pile_code: self.session.config().pile_code,
            connector_number: ConnectorNumber(connector),
            result,
            transaction_number: Some(text(number.as_str())),
            ..Default::default()
        };
        if result == failure::NONE && self.session.config().quirks.late_start_answer {
            self.late_answers.push(answer);
        } else {
            self.tell(&answer.into(), out);
        }
    }
}

impl Aaf5Tongue {
    /// Current flows: answers that waited for it, and what the car said (110, 210).
    pub(super) fn tell_of_begin(&mut self, connector: u8, charge: &Charge, out: &mut Vec<u8>) {
        let waiting = self.late_answers.extract_if(.., |answer| answer.connector_number.number() == connector);
        let waiting: Vec<StartResponse> = waiting.collect();
        for answer in waiting {
            self.tell(&answer.into(), out);
        }
        self.tell_vehicle_result(connector, charge.start_source, failure::NONE, out);
        if self.session.config().connector_type == ConnectorType::Dc {
            let report = status::start_complete(self.session.config().pile_code, charge);
            self.tell(&StartCompleteReport { connector_number: ConnectorNumber(connector), ..report }.into(), out);
        }
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
