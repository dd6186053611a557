//! `--list-faults` and `--list-firmwares`: the tables that the words of other flags come from.

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::inspect::text::table::columns;
use voltapile_simulator::fault::{Kind, MENU, Occasion};
use voltapile_simulator::model::{AAF5_FIRMWARES, Aaf5Firmware, FIRMWARES, Firmware};

/// The tables that are asked for.
pub(super) fn text(faults: bool, firmwares: bool, lang: Lang) -> String {
    let mut out = String::new();
    if faults {
        out.push_str(&fault_menu(lang));
    }
    if faults && firmwares {
        out.push('\n');
    }
    if firmwares {
        out.push_str(&firmware_table(lang));
    }
    out
}

fn fault_menu(lang: Lang) -> String {
    let mut out = String::new();
    for (kind, title) in [
        (Kind::Line, lang.pick("线路：字节在途中", "The line: bytes on their way")),
        (Kind::Link, lang.pick("连接", "The link: connections")),
        (Kind::Pile, lang.pick("桩：格式正确而内容有错", "The pile: well formed and wrong")),
    ] {
        let entries = MENU.iter().filter(|entry| entry.kind == kind);
        let rows: Vec<Vec<String>> = entries
            .map(|entry| {
                let of = if entry.fault.is_for(Protocol::Aaf5) {
                    ""
                } else {
                    lang.pick("（仅云快充）", " (YKC only)")
                };
                let cells = [entry.name, occasion(entry.occasion, lang), &format!("{}{of}", entry.happens(lang))];
                cells.into_iter().map(str::to_owned).collect()
            })
            .collect();
        out.push_str(&format!("{title}\n"));
        columns(&rows).lines().for_each(|line| out.push_str(&format!("  {line}\n")));
        out.push('\n');
    }
    out.push_str(lang.pick(
        "写法：名称、名称:概率（0 到 1）或 名称@时刻，例如 wrong-crc:0.05、silence@90s；all 表示全部\n",
        "Written as name, name:probability (0 to 1) or name@moment, such as wrong-crc:0.05 or silence@90s; all is every fault\n",
    ));
    out
}

const fn occasion(occasion: Occasion, lang: Lang) -> &'static str {
    match occasion {
        Occasion::Frame => lang.pick("每帧", "each frame"),
        Occasion::Connection => lang.pick("每个连接", "each connection"),
        Occasion::Charge => lang.pick("每次充电", "each charge"),
    }
}

fn firmware_table(lang: Lang) -> String {
    let row = |firmware: &Firmware| vec![firmware.name.to_owned(), lang.pick(firmware.zh, firmware.en).to_owned()];
    let other =
        |firmware: &Aaf5Firmware| vec![firmware.name.to_owned(), lang.pick(firmware.zh, firmware.en).to_owned()];
    let ykc = columns(&FIRMWARES.iter().map(row).collect::<Vec<_>>());
    let aaf5 = columns(&AAF5_FIRMWARES.iter().map(other).collect::<Vec<_>>());
    format!("{ykc}\n--protocol aaf5:\n{aaf5}")
}
