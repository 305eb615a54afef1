import ControlProtocol
import DaemonCore
import Glibc
import JSON
import Manual
import Testing

@Suite("Manual pages")
struct ManualPageTests {
    @Test("the pages are what the programs say; 'make manual' writes them anew", arguments: ManualPages.names)
    func upToDate(_ name: String) throws {
        let page = try ManualPages.manual().page(try ManualPages.read("man/templates/\(name)"))
        if getenv("VIDEOGEND_WRITE_MANUAL") != nil {
            try ManualPages.write(page, to: "man/\(name)")
        }
        #expect(try ManualPages.read("man/\(name)") == page, "run 'make manual' and look at what changed")
    }

    @Test("the documents are what the programs say; 'make manual' writes them anew")
    func upToDateDocuments() throws {
        let page = try ManualPages.manual().page(try ManualPages.read("docs/templates/protocol.md"))
        // The text must not change with every version.
        let description = PrettyJSON.text(OpenRPC.document(version: "1.0.0"))
        if getenv("VIDEOGEND_WRITE_MANUAL") != nil {
            try ManualPages.write(page, to: "docs/protocol.md")
            try ManualPages.write(description, to: "docs/openrpc.json")
        }
        #expect(try ManualPages.read("docs/protocol.md") == page, "run 'make manual', look at what changed")
        #expect(
            try ManualPages.read("docs/openrpc.json") == description,
            "run 'make manual', look at what changed"
        )
        #expect(try JSONParser.parse(description) == OpenRPC.document(version: "1.0.0"))
    }

    @Test("every key, command and method stands in its page")
    func complete() throws {
        let keys = try ManualPages.read("man/videogend.yaml.5")
        for key in ConfigurationKey.all {
            #expect(keys.contains("\\fB\(key.name)\\fR"), "\(key.name)")
            #expect(keys.contains(key.environmentVariable))
        }
        let commands = try ManualPages.read("man/videogenctl.1")
        for command in ["submit", "check", "list", "wait", "retry", "recover", "reload", "discover"] {
            #expect(commands.contains(".SS \(command)\n"), "\(command)")
        }
        let methods = try ManualPages.read("man/videogend-protocol.7")
        for method in ["jobs.submit", "daemon.reload", "rpc.discover", "events.subscribe"] {
            #expect(methods.contains(".SS \(method)\n"), "\(method)")
        }
    }

    @Test("text cannot become a command of the page")
    func escaping() {
        var markup = ManualPageMarkup()
        markup.paragraph(".so /etc/passwd")
        markup.paragraph("'br a\\b")
        markup.entry("--set", kind: "k-v", [".x"])
        #expect(
            markup.text == """
                .PP
                \\&.so /etc/passwd
                .PP
                \\&'br a\\eb
                .TP
                \\fB\\-\\-set\\fR \\fIk\\-v\\fR
                \\&.x

                """
        )
    }

    @Test("a template cannot ask for what there is not")
    func unknownPart() throws {
        let manual = ReferenceManual(programs: [:], protocolDocument: .null)
        #expect(throws: ReferenceManual.Fault.unknownPart("nothing")) {
            try manual.page(".SH A\n.\\\" INSERT nothing\n")
        }
    }
}
