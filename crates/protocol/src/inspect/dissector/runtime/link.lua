-- Part 4: which reply answers which request, on the same connection: by sequence where the protocol says so, else the
-- request that has waited longest, unless one has the same sequence. A layout says what it answers.

-- Requests without an answer that are remembered of a connection and type: more than anybody has under way.
local MOST_WAITING = 64

-- Requests without an answer by connection and type; links by packet and place. Made on the first pass, when packets come
-- in their order, and kept for when they are looked at again.
local waiting, links = {}, {}
-- The pile's end of each connection.
local piles = {}

local function forget_links()
  waiting, links, piles = {}, {}, {}
end

-- The types that something answers.
local function asked_for(own)
  if not own.asked_for then
    own.asked_for = {}
    for _, layout in pairs(own.L) do
      if layout.reply_to then
        own.asked_for[layout.reply_to] = true
      end
    end
  end
  return own.asked_for
end

local function ends_of(pinfo)
  return tostring(pinfo.src) .. " " .. pinfo.src_port, tostring(pinfo.dst) .. " " .. pinfo.dst_port
end

-- A connection is known by its ends: the number of the stream is not at hand where Wireshark makes no tree.
local function connection_of(pinfo)
  local source, destination = ends_of(pinfo)
  return source < destination and source .. " " .. destination or destination .. " " .. source
end

-- Whether a frame goes to the platform: its layout says so, or else who said the first frame of the connection that has one.
local function is_up(pinfo, layout, is_certain)
  local connection, source, destination = connection_of(pinfo), ends_of(pinfo)
  if layout then
    piles[connection] = piles[connection] or is_certain and (layout.up and source or destination) or nil
    return layout.up
  end
  return piles[connection] and piles[connection] == source
end

-- Takes the request that is answered out of those that wait.
local function take_request(own, requests, sequence)
  for at, request in ipairs(requests) do
    if request.sequence == sequence then
      return table.remove(requests, at)
    end
  end
  return not own.answers_by_sequence and table.remove(requests, 1) or nil
end

-- Lets a request wait, in place of one with its sequence.
local function add_request(own, requests, request)
  if own.answers_by_sequence then
    take_request(own, requests, request.sequence)
  end
  requests[#requests + 1] = request
  if #requests > MOST_WAITING then
    table.remove(requests, 1)
  end
end

local function remember(own, layout, pinfo, place, sequence)
  local connection = connection_of(pinfo)
  local function of_type(frame_type)
    local key = connection .. " " .. frame_type
    waiting[key] = waiting[key] or {}
    return waiting[key]
  end
  local request = layout.reply_to and take_request(own, of_type(layout.reply_to), sequence)
  if request then
    links[request.place] = links[request.place] or {}
    links[request.place].response_in = pinfo.number
    -- Times come as floats: what lies below a microsecond is not the network's.
    local microseconds = floor((pinfo.rel_ts - request.time) * 1e6 + 0.5)
    links[place] = { response_to = request.packet, response_time = microseconds / 1e6 }
  end
  if asked_for(own)[layout.code] then
    local time = pinfo.rel_ts
    add_request(own, of_type(layout.code), { place = place, packet = pinfo.number, time = time, sequence = sequence })
  end
end

-- Adds to a frame where it is answered and what it answers.
local function link(own, tree, layout, pinfo, offset, sequence)
  local place = format("%d %d", pinfo.number, offset)
  if not pinfo.visited then
    remember(own, layout, pinfo, place, sequence)
  end
  local found = links[place]
  if not found then
    return
  end
  for _, name in ipairs({ "response_in", "response_to", "response_time" }) do
    local field, value = own.head[name], found[name]
    if value then
      tree:add(field[1], value):set_generated()
    end
  end
end
