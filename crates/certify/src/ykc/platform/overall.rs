//! Rules that everything the platform sent has to follow, looked at in the end.

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::is_decimal;
use voltapile_protocol::ykc::crc::crc16;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::ykc::message::{ClockSyncRequest, Message, RemoteStartRequest, pile_code_offset};
use voltapile_protocol::ykc::{CrcOrder, Dialect, Frame};

use super::desk::Desk;
use super::judge::EVIDENCE_MAX;
use super::say::CONNECTORS;
use super::steps::checks;
use crate::check::{Check, Finding, Verdict};
use crate::trace::{EntryId, Happening};

checks! {
    WHOLE = "platform.frame.whole",
        "平台发出的每个字节都属于格式正确的报文" / "every byte that the platform sends belongs to a sound frame", "V1.6 §3.1";
    LOW_FIRST = "platform.frame.crc_low_byte_first",
        "平台报文的 CRC 低字节在前（多数桩只接受这种顺序）" / "the CRC of the platform's frames stands low byte first (most piles take no other)",
        "V1.6 示例；现场 / V1.6 samples; practice";
    LENGTH = "platform.frame.length",
        "平台报文的消息体不短于规范规定的长度" / "no body of the platform is shorter than its type demands", "V1.6 §6–§12";
    PILE_CODE = "platform.frame.pile_code",
        "平台报文中的桩编号是本连接的桩" / "the platform's frames name a pile of their connection", "V1.6 §6–§12";
    PLAIN = "platform.frame.plain",
        "对明文报文的应答不置加密标志" / "answers to plain frames are not flagged as encrypted", "V1.6 §3.1";
    CLOCK = "platform.clock.sent",
        "平台登录后下发对时 0x56" / "the platform sets the pile's clock with 0x56", "V1.6 §9：每天一次；多数平台登录后即对时 / V1.6 §9: daily; most do it after the login";
    CLOCK_VALID = "platform.clock.valid",
        "0x56 中的时间有效" / "the time in 0x56 is one", "V1.6 §9";
    START = "platform.start.valid",
        "远程启动 0x34 带有非零的流水号、本桩编号和存在的枪号"
            / "a remote start 0x34 carries a transaction number, this pile's code and a connector that exists",
        "V1.6 §8.5";
}

/// A frame of the platform, sound or not.
struct Sent<'a> {
    entry: EntryId,
    frame: Result<Frame<'a>, &'a [u8]>,
}

/// The verdicts by now.
pub(super) fn judge(desk: &Desk) -> Vec<Finding> {
    let sent = sent(desk);
    let sound: Vec<(EntryId, Frame<'_>)> =
        sent.iter().filter_map(|sent| Some((sent.entry, sent.frame.ok()?))).collect();
    if sent.is_empty() {
        return Vec::new();
    }
    let mut findings = vec![
        whole(&sent),
        over_all(
            &LOW_FIRST,
            &sound,
            |frame| frame.crc_order == CrcOrder::HighFirst,
            |_| Bilingual::new("CRC 高字节在前", "the CRC stands high byte first"),
        ),
        over_all(
            &LENGTH,
            &sound,
            |frame| Message::decode(frame.frame_type, frame.body, Dialect::V16).is_err(),
            |frame| {
                let (code, length) = (frame.frame_type, frame.body.len());
                Bilingual::new(
                    format!("0x{code:02X} 的消息体只有 {length} 字节"),
                    format!("the body of 0x{code:02X} has only {length} bytes"),
                )
            },
        ),
        over_all(
            &PILE_CODE,
            &sound,
            |frame| names_another(desk, frame),
            |frame| {
                let code = frame.frame_type;
                Bilingual::new(format!("0x{code:02X} 中是别的桩编号"), format!("0x{code:02X} names another pile"))
            },
        ),
        plain(desk, &sound),
    ];
    findings.extend(clock(desk));
    findings.extend(start(desk));
    findings
}

fn sent(desk: &Desk) -> Vec<Sent<'_>> {
    let entries = desk.exchange.recorder.trace().entries().iter().enumerate();
    let from_platform = entries.filter_map(|(at, entry)| match &entry.happening {
        Happening::Frame(Direction::Down, raw) => {
            Some(Sent { entry: EntryId(at), frame: Frame::parse(raw).map_err(|_| raw.as_slice()) })
        }
        Happening::Junk(Direction::Down, raw) => Some(Sent { entry: EntryId(at), frame: Err(raw) }),
        _ => None,
    });
    from_platform.collect()
}

fn whole(sent: &[Sent<'_>]) -> Finding {
    let bad: Vec<&Sent<'_>> = sent.iter().filter(|sent| sent.frame.is_err()).collect();
    let Some(first) = bad.first() else { return followed(&WHOLE, sent.len()) };
    let holds = first.frame.err().is_some_and(crc_holds_elsewhere);
    let (zh, en) = match holds {
        true => ("：长度字节错误", ": the length byte is wrong"),
        false => ("：CRC 错误或不成帧", ": a wrong CRC, or no frame"),
    };
    let count = bad.len();
    let note =
        Bilingual::new(format!("{count} 处不是格式正确的报文{zh}"), format!("{count} that are no sound frames{en}"));
    let evidence = bad.iter().map(|sent| sent.entry).take(EVIDENCE_MAX).collect();
    Finding { check: &WHOLE, verdict: Verdict::Fail, note, evidence }
}

/// Whether bytes would be a frame with another length byte: their last two are the CRC of what stands before.
fn crc_holds_elsewhere(raw: &[u8]) -> bool {
    let counted = raw.get(2..raw.len().saturating_sub(2)).unwrap_or_default();
    let crc = raw.get(raw.len().saturating_sub(2)..).unwrap_or_default();
    let expected = crc16(counted);
    !counted.is_empty() && (crc == expected.to_le_bytes() || crc == expected.to_be_bytes())
}

/// A rule that no frame may break.
fn over_all(
    check: &'static Check,
    sound: &[(EntryId, Frame<'_>)],
    is_broken: impl Fn(&Frame<'_>) -> bool,
    tell: impl Fn(&Frame<'_>) -> Bilingual,
) -> Finding {
    let broken: Vec<&(EntryId, Frame<'_>)> = sound.iter().filter(|(_, frame)| is_broken(frame)).collect();
    let Some((_, first)) = broken.first() else { return followed(check, sound.len()) };
    let (count, all, told) = (broken.len(), sound.len(), tell(first));
    let note = Bilingual::new(
        format!("{all} 个报文中有 {count} 个：{}", told.zh),
        format!("{count} of {all} frames: {}", told.en),
    );
    let evidence = broken.iter().map(|(entry, _)| *entry).take(EVIDENCE_MAX).collect();
    Finding { check, verdict: Verdict::Fail, note, evidence }
}

fn followed(check: &'static Check, frames: usize) -> Finding {
    let note = Bilingual::new(format!("{frames} 个报文都符合"), format!("all of {frames} frames"));
    Finding { check, verdict: Verdict::Pass, note, evidence: Vec::new() }
}

/// Whether a frame names a pile that the exam did not play.
fn names_another(desk: &Desk, frame: &Frame<'_>) -> bool {
    let offset = pile_code_offset(frame.frame_type, Dialect::V16);
    let named = offset.and_then(|offset| frame.body.get(offset..)?.first_chunk()).map(|code| PileCode(*code));
    let options = &desk.options;
    let played = [Some(options.pile_code), options.second_pile, Some(options.unknown_pile)];
    named.is_some_and(|named| !played.contains(&Some(named)))
}

/// The exam sends one encrypted frame; its answer may be flagged, no other.
fn plain(desk: &Desk, sound: &[(EntryId, Frame<'_>)]) -> Finding {
    let flagged = desk.flagged_answers();
    let broken = |entry: &EntryId, frame: &Frame<'_>| frame.encryption != 0 && !flagged.contains(entry);
    let broken: Vec<EntryId> =
        sound.iter().filter(|(entry, frame)| broken(entry, frame)).map(|(entry, _)| *entry).collect();
    if broken.is_empty() {
        return followed(&PLAIN, sound.len());
    }
    let count = broken.len();
    let note = Bilingual::new(
        format!("{count} 个报文置了加密标志，却没有密钥约定"),
        format!("{count} frames are flagged as encrypted although no key was agreed"),
    );
    Finding { check: &PLAIN, verdict: Verdict::Fail, note, evidence: broken.into_iter().take(EVIDENCE_MAX).collect() }
}

fn clock(desk: &Desk) -> Vec<Finding> {
    let of_clock = |heard: &&super::asked::Heard| heard.frame_type == ClockSyncRequest::CODE;
    let Some(heard) = desk.requests.iter().find(of_clock) else { return Vec::new() };
    let evidence = vec![heard.entry];
    let note = Bilingual::new("收到 0x56", "0x56 came");
    let mut findings = vec![Finding { check: &CLOCK, verdict: Verdict::Pass, note, evidence: evidence.clone() }];
    let time = match heard.message() {
        Some(Message::ClockSyncRequest(request)) => request.current_time.civil(),
        _ => None,
    };
    let (verdict, note) = match time {
        Some(time) => (Verdict::Pass, Bilingual::new(format!("时间为 {time}"), format!("it is {time}"))),
        None => (Verdict::Fail, Bilingual::new("不是有效的时间", "it is no possible time")),
    };
    findings.push(Finding { check: &CLOCK_VALID, verdict, note, evidence });
    findings
}

fn start(desk: &Desk) -> Option<Finding> {
    let heard = desk.requests.iter().find(|heard| heard.frame_type == RemoteStartRequest::CODE)?;
    let Some(Message::RemoteStartRequest(request)) = heard.message() else { return None };
    let number = request.transaction_number;
    let connector = request.connector_number.number();
    let options = &desk.options;
    let own = request.pile_code == options.pile_code || Some(request.pile_code) == options.second_pile;
    let fits = is_decimal(&number.0) && !number.is_zero() && own && (1..=CONNECTORS).contains(&connector);
    let verdict = if fits { Verdict::Pass } else { Verdict::Fail };
    let note = Bilingual::new(
        format!("流水号 {number}，桩 {}，枪 {connector}", request.pile_code),
        format!("transaction {number}, pile {}, connector {connector}", request.pile_code),
    );
    Some(Finding { check: &START, verdict, note, evidence: vec![heard.entry] })
}
