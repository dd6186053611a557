//! What a DC pile tells of the battery: 0x15 to 0x25.

use voltapile_protocol::ykc::code::PileType;
use voltapile_protocol::ykc::message::{
    BmsChargeParameters, BmsDemandChargerOutput, BmsHandshake, BmsStatus, ChargeEndStatistics,
};

use super::telemetry::pauses;
use super::{Rule, rule};
use crate::case::{Case, both};
use crate::ykc::pile::charge::{Charge, Spot};
use crate::ykc::pile::tolerance::{BATTERY_SPOKE, CHARGING_REPORT};
use crate::ykc::pile::view::View;

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.bms.handshake",
        "直流充电上送充电握手 0x15",
        "a DC charge tells its handshake (0x15)",
        "V1.6 §7.3",
        |view, case| spoke(view, BmsHandshake::CODE, case),
    ),
    rule(
        "pile.bms.parameters",
        "直流充电上送参数配置 0x17",
        "a DC charge tells its parameters (0x17)",
        "V1.6 §7.4",
        |view, case| spoke(view, BmsChargeParameters::CODE, case),
    ),
    rule(
        "pile.bms.demand",
        "直流充电每 15 秒上送 0x23",
        "a DC charge tells demand and output (0x23) every 15 s",
        "V1.6 §7.9",
        |view, case| regularly(view, BmsDemandChargerOutput::CODE, case),
    ),
    rule(
        "pile.bms.status",
        "直流充电每 15 秒上送 0x25",
        "a DC charge tells the battery's state (0x25) every 15 s",
        "V1.6 §7.10",
        |view, case| regularly(view, BmsStatus::CODE, case),
    ),
    rule(
        "pile.bms.end",
        "直流充电结束时上送 0x19",
        "a DC charge tells its statistics (0x19) when it ends",
        "V1.6 §7.5",
        end,
    ),
    rule(
        "pile.bms.transaction",
        "BMS 报文带当前交易流水号",
        "messages of the battery name the charge under way",
        "V1.6 §13.3.6",
        transaction,
    ),
];

/// Charges of a DC pile that went on long enough for the battery to speak, all on one connection.
fn charges<'v>(view: &'v View<'_>) -> impl Iterator<Item = (&'v Charge, Spot)> {
    let is_dc = view.login().is_some_and(|login| login.pile_type == PileType::Dc);
    view.charges.iter().filter(move |_| is_dc).filter_map(|charge| {
        let (first, last) = (charge.shown()?, charge.charging().next_back()?.0);
        let is_long = last.at.since(first.at) >= BATTERY_SPOKE && first.connection == last.connection;
        is_long.then_some((charge, first))
    })
}

fn spoke(view: &View<'_>, code: u8, case: &mut Case) {
    for (charge, shown) in charges(view) {
        match charge.battery.iter().find(|(_, told)| *told == code) {
            Some((spot, _)) => case.followed(&[spot.id]),
            None => case.broken(&[shown.id], both!("没有 0x{code:02X}", "no 0x{code:02X}")),
        }
    }
}

fn regularly(view: &View<'_>, code: u8, case: &mut Case) {
    for (charge, shown) in charges(view) {
        let told: Vec<Spot> = charge.battery.iter().filter(|(_, told)| *told == code).map(|(spot, _)| *spot).collect();
        if told.is_empty() {
            case.broken(&[shown.id], both!("没有 0x{code:02X}", "no 0x{code:02X}"));
        }
        pauses(view, charge, &told, CHARGING_REPORT, case);
    }
}

fn end(view: &View<'_>, case: &mut Case) {
    for (charge, _) in charges(view) {
        let Some((record, _)) = charge.record() else { continue };
        if charge.last_heard().is_none_or(|last| last.connection != record.connection) {
            continue;
        }
        match charge.battery.iter().find(|(_, told)| *told == ChargeEndStatistics::CODE) {
            Some((spot, _)) => case.followed(&[spot.id]),
            None => case.broken(&[record.id], both!("充电结束却没有 0x19", "the charge ended without 0x19")),
        }
    }
}

fn transaction(view: &View<'_>, case: &mut Case) {
    for seen in view.up().filter(|seen| (0x15..=0x25).contains(&seen.frame_type)) {
        let Some(number) = seen.transaction else { continue };
        let is_known =
            view.charges.iter().any(|charge| charge.number == number && Some(charge.connector) == seen.connector);
        case.holds(is_known, &[seen.id], || {
            both!("流水号 {number} 不属于任何充电", "the number {number} belongs to no charge there")
        });
    }
}
