import Glibc
import NanoGPTAPI
import Testing

@testable import DaemonCore

/// CONTRACT section 2: where the API key comes from, and that no refusal shows it.
@Suite struct KeySourceTests {
    /// What is found with a credential, a key file and a variable, as far as they are given.
    private func found(
        credential: String? = nil,
        file: String? = nil,
        mode: mode_t = 0o600,
        variable: String? = nil,
        _ check: (Result<APIKey, ConfigurationError>, _ folder: String) throws -> Void
    ) throws {
        try ConfigurationFolder.with { folder in
            var environment = ["CREDENTIALS_DIRECTORY": folder.path]
            environment["NANOGPT_API_KEY"] = variable
            if let credential { try folder.write("nanogpt-api-key", credential) }
            defer { unlink(folder.path + "/nanogpt-api-key") }
            var configuration = try folder.load()
            if let file { configuration.api.keyFile = try folder.write("key", file, mode: mode) }
            let place = ConfigurationFolder.place(0, environment)
            let configured = configuration
            let result = Result { () throws(ConfigurationError) in try KeySource.load(configured, place) }
            try check(result, folder.path)
        }
    }

    @Test func theOrderIsCredentialFileVariable() throws {
        try found(credential: "credential-key\n", file: "file-key", variable: "variable-key") {
            key,
            _ throws in
            #expect(try key.get() == APIKey("credential-key"))
        }
        try found(file: " file-key \n", variable: "variable-key") { key, _ throws in
            #expect(try key.get() == APIKey("file-key"))
        }
        try found(variable: "variable-key") { key, _ throws in
            #expect(try key.get() == APIKey("variable-key"))
        }
    }

    @Test(arguments: [0o600, 0o400] as [mode_t])
    func privateFilesAreTaken(_ mode: mode_t) throws {
        try found(file: "file-key", mode: mode) { key, _ throws in
            #expect(try key.get() == APIKey("file-key"))
        }
    }

    @Test(arguments: [0o640, 0o604, 0o644, 0o660, 0o666, 0o440, 0o601, 0o700, 0o500, 0o4600] as [mode_t])
    func filesOfAnotherModeAreRefused(_ mode: mode_t) throws {
        try refused(mode)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can open them"), arguments: [0, 0o200, 0o100] as [mode_t])
    func filesThatRootAloneCanReadAreRefused(_ mode: mode_t) throws {
        try refused(mode)
    }

    private func refused(_ mode: mode_t) throws {
        // Also when a later source would serve: the file was named.
        try found(file: "file-key", mode: mode, variable: "variable-key") { key, folder throws in
            #expect {
                try key.get()
            } throws: { error in
                let words = "\(error)"
                return words.contains("\(folder)/key") && words.contains("api.key_file")
                    && words.contains("0\(String(mode, radix: 8))") && !words.contains("file-key")
            }
        }
    }

    /// systemd gives a credential the mode 0440 where an access list lets the service's user read it.
    @Test(arguments: [0o400, 0o440] as [mode_t])
    func aCredentialHasTheModeThatSystemdGaveIt(_ mode: mode_t) throws {
        try ConfigurationFolder.with { folder in
            let file = try folder.write("nanogpt-api-key", "credential-key\n", mode: mode)
            defer { unlink(file) }
            let place = ConfigurationFolder.place(0, ["CREDENTIALS_DIRECTORY": folder.path])
            #expect(try KeySource.load(folder.load(), place) == APIKey("credential-key"))
        }
    }

    @Test(arguments: ["", "\n", "two words", "line\nline", "kéy", "\u{1}"])
    func whatIsNoKeyIsRefusedWithoutShowingIt(_ text: String) throws {
        try found(file: text) { key, folder throws in
            #expect {
                try key.get()
            } throws: { error in
                "\(error)".contains("\(folder)/key") && (text.utf8.count < 3 || !"\(error)".contains(text))
            }
        }
    }

    @Test func withoutAnyTheRefusalNamesAllThree() throws {
        try found { key, _ throws in
            #expect {
                try key.get()
            } throws: { error in
                ["nanogpt-api-key", "api.key_file", "NANOGPT_API_KEY"].allSatisfy("\(error)".contains)
            }
        }
    }

    @Test func aMissingFileIsNamed() throws {
        try ConfigurationFolder.with { folder in
            var configuration = try folder.load()
            configuration.api.keyFile = folder.path + "/absent"
            let place = ConfigurationFolder.place(0, ["NANOGPT_API_KEY": "variable-key"])
            #expect {
                try KeySource.load(configuration, place)
            } throws: { error in
                "\(error)".contains(folder.path + "/absent")
            }
        }
    }
}
