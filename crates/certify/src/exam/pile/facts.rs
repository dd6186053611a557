//! What the exam knows of the pile: what came since it did something last, and how connector 1 is.

use super::script::Until;

/// What a message of a pile tells the exam, in whichever protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// It asks to be let in.
    Login,
    Heartbeat,
    /// Connector 1 is like that.
    Report {
        plugged: bool,
        charging: bool,
    },
    /// Its battery says something.
    Bms,
    /// Somebody asks at the pile to charge.
    Asked,
    Record,
}

/// What the exam knows of the pile.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Requests that are not answered yet, by type.
    awaited: Vec<u16>,
    /// Whether the pile was ever logged in.
    pub(super) was_ever_online: bool,
    /// Logins taken.
    logins: usize,
    logins_asked: usize,
    heartbeats: usize,
    reports: usize,
    bms: usize,
    records: usize,
    asked: usize,
    is_tariff_settled: bool,
    is_plugged: bool,
    is_charging: bool,
}

impl Facts {
    /// The platform does something: what came before counts no more. How the pile is stays known.
    pub(super) fn reset(&mut self) {
        let Self { was_ever_online, is_tariff_settled, is_plugged, is_charging, .. } = *self;
        *self = Self { was_ever_online, is_tariff_settled, is_plugged, is_charging, ..Self::default() };
    }

    /// An answer is waited for.
    pub(super) fn wait_for(&mut self, request: u16) {
        self.awaited.push(request);
    }

    /// Takes note of a message of the pile: the type of the request that it answers, and what it tells.
    pub(crate) fn note(&mut self, answers: Option<u16>, told: Option<Told>) {
        if let Some(place) = self.awaited.iter().position(|awaited| Some(*awaited) == answers) {
            self.awaited.swap_remove(place);
        }
        match told {
            Some(Told::Login) => {
                self.logins_asked += 1;
                self.is_tariff_settled = false;
            }
            Some(Told::Heartbeat) => self.heartbeats += 1,
            Some(Told::Bms) => self.bms += 1,
            Some(Told::Asked) => self.asked += 1,
            Some(Told::Record) => self.records += 1,
            Some(Told::Report { plugged, charging }) => {
                self.reports += 1;
                (self.is_plugged, self.is_charging) = (plugged, charging);
            }
            None => {}
        }
    }

    /// Takes note of a login that was taken.
    pub(super) const fn logged_in(&mut self) {
        self.logins += 1;
        self.was_ever_online = true;
    }

    /// Takes note of the tariff being settled.
    pub(crate) const fn settle_tariff(&mut self) {
        self.is_tariff_settled = true;
    }

    /// Whether connector 1 showed that it charges.
    pub(super) const fn is_charging(&self) -> bool {
        self.is_charging
    }

    /// Whether something has come.
    pub(super) const fn holds(&self, until: Until) -> bool {
        match until {
            Until::TimeOver => false,
            Until::LoginsAsked(count) => self.logins_asked >= count,
            Until::LoggedIn => self.logins > 0,
            Until::TariffSettled => self.is_tariff_settled,
            Until::Heartbeats(count) => self.heartbeats >= count,
            Until::Answered => self.awaited.is_empty(),
            Until::Plugged => self.is_plugged,
            Until::Unplugged => !self.is_plugged,
            Until::Charging => self.is_charging,
            Until::NotCharging => !self.is_charging,
            Until::Reports(count) => self.reports >= count,
            Until::Bms(count) => self.bms >= count,
            Until::Asked => self.asked > 0,
            Until::Records(count) => self.records >= count,
        }
    }
}
