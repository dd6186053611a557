-- The framing of YKC (云快充) 1.x: start, length, sequence (2), encryption flag, type, body, CRC (2). A frame is believed when
-- start, length and CRC hold; one whose CRC does not hold is shown as such where it seems to be one. Nothing here knows a
-- message.

-- Bytes before the body: start, length, sequence (2), encryption flag, type.
local HEADER = 6
-- Bytes that the length byte does not count: start, itself, CRC (2).
local UNCOUNTED = 4
own.check_status = {
  low_first = { "成立，低字节在前", "holds, low byte first" },
  high_first = { "成立，高字节在前", "holds, high byte first" },
  bad = { "不成立", "does not hold" },
}
local head, findings = own.head, own.findings

own.answers_by_sequence = true
own.preferences = {
  { "dialect", Pref.enum(label("方言", "Dialect"), DEFAULTS.dialect,
    label("各厂家有分歧的帧类型按谁的解释", "whose reading of a frame type is taken where vendors disagree"), DIALECTS, false) },
  { "fault_base", Pref.enum(label("故障位起始", "Fault base"), DEFAULTS.fault_base,
    label("0x13 硬件故障中，掩码 0x0001 是第几位", "which printed bit of the hardware faults in 0x13 is mask 0x0001"),
    { { "0", "0", 0 }, { "1", "1", 1 } }, false) },
}

head.frame_type = own:head_field("uint8", "frame_type", "类型", "type", base.HEX, value_strings(own.T.FrameType))
head.encryption = own:head_field("uint8", "encryption", "加密标志", "encryption flag")
head.check = own:head_field("bytes", "crc", "CRC", "CRC")
head.check_status = own:head_field("string", "crc.status", "CRC 校验", "CRC status")
head.check_expected = own:head_field("string", "crc.expected", "应为的 CRC", "CRC expected")
head.version2 = own:head_field("bytes", "version2", "V2.x 帧", "frame of V2.x")

findings.check_bad = own:finding("crc_bad", "CRC 错误", "wrong CRC", group.CHECKSUM, severity.ERROR)
findings.crc_high_first =
  own:finding("crc_high_first", "CRC 高字节在前", "CRC high byte first", group.CHECKSUM, severity.NOTE)
findings.length_wrong = own:finding("length_wrong", "长度字节错误", "wrong length byte", group.PROTOCOL, severity.ERROR)
findings.version2 =
  own:finding("version2", "V2.x 帧，未解析", "frame of V2.x, not decoded", group.UNDECODED, severity.WARN)

function own.type_text(frame_type)
  return format("0x%02X", frame_type)
end

function own.parts(bytes)
  local encryption, frame_type = byte(bytes, 5, 6)
  local body = bytes:sub(HEADER + 1, -3)
  return {
    frame_type = frame_type, sequence = bytes:sub(3, 4),
    body = body, body_at = HEADER, length = #body, encrypted = encryption ~= 0,
  }
end

function own.add_head(tree, tvb, offset, bytes, layout, check)
  local length, encryption, frame_type = byte(bytes, 2), byte(bytes, 5, 6)
  local length_item = put(tree, head.length, tvb(offset + 1, 1), length, tostring(length))
  if check.wrong_length then
    note(length_item, findings.length_wrong, format("%d ≠ %d", length, #bytes - UNCOUNTED))
  end
  put(tree, head.sequence, tvb(offset + 2, 2), true, hex(bytes:sub(3, 4)))
  put(tree, head.encryption, tvb(offset + 4, 1), encryption, tostring(encryption))
  add_type(own, tree, tvb(offset + 5, 1), frame_type, layout)
end

function own.add_check(tree, tvb, offset, bytes, check)
  local item = add_check(own, tree, tvb(offset + #bytes - 2, 2), hex(bytes:sub(-2)), true, check)
  if check.status == "high_first" then
    note(item, findings.crc_high_first)
  end
end

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

own.start = "\104"

function own.last_of(bytes, at)
  local length = byte(bytes, at + 1)
  return byte(bytes, at) == START and length and length >= COUNTED_HEADER and at + length + UNCOUNTED - 1
end

function own.verdict(bytes, at, last)
  return check(bytes, at + 2, last)
end

-- A CRC of 16 bits is proof enough.
function own.is_known_type()
  return true
end

-- Whether a header looks like one: it is too short to tell, or its encryption flag is known, and so is its type, unless a
-- frame is `expected` here.
local function is_plausible(bytes, at, expected)
  local encryption, frame_type = byte(bytes, at + 4, at + 5)
  return not frame_type or (encryption <= 1 and (expected or own.choices[frame_type] ~= nil))
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
  elseif likeness == "wait" and not good_frame_within(own, bytes, at + 1, #bytes) then
    return "wait", size and at + size - 1 - #bytes
  end
  return "skip", 1
end

function own.piece_at(bytes, at, expected)
  local length = byte(bytes, at + 1)
  if byte(bytes, at) ~= START then
    return "skip", (bytes:find(own.start, at, true) or #bytes + 1) - at
  elseif not length then
    return "wait"
  elseif length < COUNTED_HEADER then
    return short_piece_at(bytes, at, expected)
  end
  local size, crc = whole_frame(own, bytes, at)
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
  local hidden = good_frame_within(own, bytes, at + 1, size and at + size - 1 or #bytes)
  if hidden then
    return "skip", hidden - at
  elseif not may_be_one then
    return "skip", 1
  elseif size then
    return "frame", size, crc
  end
  return "wait", at + length + UNCOUNTED - 1 - #bytes
end

function own.begins(bytes)
  local _, crc = whole_frame(own, bytes, 1)
  if crc then
    return crc.status ~= "bad"
  end
  local _, likeness = version2_at(bytes, 1)
  return byte(bytes, 1) == START and likeness == "good"
end
