//! The words of the page in both languages.

use voltapile_protocol::inspect::Lang;
use voltapile_protocol::wire::Code;
use voltapile_protocol::ykc::code::{ConnectorState, HARDWARE_FAULTS};
use voltapile_simulator::model::{ConnectorSnapshot, PileSnapshot};
use voltapile_simulator::scenario::refusal_text;

/// The keys and what they do, the most wanted first.
pub(super) const KEYS: [(&str, &str, &str); 18] = [
    ("p", "插枪", "plug in"),
    ("u", "拔枪", "unplug"),
    ("c", "刷卡", "swipe the card"),
    ("v", "按 VIN 充电", "charge by VIN"),
    ("s", "按停止键", "press stop"),
    ("f", "硬件故障/修复", "break/repair"),
    ("l", "断开/恢复线路", "cut/join the line"),
    ("i", "故障菜单", "fault menu"),
    ("r", "重启", "reboot"),
    ("w", "断电 10 秒", "power cut, 10 s"),
    ("x", "放出留存的记录", "release held records"),
    ("Tab", "下一个桩", "next pile"),
    ("1-9 ←→", "选择枪", "choose connector"),
    ("↑↓ PgUp PgDn", "选择帧", "choose frame"),
    ("End", "跟随最新帧", "follow the newest"),
    ("Enter", "完整解释", "explain in full"),
    ("?", "按键", "keys"),
    ("q", "退出", "quit"),
];

/// What a pile does, in a word.
pub(super) const fn pile_state(pile: &PileSnapshot, lang: Lang) -> &'static str {
    match (pile.is_logged_in, pile.is_working, pile.is_locked) {
        (false, ..) => lang.pick("离线", "offline"),
        (true, _, true) => lang.pick("锁定", "locked"),
        (true, false, _) => lang.pick("登录", "login"),
        (true, true, _) => lang.pick("在线", "online"),
    }
}

/// What a connector does, in a word.
pub(super) fn connector_state(connector: &ConnectorSnapshot, lang: Lang) -> &'static str {
    if connector.is_asking {
        return lang.pick("鉴权中", "asking");
    }
    match (connector.state, connector.is_plugged) {
        (ConnectorState::Idle, true) => lang.pick("已插枪", "plugged"),
        (state, _) => state.entry().map_or("?", |entry| lang.pick(entry.zh, entry.en)),
    }
}

/// What is to be said about a connector besides its charge: what is broken, or why it does not charge.
pub(super) fn connector_note(connector: &ConnectorSnapshot, lang: Lang) -> Option<String> {
    let broken: Vec<&str> =
        HARDWARE_FAULTS.holding(&connector.faults.0.to_le_bytes(), 0).map(|flag| lang.pick(flag.zh, flag.en)).collect();
    let note = match (broken.is_empty(), connector.last_refusal) {
        (false, _) => broken.join(lang.pick("、", ", ")),
        (true, Some(refusal)) => format!("{}{}", lang.pick("被拒绝：", "refused: "), refusal_text(refusal, lang)),
        (true, None) => return None,
    };
    Some(format!("{}{}{note}", connector.number, lang.pick("：", ": ")))
}

/// Steps of 1e-4 with two decimals.
pub(super) fn two_decimals(steps: u64) -> String {
    let hundredths = steps / 100;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
