import NanoGPTAPI
import Systemd

/// Finds the API key: the systemd credential, then the file, then the environment (CONTRACT section 2).
enum KeySource {
    static let credentialName = "nanogpt-api-key"
    static let environmentVariable = "NANOGPT_API_KEY"

    /// - Throws: `ConfigurationError` that names where the key was looked for.
    static func load(
        _ configuration: DaemonConfiguration,
        _ place: Place
    ) throws(ConfigurationError) -> APIKey {
        let credentials = ServiceCredentials(environment: place.environment)
        let credential: String?
        do throws(SystemdError) {
            credential = try credentials.credential(named: credentialName)
        } catch {
            throw ConfigurationError(source: "credential \(credentialName)", error.message)
        }
        if let credential {
            return try key(credential, "credential \(credentialName)")
        }
        if let path = configuration.api.keyFile {
            return try keyFile(path)
        }
        if let text = place.environment[environmentVariable], !text.isEmpty {
            return try key(text, "environment variable \(environmentVariable)")
        }
        throw ConfigurationError(
            source: "configuration",
            key: "api.key_file",
            "there is no API key: give it as the systemd credential '\(credentialName)' "
                + "(a file of that name in /etc/credstore, mode 0600), as the file api.key_file, "
                + "or in \(environmentVariable)"
        )
    }

    private static func keyFile(_ path: String) throws(ConfigurationError) -> APIKey {
        let bytes: [UInt8]
        do throws(SmallFileError) {
            bytes = try SmallFile.read(path, atMost: 4096, privately: true)
        } catch {
            throw ConfigurationError(source: path, key: "api.key_file", error.reason)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(source: path, key: "api.key_file", "is not UTF-8")
        }
        return try key(text, path)
    }

    private static func key(_ text: String, _ source: String) throws(ConfigurationError) -> APIKey {
        var rest = text[...]
        while let last = rest.last, last.isNewline || last == " " { rest.removeLast() }
        do throws(NanoGPTAPIError) {
            return try APIKey(String(rest))
        } catch {
            throw ConfigurationError(source: source, key: "API key", error.message)
        }
    }
}
