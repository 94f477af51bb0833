// What comes with this module: the ecosystem's HTTP types, so that `sendResponse(.ok)` needs no second import, and what
// a configuration holds.
@_exported public import HTTPTypes

@_exported public import struct HTTPMessage.AddressBlock
@_exported public import struct HTTPMessage.IPAddress
@_exported public import struct HTTPMessage.MessageLimits
