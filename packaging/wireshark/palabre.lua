-- The five protocols of palabre for Wireshark and tshark: MSP, Shen's protocol, Matou, Stories, STUMTP; and the notes in
-- palabre's own captures. README.md beside this file says how to install it and what to filter by.
--
-- It says what `palabre decode` says: the same fields in the same order, the same words, the same first fault. A decoder
-- below turns the bytes of one message into rows; it knows nothing of Wireshark. What shows them knows no protocol.

-- BEGIN TABLES
-- Written by `PALABRE_BLESS=1 cargo test --test it wireshark_tables`: change the crate, not this.
local TABLES = {
  msp = {
    fields = {
      ["TYPE"] = 5,
      ["ID_USER"] = 8,
      ["NUM_SEQ"] = 16,
      ["STATUT_INSCRIPTION"] = 2,
      ["STATUT_CONNEXION"] = 1,
      ["MODE"] = 1,
      ["NUM_MAX"] = 8,
      ["STATUT_CREATION"] = 2,
      ["ID_MESSAGERIE"] = 8,
      ["NUM_MESSAGERIE"] = 8,
      ["NUM_CLIENT"] = 8,
      ["STATUT_ACCES"] = 2,
      ["NOMBRE_CLIENTS"] = 8,
      ["IP_ADRESS"] = 32,
      ["PORT_NUMBER"] = 16,
      ["REPONSE"] = 1,
      ["CHAT_LONGUEUR"] = 16,
      ["ORDRE"] = 8,
      ["STATUT_EXIT"] = 1,
      ["STATUT_DECONNEXION"] = 1,
      ["VERSION"] = 8,
      ["CAPACITES"] = 16,
      ["NUM"] = 8,
      ["EVENEMENT"] = 5,
      ["DESTINATAIRE"] = 8,
      ["TYPE_REFUSE"] = 5,
      ["CODE"] = 8,
      ["RAISON_LONGUEUR"] = 8,
    },
    strings = { "USER_NAME", "NOM_MESSAGERIE", "CHAT", "RAISON" },
    words = {
      TYPE = {
        [1] = "CONNEXION",
        [2] = "REPONSE_CONNEXION",
        [3] = "CREER_MESSAGERIE_PRIVEE",
        [4] = "REPONSE_CREER_MESSAGERIE_PRIVEE",
        [5] = "DEMANDER_LISTE_MESSAGERIE",
        [6] = "REPONSE_DEMANDER_LISTE_MESSAGERIE",
        [7] = "DEMANDE_ACCES_MESSAGERIE_PRIVEE",
        [8] = "REPONSE_ACCES_MESSAGERIE_PRIVEE",
        [9] = "DEMANDER_LISTE_CLIENT",
        [10] = "REPONSE_DEMANDER_LISTE_CLIENT",
        [11] = "INVITER_MESSAGERIE_PRIVEE",
        [12] = "REPONSE_INVITER_MESSAGERIE_PRIVEE",
        [13] = "DEMANDE_MESSAGERIE_PRIVEE",
        [14] = "REPONSE_MESSAGERIE_PRIVEE",
        [15] = "TEXTE",
        [16] = "REPONSE_TEXTE",
        [17] = "CHANGER_MESSAGERIE",
        [18] = "REPONSE_CHANGER_MESSAGERIE",
        [19] = "QUITTER_MESSAGERIE_PRIVEE",
        [20] = "REPONSE_QUITTER_MESSAGERIE_PRIVEE",
        [21] = "DECONNEXION",
        [22] = "REPONSE_DECONNEXION",
        [23] = "BONJOUR",
        [24] = "REPONSE_BONJOUR",
        [25] = "DEMANDER_ANNUAIRE",
        [26] = "REPONSE_ANNUAIRE",
        [27] = "NOTIFICATION",
        [28] = "REPONSE_NOTIFICATION",
        [29] = "RELAIS",
        [30] = "ERREUR",
      },
      TYPE_REFUSE = {
        [1] = "CONNEXION",
        [2] = "REPONSE_CONNEXION",
        [3] = "CREER_MESSAGERIE_PRIVEE",
        [4] = "REPONSE_CREER_MESSAGERIE_PRIVEE",
        [5] = "DEMANDER_LISTE_MESSAGERIE",
        [6] = "REPONSE_DEMANDER_LISTE_MESSAGERIE",
        [7] = "DEMANDE_ACCES_MESSAGERIE_PRIVEE",
        [8] = "REPONSE_ACCES_MESSAGERIE_PRIVEE",
        [9] = "DEMANDER_LISTE_CLIENT",
        [10] = "REPONSE_DEMANDER_LISTE_CLIENT",
        [11] = "INVITER_MESSAGERIE_PRIVEE",
        [12] = "REPONSE_INVITER_MESSAGERIE_PRIVEE",
        [13] = "DEMANDE_MESSAGERIE_PRIVEE",
        [14] = "REPONSE_MESSAGERIE_PRIVEE",
        [15] = "TEXTE",
        [16] = "REPONSE_TEXTE",
        [17] = "CHANGER_MESSAGERIE",
        [18] = "REPONSE_CHANGER_MESSAGERIE",
        [19] = "QUITTER_MESSAGERIE_PRIVEE",
        [20] = "REPONSE_QUITTER_MESSAGERIE_PRIVEE",
        [21] = "DECONNEXION",
        [22] = "REPONSE_DECONNEXION",
        [23] = "BONJOUR",
        [24] = "REPONSE_BONJOUR",
        [25] = "DEMANDER_ANNUAIRE",
        [26] = "REPONSE_ANNUAIRE",
        [27] = "NOTIFICATION",
        [28] = "REPONSE_NOTIFICATION",
        [29] = "RELAIS",
        [30] = "ERREUR",
      },
      MODE = {
        [0] = "centralised",
        [1] = "decentralised",
      },
      STATUT_INSCRIPTION = {
        [0] = "accepted",
        [1] = "USER_NAME_INVALIDE",
        [2] = "USER_NAME_EXISTANT",
        [3] = "server full",
      },
      STATUT_CREATION = {
        [0] = "CREATION_VALIDEE",
        [1] = "NOM_MESSAGERIE_ERREUR",
        [2] = "NOM_MESSAGERIE_EXISTANT",
        [3] = "NUM_MAX_PETIT",
      },
      STATUT_ACCES = {
        [0] = "ACCES_REUSSI",
        [1] = "NOM_MESSAGERIE_INEXISTANT",
        [2] = "MAX_CLIENT_ATTEINT",
      },
      EVENEMENT = {
        [1] = "member joined",
        [2] = "member left",
        [3] = "room closed",
        [4] = "mode changed",
        [5] = "room renamed",
        [6] = "invitation declined",
        [7] = "server stops",
      },
      CODE = {
        [1] = "unknown type",
        [2] = "malformed",
        [3] = "not registered",
        [4] = "no such user",
        [5] = "not in a private room",
        [6] = "text too long",
        [7] = "too many requests",
        [8] = "not allowed",
        [9] = "value out of range",
      },
    },
    capabilities = { { 1, "notifications" }, { 2, "directory" }, { 4, "relay" }, { 8, "pipelining" }, },
  },
  shen = {
    fields = {
      ["NUM_SEQ"] = 10,
      ["TYPE"] = 8,
      ["TEXT_LENGTH"] = 10,
      ["EMITTER"] = 10,
      ["RECEIVER"] = 10,
      ["STATE"] = 2,
      ["MODE"] = 2,
      ["ROOM"] = 10,
      ["STATUS"] = 1,
      ["USER"] = 12,
      ["LENGTH"] = 9,
    },
    strings = { "TEXT" },
    words = {
      TYPE = {
        [1] = "Connexion",
        [2] = "ConnexionInvalide",
        [3] = "Déconnexion",
        [4] = "Demande de liste",
        [5] = "Accepter une invitation",
        [6] = "Refuser une invitation",
        [7] = "Quitter une messagerie",
        [8] = "Demander de participer à une messagerie privée",
        [9] = "Dissoudre une messagerie privée",
        [10] = "ACK",
        [11] = "EnvoieInvalide (11)",
        [12] = "Offrir deux modes",
        [13] = "Compter les messageries privées",
        [14] = "InvitationValide",
        [15] = "InvitationInvalide",
        [16] = "Compter les clients de la messagerie",
        [17] = "Serveur ferme une messagerie",
        [18] = "EnvoieInvalide",
        [19] = "Client privé reçoit un message public",
        [20] = "Messagerie privée se termine",
        [21] = "Nombre de clients supérieur à la limitation",
        [22] = "Envoyer un message",
        [23] = "Serveur diffuse un message",
        [24] = "Invitation à une messagerie privée",
        [25] = "Choisir une mode de serveur",
        [26] = "Changer la mode de serveur",
        [27] = "Créer un nom pour une messagerie",
        [28] = "Changer nom de messagerie",
        [29] = "Liste d'utilisateur",
      },
      STATE = {
        [0] = "public",
        [1] = "private",
      },
      STATUS = {
        [0] = "public",
        [1] = "private",
      },
      MODE = {
        [0] = "centralised",
        [1] = "decentralised",
      },
    },
    formats = {
      plain = {  },
      speech = { "EMITTER", "RECEIVER" },
      room = { "STATE", "MODE", "ROOM" },
      list = {  },
    },
    entry = { "ROOM", "STATUS", "USER", "LENGTH" },
    format_of = {
      [1] = "plain",
      [2] = "plain",
      [3] = "plain",
      [4] = "plain",
      [5] = "plain",
      [6] = "plain",
      [7] = "plain",
      [8] = "plain",
      [9] = "plain",
      [10] = "plain",
      [11] = "plain",
      [12] = "plain",
      [13] = "plain",
      [14] = "plain",
      [15] = "plain",
      [16] = "plain",
      [17] = "plain",
      [18] = "plain",
      [19] = "plain",
      [20] = "plain",
      [21] = "plain",
      [22] = "speech",
      [23] = "speech",
      [24] = "room",
      [25] = "room",
      [26] = "room",
      [27] = "room",
      [28] = "room",
      [29] = "list",
    },
  },
  matou = {
    fields = {
      ["Type"] = 32,
      ["Code"] = 32,
      ["Acceptation"] = 8,
      ["PortMessage"] = 32,
      ["PortFile"] = 32,
      ["SizeAddress"] = 32,
      ["SizeFile (high)"] = 32,
      ["SizeFile (low)"] = 32,
      ["SizeUsername"] = 32,
      ["SizeMessage"] = 32,
      ["SizeFilename"] = 32,
    },
    strings = { "Address", "Username", "Message", "Filename" },
    words = {
      Type = {
        [0] = "ERROR",
        [1] = "COREQ",
        [2] = "CORES",
        [3] = "CONOTIF",
        [4] = "MSG",
        [5] = "MSGBC",
        [6] = "DISCONOTIF",
        [7] = "PVCOREQ",
        [8] = "PVCOREQNOTIF",
        [9] = "PVCOACC",
        [10] = "PVCOPORT",
        [11] = "PVCOESTASRC",
        [12] = "PVCOESTADST",
        [13] = "PVMSG",
        [14] = "PVFILE",
        [15] = "DISCO",
        [16] = "PVDISCO",
      },
      Code = {
        [0] = "unknown",
        [1] = "user not connected",
        [2] = "user did not ask for a private connection",
      },
      Acceptation = {
        [0] = "name taken",
        [1] = "accepted",
      },
    },
    layouts = {
      [0] = { "Code" },
      [1] = { { text = "Username", size = "SizeUsername", longest = 32 } },
      [2] = { "Acceptation" },
      [3] = { { text = "Username", size = "SizeUsername", longest = 32 } },
      [4] = { { text = "Message", size = "SizeMessage", longest = 512 } },
      [5] = { { text = "Username", size = "SizeUsername", longest = 32 }, { text = "Message", size = "SizeMessage", longest = 512 } },
      [6] = { { text = "Username", size = "SizeUsername", longest = 32 } },
      [7] = { { text = "Username", size = "SizeUsername", longest = 32 } },
      [8] = { { text = "Username", size = "SizeUsername", longest = 32 } },
      [9] = { { text = "Username", size = "SizeUsername", longest = 32 } },
      [10] = { { text = "Username", size = "SizeUsername", longest = 32 }, "PortMessage", "PortFile" },
      [11] = { { text = "Username", size = "SizeUsername", longest = 32 }, { address = "Address", size = "SizeAddress" } },
      [12] = { { text = "Username", size = "SizeUsername", longest = 32 }, { address = "Address", size = "SizeAddress" }, "PortMessage", "PortFile" },
      [13] = { { text = "Message", size = "SizeMessage", longest = 512 } },
      [14] = { { text = "Filename", size = "SizeFilename", longest = 64 }, { high = "SizeFile (high)", low = "SizeFile (low)" } },
      [15] = {  },
      [16] = {  },
    },
  },
  stories = {
    fields = {
      ["LENGTH"] = 32,
    },
    strings = { "COMMAND", "ARGUMENT", "TEXT", "JSON", "LINE_END", "padding" },
    words = {},
    commands = {
      LOGIN = "LOGIN",
      JOIN_ROOM = "JOIN_ROOM",
      ROOM = "ROOM",
      MSG = "MSG",
      FILE = "FILE",
      BYE = "BYE",
      QUIT = "QUIT",
      BEGIN_SEQUENCE = "BEGIN_SEQUENCE",
      DISPLAY_ROOM = "DISPLAY_ROOM",
      OK = "OK",
      KO = "KO",
      ERROR = "ERROR",
      SYSTEM = "SYSTEM",
      ADMIN_BROADCAST = "ADMIN_BROADCAST",
      COMPLETE = "COMPLETE",
    },
  },
  stumtp = {
    fields = {
      ["SOH"] = 8,
      ["ACK"] = 8,
      ["STX"] = 8,
      ["ETX"] = 8,
      ["id"] = 64,
      ["acknowledged"] = 64,
    },
    strings = { "text" },
    words = {},
  },
}
-- END TABLES

local MOST_ROWS = 20000 -- of one message: more would be too many for the tree

-- Texts ------------------------------------------------------------------------------------------------------------

-- How many bytes are UTF-8, from the first.
local function valid_up_to(text)
  local at, length = 1, #text
  while true do
    at = text:find("[\128-\255]", at)
    if not at then return length end
    local a, b, c, d = text:byte(at, at + 3)
    local function follows(byte, low, high) return byte and byte >= (low or 0x80) and byte <= (high or 0xbf) end
    if a >= 0xc2 and a <= 0xdf and follows(b) then
      at = at + 2
    elseif a >= 0xe0 and a <= 0xef and follows(b, a == 0xe0 and 0xa0, a == 0xed and 0x9f) and follows(c) then
      at = at + 3
    elseif a >= 0xf0 and a <= 0xf4 and follows(b, a == 0xf0 and 0x90, a == 0xf4 and 0x8f) and follows(c) and follows(d) then
      at = at + 4
    else
      return at - 1
    end
  end
end

local function is_utf8(text) return valid_up_to(text) == #text end

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

-- Every byte is the character of the same number.
local function from_latin1(bytes)
  return (bytes:gsub("[\128-\255]", function(byte)
    local code = byte:byte()
    return string.char(0xc0 + math.floor(code / 64), 0x80 + code % 64)
  end))
end

-- The first character of a text, as a number.
local function first_character(text)
  local a, b, c, d = text:byte(1, 4)
  if not a then return 0 end
  if a < 0x80 then return a end
  if a < 0xe0 then return (a - 0xc0) * 64 + b - 0x80 end
  if a < 0xf0 then return ((a - 0xe0) * 64 + b - 0x80) * 64 + c - 0x80 end
  return (((a - 0xf0) * 64 + b - 0x80) * 64 + c - 0x80) * 64 + d - 0x80
end

-- The white space of Unicode beyond ASCII.
local SPACES = { ["\194\133"] = true, ["\194\160"] = true, ["\225\154\128"] = true, ["\226\128\168"] = true,
  ["\226\128\169"] = true, ["\226\128\175"] = true, ["\226\129\159"] = true, ["\227\128\128"] = true }
for last = 0x80, 0x8a do SPACES["\226\128" .. string.char(last)] = true end

-- How many bytes of white space there are at a place, of one character; nil for none.
local function space_at(text, at)
  if text:find("^[\t-\r ]", at) then return 1 end
  if SPACES[text:sub(at, at + 1)] then return 2 end
  if SPACES[text:sub(at, at + 2)] then return 3 end
end

local function trim_start(text)
  local at = 1
  while true do
    local width = space_at(text, at)
    if not width then return text:sub(at) end
    at = at + width
  end
end

local function trim_end(text)
  local stop = #text
  while stop > 0 do
    if text:find("^[\t-\r ]", stop) then
      stop = stop - 1
    elseif SPACES[text:sub(math.max(stop - 1, 1), stop)] and stop >= 2 then
      stop = stop - 2
    elseif stop >= 3 and SPACES[text:sub(stop - 2, stop)] then
      stop = stop - 3
    else
      break
    end
  end
  return text:sub(1, stop)
end

local function find_space(text)
  local at = 1
  while at <= #text do
    at = text:find("[\t-\r \194\225\226\227]", at)
    if not at then return nil end
    if space_at(text, at) then return at end
    at = at + 1
  end
end

-- Whether a text is one value of JSON and white space. No deeper than the text is long: nothing here calls itself.
local function is_json(text)
  local at, open = 1, {}
  local function blank() at = text:find("[^ \t\r\n]", at) or #text + 1 end
  local function string_()
    if text:sub(at, at) ~= '"' then return false end
    at = at + 1
    while true do
      local stop = text:find('["\\%c]', at)
      -- %c has DEL as well, which may stand there.
      local byte = stop and text:byte(stop)
      if not byte or byte < 0x20 then return false end
      at = stop + 1
      if byte == 0x22 then return true end
      if byte == 0x5c then
        local _, last = text:find('^["\\/bfnrt]', at)
        if not last then _, last = text:find("^u%x%x%x%x", at) end
        if not last then return false end
        at = last + 1
      end
    end
  end
  local function number()
    local _, last = text:find("^-?%d+", at)
    if not last or text:find("^-?0%d", at) then return false end
    at = last + 1
    if text:sub(at, at) == "." then
      _, last = text:find("^%.%d+", at)
      if not last then return false end
      at = last + 1
    end
    if text:find("^[eE]", at) then
      _, last = text:find("^[eE][+-]?%d+", at)
      if not last then return false end
      at = last + 1
    end
    return true
  end
  local function key()
    if not string_() then return false end
    blank()
    if text:sub(at, at) ~= ":" then return false end
    at = at + 1
    return true
  end
  while true do
    blank()
    local c, done = text:sub(at, at), true
    if c == "{" then
      at = at + 1
      blank()
      if text:sub(at, at) == "}" then
        at = at + 1
      else
        if not key() then return false end
        open[#open + 1], done = "}", false
      end
    elseif c == "[" then
      at = at + 1
      blank()
      if text:sub(at, at) == "]" then
        at = at + 1
      else
        open[#open + 1], done = "]", false
      end
    elseif c == '"' then
      if not string_() then return false end
    elseif text:find("^true", at) or text:find("^null", at) then
      at = at + 4
    elseif text:find("^false", at) then
      at = at + 5
    elseif not number() then
      return false
    end
    while done do
      blank()
      if #open == 0 then return at > #text end
      c = text:sub(at, at)
      at = at + 1
      if c == "," then
        done = false
        if open[#open] == "}" then
          blank()
          if not key() then return false end
        end
      elseif c == open[#open] then
        open[#open] = nil
      else
        return false
      end
    end
  end
end

-- Lua 5.3 and later have an operator instead, which 5.2 cannot even read.
local bxor = bit32 and bit32.bxor or load("local a, b = ... return a ~ b")

local CRC = {}
for byte = 0, 255 do
  local value = byte
  for _ = 1, 8 do
    local odd = value % 2 == 1
    value = math.floor(value / 2)
    if odd then value = bxor(value, 0xedb88320) end
  end
  CRC[byte] = value
end

local function crc32(bytes)
  local value = 0xffffffff
  for at = 1, #bytes do
    value = bxor(math.floor(value / 256), CRC[bxor(value % 256, bytes:byte(at))])
  end
  return 0xffffffff - value
end

-- The cursor -------------------------------------------------------------------------------------------------------

-- The first thing that is wrong ends the reading; `dissect` catches it.
local function wrong(field, bit, why, ...)
  error({ field = field, bit = bit, why = why:format(...) }, 0)
end

local function reserved(field, bit, value) wrong(field, bit, "the value %.0f is reserved", value) end

local Reader = {}
Reader.__index = Reader

function Reader.new(tables, bytes)
  return setmetatable({ tables = tables, bytes = bytes, at = 0, stop = #bytes * 8, rows = {} }, Reader)
end

function Reader:left() return self.stop - self.at end

function Reader:row(name, bits, value, meaning)
  local rows = self.rows
  if #rows >= MOST_ROWS then rows.more = (rows.more or 0) + 1 else
    rows[#rows + 1] = { name = name, bit = self.at, bits = bits, value = value, meaning = meaning }
  end
  self.at = self.at + bits
  return rows[#rows]
end

function Reader:need(name, bits)
  if bits > self:left() then
    wrong(name, self.at, "%d bits are wanted, %d are left", bits, self:left())
  end
end

-- A number of at most 32 bits, with its meaning where it has one.
function Reader:number(name, width)
  local bits = width or self.tables.fields[name]
  self:need(name, bits)
  local byte, skip = math.floor(self.at / 8) + 1, self.at % 8
  local value, count = self.bytes:byte(byte) % 2 ^ (8 - skip), 8 - skip
  while count < bits do
    byte, count = byte + 1, count + 8
    value = value * 256 + self.bytes:byte(byte)
  end
  value = math.floor(value / 2 ^ (count - bits))
  local words = self.tables.words[name]
  return value, self:row(name, bits, value, words and words[value])
end

-- A number that must have a meaning.
function Reader:coded(name)
  local bit = self.at
  local value = self:number(name)
  if not self.tables.words[name][value] then reserved(name, bit, value) end
  return value
end

-- The next bytes, moved to where a byte begins; the cursor stays.
function Reader:peek(length)
  local byte, skip = math.floor(self.at / 8) + 1, self.at % 8
  if skip == 0 then return self.bytes:sub(byte, byte + length - 1) end
  local moved, low, high = {}, 2 ^ skip, 2 ^ (8 - skip)
  local before = self.bytes:byte(byte)
  for index = 1, length do
    local after = self.bytes:byte(byte + index)
    moved[index] = string.char(before % high * low + math.floor(after / high))
    before = after
  end
  return table.concat(moved)
end

-- Bytes that need not be a text; what is none is shown in hex.
function Reader:raw(name, length)
  self:need(name, length * 8)
  local bytes = self:peek(length)
  return bytes, self:row(name, length * 8, is_utf8(bytes) and bytes or hex(bytes))
end

function Reader:text(name, length)
  self:need(name, length * 8)
  local text = self:peek(length)
  local valid = valid_up_to(text)
  if valid < length then wrong(name, self.at + valid * 8, "not UTF-8") end
  self:row(name, length * 8, text)
  return text
end

-- A name up to its '#', which is passed.
function Reader:name(name)
  local longest = 255
  local near = self:peek(math.min(math.floor(self:left() / 8), longest + 1))
  local stop = near:find("#", 1, true)
  if not stop then wrong(name, self.at, "no delimiter after at most %d bytes", longest) end
  local bytes = near:sub(1, stop - 1)
  self:row(name, stop * 8, is_utf8(bytes) and bytes or hex(bytes))
end

-- Nothing may be left but the zeros that fill up the last byte.
function Reader:finish()
  local bits, bit = self:left(), self.at
  if bits >= 8 then wrong("padding", bit, "the message is over, %d bits follow", bits) end
  if bits > 0 and self:number("padding", bits) ~= 0 then wrong("padding", bit, "the padding is not zero") end
end

-- MSP --------------------------------------------------------------------------------------------------------------

local function dotted(value)
  return ("%d.%d.%d.%d"):format(math.floor(value / 2 ^ 24), math.floor(value / 2 ^ 16) % 256,
    math.floor(value / 256) % 256, value % 256)
end

local function msp_address(r)
  local value, row = r:number("IP_ADRESS")
  row.meaning = dotted(value)
  r:number("PORT_NUMBER")
end

local function msp_list(r, count, entry)
  for _ = 1, (r:number(count)) do entry(r) end
end

local function msp_user(r) r:name("USER_NAME") end
local function msp_room(r) r:name("NOM_MESSAGERIE") end

local function msp_access(r)
  local mode = r:number("MODE")
  r:coded("STATUT_ACCES")
  if mode == 1 then
    msp_list(r, "NOMBRE_CLIENTS", function() msp_address(r) msp_user(r) end)
  end
end

local function msp_chat(r)
  r:text("CHAT", (r:number("CHAT_LONGUEUR")))
  -- CHAT ends three bits before a byte does: with ORDRE a byte more is left.
  if r:left() >= 8 then r:number("ORDRE") end
end

local function msp_hello(r)
  r:number("VERSION")
  local value, row = r:number("CAPACITES")
  local said, rest = {}, value
  for _, capability in ipairs(r.tables.capabilities) do
    if math.floor(value / capability[1]) % 2 == 1 then
      said[#said + 1], rest = capability[2], rest - capability[1]
    end
  end
  if rest > 0 then said[#said + 1] = ("0x%04x"):format(rest) end
  row.meaning = value == 0 and "none" or table.concat(said, ", ")
end

local MSP_EVENTS = {
  [1] = function(r) r:number("ID_USER") msp_address(r) msp_user(r) end,
  [2] = function(r) r:number("ID_USER") msp_user(r) end,
  [3] = msp_room,
  [4] = function(r) r:number("MODE") end,
  [5] = msp_room,
  [6] = msp_user,
  [7] = function() end,
}

local MSP_LAYOUTS = {
  CONNEXION = function(r) if r:left() >= 8 then msp_user(r) end end,
  REPONSE_CONNEXION = function(r)
    if r:left() < 8 then
      r:number("STATUT_CONNEXION")
    else
      r:coded("STATUT_INSCRIPTION")
      r:number("ID_USER")
    end
  end,
  CREER_MESSAGERIE_PRIVEE = function(r) r:number("MODE") msp_room(r) r:number("NUM_MAX") end,
  REPONSE_CREER_MESSAGERIE_PRIVEE = function(r) r:coded("STATUT_CREATION") r:number("ID_MESSAGERIE") end,
  REPONSE_DEMANDER_LISTE_MESSAGERIE = function(r)
    msp_list(r, "NUM_MESSAGERIE", function() r:number("MODE") msp_room(r) r:number("NUM_CLIENT") end)
  end,
  DEMANDE_ACCES_MESSAGERIE_PRIVEE = msp_room,
  REPONSE_ACCES_MESSAGERIE_PRIVEE = msp_access,
  DEMANDER_LISTE_CLIENT = msp_room,
  REPONSE_DEMANDER_LISTE_CLIENT = function(r) msp_list(r, "NUM_CLIENT", msp_user) end,
  INVITER_MESSAGERIE_PRIVEE = msp_user,
  DEMANDE_MESSAGERIE_PRIVEE = function(r) msp_user(r) r:number("MODE") msp_room(r) end,
  REPONSE_MESSAGERIE_PRIVEE = function(r) r:number("REPONSE") end,
  TEXTE = msp_chat,
  CHANGER_MESSAGERIE = msp_room,
  REPONSE_CHANGER_MESSAGERIE = msp_access,
  REPONSE_QUITTER_MESSAGERIE_PRIVEE = function(r) r:number("STATUT_EXIT") end,
  REPONSE_DECONNEXION = function(r) r:number("STATUT_DECONNEXION") end,
  BONJOUR = msp_hello,
  REPONSE_BONJOUR = msp_hello,
  DEMANDER_ANNUAIRE = function(r) r:number("ID_USER") end,
  REPONSE_ANNUAIRE = function(r) msp_list(r, "NUM", function() r:number("ID_USER") msp_user(r) end) end,
  NOTIFICATION = function(r) MSP_EVENTS[r:coded("EVENEMENT")](r) end,
  RELAIS = function(r) r:number("DESTINATAIRE") msp_chat(r) end,
  ERREUR = function(r)
    r:number("TYPE_REFUSE")
    local code, row = r:number("CODE")
    row.meaning = row.meaning or ("error %d"):format(code)
    r:text("RAISON", (r:number("RAISON_LONGUEUR")))
  end,
}

local function decode_msp(r)
  local kind = r:coded("TYPE")
  r:number("ID_USER")
  r:number("NUM_SEQ")
  local layout = MSP_LAYOUTS[r.tables.words.TYPE[kind]]
  if layout then layout(r) end
  r:finish()
end

-- The name of a message whose header of so many bits is there.
local function packed_name(tables, bytes, bits, at, width)
  if #bytes * 8 < bits then return nil end
  local r = Reader.new(tables, bytes)
  r.at = at
  return tables.words.TYPE[(r:number("TYPE", width))]
end

local function name_msp(tables, bytes) return packed_name(tables, bytes, 29, 0) end

-- Shen's protocol --------------------------------------------------------------------------------------------------

local function shen_meaning(row, line)
  if not is_utf8(line) then row.meaning = "Latin-1: " .. from_latin1(line) end
end

local function shen_line(r, length)
  if length == 0 then return end
  local bytes, row = r:raw("TEXT", length)
  shen_meaning(row, (bytes:gsub("\r?\n$", "")))
end

-- A field that has words must have one of them.
local function shen_fields(r, names)
  local last
  for _, name in ipairs(names) do
    last = r.tables.words[name] and r:coded(name) or r:number(name)
  end
  return last
end

local function shen_list(r, total, bit)
  local bytes, entries = 0, 0
  while r:left() >= 8 do
    local length = shen_fields(r, r.tables.entry)
    local text, row = r:raw("TEXT", length)
    shen_meaning(row, text)
    bytes, entries = bytes + length, entries + 1
  end
  if math.max(bytes, math.min(entries, 1)) ~= total then
    wrong("TEXT_LENGTH", bit, "the value %d disagrees with what follows", math.max(total - 1, 0))
  end
end

local function decode_shen(r)
  r:number("NUM_SEQ")
  local kind = r:coded("TYPE")
  local format = r.tables.formats[r.tables.format_of[kind]]
  local bit = r.at
  local length, row = r:number("TEXT_LENGTH")
  local between = 0
  for _, name in ipairs(format) do between = between + r.tables.fields[name] end
  local text = (length == 0 and r:left() - between < 8) and 0 or length + 1
  row.meaning = text == 0 and "no text" or text == 1 and "1 byte" or ("%d bytes"):format(text)
  shen_fields(r, format)
  if r.tables.format_of[kind] == "list" then shen_list(r, text, bit) else shen_line(r, text) end
  r:finish()
end

local function name_shen(tables, bytes) return packed_name(tables, bytes, 28, 10) end

-- Matou ------------------------------------------------------------------------------------------------------------

local function matou_size(r, name, is_good)
  local bit = r.at
  local size = r:number(name)
  if not is_good(size) then reserved(name, bit, size) end
  return size
end

local function ipv6(bytes)
  local groups = {}
  for at = 1, 15, 2 do groups[#groups + 1] = ("%x"):format(bytes:byte(at) * 256 + bytes:byte(at + 1)) end
  return table.concat(groups, ":")
end

local function is_address_size(size) return size == 4 or size == 16 end

local function matou_part(r, part)
  if type(part) == "string" then
    if r.tables.words[part] then r:coded(part) else r:number(part) end
  elseif part.text then
    r:text(part.text, matou_size(r, part.size, function(size) return size <= part.longest end))
  elseif part.address then
    local bytes, row = r:raw(part.address, matou_size(r, part.size, is_address_size))
    row.meaning = #bytes == 4 and dotted(Reader.new(r.tables, bytes):number("", 32)) or ipv6(bytes)
  else
    local high = matou_size(r, part.high, function(size) return size < 2 ^ 31 end)
    local low, row = r:number(part.low)
    row.meaning = tostring(UInt64.new(low, high)) .. " bytes"
    r.file_bytes = high * 2 ^ 32 + low
  end
end

local function decode_matou(r)
  for _, part in ipairs(r.tables.layouts[r:coded("Type")]) do matou_part(r, part) end
  r:finish()
end

local function name_matou(tables, bytes)
  if #bytes < 4 then return nil end
  return tables.words.Type[(Reader.new(tables, bytes):number("Type"))]
end

-- Where the message ends that begins at `at`; nil while that cannot be told, false when it cannot be read on.
local function frame_matou(tables, bytes, at)
  local function u32(from)
    local a, b, c, d = bytes:byte(from, from + 3)
    return d and ((a * 256 + b) * 256 + c) * 256 + d
  end
  local kind = u32(at)
  if not kind then return nil end
  local layout, next_at = tables.layouts[kind], at + 4
  if not layout then return false end
  for _, part in ipairs(layout) do
    if type(part) == "string" then
      next_at = next_at + tables.fields[part] / 8
    else
      local size = u32(next_at)
      if not size then return nil end
      if part.text then
        if size > part.longest then return false end
      elseif part.address then
        if not is_address_size(size) then return false end
      else
        if size >= 2 ^ 31 then return u32(next_at + 4) and false end
        size = 4
      end
      next_at = next_at + 4 + size
    end
  end
  if next_at - 1 <= #bytes then return next_at - 1 end
end

-- Stories ----------------------------------------------------------------------------------------------------------

local STORIES_LIMIT = 24 * 2 ^ 20

local function is_line(bytes, at) return bytes:find("^[A-Za-z{]", at) ~= nil end

local function stories_content(bytes, lines)
  if not lines then return bytes:sub(5) end
  return (bytes:gsub("\n$", ""):gsub("\r$", ""))
end

-- The command, the style and what is after the command; nil for what begins with none.
local function stories_parts(text)
  text = trim_start(text)
  local delimiter = text:find('[|"]')
  local before, after = text:sub(1, (delimiter or #text + 1) - 1), text:sub(delimiter or #text + 1)
  local style, word, rest = "quoted", trim_end(before), after
  if after:sub(1, 1) == "|" then
    style, rest = "bar", after:sub(2)
  elseif after == "" then
    local space = find_space(before) or #before + 1
    word, rest = before:sub(1, space - 1), before:sub(space)
  end
  if not word:find("^[A-Za-z0-9_]+$") then return nil end
  return word, style, rest
end

-- An argument between quotation marks, and what is after it; nil without a second mark.
local function stories_quoted(text)
  local at = 1
  while true do
    at = text:find('["\\]', at)
    if not at then return nil end
    if text:sub(at, at) == '"' then
      return (text:sub(1, at - 1):gsub('\\(["\\])', "%1")), text:sub(at + 1)
    end
    at = at + (text:find('^["\\]', at + 1) and 2 or 1)
  end
end

local function stories_bars(r, rest)
  while rest do
    local bar = rest:find("|", 1, true)
    local argument = rest:sub(1, (bar or #rest + 1) - 1)
    r:row("ARGUMENT", (bar or #rest) * 8, trim_end(trim_start(argument)))
    rest = bar and rest:sub(bar + 1)
  end
end

local function stories_arguments(r, rest)
  while true do
    local text = trim_start(rest)
    if text == "" then
      if rest ~= "" then r:row("padding", #rest * 8, rest) end
      return
    end
    if text:sub(1, 1) ~= '"' then reserved("ARGUMENT", r.at, first_character(text)) end
    local argument, left = stories_quoted(text:sub(2))
    if not argument then wrong("ARGUMENT", r.at, "no delimiter after at most %d bytes", #text - 1) end
    r:row("ARGUMENT", (#rest - #left) * 8, argument)
    rest = left
  end
end

local function stories_text(r, text)
  if trim_start(text):sub(1, 1) == "{" then
    if not is_json(text) then wrong("JSON", r.at, "not a JSON object") end
    r:row("JSON", #text * 8, text)
    return
  end
  local word, style, rest = stories_parts(text)
  if not word then reserved("COMMAND", r.at, first_character(text)) end
  r.style = style
  r:row("COMMAND", (#text - #rest) * 8, word)
  if style == "bar" and word:upper() == "MSG" then
    r:row("TEXT", #rest * 8, rest)
  elseif style == "bar" then
    stories_bars(r, rest)
  else
    stories_arguments(r, rest)
  end
end

local function decode_stories(r)
  local bytes, lines = r.bytes, is_line(r.bytes, 1)
  if r.lines ~= nil then lines = r.lines end
  if not lines then
    local length = #bytes >= 4 and Reader.new(r.tables, bytes):number("", 32)
    if length and length > STORIES_LIMIT then reserved("LENGTH", 0, length) end
    if length and length > #bytes - 4 then
      wrong("LENGTH", 0, "the value %.0f disagrees with what follows", length)
    end
    r:need("LENGTH", math.max(32, #bytes * 8))
    r:row("LENGTH", 32, #bytes - 4)
  elseif #bytes > STORIES_LIMIT + 1 then
    wrong("TEXT", 0, "the value 18446744073709551615 is reserved")
  end
  local content = stories_content(bytes, lines)
  if not is_utf8(content) then wrong("TEXT", r.at, "not UTF-8") end
  stories_text(r, content)
  if r.at / 8 < #bytes then r:row("LINE_END", r:left(), bytes:sub(-2) == "\r\n" and "\r\n" or "\n") end
end

local function name_stories(tables, bytes, lines)
  local text = stories_content(bytes, lines)
  if not is_utf8(text) then return nil end
  text = trim_start(text)
  if text:sub(1, 1) == "{" then return "JSON" end
  local word = stories_parts(text)
  return word and tables.commands[word:upper()]
end

local function frame_stories(_, bytes, at, conversation)
  -- The form of a conversation is that of its first bytes.
  if conversation.lines == nil then conversation.lines = is_line(bytes, at) end
  if conversation.lines then
    local stop = bytes:find("\n", at, true)
    if (stop or #bytes + 1) - at > STORIES_LIMIT then return false end
    return stop
  end
  if #bytes < at + 3 then return nil end
  local length = Reader.new({ words = {} }, bytes:sub(at, at + 3)):number("", 32)
  if length > STORIES_LIMIT then return false end
  if at + 3 + length <= #bytes then return at + 3 + length end
  return nil, at + 3 + length - #bytes
end

-- STUMTP -----------------------------------------------------------------------------------------------------------

local STUMTP_MARKS = { SOH = 1, STX = 2, ETX = 3, ACK = 6 }
local STUMTP_LONGEST = 65536

local function stumtp_byte(r) return r.bytes:byte(r.at / 8 + 1) end

local function stumtp_unexpected(r, name)
  local byte = stumtp_byte(r)
  if byte then reserved(name, r.at, byte) end
  wrong(name, r.at, "8 bits are wanted, 0 are left")
end

local function stumtp_mark(r, name)
  if stumtp_byte(r) ~= STUMTP_MARKS[name] then stumtp_unexpected(r, name) end
  r:row(name, 8, STUMTP_MARKS[name])
end

-- Decimal digits stay text: the number has 64 bits.
local function stumtp_number(r, name)
  local digits = r.bytes:match("^%d+", r.at / 8 + 1)
  if not digits then stumtp_unexpected(r, name) end
  local plain = digits:gsub("^0+(%d)", "%1")
  if #plain > 20 or (#plain == 20 and plain > "18446744073709551615") then
    wrong(name, r.at, "the number does not fit 64 bits")
  end
  r:row(name, #digits * 8, plain)
  return plain
end

local function stumtp_text(r)
  local start = r.at / 8
  local stop = #r.bytes - (r.bytes:byte(-1) == STUMTP_MARKS.ETX and 1 or 0)
  local text = r.bytes:sub(start + 1, math.max(stop, start))
  local mark = text:find("[\1\2\3\6]")
  if mark then reserved("text", r.at + (mark - 1) * 8, text:byte(mark)) end
  if #text > STUMTP_LONGEST then
    wrong("text", r.at + STUMTP_LONGEST * 8, "the message is over, %d bits follow", (#text - STUMTP_LONGEST) * 8)
  end
  local valid = valid_up_to(text)
  if valid < #text then wrong("text", r.at + valid * 8, "not UTF-8") end
  r:row("text", #text * 8, text)
  return text
end

local function decode_stumtp(r)
  r.name = "plain text"
  if stumtp_byte(r) == STUMTP_MARKS.SOH then
    r.name = "acknowledgement"
    stumtp_mark(r, "SOH")
    if stumtp_byte(r) ~= STUMTP_MARKS.ACK then
      r.id, r.name = stumtp_number(r, "id"), "numbered text"
    end
    if stumtp_byte(r) == STUMTP_MARKS.ACK then
      stumtp_mark(r, "ACK")
      r.ack = stumtp_number(r, "acknowledged")
    end
    if r.id then stumtp_mark(r, "STX") end
  end
  if r.name ~= "acknowledgement" then r.said = stumtp_text(r) end
  stumtp_mark(r, "ETX")
  if r:left() > 0 then wrong("ETX", r.at, "the message is over, %d bits follow", r:left()) end
end

local function frame_stumtp(_, bytes, at)
  local stop = bytes:find("\3", at, true)
  if (stop or #bytes + 1) - at > STUMTP_LONGEST + 43 then return false end
  return stop
end

-- Who answers whom -------------------------------------------------------------------------------------------------

local FRESH = 60 -- seconds: the same bytes under the same number later than that are another request

-- A request of one side, or the same again.
local function ask(side, number, space, m, facts)
  local before = side[number]
  local behind = side.latest and (side.latest - number) % space or 0
  if before and before.bytes == m.bytes and m.time - before.last <= FRESH and behind < space / 2 then
    facts.again, facts.request, before.last = before.frame, before, m.time
    return
  end
  facts.request = { frame = m.frame, time = m.time, last = m.time, bytes = m.bytes, kind = m.kind }
  side[number], side.latest = facts.request, number
end

local function answered(request, m, facts)
  facts.response_to, facts.time = request.frame, m.time - request.time
  if request.response then
    facts.answer_again = request.response.frame
  else
    request.response = { frame = m.frame, bytes = m.bytes }
  end
end

-- The answer to a request of the other side, where there is one that it may answer.
local function answer(side, number, m, facts, may)
  local request = side[number]
  if not request or m.time - request.last > FRESH or not may(request) then return false end
  answered(request, m, facts)
  return true
end

local function value_of(m, name)
  for _, row in ipairs(m.rows) do
    if row.name == name then return row.value end
  end
end

local MSP_ERROR, MSP_RELAY, MSP_TEXT_REPLY = 30, 29, 16

local function link_msp(conversation, m, facts)
  local seq = value_of(m, "NUM_SEQ")
  m.kind = value_of(m, "TYPE")
  if m.kind % 2 == 1 then return ask(conversation[m.from], seq, 65536, m, facts) end
  answer(conversation[m.to], seq, m, facts, function(request)
    local response = request.kind == MSP_RELAY and MSP_TEXT_REPLY or request.kind + 1
    return m.kind == response or m.kind == MSP_ERROR
  end)
end

-- What may answer the types of Shen's protocol. Some of these are requests as well: those answer a request only that is
-- open, or again as they did before.
local SHEN_ANSWERS = { [4] = { 29, 2 }, [8] = { 10, 14, 15, 18, 21, 2 }, [22] = { 10, 18, 19, 2 },
  [23] = { 10, 5, 6 }, [24] = { 10, 5, 6, 12, 15, 2 } }
for _, kind in ipairs({ 1, 3, 5, 6, 7, 13, 16 }) do SHEN_ANSWERS[kind] = { 10, 2 } end
for _, kind in ipairs({ 9, 25, 26, 27, 28 }) do SHEN_ANSWERS[kind] = { 10, 15, 2 } end
for _, kind in ipairs({ 14, 15, 17, 19, 20, 21, 29 }) do SHEN_ANSWERS[kind] = { 10 } end

local function link_shen(conversation, m, facts)
  local seq = value_of(m, "NUM_SEQ")
  m.kind = value_of(m, "TYPE")
  local is_answer = answer(conversation[m.to], seq, m, facts, function(request)
    if request.response and request.response.bytes ~= m.bytes then return false end
    for _, kind in ipairs(SHEN_ANSWERS[request.kind] or {}) do
      if kind == m.kind then return true end
    end
  end)
  if not is_answer and SHEN_ANSWERS[m.kind] then ask(conversation[m.from], seq, 1024, m, facts) end
end

-- Requests that are answered in their order.
local function queue(conversation, m, facts)
  facts.request = { frame = m.frame, time = m.time }
  local pending = conversation.pending
  pending.last = pending.last + 1
  pending[pending.last] = facts.request
end

local function next_answer(conversation, m, facts)
  local pending = conversation.pending
  local request = pending[pending.first]
  if request then
    pending[pending.first], pending.first = nil, pending.first + 1
    answered(request, m, facts)
  end
end

local function link_matou(conversation, m, facts)
  local from_client = m.from == conversation.client
  if from_client and m.name == "COREQ" then queue(conversation, m, facts) end
  if not from_client and m.name == "CORES" then next_answer(conversation, m, facts) end
end

local STORIES_WITHOUT_ANSWER = { QUIT = true, BEGIN_SEQUENCE = true, JSON = true }
local STORIES_ANSWERS = { DISPLAY_ROOM = true, OK = true, KO = true, ERROR = true }

-- Who signed in between bars is told nothing when all is well: there, nobody knows what an answer belongs to.
local function link_stories(conversation, m, facts)
  local from_client = m.from == conversation.client
  if from_client and m.name == "LOGIN" then conversation.is_silent = m.reader.style == "bar" end
  if conversation.is_silent then return end
  local is_asked = m.reader.style == "quoted" and not STORIES_WITHOUT_ANSWER[m.name]
  if from_client and is_asked then queue(conversation, m, facts) end
  if not from_client and STORIES_ANSWERS[m.name] then next_answer(conversation, m, facts) end
end

-- A session outlives its connections: what is said again on another one is known.
local sessions = {}

local function new_session() return { { first = 1, last = 0 }, { first = 1, last = 0 } } end

-- A text with a number: the texts that wait for an acknowledgement are kept in the order of their numbers.
local function stumtp_say(sent, id, m, facts)
  local before = sent["id " .. id]
  if before and before.said == m.reader.said then
    facts.again, facts.request = before.frame, before
    return
  end
  facts.request = { frame = m.frame, time = m.time, id = tonumber(id), said = m.reader.said }
  sent["id " .. id], sent.last = facts.request, sent.last + 1
  local at = sent.last
  while at > sent.first and sent[at - 1].id > facts.request.id do
    sent[at], at = sent[at - 1], at - 1
  end
  sent[at] = facts.request
end

local function stumtp_opening(conversation, m, facts, side)
  local word, token = m.reader.said:match('^%s*(%a+)[%s|]*"?([^"|]*)')
  word = word and word:upper()
  if side == 1 then
    if word == "LOGIN" then conversation.session = new_session() end
    if word == "RESUME" and sessions[token] then conversation.session = sessions[token] end
    queue(conversation, m, facts)
  else
    if word == "SESSION" and token ~= "" then sessions[token] = conversation.session end
    next_answer(conversation, m, facts)
  end
end

local function link_stumtp(conversation, m, facts)
  local side = m.from == conversation.client and 1 or 2
  conversation.session = conversation.session or new_session()
  local id, ack = m.reader.id, m.reader.ack
  if id == "0" then
    stumtp_opening(conversation, m, facts, side)
  elseif id then
    stumtp_say(conversation.session[side], id, m, facts)
  end
  local others = conversation.session[3 - side]
  local done
  while ack and others[others.first] and others[others.first].id <= tonumber(ack) do
    done = others[others.first]
    done.response = { frame = m.frame }
    others[others.first], others.first = nil, others.first + 1
  end
  if done and not facts.response_to then facts.response_to, facts.time = done.frame, m.time - done.time end
end

-- What is shown ----------------------------------------------------------------------------------------------------

local DIALECTS = {
  { key = "msp", column = "MSP", title = "MSP (palabre)", transport = "udp", port = "7401", packed = true,
    decode = decode_msp, name = name_msp, link = link_msp },
  { key = "shen", column = "Shen", title = "Shen's protocol (palabre)", transport = "udp", port = "7403", packed = true,
    decode = decode_shen, name = name_shen, link = link_shen },
  { key = "matou", column = "Matou", title = "Matou (palabre)", transport = "tcp", port = "7404",
    decode = decode_matou, name = name_matou, link = link_matou, frame = frame_matou },
  { key = "stories", column = "Stories", title = "Stories (palabre)", transport = "tcp", port = "7402",
    decode = decode_stories, name = name_stories, link = link_stories, frame = frame_stories },
  { key = "stumtp", column = "STUMTP", title = "STUMTP (palabre)", transport = "tcp", port = "7400",
    decode = decode_stumtp, link = link_stumtp, frame = frame_stumtp },
}

local common = Proto("palabre", "palabre")
local shared = {
  message = ProtoField.string("palabre.message", "Message"),
  field = ProtoField.string("palabre.malformed.field", "Malformed field"),
  bit = ProtoField.uint32("palabre.malformed.bit", "Malformed at bit"),
  why = ProtoField.string("palabre.malformed.why", "Malformed because"),
  response_in = ProtoField.framenum("palabre.response_in", "Answered in", base.NONE, frametype.RESPONSE),
  response_to = ProtoField.framenum("palabre.response_to", "Answer to", base.NONE, frametype.REQUEST),
  time = ProtoField.relative_time("palabre.time", "Time since the request"),
  again = ProtoField.framenum("palabre.retransmission", "The same request as in", base.NONE, frametype.RETRANS_PREV),
  answer_again = ProtoField.framenum("palabre.answer_again", "Answered already in", base.NONE, frametype.RETRANS_PREV),
  file = ProtoField.bytes("palabre.file", "Bytes of a file"),
  unread = ProtoField.framenum("palabre.unread", "Cannot be read on after the message in", base.NONE, frametype.NONE),
  cut = ProtoField.string("palabre.cut", "Cut"),
}
local experts = {
  malformed = ProtoExpert.new("palabre.malformed", "Malformed message", expert.group.MALFORMED, expert.severity.ERROR),
  again = ProtoExpert.new("palabre.retransmission.note", "Retransmission", expert.group.SEQUENCE, expert.severity.NOTE),
  answer_again = ProtoExpert.new("palabre.answer_again.note", "Answer again", expert.group.SEQUENCE, expert.severity.NOTE),
  unanswered = ProtoExpert.new("palabre.unanswered", "No answer in this capture", expert.group.SEQUENCE, expert.severity.WARN),
  unread = ProtoExpert.new("palabre.unread.note", "After a malformed message", expert.group.SEQUENCE, expert.severity.WARN),
  fault = ProtoExpert.new("palabre.dissector_fault", "Fault of the dissector", expert.group.DEBUG, expert.severity.ERROR),
}
common.fields, common.experts = shared, experts

local streams = { tcp = Field.new("tcp.stream"), udp = Field.new("udp.stream") }
-- What the first pass found out: later ones only show it.
local conversations, facts_of, starts = {}, {}, {}

function common.init()
  conversations, facts_of, starts, sessions = {}, {}, {}, {}
end

-- Which message of its packet this is. How a stream is cut into calls may differ from pass to pass, but not that.
local function key_of(pinfo)
  local number = tonumber(pinfo.private["palabre.messages"] or "0") + 1
  pinfo.private["palabre.messages"] = tostring(number)
  return ("%d:%d"):format(pinfo.number, number)
end

local function conversation_of(dialect, pinfo, from, to)
  local stream = streams[dialect.transport]()
  local key = dialect.key .. (stream and tostring(stream.value) or (from < to and from .. to or to .. from))
  local conversation = conversations[key]
  if not conversation then
    conversation = { pending = { first = 1, last = 0 }, broken = {}, file = {} }
    conversations[key] = conversation
  end
  conversation[from], conversation[to] = conversation[from] or {}, conversation[to] or {}
  if not conversation.client then conversation.client = dialect.is_ours(pinfo.src_port) and to or from end
  return conversation
end

-- A string of Wireshark ends at a zero byte: show U+2400 there.
local function shown(text) return (tostring(text):gsub("\0", "\226\144\128")) end

local ESCAPES = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escaped(control) return ESCAPES[control] or ("\\x%02x"):format(control:byte()) end

-- A text for one line.
local function short(text)
  local cut = text:gsub("\r?\n$", "")
  if #cut > 60 then
    cut = cut:sub(1, 60)
    cut = cut:sub(1, valid_up_to(cut)) .. "…"
  end
  return (cut:gsub("[\0-\31\127]", escaped))
end

-- Each number as the field of Wireshark that holds it.
local function uint64(digits)
  local value, ten = UInt64.new(0), UInt64.new(10)
  for digit in digits:gmatch("%d") do value = value * ten + UInt64.new(tonumber(digit)) end
  return value
end

local function add_row(tree, dialect, range_of, row)
  local first, stop = math.floor(row.bit / 8), math.ceil((row.bit + row.bits) / 8)
  local field, value = dialect.fields[row.name], row.value
  if row.name == "IP_ADRESS" then
    value = Address.ip(row.meaning)
  elseif row.name == "Address" and row.meaning:find(":", 1, true) then
    field, value = dialect.fields.Address6, Address.ipv6(row.meaning)
  elseif row.name == "Address" then
    value = Address.ip(row.meaning)
  elseif row.name == "CRC-32" then
    value = tonumber(value, 16)
  elseif dialect.is_text[row.name] then
    value = shown(value)
  elseif type(value) == "string" then
    value = uint64(value)
  end
  local item = tree:add(field, range_of(first, stop - first), value)
  local has_words, is_address = dialect.tables.words[row.name], row.name == "IP_ADRESS" or row.name == "Address"
  if row.meaning and not (has_words and has_words[row.value]) and not is_address then
    item:append_text(" (" .. short(row.meaning) .. ")")
  end
  if dialect.packed and row.bits > 0 then
    item:append_text((" [bits %d to %d]"):format(row.bit, row.bit + row.bits - 1))
  end
end

local function add_facts(tree, facts, pinfo)
  local function generated(field, value) return tree:add(field, value):set_generated() end
  if facts.again then
    local item = generated(shared.again, facts.again)
    item:add_proto_expert_info(experts.again, ("the same request as in frame %d"):format(facts.again))
  end
  if facts.response_to then
    generated(shared.response_to, facts.response_to)
    local whole = math.floor(facts.time)
    generated(shared.time, NSTime.new(whole, math.floor((facts.time - whole) * 1e9 + 0.5)))
  end
  if facts.answer_again then
    local item = generated(shared.answer_again, facts.answer_again)
    item:add_proto_expert_info(experts.answer_again, ("answered already in frame %d"):format(facts.answer_again))
  end
  if not facts.request then return end
  if facts.request.response then
    generated(shared.response_in, facts.request.response.frame)
  elseif pinfo.visited then
    -- Whether an answer comes is known when the whole capture was read once.
    tree:add_proto_expert_info(experts.unanswered, "no answer in this capture")
  end
end

-- One line about a message, as a transcript has it.
local function summary(dialect, m, facts)
  local words = { m.name or value_of(m, "COMMAND") or "unknown message" }
  local function say(...) if #words < 8 then words[#words + 1] = (...):format(select(2, ...)) end end
  for index, row in ipairs(m.rows) do
    if dialect.labels[row.name] and (row.name ~= "ID_USER" or index == 2) then
      say("%s=%s", dialect.labels[row.name], tostring(row.value))
    elseif dialect.is_text[row.name] and not dialect.is_quiet[row.name] then
      say('"%s"', short(row.meaning and row.meaning:gsub("^Latin%-1: ", "") or row.value))
    elseif row.meaning and row.value and not dialect.is_quiet[row.name] then
      say("%s", short(row.meaning))
    end
  end
  if m.error and not m.is_cut then
    words[#words + 1] = ("[malformed: at bit %d, %s: %s]"):format(m.error.bit, m.error.field, m.error.why)
  end
  if facts.again then words[#words + 1] = ("[the same request as in %d]"):format(facts.again) end
  if facts.answer_again then words[#words + 1] = "[answered again]" end
  return table.concat(words, " ")
end

-- The columns; several messages of one packet stand behind each other.
local function add_columns(dialect, pinfo, text)
  pinfo.cols.protocol = dialect.column
  if pinfo.private["palabre"] then
    pinfo.cols.info:append(" | " .. text)
  else
    pinfo.private["palabre"] = "1"
    pinfo.cols.info:clear()
    pinfo.cols.info:append(text)
  end
  pinfo.cols.info:fence()
end

-- Takes a message apart: its rows, and what is wrong first.
local function dissect(dialect, bytes, lines)
  local body, trailer = bytes, nil
  if dialect.has_crc and dialect.has_crc() then
    if #bytes >= 4 then body, trailer = bytes:sub(1, -5), bytes:sub(-4) else trailer = "" end
  end
  local reader = Reader.new(dialect.tables, body)
  reader.lines = lines
  local fine, fault = pcall(dialect.decode, reader)
  local m = { reader = reader, rows = reader.rows, bytes = bytes }
  if not fine then
    if type(fault) == "table" then m.error = fault else m.fault = tostring(fault) end
  end
  m.name = dialect.name and dialect.name(dialect.tables, body, lines)
  if not dialect.name and fine then m.name = reader.name end
  if trailer == "" then
    m.error = { field = "CRC-32", bit = 0, why = ("32 bits are wanted, %d are left"):format(#bytes * 8) }
  elseif trailer then
    local right = crc32(body)
    local found = hex(trailer)
    if found ~= ("%08x"):format(right) then
      m.error = { field = "CRC-32", bit = #body * 8, why = ("%s is there, %08x is right"):format(found, right) }
    elseif not m.error then
      m.rows[#m.rows + 1] = { name = "CRC-32", bit = #body * 8, bits = 32, value = found, meaning = "matches" }
    end
  end
  return m
end

local json

local function add_json(tree, range, pinfo)
  if json == nil then json = Dissector.get("json") or false end
  if json then pcall(json.call, json, range:tvb(), pinfo, tree) end
end

local function add_malformed(tree, m)
  local wrong_ = m.error
  if m.is_cut then
    tree:add(shared.cut, "the capture does not have all of this message"):set_generated()
    return
  end
  tree:add(shared.bit, wrong_.bit):set_generated()
  tree:add(shared.field, wrong_.field):set_generated()
  tree:add(shared.why, wrong_.why):set_generated()
  tree:add_proto_expert_info(experts.malformed, ("at bit %d, %s: %s"):format(wrong_.bit, wrong_.field, wrong_.why))
end

-- Shows the message of some bytes of `tvb`, and gives it back.
local function message(dialect, conversation, tvb, pinfo, tree, ends, offset, bytes, lines)
  local m = dissect(dialect, bytes, lines)
  m.frame, m.time, m.from, m.to = pinfo.number, pinfo.rel_ts, ends[1], ends[2]
  m.is_cut = m.error and tvb:reported_len() > tvb:len()
  local key = key_of(pinfo)
  local facts = facts_of[key] or {}
  if not pinfo.visited then
    facts_of[key] = facts
    if not m.error and not m.fault then dialect.link(conversation, m, facts) end
  end
  local function range_of(first, length) return tvb(offset + first, length) end
  local root = #bytes > 0 and tree:add(dialect.proto, range_of(0, #bytes)) or tree:add(dialect.proto)
  root:append_text(": " .. (m.name or "unknown message"))
  if m.name then root:add(shared.message, m.name):set_generated() end
  for _, row in ipairs(m.rows) do
    add_row(root, dialect, range_of, row)
    if row.name == "JSON" then add_json(root, range_of(row.bit / 8, row.bits / 8), pinfo) end
  end
  if m.rows.more then root:append_text((" (%d more fields)"):format(m.rows.more)) end
  if m.error then add_malformed(root, m) end
  if m.fault then root:add_proto_expert_info(experts.fault, m.fault) end
  add_facts(root, facts, pinfo)
  add_columns(dialect, pinfo, summary(dialect, m, facts))
  return m
end

local function ends_of(pinfo)
  return { tostring(pinfo.src) .. " " .. pinfo.src_port, tostring(pinfo.dst) .. " " .. pinfo.dst_port }
end

local function bytes_of(tvb) return tvb:len() > 0 and tvb():raw() or "" end

local function datagram(dialect, tvb, pinfo, tree)
  local ends = ends_of(pinfo)
  local conversation = conversation_of(dialect, pinfo, ends[1], ends[2])
  message(dialect, conversation, tvb, pinfo, tree, ends, 0, bytes_of(tvb))
  return tvb:len()
end

-- What follows a message that cannot be read on.
local function unread(dialect, tvb, pinfo, tree, frame)
  local root = tree:add(dialect.proto, tvb())
  root:add(shared.unread, frame):set_generated()
  root:add_proto_expert_info(experts.unread, ("not read: the message in frame %d has no end"):format(frame))
  add_columns(dialect, pinfo, ("[not read on after frame %d]"):format(frame))
end

-- The bytes of a file are no messages; only on a connection from person to person are there any.
local function file_bytes(dialect, tvb, pinfo, tree, offset, left)
  local length = math.min(left, tvb:len() - offset)
  tree:add(dialect.proto, tvb(offset, length)):append_text(": a file"):add(shared.file, tvb(offset, length))
  add_columns(dialect, pinfo, ("%d bytes of a file"):format(length))
  return length
end

local function stream(dialect, tvb, pinfo, tree)
  local ends, bytes = ends_of(pinfo), bytes_of(tvb)
  local conversation = conversation_of(dialect, pinfo, ends[1], ends[2])
  local broken = conversation.broken[ends[1]]
  if broken and pinfo.number > broken then
    unread(dialect, tvb, pinfo, tree, broken)
    return tvb:len()
  end
  if not pinfo.visited and not starts[pinfo.number] then starts[pinfo.number] = conversation.file[ends[1]] or 0 end
  local file, at = tonumber(pinfo.private["palabre.file"]) or starts[pinfo.number] or 0, 1
  local is_private = not (dialect.is_ours(pinfo.src_port) or dialect.is_ours(pinfo.dst_port))
  while at <= #bytes do
    if file > 0 then
      local length = file_bytes(dialect, tvb, pinfo, tree, at - 1, file)
      at, file = at + length, file - length
    else
      local stop, more = dialect.frame(dialect.tables, bytes, at, conversation)
      if stop == nil then
        pinfo.desegment_offset, pinfo.desegment_len = at - 1, more or DESEGMENT_ONE_MORE_SEGMENT
        break
      end
      if stop == false then
        conversation.broken[ends[1]] = conversation.broken[ends[1]] or pinfo.number
        stop = #bytes
      end
      local m = message(dialect, conversation, tvb, pinfo, tree, ends, at - 1, bytes:sub(at, stop), conversation.lines)
      file, at = is_private and not m.error and m.reader.file_bytes or 0, stop + 1
    end
  end
  pinfo.private["palabre.file"] = ("%.0f"):format(file)
  if not pinfo.visited then conversation.file[ends[1]] = file end
  return tvb:len()
end

-- Registration -----------------------------------------------------------------------------------------------------

local function number_field(name, abbreviation, bits, words)
  if name == "IP_ADRESS" then return ProtoField.ipv4(abbreviation, name) end
  local make = bits <= 8 and ProtoField.uint8 or bits <= 16 and ProtoField.uint16
    or bits <= 32 and ProtoField.uint32 or ProtoField.uint64
  return make(abbreviation, name, base.DEC, words)
end

local function add_fields(dialect)
  local fields, tables = {}, dialect.tables
  local function abbreviation(name)
    return "palabre." .. dialect.key .. "." .. name:lower():gsub("[^a-z0-9]+", "_"):gsub("_$", "")
  end
  for name, bits in pairs(tables.fields) do
    fields[name] = number_field(name, abbreviation(name), bits, tables.words[name])
  end
  for _, name in ipairs(tables.strings) do
    fields[name], dialect.is_text[name] = ProtoField.string(abbreviation(name), name), true
  end
  if dialect.key == "matou" then
    fields.Address = ProtoField.ipv4(abbreviation("Address"), "Address")
    fields.Address6 = ProtoField.ipv6(abbreviation("Address6"), "Address")
    dialect.is_text.Address = nil
  end
  if not fields.padding then fields.padding = ProtoField.uint8(abbreviation("padding"), "padding") end
  if dialect.transport == "udp" then
    fields["CRC-32"] = ProtoField.uint32(abbreviation("CRC-32"), "CRC-32", base.HEX)
  end
  dialect.fields, dialect.proto.fields = fields, fields
end

local function add_preferences(dialect)
  local proto, transport = dialect.proto, dialect.transport
  proto.prefs.ports = Pref.range(transport:upper() .. " ports", dialect.port, "Where servers of this protocol listen", 65535)
  if transport == "udp" then
    proto.prefs.crc32 = Pref.bool("Datagrams end with a CRC-32", false, "The link has checksums (M16)")
    dialect.has_crc = function() return proto.prefs.crc32 end
  end
  local ports_table, registered = DissectorTable.get(transport .. ".port"), ""
  local is_port = {}
  local function register()
    if registered ~= "" then ports_table:remove(registered, proto) end
    registered, is_port = tostring(proto.prefs.ports), {}
    if registered ~= "" then ports_table:add(registered, proto) end
    for first, last in registered:gmatch("(%d+)%-?(%d*)") do
      for port = tonumber(first), tonumber(last) or tonumber(first) do is_port[port] = true end
    end
  end
  dialect.is_ours = function(port) return is_port[port] end
  proto.prefs_changed = register
  register()
  ports_table:add_for_decode_as(proto)
end

local LABELS = { ID_USER = "id", NUM_SEQ = "seq", id = "id", acknowledged = "ack" }
local QUIET = { "TYPE", "Type", "TEXT_LENGTH", "COMMAND", "padding", "LINE_END", "CRC-32" }

for _, dialect in ipairs(DIALECTS) do
  dialect.tables, dialect.is_text, dialect.is_quiet, dialect.labels = TABLES[dialect.key], {}, {}, LABELS
  for _, name in ipairs(QUIET) do dialect.is_quiet[name] = true end
  dialect.proto = Proto("palabre." .. dialect.key, dialect.title)
  add_fields(dialect)
  local walk = dialect.frame and stream or datagram
  dialect.proto.dissector = function(tvb, pinfo, tree) return walk(dialect, tvb, pinfo, tree) end
  add_preferences(dialect)
end

-- Notes in palabre's own captures ----------------------------------------------------------------------------------

local note = Proto("palabre.note", "Note of palabre")
local note_fields = {
  text = ProtoField.string("palabre.note.text", "Note"),
  kind = ProtoField.string("palabre.note.kind", "Kind"),
}
note.fields = note_fields
local interface_name = Field.new("frame.interface_name")

function note.dissector(tvb, pinfo, tree)
  local name = interface_name()
  if name and tostring(name.value) ~= "palabre-engine" then
    return Dissector.get("data"):call(tvb, pinfo, tree)
  end
  local text = bytes_of(tvb)
  text = shown(is_utf8(text) and text or hex(text))
  pinfo.cols.protocol = "palabre"
  pinfo.cols.info = text
  local root = tvb:len() > 0 and tree:add(note, tvb()) or tree:add(note)
  root:append_text(": " .. short(text))
  if tvb:len() > 0 then
    root:add(note_fields.text, tvb(), text)
    root:add(note_fields.kind, tvb(), text:match("^too long") or text:match("^%S*")):set_generated()
  end
  return tvb:len()
end

DissectorTable.get("wtap_encap"):add(wtap_encaps and wtap_encaps.USER0 or wtap.USER0, note)
