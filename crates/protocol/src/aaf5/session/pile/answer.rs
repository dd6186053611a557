//! What a pile answers by itself when the platform asks, and what it leaves to its model.

use super::frame_of_record::{coarse, fine, stored, stored_fine};
use super::send::{Header, connector_of};
use super::settings::CLOCK;
use super::{PileEvent, PileSession, PileTariff};
use crate::aaf5::code::{ControlIndex, ListAction, Outcome, ParameterAction, QueryMark};
use crate::aaf5::field::CardNumber;
use crate::aaf5::message::*;
use crate::time::Tick;
use crate::wire::{BcdTime, BytesToEnd, KilowattHours16, List, Quantity};

const fn outcome(succeeded: bool) -> Outcome {
    if succeeded { Outcome::Succeeded } else { Outcome::Failed }
}

impl PileSession {
    /// Answers what needs no model, and hands on the rest.
    pub(super) fn on_request(
        &mut self,
        now: Tick,
        message: Message,
        header: Header,
        out: &mut Vec<u8>,
    ) -> Option<PileEvent> {
        match message {
            Message::IntegerParameterRequest(request) => self.on_integers(&request, header, out),
            Message::TextParameterRequest(request) => self.on_text(now, &request, header, out),
            Message::ControlRequest(request) => self.on_control(now, request, header, out),
            Message::TariffSetRequest(request) => {
                let succeeded = self.take_tariff(PileTariff::Electricity(Box::new(request.periods)));
                let answer = TariffSetResponse { result: outcome(succeeded), ..Default::default() };
                self.answer(header, &answer.into(), out);
                self.tariff_changed(succeeded)
            }
            Message::TimeOfUseTariffSetRequest(request) => {
                let succeeded = self.take_tariff(PileTariff::TimeOfUse(Box::new(request.periods)));
                if self.config.version.answers_time_of_use() && !self.config.quirks.silent_on_time_of_use {
                    let answer = TimeOfUseTariffSetResponse { result: outcome(succeeded), ..Default::default() };
                    self.answer(header, &answer.into(), out);
                }
                self.tariff_changed(succeeded)
            }
            Message::WhiteListRequest(request) => {
                let cards = request.entries.iter().map(|entry| entry.card_number).collect();
                let answer = self.on_white_list(request.action, request.version, cards, Vec::new());
                self.answer_white_list(WhiteListResponse { list_kind: request.list_kind, ..answer }, header, out)
            }
            Message::WhiteListVinRequest(request) => {
                let vins = request.entries.iter().map(|entry| entry.vin.0).collect();
                let answer = self.on_white_list(request.action, request.version, Vec::new(), vins);
                self.answer_white_list(WhiteListResponse { list_kind: request.list_kind, ..answer }, header, out)
            }
            Message::RebootRequest(_) => {
                self.answer(header, &RebootResponse::default().into(), out);
                Some(PileEvent::Reboot)
            }
            message => match self.known(&message) {
                Some(answer) => {
                    self.answer(header, &answer, out);
                    None
                }
                None => self.hand_on(message, header),
            },
        }
    }

    /// The answer to a question about what the pile holds.
    fn known(&self, question: &Message) -> Option<Message> {
        let pile_code = self.config.pile_code;
        Some(match question {
            Message::TariffQuery(_) => {
                let periods = self.tariffs.electricity.as_deref().cloned().unwrap_or_default();
                TariffQueryResponse { periods, ..Default::default() }.into()
            }
            Message::TimeOfUseTariffQuery(_) => {
                let periods = self.tariffs.time_of_use.as_deref().cloned().unwrap_or_default();
                TimeOfUseTariffQueryResponse { periods, ..Default::default() }.into()
            }
            Message::StoredRecordRequest(question) => {
                let record = self.records.find(question.first_index, &question.transaction_number).map(coarse);
                let absent = || ChargeRecord { pile_code, record_index: -1, ..Default::default() };
                stored(&record.unwrap_or_else(absent))
            }
            Message::StoredFineRecordRequest(question) => {
                let record = self.records.find(question.first_index, &question.transaction_number).map(fine);
                let absent = || FineChargeRecord { pile_code, record_index: -1, ..Default::default() };
                stored_fine(&record.unwrap_or_else(absent))
            }
            Message::LastChargeSlotsRequest(question) if question.query == QueryMark::Query => {
                let connector = question.connector_number.number();
                let record = self.records.last_of(connector).map(coarse);
                LastChargeSlotsResponse {
                    pile_code,
                    connector_number: question.connector_number,
                    work_state: self.status(connector).map(|status| status.work_state).unwrap_or_default(),
                    start_time: record.as_ref().map(|record| record.start_time).unwrap_or_default(),
                    slots: record.map_or_else(List::default, |record| {
                        List(record.slots.0.map(|slot| KilowattHours16::from_raw(slot.raw() as u16)))
                    }),
                    ..Default::default()
                }
                .into()
            }
            _ => return None,
        })
    }

    fn on_integers(
        &mut self,
        request: &IntegerParameterRequest,
        header: Header,
        out: &mut Vec<u8>,
    ) -> Option<PileEvent> {
        let (first_index, count) = (request.first_index, request.count);
        let values: Vec<u32> = request.values.iter().map(|value| value.value).collect();
        let is_query = request.action == ParameterAction::Query;
        let (succeeded, told) = if is_query {
            let known = self.parameters.integers(first_index, count.min(10).into());
            (known.is_some(), known.unwrap_or_default())
        } else {
            (self.parameters.set_integers(first_index, &values), Vec::new())
        };
        let answer = IntegerParameterResponse {
            pile_code: self.config.pile_code,
            action: request.action,
            first_index,
            count,
            result: outcome(succeeded),
            values: told.into_iter().map(|value| IntegerValue { value }).collect(),
            ..Default::default()
        };
        self.answer(header, &answer.into(), out);
        (succeeded && !is_query).then_some(PileEvent::ParametersSet { first_index, values })
    }

    fn on_text(
        &mut self,
        now: Tick,
        request: &TextParameterRequest,
        header: Header,
        out: &mut Vec<u8>,
    ) -> Option<PileEvent> {
        let (index, value) = (request.index, &request.value.0);
        let is_query = request.action == ParameterAction::Query;
        let clock = value.first_chunk().map(|bytes| BcdTime(*bytes)).filter(|_| index == CLOCK && !is_query);
        let (succeeded, told) = match clock {
            Some(time) => (self.clock.set_to(now, time), Vec::new()),
            None if is_query && index == CLOCK => (true, self.clock(now).0.to_vec()),
            None if is_query => {
                let known = self.parameters.text(index);
                (known.is_some(), known.unwrap_or_default().to_vec())
            }
            None => (self.parameters.set_text(index, value), Vec::new()),
        };
        let answer = TextParameterResponse {
            pile_code: self.config.pile_code,
            action: request.action,
            index,
            result: outcome(succeeded),
            value: BytesToEnd(told.into()),
            ..Default::default()
        };
        self.answer(header, &answer.into(), out);
        if is_query || !succeeded {
            return None;
        }
        Some(clock.map_or_else(|| PileEvent::TextSet { index, value: value.clone() }, PileEvent::ClockSet))
    }

    /// Stopping a charge and cancelling a reservation depend on what the connector does; the rest is done or noted.
    fn on_control(
        &mut self,
        now: Tick,
        request: ControlRequest,
        header: Header,
        out: &mut Vec<u8>,
    ) -> Option<PileEvent> {
        let connector = request.connector_number.number();
        let command = request.first_index;
        if matches!(command, ControlIndex::StopCharging | ControlIndex::CancelReservation) {
            return self.hand_on(request.into(), header);
        }
        let answer = ControlResponse {
            pile_code: self.config.pile_code,
            connector_number: request.connector_number,
            first_index: command,
            count: request.count,
            result: Outcome::Succeeded,
            ..Default::default()
        };
        self.answer(header, &answer.into(), out);
        let argument = request.arguments.first().map(|argument| argument.value).unwrap_or_default();
        match command {
            ControlIndex::SignInNow => self.say_who_it_is(now, out),
            ControlIndex::StatusNow => self.send_status(connector, out),
            ControlIndex::Reboot => return Some(PileEvent::Reboot),
            _ => return Some(PileEvent::Control { connector, command, argument }),
        }
        None
    }

    /// Takes a tariff if it can be charged by.
    fn take_tariff(&mut self, tariff: PileTariff) -> bool {
        let is_sound = tariff.is_sound();
        if is_sound {
            match &tariff {
                PileTariff::Electricity(periods) => self.tariffs.electricity = Some(periods.clone()),
                PileTariff::TimeOfUse(periods) => self.tariffs.time_of_use = Some(periods.clone()),
            }
            self.tariffs.current = Some(tariff);
        }
        is_sound
    }

    fn tariff_changed(&self, has_changed: bool) -> Option<PileEvent> {
        self.tariffs.current.clone().filter(|_| has_changed).map(PileEvent::TariffChanged)
    }

    fn on_white_list(
        &mut self,
        action: ListAction,
        version: u32,
        cards: Vec<CardNumber>,
        vins: Vec<[u8; 17]>,
    ) -> WhiteListResponse {
        let succeeded = match action {
            ListAction::Add => self.white_list.add(version, cards, vins),
            ListAction::Clear => {
                self.white_list = super::WhiteList::default();
                true
            }
            _ => action == ListAction::QueryVersion,
        };
        self.parameters.set_white_list_version(self.white_list.version);
        let (version, result) = (self.white_list.version, outcome(succeeded));
        WhiteListResponse { pile_code: self.config.pile_code, action, version, result, ..Default::default() }
    }

    fn answer_white_list(&self, answer: WhiteListResponse, header: Header, out: &mut Vec<u8>) -> Option<PileEvent> {
        let has_changed = answer.result == Outcome::Succeeded && answer.action != ListAction::QueryVersion;
        self.answer(header, &answer.into(), out);
        has_changed.then_some(PileEvent::WhiteListChanged)
    }

    /// A request that the model answers, or an answer that it waits for.
    fn hand_on(&mut self, message: Message, header: Header) -> Option<PileEvent> {
        if message.layout()?.reply_to.is_some() {
            return Some(PileEvent::Answer(Box::new(message)));
        }
        if let Message::StartRequest(_) = message {
            self.reserved_of_start = header.reserved;
        }
        self.pending.remember(message.frame_type(), connector_of(&message), header);
        Some(PileEvent::Request(Box::new(message)))
    }
}
