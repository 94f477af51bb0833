// Addresses become names by the files that the tree ran, and by no others.
import AccessLog
import Foundation
import GRDB
import LinuxSyscalls
import SystemPackage
import Testing

@testable import LogStore

@Suite struct CrashFramesTests {
    @Test func aFunctionOfTheRuntimeHasItsNameAndModule() throws {
        let core = try #require(LoadedModule.all().first { $0.path.string.contains("libswiftCore") })
        let table = try #require(SymbolTable(core.path))
        // Every address of the code is asked for; a few of them are enough to see demangled names.
        let offsets = stride(from: UInt64(0), to: core.addresses.upperBound - core.base, by: 65_536).map { $0 }
        let names = table.names(of: offsets)
        #expect(names.count > 10)
        #expect(names.values.contains { MangledName.demangle($0)?.contains("Swift.") == true })
    }

    @Test func filesThatAreNoProgramsHaveNoNames() throws {
        let fixture = try LogFixture()
        let path = fixture.folder.appending("file")
        #expect(SymbolTable(path) == nil)
        let header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1] + [UInt8](repeating: 0xff, count: 58)
        for bytes in [[], Array("text".utf8), header, header.prefix(40) + [UInt8](repeating: 0, count: 24)] {
            try Data(bytes).write(to: URL(filePath: path.string))
            #expect(SymbolTable(path) == nil)
        }
    }

    @Test func manglingIsUndoneAndOtherNamesAreNot() {
        #expect(MangledName.demangle("$s4main3fooyyF") == "main.foo() -> ()")
        #expect(MangledName.demangle("memcpy") == nil && MangledName.demangle("") == nil)
    }
}
