import ControlClient
import Testing

@Suite("Words for a shell")
struct ShellWordTests {
    @Test(
        "what a shell would take apart is quoted",
        arguments: [
            ("plain", "plain"), ("/run/x/control.sock", "/run/x/control.sock"),
            ("user@host:22", "user@host:22"),
            ("", "''"), ("two words", "'two words'"), ("it's", #"'it'\''s'"#),
            ("$(rm -rf x)", "'$(rm -rf x)'"),
            ("a;b", "'a;b'"), ("日本", "'日本'"), ("~", "'~'"), ("a\nb", "'a\nb'"), ("'", #"''\'''"#),
        ]
    )
    func quoted(_ text: String, _ wanted: String) {
        #expect(ShellWord.quoted(text) == wanted)
    }
}
