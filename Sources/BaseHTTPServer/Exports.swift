// What comes with this module: the ecosystem's HTTP types, so that `sendResponse(.ok)` needs no second import, and the
// limits of a configuration.
@_exported public import HTTPTypes

@_exported public import struct HTTPMessage.MessageLimits
