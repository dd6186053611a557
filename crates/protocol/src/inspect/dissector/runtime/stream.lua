-- Part 6: frames in a stream, however the network cut or glued them. What stands at a place is the framing's to say:
--
-- - `own.piece_at(bytes, at, expected)` gives back "frame" with its size and check, "skip" with how many bytes, "wait" with
--   how many are missing, where that is known, or another word with a size: something that is shown, but not decoded, as the
--   head field and the finding of that name. `expected` says that a frame should begin here.
-- - `own.begins(bytes)` says whether bytes on any port begin with a frame: only a check that holds is proof.
-- - `own.start` is what frames begin with, `own.last_of(bytes, at)` where one ends that begins at a place, if its length can
--   be, `own.verdict(bytes, at, last)` its check, `own.is_known_type(bytes, at)` whether its type is one that is known.

-- What was found out about starts in the bytes at hand, so that each costs one check however often it is looked at.
local looked_at = {}

-- The size and check of a whole frame at a place; nothing where there is none.
local function whole_frame(own, bytes, at)
  local found = looked_at[at]
  if not found then
    local last = own.last_of(bytes, at)
    found = last and last <= #bytes and { size = last - at + 1, check = own.verdict(bytes, at, last) } or {}
    looked_at[at] = found
  end
  return found.size, found.check
end

-- Where a frame that holds begins, looking at starts from `first` to `last`; one of a known type where that is asked for.
local function good_frame_within(own, bytes, first, last, only_known)
  local at = bytes:find(own.start, first, true)
  while at and at <= last do
    local _, check = whole_frame(own, bytes, at)
    if check and check.status ~= "bad" and not (only_known and not own.is_known_type(bytes, at)) then
      return at
    end
    at = bytes:find(own.start, at + 1, true)
  end
  return nil
end

-- Which protocol is spoken on a connection: that of the first frame that holds.
local spoken = {}

local function forget_connections()
  spoken = {}
end

-- Adds bytes that are not decoded, as something of this protocol.
local function add_opaque(own, range, tree, field, bytes, finding)
  local item = tree:add(own.proto, range, say(own.title) .. " " .. say(field[4]))
  note(put(item, field, range, true, hex(bytes)), finding)
end

local function add_skipped(own, tvb, tree, bytes, first, last)
  if last < first then
    return nil
  end
  local findings, range = own.findings, tvb(first - 1, last - first + 1)
  add_opaque(own, range, tree, own.head.skipped, bytes:sub(first, last), findings.skipped)
  return format("%s (%d)", say(findings.skipped[2]), last - first + 1)
end

-- Goes through the bytes of one direction; gives back the texts for the list of packets, and where a frame begins whose
-- end has not come, with the bytes that it misses.
local function add_pieces(own, tvb, pinfo, tree, bytes)
  local texts, at, skipped_from = {}, 1, 1
  local function end_skipped()
    texts[#texts + 1] = add_skipped(own, tvb, tree, bytes, skipped_from, at - 1)
  end
  while at <= #bytes do
    local is_expected = at == skipped_from
    local kind, size, check = own.piece_at(bytes, at, is_expected)
    if kind == "wait" then
      end_skipped()
      -- What begins behind junk may be junk, too: then each false start would be put together by itself.
      return texts, at, is_expected and size or nil
    elseif kind == "skip" then
      at = at + size
    else
      end_skipped()
      local piece = bytes:sub(at, at + size - 1)
      if kind == "frame" then
        texts[#texts + 1] = add_frame(own, tvb, at - 1, piece, check, pinfo, tree)
        if check.status ~= "bad" then
          local connection = connection_of(pinfo)
          spoken[connection] = spoken[connection] or own
        end
      else
        add_opaque(own, tvb(at - 1, size), tree, own.head[kind], piece, own.findings[kind])
        texts[#texts + 1] = say(own.findings[kind][2])
      end
      at = at + size
      skipped_from = at
    end
  end
  end_skipped()
  return texts
end

-- Writes into the list of packets; a second call for one packet goes on behind the first.
local function show_texts(own, pinfo, texts)
  pinfo.cols.protocol:set(own.abbreviation)
  if #texts == 0 then
    return
  end
  local info, text = pinfo.cols.info, table.concat(texts, "; ")
  if pinfo.private["voltapile"] then
    info:append("; " .. text)
  else
    info:set(text)
  end
  info:fence()
  pinfo.private["voltapile"] = "shown"
end

-- Which protocol bytes are of that came to a port: the one that is spoken on the connection, else that of the first frame
-- that holds, else the only one of which they may be a begin.
local function speaker(own, pinfo, bytes)
  local known = spoken[connection_of(pinfo)]
  if known or #protocols == 1 then
    return known or own
  end
  local first, found, may_begin = #bytes + 1, nil, {}
  for _, one in ipairs(protocols) do
    looked_at = {}
    local at = good_frame_within(one, bytes, 1, first - 1, true)
    if at then
      first, found = at, one
    elseif one.piece_at(bytes, 1, false) ~= "skip" then
      may_begin[#may_begin + 1] = one
    end
  end
  return found or (#may_begin == 1 and may_begin[1]) or own
end

local function dissect(own, tvb, pinfo, tree)
  local bytes = tvb:raw()
  looked_at, settings = {}, own.settings
  local texts, unfinished, missing = add_pieces(own, tvb, pinfo, tree, bytes)
  if unfinished then
    local cut_by_capture = tvb:len() < tvb:reported_len()
    if pinfo.can_desegment > 0 and not cut_by_capture then
      pinfo.desegment_offset = unfinished - 1
      pinfo.desegment_len = missing or DESEGMENT_ONE_MORE_SEGMENT
    else
      add_opaque(own, tvb(unfinished - 1), tree, own.head.incomplete, bytes:sub(unfinished), own.findings.incomplete)
      texts[#texts + 1] = say(own.findings.incomplete[2])
    end
  end
  show_texts(own, pinfo, texts)
  return tvb:len()
end

-- What Wireshark calls where a port or a first frame says that it is this protocol.
local function dissector(own)
  return function(tvb, pinfo, tree)
    return dissect(speaker(own, pinfo, tvb:raw()), tvb, pinfo, tree)
  end
end

-- What Wireshark calls for connections that nobody knows.
local function heuristic(own)
  return function(tvb, pinfo, tree)
    looked_at = {}
    if not own.begins(tvb:raw()) then
      return false
    end
    pinfo.conversation = own.proto
    dissect(own, tvb, pinfo, tree)
    return true
  end
end
