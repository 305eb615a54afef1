import ControlClient
import Glibc
import JSON
import SchemaCheck
import Testing

extension EndToEnd {
    @Suite("JSON-RPC 2.0 on the control socket")
    struct ConformanceTests {
        @Test("every exchange of the table", .timeLimit(.minutes(2)))
        func table() throws {
            let table = try ExchangeTable("jsonrpc.txt")
            try DaemonFixture.with { fixture in
                let schemas = SchemaCheck(try fixture.call("rpc.discover"))
                let connection = try RawConnection(fixture.socket)
                for exchange in table.exchanges {
                    let place = Comment(rawValue: "line \(exchange.number): \(exchange.request)")
                    if let wanted = exchange.answer {
                        let answer = try connection.ask(exchange.request)
                        #expect(ExchangeTable.holds(answer, wanted), "\(place) -> \(answer.text)")
                        for reply in answer.arrayValue ?? [answer] {
                            #expect(reply["jsonrpc"] == "2.0", place)
                            #expect(
                                reply.objectValue?.names.sorted() == ["id", "jsonrpc", "result"]
                                    || reply.objectValue?.names.sorted() == ["error", "id", "jsonrpc"],
                                place
                            )
                            if let error = reply["error"] {
                                #expect(
                                    schemas.findings(in: error["data"] ?? .null, as: "Error") == [],
                                    place
                                )
                            }
                        }
                    } else {
                        // The answer to the next call is the next line: nothing came before it.
                        let probe = try connection.ask(
                            exchange.request + "\n" + requestLine("jobs.list", id: 1)
                        )
                        #expect(
                            probe["result"]?["jobs"] != nil && probe["id"] == 1,
                            "\(place): \(probe.text)"
                        )
                    }
                }
                #expect(try fixture.simulator.get("requests")["routes"]?["submit"]?["requests"] ?? 0 == 0)
            }
        }

        @Test("the ends of lines", .timeLimit(.minutes(1)))
        func lineEnds() throws {
            try DaemonFixture.with { fixture in
                let info = requestLine("daemon.info")
                for end in ["\n", "\r\n", "", "\n\n", "\n\r\n \t\r\n", "\r"] {
                    let connection = try RawConnection(fixture.socket)
                    try connection.send("\n\r\n  \n" + info + end)
                    connection.halfClose()
                    let lines = try connection.rest().split(separator: "\n")
                    #expect(lines.count == 1, "\(end.debugDescription): \(lines)")
                    #expect(lines.first?.contains(#""name":"videogend""#) == true)
                }
                // Slow calls are answered after a half-close, too, and so is a broken last line.
                let connection = try RawConnection(fixture.socket)
                try connection.send(
                    requestLine("account.balance", id: 1) + "\n" + requestLine("jobs.list", id: 2)
                )
                connection.halfClose()
                let ids = try connection.rest().split(separator: "\n")
                    .map { try JSONParser.parse(String($0))["id"]?.intValue ?? 0 }
                #expect(ids.sorted() == [1, 2])
                let broken = try RawConnection(fixture.socket)
                try broken.send(#"{"jsonrpc":"2.0","#)
                broken.halfClose()
                #expect(try broken.rest().contains(#""id":null,"error":{"code":-32700"#))
                let silent = try RawConnection(fixture.socket)
                silent.halfClose()
                #expect(try silent.rest() == "")
            }
        }

        @Test("replies come as they are ready", .timeLimit(.minutes(1)))
        func overlap() throws {
            try DaemonFixture.with { fixture in
                try fixture.call("daemon.drain")
                let id = try fixture.submit("waits")
                let connection = try RawConnection(fixture.socket)
                try connection.send(
                    requestLine("jobs.wait", id: 1, #"{"id":"\#(id)"}"#) + "\n"
                        + requestLine("jobs.get", id: 2, #"{"id":"\#(id)"}"#) + "\n"
                )
                #expect(try connection.value()["id"] == 2)
                try fixture.call("jobs.cancel", ["id": .string(id)])
                let waited = try connection.value()
                #expect(waited["id"] == 1 && waited["result"]?["done"] == true)
                #expect(waited["result"]?["job"]?["state"] == "canceled")
            }
        }

        @Test("a notification is carried out and not answered", .timeLimit(.minutes(1)))
        func notification() throws {
            try DaemonFixture.with { fixture in
                try fixture.call("daemon.drain")
                let connection = try RawConnection(fixture.socket)
                try connection.send(
                    requestLine(
                        "jobs.submit",
                        id: nil,
                        #"{"request":{"model":"kling-video","prompt":"x"},"label":"silent"}"#
                    ) + "\n"
                )
                connection.halfClose()
                #expect(try connection.rest() == "")
                let jobs = try fixture.call("jobs.list", ["label": "silent"])["jobs"]?.arrayValue
                #expect(jobs?.count == 1)
            }
        }
    }
}
