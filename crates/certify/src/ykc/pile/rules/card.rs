//! People at the pile: 0x31 and 0x32.

use voltapile_protocol::ykc::code::{Outcome, StartMethod, StartSource};
use voltapile_protocol::ykc::field::PhysicalCardNumber;
use voltapile_protocol::ykc::message::Message;

use super::start::shown_in_time;
use super::{Rule, rule};
use crate::case::{Case, both};
use crate::ykc::pile::charge::Order;
use crate::ykc::pile::tolerance::WOULD_CHARGE_WITHIN;
use crate::ykc::pile::view::View;

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.card.request",
        "刷卡时 0x31 带物理卡号，VIN 启动时带 VIN",
        "0x31 names the card, or the car where it starts by VIN",
        "V1.6 §8.1",
        request,
    ),
    rule(
        "pile.card.refusal",
        "0x32 拒绝后不充电",
        "after a refusal in 0x32 the pile does not charge",
        "V1.6 §8.2",
        refusal,
    ),
    rule(
        "pile.card.starts",
        "0x32 允许后 90 秒内上送充电状态的 0x13",
        "within 90 s of a consent in 0x32 a 0x13 shows the charge",
        "V1.6 §8.2; §13.3.1",
        starts,
    ),
    rule(
        "pile.card.recorded",
        "交易记录的物理卡号就是所刷的卡",
        "the record names the card that was swiped",
        "V1.6 §8.7",
        recorded,
    ),
    rule(
        "pile.card.source",
        "交易记录的启动方式属实",
        "the record tells how the charge was started",
        "V1.6 §8.7; OQ-16",
        source,
    ),
];

fn request(view: &View<'_>, case: &mut Case) {
    for seen in view.of_type(0x31) {
        let Some(Message::StartRequest(request)) = &seen.message else { continue };
        let names_card = request.account_or_physical_card_number != PhysicalCardNumber::default();
        let names_car = request.vin.0.iter().any(|byte| !matches!(byte, 0 | b'0' | 0xFF));
        let (is_right, method) = match request.start_method {
            method @ (StartMethod::Card | StartMethod::Account) => (names_card, method),
            method @ StartMethod::Vin => (names_car, method),
            method => (false, method),
        };
        case.holds(is_right, &[seen.id], || {
            both!("启动方式 {method:?}，但没有相应的卡号或 VIN", "start by {method:?} without its card number or VIN")
        });
    }
}

fn refusal(view: &View<'_>, case: &mut Case) {
    for answer in view.of_type(0x32) {
        let Some(Message::StartResponse(refused)) = &answer.message else { continue };
        if refused.auth_result == Outcome::Succeeded {
            continue;
        }
        let connector = refused.connector_number.number();
        // What was ordered meanwhile by other means may well charge.
        let begun = view.charges.iter().filter(|charge| charge.connector == connector).find(|charge| {
            charge.order == Order::Unknown
                && charge
                    .proof()
                    .is_some_and(|proof| proof.id > answer.id && proof.at.since(answer.at) <= WOULD_CHARGE_WITHIN)
        });
        match begun.and_then(|charge| charge.proof()) {
            Some(proof) => {
                case.broken(&[answer.id, proof.id], both!("被拒绝后仍然充电", "charges though it was refused"))
            }
            None if view.lived(answer.connection, answer.at, WOULD_CHARGE_WITHIN) => case.followed(&[answer.id]),
            None => {}
        }
    }
}

fn starts(view: &View<'_>, case: &mut Case) {
    for charge in view.charges.iter().filter(|charge| matches!(charge.order, Order::Asked(..))) {
        shown_in_time(view, charge, charge.ordered.id, case);
    }
}

fn recorded(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let (Order::Asked(StartMethod::Card, card), Some((spot, record))) = (charge.order, charge.record()) else {
            continue;
        };
        case.holds(record.physical_card_number == card, &[charge.ordered.id, spot.id], || {
            both!("记录中的卡号与 0x31 不同", "the record names another card than 0x31")
        });
    }
}

fn source(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let Some((spot, record)) = charge.record() else { continue };
        let source = record.start_source;
        let expected = match charge.order {
            Order::Remote => StartSource::App,
            Order::Asked(StartMethod::Card, _) => StartSource::Card,
            Order::Asked(StartMethod::Vin, _) => StartSource::Vin,
            Order::Asked(..) | Order::Unknown => continue,
        };
        case.holds(source == expected, &[charge.ordered.id, spot.id], || {
            both!("交易标识是 {source:?}，应为 {expected:?}", "the source is {source:?} instead of {expected:?}")
        });
    }
}
