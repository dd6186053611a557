-- Part 5: one frame. What it says comes from the tables of its protocol; where its parts are, from the protocol's framing:
--
-- - `own.parts(bytes)` takes a frame apart: its type, its sequence, its body and where it begins, the length by which the
--   body's layout is found, and whether the body is encrypted;
-- - `own.type_text(frame_type)` is the type as people write it;
-- - `own.add_head(...)` and `own.add_check(...)` show what stands before and behind the body, and give back the texts of
--   what is wrong with it.

local UP = { "桩 → 平台", "pile → platform" }
local DOWN = { "平台 → 桩", "platform → pile" }

local unpack = table.unpack or unpack

-- The layout of a type for a body of a length, in the dialect of the preferences.
local function layout_of(own, frame_type, length)
  local by_dialect = own.choices[frame_type]
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

-- Adds a type and what is known of it.
local function add_type(own, tree, range, frame_type, layout)
  local item = put(tree, own.head.frame_type, range, frame_type, own.type_text(frame_type))
  if not layout then
    note(item, own.findings.unknown_type)
    return
  end
  put(tree, own.head.message, range, layout.name, say(layout.text) .. " (" .. layout.name .. ")"):set_generated()
end

-- Adds a check and the verdict on it: what was sent as text and as value.
local function add_check(own, tree, range, sent, value, check)
  local head, findings = own.head, own.findings
  local item = put(tree, head.check, range, value, sent)
  put(tree, head.check_status, range, check.status, say(own.check_status[check.status])):set_generated()
  if check.status == "bad" then
    put(tree, head.check_expected, range, check.expected, check.expected):set_generated()
    note(item, findings.check_bad, sent .. " ≠ " .. check.expected)
  end
  return item
end

-- What the list of packets says of a frame, beyond its type: the fields that its layout names, unless they are empty or
-- zero.
local function summary(layout, texts)
  local parts = {}
  for _, at in ipairs(layout.summary) do
    local text = texts[at]
    if text and not text:find("^0*$") then
      parts[#parts + 1] = say(layout.fields[at][4]) .. " " .. text
    end
  end
  return parts
end

-- Adds a body; gives back what the list of packets says of it.
local function add_body(own, tvb, offset, parts, layout, tree)
  local range = #parts.body > 0 and tvb(offset + parts.body_at, #parts.body)
  if layout and not parts.encrypted then
    local walk = { own = own, tvb = tvb, offset = offset + parts.body_at, bytes = parts.body, bit = 0 }
    return summary(layout, take_body(walk, tree, layout))
  elseif range then
    local opaque = put(tree, own.head.body, range, true, hex(parts.body))
    if parts.encrypted then
      note(opaque, own.findings.encrypted)
      return { say(own.findings.encrypted[2]) }
    end
  end
  return {}
end

-- Adds a frame to the tree; gives back what the list of packets says of it.
local function add_frame(own, tvb, offset, bytes, check, pinfo, tree)
  local parts = own.parts(bytes)
  local layout = layout_of(own, parts.frame_type, parts.length)
  local title = own.type_text(parts.frame_type) .. " " .. (layout and say(layout.text) or say(UNKNOWN))
  local item = tree:add(own.proto, tvb(offset, #bytes), say(own.title) .. " " .. title)
  own.add_head(item, tvb, offset, bytes, layout, check)
  local up = is_up(pinfo, layout, check.status ~= "bad")
  if up ~= nil then
    put(item, own.head.direction, tvb(offset, #bytes), up and "up" or "down", say(up and UP or DOWN)):set_generated()
  end
  local texts = add_body(own, tvb, offset, parts, layout, item)
  own.add_check(item, tvb, offset, bytes, check)
  if check.wrong_length then
    texts[#texts + 1] = say(own.findings.length_wrong[2])
  end
  if check.status == "bad" then
    texts[#texts + 1] = say(own.findings.check_bad[2])
  elseif layout then
    link(own, item, layout, pinfo, offset, parts.sequence)
  end
  if up ~= nil then
    title = (up and "↑ " or "↓ ") .. title
  end
  return table.concat({ title, unpack(texts) }, ", ")
end
