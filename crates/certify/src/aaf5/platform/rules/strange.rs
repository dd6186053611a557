//! What is strange: cut and glued packets, bad frames, several connections.

use super::{passed_over, stands};
use crate::aaf5::rule::Rule;

pub(super) static RULES: &[Rule] = &[
    stands!(
        "aaf5.platform.stream.halves",
        "分两次到达的报文得到应答" / "a frame that comes in two halves is answered",
        "TCP 是字节流，没有包的边界 / TCP: a stream has no packets"
    ),
    stands!(
        "aaf5.platform.stream.bytes",
        "逐字节到达的报文得到应答" / "a frame that comes byte by byte is answered",
        "TCP 是字节流，没有包的边界 / TCP: a stream has no packets"
    ),
    stands!(
        "aaf5.platform.stream.glued",
        "粘在一起的三个报文各自得到应答" / "three frames glued together are answered each",
        "TCP 是字节流，没有包的边界 / TCP: a stream has no packets"
    ),
    stands!(
        "aaf5.platform.stream.garbage",
        "报文前的杂乱字节被跳过" / "garbage before a frame is skipped",
        "现场：通信模块会插入文本 / practice: modems that write texts into the stream"
    ),
    stands!(
        "aaf5.platform.stream.false_start",
        "杂乱字节中含有 AA F5 时，后面的报文得到应答" / "a frame behind garbage that holds AA F5 is answered",
        "现场：数据里也会出现 AA F5 / practice: AA F5 occurs within bodies, too"
    ),
    stands!(
        "aaf5.platform.stream.too_short",
        "长度域小于 9 时，后面的报文得到应答" / "a frame behind a length below 9 is answered",
        "P52 §2.2"
    ),
    stands!(
        "aaf5.platform.stream.absurd_length",
        "长度域过大时，后面的报文得到应答" / "a frame behind an absurd length is answered",
        "P52 §2.2：最大 0x8000 / P52 §2.2: at most 0x8000"
    ),
    passed_over!(
        "aaf5.platform.checksum.ignored",
        "校验和错误的报文不处理、不应答" / "a frame with a wrong check sum is neither processed nor answered",
        "P52 §2.2"
    ),
    stands!(
        "aaf5.platform.checksum.goes_on",
        "校验和错误后连接保持" / "the connection goes on after a wrong check sum",
        "现场：协议没有错误帧 / practice: there is no error frame"
    ),
    passed_over!(
        "aaf5.platform.malformed.unknown",
        "未知命令不应答" / "an unknown command is not answered",
        "现场：新桩会发更多命令 / practice: newer piles send more commands"
    ),
    stands!(
        "aaf5.platform.malformed.unknown_goes_on",
        "未知命令之后连接保持" / "the connection goes on after an unknown command",
        "现场 / practice"
    ),
    stands!(
        "aaf5.platform.malformed.empty",
        "没有数据的报文不影响连接" / "frames without a body do no harm",
        "现场 / practice"
    ),
    stands!(
        "aaf5.platform.malformed.short",
        "数据过短的报文不影响连接" / "a body that is too short does no harm",
        "P52 §2.8"
    ),
    stands!(
        "aaf5.platform.malformed.longest",
        "很长的报文（3 KB）不影响连接" / "a very long frame (3 KB) does no harm",
        "P52 §2.8"
    ),
    passed_over!(
        "aaf5.platform.malformed.direction",
        "桩发来平台方向的报文不应答" / "what only platforms send is not answered",
        "P52 §3"
    ),
    stands!(
        "aaf5.platform.malformed.direction_goes_on",
        "平台方向的报文不影响连接" / "what only platforms send does no harm",
        "现场 / practice"
    ),
    stands!(
        "aaf5.platform.malformed.encrypted",
        "没有约定密钥时，置了加密位的报文不影响连接"
            / "a frame flagged as encrypted does no harm where no key was agreed",
        "P52 §2.7"
    ),
    stands!(
        "aaf5.platform.malformed.foreign_pile",
        "报文中出现别的桩编码不影响连接" / "a frame that names another pile does no harm",
        "P52 §1.2：一桩一连接 / P52 §1.2: one pile per connection"
    ),
    stands!(
        "aaf5.platform.malformed.connector",
        "不存在的枪口号不影响连接" / "a connector that does not exist does no harm",
        "现场 / practice"
    ),
    stands!(
        "aaf5.platform.session.second_connection",
        "同一个桩的新连接可以签到（旧连接可能已经半开）"
            / "a new connection of a pile that is connected is let in (the old one may be half open)",
        "现场：断电的桩不会关闭连接 / practice: a pile that lost power does not close its connection"
    ),
    stands!(
        "aaf5.platform.session.newest_wins",
        "此后新连接上的报文得到应答" / "from then on, frames on the new connection are answered",
        "现场 / practice"
    ),
    stands!(
        "aaf5.platform.session.old_end_harmless",
        "旧连接关闭不影响新连接" / "the end of the old connection does no harm to the new one",
        "现场：有的平台会因此把桩置为离线 / practice: platforms that then take the pile offline"
    ),
    stands!(
        "aaf5.platform.session.reconnect",
        "桩断开后立即重连可以签到" / "a pile that dials again at once is let in",
        "P52 §106"
    ),
    stands!(
        "aaf5.platform.session.reconnect_storm",
        "连续快速重连后仍可签到" / "a pile that dials several times in a row is let in at last",
        "现场：移动网络不稳定 / practice: weak mobile networks"
    ),
];
