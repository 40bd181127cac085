-- Glasspath's program for Brilliant Labs Frame: draws, photographs, listens, tells taps and the battery.
-- Written to the glasses by firmware_bridge/on_sale/frame.py at each connection; the API is docs.brilliant.xyz/frame.
-- A message: code, length (16 bits, high byte first) in its first packet; code alone before the rest in later ones.

local TEXT, SHOW, BITMAP, CAPTURE, LISTEN = 0x0a, 0x0b, 0x10, 0x0d, 0x30
local SOUND, SOUND_END, PHOTO, PHOTO_END, TAP, BATTERY, TOOK, SHOWN = 0x05, 0x06, 0x07, 0x08, 0x09, 0x0c, 0x0e, 0x0f
local QUALITY = { 'VERY_LOW', 'LOW', 'MEDIUM', 'HIGH', 'VERY_HIGH' }
local parts, ready = {}, {}
local photo, listening, tapped = nil, false, false
local battery, battery_at = -1, 0

local function u16(s, at) return string.byte(s, at) << 8 | string.byte(s, at + 1) end

local function send(code, data)
  -- send() fails while the radio is busy; 2 seconds, then it is lost
  local until_s = frame.time.utc() + 2
  while not pcall(frame.bluetooth.send, string.char(code) .. data) do
    if frame.time.utc() > until_s then return end
  end
end

local function received(packet)
  local code = string.byte(packet, 1)
  local part = parts[code]
  if part == nil then
    if #packet < 3 then return end
    part = { wanted = u16(packet, 2), have = #packet - 3, string.sub(packet, 4) }
    parts[code] = part
  else
    part[#part + 1] = string.sub(packet, 2)
    part.have = part.have + #packet - 1
  end
  if part.have >= part.wanted then
    parts[code] = nil
    ready[#ready + 1] = { code, table.concat(part) }
  end
end

local act = {}
act[TEXT] = function(d)
  frame.display.text(string.sub(d, 7), u16(d, 1), u16(d, 3), { spacing = string.byte(d, 6) })
end
act[BITMAP] = function(d)
  frame.display.bitmap(u16(d, 1), u16(d, 3), u16(d, 5), 2, 0, string.sub(d, 7))
end
act[SHOW] = function(d)
  frame.display.show()
  send(SHOWN, d)
end
act[CAPTURE] = function(d)
  frame.camera.capture { quality = QUALITY[string.byte(d, 1) + 1], resolution = u16(d, 2) * 2, pan = u16(d, 4) - 140 }
  photo = true
end
act[LISTEN] = function(d)
  if string.byte(d, 1) == 1 then
    frame.microphone.start { sample_rate = 8000, bit_depth = 16 }
    listening = true
  else
    frame.microphone.stop()
  end
end

local function work()
  while #ready > 0 do
    local code, data = table.unpack(table.remove(ready, 1))
    if act[code] then act[code](data) end
    send(TOOK, string.char(code))
  end
  if photo and frame.camera.image_ready() then
    local some = frame.camera.read(frame.bluetooth.max_length() - 1)
    if some == nil then
      photo = nil
      send(PHOTO_END, '')
    else
      send(PHOTO, some)
    end
  end
  if listening then
    local some = frame.microphone.read((frame.bluetooth.max_length() - 1) // 2 * 2)
    if some == nil then
      listening = false
      send(SOUND_END, '')
    elseif some ~= '' then
      send(SOUND, some)
    end
  end
  if tapped then
    tapped = false
    send(TAP, '')
  end
  if frame.time.utc() >= battery_at then
    battery_at = frame.time.utc() + 30
    local now = math.floor(frame.battery_level())
    if now ~= battery then
      battery = now
      send(BATTERY, string.char(now))
    end
  end
end

frame.bluetooth.receive_callback(received)
frame.imu.tap_callback(function() tapped = true end)
print('glasspath 1')
while true do
  -- an error must not end the program; a break from the host must: it is an error that says so
  local well, said = pcall(work)
  if not well then
    print(said)
    if string.find(said, 'break') then return end
  end
  if #ready == 0 and not photo and not listening then frame.sleep(0.01) end
end
