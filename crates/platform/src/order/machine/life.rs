//! Starting, charging and stopping; piles that come and go; deadlines.

use super::{
    AbnormalReason, Effect, NOT_CHARGING, NOT_PLUGGED, OrderState, Progress, START_FAILED, STOPPED_BY_PILE,
    STOPPED_BY_PLATFORM, Step,
};
use crate::event::EventType;
use crate::identity::TransactionNumber;
use OrderState::{Abnormal, AwaitingRecord, Charging, Created, Failed, Settled, Starting, Stopping};

/// Seconds in which a stopped connector may still report that it charges: its last report crosses the answer.
const SPIN_DOWN_S: i64 = 10;

impl Step<'_> {
    pub(super) fn start_sent(&mut self) -> Vec<Effect> {
        if self.order.state == Created {
            self.enter(Starting);
            // Rule 1: confirmed and charging within 90 s of the start, or of the time that was asked for.
            let from = self.order.options.start_at.map_or(self.now, |start_at| start_at.max(self.now));
            let kept = u32::from(self.order.options.hold_minutes.unwrap_or(0)) * 60;
            let within = self.order.pace.start_within_s.saturating_add(kept);
            self.order.deadline = Some(from.plus_seconds(i64::from(within)));
        }
        Vec::new()
    }

    pub(super) fn start_confirmed(&mut self) -> Vec<Effect> {
        self.order.confirmed = true;
        match self.order.state {
            Created | Starting if self.order.waits_for_plug => {
                // OQ-14: plugged in after all; the charge has its full time from now on.
                self.order.waits_for_plug = false;
                self.deadline_in(self.order.pace.start_within_s);
                Vec::new()
            }
            // It was told to stop before it began, or its time was over: it must not charge (rules 1 to 3).
            AwaitingRecord if self.never_charged() => vec![Effect::SendStop],
            Failed => {
                self.note("late_start", "the pile took the start after it had failed".to_owned());
                vec![Effect::SendStop]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn start_refused(&mut self, reason: &str) -> Vec<Effect> {
        match self.order.state {
            Created | Starting if reason == NOT_PLUGGED => {
                self.order.waits_for_plug = true;
                let until = self.order.created_at.plus_seconds(i64::from(self.rules.plug_within_s));
                self.order.deadline = Some(until.max(self.now));
                Vec::new()
            }
            Created | Starting => self.fail(reason),
            Stopping | AwaitingRecord if self.never_charged() => self.fail(reason),
            _ => Vec::new(),
        }
    }

    pub(super) fn start_unanswered(&mut self, told: bool, detail: &str) -> Vec<Effect> {
        match self.order.state {
            // The answer may be lost and the charge run: rule 1's time decides.
            Created | Starting if told => self.note("start_unanswered", detail.to_owned()),
            Created | Starting => {
                self.note("start_not_sent", detail.to_owned());
                return self.fail("start_not_sent");
            }
            Stopping | AwaitingRecord if !told && self.never_charged() => return self.fail("start_not_sent"),
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn charging_seen(&mut self, progress: Progress, free: bool) -> Vec<Effect> {
        let was_away = self.order.away_since.take().is_some();
        if self.order.record.is_none() {
            self.order.progress = progress;
        }
        match self.order.state {
            Created | Starting => {
                self.order.started_at = Some(self.now);
                self.enter(Charging);
                vec![Effect::Emit(EventType::OrderCharging)]
            }
            Charging => {
                self.order.idle_reports = 0;
                self.order.deadline = None;
                Vec::new()
            }
            Stopping => {
                // Given up before it began, and it has begun all the same: now it is to be stopped.
                let reserved = self.order.is_reserved(self.now);
                self.order.started_at.get_or_insert(self.now);
                if was_away || reserved { self.stop_again() } else { Vec::new() }
            }
            AwaitingRecord if free => self.charging_again(),
            Failed => {
                self.note("charging_after_failure", "the connector charges although the start failed".to_owned());
                vec![Effect::SendStop]
            }
            AwaitingRecord | Settled | Abnormal => Vec::new(),
        }
    }

    /// An end was seen, but the connector charges under the order's number: it goes on, unless it was told to stop.
    fn charging_again(&mut self) -> Vec<Effect> {
        let ended_at = self.order.ended_at.unwrap_or(self.now);
        if self.was_stopped() && self.now < ended_at.plus_seconds(SPIN_DOWN_S) {
            return Vec::new();
        }
        self.order.started_at.get_or_insert(self.now);
        self.order.ended_at = None;
        if self.was_stopped() {
            self.note("charging_after_stop", "the connector charges although it was stopped".to_owned());
            self.enter(Stopping);
            let mut effects = vec![Effect::Emit(EventType::OrderStopping)];
            effects.extend(self.stop_again());
            return effects;
        }
        self.note("goes_on", "the connector charges again under the order's number".to_owned());
        self.order.end_reason = None;
        self.enter(Charging);
        vec![Effect::Emit(EventType::OrderCharging)]
    }

    fn stop_again(&mut self) -> Vec<Effect> {
        self.deadline_in(self.rules.stop_within_s);
        vec![Effect::SendStop]
    }

    pub(super) fn idle_seen(&mut self, plugged: Option<bool>, progress: Option<Progress>) -> Vec<Effect> {
        let was_away = self.order.away_since.take().is_some();
        if let Some(progress) = progress.filter(|_| self.order.record.is_none()) {
            self.order.progress = progress;
        }
        match self.order.state {
            Starting if self.was_preparing() => self.end(START_FAILED),
            Charging => {
                let returned = was_away || (self.order.deadline.is_some() && self.order.idle_reports == 0);
                if plugged == Some(false) {
                    // Rule 5: with the plug out the charge is over, and the record comes at once.
                    self.end("plug_pulled")
                } else if returned {
                    self.note("pile_restarted", "the pile came back and the connector was idle".to_owned());
                    self.end("pile_restarted")
                } else {
                    self.idle_while_charging()
                }
            }
            Stopping => self.end(STOPPED_BY_PLATFORM),
            AwaitingRecord if was_away => {
                self.deadline_in(self.order.pace.record_within_s);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Rule 4: a second idle report makes the order abnormal. The first one starts the record's time (rule 7), for a
    /// pile whose charge is over says so before it bills.
    fn idle_while_charging(&mut self) -> Vec<Effect> {
        self.order.idle_reports = self.order.idle_reports.saturating_add(1);
        if self.order.idle_reports < 2 {
            self.deadline_in(self.order.pace.record_within_s);
            return Vec::new();
        }
        self.order.ended_at = Some(self.now);
        self.abnormal(
            AbnormalReason::IdleWhileCharging,
            "two reports of an idle connector in a row, without a stop and without a record".to_owned(),
        )
    }

    /// The pile has taken the start and talks to the car, for as long as its pace allows.
    pub(super) fn preparing_seen(&mut self) -> Vec<Effect> {
        if self.order.state == Starting && self.order.preparing_since.is_none() {
            self.order.confirmed = true;
            self.order.waits_for_plug = false;
            self.order.preparing_since = Some(self.now);
            let until = self.now.plus_seconds(i64::from(self.order.pace.prepare_within_s));
            self.order.deadline = self.order.deadline.max(Some(until));
        }
        Vec::new()
    }

    /// Unlike an idle connector, one that says so itself leaves nothing to wait for but the record.
    pub(super) fn finished_seen(&mut self, progress: Option<Progress>) -> Vec<Effect> {
        let was_away = self.order.away_since.take().is_some();
        if let Some(progress) = progress.filter(|_| self.order.record.is_none()) {
            self.order.progress = progress;
        }
        match self.order.state {
            // Before it prepared, this is the charge before.
            Starting if self.was_preparing() => self.end(START_FAILED),
            Charging => self.end(STOPPED_BY_PILE),
            Stopping => self.end(STOPPED_BY_PLATFORM),
            AwaitingRecord if was_away => {
                self.deadline_in(self.order.pace.record_within_s);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    const fn was_preparing(&self) -> bool {
        self.order.preparing_since.is_some()
    }

    pub(super) fn fault_seen(&mut self) -> Vec<Effect> {
        match self.order.state {
            Starting if self.was_preparing() => self.end(START_FAILED),
            Charging | Stopping => self.end("connector_fault"),
            _ => Vec::new(),
        }
    }

    pub(super) fn other_number_seen(&mut self, number: TransactionNumber, known: bool) -> Vec<Effect> {
        match self.order.state {
            Created | Starting => {
                self.note("another_number", format!("before the start was seen, the connector charged under {number}"));
                Vec::new()
            }
            // Rule 6: one transaction number throughout.
            Charging | Stopping if known => self.abnormal(
                AbnormalReason::Overlapping,
                format!("the connector charges for another open order, under {number}"),
            ),
            Charging | Stopping => self.abnormal(
                AbnormalReason::NumberChanged,
                format!("the connector charges under {number}, which no open order has"),
            ),
            _ => Vec::new(),
        }
    }

    /// A stop has its own time; whoever knows that the pile is away says so afterwards.
    pub(super) fn stop_asked(&mut self, reason: &str) -> Vec<Effect> {
        if matches!(self.order.state, Created | Starting | Charging | Stopping) {
            self.order.away_since = None;
        }
        match self.order.state {
            // Rule 3: a stop while starting or charging must always stop.
            Created | Starting | Charging => {
                self.order.end_reason = Some(reason.to_owned());
                self.enter(Stopping);
                self.deadline_in(self.rules.stop_within_s);
                vec![Effect::Emit(EventType::OrderStopping), Effect::SendStop]
            }
            Stopping => self.stop_again(),
            Abnormal => vec![Effect::SendStop],
            AwaitingRecord | Settled | Failed => Vec::new(),
        }
    }

    pub(super) fn stop_confirmed(&mut self) -> Vec<Effect> {
        if self.order.state == Stopping { self.end(STOPPED_BY_PLATFORM) } else { Vec::new() }
    }

    pub(super) fn stop_refused(&mut self, reason: &str) -> Vec<Effect> {
        match self.order.state {
            // It has stopped already: its record comes anyway (ykc-versions.md §7, 14).
            Stopping if reason == NOT_CHARGING => self.end(STOPPED_BY_PLATFORM),
            Stopping | Abnormal => {
                self.note("stop_refused", format!("the pile refused to stop: {reason}"));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn stop_unanswered(&mut self, detail: &str) -> Vec<Effect> {
        if matches!(self.order.state, Stopping | Abnormal) {
            self.note("stop_unanswered", detail.to_owned());
        }
        Vec::new()
    }

    pub(super) fn deadline(&mut self) -> Vec<Effect> {
        if self.order.deadline.is_none_or(|deadline| self.now < deadline) {
            return Vec::new();
        }
        match self.order.state {
            Created | Starting => self.start_overdue(),
            Charging | Stopping | AwaitingRecord if self.order.away_since.is_some() => self.abnormal(
                AbnormalReason::PileGone,
                format!("nothing heard of the pile for {} hours", self.rules.gone_after_s / 3600),
            ),
            Charging if self.order.idle_reports == 0 => {
                self.note("silent_after_return", "the pile came back and said nothing of the charge".to_owned());
                self.end("pile_restarted")
            }
            Stopping => {
                let detail = format!("told to stop, and still charging {} s later", self.rules.stop_within_s);
                let mut effects = self.abnormal(AbnormalReason::StopFailed, detail);
                effects.push(Effect::SendStop);
                effects
            }
            AwaitingRecord if self.never_charged() && self.order.record.is_none() => {
                let failed = self.order.end_reason.as_deref() == Some(START_FAILED);
                self.fail(if failed { START_FAILED } else { "stopped_before_start" })
            }
            // Rule 7: the record is due 30 s after the end.
            Charging | AwaitingRecord => self.abnormal(
                AbnormalReason::RecordOverdue,
                format!("no transaction record {} s after the end of the charge", self.order.pace.record_within_s),
            ),
            Settled | Failed | Abnormal => Vec::new(),
        }
    }

    /// Rules 1 and 2: the start has failed. What the pile does now is not for this order, so it is told to stop.
    fn start_overdue(&mut self) -> Vec<Effect> {
        let reason = match (self.order.waits_for_plug, self.order.confirmed) {
            (true, _) => NOT_PLUGGED,
            (false, true) => "no_charge_seen",
            (false, false) => "start_unanswered",
        };
        let mut effects = self.fail(reason);
        effects.push(Effect::SendStop);
        effects
    }

    pub(super) fn pile_offline(&mut self) -> Vec<Effect> {
        if matches!(self.order.state, Created | Starting | Charging | Stopping | AwaitingRecord) {
            let since = *self.order.away_since.get_or_insert(self.now);
            // A start keeps its 90 s: rule 1 knows no excuse.
            if matches!(self.order.state, Charging | Stopping | AwaitingRecord) {
                self.order.deadline = Some(since.plus_seconds(i64::from(self.rules.gone_after_s)));
            }
        }
        Vec::new()
    }

    /// A login may follow a reboot that nobody noticed, so a charge has to be seen again.
    pub(super) fn pile_online(&mut self) -> Vec<Effect> {
        self.order.away_since = None;
        match self.order.state {
            Charging => {
                self.order.idle_reports = 0;
                self.deadline_in(self.order.pace.start_within_s);
                Vec::new()
            }
            Stopping => self.stop_again(),
            AwaitingRecord => {
                // However often it comes and goes: not for ever.
                let ended_at = self.order.ended_at.unwrap_or(self.now);
                let last = ended_at.plus_seconds(i64::from(self.rules.gone_after_s)).max(self.now);
                let due = self.now.plus_seconds(i64::from(self.order.pace.record_within_s));
                self.order.deadline = Some(due.min(last));
                Vec::new()
            }
            Created | Starting | Settled | Failed | Abnormal => Vec::new(),
        }
    }

    pub(super) fn pile_replaced(&mut self, detail: &str) -> Vec<Effect> {
        match self.order.state {
            Created | Starting => {
                self.note(AbnormalReason::PileReplaced.name(), detail.to_owned());
                self.fail(AbnormalReason::PileReplaced.name())
            }
            Charging | Stopping | AwaitingRecord | Abnormal => {
                self.abnormal(AbnormalReason::PileReplaced, detail.to_owned())
            }
            Settled | Failed => Vec::new(),
        }
    }
}
