//! What happens at the pile on demand, carried out.

use voltapile_protocol::wire::CivilTime;
use voltapile_protocol::ykc::code::MainAuxiliary;
use voltapile_protocol::ykc::field::ParallelSessionNumber;

use super::action::{Action, Credential};
use super::car::CarWish;
use super::clock::{Moment, civil_time};
use super::connector::Parallel;
use super::pile::{Link, VirtualPile};

impl VirtualPile {
    /// Something happens at the pile.
    pub fn act(&mut self, now: Moment, action: Action, out: &mut Vec<u8>) -> Link {
        self.speak(out, |pile, out| {
            match action {
                Action::Reboot if pile.state.dead_until.is_none() => {
                    pile.stop_all(now, out);
                    return pile.reboot();
                }
                Action::PowerCut { lasts } => return pile.lose_power(now, lasts, out),
                other => pile.carry_out(now, other, out),
            }
            Link::Keep
        })
    }

    fn carry_out(&mut self, now: Moment, action: Action, out: &mut Vec<u8>) {
        match action {
            Action::Plug { connector, car } => self.on(connector, now, out, |connector, cx| connector.plug(cx, car)),
            Action::Unplug { connector } => self.on(connector, now, out, |connector, cx| connector.unplug(cx)),
            Action::Ask { connector, credential } => {
                self.on(connector, now, out, |connector, cx| connector.ask(cx, credential, None));
            }
            Action::AskParallel { main, auxiliary, credential } => {
                self.ask_parallel(now, [main, auxiliary], credential, out);
            }
            Action::Stop { connector, password } => {
                self.on(connector, now, out, |connector, cx| connector.stop_by_hand(cx, password));
            }
            Action::BreakOff { connector, cause } => {
                self.on(connector, now, out, |connector, cx| connector.break_off(cx, cause));
            }
            Action::SetFaults { connector, faults } => {
                self.on(connector, now, out, |connector, cx| connector.set_faults(cx, faults));
            }
            Action::SetLockAlarm { connector, alarm } => {
                self.on(connector, now, out, |connector, cx| connector.set_lock_alarm(cx, alarm));
            }
            Action::ReleaseRecords => {
                let records = self.held.take_all();
                self.send_records(now, records, out);
            }
            Action::Behave(behaviour) => self.state.behave(now, *behaviour),
            Action::Reboot | Action::PowerCut { .. } => {}
        }
    }

    /// Both plugs go into one car, where the firmware knows how to; the moment names what the two connectors do together.
    fn ask_parallel(&mut self, now: Moment, connectors: [u8; 2], credential: Credential, out: &mut Vec<u8>) {
        if !self.tongue.can_ask_in_parallel() {
            for number in connectors {
                self.on(number, now, out, |connector, _| connector.lose_partner());
            }
            return;
        }
        let can_ask = connectors.map(|number| self.on(number, now, out, |connector, cx| connector.is_ready(cx)));
        if can_ask.contains(&false) {
            for (number, can_ask) in connectors.into_iter().zip(can_ask) {
                self.on(number, now, out, |connector, _| {
                    if can_ask {
                        connector.lose_partner()
                    }
                });
            }
            return;
        }
        let time = civil_time(self.state.moment(now).unix_ms);
        let session_number = bcd_time(time);
        let mut vin = None;
        for (number, role) in connectors.into_iter().zip([MainAuxiliary::Main, MainAuxiliary::Auxiliary]) {
            vin = self.on(number, now, out, |connector, cx| {
                if vin.is_some() {
                    connector.plug(cx, CarWish { vin, ..CarWish::default() });
                }
                connector.ask(cx, credential, Some(Parallel { session_number, role }));
                connector.vin()
            });
        }
    }
}

/// yyMMddHHmmss.
fn bcd_time(time: CivilTime) -> ParallelSessionNumber {
    let bcd = |number: u8| number / 10 * 16 + number % 10;
    let (year, second) = ((time.year % 100) as u8, (time.millisecond / 1_000) as u8);
    ParallelSessionNumber([year, time.month, time.day, time.hour, time.minute, second].map(bcd))
}
