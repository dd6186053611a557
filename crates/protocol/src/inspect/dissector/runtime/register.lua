-- Part 7: preferences, ports, and the look at connections on other ports.

local tcp_ports = DissectorTable.get("tcp.port")

local function add_preferences(own)
  local prefs = own.proto.prefs
  if own.ports then
    prefs.ports = Pref.range(label("TCP 端口", "TCP ports"), own.ports,
      label("平台监听的端口，例如 8768,9000-9010", "where platforms listen, for example 8768,9000-9010"), 65535)
  end
  prefs.lang = Pref.enum("Language 语言", DEFAULTS.lang,
    label("详情和信息列的语言；筛选器列表的语言由生成文件时的 --lang 决定",
      "of details and packet list; that of the list of filters is chosen when this file is made, with --lang"),
    { { "zh", "中文", 1 }, { "en", "English", 2 } }, false)
  for _, one in ipairs(own.preferences) do
    prefs[one[1]] = one[2]
  end
end

-- Makes a protocol known to Wireshark, when all of its fields are declared.
local function register(own)
  local fields, experts = {}, {}
  for _, field in pairs(own.F) do
    fields[#fields + 1] = field
  end
  for _, field in pairs(own.head) do
    fields[#fields + 1] = field[1]
  end
  for _, one in pairs(own.findings) do
    experts[#experts + 1] = one[1]
  end
  own.proto.fields, own.proto.experts = fields, experts
  add_preferences(own)
  own.proto.dissector = dissector(own)
  if own.ports then
    tcp_ports:add(own.ports, own.proto)
  end
  function own.proto.prefs_changed()
    local prefs = own.proto.prefs
    own.settings.lang = prefs.lang
    for _, one in ipairs(own.preferences) do
      own.settings[one[1]] = prefs[one[1]]
    end
    if own.ports and prefs.ports ~= own.ports then
      tcp_ports:remove(own.ports, own.proto)
      own.ports = prefs.ports
      tcp_ports:add(own.ports, own.proto)
    end
  end
  function own.proto.init()
    forget_links()
    forget_connections()
  end
  own.proto:register_heuristic("tcp", heuristic(own))
end
