import ControlProtocol
import JSON
import Testing

@Suite struct ParameterReaderTests {
    /// Reads parameters as the server does.
    private func read(
        _ method: ControlMethod,
        _ params: String,
        _ kind: RPCEnvelope.Parameters = .named
    ) throws -> ParameterReader {
        let bytes = Array(params.utf8)
        let result: Result<ParameterReader, RPCError> = bytes.withUnsafeBytes { bytes in
            do throws(RPCError) {
                return .success(try ParameterReader(method.description, kind, bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func error(
        _ method: ControlMethod,
        _ params: String,
        _ kind: RPCEnvelope.Parameters = .named
    ) -> RPCError? {
        do {
            _ = try read(method, params, kind)
            return nil
        } catch {
            return error as? RPCError
        }
    }

    @Test func readsASubmission() throws {
        let params = try SubmitParams(
            read(
                .jobsSubmit,
                #"{"request":{"seed":12345678901234567890,"prompt":"é","strength":0.10},"client_key":"k","label":"l","file_name":"f","allow_unknown":true,"_meta":{"x":1}}"#
            )
        )
        #expect(
            JSONValue.object(params.request).text
                == #"{"seed":12345678901234567890,"prompt":"é","strength":0.10}"#
        )
        #expect(params.clientKey == "k")
        #expect(params.label == "l")
        #expect(params.fileName == "f")
        #expect(params.allowUnknown)
    }

    @Test func fillsDefaultsIn() throws {
        #expect(try ListParams(read(.jobsList, "", .none)).limit == 100)
        #expect(try WaitParams(read(.jobsWait, #"{"id":"a"}"#)).timeout == .milliseconds(3_600_000))
        #expect(try !CancelParams(read(.jobsCancel, #"{"id":"a"}"#)).discard)
        #expect(try !RetryParams(read(.jobsRetry, #"{"id":"a"}"#)).acceptCharge)
        #expect(try SubscribeParams(read(.eventsSubscribe, "", .none)).finishedSeconds == 0)
        #expect(try RunsListParams(read(.runsList, "", .none)).limit == 50)
    }

    @Test func readsNestedParameters() throws {
        let params = try SubscribeParams(
            read(
                .eventsSubscribe,
                #"{"filter":{"id":"a","label":"l","owner":"ada","states":["held"]},"since":{"epoch":"e","seq":3},"finished_s":60}"#
            )
        )
        #expect(params.filter.id == "a")
        #expect(params.filter.owner == .name("ada"))
        #expect(params.filter.states == ["held"])
        #expect(params.since?.epoch == "e")
        #expect(params.since?.seq == 3)
        #expect(params.finishedSeconds == 60)
        #expect(try ListParams(read(.jobsList, #"{"owner":1000}"#)).owner == .uid(1000))
        #expect(try ListParams(read(.jobsList, #"{"owner":"1000"}"#)).owner == .uid(1000))
    }

    @Test(arguments: [
        (ControlMethod.jobsGet, #"{}"#, "id", "parameter 'id' is missing"),
        (.jobsGet, #"{"id":1}"#, "id", "'id' has to be string, not number"),
        (.jobsGet, #"{"id":null}"#, "id", "'id' has to be string, not null"),
        (.jobsGet, #"{"id":"a","idd":1}"#, "idd", "jobs.get has no parameter 'idd'"),
        (.jobsSubmit, #"{"request":[]}"#, "request", "'request' has to be object, not array"),
        (.jobsList, #"{"limit":0}"#, "limit", "'limit' is out of range"),
        (.jobsList, #"{"limit":1001}"#, "limit", "'limit' is out of range"),
        (.jobsList, #"{"limit":1.5}"#, "limit", "'limit' has to be integer, not fraction"),
        (.jobsList, #"{"limit":1e999}"#, "limit", "'limit' is out of range"),
        (.jobsList, #"{"states":["queud"]}"#, "states[0]", "'states[0]' cannot be 'queud'"),
        (.jobsList, #"{"owner":true}"#, "owner", "'owner' has to be string or integer, not boolean"),
        (.eventsSubscribe, #"{"filter":{"stats":[]}}"#, "filter.stats", "'filter' has no member 'stats'"),
        (.eventsSubscribe, #"{"since":{"epoch":"e"}}"#, "since.seq", "'since.seq' is missing"),
        (.daemonInfo, #"{"x":1}"#, "x", "daemon.info has no parameter 'x'"),
    ])
    func namesTheFault(_ method: ControlMethod, _ params: String, _ field: String, _ message: String) {
        let error = error(method, params)
        #expect(error?.kind == .paramsInvalid)
        #expect(error?.code == -32602)
        #expect(error?.field == field)
        #expect(error?.message == message)
        #expect(error?.charged == .no)
    }

    @Test func saysWhatMayBeMeant() {
        #expect(error(.jobsSubmit, #"{"request":{},"clientKey":"k"}"#)?.hint == "did you mean 'client_key'?")
        #expect(error(.jobsList, #"{"states":["queud"]}"#)?.hint == "did you mean 'queued'?")
        #expect(error(.jobsGet, #"{"zebra":1}"#)?.hint == "jobs.get takes: id")
        #expect(error(.daemonInfo, #"{"x":1}"#)?.hint == "daemon.info takes no parameters")
    }

    @Test func refusesPositionalParameters() {
        let error = error(.jobsCancel, #"["a"]"#, .positional)
        #expect(error?.kind == .paramsInvalid)
        #expect(error?.hint == "an object with: id, discard")
    }

    @Test func refusesMembersThatAreGivenTwice() {
        #expect(error(.jobsGet, #"{"id":"a","id":"b"}"#)?.kind == .paramsInvalid)
        #expect(error(.jobsSubmit, #"{"request":{"model":"a","model":"b"}}"#)?.kind == .paramsInvalid)
    }

    @Test(arguments: ControlMethod.allCases)
    func takesEveryExample(_ method: ControlMethod) throws {
        let example = method.description.example
        let params = try #require(example.parameters.objectValue)
        _ = try ParameterReader(method.description, params)
    }

    @Test(arguments: [
        (#"{"id":"0123456789abcdef"}"#, "0123456789abcdef"), (#" { "id" : "a" }"#, "a"), (#"{"id":""}"#, ""),
    ])
    func readsASoleString(_ params: String, _ id: String) {
        let bytes = Array(params.utf8)
        #expect(bytes.withUnsafeBytes { ParameterReader.soleString("id", in: $0) } == id)
    }

    @Test(arguments: [
        #"{"id":1}"#, #"{"id":"a","b":1}"#, #"{"id":"a\n"}"#, #"{"id":"é"}"#, #"{"idx":"a"}"#,
        #"{"id ":"a"}"#, #"{" id":"a"}"#, #"{"id":"a"#,
        #"{"i":"a"}"#, "", "{", #"{"id""#,
    ])
    func leavesOtherTextsToTheParser(_ params: String) {
        let bytes = Array(params.utf8)
        #expect(bytes.withUnsafeBytes { ParameterReader.soleString("id", in: $0) } == nil)
    }
}
