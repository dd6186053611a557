//! Alarms: opened and closed by what piles report, one open alarm of a kind per connector.

use super::{Business, BusinessError, Refusal};
use crate::alarm::{Alarm, AlarmView, Severity};
use crate::book::Kind;
use crate::event::{Event, EventType};
use crate::identity::{AlarmId, ConnectorNumber, OrderId, PileCode};
use crate::order::Order;
use crate::pile::Pile;

/// Alarms of one pile that may be open; there are about 60 codes.
const OPEN_ALARMS_MAX: usize = 1000;

/// Codes that no report ever closes: they are closed by whoever acknowledges them.
const CLOSED_BY_HAND: [&str; 1] = ["pile.taken_over"];

/// How bad what an alarm's code names is: the one table of it.
#[must_use]
pub fn severity_of(code: &str) -> Severity {
    match code {
        "hardware.emergency_stop"
        | "hardware.no_rectifier"
        | "hardware.dc_fuse"
        | "hardware.high_voltage_contactor"
        | "hardware.insulation_communication"
        | "hardware.air_outlet_overtemperature"
        | "hardware.door_open"
        | "bms.fault_insulation"
        | "bms.insulation_state"
        | "bms.fault_output_connector_overtemp"
        | "bms.fault_bms_overtemp"
        | "bms.fault_battery_overtemp"
        | "bms.fault_hv_relay"
        | "bms.fault_charger_overtemp"
        | "bms.fault_internal_overtemp"
        | "bms.fault_emergency_stop"
        | "bms.overtemperature_state"
        | "pile.taken_over" => Severity::Critical,
        "hardware.card_reader_communication" | "hardware.fan_controller" | "parking_lock.not_reached" => {
            Severity::Notice
        }
        _ => Severity::Warning,
    }
}

impl Business<'_> {
    /// Takes the hardware faults that a connector reports now, in stable words: alarms `hardware.…` open for those that
    /// are new and close for those that are gone.
    ///
    /// # Errors
    /// When the books fail.
    pub fn hardware_faults(
        &mut self,
        pile: PileCode,
        connector: ConnectorNumber,
        order: Option<OrderId>,
        faults: &[&str],
    ) -> Result<(), BusinessError> {
        self.keep_alarms(pile, connector, order, "hardware", faults)
    }

    /// Takes errors that the BMS or the charger reports during a charge, in stable words: alarms `bms.…` open and stay
    /// until the order's charge has ended ([`close_order_alarms`](Self::close_order_alarms)). Names that begin with
    /// `reason_` tell why a charge ended as it should, and open none.
    ///
    /// # Errors
    /// When the books fail.
    pub fn bms_errors(
        &mut self,
        pile: PileCode,
        connector: ConnectorNumber,
        order: Option<OrderId>,
        names: &[String],
    ) -> Result<(), BusinessError> {
        for name in names.iter().filter(|name| !name.starts_with("reason_")) {
            self.open_alarm(pile, connector, order, format!("bms.{name}"), None)?;
        }
        Ok(())
    }

    /// Closes the alarms `bms.…` of an order's connector: its charge has ended.
    ///
    /// # Errors
    /// When the books fail.
    pub fn close_order_alarms(&mut self, order: OrderId) -> Result<(), BusinessError> {
        let Some(order) = self.books.get::<Order>(&order)? else { return Ok(()) };
        let is_its = |alarm: &Alarm| {
            alarm.connector == order.connector
                && alarm.code.starts_with("bms.")
                && alarm.order.is_none_or(|of| of == order.id)
        };
        for alarm in self.open_alarms(order.pile)?.into_iter().filter(is_its) {
            self.close_alarm(alarm)?;
        }
        Ok(())
    }

    /// Opens an alarm of a whole pile, `pile.…`, such as `taken_over`.
    ///
    /// # Errors
    /// When the books fail.
    pub fn pile_alarm(&mut self, pile: PileCode, name: &str, detail: Option<String>) -> Result<(), BusinessError> {
        self.open_alarm(pile, ConnectorNumber(0), None, format!("pile.{name}"), detail)
    }

    /// Notes who has seen an alarm. What no report will ever close is closed by that.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without the alarm.
    pub fn acknowledge_alarm(&mut self, id: AlarmId, by: &str) -> Result<Alarm, BusinessError> {
        let alarm: Option<Alarm> = self.books.get(&id)?;
        let mut alarm = alarm.ok_or_else(|| Refusal::NotFound { what: "alarm", key: id.to_string() })?;
        if alarm.acknowledged_by.is_none() {
            alarm.acknowledged_by = Some(by.to_owned());
            self.books.put(&alarm)?;
        }
        if alarm.closed_at.is_none() && CLOSED_BY_HAND.contains(&alarm.code.as_str()) {
            return self.close_alarm(alarm);
        }
        Ok(alarm)
    }

    /// Makes the open alarms `family.…` of a connector be exactly those named.
    pub(super) fn keep_alarms(
        &mut self,
        pile: PileCode,
        connector: ConnectorNumber,
        order: Option<OrderId>,
        family: &str,
        names: &[&str],
    ) -> Result<(), BusinessError> {
        for alarm in self.open_alarms(pile)? {
            let name = alarm.code.strip_prefix(family).and_then(|name| name.strip_prefix('.'));
            if alarm.connector == connector && name.is_some_and(|name| !names.contains(&name)) {
                self.close_alarm(alarm)?;
            }
        }
        for name in names {
            self.open_alarm(pile, connector, order, format!("{family}.{name}"), None)?;
        }
        Ok(())
    }

    /// Closes every alarm of a pile that goes: no report will.
    pub(super) fn close_alarms_of(&mut self, pile: PileCode) -> Result<(), BusinessError> {
        for alarm in self.open_alarms(pile)? {
            self.close_alarm(alarm)?;
        }
        Ok(())
    }

    fn open_alarms(&mut self, pile: PileCode) -> Result<Vec<Alarm>, BusinessError> {
        Ok(self.books.find("open_pile", pile, OPEN_ALARMS_MAX)?)
    }

    /// Opens an alarm unless it is open, or its pile is not registered.
    fn open_alarm(
        &mut self,
        pile: PileCode,
        connector: ConnectorNumber,
        order: Option<OrderId>,
        code: String,
        detail: Option<String>,
    ) -> Result<(), BusinessError> {
        let open_key = format!("{pile}/{connector}/{code}");
        if self.books.first::<Alarm>("open_key", &open_key)?.is_some() {
            return Ok(());
        }
        let Some(place) = self.books.get::<Pile>(&pile)? else { return Ok(()) };
        let alarm = Alarm {
            id: AlarmId(self.books.next_number(Kind::Alarm)?),
            operator: place.operator,
            pile,
            connector,
            severity: severity_of(&code),
            code,
            order,
            detail,
            open_key: Some(open_key),
            open_pile: Some(pile),
            opened_at: self.now,
            closed_at: None,
            acknowledged_by: None,
        };
        self.keep_alarm(&alarm, EventType::AlarmOpened)
    }

    fn close_alarm(&mut self, mut alarm: Alarm) -> Result<Alarm, BusinessError> {
        alarm.open_key = None;
        alarm.open_pile = None;
        alarm.closed_at = Some(self.now);
        self.keep_alarm(&alarm, EventType::AlarmClosed)?;
        Ok(alarm)
    }

    fn keep_alarm(&mut self, alarm: &Alarm, told_as: EventType) -> Result<(), BusinessError> {
        self.books.put(alarm)?;
        let event = Event::new(told_as, self.now, format!("alarms/{}", alarm.id), &AlarmView::from(alarm.clone()));
        Ok(self.books.append(&event.of_pile(alarm.pile).of_operator(alarm.operator.clone()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::command::tests::{bench, pile_code};
    use crate::business::testing::Bench;
    use serde_json::json;

    const FIRST: ConnectorNumber = ConnectorNumber(1);

    fn open(bench: &Bench) -> Vec<String> {
        let alarms: Vec<Alarm> = bench.books.all().unwrap();
        alarms.into_iter().filter_map(|alarm| alarm.open_key).collect()
    }

    fn faults(bench: &mut Bench, connector: ConnectorNumber, faults: &[&str]) {
        bench.work(|business| business.hardware_faults(pile_code(), connector, None, faults)).unwrap();
    }

    #[test]
    fn hardware_faults_open_and_close_alarms() {
        let mut bench = bench();
        faults(&mut bench, FIRST, &["emergency_stop", "door_open"]);
        faults(&mut bench, ConnectorNumber(2), &["door_open"]);
        faults(&mut bench, FIRST, &["emergency_stop", "door_open"]);
        let key = |connector, name| format!("{}/{connector}/hardware.{name}", pile_code());
        assert_eq!(open(&bench), [key(1, "emergency_stop"), key(1, "door_open"), key(2, "door_open")]);
        bench.pass_seconds(5);
        faults(&mut bench, FIRST, &["emergency_stop"]);
        assert_eq!(open(&bench), [key(1, "emergency_stop"), key(2, "door_open")]);
        let closed: Alarm = bench.get(&AlarmId(2)).unwrap().unwrap();
        assert_eq!((closed.closed_at, closed.open_pile, closed.severity), (Some(bench.now), None, Severity::Critical));
        faults(&mut bench, FIRST, &[]);
        faults(&mut bench, FIRST, &["door_open"]);
        assert_eq!(open(&bench), [key(2, "door_open"), key(1, "door_open")]);
        let told = bench.books.event_types();
        assert_eq!(told.iter().filter(|one| **one == EventType::AlarmOpened).count(), 4);
        assert_eq!(told.iter().filter(|one| **one == EventType::AlarmClosed).count(), 2);
        assert_eq!(bench.books.events()[0].subject, "alarms/1");
    }

    #[test]
    fn bms_errors_last_until_the_charge_has_ended() {
        let mut bench = bench();
        let order: Order = serde_json::from_value(json!({
            "id": 7, "pile": pile_code(), "connector": 1, "transaction_number": "1".repeat(32), "origin": "remote",
            "state": "charging", "waits_for_plug": false, "idle_reports": 0, "reserved": "0.00", "evidence": [],
            "progress": {"energy": "0", "energy_with_loss": "0", "amount": "0", "soc": 0, "minutes": 0},
            "created_at": "2026-11-20T08:00:00Z",
        }))
        .unwrap();
        bench.put(&order).unwrap();
        let names = ["cem_bcs_timeout", "reason_target_soc", "fault_insulation"].map(str::to_owned);
        bench.work(|business| business.bms_errors(pile_code(), FIRST, Some(order.id), &names)).unwrap();
        bench.work(|business| business.bms_errors(pile_code(), ConnectorNumber(2), None, &names[..1])).unwrap();
        faults(&mut bench, FIRST, &["door_open"]);
        assert_eq!(open(&bench).len(), 4);
        bench.work(|business| business.close_order_alarms(order.id)).unwrap();
        let left = [format!("{}/2/bms.cem_bcs_timeout", pile_code()), format!("{}/1/hardware.door_open", pile_code())];
        assert_eq!(open(&bench), left);
    }

    #[test]
    fn who_has_seen_an_alarm_is_noted_and_closes_what_nothing_else_does() {
        let mut bench = bench();
        let taken = |bench: &mut Bench| {
            bench
                .work(|business| business.pile_alarm(pile_code(), "taken_over", Some("from 10.0.0.1".into())))
                .unwrap();
        };
        taken(&mut bench);
        taken(&mut bench);
        faults(&mut bench, FIRST, &["door_open"]);
        let see = |bench: &mut Bench, id| bench.work(|business| business.acknowledge_alarm(AlarmId(id), "user:wang"));
        let seen = see(&mut bench, 1).unwrap();
        assert_eq!((seen.acknowledged_by.as_deref(), seen.closed_at), (Some("user:wang"), Some(bench.now)));
        let seen = see(&mut bench, 2).unwrap();
        assert_eq!((seen.acknowledged_by.as_deref(), seen.closed_at), (Some("user:wang"), None));
        assert!(matches!(see(&mut bench, 3), Err(BusinessError::Refused(Refusal::NotFound { .. }))));
        taken(&mut bench);
        assert_eq!(open(&bench).len(), 2);
    }

    #[test]
    fn an_unregistered_pile_raises_nothing() {
        let mut bench = bench();
        let stranger = PileCode::new("1").unwrap();
        bench.work(|business| business.hardware_faults(stranger, FIRST, None, &["door_open"])).unwrap();
        bench.work(|business| business.vehicle_reported(stranger, FIRST, "LSVAU2180N2183294", 50)).unwrap();
        assert!(bench.books.events().is_empty());
    }
}
