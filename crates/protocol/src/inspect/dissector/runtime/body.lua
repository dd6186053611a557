-- Part 3: a body, along its layout. Nothing here knows a message.

local YES, NO = { "是", "yes" }, { "否", "no" }
local CONNECTOR = { "枪", "connector" }

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

-- A number that a table does not name, which may still mean something.
local function note_unnamed(own, item, by_number)
  local meant = meant_by_rest[by_number]
  if meant then
    note(item, own.findings.code_of_the_rest, say(meant))
  else
    note(item, own.findings.unknown_code)
  end
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

-- Flags of a wide set are only added where they hold.
local function add_flags(item, field, range, bytes)
  local holding = {}
  for _, condition in ipairs(conditions(field, bytes)) do
    holding[condition.bit] = true
  end
  for bit = 0, #bytes * 8 do
    local flag, holds = field.flags[bit], holding[bit] or false
    if flag and (holds or #bytes <= 4) then
      item:add(flag.field, range, holds, format("%s (%s %d): %s", say(flag.text), say(BIT), bit, say(holds and YES or NO)))
    end
  end
end

local function add_connectors(item, field, range, bytes)
  for _, condition in ipairs(conditions(field, bytes)) do
    local part, number = range(floor(condition.bit / 8), 1), condition.bit + 1
    item:add(field.connector, part, number, format("%s: %d", say(CONNECTOR), number))
  end
end

local function add_items(item, field, range, bytes)
  local declared, size = field.item, field.item[3] / 8
  for at = 1, floor(#bytes / size) do
    local one = bytes:sub((at - 1) * size + 1, at * size)
    local value, text = declared[2](declared, one, little_endian(one))
    put(item, declared, range((at - 1) * size, size), value, text):prepend_text(format("%d · ", at))
  end
end

local function add_tiers(own, item, field, range, bytes)
  for _, run in ipairs(tier_runs(bytes)) do
    local part = item:add(field.tier, range(run.first, run.count), run.tier, tier_run_text(field, run))
    if not field.codes[run.tier] then
      note(part, own.findings.unknown_code)
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
  if field.connector then
    add_connectors(item, field, range, bytes)
  elseif field.flags then
    add_flags(item, field, range, bytes)
  elseif field.item then
    add_items(item, field, range, bytes)
  elseif field.tier then
    add_tiers(walk.own, item, field, range, bytes)
  elseif field.codes and not field.codes[number] then
    note_unnamed(walk.own, item, field.codes)
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

-- Takes fields in order; gives back the first that does not fit, and whether an optional one is absent. Behind an absent
-- one all optional ones are.
local function take_fields(walk, tree, fields, on_field)
  local ended = false
  for at, field in ipairs(fields) do
    local left = #walk.bytes * 8 - walk.bit
    ended = ended or (field.optional and left < field[3])
    if left >= field[3] and not (ended and field.optional) then
      local number, text = take(walk, tree, field, width(walk, field, left))
      if on_field then
        on_field(at, number, text)
      end
    elseif not field.optional then
      return field
    end
  end
  return nil, ended
end

-- Takes the groups at the end of a body, as many as are counted and there; gives back whether there are too few.
local function take_groups(walk, tree, group, counted)
  local there = floor((#walk.bytes * 8 - walk.bit) / group.bits)
  for index = 1, math.min(counted or there, there) do
    local range = walk.tvb(walk.offset + floor(walk.bit / 8), floor(group.bits / 8))
    take_fields(walk, tree:add(range, format("%s %d", say(group.text), index)), group.fields)
  end
  -- Where a protocol says so, an answer may repeat a count without what was counted.
  local may_be_absent = walk.own.counts_alone and not group.fixed and #walk.bytes * 8 == walk.bit
  if counted and counted > there and not (there == 0 and may_be_absent) then
    note(tree, walk.own.findings.body_short, format("%s %d < %d", say(group.text), there, counted))
  end
  return counted and counted > there
end

-- Takes a body along its layout; gives back the texts of its fields by their place.
local function take_body(walk, tree, layout)
  local numbers, texts = {}, {}
  local missing, ended = take_fields(walk, tree, layout.fields, function(at, number, text)
    numbers[at], texts[at] = number, text
    if layout.sensors and layout.sensors.field == at then
      walk.sensors = number == layout.sensors.present
    end
  end)
  if missing then
    note(tree, walk.own.findings.body_short, say(missing[4]))
  elseif layout.group then
    local group = layout.group
    local counted = group.fixed or group.counted_by and (numbers[group.counted_by] or 0)
    missing = take_groups(walk, tree, group, counted) and group.fixed
  end
  local left = #walk.bytes - floor(walk.bit / 8)
  local extension = not (missing or ended) and layout.extensions and layout.extensions[left]
  if extension then
    take_fields(walk, tree, extension)
  elseif left > 0 then
    local range = walk.tvb(walk.offset + #walk.bytes - left, left)
    local item = put(tree, walk.own.head.tail, range, true, hex(walk.bytes:sub(-left)))
    if not missing then
      note(item, walk.own.findings.body_long)
    end
  end
  return texts
end

