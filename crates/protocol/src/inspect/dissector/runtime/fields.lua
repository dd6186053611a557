-- Part 2: a protocol, and how its fields come to have names in filters.

-- The file's own label of something: what the list of filters shows.
local function label(zh, en)
  return ({ zh, en })[DEFAULTS.lang]
end

-- The protocols of this file, in their order.
local protocols = {}

-- What belongs to one protocol; `own` everywhere below. Its framing is added in the last part.
local Own = {}
Own.__index = Own

-- A field that is not part of a body: what stands around it, and what is concluded from it. Rows are as those of layouts
-- below: the field for filters first, the texts fourth.
function Own:head_field(kind, name, zh, en, ...)
  return { ProtoField[kind](self.name .. "." .. name, label(zh, en), ...), false, false, { zh, en } }
end

function Own:finding(name, zh, en, group, severity)
  return { ProtoExpert.new(self.name .. ".expert." .. name, label(zh, en), group, severity), { zh, en } }
end

local group, severity = expert.group, expert.severity

-- The fields of bodies by the name behind the protocol's.
function Own:field(name, kind, ...)
  self.F[name] = ProtoField[kind](self.name .. "." .. name, ...)
end

-- How fields of bodies are declared: each function gets the protocol, the name, and the texts.
local declare = {}

function declare.text(own, name, zh, en)
  own:field(name, "string", label(zh, en))
end

function declare.bytes(own, name, zh, en)
  own:field(name, "bytes", label(zh, en))
end

function declare.whole(own, name, zh, en)
  own:field(name, "uint32", label(zh, en))
end

function declare.number(own, name, zh, en)
  own:field(name, "double", label(zh, en))
end

-- Codes of one byte are written as such; longer ones have numbers in the hundreds, which are printed decimal everywhere.
function declare.code(own, name, zh, en, by_number, bits)
  local kind, shown = "uint8", base.HEX
  if bits > 8 then
    kind, shown = "uint32", base.DEC
  end
  own:field(name, kind, label(zh, en), shown, value_strings(by_number))
end

-- Each flag is a field of its own, `<flags>.<flag>`.
function declare.flags(own, name, zh, en, flags, bits)
  if bits > 32 then
    declare.bytes(own, name, zh, en)
  else
    own:field(name, bits > 16 and "uint32" or bits > 8 and "uint16" or "uint8", label(zh, en), base.HEX)
  end
  for _, flag in pairs(flags) do
    own:field(name .. "." .. flag.name, "bool", label(flag.text[1], flag.text[2]))
    flag.field = own.F[name .. "." .. flag.name]
  end
end

-- A set of connectors: each that is in it is `<set>.connector`.
function declare.connectors(own, name, zh, en)
  declare.bytes(own, name, zh, en)
  declare.whole(own, name .. ".connector", "枪号", "connector number")
end

function declare.slots(own, name, zh, en, by_number)
  declare.bytes(own, name, zh, en)
  declare.code(own, name .. ".tier", "时段费率号", "tier", by_number, 8)
end

-- A protocol: its name in filters, what the list of packets calls it, its titles.
local function new_protocol(name, abbreviation, title, zh, en)
  local own = setmetatable({ name = name, abbreviation = abbreviation, title = title }, Own)
  own.proto = Proto(name, label(zh, en))
  -- What the preferences say; the defaults until they are read.
  own.settings = { lang = DEFAULTS.lang, dialect = DEFAULTS.dialect, fault_base = DEFAULTS.fault_base }
  -- Ports are the first protocol's: they may be that of any, as the bytes say.
  own.ports = #protocols == 0 and DEFAULTS.ports or nil
  -- Preferences of this protocol alone: a name, which is that of the setting, and what Wireshark asks for.
  own.preferences = {}
  -- Fields of bodies, tables of codes and flags, layouts by name, and which layout a type has in which dialect for which
  -- length.
  own.F, own.T, own.L, own.choices = {}, {}, {}, {}
  own.head = {
    length = own:head_field("uint16", "length", "长度", "length"),
    sequence = own:head_field("bytes", "sequence", "序列号", "sequence"),
    message = own:head_field("string", "message", "报文", "message"),
    direction = own:head_field("string", "direction", "方向", "direction"),
    body = own:head_field("bytes", "body", "消息体", "body"),
    tail = own:head_field("bytes", "tail", "未定义字节", "undeclared bytes"),
    skipped = own:head_field("bytes", "skipped", "不属于任何帧的字节", "bytes of no frame"),
    incomplete = own:head_field("bytes", "incomplete", "不完整的帧", "incomplete frame"),
    response_in = own:head_field("framenum", "response_in", "应答见", "answered in", base.NONE, frametype.RESPONSE),
    response_to = own:head_field("framenum", "response_to", "应答", "answers", base.NONE, frametype.REQUEST),
    response_time = own:head_field("double", "response_time", "应答用时(秒)", "seconds to the answer"),
  }
  own.findings = {
    skipped = own:finding("skipped", "不属于任何帧的字节", "bytes of no frame", group.PROTOCOL, severity.WARN),
    incomplete = own:finding("incomplete", "帧不完整", "incomplete frame", group.PROTOCOL, severity.ERROR),
    body_short = own:finding("body_short", "消息体过短", "body too short", group.PROTOCOL, severity.ERROR),
    body_long = own:finding("body_long", "消息体有多余字节", "bytes beyond the layout", group.PROTOCOL, severity.WARN),
    unknown_type = own:finding("unknown_type", "未知帧类型", "unknown frame type", group.UNDECODED, severity.WARN),
    unknown_code = own:finding("unknown_code", "规范未定义的取值", "undocumented value", group.PROTOCOL, severity.WARN),
    code_of_the_rest =
      own:finding("code_of_the_rest", "未列出的取值，含义为", "a number not named, it means", group.PROTOCOL, severity.NOTE),
    encrypted =
      own:finding("encrypted", "消息体已加密，未解析", "encrypted body, not decoded", group.UNDECODED, severity.NOTE),
  }
  protocols[#protocols + 1] = own
  return own
end
