//! Work parameters, balances, reboots: 0x52, 0x42, 0x92.

use voltapile_protocol::ykc::code::{BalanceUpdateResult, Outcome};
use voltapile_protocol::ykc::field::PhysicalCardNumber;
use voltapile_protocol::ykc::message::Message;

use super::answer::answered;
use super::start::refuses;
use super::{Rule, rule};
use crate::case::{Case, both, seconds};
use crate::ykc::pile::charge::Expected;
use crate::ykc::pile::tolerance::{REBOOT, WOULD_CHARGE_WITHIN};
use crate::ykc::pile::view::{Seen, View};

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.parameters.answered",
        "对 0x52 应答 0x51",
        "0x52 is answered with 0x51",
        "V1.6 §9.2",
        |view, case| answered(view, 0x52, case),
    ),
    rule(
        "pile.parameters.locked",
        "锁定后不启动充电",
        "a locked pile starts no charge",
        "V1.6 §9.1",
        |view, case| refuses(view, Expected::RefuseLocked, case),
    ),
    rule("pile.balance.answered", "对 0x42 应答 0x41", "0x42 is answered with 0x41", "V1.6 §8.9", |view, case| {
        answered(view, 0x42, case)
    }),
    rule(
        "pile.balance.card",
        "余额更新只接受正在充电的卡",
        "a new balance is taken for the card that charges, and for no other",
        "V1.6 §8.9",
        balance_card,
    ),
    rule(
        "pile.balance.charges_on",
        "余额更新不中断充电",
        "a new balance does not end the charge",
        "V1.6 §8.9",
        balance_charges_on,
    ),
    rule("pile.reboot.answered", "对 0x92 应答 0x91", "0x92 is answered with 0x91", "V1.6 §11.2", |view, case| {
        answered(view, 0x92, case)
    }),
    rule("pile.reboot.logs_in", "重启后重新登录", "after a reboot the pile logs in again", "V1.6 §11.1; §6", reboots),
];

/// A balance update, its answer, and whether the card is that of the charge it is for.
fn updates<'v>(view: &'v View<'_>) -> impl Iterator<Item = (&'v Seen<'v>, &'v Seen<'v>, bool)> {
    view.of_type(0x42).filter_map(|request| {
        let Some(Message::BalanceUpdateRequest(update)) = &request.message else { return None };
        let charge = view.charge_at(update.connector_number.number(), request.id)?;
        let card = update.physical_card_number;
        let own =
            view.frames.iter().find(|seen| seen.id == charge.ordered.id).and_then(|seen| match &seen.message {
                Some(Message::RemoteStartRequest(order)) => Some(order.physical_card_number),
                _ => None,
            })?;
        let is_right = card == own || card == PhysicalCardNumber::default();
        Some((request, view.answer(request)?, is_right))
    })
}

fn balance_card(view: &View<'_>, case: &mut Case) {
    for (request, answer, is_right) in updates(view) {
        let Some(Message::BalanceUpdateResponse(told)) = &answer.message else { continue };
        let taken = told.update_result == BalanceUpdateResult::Succeeded;
        case.holds(taken == is_right, &[request.id, answer.id], || {
            if is_right {
                both!("拒绝了正在充电的卡", "refuses the card that charges")
            } else {
                both!("接受了别的卡", "takes a card that does not charge")
            }
        });
    }
}

fn balance_charges_on(view: &View<'_>, case: &mut Case) {
    for (request, answer, _) in updates(view) {
        let Some(connector) = request.connector else { continue };
        let Some(charge) = view.charge_at(connector, request.id) else { continue };
        let later = charge.charging().map(|(spot, _)| *spot).find(|spot| spot.id > answer.id);
        match (later, charge.record()) {
            (Some(later), _) => case.followed(&[request.id, later.id]),
            (None, Some((record, _))) if charge.stop.is_none() && record.at.since(request.at) < WOULD_CHARGE_WITHIN => {
                case.broken(
                    &[request.id, record.id],
                    both!("更新余额后充电结束", "the charge ended with the new balance"),
                );
            }
            _ => {}
        }
    }
}

fn reboots(view: &View<'_>, case: &mut Case) {
    for request in view.of_type(0x92) {
        let Some(answer) = view.answer(request) else { continue };
        match &answer.message {
            Some(Message::RebootResponse(told)) if told.set_result == Outcome::Succeeded => {}
            _ => {
                case.remark(both!("桩拒绝重启", "the pile refuses to reboot"));
                continue;
            }
        }
        match view.logins().map(|(seen, _)| seen).find(|login| login.id > answer.id) {
            Some(login) => case.took(login.at.since(answer.at), REBOOT, &[answer.id, login.id]),
            None if view.until.since(answer.at) > REBOOT.bearable => {
                let bound = seconds(REBOOT.bearable);
                case.broken(&[answer.id], both!("{bound} 秒内没有重新登录", "no login within {bound} s"));
            }
            None => {}
        }
    }
}
