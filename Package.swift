// swift-tools-version: 6.2

import PackageDescription

/// One set of rules for every target that we write.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

let nio: Package.Dependency = .package(url: "https://github.com/apple/swift-nio", from: "2.101.2")

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

let package = Package(
    name: "videogend",
    products: [
        .executable(name: "videogend", targets: ["videogend"]),
        .executable(name: "videogenctl", targets: ["videogenctl"]),
        .executable(name: "nanogpt-simulator", targets: ["nanogpt-simulator"]),
        .library(name: "NanoGPTSimulator", targets: ["NanoGPTSimulator"]),
    ],
    dependencies: [
        nio,
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        // MARK: Values: no input or output, standard library only

        .target(name: "JSON", swiftSettings: settings),
        .target(name: "JobCore", swiftSettings: settings),
        .target(name: "ControlProtocol", dependencies: ["JSON"], swiftSettings: settings),

        // MARK: C

        .target(name: "CLinux"),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),

        // MARK: Rooms with one kind of effect each

        .target(
            name: "JobEngine",
            dependencies: [
                "CLinux", "JSON", "JobCore",
                product("Crypto", "swift-crypto"),
                product("Logging", "swift-log"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
                product("SystemPackage", "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "JobStore",
            dependencies: [
                "JSON", "JobCore", "JobEngine",
                product("GRDB", "GRDB.swift"),
                product("GRDBSQLite", "GRDB.swift"),
                product("Logging", "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "NanoGPTAPI",
            dependencies: [
                "JSON", "JobCore", "JobEngine",
                product("AsyncHTTPClient", "async-http-client"),
                product("Logging", "swift-log"),
                product("NIOCore", "swift-nio"),
                product("NIOFoundationCompat", "swift-nio"),
                product("NIOHTTP1", "swift-nio"),
                product("NIOPosix", "swift-nio"),
                product("NIOSSL", "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ModelCatalog",
            dependencies: ["JSON"],
            resources: [.embedInCode("Resources/models.json")],
            swiftSettings: settings
        ),
        .target(
            name: "ControlTransport",
            dependencies: [
                "CLinux", "ControlProtocol", "JSON",
                product("Logging", "swift-log"),
                product("NIOCore", "swift-nio"),
                product("NIOPosix", "swift-nio"),
            ],
            swiftSettings: settings
        ),
        // What local programs talk to the daemon with: blocking sockets, no event loop, starts in a millisecond.
        .target(
            name: "ControlClient",
            dependencies: ["JSON"],
            swiftSettings: settings
        ),
        .target(
            name: "Systemd",
            dependencies: ["CSystemd", product("Logging", "swift-log")],
            swiftSettings: settings
        ),
        .target(
            name: "DaemonCore",
            dependencies: [
                "CLinux", "ControlClient", "ControlProtocol", "ControlTransport", "JSON", "JobCore",
                "JobEngine",
                "JobStore", "ModelCatalog", "NanoGPTAPI", "Systemd",
                product("Crypto", "swift-crypto"),
                product("Logging", "swift-log"),
                product("NIOCore", "swift-nio"),
                product("NIOPosix", "swift-nio"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
                product("SystemPackage", "swift-system"),
                product("UnixSignals", "swift-service-lifecycle"),
                product("Yams", "Yams"),
            ],
            swiftSettings: settings
        ),

        // Manual pages and other reference texts, made from what the programs themselves use.
        .target(
            name: "Manual",
            dependencies: ["ControlProtocol", "DaemonCore", "JSON"],
            swiftSettings: settings
        ),

        // MARK: Programs

        .executableTarget(
            name: "videogend",
            dependencies: ["DaemonCore", product("ArgumentParser", "swift-argument-parser")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "videogenctl",
            dependencies: [
                "CLinux", "ControlClient", "JSON",
                product("ArgumentParser", "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        // MARK: The stand-in for the remote API; shares no type with NanoGPTAPI

        .target(
            name: "NanoGPTSimulator",
            dependencies: [
                "CLinux",
                product("Hummingbird", "hummingbird"),
                product("HummingbirdCore", "hummingbird"),
                product("HummingbirdHTTP2", "hummingbird"),
                product("HummingbirdTLS", "hummingbird"),
                product("Logging", "swift-log"),
                product("NIOCore", "swift-nio"),
                product("NIOSSL", "swift-nio-ssl"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
                product("Yams", "Yams"),
            ],
            resources: [
                .embedInCode("Resources/sample.mp4"), .embedInCode("Resources/sample.webm"),
                .embedInCode("Resources/directory.json"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "nanogpt-simulator",
            dependencies: [
                "NanoGPTSimulator",
                product("ArgumentParser", "swift-argument-parser"),
                product("Logging", "swift-log"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
                product("SystemPackage", "swift-system"),
                product("UnixSignals", "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),

        // MARK: Tests

        .target(
            name: "TestSupport",
            dependencies: [
                "JobCore", "JobEngine",
                product("Crypto", "swift-crypto"),
                product("Logging", "swift-log"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "NanoGPTSimulatorTests",
            dependencies: [
                "NanoGPTSimulator",
                product("AsyncHTTPClient", "async-http-client"),
                product("NIOCore", "swift-nio"),
                product("NIOHTTP1", "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "JobEngineTests",
            dependencies: [
                "CLinux", "JSON", "JobCore", "JobEngine", "JobStore", "TestSupport",
                product("Crypto", "swift-crypto"),
                product("Logging", "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NanoGPTAPITests",
            dependencies: [
                "JSON", "JobCore", "JobEngine", "NanoGPTAPI",
                product("AsyncHTTPClient", "async-http-client"),
                product("NIOCore", "swift-nio"),
                product("NIOHTTP1", "swift-nio"),
                product("NIOPosix", "swift-nio"),
                product("NIOSSL", "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        // The client against the simulator: two implementations of one API that must not know each other.
        .testTarget(
            name: "RemoteAPITests",
            dependencies: [
                "JSON", "JobCore", "JobEngine", "ModelCatalog", "NanoGPTAPI", "NanoGPTSimulator",
                product("Logging", "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: settings),
        .testTarget(
            name: "JobStoreTests",
            dependencies: [
                "JSON", "JobCore", "JobEngine", "JobStore", "TestSupport",
                product("GRDB", "GRDB.swift"),
                product("Logging", "swift-log"),
            ],
            exclude: ["Fixtures"],
            swiftSettings: settings
        ),
        .testTarget(name: "JobCoreTests", dependencies: ["JobCore"], swiftSettings: settings),
        .testTarget(name: "CLinuxTests", dependencies: ["CLinux"], swiftSettings: settings),
        .target(
            name: "ScriptedDaemon",
            dependencies: ["JSON"],
            path: "Tests/ScriptedDaemon",
            swiftSettings: settings
        ),
        .testTarget(
            name: "ControlClientTests",
            dependencies: ["ControlClient", "JSON", "ScriptedDaemon"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "videogenctlTests",
            dependencies: [
                "CLinux", "ControlClient", "JSON", "ScriptedDaemon", "videogenctl",
                product("ArgumentParser", "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ModelCatalogTests",
            dependencies: ["JSON", "ModelCatalog"],
            exclude: ["Fixtures"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DaemonCoreTests",
            dependencies: [
                "DaemonCore", "JSON", "JobCore", "JobEngine", "NanoGPTAPI", "Systemd", "TestSupport",
                product("Logging", "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "ControlProtocol", "ControlTransport", "JSON", "JobCore", "JobEngine", "ModelCatalog",
                "NanoGPTAPI",
                product("NIOCore", "swift-nio"),
                product("NIOHTTP1", "swift-nio"),
            ],
            exclude: ["corpus", "libfuzzer"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ManualTests",
            dependencies: [
                "ControlProtocol", "DaemonCore", "JSON", "Manual", "nanogpt-simulator", "videogenctl",
                "videogend",
                product("ArgumentParser", "swift-argument-parser"),
                product("Yams", "Yams"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SystemdTests",
            dependencies: ["CSystemd", "Systemd", product("Logging", "swift-log")],
            swiftSettings: settings
        ),
        // Checks values against the schemas of an OpenRPC document.
        .target(
            name: "SchemaCheck",
            dependencies: ["JSON"],
            path: "Tests/SchemaCheck",
            swiftSettings: settings
        ),
        .testTarget(
            name: "ControlProtocolTests",
            dependencies: ["ControlProtocol", "JSON", "SchemaCheck"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ControlTransportTests",
            dependencies: [
                "ControlProtocol", "ControlTransport", "JSON",
                product("Logging", "swift-log"),
                product("NIOCore", "swift-nio"),
                product("NIOPosix", "swift-nio"),
            ],
            swiftSettings: settings
        ),
        // Runs the programs from the build directory: SwiftPM builds all executables before any test.
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["ControlClient", "JSON", "SchemaCheck"],
            exclude: ["Screens", "Tables"],
            swiftSettings: settings
        ),
    ]
)
