// To whom the files of Unix sockets are given: as an option names them, looked up.
internal import BaseHTTPServer

/// Who gets the files of Unix sockets.
struct SocketOwner {
    /// nil: whoever starts the server.
    let user: UInt32?
    /// nil: the group of whoever starts the server.
    let group: UInt32?

    /// Reads `USER`, `USER:GROUP` or `:GROUP`, and looks them up.
    init(_ text: String) throws(ServerError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.contains(where: { !$0.isEmpty }), parts.last?.isEmpty == false else {
            throw .socketOwner(text, reason: "it must be USER, USER:GROUP or :GROUP")
        }
        do throws(AccountError) {
            user = parts[0].isEmpty ? nil : try Accounts.user(parts[0]).userID
            group = parts.count == 2 ? try Accounts.group(parts[1]) : nil
        } catch {
            throw .socketOwner(text, reason: error.reason)
        }
    }
}
