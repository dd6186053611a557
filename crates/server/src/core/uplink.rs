//! What piles say, in neutral words: the calls that a protocol's adapter makes. Each is queued for the business in the
//! order in which it came; nothing here waits.

use std::sync::Arc;

use serde_json::Value;
use voltapile_platform::business::{
    Business, BusinessError, ConnectorReport, PileLogin, StartDecision, StartRequest, matters,
};
use voltapile_platform::command::CommandResult;
use voltapile_platform::identity::{CommandId, ConnectorNumber, PileCode, TransactionNumber};
use voltapile_platform::pile::ParkingLock;
use voltapile_platform::tariff::{TariffNumber, TariffRef};
use voltapile_platform::telemetry::{ConnectorState, Telemetry};

use super::work::CoreError;
use super::{Core, Declared, Link, PileLive};

impl Core {
    /// Queues work that a pile's word asks for. Where the store has no room, the pile's connection is held up until
    /// there is: nothing more is read from it.
    fn uplink(
        self: &Arc<Self>,
        link: &Arc<dyn Link>,
        what: &'static str,
        work: impl FnOnce(&mut Business<'_>) -> Result<(), BusinessError> + Send + 'static,
    ) {
        self.ask(link, work, move |result| log(what, &result));
    }

    /// The same for work whose result somebody wants.
    fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        link: &Arc<dyn Link>,
        work: impl FnOnce(&mut Business<'_>) -> Result<T, BusinessError> + Send + 'static,
        done: impl FnOnce(Result<T, CoreError>) + Send + 'static,
    ) {
        let (work, on_durable) = self.prepare(work, done);
        self.queue(link, work, on_durable);
    }

    /// A connector's telemetry. Memory always has the latest; the business hears of what matters.
    pub fn connector_reported(
        self: &Arc<Self>,
        link: &Arc<impl Link + 'static>,
        pile: &PileLive,
        connector: ConnectorNumber,
        telemetry: Telemetry,
        faults: impl FnOnce() -> Vec<&'static str>,
    ) {
        let before = pile.keep_telemetry(connector, telemetry);
        if let Some(order) =
            before.order.as_ref().filter(|order| order.transaction_number == telemetry.transaction_number)
            && telemetry.state == ConnectorState::Charging
        {
            self.series.sample(order.order, &telemetry);
        }
        if matters(before.telemetry.as_ref(), &telemetry, before.order.as_ref()) {
            let code = pile.code;
            let report =
                ConnectorReport { connector, telemetry, faults: faults(), last_charging: before.last_charging };
            let link = Arc::clone(link) as Arc<dyn Link>;
            self.uplink(&link, "telemetry", move |business| business.connector_reported(code, &report));
        }
    }

    /// What is wrong with a whole pile now, in stable words: alarms open and close as for the faults of a connector. Said
    /// again it costs nothing.
    pub fn pile_faults_reported(self: &Arc<Self>, link: &Arc<dyn Link>, pile: &PileLive, faults: Vec<&'static str>) {
        if pile.keep_faults(&faults) {
            let code = pile.code;
            let work =
                move |business: &mut Business<'_>| business.hardware_faults(code, ConnectorNumber(0), None, &faults);
            self.uplink(link, "pile's faults", work);
        }
    }

    /// A user asks a pile to start; `done` gets the decision on the store's thread.
    pub fn start_requested(
        self: &Arc<Self>,
        link: &Arc<dyn Link>,
        request: StartRequest,
        done: impl FnOnce(Option<StartDecision>) + Send + 'static,
    ) {
        let finish = move |result: Result<StartDecision, CoreError>| {
            log("start request", &result);
            done(result.ok());
        };
        self.ask(link, move |business| business.start_requested(request), finish);
    }

    /// A pile has started, or refused to.
    pub fn start_answered(
        self: &Arc<Self>,
        link: &Arc<dyn Link>,
        pile: PileCode,
        connector: ConnectorNumber,
        number: TransactionNumber,
        result: Result<(), String>,
    ) {
        self.uplink(link, "start answer", move |business| business.start_answered(pile, connector, number, result));
    }

    /// A command was answered, or was not in time, or could not be sent.
    pub fn command_answered(self: &Arc<Self>, link: &Arc<dyn Link>, id: CommandId, result: CommandResult) {
        self.uplink(link, "command's end", move |business| business.command_ended(id, result));
    }

    /// A command found no connection to be sent on.
    pub fn command_ended(self: &Arc<Self>, id: CommandId, result: CommandResult) {
        let work = move |business: &mut Business<'_>| business.command_ended(id, result);
        if let Err(waiting) = self.submit(work, |result| log("command's end", &result)) {
            self.runtime.spawn(waiting);
        }
    }

    /// A pile says which tariff it runs.
    pub fn tariff_reported(self: &Arc<Self>, link: &Arc<dyn Link>, pile: PileCode, number: TariffNumber) {
        self.uplink(link, "tariff report", move |business| business.tariff_reported(pile, number));
    }

    /// A pile fetched its tariff.
    pub fn tariff_fetched(self: &Arc<Self>, link: &Arc<dyn Link>, pile: PileCode, tariff: TariffRef) {
        self.uplink(link, "tariff", move |business| business.tariff_accepted(pile, tariff));
    }

    /// A message of the vehicle's battery, or of the pile about it. Errors raise alarms.
    pub fn bms_message(
        self: &Arc<Self>,
        link: &Arc<dyn Link>,
        pile: &PileLive,
        connector: ConnectorNumber,
        kind: &'static str,
        data: Value,
        errors: Vec<String>,
    ) {
        let Some(order) = pile.order_on(connector) else { return };
        self.series.message(order.order, kind, self.clock.now(), data);
        if !errors.is_empty() {
            let code = pile.code;
            let work =
                move |business: &mut Business<'_>| business.bms_errors(code, connector, Some(order.order), &errors);
            self.uplink(link, "BMS errors", work);
        }
    }

    /// A parking lock spoke.
    pub fn parking_lock_reported(
        self: &Arc<Self>,
        link: &Arc<dyn Link>,
        pile: PileCode,
        connector: ConnectorNumber,
        lock: ParkingLock,
    ) {
        self.uplink(link, "parking lock", move |business| business.parking_lock_reported(pile, connector, lock));
    }

    /// A pile read a vehicle's number.
    pub fn vehicle_reported(
        self: &Arc<Self>,
        link: &Arc<dyn Link>,
        pile: PileCode,
        connector: ConnectorNumber,
        vin: String,
        soc: u8,
    ) {
        self.uplink(link, "vehicle", move |business| business.vehicle_reported(pile, connector, &vin, soc));
    }

    /// A pile is here, or here again after a silence.
    pub fn pile_online(self: &Arc<Self>, link: &Arc<dyn Link>, pile: PileCode, login: PileLogin) {
        let its_link = Arc::clone(link);
        let done = move |result: Result<bool, CoreError>| {
            log("login", &result);
            if result.is_ok_and(|may_work| !may_work) {
                its_link.forbid_work();
            }
        };
        self.ask(link, move |business| business.pile_online(pile, &login), done);
    }

    /// A pile that was silent is heard again.
    pub fn pile_back(self: &Arc<Self>, link: &Arc<dyn Link>, pile: &PileLive) {
        pile.begin_anew();
        let login = pile.state().declared.as_deref().map(login_of);
        if let Some(login) = login {
            self.pile_online(link, pile.code, login);
        }
    }

    /// A pile is gone, or silent. While that waited for room in the store, the pile may have logged in elsewhere: the
    /// login has dealt with the connection before.
    pub fn pile_offline(self: &Arc<Self>, link: &Arc<dyn Link>, pile: PileCode, reason: &'static str) {
        let work = move |business: &mut Business<'_>| match business.presence.is_online(pile) {
            true => Ok(()),
            false => business.pile_offline(pile, reason),
        };
        self.uplink(link, "pile's end", work);
    }

    /// A record is stored that the business has not judged.
    pub fn record_stored(&self) {
        self.inbox.put();
    }
}

/// What the business wants to know of a login.
pub(super) fn login_of(declared: &Declared) -> PileLogin {
    PileLogin {
        iccid: declared.iccid.to_string(),
        firmware_version: declared.firmware_version.to_string(),
        protocol: declared.protocol,
        connector_count: declared.connector_count,
        pace: declared.pace,
    }
}

/// What a pile says is never refused to its face; what could not be done with it is for the log.
fn log<T>(what: &'static str, result: &Result<T, CoreError>) {
    match result {
        Ok(_) => {}
        Err(CoreError::Refused(refusal)) => tracing::info!(what, %refusal, "a pile's word led to nothing"),
        Err(CoreError::Store(crate::store::StoreError::Closed)) => {}
        Err(CoreError::Store(error)) => tracing::error!(what, %error, "a pile's word could not be dealt with"),
    }
}
