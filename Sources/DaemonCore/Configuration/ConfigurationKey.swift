import JobCore
import Logging
import NanoGPTAPI

/// One key: its name, its default, what it means and how it is read.
///
/// Reader, example file and manual page share this one table, so they cannot drift apart.
public struct ConfigurationKey: Sendable {
    /// What a key's value becomes, and where.
    typealias Reader = @Sendable (ConfigurationValue, Place, inout DaemonConfiguration) throws -> Void

    /// The name, for example `api.base_url`.
    public let name: String
    /// The default as it would be written; empty means none.
    public let defaultText: String
    /// The default when the daemon runs by hand, where it differs.
    public let defaultByHand: String?
    /// What it means, in one sentence.
    public let summary: String
    /// Whether a changed value counts only after a restart.
    public let needsRestart: Bool
    let isList: Bool
    let read: Reader

    init(
        _ name: String,
        _ defaultText: String,
        byHand: String? = nil,
        needsRestart: Bool = false,
        isList: Bool = false,
        _ summary: String,
        read: @escaping Reader
    ) {
        self.name = name
        self.defaultText = defaultText
        defaultByHand = byHand
        self.summary = summary
        self.needsRestart = needsRestart
        self.isList = isList
        self.read = read
    }

    /// The environment variable that sets it.
    public var environmentVariable: String {
        "VIDEOGEND_" + name.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }

    func defaultValue(at place: Place) -> String {
        place.isService ? defaultText : defaultByHand ?? defaultText
    }
}

extension ConfigurationKey {
    /// Every key, in the order of the manual.
    public static let all: [ConfigurationKey] = api + control + output + state + jobs

    private static let api: [ConfigurationKey] = [
        .init(
            "api.base_url",
            "https://nano-gpt.com",
            "The API's origin; /api/… paths are appended. Plain http only for loopback."
        ) { value, _, configuration in
            let text = try value.string()
            do throws(NanoGPTAPIError) {
                try NanoGPTConfiguration.checkBaseURL(text)
            } catch {
                throw ConfigurationValue.Fault(reason: "\(error)")
            }
            configuration.api.baseURL = text
        },
        .init("api.key_file", "", "A file with the API key, mode 0600 or 0400.") {
            value,
            place,
            configuration in
            let path = try value.string()
            configuration.api.keyFile = path.isEmpty ? nil : place.absolute(path)
        },
        .init(
            "api.request_timeout",
            "60s",
            "The limit for one HTTP request other than a download, its body included."
        ) { value, _, configuration in
            configuration.api.requestTimeout = try value.duration(
                atLeast: .milliseconds(50),
                atMost: .seconds(86_400)
            )
        },
        .init(
            "api.maximum_body",
            "4.4MiB",
            "The JSON body of a submission (about 3.4 MB of inline file)."
        ) { value, _, configuration in configuration.api.maximumBody = try value.bytes(atLeast: 1) },
        .init("api.ca_file", "", "An additional trusted CA, PEM.") { value, place, configuration in
            let path = try value.string()
            configuration.api.caFile = path.isEmpty ? nil : place.absolute(path)
            guard let file = configuration.api.caFile else { return }
            do throws(NanoGPTAPIError) {
                try NanoGPTConfiguration.checkCAFile(file)
            } catch {
                throw ConfigurationValue.Fault(reason: "\(error)")
            }
        },
        .init(
            "api.submit_per_minute",
            "50",
            "Submissions in any 60 s over all clients; the provider's limit for one address is 50."
        ) { value, _, configuration in configuration.api.submitPerMinute = try value.integer(1...100_000) },
        .init(
            "api.requests_per_second",
            "25",
            "All requests together; the provider's global limit is 25."
        ) { value, _, configuration in configuration.api.requestsPerSecond = try value.integer(1...100_000) },
    ]

    private static let control: [ConfigurationKey] = [
        .init(
            "control.socket",
            "/run/videogend/control.sock",
            byHand: "$XDG_RUNTIME_DIR/videogend/control.sock",
            needsRestart: true,
            "The control socket's path; ignored when systemd passes the socket."
        ) { value, place, configuration in
            let path = try value.string()
            guard !path.isEmpty else { throw ConfigurationValue.Fault(reason: "must not be empty") }
            configuration.control.socket = place.absolute(path)
        },
        .init(
            "control.mode",
            "0660",
            byHand: "0600",
            needsRestart: true,
            "The permission bits of a socket that the daemon makes itself."
        ) { value, _, configuration in configuration.control.mode = try value.mode() },
        .init("control.connections", "512", "Connections to the control socket.") { value, _, configuration in
            configuration.control.connections = try value.integer(1...100_000)
        },
        .init("control.connections_per_uid", "384", "Connections of one user.") { value, _, configuration in
            configuration.control.connectionsPerUID = try value.integer(1...100_000)
        },
        .init(
            "control.admins",
            "",
            isList: true,
            "User names and @group names that may do everything; root and the daemon's own user always may."
        ) { value, _, configuration in configuration.control.admins = value.strings() },
        .init(
            "control.visibility",
            "own",
            "own: users see their own jobs; all: everybody sees all jobs."
        ) { value, _, configuration in
            configuration.control.everybodySeesAll = try value.word([("own", false), ("all", true)])
        },
    ]

    private static let output: [ConfigurationKey] = [
        .init(
            "output.directory",
            "/srv/videogend/videos",
            byHand: "./videos",
            needsRestart: true,
            "The watched directory that finished videos appear in."
        ) { value, place, configuration in
            let path = try value.string()
            guard !path.isEmpty else { throw ConfigurationValue.Fault(reason: "must not be empty") }
            configuration.output.directory = place.absolute(path)
        },
        .init(
            "output.staging_directory",
            "",
            needsRestart: true,
            "Where videos are staged; .staging beside the output directory unless set, on one mount with it."
        ) { value, place, configuration in
            let path = try value.string()
            configuration.output.stagingDirectory = path.isEmpty ? "" : place.absolute(path)
        },
        .init(
            "output.file_name",
            "{date}-{model}-{id}.mp4",
            "The template of file names: {date} {time} {model} {label} {id} {owner}; / makes subdirectories."
        ) { value, _, configuration in
            configuration.output.fileName = try value.string()
            do throws(JobFault) {
                _ = try FileNameTemplate(configuration.output.fileName)
            } catch {
                throw ConfigurationValue.Fault(reason: error.message)
            }
        },
        .init("output.mode", "0640", "The permission bits of published files.") { value, _, configuration in
            configuration.output.mode = try value.mode()
        },
        .init(
            "output.minimum_free",
            "1GiB",
            "Below so much free space no new job is submitted."
        ) { value, _, configuration in configuration.output.minimumFree = try value.bytes() },
        .init("output.maximum_bytes", "4GiB", "The limit for one download.") { value, _, configuration in
            configuration.output.maximumBytes = try value.bytes(atLeast: 1)
        },
        .init(
            "output.receipt_request",
            "true",
            "Whether receipts hold the request; false leaves it out."
        ) { value, _, configuration in configuration.output.receiptRequest = try value.bool() },
    ]

    private static let state: [ConfigurationKey] = [
        .init(
            "state.directory",
            "/var/lib/videogend",
            byHand: "$XDG_STATE_HOME/videogend",
            needsRestart: true,
            "Where the journal is; none means memory only."
        ) { value, place, configuration in
            let path = try value.string()
            guard !path.isEmpty else {
                throw ConfigurationValue.Fault(reason: "must not be empty; 'none' means memory only")
            }
            configuration.state.directory = path == "none" ? nil : place.absolute(path)
        },
        .init(
            "state.media_bytes",
            "",
            needsRestart: true,
            "Inline media of jobs that are not over: 2GiB, or 64MiB in memory only, unless set."
        ) { value, _, configuration in
            let text = try value.string()
            configuration.state.mediaBytes = text.isEmpty ? -1 : try value.bytes()
        },
    ]

    private static let jobs: [ConfigurationKey] = [
        .init(
            "jobs.maximum_active",
            "1000",
            "Jobs at the provider at the same time; further ones wait."
        ) { value, _, configuration in configuration.jobs.maximumActive = try value.integer(1...1_000_000) },
        .init("jobs.maximum_queued", "10000", "Jobs that wait; more are refused.") {
            value,
            _,
            configuration in
            configuration.jobs.maximumQueued = try value.integer(1...10_000_000)
        },
        .init(
            "jobs.keep_finished",
            "30d",
            "Finished jobs that are older are forgotten; their files stay."
        ) { value, _, configuration in
            configuration.jobs.keepFinished = try value.duration(atLeast: .seconds(1))
        },
        .init(
            "jobs.give_up_after",
            "24h",
            "How long a run is asked for before its job is held."
        ) { value, _, configuration in
            configuration.jobs.giveUpAfter = try value.duration(atLeast: .seconds(1))
        },
        .init(
            "jobs.confirm_for",
            "30s",
            "How long an unconfirmed job is looked for before it is held."
        ) { value, _, configuration in
            configuration.jobs.confirmFor = try value.duration(atLeast: .milliseconds(100))
        },
        .init(
            "polling.minimum",
            "1s",
            "The shortest interval between status requests for one job."
        ) { value, _, configuration in
            configuration.jobs.pollingMinimum = try value.duration(atLeast: .milliseconds(50))
        },
        .init(
            "polling.maximum",
            "30s",
            "The longest interval between status requests for one job."
        ) { value, _, configuration in
            configuration.jobs.pollingMaximum = try value.duration(atLeast: .milliseconds(50))
        },
        .init("log.level", "info", "debug, info, notice, warning or error.") { value, _, configuration in
            configuration.logLevel = try value.word([
                ("debug", .debug), ("info", .info), ("notice", .notice), ("warning", .warning),
                ("error", .error),
            ])
        },
    ]
}
