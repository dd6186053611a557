-- Part 2: how fields come to have names in filters.

-- The file's own label of a field: what the list of filters shows.
local function own(zh, en)
  return ({ zh, en })[DEFAULTS.lang]
end

local ykc = Proto("ykc", own("云快充充电桩协议", "YKC charging pile protocol"))

-- A field that is not part of a body: what stands around it, and what is concluded from it. Rows are as those of layouts
-- below: the field for filters first, the texts fourth.
local function head_field(kind, name, zh, en, ...)
  return { ProtoField[kind]("ykc." .. name, own(zh, en), ...), false, false, { zh, en } }
end

local head = {
  length = head_field("uint8", "length", "长度", "length"),
  sequence = head_field("bytes", "sequence", "序列号", "sequence"),
  encryption = head_field("uint8", "encryption", "加密标志", "encryption flag"),
  message = head_field("string", "message", "报文", "message"),
  direction = head_field("string", "direction", "方向", "direction"),
  body = head_field("bytes", "body", "消息体", "body"),
  tail = head_field("bytes", "tail", "未定义字节", "undeclared bytes"),
  crc = head_field("bytes", "crc", "CRC", "CRC"),
  crc_status = head_field("string", "crc.status", "CRC 校验", "CRC status"),
  crc_expected = head_field("string", "crc.expected", "应为的 CRC", "CRC expected"),
  skipped = head_field("bytes", "skipped", "不属于任何帧的字节", "bytes of no frame"),
  incomplete = head_field("bytes", "incomplete", "不完整的帧", "incomplete frame"),
  version2 = head_field("bytes", "version2", "V2.x 帧", "frame of V2.x"),
  response_in = head_field("framenum", "response_in", "应答见", "answered in", base.NONE, frametype.RESPONSE),
  response_to = head_field("framenum", "response_to", "应答", "answers", base.NONE, frametype.REQUEST),
  response_time = head_field("double", "response_time", "应答用时(秒)", "seconds to the answer"),
}

local function finding(name, zh, en, group, severity)
  return { ProtoExpert.new("ykc.expert." .. name, own(zh, en), group, severity), { zh, en } }
end

local group, severity = expert.group, expert.severity
local findings = {
  crc_bad = finding("crc_bad", "CRC 错误", "wrong CRC", group.CHECKSUM, severity.ERROR),
  crc_high_first = finding("crc_high_first", "CRC 高字节在前", "CRC high byte first", group.CHECKSUM, severity.NOTE),
  length_wrong = finding("length_wrong", "长度字节错误", "wrong length byte", group.PROTOCOL, severity.ERROR),
  skipped = finding("skipped", "不属于任何帧的字节", "bytes of no frame", group.PROTOCOL, severity.WARN),
  incomplete = finding("incomplete", "帧不完整", "incomplete frame", group.PROTOCOL, severity.ERROR),
  body_short = finding("body_short", "消息体过短", "body too short", group.PROTOCOL, severity.ERROR),
  body_long = finding("body_long", "消息体有多余字节", "bytes beyond the layout", group.PROTOCOL, severity.WARN),
  unknown_type = finding("unknown_type", "未知帧类型", "unknown frame type", group.UNDECODED, severity.WARN),
  unknown_code = finding("unknown_code", "规范未定义的取值", "undocumented value", group.PROTOCOL, severity.WARN),
  encrypted = finding("encrypted", "消息体已加密，未解析", "encrypted body, not decoded", group.UNDECODED, severity.NOTE),
  version2 = finding("version2", "V2.x 帧，未解析", "frame of V2.x, not decoded", group.UNDECODED, severity.WARN),
}

-- The fields of bodies by the name behind `ykc.`; all of them are declared below.
local F = {}
local declare = {}

function declare.text(name, zh, en)
  F[name] = ProtoField.string("ykc." .. name, own(zh, en))
end

function declare.bytes(name, zh, en)
  F[name] = ProtoField.bytes("ykc." .. name, own(zh, en))
end

function declare.whole(name, zh, en)
  F[name] = ProtoField.uint32("ykc." .. name, own(zh, en))
end

function declare.number(name, zh, en)
  F[name] = ProtoField.double("ykc." .. name, own(zh, en))
end

function declare.code(name, zh, en, by_number)
  F[name] = ProtoField.uint8("ykc." .. name, own(zh, en), base.HEX, value_strings(by_number))
end

-- Each flag is a field of its own, `ykc.<flags>.<flag>`.
function declare.flags(name, zh, en, flags)
  F[name] = ProtoField.uint16("ykc." .. name, own(zh, en), base.HEX)
  for _, flag in pairs(flags) do
    flag.field = ProtoField.bool("ykc." .. name .. "." .. flag.name, flag.text[DEFAULTS.lang])
    F[name .. "." .. flag.name] = flag.field
  end
end

function declare.slots(name, zh, en, by_number)
  declare.bytes(name, zh, en)
  declare.code(name .. ".tier", "时段费率号", "tier", by_number)
end

-- Tables of codes and flags, layouts by name, and which layout a type has in which dialect for which length.
local T, L, choices = {}, {}, {}
