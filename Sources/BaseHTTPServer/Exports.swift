// The ecosystem's HTTP types come with this module: `sendResponse(.ok)` needs no second import.
@_exported public import HTTPTypes
