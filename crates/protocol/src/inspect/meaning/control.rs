//! Arguments of control commands (table 3.1 of the document).

use serde_json::Value as Json;

use super::super::decimal::Decimal;
use super::super::explain::Field;
use super::super::lang::{Bilingual, Lang, in_unit};
use super::{Meaning, number, word};
use crate::aaf5::code::{ControlIndex, ModuleType};
use crate::wire::{Code, CodeEntry};

/// The argument of most commands: do it.
pub(in super::super) const DO_IT: u32 = 0x55;

/// What the argument of a command is.
enum Argument {
    /// 0x55 does it.
    DoIt,
    /// It is not looked at.
    Any,
    /// 0x55 does it, any other number undoes it.
    Switch { on: (&'static str, &'static str), off: (&'static str, &'static str) },
    /// Each number has a meaning.
    Choice(&'static [(u32, &'static str, &'static str)]),
    /// A type of power modules, as in integer parameter 43.
    Module,
    /// A limit in tenths of a unit; 0 is none.
    Limit(&'static str),
    /// A number.
    Plain,
}

/// What a command takes. The units of 17 and 26 are stated nowhere: those of 25 and of currents are taken.
const fn argument(command: ControlIndex) -> Argument {
    match command {
        ControlIndex::StopCharging
        | ControlIndex::CancelReservation
        | ControlIndex::Reboot
        | ControlIndex::EnterUpdateMode
        | ControlIndex::EnterNormalMode
        | ControlIndex::ScanPaid => Argument::DoIt,
        ControlIndex::SignInNow | ControlIndex::StatusNow => Argument::Any,
        ControlIndex::ControlMode => Argument::Choice(&[
            (0, "由 BMS 控制", "controlled by the BMS"),
            (1, "不经 BMS(测试)", "without BMS (test)"),
        ]),
        ControlIndex::ChargeMode => {
            Argument::Choice(&[(0, "恒流", "constant current"), (1, "恒压", "constant voltage")])
        }
        ControlIndex::LoadType => Argument::Choice(&[(0, "电池", "battery"), (1, "电阻", "resistor")]),
        ControlIndex::InsulationTest => Argument::Choice(&[(1, "检测一次", "test once")]),
        ControlIndex::LocalBilling => Argument::Choice(&[(0, "关闭", "off"), (1, "开启", "on")]),
        ControlIndex::PasswordFlow => Argument::Choice(&[
            (0, "不需要密码", "no password"),
            (1, "先密码后刷卡", "password, then card"),
            (2, "先刷卡后密码", "card, then password"),
        ]),
        ControlIndex::SuspendService => {
            Argument::Switch { on: ("暂停服务", "suspend service"), off: ("恢复服务", "resume service") }
        }
        ControlIndex::ModuleType => Argument::Module,
        ControlIndex::MaximumPower | ControlIndex::OfflinePowerLimit => Argument::Limit("kW"),
        ControlIndex::CurrentLimit => Argument::Limit("A"),
        _ => Argument::Plain,
    }
}

/// Whether a command is carried out only for the argument 0x55.
pub(in super::super) fn takes_do_it(command: u32) -> bool {
    matches!(argument(ControlIndex::from_number(command)), Argument::DoIt)
}

/// Tells the arguments of a message what they mean: each is that of the next command.
pub(super) fn arguments(fields: &mut [Field]) {
    let Some(first) = number(fields, "first_index") else { return };
    let arguments = fields.iter_mut().filter(|field| field.name.starts_with("arguments["));
    for (command, field) in commands(first).zip(arguments) {
        if let Some(entry) = ControlIndex::TABLE.find(command) {
            field.meaning = Some(Box::new(meaning(entry, ControlIndex::from_number(command), word(field))));
        }
    }
}

/// The commands from one on, to the last that there can be.
pub(in super::super) fn commands(first: u32) -> impl Iterator<Item = u32> {
    first..=u32::MAX
}

/// What one argument means.
fn meaning(entry: &CodeEntry, command: ControlIndex, word: u32) -> Meaning {
    let argument = argument(command);
    let (value, unit) = match argument {
        Argument::Limit(unit) => (Decimal { scaled: word.into(), decimals: 1 }.to_json(), unit),
        _ => (Json::from(word), ""),
    };
    // The English of the table tells about the argument, too.
    let labels = [(Lang::Zh, entry.zh.to_owned()), (Lang::En, entry.name.replace('_', " "))];
    let [zh, en] = labels.map(|(lang, label)| match said(&argument, word, lang) {
        Some(said) => format!("{label}{}{said}", lang.pick("：", ": ")),
        None => label,
    });
    Meaning { name: entry.name, value, unit, text: Bilingual::new(zh, en) }
}

/// What an argument says; `None` where it says nothing.
fn said(argument: &Argument, word: u32, lang: Lang) -> Option<String> {
    let unknown = || format!("{} 0x{word:02X}", lang.pick("未知", "unknown"));
    Some(match *argument {
        Argument::Any => return None,
        Argument::DoIt if word == DO_IT => lang.pick("执行 (0x55)", "do it (0x55)").to_owned(),
        Argument::DoIt => {
            let expected = lang.pick("应为 0x55", "0x55 is expected");
            format!("0x{word:02X}{}{expected}", lang.pick("，", ", "))
        }
        Argument::Switch { on, off } => {
            let (zh, en) = if word == DO_IT { on } else { off };
            format!("{} ({word})", lang.pick(zh, en))
        }
        Argument::Choice(choices) => match choices.iter().find(|(number, ..)| *number == word) {
            Some((_, zh, en)) => format!("{} ({word})", lang.pick(zh, en)),
            None => unknown(),
        },
        Argument::Module => match ModuleType::TABLE.find(word) {
            Some(entry) => lang.pick(entry.zh, entry.en).to_owned(),
            None => unknown(),
        },
        Argument::Limit(_) if word == 0 => lang.pick("不限", "no limit").to_owned(),
        Argument::Limit(unit) => format!("{}{}", Decimal { scaled: word.into(), decimals: 1 }, in_unit(unit, lang)),
        Argument::Plain => word.to_string(),
    })
}
