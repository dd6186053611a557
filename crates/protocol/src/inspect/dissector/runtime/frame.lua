-- Part 5: one frame. What it says comes from the tables above; nothing here knows a message.

-- Bytes before the body: start, length, sequence (2), encryption flag, type.
local HEADER = 6
-- Bytes that the length byte does not count: start, itself, CRC (2).
local UNCOUNTED = 4

local TITLE = { "云快充", "YKC" }
local UP = { "桩 → 平台", "pile → platform" }
local DOWN = { "平台 → 桩", "platform → pile" }
local YES, NO = { "是", "yes" }, { "否", "no" }
local CRC_STATUS = {
  low_first = { "成立，低字节在前", "holds, low byte first" },
  high_first = { "成立，高字节在前", "holds, high byte first" },
  bad = { "不成立", "does not hold" },
}

local unpack = table.unpack or unpack

head.frame_type = head_field("uint8", "frame_type", "类型", "type", base.HEX, value_strings(T.FrameType))

-- The layout of a type for a body of a length, in the dialect of the preferences.
local function layout_of(frame_type, length)
  local by_dialect = choices[frame_type]
  if not by_dialect then
    return nil
  end
  for _, run in ipairs(by_dialect[settings.dialect] or by_dialect[1]) do
    if length <= run[1] then
      return run[2]
    end
  end
  return nil
end

-- Adds a field. The bytes are the value where `value` is true; it has none to filter on where `value` is nil.
local function put(tree, field, range, value, text)
  local shown = say(field[4]) .. ": " .. text
  if value == nil then
    return tree:add(range, shown)
  elseif value == true then
    local item = tree:add(field[1], range)
    item:set_text(shown)
    return item
  end
  return tree:add(field[1], range, value, shown)
end

local function note(item, finding, detail)
  local text = say(finding[2])
  item:add_proto_expert_info(finding[1], detail and text .. ": " .. detail or text)
end

-- `.... .01.`: the bits of a field within the bytes it touches, the highest first.
local function bit_picture(number, size, first_bit, bits)
  local picture = {}
  for bit = size * 8 - 1, 0, -1 do
    local within = bit >= first_bit and bit < first_bit + bits
    picture[#picture + 1] = within and format("%d", floor(number / 2 ^ (bit - first_bit)) % 2) or "."
    if bit % 4 == 0 and bit > 0 then
      picture[#picture + 1] = " "
    end
  end
  return table.concat(picture)
end

local function add_flags(item, field, range, number)
  local holding = {}
  for _, condition in ipairs(conditions(field, number)) do
    holding[condition.bit] = true
  end
  for bit = 0, 16 do
    local flag, holds = field.flags[bit], holding[bit] or false
    if flag then
      item:add(flag.field, range, holds, format("%s (%s %d): %s", say(flag.text), say(BIT), bit, say(holds and YES or NO)))
    end
  end
end

local function add_tiers(item, field, range, bytes)
  for _, run in ipairs(tier_runs(bytes)) do
    local part = item:add(field.tier, range(run.first, run.count), run.tier, tier_run_text(field, run))
    if not field.codes[run.tier] then
      note(part, findings.unknown_code)
    end
  end
end

-- Takes the next `bits` of a body as a field; gives back its number and its text.
local function take(walk, tree, field, bits)
  local begin, first_bit = floor(walk.bit / 8), walk.bit % 8
  local size = floor((walk.bit + bits + 7) / 8) - begin
  local bytes = walk.bytes:sub(begin + 1, begin + size)
  local number = little_endian(bytes)
  local is_packed = first_bit ~= 0 or bits % 8 ~= 0
  if is_packed then
    number = floor(number / 2 ^ first_bit) % floor(2 ^ bits)
  end
  walk.bit = walk.bit + bits
  local value, text = field[2](field, bytes, number)
  if field.sensor and number == 0 and not walk.sensors then
    value, text = nil, say(NONE)
  end
  local range = walk.tvb(walk.offset + begin, size)
  local item = put(tree, field, range, value, text)
  if is_packed then
    item:prepend_text(bit_picture(number, size, first_bit, bits) .. " = ")
  end
  if field.flags then
    add_flags(item, field, range, number)
  elseif field.tier then
    add_tiers(item, field, range, bytes)
  elseif field.codes and not field.codes[number] then
    note(item, findings.unknown_code)
  end
  return number, text
end

-- Bits that a field takes of those that are left.
local function width(walk, field, left)
  if field[2] == read.counted_text then
    local announced = byte(walk.bytes, floor(walk.bit / 8) + 1) * 8
    return field[3] + math.min(announced, left - field[3])
  end
  return field.to_end and left or field[3]
end

-- Takes fields in order; gives back the first that does not fit.
local function take_fields(walk, tree, fields, on_field)
  for at, field in ipairs(fields) do
    local left = #walk.bytes * 8 - walk.bit
    if left >= field[3] then
      local number, text = take(walk, tree, field, width(walk, field, left))
      if on_field then
        on_field(at, number, text)
      end
    elseif not field.optional then
      return field
    end
  end
  return nil
end

-- Takes the groups at the end of a body, as many as are counted and there.
local function take_groups(walk, tree, group, counted)
  local there = floor((#walk.bytes * 8 - walk.bit) / group.bits)
  for index = 1, math.min(counted or there, there) do
    local range = walk.tvb(walk.offset + floor(walk.bit / 8), floor(group.bits / 8))
    take_fields(walk, tree:add(range, format("%s %d", say(group.text), index)), group.fields)
  end
  if counted and counted > there then
    note(tree, findings.body_short, format("%s %d < %d", say(group.text), there, counted))
  end
end

-- Takes a body along its layout; gives back the texts of its fields by their place.
local function take_body(walk, tree, layout)
  local numbers, texts = {}, {}
  local missing = take_fields(walk, tree, layout.fields, function(at, number, text)
    numbers[at], texts[at] = number, text
    if layout.sensors and layout.sensors.field == at then
      walk.sensors = number == layout.sensors.present
    end
  end)
  if missing then
    note(tree, findings.body_short, say(missing[4]))
  elseif layout.group then
    take_groups(walk, tree, layout.group, numbers[layout.group.counted_by])
  end
  local left = #walk.bytes - floor(walk.bit / 8)
  local extension = not missing and layout.extensions and layout.extensions[left]
  if extension then
    take_fields(walk, tree, extension)
  elseif left > 0 then
    local range = walk.tvb(walk.offset + #walk.bytes - left, left)
    local item = put(tree, head.tail, range, true, hex(walk.bytes:sub(-left)))
    if not missing then
      note(item, findings.body_long)
    end
  end
  return texts
end

local function add_head(tree, tvb, offset, bytes, layout, wrong_length)
  local length, encryption, frame_type = byte(bytes, 2), byte(bytes, 5, 6)
  local length_item = put(tree, head.length, tvb(offset + 1, 1), length, tostring(length))
  if wrong_length then
    note(length_item, findings.length_wrong, format("%d ≠ %d", length, #bytes - UNCOUNTED))
  end
  put(tree, head.sequence, tvb(offset + 2, 2), true, hex(bytes:sub(3, 4)))
  put(tree, head.encryption, tvb(offset + 4, 1), encryption, tostring(encryption))
  local range = tvb(offset + 5, 1)
  local item = put(tree, head.frame_type, range, frame_type, format("0x%02X", frame_type))
  if not layout then
    note(item, findings.unknown_type)
    return
  end
  put(tree, head.message, range, layout.name, say(layout.text) .. " (" .. layout.name .. ")"):set_generated()
  put(tree, head.direction, range, layout.up and "up" or "down", say(layout.up and UP or DOWN)):set_generated()
end

local function add_crc(tree, range, sent, crc)
  local item = put(tree, head.crc, range, true, hex(sent))
  put(tree, head.crc_status, range, crc.status, say(CRC_STATUS[crc.status])):set_generated()
  if crc.status == "bad" then
    put(tree, head.crc_expected, range, crc.expected, crc.expected):set_generated()
    note(item, findings.crc_bad, hex(sent) .. " ≠ " .. crc.expected)
  elseif crc.status == "high_first" then
    note(item, findings.crc_high_first)
  end
end

-- What the list of packets says of a frame, beyond its type: the fields that its layout names, unless they are zero.
local function summary(layout, texts)
  local parts = {}
  for _, at in ipairs(layout.summary) do
    local text = texts[at]
    if text and not text:find("^0+$") then
      parts[#parts + 1] = say(layout.fields[at][4]) .. " " .. text
    end
  end
  return parts
end

-- Adds a frame to the tree; gives back what the list of packets says of it.
local function add_frame(tvb, offset, bytes, crc, pinfo, tree)
  local encryption, frame_type = byte(bytes, 5, 6)
  local body = bytes:sub(HEADER + 1, -3)
  local layout = layout_of(frame_type, #body)
  local title = format("0x%02X %s", frame_type, layout and say(layout.text) or say(UNKNOWN))
  local item = tree:add(ykc, tvb(offset, #bytes), say(TITLE) .. " " .. title)
  add_head(item, tvb, offset, bytes, layout, crc.wrong_length)
  local parts = {}
  if encryption == 0 and layout then
    local walk = { tvb = tvb, offset = offset + HEADER, bytes = body, bit = 0 }
    parts = summary(layout, take_body(walk, item, layout))
  elseif #body > 0 then
    local opaque = put(item, head.body, tvb(offset + HEADER, #body), true, hex(body))
    if encryption ~= 0 then
      note(opaque, findings.encrypted)
      parts = { say(findings.encrypted[2]) }
    end
  end
  add_crc(item, tvb(offset + #bytes - 2, 2), bytes:sub(-2), crc)
  if crc.wrong_length then
    parts[#parts + 1] = say(findings.length_wrong[2])
  end
  if crc.status == "bad" then
    parts[#parts + 1] = say(findings.crc_bad[2])
  end
  if layout and crc.status ~= "bad" then
    link(item, layout, pinfo, offset, bytes:sub(3, 4))
  end
  if layout then
    title = (layout.up and "↑ " or "↓ ") .. title
  end
  return table.concat({ title, unpack(parts) }, ", ")
end
