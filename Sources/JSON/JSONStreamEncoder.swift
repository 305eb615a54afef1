/// Writes `Encodable` values as JSON in one pass, members in the order in which they are encoded.
///
/// Foundation's encoder builds a tree first; for a record that is written several times in a job's life this takes a
/// fraction of the time.
public enum JSONStreamEncoder {
    /// Writes one value.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - capacity: How many bytes to reserve.
    /// - Returns: Its text.
    /// - Throws: What the value throws, and `EncodingError` for a number that JSON cannot say.
    public static func encode(_ value: some Encodable, capacity: Int = 1024) throws -> [UInt8] {
        let sink = JSONSink(capacity: capacity)
        try sink.write(value)
        return sink.writer.bytes
    }
}

/// The text as it grows, and the containers that are open in it.
///
/// Nobody says when a container ends. It does when one further out is written to again, or when its value is complete.
private final class JSONSink {
    var writer: JSONWriter
    private var closers: [UInt8] = []
    /// Whether the value that is being written has opened its container.
    private var hasContainer = false
    /// Whether a value opened a second one beside it, which this encoder cannot join.
    private var isMixed = false

    init(capacity: Int) {
        writer = JSONWriter(capacity: capacity)
    }

    /// A whole value opens its container.
    func beginContainer() {
        isMixed = isMixed || hasContainer
        hasContainer = true
    }

    /// Opens a container.
    ///
    /// - Returns: The depth at which it is written to.
    func openObject() -> Int {
        writer.open(UInt8(ascii: "{"))
        closers.append(UInt8(ascii: "}"))
        return closers.count
    }

    /// See ``openObject()``.
    func openArray() -> Int {
        writer.open(UInt8(ascii: "["))
        closers.append(UInt8(ascii: "]"))
        return closers.count
    }

    /// Closes what is open further in.
    func close(to depth: Int) {
        while closers.count > depth {
            writer.close(closers.removeLast())
        }
    }

    /// Writes one value with all that it has.
    func write(_ value: some Encodable) throws {
        let depth = closers.count
        let length = writer.bytes.count
        let outer = hasContainer
        hasContainer = false
        try value.encode(to: JSONStream(sink: self, isWhole: true))
        hasContainer = outer
        close(to: depth)
        guard writer.bytes.count > length, !isMixed else {
            throw EncodingError.invalidValue(
                value,
                .init(codingPath: [], debugDescription: "a value has to write itself, and into one container")
            )
        }
    }

    func write(_ number: Double) throws {
        guard number.isFinite else {
            throw EncodingError.invalidValue(
                number,
                .init(codingPath: [], debugDescription: "JSON has no word for \(number)")
            )
        }
        writer.raw("\(number)".utf8)
    }
}

/// Where one value writes itself.
private struct JSONStream: Encoder {
    let sink: JSONSink
    /// Whether it is the value itself, not a part of one that it has begun.
    var isWhole = false
    /// Kept by nobody: building it costs more than writing the values.
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if isWhole { sink.beginContainer() }
        return KeyedEncodingContainer(
            JSONObjectStream<Key>(sink: sink, depth: sink.openObject())
        )
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if isWhole { sink.beginContainer() }
        return JSONArrayStream(sink: sink, depth: sink.openArray())
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        JSONValueStream(sink: sink)
    }
}

private struct JSONObjectStream<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: JSONSink
    let depth: Int
    var codingPath: [any CodingKey] { [] }

    private func name(_ key: Key) {
        sink.close(to: depth)
        sink.writer.name(key.stringValue)
    }

    func encodeNil(forKey key: Key) {
        name(key)
        sink.writer.null()
    }

    func encode(_ value: Bool, forKey key: Key) {
        name(key)
        sink.writer.bool(value)
    }

    func encode(_ value: String, forKey key: Key) {
        name(key)
        sink.writer.string(value)
    }

    func encode(_ value: Double, forKey key: Key) throws {
        name(key)
        try sink.write(value)
    }

    func encode(_ value: Float, forKey key: Key) throws {
        try encode(Double(value), forKey: key)
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        name(key)
        try sink.write(value)
    }

    private func integer(_ value: some FixedWidthInteger, _ key: Key) {
        name(key)
        sink.writer.integer(value)
    }

    func encode(_ value: Int, forKey key: Key) { integer(value, key) }
    func encode(_ value: Int8, forKey key: Key) { integer(value, key) }
    func encode(_ value: Int16, forKey key: Key) { integer(value, key) }
    func encode(_ value: Int32, forKey key: Key) { integer(value, key) }
    func encode(_ value: Int64, forKey key: Key) { integer(value, key) }
    func encode(_ value: UInt, forKey key: Key) { integer(value, key) }
    func encode(_ value: UInt8, forKey key: Key) { integer(value, key) }
    func encode(_ value: UInt16, forKey key: Key) { integer(value, key) }
    func encode(_ value: UInt32, forKey key: Key) { integer(value, key) }
    func encode(_ value: UInt64, forKey key: Key) { integer(value, key) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        name(key)
        return JSONStream(sink: sink).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        name(key)
        return JSONStream(sink: sink).unkeyedContainer()
    }

    /// Of a class with a superclass that encodes itself.
    func superEncoder() -> any Encoder {
        sink.close(to: depth)
        sink.writer.name("super")
        return JSONStream(sink: sink)
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        name(key)
        return JSONStream(sink: sink)
    }
}

private struct JSONArrayStream: UnkeyedEncodingContainer {
    let sink: JSONSink
    let depth: Int
    var codingPath: [any CodingKey] { [] }
    private(set) var count = 0

    init(sink: JSONSink, depth: Int) {
        self.sink = sink
        self.depth = depth
    }

    private mutating func next() {
        sink.close(to: depth)
        count += 1
    }

    mutating func encodeNil() {
        next()
        sink.writer.null()
    }

    mutating func encode(_ value: Bool) {
        next()
        sink.writer.bool(value)
    }

    mutating func encode(_ value: String) {
        next()
        sink.writer.string(value)
    }

    mutating func encode(_ value: Double) throws {
        next()
        try sink.write(value)
    }

    mutating func encode(_ value: Float) throws {
        try encode(Double(value))
    }

    mutating func encode<T: Encodable>(_ value: T) throws {
        next()
        try sink.write(value)
    }

    private mutating func integer(_ value: some FixedWidthInteger) {
        next()
        sink.writer.integer(value)
    }

    mutating func encode(_ value: Int) { integer(value) }
    mutating func encode(_ value: Int8) { integer(value) }
    mutating func encode(_ value: Int16) { integer(value) }
    mutating func encode(_ value: Int32) { integer(value) }
    mutating func encode(_ value: Int64) { integer(value) }
    mutating func encode(_ value: UInt) { integer(value) }
    mutating func encode(_ value: UInt8) { integer(value) }
    mutating func encode(_ value: UInt16) { integer(value) }
    mutating func encode(_ value: UInt32) { integer(value) }
    mutating func encode(_ value: UInt64) { integer(value) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        next()
        return JSONStream(sink: sink).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        next()
        return JSONStream(sink: sink).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        next()
        return JSONStream(sink: sink)
    }
}

private struct JSONValueStream: SingleValueEncodingContainer {
    let sink: JSONSink
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { sink.writer.null() }
    func encode(_ value: Bool) { sink.writer.bool(value) }
    func encode(_ value: String) { sink.writer.string(value) }
    func encode(_ value: Double) throws { try sink.write(value) }
    func encode(_ value: Float) throws { try sink.write(Double(value)) }
    func encode<T: Encodable>(_ value: T) throws { try sink.write(value) }

    func encode(_ value: Int) { sink.writer.integer(value) }
    func encode(_ value: Int8) { sink.writer.integer(value) }
    func encode(_ value: Int16) { sink.writer.integer(value) }
    func encode(_ value: Int32) { sink.writer.integer(value) }
    func encode(_ value: Int64) { sink.writer.integer(value) }
    func encode(_ value: UInt) { sink.writer.integer(value) }
    func encode(_ value: UInt8) { sink.writer.integer(value) }
    func encode(_ value: UInt16) { sink.writer.integer(value) }
    func encode(_ value: UInt32) { sink.writer.integer(value) }
    func encode(_ value: UInt64) { sink.writer.integer(value) }
}
