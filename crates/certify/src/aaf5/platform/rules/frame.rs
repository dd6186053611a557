//! What everything that the platform sends has to follow.

use voltapile_protocol::aaf5::Dialect;
use voltapile_protocol::aaf5::code::StartMode;
use voltapile_protocol::aaf5::message::{Message, layout};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::BcdTime;

use crate::aaf5::platform::say::CONNECTORS;
use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::View;
use crate::case::{Case, both};

pub(super) static RULES: &[Rule] = &[
    rule(
        "aaf5.platform.frame.whole",
        "平台发出的每个字节都属于格式正确的报文",
        "every byte that the platform sends belongs to a sound frame",
        "P52 §2.2",
        whole,
    ),
    rule(
        "aaf5.platform.frame.length",
        "平台报文的数据不短于规定的长度",
        "no body of the platform is shorter than its command demands",
        "P52 §3",
        length,
    ),
    rule(
        "aaf5.platform.frame.direction",
        "平台只发送下行命令",
        "the platform sends no command that belongs to piles",
        "P52 §3",
        direction,
    ),
    rule(
        "aaf5.platform.frame.plain",
        "没有约定加密时信息域最高位为 0",
        "without a key no frame is flagged as encrypted",
        "P52 §2.7",
        plain,
    ),
    rule(
        "aaf5.platform.frame.pile_code",
        "平台报文中的桩编码是本连接的桩",
        "the platform's frames name the pile of their connection",
        "P52 §1.2",
        pile_code,
    ),
    rule(
        "aaf5.platform.clock.valid",
        "对时（3 号命令 2 号参数）的时间有效",
        "a clock that is set (3, index 2) is a time",
        "P52 §5.2",
        clock,
    ),
    rule(
        "aaf5.platform.tariff.covers",
        "1103/1105 的时段从 0 点到 24 点首尾相接，以半小时为界",
        "the periods of 1103 and 1105 go from 00:00 to 24:00 without a gap, on the half hour",
        "P52 §1103",
        covers,
    ),
    rule(
        "aaf5.platform.tariff.unused",
        "1103/1105 未用的时段全为 0",
        "unused periods of 1103 and 1105 are all zero",
        "P52 §1103",
        unused,
    ),
    rule(
        "aaf5.platform.start.valid",
        "启动 7 带有存在的枪口、规定的生效类型、卡号和流水号",
        "a start 7 has a connector that exists, a mode that exists, a card and a transaction number",
        "P52 §7",
        start,
    ),
];

fn whole(view: &View<'_>, case: &mut Case) {
    for (id, direction, count) in &view.junk {
        if *direction == Direction::Down {
            case.broken(&[*id], both!("{count} 字节不成帧", "{count} bytes are no frame"));
        }
    }
    for seen in view.frames.iter().filter(|seen| !seen.is_up()) {
        case.holds(seen.holds, &[seen.id], || both!("校验和错误", "its check sum is wrong"));
    }
}

fn length(view: &View<'_>, case: &mut Case) {
    for seen in view.down().filter(|seen| seen.is_known() && seen.info & 0x80 == 0) {
        let (command, length) = (seen.command, seen.body.len());
        case.holds(seen.message.is_some(), &[seen.id], || {
            both!("{command} 的数据只有 {length} 字节", "the body of {command} has only {length} bytes")
        });
    }
}

fn direction(view: &View<'_>, case: &mut Case) {
    for seen in view.down() {
        let command = seen.command;
        match layout(command, seen.body.len(), Dialect::Standard) {
            Some(layout) => case.holds(layout.direction == Direction::Down, &[seen.id], || {
                both!("{command} 是桩的命令", "{command} belongs to piles")
            }),
            None => case.remark(both!("{command} 不在规范里", "{command} is not in the specification")),
        }
    }
}

fn plain(view: &View<'_>, case: &mut Case) {
    for seen in view.down() {
        case.holds(seen.info & 0x80 == 0, &[seen.id], || both!("置了加密位", "it is flagged as encrypted"));
    }
}

fn pile_code(view: &View<'_>, case: &mut Case) {
    for seen in view.down() {
        let Some(code) = seen.pile else { continue };
        let name = code.text();
        case.holds(code.says(&view.pile), &[seen.id], || both!("是 {name}", "it is {name}"));
    }
}

fn clock(view: &View<'_>, case: &mut Case) {
    for seen in view.down() {
        let Some(Message::TextParameterRequest(request)) = &seen.message else { continue };
        if request.index == 2 && !request.value.0.is_empty() {
            let time = request.value.0.first_chunk().copied().map(BcdTime).and_then(|time| time.civil());
            case.holds(time.is_some(), &[seen.id], || both!("不是有效的时间", "it is no time"));
        }
    }
}

/// A period's begin and end in minutes of the day, and whether it is used.
type Period = (u16, u16, bool);

fn periods(message: &Message) -> Option<Vec<Period>> {
    let minutes = |hour: u8, minute: u8| u16::from(hour) * 60 + u16::from(minute);
    Some(match message {
        Message::TariffSetRequest(request) => request
            .periods
            .iter()
            .map(|p| {
                (minutes(p.start_hour, p.start_minute), minutes(p.end_hour, p.end_minute), *p != Default::default())
            })
            .collect(),
        Message::TimeOfUseTariffSetRequest(request) => request
            .periods
            .iter()
            .map(|p| {
                (minutes(p.start_hour, p.start_minute), minutes(p.end_hour, p.end_minute), *p != Default::default())
            })
            .collect(),
        _ => return None,
    })
}

fn covers(view: &View<'_>, case: &mut Case) {
    for seen in view.down() {
        let Some(periods) = seen.message.as_ref().and_then(periods) else { continue };
        let mut at = Some(0);
        for (from, to, _) in periods.iter().take_while(|(from, to, _)| to > from) {
            at = at.filter(|at| at == from && from % 30 == 0 && to % 30 == 0).map(|_| *to);
        }
        case.holds(at == Some(24 * 60), &[seen.id], || both!("没有覆盖全天", "they do not cover the day"));
    }
}

fn unused(view: &View<'_>, case: &mut Case) {
    for seen in view.down() {
        let Some(periods) = seen.message.as_ref().and_then(periods) else { continue };
        let clean = periods.iter().skip_while(|(from, to, _)| to > from).all(|(.., is_used)| !is_used);
        case.holds(clean, &[seen.id], || both!("不为 0", "they are not zero"));
    }
}

fn start(view: &View<'_>, case: &mut Case) {
    for seen in view.down() {
        let Some(Message::StartRequest(request)) = &seen.message else { continue };
        let connector = request.connector_number.number();
        let fits = (1..=CONNECTORS).contains(&connector)
            && !matches!(request.start_mode, StartMode::Unknown(_))
            && !request.card_number.is_empty()
            && request.transaction_number.is_some_and(|number| !number.is_empty());
        case.holds(fits, &[seen.id], || both!("枪口 {connector}", "connector {connector}"));
    }
}
