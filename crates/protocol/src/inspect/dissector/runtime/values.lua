-- Part 1: what the bits of a field mean.
--
-- A text is a pair, { Chinese, English }. A reader gets a field's declaration, its bytes, and the number in them (low byte
-- first, or the packed bits). It gives back the value to filter on and the text to show; `true` for a value says that the
-- bytes are the value, `nil` that the field says "nothing": no time, no VIN, no sensor.

local byte, format = string.byte, string.format
local floor = math.floor

-- What the preferences of the protocol say that is dissected at the moment.
local settings

local NONE = { "无", "none" }
local UNKNOWN = { "未知", "unknown" }
local BIT = { "位", "bit" }
local LIST = { "、", ", " }
local RANGES = { "，", ", " }

-- A text in the language of the preferences.
local function say(pair)
  return pair[settings.lang]
end

-- What tables of codes say that all numbers mean which they do not name.
local meant_by_rest = {}

-- Rows of { first, last, Chinese, English } as a table by number.
local function codes(rows, rest)
  local by_number = {}
  for _, row in ipairs(rows) do
    local texts = { row[3], row[4] }
    for number = row[1], row[2] do
      by_number[number] = texts
    end
  end
  meant_by_rest[by_number] = rest
  return by_number
end

-- Rows of { printed bit, name, Chinese, English } as a table by bit.
local function flags(rows)
  local by_bit = {}
  for _, row in ipairs(rows) do
    by_bit[row[1]] = { name = row[2], text = { row[3], row[4] } }
  end
  return by_bit
end

-- Codes as Wireshark takes them for a field, in the language of this file.
local function value_strings(by_number)
  local strings = {}
  for number, texts in pairs(by_number) do
    strings[number] = texts[DEFAULTS.lang]
  end
  return strings
end

local function hex(bytes)
  return (bytes:gsub(".", function(one)
    return format("%02X", byte(one))
  end))
end

local function digits(bytes)
  return hex(bytes):lower()
end

local function is_decimal(bytes)
  return not digits(bytes):find("%a")
end

-- Numbers of up to 6 bytes are exact; in longer fields nobody asks for one.
local function little_endian(bytes)
  local number = 0
  if #bytes <= 6 then
    for at = #bytes, 1, -1 do
      number = number * 256 + byte(bytes, at)
    end
  end
  return number
end

-- Up to the first zero, without spaces at the end; whatever is not printable becomes U+FFFD.
local function printable(bytes)
  local zero = bytes:find("\0", 1, true)
  local text = zero and bytes:sub(1, zero - 1) or bytes
  return (text:gsub("[^\32-\126]", "\239\191\189"):gsub(" +$", ""))
end

-- A code's text, and whether it has one. Numbers wider than a byte are written in decimal.
local function code_text(by_number, number, bits)
  local texts = by_number[number]
  local written = format(bits and bits > 8 and "%d" or "0x%02X", number)
  if texts then
    return say(texts), true, written
  end
  return format("%s %s", say(UNKNOWN), written), false, written
end

local VIN_WEIGHTS = { 8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2 }
local VIN_VALUES = {}
for value, letters in ipairs({ "AJ", "BKS", "CLT", "DMU", "ENV", "FW", "GPX", "HY", "RZ" }) do
  for letter in letters:gmatch(".") do
    VIN_VALUES[letter] = value
  end
end
for digit = 0, 9 do
  VIN_VALUES[tostring(digit)] = digit
end

-- Whether the ninth character is the check digit of the others (ISO 3779).
local function vin_check_digit_holds(vin)
  local sum = 0
  for at, weight in ipairs(VIN_WEIGHTS) do
    local value = VIN_VALUES[vin:sub(at, at)]
    if not value then
      return false
    end
    sum = sum + value * weight
  end
  local expected = sum % 11 == 10 and "X" or tostring(floor(sum % 11))
  return vin:sub(9, 9) == expected
end

-- In natural order: as declared, unless only the other direction passes the check. A filler is none.
local function natural_vin(bytes, reversed)
  for _, filler in ipairs({ "\0", "0", "\255" }) do
    if bytes == filler:rep(#bytes) then
      return nil
    end
  end
  local first, second = bytes, bytes:reverse()
  if reversed then
    first, second = second, first
  end
  if vin_check_digit_holds(second) and not vin_check_digit_holds(first) then
    first = second
  end
  local vin = printable(first:match("^\0*(.*)$"))
  return vin ~= "" and vin or nil
end

local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function days_in_month(year, month)
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and leap and 29 or MONTH_DAYS[month] or 0
end

-- CP56Time2a as the wall clock time it is: without a zone, so that no setting of this machine moves it.
local function civil_time(bytes)
  local low, high, minute, hour, day, month, year = byte(bytes, 1, 7)
  local millisecond = high * 256 + low
  minute, hour, day, month, year = minute % 64, hour % 32, day % 32, month % 16, 2000 + year % 128
  if day < 1 or day > days_in_month(year, month) or hour > 23 or minute > 59 or millisecond > 59999 then
    return nil
  end
  local second = floor(millisecond / 1000)
  return format("%04d-%02d-%02dT%02d:%02d:%02d.%03d", year, month, day, hour, minute, second, millisecond % 1000)
end

-- YY YY MM DD hh mm ss FF in BCD as the wall clock time it is.
local function bcd_time(bytes)
  local text = digits(bytes:sub(1, 7))
  local year, month, day, hour, minute, second = text:match("^(%d%d%d%d)(%d%d)(%d%d)(%d%d)(%d%d)(%d%d)$")
  if not year or month + 0 < 1 or day + 0 < 1 or day + 0 > days_in_month(year + 0, month + 0) then
    return nil
  elseif hour + 0 > 23 or minute + 0 > 59 or second + 0 > 59 then
    return nil
  end
  return format("%s-%s-%sT%s:%s:%s.000", year, month, day, hour, minute, second)
end

-- The bits that are set, from the lowest of the first byte, each with its printed number and its flag where it is
-- documented.
local function conditions(field, bytes)
  local holding, base = {}, field.shifts and settings.fault_base or 0
  for at = 1, #bytes do
    local left, shift = byte(bytes, at), (at - 1) * 8
    while left > 0 do
      if left % 2 == 1 then
        holding[#holding + 1] = { bit = shift + base, flag = field.flags[shift + base] }
      end
      left, shift = floor(left / 2), shift + 1
    end
  end
  return holding
end

-- The texts of items in a row, equal neighbours counted.
local function counted_texts(texts)
  local runs, at = {}, 1
  while at <= #texts do
    local last = at
    while texts[last + 1] == texts[at] do
      last = last + 1
    end
    runs[#runs + 1] = last > at and format("%s × %d", texts[at], last - at + 1) or texts[at]
    at = last + 1
  end
  return #runs > 0 and table.concat(runs, say(RANGES)) or say(NONE)
end

-- Runs of equal tiers: the first half hour, how many, the tier.
local function tier_runs(bytes)
  local runs = {}
  for at = 1, #bytes do
    local tier, last = byte(bytes, at), runs[#runs]
    if last and last.tier == tier then
      last.count = last.count + 1
    else
      runs[#runs + 1] = { first = at - 1, count = 1, tier = tier }
    end
  end
  return runs
end

local function clock(half_hour)
  return format("%02d:%02d", floor(half_hour / 2), half_hour % 2 * 30)
end

local function tier_run_text(field, run)
  local tier = code_text(field.codes, run.tier)
  return clock(run.first) .. "–" .. clock(run.first + run.count) .. " " .. tier
end

local function with_unit(field, text)
  return field.unit and text .. " " .. say(field.unit) or text
end

local read = {}

function read.digits(_, bytes)
  local text = digits(bytes)
  return text, text
end

function read.whole(field, _, number)
  local value = number + (field.offset or 0)
  return value, with_unit(field, format("%d", value))
end

-- value = raw / 10^decimals + offset, rounded once; a raw number may be a two's complement one.
function read.number(field, _, number)
  local decimals, range = field.decimals or 0, 2 ^ field[3]
  if field.signed and number >= range / 2 then
    number = number - range
  end
  local scale = 10 ^ decimals
  local value = (number + (field.offset or 0) * scale) / scale
  return value, with_unit(field, format("%." .. decimals .. "f", value))
end

function read.code(field, _, number)
  local text, known, written = code_text(field.codes, number, field[3])
  return number, known and format("%s (%s)", text, written) or text
end

-- Up to 32 bits are a number.
function read.flags(field, bytes, number)
  local texts = {}
  for at, condition in ipairs(conditions(field, bytes)) do
    local name = say(condition.flag and condition.flag.text or UNKNOWN)
    texts[at] = format("%s (%s %d)", name, say(BIT), condition.bit)
  end
  return #bytes > 4 or number, #texts > 0 and table.concat(texts, say(LIST)) or say(NONE)
end

-- 1..9 read alike in BCD and binary; above, BCD is believed where both digits are decimal.
function read.connector(field, _, number)
  number = number % 256
  local tens, ones = floor(number / 16), number % 16
  if not field.binary and tens <= 9 and ones <= 9 then
    number = tens * 10 + ones
  end
  return number, format("%d", number)
end

function read.hex(_, bytes)
  return true, hex(bytes)
end

function read.ascii(_, bytes)
  local text = printable(bytes)
  return text, text
end

function read.counted_text(_, bytes)
  local text = printable(bytes:sub(2))
  return text, text
end

-- All FF is empty; what stands behind the first zero means nothing.
function read.text(_, bytes)
  local text = bytes:find("[^\255]") and printable(bytes) or ""
  return text, text
end

function read.vin(field, bytes)
  local vin = natural_vin(bytes, field.reversed)
  return vin, vin or say(NONE)
end

function read.time(_, bytes)
  local time = civil_time(bytes)
  return time, time or say(NONE)
end

function read.bcd_time(_, bytes)
  local time = bcd_time(bytes)
  return time, time or say(NONE)
end

-- Equal items; the unit stands once behind all of them.
function read.list(field, bytes)
  local texts, item, size = {}, setmetatable({ unit = false }, { __index = field.item }), field.item[3] / 8
  for at = 1, #bytes, size do
    local one = bytes:sub(at, at + size - 1)
    local _, text = item[2](item, one, little_endian(one))
    texts[#texts + 1] = text
  end
  return true, with_unit(field, counted_texts(texts))
end

function read.connectors(field, bytes)
  local texts = {}
  for at, condition in ipairs(conditions(field, bytes)) do
    texts[at] = format("%d", condition.bit + 1)
  end
  return true, counted_texts(texts)
end

function read.slots(field, bytes)
  local texts = {}
  for at, run in ipairs(tier_runs(bytes)) do
    texts[at] = tier_run_text(field, run)
  end
  return true, table.concat(texts, say(RANGES))
end

function read.sim_digits(_, bytes)
  local text = printable(bytes)
  local is_text = #text >= 10 and not text:find("%X")
  if not is_text or (is_decimal(bytes) and #bytes <= 10) then
    text = digits(bytes)
  end
  return text, text
end
