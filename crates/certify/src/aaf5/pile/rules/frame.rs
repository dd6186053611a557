//! Frames as such.

use voltapile_protocol::aaf5::Dialect;
use voltapile_protocol::aaf5::message::layout;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::Kind;

use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::View;
use crate::case::{Case, both};
use crate::exam::rule::nothing_between_frames;

pub(super) static RULES: &[Rule] = &[
    rule(
        "aaf5.pile.frame.checksum",
        "桩发出的每一帧校验和都正确",
        "the check sum of every frame of the pile holds",
        "P52 §2.2",
        checksum,
    ),
    rule(
        "aaf5.pile.frame.no_junk",
        "帧与帧之间没有多余字节（长度域是整帧长度）",
        "nothing stands between frames (the length counts the whole frame)",
        "P52 §2.2",
        no_junk,
    ),
    rule(
        "aaf5.pile.frame.length",
        "数据不短于已知最早版本的长度",
        "no body is shorter than in the oldest version known",
        "P52 §2.8",
        length,
    ),
    rule(
        "aaf5.pile.frame.direction",
        "桩只发送上行命令",
        "the pile sends no command that belongs to platforms",
        "P52 §3",
        direction,
    ),
    rule(
        "aaf5.pile.frame.plain",
        "没有约定加密时信息域最高位为 0",
        "without a key no frame is flagged as encrypted",
        "P52 §2.7",
        plain,
    ),
    rule(
        "aaf5.pile.frame.info_byte",
        "信息域始终不变",
        "the information byte is always the same",
        "P52 §2.2：版本号 / P52 §2.2: the version's number",
        info_byte,
    ),
    rule(
        "aaf5.pile.frame.pile_code",
        "每一帧的桩编码都是签到时的编码",
        "every frame names the pile that signed in",
        "P52 §1.2",
        pile_code,
    ),
    rule(
        "aaf5.pile.frame.padding",
        "字符串以 0 结束并以 0 填充",
        "texts end with a zero and are filled with zeros",
        "P52 §2.4",
        padding,
    ),
    rule(
        "aaf5.pile.frame.connector",
        "枪口号在 1 到枪数之间（单枪桩可用 0）",
        "connectors are numbered from 1 up to their count (an only one may be 0)",
        "P52 §104",
        connector,
    ),
    rule(
        "aaf5.pile.sequence.counts",
        "桩主动上报的序列号递增",
        "the numbers of the pile's own messages count up",
        "P52 §2.2；现场：有的恒定 / P52 §2.2; practice: some are constant",
        counts,
    ),
    rule(
        "aaf5.pile.sequence.echo",
        "应答的序列号与请求相同",
        "an answer repeats the number of its request",
        "现场；P52 没有规定 / practice; P52 does not say",
        echo,
    ),
    rule(
        "aaf5.pile.reserved.echo",
        "应答回送两个预留字段",
        "answers repeat both reserved fields",
        "V2.x：用户和命令序号；现场 / V2.x: user and number; practice",
        reserved,
    ),
];

fn checksum(view: &View<'_>, case: &mut Case) {
    for seen in view.frames.iter().filter(|seen| seen.is_up()) {
        case.holds(seen.holds, &[seen.id], || both!("校验和错误", "it does not hold"));
    }
}

fn no_junk(view: &View<'_>, case: &mut Case) {
    nothing_between_frames(view, view.up().next().map(|first| first.id), case);
}

fn length(view: &View<'_>, case: &mut Case) {
    for seen in view.up().filter(|seen| seen.info & 0x80 == 0) {
        let Some(layout) = layout(seen.command, seen.body.len(), Dialect::Standard) else { continue };
        let (needed, had, command) = (layout.required_length(), seen.body.len(), seen.command);
        case.holds(had >= needed, &[seen.id], || {
            both!(
                "{command} 的数据只有 {had} 字节，至少应有 {needed}",
                "the body of {command} has {had} bytes where {needed} are needed"
            )
        });
    }
}

fn direction(view: &View<'_>, case: &mut Case) {
    for seen in view.up() {
        let command = seen.command;
        match layout(command, seen.body.len(), Dialect::Standard) {
            Some(layout) => case.holds(layout.direction == Direction::Up, &[seen.id], || {
                both!("{command} 是平台的命令", "{command} belongs to platforms")
            }),
            None => case.remark(both!("{command} 不在规范里", "{command} is not in the specification")),
        }
    }
}

fn plain(view: &View<'_>, case: &mut Case) {
    let is_agreed = view.down().any(|seen| {
        use voltapile_protocol::aaf5::code::EncryptionFlag;
        use voltapile_protocol::aaf5::message::Message;
        matches!(&seen.message, Some(Message::SignInResponse(said)) if said.encryption == Some(EncryptionFlag::Aes))
    });
    for seen in view.up().filter(|_| !is_agreed) {
        case.holds(seen.info & 0x80 == 0, &[seen.id], || both!("置了加密位", "it is flagged as encrypted"));
    }
}

fn info_byte(view: &View<'_>, case: &mut Case) {
    let mut own = view.up();
    let Some(first) = own.next() else { return };
    for seen in own {
        let (was, is) = (first.info & 0x7F, seen.info & 0x7F);
        case.holds(was == is, &[first.id, seen.id], || {
            both!("先是 {was:02X}，后是 {is:02X}", "{was:02X} first, {is:02X} later")
        });
    }
}

fn pile_code(view: &View<'_>, case: &mut Case) {
    for seen in view.up() {
        let Some(code) = seen.pile else { continue };
        let name = code.text();
        case.holds(code.says(&view.pile), &[seen.id], || both!("是 {name}", "it is {name:?}"));
    }
}

fn padding(view: &View<'_>, case: &mut Case) {
    for seen in view.up().filter(|seen| seen.message.is_some()) {
        let Some(layout) = layout(seen.command, seen.body.len(), Dialect::Standard) else { continue };
        let mut bits = 0;
        for field in layout.fields {
            let bytes = seen.body.get(bits / 8..(bits + field.bits) / 8).unwrap_or_default();
            bits += field.bits;
            if !matches!(field.kind, Kind::Text) || bytes.iter().all(|byte| *byte == 0xFF) {
                continue;
            }
            let is_clean = bytes.iter().skip_while(|byte| **byte != 0).all(|byte| *byte == 0);
            let name = field.name;
            case.holds(is_clean, &[seen.id], || {
                both!("{name} 的结束符之后有别的字节", "bytes stand behind the end of {name}")
            });
        }
    }
}

fn connector(view: &View<'_>, case: &mut Case) {
    let Some(count) = view.sign_ins().map(|(_, request)| request.connector_count).next_back() else { return };
    // An answer repeats the connector of its request, also one that does not exist.
    for seen in view.up().filter(|seen| seen.replies_to().is_none()) {
        let Some(number) = seen.connector else { continue };
        case.holds((1..=count).contains(&number), &[seen.id], || {
            both!("枪口号 {number} 不在 1 到 {count} 之间", "connector {number} is not within 1 to {count}")
        });
    }
}

fn counts(view: &View<'_>, case: &mut Case) {
    for line in &view.lines {
        let own = view.up().filter(|seen| seen.connection == line.connection && seen.replies_to().is_none());
        let own: Vec<_> = own.collect();
        for pair in own.windows(2) {
            let [one, next] = pair else { continue };
            let (was, is) = (one.sequence, next.sequence);
            case.holds(is != was, &[one.id, next.id], || both!("一直是 {was}", "it stays {is}"));
        }
    }
}

fn echo(view: &View<'_>, case: &mut Case) {
    for answer in view.up() {
        let Some(asked) = view.question_of(answer) else { continue };
        let (sent, got) = (asked.sequence, answer.sequence);
        case.holds(sent == got, &[asked.id, answer.id], || {
            both!("请求是 {sent}，应答是 {got}", "the request has {sent}, the answer {got}")
        });
    }
}

fn reserved(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.pile.reserved.echo") {
        let Some(answer) = view.answer(asked) else { continue };
        case.holds(asked.reserved() == answer.reserved(), &[asked.id, answer.id], || {
            both!("没有回送", "they are not repeated")
        });
    }
}
