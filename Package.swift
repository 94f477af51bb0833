// swift-tools-version: 6.2
// The whole project: one library product a layer, two programs, and the tests. The module map is drawn in README.md.
import PackageDescription

/// Every target of ours: Swift 6, unsafe code marked, imports visible where they are used, warnings are errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// Names of products that more than one target uses.
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// A program with Swift's runtime in it (`--static-swift-stdlib`) has the C++ library in it too: the linker looks for
/// `-lstdc++` here first.
let ownLibstdcxx = LinkerSetting.unsafeFlags(["-L\(Context.packageDirectory)/Tools/link"])

func test(_ name: String, _ dependencies: Target.Dependency..., exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "BaseHTTPServer",
    products: [
        .library(name: "BaseHTTPServer", targets: ["BaseHTTPServer"]),
        .library(name: "PreforkHTTPServer", targets: ["PreforkHTTPServer"]),
        .executable(name: "basehttpd", targets: ["basehttpd"]),
        .executable(name: "httpstats", targets: ["httpstats"]),
    ],
    dependencies: [
        // Both command lines: options, help, completions, manual pages. Kept by Apple with the toolchain.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // FilePath, FileDescriptor and Errno: the currency types for anything a system call takes or says. Kept by
        // Apple.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // HTTPRequest.Method, HTTPResponse.Status, HTTPFields: the ecosystem's types in the public API. Kept by Apple.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // The daemon's own diagnostics (never the access log). Kept by Apple and the server workgroup.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // SQLite: connections, transactions, statements. Ten years old, one release a month, used far beyond this
        // field.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // The configuration file of `basehttpd --config`. The Swift community's YAML parser, on libyaml.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // System calls.
        .target(name: "CLinux"),
        .target(name: "LinuxSyscalls", dependencies: ["CLinux", system], swiftSettings: strict),

        // Pure: bytes to messages and back.
        .target(name: "HTTPMessage", swiftSettings: strict),
        // Pure: lines of other servers' logs to requests.
        .target(name: "LogLines", dependencies: ["HTTPMessage"], swiftSettings: strict),

        // The log: shared memory on one side, SQLite on the other.
        .target(name: "AccessLog", dependencies: ["LinuxSyscalls"], swiftSettings: strict),
        .target(
            name: "Schema", path: "Schema", resources: [.embedInCode("log"), .embedInCode("report")],
            swiftSettings: strict),
        .target(
            name: "LogStore",
            dependencies: ["HTTPMessage", "AccessLog", "LinuxSyscalls", "LogLines", "Schema", grdb, system],
            swiftSettings: strict),

        // Processes.
        .target(name: "Supervisor", dependencies: ["LinuxSyscalls", system], swiftSettings: strict),

        // The public API.
        .target(
            name: "BaseHTTPServer", dependencies: ["HTTPMessage", "AccessLog", "LinuxSyscalls", httpTypes, system],
            swiftSettings: strict),
        .target(
            name: "PreforkHTTPServer",
            dependencies: ["BaseHTTPServer", "Supervisor", "LogStore", "AccessLog", "LinuxSyscalls", logging, system],
            swiftSettings: strict),

        // The programs.
        .executableTarget(
            name: "basehttpd",
            dependencies: [
                "PreforkHTTPServer", "BaseHTTPServer", arguments,
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: strict,
            // The functions of libraries are found once, in the master, not by each worker at its first call of each.
            linkerSettings: [ownLibstdcxx, .unsafeFlags(["-Xlinker", "-z", "-Xlinker", "now"])]),
        // Pages about the log that keep themselves fresh: the reports, served by our own server.
        .target(
            name: "ReportServer", dependencies: ["BaseHTTPServer", "LogStore", "LinuxSyscalls"],
            swiftSettings: strict),
        .executableTarget(
            name: "httpstats",
            dependencies: ["ReportServer", "BaseHTTPServer", "LogStore", "LogLines", arguments, system],
            path: "Tools/httpstats", swiftSettings: strict, linkerSettings: [ownLibstdcxx]),
        .executableTarget(
            name: "bench-hello", dependencies: ["PreforkHTTPServer", "BaseHTTPServer"], path: "Tools/bench/hello",
            swiftSettings: strict),
        .executableTarget(
            name: "bench-reporting", dependencies: ["LogStore", "AccessLog", "LinuxSyscalls", system],
            path: "Tools/bench/reporting", exclude: ["run", "README.md"],
            swiftSettings: strict),
        .executableTarget(
            name: "example-stack", dependencies: ["BaseHTTPServer"], path: "Tools/examples/stack",
            swiftSettings: strict),

        // Tests. TestSupport starts real programs and speaks to them over real sockets.
        .target(
            name: "TestSupport", dependencies: ["LinuxSyscalls", system], path: "Tests/TestSupport",
            swiftSettings: strict),
        test("TidyTests"),
        test("LinuxSyscallsTests", "LinuxSyscalls", system),
        // The properties that Tools/fuzz/run drives with libFuzzer, and that HTTPMessageTests replay over its corpus.
        .target(
            name: "FuzzTargets", dependencies: ["HTTPMessage", "LogLines"], path: "Tests/FuzzTargets",
            swiftSettings: strict),
        test("HTTPMessageTests", "HTTPMessage", "FuzzTargets", exclude: ["Requests"]),
        test("LogLinesTests", "LogLines"),
        test("AccessLogTests", "AccessLog", "LinuxSyscalls", system),
        test("LogStoreTests", "LogStore", "LogLines", "AccessLog", "LinuxSyscalls", "Schema", grdb, system),
        // The real supervisor over children that only serve, die or hang, for SupervisorTests to start and kill.
        .executableTarget(
            name: "supervisor-fixture", dependencies: ["Supervisor", "LinuxSyscalls", system],
            path: "Tests/SupervisorFixture",
            swiftSettings: strict),
        test("SupervisorTests", "Supervisor", "LinuxSyscalls", system, "supervisor-fixture"),
        test("BaseHTTPServerTests", "BaseHTTPServer", "HTTPMessage", "AccessLog", "LinuxSyscalls", httpTypes, system),
        test("ReportServerTests", "ReportServer", "BaseHTTPServer", "LogStore"),
        // A server whose handler throws and traps when asked to, for EndToEndTests.
        .executableTarget(
            name: "handler-fixture",
            dependencies: ["PreforkHTTPServer", "BaseHTTPServer", "LinuxSyscalls", logging, system],
            path: "Tests/HandlerFixture", swiftSettings: strict),
        // Handlers equal to those of its seed_fixture.py, for DifferentialTests to compare with Python's own server.
        .executableTarget(
            name: "seed-fixture", dependencies: ["BaseHTTPServer", httpTypes], path: "Tests/SeedFixture",
            exclude: ["seed_fixture.py"], swiftSettings: strict),
        test("DifferentialTests", "HTTPMessage", "LinuxSyscalls", system, "seed-fixture"),
        test(
            "EndToEndTests", "basehttpd", "httpstats", "bench-hello", "example-stack", "handler-fixture",
            "LinuxSyscalls", system),
        // Real trees under every fault that can be made from outside, and three witnesses that must agree. C of its own
        // is compiled by its tests: a clock and a fork(2) for a program under test, which no product should carry.
        test(
            "FaultTests", "basehttpd", "httpstats", "handler-fixture", "AccessLog", "LinuxSyscalls", grdb, system,
            exclude: ["DyingForks.c", "ShiftedClock.c"]),
    ]
)

// The lane of AddressSanitizer in .ci/run builds only what it tests: what is pure, or pure but for a few tests.
if Context.environment["PURE_TARGETS_ONLY"] != nil {
    let pure = [
        "CLinux", "LinuxSyscalls", "HTTPMessage", "LogLines", "AccessLog", "Supervisor", "supervisor-fixture",
        "TestSupport", "FuzzTargets", "HTTPMessageTests", "LogLinesTests", "AccessLogTests", "SupervisorTests",
    ]
    package.targets.removeAll { !pure.contains($0.name) }
    package.products = []
}
