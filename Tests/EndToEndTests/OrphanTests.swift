// The master is killed in the middle of things: nothing of its tree stays, the port is free, and no row is lost.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

extension DaemonTests {
    @Suite struct OrphanTests {
        @Test(arguments: [true, false])
        func aKilledMasterLeavesNothingButTheRows(isDraining: Bool) throws {
            try withDaemon {
                try $0.write([UInt8](repeating: 7, count: 64_000_000), to: "site/big.bin")
            } _: { daemon, directory in
                let client = try daemon.connect()
                try client.send("GET /big.bin?under-way HTTP/1.1\r\nHost: x\r\n\r\n")
                try client.waitForBytes()
                let idle = try daemon.connect()
                #expect(try idle.request("GET", "/?done").status == 200)
                if isDraining {
                    try daemon.program.send(.quit)
                    #expect(try idle.isClosedByServer(), "the drain has begun")
                }
                try daemon.program.send(.kill)
                #expect(try daemon.program.waitForEnd() == .signalled(.kill))
                #expect(eventually { daemon.program.processes.isEmpty }, "\(daemon.program.processes)")
                let next = try Daemon(in: directory, port: daemon.port)
                let rows = { try next.query("SELECT query, outcome FROM requests WHERE query <> '' ORDER BY query") }
                let expected = [["done", "ok"], ["under-way", "killed"]]
                #expect(try eventually { try rows() == expected })
                try next.stop()
            }
        }
    }
}
