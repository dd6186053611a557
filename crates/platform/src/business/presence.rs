//! Piles that come and go, and what that means for their connectors, orders and commands.

use serde_json::json;

use super::{Business, BusinessError};
use crate::event::EventType;
use crate::identity::{ConnectorNumber, PileCode};
use crate::order::OrderState;
use crate::order::machine::Input;
use crate::pace::Pace;
use crate::pile::{ConnectorState, Pile};

/// What a pile says of itself when it logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PileLogin {
    /// Number of its SIM card; empty where it has none.
    pub iccid: String,
    /// Its program's version.
    pub firmware_version: String,
    /// The protocol it speaks.
    pub protocol: &'static str,
    /// How many connectors it says it has; 0 where it says nothing.
    pub connector_count: u8,
    /// How fast it does things.
    pub pace: Pace,
}

impl Business<'_> {
    /// A pile logged in on a new connection; a login repeated on the same one is none. What it said is kept, its open
    /// charges have to show that they go on, and what waited for it is sent. A device with another SIM card than the
    /// one that began a charge is not taken for the same pile.
    ///
    /// Gives whether the pile may work: one that was told not to may have forgotten.
    ///
    /// # Errors
    /// When the books fail.
    pub fn pile_online(&mut self, pile: PileCode, login: &PileLogin) -> Result<bool, BusinessError> {
        let Some(mut registered) = self.books.get::<Pile>(&pile)? else { return Ok(true) };
        let Some(mut state) = self.state_of_pile(pile)? else { return Ok(true) };
        let known = state.clone();
        let before = state.iccid.clone().filter(|before| !before.is_empty());
        let replaced = before.filter(|before| !login.iccid.is_empty() && *before != login.iccid);
        if !login.iccid.is_empty() {
            state.iccid = Some(login.iccid.clone());
        }
        state.firmware_version = Some(login.firmware_version.clone());
        state.protocol = Some(login.protocol.to_owned());
        state.pace = login.pace;
        // After a restart thousands log in at once, and most say what they have always said.
        if state != known {
            self.books.put(&state)?;
        }
        if registered.connector_count == 0 && login.connector_count > 0 {
            registered.connector_count = login.connector_count;
            self.books.put(&registered)?;
        }
        let data = json!({
            "pile": pile,
            "iccid": login.iccid,
            "firmware_version": login.firmware_version,
            "protocol": login.protocol,
            "connector_count": login.connector_count,
        });
        self.tell(EventType::PileOnline, pile, format!("piles/{pile}"), &data, registered.operator)?;
        // What was in flight was so on the connection before, of whose end nobody may have heard.
        self.commands_on_takeover(pile)?;
        let mut orders = self.open_orders_of(pile)?;
        orders.retain(|order| order.state != OrderState::Abnormal);
        let input = match replaced {
            Some(before) if !orders.is_empty() => {
                let detail = format!("the pile logged in with the SIM card {} instead of {before}", login.iccid);
                self.pile_alarm(pile, "taken_over", Some(detail.clone()))?;
                Input::PileReplaced { detail }
            }
            _ => Input::PileOnline,
        };
        for order in orders {
            self.drive(order, &input)?;
        }
        self.commands_on_login(pile)?;
        Ok(state.may_work())
    }

    /// A pile's connection ended, or it fell silent; why in a stable word. Its connectors count as offline, its open
    /// charges wait for it, and commands that may not wait are given up.
    ///
    /// # Errors
    /// When the books fail.
    pub fn pile_offline(&mut self, pile: PileCode, reason: &'static str) -> Result<(), BusinessError> {
        let Some(mut state) = self.state_of_pile(pile)? else { return Ok(()) };
        let mut changed = Vec::new();
        for status in &mut state.connectors {
            if status.state != ConnectorState::Offline {
                let before = std::mem::replace(&mut status.state, ConnectorState::Offline);
                status.since = self.now;
                changed.push((before, status.clone()));
            }
        }
        let data = json!({ "pile": pile, "reason": reason });
        self.tell(EventType::PileOffline, pile, format!("piles/{pile}"), &data, state.operator.clone())?;
        if !changed.is_empty() {
            self.books.put(&state)?;
        }
        for (before, status) in changed {
            self.tell_connector(pile, &status, before, state.operator.clone())?;
        }
        for order in self.open_orders_of(pile)? {
            self.drive(order, &Input::PileOffline)?;
        }
        self.commands_on_offline(pile)
    }

    /// A charging connector of a pile that is there has ceased to report: its order waits as if the pile were away,
    /// until the connector speaks again.
    ///
    /// # Errors
    /// When the books fail.
    pub fn connector_silent(&mut self, pile: PileCode, connector: ConnectorNumber) -> Result<(), BusinessError> {
        if let Some(order) = self.holder(pile, connector)? {
            self.drive(order, &Input::PileOffline)?;
        }
        Ok(())
    }
}
