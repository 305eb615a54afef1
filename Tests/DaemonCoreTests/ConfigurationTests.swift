import Testing

@testable import DaemonCore

/// CONTRACT section 2: every key with its default, from the file and from the environment, and what is refused.
@Suite struct ConfigurationTests {
    /// One row of the contract's table.
    struct Row: Sendable, CustomStringConvertible {
        let key: String
        /// What is in force without anything, as a system service.
        let standard: String
        /// The value as it is written, and what is then in force.
        let value: String
        let inForce: String
        let bad: [String]
        var restart = false

        var description: String { key }
    }

    static let rows: [Row] = [
        Row(
            key: "api.base_url",
            standard: "https://nano-gpt.com",
            value: "http://127.0.0.1:8080",
            inForce: "http://127.0.0.1:8080",
            bad: ["nano-gpt.com", "http://nano-gpt.com", "ftp://x", "https://x/api", "https://u:p@x", ""]
        ),
        Row(key: "api.key_file", standard: "", value: "/k", inForce: "/k", bad: []),
        Row(
            key: "api.request_timeout",
            standard: "60s",
            value: "1500ms",
            inForce: "1500ms",
            bad: ["soon", "60", "-1s", "0s", "2d", "1 year", ""]
        ),
        Row(
            key: "api.maximum_body",
            standard: "4613734",
            value: "16KiB",
            inForce: "16384",
            bad: ["much", "4 bytes", "-1", "", "0", "0KiB", "0.5"]
        ),
        Row(key: "api.ca_file", standard: "", value: "", inForce: "", bad: ["/nowhere/ca.pem"]),
        Row(
            key: "api.submit_per_minute",
            standard: "50",
            value: "7",
            inForce: "7",
            bad: ["0", "-5", "5.5", "many", ""]
        ),
        Row(
            key: "api.requests_per_second",
            standard: "25",
            value: "100",
            inForce: "100",
            bad: ["0", "x"]
        ),
        Row(
            key: "control.socket",
            standard: "/run/videogend/control.sock",
            value: "/x/s",
            inForce: "/x/s",
            bad: [""],
            restart: true
        ),
        Row(
            key: "control.mode",
            standard: "0660",
            value: "0600",
            inForce: "0600",
            bad: ["0999", "rw", "10000", ""],
            restart: true
        ),
        Row(key: "control.connections", standard: "512", value: "9", inForce: "9", bad: ["0", "x"]),
        Row(key: "control.connections_per_uid", standard: "384", value: "8", inForce: "8", bad: ["0"]),
        Row(key: "control.admins", standard: "", value: "a, @b", inForce: "a,@b", bad: []),
        Row(
            key: "control.visibility",
            standard: "own",
            value: "all",
            inForce: "all",
            bad: ["everybody", "", "ALL"]
        ),
        Row(
            key: "output.directory",
            standard: "/srv/videogend/videos",
            value: "out",
            inForce: "/work dir/out",
            bad: [""],
            restart: true
        ),
        Row(
            key: "output.staging_directory",
            standard: "/srv/videogend/.staging",
            value: "/s",
            inForce: "/s",
            bad: [],
            restart: true
        ),
        Row(
            key: "output.file_name",
            standard: "{date}-{model}-{id}.mp4",
            value: "{owner}/{label}-{time}",
            inForce: "{owner}/{label}-{time}",
            bad: ["../{id}", "/{id}", "a//b", "{name}", "{id", ""]
        ),
        Row(key: "output.mode", standard: "0640", value: "0644", inForce: "0644", bad: ["8"]),
        Row(
            key: "output.minimum_free",
            standard: "1073741824",
            value: "500MB",
            inForce: "500000000",
            bad: ["1 GiBi", "-1GiB"]
        ),
        Row(
            key: "output.maximum_bytes",
            standard: "4294967296",
            value: "1.5GiB",
            inForce: "1610612736",
            bad: ["big", "0", "0.9B"]
        ),
        Row(
            key: "output.receipt_request",
            standard: "true",
            value: "false",
            inForce: "false",
            bad: ["maybe", "", "2"]
        ),
        Row(
            key: "state.directory",
            standard: "/var/lib/videogend",
            value: "none",
            inForce: "none",
            bad: [""],
            restart: true
        ),
        Row(
            key: "state.media_bytes",
            standard: "2147483648",
            value: "1MiB",
            inForce: "1048576",
            bad: ["x"],
            restart: true
        ),
        Row(key: "jobs.maximum_active", standard: "1000", value: "2", inForce: "2", bad: ["0", "1e3"]),
        Row(key: "jobs.maximum_queued", standard: "10000", value: "3", inForce: "3", bad: ["0"]),
        Row(
            key: "jobs.keep_finished",
            standard: "2592000s",
            value: "1d",
            inForce: "86400s",
            bad: ["0s", "999999999d"]
        ),
        Row(
            key: "jobs.give_up_after",
            standard: "86400s",
            value: "90m",
            inForce: "5400s",
            bad: ["24", "0s"]
        ),
        Row(
            key: "jobs.confirm_for",
            standard: "30s",
            value: "2s",
            inForce: "2s",
            bad: ["0s", "x"]
        ),
        Row(
            key: "polling.minimum",
            standard: "1s",
            value: "250ms",
            inForce: "250ms",
            bad: ["0", "31s"]
        ),
        Row(
            key: "polling.maximum",
            standard: "30s",
            value: "1m",
            inForce: "60s",
            bad: ["never", "500ms"]
        ),
        Row(
            key: "log.level",
            standard: "info",
            value: "debug",
            inForce: "debug",
            bad: ["loud", "trace", ""]
        ),
    ]

    @Test func theTableHasEveryKey() {
        #expect(Self.rows.map(\.key) == ConfigurationKey.all.map(\.name))
        for row in Self.rows {
            let key = ConfigurationKey.all.first { $0.name == row.key }
            #expect(key?.needsRestart == row.restart, "\(row.key)")
        }
    }

    private static func yaml(_ key: String, _ value: String) -> String {
        let parts = key.split(separator: ".")
        return "\(parts[0]):\n  \(parts[1]): '\(value)'\n"
    }

    private static func variable(_ key: String) -> String {
        "VIDEOGEND_" + key.uppercased().replacing(".", with: "_")
    }

    @Test(arguments: rows)
    func aKey(_ row: Row) throws {
        let key = try #require(ConfigurationKey.all.first { $0.name == row.key })
        try ConfigurationFolder.with { folder throws in
            #expect(key.value(try folder.load()) == row.standard)
            #expect(key.value(try folder.load(Self.yaml(row.key, row.value))) == row.inForce)
            #expect(key.value(try folder.load(nil, [Self.variable(row.key): row.value])) == row.inForce)
            // The environment wins over the file.
            let other = row.bad.first ?? row.value
            let both = try folder.load(
                Self.yaml(row.key, other),
                [Self.variable(row.key): row.value]
            )
            #expect(key.value(both) == row.inForce)
            for bad in row.bad {
                let inFile = folder.refusal(Self.yaml(row.key, bad))
                // What contradicts another key is told of the one that is given or of its partner.
                let named = [row.key, "polling.maximum"].contains { inFile.contains($0) }
                #expect(inFile.contains("c.yaml") && named, "\(bad): \(inFile)")
                let inEnvironment = folder.refusal(nil, [Self.variable(row.key): bad])
                #expect(inEnvironment.contains(Self.variable(row.key)), "\(bad): \(inEnvironment)")
            }
        }
    }

    /// What `videogend --check-config` prints is a configuration.
    @Test func everyPrintedValueCanBeReadBack() throws {
        try ConfigurationFolder.with { folder throws in
            let changed = Dictionary(
                uniqueKeysWithValues: Self.rows.map { (Self.variable($0.key), $0.value) }
            )
            let odd = [
                "VIDEOGEND_API_REQUEST_TIMEOUT": "4007ms", "VIDEOGEND_JOBS_CONFIRM_FOR": "2.3s",
                "VIDEOGEND_OUTPUT_MODE": "0", "VIDEOGEND_CONTROL_MODE": "7",
                "VIDEOGEND_STATE_MEDIA_BYTES": "4.4MiB",
            ]
            for environment in [[:], changed, odd] {
                let configuration = try folder.load(nil, environment)
                let printed = ConfigurationKey.all.map { ($0.name, $0.value(configuration)) }
                let variables = printed.map { (Self.variable($0.0), $0.1) }
                #expect(
                    try folder.load(nil, Dictionary(uniqueKeysWithValues: variables)) == configuration,
                    "\(printed)"
                )
                for (key, value) in printed {
                    let again = try folder.load(
                        Self.yaml(key, value),
                        environment.filter { name, _ in
                            name != Self.variable(key)
                        }
                    )
                    #expect(again == configuration, "\(key): \(value)")
                }
            }
        }
    }

    /// Every number of milliseconds is one that can be given.
    @Test func durationsAreReadAsTheyArePrinted() throws {
        for milliseconds in Array(1...5000) + [59_999, 86_399_999] {
            let duration = Duration.milliseconds(milliseconds)
            #expect(try ConfigurationValue.text(duration.written).duration(atLeast: .zero) == duration)
            #expect(
                try ConfigurationValue.text("\(milliseconds)ms").duration(atLeast: .zero) == duration
            )
        }
    }

    @Test(arguments: [
        ("api:\n  base_uri: https://x\n", "api.base_uri", "api.base_url"),
        ("apis:\n  base_url: https://x\n", "apis", ""),
        ("api.base_url: https://x\n", "api.base_url", "nest by section"),
        ("api:\n  submit_per_minute: 7\napi.submit_per_minute: 8\n", "api.submit_per_minute", "nest"),
        ("api:\n  base.url: https://x\n", "api.base.url", "nest by section"),
        ("api:\n  base_url: {a: b}\n", "api.base_url", "single value"),
        ("api:\n  submit_per_minute: [1, 2]\n", "api.submit_per_minute", "single value"),
        ("control:\n  admins: {a: b}\n", "control.admins", "list"),
        ("control:\n  admins: [[a]]\n", "control.admins", ""),
        ("- a\n", "", "mapping"), ("api: x\n", "api", "mapping"), ("api: [\n", "", "YAML"),
        ("api:\n  base_url: https://x\n  base_url: https://y\n", "", ""),
    ])
    func aFileIsRefused(_ yaml: String, _ key: String, _ word: String) throws {
        try ConfigurationFolder.with { folder throws in
            let words = folder.refusal(yaml)
            #expect(!words.hasPrefix("not refused") && words.contains("c.yaml"), "\(words)")
            #expect(words.contains(key) || key.isEmpty, "\(words)")
            #expect(words.contains(word) || word.isEmpty, "\(words)")
        }
    }

    @Test func whatIsNoFault() throws {
        try ConfigurationFolder.with { folder throws in
            let standard = try folder.load()
            for yaml in [
                "", "# nothing\n", "api:\n", "---\n", "api: {key_file: }\n", "state: {directory: null}\n",
            ] {
                #expect(try folder.load(yaml) == standard, "\(yaml)")
            }
            let lists = try folder.load("control:\n  admins: [alice, '@video']\n")
            #expect(lists.control.admins == ["alice", "@video"])
            #expect(try folder.load("control: {mode: 0600}\n").control.mode == 0o600)
            #expect(try folder.load(nil, ["VIDEOGEND_SOCKET": "/x", "OTHER": "y"]) == standard)
            #expect(folder.refusal(nil, ["VIDEOGEND_API_BASEURL": "x"]).contains("VIDEOGEND_API_BASE_URL"))
        }
    }

    @Test func aNamedFileHasToBeThere() throws {
        try ConfigurationFolder.with { folder throws in
            let loader = ConfigurationLoader(
                place: ConfigurationFolder.place(0, [:]),
                file: folder.path + "/absent.yaml"
            )
            #expect {
                try loader.load()
            } throws: { error in
                "\(error)".contains("absent.yaml")
            }
        }
    }

    // MARK: By hand

    @Test func defaultsByHand() throws {
        try ConfigurationFolder.with { folder throws in
            let runtime = ["XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/home/a"]
            let byHand = try folder.load(nil, runtime, uid: 7)
            #expect(byHand.control.socket == "/run/user/7/videogend/control.sock")
            #expect(byHand.control.mode == 0o600)
            #expect(byHand.output.directory == "/work dir/videos")
            #expect(byHand.output.stagingDirectory == "/work dir/.staging")
            #expect(byHand.state.directory == "/home/a/.local/state/videogend")
            let others = ["XDG_STATE_HOME": "/st", "XDG_CONFIG_HOME": "relative/does/not/count"]
            let set = try folder.load(nil, runtime.merging(others) { $1 }, uid: 7)
            #expect(set.state.directory == "/st/videogend")
            #expect(
                ConfigurationFolder.place(7, runtime).defaultFile
                    == "/home/a/.config/videogend/videogend.yaml"
            )
            let config = ["XDG_CONFIG_HOME": "/cf"]
            #expect(ConfigurationFolder.place(7, config).defaultFile == "/cf/videogend/videogend.yaml")
            #expect(ConfigurationFolder.place(0, config).defaultFile == "/etc/videogend/videogend.yaml")
            // As a service under another user, and with a state directory elsewhere.
            for (state, isService) in [("/var/lib/videogend", true), ("/home/a/state", false), ("", false)] {
                let place = ConfigurationFolder.place(7, ["STATE_DIRECTORY": state])
                #expect(place.isService == isService)
            }
            let refusal = folder.refusal(nil, ["HOME": "/home/a"], uid: 7)
            #expect(refusal.contains("control.socket") && refusal.contains("XDG_RUNTIME_DIR"), "\(refusal)")
            let named = ["HOME": "/home/a", "VIDEOGEND_CONTROL_SOCKET": "/x/s"]
            #expect(try folder.load(nil, named, uid: 7).control.socket == "/x/s")
        }
    }

    /// A directory that somebody configured and that is missing may be a disk that is not mounted.
    @Test func onlyTheDefaultDirectoryIsMade() throws {
        try ConfigurationFolder.with { folder throws in
            let runtime = ["XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/home/a"]
            #expect(try folder.load(nil, runtime, uid: 7).output.isMadeAtStart)
            #expect(try !folder.load("output: {directory: /x}\n", runtime, uid: 7).output.isMadeAtStart)
            let named = runtime.merging(["VIDEOGEND_OUTPUT_DIRECTORY": "/x"]) { $1 }
            #expect(try !folder.load(nil, named, uid: 7).output.isMadeAtStart)
            #expect(try !folder.load(nil, [:], uid: 0).output.isMadeAtStart)
        }
    }

    @Test func memoryOnlyTakesLessMedia() throws {
        try ConfigurationFolder.with { folder throws in
            #expect(try folder.load("state: {directory: none}\n").state.mediaBytes == 64 << 20)
            #expect(try folder.load("state: {directory: none, media_bytes: 5}\n").state.mediaBytes == 5)
        }
    }
}
