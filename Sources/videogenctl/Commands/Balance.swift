import ArgumentParser
import JSON

/// `balance`: what is left on the account.
struct Balance: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "Show the account's balances."
    )

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let result = try session.call("account.balance")
        guard !session.console.json else {
            session.console.jsonLine(result)
            return .done
        }
        let balances = (result["balances"]?.arrayValue ?? []).compactMap { MoneyText.text($0) }
        balances.forEach(session.console.data)
        if balances.isEmpty {
            session.console.note("The provider shows no balance.")
        }
        return .done
    }
}
