-- Part 4: which reply answers which request: the same connection and sequence, and a layout that says what it answers.

-- Requests without an answer by connection, type and sequence; links by packet and place. Made on the first pass, when
-- packets come in their order, and kept for when they are looked at again.
local waiting, links = {}, {}

local function forget_links()
  waiting, links = {}, {}
end

local asked_for = {}
for _, layout in pairs(L) do
  if layout.reply_to then
    asked_for[layout.reply_to] = true
  end
end

-- A connection is known by its ends: the number of the stream is not at hand where Wireshark makes no tree.
local function connection_of(pinfo)
  local source, destination = tostring(pinfo.src) .. " " .. pinfo.src_port, tostring(pinfo.dst) .. " " .. pinfo.dst_port
  return source < destination and source .. " " .. destination or destination .. " " .. source
end

local function remember(layout, pinfo, place, sequence)
  local connection = connection_of(pinfo)
  local function key(frame_type)
    return format("%s %d %s", connection, frame_type, hex(sequence))
  end
  local request = layout.reply_to and waiting[key(layout.reply_to)]
  if request then
    waiting[key(layout.reply_to)] = nil
    links[request.place] = links[request.place] or {}
    links[request.place].response_in = pinfo.number
    -- Times come as floats: what lies below a microsecond is not the network's.
    local microseconds = floor((pinfo.rel_ts - request.time) * 1e6 + 0.5)
    links[place] = { response_to = request.packet, response_time = microseconds / 1e6 }
  end
  if asked_for[layout.code] then
    waiting[key(layout.code)] = { place = place, packet = pinfo.number, time = pinfo.rel_ts }
  end
end

-- Adds to a frame where it is answered and what it answers.
local function link(tree, layout, pinfo, offset, sequence)
  local place = format("%d %d", pinfo.number, offset)
  if not pinfo.visited then
    remember(layout, pinfo, place, sequence)
  end
  local found = links[place]
  if not found then
    return
  end
  for _, name in ipairs({ "response_in", "response_to", "response_time" }) do
    local field, value = head[name], found[name]
    if value then
      tree:add(field[1], value):set_generated()
    end
  end
end
