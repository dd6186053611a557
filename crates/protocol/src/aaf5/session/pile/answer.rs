//! What a pile answers by itself when the platform asks, and what it leaves to its model.

use super::frame_of_record::{coarse, fine, stored, stored_fine};
use super::send::{Header, connector_of};
use super::settings::{BALANCE, CLOCK, LOCK, Parameters, RESET, SELF_CHECK, STATUS_NOW, UNLOCK};
use super::{PileEvent, PileSession, PileTariff};
use crate::aaf5::code::{ControlIndex, ListAction, Outcome, ParameterAction, QueryMark, WorkState};
use crate::aaf5::field::CardNumber;
use crate::aaf5::message::*;
use crate::time::Tick;
use crate::wire::{BcdTime, BytesToEnd, Code, KilowattHours16, List, Quantity};

/// Argument of the control commands that do one thing only.
const YES: u32 = 0x55;

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
            Message::IntegerParameterRequest(request) => self.on_integers(now, &request, header, out),
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
        now: Tick,
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
            (self.set_integers(first_index, &values), Vec::new())
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
        if !succeeded || is_query {
            return None;
        }
        let is_wanted = |index: u32| {
            let place = index.checked_sub(first_index).and_then(|place| usize::try_from(place).ok());
            place.and_then(|place| values.get(place)) == Some(&1)
        };
        if is_wanted(STATUS_NOW) {
            self.send_all_statuses(now, out);
        }
        if is_wanted(RESET) {
            return Some(PileEvent::Reboot);
        }
        Some(PileEvent::ParametersSet { first_index, values })
    }

    /// Sets integers that follow each other; whether all of them can be set and obeyed, otherwise none is.
    fn set_integers(&mut self, first_index: u32, values: &[u32]) -> bool {
        let Some(new) = Parameters::settable(first_index, values) else { return false };
        let can = new.iter().all(|(index, words)| self.can_obey(*index, words));
        if can {
            self.parameters.set_integers(new);
        }
        can
    }

    /// Whether a pile like this one does what an integer parameter says. It has no locks and no boards that could look
    /// after themselves.
    fn can_obey(&self, index: u32, words: &[u32]) -> bool {
        match (index, words) {
            (BALANCE, [connector, _]) => u8::try_from(*connector).is_ok_and(|connector| self.charges(connector)),
            (RESET, [1]) => (1..=self.config.connector_count).all(|connector| !self.charges(connector)),
            (UNLOCK | LOCK | SELF_CHECK, [word]) => *word == 0,
            _ => true,
        }
    }

    /// Whether a connector says that it charges, or is about to.
    fn charges(&self, connector: u8) -> bool {
        let charging = [WorkState::Preparing, WorkState::Charging];
        self.status(connector).is_some_and(|status| charging.contains(&status.work_state))
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

    /// Stopping a charge and cancelling a reservation depend on what the connector does; the rest is done, noted, or refused
    /// as a whole.
    fn on_control(
        &mut self,
        now: Tick,
        request: ControlRequest,
        header: Header,
        out: &mut Vec<u8>,
    ) -> Option<PileEvent> {
        let connector = request.connector_number.number();
        let commands = self.commands_of(&request);
        if let Some([(ControlIndex::StopCharging | ControlIndex::CancelReservation, _)]) = commands.as_deref() {
            return self.hand_on(request.into(), header);
        }
        let answer = ControlResponse {
            pile_code: self.config.pile_code,
            connector_number: request.connector_number,
            first_index: request.first_index,
            count: request.count,
            result: outcome(commands.is_some()),
            ..Default::default()
        };
        self.answer(header, &answer.into(), out);
        let mut noted = Vec::new();
        for (command, argument) in commands? {
            match command {
                ControlIndex::SignInNow => self.say_who_it_is(now, out),
                ControlIndex::StatusNow => self.send_status(connector, out),
                // What follows it in the same message does not outlast a restart.
                ControlIndex::Reboot => return Some(PileEvent::Reboot),
                _ => noted.push((command, argument)),
            }
        }
        (!noted.is_empty()).then_some(PileEvent::Control { connector, commands: noted })
    }

    /// The commands of a 5 with their arguments; `None` where one of them is unknown or has not the argument that it takes,
    /// or there is no such connector. Those that depend on the connector come alone: a list of them gets no answer that
    /// says which was obeyed.
    fn commands_of(&self, request: &ControlRequest) -> Option<Vec<(ControlIndex, u32)>> {
        self.status(request.connector_number.number())?;
        let values: Vec<u32> = request.arguments.iter().map(|argument| argument.value).collect();
        let values = if values.is_empty() { vec![0] } else { values };
        let is_alone = values.len() == 1;
        let indexes = request.first_index.number()..=u32::MAX;
        let commands = indexes.zip(values).map(|(index, argument)| {
            let command = ControlIndex::from_number(index);
            let is_right = match command {
                ControlIndex::Unknown(_) => false,
                ControlIndex::StopCharging | ControlIndex::CancelReservation => is_alone && argument == YES,
                _ => true,
            };
            is_right.then_some((command, argument))
        });
        commands.collect()
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
