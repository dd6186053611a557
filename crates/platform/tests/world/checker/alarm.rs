//! Alarms: one open alarm of a kind.

use std::collections::BTreeMap;

use voltapile_platform::identity::AlarmId;

use super::Seen;

/// Alarms that are open, by what they are about.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    open: BTreeMap<String, AlarmId>,
}

impl Alarms {
    pub(super) fn check(&mut self, seen: &Seen<'_>, found: &mut Vec<String>) {
        for alarm in &seen.alarms {
            let after = &alarm.after;
            let open_key = alarm.before.as_ref().and_then(|before| before.open_key.as_ref());
            if let Some(key) = open_key.filter(|_| after.open_key.is_none()) {
                self.open.remove(key);
            }
            if after.open_key.is_some() == after.closed_at.is_some()
                || after.open_pile.is_some() == after.closed_at.is_some()
            {
                found.push(format!("alarm {} is neither open nor closed: {after:?}", after.id));
            }
            if alarm.before.as_ref().is_some_and(|before| before.closed_at.is_some() && after.closed_at.is_none()) {
                found.push(format!("alarm {} was closed and is open again", after.id));
            }
        }
        for alarm in &seen.alarms {
            let Some(key) = &alarm.after.open_key else { continue };
            if let Some(other) = self.open.insert(key.clone(), alarm.after.id)
                && other != alarm.after.id
            {
                found.push(format!("alarms {other} and {} are both open for {key}", alarm.after.id));
            }
        }
    }
}
