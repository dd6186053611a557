//! What checks are grouped by: the second word of their ids.

/// A topic's name for machines, in Chinese, in English.
type Topic = (&'static str, &'static str, &'static str);

const TOPICS: &[Topic] = &[
    ("connect", "连接", "Connection"),
    ("connection", "连接", "Connection"),
    ("login", "登录", "Login"),
    ("signin", "签到", "Sign-in"),
    ("heartbeat", "心跳", "Heartbeat"),
    ("tariff", "计费模型", "Tariff"),
    ("clock", "对时", "Clock"),
    ("telemetry", "实时数据", "Telemetry"),
    ("status", "状态", "Status"),
    ("realtime", "实时数据", "Telemetry"),
    ("bms", "BMS 数据", "BMS data"),
    ("card", "刷卡启动", "Card start"),
    ("vin", "即插即充", "Plug and charge"),
    ("alarm", "告警", "Alarms"),
    ("whitelist", "白名单", "White list"),
    ("reserved", "预留字段", "Reserved fields"),
    ("start", "启动充电", "Start"),
    ("stop", "停止充电", "Stop"),
    ("remote", "远程启停", "Remote start and stop"),
    ("charge", "充电过程", "Charge"),
    ("parallel", "双枪并充", "Parallel charge"),
    ("record", "交易记录", "Transaction record"),
    ("balance", "余额更新", "Balance"),
    ("cards", "离线卡", "Offline cards"),
    ("parameters", "工作参数", "Parameters"),
    ("reboot", "远程重启", "Reboot"),
    ("offline", "离线与恢复", "Offline and back"),
    ("reconnect", "重连", "Reconnect"),
    ("sequence", "序列号", "Sequence numbers"),
    ("crc", "CRC 校验", "CRC"),
    ("frame", "帧格式", "Frame format"),
    ("framing", "分帧与容错", "Framing"),
    ("stream", "分包与粘包", "Split and glued packets"),
    ("malformed", "异常报文", "Malformed frames"),
    ("reply", "应答", "Answers"),
    ("session", "会话与多连接", "Sessions and connections"),
    ("silence", "静默", "Silence"),
    ("version", "协议版本", "Versions"),
    ("time", "时间", "Times"),
    ("robust", "健壮性", "Robustness"),
];

/// The topic of a check: `heartbeat` of `pile.heartbeat.period` and of `aaf5.pile.heartbeat.period`.
pub(super) fn of(id: &'static str) -> &'static str {
    id.trim_start_matches("aaf5.").split('.').nth(1).unwrap_or(id)
}

/// Its name in Chinese and in English; one that the table does not know is called by its word.
pub(super) fn names(topic: &'static str) -> (&'static str, &'static str) {
    let known = TOPICS.iter().find(|(word, ..)| *word == topic);
    known.map_or((topic, topic), |(_, zh, en)| (zh, en))
}

/// Topics in the order in which their first check comes, each once.
pub(super) fn in_order(ids: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut topics = Vec::new();
    for id in ids {
        let topic = of(id);
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    topics
}
