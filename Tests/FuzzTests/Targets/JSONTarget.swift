import JSON

/// The JSON parser and writer: what was read is written and read again as the same.
enum JSONTarget: FuzzTarget {
    static let name = "json"

    static func run(_ input: [UInt8]) throws {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(input)
        } catch {
            guard (0...input.count).contains(error.offset) else {
                throw FuzzFinding("a fault at byte \(error.offset) of \(input.count)")
            }
            return
        }
        let text = value.text
        // A control character of one byte is written in six, and nothing else grows.
        guard text.utf8.count <= 6 * input.count else {
            throw FuzzFinding("grew to \(text.utf8.count) bytes")
        }
        let again: JSONValue
        do throws(JSONError) {
            again = try JSONParser.parse(Array(text.utf8))
        } catch {
            throw FuzzFinding("what was written cannot be read: \(error)")
        }
        guard again == value else { throw FuzzFinding("another value after writing") }
        let canonical = value.canonicalBytes
        guard let sorted = try? JSONParser.parse(canonical), sorted.canonicalBytes == canonical else {
            throw FuzzFinding("the canonical form is not one")
        }
        // Stricter about members that are given twice, and about nothing else.
        let strict = input.withUnsafeBytes { bytes in
            Result { () throws(JSONError) in try JSONParser.parse(bytes, duplicates: .reject) }
        }
        switch strict {
        case .success(let strict) where strict != value: throw FuzzFinding("policies disagree")
        case .failure(let error) where error.code != .duplicateMember: throw FuzzFinding("policies disagree")
        default: break
        }
    }
}
