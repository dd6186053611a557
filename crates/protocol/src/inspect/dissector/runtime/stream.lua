-- Part 6: frames in a stream, however the network cut or glued them. A frame is believed when start, length and CRC hold;
-- one whose CRC does not hold is shown as such where it seems to be one. Anything else is skipped, and shown as skipped.

local START = 0x68
-- Counted bytes of a frame without a body: sequence (2), encryption flag, type.
local COUNTED_HEADER = 4
-- The longest frame: a length byte of 255.
local MAX_LENGTH = 255 + UNCOUNTED
-- V2.x: bytes before the body, and bytes that its length of 16 bits does not count.
local VERSION2_HEADER, VERSION2_UNCOUNTED = 14, 5

local band, bxor, rshift = bit.band, bit.bxor, bit.rshift

local CRC_TABLE = {}
for number = 0, 255 do
  local remainder = number
  for _ = 1, 8 do
    remainder = remainder % 2 == 1 and bxor(rshift(remainder, 1), 0xA001) or rshift(remainder, 1)
  end
  CRC_TABLE[number] = remainder
end

-- CRC-16/MODBUS, gone on with the bytes `first` to `last`.
local function crc16(remainder, bytes, first, last)
  for at = first, last do
    remainder = bxor(rshift(remainder, 8), CRC_TABLE[band(bxor(remainder, byte(bytes, at)), 0xFF)])
  end
  return remainder
end

-- Whether the two bytes up to `last` are a CRC, and in which order.
local function verdict(remainder, bytes, last)
  local low, high = band(remainder, 0xFF), rshift(remainder, 8)
  local one, two = byte(bytes, last - 1, last)
  local status = one == low and two == high and "low_first" or one == high and two == low and "high_first" or "bad"
  return { status = status, expected = format("%02X%02X", low, high) }
end

local function check(bytes, first, last)
  return verdict(crc16(0xFFFF, bytes, first, last - 2), bytes, last)
end

-- What was found out about starts in the bytes at hand, so that each costs one CRC however often it is looked at.
local looked_at = {}

-- The size and CRC of a whole frame of V1.x at a place; nothing where there is none.
local function whole_frame(bytes, at)
  local found = looked_at[at]
  if not found then
    local length = byte(bytes, at + 1)
    local last = length and at + length + UNCOUNTED - 1
    found = {}
    if byte(bytes, at) == START and length and length >= COUNTED_HEADER and last <= #bytes then
      found = { size = last - at + 1, crc = check(bytes, at + 2, last) }
    end
    looked_at[at] = found
  end
  return found.size, found.crc
end

-- Where a frame with a good CRC begins, looking at starts from `first` to `last`.
local function good_frame_within(bytes, first, last)
  local at = bytes:find("\104", first, true)
  while at and at <= last do
    local _, crc = whole_frame(bytes, at)
    if crc and crc.status ~= "bad" then
      return at
    end
    at = bytes:find("\104", at + 1, true)
  end
  return nil
end

-- Whether a header looks like one: it is too short to tell, or its encryption flag is known, and so is its type, unless a
-- frame is `expected` here.
local function is_plausible(bytes, at, expected)
  local encryption, frame_type = byte(bytes, at + 4, at + 5)
  return not frame_type or (encryption <= 1 and (expected or choices[frame_type] ~= nil))
end

-- Where the CRC holds although the length byte says otherwise: before the next start, or at the end of all bytes where
-- those may be all. Gives back size and CRC.
local function frame_of_wrong_length(bytes, at, ends_here)
  local shortest, longest = at + HEADER + 1, math.min(at + MAX_LENGTH - 1, #bytes)
  local remainder, counted = 0xFFFF, at + 1
  for last = shortest, longest do
    local is_end = byte(bytes, last + 1) == START or (last == #bytes and ends_here)
    if is_end then
      remainder = crc16(remainder, bytes, counted + 1, last - 2)
      counted = last - 2
      local crc = verdict(remainder, bytes, last)
      if crc.status ~= "bad" then
        crc.wrong_length = true
        return last - at + 1, crc
      end
    end
  end
  return nil
end

-- A frame of V2.x: start, length (2, high byte first), sequence (2), time (7), encryption flag, type, body, CRC. Gives back
-- its size, and whether its CRC holds or is only missing: "good", "like" or "wait".
local function version2_at(bytes, at)
  local left = #bytes - at + 1
  if left < 3 then
    return nil, "wait"
  end
  local size = byte(bytes, at + 1) * 256 + byte(bytes, at + 2) + VERSION2_UNCOUNTED
  if size < VERSION2_HEADER + 2 then
    return nil, nil
  elseif size <= left and check(bytes, at + 3, at + size - 1).status ~= "bad" then
    return size, "good"
  end
  local is_header = left < VERSION2_HEADER or (byte(bytes, at + 12) <= 1 and civil_time(bytes:sub(at + 5, at + 11)))
  if not is_header then
    return nil, nil
  end
  return size, size <= left and "like" or "wait"
end

-- What stands where a length byte is too small for a frame of V1.x.
local function short_piece_at(bytes, at, expected)
  local size, likeness = version2_at(bytes, at)
  if likeness == "good" then
    return "version2", size
  end
  local real_size, crc
  if is_plausible(bytes, at, expected) then
    real_size, crc = frame_of_wrong_length(bytes, at, true)
  end
  if real_size then
    return "frame", real_size, crc
  elseif likeness == "like" then
    return "version2", size
  elseif likeness == "wait" and not good_frame_within(bytes, at + 1, #bytes) then
    return "wait", size and at + size - 1 - #bytes
  end
  return "skip", 1
end

-- What stands at a place, and its bytes: "frame" (with its CRC), "version2", "skip", or "wait" with how many are missing,
-- where that is known. `expected` says that a frame should begin here.
local function piece_at(bytes, at, expected)
  local length = byte(bytes, at + 1)
  if byte(bytes, at) ~= START then
    return "skip", (bytes:find("\104", at, true) or #bytes + 1) - at
  elseif not length then
    return "wait"
  elseif length < COUNTED_HEADER then
    return short_piece_at(bytes, at, expected)
  end
  local size, crc = whole_frame(bytes, at)
  if size and crc.status ~= "bad" then
    return "frame", size, crc
  end
  local may_be_one = is_plausible(bytes, at, expected)
  if may_be_one then
    local real_size, real_crc = frame_of_wrong_length(bytes, at, size ~= nil)
    if real_size then
      return "frame", real_size, real_crc
    end
  end
  local hidden = good_frame_within(bytes, at + 1, size and at + size - 1 or #bytes)
  if hidden then
    return "skip", hidden - at
  elseif not may_be_one then
    return "skip", 1
  elseif size then
    return "frame", size, crc
  end
  return "wait", at + length + UNCOUNTED - 1 - #bytes
end

-- Adds bytes that are not decoded, as something of this protocol.
local function add_opaque(range, tree, field, bytes, finding)
  local item = tree:add(ykc, range, say(TITLE) .. " " .. say(field[4]))
  note(put(item, field, range, true, hex(bytes)), finding)
end

local function add_skipped(tvb, tree, bytes, first, last)
  if last >= first then
    add_opaque(tvb(first - 1, last - first + 1), tree, head.skipped, bytes:sub(first, last), findings.skipped)
    return format("%s (%d)", say(findings.skipped[2]), last - first + 1)
  end
  return nil
end

-- Goes through the bytes of one direction; gives back the texts for the list of packets, and where a frame begins whose
-- end has not come, with the bytes that it misses.
local function add_pieces(tvb, pinfo, tree, bytes)
  local texts, at, skipped_from = {}, 1, 1
  local function end_skipped()
    texts[#texts + 1] = add_skipped(tvb, tree, bytes, skipped_from, at - 1)
  end
  while at <= #bytes do
    local is_expected = at == skipped_from
    local kind, size, crc = piece_at(bytes, at, is_expected)
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
        texts[#texts + 1] = add_frame(tvb, at - 1, piece, crc, pinfo, tree)
      else
        add_opaque(tvb(at - 1, size), tree, head.version2, piece, findings.version2)
        texts[#texts + 1] = say(findings.version2[2])
      end
      at = at + size
      skipped_from = at
    end
  end
  end_skipped()
  return texts
end

-- Writes into the list of packets; a second call for one packet goes on behind the first.
local function show_texts(pinfo, texts)
  pinfo.cols.protocol:set("YKC")
  if #texts == 0 then
    return
  end
  local info, text = pinfo.cols.info, table.concat(texts, "; ")
  if pinfo.private["ykc"] then
    info:append("; " .. text)
  else
    info:set(text)
  end
  info:fence()
  pinfo.private["ykc"] = "shown"
end

function ykc.dissector(tvb, pinfo, tree)
  local bytes = tvb:raw()
  looked_at = {}
  local texts, unfinished, missing = add_pieces(tvb, pinfo, tree, bytes)
  if unfinished then
    local cut_by_capture = tvb:len() < tvb:reported_len()
    if pinfo.can_desegment > 0 and not cut_by_capture then
      pinfo.desegment_offset = unfinished - 1
      pinfo.desegment_len = missing or DESEGMENT_ONE_MORE_SEGMENT
    else
      add_opaque(tvb(unfinished - 1), tree, head.incomplete, bytes:sub(unfinished), findings.incomplete)
      texts[#texts + 1] = say(findings.incomplete[2])
    end
  end
  show_texts(pinfo, texts)
  return tvb:len()
end

-- Whether bytes on any port begin with a frame: only a CRC that holds is proof.
local function begins_with_frame(bytes)
  looked_at = {}
  local _, crc = whole_frame(bytes, 1)
  if crc then
    return crc.status ~= "bad"
  end
  local _, likeness = version2_at(bytes, 1)
  return byte(bytes, 1) == START and likeness == "good"
end
