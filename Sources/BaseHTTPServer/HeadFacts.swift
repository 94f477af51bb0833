// What the loop needs of a request's head, read out of the parser once.
internal import HTTPMessage

/// The present head in plain values.
///
/// Each look into the parser itself, a value that is changed in place, is checked at run time for overlapping accesses;
/// these are not.
struct HeadFacts {
    var method = ByteRange.empty
    var target = ByteRange.empty
    var requestLine = ByteRange.empty
    var version = ByteRange.empty
    var host = ByteRange.empty
    var referer = ByteRange.empty
    var agent = ByteRange.empty
    var protocolNumber: UInt8 = 11
    var headLength = 0
    var framing = BodyFraming.none
    var keepAlive = false
    var expectsContinue = false
    var hasUnsupportedExpectation = false
    var isConditional = false

    init() {}

    init(_ head: borrowing RequestHead) {
        method = head.method
        target = head.target
        requestLine = head.requestLine
        version = head.version
        host = head.host
        referer = head.value(.referer) ?? .empty
        agent = head.value(.userAgent) ?? .empty
        protocolNumber = head.protocolNumber
        headLength = head.headLength
        framing = head.framing
        keepAlive = head.keepAlive
        expectsContinue = head.expectsContinue
        hasUnsupportedExpectation = head.hasUnsupportedExpectation
        isConditional = head.isConditional
    }
}
