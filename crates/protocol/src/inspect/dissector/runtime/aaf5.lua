-- The framing of AA F5 (盛弘): start (2), length (2), information, sequence, type (2), body, check sum. The length counts the
-- whole frame, and the check sum is that of type and body. A frame is believed when all three hold; eight bits are little
-- proof, so a length must be possible, too. Nothing here knows a message.

own.start = "\170\245"
-- Bytes before the body, and the check sum behind it.
local HEADER, CHECKED_FROM, CHECK = 8, 6, 1
-- The shortest frame has no body.
local SHORTEST = HEADER + CHECK
-- The bit of the information byte that says that the body is encrypted, and its part that is the protocol's version.
local ENCRYPTED, VERSION = 0x80, 0x10
-- Bytes in front of an encrypted body: how long it is when it is plain.
local PLAIN_LENGTH = 2
own.check_status = { good = { "成立", "holds" }, bad = { "不成立", "does not hold" } }
local head, findings = own.head, own.findings

-- A pile that was told parameters answers with how many, and not which.
own.counts_alone = true

head.frame_type = own:head_field("uint16", "frame_type", "命令", "command", base.DEC, value_strings(own.T.FrameType))
head.information = own:head_field("uint8", "information", "信息域", "information byte", base.HEX)
head.version = own:head_field("uint8", "major_version", "协议主版本", "major version")
head.encrypted = own:head_field("bool", "encrypted", "加密", "encrypted")
head.plain_length = own:head_field("uint16", "plain_length", "业务数据长度", "length before encryption")
head.check = own:head_field("uint8", "checksum", "校验和", "check sum", base.HEX)
head.check_status = own:head_field("string", "checksum.status", "校验", "check sum status")
head.check_expected = own:head_field("string", "checksum.expected", "应为的校验和", "check sum expected")

findings.check_bad = own:finding("checksum_bad", "校验和错误", "wrong check sum", group.CHECKSUM, severity.ERROR)
findings.length_wrong = own:finding("length_wrong", "长度域错误", "wrong length", group.PROTOCOL, severity.ERROR)

-- A number of two bytes, low byte first; nothing where the bytes end before.
local function word(bytes, at)
  local low, high = byte(bytes, at, at + 1)
  return high and low + high * 256
end

function own.type_text(frame_type)
  return format("CMD %d", frame_type)
end

function own.parts(bytes)
  local encrypted, body = byte(bytes, 5) >= ENCRYPTED, bytes:sub(HEADER + 1, -1 - CHECK)
  return {
    frame_type = word(bytes, 7), sequence = bytes:sub(6, 6),
    body = body, body_at = HEADER, length = encrypted and word(body, 1) or #body, encrypted = encrypted,
  }
end

function own.add_head(tree, tvb, offset, bytes, layout, check)
  local length, information = word(bytes, 3), byte(bytes, 5)
  local length_item = put(tree, head.length, tvb(offset + 2, 2), length, tostring(length))
  if check.wrong_length then
    note(length_item, findings.length_wrong, format("%d ≠ %d", length, #bytes))
  end
  local range, encrypted = tvb(offset + 4, 1), information >= ENCRYPTED
  local item = put(tree, head.information, range, information, format("0x%02X", information))
  put(item, head.encrypted, range, encrypted, say(encrypted and YES or NO))
  put(item, head.version, range, information % VERSION, format("%d", information % VERSION))
  put(tree, head.sequence, tvb(offset + 5, 1), true, hex(bytes:sub(6, 6)))
  add_type(own, tree, tvb(offset + 6, 2), word(bytes, 7), layout)
  if encrypted and #bytes >= SHORTEST + PLAIN_LENGTH then
    local plain = word(bytes, HEADER + 1)
    put(tree, head.plain_length, tvb(offset + HEADER, PLAIN_LENGTH), plain, tostring(plain))
  end
end

function own.add_check(tree, tvb, offset, bytes, check)
  local sent = byte(bytes, #bytes)
  add_check(own, tree, tvb(offset + #bytes - 1, 1), format("%02X", sent), sent, check)
end

-- Whether the byte at `last` is the check sum of a frame at a place.
function own.verdict(bytes, at, last)
  local sum = 0
  for place = at + CHECKED_FROM, last - CHECK do
    sum = sum + byte(bytes, place)
  end
  local expected = sum % 256
  return { status = expected == byte(bytes, last) and "good" or "bad", expected = format("%02X", expected) }
end

local function starts(bytes, at)
  return bytes:sub(at, at + 1) == own.start
end

-- Whether a frame at a place may have a length. Until its type is there, it may be of the one that has the longest frames.
local function is_possible(bytes, at, length)
  local longest = own.longest[word(bytes, at + 6) or own.longest.type] or own.longest.usual
  return length >= SHORTEST and length <= longest
end

-- Whether the type of a frame at a place is one that is known, or not there yet.
function own.is_known_type(bytes, at)
  local frame_type = word(bytes, at + 6)
  return not frame_type or own.choices[frame_type] ~= nil
end

function own.last_of(bytes, at)
  local length = starts(bytes, at) and word(bytes, at + 2)
  return length and is_possible(bytes, at, length) and at + length - 1
end

-- Where the check sum of a known type holds although the length says otherwise: before the next frame that holds, or at the
-- end of all bytes. Gives back size and check.
local function frame_of_wrong_length(bytes, at)
  local last = (good_frame_within(own, bytes, at + 1, #bytes) or #bytes + 1) - 1
  if not is_possible(bytes, at, last - at + 1) or not own.is_known_type(bytes, at) then
    return nil
  end
  local check = own.verdict(bytes, at, last)
  if check.status == "bad" then
    return nil
  end
  check.wrong_length = true
  return last - at + 1, check
end

-- How many bytes begin no frame: up to the next start, or to a last byte that may begin one.
local function skipped_at(bytes, at)
  local next_start = bytes:find(own.start, at + 1, true)
  if not next_start and #bytes > at and bytes:sub(-1) == own.start:sub(1, 1) then
    next_start = #bytes
  end
  return (next_start or #bytes + 1) - at
end

function own.piece_at(bytes, at, expected)
  local left = #bytes - at + 1
  if bytes:sub(at, at + 1) ~= own.start:sub(1, left) then
    return "skip", skipped_at(bytes, at)
  end
  local length = word(bytes, at + 2)
  if not length then
    return "wait"
  end
  local size, check = whole_frame(own, bytes, at)
  if size and check.status == "good" then
    return "frame", size, check
  end
  local is_cut, is_known = not size and is_possible(bytes, at, length), own.is_known_type(bytes, at)
  if not is_cut then
    local real_size, real_check = frame_of_wrong_length(bytes, at)
    if real_size then
      return "frame", real_size, real_check
    end
  end
  local hidden = good_frame_within(own, bytes, at + 1, size and at + size - 1 or #bytes, is_cut and expected)
  if hidden then
    return "skip", hidden - at
  elseif is_cut and (expected or is_known) then
    return "wait", length - left
  elseif size and is_known then
    return "frame", size, check
  end
  return "skip", skipped_at(bytes, at)
end

-- A frame of no known type is no proof: eight bits of a check sum are soon right, and those of zeros always are.
function own.begins(bytes)
  local _, check = whole_frame(own, bytes, 1)
  return check ~= nil and check.status == "good" and own.is_known_type(bytes, 1)
end
