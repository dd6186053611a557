-- Part 7: preferences, ports, and the look at connections on other ports.

-- All fields at once: Wireshark takes them when the list is set.
local fields = {}
for _, field in pairs(F) do
  fields[#fields + 1] = field
end
for _, field in pairs(head) do
  fields[#fields + 1] = field[1]
end
ykc.fields = fields

local experts = {}
for _, one in pairs(findings) do
  experts[#experts + 1] = one[1]
end
ykc.experts = experts

ykc.prefs.ports = Pref.range(own("TCP 端口", "TCP ports"), DEFAULTS.ports,
  own("平台监听的端口，例如 8768,9000-9010", "where platforms listen, for example 8768,9000-9010"), 65535)
ykc.prefs.lang = Pref.enum("Language 语言", DEFAULTS.lang,
  own("详情和信息列的语言；筛选器列表的语言由生成文件时的 --lang 决定",
    "of details and packet list; that of the list of filters is chosen when this file is made, with --lang"),
  { { "zh", "中文", 1 }, { "en", "English", 2 } }, false)
ykc.prefs.dialect = Pref.enum(own("方言", "Dialect"), DEFAULTS.dialect,
  own("各厂家有分歧的帧类型按谁的解释", "whose reading of a frame type is taken where vendors disagree"), DIALECTS, false)
ykc.prefs.fault_base = Pref.enum(own("故障位起始", "Fault base"), DEFAULTS.fault_base,
  own("0x13 硬件故障中，掩码 0x0001 是第几位", "which printed bit of the hardware faults in 0x13 is mask 0x0001"),
  { { "0", "0", 0 }, { "1", "1", 1 } }, false)

local tcp_ports = DissectorTable.get("tcp.port")
local ports = DEFAULTS.ports
tcp_ports:add(ports, ykc)

function ykc.prefs_changed()
  settings.lang, settings.dialect, settings.fault_base = ykc.prefs.lang, ykc.prefs.dialect, ykc.prefs.fault_base
  if ykc.prefs.ports ~= ports then
    tcp_ports:remove(ports, ykc)
    ports = ykc.prefs.ports
    tcp_ports:add(ports, ykc)
  end
end

function ykc.init()
  forget_links()
end

ykc:register_heuristic("tcp", function(tvb, pinfo, tree)
  if not begins_with_frame(tvb:raw()) then
    return false
  end
  pinfo.conversation = ykc
  ykc.dissector(tvb, pinfo, tree)
  return true
end)
