//! How errands are begun, go on and end.

use serde_json::{Map, Value};
use voltapile_platform::command::{Command, CommandAction, CommandResult};
use voltapile_platform::identity::TransactionNumber;
use voltapile_platform::tariff::TariffNumber;
use voltapile_protocol::aaf5::code::UpdateProgress;
use voltapile_protocol::aaf5::message::{Message, SignInRequest};
use voltapile_protocol::aaf5::session::platform::Session;
use voltapile_protocol::time::Tick;

use super::{ERRANDS_MAX, Errand, OWN_TOKENS, OWN_WITHIN, Purpose, RECORDS_MAX, START_WITHIN, Silence, Step};
use crate::gateway::aaf5::desk::Desk;
use crate::gateway::aaf5::downlink::{self, Downlink};
use crate::gateway::aaf5::outcome;
use crate::gateway::aaf5::tariff::Form;
use crate::gateway::aaf5::translate;
use crate::gateway::desk::NO_COMMAND;
use crate::gateway::link::Kept;

/// What a pile sells by that has another tariff than the books say.
const UNKNOWN_TARIFF: TariffNumber = TariffNumber([0; 2]);

impl Desk {
    /// Sends a command; one that cannot be sent ends at once.
    pub(in crate::gateway::aaf5) fn command(
        &mut self,
        now: Tick,
        session: &mut Session,
        command: &Command,
        out: &mut Vec<u8>,
    ) {
        let core = &self.gateway.core;
        let ends = |result| core.command_answered(&self.link(), command.id, result);
        let Some(live) = self.live(()).filter(|live| live.code == command.pile) else {
            return ends(CommandResult::PileAway);
        };
        if !session.has_room_for_request() || self.own.errands.list.len() >= ERRANDS_MAX {
            return ends(CommandResult::Impossible("too many requests wait for answers on the connection".to_owned()));
        }
        let downlink = Downlink { core, live, own: &self.own, profile: session.profile() };
        let plan = match downlink.plan(&command.request) {
            Ok(plan) => plan,
            Err(reason) => return ends(CommandResult::Impossible(reason)),
        };
        let purpose = match &command.request {
            CommandAction::StartCharge { connector, transaction_number, .. } => {
                Purpose::Start(command.id, *connector, *transaction_number)
            }
            CommandAction::UpdateFirmware { .. } => Purpose::Firmware(command.id),
            CommandAction::SetTariff { .. } => Purpose::SetTariff(command.id),
            CommandAction::SetWorkParameters { enabled, .. } => Purpose::Work(command.id, *enabled),
            _ => Purpose::Command(command.id),
        };
        let within = command.request.answer_within();
        let within = if matches!(purpose, Purpose::Start(..)) { within.max(START_WITHIN) } else { within };
        let deadline = now + within;
        self.begin(now, session, command.id.0, purpose, plan, deadline, out);
    }

    /// What the adapter itself wants to know after a sign-in.
    pub(in crate::gateway::aaf5) fn begin_errands(
        &mut self,
        now: Tick,
        session: &mut Session,
        request: &SignInRequest,
        out: &mut Vec<u8>,
    ) {
        let core = &self.gateway.core;
        let version = self.live(()).and_then(|live| core.tariff_of(live));
        if let Some((version, form)) =
            version.and_then(|version| Form::of(&version.terms).ok().map(|form| (version, form)))
        {
            let purpose = Purpose::Tariff(version.number);
            self.begin_own(now, session, purpose, downlink::look_at_tariff(form), out);
        }
        if request.record_count > 0 {
            self.fetch_record(now, session, 0, out);
        }
    }

    /// Suspends a pile that was told not to work before it signed in here: 105 tells it so each time, and what is not said
    /// again it takes as a yes. Only the connection's first answer goes out before that is known.
    pub(in crate::gateway::aaf5) fn forbid_work(&mut self, now: Tick, session: &mut Session, out: &mut Vec<u8>) {
        self.own.suspended = true;
        let plan = downlink::suspension(&self.own, true);
        self.begin_own(now, session, Purpose::Suspension, plan, out);
    }

    fn fetch_record(&mut self, now: Tick, session: &mut Session, place: u32, out: &mut Vec<u8>) {
        let message = downlink::stored_record(session.profile(), &self.own, None, place);
        self.begin_own(now, session, Purpose::Records(place), vec![Step::new(message)].into(), out);
    }

    fn begin_own(
        &mut self,
        now: Tick,
        session: &mut Session,
        purpose: Purpose,
        plan: downlink::Plan,
        out: &mut Vec<u8>,
    ) {
        let token = OWN_TOKENS + self.own.errands.next_token;
        self.own.errands.next_token += 1;
        self.begin(now, session, token, purpose, plan, now + OWN_WITHIN, out);
    }

    #[allow(clippy::too_many_arguments, reason = "an errand is made of them")]
    fn begin(
        &mut self,
        now: Tick,
        session: &mut Session,
        token: u64,
        purpose: Purpose,
        plan: downlink::Plan,
        deadline: Tick,
        out: &mut Vec<u8>,
    ) {
        let downlink::Plan { steps, done } = plan;
        let errand = Errand { token, purpose, steps: steps.into(), told: Map::new(), done, deadline, waits: false };
        self.own.errands.list.push(errand);
        self.send_step(now, session, token, out);
    }

    /// Sends the message that is next of an errand.
    fn send_step(&mut self, now: Tick, session: &mut Session, token: u64, out: &mut Vec<u8>) {
        let Some(position) = self.own.errands.position(token) else { return };
        let Some(errand) = self.own.errands.list.get(position) else { return };
        let Some(step) = errand.steps.front() else { return self.errand_done(token) };
        // What is sent and not remembered would never end.
        if !session.has_room_for_request() {
            return self.errand_failed(token, "too_many_requests".to_owned());
        }
        let left = errand.deadline.since(now);
        let within = match step.silence {
            Silence::Fails => left,
            Silence::Passes(after) => left.min(after),
        };
        if session.request(now, &step.message, within, token, out).is_err() {
            let Some(errand) = self.own.errands.take(token) else { return };
            self.end(errand, CommandResult::Impossible("the message is too long for a frame".to_owned()));
        }
    }

    /// An answer to a message of an errand.
    pub(in crate::gateway::aaf5) fn errand_answered(
        &mut self,
        now: Tick,
        session: &mut Session,
        token: u64,
        answer: &Message,
        out: &mut Vec<u8>,
    ) {
        let Some(position) = self.own.errands.position(token) else { return };
        self.note_white_list(answer);
        let Some(errand) = self.own.errands.list.get_mut(position) else { return };
        let step = errand.steps.pop_front();
        let expected = step.as_ref().and_then(|step| step.expects.as_ref());
        match outcome::judge(answer, expected) {
            Ok(told) => {
                errand.told.extend(told);
                if errand.steps.is_empty() && matches!(errand.purpose, Purpose::Firmware(_)) {
                    // What follows are reports.
                    errand.waits = true;
                    return;
                }
                self.send_step(now, session, token, out);
            }
            Err(reason) => self.errand_failed(token, reason),
        }
    }

    /// A message of an errand was not answered in time.
    pub(in crate::gateway::aaf5) fn unanswered(
        &mut self,
        now: Tick,
        session: &mut Session,
        token: u64,
        out: &mut Vec<u8>,
    ) {
        self.reject("unanswered_request");
        if token == NO_COMMAND {
            return;
        }
        let Some(position) = self.own.errands.position(token) else { return };
        let Some(errand) = self.own.errands.list.get_mut(position) else { return };
        match errand.steps.pop_front().map(|step| step.silence) {
            Some(Silence::Passes(_)) => {
                errand.told.insert("confirmed".to_owned(), Value::Bool(false));
                self.send_step(now, session, token, out);
            }
            Some(Silence::Fails) | None => {
                if let Some(errand) = self.own.errands.take(token) {
                    self.end(errand, CommandResult::TimedOut);
                }
            }
        }
    }

    /// Ends errands that wait for reports in vain.
    pub(in crate::gateway::aaf5) fn errands_due(&mut self, now: Tick) {
        while let Some(token) = self.own.errands.list.iter().find(|errand| errand.waits && errand.deadline <= now) {
            let token = token.token;
            if let Some(errand) = self.own.errands.take(token) {
                self.end(errand, CommandResult::TimedOut);
            }
        }
    }

    /// 1403: how far a download has come.
    pub(in crate::gateway::aaf5) fn firmware_progress(&mut self, progress: UpdateProgress) {
        let is_its = |errand: &&Errand| matches!(errand.purpose, Purpose::Firmware(_));
        let Some(token) = self.own.errands.list.iter().find(is_its).map(|errand| errand.token) else { return };
        match outcome::downloaded(progress) {
            Some(Ok(())) => self.errand_done(token),
            Some(Err(reason)) => self.errand_failed(token, reason),
            None => {}
        }
    }

    /// Whether a record is the one that an errand asks for.
    pub(in crate::gateway::aaf5) fn is_asked_for(&self, token: u64, number: TransactionNumber) -> bool {
        let errand = self.own.errands.list.iter().find(|errand| errand.token == token);
        let asked = match errand.and_then(|errand| errand.steps.front()).map(|step| &step.message) {
            Some(Message::StoredRecordRequest(request)) => request.transaction_number,
            Some(Message::StoredFineRecordRequest(request)) => request.transaction_number,
            _ => return true,
        };
        let asked = translate::transaction_number(Some(&asked));
        asked.is_zero() || asked == number
    }

    /// A record that an errand asked for has come.
    pub(in crate::gateway::aaf5) fn record_fetched(
        &mut self,
        now: Tick,
        session: &mut Session,
        token: u64,
        kept: Kept,
        out: &mut Vec<u8>,
    ) {
        let Some(errand) = self.own.errands.take(token) else { return };
        match (&errand.purpose, kept) {
            (Purpose::Records(place), Kept::Newly) if place + 1 < RECORDS_MAX => {
                let next = place + 1;
                self.fetch_record(now, session, next, out);
            }
            // One that is known ends the search, also where its place among those stored has changed in between.
            (Purpose::Records(_), _) => {}
            (_, Kept::No) => self.end(errand, CommandResult::Refused("not_stored".to_owned(), Value::Null)),
            (_, kept) => {
                let told = serde_json::json!({"known_before": kept != Kept::Newly});
                self.end(errand, CommandResult::Succeeded(told));
            }
        }
    }

    /// The pile refused a message of an errand.
    pub(in crate::gateway::aaf5) fn errand_failed(&mut self, token: u64, reason: String) {
        let Some(mut errand) = self.own.errands.take(token) else { return };
        let told = value(std::mem::take(&mut errand.told));
        self.end(errand, CommandResult::Refused(reason, told));
    }

    fn errand_done(&mut self, token: u64) {
        let Some(mut errand) = self.own.errands.take(token) else { return };
        let mut told = std::mem::take(&mut errand.told);
        told.append(&mut errand.done);
        self.end(errand, CommandResult::Succeeded(value(told)));
    }

    fn end(&mut self, errand: Errand, result: CommandResult) {
        if let (Purpose::Work(_, enabled), CommandResult::Succeeded(_)) = (&errand.purpose, &result) {
            self.own.suspended = !enabled;
        }
        let (core, link) = (&self.gateway.core, self.link());
        match errand.purpose {
            Purpose::Command(id) | Purpose::Firmware(id) | Purpose::Work(id, _) => {
                core.command_answered(&link, id, result)
            }
            Purpose::SetTariff(id) => {
                if let Some(live) = self.live(()).filter(|_| !matches!(result, CommandResult::Succeeded(_))) {
                    // Of two messages it may have taken one: what it sells by now has no number.
                    core.tariff_reported(&link, live.code, UNKNOWN_TARIFF);
                }
                core.command_answered(&link, id, result);
            }
            Purpose::Start(id, connector, number) => {
                if let Some(live) = self.live(()) {
                    match &result {
                        CommandResult::Succeeded(_) => {
                            core.start_answered(&link, live.code, connector, number, Ok(()));
                        }
                        CommandResult::Refused(reason, _) => {
                            core.start_answered(&link, live.code, connector, number, Err(reason.clone()));
                        }
                        _ => {}
                    }
                }
                core.command_answered(&link, id, result);
            }
            Purpose::Tariff(number) => {
                let Some(live) = self.live(()) else { return };
                match result {
                    CommandResult::Succeeded(_) => core.tariff_reported(&link, live.code, number),
                    // It sells by another one, of which nobody knows the number.
                    CommandResult::Refused(..) => core.tariff_reported(&link, live.code, UNKNOWN_TARIFF),
                    // Who does not answer is believed what the books say.
                    _ => {}
                }
            }
            Purpose::Records(_) | Purpose::Suspension => {}
        }
    }
}

/// What was told; `null` for nothing.
fn value(told: Map<String, Value>) -> Value {
    if told.is_empty() { Value::Null } else { Value::Object(told) }
}
