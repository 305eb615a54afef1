import GRDB
import GRDBSQLite

/// A look at a database file that leaves no trace: nothing is written, made or removed beside it.
///
/// GRDB cannot open a file in either of these two ways, so this speaks to SQLite directly.
struct SQLiteProbe: ~Copyable {
    /// Which of the database's files are looked at.
    enum Scope {
        /// The database alone, as if there were no write-ahead log.
        case mainOnly
        /// The database with its log, whose index is made in our memory instead of in a file.
        case withLog
    }

    private let connection: OpaquePointer

    /// Opens a file for reading.
    ///
    /// - Parameters:
    ///   - path: The database.
    ///   - scope: Which of its files are looked at; `withLog` needs one that is there, else it would be made.
    /// - Throws: What SQLite says.
    init(_ path: String, _ scope: Scope) throws(DatabaseError) {
        connection = try Self.open(path, scope)
    }

    deinit {
        sqlite3_close_v2(connection)
    }

    /// Reads the first column of every row.
    ///
    /// - Parameter sql: One statement.
    /// - Returns: The column's texts; NULL is left out.
    /// - Throws: What SQLite says.
    borrowing func values(_ sql: String) throws(DatabaseError) -> [String] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else { throw failure() }
        defer { sqlite3_finalize(statement) }
        var values: [String] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                if let text = sqlite3_column_text(statement, 0) {
                    values.append(String(cString: text))
                }
            case SQLITE_DONE: return values
            default: throw failure()
            }
        }
    }

    private borrowing func failure() -> DatabaseError {
        Self.failure(connection)
    }

    private static func open(_ path: String, _ scope: Scope) throws(DatabaseError) -> OpaquePointer {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
        var code =
            switch scope {
            case .mainOnly:
                sqlite3_open_v2("file:\(escaped(path))?immutable=1", &opened, flags | SQLITE_OPEN_URI, nil)
            case .withLog:
                // Without locks (the state directory's lock stands for them), since exclusive locking, which
                // keeps the log's index in memory, needs a lock that a read-only file does not give.
                sqlite3_open_v2(path, &opened, flags, "unix-none")
            }
        guard let opened else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code))
        }
        if code == SQLITE_OK, case .withLog = scope {
            code = sqlite3_exec(opened, "PRAGMA locking_mode = EXCLUSIVE", nil, nil, nil)
        }
        guard code == SQLITE_OK else {
            let error = failure(opened)
            sqlite3_close_v2(opened)
            throw error
        }
        return opened
    }

    private static func failure(_ connection: OpaquePointer) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: String(cString: sqlite3_errmsg(connection))
        )
    }

    /// A path as it stands in a URI.
    private static func escaped(_ path: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: "_"):
                text.append(byte)
            default:
                text += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
