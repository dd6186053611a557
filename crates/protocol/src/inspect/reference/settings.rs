//! The settings of an AA F5 pile, which stand in the messages by their index alone.

use super::super::lang::{Lang, in_unit};
use super::super::text::table::columns;
use super::markdown;
use crate::aaf5::parameter::{Access, INTEGERS, Parameter, ParameterKind, TEXTS};
use crate::family::Protocol;
use crate::layout::Layout;
use crate::wire::CodeTable;

/// The settings that a message asks for or tells.
fn carried_by(layout: &Layout) -> Option<&'static [Parameter]> {
    match (layout.protocol, layout.code) {
        (Protocol::Aaf5, 1 | 2) => Some(INTEGERS),
        (Protocol::Aaf5, 3 | 4) => Some(TEXTS),
        _ => None,
    }
}

/// What stands behind a message's fields, for a terminal.
pub(super) fn text(layout: &Layout, lang: Lang) -> String {
    carried_by(layout).map(|settings| format!("\n{}", columns(&rows(settings, lang)))).unwrap_or_default()
}

/// The same in Markdown.
pub(super) fn in_markdown(layout: &Layout, lang: Lang) -> String {
    carried_by(layout).map(|settings| format!("\n{}", markdown(&rows(settings, lang)))).unwrap_or_default()
}

fn rows(settings: &[Parameter], lang: Lang) -> Vec<Vec<String>> {
    let head = match lang {
        Lang::Zh => ["序号", "参数", "标签", "取值", "默认", "权限"],
        Lang::En => ["index", "setting", "label", "values", "default", "access"],
    };
    let row = |setting: &Parameter| {
        vec![
            setting.index.to_string(),
            setting.name.to_owned(),
            lang.pick(setting.zh, setting.en).to_owned(),
            values(&setting.kind, lang),
            setting.default.map(|word| word.to_string()).unwrap_or_default(),
            access(setting.access, lang).to_owned(),
        ]
    };
    std::iter::once(head.map(str::to_owned).to_vec()).chain(settings.iter().map(row)).collect()
}

const fn access(access: Access, lang: Lang) -> &'static str {
    match access {
        Access::ReadWrite => lang.pick("可读写", "read, write"),
        Access::ReadOnly => lang.pick("只读", "read"),
        Access::Factory => lang.pick("厂家参数，只读", "read; the maker's"),
    }
}

fn values(kind: &ParameterKind, lang: Lang) -> String {
    match kind {
        ParameterKind::Number { decimals, unit, .. } => {
            let step =
                if *decimals == 0 { String::new() } else { format!("0.{}1", "0".repeat(usize::from(*decimals) - 1)) };
            format!("{step}{}", in_unit(unit, lang)).trim().to_owned()
        }
        ParameterKind::Code(table) => codes(table, lang),
        ParameterKind::Flag => lang.pick("0 否，1 是", "0 no, 1 yes").to_owned(),
        ParameterKind::Ipv4 => lang.pick("IPv4 地址", "IPv4 address").to_owned(),
        ParameterKind::Status => lang.pick("按位", "bits").to_owned(),
        ParameterKind::Key => lang.pick("32 字节密钥", "key of 32 bytes").to_owned(),
        ParameterKind::Balance => lang.pick("枪号和余额", "connector and balance").to_owned(),
        ParameterKind::Text { max, digits: true, .. } => match lang {
            Lang::Zh => format!("最多 {max} 位数字"),
            Lang::En => format!("at most {max} digits"),
        },
        ParameterKind::Text { max, .. } => match lang {
            Lang::Zh => format!("最多 {max} 个 ASCII 字符"),
            Lang::En => format!("at most {max} ASCII characters"),
        },
        ParameterKind::Time => lang.pick("时间", "time").to_owned(),
        ParameterKind::Mac => lang.pick("MAC 地址", "MAC address").to_owned(),
        ParameterKind::VinTimer => lang.pick("开始、停止时刻和开关", "start, stop, enabled").to_owned(),
    }
}

fn codes(table: &CodeTable, lang: Lang) -> String {
    let texts = table.entries.iter().map(|entry| format!("{} {}", entry.first, lang.pick(entry.zh, entry.en)));
    texts.collect::<Vec<_>>().join(lang.pick("，", ", "))
}
