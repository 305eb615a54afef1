import Logging
import Testing

@testable import Systemd

@Suite("Journal entries")
struct JournalEntryTests {
    @Test("An event becomes fields, and the message says what they say")
    func fields() {
        let event = LogEvent.sample("job held", nil, level: .error)
        let metadata: Logger.Metadata = [
            "job.id": "01J", "run.id": "run_7", "model": "veo3", "uid": "1000",
            "message.id": JournalMessageID.jobHeld.metadataValue, "error": "two\nlines",
        ]
        let entry = JournalEntry(event: event, metadata: metadata, identifier: "videogend")
        #expect(
            entry.fields.map { String(decoding: $0, as: UTF8.self) } == [
                #"MESSAGE=job held error="two\nlines" job.id=01J model=veo3 run.id=run_7 uid=1000"#,
                "PRIORITY=3",
                "SYSLOG_IDENTIFIER=videogend",
                "CODE_FILE=Tests/Sample.swift",
                "CODE_LINE=7",
                "CODE_FUNC=sample()",
                "VIDEOGEND_ERROR=two\nlines",
                "VIDEOGEND_JOB_ID=01J",
                "MESSAGE_ID=d4dd4f59b64c409db1bfac0ddc90941f",
                "VIDEOGEND_MODEL=veo3",
                "VIDEOGEND_RUN_ID=run_7",
                "VIDEOGEND_UID=1000",
            ]
        )
    }

    @Test("A value is binary-safe")
    func binary() {
        let metadata: Logger.Metadata = ["k": "a\0b=c\n"]
        let entry = JournalEntry(event: .sample("m", nil), metadata: metadata, identifier: "videogend")
        #expect(entry.fields.last == Array("VIDEOGEND_K=a\0b=c\n".utf8))
    }

    @Test(
        "Every key becomes a field name that the journal takes",
        arguments: [
            ("job.id", "VIDEOGEND_JOB_ID"), ("job.state", "VIDEOGEND_JOB_STATE"),
            ("camelCase-2", "VIDEOGEND_CAMELCASE_2"), ("ä", "VIDEOGEND___"), ("", "VIDEOGEND_"),
            ("message.id", "MESSAGE_ID"),
            (String(repeating: "k", count: 99), "VIDEOGEND_" + String(repeating: "K", count: 54)),
        ]
    )
    func fieldNames(key: String, name: String) {
        #expect(JournalEntry.fieldName(forKey: key) == name)
    }

    @Test("libsystemd takes the entry, with a journal or without")
    func send() {
        let metadata: Logger.Metadata = ["job.id": "01J"]
        let event = LogEvent.sample("an entry from a test", nil, level: .debug)
        #expect(JournalEntry(event: event, metadata: metadata, identifier: "videogend-test").send() == 0)
        var handler = JournalLogHandler(identifier: "videogend-test")
        handler.logLevel = .debug
        handler[metadataKey: "job.id"] = "01J"
        #expect(handler[metadataKey: "job.id"] == "01J")
        handler.log(event: event)
    }
}
