// Where daemon and tool look for the log when no option names it.
import LogStore
import SystemPackage
import Testing

@Suite struct LogStoreLocationTests {
    @Test func variable_thenRoot_thenHome() {
        func place(_ environment: [String: String], isRoot: Bool) -> String {
            LogStoreLocation.defaultPath(environment: environment, home: "/home/me", isRoot: isRoot).string
        }
        #expect(place(["XDG_STATE_HOME": "/state"], isRoot: false) == "/state/basehttpd/access.db")
        #expect(place(["XDG_STATE_HOME": "/state"], isRoot: true) == "/state/basehttpd/access.db")
        #expect(place([:], isRoot: true) == "/var/lib/basehttpd/access.db")
        #expect(place([:], isRoot: false) == "/home/me/.local/state/basehttpd/access.db")
        #expect(place(["XDG_STATE_HOME": "relative"], isRoot: false) == "/home/me/.local/state/basehttpd/access.db")
    }
}
